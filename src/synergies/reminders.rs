//! Letters of the morning: to advisors whose synergies stand still, to companies that have not
//! answered, and on Tuesdays what waits for each.

use super::letters;
use super::model::{State, Step};
use super::paths;
use super::store::{
    self, code,
    reminders::{self, Reminded},
};
use crate::accounts::{self, Notice};
use crate::kernel::clock;
use crate::platform::access::Scope;
use crate::platform::db::System;
use crate::platform::mail::{self, Letter, Link};
use askama::Template;
use chrono::{Duration, NaiveDate};

/// The days without a move after which somebody is reminded; the last is the last chance.
pub(super) const STILL: [i32; 3] = [9, 21, LAST_CHANCE];
const LAST_CHANCE: i32 = 45;
/// Days left by the last chance to companies that do not answer.
const GRACE: i32 = 7;
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
        let lines: Vec<_> = mine.iter().map(|one| still_line(one, on)).collect();
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
                let subject = subject(mine);
                let letter = Letter::new(Notice::Reminder.topic(), (&user).into(), subject, &words)?
                    .within(first.territory)
                    .useful_until(tx.now() + Duration::days(7))
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
    silence(system, on).await?;
    remind_to_confirm(system, on).await
}

/// « S-0012, Cartons : mise en relation, sans changement depuis 9 jours ».
fn still_line(one: &reminders::Still, on: NaiveDate) -> String {
    let code = code(one.kind, one.number);
    let line = format!(
        "{code}, {}\u{a0}: {}, sans changement depuis {} jours",
        one.title,
        one.state.label(),
        one.days
    );
    if one.level < LAST_CHANCE {
        return line;
    }
    let end = if one.state == State::ContactProposed {
        let day = (on + Duration::days(GRACE.into())).format("%d/%m/%Y");
        format!("sans réponse ni action prévue, elle passe en «\u{a0}sans nouvelles\u{a0}» le {day}")
    } else {
        "prévoyez la suite, mettez-la en sommeil ou arrêtez-la".to_owned()
    };
    format!("{line}. Dernière chance\u{a0}: {end}")
}

fn subject(mine: &[reminders::Still]) -> String {
    let last = mine.iter().filter(|one| one.level >= LAST_CHANCE).count();
    match (last, mine.len()) {
        (0, 1) => "Une synergie n’avance plus".to_owned(),
        (0, n) => format!("{n} synergies n’avancent plus"),
        (1, _) => "Dernière chance pour une synergie".to_owned(),
        (n, _) => format!("Dernière chance pour {n} synergies"),
    }
}

/// After the last chance, what companies leave unanswered is neither refused nor waited for.
async fn silence(system: &System, on: NaiveDate) -> anyhow::Result<()> {
    let over = reminders::out_of_chances(&mut *system.read().await?, on, (LAST_CHANCE, GRACE)).await?;
    for (id, territory) in over {
        let scope = Scope::of_system(system, territory);
        system
            .transact(async |tx| -> anyhow::Result<()> {
                match store::lock(tx, &scope, id).await? {
                    Some(synergy) if synergy.state == State::ContactProposed => {
                        let days = (on - clock::day(synergy.state_since)).num_days();
                        store::advance(tx, &scope, id, Step::Silence { days }).await?;
                    }
                    Some(_) | None => tx.nothing_to_record(),
                }
                Ok(())
            })
            .await?;
    }
    Ok(())
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
    for waiting in reminders::waiting_for(&mut *system.read().await?, on).await? {
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
                .useful_until(tx.now() + Duration::days(6))
                .once(format!("recap:{}:{}:{on}", waiting.user, waiting.territory))
                .link(Link::to("Je regarde mes synergies", paths::LIST));
                mail::queue(tx, &letter).await?;
                Ok(())
            })
            .await?;
    }
    Ok(())
}
