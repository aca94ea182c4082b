//! The homes, the committee's board and its files, the programme.

use crate::support::{Reply, TestApp, make};
use chrono::{Datelike, Duration, NaiveDate};
use maillage::companies::Establishment;
use maillage::kernel::Direction;
use maillage::kernel::ids::{CommitmentId, FundingLineId, ProgrammeId};
use maillage::nomenclature::FlowCode;
use maillage::platform::access::Role;
use maillage::programmes::{
    Commitment, CommitmentState, FundingLine, Programme, Target, store as programmes,
};
use maillage::visits::VisitStatus;
use maillage::workshops::{Workshop, WorkshopState, store as workshops};

/// The rows of a table, their cells apart.
fn rows(page: &Reply, table: &str) -> Vec<String> {
    let count = page.texts(&format!("{table} tbody tr")).len();
    (1..=count)
        .map(|n| {
            page.texts(&format!("{table} tbody tr:nth-child({n}) > *"))
                .join(" | ")
        })
        .collect()
}

/// A synergy between these establishments, in this state.
async fn synergy(test: &TestApp, number: i32, state: &str, members: &[&Establishment]) {
    let (motive, wake, realised) = match state {
        "rejected" => ("(select min(code) from motives)", "null", "null"),
        "asleep" => ("null", "current_date + 90", "null"),
        "realised" => ("null", "null", "current_date - 10"),
        _ => ("null", "null", "null"),
    };
    let mut statements = format!(
        "insert into motives (code, family, label) values ('essai', 'economic', 'essai') on conflict do nothing;
         insert into synergies (id, territory_id, number, key, kind, origin, state, title, explanation, fingerprint,
                                params_version, motive, wake_on, realised_on, proposed_at, updated_at, state_since)
         values (md5('s{number}')::uuid, '{}', {number}, 'k{number}', 'substitution', 'engine', '{state}', 'Titre', '{{}}',
                 'f', 'v', {motive}, {wake}, {realised}, now(), now(), now());",
        test.territory
    );
    for (side, member) in ["outbound", "inbound"].iter().zip(members) {
        statements += &format!(
            "insert into synergy_members (synergy_id, establishment_id, side) values (md5('s{number}')::uuid, '{}', '{side}');",
            member.id
        );
    }
    test.execute(statements).await;
}

async fn programme(test: &TestApp) -> Programme {
    let today = test.system().today();
    let programme = Programme {
        id: ProgrammeId::fresh(),
        territory_id: test.territory,
        name: "Écologie industrielle du Pays d’essai".to_owned(),
        starts_on: today - Duration::days(900),
        ends_on: today + Duration::days(900),
        version: 1,
    };
    let scope = make::scope(test, test.territory);
    let due = |years| NaiveDate::from_ymd_opt(today.year() + years, 12, 31).unwrap();
    let target = |years, value, is_baseline| Target {
        indicator: "A01".to_owned(),
        due_on: due(years),
        value,
        is_baseline,
    };
    let line = |funder: &str, period: &str, amount_eur| FundingLine {
        id: FundingLineId::fresh(),
        starts_on: today,
        ends_on: today,
        is_acquired: true,
        version: 0,
        phase: "Expérimentation".to_owned(),
        funder: funder.to_owned(),
        is_external: funder != "CCI",
        period: period.to_owned(),
        amount_eur,
    };
    let commitment = Commitment {
        id: CommitmentId::fresh(),
        version: 0,
        partner: "Chambre".to_owned(),
        what: "Diagnostiquer\nApparier".to_owned(),
        period: "deux ans".to_owned(),
        state: CommitmentState::InDiscussion,
        next_step: Some("Réunir les financeurs".to_owned()),
    };
    test.system()
        .transact(async |tx| -> anyhow::Result<()> {
            programmes::insert_programme(tx, &scope, &programme).await?;
            for target in [
                target(-1, Some(2.0), true),
                target(1, Some(80.0), false),
                target(3, Some(100.0), false),
            ] {
                programmes::insert_target(tx, &scope, &programme, &target).await?;
            }
            for line in [
                line("ADEME", "2018", 6_437),
                line("CCI", "2018", 9_580),
                line("CCI", "2019", 19_161),
            ] {
                assert!(programmes::save_funding_line(tx, &scope, &programme, &line).await?);
                assert!(
                    !programmes::save_funding_line(tx, &scope, &programme, &line).await?,
                    "twice is once"
                );
            }
            programmes::save_commitment(tx, &scope, &programme, &commitment).await?;
            let codes = [
                FlowCode::find("MAT-01").unwrap(),
                FlowCode::find("MAT-03").unwrap(),
            ];
            programmes::set_priorities(tx, &scope, today, &codes, 25).await?;
            Ok(())
        })
        .await
        .unwrap();
    programme
}

#[tokio::test]
async fn everyone_arrives_on_their_own_page() {
    let test = TestApp::start().await;
    let arrival = async |role| {
        let reply = test.as_(role).await.get("/").await;
        (reply.status.as_u16(), reply.location().to_owned())
    };
    for role in [Role::Pilot, Role::Advisor, Role::Admin] {
        assert_eq!(arrival(role).await, (200, String::new()), "{role}");
    }
    for role in [Role::Partner, Role::Committee] {
        assert_eq!(
            arrival(role).await,
            (303, "/tableau-de-bord".to_owned()),
            "{role}"
        );
    }
    assert_eq!(arrival(Role::Company).await, (303, "/mon-espace".to_owned()));
    assert!(test.nobody().get("/").await.location().starts_with("/connexion"));
}

#[tokio::test]
async fn a_new_advisor_is_told_where_to_begin_then_that_nothing_waits() {
    let test = TestApp::start().await;
    let advisor = test.as_(Role::Advisor).await;
    assert_eq!(
        advisor.get("/").await.text(".empty h2"),
        "Commencez par une entreprise"
    );
    make::establishment(&test, test.territory, "Fonderie").await;
    assert_eq!(advisor.get("/").await.text(".empty h2"), "Rien ne vous attend");
}

#[tokio::test]
async fn an_advisor_sees_what_waits_for_them_and_not_for_others() {
    let test = TestApp::start().await;
    let advisor = test.as_(Role::Advisor).await;
    let [mine, other] = [
        make::establishment(&test, test.territory, "Fonderie").await,
        make::establishment(&test, test.territory, "Verrerie").await,
    ];
    make::visit(&test, &mine, VisitStatus::Planned, vec![advisor.user]).await;
    make::visit(&test, &other, VisitStatus::Planned, Vec::new()).await;
    make::flow(
        &test,
        &other,
        Direction::Outbound,
        "MAT-01",
        ("Cartons", 12.0, "t"),
    )
    .await;
    test.execute("update flows set observed_on = current_date - 1000".to_owned())
        .await;
    synergy(&test, 1, "proposed", &[&mine, &other]).await;
    let page = advisor.get("/").await;
    page.expect(200);
    assert_eq!(
        page.texts(".next b"),
        [
            "Urgent : Visite à faire : Fonderie",
            "1 proposition à étudier",
            "1 flux à confirmer : Verrerie"
        ]
    );
    assert!(page.text(".head p").contains("3 actions, dont 1 urgente"));
    assert!(page.text(".agenda").contains("Visite, Fonderie"));
    let news = page.texts(".line li");
    assert!(
        news.iter()
            .any(|n| n.starts_with("Verrerie : ") && n.contains("flux ajouté")),
        "{news:?}"
    );
    assert!(!page.html().contains("{\""), "no raw data");
}

#[tokio::test]
async fn the_board_counts_without_a_programme() {
    let test = TestApp::start().await;
    let committee = test.as_(Role::Committee).await;
    let page = committee.get("/tableau-de-bord").await;
    page.expect(200);
    assert!(page.text(".note").contains("Aucune démarche"));
    assert_eq!(page.texts(".ind thead th").len(), 3);
    assert!(page.text("main").contains("Le comité n’a pas encore choisi"));
    committee.get("/demarche").await.expect(200);
}

#[tokio::test]
async fn the_board_sets_figures_beside_targets_and_names_nobody() {
    let test = TestApp::start().await;
    programme(&test).await;
    let mut sites = Vec::new();
    for n in 0..5 {
        let site = make::establishment(&test, test.territory, &format!("Canari numéro {n}")).await;
        make::visit(&test, &site, VisitStatus::Validated, Vec::new()).await;
        make::flow(
            &test,
            &site,
            Direction::Outbound,
            "MAT-01",
            ("Cartons du canari", 100.0 + f64::from(n), "t"),
        )
        .await;
        sites.push(site);
    }
    make::flow(
        &test,
        &sites[0],
        Direction::Outbound,
        "MAT-03",
        ("Palettes du canari", 777.0, "u"),
    )
    .await;
    for number in 0..4 {
        synergy(&test, number, "prevalidated", &[&sites[0], &sites[1]]).await;
    }
    for number in 4..6 {
        synergy(&test, number, "realised", &[&sites[2], &sites[3]]).await;
    }
    let committee = test.as_(Role::Committee).await;
    let page = committee.get("/tableau-de-bord").await;
    page.expect(200);
    let lines = rows(&page, ".ind");
    assert!(
        lines[0].starts_with("Entreprises mobilisées | 2 | 5 | 5 % de l’objectif | 80 | 100"),
        "{lines:?}"
    );
    assert!(
        lines[1].contains("| < 3 |"),
        "two realised synergies are not counted out loud: {lines:?}"
    );
    let funnel = rows(&page, "details.data table");
    assert!(
        funnel.iter().any(|row| row.starts_with("Pré-validées | 6")),
        "{funnel:?}"
    );
    assert!(
        funnel.iter().any(|row| row == "Réalisées | < 3 |  | "),
        "{funnel:?}"
    );
    let priorities = rows(&page, "[aria-label='Tableau des flux prioritaires'] table");
    assert_eq!(
        priorities,
        [
            "MAT-01 Papier-carton (emballages) | 510 t | – | 5 | 5",
            "MAT-03 Palettes bois | masqué | – | masqué | masqué"
        ]
    );
    assert!(page.has("svg.fun title") && page.has("svg.fun desc"));
    let csv = committee.get("/tableau-de-bord.csv").await;
    csv.expect(200);
    let text = csv.html();
    assert!(
        text.starts_with('\u{feff}') && text.contains("A01;Entreprises mobilisées;établissements;2;5;"),
        "{text}"
    );
    assert!(
        text.contains("MAT-03;Palettes bois;u.;masqué;–;masqué;masqué"),
        "{text}"
    );
    for body in [page.html(), text] {
        for secret in ["anari", "777", "41269"] {
            assert!(!body.contains(secret), "{secret} shows");
        }
    }
    let xlsx = committee.get("/tableau-de-bord.xlsx").await;
    xlsx.expect(200);
    assert!(xlsx.bytes.starts_with(b"PK"));
    assert!(
        xlsx.headers["content-disposition"]
            .to_str()
            .unwrap()
            .starts_with("attachment; filename=\"tableau-de-bord-")
    );
}

#[tokio::test]
async fn the_board_goes_back_to_the_end_of_a_year() {
    let test = TestApp::start().await;
    programme(&test).await;
    let scope = make::scope(&test, test.territory);
    let year = test.system().today().year() - 1;
    for (title, year) in [("Ancien", year), ("Récent", year + 1)] {
        let held_on = NaiveDate::from_ymd_opt(year, 1, 15).unwrap();
        let workshop = Workshop {
            state: WorkshopState::Held,
            participants: 12,
            ..Workshop::on(test.territory, title, held_on)
        };
        test.system()
            .transact(async |tx| -> anyhow::Result<()> {
                assert!(workshops::insert(tx, &scope, &workshop).await?);
                assert!(!workshops::insert(tx, &scope, &workshop).await?, "twice is once");
                Ok(())
            })
            .await
            .unwrap();
    }
    let partner = test.as_(Role::Partner).await;
    let held = async |query: &str| {
        let page = partner.get(&format!("/tableau-de-bord{query}")).await;
        rows(&page, ".ind")[2].clone()
    };
    let now = held("").await;
    assert!(
        now.starts_with("Ateliers et rencontres | –non fixé | 2 |"),
        "{now}"
    );
    let then = held(&format!("?annee={year}")).await;
    assert!(
        then.starts_with("Ateliers et rencontres | –non fixé | 1 |"),
        "{then}"
    );
    assert_eq!(held("?annee=1789").await, now);
    partner.get("/tableau-de-bord?annee=douze").await.expect(200);
}

#[tokio::test]
async fn the_programme_shows_commitments_and_the_funding_plan_with_its_totals() {
    let test = TestApp::start().await;
    programme(&test).await;
    let partner = test.as_(Role::Partner).await;
    let page = partner.get("/demarche").await;
    page.expect(200);
    assert!(page.text("main").contains("MAT-01"));
    assert_eq!(page.text("h1"), "Écologie industrielle du Pays d’essai");
    assert_eq!(
        rows(&page, "[aria-label='Partenaires et engagements'] table"),
        ["Chambre | DiagnostiquerApparier | deux ans | en discussion | Réunir les financeurs"]
    );
    let page = partner.get("/demarche/budget").await;
    page.expect(200);
    assert_eq!(
        rows(&page, "[aria-label='Financement : Expérimentation'] table"),
        [
            "ADEME | 6 437 | – | 6 437",
            "CCI porteur | 9 580 | 19 161 | 28 741"
        ]
    );
    assert_eq!(page.texts("tfoot tr > *").join(" "), "Total 16 017 19 161 35 178");
    let journal = "select count(*) from journal where subject = 'programme'";
    assert_eq!(test.count(journal).await, 8);
}

#[tokio::test]
async fn the_committee_of_a_territory_counts_only_its_own() {
    let test = TestApp::start().await;
    let elsewhere = make::territory(&test.system(), "Ailleurs").await;
    let foreign = make::establishment(&test, elsewhere, "Étranger").await;
    for _ in 0..3 {
        make::visit(&test, &foreign, VisitStatus::Validated, Vec::new()).await;
    }
    let page = test.as_(Role::Committee).await.get("/tableau-de-bord").await;
    assert!(rows(&page, ".ind")[0].starts_with("Entreprises mobilisées | 0 |"));
}
