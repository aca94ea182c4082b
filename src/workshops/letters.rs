//! Letters to guests: the invitation, the reminders, the question afterwards. Each carries a link of its own.

use super::model::Workshop;
use super::paths;
use super::store::guests::Guest;
use crate::accounts::{self, Notice};
use crate::platform::access::Token;
use crate::platform::db::Tx;
use crate::platform::mail::{self, Letter, Link, Need, Recipient, Topic};
use crate::platform::web::filters::{long_day, weekday};
use askama::Template;
use chrono::{DateTime, Duration, NaiveTime, Utc};

/// Why we write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asking {
    First,
    Again,
    /// Those who come, shortly before.
    Coming,
    Opinion,
}

impl Asking {
    /// Once the day is over nobody is asked to come; an opinion may wait.
    fn useful_until(self, workshop: &Workshop, now: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            Self::First | Self::Again | Self::Coming => {
                workshop.held_on.and_time(NaiveTime::MIN).and_utc() + Duration::days(1)
            }
            Self::Opinion => now + Duration::days(30),
        }
    }
}

#[derive(Template)]
#[template(path = "mail/workshop.txt")]
struct Invitation<'a> {
    name: &'a str,
    establishment: &'a str,
    workshop: &'a Workshop,
    day: String,
    again: bool,
    advisor: &'a str,
}

#[derive(Template)]
#[template(path = "mail/workshop_recall.txt")]
struct Recall<'a> {
    name: &'a str,
    workshop: &'a Workshop,
    day: String,
    people: i32,
    advisor: &'a str,
}

#[derive(Template)]
#[template(path = "mail/workshop_opinion.txt")]
struct Opinion<'a> {
    name: &'a str,
    workshop: &'a Workshop,
    day: String,
}

/// The words of an invitation, to be read before it leaves.
pub(super) fn preview(workshop: &Workshop, guest: Option<&Guest>, advisor: &str) -> String {
    let words = Invitation {
        name: guest.and_then(|guest| guest.contact.as_deref()).unwrap_or("…"),
        establishment: guest.map_or("votre entreprise", |guest| guest.name.as_str()),
        workshop,
        day: weekday(workshop.held_on),
        again: false,
        advisor,
    };
    words.render().unwrap_or_default()
}

/// Writes to one guest; gives whether a letter leaves. A letter that nobody pressed for is signed by
/// whoever organises the workshop.
pub(super) async fn ask(
    tx: &mut Tx,
    workshop: &Workshop,
    guest: &Guest,
    (asking, token): (Asking, &Token),
) -> sqlx::Result<bool> {
    let (Some(name), Some(email)) = (&guest.contact, &guest.email) else {
        return Ok(false);
    };
    let advisor = match tx.author().user_id().or(workshop.owner) {
        Some(author) => accounts::store::find(tx, author).await?,
        None => None,
    };
    let to = Recipient {
        user: guest.user,
        name: name.clone(),
        email: email.clone(),
    };
    let signed = advisor.as_ref().map_or("", |user| user.name.as_str());
    let label = match asking {
        Asking::First | Asking::Again => "Je réponds à l’invitation",
        Asking::Coming => "Je revois ma réponse",
        Asking::Opinion => "Je donne mon avis",
    };
    let letter = worded(workshop, (guest, to), asking, signed)?
        .link(Link::secret(label, paths::answer(token.reveal())))
        .within(workshop.territory_id)
        .useful_until(asking.useful_until(workshop, tx.now()))
        .reply_to(advisor.map(|user| user.email));
    mail::queue(tx, &letter).await
}

fn worded(
    workshop: &Workshop,
    (guest, to): (&Guest, Recipient),
    asking: Asking,
    advisor: &str,
) -> sqlx::Result<Letter> {
    let (title, on) = (&workshop.title, long_day(workshop.held_on));
    let (name, day) = (to.name.clone(), weekday(workshop.held_on));
    let name = name.as_str();
    match asking {
        Asking::First | Asking::Again => {
            let again = asking == Asking::Again;
            let subject = format!(
                "{}Atelier «\u{a0}{title}\u{a0}» le {on}",
                if again { "Rappel\u{a0}: " } else { "" }
            );
            let words = Invitation {
                name,
                establishment: &guest.name,
                workshop,
                day,
                again,
                advisor,
            };
            Letter::new(topic(guest), to, subject, &words)
        }
        Asking::Coming => {
            let subject = format!("À bientôt\u{a0}: atelier «\u{a0}{title}\u{a0}» le {on}");
            let words = Recall {
                name,
                workshop,
                day,
                people: guest.people,
                advisor,
            };
            Letter::new(topic(guest), to, subject, &words)
        }
        Asking::Opinion => {
            let subject = format!("Votre avis sur l’atelier «\u{a0}{title}\u{a0}»");
            let words = Opinion { name, workshop, day };
            Letter::new(topic(guest), to, subject, &words)
        }
    }
}

/// Somebody without an account has no preferences to choose: the letter must not point to them.
fn topic(guest: &Guest) -> Topic {
    let topic = Notice::Workshop.topic();
    if guest.user.is_some() {
        topic
    } else {
        Topic {
            need: Need::Required,
            ..topic
        }
    }
}
