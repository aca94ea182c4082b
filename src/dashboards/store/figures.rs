//! The committee's reads: every one takes an [`AggregateScope`] and gives counts and sums, never a row of a
//! company. A contributor is a company: two sites of one company are one.

use crate::dashboards::model::funnel::{Delay, Part};
use crate::dashboards::model::ground::CommuneTie;
use crate::dashboards::model::network::{Tie, Trade};
use crate::kernel::ids::ZoneId;
use crate::nomenclature::Family;
use crate::platform::access::AggregateScope;
use chrono::NaiveDate;
use sqlx::PgConnection;

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

/// The middle number of days from each step to the next, as the journal dates them. A synergy that was
/// realised before it was proposed was only recorded: its steps took no time.
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
              and (s.realised_on is null or s.realised_on >= (s.proposed_at at time zone 'Europe/Paris')::date)
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

/// Realised synergies between two communes, or within one, by family.
pub async fn commune_ties(db: &mut PgConnection, scope: &AggregateScope) -> sqlx::Result<Vec<CommuneTie>> {
    let rows = sqlx::query!(
        r#"
        select least(a.insee, b.insee) as "one!", greatest(a.insee, b.insee) as "other!", c.family as "family?",
               count(distinct s.id) as "synergies!"
        from synergies s
        join synergy_members m on m.synergy_id = s.id and m.state <> 'withdrawn' join establishments a on a.id = m.establishment_id
        join synergy_members n on n.synergy_id = s.id and n.state <> 'withdrawn' and n.establishment_id > m.establishment_id
        join establishments b on b.id = n.establishment_id
        left join flow_categories c on c.code = s.category
        where s.territory_id = $1 and s.state in ('realised', 'durable') and a.insee is not null and b.insee is not null
        group by 1, 2, 3 order by 1, 2, 3"#,
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| CommuneTie {
            one: row.one,
            other: row.other,
            family: row.family.as_deref().and_then(Family::find),
            synergies: row.synergies,
        })
        .collect())
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

/// Synergies that somebody works on, between two classes of activity, by family and year of proposal. Groups,
/// where everybody works with everybody, are left out: they would hide the rest.
pub async fn ties(db: &mut PgConnection, scope: &AggregateScope) -> sqlx::Result<Vec<Tie>> {
    let rows = sqlx::query!(
        r#"
        select least(a.naf, b.naf) as one, greatest(a.naf, b.naf) as other, c.family as "family?",
               extract(year from s.proposed_at at time zone 'Europe/Paris')::integer as "year!",
               count(distinct s.id) filter (where s.state not in ('realised', 'durable')) as "under_way!",
               count(distinct s.id) filter (where s.state in ('realised', 'durable')) as "realised!"
        from synergies s
        join synergy_members m on m.synergy_id = s.id and m.state <> 'withdrawn' join establishments a on a.id = m.establishment_id
        join synergy_members n on n.synergy_id = s.id and n.state <> 'withdrawn' and n.establishment_id > m.establishment_id
        join establishments b on b.id = n.establishment_id
        left join flow_categories c on c.code = s.category
        where s.territory_id = $1 and s.kind <> 'mutualisation'
          and (is_moving(s.state) or s.state in ('realised', 'durable'))
        group by 1, 2, 3, 4 order by 1, 2, 3, 4"#,
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Tie {
            one: row.one,
            other: row.other,
            family: row.family.as_deref().and_then(Family::find),
            year: row.year,
            under_way: row.under_way,
            realised: row.realised,
        })
        .collect())
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
            cross join lateral (select count(*) as n from flows where visit_id = v.id and deleted_at is null) f
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
