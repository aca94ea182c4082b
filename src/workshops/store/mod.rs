pub mod after;
pub mod guests;
pub mod ideas;
pub(super) mod reminders;
pub(super) mod seats;
pub(super) mod themes;

pub use after::Promise;

use super::model::{Workshop, WorkshopState};
use crate::kernel::ids::{TerritoryId, UserId, WorkshopId};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use chrono::NaiveDate;
use sqlx::PgConnection;

/// Adds a workshop. Adding the same identifier twice changes nothing and gives `false`.
#[expect(clippy::cognitive_complexity, reason = "one statement with many columns")]
pub async fn insert(tx: &mut Tx, scope: &Scope, workshop: &Workshop) -> sqlx::Result<bool> {
    debug_assert!(
        scope.contains(workshop.territory_id),
        "the caller checked the territory"
    );
    let w = workshop;
    let inserted = sqlx::query!(
        "insert into workshops (id, territory_id, title, held_on, begins_at, ends_at, place, capacity, table_size, categories,
                message, state, owner_id, participants, chase_days, recall_days)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) on conflict (id) do nothing",
        w.id.uuid(),
        w.territory_id.uuid(),
        w.title,
        w.held_on,
        w.begins_at,
        w.ends_at,
        w.place,
        w.capacity,
        w.table_size,
        &w.categories,
        w.message,
        w.state as WorkshopState,
        w.owner.map(UserId::uuid),
        w.participants,
        w.chase_days,
        w.recall_days
    )
    .execute(&mut **tx)
    .await?;
    if inserted.rows_affected() == 0 {
        tx.nothing_to_record();
        return Ok(false);
    }
    let event = Event::on("workshop", w.id, format!("atelier ajouté\u{a0}: {}", w.title));
    tx.record(event.within(w.territory_id).after(w)).await?;
    Ok(true)
}

/// Saves over `before`, saying what was done; gives `false` when someone else saved first.
#[expect(clippy::cognitive_complexity, reason = "one statement with many columns")]
pub async fn save(
    tx: &mut Tx,
    scope: &Scope,
    (before, after): (&Workshop, &Workshop),
    said: &str,
) -> sqlx::Result<bool> {
    let w = after;
    let saved = sqlx::query!(
        "update workshops set title = $2, held_on = $3, begins_at = $4, ends_at = $5, place = $6, capacity = $7, table_size = $8,
                categories = $9, message = $10, state = $11, owner_id = $12, participants = $13, chase_days = $14, recall_days = $15, version = version + 1
         where id = $1 and version = $16 and territory_id = any($17)",
        w.id.uuid(),
        w.title,
        w.held_on,
        w.begins_at,
        w.ends_at,
        w.place,
        w.capacity,
        w.table_size,
        &w.categories,
        w.message,
        w.state as WorkshopState,
        w.owner.map(UserId::uuid),
        w.participants,
        w.chase_days,
        w.recall_days,
        before.version,
        scope.territories()
    )
    .execute(&mut **tx)
    .await?;
    if saved.rows_affected() == 0 {
        return Ok(false);
    }
    let event = Event::on("workshop", w.id, format!("atelier {said}\u{a0}: {}", w.title));
    tx.record(event.within(w.territory_id).before(before).after(after))
        .await?;
    Ok(true)
}

/// One workshop of the scope.
pub async fn find(db: &mut PgConnection, scope: &Scope, id: WorkshopId) -> sqlx::Result<Option<Workshop>> {
    sqlx::query_as!(
        Workshop,
        r#"select id as "id: WorkshopId", territory_id as "territory_id: TerritoryId", title, held_on, begins_at, ends_at, place,
                  capacity, table_size, categories, message, state as "state: WorkshopState", owner_id as "owner: UserId",
                  participants, chase_days, recall_days, version
           from workshops where id = $1 and territory_id = any($2)"#,
        id.uuid(),
        scope.territories()
    )
    .fetch_optional(db)
    .await
}

/// The workshop of a link that was checked.
async fn of_link(db: &mut PgConnection, id: WorkshopId) -> sqlx::Result<Option<Workshop>> {
    sqlx::query_as!(
        Workshop,
        r#"select id as "id: WorkshopId", territory_id as "territory_id: TerritoryId", title, held_on, begins_at, ends_at, place,
                  capacity, table_size, categories, message, state as "state: WorkshopState", owner_id as "owner: UserId",
                  participants, chase_days, recall_days, version
           from workshops where id = $1"#,
        id.uuid()
    )
    .fetch_optional(db)
    .await
}

/// The same, kept from others until the end of the transaction: two advisors capture one after the other.
pub(super) async fn lock(tx: &mut Tx, scope: &Scope, id: WorkshopId) -> sqlx::Result<Option<Workshop>> {
    sqlx::query!(
        "select id from workshops where id = $1 and territory_id = any($2) for update",
        id.uuid(),
        scope.territories()
    )
    .fetch_optional(&mut **tx)
    .await?;
    find(tx, scope, id).await
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
        r#"select id as "id: WorkshopId", territory_id as "territory_id: TerritoryId", title, held_on, begins_at, ends_at, place,
                  capacity, table_size, categories, message, state as "state: WorkshopState", owner_id as "owner: UserId",
                  participants, chase_days, recall_days, version
           from workshops where territory_id = $1 and held_on between $2 and $3 order by held_on, begins_at, title"#,
        scope.territory().uuid(),
        from,
        to
    )
    .fetch_all(db)
    .await
}

/// The workshops that somebody organises in a territory, for whoever holds the address of their calendar.
pub async fn organised(
    db: &mut PgConnection,
    (territory, owner): (TerritoryId, UserId),
    (from, to): (NaiveDate, NaiveDate),
) -> sqlx::Result<Vec<Workshop>> {
    sqlx::query_as!(
        Workshop,
        r#"select id as "id: WorkshopId", territory_id as "territory_id: TerritoryId", title, held_on, begins_at, ends_at, place,
                  capacity, table_size, categories, message, state as "state: WorkshopState", owner_id as "owner: UserId",
                  participants, chase_days, recall_days, version
           from workshops where territory_id = $1 and owner_id = $2 and held_on between $3 and $4 order by held_on, begins_at"#,
        territory.uuid(),
        owner.uuid(),
        from,
        to
    )
    .fetch_all(db)
    .await
}

/// A line of the list.
#[derive(Debug, Clone)]
pub(super) struct Listed {
    pub(super) id: WorkshopId,
    pub(super) title: String,
    pub(super) held_on: NaiveDate,
    pub(super) place: Option<String>,
    pub(super) state: WorkshopState,
    pub(super) participants: i32,
    pub(super) guests: i64,
    pub(super) coming: i64,
    pub(super) ideas: i64,
}

/// The territory's workshops: those to come first, then from the latest.
pub(super) async fn list(
    db: &mut PgConnection,
    scope: &Scope,
    today: NaiveDate,
) -> sqlx::Result<Vec<Listed>> {
    sqlx::query_as!(
        Listed,
        r#"select w.id as "id: WorkshopId", w.title, w.held_on, w.place, w.state as "state: WorkshopState", w.participants,
                  (select count(*) from workshop_guests g where g.workshop_id = w.id) as "guests!",
                  (select coalesce(sum(g.people), 0) from workshop_guests g where g.workshop_id = w.id and g.answer = 'yes') as "coming!",
                  (select count(*) from workshop_ideas i where i.workshop_id = w.id and i.undone_at is null and i.merged_into is null) as "ideas!"
           from workshops w where w.territory_id = $1
           order by w.held_on < $2, case when w.held_on >= $2 then w.held_on end, w.held_on desc, w.id"#,
        scope.territory().uuid(),
        today
    )
    .fetch_all(db)
    .await
}
