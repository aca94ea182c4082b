//! The way out: SMTP as the settings say, or the reason why nothing leaves.

use super::layout::Dressed;
use super::store::Kept;
use crate::platform::config::Config;
use anyhow::Context;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use std::time::{Duration, SystemTime};

const PATIENCE: Duration = Duration::from_secs(20);

/// Answers that blame our own account: a letter is not dead for them.
const OUR_FAULT: [&str; 4] = ["530", "534", "535", "538"];

/// How letters leave this instance.
pub enum Post {
    /// They are kept for the administrator to read.
    Held,
    /// No server was given: they wait.
    Unset,
    /// The settings cannot be used: they wait.
    Broken(String),
    Open(Box<Smtp>),
}

impl Post {
    pub fn of(config: &Config) -> Self {
        if config.mail_hold {
            return Self::Held;
        }
        match &config.smtp_url {
            None => Self::Unset,
            Some(url) => match Smtp::open(config, url) {
                Ok(smtp) => Self::Open(Box::new(smtp)),
                Err(error) => Self::Broken(format!("{error:#}")),
            },
        }
    }

    /// What the administrator needs to know, in one sentence.
    pub fn words(&self) -> String {
        match self {
            Self::Held => {
                "Cette instance retient ses messages (MAILLAGE_MAIL_HOLD)\u{a0}: aucun ne part, vous pouvez les lire ici."
                    .to_owned()
            }
            Self::Unset => {
                "Aucun serveur d’envoi n’est réglé (MAILLAGE_SMTP_URL et MAILLAGE_MAIL_FROM)\u{a0}: les messages attendent."
                    .to_owned()
            }
            Self::Broken(reason) => {
                format!("Les réglages d’envoi sont inutilisables\u{a0}: {reason}. Les messages attendent.")
            }
            Self::Open(smtp) => format!("Les messages partent de {} par {}.", smtp.from.email, smtp.host),
        }
    }
}

/// A server that takes our letters.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    host: String,
    from: Mailbox,
    base_url: String,
}

/// Why a letter did not leave.
pub(super) enum Refusal {
    /// The server will not have it, ever.
    Final(String),
    /// Later, perhaps.
    ForNow(String),
}

impl Smtp {
    fn open(config: &Config, url: &str) -> anyhow::Result<Self> {
        let from = config
            .mail_from
            .as_deref()
            .context("l’adresse de l’expéditeur manque (MAILLAGE_MAIL_FROM)")?;
        let from: Address = from
            .parse()
            .with_context(|| format!("«\u{a0}{from}\u{a0}» n’est pas une adresse"))?;
        let base_url = config.base_url();
        // Never the URL itself: it may hold a secret.
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|_| anyhow::anyhow!("MAILLAGE_SMTP_URL n’est pas lisible"))?
            .hello_name(ClientId::Domain(host(&base_url)))
            .timeout(Some(PATIENCE))
            .build();
        Ok(Self {
            transport,
            host: host(url),
            from: Mailbox::new(Some(config.mail_name.clone()), from),
            base_url,
        })
    }

    /// Whether the server answers and takes our account.
    ///
    /// # Errors
    /// What the server or the network said.
    pub async fn check(&self) -> anyhow::Result<()> {
        anyhow::ensure!(
            self.transport.test_connection().await?,
            "le serveur d’envoi refuse la connexion"
        );
        Ok(())
    }

    pub(super) async fn send(&self, letter: &Kept) -> Result<(), Refusal> {
        let message = self
            .message(letter)
            .map_err(|error| Refusal::Final(format!("{error:#}")))?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) => {
                let code = error.status().map(|code| code.to_string()).unwrap_or_default();
                let reason = with_causes(&error);
                if error.is_permanent() && !OUR_FAULT.contains(&code.as_str()) {
                    Err(Refusal::Final(reason))
                } else {
                    Err(Refusal::ForNow(reason))
                }
            }
        }
    }

    fn message(&self, letter: &Kept) -> anyhow::Result<Message> {
        let house = self.from.name.clone().unwrap_or_default();
        let dressed = Dressed::new(letter, &self.base_url, &house)?;
        let to: Address = letter
            .recipient
            .parse()
            .with_context(|| format!("«\u{a0}{}\u{a0}» n’est pas une adresse", letter.recipient))?;
        let mut builder = Message::builder()
            .message_id(Some(format!("<{}@{}>", letter.id, self.from.email.domain())))
            .date(SystemTime::from(letter.created_at))
            .from(self.from.clone())
            .to(Mailbox::new(Some(letter.recipient_name.clone()), to))
            .subject(letter.subject.clone());
        if let Some(reply_to) = &letter.reply_to {
            builder = builder.reply_to(Mailbox::new(None, reply_to.parse()?));
        }
        let mut message = builder.multipart(MultiPart::alternative_plain_html(dressed.text, dressed.html))?;
        // No answering machine should answer.
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        message
            .headers_mut()
            .insert_raw(HeaderValue::new(automatic, "auto-generated".to_owned()));
        Ok(message)
    }
}

/// The host of a URL, without account nor port.
fn host(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if host.is_empty() { "localhost" } else { host }.to_owned()
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let said = inner.to_string();
        if !words.contains(&said) {
            words = format!("{words}: {said}");
        }
        cause = inner.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn the_host_of_a_url_says_nothing_of_the_account() {
        for (url, expected) in [
            (
                "smtps://compte:secret@smtp.exemple.fr:465?tls=required",
                "smtp.exemple.fr",
            ),
            ("https://maillage.test/", "maillage.test"),
            ("http://127.0.0.1:8080", "127.0.0.1"),
            ("", "localhost"),
        ] {
            assert_eq!(host(url), expected);
        }
    }
}
