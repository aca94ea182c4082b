//! Sheets to confirm: establishments whose flows nobody vouched for since the territory's limit.

use crate::kernel::ids::{EstablishmentId, UserId};
use crate::platform::access::Scope;
use chrono::NaiveDate;
use sqlx::PgConnection;

/// One sheet of the call list.
#[derive(Debug, Clone)]
pub(in crate::visits) struct DueSheet {
    pub(in crate::visits) id: EstablishmentId,
    pub(in crate::visits) name: String,
    pub(in crate::visits) commune: Option<String>,
    /// Visited by the one who looks.
    pub(in crate::visits) is_mine: bool,
    pub(in crate::visits) stale: i64,
    pub(in crate::visits) flows: i64,
    pub(in crate::visits) oldest: NaiveDate,
    /// What to read out on the phone.
    pub(in crate::visits) labels: Vec<String>,
    pub(in crate::visits) contact: Option<String>,
    pub(in crate::visits) phone: Option<String>,
    pub(in crate::visits) visited_on: Option<NaiveDate>,
    pub(in crate::visits) planned_on: Option<NaiveDate>,
    pub(in crate::visits) total: i64,
}

/// The sheets with flows last vouched for before `limit`: mine first, then the oldest.
pub(in crate::visits) async fn sheets(
    db: &mut PgConnection,
    scope: &Scope,
    me: UserId,
    limit: NaiveDate,
    most: i64,
) -> sqlx::Result<Vec<DueSheet>> {
    sqlx::query_as!(
        DueSheet,
        r#"select e.id as "id: EstablishmentId", e.name, c.name as "commune?",
                  exists (select from visits v join visit_advisors a on a.visit_id = v.id
                          where v.establishment_id = e.id and a.user_id = $2) as "is_mine!",
                  s.stale as "stale!", s.flows as "flows!", s.oldest as "oldest!", s.labels as "labels!: Vec<String>",
                  k.name as "contact?", k.phone as "phone?",
                  (select max(visit_on) from visits v where v.establishment_id = e.id and v.status in ('done', 'validated')) as visited_on,
                  (select min(visit_on) from visits v where v.establishment_id = e.id and v.status = 'planned') as planned_on,
                  count(*) over () as "total!"
           from establishments e
             join lateral (select count(*) as flows, count(*) filter (where known_on < $3) as stale, min(known_on) as oldest,
                                  (array_agg(label order by known_on, label) filter (where known_on < $3))[1:6] as labels
                           from (select label, known_on from flows
                                 where establishment_id = e.id and deleted_at is null) f) s on s.stale > 0
             left join communes c on c.insee = e.insee
             left join lateral (select name, phone from contacts where establishment_id = e.id order by phone is null, created_at limit 1) k on true
           where e.territory_id = $1 and e.archived_at is null
           order by "is_mine!" desc, s.oldest, e.folded_name, e.id limit $4"#,
        scope.territory().uuid(),
        me.uuid(),
        limit,
        most
    )
    .fetch_all(db)
    .await
}

/// How many sheets somebody confirmed since that day.
pub(in crate::visits) async fn confirmed_since(
    db: &mut PgConnection,
    scope: &Scope,
    day: NaiveDate,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(distinct establishment_id) as "count!" from flows
           where territory_id = $1 and deleted_at is null and confirmed_on >= $2"#,
        scope.territory().uuid(),
        day
    )
    .fetch_one(db)
    .await
}
