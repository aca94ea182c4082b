use super::model::{Certainty, Flow, FlowSource, Visibility};
use crate::kernel::ids::{EstablishmentId, FlowId, TerritoryId, VisitId};
use crate::kernel::{Direction, Period};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use sqlx::PgConnection;

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
