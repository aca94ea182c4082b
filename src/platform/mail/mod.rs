//! Letters to people: written in the transaction that causes them, kept in an outbox, sent by a job.
//!
//! [`queue`] puts a letter in the outbox; [`mod@deliver`] empties it through SMTP, again and again while a
//! server says « later », and leaves what it refuses for the administrator to see. A letter keeps one
//! Message-ID for life: if the process dies between the server's « ok » and ours, the copy is
//! recognised. What a link does is never done by opening it: it leads to a page with a button.
//!
//! Nothing leaves a demonstration, nor an instance told to hold its mail: the letters are kept, to be
//! read by the administrator. Features write the words; `layout` dresses them in text and in HTML.

mod deliver;
mod layout;
mod post;
pub mod store;

pub use deliver::{Deliver, deliver, wake};
pub use layout::Dressed;
pub use post::Post;

use super::db::Tx;
use super::jobs;
use crate::kernel::ids::{TerritoryId, UserId};
use askama::Template;
use chrono::{DateTime, Utc};

/// A kind of letter, named by the feature that writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Topic {
    pub code: &'static str,
    pub need: Need,
}

/// Whether the reader may do without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Security, or something asked for: always sent.
    Required,
    Optional,
}

/// Whom a letter is for; somebody without an account has no preferences.
#[derive(Debug, Clone)]
pub struct Recipient {
    pub user: Option<UserId>,
    pub name: String,
    pub email: String,
}

/// The one button of a letter.
#[derive(Debug, Clone)]
pub struct Link {
    label: &'static str,
    path: String,
    is_secret: bool,
}

impl Link {
    pub fn to(label: &'static str, path: impl Into<String>) -> Self {
        Self {
            label,
            path: path.into(),
            is_secret: false,
        }
    }

    /// A link that opens by itself, such as an invitation: nobody else reads it, and it is forgotten
    /// once sent.
    pub fn secret(label: &'static str, path: impl Into<String>) -> Self {
        Self {
            is_secret: true,
            ..Self::to(label, path)
        }
    }
}

/// A letter to be put in the outbox.
#[derive(Debug, Clone)]
pub struct Letter {
    topic: Topic,
    to: Recipient,
    subject: String,
    body: String,
    territory: Option<TerritoryId>,
    reply_to: Option<String>,
    link: Option<Link>,
    dedupe: Option<String>,
    expires_at: Option<DateTime<Utc>>,
    stale_at: Option<DateTime<Utc>>,
}

impl Letter {
    /// `words` is a text template: paragraphs between blank lines, « - » before items, « > » before
    /// quoted lines.
    ///
    /// # Errors
    /// When the words cannot be written.
    pub fn new(
        topic: Topic,
        to: Recipient,
        subject: impl Into<String>,
        words: &impl Template,
    ) -> sqlx::Result<Self> {
        let body = words.render().map_err(|e| sqlx::Error::Encode(Box::new(e)))?;
        Ok(Self {
            topic,
            to,
            subject: subject.into().split_whitespace().collect::<Vec<_>>().join(" "),
            body,
            territory: None,
            reply_to: None,
            link: None,
            dedupe: None,
            expires_at: None,
            stale_at: None,
        })
    }

    #[must_use]
    pub fn within(self, territory: TerritoryId) -> Self {
        Self {
            territory: Some(territory),
            ..self
        }
    }
    #[must_use]
    pub fn reply_to(self, email: Option<String>) -> Self {
        Self {
            reply_to: email,
            ..self
        }
    }
    #[must_use]
    pub fn link(self, link: Link) -> Self {
        Self {
            link: Some(link),
            ..self
        }
    }
    /// A letter that has not left by then is cancelled: its link would open nothing.
    #[must_use]
    pub fn until(self, at: DateTime<Utc>) -> Self {
        Self {
            expires_at: Some(at),
            ..self
        }
    }
    /// A letter that has not left by then has lost its sense: it is not sent, and the administrator reads why.
    #[must_use]
    pub fn useful_until(self, at: DateTime<Utc>) -> Self {
        Self {
            stale_at: Some(at),
            ..self
        }
    }
    /// A letter with the same key is written once, whatever happens.
    #[must_use]
    pub fn once(self, key: String) -> Self {
        Self {
            dedupe: Some(key),
            ..self
        }
    }
}

/// Puts a letter in the outbox, to leave when the transaction commits. Gives `false` when its reader
/// does not want such letters, or already got this one.
///
/// # Errors
/// Those of the database.
pub async fn queue(tx: &mut Tx, letter: &Letter) -> sqlx::Result<bool> {
    if letter.topic.need == Need::Optional
        && let Some(user) = letter.to.user
        && store::is_refused(tx, user, letter.topic.code).await?
    {
        return Ok(false);
    }
    let written = store::insert(tx, letter).await?;
    jobs::enqueue(tx, &Deliver {}).await?;
    Ok(written)
}
