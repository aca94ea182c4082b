//! What the sheet shows beside the establishment itself. Flows, visits and synergies belong to
//! higher floors: their tables are read here, their modules are not named.

use crate::kernel::ids::{EstablishmentId, FlowId, SynergyId, VisitId};
use crate::kernel::{Direction, Period};
use crate::platform::access::Scope;
use chrono::NaiveDate;
use sqlx::PgConnection;

/// The names behind an establishment's codes.
pub(in crate::companies) struct Names {
    pub commune: Option<String>,
    pub zone: Option<String>,
    pub company: String,
    pub siren: Option<String>,
    pub freshness_months: i32,
}

pub(in crate::companies) async fn names(
    db: &mut PgConnection,
    scope: &Scope,
    id: EstablishmentId,
) -> sqlx::Result<Option<Names>> {
    sqlx::query_as!(
        Names,
        r#"select c.name as "commune?", z.name as "zone?", o.name as company, o.siren, t.freshness_months
           from establishments e join companies o on o.id = e.company_id join territories t on t.id = e.territory_id
           left join communes c on c.insee = e.insee left join activity_zones z on z.id = e.zone_id
           where e.id = $1 and e.territory_id = any($2)"#,
        id.uuid(),
        scope.territories()
    )
    .fetch_optional(db)
    .await
}

/// Another establishment of the same company.
pub(in crate::companies) struct Sibling {
    pub id: EstablishmentId,
    pub name: String,
    pub commune: Option<String>,
}

pub(in crate::companies) async fn siblings(
    db: &mut PgConnection,
    scope: &Scope,
    id: EstablishmentId,
) -> sqlx::Result<Vec<Sibling>> {
    sqlx::query_as!(
        Sibling,
        r#"select o.id as "id: EstablishmentId", o.name, c.name as "commune?"
           from establishments e join establishments o on o.company_id = e.company_id and o.id <> e.id
           left join communes c on c.insee = o.insee
           where e.id = $1 and e.territory_id = any($2) and o.archived_at is null order by folded(o.name)"#,
        id.uuid(),
        scope.territories()
    )
    .fetch_all(db)
    .await
}

pub(in crate::companies) struct FlowRow {
    pub id: FlowId,
    pub direction: Direction,
    pub category: Option<String>,
    pub label: String,
    pub quantity: Option<f64>,
    pub unit: Option<String>,
    pub period: Option<Period>,
    pub annual_quantity: Option<f64>,
    pub certainty: String,
    pub outlet: Option<String>,
    /// The last time somebody vouched for it.
    pub known_on: NaiveDate,
}

pub(in crate::companies) async fn flows(
    db: &mut PgConnection,
    scope: &Scope,
    id: EstablishmentId,
) -> sqlx::Result<Vec<FlowRow>> {
    sqlx::query_as!(
        FlowRow,
        r#"select id as "id: FlowId", direction as "direction: Direction", category, label, quantity, unit,
                  period as "period: Period", annual_quantity, certainty::text as "certainty!", outlet,
                  known_on as "known_on!"
           from flows where establishment_id = $1 and territory_id = any($2) and deleted_at is null
           order by category nulls last, direction, folded_label, id"#,
        id.uuid(),
        scope.territories()
    )
    .fetch_all(db)
    .await
}

/// A flow that the establishment probably has; not recorded.
pub(in crate::companies) struct PresumedRow {
    pub category: String,
    pub direction: Direction,
    pub probability: f64,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub why: String,
}

pub(in crate::companies) async fn presumed(
    db: &mut PgConnection,
    scope: &Scope,
    id: EstablishmentId,
) -> sqlx::Result<Vec<PresumedRow>> {
    sqlx::query_as!(
        PresumedRow,
        r#"select p.category, p.direction as "direction: Direction", p.probability, p.low, p.high, p.why
           from presumed_flows p join establishments e on e.id = p.establishment_id
           where p.establishment_id = $1 and e.territory_id = any($2)
           order by p.probability desc, p.category, p.direction limit 16"#,
        id.uuid(),
        scope.territories()
    )
    .fetch_all(db)
    .await
}

pub(in crate::companies) struct VisitRow {
    pub id: VisitId,
    pub visit_on: NaiveDate,
    pub status: String,
    pub advisors: Option<String>,
    pub flows: i64,
}

pub(in crate::companies) async fn visits(
    db: &mut PgConnection,
    scope: &Scope,
    id: EstablishmentId,
) -> sqlx::Result<Vec<VisitRow>> {
    sqlx::query_as!(
        VisitRow,
        r#"select v.id as "id: VisitId", v.visit_on, v.status::text as "status!",
                  (select string_agg(u.name, ', ' order by u.name) from visit_advisors a join users u on u.id = a.user_id
                   where a.visit_id = v.id) as advisors,
                  (select count(*) from flows f where f.visit_id = v.id and f.deleted_at is null) as "flows!"
           from visits v where v.establishment_id = $1 and v.territory_id = any($2)
           order by v.visit_on desc, v.id desc"#,
        id.uuid(),
        scope.territories()
    )
    .fetch_all(db)
    .await
}

pub(in crate::companies) struct SynergyRow {
    pub id: SynergyId,
    pub number: i32,
    pub title: String,
    pub kind: String,
    pub state: String,
    pub score: Option<f64>,
    /// The other members, by name: advisors see them.
    pub others: Option<String>,
}

/// The synergies in which the establishment takes part, the most advanced states first.
pub(in crate::companies) async fn synergies(
    db: &mut PgConnection,
    scope: &Scope,
    id: EstablishmentId,
) -> sqlx::Result<Vec<SynergyRow>> {
    sqlx::query_as!(
        SynergyRow,
        r#"select s.id as "id: SynergyId", s.number, s.title, s.kind::text as "kind!", s.state::text as "state!", s.score,
                  (select string_agg(distinct o.name, ', ') from synergy_members m join establishments o on o.id = m.establishment_id
                   where m.synergy_id = s.id and m.establishment_id <> $1) as others
           from synergies s
           where s.territory_id = any($2)
             and exists (select from synergy_members m where m.synergy_id = s.id and m.establishment_id = $1)
             and s.state <> 'duplicate' and (s.is_current or s.state <> 'proposed')
           order by array_position(array['durable', 'realised', 'implementing', 'studied', 'agreed', 'contact_proposed', 'prevalidated',
                                         'under_review', 'proposed', 'asleep', 'interrupted', 'abandoned', 'rejected'], s.state::text),
                    s.score desc nulls last, s.number"#,
        id.uuid(),
        scope.territories()
    )
    .fetch_all(db)
    .await
}

/// What would no longer be seen without the establishment.
pub(in crate::companies) struct Counts {
    pub flows: i64,
    pub visits: i64,
    pub synergies: i64,
}

pub(in crate::companies) async fn counts(
    db: &mut PgConnection,
    scope: &Scope,
    id: EstablishmentId,
) -> sqlx::Result<Counts> {
    sqlx::query_as!(
        Counts,
        r#"select (select count(*) from flows f where f.establishment_id = e.id and f.deleted_at is null) as "flows!",
                  (select count(*) from visits v where v.establishment_id = e.id) as "visits!",
                  (select count(distinct synergy_id) from synergy_members m where m.establishment_id = e.id) as "synergies!"
           from establishments e where e.id = $1 and e.territory_id = any($2)"#,
        id.uuid(),
        scope.territories()
    )
    .fetch_one(db)
    .await
}
