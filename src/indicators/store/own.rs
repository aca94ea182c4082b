//! The indicators that a territory adds to its contract, and what was counted of them.

use crate::kernel::ids::OwnIndicatorId;
use crate::platform::access::{AggregateScope, Scope};
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use chrono::NaiveDate;
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// One of them, with its counts by date.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnIndicator {
    pub id: OwnIndicatorId,
    pub code: String,
    pub title: String,
    pub unit: String,
    pub help: String,
    pub version: i32,
    pub counts: BTreeMap<NaiveDate, f64>,
}

/// Those of the territory, by code.
pub async fn own(db: &mut PgConnection, scope: &AggregateScope) -> sqlx::Result<Vec<OwnIndicator>> {
    let rows = sqlx::query!(
        r#"select i.id as "id: OwnIndicatorId", i.code, i.title, i.unit, i.help, i.version,
                  v.counted_on as "counted_on?", v.value as "value?"
           from own_indicators i left join own_indicator_values v on v.indicator_id = i.id
           where i.territory_id = $1 order by i.code, v.counted_on"#,
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await?;
    let mut all: Vec<OwnIndicator> = Vec::new();
    for row in rows {
        if all.last().is_none_or(|last| last.id != row.id) {
            all.push(OwnIndicator {
                id: row.id,
                code: row.code,
                title: row.title,
                unit: row.unit,
                help: row.help,
                version: row.version,
                counts: BTreeMap::new(),
            });
        }
        if let (Some(last), Some(day), Some(value)) = (all.last_mut(), row.counted_on, row.value) {
            last.counts.insert(day, value);
        }
    }
    Ok(all)
}

pub async fn find_own(
    db: &mut PgConnection,
    scope: &AggregateScope,
    id: OwnIndicatorId,
) -> sqlx::Result<Option<OwnIndicator>> {
    Ok(own(db, scope).await?.into_iter().find(|one| one.id == id))
}

/// Adds or changes one; false when somebody changed it since. Counts are kept apart.
pub async fn save_own(tx: &mut Tx, scope: &Scope, one: &OwnIndicator) -> sqlx::Result<bool> {
    let saved = sqlx::query!(
        "insert into own_indicators (id, territory_id, code, title, unit, help) values ($1, $2, $3, $4, $5, $6)
         on conflict (id) do update set title = excluded.title, unit = excluded.unit, help = excluded.help,
            version = own_indicators.version + 1
         where own_indicators.territory_id = $2 and own_indicators.version = $7",
        one.id.uuid(),
        scope.territory().uuid(),
        one.code,
        one.title,
        one.unit,
        one.help,
        one.version
    )
    .execute(&mut **tx)
    .await?;
    if saved.rows_affected() == 0 {
        tx.nothing_to_record();
        return Ok(false);
    }
    let event = Event::on(
        "own_indicator",
        one.id,
        format!("indicateur {} enregistré", one.code),
    );
    tx.record(event.within(scope.territory()).after(&one.title))
        .await?;
    Ok(true)
}

/// Sets what was counted on a day; the caller found the indicator in the scope.
pub async fn save_own_value(
    tx: &mut Tx,
    scope: &Scope,
    id: OwnIndicatorId,
    (on, value): (NaiveDate, f64),
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into own_indicator_values (indicator_id, counted_on, value)
         select i.id, $3, $4 from own_indicators i where i.id = $1 and i.territory_id = $2
         on conflict (indicator_id, counted_on) do update set value = excluded.value",
        id.uuid(),
        scope.territory().uuid(),
        on,
        value
    )
    .execute(&mut **tx)
    .await?;
    let event = Event::on("own_indicator", id, "valeur relevée").within(scope.territory());
    tx.record(event.after(&(on, value))).await
}
