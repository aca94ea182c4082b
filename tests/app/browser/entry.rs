//! A diagnostic typed in a real browser: without a mouse, without a network, without a session, and
//! with a colleague on the same page.

use crate::support::browser::{Browser, CONTROL_ENTER, CONTROL_SHIFT_ENTER, TAB};
use crate::support::{Client, TestApp, make};
use axum::body::Body;
use axum::http::Method;
use maillage::companies::Establishment;
use maillage::flows::{Flow, store as flows};
use maillage::kernel::Direction;
use maillage::kernel::ids::FlowId;
use maillage::platform::access::Role;
use maillage::visits::{Visit, VisitStatus, paths};
use serde_json::json;

/// What the company says, as it says it.
const HEARD: [(Direction, &str, &str); 14] = [
    (Direction::Outbound, "Chutes de carton ondulé", "3,2 t/mois"),
    (Direction::Outbound, "Palettes bois 80 x 120", "45 palettes/sem"),
    (Direction::Outbound, "Films étirables usagés", "5,5 t/an"),
    (
        Direction::Outbound,
        "Sciures et copeaux de bois",
        "1 234,5 kg par mois",
    ),
    (Direction::Outbound, "Chutes de métaux ferreux", "12 t/an"),
    (Direction::Outbound, "Huiles usagées de moteur", "800 L/an"),
    (Direction::Outbound, "Biodéchets de cantine", "90 kg/sem"),
    (
        Direction::Outbound,
        "Air chaud des séchoirs, chaleur fatale",
        "400 MWh/an",
    ),
    (Direction::Inbound, "Bobines de papier kraft", "1 250 t/an"),
    (Direction::Inbound, "Gaz naturel, chaudière", "2,1 GWh/an"),
    (Direction::Inbound, "Électricité", "850 MWh/an"),
    (Direction::Inbound, "Eau potable", "18 m3/jour"),
    (Direction::Inbound, "Solvants de nettoyage", "300 L/an"),
    (Direction::Inbound, "Quelque chose de rare", ""),
];

const COUNT_POINTERS: &str =
    "window.pointers = 0; for (const kind of ['pointerdown', 'mousedown', 'touchstart'])
    addEventListener(kind, () => { window.pointers += 1; }, true);
    window.sentBytes = 0;
    const real = window.fetch;
    window.fetch = (address, options) => {
      if (options?.body) window.sentBytes += new Blob([options.body]).size;
      return real(address, options);
    };";

async fn started(test: &TestApp) -> (Client, Establishment, Visit) {
    let me = test.as_(Role::Advisor).await;
    let site = make::establishment(test, test.territory, "Cartonnerie Étamine").await;
    let visit = make::visit(test, &site, VisitStatus::Done, vec![me.user]).await;
    (me, site, visit)
}

async fn inventory(test: &TestApp, site: &Establishment) -> Vec<Flow> {
    let mut db = test.system().read().await.unwrap();
    flows::of_establishment(&mut db, &make::scope(test, test.territory), site.id)
        .await
        .unwrap()
}

async fn saved(browser: &Browser) {
    browser.find("#diagnostic[data-saving=saved]").await;
}

/// Keys pressed: one by character, one by key of a chord but its modifiers.
fn pressed(keys: &str) -> usize {
    keys.chars()
        .filter(|key| !['\u{e008}', '\u{e009}', '\u{e000}'].contains(key))
        .count()
}

/// What the saves of a page cost: how many, how long each took, how much was sent and received.
async fn trips(browser: &Browser) -> String {
    let trips = browser
        .ask(
            "const sent = performance.getEntriesByType('resource').filter((one) => one.name.endsWith('/saisie'));
             const times = sent.map((one) => one.duration).sort((a, b) => a - b);
             return { count: sent.length, median: Math.round(times[times.length >> 1]), longest: Math.round(times.at(-1)),
                      bytes: sent.reduce((sum, one) => sum + one.transferSize, 0), sent: window.sentBytes };",
        )
        .await;
    format!(
        "14 flows: {} saves, {} ms in the middle, {} ms at most, {} bytes sent, {} received",
        trips["count"], trips["median"], trips["longest"], trips["sent"], trips["bytes"]
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn fourteen_flows_without_a_mouse() {
    let test = TestApp::start().await;
    let (me, site, visit) = started(&test).await;
    let browser = Browser::open(&test).await;
    browser.become_(&me).await;
    browser.goto(&paths::show(&visit.id)).await;
    browser.find("#nouvelle select:focus").await;
    browser.ask(COUNT_POINTERS).await;

    let (mut typed, mut least) = (0, 0);
    let mut direction = Direction::Outbound;
    for (way, label, quantity) in HEARD {
        browser.find("#nouvelle select:focus").await;
        let turn = if way == direction { "" } else { "e" };
        let keys = [turn, TAB, label, TAB, quantity, CONTROL_ENTER].concat();
        browser.keys(&keys).await;
        typed += pressed(&keys);
        // The words themselves, one key between them, one to end the row, one to change direction.
        least += pressed(&[turn, label, quantity].concat()) + 2;
        direction = way;
    }
    saved(&browser).await;
    browser.says("14 flux").await;
    assert_eq!(browser.ask("return window.pointers").await, 0);
    let ratio = typed as f64 / least as f64;
    println!("14 flows: {typed} keys, {least} at least, ratio {ratio:.3}");
    assert!(ratio <= 1.3, "{typed} keys for {least}");
    println!("{}", trips(&browser).await);

    let flows = inventory(&test, &site).await;
    assert_eq!(flows.len(), HEARD.len());
    for (way, label, quantity) in HEARD {
        let flow = flows.iter().find(|flow| flow.label == label).unwrap();
        assert_eq!(
            (flow.direction, flow.quantity.is_some()),
            (way, !quantity.is_empty()),
            "{label}"
        );
    }
    // A field half under the bar would look too small.
    browser.ask("scrollTo(0, 0)").await;
    assert_eq!(browser.accessibility_faults().await, Vec::<String>::new());
    browser.picture("saisie-1280").await;
    browser.goto(&paths::show(&visit.id)).await;
    browser.picture("saisie-relue").await;
    assert_eq!(browser.accessibility_faults().await, Vec::<String>::new());
    browser.narrow().await;
    assert_eq!(browser.sideways_scroll().await, 0);
    browser.picture("saisie-390").await;
    assert_eq!(browser.accessibility_faults().await, Vec::<String>::new());
    browser.wide().await;
    browser.dark().await;
    browser.picture("saisie-sombre").await;
    assert_eq!(browser.accessibility_faults().await, Vec::<String>::new());
    browser.close().await;
}

async fn row(browser: &Browser, label: &str, quantity: &str) {
    browser.find("#nouvelle select:focus").await;
    browser
        .keys(&[TAB, label, TAB, quantity, CONTROL_ENTER].concat())
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_without_network_server_or_session_is_sent_later_and_once() {
    let test = TestApp::start().await;
    let (me, site, visit) = started(&test).await;
    let browser = Browser::open(&test).await;
    browser.become_(&me).await;
    browser.goto(&paths::show(&visit.id)).await;
    row(&browser, "Chutes de carton", "3 t/mois").await;
    saved(&browser).await;

    browser.offline(true).await;
    row(&browser, "Palettes bois", "45 u/sem").await;
    row(&browser, "Sciures", "20 t/an").await;
    browser.says("4 modifications en attente").await;
    browser.picture("hors-ligne").await;
    assert_eq!(browser.accessibility_faults().await, Vec::<String>::new());
    assert_eq!(inventory(&test, &site).await.len(), 1);
    browser.offline(false).await;
    saved(&browser).await;
    assert_eq!(inventory(&test, &site).await.len(), 3);

    browser.kill_server().await;
    row(&browser, "Films étirables", "5 t/an").await;
    browser.says("2 modifications en attente").await;
    browser.picture("serveur-arrete").await;
    browser.revive_server().await;
    saved(&browser).await;
    assert_eq!(inventory(&test, &site).await.len(), 4);

    test.execute("delete from sessions".to_owned()).await;
    row(&browser, "Verre", "2 t/an").await;
    browser.says("Vous êtes déconnecté").await;
    browser.picture("session-expiree").await;
    assert_eq!(browser.accessibility_faults().await, Vec::<String>::new());
    browser.sign_in_elsewhere(&test.signed_in(me.user).await).await;
    browser.ask("dispatchEvent(new Event('focus'))").await;
    saved(&browser).await;

    let flows = inventory(&test, &site).await;
    let mut labels: Vec<_> = flows.iter().map(|flow| flow.label.as_str()).collect();
    labels.sort_unstable();
    assert_eq!(
        labels,
        [
            "Chutes de carton",
            "Films étirables",
            "Palettes bois",
            "Sciures",
            "Verre"
        ]
    );
    assert!(flows.iter().all(|flow| flow.quantity.is_some()));
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colleague_on_the_same_cell_is_met_with_three_values() {
    let test = TestApp::start().await;
    let (me, site, visit) = started(&test).await;
    let flow = make::flow(
        &test,
        &site,
        Direction::Outbound,
        "MAT-01",
        ("Cartons", 35.0, "t"),
    )
    .await;
    let colleague = test.as_(Role::Advisor).await;
    let browser = Browser::open(&test).await;
    browser.become_(&me).await;
    browser.goto(&paths::show(&visit.id)).await;
    let cell =
        json!({ "row": flow.id, "field": "quantity", "base": "35 t/an", "value": "42 t/an", "seq": 1 });
    let batch = json!({ "client": FlowId::fresh(), "cells": [cell] }).to_string();
    let path = paths::autosave(&visit.id);
    colleague
        .send(Method::POST, &path, Some("application/json"), Body::from(batch))
        .await
        .expect(200);

    let quantity = format!("[id='f-{}-quantity']", flow.id);
    browser.type_in(&quantity, "38 t/an").await;
    browser.keys(TAB).await;
    browser.says("Quantité\u{a0}: deux saisies se contredisent").await;
    browser.says("Personne Conseiller édite aussi cette fiche").await;
    for value in ["38 t/an", "42 t/an", "35 t/an"] {
        browser.says(value).await;
    }
    browser.picture("conflit").await;
    assert_eq!(browser.accessibility_faults().await, Vec::<String>::new());
    browser.narrow().await;
    browser.picture("conflit-390").await;
    assert_eq!(browser.sideways_scroll().await, 0);
    assert_eq!(browser.accessibility_faults().await, Vec::<String>::new());
    browser.wide().await;
    assert_eq!(inventory(&test, &site).await[0].quantity, Some(42.0));
    browser.press("Je garde la mienne").await;
    saved(&browser).await;
    assert_eq!(inventory(&test, &site).await[0].quantity, Some(38.0));

    // A mistake stays in its cell, F8 leads to it, and the copy of a row asks for its quantity.
    browser.type_in(&quantity, "beaucoup").await;
    browser.keys(TAB).await;
    browser.says("Indiquez la quantité en tonnes par an").await;
    assert_eq!(browser.accessibility_faults().await, Vec::<String>::new());
    browser.picture("erreur").await;
    browser.keys("\u{e038}").await;
    browser.find(&format!("{quantity}:focus")).await;
    browser.type_in(&quantity, "40 t/an").await;
    browser.keys(CONTROL_SHIFT_ENTER).await;
    browser.find("#nouvelle [data-field=label]:focus").await;
    browser
        .keys(&["Cartons bis", TAB, "4 t/mois", TAB].concat())
        .await;
    browser.says("48\u{a0}t").await;
    assert_eq!(inventory(&test, &site).await.len(), 2);
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_around_a_diagnostic_are_accessible() {
    let test = TestApp::start().await;
    let (me, site, visit) = started(&test).await;
    make::flow(
        &test,
        &site,
        Direction::Outbound,
        "MAT-01",
        ("Cartons", 35.0, "t"),
    )
    .await;
    make::flow(
        &test,
        &site,
        Direction::Outbound,
        "MAT-03",
        ("Palettes", 300.0, "u"),
    )
    .await;
    let answer = format!("l.{}.icpe", visit.id);
    let fields = [(answer.as_str(), "déclaration"), ("act", "valider")];
    me.post(&paths::grid(&visit.id), &fields).await.expect(303);
    test.travel(chrono::Duration::days(800));
    let me = test.signed_in(me.user).await;
    let again = make::visit(&test, &site, VisitStatus::Done, vec![me.user]).await;
    make::flow(
        &test,
        &site,
        Direction::Inbound,
        "ENE-02",
        ("Gaz naturel", 400.0, "mwh"),
    )
    .await;
    let browser = Browser::open(&test).await;
    browser.become_(&me).await;
    for (name, path) in [
        ("a-confirmer", paths::DUE.to_owned()),
        ("evolution", paths::changes(&again.id)),
        ("reprise", paths::show(&again.id)),
        ("collage", paths::paste(&again.id)),
    ] {
        browser.wide().await;
        browser.goto(&path).await;
        if name == "collage" {
            let table = "Cartons\\t12 t/an\\tBenne\\nFilms\\tbeaucoup\\t\\nGaz naturel\\t4 MWh/an\\t";
            let script = format!("document.getElementById('f-text').value = '{table}'");
            browser.ask(&script).await;
            browser.press("Je vérifie").await;
            browser.says("3 lignes lues").await;
        }
        browser.picture(name).await;
        assert_eq!(
            browser.accessibility_faults().await,
            Vec::<String>::new(),
            "{name}"
        );
        browser.narrow().await;
        assert_eq!(browser.sideways_scroll().await, 0, "{name}");
        browser.picture(&format!("{name}-390")).await;
        assert_eq!(
            browser.accessibility_faults().await,
            Vec::<String>::new(),
            "{name}, narrow"
        );
    }
    browser.close().await;
}

/// Sends a file of flows; gives the report of its import.
async fn imported(me: &Client, name: &str, content: &str) -> String {
    let files = [("flows", name, content.as_bytes().to_vec())];
    let sent = me.upload("/import", &files).await;
    sent.expect(303);
    sent.location().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn imports_and_planning_are_accessible() {
    let test = TestApp::start().await;
    let (me, site, visit) = started(&test).await;
    make::visit(&test, &site, VisitStatus::Planned, vec![me.user]).await;
    for (code, label) in [("MAT-01", "Cartons"), ("MAT-03", "Palettes")] {
        make::flow(&test, &site, Direction::Outbound, code, (label, 35.0, "t")).await;
    }
    let lines = "etablissement;sens;libelle\nA1;sortant;Cartons\nA2;sortant;Bois\n";
    let report = imported(&me, "flux.csv", lines).await;
    test.run_jobs().await;
    let asked = imported(
        &me,
        "clients.csv",
        "Code;Sens;Libellé;Humeur\nA1;sortant;Cartons;bonne\n",
    )
    .await;
    let browser = Browser::open(&test).await;
    browser.become_(&me).await;
    for (name, path) in [
        ("import-colonnes", format!("{asked}/colonnes")),
        ("import-rapport", report),
        ("agenda", paths::AGENDA.to_owned()),
        ("tournee", paths::TOUR.to_owned()),
        ("planification", format!("{}?coches={}", paths::PLAN, site.id)),
        ("grille", paths::show(&visit.id)),
    ] {
        browser.wide().await;
        browser.goto(&path).await;
        browser.picture(name).await;
        let faults = browser.accessibility_faults().await;
        assert_eq!(faults, Vec::<String>::new(), "{name}");
        browser.narrow().await;
        assert_eq!(browser.sideways_scroll().await, 0, "{name}");
        browser.picture(&format!("{name}-390")).await;
        let faults = browser.accessibility_faults().await;
        assert_eq!(faults, Vec::<String>::new(), "{name}, narrow");
    }
    browser.close().await;
}
