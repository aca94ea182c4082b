//! The time that agents spend on a synergy, and what it comes to.

use super::{Refused, lock};
use crate::kernel::format_minutes;
use crate::kernel::ids::{SynergyId, TerritoryId, UserId, WorkTimeId};
use crate::platform::access::{AggregateScope, Scope};
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use chrono::NaiveDate;
use serde_json::json;
use sqlx::PgConnection;

/// Time spent once.
#[derive(Debug, Clone)]
pub struct NewTime {
    pub id: WorkTimeId,
    pub user: UserId,
    pub minutes: i32,
    pub what: String,
    pub spent_on: NaiveDate,
}

/// The same, as it is read.
#[derive(Debug, Clone)]
pub(in crate::synergies) struct Line {
    pub(in crate::synergies) id: WorkTimeId,
    pub(in crate::synergies) who: String,
    pub(in crate::synergies) minutes: i32,
    pub(in crate::synergies) what: String,
    pub(in crate::synergies) spent_on: NaiveDate,
}

/// The latest first. The caller checked the synergy's scope.
pub(in crate::synergies) async fn list(db: &mut PgConnection, id: SynergyId) -> sqlx::Result<Vec<Line>> {
    sqlx::query_as!(
        Line,
        r#"select w.id as "id: WorkTimeId", u.name as who, w.minutes, w.what, w.spent_on
           from work_times w join users u on u.id = w.user_id where w.synergy_id = $1 order by w.spent_on desc, w.noted_at desc, w.id"#,
        id.uuid()
    )
    .fetch_all(db)
    .await
}

/// Notes it, once however often its form is sent.
///
/// # Errors
/// [`Refused`] outside the scope.
pub async fn note(tx: &mut Tx, scope: &Scope, id: SynergyId, time: &NewTime) -> Result<(), Refused> {
    let synergy = lock(tx, scope, id).await?.ok_or(Refused::Missing)?;
    let now = tx.now();
    let noted = sqlx::query!(
        "insert into work_times (id, synergy_id, user_id, minutes, what, spent_on, noted_at) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (id) do nothing",
        time.id.uuid(),
        id.uuid(),
        time.user.uuid(),
        time.minutes,
        time.what,
        time.spent_on,
        now
    )
    .execute(&mut **tx)
    .await?;
    if noted.rows_affected() == 0 {
        tx.nothing_to_record();
        return Ok(());
    }
    let words = format!(
        "temps noté\u{a0}: {}, {}",
        format_minutes(i64::from(time.minutes)),
        time.what
    );
    let after = json!({ "minutes": time.minutes, "spent_by": time.user, "spent_on": time.spent_on });
    tx.record(
        Event::on("synergy", id, words)
            .within(synergy.territory_id)
            .after(&after),
    )
    .await?;
    Ok(())
}

/// Gives the synergy it was noted on; nothing outside the scope.
pub(in crate::synergies) async fn remove(
    tx: &mut Tx,
    scope: &Scope,
    id: WorkTimeId,
) -> sqlx::Result<Option<SynergyId>> {
    let gone = sqlx::query!(
        r#"delete from work_times w using synergies s where w.id = $1 and s.id = w.synergy_id and s.territory_id = any($2)
           returning s.id as "synergy: SynergyId", s.territory_id as "territory: TerritoryId", w.minutes, w.what"#,
        id.uuid(),
        scope.territories()
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(gone) = gone else {
        tx.nothing_to_record();
        return Ok(None);
    };
    let words = format!(
        "temps retiré\u{a0}: {}, {}",
        format_minutes(i64::from(gone.minutes)),
        gone.what
    );
    tx.record(Event::on("synergy", gone.synergy, words).within(gone.territory))
        .await?;
    Ok(Some(gone.synergy))
}

/// What an hour of an agent costs.
#[derive(Debug, Clone, Copy)]
pub struct HourCost {
    pub cost_eur: f64,
    /// The expenses of a programme say it, not the setting of the territory.
    pub is_spent: bool,
}

pub async fn hour_cost(db: &mut PgConnection, territory: TerritoryId) -> sqlx::Result<Option<HourCost>> {
    sqlx::query_as!(
        HourCost,
        r#"select cost_eur as "cost_eur!", is_spent as "is_spent!" from hour_costs where territory_id = $1 and cost_eur is not null"#,
        territory.uuid()
    )
    .fetch_optional(db)
    .await
}

/// What the territory itself says, whatever the expenses of a programme say.
pub(in crate::synergies) async fn own_hour_cost(
    db: &mut PgConnection,
    territory: TerritoryId,
) -> sqlx::Result<Option<f64>> {
    sqlx::query_scalar!(
        "select hour_cost_eur from territories where id = $1",
        territory.uuid()
    )
    .fetch_one(db)
    .await
}

pub(in crate::synergies) async fn set_hour_cost(
    tx: &mut Tx,
    scope: &Scope,
    cost_eur: Option<f64>,
) -> sqlx::Result<()> {
    let territory = scope.territory();
    let before = own_hour_cost(tx, territory).await?;
    sqlx::query!(
        "update territories set hour_cost_eur = $2 where id = $1",
        territory.uuid(),
        cost_eur
    )
    .execute(&mut **tx)
    .await?;
    let event = Event::on("territory", territory, "coût horaire des agents fixé").within(territory);
    tx.record(
        event
            .before(&json!({ "hour_cost_eur": before }))
            .after(&json!({ "hour_cost_eur": cost_eur })),
    )
    .await
}

/// The time noted on the synergies in place.
#[derive(Debug, Clone, Copy, Default)]
pub struct InPlace {
    /// Those on which some was noted.
    pub synergies: i64,
    pub minutes: i64,
}

pub async fn in_place(db: &mut PgConnection, scope: &AggregateScope) -> sqlx::Result<InPlace> {
    sqlx::query_as!(
        InPlace,
        r#"select count(distinct s.id) as "synergies!", coalesce(sum(w.minutes), 0) as "minutes!"
           from synergies s join work_times w on w.synergy_id = s.id
           where s.territory_id = $1 and s.state in ('realised', 'durable')"#,
        scope.territory().uuid()
    )
    .fetch_one(db)
    .await
}
