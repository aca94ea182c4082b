//! The committee's reads: every one takes an [`AggregateScope`] and gives counts and sums, never a row of a
//! company. A contributor is a company: two sites of one company are one.

use crate::dashboards::model::flows::{CategorySums, PrioritySums, Side};
use crate::dashboards::model::funnel::{Delay, Part};
use crate::dashboards::model::ground::{CommuneCell, CommuneTie};
use crate::dashboards::model::network::{Tie, Trade};
use crate::dashboards::model::outlets::{Outlet, Stream};
use crate::kernel::ids::ZoneId;
use crate::nomenclature::{Family, FlowCode};
use crate::platform::access::AggregateScope;
use chrono::NaiveDate;
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// How many flows are known.
pub async fn flows(db: &mut PgConnection, scope: &AggregateScope) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "flows!" from flows f join establishments e on e.id = f.establishment_id
           where f.territory_id = $1 and f.deleted_at is null and e.archived_at is null"#,
        scope.territory().uuid()
    )
    .fetch_one(db)
    .await
}

/// How many synergies reached each step at least, by year of proposal and by family.
pub async fn funnel(db: &mut PgConnection, scope: &AggregateScope) -> sqlx::Result<Vec<Part>> {
    let rows = sqlx::query!(
        r#"
        select extract(year from s.proposed_at at time zone 'Europe/Paris')::integer as "year!", c.family as "family?",
               count(*) as "proposed!",
               count(*) filter (where state <> 'proposed') as "examined!",
               count(*) filter (where state in ('prevalidated', 'contact_proposed', 'silent', 'agreed', 'studied', 'implementing',
                                                'realised', 'durable', 'interrupted', 'abandoned')) as "prevalidated!",
               count(*) filter (where state in ('contact_proposed', 'silent', 'agreed', 'studied', 'implementing',
                                                'realised', 'durable', 'interrupted', 'abandoned')) as "introduced!",
               count(*) filter (where state in ('agreed', 'studied', 'implementing', 'realised', 'durable', 'interrupted')) as "agreed!",
               count(*) filter (where state in ('realised', 'durable')) as "realised!"
        from synergies s left join flow_categories c on c.code = s.category
        where s.territory_id = $1 and state <> 'duplicate' and (is_current or state <> 'proposed')
        group by 1, 2 order by 1, 2"#,
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Part {
            year: row.year,
            family: row.family.as_deref().and_then(Family::find),
            reached: [
                row.proposed,
                row.examined,
                row.prevalidated,
                row.introduced,
                row.agreed,
                row.realised,
            ],
        })
        .collect())
}

/// The middle number of days from each step to the next, as the journal dates them.
pub async fn delays(
    db: &mut PgConnection,
    scope: &AggregateScope,
    year: Option<i32>,
    family: Option<Family>,
) -> sqlx::Result<[Delay; 5]> {
    let row = sqlx::query!(
        r#"
        with told as (
            select j.subject_id, j.after ->> 'state' as state, min(j.at) as at
            from journal j where j.territory_id = $1 and j.subject = 'synergy' and j.after ? 'state' group by 1, 2
        ), walked as (
            select s.proposed_at as t0, min(t.at) filter (where t.state <> 'proposed') as t1,
                   min(t.at) filter (where t.state = 'prevalidated') as t2, min(t.at) filter (where t.state = 'contact_proposed') as t3,
                   min(t.at) filter (where t.state = 'agreed') as t4, min(t.at) filter (where t.state in ('realised', 'durable')) as t5
            from synergies s join told t on t.subject_id = s.id left join flow_categories c on c.code = s.category
            where s.territory_id = $1 and s.state <> 'duplicate'
              and ($2::integer is null or extract(year from s.proposed_at at time zone 'Europe/Paris') = $2)
              and ($3::text is null or c.family = $3)
            group by s.id
        ), days as (
            select extract(epoch from t1 - t0)::float8 / 86400 as d1, extract(epoch from t2 - t1)::float8 / 86400 as d2,
                   extract(epoch from t3 - t2)::float8 / 86400 as d3, extract(epoch from t4 - t3)::float8 / 86400 as d4,
                   extract(epoch from t5 - t4)::float8 / 86400 as d5
            from walked
        )
        select count(d1) filter (where d1 >= 0) as "n1!", percentile_cont(0.5) within group (order by d1) filter (where d1 >= 0) as m1,
               count(d2) filter (where d2 >= 0) as "n2!", percentile_cont(0.5) within group (order by d2) filter (where d2 >= 0) as m2,
               count(d3) filter (where d3 >= 0) as "n3!", percentile_cont(0.5) within group (order by d3) filter (where d3 >= 0) as m3,
               count(d4) filter (where d4 >= 0) as "n4!", percentile_cont(0.5) within group (order by d4) filter (where d4 >= 0) as m4,
               count(d5) filter (where d5 >= 0) as "n5!", percentile_cont(0.5) within group (order by d5) filter (where d5 >= 0) as m5
        from days"#,
        scope.territory().uuid(),
        year,
        family.map(Family::code)
    )
    .fetch_one(db)
    .await?;
    let delay = |counted, median_days| Delay { counted, median_days };
    Ok([
        delay(row.n1, row.m1),
        delay(row.n2, row.m2),
        delay(row.n3, row.m3),
        delay(row.n4, row.m4),
        delay(row.n5, row.m5),
    ])
}

/// Every category that has a flow or is a priority, over the territory and zone by zone: priorities first,
/// then those of most companies.
#[expect(clippy::too_many_lines, reason = "one statement and its columns")]
pub async fn categories(
    db: &mut PgConnection,
    scope: &AggregateScope,
    family: Option<Family>,
) -> sqlx::Result<Vec<CategorySums>> {
    let rows = sqlx::query!(
        r#"
        with working as (
            select distinct m.flow_id from synergy_members m join synergies s on s.id = m.synergy_id
            where s.territory_id = $1 and m.flow_id is not null and m.state <> 'withdrawn' and s.state in ('realised', 'durable')
        ), inventory as materialized (
            select f.category, e.zone_id, e.company_id, f.direction, f.annual_quantity, w.flow_id is not null as solved
            from flows f join establishments e on e.id = f.establishment_id
            join flow_categories c on c.code = f.category left join working w on w.flow_id = f.id
            where f.territory_id = $1 and f.deleted_at is null and e.archived_at is null and ($2::text is null or c.family = $2)
        ), firms as (
            select category, grouping(zone_id) = 1 as is_whole, zone_id, company_id,
                   bool_or(direction = 'outbound') as leaves, bool_or(direction = 'inbound') as enters, bool_or(solved) as solved,
                   sum(annual_quantity) filter (where direction = 'outbound') as leaving,
                   sum(annual_quantity) filter (where direction = 'inbound') as entering
            from inventory group by grouping sets ((category, zone_id, company_id), (category, company_id))
        ), sums as (
            select category, is_whole, zone_id, count(*) as firms, count(*) filter (where solved) as solved,
                   count(*) filter (where leaves) as leaves, count(leaving) as leaving_known, sum(leaving) as leaving, max(leaving) as leaving_largest,
                   count(*) filter (where enters) as enters, count(entering) as entering_known, sum(entering) as entering, max(entering) as entering_largest
            from firms group by 1, 2, 3
        ), groups as (
            select category, count(*) as groups from synergies
            where territory_id = $1 and kind = 'mutualisation'
              and (state = 'proposed' and is_current or state in ('under_review', 'prevalidated', 'contact_proposed', 'agreed', 'studied', 'implementing'))
            group by category
        )
        select c.code as "code!", p.rank as "rank?", coalesce(g.groups, 0) as "groups!", coalesce(s.is_whole, true) as "is_whole!",
               s.zone_id as "zone?: ZoneId", coalesce(s.firms, 0) as "firms!", coalesce(s.solved, 0) as "solved!",
               coalesce(s.leaves, 0) as "leaves!", coalesce(s.leaving_known, 0) as "leaving_known!", s.leaving as "leaving?", s.leaving_largest as "leaving_largest?",
               coalesce(s.enters, 0) as "enters!", coalesce(s.entering_known, 0) as "entering_known!", s.entering as "entering?", s.entering_largest as "entering_largest?"
        from flow_categories c
        left join priorities p on p.territory_id = $1 and p.category = c.code
        left join sums s on s.category = c.code left join groups g on g.category = c.code
        where (s.category is not null or p.category is not null) and ($2::text is null or c.family = $2)
        order by p.rank nulls last, c.code, s.is_whole desc nulls first"#,
        scope.territory().uuid(),
        family.map(Family::code)
    )
    .fetch_all(db)
    .await?;
    let mut found: BTreeMap<FlowCode, CategorySums> = BTreeMap::new();
    for row in rows {
        let Some(code) = FlowCode::find(&row.code) else {
            continue;
        };
        let sums = PrioritySums {
            firms: row.firms,
            solved: row.solved,
            leaving: Side {
                firms: row.leaves,
                quantified: row.leaving_known,
                total: row.leaving,
                largest: row.leaving_largest,
            },
            entering: Side {
                firms: row.enters,
                quantified: row.entering_known,
                total: row.entering,
                largest: row.entering_largest,
            },
        };
        let category = found.entry(code).or_insert_with(|| CategorySums {
            code,
            rank: row.rank,
            groups: row.groups,
            whole: PrioritySums::default(),
            zones: BTreeMap::new(),
        });
        if row.is_whole {
            category.whole = sums;
        } else {
            category.zones.insert(row.zone, sums);
        }
    }
    let mut found: Vec<_> = found.into_values().collect();
    found.sort_by_key(|one| (one.rank.is_none(), one.rank, -one.whole.firms, one.code));
    Ok(found)
}

/// Outgoing flows by family and by what people wrote of their outlet.
pub async fn streams(db: &mut PgConnection, scope: &AggregateScope) -> sqlx::Result<Vec<Stream>> {
    let written = sqlx::query_scalar!(
        r#"select distinct f.outlet as "outlet!" from flows f where f.territory_id = $1 and f.deleted_at is null and f.outlet is not null"#,
        scope.territory().uuid()
    )
    .fetch_all(&mut *db)
    .await?;
    let read: Vec<String> = written.iter().map(|words| rank(Outlet::read(words))).collect();
    let rows = sqlx::query!(
        r#"
        with working as (
            select distinct m.flow_id from synergy_members m join synergies s on s.id = m.synergy_id
            where s.territory_id = $1 and m.flow_id is not null and m.state <> 'withdrawn' and s.state in ('realised', 'durable')
        )
        select c.family as "family!", case when w.flow_id is not null then $4 else coalesce(o.read, $5) end as "outlet!",
               count(*) as "flows!", count(distinct e.company_id) as "firms!"
        from flows f join establishments e on e.id = f.establishment_id join flow_categories c on c.code = f.category
        left join unnest($2::text[], $3::text[]) as o (written, read) on o.written = f.outlet
        left join working w on w.flow_id = f.id
        where f.territory_id = $1 and f.deleted_at is null and e.archived_at is null and f.direction = 'outbound'
        group by 1, 2"#,
        scope.territory().uuid(),
        &written,
        &read,
        rank(Outlet::Synergy),
        rank(Outlet::Unknown)
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let outlet = Outlet::ALL
                .into_iter()
                .find(|outlet| rank(*outlet) == row.outlet)?;
            Some(Stream {
                family: Family::find(&row.family)?,
                outlet,
                flows: row.flows,
                firms: row.firms,
            })
        })
        .collect())
}

fn rank(outlet: Outlet) -> String {
    format!("{outlet:?}")
}

/// The communes of the territory and how many companies of each have a flow of the family.
pub async fn communes(
    db: &mut PgConnection,
    scope: &AggregateScope,
    family: Option<Family>,
) -> sqlx::Result<Vec<CommuneCell>> {
    sqlx::query_as!(
        CommuneCell,
        r#"
        with firms as (
            select e.insee, count(distinct e.company_id) as firms
            from flows f join establishments e on e.id = f.establishment_id left join flow_categories c on c.code = f.category
            where f.territory_id = $1 and f.deleted_at is null and e.archived_at is null and ($2::text is null or c.family = $2)
            group by e.insee
        )
        select c.insee, c.name, c.latitude as "latitude!", c.longitude as "longitude!", coalesce(f.firms, 0) as "firms!"
        from communes c left join firms f on f.insee = c.insee
        where c.latitude is not null and (f.insee is not null or c.insee in (select insee from territory_communes where territory_id = $1))
        order by c.insee"#,
        scope.territory().uuid(),
        family.map(Family::code)
    )
    .fetch_all(db)
    .await
}

/// Realised synergies between two communes, or within one.
pub async fn commune_ties(
    db: &mut PgConnection,
    scope: &AggregateScope,
    family: Option<Family>,
) -> sqlx::Result<Vec<CommuneTie>> {
    sqlx::query_as!(
        CommuneTie,
        r#"
        select least(a.insee, b.insee) as "one!", greatest(a.insee, b.insee) as "other!", count(distinct s.id) as "synergies!"
        from synergies s
        join synergy_members m on m.synergy_id = s.id and m.state <> 'withdrawn' join establishments a on a.id = m.establishment_id
        join synergy_members n on n.synergy_id = s.id and n.state <> 'withdrawn' and n.establishment_id > m.establishment_id
        join establishments b on b.id = n.establishment_id
        left join flow_categories c on c.code = s.category
        where s.territory_id = $1 and s.state in ('realised', 'durable') and a.insee is not null and b.insee is not null
          and ($2::text is null or c.family = $2)
        group by 1, 2 order by 1, 2"#,
        scope.territory().uuid(),
        family.map(Family::code)
    )
    .fetch_all(db)
    .await
}

/// How many companies each division of activity has, named by one of its classes.
pub async fn trades(db: &mut PgConnection, scope: &AggregateScope) -> sqlx::Result<Vec<Trade>> {
    sqlx::query_as!(
        Trade,
        r#"select min(naf) as naf, count(distinct company_id) as "firms!" from establishments
           where territory_id = $1 and archived_at is null group by left(naf, 2) order by 1"#,
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await
}

/// Synergies that somebody works on, between two classes of activity.
pub async fn ties(
    db: &mut PgConnection,
    scope: &AggregateScope,
    family: Option<Family>,
    year: Option<i32>,
) -> sqlx::Result<Vec<Tie>> {
    sqlx::query_as!(
        Tie,
        r#"
        select least(a.naf, b.naf) as one, greatest(a.naf, b.naf) as other,
               count(distinct s.id) filter (where s.state not in ('realised', 'durable')) as "under_way!",
               count(distinct s.id) filter (where s.state in ('realised', 'durable')) as "realised!"
        from synergies s
        join synergy_members m on m.synergy_id = s.id and m.state <> 'withdrawn' join establishments a on a.id = m.establishment_id
        join synergy_members n on n.synergy_id = s.id and n.state <> 'withdrawn' and n.establishment_id > m.establishment_id
        join establishments b on b.id = n.establishment_id
        left join flow_categories c on c.code = s.category
        where s.territory_id = $1 and ($2::text is null or c.family = $2)
          and ($3::integer is null or extract(year from s.proposed_at at time zone 'Europe/Paris') = $3)
          and s.state in ('under_review', 'prevalidated', 'contact_proposed', 'agreed', 'studied', 'implementing', 'realised', 'durable')
        group by 1, 2 order by 1, 2"#,
        scope.territory().uuid(),
        family.map(Family::code),
        year
    )
    .fetch_all(db)
    .await
}

/// What the people of one organisation did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    pub organisation: String,
    pub people: i64,
    pub visits: i64,
    pub flows: i64,
    pub decisions: i64,
}

/// From `since` on, up to `until` excluded, by organisation of whoever did it.
pub async fn activity(
    db: &mut PgConnection,
    scope: &AggregateScope,
    since: NaiveDate,
    until: NaiveDate,
) -> sqlx::Result<Vec<Activity>> {
    sqlx::query_as!(
        Activity,
        r#"
        with done as (
            select a.user_id, 'visit' as what, count(*) as n, coalesce(sum(f.n), 0) as flows
            from visits v join visit_advisors a on a.visit_id = v.id
            left join (select visit_id, count(*) as n from flows
                       where territory_id = $1 and deleted_at is null and visit_id is not null group by visit_id) f on f.visit_id = v.id
            where v.territory_id = $1 and v.status in ('done', 'validated') and v.visit_on >= $2 and v.visit_on < $3
            group by a.user_id
            union all
            select j.user_id, 'decision', count(distinct j.subject_id), 0
            from journal j
            where j.territory_id = $1 and j.subject = 'synergy' and j.after ? 'state' and j.user_id is not null
              and j.at >= $2::date::timestamp at time zone 'Europe/Paris' and j.at < $3::date::timestamp at time zone 'Europe/Paris'
            group by j.user_id
        )
        select coalesce(o.name, 'Sans organisation') as "organisation!", count(distinct d.user_id) as "people!",
               coalesce(sum(d.n) filter (where d.what = 'visit'), 0)::bigint as "visits!",
               coalesce(sum(d.flows), 0)::bigint as "flows!",
               coalesce(sum(d.n) filter (where d.what = 'decision'), 0)::bigint as "decisions!"
        from done d join users u on u.id = d.user_id left join organisations o on o.id = u.organisation_id
        group by 1 order by 3 desc, 5 desc, 1"#,
        scope.territory().uuid(),
        since,
        until
    )
    .fetch_all(db)
    .await
}

/// Flows of one family: how many are known, up to date, quantified; from how many companies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freshness {
    pub family: String,
    pub firms: i64,
    pub flows: i64,
    pub fresh: i64,
    pub quantified: i64,
}

/// A flow is up to date as long as the territory says, from the last time somebody vouched for it.
pub async fn freshness(
    db: &mut PgConnection,
    scope: &AggregateScope,
    today: NaiveDate,
) -> sqlx::Result<Vec<Freshness>> {
    sqlx::query_as!(
        Freshness,
        r#"
        select c.family as "family!", count(distinct e.company_id) as "firms!", count(*) as "flows!",
               count(*) filter (where greatest(f.observed_on, f.confirmed_on) > $2::date - make_interval(months => t.freshness_months)) as "fresh!",
               count(f.annual_quantity) as "quantified!"
        from flows f join establishments e on e.id = f.establishment_id join territories t on t.id = f.territory_id
        join flow_categories c on c.code = f.category
        where f.territory_id = $1 and f.deleted_at is null and e.archived_at is null group by 1 order by 1"#,
        scope.territory().uuid(),
        today
    )
    .fetch_all(db)
    .await
}

/// The zones of the territory.
pub async fn zones(
    db: &mut PgConnection,
    scope: &AggregateScope,
) -> sqlx::Result<Vec<(ZoneId, String, f64, f64)>> {
    let rows = sqlx::query!(
        r#"select id as "id: ZoneId", name, latitude, longitude from activity_zones where territory_id = $1 order by name"#,
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.id, row.name, row.latitude, row.longitude))
        .collect())
}
