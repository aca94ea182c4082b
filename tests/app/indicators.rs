//! The indicators: each aggregate against the records themselves, a year from its opening to its
//! closing, what each role may see and do, the territory's own wording and indicators.

use crate::support::{Client, Reply, TestApp, make};
use chrono::{Datelike, NaiveDate};
use maillage::indicators::{Judged, catalogue, store};
use maillage::kernel::ids::ProgrammeId;
use maillage::platform::access::{AggregateScope, Role};
use maillage::programmes::{Programme, store as programmes};

/// Establishments, visits, flows, synergies and their results, money and meetings, drawn by the
/// database itself so that nothing of our own code makes them.
fn records(territory: &str, seed: u32) -> String {
    format!(
        "insert into motives (code, family, label) values ('essai', 'economic', 'essai') on conflict do nothing;
         insert into companies (id, territory_id, name, created_at)
            select md5('{seed}c' || n)::uuid, '{territory}', 'Canari ' || n, now() from generate_series(1, 24) n;
         insert into establishments (id, company_id, territory_id, name, naf, headcount, latitude, longitude, position_source,
                charter_signed_on, created_at, updated_at)
            select md5('{seed}e' || n)::uuid, md5('{seed}c' || n)::uuid, '{territory}', 'Canari ' || n,
                   (array['25.62B', '10.71C', '16.10A', null])[1 + (n * {seed}) % 4],
                   (array['h1_2', 'h10_19', 'h50_99', null]::headcount_band[])[1 + (n + {seed}) % 4],
                   47.7 + n * 0.01, 1 + (n % 7) * 0.02, 'manual', case when n % 3 = 0 then date '2024-06-01' + n * 20 end, now(), now()
            from generate_series(1, 24) n;
         insert into visits (id, territory_id, establishment_id, status, visit_on, created_at, validated_at)
            select md5('{seed}v' || n)::uuid, '{territory}', md5('{seed}e' || (1 + n * {seed} % 20))::uuid,
                   (array['done', 'validated', 'planned', 'cancelled']::visit_status[])[1 + n % 4], date '2023-01-10' + n * 31, now(),
                   case when n % 4 = 1 then now() end
            from generate_series(1, 40) n;
         insert into flows (id, territory_id, establishment_id, direction, category, label, quantity, unit, period, annual_quantity,
                source, observed_on, confirmed_on, created_at, updated_at, deleted_at)
            select md5('{seed}f' || n)::uuid, '{territory}', md5('{seed}e' || (1 + n % 24))::uuid, 'outbound', 'MAT-01', 'Cartons ' || n,
                   q, case when q is not null then 't' end, case when q is not null then 'year'::flow_period end, q,
                   'visit', date '2022-02-01' + n * 11, case when n % 5 = 0 then date '2025-03-01' + n end, now(), now(),
                   case when n % 9 = 0 then timestamptz '2025-06-01 12:00+02' end
            from (select n, case when n % 3 > 0 then n * 1.5 end as q from generate_series(1, 120) n) drawn;
         insert into synergies (id, territory_id, number, key, kind, origin, state, title, explanation, fingerprint, params_version,
                motive, wake_on, realised_on, proposed_at, updated_at, state_since)
            select md5('{seed}s' || n)::uuid, '{territory}', n, 'k{seed}-' || n,
                   (array['substitution', 'sharing', 'mutualisation']::synergy_kind[])[1 + n % 3], 'engine', state, 'Titre', '{{}}', 'f', 'v',
                   case when state in ('rejected', 'abandoned', 'interrupted') then 'essai' end, case when state = 'asleep' then date '2030-01-01' end,
                   case when state in ('realised', 'durable', 'interrupted') then date '2023-05-01' + n * 37 end,
                   timestamptz '2023-01-01 12:00+01' + n * interval '30 days', timestamptz '2023-02-01 12:00+01' + n * interval '30 days', timestamptz '2023-02-01 12:00+01' + n * interval '30 days'
            from (select n, (array['proposed', 'under_review', 'prevalidated', 'agreed', 'realised', 'durable', 'interrupted', 'rejected',
                                   'asleep', 'realised', 'implementing', 'abandoned']::synergy_state[])[1 + (n * {seed}) % 12] as state
                  from generate_series(1, 36) n) drawn;
         insert into synergy_members (synergy_id, establishment_id, side, state)
            select md5('{seed}s' || n)::uuid, md5('{seed}e' || (1 + (n * 5 + k * {seed}) % 24))::uuid,
                   (array['outbound', 'inbound', 'member']::member_side[])[1 + k],
                   (array['committed', 'withdrawn', 'interested']::member_state[])[1 + (n + k) % 3]
            from generate_series(1, 36) n, generate_series(0, 2) k;
         insert into synergy_results (synergy_id, origin, diverted_t, energy_mwh, water_m3, avoided_tco2e, savings_eur, jobs_fte, handled_t,
                treated_before, treated_after, virgin_t, freight_tkm, local_sales_eur, investment_eur, shared_jobs_fte, trained_people, new_activities)
            select s.id, 'declared', s.number * 1.25, case when s.number % 2 = 0 then s.number * 3.5 end, s.number * 10, s.number * 0.5,
                   s.number * 100 - 400, s.number * 0.1, s.number, 'energy', (array['disposal', 'recycling', 'reuse']::treatment[])[1 + s.number % 3],
                   s.number * 0.75, s.number * 20, s.number * 50, s.number * 1000, s.number * 0.01, s.number, s.number % 2
            from synergies s where s.territory_id = '{territory}' and s.number % 4 <> 1;
         insert into workshops (id, territory_id, title, state, held_on, participants)
            select md5('{seed}w' || n)::uuid, '{territory}', 'Atelier ' || n, 'closed'::workshop_state, date '2023-03-01' + n * 140, 10 + n from generate_series(1, 8) n;
         insert into workshop_guests (id, workshop_id, establishment_id, reason, is_present, mark, marked_at)
            select md5('{seed}g' || n || k)::uuid, md5('{seed}w' || n)::uuid, md5('{seed}e' || k)::uuid, 'Essai', (n + k) % 3 > 0,
                   1 + (n + k) % 4, timestamptz '2023-03-04 12:00+01' + n * interval '140 days' from generate_series(1, 8) n, generate_series(1, 6) k;
         insert into programmes (id, territory_id, name, starts_on, ends_on)
            values (md5('{seed}p')::uuid, '{territory}', 'Démarche', '2023-01-01', '2027-12-31');
         insert into expenses (id, programme_id, kind, payer, label, spent_on, hours, amount_eur)
            select md5('{seed}x' || n)::uuid, md5('{seed}p')::uuid, 'staff_time', 'Chambre', 'Temps', date '2023-02-01' + n * 45, n * 12.5, n * 311
            from generate_series(1, 22) n;
         insert into funding_lines (id, programme_id, phase, funder, is_external, period, starts_on, ends_on, is_acquired, amount_eur)
            select md5('{seed}l' || n)::uuid, md5('{seed}p')::uuid, 'Phase', 'Financeur ' || n % 4, n % 3 > 0, 'p' || n,
                   date '2023-01-01' + n * 90, date '2023-03-31' + n * 90, true, n * 1009 from generate_series(0, 11) n;
         insert into partners (id, programme_id, name, kind, is_on_committee)
            select md5('{seed}a' || n)::uuid, md5('{seed}p')::uuid, 'Partenaire ' || n,
                   (array['club', 'chamber', 'local_authority', 'company', 'funder']::partner_kind[])[1 + n % 5], n % 2 = 0 from generate_series(1, 9) n;
         insert into meetings (id, programme_id, kind, held_on, is_held, agenda)
            select md5('{seed}m' || n)::uuid, md5('{seed}p')::uuid, (array['steering', 'technical']::meeting_kind[])[1 + n % 2],
                   date '2023-04-01' + n * 100, n % 5 <> 0, 'Points' from generate_series(1, 10) n;
         insert into meeting_attendances (meeting_id, partner_id, is_present)
            select md5('{seed}m' || n)::uuid, md5('{seed}a' || k)::uuid, (n + k) % 3 > 0 from generate_series(1, 10) n, generate_series(1, 6) k;
         insert into outreach (id, programme_id, kind, title, held_on)
            select md5('{seed}o' || n)::uuid, md5('{seed}p')::uuid, (array['communication', 'exchange']::outreach_kind[])[1 + n % 2],
                   'Action', date '2023-05-01' + n * 60 from generate_series(1, 14) n;"
    )
}

/// Establishments with the day since when they are mobilised.
const MOBILISED: &str = "(select * from (
    select e.id, e.naf, e.headcount, e.charter_signed_on, least(
        (select min(visit_on) from visits where establishment_id = e.id and status in ('done', 'validated')),
        (select min(case when s.state in ('agreed', 'studied', 'implementing') then s.state_since::date else s.realised_on end)
         from synergy_members m join synergies s on s.id = m.synergy_id where m.establishment_id = e.id and m.state <> 'withdrawn')) as since
    from establishments e where e.territory_id = $t) met where since <= $d)";

/// Each indicator recomputed from the records in another way; `$d` is the day, `$t` the territory, `$m` those mobilised.
const RECOMPUTED: &[(&str, &str)] = &[
    ("A01", "select count(*) from establishments e where territory_id = $t and (
        (select min(visit_on) from visits where establishment_id = e.id and status in ('done', 'validated')) <= $d
        or exists (select from synergy_members m, synergies s where m.synergy_id = s.id and m.establishment_id = e.id and m.state <> 'withdrawn'
            and ((s.state in ('realised', 'durable', 'interrupted') and s.realised_on <= $d)
              or (s.state in ('agreed', 'studied', 'implementing') and s.updated_at::date <= $d))))"),
    ("A02", "select 100.0 * (select count(distinct id) from (
        select establishment_id as id from visits where territory_id = $t and status not in ('planned', 'cancelled') and visit_on <= $d
        union select m.establishment_id from synergy_members m join synergies s on s.id = m.synergy_id where s.territory_id = $t
            and m.state <> 'withdrawn' and (s.realised_on <= $d or s.state in ('agreed', 'studied', 'implementing') and s.updated_at::date <= $d)) x)
        / (select establishments from territories where id = $t)"),
    ("A03", "select count(*) from $m m where extract(year from since) = extract(year from $d)"),
    ("A06", "select -sum(p * ln(p)) / ln(nullif(count(*), 0)) from (
        select count(*)::float / sum(count(*)) over () as p from $m m where naf is not null group by left(naf, 2)) shares"),
    ("A07", "select count(distinct kind) from (
        select kind::text from partners where kind <> 'funder' union all select 'company' where exists (select from $m m)) acting"),
    ("A08", "select 100.0 * avg((headcount in ('none', 'h1_2', 'h3_5', 'h6_9'))::int) from $m m where headcount is not null"),
    ("A13", "select 100.0 * avg(coalesce(charter_signed_on <= $d, false)::int) from $m m"),
    ("A19", "select 100.0 * avg((times > 1)::int) from (
        select count(*) as times from workshop_guests g join workshops w on w.id = g.workshop_id
        where g.is_present and w.held_on <= $d and extract(year from w.held_on) = extract(year from $d) group by g.establishment_id) came"),
    ("A20", "select avg(mark) * 1.25 from workshop_guests where marked_at::date <= $d and extract(year from marked_at) = extract(year from $d)"),
    (
        "A05",
        "select 100.0 * avg((exists (select from flows f where f.establishment_id = e.id and f.deleted_at is null
            and (f.observed_on between $d - interval '24 months' + interval '1 day' and $d
              or f.confirmed_on between $d - interval '24 months' + interval '1 day' and $d))
          or exists (select from visits v where v.establishment_id = e.id and v.status in ('done', 'validated')
            and v.visit_on between $d - interval '24 months' + interval '1 day' and $d))::int)
         from establishments e where e.territory_id = $t",
    ),
    (
        "B04",
        "select 100.0 * avg((greatest(observed_on, case when confirmed_on <= $d then confirmed_on end) > $d - interval '24 months')::int)
         from flows where territory_id = $t and observed_on <= $d and (deleted_at is null or deleted_at::date > $d)",
    ),
    ("A04", "select count(*) from visits where territory_id = $t and status in ('done', 'validated') and visit_on <= $d
        and extract(year from visit_on) = extract(year from $d)"),
    ("A10", "select count(*) from meetings where is_held and held_on <= $d and extract(year from held_on) = extract(year from $d)"),
    ("A11", "select 100.0 * avg(a.is_present::int) from meetings m join meeting_attendances a on a.meeting_id = m.id
        where m.is_held and m.kind = 'steering' and m.held_on <= $d and extract(year from m.held_on) = extract(year from $d)"),
    ("A12", "select 100.0 * avg((kind in ('company', 'club'))::int) from partners where is_on_committee"),
    ("A16", "select sum(hours) / 1607 from expenses where spent_on <= $d and extract(year from spent_on) = extract(year from $d)"),
    ("A17", "select count(*) from workshops where held_on <= $d and territory_id = $t"),
    ("A18", "select avg(participants) from workshops where held_on <= $d and territory_id = $t"),
    ("A22", "select count(*) from outreach where kind = 'communication' and held_on <= $d and extract(year from held_on) = extract(year from $d)"),
    ("A23", "select count(*) from outreach where kind = 'exchange' and held_on <= $d and extract(year from held_on) = extract(year from $d)"),
    ("B01", "select count(*) from flows where territory_id = $t and observed_on <= $d and (deleted_at is null or deleted_at::date > $d)"),
    ("B03", "select 100.0 * avg((quantity is not null)::int) from flows where territory_id = $t and observed_on <= $d
        and (deleted_at is null or deleted_at::date > $d)"),
    ("B02", "select (select count(*) from flows where territory_id = $t and observed_on <= $d and (deleted_at is null or deleted_at::date > $d))::float
        / nullif((select count(distinct establishment_id) from visits where territory_id = $t and status in ('done', 'validated') and visit_on <= $d), 0)"),
    ("B06", "select 100.0 * count(*) filter (where state <> 'proposed' and least(state_since::date, realised_on) <= $d) / nullif(count(*), 0)
        from synergies where territory_id = $t and least(proposed_at::date, realised_on) <= $d"),
    ("B07", "select 100.0 * count(*) filter (where realised_on <= $d or state in ('prevalidated', 'agreed', 'implementing') and state_since::date <= $d)
        / nullif(count(*), 0)
        from synergies where territory_id = $t and state <> 'proposed' and least(state_since::date, realised_on) <= $d"),
    ("B09", "select 100.0 * count(*) filter (where state in ('realised', 'durable') and realised_on <= $d) / nullif(count(*), 0)
        from synergies where territory_id = $t
        and (realised_on <= $d or state in ('prevalidated', 'agreed', 'implementing') and state_since::date <= $d)"),
    ("B13", "select 100.0 * (select count(distinct m.establishment_id) from synergy_members m join synergies s on s.id = m.synergy_id
            where s.state in ('realised', 'durable') and s.realised_on <= $d and m.state <> 'withdrawn')
        / nullif((select count(*) from $m m), 0)"),
    ("B05", "select count(*) from synergies where territory_id = $t and least(proposed_at::date, realised_on) <= $d and state <> 'duplicate'"),
    ("B08", "select count(*) from synergies where territory_id = $t and state in ('realised', 'durable') and realised_on <= $d"),
    ("B11", "select 100.0 * avg((kind = 'substitution')::int) from synergies where territory_id = $t and state in ('realised', 'durable') and realised_on <= $d"),
    ("B12", "select 100.0 * avg((state = 'durable')::int) from synergies where territory_id = $t and state in ('realised', 'durable', 'interrupted')
        and realised_on + interval '12 months' <= $d"),
    ("B14", "select sum(r.diverted_t) from synergy_results r join synergies s on s.id = r.synergy_id where s.state in ('realised', 'durable') and s.realised_on <= $d"),
    ("B15", "select sum(r.virgin_t) from synergy_results r join synergies s on s.id = r.synergy_id where s.state in ('realised', 'durable') and s.realised_on <= $d"),
    ("B16", "select sum(r.energy_mwh) from synergy_results r join synergies s on s.id = r.synergy_id where s.state in ('realised', 'durable') and s.realised_on <= $d"),
    ("B17", "select sum(r.water_m3) from synergy_results r join synergies s on s.id = r.synergy_id where s.state in ('realised', 'durable') and s.realised_on <= $d"),
    ("B18", "select sum(r.freight_tkm) from synergy_results r join synergies s on s.id = r.synergy_id where s.state in ('realised', 'durable') and s.realised_on <= $d"),
    ("B19", "select sum(r.avoided_tco2e) from synergy_results r join synergies s on s.id = r.synergy_id where s.state in ('realised', 'durable') and s.realised_on <= $d"),
    ("B20", "select count(*) from synergies where kind = 'mutualisation' and state in ('realised', 'durable') and realised_on <= $d"),
    ("B21", "select 100.0 * sum(r.handled_t) filter (where r.treated_after in ('recycling', 'reuse')) / sum(r.handled_t)
        from synergy_results r join synergies s on s.id = r.synergy_id where s.state in ('realised', 'durable') and s.realised_on <= $d"),
    ("C01", "select sum(r.savings_eur) from synergy_results r join synergies s on s.id = r.synergy_id where s.state in ('realised', 'durable') and s.realised_on <= $d"),
    ("C03", "select sum(r.local_sales_eur) from synergy_results r join synergies s on s.id = r.synergy_id where s.state in ('realised', 'durable') and s.realised_on <= $d"),
    ("C04", "select sum(r.investment_eur) from synergy_results r join synergies s on s.id = r.synergy_id where s.state in ('realised', 'durable') and s.realised_on <= $d"),
    ("C06", "select sum(amount_eur) from expenses where spent_on <= $d and extract(year from spent_on) = extract(year from $d)"),
    ("C07", "select 100.0 * sum(amount_eur) filter (where is_external) / sum(amount_eur) from funding_lines where starts_on <= $d"),
    ("C08", "select 1 - sum(power(own / whole, 2)) from (select sum(amount_eur)::float as own, sum(sum(amount_eur)) over ()::float as whole
        from funding_lines where starts_on <= $d group by funder) shares"),
    ("C09", "select 100.0 * coalesce(sum(amount_eur) filter (where not is_external), 0) / sum(amount_eur) from funding_lines where starts_on <= $d"),
    ("C10", "select greatest(max(ends_on) - $d, 0) / 30.437 from funding_lines where is_acquired"),
    ("C11", "select (select sum(amount_eur) from expenses where spent_on <= $d)::float / nullif(count(*), 0)
        from synergies where territory_id = $t and state in ('realised', 'durable') and realised_on <= $d"),
    ("C12", "select sum(r.jobs_fte) from synergy_results r join synergies s on s.id = r.synergy_id where s.state in ('realised', 'durable') and s.realised_on <= $d"),
    ("C13", "select sum(r.shared_jobs_fte) from synergy_results r join synergies s on s.id = r.synergy_id where s.state in ('realised', 'durable') and s.realised_on <= $d"),
    ("C14", "select sum(r.trained_people) from synergy_results r join synergies s on s.id = r.synergy_id where s.state in ('realised', 'durable') and s.realised_on <= $d"),
    ("C15", "select sum(r.new_activities) from synergy_results r join synergies s on s.id = r.synergy_id where s.state in ('realised', 'durable') and s.realised_on <= $d"),
];

async fn number(test: &TestApp, query: &str) -> Option<f64> {
    use sqlx::Row;
    let query = format!("select ({query})::double precision");
    let rows = sqlx::raw_sql(sqlx::AssertSqlSafe(query))
        .fetch_one(&test.database.pool)
        .await;
    rows.unwrap().get(0)
}

#[tokio::test]
async fn each_aggregate_is_the_sum_of_its_records() {
    for seed in [5, 7, 11] {
        let test = TestApp::start().await;
        test.execute(records(&test.territory.to_string(), seed)).await;
        let system = test.system();
        let scope = AggregateScope::of_system(&system, test.territory);
        let days: Vec<_> = [(2023, 12, 31), (2024, 12, 31), (2025, 7, 14), (2026, 11, 1)]
            .into_iter()
            .map(|(year, month, day)| NaiveDate::from_ymd_opt(year, month, day).unwrap())
            .collect();
        let all = store::facts(&mut system.read().await.unwrap(), &scope, &days)
            .await
            .unwrap();
        let mut seen = 0;
        for facts in &all {
            for (code, sql) in RECOMPUTED {
                let sql = sql
                    .replace("$m", MOBILISED)
                    .replace("$d", &format!("date '{}'", facts.on))
                    .replace("$t", &format!("'{}'::uuid", test.territory));
                let (read, counted) = (
                    catalogue::find(code).unwrap().read(facts).value,
                    number(&test, &sql).await,
                );
                let agree = match (read, counted) {
                    (Some(read), Some(counted)) => (read - counted).abs() < 1e-6 * counted.abs().max(1.0),
                    (None, None) => true,
                    (Some(read), None) => read == 0.0,
                    (None, Some(_)) => false,
                };
                assert!(
                    agree,
                    "{code} on {} (seed {seed}): {read:?}, counted {counted:?}",
                    facts.on
                );
                seen += usize::from(read.is_some_and(|value| value != 0.0));
            }
        }
        assert!(seen > 90, "most figures are not trivial: {seen}");
    }
}

async fn programme(test: &TestApp) -> Programme {
    let today = test.system().today();
    let programme = Programme {
        id: ProgrammeId::fresh(),
        territory_id: test.territory,
        name: "Écologie industrielle du Pays d’essai".to_owned(),
        starts_on: NaiveDate::from_ymd_opt(today.year() - 2, 1, 1).unwrap(),
        ends_on: NaiveDate::from_ymd_opt(today.year() + 2, 12, 31).unwrap(),
        version: 1,
    };
    let scope = make::scope(test, test.territory);
    test.system()
        .transact(async |tx| -> anyhow::Result<()> {
            programmes::insert_programme(tx, &scope, &programme).await?;
            Ok(())
        })
        .await
        .unwrap();
    programme
}

/// The next such day.
fn travel_to(test: &TestApp, month: u32, day: u32) {
    let today = test.system().today();
    let on = |year| NaiveDate::from_ymd_opt(year, month, day).unwrap();
    let this_year = on(today.year());
    let there = if this_year > today {
        this_year
    } else {
        on(today.year() + 1)
    };
    test.travel_to(there);
}

/// Opens this year, and gives the address of its page.
async fn begin(pilot: &Client, test: &TestApp) -> (i32, String) {
    let year = test.system().today().year();
    let begun = pilot
        .post(
            "/evaluations",
            &[
                ("id", "0198c0de-0000-7000-8000-000000000001"),
                ("annee", &year.to_string()),
            ],
        )
        .await;
    begun.expect(303);
    assert_eq!(begun.location(), format!("/evaluations/{year}"));
    (year, format!("/evaluations/{year}"))
}

async fn answer(pilot: &Client, page: &str, code: &str, value: &str) -> Reply {
    let fields = [
        ("value", value),
        ("justification", "Registre papier de l’essai"),
        ("evidence", "Compte rendu de l’essai"),
        ("version", "0"),
    ];
    pilot.post(&format!("{page}/{code}"), &fields).await
}

#[tokio::test]
async fn a_year_is_answered_then_closed_and_keeps_its_values() {
    let test = TestApp::start().await;
    travel_to(&test, 7, 1);
    programme(&test).await;
    let pilot = test.as_(Role::Pilot).await;
    assert_eq!(
        pilot.get("/evaluations").await.text(".empty h2"),
        "Aucune année n’est évaluée"
    );
    let (year, page) = begin(&pilot, &test).await;
    let open = pilot.get(&page).await;
    open.expect(200);
    assert_eq!(open.texts("table.ind tbody tr").len(), 61);
    assert!(open.has("svg.radar title") && open.has("svg.radar desc"));
    assert!(open.text(".note").contains("Aperçu provisoire"));
    let early = pilot.post(&format!("{page}/cloture"), &[]).await;
    early.expect(409);
    assert!(
        early.text("main").contains("n’est pas finie"),
        "{}",
        early.text("main")
    );
    travel_to(&test, 12, 31);
    let pilot = test.as_(Role::Pilot).await;
    let refused = pilot.post(&format!("{page}/cloture"), &[]).await;
    refused.expect(422);
    let missing = refused.texts(".errsum li a");
    assert!(
        missing.len() > 5 && missing.iter().any(|m| m.starts_with("A14, ")),
        "{missing:?}"
    );
    for line in &missing {
        let code = line.split(',').next().unwrap();
        answer(&pilot, &page, code, "3").await.expect(303);
    }
    make::establishment(&test, test.territory, "Fonderie").await;
    let closed = pilot.post(&format!("{page}/cloture"), &[]).await;
    closed.expect(303);
    let kept = pilot.get(&page).await;
    assert!(
        kept.text(".head p:not(.crumb)").contains("Clôturée le"),
        "{}",
        kept.text(".head p:not(.crumb)")
    );
    let shown = |reply: &Reply| reply.texts("table.ind tbody tr td:nth-child(2)");
    let before = shown(&kept);
    test.execute(records(&test.territory.to_string(), 5)).await;
    assert_eq!(
        shown(&pilot.get(&page).await),
        before,
        "a closed year does not move"
    );
    answer(&pilot, &page, "A15", "2").await.expect(409);
    pilot.post(&format!("{page}/cloture"), &[]).await.expect(409);
    assert_eq!(
        test.count("select count(*) from journal where action = 'évaluation clôturée'")
            .await,
        1
    );
    assert!(
        pilot
            .get("/evaluations")
            .await
            .text("tbody tr")
            .contains(&year.to_string())
    );
}

#[tokio::test]
async fn a_correction_keeps_both_values_and_bad_input_is_kept() {
    let test = TestApp::start().await;
    let pilot = test.as_(Role::Pilot).await;
    let (_, page) = begin(&pilot, &test).await;
    let fields = [
        ("value", "beaucoup"),
        ("justification", "Essai"),
        ("version", "0"),
    ];
    let refused = pilot.post(&format!("{page}/A01"), &fields).await;
    refused.expect(422);
    assert_eq!(refused.attr("#f-value", "value").as_deref(), Some("beaucoup"));
    assert_eq!(refused.text("#f-justification").trim(), "Essai");
    answer(&pilot, &page, "A01", "72").await.expect(303);
    answer(&pilot, &page, "A01", "73").await.expect(409);
    let sheet = pilot.get(&format!("{page}/A01")).await;
    assert!(
        sheet.text(".panel").contains("corrigé") && sheet.text(".score").contains("72"),
        "{}",
        sheet.text(".panel")
    );
    assert!(sheet.text("main").contains("Valeur calculée gardée à côté : 0"));
    assert!(sheet.text("main").contains("Registre papier de l’essai"));
    pilot.get(&format!("{page}/Z99")).await.expect(404);
    pilot.get("/evaluations/2010").await.expect(404);
}

#[tokio::test]
async fn each_role_sees_what_it_may() {
    let test = TestApp::start().await;
    programme(&test).await;
    let pilot = test.as_(Role::Pilot).await;
    let (_, page) = begin(&pilot, &test).await;
    let site = make::establishment(&test, test.territory, "Canari unique").await;
    make::visit(&test, &site, maillage::visits::VisitStatus::Validated, Vec::new()).await;
    let value = |reply: &Reply| reply.text("table.ind tbody tr:first-child td:nth-child(2)");
    assert_eq!(value(&pilot.get(&page).await), "1");
    let advisor = test.as_(Role::Advisor).await;
    assert_eq!(value(&advisor.get(&page).await), "1");
    assert!(
        !advisor.get(&format!("{page}/A01")).await.has("main form"),
        "an advisor reads"
    );
    advisor
        .post(&format!("{page}/A01"), &[("value", "9")])
        .await
        .expect(403);
    assert!(
        advisor
            .get(&format!("{page}/donnees/etablissements"))
            .await
            .text("main")
            .contains("Canari unique")
    );
    for role in [Role::Committee, Role::Partner] {
        let reader = test.as_(role).await;
        assert_eq!(value(&reader.get(&page).await), "masqué", "{role}");
        assert!(
            reader
                .get(&format!("{page}/A01"))
                .await
                .text(".score")
                .contains("masqué")
        );
        let behind = reader.get(&format!("{page}/donnees/etablissements")).await;
        behind.expect(200);
        assert!(!behind.html().contains("Canari"), "no name for {role}");
        reader.get(&format!("{page}/donnees/visites")).await.expect(404);
        let csv = reader.get(&format!("{page}/export.csv")).await;
        csv.expect(200);
        assert!(csv.html().contains("A01;Entreprises mobilisées;non;Coopérations multi-acteurs;A1 Mobilisation;Gouvernance;oui;calculé;établissements;masqué;masqué"));
    }
    let csv = pilot.get(&format!("{page}/export.csv")).await.html();
    assert_eq!(csv.lines().filter(|l| l.starts_with(['A', 'B', 'C'])).count(), 61);
    assert!(csv.contains("établissements;1;1;"), "{csv}");
    let xlsx = pilot.get(&format!("{page}/export.xlsx")).await;
    xlsx.expect(200);
    assert!(xlsx.bytes.starts_with(b"PK"));
}

#[tokio::test]
async fn official_words_replace_the_proposed_ones_by_versions() {
    let test = TestApp::start().await;
    let pilot = test.as_(Role::Pilot).await;
    let (_, page) = begin(&pilot, &test).await;
    let fields = |title, low| {
        [
            ("title", title),
            ("official", "true"),
            ("bound_0", low),
            ("bound_100", "12"),
            ("version", "1"),
        ]
    };
    pilot
        .post("/referentiel/B10", &fields("Délai officiel", "12"))
        .await
        .expect(422);
    pilot
        .post("/referentiel/B10", &fields("Délai officiel", "36"))
        .await
        .expect(303);
    pilot
        .post("/referentiel/B10", &fields("Autre", "40"))
        .await
        .expect(409);
    let list = pilot.get("/referentiel").await;
    assert!(list.text("main").contains("Délai officiel officiel"));
    assert!(list.text("main").contains("56 calculés par l’application"));
    assert!(pilot.get(&page).await.text("main").contains("B10 Délai officiel"));
    assert!(
        pilot
            .get("/referentiel/B10")
            .await
            .text(".rows")
            .contains("36 → 12")
    );
}

#[tokio::test]
async fn the_contract_takes_targets_and_the_territorys_own_indicators() {
    let test = TestApp::start().await;
    let pilot = test.as_(Role::Pilot).await;
    let goals = |text| [("baseline_on", "1/1/2025"), ("baseline", "2"), ("goals", text)];
    pilot
        .post("/contrat/objectifs/A01", &goals("31/12/2028 : 100"))
        .await
        .expect(409);
    programme(&test).await;
    let refused = pilot.post("/contrat/objectifs/A01", &goals("2028 : 100")).await;
    refused.expect(422);
    assert!(refused.text("#f-goals").contains("2028 : 100"));
    pilot
        .post("/contrat/objectifs/A01", &goals("31/12/2028 : 100"))
        .await
        .expect(303);
    let own = "/contrat/indicateurs/0198c0de-0000-7000-8000-000000000002";
    let fields = |value| {
        [
            ("version", "0"),
            ("title", "Salariés en covoiturage"),
            ("unit", "personnes"),
            ("help", "Enquête annuelle."),
            ("counted_on", "1/3/2026"),
            ("value", value),
        ]
    };
    pilot.post(own, &fields("beaucoup")).await.expect(422);
    pilot.post(own, &fields("12")).await.expect(303);
    pilot.post(own, &fields("12")).await.expect(303);
    pilot
        .post("/contrat/objectifs/P01", &goals("31/12/2028 : 40"))
        .await
        .expect(303);
    let page = pilot.get("/contrat").await;
    page.expect(200);
    let row = |n: usize| {
        page.texts(&format!("table.many tbody tr:nth-child({n}) > *"))
            .join(" | ")
    };
    assert_eq!(page.texts("table.many tbody tr").len(), 7);
    assert!(
        row(1).starts_with("A01 Entreprises mobilisées | 0 | 21 janv. 2025 | = | 100 | 0 insuffisant"),
        "{}",
        row(1)
    );
    assert!(
        row(7).starts_with("P01 Salariés en covoiturage personnes | 12 | 21 janv. 2025 |"),
        "{}",
        row(7)
    );
    assert!(row(7).contains("| 40 |"), "{}", row(7));
    let other = make::territory(&test.system(), "Pays voisin").await;
    let neighbour = test.signed_in(make::user(&test, Role::Pilot, other).await).await;
    neighbour.get(own).await.expect(404);
    neighbour
        .post(own, &[("version", "1"), ("title", "Vol"), ("help", "x")])
        .await
        .expect(404);
}

#[tokio::test]
async fn territories_compare_only_when_both_agree() {
    let test = TestApp::start().await;
    let pilot = test.as_(Role::Pilot).await;
    let other = make::territory(&test.system(), "Pays voisin").await;
    test.execute(format!(
        "insert into evaluations (id, territory_id, year, state, closed_at, closed_by, frozen)
         values (md5('v')::uuid, '{other}', 2024, 'closed', now(), 'X', '[]')"
    ))
    .await;
    let neighbour = test.signed_in(make::user(&test, Role::Pilot, other).await).await;
    let (_, page) = begin(&pilot, &test).await;
    pilot
        .post("/evaluations/partage", &[("partage", "oui")])
        .await
        .expect(303);
    assert!(
        !pilot.get(&page).await.text("main").contains("Pays voisin"),
        "the other has not agreed"
    );
    neighbour
        .post("/evaluations/partage", &[("partage", "oui")])
        .await
        .expect(303);
    assert!(pilot.get(&page).await.text("main").contains("Pays voisin, 2024"));
    let compared = pilot.get(&format!("{page}?territoire={other}")).await;
    assert!(compared.text(".legend").contains("Pays voisin, 2024"));
    pilot
        .post("/evaluations/partage", &[("partage", "non")])
        .await
        .expect(303);
    assert!(!pilot.get(&page).await.text("main").contains("Pays voisin"));
}

#[tokio::test]
async fn results_of_a_synergy_feed_the_year() {
    let test = TestApp::start().await;
    let advisor = test.as_(Role::Advisor).await;
    test.execute(records(&test.territory.to_string(), 5)).await;
    use sqlx::Row;
    let id: uuid::Uuid = sqlx::raw_sql(
        "select id from synergies where state = 'realised' and number % 4 = 1 order by number limit 1",
    )
    .fetch_one(&test.database.pool)
    .await
    .unwrap()
    .get(0);
    let page = format!("/synergies/{id}/resultats");
    advisor.get(&page).await.expect(200);
    let refused = advisor.post(&page, &[("savings_eur", "beaucoup")]).await;
    refused.expect(422);
    assert_eq!(
        refused.attr("#f-savings_eur", "value").as_deref(),
        Some("beaucoup")
    );
    let system = test.system();
    let scope = AggregateScope::of_system(&system, test.territory);
    let saved = async || {
        let facts = store::facts(&mut system.read().await.unwrap(), &scope, &[system.today()])
            .await
            .unwrap();
        facts[0].realised.savings_eur.total.unwrap_or_default()
    };
    let before = saved().await;
    advisor
        .post(&page, &[("origin", "measured"), ("savings_eur", "1 250")])
        .await
        .expect(303);
    assert!((saved().await - before - 1_250.0).abs() < 1e-6);
    let judged = Judged::load(&mut system.read().await.unwrap(), &scope, 2024, system.today())
        .await
        .unwrap();
    assert!(judged.is_none(), "no year begins by itself");
}
