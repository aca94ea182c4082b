//! Letters about synergies, to those who study them and to the companies that an advisor decided to ask.

use super::model::{IdeaState, State};
use super::paths;
use super::store::{self, Introduction, Reachable, Said, Synergy, Voice};
use super::talks::REASONS;
use crate::accounts::{self, Notice, Reader};
use crate::kernel::ids::{TerritoryId, UserId};
use crate::platform::db::Tx;
use crate::platform::mail::{self, Letter, Link, Recipient};
use askama::Template;
use chrono::{Duration, NaiveDate};

#[derive(Template)]
#[template(path = "mail/assigned.txt")]
struct Assigned<'a> {
    name: &'a str,
    absent: Option<&'a str>,
    by: &'a str,
    title: &'a str,
    code: &'a str,
    state: &'a str,
}

/// Somebody gave it to a colleague; whoever takes a synergy needs no letter.
pub(super) async fn assigned(tx: &mut Tx, synergy: &Synergy, to: UserId) -> sqlx::Result<()> {
    let reader = Reader::of(tx, to, synergy.territory_id).await?;
    let Some(Reader { user, absent }) = reader else {
        return Ok(());
    };
    let Some(by) = tx.author().user_id().filter(|by| *by != user.id) else {
        return Ok(());
    };
    let Some(by) = accounts::store::find(tx, by).await? else {
        return Ok(());
    };
    let code = synergy.code();
    let words = Assigned {
        name: &user.name,
        absent: absent.as_deref(),
        by: &by.name,
        title: &synergy.title,
        code: &code,
        state: synergy.state.label(),
    };
    let subject = format!("{code}\u{a0}: une synergie vous est confiée");
    let letter = Letter::new(Notice::Assigned.topic(), (&user).into(), subject, &words)?
        .within(synergy.territory_id)
        .link(Link::to("Je regarde la synergie", paths::show(&synergy.id)));
    mail::queue(tx, &letter).await?;
    Ok(())
}

#[derive(Template)]
#[template(path = "mail/handed.txt")]
struct Handed<'a> {
    name: &'a str,
    absent: Option<&'a str>,
    giver: &'a str,
    what: String,
}

/// Everything that a colleague held changes hands: one letter for all of it.
pub(super) async fn handed(
    tx: &mut Tx,
    territory: TerritoryId,
    (giver, taker): (UserId, UserId),
    count: usize,
) -> sqlx::Result<()> {
    let giver = accounts::store::find(tx, giver).await?;
    let taker = Reader::of(tx, taker, territory).await?;
    let Some((giver, Reader { user: taker, absent })) = giver.zip(taker) else {
        return Ok(());
    };
    if tx.author().user_id() == Some(taker.id) {
        return Ok(());
    }
    let what = match count {
        1 => "une synergie ouverte".to_owned(),
        n => format!("{n} synergies ouvertes"),
    };
    let subject = format!("{} vous passe la main", giver.name);
    let words = Handed {
        name: &taker.name,
        absent: absent.as_deref(),
        giver: &giver.name,
        what,
    };
    let letter = Letter::new(Notice::Assigned.topic(), (&taker).into(), subject, &words)?
        .within(territory)
        .link(Link::to("Je les regarde", paths::TEAM));
    mail::queue(tx, &letter).await?;
    Ok(())
}

#[derive(Template)]
#[template(path = "mail/proposal.txt")]
struct Proposed<'a> {
    name: &'a str,
    establishment: &'a str,
}

/// Whether companies hear of it for the first time.
#[derive(Debug, Clone, Copy)]
pub(super) enum Asking {
    First,
    Again(NaiveDate),
}

/// Asks those who may answer for each company in its space. Says nothing of the other one: the title
/// of a synergy names both flows, so it stays out. Gives how many letters leave.
pub(super) async fn proposed(tx: &mut Tx, synergy: &Synergy, asking: Asking) -> sqlx::Result<usize> {
    let voices = store::talks::voices(tx, synergy.id).await?;
    let mut sent = 0;
    for who in store::talks::reachable(tx, synergy.id).await? {
        let asked = voices
            .iter()
            .find(|voice| voice.company == who.company && voice.word.is_none());
        let Some(voice) = asked.filter(|_| who.user.is_some()) else {
            continue;
        };
        let words = Proposed {
            name: &who.name,
            establishment: &voice.establishment,
        };
        let (subject, key) = match asking {
            Asking::First => (format!("Une piste pour {}", voice.establishment), None),
            Asking::Again(on) => (
                format!("Rappel\u{a0}: une piste pour {}", voice.establishment),
                Some(format!("asked:{}:{}:{on}", synergy.id, who.email)),
            ),
        };
        let mut letter = Letter::new(Notice::Proposal.topic(), (&who).into(), subject, &words)?
            .within(synergy.territory_id)
            .link(Link::to(
                "Je regarde la proposition",
                paths::proposal_in_space(&synergy.id),
            ));
        if let Some(key) = key {
            let later = tx.now() + Duration::days(9);
            letter = letter.once(key).useful_until(later);
        }
        sent += usize::from(mail::queue(tx, &letter).await?);
    }
    Ok(sent)
}

impl From<&Reachable> for Recipient {
    fn from(who: &Reachable) -> Self {
        Self {
            user: who.user,
            name: who.name.clone(),
            email: who.email.clone(),
        }
    }
}

#[derive(Template)]
#[template(path = "mail/answered.txt")]
struct Answered<'a> {
    name: &'a str,
    establishment: &'a str,
    code: &'a str,
    title: &'a str,
    word: &'a str,
    reason: Option<&'a str>,
    comment: Option<&'a str>,
    settled: bool,
}

/// A company answered in its space: whoever follows the synergy is told, or the pilots.
pub(super) async fn answered(tx: &mut Tx, synergy: &Synergy, voice: &Voice, said: &Said) -> sqlx::Result<()> {
    let code = synergy.code();
    let reason = REASONS.iter().find(|(known, _)| Some(*known) == said.motive);
    for user in accounts::store::in_charge(tx, synergy.territory_id, synergy.assigned_to).await? {
        let words = Answered {
            name: &user.name,
            establishment: &voice.establishment,
            code: &code,
            title: &synergy.title,
            word: said.word.label(),
            reason: reason.map(|(_, words)| *words),
            comment: said.comment.as_deref(),
            settled: synergy.state == State::Agreed,
        };
        let subject = format!("{code}\u{a0}: {} a répondu", voice.establishment);
        let letter = Letter::new(Notice::Answered.topic(), (&user).into(), subject, &words)?
            .within(synergy.territory_id)
            .link(Link::to("Je regarde la synergie", paths::show(&synergy.id)));
        mail::queue(tx, &letter).await?;
    }
    Ok(())
}

#[derive(Template)]
#[template(path = "mail/confirm.txt")]
struct ToConfirm<'a> {
    name: &'a str,
    code: &'a str,
    title: &'a str,
}

/// Twelve months after the first exchange: does it go on?
pub(super) async fn to_confirm(tx: &mut Tx, synergy: &Synergy) -> sqlx::Result<()> {
    let code = synergy.code();
    for user in accounts::store::in_charge(tx, synergy.territory_id, synergy.assigned_to).await? {
        let words = ToConfirm {
            name: &user.name,
            code: &code,
            title: &synergy.title,
        };
        let subject = format!("{code}\u{a0}: douze mois ont passé, les échanges continuent-ils\u{202f}?");
        let letter = Letter::new(Notice::Reminder.topic(), (&user).into(), subject, &words)?
            .within(synergy.territory_id)
            .useful_until(tx.now() + Duration::days(30))
            .once(format!("confirm:{}:{}", synergy.id, user.id))
            .link(Link::to(
                "Je confirme ou je note l’arrêt",
                paths::confirm(&synergy.id),
            ));
        mail::queue(tx, &letter).await?;
    }
    Ok(())
}

#[derive(Template)]
#[template(path = "mail/typed.txt")]
struct Typed<'a> {
    body: &'a str,
}

/// The introduction, as the advisor wrote it.
pub(super) async fn introduced(
    tx: &mut Tx,
    synergy: &Synergy,
    draft: &Introduction,
    who: &Reachable,
) -> sqlx::Result<()> {
    let advisor = match tx.author().user_id() {
        Some(author) => accounts::store::find(tx, author).await?,
        None => None,
    };
    let words = Typed { body: &draft.body };
    let letter = Letter::new(Notice::Introduction.topic(), who.into(), &draft.subject, &words)?
        .within(synergy.territory_id)
        .reply_to(advisor.map(|user| user.email));
    mail::queue(tx, &letter).await?;
    Ok(())
}

#[derive(Template)]
#[template(path = "mail/decided.txt")]
struct IdeaDecided<'a> {
    name: &'a str,
    what: &'a str,
    answer: Option<&'a str>,
}

/// To whoever had the idea, in the name of a company.
pub(super) async fn idea_decided(
    tx: &mut Tx,
    (to, territory): (Option<UserId>, TerritoryId),
    (label, state): (&str, IdeaState),
    answer: Option<&str>,
) -> sqlx::Result<()> {
    let Some(to) = to else { return Ok(()) };
    let Some(user) = accounts::store::find(tx, to).await? else {
        return Ok(());
    };
    let what = format!("Votre idée sur «\u{a0}{label}\u{a0}» est {}", state.label());
    let words = IdeaDecided {
        name: &user.name,
        what: &what,
        answer,
    };
    let letter = Letter::new(
        Notice::Decided.topic(),
        (&user).into(),
        "Réponse à votre idée",
        &words,
    )?
    .within(territory)
    .link(Link::to("Je regarde mon espace", paths::SPACE));
    mail::queue(tx, &letter).await?;
    Ok(())
}
