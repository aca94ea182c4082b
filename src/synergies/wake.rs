//! The job that wakes a synergy on the day somebody chose, whatever happens to its flows meanwhile.

use super::model::{State, Step};
use super::store;
use crate::kernel::ids::{SynergyId, TerritoryId};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::jobs::{self, Job};
use anyhow::Context;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// Before anybody arrives at work.
const HOUR: u32 = 4;

/// One synergy to wake.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Wake {
    pub territory: TerritoryId,
    pub synergy: SynergyId,
}

impl Job for Wake {
    const NAME: &'static str = "synergy_wake";
    const LABEL: &'static str = "Réveil d’une synergie";

    fn unique_key(&self) -> Option<String> {
        Some(format!("{}:{}", Self::NAME, self.synergy))
    }

    fn territory(&self) -> Option<TerritoryId> {
        Some(self.territory)
    }
}

/// Asks for it on that day. One that already waits for an earlier day will find it early and ask again.
pub(super) async fn ask(tx: &mut Tx, synergy: &store::Synergy, until: NaiveDate) -> sqlx::Result<()> {
    let job = Wake {
        territory: synergy.territory_id,
        synergy: synergy.id,
    };
    jobs::enqueue_at(tx, &job, morning(until)).await
}

fn morning(day: NaiveDate) -> DateTime<Utc> {
    day.and_hms_opt(HOUR, 0, 0).unwrap_or_default().and_utc()
}

/// Answers [`Wake`].
///
/// # Errors
/// Those of the database; running it again is harmless.
pub async fn run(job: Wake, context: jobs::Context) -> anyhow::Result<()> {
    let scope = Scope::of_system(&context.system, job.territory);
    context
        .system
        .transact(async |tx| -> anyhow::Result<()> {
            let today = tx.today();
            let asleep = store::lock(tx, &scope, job.synergy)
                .await?
                .filter(|synergy| synergy.state == State::Asleep);
            let Some(synergy) = asleep else {
                tx.nothing_to_record();
                return Ok(());
            };
            match synergy.wake_on.filter(|day| *day > today) {
                Some(later) => {
                    tx.nothing_to_record();
                    ask(tx, &synergy, later).await?;
                }
                None => {
                    let changed = vec!["La date de réveil est arrivée.".to_owned()];
                    store::advance(tx, &scope, job.synergy, Step::Return { changed })
                        .await
                        .context("asleep, hence may return")?;
                }
            }
            Ok(())
        })
        .await
}
