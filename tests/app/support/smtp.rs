//! A mail server on a port of its own, which keeps what it is given and refuses what it is told to.

use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::tcp::OwnedWriteHalf;
use tokio::net::{TcpListener, TcpStream};

/// What was received, as it came.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) to: String,
    pub(crate) data: String,
}

type Refusal = (String, &'static str, usize);

#[derive(Default)]
struct Kept {
    received: Vec<Received>,
    /// Recipients that begin so get this answer, so many times.
    refusals: Vec<Refusal>,
}

pub(crate) struct Sink {
    port: u16,
    kept: Arc<Mutex<Kept>>,
}

impl Sink {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let kept = Arc::<Mutex<Kept>>::default();
        let shared = Arc::clone(&kept);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(talk(stream, Arc::clone(&shared)));
            }
        });
        Self { port, kept }
    }

    pub(crate) fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// From now on, `times` letters to addresses that begin so are answered this.
    pub(crate) fn refuse(&self, prefix: &str, answer: &'static str, times: usize) {
        self.kept
            .lock()
            .unwrap()
            .refusals
            .push((prefix.to_owned(), answer, times));
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.kept.lock().unwrap().received.clone()
    }
}

fn answer_to(kept: &Mutex<Kept>, recipient: &str) -> &'static str {
    let mut kept = kept.lock().unwrap();
    let refusal = kept
        .refusals
        .iter_mut()
        .find(|(prefix, _, times)| recipient.starts_with(prefix.as_str()) && *times > 0);
    refusal.map_or("250 accepted", |(_, answer, times)| {
        *times -= 1;
        answer
    })
}

async fn say(write: &mut OwnedWriteHalf, words: &str) {
    // A client that left needs no answer.
    drop(write.write_all(format!("{words}\r\n").as_bytes()).await);
}

async fn talk(stream: TcpStream, kept: Arc<Mutex<Kept>>) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut to = String::new();
    say(&mut write, "220 sink").await;
    while let Ok(Some(line)) = lines.next_line().await {
        let answer = match line
            .split([' ', ':'])
            .next()
            .unwrap()
            .to_ascii_uppercase()
            .as_str()
        {
            "EHLO" | "HELO" => "250-sink\r\n250 8BITMIME",
            "RCPT" => {
                to = line.split(['<', '>']).nth(1).unwrap().to_owned();
                answer_to(&kept, &to)
            }
            "DATA" => {
                say(&mut write, "354 go on").await;
                let mut data = String::new();
                while let Ok(Some(line)) = lines.next_line().await {
                    if line == "." {
                        break;
                    }
                    data.push_str(line.strip_prefix('.').unwrap_or(&line));
                    data.push_str("\r\n");
                }
                kept.lock()
                    .unwrap()
                    .received
                    .push(Received { to: to.clone(), data });
                "250 kept"
            }
            "QUIT" => {
                say(&mut write, "221 bye").await;
                return;
            }
            _ => "250 ok",
        };
        say(&mut write, answer).await;
    }
}

impl Received {
    /// A header, unfolded and decoded.
    pub(crate) fn header(&self, name: &str) -> String {
        let head = self.data.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ");
        let line = head
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
            .unwrap_or_default();
        decode_words(line)
    }

    /// The part of that type, decoded.
    pub(crate) fn part(&self, kind: &str) -> String {
        let (_, boundary) = self.data.split_once("boundary=\"").unwrap();
        let boundary = format!("--{}", boundary.split('"').next().unwrap());
        let part = self
            .data
            .split(&boundary)
            .find(|part| part.contains(&format!("Content-Type: {kind}; charset=utf-8")))
            .unwrap();
        let (head, body) = part.split_once("\r\n\r\n").unwrap();
        let bytes = if head.contains("quoted-printable") {
            quoted(&body.replace("=\r\n", ""))
        } else if head.contains("base64") {
            base64(body)
        } else {
            body.as_bytes().to_vec()
        };
        String::from_utf8(bytes).unwrap().replace("\r\n", "\n")
    }
}

/// « =?utf-8?b?…?= » words.
fn decode_words(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, word)) = rest.split_once("=?utf-8?b?") {
        if !before.trim().is_empty() || out.is_empty() {
            out.push_str(before);
        }
        let (encoded, after) = word.split_once("?=").unwrap();
        out.push_str(&String::from_utf8(base64(encoded)).unwrap());
        rest = after;
    }
    out + rest
}

fn quoted(text: &str) -> Vec<u8> {
    let mut bytes = text.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        if byte == b'=' {
            let code = [bytes.next().unwrap(), bytes.next().unwrap()];
            out.push(u8::from_str_radix(std::str::from_utf8(&code).unwrap(), 16).unwrap());
        } else {
            out.push(byte);
        }
    }
    out
}

fn base64(text: &str) -> Vec<u8> {
    const SIGNS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut held, mut bits, mut out) = (0_u32, 0, Vec::new());
    for byte in text.bytes() {
        let Some(value) = SIGNS.iter().position(|sign| *sign == byte) else {
            continue;
        };
        held = (held << 6) | u32::try_from(value).unwrap();
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from((held >> bits) & 0xff).unwrap());
        }
    }
    out
}
