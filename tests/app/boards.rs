//! The boards: every aggregate against the records, the same figure everywhere, nobody to be guessed.

use crate::support::pdf::Paper;
use crate::support::{TestApp, make};
use maillage::dashboards::model::cut::Cut;
use maillage::dashboards::store::{figures, sums};
use maillage::kernel::Direction;
use maillage::nomenclature::Family;
use maillage::platform::access::{AggregateScope, Role};
use sqlx::Row;
use std::fmt::Write;

const PAGES: [&str; 5] = [
    "/tableau-de-bord",
    "/tableau-de-bord/flux",
    "/tableau-de-bord/carte",
    "/tableau-de-bord/synergies",
    "/tableau-de-bord/activite",
];

/// Numbers that follow from a seed.
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// A state, and the synergy that a duplicate repeats: the first, which is none itself.
fn state_of(draw: &mut Draw, rank: u64) -> (&'static str, &'static str) {
    const STATES: [&str; 8] = [
        "proposed",
        "under_review",
        "prevalidated",
        "contact_proposed",
        "agreed",
        "realised",
        "durable",
        "duplicate",
    ];
    let state = STATES[usize::try_from(draw.below(if rank == 0 { 7 } else { 8 })).unwrap()];
    let repeats = if state == "duplicate" {
        "md5('s0')::uuid"
    } else {
        "null"
    };
    (state, repeats)
}

/// A territory at random: sites of shared companies, flows with and without quantity, some thrown away,
/// synergies in every state.
async fn fill(test: &TestApp, seed: u64) {
    const CODES: [&str; 5] = ["MAT-01", "MAT-03", "ENE-04", "RHC-05", "EAU-02"];
    const INSEE: [&str; 3] = ["41269", "41003", "41149"];
    let mut draw = Draw(seed);
    let t = test.territory;
    let (firms, sites, flows, synergies) = (12 + draw.below(8), 26, 90 + draw.below(60), 40);
    let mut sql = String::new();
    for z in 0..2 {
        write!(sql, "insert into activity_zones (id, territory_id, name, latitude, longitude) values (md5('z{z}')::uuid, '{t}', 'Zone {z}', 47.8, 1.05);").unwrap();
    }
    for c in 0..firms {
        write!(sql, "insert into companies (id, territory_id, name, created_at) values (md5('c{c}')::uuid, '{t}', 'Société {c}', now());").unwrap();
    }
    for e in 0..sites {
        let zone = match draw.below(3) {
            2 => "null".to_owned(),
            z => format!("md5('z{z}')::uuid"),
        };
        let archived = if draw.below(9) == 0 { "now()" } else { "null" };
        write!(
            sql,
            "insert into establishments (id, company_id, territory_id, name, naf, insee, zone_id, created_at, updated_at, archived_at)
             values (md5('e{e}')::uuid, md5('c{}')::uuid, '{t}', 'Site {e}', '25.62B', '{}', {zone}, now(), now(), {archived});",
            draw.below(firms),
            INSEE[usize::try_from(draw.below(3)).unwrap()]
        )
        .unwrap();
    }
    for f in 0..flows {
        let quantity = if draw.below(4) == 0 {
            "null".to_owned()
        } else {
            draw.below(900).to_string()
        };
        let direction = if draw.below(2) == 0 { "outbound" } else { "inbound" };
        let deleted = if draw.below(10) == 0 { "now()" } else { "null" };
        let category = CODES[usize::try_from(draw.below(5)).unwrap()];
        write!(
            sql,
            "insert into flows (id, territory_id, establishment_id, direction, category, label, annual_quantity, source, observed_on, outlet, created_at, updated_at, deleted_at)
             values (md5('f{f}')::uuid, '{t}', md5('e{}')::uuid, '{direction}', '{category}', 'Flux {f}', {quantity}, 'import',
                     current_date - {}, (array['benne', 'recyclage', null])[{}], now(), now(), {deleted});",
            draw.below(sites),
            draw.below(1_400),
            draw.below(3) + 1
        )
        .unwrap();
    }
    for s in 0..synergies {
        let (state, repeats) = state_of(&mut draw, s);
        let realised = if matches!(state, "realised" | "durable") {
            "current_date - 5"
        } else {
            "null"
        };
        let (one, other) = (draw.below(sites), draw.below(sites - 1));
        let other = if other >= one { other + 1 } else { other };
        write!(
            sql,
            "insert into synergies (id, territory_id, number, key, kind, origin, state, category, title, explanation, fingerprint, params_version, realised_on, duplicate_of, is_current, proposed_at, updated_at, state_since)
             values (md5('s{s}')::uuid, '{t}', {s}, 'k{s}', 'substitution', 'engine', '{state}', '{}', 'T', '{{}}', 'f', 'v', {realised}, {repeats}, {}, now() - interval '{} days', now(), now());
             insert into synergy_members (synergy_id, establishment_id, flow_id, side) values (md5('s{s}')::uuid, md5('e{one}')::uuid, md5('f{}')::uuid, 'outbound'), (md5('s{s}')::uuid, md5('e{other}')::uuid, null, 'inbound');",
            CODES[usize::try_from(draw.below(5)).unwrap()],
            draw.below(4) > 0,
            draw.below(900),
            draw.below(flows)
        )
        .unwrap();
    }
    test.execute(sql).await;
}

fn scope(test: &TestApp) -> AggregateScope {
    AggregateScope::of_system(&test.system(), test.territory)
}

/// Each aggregate is the sum of the records, computed another way: one plain statement per figure.
#[tokio::test]
async fn every_aggregate_is_the_sum_of_its_records() {
    for seed in [3, 1_415, 92_653] {
        let test = TestApp::start().await;
        fill(&test, seed).await;
        let (scope, t) = (scope(&test), test.territory);
        let mut db = test.system().read().await.unwrap();
        let living = format!(
            "from flows f, establishments e, companies c where f.establishment_id = e.id and e.company_id = c.id
             and f.territory_id = '{t}' and f.deleted_at is null and e.archived_at is null"
        );
        let working = "exists (select 1 from synergies s, synergy_members m where m.synergy_id = s.id and m.flow_id = f.id
                       and m.state <> 'withdrawn' and s.state in ('realised', 'durable'))";
        let found = sums::categories(&mut db, &scope, None).await.unwrap();
        assert_eq!(found.len(), 5, "seed {seed}");
        for one in &found {
            let of = format!("{living} and f.category = '{}'", one.code);
            let mut places = vec![(String::new(), &one.whole)];
            for (zone, sums) in &one.zones {
                let zone = zone.map_or(" and e.zone_id is null".to_owned(), |zone| {
                    format!(" and e.zone_id = '{zone}'")
                });
                places.push((zone, sums));
            }
            for (place, sums) in places {
                let count = async |wish: &str| {
                    test.count(format!("select count(distinct c.id) {of}{place}{wish}"))
                        .await
                };
                let total = async |way: &str| {
                    test.count(format!("select coalesce(sum(f.annual_quantity), -1)::bigint {of}{place} and f.direction = '{way}'")).await
                };
                assert_eq!(sums.firms, count("").await, "{} {place} seed {seed}", one.code);
                assert_eq!(sums.solved, count(&format!(" and {working}")).await);
                for (side, way) in [(&sums.leaving, "outbound"), (&sums.entering, "inbound")] {
                    assert_eq!(side.firms, count(&format!(" and f.direction = '{way}'")).await);
                    assert_eq!(
                        side.quantified,
                        count(&format!(
                            " and f.direction = '{way}' and f.annual_quantity is not null"
                        ))
                        .await
                    );
                    assert!(
                        (side.total.unwrap_or(-1.0) - f64::from(i32::try_from(total(way).await).unwrap()))
                            .abs()
                            < 1e-6
                    );
                    let largest = format!(
                        "select coalesce(max(q), -1)::bigint from (select sum(f.annual_quantity) as q {of}{place} and f.direction = '{way}' group by c.id) as by_company"
                    );
                    assert!(
                        (side.largest.unwrap_or(-1.0)
                            - f64::from(i32::try_from(test.count(largest).await).unwrap()))
                        .abs()
                            < 1e-6
                    );
                }
            }
        }
        let streams = sums::streams(&mut db, &scope, None).await.unwrap();
        let leaving = test
            .count(format!("select count(*) {living} and f.direction = 'outbound'"))
            .await;
        assert_eq!(streams.iter().map(|stream| stream.flows).sum::<i64>(), leaving);
        for cell in sums::communes(&mut db, &scope, None).await.unwrap() {
            let firms = test
                .count(format!(
                    "select count(distinct c.id) {living} and e.insee = '{}'",
                    cell.insee
                ))
                .await;
            assert_eq!(cell.firms, firms, "{}", cell.name);
        }
        assert_eq!(
            sums::flows(&mut db, &scope).await.unwrap(),
            test.count(format!("select count(*) {living}")).await
        );
        let fresh = sums::freshness(&mut db, &scope, test.system().today())
            .await
            .unwrap();
        let up_to_date = format!(
            "select count(*) {living} and f.observed_on > '{}'::date - interval '24 months'",
            test.system().today()
        );
        assert_eq!(
            fresh
                .iter()
                .filter(|one| one.is_whole)
                .map(|one| one.fresh)
                .sum::<i64>(),
            test.count(up_to_date).await
        );
        let parts = figures::funnel(&mut db, &scope).await.unwrap();
        let alive = format!(
            "select count(*) from synergies where territory_id = '{t}' and state <> 'duplicate' and (is_current or state <> 'proposed')"
        );
        assert_eq!(
            parts.iter().map(|part| part.reached[0]).sum::<i64>(),
            test.count(alive).await
        );
        let realised = format!(
            "select count(*) from synergies where territory_id = '{t}' and state in ('realised', 'durable')"
        );
        assert_eq!(
            parts.iter().map(|part| part.reached[5]).sum::<i64>(),
            test.count(realised.clone()).await
        );
        let ties = figures::ties(&mut db, &scope).await.unwrap();
        assert_eq!(
            ties.iter().map(|tie| tie.realised).sum::<i64>(),
            test.count(realised).await,
            "pairs of two sites"
        );
    }
}

#[tokio::test]
async fn every_board_opens_under_every_filter_and_names_nobody() {
    let test = TestApp::start().await;
    fill(&test, 7).await;
    let canary = make::establishment(&test, test.territory, "Canari Zinzolin").await;
    make::flow(
        &test,
        &canary,
        Direction::Outbound,
        "MAT-05",
        ("Rebuts zinzolin", 4_321.0, "t"),
    )
    .await;
    let committee = test.as_(Role::Committee).await;
    let zone = "00000000-0000-0000-0000-000000000000";
    for page in PAGES {
        for query in [
            "",
            "?famille=MAT",
            "?annee=2025&famille=ENE",
            "?famille=XYZ&annee=douze&zone=la",
        ] {
            let reply = committee.get(&format!("{page}{query}")).await;
            reply.expect(200);
            for secret in ["inzolin", "4 321", "4321", "4 320", "Société 1", "Site 2"] {
                assert!(!reply.html().contains(secret), "{page}{query} tells {secret}");
            }
            assert!(reply.has(".tabs [aria-current='page']"), "{page}");
        }
    }
    let flows = committee
        .get(&format!("/tableau-de-bord/flux?famille=MAT&zone={zone}"))
        .await;
    flows.expect(200);
    assert!(flows.has("svg.sankey title") && flows.has("svg.sankey desc"));
    let kept = committee
        .get("/tableau-de-bord/carte?famille=MAT&annee=2025")
        .await;
    assert!(
        kept.html()
            .contains("/tableau-de-bord/synergies?annee=2025&#38;famille=MAT"),
        "filters follow the tabs"
    );
    assert!(
        !kept.html().contains("/flux?categorie"),
        "a committee has no list of flows"
    );
    let advisor = test.as_(Role::Advisor).await.get("/tableau-de-bord/flux").await;
    assert!(advisor.has("a[href='/flux?categorie=MAT-01']"));
}

#[tokio::test]
async fn one_set_of_figures_serves_the_screen_and_the_files() {
    let test = TestApp::start().await;
    fill(&test, 11).await;
    test.execute(format!(
        "insert into programmes (id, territory_id, name, starts_on, ends_on)
         values (md5('p')::uuid, '{}', 'Démarche d’essai', current_date - 100, current_date + 900)",
        test.territory
    ))
    .await;
    make::user(&test, Role::Committee, test.territory).await;
    let mut db = test.system().read().await.unwrap();
    let today = test.system().today();
    let set = maillage::dashboards::Figures::load(&mut db, &scope(&test), &Cut::default(), today)
        .await
        .unwrap();
    let committee = test.as_(Role::Committee).await;
    let page = committee.get("/tableau-de-bord").await;
    let csv = committee.get("/tableau-de-bord.csv").await;
    let deck = committee.get("/rapports/copil.pdf").await;
    let deck = Paper::read(&deck.bytes).text();
    let letter = letter(&test, today).await;
    let heads = set.contract.headlines();
    assert!(heads.len() >= 3);
    for (rank, head) in heads.iter().enumerate() {
        let row = page.text(&format!(".ind tbody tr:nth-child({})", rank + 1));
        assert!(
            row.contains(head.title) && row.contains(&head.figure),
            "{row} / {head:?}"
        );
        let text = csv.html();
        let line = text
            .lines()
            .find(|line| line.contains(&format!(";{};", head.title)))
            .unwrap();
        let told = head.figure.replace('\u{a0}', "");
        assert!(
            line.replace('\u{a0}', "").split(';').any(|cell| cell == told),
            "{line} / {head:?}"
        );
        let plain = |text: &str| text.replace(['\u{a0}', '\u{202f}'], " ");
        assert!(letter.contains(&head.words()), "{letter} / {head:?}");
        assert!(
            plain(&deck).contains(&plain(head.title)) && plain(&deck).contains(&plain(&head.figure)),
            "{deck} / {head:?}"
        );
    }
}

/// The letter of the quarter as it would be written today.
async fn letter(test: &TestApp, today: chrono::NaiveDate) -> String {
    let heads = "select count(*) from programmes";
    assert_eq!(test.count(heads).await, 1, "a letter needs a programme");
    maillage::dashboards::letter(&test.system(), test.territory, today)
        .await
        .unwrap();
    let written = sqlx::raw_sql("select body from letters where topic = 'quarter' limit 1");
    written.fetch_one(&test.database.pool).await.unwrap().get(0)
}

/// A large inventory is read from its kept sums: the same figures, and the moment they are of.
#[tokio::test]
async fn kept_sums_are_the_sums_of_the_records() {
    let test = TestApp::start().await;
    fill(&test, 77).await;
    let (scope, today) = (scope(&test), test.system().today());
    let everything = async || {
        let mut db = test.system().read().await.unwrap();
        let days = [today, today - chrono::Months::new(3)];
        (
            sums::categories(&mut db, &scope, None).await.unwrap(),
            sums::whole_categories(&mut db, &scope, Some(Family::Mat))
                .await
                .unwrap(),
            sums::streams(&mut db, &scope, None).await.unwrap(),
            sums::communes(&mut db, &scope, Some(Family::Mat)).await.unwrap(),
            sums::freshness(&mut db, &scope, today).await.unwrap(),
            sums::flows(&mut db, &scope).await.unwrap(),
            maillage::indicators::store::facts(&mut db, &scope, &days)
                .await
                .unwrap(),
        )
    };
    let live = everything().await;
    let rewrite = async || {
        test.system()
            .transact(async |tx| -> anyhow::Result<()> {
                tx.nothing_to_record();
                Ok(sums::rewrite(tx, &scope).await?)
            })
            .await
            .unwrap();
    };
    rewrite().await;
    assert_eq!(everything().await, live);
    test.execute("update flows set deleted_at = now()".to_owned())
        .await;
    assert_eq!(everything().await, live, "read as they were kept");
    let page = test.as_(Role::Committee).await.get("/tableau-de-bord/flux").await;
    assert!(
        page.text(".head p").contains("flux comptés"),
        "{}",
        page.text(".head p")
    );
    rewrite().await;
    assert_eq!(everything().await.5, 0);
    maillage::dashboards::sum_up(&test.system(), test.territory)
        .await
        .unwrap();
    assert_eq!(
        test.count("select count(*) from kept_sums").await,
        0,
        "a small inventory keeps none"
    );
    assert_eq!(
        test.count("select count(*) from jobs where name = 'sums_due'")
            .await,
        0
    );
}
