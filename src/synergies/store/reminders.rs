//! What has not moved for long, and what waits: read once a day.

use crate::kernel::ids::{SynergyId, TerritoryId, UserId};
use crate::synergies::model::{Kind, State};
use chrono::NaiveDate;
use sqlx::PgConnection;

/// A synergy that somebody follows and that has not moved for so many days.
#[derive(Debug, Clone)]
pub(in crate::synergies) struct Still {
    pub(in crate::synergies) id: SynergyId,
    pub(in crate::synergies) territory: TerritoryId,
    pub(in crate::synergies) number: i32,
    pub(in crate::synergies) kind: Kind,
    pub(in crate::synergies) state: State,
    pub(in crate::synergies) title: String,
    pub(in crate::synergies) user: UserId,
    pub(in crate::synergies) days: i32,
}

/// Those that reach one of these numbers of days that day, by follower, the oldest first.
pub(in crate::synergies) async fn still(
    db: &mut PgConnection,
    on: NaiveDate,
    days: &[i32],
) -> sqlx::Result<Vec<Still>> {
    sqlx::query_as!(
        Still,
        r#"select s.id as "id: SynergyId", s.territory_id as "territory: TerritoryId", s.number, s.kind as "kind: Kind",
                  s.state as "state: State", s.title, u.id as "user: UserId", ($1::date - (s.state_since at time zone 'Europe/Paris')::date) as "days!"
           from synergies s join users u on u.id = s.assigned_to
           where s.state in ('under_review', 'prevalidated', 'contact_proposed', 'agreed', 'studied', 'implementing')
             and u.suspended_at is null and ($1::date - (s.state_since at time zone 'Europe/Paris')::date) = any($2)
           order by u.id, s.territory_id, s.state_since, s.number"#,
        on,
        days
    )
    .fetch_all(db)
    .await
}

/// Synergies proposed to companies that have not answered, since so many days that day.
pub(in crate::synergies) async fn unanswered(
    db: &mut PgConnection,
    on: NaiveDate,
    days: &[i32],
) -> sqlx::Result<Vec<(SynergyId, TerritoryId)>> {
    let rows = sqlx::query!(
        r#"select s.id as "id: SynergyId", s.territory_id as "territory: TerritoryId" from synergies s
           where s.state = 'contact_proposed' and ($1::date - (s.state_since at time zone 'Europe/Paris')::date) = any($2) order by s.id"#,
        on,
        days
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.territory)).collect())
}

/// What waits for somebody in a territory.
#[derive(Debug, Clone)]
pub(in crate::synergies) struct Waiting {
    pub(in crate::synergies) user: UserId,
    pub(in crate::synergies) territory: TerritoryId,
    pub(in crate::synergies) place: String,
    /// Nobody has looked at them.
    pub(in crate::synergies) to_study: i64,
    /// Theirs, by how far they are.
    pub(in crate::synergies) under_review: i64,
    pub(in crate::synergies) to_propose: i64,
    pub(in crate::synergies) asked: i64,
    pub(in crate::synergies) to_introduce: i64,
}

/// One line per advisor or pilot and territory where anything waits.
pub(in crate::synergies) async fn waiting_for(db: &mut PgConnection) -> sqlx::Result<Vec<Waiting>> {
    sqlx::query_as!(
        Waiting,
        r#"with held as (
             select distinct u.id as user_id, t.id as territory_id, t.name as place
             from users u join user_roles r on r.user_id = u.id join territories t on t.id = r.territory_id
             where r.role in ('advisor', 'pilot') and u.suspended_at is null)
           select h.user_id as "user: UserId", h.territory_id as "territory: TerritoryId", h.place,
                  count(*) filter (where s.state = 'proposed' and s.is_current) as "to_study!",
                  count(*) filter (where s.state = 'under_review' and s.assigned_to = h.user_id) as "under_review!",
                  count(*) filter (where s.state = 'prevalidated' and s.assigned_to = h.user_id) as "to_propose!",
                  count(*) filter (where s.state = 'contact_proposed' and s.assigned_to = h.user_id) as "asked!",
                  count(*) filter (where s.state = 'agreed' and s.assigned_to = h.user_id
                      and not exists (select from introductions i where i.synergy_id = s.id and i.sent_at is not null)) as "to_introduce!"
           from held h join synergies s on s.territory_id = h.territory_id
           group by h.user_id, h.territory_id, h.place order by h.user_id, h.territory_id"#
    )
    .fetch_all(db)
    .await
}
