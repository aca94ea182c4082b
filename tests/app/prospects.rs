//! Whom to visit, whom the territory lacks, and what is only presumed.

use crate::support::{TestApp, make};
use maillage::companies::{Establishment, Headcount, changes::SitesChanged, store as companies};
use maillage::kernel::ids::EstablishmentId;
use maillage::kernel::{Direction, Position};
use maillage::nomenclature::FlowCode;
use maillage::platform::access::Role;
use maillage::platform::jobs;
use maillage::prospects::paths;
use maillage::visits::VisitStatus;

async fn deduce(test: &TestApp) {
    let territory = test.territory;
    test.system()
        .transact(async |tx| -> anyhow::Result<()> {
            tx.nothing_to_record();
            Ok(jobs::enqueue(tx, &SitesChanged { territory }).await?)
        })
        .await
        .unwrap();
    test.run_jobs().await;
    assert_eq!(
        test.count("select count(*) from jobs where state <> 'done'")
            .await,
        0
    );
}

/// A workshop of twenty people that nobody has visited.
async fn unvisited(test: &TestApp, name: &str, north: f64) -> Establishment {
    let place = Position::new(47.79 + north, 1.07).unwrap();
    let made = make::establishment_at(test, test.territory, name, place).await;
    let sized = Establishment {
        headcount: Some(Headcount::From20),
        ..made.clone()
    };
    let scope = make::scope(test, test.territory);
    test.system()
        .transact(async |tx| -> anyhow::Result<()> {
            assert!(companies::save(tx, &scope, &made, &sized).await?);
            Ok(())
        })
        .await
        .unwrap();
    sized
}

/// A visited establishment that takes scrap metal, two that have none of it to give.
async fn territory(test: &TestApp) -> (Establishment, Establishment) {
    let taker = make::establishment(test, test.territory, "Fonderie du Héron").await;
    make::visit(test, &taker, VisitStatus::Validated, Vec::new()).await;
    make::flow(
        test,
        &taker,
        Direction::Inbound,
        "MAT-10",
        ("Ferrailles", 400.0, "t"),
    )
    .await;
    (taker, unvisited(test, "Usinage du Bleuet", 0.01).await)
}

fn scrap(of: EstablishmentId) -> (EstablishmentId, FlowCode, Direction) {
    (of, FlowCode::find("MAT-10").unwrap(), Direction::Outbound)
}

#[tokio::test]
async fn the_ranking_says_whom_to_visit_and_why() {
    let test = TestApp::start().await;
    let me = test.as_(Role::Advisor).await;
    let page = me.get(paths::VISITS).await;
    assert_eq!(
        page.expect(200).text(".empty h2"),
        "Le classement n’a pas encore été fait"
    );
    let (taker, prospect) = territory(&test).await;
    let far = unvisited(&test, "Atelier Lointain", 3.0).await;
    deduce(&test).await;
    let page = me.get(paths::VISITS).await;
    page.expect(200);
    let names = page.texts("article h2").join(" ");
    assert!(
        names.find("Usinage du Bleuet") < names.find("Atelier Lointain"),
        "{names}"
    );
    assert!(
        !names.contains(&taker.name),
        "a visited establishment is not ranked"
    );
    let reasons = page.texts("article li").join(" ");
    assert!(
        reasons.contains("pour « Ferrailles » de Fonderie du Héron"),
        "{reasons}"
    );
    assert!(page.texts("article .badge").join(" ").contains("présumé"));
    let plan = format!("/visites/nouvelle?etablissement={}", prospect.id);
    assert!(page.has(&format!("a[href=\"{plan}\"]")));
    assert!(me.get(&plan).await.expect(200).has("form"));
    // Filters of the address.
    let none = me.get("/qui-visiter?naf=A").await;
    assert_eq!(
        none.expect(200).text(".empty h2"),
        "Personne à visiter pour ces filtres"
    );
    let some = me.get("/qui-visiter?naf=C&commune=41269").await;
    assert!(some.expect(200).texts("article h2").join(" ").contains(&far.name));
    // The three next ones greet the advisor.
    assert!(
        me.get("/")
            .await
            .expect(200)
            .texts("aside")
            .join(" ")
            .contains("Usinage du Bleuet")
    );
    // A planned visit is said, and waits at the end.
    make::visit(&test, &prospect, VisitStatus::Planned, Vec::new()).await;
    let page = me.get(paths::VISITS).await;
    let names = page.texts("article h2").join(" ");
    assert!(
        names.find("Atelier Lointain") < names.find("Usinage du Bleuet"),
        "{names}"
    );
    assert!(page.texts("article .badge").join(" ").contains("visite prévue"));
}

#[tokio::test]
async fn a_held_visit_takes_the_establishment_out() {
    let test = TestApp::start().await;
    let (_, prospect) = territory(&test).await;
    deduce(&test).await;
    assert_eq!(test.count("select count(*) from visit_prospects").await, 1);
    make::visit(&test, &prospect, VisitStatus::Validated, Vec::new()).await;
    deduce(&test).await;
    assert_eq!(test.count("select count(*) from visit_prospects").await, 0);
    assert_eq!(test.count("select count(*) from presumed_flows").await, 0);
    let page = test.as_(Role::Advisor).await.get(paths::VISITS).await;
    assert!(page.text(".empty h2").contains("ont été visités"));
}

#[tokio::test]
async fn a_presumed_flow_is_shown_apart_and_can_be_recorded() {
    let test = TestApp::start().await;
    let (_, prospect) = territory(&test).await;
    deduce(&test).await;
    let me = test.as_(Role::Advisor).await;
    let sheet = format!("/entreprises/{}", prospect.id);
    let page = me.get(&sheet).await;
    page.expect(200);
    assert!(page.text("#presumes").contains("Métaux ferreux"));
    assert!(page.text("#flux").contains("Aucun flux relevé"));
    let (id, code, direction) = scrap(prospect.id);
    let href = paths::presumed(&id, code, direction);
    let form = me.get(&href).await;
    form.expect(200);
    assert!(form.text("main").contains("a priori du métier"));
    let quantity = form.attr("input[name=quantity]", "value").unwrap();
    assert!(!quantity.is_empty());
    let flow = form.attr("input[name=id]", "value").unwrap();
    let typed = [
        ("id", flow.as_str()),
        ("direction", "sortant"),
        ("label", "Copeaux d’acier"),
        ("category", "MAT-10"),
        ("quantity", "beaucoup"),
        ("unit", "t"),
        ("period", "an"),
        ("certainty", "declared"),
        ("observed_on", "24/11/2026"),
    ];
    let refused = me.post(&href, &typed).await;
    refused.expect(422);
    assert_eq!(
        refused.attr("input[name=label]", "value").unwrap(),
        "Copeaux d’acier"
    );
    assert_eq!(refused.attr("input[name=quantity]", "value").unwrap(), "beaucoup");
    let mut right = typed;
    right[4].1 = "32";
    let done = me.post(&href, &right).await;
    assert_eq!((done.status.as_u16(), done.location()), (303, sheet.as_str()));
    test.run_jobs().await;
    let page = me.get(&sheet).await;
    assert!(page.text("#flux").contains("Copeaux d’acier"));
    assert!(!page.text("#presumes").contains("Métaux ferreux"));
    assert!(page.has("#presumes"), "one recorded flow is not a visit");
    me.get(&href).await.expect(404);
    // What was presumed is now matched like any flow.
    assert_eq!(test.count("select count(*) from synergies").await, 1);
}

#[tokio::test]
async fn a_dismissed_flow_stays_away() {
    let test = TestApp::start().await;
    let (_, prospect) = territory(&test).await;
    deduce(&test).await;
    let me = test.as_(Role::Advisor).await;
    let (id, code, direction) = scrap(prospect.id);
    let reply = me.post(&paths::dismiss(&id, code, direction), &[]).await;
    assert_eq!(reply.status, 303);
    test.run_jobs().await;
    let page = me.get(&format!("/entreprises/{}", prospect.id)).await;
    assert!(page.has("#presumes") && !page.text("#presumes").contains("Métaux ferreux"));
    assert!(
        page.text("main").contains("flux présumé écarté"),
        "the history says so"
    );
    let again = me.post(&paths::dismiss(&id, code, direction), &[]).await;
    assert_eq!(again.status, 303);
}

#[tokio::test]
async fn a_neighbour_s_presumed_flow_does_not_exist() {
    let test = TestApp::start().await;
    let elsewhere = make::territory(&test.system(), "Ailleurs").await;
    let theirs = make::establishment(&test, elsewhere, "Atelier d’ailleurs").await;
    let me = test.as_(Role::Advisor).await;
    let (id, code, direction) = scrap(theirs.id);
    me.get(&paths::presumed(&id, code, direction)).await.expect(404);
    me.post(&paths::dismiss(&id, code, direction), &[])
        .await
        .expect(404);
}

#[tokio::test]
async fn what_is_missing_is_named_for_advisors_and_counted_for_the_committee() {
    let test = TestApp::start().await;
    let advisor = test.as_(Role::Advisor).await;
    let empty = advisor.get(paths::MISSING).await;
    assert!(empty.expect(200).has(".empty"));
    for (name, tonnes) in [
        ("Cantine du Parc", 12.0),
        ("Traiteur du Loir", 9.0),
        ("Halles Basses", 15.0),
    ] {
        let made = make::establishment(&test, test.territory, name).await;
        make::flow(
            &test,
            &made,
            Direction::Outbound,
            "MAT-17",
            ("Restes de repas", tonnes, "t"),
        )
        .await;
    }
    deduce(&test).await;
    let page = advisor.get(paths::MISSING).await;
    assert!(page.expect(200).texts("table").join(" ").contains("Biodéchets"));
    let code = FlowCode::find("MAT-17").unwrap();
    let href = paths::missing(code, Direction::Inbound);
    let page = advisor.get(href.split('#').next().unwrap()).await;
    let detail = page.expect(200).text("#detail");
    assert!(
        detail.contains("Cantine du Parc") && detail.contains("Vendôme"),
        "{detail}"
    );
    let committee = test.as_(Role::Committee).await;
    committee.get(paths::MISSING).await.expect(403);
    committee.get(paths::VISITS).await.expect(403);
    let board = committee.get("/tableau-de-bord").await;
    let told = board.expect(200).text("main");
    assert!(
        told.contains("Ce qui manque au territoire") && told.contains("36 t"),
        "{told}"
    );
    for name in ["Cantine", "Traiteur", "Halles", "Restes de repas"] {
        assert!(
            !board.html().contains(name),
            "{name} must not reach the committee"
        );
    }
    test.as_(Role::Company)
        .await
        .get(paths::MISSING)
        .await
        .expect(403);
}

#[tokio::test]
async fn two_sites_are_too_few_for_the_committee() {
    let test = TestApp::start().await;
    for name in ["Une", "Deux"] {
        let made = make::establishment(&test, test.territory, name).await;
        make::flow(&test, &made, Direction::Outbound, "MAT-17", ("Restes", 12.0, "t")).await;
    }
    deduce(&test).await;
    let advisor = test.as_(Role::Advisor).await;
    assert!(
        advisor
            .get(paths::MISSING)
            .await
            .texts("table")
            .join(" ")
            .contains("Biodéchets")
    );
    let board = test.as_(Role::Committee).await.get("/tableau-de-bord").await;
    assert!(!board.expect(200).text("main").contains("Ce qui manque"));
}
