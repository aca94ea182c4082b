use super::model::{Visit, VisitStatus};
use crate::kernel::ids::{EstablishmentId, TerritoryId, UserId, VisitId};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use sqlx::PgConnection;

/// One visit of the scope.
pub async fn find(db: &mut PgConnection, scope: &Scope, id: VisitId) -> sqlx::Result<Option<Visit>> {
    sqlx::query_as!(
        Visit,
        r#"select v.id as "id: VisitId", v.territory_id as "territory_id: TerritoryId", v.establishment_id as "establishment_id: EstablishmentId",
                  v.status as "status: VisitStatus", v.visit_on, v.duration_minutes, v.contact_met, v.notes,
                  array(select user_id from visit_advisors where visit_id = v.id order by user_id) as "advisors!: Vec<UserId>", v.version
           from visits v where v.id = $1 and v.territory_id = any($2)"#,
        id.uuid(),
        scope.territories()
    )
    .fetch_optional(db)
    .await
}

/// Adds a visit. Adding the same identifier twice (a form sent again) changes nothing and gives `false`.
pub async fn insert(tx: &mut Tx, scope: &Scope, visit: &Visit) -> sqlx::Result<bool> {
    debug_assert!(
        scope.contains(visit.territory_id),
        "the caller checked the territory"
    );
    let now = tx.now();
    let validated_at = (visit.status == VisitStatus::Validated).then_some(now);
    let inserted = sqlx::query!(
        "insert into visits (id, territory_id, establishment_id, status, visit_on, duration_minutes, contact_met, notes, created_at, validated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (id) do nothing",
        visit.id.uuid(),
        visit.territory_id.uuid(),
        visit.establishment_id.uuid(),
        visit.status as VisitStatus,
        visit.visit_on,
        visit.duration_minutes,
        visit.contact_met,
        visit.notes,
        now,
        validated_at
    )
    .execute(&mut **tx)
    .await?;
    if inserted.rows_affected() == 0 {
        tx.nothing_to_record();
        return Ok(false);
    }
    set_advisors(tx, visit).await?;
    let event = Event::on("visit", visit.id, format!("visite {}", visit.status.label()));
    tx.record(event.within(visit.territory_id).after(visit)).await?;
    Ok(true)
}

/// Saves over `before`; gives `false` when someone else saved first.
pub async fn save(tx: &mut Tx, scope: &Scope, before: &Visit, after: &Visit) -> sqlx::Result<bool> {
    let now = tx.now();
    let saved = sqlx::query!(
        "update visits set status = $2, visit_on = $3, duration_minutes = $4, contact_met = $5, notes = $6, version = version + 1,
                validated_at = case when $2 = 'validated'::visit_status then coalesce(validated_at, $7) end
         where id = $1 and version = $8 and territory_id = any($9)",
        after.id.uuid(),
        after.status as VisitStatus,
        after.visit_on,
        after.duration_minutes,
        after.contact_met,
        after.notes,
        now,
        before.version,
        scope.territories()
    )
    .execute(&mut **tx)
    .await?;
    if saved.rows_affected() == 0 {
        return Ok(false);
    }
    set_advisors(tx, after).await?;
    let words = if before.status == after.status {
        "modifiée"
    } else {
        after.status.label()
    };
    let event = Event::on("visit", after.id, format!("visite {words}"));
    tx.record(event.within(after.territory_id).before(before).after(after))
        .await?;
    Ok(true)
}

async fn set_advisors(tx: &mut Tx, visit: &Visit) -> sqlx::Result<()> {
    sqlx::query!("delete from visit_advisors where visit_id = $1", visit.id.uuid())
        .execute(&mut **tx)
        .await?;
    sqlx::query!(
        "insert into visit_advisors (visit_id, user_id) select $1, unnest($2::uuid[])",
        visit.id.uuid(),
        &visit.advisors.iter().map(|a| a.uuid()).collect::<Vec<_>>()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
