//! The day itself and what follows: who came, what was promised, what people thought of it.

use crate::kernel::ids::{ActionId, EstablishmentId, GuestId, UserId, WorkshopId};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use crate::workshops::model::Workshop;
use chrono::NaiveDate;
use sqlx::PgConnection;

/// Notes who came and who did not; gives how many people came.
pub async fn attend(tx: &mut Tx, workshop: &Workshop, came: &[(GuestId, bool)]) -> sqlx::Result<i32> {
    let guests: Vec<_> = came.iter().map(|(guest, _)| guest.uuid()).collect();
    let present: Vec<_> = came.iter().map(|(_, came)| *came).collect();
    sqlx::query!(
        "update workshop_guests g set is_present = c.came
         from (select * from unnest($2::uuid[], $3::boolean[])) as c(id, came) where g.id = c.id and g.workshop_id = $1",
        workshop.id.uuid(),
        &guests,
        &present
    )
    .execute(&mut **tx)
    .await?;
    let people = sqlx::query_scalar!(
        r#"update workshops set participants = (select coalesce(sum(people), 0) from workshop_guests
                  where workshop_id = $1 and is_present), version = version + 1
           where id = $1 returning participants"#,
        workshop.id.uuid()
    )
    .fetch_one(&mut **tx)
    .await?;
    let words = format!("présences notées\u{a0}: {people}");
    tx.record(Event::on("workshop", workshop.id, words).within(workshop.territory_id))
        .await?;
    Ok(people)
}

/// A dated commitment.
#[derive(Debug, Clone)]
pub struct Promise {
    pub id: ActionId,
    pub workshop: WorkshopId,
    pub workshop_title: String,
    pub what: String,
    pub establishment: Option<String>,
    pub owner: String,
    pub due_on: NaiveDate,
    pub done_on: Option<NaiveDate>,
}

/// The commitments of a workshop, the next first.
pub async fn promises(
    db: &mut PgConnection,
    scope: &Scope,
    workshop: WorkshopId,
) -> sqlx::Result<Vec<Promise>> {
    sqlx::query_as!(
        Promise,
        r#"select a.id as "id: ActionId", a.workshop_id as "workshop!: WorkshopId", w.title as workshop_title, a.what,
                  e.name as "establishment?", u.name as owner, a.due_on, a.done_on
           from next_actions a join workshops w on w.id = a.workshop_id join users u on u.id = a.owner
             left join establishments e on e.id = a.establishment_id
           where a.workshop_id = $1 and w.territory_id = any($2) order by a.done_on is not null, a.due_on, a.id"#,
        workshop.uuid(),
        scope.territories()
    )
    .fetch_all(db)
    .await
}

/// A commitment to be written down.
#[derive(Debug, Clone)]
pub struct NewPromise {
    pub id: ActionId,
    pub what: String,
    pub establishment: Option<EstablishmentId>,
    pub owner: UserId,
    pub due_on: NaiveDate,
}

/// Writes a commitment; the same identifier twice changes nothing.
pub async fn promise(tx: &mut Tx, workshop: &Workshop, new: &NewPromise) -> sqlx::Result<()> {
    let inserted = sqlx::query!(
        "insert into next_actions (id, workshop_id, what, establishment_id, owner, due_on)
         values ($1, $2, $3, $4, $5, $6) on conflict (id) do nothing",
        new.id.uuid(),
        workshop.id.uuid(),
        new.what,
        new.establishment.map(EstablishmentId::uuid),
        new.owner.uuid(),
        new.due_on
    )
    .execute(&mut **tx)
    .await?;
    if inserted.rows_affected() == 0 {
        tx.nothing_to_record();
        return Ok(());
    }
    let words = format!("engagement noté\u{a0}: {}", new.what);
    tx.record(Event::on("workshop", workshop.id, words).within(workshop.territory_id))
        .await
}

/// Says that a commitment is kept, or is not after all; gives whether there is such a one.
pub async fn keep(tx: &mut Tx, workshop: &Workshop, (action, kept): (ActionId, bool)) -> sqlx::Result<bool> {
    let known = sqlx::query!(
        "select what, done_on from next_actions where id = $1 and workshop_id = $2 for update",
        action.uuid(),
        workshop.id.uuid()
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(known) = known else { return Ok(false) };
    if known.done_on.is_some() == kept {
        tx.nothing_to_record();
        return Ok(true);
    }
    let done_on = kept.then(|| tx.today());
    sqlx::query!(
        "update next_actions set done_on = $2 where id = $1",
        action.uuid(),
        done_on
    )
    .execute(&mut **tx)
    .await?;
    let state = if kept { "tenu" } else { "rouvert" };
    let words = format!("engagement {state}\u{a0}: {}", known.what);
    tx.record(Event::on("workshop", workshop.id, words).within(workshop.territory_id))
        .await?;
    Ok(true)
}

/// What a guest thought of it, from 1 to 4.
pub async fn opine(
    tx: &mut Tx,
    workshop: &Workshop,
    guest: GuestId,
    (mark, comment): (i16, Option<&str>),
) -> sqlx::Result<bool> {
    let now = tx.now();
    let saved = sqlx::query!(
        "update workshop_guests set mark = $3, mark_comment = $4, marked_at = $5 where id = $1 and workshop_id = $2",
        guest.uuid(),
        workshop.id.uuid(),
        mark,
        comment,
        now
    )
    .execute(&mut **tx)
    .await?;
    if saved.rows_affected() == 0 {
        return Ok(false);
    }
    tx.record(Event::on("workshop", workshop.id, "avis d’un participant").within(workshop.territory_id))
        .await?;
    Ok(true)
}
