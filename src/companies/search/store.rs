use super::Filter;
use crate::companies::model::Headcount;
use crate::kernel::ids::EstablishmentId;
use crate::platform::access::Scope;
use chrono::NaiveDate;
use sqlx::PgConnection;

/// Every establishment of the territory that the filter keeps, in its order. The list shows a slice
/// of it, the map and the exports all of it.
pub async fn matching(
    db: &mut PgConnection,
    scope: &Scope,
    filter: &Filter,
) -> sqlx::Result<Vec<EstablishmentId>> {
    let divisions = filter.divisions();
    sqlx::query_scalar!(
        r#"select e.id as "id: EstablishmentId"
           from establishments e
           left join naf_codes n on n.code = e.naf
           left join communes c on c.insee = e.insee
           left join lateral (
               select count(*) as flows, count(*) filter (where left(category, 3) = $7) as of_family,
                      count(*) filter (where known_on < $8) as stale
               from flows where establishment_id = e.id and deleted_at is null
                 and ($7::text is not null or $8::date is not null or $9 = 'flux')) f on true
           left join lateral (
               select max(visit_on) as visited_on from visits
               where establishment_id = e.id and status in ('done', 'validated') and $9 = 'visite') v on true
           cross join lateral (
               select case $9 when 'nom' then e.folded_name when 'commune' then folded(c.name) end as words,
                      case $9 when 'effectif' then array_position(enum_range(null::headcount_band), e.headcount)
                              when 'flux' then f.flows when 'visite' then v.visited_on - date '1970-01-01' end as figure) key
           where e.territory_id = $1 and e.archived_at is null
             and ((cardinality($2::text[]) > 0 or $3::text is null)
                  and not exists (select from unnest($2::text[]) w (word)
                                  where folded(concat_ws(' ', e.name, e.activity, n.label, c.name, e.postal_code, e.reference))
                                        not like '%' || w.word || '%')
                  or e.siret like $3 || '%')
             and ($4::text is null or e.insee = $4)
             and ($5::uuid is null or e.zone_id = $5)
             and ($6::text[] is null or left(e.naf, 2) = any($6))
             and ($7::text is null or f.of_family > 0)
             and ($8::date is null or f.stale > 0)
           order by case when $10 then null else key.words end, case when $10 then key.words end desc nulls last,
                    case when $10 then null else key.figure end, case when $10 then key.figure end desc nulls last,
                    e.folded_name, e.id"#,
        scope.territory().uuid(),
        &filter.words,
        filter.digits,
        filter.commune,
        filter.zone.map(|zone| zone.uuid()),
        divisions.as_deref(),
        filter.family.map(|family| family.code()),
        filter.stale_before,
        filter.sort.word(),
        filter.descending,
    )
    .fetch_all(db)
    .await
}

/// A line of the list.
pub struct Row {
    pub id: EstablishmentId,
    pub name: String,
    pub siret: Option<String>,
    pub naf_label: Option<String>,
    pub activity: Option<String>,
    pub headcount: Option<Headcount>,
    pub commune: Option<String>,
    pub zone: Option<String>,
    pub charter_signed_on: Option<NaiveDate>,
    pub flows: i64,
    pub stale: i64,
    pub families: Vec<String>,
    pub visited_on: Option<NaiveDate>,
    pub planned_on: Option<NaiveDate>,
}

/// The lines of these establishments, in the order given.
pub async fn rows(
    db: &mut PgConnection,
    scope: &Scope,
    ids: &[EstablishmentId],
    fresh_since: NaiveDate,
) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        r#"select e.id as "id: EstablishmentId", e.name, e.siret, n.label as "naf_label?", e.activity,
                  e.headcount as "headcount: Headcount", c.name as "commune?", z.name as "zone?", e.charter_signed_on,
                  f.flows as "flows!", f.stale as "stale!", f.families as "families!", v.visited_on, v.planned_on
           from unnest($1::uuid[]) with ordinality as wanted (id, rank)
           join establishments e on e.id = wanted.id
           left join naf_codes n on n.code = e.naf
           left join communes c on c.insee = e.insee
           left join activity_zones z on z.id = e.zone_id
           cross join lateral (
               select count(*) as flows, count(*) filter (where known_on < $3) as stale,
                      coalesce(array_agg(distinct left(category, 3)) filter (where category is not null), '{}') as families
               from flows where establishment_id = e.id and deleted_at is null) f
           cross join lateral (
               select max(visit_on) filter (where status in ('done', 'validated')) as visited_on,
                      min(visit_on) filter (where status = 'planned') as planned_on
               from visits where establishment_id = e.id) v
           where e.territory_id = $2
           order by wanted.rank"#,
        &ids.iter().map(|id| id.uuid()).collect::<Vec<_>>(),
        scope.territory().uuid(),
        fresh_since,
    )
    .fetch_all(db)
    .await
}

/// A point of the map.
pub struct Point {
    pub id: EstablishmentId,
    pub name: String,
    pub commune: Option<String>,
    pub latitude: f64,
    pub longitude: f64,
    pub flows: i64,
    /// The family that has most flows there.
    pub family: Option<String>,
}

/// Those of these establishments that have a position.
pub async fn points(
    db: &mut PgConnection,
    scope: &Scope,
    ids: &[EstablishmentId],
) -> sqlx::Result<Vec<Point>> {
    sqlx::query_as!(
        Point,
        r#"select e.id as "id: EstablishmentId", e.name, c.name as "commune?", e.latitude as "latitude!", e.longitude as "longitude!",
                  f.flows as "flows!", f.family as "family?"
           from unnest($1::uuid[]) with ordinality as wanted (id, rank)
           join establishments e on e.id = wanted.id
           left join communes c on c.insee = e.insee
           cross join lateral (
               select count(*) as flows, mode() within group (order by left(category, 3)) as family
               from flows where establishment_id = e.id and deleted_at is null) f
           where e.territory_id = $2 and e.latitude is not null
           order by wanted.rank"#,
        &ids.iter().map(|id| id.uuid()).collect::<Vec<_>>(),
        scope.territory().uuid(),
    )
    .fetch_all(db)
    .await
}

/// Where and in what the territory's establishments are: what the filters can offer.
pub struct Presence {
    pub insee: Option<String>,
    pub commune: Option<String>,
    pub division: Option<String>,
    pub count: i64,
}

pub async fn presence(db: &mut PgConnection, scope: &Scope) -> sqlx::Result<Vec<Presence>> {
    sqlx::query_as!(
        Presence,
        r#"select e.insee, c.name as "commune?", left(e.naf, 2) as division, count(*) as "count!"
           from establishments e left join communes c on c.insee = e.insee
           where e.territory_id = $1 and e.archived_at is null
           group by e.insee, c.name, left(e.naf, 2) order by folded(c.name), left(e.naf, 2)"#,
        scope.territory().uuid(),
    )
    .fetch_all(db)
    .await
}
