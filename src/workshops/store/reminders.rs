//! Guests to whom a letter is due by itself.

use crate::kernel::ids::{GuestId, TerritoryId, WorkshopId};
use crate::platform::db::Tx;
use chrono::NaiveDate;
use sqlx::PgConnection;

/// A guest to be written to this morning.
#[derive(Debug, Clone)]
pub(in crate::workshops) struct Due {
    pub(in crate::workshops) workshop: WorkshopId,
    pub(in crate::workshops) territory: TerritoryId,
    pub(in crate::workshops) guest: GuestId,
    /// Said yes: to be reminded; else has not answered: to be asked again.
    pub(in crate::workshops) comes: bool,
}

/// Those due, workshop by workshop, or those of one workshop. Nothing before an advisor launched the
/// invitations, nothing in a demonstration or for an archived company; whoever was written to in the last
/// three days, or said yes since the reminder was due, is left in peace.
pub(in crate::workshops) async fn due(
    db: &mut PgConnection,
    today: NaiveDate,
    only: Option<WorkshopId>,
) -> sqlx::Result<Vec<Due>> {
    sqlx::query_as!(
        Due,
        r#"select w.id as "workshop: WorkshopId", w.territory_id as "territory: TerritoryId", g.id as "guest: GuestId",
                  g.answer = 'yes' as "comes!"
           from workshop_guests g join workshops w on w.id = g.workshop_id join territories t on t.id = w.territory_id
             join establishments e on e.id = g.establishment_id and e.archived_at is null
           where w.state = 'invited' and w.held_on > $1 and not t.is_demo and ($2::uuid is null or w.id = $2)
             and exists (select from contacts k where k.establishment_id = g.establishment_id and k.email like '%_@_%')
             and (g.answer = 'waiting' and g.chased_for is distinct from w.held_on and w.held_on - w.chase_days <= $1
                  and (greatest(g.invited_at, g.reminded_at) at time zone 'Europe/Paris')::date <= $1 - 3
               or g.answer = 'yes' and g.recalled_for is distinct from w.held_on and w.held_on - w.recall_days <= $1
                  and (coalesce(g.answered_at, '-infinity') at time zone 'Europe/Paris')::date < w.held_on - w.recall_days)
           order by w.id, g.id"#,
        today,
        only.map(WorkshopId::uuid)
    )
    .fetch_all(db)
    .await
}

/// Says that the letter was written, or refused by its reader, for the workshop of that day.
pub(in crate::workshops) async fn mark(tx: &mut Tx, due: &Due, held_on: NaiveDate) -> sqlx::Result<()> {
    sqlx::query!(
        "update workshop_guests set recalled_for = case when $2 then $3 else recalled_for end,
                chased_for = case when $2 then chased_for else $3 end where id = $1",
        due.guest.uuid(),
        due.comes,
        held_on
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
