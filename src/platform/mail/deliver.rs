//! The job that empties the outbox.

use super::post::{Post, Refusal, Smtp};
use super::store::{self, Kept, Outcome};
use crate::kernel::ids::TerritoryId;
use crate::platform::db::System;
use crate::platform::jobs::{self, Context, Job};
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

/// Sends what is due. One copy waits at a time; it empties the whole outbox.
#[derive(Debug, Serialize, Deserialize)]
pub struct Deliver {}

impl Job for Deliver {
    const NAME: &'static str = "mail.deliver";
    const LABEL: &'static str = "Envoi du courrier";
    fn unique_key(&self) -> Option<String> {
        Some(Self::NAME.to_owned())
    }
    fn territory(&self) -> Option<TerritoryId> {
        None
    }
}

/// The minutes to wait after each try; after the last, the letter is dead. A day in all: servers that
/// ask to come back later mean minutes, broken ones are repaired in hours.
const WAITS: [i64; 7] = [1, 5, 15, 60, 180, 420, 780];

fn next_try(attempts: i32, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let rank = usize::try_from(attempts - 1).ok()?;
    Some(now + Duration::minutes(*WAITS.get(rank)?))
}

/// Asks for the outbox to be looked at, at start: letters may wait for settings that just changed.
///
/// # Errors
/// Those of the database.
pub async fn wake(system: &System) -> anyhow::Result<()> {
    system
        .transact(async |tx| {
            tx.nothing_to_record();
            Ok(jobs::enqueue(tx, &Deliver {}).await?)
        })
        .await
}

/// # Errors
/// Those of the database; what a server refuses is kept with the letter.
pub async fn deliver(_: Deliver, context: Context) -> anyhow::Result<()> {
    let system = &context.system;
    let post = Post::of(&context.config);
    let everything = matches!(post, Post::Held);
    let Post::Open(smtp) = post else {
        store::hold(&mut *system.read().await?, everything, system.now()).await?;
        return Ok(());
    };
    loop {
        // Before each: a demonstration may write while the others leave.
        store::hold(&mut *system.read().await?, everything, system.now()).await?;
        store::expire(&mut *system.read().await?, system.now()).await?;
        let taken = store::take(&mut *system.read().await?, system.now()).await?;
        let Some(letter) = taken else { break };
        let outcome = attempt(&smtp, &letter, system.now()).await;
        store::settle(&mut *system.read().await?, letter.id, outcome, system.now()).await?;
    }
    plan(system).await
}

async fn attempt(smtp: &Smtp, letter: &Kept, now: DateTime<Utc>) -> Outcome {
    let (reason, again) = match smtp.send(letter).await {
        Ok(()) => return Outcome::Sent,
        Err(Refusal::Final(reason)) => (reason, None),
        Err(Refusal::ForNow(reason)) => (reason, next_try(letter.attempts, now)),
    };
    tracing::warn!(letter_id = %letter.id, attempts = letter.attempts, is_dead = again.is_none(), "mail.refused");
    match again {
        Some(at) => Outcome::Later { at, reason },
        None => Outcome::Dead { reason },
    }
}

/// Comes back when the next letter is to be tried again.
async fn plan(system: &System) -> anyhow::Result<()> {
    let Some(at) = store::next_due(&mut *system.read().await?).await? else {
        return Ok(());
    };
    system
        .transact(async |tx| {
            tx.nothing_to_record();
            Ok(jobs::enqueue_at(tx, &Deliver {}, at).await?)
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::next_try;
    use chrono::{DateTime, Duration};

    #[test]
    fn tries_are_spread_over_a_day_then_stop() {
        let mut now = DateTime::UNIX_EPOCH;
        let mut tries = 1;
        while let Some(next) = next_try(tries, now) {
            assert!(next > now);
            now = next;
            tries += 1;
        }
        assert_eq!(tries, 8);
        assert!(now - DateTime::UNIX_EPOCH > Duration::hours(23));
    }
}
