//! The main job, from a planned visit to the committee's counts, as people do it.

use crate::support::browser::{Browser, CONTROL_ENTER, TAB};
use crate::support::{Client, TestApp, make};
use maillage::app;
use maillage::kernel::Direction;
use maillage::kernel::Position;
use maillage::platform::access::Role;
use maillage::platform::jobs;
use tokio_util::sync::CancellationToken;

/// What the advisor hears during the visit: label, quantity as said.
const HEARD: [(&str, &str); 5] = [
    ("Chutes de carton ondulé", "3,2 t/mois"),
    ("Palettes bois 80 × 120", "45 u/semaine"),
    ("Films étirables usagés", "5,5 t/an"),
    ("Sciures et copeaux", "20 t/an"),
    ("Quelque chose de rare", ""),
];

struct People {
    advisor: Client,
    company: Client,
    committee: Client,
}

/// Two receivers near the company visited.
async fn neighbours(test: &TestApp) {
    let at = |lat, lon| Position::new(lat, lon).unwrap();
    let glass = make::establishment_at(test, test.territory, "Verrerie Canari", at(47.80, 1.08)).await;
    make::flow(
        test,
        &glass,
        Direction::Inbound,
        "MAT-09",
        ("Calage pour colis", 120.0, "m3"),
    )
    .await;
    make::flow(
        test,
        &glass,
        Direction::Inbound,
        "MAT-03",
        ("Palettes Europe d’occasion", 1_500.0, "u"),
    )
    .await;
    let farm = make::establishment_at(test, test.territory, "Haras Bouton-d’Or", at(47.76, 1.04)).await;
    make::flow(
        test,
        &farm,
        Direction::Inbound,
        "MAT-04",
        ("Copeaux pour litière", 40.0, "t"),
    )
    .await;
}

async fn record(browser: &Browser) {
    for (label, quantity) in HEARD {
        // The next flow takes no mouse: its direction has the focus.
        browser.find("#nouvelle select:focus").await;
        browser
            .keys(&[TAB, label, TAB, quantity, CONTROL_ENTER].concat())
            .await;
    }
    browser.find("#diagnostic[data-saving=saved]").await;
    browser.says("5 flux, 1 à classer").await;
}

async fn prevalidate(browser: &Browser) {
    browser.press("Je pré-valide…").await;
    for axis in ["technical", "economic", "regulatory", "organisational"] {
        browser.click(&format!("[name={axis}][value=green]")).await;
    }
    let check = browser
        .page
        .find_all(fantoccini::Locator::Css("[name=check]"))
        .await
        .unwrap();
    if let Some(first) = check.first() {
        first.click().await.unwrap();
    }
    browser.press("Je pré-valide").await;
}

async fn visit(browser: &Browser, establishment: &str) {
    browser
        .goto(&format!("/visites/nouvelle?etablissement={establishment}"))
        .await;
    browser.type_in("#f-visit_on", "24/11/2026").await;
    browser.press("Je prévois la visite").await;
    browser.press("La visite a eu lieu").await;
    record(browser).await;
    assert_eq!(browser.accessibility_faults().await, Vec::<String>::new());
    browser.picture("visite").await;
    browser.press("Je valide la visite").await;
    browser.says("La recherche de synergies est lancée").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_planned_visit_to_the_committee() {
    let test = TestApp::start().await;
    neighbours(&test).await;
    let visited = make::establishment(&test, test.territory, "Cartonnerie Étamine").await;
    let contact = make::user_of(&test, Role::Company, test.territory, Some(visited.company_id)).await;
    let people = People {
        advisor: test.as_(Role::Advisor).await,
        company: test.signed_in(contact).await,
        committee: test.as_(Role::Committee).await,
    };
    let stop = CancellationToken::new();
    let runner = jobs::Runner {
        app: test.app.clone(),
        registry: app::jobs(),
        alone: true,
    };
    let running = tokio::spawn(runner.run_until(stop.clone()));

    let browser = Browser::open(&test).await;
    browser.become_(&people.advisor).await;
    visit(&browser, &visited.id.to_string()).await;

    browser.wait_for_jobs(&test).await;
    browser.goto("/synergies").await;
    browser.says("Cartonnerie Étamine → Verrerie Canari").await;
    assert_eq!(browser.accessibility_faults().await, Vec::<String>::new());
    browser.picture("synergies").await;
    let proposed = test
        .count("select count(*) from synergies where state = 'proposed'")
        .await;
    assert!(proposed >= 2, "{proposed}");

    browser.press("Je prends en charge").await;
    browser.announces("Vous prenez en charge").await;
    browser.goto("/synergies?corbeille=en-cours").await;
    prevalidate(&browser).await;
    browser.find(".toast").await;
    assert_eq!(
        test.count("select count(*) from synergies where state = 'prevalidated'")
            .await,
        1
    );

    browser.goto("/synergies").await;
    browser.press("J’écarte…").await;
    browser.press("J’écarte").await;
    browser.says("Il y a un problème").await;
    browser.click("[name=motive][value=contract]").await;
    browser.press("J’écarte").await;
    browser.announces("contrat en cours").await;

    the_company_sees_no_name(&browser, &people.company).await;
    the_committee_sees_counts(&browser, &people.committee).await;
    stop.cancel();
    running.await.unwrap();
    browser.close().await;
}

async fn the_company_sees_no_name(browser: &Browser, company: &Client) {
    browser.become_(company).await;
    browser.goto("/mon-espace").await;
    browser.click("a[href*='/propositions/']").await;
    browser.says("Son nom reste caché").await;
    let page = browser.page.source().await.unwrap();
    for name in ["Verrerie Canari", "Haras Bouton-d’Or"] {
        assert!(!page.contains(name), "{name} is told to the other company");
    }
    assert_eq!(browser.accessibility_faults().await, Vec::<String>::new());
    browser.narrow().await;
    assert_eq!(browser.sideways_scroll().await, 0);
    browser.picture("proposition-390").await;
    browser.wide().await;
}

async fn the_committee_sees_counts(browser: &Browser, committee: &Client) {
    browser.become_(committee).await;
    browser.goto("/tableau-de-bord").await;
    let page = browser.page.source().await.unwrap();
    for name in ["Cartonnerie Étamine", "Verrerie Canari", "Haras Bouton-d’Or"] {
        assert!(!page.contains(name), "{name} is told to the committee");
    }
    browser.says("Pré-validées").await;
    assert_eq!(browser.accessibility_faults().await, Vec::<String>::new());
    browser.dark().await;
    assert_eq!(browser.accessibility_faults().await, Vec::<String>::new());
    browser.picture("copil-sombre").await;
}
