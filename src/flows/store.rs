mod list;

pub use list::{Filter, Listed, Slice, Sort, communes, list};

use super::model::{Certainty, Flow, FlowSource, Visibility};
use crate::kernel::ids::{EstablishmentId, FlowId, TerritoryId, VisitId};
use crate::kernel::{Direction, Period};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use chrono::{DateTime, Duration, NaiveDate, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// One flow of the scope.
pub async fn find(db: &mut PgConnection, scope: &Scope, id: FlowId) -> sqlx::Result<Option<Flow>> {
    sqlx::query_as!(
        Flow,
        r#"select id as "id: FlowId", territory_id as "territory_id: TerritoryId", establishment_id as "establishment_id: EstablishmentId",
                  visit_id as "visit_id: VisitId", reference, direction as "direction: Direction", category, label, quantity, unit,
                  period as "period: Period", annual_quantity, certainty as "certainty: Certainty", months, form, quality,
                  temperature_c, food_grade, outlet, annual_cost_eur, contract_end_on, waste_code,
                  visibility as "visibility: Visibility", source as "source: FlowSource", observed_on, confirmed_on, version
           from flows where id = $1 and territory_id = any($2) and deleted_at is null"#,
        id.uuid(),
        scope.territories()
    )
    .fetch_optional(db)
    .await
}

/// Holds these flows until the end, in the order of their identifiers: whoever saves one of them waits,
/// and two acts on many take turns.
pub(super) async fn lock(tx: &mut Tx, scope: &Scope, flows: &[Uuid]) -> sqlx::Result<()> {
    // Not `for update`: the engine, which only refers to flows, must not wait in an order of its own.
    sqlx::query_scalar!(
        "select id from flows where id = any($1) and territory_id = any($2) order by id for no key update",
        flows,
        scope.territories()
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(())
}

/// The flows of an establishment, by family then label.
pub async fn of_establishment(
    db: &mut PgConnection,
    scope: &Scope,
    establishment: EstablishmentId,
) -> sqlx::Result<Vec<Flow>> {
    sqlx::query_as!(
        Flow,
        r#"select id as "id: FlowId", territory_id as "territory_id: TerritoryId", establishment_id as "establishment_id: EstablishmentId",
                  visit_id as "visit_id: VisitId", reference, direction as "direction: Direction", category, label, quantity, unit,
                  period as "period: Period", annual_quantity, certainty as "certainty: Certainty", months, form, quality,
                  temperature_c, food_grade, outlet, annual_cost_eur, contract_end_on, waste_code,
                  visibility as "visibility: Visibility", source as "source: FlowSource", observed_on, confirmed_on, version
           from flows where establishment_id = $1 and territory_id = any($2) and deleted_at is null
           order by category nulls last, direction, label, id"#,
        establishment.uuid(),
        scope.territories()
    )
    .fetch_all(db)
    .await
}

/// Adds a flow. Adding the same identifier twice (a form sent again) changes nothing and gives `false`.
#[expect(
    clippy::cognitive_complexity,
    reason = "one statement: the macro counts each bound value"
)]
pub async fn insert(tx: &mut Tx, scope: &Scope, flow: &Flow) -> sqlx::Result<bool> {
    debug_assert!(
        scope.contains(flow.territory_id),
        "the caller checked the territory"
    );
    let now = tx.now();
    let f = flow;
    let inserted = sqlx::query!(
        "insert into flows (id, territory_id, establishment_id, visit_id, reference, direction, category, label, quantity, unit, period,
                annual_quantity, certainty, months, form, quality, temperature_c, food_grade, outlet, annual_cost_eur,
                contract_end_on, waste_code, visibility, source, observed_on, confirmed_on, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $27)
         on conflict (id) do nothing",
        f.id.uuid(),
        f.territory_id.uuid(),
        f.establishment_id.uuid(),
        f.visit_id.map(|v| v.uuid()),
        f.reference,
        f.direction as Direction,
        f.category,
        f.label,
        f.quantity,
        f.unit,
        f.period as Option<Period>,
        f.annual_quantity,
        f.certainty as Certainty,
        f.months,
        f.form,
        f.quality,
        f.temperature_c,
        f.food_grade,
        f.outlet,
        f.annual_cost_eur,
        f.contract_end_on,
        f.waste_code,
        f.visibility as Visibility,
        f.source as FlowSource,
        f.observed_on,
        f.confirmed_on,
        now
    )
    .execute(&mut **tx)
    .await?;
    if inserted.rows_affected() == 0 {
        tx.nothing_to_record();
        return Ok(false);
    }
    tx.record(
        Event::on("flow", f.id, format!("flux ajouté : {}", f.label))
            .within(f.territory_id)
            .after(f),
    )
    .await?;
    Ok(true)
}

/// Saves over `before`; gives `false` when someone else saved first.
#[expect(
    clippy::cognitive_complexity,
    reason = "one statement: the macro counts each bound value"
)]
pub async fn save(tx: &mut Tx, scope: &Scope, before: &Flow, after: &Flow) -> sqlx::Result<bool> {
    let now = tx.now();
    let f = after;
    let saved = sqlx::query!(
        "update flows set direction = $2, category = $3, label = $4, quantity = $5, unit = $6, period = $7, annual_quantity = $8,
                certainty = $9, months = $10, form = $11, quality = $12, temperature_c = $13, food_grade = $14, outlet = $15,
                annual_cost_eur = $16, contract_end_on = $17, waste_code = $18, visibility = $19, observed_on = $20,
                confirmed_on = $21, visit_id = $22, version = version + 1, updated_at = $23
         where id = $1 and version = $24 and territory_id = any($25) and deleted_at is null",
        f.id.uuid(),
        f.direction as Direction,
        f.category,
        f.label,
        f.quantity,
        f.unit,
        f.period as Option<Period>,
        f.annual_quantity,
        f.certainty as Certainty,
        f.months,
        f.form,
        f.quality,
        f.temperature_c,
        f.food_grade,
        f.outlet,
        f.annual_cost_eur,
        f.contract_end_on,
        f.waste_code,
        f.visibility as Visibility,
        f.observed_on,
        f.confirmed_on,
        f.visit_id.map(|v| v.uuid()),
        now,
        before.version,
        scope.territories()
    )
    .execute(&mut **tx)
    .await?;
    if saved.rows_affected() == 0 {
        return Ok(false);
    }
    let event = Event::on("flow", f.id, format!("flux modifié : {}", f.label));
    tx.record(event.within(f.territory_id).before(before).after(after))
        .await?;
    Ok(true)
}

/// Says that a flow is still right, as it is; gives `false` when someone else saved first.
pub async fn confirm(tx: &mut Tx, scope: &Scope, flow: &Flow) -> sqlx::Result<bool> {
    let (now, today) = (tx.now(), tx.today());
    let confirmed = sqlx::query!(
        "update flows set confirmed_on = $2, version = version + 1, updated_at = $3
         where id = $1 and version = $5 and territory_id = any($4) and deleted_at is null",
        flow.id.uuid(),
        today,
        now,
        scope.territories(),
        flow.version
    )
    .execute(&mut **tx)
    .await?;
    if confirmed.rows_affected() == 0 {
        return Ok(false);
    }
    let event = Event::on(
        "flow",
        flow.id,
        format!("flux confirmé inchangé : {}", flow.label),
    );
    tx.record(event.within(flow.territory_id)).await?;
    Ok(true)
}

/// Says the same of a whole inventory; gives how many flows were not yet confirmed today.
pub async fn confirm_all(
    tx: &mut Tx,
    scope: &Scope,
    establishment: EstablishmentId,
    territory: TerritoryId,
) -> sqlx::Result<u64> {
    let (now, today) = (tx.now(), tx.today());
    let confirmed = sqlx::query!(
        "update flows set confirmed_on = $2, version = version + 1, updated_at = $3
         where establishment_id = $1 and territory_id = any($4) and deleted_at is null
           and known_on < $2",
        establishment.uuid(),
        today,
        now,
        scope.territories()
    )
    .execute(&mut **tx)
    .await?
    .rows_affected();
    if confirmed == 0 {
        tx.nothing_to_record();
        return Ok(0);
    }
    let event = Event::on(
        "establishment",
        establishment,
        format!("{confirmed} flux confirmés inchangés"),
    );
    tx.record(event.within(territory)).await?;
    Ok(confirmed)
}

/// Deleted flows stay restorable for thirty days.
const RESTORABLE_DAYS: i64 = 30;

/// Gives `false` when someone else saved first.
pub async fn delete(tx: &mut Tx, scope: &Scope, flow: &Flow) -> sqlx::Result<bool> {
    let now = tx.now();
    let deleted = sqlx::query!(
        "update flows set deleted_at = $2, version = version + 1, updated_at = $2
         where id = $1 and version = $4 and territory_id = any($3) and deleted_at is null",
        flow.id.uuid(),
        now,
        scope.territories(),
        flow.version
    )
    .execute(&mut **tx)
    .await?;
    if deleted.rows_affected() == 0 {
        return Ok(false);
    }
    let event = Event::on("flow", flow.id, format!("flux supprimé : {}", flow.label));
    tx.record(event.within(flow.territory_id).before(flow)).await?;
    Ok(true)
}

/// Brings a deleted flow back; gives it, unless it is too late. Twice changes nothing.
pub async fn restore(tx: &mut Tx, scope: &Scope, id: FlowId) -> sqlx::Result<Option<Flow>> {
    let now = tx.now();
    let restored = sqlx::query!(
        "update flows set deleted_at = null, version = version + 1, updated_at = $2
         where id = $1 and territory_id = any($3) and deleted_at > $4",
        id.uuid(),
        now,
        scope.territories(),
        now - Duration::days(RESTORABLE_DAYS)
    )
    .execute(&mut **tx)
    .await?;
    let flow = find(tx, scope, id).await?;
    if restored.rows_affected() == 0 {
        tx.nothing_to_record();
    } else if let Some(flow) = &flow {
        let event = Event::on("flow", id, format!("flux rétabli : {}", flow.label));
        tx.record(event.within(flow.territory_id).after(flow)).await?;
    }
    Ok(flow)
}

/// What an act on many flows may change, as it was.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Before {
    pub confirmed_on: Option<NaiveDate>,
    pub visibility: Visibility,
}

/// Puts a flow back as an act on many found it; gives `false` when it changed since.
pub async fn undo(
    tx: &mut Tx,
    scope: &Scope,
    (id, version): (FlowId, i32),
    before: &Before,
) -> sqlx::Result<Option<Flow>> {
    let now = tx.now();
    let undone = sqlx::query!(
        "update flows set confirmed_on = $2, visibility = $3, deleted_at = null, version = version + 1, updated_at = $4
         where id = $1 and version = $5 and territory_id = any($6)",
        id.uuid(),
        before.confirmed_on,
        before.visibility as Visibility,
        now,
        version,
        scope.territories()
    )
    .execute(&mut **tx)
    .await?;
    if undone.rows_affected() == 0 {
        return Ok(None);
    }
    let flow = find(tx, scope, id).await?;
    if let Some(flow) = &flow {
        let event = Event::on("flow", id, format!("action groupée annulée : {}", flow.label));
        tx.record(event.within(flow.territory_id).after(flow)).await?;
    }
    Ok(flow)
}

/// A deleted flow that can come back.
#[derive(Debug, Clone)]
pub struct Deleted {
    pub id: FlowId,
    pub label: String,
    pub direction: Direction,
    pub category: Option<String>,
    pub establishment_id: EstablishmentId,
    pub establishment: String,
    pub deleted_at: DateTime<Utc>,
}

/// The territory's deleted flows, last deleted first.
pub async fn deleted(db: &mut PgConnection, scope: &Scope, now: DateTime<Utc>) -> sqlx::Result<Vec<Deleted>> {
    sqlx::query_as!(
        Deleted,
        r#"select f.id as "id: FlowId", f.label, f.direction as "direction: Direction", f.category,
                  f.establishment_id as "establishment_id: EstablishmentId", e.name as establishment, f.deleted_at as "deleted_at!"
           from flows f join establishments e on e.id = f.establishment_id
           where f.territory_id = $1 and f.deleted_at > $2 order by f.deleted_at desc, f.id limit 500"#,
        scope.territory().uuid(),
        now - Duration::days(RESTORABLE_DAYS)
    )
    .fetch_all(db)
    .await
}

/// The name of a flow just deleted, for « Annuler ».
pub async fn just_deleted(db: &mut PgConnection, scope: &Scope, id: FlowId) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        "select label from flows where id = $1 and territory_id = any($2) and deleted_at is not null",
        id.uuid(),
        scope.territories()
    )
    .fetch_optional(db)
    .await
}

/// Whether the engine already works on this establishment: its inventory came otherwise than by a
/// visit, or by one that was validated. Before that, what is being typed is nobody's business.
pub(super) async fn is_matched(db: &mut PgConnection, establishment: EstablishmentId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from flows f left join visits v on v.id = f.visit_id
                          where f.establishment_id = $1 and (f.visit_id is null or v.status = 'validated')) as "known!""#,
        establishment.uuid()
    )
    .fetch_one(db)
    .await
}
