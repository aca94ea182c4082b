//! Sums of large inventories: they take too long to be made at each reading, so that a job keeps them, all of
//! the same moment. A small inventory keeps none and is summed when it is read.

use super::facts;
use crate::indicators::facts::Inventory;
use crate::indicators::model::quarter_end;
use crate::kernel::ids::TerritoryId;
use crate::platform::access::AggregateScope;
use crate::platform::db::Tx;
use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use serde::{Serialize, de::DeserializeOwned};
use sqlx::PgConnection;

/// What is kept: each reader takes only what it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Of the indicators, by day.
    Inventory,
    Total,
    Categories,
    /// The same zone by zone.
    Zones,
    Streams,
    Communes,
    Freshness,
}

impl Part {
    fn code(self) -> &'static str {
        match self {
            Self::Inventory => "inventory",
            Self::Total => "total",
            Self::Categories => "categories",
            Self::Zones => "zones",
            Self::Streams => "streams",
            Self::Communes => "communes",
            Self::Freshness => "freshness",
        }
    }
}

/// Years back of which the indicators are kept.
const YEARS: i32 = 8;

/// None when nothing is kept, or when another version kept it otherwise.
pub async fn find<T: DeserializeOwned>(
    db: &mut PgConnection,
    scope: &AggregateScope,
    part: Part,
) -> sqlx::Result<Option<T>> {
    let content = sqlx::query_scalar!(
        r#"select content::text as "content!" from kept_sums where territory_id = $1 and part = $2"#,
        scope.territory().uuid(),
        part.code()
    )
    .fetch_optional(db)
    .await?;
    Ok(content.and_then(|content| serde_json::from_str(&content).ok()))
}

/// The moment of the sums, when they are kept.
pub async fn summed_at(db: &mut PgConnection, scope: &AggregateScope) -> sqlx::Result<Option<DateTime<Utc>>> {
    sqlx::query_scalar!(
        r#"select min(summed_at) from kept_sums where territory_id = $1"#,
        scope.territory().uuid()
    )
    .fetch_one(db)
    .await
}

pub async fn write<T: Serialize>(
    tx: &mut Tx,
    scope: &AggregateScope,
    part: Part,
    content: &T,
) -> sqlx::Result<()> {
    let now = tx.now();
    let content = serde_json::to_string(content).map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
    sqlx::query!(
        "insert into kept_sums (territory_id, part, summed_at, content) values ($1, $2, $3, $4::text::json)
         on conflict (territory_id, part) do update set summed_at = excluded.summed_at, content = excluded.content",
        scope.territory().uuid(),
        part.code(),
        now,
        content
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn forget(tx: &mut Tx, territory: TerritoryId) -> sqlx::Result<()> {
    sqlx::query!("delete from kept_sums where territory_id = $1", territory.uuid())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Every statement that follows in this transaction sees the same moment.
pub async fn of_one_moment(tx: &mut Tx) -> sqlx::Result<()> {
    sqlx::query!("set transaction isolation level repeatable read")
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Today, the end of the last quarter and those of the last years, each with the day three months before it,
/// for the trends.
pub async fn rewrite_inventory(tx: &mut Tx, scope: &AggregateScope) -> sqlx::Result<()> {
    let today = tx.today();
    let ends = (0..YEARS).filter_map(|ago| NaiveDate::from_ymd_opt(today.year() - 1 - ago, 12, 31));
    let days: Vec<_> = [today, quarter_end(today)]
        .into_iter()
        .chain(ends)
        .flat_map(|day| [Some(day), day.checked_sub_months(Months::new(3))])
        .flatten()
        .collect();
    let inventory = facts::sum_inventory(tx, scope, &days).await?;
    let kept: Vec<_> = days.into_iter().zip(inventory).collect();
    write(tx, scope, Part::Inventory, &kept).await
}

/// On each of these days; None unless all of them are kept.
pub(super) async fn inventory(
    db: &mut PgConnection,
    scope: &AggregateScope,
    days: &[NaiveDate],
) -> sqlx::Result<Option<Vec<Inventory>>> {
    let kept: Option<Vec<(NaiveDate, Inventory)>> = find(db, scope, Part::Inventory).await?;
    let on = |kept: &[(NaiveDate, Inventory)], day: &NaiveDate| {
        kept.iter().find(|(known, _)| known == day).map(|(_, sums)| *sums)
    };
    Ok(kept.and_then(|kept| days.iter().map(|day| on(&kept, day)).collect()))
}
