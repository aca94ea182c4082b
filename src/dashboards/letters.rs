//! The quarterly letter: the figures of the board in words, and a link to it. No attachment.

use super::figures::Contract;
use super::model::cut::Cut;
use super::paths;
use crate::kernel::ids::TerritoryId;
use crate::platform::access::AggregateScope;
use crate::platform::db::System;
use crate::platform::mail::{self, Letter, Link};
use crate::platform::web::filters::long_day;
use crate::{accounts, accounts::Notice, territories};
use askama::Template;
use chrono::{Datelike, Duration, NaiveDate};

#[derive(Template)]
#[template(path = "mail/quarter.txt")]
struct Words<'a> {
    name: &'a str,
    place: &'a str,
    on: &'a str,
    lines: &'a [String],
}

/// On the first day of a quarter, to the committee and the pilots of every territory that has a programme.
///
/// # Errors
/// Those of the database.
pub async fn quarter(system: &System, on: NaiveDate) -> anyhow::Result<()> {
    if on.day() != 1 || !on.month0().is_multiple_of(3) {
        return Ok(());
    }
    let known = territories::store::all(&mut *system.read().await?).await?;
    for territory in known {
        letter(system, territory.id, on).await?;
    }
    Ok(())
}

/// To those of one territory; the same day's is sent once.
///
/// # Errors
/// Those of the database.
pub async fn letter(system: &System, territory: TerritoryId, on: NaiveDate) -> anyhow::Result<()> {
    let scope = AggregateScope::of_system(system, territory);
    let set = Contract::load(&mut *system.read().await?, &scope, &Cut::default(), on).await?;
    if set.programme.is_none() {
        return Ok(());
    }
    let lines: Vec<String> = set.headlines().iter().map(super::Headline::words).collect();
    system
        .transact(async |tx| -> anyhow::Result<()> {
            tx.nothing_to_record();
            for reader in accounts::store::steering(tx, territory).await? {
                let words = Words {
                    name: &reader.name,
                    place: &set.territory,
                    on: &long_day(on),
                    lines: &lines,
                };
                let letter = Letter::new(
                    Notice::Quarter.topic(),
                    (&reader).into(),
                    format!("{}\u{a0}: vos statistiques de pilotage", set.territory),
                    &words,
                )?
                .within(territory)
                .useful_until(tx.now() + Duration::days(30))
                .once(format!("quarter:{territory}:{on}:{}", reader.email))
                .link(Link::to("Je regarde le tableau de bord", paths::BOARD));
                mail::queue(tx, &letter).await?;
            }
            Ok(())
        })
        .await
}
