use super::model::Workshop;
use crate::kernel::ids::{TerritoryId, WorkshopId};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use chrono::NaiveDate;
use sqlx::PgConnection;

/// Adds a workshop. Adding the same identifier twice changes nothing and gives `false`.
pub async fn insert(tx: &mut Tx, scope: &Scope, workshop: &Workshop) -> sqlx::Result<bool> {
    debug_assert!(
        scope.contains(workshop.territory_id),
        "the caller checked the territory"
    );
    let inserted = sqlx::query!(
        "insert into workshops (id, territory_id, title, held_on, participants) values ($1, $2, $3, $4, $5)
         on conflict (id) do nothing",
        workshop.id.uuid(),
        workshop.territory_id.uuid(),
        workshop.title,
        workshop.held_on,
        workshop.participants
    )
    .execute(&mut **tx)
    .await?;
    if inserted.rows_affected() == 0 {
        tx.nothing_to_record();
        return Ok(false);
    }
    let event = Event::on(
        "workshop",
        workshop.id,
        format!("atelier ajouté\u{a0}: {}", workshop.title),
    );
    tx.record(event.within(workshop.territory_id).after(workshop))
        .await?;
    Ok(true)
}

/// The territory's workshops between two days, both included.
pub async fn between(
    db: &mut PgConnection,
    scope: &Scope,
    from: NaiveDate,
    to: NaiveDate,
) -> sqlx::Result<Vec<Workshop>> {
    sqlx::query_as!(
        Workshop,
        r#"select id as "id: WorkshopId", territory_id as "territory_id: TerritoryId", title, held_on, participants, version
           from workshops where territory_id = $1 and held_on between $2 and $3 order by held_on, title"#,
        scope.territory().uuid(),
        from,
        to
    )
    .fetch_all(db)
    .await
}
