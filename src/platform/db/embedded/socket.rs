//! The only door of a private cluster: where its socket is, how to name it, and whether anybody answers.

use std::fs;
use std::io::{ErrorKind, Read, Result, Write};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;

pub(super) const SUPERUSER: &str = "maillage";
const SOCKET: &str = ".s.PGSQL.5432";
pub(super) const LOCK: &str = ".s.PGSQL.5432.lock";
/// A socket's path holds 103 bytes on macOS, 107 on Linux.
const LONGEST_SOCKET_DIRECTORY: usize = 103 - SOCKET.len() - 1;

pub(super) enum Answer {
    Ready,
    NotYet,
    Nobody,
}

/// Beside the cluster, or in the temporary directory when that path is too long.
pub(super) fn directory(home: &Path) -> anyhow::Result<PathBuf> {
    let near = home.join("run");
    let fits = |path: &Path| path.as_os_str().len() <= LONGEST_SOCKET_DIRECTORY && path.to_str().is_some();
    if fits(&near) {
        return Ok(near);
    }
    let place = fs::metadata(home)?;
    let name = format!("maillage-{:x}-{:x}", place.dev(), place.ino());
    let elsewhere = [std::env::temp_dir(), PathBuf::from("/tmp")].map(|directory| directory.join(&name));
    elsewhere
        .into_iter()
        .find(|path| fits(path))
        .context("aucun dossier assez court pour la prise de PostgreSQL")
}

/// The address of a database, as sqlx reads it.
pub(super) fn url(directory: &Path, database: &str) -> String {
    let host: String = directory
        .as_os_str()
        .as_encoded_bytes()
        .iter()
        .fold(String::new(), |host, &byte| match char::from(byte) {
            kept if kept.is_ascii_alphanumeric() || "-._~".contains(kept) => {
                host + kept.encode_utf8(&mut [0; 4])
            }
            _ => host + &format!("%{byte:02X}"),
        });
    format!("postgres://{SUPERUSER}@localhost:5432/{database}?host={host}")
}

/// Says hello as a client does. A server that starts or stops refuses with code 57P03.
pub(super) fn ask(directory: &Path) -> Answer {
    let body = format!("user\0{SUPERUSER}\0database\0postgres\0\0");
    let length = u32::try_from(body.len() + 8).expect("a short greeting");
    let mut greeting = [length.to_be_bytes(), 0x0003_0000_u32.to_be_bytes()].concat();
    greeting.extend_from_slice(body.as_bytes());
    let exchange = || {
        let mut stream = UnixStream::connect(directory.join(SOCKET))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(&greeting)?;
        let mut reply = [0; 512];
        let read = stream.read(&mut reply)?;
        Result::Ok(reply[..read].to_vec())
    };
    match exchange() {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => {
            Answer::Nobody
        }
        Ok(reply) if !reply.is_empty() && !reply.windows(5).any(|code| code == b"57P03") => Answer::Ready,
        Ok(_) | Err(_) => Answer::NotYet,
    }
}
