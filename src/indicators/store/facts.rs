//! The facts of several days at once, each group of them by a query of its own.

use super::kept;
use crate::flows::Certainty;
use crate::indicators::facts::{
    Effects, Funding, Inventory, Leads, Money, People, Realised, RealisedSynergy, Shape, Steering, YearFacts,
    Yearly,
};
use crate::kernel::Position;
use crate::platform::access::AggregateScope;
use crate::programmes::model::PartnerKind;
use crate::synergies::Kind;
use chrono::NaiveDate;
use sqlx::PgConnection;
use uuid::Uuid;

/// The facts of the territory at the end of each of these days, in the same order.
pub async fn facts(
    db: &mut PgConnection,
    scope: &AggregateScope,
    days: &[NaiveDate],
) -> sqlx::Result<Vec<YearFacts>> {
    let synergies = realised(db, scope).await?;
    let people = people(db, scope, days).await?;
    let steering = steering(db, scope, days).await?;
    let inventory = inventory(db, scope, days).await?;
    let leads = leads(db, scope, days).await?;
    let money = money(db, scope, days).await?;
    let all = days
        .iter()
        .zip(people)
        .zip(steering)
        .zip(inventory)
        .zip(leads)
        .zip(money);
    Ok(all
        .map(
            |(((((on, people), steering), inventory), leads), money)| YearFacts {
                on: *on,
                people,
                steering,
                inventory,
                leads,
                realised: Realised::at(*on, &synergies),
                money,
            },
        )
        .collect())
}

async fn people(
    db: &mut PgConnection,
    scope: &AggregateScope,
    days: &[NaiveDate],
) -> sqlx::Result<Vec<People>> {
    sqlx::query_as!(
        People,
        r#"
        with visited as materialized (
            select v.establishment_id, min(v.visit_on) as since from visits v
            where v.territory_id = $1 and v.status in ('done', 'validated') group by v.establishment_id
        ), mobilised as (
            select met.establishment_id, min(met.since) as since from (
                select establishment_id, since from visited
                union all
                select m.establishment_id, d.agreed_on
                from synergy_dates d join synergy_members m on m.synergy_id = d.synergy_id
                where d.territory_id = $1 and m.state <> 'withdrawn' and d.agreed_on is not null
            ) met group by met.establishment_id
        ), met as materialized (
            select m.since, left(e.naf, 2) as division, e.headcount, e.charter_signed_on
            from mobilised m join establishments e on e.id = m.establishment_id
        )
        select counted.mobilised as "mobilised!",
               (select t.establishments::bigint from territories t where t.id = $1) as perimeter,
               counted.in_year as "mobilised_in_year!",
               (select count(*) from visits v where v.territory_id = $1 and v.status in ('done', 'validated')
                    and v.visit_on between date_trunc('year', given.day)::date and given.day) as "visits_in_year!",
               (select count(*) from visited v where v.since <= given.day) as "diagnosed!",
               array(select count(*) from met where met.since <= given.day and met.division is not null
                     group by met.division order by met.division) as "divisions!",
               counted.headcount_known as "headcount_known!", counted.small as "small!", counted.chartered as "chartered!"
        from unnest($2::date[]) with ordinality as given (day, rank)
        cross join lateral (
            select count(*) as mobilised, count(*) filter (where m.since >= date_trunc('year', given.day)::date) as in_year,
                   count(*) filter (where m.headcount is not null) as headcount_known,
                   count(*) filter (where m.headcount in ('none', 'h1_2', 'h3_5', 'h6_9')) as small,
                   count(*) filter (where m.charter_signed_on <= given.day) as chartered
            from met m where m.since <= given.day) counted
        order by given.rank"#,
        scope.territory().uuid(),
        days
    )
    .fetch_all(db)
    .await
}

async fn steering(
    db: &mut PgConnection,
    scope: &AggregateScope,
    days: &[NaiveDate],
) -> sqlx::Result<Vec<Steering>> {
    sqlx::query_as!(
        Steering,
        r#"
        with own as (select id from programmes where territory_id = $1),
        came as (
            select g.establishment_id, w.held_on from workshops w join workshop_guests g on g.workshop_id = w.id
            where w.territory_id = $1 and w.state in ('held', 'closed') and g.is_present
        ), marks as (
            select g.mark, (g.marked_at at time zone 'Europe/Paris')::date as given_on
            from workshops w join workshop_guests g on g.workshop_id = w.id
            where w.territory_id = $1 and g.mark is not null
            union all
            select o.mark, (o.given_at at time zone 'Europe/Paris')::date
            from synergies s join satisfactions o on o.synergy_id = s.id where s.territory_id = $1
        )
        select array(select distinct p.kind from partners p where p.programme_id = running.id) as "partner_kinds!: Vec<PartnerKind>",
               (select count(*) from partners p where p.programme_id = running.id and p.is_on_committee) as "committee!",
               (select count(*) from partners p where p.programme_id = running.id and p.is_on_committee
                    and p.kind in ('company', 'club')) as "committee_companies!",
               (select count(*) from meetings m where m.programme_id in (select id from own) and m.is_held
                    and m.held_on between date_trunc('year', given.day)::date and given.day) as "meetings_in_year!",
               (select count(*) from meetings m join meeting_attendances a on a.meeting_id = m.id
                where m.programme_id in (select id from own) and m.is_held and m.kind = 'steering'
                    and m.held_on between date_trunc('year', given.day)::date and given.day) as "invited_in_year!",
               (select count(*) from meetings m join meeting_attendances a on a.meeting_id = m.id
                where m.programme_id in (select id from own) and m.is_held and m.kind = 'steering' and a.is_present
                    and m.held_on between date_trunc('year', given.day)::date and given.day) as "present_in_year!",
               (select count(*) from workshops w where w.territory_id = $1 and w.held_on <= given.day and w.state in ('held', 'closed')) as "workshops!",
               (select coalesce(sum(w.participants), 0) from workshops w where w.territory_id = $1 and w.held_on <= given.day and w.state in ('held', 'closed')) as "workshop_people!",
               (select count(*) from outreach o where o.programme_id in (select id from own) and o.kind = 'communication'
                    and o.held_on between date_trunc('year', given.day)::date and given.day) as "communications_in_year!",
               (select count(*) from outreach o where o.programme_id in (select id from own) and o.kind = 'exchange'
                    and o.held_on between date_trunc('year', given.day)::date and given.day) as "exchanges_in_year!",
               loyalty.came as "came_in_year!", loyalty.loyal as "loyal_in_year!",
               opinion.marks as "marks_in_year!", opinion.mark as mark_in_year
        from unnest($2::date[]) with ordinality as given (day, rank)
        left join lateral (
            select p.id from programmes p where p.territory_id = $1
            order by (given.day between p.starts_on and p.ends_on) desc, p.starts_on desc, p.id limit 1) running on true
        cross join lateral (
            select count(*) as came, count(*) filter (where times > 1) as loyal
            from (select count(*) as times from came
                  where held_on between date_trunc('year', given.day)::date and given.day group by establishment_id) each) loyalty
        cross join lateral (
            select count(*) as marks, avg(mark)::float8 as mark from marks
            where given_on between date_trunc('year', given.day)::date and given.day) opinion
        order by given.rank"#,
        scope.territory().uuid(),
        days
    )
    .fetch_all(db)
    .await
}

async fn inventory(
    db: &mut PgConnection,
    scope: &AggregateScope,
    days: &[NaiveDate],
) -> sqlx::Result<Vec<Inventory>> {
    match kept::inventory(db, scope, days).await? {
        Some(kept) => Ok(kept),
        None => sum_inventory(db, scope, days).await,
    }
}

/// Straight from the records.
pub(super) async fn sum_inventory(
    db: &mut PgConnection,
    scope: &AggregateScope,
    days: &[NaiveDate],
) -> sqlx::Result<Vec<Inventory>> {
    sqlx::query_as!(
        Inventory,
        r#"
        with known as materialized (
            select f.observed_on, f.confirmed_on, f.quantity is not null as quantified,
                   (f.deleted_at at time zone 'Europe/Paris')::date as gone_on,
                   (e.archived_at at time zone 'Europe/Paris')::date as archived_on, t.freshness_months, count(*) as flows
            from flows f join establishments e on e.id = f.establishment_id join territories t on t.id = f.territory_id
            where f.territory_id = $1 group by 1, 2, 3, 4, 5, 6
        ), seen as materialized (
            select f.establishment_id, f.observed_on as day from flows f where f.territory_id = $1 and f.deleted_at is null
            union select f.establishment_id, f.confirmed_on from flows f
                  where f.territory_id = $1 and f.deleted_at is null and f.confirmed_on is not null
            union select v.establishment_id, v.visit_on from visits v where v.territory_id = $1 and v.status in ('done', 'validated')
        )
        select coalesce(sum(k.flows), 0)::bigint as "flows!",
               coalesce(sum(k.flows) filter (where k.quantified), 0)::bigint as "quantified!",
               coalesce(sum(k.flows) filter (where
                   (case when k.confirmed_on <= given.day then greatest(k.observed_on, k.confirmed_on) else k.observed_on end)
                   > given.day - make_interval(months => k.freshness_months)), 0)::bigint as "fresh!",
               (select count(*) from (
                    select from seen s join establishments e on e.id = s.establishment_id join territories t on t.id = e.territory_id
                    where s.day <= given.day and s.day > given.day - make_interval(months => t.freshness_months)
                      and (e.archived_at is null or (e.archived_at at time zone 'Europe/Paris')::date > given.day)
                    group by s.establishment_id) fresh) as "up_to_date!",
               (select count(*) from establishments e where e.territory_id = $1
                  and (e.archived_at is null or (e.archived_at at time zone 'Europe/Paris')::date > given.day)) as "followed!"
        from unnest($2::date[]) with ordinality as given (day, rank)
        left join known k on k.observed_on <= given.day and (k.gone_on is null or k.gone_on > given.day)
                         and (k.archived_on is null or k.archived_on > given.day)
        group by given.rank, given.day order by given.rank"#,
        scope.territory().uuid(),
        days
    )
    .fetch_all(db)
    .await
}

async fn leads(
    db: &mut PgConnection,
    scope: &AggregateScope,
    days: &[NaiveDate],
) -> sqlx::Result<Vec<Leads>> {
    sqlx::query_as!(
        Leads,
        r#"
        with leads as materialized (
            select d.proposed_on, d.examined_on, d.prevalidated_on, d.told_on, s.realised_on
            from synergy_dates d join synergies s on s.id = d.synergy_id
            where d.territory_id = $1 and s.state <> 'duplicate' and (s.is_current or s.state <> 'proposed')
        )
        select count(*) filter (where l.proposed_on <= given.day) as "detected!",
               count(*) filter (where l.examined_on <= given.day) as "examined!",
               count(*) filter (where l.prevalidated_on <= given.day) as "prevalidated!",
               count(*) filter (where l.realised_on <= given.day) as "reached!",
               percentile_cont(0.5) within group (order by (l.realised_on - l.told_on)::double precision)
                   filter (where l.realised_on <= given.day and l.told_on <= l.realised_on) as delay_days,
               count(*) filter (where l.realised_on <= given.day and l.told_on <= l.realised_on) as "delays!"
        from unnest($2::date[]) with ordinality as given (day, rank) left join leads l on true
        group by given.rank order by given.rank"#,
        scope.territory().uuid(),
        days
    )
    .fetch_all(db)
    .await
}

async fn money(
    db: &mut PgConnection,
    scope: &AggregateScope,
    days: &[NaiveDate],
) -> sqlx::Result<Vec<Money>> {
    let funding = sqlx::query_as!(
        Funding,
        r#"select f.funder, f.is_external, f.is_acquired, f.starts_on, f.ends_on, f.amount_eur::bigint as "amount_eur!"
           from funding_lines f join programmes p on p.id = f.programme_id
           where p.territory_id = $1 order by f.starts_on, f.id"#,
        scope.territory().uuid()
    )
    .fetch_all(&mut *db)
    .await?;
    let rows = sqlx::query!(
        r#"
        with spent as (select e.* from expenses e join programmes p on p.id = e.programme_id where p.territory_id = $1)
        select coalesce(sum(s.amount_eur) filter (where s.spent_on >= date_trunc('year', given.day)::date), 0)::bigint as "in_year!",
               coalesce(sum(s.amount_eur), 0)::bigint as "spent!",
               coalesce(sum(s.hours) filter (where s.spent_on >= date_trunc('year', given.day)::date), 0) as "hours!",
               count(s.id) filter (where s.spent_on >= date_trunc('year', given.day)::date) > 0 as "any!"
        from unnest($2::date[]) with ordinality as given (day, rank)
        left join spent s on s.spent_on <= given.day
        group by given.rank order by given.rank"#,
        scope.territory().uuid(),
        days
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Money {
            spent_in_year: row.in_year,
            spent: row.spent,
            hours_in_year: row.hours,
            has_expenses: row.any,
            funding: funding.clone(),
        })
        .collect())
}

/// A realised synergy as the database keeps it.
struct RealisedRow {
    id: Uuid,
    since: NaiveDate,
    durable_on: Option<NaiveDate>,
    interrupted_on: Option<NaiveDate>,
    kind: Kind,
    told_from: Option<NaiveDate>,
    origin: Option<Certainty>,
    diverted_t: Option<f64>,
    virgin_t: Option<f64>,
    energy_mwh: Option<f64>,
    water_m3: Option<f64>,
    freight_tkm: Option<f64>,
    car_km: Option<f64>,
    avoided_tco2e: Option<f64>,
    ranked_t: Option<f64>,
    improved_t: Option<f64>,
    savings_eur: Option<f64>,
    local_sales_eur: Option<f64>,
    investment_eur: Option<f64>,
    jobs_fte: Option<f64>,
    shared_jobs_fte: Option<f64>,
    trained_people: Option<f64>,
    new_activities: Option<f64>,
    members: Vec<Uuid>,
    latitudes: Vec<f64>,
    longitudes: Vec<f64>,
}

impl RealisedRow {
    fn read(self) -> RealisedSynergy {
        let effects = self.effects();
        let places = self.latitudes.iter().zip(&self.longitudes);
        RealisedSynergy {
            id: self.id,
            since: self.since,
            durable_on: self.durable_on,
            interrupted_on: self.interrupted_on,
            shape: match self.kind {
                Kind::Substitution => Shape::Substitution,
                Kind::Sharing => Shape::Sharing,
                Kind::Mutualisation => Shape::Mutualisation,
            },
            places: places
                .filter_map(|(lat, lon)| Position::new(*lat, *lon).ok())
                .collect(),
            members: self.members,
            origin: self.origin,
            effects: Yearly::estimated(effects),
        }
    }

    fn effects(&self) -> Effects {
        Effects {
            diverted_t: self.diverted_t,
            virgin_t: self.virgin_t,
            energy_mwh: self.energy_mwh,
            water_m3: self.water_m3,
            freight_tkm: self.freight_tkm,
            car_km: self.car_km,
            avoided_tco2e: self.avoided_tco2e,
            ranked_t: self.ranked_t,
            improved_t: self.improved_t,
            savings_eur: self.savings_eur,
            local_sales_eur: self.local_sales_eur,
            investment_eur: self.investment_eur,
            jobs_fte: self.jobs_fte,
            shared_jobs_fte: self.shared_jobs_fte,
            trained_people: self.trained_people,
            new_activities: self.new_activities,
        }
    }
}

async fn realised(db: &mut PgConnection, scope: &AggregateScope) -> sqlx::Result<Vec<RealisedSynergy>> {
    let rows = sqlx::query_as!(
        RealisedRow,
        r#"select s.id, s.realised_on as "since!", d.durable_on, d.interrupted_on, s.kind as "kind: Kind", r.since as "told_from?",
                  r.origin as "origin?: Certainty",
                  r.diverted_t, r.virgin_t, r.energy_mwh, r.water_m3, r.freight_tkm, r.car_km, r.avoided_tco2e,
                  case when r.treated_before is not null and r.treated_after is not null then r.handled_t end as ranked_t,
                  case when r.treated_after > r.treated_before then r.handled_t end as improved_t,
                  r.savings_eur, r.local_sales_eur, r.investment_eur, r.jobs_fte, r.shared_jobs_fte,
                  r.trained_people::double precision as trained_people, r.new_activities::double precision as new_activities,
                  array(select m.establishment_id from synergy_members m
                        where m.synergy_id = s.id and m.state <> 'withdrawn' order by m.establishment_id) as "members!: Vec<Uuid>",
                  array(select e.latitude from synergy_members m join establishments e on e.id = m.establishment_id
                        where m.synergy_id = s.id and m.state <> 'withdrawn' and e.latitude is not null order by e.id) as "latitudes!: Vec<f64>",
                  array(select e.longitude from synergy_members m join establishments e on e.id = m.establishment_id
                        where m.synergy_id = s.id and m.state <> 'withdrawn' and e.latitude is not null order by e.id) as "longitudes!: Vec<f64>"
           from synergies s join synergy_dates d on d.synergy_id = s.id left join synergy_effects r on r.synergy_id = s.id
           where s.territory_id = $1 and s.state in ('realised', 'durable', 'interrupted') order by s.realised_on, s.id, r.since"#,
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await?;
    let mut found: Vec<RealisedSynergy> = Vec::new();
    for row in rows {
        match (found.last_mut(), row.told_from) {
            (Some(last), Some(from)) if last.id == row.id => {
                last.origin = row.origin;
                last.effects.tell(from, row.effects());
            }
            _ => found.push(row.read()),
        }
    }
    Ok(found)
}
