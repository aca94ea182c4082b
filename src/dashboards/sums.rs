//! Large inventories are summed up ahead: after each search for synergies, and every hour for whatever else
//! changed. A board then opens at once, and says of when its flows are.

use super::store::sums;
use crate::indicators::store::kept;
use crate::kernel::ids::TerritoryId;
use crate::platform::access::AggregateScope;
use crate::platform::db::System;
use crate::platform::jobs::{self, Context, Job};
use chrono::Duration;
use serde::{Deserialize, Serialize};

/// An inventory of fewer flows is summed in a few milliseconds when it is read.
const LARGE: i64 = 3_000;
const AGAIN: Duration = Duration::hours(1);

#[derive(Debug, Serialize, Deserialize)]
pub struct SumsDue {
    pub territory: TerritoryId,
}

impl Job for SumsDue {
    const NAME: &'static str = "sums_due";
    const LABEL: &'static str = "Sommes des tableaux de bord";
    fn unique_key(&self) -> Option<String> {
        Some(format!("{}:{}", Self::NAME, self.territory))
    }
    fn territory(&self) -> Option<TerritoryId> {
        Some(self.territory)
    }
}

/// # Errors
/// Those of the database; running it again is harmless.
pub async fn run(job: SumsDue, context: Context) -> anyhow::Result<()> {
    sum_up(&context.system, job.territory).await
}

/// Keeps the sums of a large inventory, and plans to keep them anew; a small one keeps none.
///
/// # Errors
/// Those of the database.
pub async fn sum_up(system: &System, territory: TerritoryId) -> anyhow::Result<()> {
    let scope = AggregateScope::of_system(system, territory);
    system
        .transact(async |tx| -> anyhow::Result<()> {
            tx.nothing_to_record();
            kept::of_one_moment(tx).await?;
            if sums::sum_flows(tx, &scope).await? < LARGE {
                return Ok(kept::forget(tx, territory).await?);
            }
            sums::rewrite(tx, &scope).await?;
            let again = tx.now() + AGAIN;
            Ok(jobs::enqueue_at(tx, &SumsDue { territory }, again).await?)
        })
        .await
}
