//! What has not moved for long, and what waits: read once a day. A level of days that was not reached on
//! the very morning is still due on the next one; `synergy_reminders` holds those already said.

use crate::kernel::ids::{SynergyId, TerritoryId, UserId};
use crate::platform::db::Tx;
use crate::synergies::model::{Kind, State};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

/// Who is reminded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::synergies) enum Reminded {
    Advisor,
    Companies,
}

impl Reminded {
    fn code(self) -> &'static str {
        match self {
            Self::Advisor => "advisor",
            Self::Companies => "companies",
        }
    }
}

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
    pub(in crate::synergies) since: DateTime<Utc>,
    /// The level reached, to be marked once said.
    pub(in crate::synergies) level: i32,
}

/// Those that have reached one of these numbers of days and were not reminded of it, by reader, the
/// oldest first. The reader is whoever follows it, or stands in for them that day.
pub(in crate::synergies) async fn still(
    db: &mut PgConnection,
    on: NaiveDate,
    days: &[i32],
) -> sqlx::Result<Vec<Still>> {
    sqlx::query_as!(
        Still,
        r#"with due as (
               select s.*, $1::date - (s.state_since at time zone 'Europe/Paris')::date as days,
                      (select max(level) from unnest($2::integer[]) level
                       where level <= $1::date - (s.state_since at time zone 'Europe/Paris')::date) as level
               from synergies s
               where is_moving(s.state)
                 and s.assigned_to is not null)
           select d.id as "id: SynergyId", d.territory_id as "territory: TerritoryId", d.number, d.kind as "kind: Kind",
                  d.state as "state: State", d.title, u.id as "user: UserId", d.days as "days!", d.state_since as since,
                  d.level as "level!"
           from due d join users u on u.id = acting(d.assigned_to, d.territory_id, $1)
           where d.level is not null and u.suspended_at is null
             and not exists (select from synergy_reminders r where r.synergy_id = d.id and r.audience = 'advisor'
                                 and r.still_since = d.state_since and r.days >= d.level)
           order by u.id, d.territory_id, d.state_since, d.number"#,
        on,
        days
    )
    .fetch_all(db)
    .await
}

/// A synergy proposed to companies that have not answered.
#[derive(Debug, Clone)]
pub(in crate::synergies) struct Unanswered {
    pub(in crate::synergies) id: SynergyId,
    pub(in crate::synergies) territory: TerritoryId,
    pub(in crate::synergies) since: DateTime<Utc>,
    pub(in crate::synergies) level: i32,
}

/// Those whose companies have reached one of these numbers of days and were not reminded of it.
pub(in crate::synergies) async fn unanswered(
    db: &mut PgConnection,
    on: NaiveDate,
    days: &[i32],
) -> sqlx::Result<Vec<Unanswered>> {
    sqlx::query_as!(
        Unanswered,
        r#"select s.id as "id: SynergyId", s.territory_id as "territory: TerritoryId", s.state_since as since, l.level as "level!"
           from synergies s, lateral (select max(level) as level from unnest($2::integer[]) level
                                      where level <= $1::date - (s.state_since at time zone 'Europe/Paris')::date) l
           where s.state = 'contact_proposed' and l.level is not null
             and not exists (select from synergy_reminders r where r.synergy_id = s.id and r.audience = 'companies'
                                 and r.still_since = s.state_since and r.days >= l.level)
           order by s.id"#,
        on,
        days
    )
    .fetch_all(db)
    .await
}

/// Those proposed to companies of which the last chance was said so many days ago, and for which nothing is planned.
pub(in crate::synergies) async fn out_of_chances(
    db: &mut PgConnection,
    on: NaiveDate,
    (level, days): (i32, i32),
) -> sqlx::Result<Vec<(SynergyId, TerritoryId)>> {
    let rows = sqlx::query!(
        r#"select s.id as "id: SynergyId", s.territory_id as "territory: TerritoryId" from synergies s
           where s.state = 'contact_proposed'
             and exists (select from synergy_reminders r where r.synergy_id = s.id and r.audience = 'advisor' and r.still_since = s.state_since
                             and r.days >= $2 and (r.sent_at at time zone 'Europe/Paris')::date <= $1::date - $3::integer)
             and not exists (select from next_actions a where a.synergy_id = s.id and a.done_on is null and a.due_on >= $1)
           order by s.id"#,
        on,
        level,
        days
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.territory)).collect())
}

/// Remembers that a level was said.
pub(in crate::synergies) async fn mark(
    tx: &mut Tx,
    id: SynergyId,
    audience: Reminded,
    since: DateTime<Utc>,
    level: i32,
) -> sqlx::Result<()> {
    let now = tx.now();
    sqlx::query!(
        "insert into synergy_reminders (synergy_id, audience, still_since, days, sent_at) values ($1, $2, $3, $4, $5)
         on conflict do nothing",
        id.uuid(),
        audience.code(),
        since,
        level,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
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

/// One line per advisor or pilot and territory where anything waits; nothing for whoever is replaced that day.
pub(in crate::synergies) async fn waiting_for(
    db: &mut PgConnection,
    on: NaiveDate,
) -> sqlx::Result<Vec<Waiting>> {
    sqlx::query_as!(
        Waiting,
        r#"with held as (
             select distinct u.id as user_id, t.id as territory_id, t.name as place
             from users u join user_roles r on r.user_id = u.id join territories t on t.id = r.territory_id
             where r.role in ('advisor', 'pilot') and u.suspended_at is null and acting(u.id, t.id, $1) = u.id),
           works as (
             select s.id, s.territory_id, s.state, s.is_current, acting(s.assigned_to, s.territory_id, $1) as assigned_to from synergies s)
           select h.user_id as "user: UserId", h.territory_id as "territory: TerritoryId", h.place,
                  count(*) filter (where s.state = 'proposed' and s.is_current) as "to_study!",
                  count(*) filter (where s.state = 'under_review' and s.assigned_to = h.user_id) as "under_review!",
                  count(*) filter (where s.state = 'prevalidated' and s.assigned_to = h.user_id) as "to_propose!",
                  count(*) filter (where s.state = 'contact_proposed' and s.assigned_to = h.user_id) as "asked!",
                  count(*) filter (where s.state = 'agreed' and s.assigned_to = h.user_id
                      and not exists (select from introductions i where i.synergy_id = s.id and i.sent_at is not null)) as "to_introduce!"
           from held h join works s on s.territory_id = h.territory_id
           group by h.user_id, h.territory_id, h.place order by h.user_id, h.territory_id"#,
        on
    )
    .fetch_all(db)
    .await
}

/// Synergies that have been in place for twelve months, for a month at most: a missed morning is made up
/// for, and each is asked about once.
pub(in crate::synergies) async fn to_confirm(
    db: &mut PgConnection,
    on: NaiveDate,
) -> sqlx::Result<Vec<(SynergyId, TerritoryId)>> {
    let rows = sqlx::query!(
        r#"select s.id as "id: SynergyId", s.territory_id as "territory: TerritoryId" from synergies s
           where s.state = 'realised' and (s.realised_on + interval '12 months')::date between $1::date - 30 and $1 order by s.id"#,
        on
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.territory)).collect())
}
