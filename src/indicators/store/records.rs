//! What stands behind a figure: row by row for those who may read rows, in groups for the others.

use crate::kernel::ids::{EstablishmentId, SynergyId, VisitId, WorkshopId};
use crate::nomenclature::naf::division_label;
use crate::platform::access::{AggregateScope, Scope};
use crate::synergies::{Kind, State};
use crate::visits::VisitStatus;
use chrono::NaiveDate;
use sqlx::PgConnection;

/// An establishment counted as mobilised.
#[derive(Debug, Clone)]
pub struct EstablishedRow {
    pub id: EstablishmentId,
    pub name: String,
    pub activity: Option<String>,
    pub since: NaiveDate,
    pub last_seen_on: Option<NaiveDate>,
    pub charter_signed_on: Option<NaiveDate>,
}

/// Mobilised by that day, the latest first.
pub async fn established(
    db: &mut PgConnection,
    scope: &Scope,
    on: NaiveDate,
) -> sqlx::Result<Vec<EstablishedRow>> {
    sqlx::query_as!(
        EstablishedRow,
        r#"select e.id as "id: EstablishmentId", e.name, n.label as "activity?", met.since as "since!",
                  (select max(v.visit_on) from visits v where v.establishment_id = e.id
                   and v.status in ('done', 'validated') and v.visit_on <= $2) as last_seen_on, e.charter_signed_on
           from (select found.establishment_id, min(found.since) as since from (
                    select v.establishment_id, v.visit_on as since from visits v
                    where v.territory_id = $1 and v.status in ('done', 'validated')
                    union all
                    select m.establishment_id, d.agreed_on
                    from synergy_dates d join synergy_members m on m.synergy_id = d.synergy_id
                    where d.territory_id = $1 and m.state <> 'withdrawn' and d.agreed_on is not null
                 ) found group by found.establishment_id) met
           join establishments e on e.id = met.establishment_id left join naf_codes n on n.code = e.naf
           where met.since <= $2 order by met.since desc, e.name"#,
        scope.territory().uuid(),
        on
    )
    .fetch_all(db)
    .await
}

/// A visit made.
#[derive(Debug, Clone)]
pub struct VisitedRow {
    pub id: VisitId,
    pub name: String,
    pub visit_on: NaiveDate,
    pub status: VisitStatus,
    pub organisations: Vec<String>,
}

/// Made in the year of that day, up to it, the latest first.
pub async fn visited(db: &mut PgConnection, scope: &Scope, on: NaiveDate) -> sqlx::Result<Vec<VisitedRow>> {
    sqlx::query_as!(
        VisitedRow,
        r#"select v.id as "id: VisitId", e.name, v.visit_on, v.status as "status: VisitStatus",
                  array(select distinct o.name from visit_advisors a join users u on u.id = a.user_id
                        join organisations o on o.id = u.organisation_id where a.visit_id = v.id order by o.name) as "organisations!"
           from visits v join establishments e on e.id = v.establishment_id
           where v.territory_id = $1 and v.status in ('done', 'validated')
             and v.visit_on between date_trunc('year', $2::date)::date and $2
           order by v.visit_on desc, e.name"#,
        scope.territory().uuid(),
        on
    )
    .fetch_all(db)
    .await
}

/// A realised synergy with everything recorded of its effects.
#[derive(Debug, Clone)]
pub struct RealisedRecord {
    pub id: SynergyId,
    pub number: i32,
    pub title: String,
    pub kind: Kind,
    pub state: State,
    pub realised_on: NaiveDate,
    pub members: i64,
    pub diverted_t: Option<f64>,
    pub energy_mwh: Option<f64>,
    pub water_m3: Option<f64>,
    pub freight_tkm: Option<f64>,
    pub car_km: Option<f64>,
    pub avoided_tco2e: Option<f64>,
    pub savings_eur: Option<f64>,
    pub jobs_fte: Option<f64>,
}

/// Realised by that day, the latest first.
pub async fn realised(
    db: &mut PgConnection,
    scope: &Scope,
    on: NaiveDate,
) -> sqlx::Result<Vec<RealisedRecord>> {
    sqlx::query_as!(
        RealisedRecord,
        r#"select s.id as "id: SynergyId", s.number, s.title, s.kind as "kind: Kind", s.state as "state: State",
                  s.realised_on as "realised_on!",
                  (select count(*) from synergy_members m where m.synergy_id = s.id and m.state <> 'withdrawn') as "members!",
                  r.diverted_t as "diverted_t?", r.energy_mwh as "energy_mwh?", r.water_m3 as "water_m3?",
                  r.freight_tkm as "freight_tkm?", r.car_km as "car_km?", r.avoided_tco2e as "avoided_tco2e?",
                  r.savings_eur as "savings_eur?", r.jobs_fte as "jobs_fte?"
           from synergies s left join lateral (select * from synergy_effects e where e.synergy_id = s.id and e.since <= $2
                                                   order by e.since desc limit 1) r on true
           where s.territory_id = $1 and s.state in ('realised', 'durable', 'interrupted') and s.realised_on <= $2
           order by s.realised_on desc, s.number"#,
        scope.territory().uuid(),
        on
    )
    .fetch_all(db)
    .await
}

/// A workshop that took place.
#[derive(Debug, Clone)]
pub struct HeldRow {
    pub id: WorkshopId,
    pub title: String,
    pub held_on: NaiveDate,
    pub participants: i32,
}

/// Held by that day, the latest first.
pub async fn held(
    db: &mut PgConnection,
    scope: &AggregateScope,
    on: NaiveDate,
) -> sqlx::Result<Vec<HeldRow>> {
    sqlx::query_as!(
        HeldRow,
        r#"select id as "id: WorkshopId", title, held_on, participants from workshops
           where territory_id = $1 and state in ('held', 'closed') and held_on <= $2 order by held_on desc, title"#,
        scope.territory().uuid(),
        on
    )
    .fetch_all(db)
    .await
}

/// So many of a sort.
#[derive(Debug, Clone)]
pub struct Group {
    pub name: String,
    pub count: i64,
}

/// The mobilised establishments by division of activity, for those who read no name.
pub async fn groups(
    db: &mut PgConnection,
    scope: &AggregateScope,
    on: NaiveDate,
) -> sqlx::Result<Vec<Group>> {
    let mut found = sqlx::query_as!(
        Group,
        r#"select coalesce(left(e.naf, 2), '') as "name!", count(distinct e.id) as "count!"
           from establishments e
           where e.territory_id = $1 and (
               exists (select from visits v where v.establishment_id = e.id and v.status in ('done', 'validated') and v.visit_on <= $2)
               or exists (select from synergy_members m join synergy_dates d on d.synergy_id = m.synergy_id
                          where m.establishment_id = e.id and m.state <> 'withdrawn' and d.agreed_on <= $2))
           group by 1 order by 2 desc, 1"#,
        scope.territory().uuid(),
        on
    )
    .fetch_all(db)
    .await?;
    for group in &mut found {
        let label = division_label(&group.name).unwrap_or("activité inconnue");
        group.name = label.to_owned();
    }
    Ok(found)
}

/// The realised synergies by kind, for those who read no name.
pub async fn kinds(db: &mut PgConnection, scope: &AggregateScope, on: NaiveDate) -> sqlx::Result<Vec<Group>> {
    let rows = sqlx::query!(
        r#"select s.kind as "kind: Kind", count(*) as "count!" from synergies s
           where s.territory_id = $1 and s.state in ('realised', 'durable') and s.realised_on <= $2
           group by s.kind order by 2 desc, 1"#,
        scope.territory().uuid(),
        on
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Group {
            name: row.kind.label().to_owned(),
            count: row.count,
        })
        .collect())
}
