//! Where people sit, and what the tables are composed from.

use crate::kernel::ids::{EstablishmentId, GuestId, WorkshopId};
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use crate::workshops::model::Workshop;
use sqlx::PgConnection;

/// A chair that has a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::workshops) struct Seated {
    pub(in crate::workshops) guest: GuestId,
    pub(in crate::workshops) rank: i32,
    pub(in crate::workshops) table: i32,
    pub(in crate::workshops) is_kept: bool,
}

pub(in crate::workshops) async fn of_workshop(
    db: &mut PgConnection,
    workshop: WorkshopId,
) -> sqlx::Result<Vec<Seated>> {
    sqlx::query_as!(
        Seated,
        r#"select s.guest_id as "guest: GuestId", s.rank, s.table_no as "table", s.is_kept
           from workshop_seats s join workshop_guests g on g.id = s.guest_id
           where g.workshop_id = $1 and g.answer = 'yes' and s.rank <= g.people order by s.table_no, s.guest_id, s.rank"#,
        workshop.uuid()
    )
    .fetch_all(db)
    .await
}

/// Writes the whole plan over the previous one.
pub(in crate::workshops) async fn save(
    tx: &mut Tx,
    workshop: &Workshop,
    plan: &[Seated],
) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from workshop_seats where guest_id in (select id from workshop_guests where workshop_id = $1)",
        workshop.id.uuid()
    )
    .execute(&mut **tx)
    .await?;
    let guests: Vec<_> = plan.iter().map(|seat| seat.guest.uuid()).collect();
    let ranks: Vec<_> = plan.iter().map(|seat| seat.rank).collect();
    let tables: Vec<_> = plan.iter().map(|seat| seat.table).collect();
    let kept: Vec<_> = plan.iter().map(|seat| seat.is_kept).collect();
    sqlx::query!(
        "insert into workshop_seats (guest_id, rank, table_no, is_kept)
         select * from unnest($1::uuid[], $2::integer[], $3::integer[], $4::boolean[])",
        &guests,
        &ranks,
        &tables,
        &kept
    )
    .execute(&mut **tx)
    .await?;
    tx.record(Event::on("workshop", workshop.id, "tables composées").within(workshop.territory_id))
        .await
}

/// What two establishments of a workshop could do together: the sum of their open proposals' scores,
/// a shared group counting less than a pair.
#[derive(Debug, Clone)]
pub(in crate::workshops) struct Tie {
    pub(in crate::workshops) one: EstablishmentId,
    pub(in crate::workshops) other: EstablishmentId,
    pub(in crate::workshops) score: f64,
}

pub(in crate::workshops) async fn ties(
    db: &mut PgConnection,
    workshop: WorkshopId,
) -> sqlx::Result<Vec<Tie>> {
    sqlx::query_as!(
        Tie,
        r#"with present as (select establishment_id from workshop_guests where workshop_id = $1 and answer = 'yes')
           select a.establishment_id as "one: EstablishmentId", b.establishment_id as "other: EstablishmentId",
                  sum(case when s.kind = 'mutualisation' then 15 else coalesce(s.score, 50) end) as "score!"
           from synergies s join synergy_members a on a.synergy_id = s.id
             join synergy_members b on b.synergy_id = s.id and a.establishment_id < b.establishment_id
           where s.is_current and is_to_settle(s.state)
             and a.establishment_id in (select establishment_id from present) and b.establishment_id in (select establishment_id from present)
           group by 1, 2 order by 1, 2"#,
        workshop.uuid()
    )
    .fetch_all(db)
    .await
}

/// Competitors: the same class of activity (four digits of the NAF code), and the same category given or
/// needed by both.
pub(in crate::workshops) async fn rivals(
    db: &mut PgConnection,
    workshop: WorkshopId,
) -> sqlx::Result<Vec<(EstablishmentId, EstablishmentId)>> {
    let rows = sqlx::query!(
        r#"with present as (
               select e.id, left(e.naf, 5) as class from workshop_guests g join establishments e on e.id = g.establishment_id
               where g.workshop_id = $1 and g.answer = 'yes' and e.naf is not null)
           select a.id as "one: EstablishmentId", b.id as "other: EstablishmentId"
           from present a join present b on a.class = b.class and a.id < b.id
           where exists (select from flows f join flows g on g.category = f.category and g.direction = f.direction
                         where f.establishment_id = a.id and g.establishment_id = b.id and f.deleted_at is null and g.deleted_at is null)
           order by 1, 2"#,
        workshop.uuid()
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.one, row.other)).collect())
}
