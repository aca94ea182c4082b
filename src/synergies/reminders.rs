//! Letters of the morning: to advisors whose synergies stand still, to companies that have not
//! answered, and on Tuesdays what waits for each.

use super::letters;
use super::paths;
use super::store::{
    self, code,
    reminders::{self, Reminded},
};
use crate::accounts::{self, Notice};
use crate::platform::access::Scope;
use crate::platform::db::System;
use crate::platform::mail::{self, Letter, Link};
use askama::Template;
use chrono::NaiveDate;

/// The days without a move after which somebody is reminded; the last is the last chance.
const STILL: [i32; 3] = [9, 21, 45];
/// A company is reminded twice, never more.
const UNANSWERED: [i32; 2] = [9, 21];

#[derive(Template)]
#[template(path = "mail/reminder.txt")]
struct Reminder<'a> {
    name: &'a str,
    lines: Vec<String>,
}

/// Reminds whoever follows a synergy that has not moved, and companies that were asked.
///
/// # Errors
/// Those of the database.
pub async fn remind(system: &System, on: NaiveDate) -> anyhow::Result<()> {
    let still = reminders::still(&mut *system.read().await?, on, &STILL).await?;
    for mine in still.chunk_by(|a, b| (a.user, a.territory) == (b.user, b.territory)) {
        let Some(first) = mine.first() else { continue };
        let line = |s: &reminders::Still| {
            let code = code(s.kind, s.number);
            format!(
                "{code}, {}\u{a0}: {}, sans changement depuis {} jours",
                s.title,
                s.state.label(),
                s.days
            )
        };
        let lines: Vec<_> = mine.iter().map(line).collect();
        system
            .transact(async |tx| -> anyhow::Result<()> {
                tx.nothing_to_record();
                for one in mine {
                    reminders::mark(tx, one.id, Reminded::Advisor, one.since, one.level).await?;
                }
                let Some(user) = accounts::store::find(tx, first.user).await? else {
                    return Ok(());
                };
                let words = Reminder {
                    name: &user.name,
                    lines,
                };
                let subject = match mine.len() {
                    1 => "Une synergie n’avance plus".to_owned(),
                    n => format!("{n} synergies n’avancent plus"),
                };
                let letter = Letter::new(Notice::Reminder.topic(), (&user).into(), subject, &words)?
                    .within(first.territory)
                    .once(format!("reminder:{}:{}:{on}", first.user, first.territory))
                    .link(match mine {
                        [only] => Link::to("Je la regarde", paths::show(&only.id)),
                        _ => Link::to("Je les regarde", paths::LIST),
                    });
                mail::queue(tx, &letter).await?;
                Ok(())
            })
            .await?;
    }
    remind_companies(system, on).await?;
    remind_to_confirm(system, on).await
}

/// A year after the first exchange, whoever follows the synergy is asked whether it goes on.
async fn remind_to_confirm(system: &System, on: NaiveDate) -> anyhow::Result<()> {
    let due = reminders::to_confirm(&mut *system.read().await?, on).await?;
    for (id, territory) in due {
        let scope = Scope::of_system(system, territory);
        system
            .transact(async |tx| -> anyhow::Result<()> {
                tx.nothing_to_record();
                if let Some(synergy) = store::find(tx, &scope, id).await? {
                    letters::to_confirm(tx, &synergy).await?;
                }
                Ok(())
            })
            .await?;
    }
    Ok(())
}

async fn remind_companies(system: &System, on: NaiveDate) -> anyhow::Result<()> {
    let unanswered = reminders::unanswered(&mut *system.read().await?, on, &UNANSWERED).await?;
    for late in unanswered {
        let scope = Scope::of_system(system, late.territory);
        system
            .transact(async |tx| -> anyhow::Result<()> {
                tx.nothing_to_record();
                reminders::mark(tx, late.id, Reminded::Companies, late.since, late.level).await?;
                if let Some(synergy) = store::find(tx, &scope, late.id).await? {
                    letters::proposed(tx, &synergy, letters::Asking::Again(on)).await?;
                }
                Ok(())
            })
            .await?;
    }
    Ok(())
}

#[derive(Template)]
#[template(path = "mail/recap.txt")]
struct Recap<'a> {
    name: &'a str,
    place: &'a str,
    lines: Vec<String>,
}

/// « 3 synergies en cours d’étude »; nothing for none.
fn line(count: i64, one: &str, many: &str) -> Option<String> {
    match count {
        0 => None,
        1 => Some(one.to_owned()),
        n => Some(format!("{n} {many}")),
    }
}

fn lines(waiting: &reminders::Waiting) -> Vec<String> {
    [
        line(
            waiting.to_study,
            "une proposition à étudier sur le territoire",
            "propositions à étudier sur le territoire",
        ),
        line(
            waiting.under_review,
            "une synergie que vous étudiez",
            "synergies que vous étudiez",
        ),
        line(
            waiting.to_propose,
            "une synergie pré-validée, à proposer aux entreprises",
            "synergies pré-validées, à proposer aux entreprises",
        ),
        line(
            waiting.asked,
            "une synergie où des entreprises n’ont pas toutes répondu",
            "synergies où des entreprises n’ont pas toutes répondu",
        ),
        line(
            waiting.to_introduce,
            "une mise en relation à écrire\u{a0}: tous sont d’accord",
            "mises en relation à écrire\u{a0}: tous sont d’accord",
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What waits for each advisor; nobody gets an empty one.
///
/// # Errors
/// Those of the database.
pub async fn recap(system: &System, on: NaiveDate) -> anyhow::Result<()> {
    for waiting in reminders::waiting_for(&mut *system.read().await?).await? {
        let lines = lines(&waiting);
        if lines.is_empty() {
            continue;
        }
        system
            .transact(async |tx| -> anyhow::Result<()> {
                tx.nothing_to_record();
                let Some(user) = accounts::store::find(tx, waiting.user).await? else {
                    return Ok(());
                };
                let words = Recap {
                    name: &user.name,
                    place: &waiting.place,
                    lines,
                };
                let letter = Letter::new(
                    Notice::Recap.topic(),
                    (&user).into(),
                    "Ce qui vous attend cette semaine",
                    &words,
                )?
                .within(waiting.territory)
                .once(format!("recap:{}:{}:{on}", waiting.user, waiting.territory))
                .link(Link::to("Je regarde mes synergies", paths::LIST));
                mail::queue(tx, &letter).await?;
                Ok(())
            })
            .await?;
    }
    Ok(())
}
