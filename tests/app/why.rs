//! « Pourquoi rien ? », and what reviewers taught the engine.

use crate::support::{TestApp, make};
use maillage::flows;
use maillage::kernel::{Direction, Position};
use maillage::platform::access::Role;
use maillage::synergies::paths;

#[tokio::test]
async fn each_candidate_says_what_stops_it_and_what_would_let_it_in() {
    let test = TestApp::start().await;
    let giver = make::establishment(&test, test.territory, "Laverie du Loir").await;
    let near = Position::new(47.80, 1.08).unwrap();
    let taker = make::establishment_at(&test, test.territory, "Hôtel du Cygne", near).await;
    let what = ("Lavage de contenants", 500.0, "u");
    let flow = make::flow(&test, &giver, Direction::Outbound, "SRV-09", what).await;
    let linen = ("Lavage du linge", 900.0, "u");
    make::flow(&test, &taker, Direction::Inbound, "SRV-09", linen).await;
    let me = test.as_(Role::Advisor).await;
    let page = me.get(&flows::paths::why(&flow.id)).await;
    page.expect(200);
    let line = page.text("tbody tr");
    assert!(
        line.contains("Hôtel du Cygne") && line.contains("Objets différents"),
        "{line}"
    );
    assert!(
        line.contains("linge") && line.contains("libellé plus précis"),
        "{line}"
    );
    assert!(line.contains("km"), "{line}");
    let list = me.get(flows::paths::LIST).await;
    assert!(list.html().contains(&flows::paths::why(&flow.id)));
    let sheet = me.get(&maillage::companies::paths::show(&giver.id)).await;
    assert!(sheet.html().contains(&flows::paths::why(&flow.id)));

    let alone = make::flow(&test, &giver, Direction::Outbound, "MAT-12", ("Verre", 2.0, "t")).await;
    let page = me.get(&flows::paths::why(&alone.id)).await;
    assert!(page.text("tbody").contains("Aucun flux entrant de même nature"));
    assert!(page.text("#t-groupe + p").contains("Aucun autre établissement"));

    let elsewhere = make::territory(&test.system(), "Pays voisin").await;
    let user = make::user(&test, Role::Advisor, elsewhere).await;
    let stranger = test.signed_in(user).await;
    stranger.get(&flows::paths::why(&flow.id)).await.expect(404);
}

#[tokio::test]
async fn a_flow_that_could_be_grouped_says_what_it_lacks() {
    let test = TestApp::start().await;
    let me = test.as_(Role::Advisor).await;
    let one = make::establishment(&test, test.territory, "Laverie du Loir").await;
    let cardboard = ("Cartons", 1.0, "t");
    let flow = make::flow(&test, &one, Direction::Outbound, "MAT-01", cardboard).await;
    let said = async || {
        me.get(&flows::paths::why(&flow.id))
            .await
            .expect(200)
            .text("#t-groupe + p")
    };
    assert!(
        said().await.contains("Aucun autre établissement"),
        "{}",
        said().await
    );

    let neighbour = async |name: &str, lat: f64| {
        let at = Position::new(lat, 1.08).unwrap();
        let site = make::establishment_at(&test, test.territory, name, at).await;
        make::flow(&test, &site, Direction::Outbound, "MAT-01", cardboard).await;
    };
    neighbour("Hôtel lointain", 48.2).await;
    assert!(said().await.contains("Trop loin"), "{}", said().await);
    neighbour("Hôtel du Cygne", 47.80).await;
    assert!(said().await.contains("Masse critique"), "{}", said().await);
    for rank in 0..4 {
        neighbour(&format!("Commerce {rank}"), 47.80 + 0.001 * f64::from(rank)).await;
    }
    assert!(said().await.contains("Groupe"), "{}", said().await);
    assert!(
        said().await.contains("Collecte groupée de cartons"),
        "{}",
        said().await
    );
}

/// Decided proposals of one rule, the first `accepted` of them accepted.
async fn decided(test: &TestApp, count: i64, accepted: i64) {
    for rank in 0..count {
        let id = make::synergy(test).await;
        let verdict = if rank < accepted {
            "state = 'prevalidated'"
        } else {
            "state = 'rejected', motive = 'off_topic'"
        };
        test.execute(format!(
            "update synergies set origin = 'engine', category = 'MAT-01', decided_at = '2026-11-10', {verdict} where id = '{id}'"
        ))
        .await;
    }
}

#[tokio::test]
async fn precision_is_told_from_five_cases_on() {
    let test = TestApp::start().await;
    let me = test.as_(Role::Advisor).await;
    assert!(me.get(paths::PRECISION).await.expect(200).has(".empty"));
    decided(&test, 4, 1).await;
    let page = me.get(paths::PRECISION).await;
    assert!(page.text("#t-regles").contains("Par règle"));
    assert!(page.text("main").contains("peu de cas"));
    assert!(!page.text("main").contains("25 %"));
    decided(&test, 4, 1).await;
    let page = me.get(paths::PRECISION).await;
    let rule = page.texts("table tbody tr").pop().unwrap();
    assert!(rule.contains("25 %") && rule.contains("MAT-01"), "{rule}");
    assert!(rule.contains("33 % → 29 %") && rule.contains("2 sur 8"), "{rule}");
    let listed = me.get("/synergies?corbeille=ecartees&regle=MAT-01").await;
    assert_eq!(listed.texts(".rows li").len(), 6);
    assert!(listed.text(".chips").contains("Règle MAT-01"));

    let committee = test.as_(Role::Committee).await;
    let board = committee.get(maillage::dashboards::paths::BOARD).await;
    assert!(board.expect(200).text("main").contains("25 %"));
    committee.get(paths::PRECISION).await.expect(403);
}
