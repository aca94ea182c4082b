//! What is done once a day, at seven in the morning: reminders, the recap of Tuesday, questions after an
//! introduction, old letters thrown away. Each day plans the next; a day missed is made up for.

use crate::kernel::ids::TerritoryId;
use crate::platform::db::System;
use crate::platform::jobs::{self, Context, Job};
use crate::platform::mail;
use crate::{dashboards, neighbours, portal, synergies, territories, workshops};
use chrono::{DateTime, Datelike, Days, Duration, NaiveDate, NaiveTime, TimeZone, Utc, Weekday};
use chrono_tz::Europe::Paris;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Daily {
    on: NaiveDate,
}

impl Job for Daily {
    const NAME: &'static str = "daily";
    const LABEL: &'static str = "Travaux du matin";
    fn unique_key(&self) -> Option<String> {
        Some(format!("{}:{}", Self::NAME, self.on))
    }
    fn territory(&self) -> Option<TerritoryId> {
        None
    }
}

/// Seven o'clock in Paris that day.
fn hour(on: NaiveDate) -> DateTime<Utc> {
    let seven = NaiveTime::from_hms_opt(7, 0, 0).unwrap_or(NaiveTime::MIN);
    let local = on.and_time(seven);
    Paris
        .from_local_datetime(&local)
        .earliest()
        .map_or_else(|| local.and_utc(), |at| at.to_utc())
}

/// Plans the coming morning, unless it already is.
///
/// # Errors
/// Those of the database.
pub async fn plan(system: &System) -> anyhow::Result<()> {
    let today = system.today();
    let on = if hour(today) > system.now() {
        today
    } else {
        today + Days::new(1)
    };
    plan_for(system, on).await
}

async fn plan_for(system: &System, on: NaiveDate) -> anyhow::Result<()> {
    system
        .transact(async |tx| {
            tx.nothing_to_record();
            Ok(jobs::enqueue_at(tx, &Daily { on }, hour(on)).await?)
        })
        .await
}

pub(super) async fn run(job: Daily, context: Context) -> anyhow::Result<()> {
    let system = &context.system;
    // First, so that one bad morning is not the last.
    plan_for(system, job.on + Days::new(1)).await?;
    synergies::remind(system, job.on).await?;
    if job.on.weekday() == Weekday::Tue {
        synergies::recap(system, job.on).await?;
    }
    portal::ask_opinions(system).await?;
    workshops::remind(system).await?;
    neighbours::begin(system, job.on).await?;
    dashboards::quarter(system, job.on).await?;
    for territory in territories::store::all(&mut *system.read().await?).await? {
        dashboards::sum_up(system, territory.id).await?;
    }
    system
        .transact(async |tx| -> anyhow::Result<()> {
            tx.nothing_to_record();
            mail::store::sweep(tx, Duration::days(90)).await?;
            Ok(())
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::hour;
    use chrono::NaiveDate;

    #[test]
    fn mornings_follow_the_clocks_of_paris() {
        let at = |y, m, d| hour(NaiveDate::from_ymd_opt(y, m, d).unwrap()).to_rfc3339();
        assert_eq!(at(2026, 11, 24), "2026-11-24T06:00:00+00:00");
        assert_eq!(at(2026, 7, 14), "2026-07-14T05:00:00+00:00");
    }
}
