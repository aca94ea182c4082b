//! A visit prepared for where there is no network: typed, left, opened again, brought back; and what
//! must be gone from the browser afterwards. The server is stopped for good here: cutting the network
//! of a page leaves its service worker connected.

use crate::support::browser::{Browser, CONTROL_ENTER, TAB};
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

async fn prepared(test: &TestApp) -> (Client, Establishment, Visit, Browser) {
    test.execute("update territories set allows_offline = true".to_owned())
        .await;
    let me = test.as_(Role::Advisor).await;
    let site = make::establishment(test, test.territory, "Cartonnerie Étamine").await;
    let visit = make::visit(test, &site, VisitStatus::Done, vec![me.user]).await;
    let browser = Browser::open(test).await;
    browser.become_(&me).await;
    browser.goto(&paths::show(&visit.id)).await;
    keep(&browser).await;
    (me, site, visit, browser)
}

/// « Je prépare hors connexion », once the page offers it.
async fn keep(browser: &Browser) {
    browser.find("[data-keep]:not([hidden])").await;
    browser.press("Je prépare hors connexion").await;
    browser.says("Prête hors connexion").await;
}

async fn inventory(test: &TestApp, site: &Establishment) -> Vec<Flow> {
    let mut db = test.system().read().await.unwrap();
    flows::of_establishment(&mut db, &make::scope(test, test.territory), site.id)
        .await
        .unwrap()
}

async fn row(browser: &Browser, label: &str, quantity: &str) {
    browser.find("#nouvelle select:focus").await;
    browser
        .keys(&[TAB, label, TAB, quantity, CONTROL_ENTER].concat())
        .await;
}

/// Waits until what was typed is on the disk.
async fn written(browser: &Browser) {
    browser.find("#diagnostic:not([data-holding])").await;
}

/// How many pages, cells and keys the browser holds.
async fn held(browser: &Browser) -> [u64; 3] {
    const COUNT: &str = "const done = arguments[arguments.length - 1];
        const request = indexedDB.open('maillage');
        request.onsuccess = () => {
            const db = request.result;
            const names = ['pages', 'cells', 'keys'].filter((name) => db.objectStoreNames.contains(name));
            if (!names.length) { db.close(); done([0, 0, 0]); return; }
            const turn = db.transaction(names);
            const counts = names.map((name) => turn.objectStore(name).count());
            turn.oncomplete = () => { db.close(); done(counts.map((one) => one.result)); };
        };";
    let found = browser.page.execute_async(COUNT, Vec::new()).await.unwrap();
    serde_json::from_value(found).unwrap()
}

async fn labels(browser: &Browser) -> Vec<String> {
    let script = "return [...document.querySelectorAll('[data-field=label]')].map((field) => field.value).filter(Boolean).sort()";
    serde_json::from_value(browser.ask(script).await).unwrap()
}

/// Opens the page again, as the service worker keeps it.
async fn reopened(browser: &Browser, visit: &Visit) {
    written(browser).await;
    browser.goto(&paths::show(&visit.id)).await;
    browser.find("#diagnostic[data-kept][data-ready]").await;
}

async fn next_row(browser: &Browser) {
    browser.ask("document.querySelector('[data-add]').click()").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_offline_survives_the_page_and_is_sent_once() {
    let test = TestApp::start().await;
    let (_, site, visit, browser) = prepared(&test).await;
    next_row(&browser).await;
    row(&browser, "Chutes de carton", "3 t/mois").await;
    browser.says("Synchronisé à").await;
    browser.picture("hors-connexion-synchronise").await;

    browser.offline(true).await;
    row(&browser, "Palettes bois", "45 u/sem").await;
    browser.says("Hors connexion, 2 modifications en attente").await;
    browser.picture("hors-connexion-attente").await;
    assert_eq!(browser.accessibility_faults().await, Vec::<String>::new());
    browser.kill_server().await;
    reopened(&browser, &visit).await;
    browser.says("Hors connexion, 2 modifications en attente").await;
    assert_eq!(labels(&browser).await, ["Chutes de carton", "Palettes bois"]);
    browser.picture("hors-connexion-rouverte").await;
    assert_eq!(browser.accessibility_faults().await, Vec::<String>::new());
    browser.narrow().await;
    assert_eq!(browser.sideways_scroll().await, 0);
    browser.picture("hors-connexion-rouverte-390").await;
    browser.wide().await;

    next_row(&browser).await;
    row(&browser, "Sciures", "20 t/an").await;
    browser.says("Hors connexion, 4 modifications en attente").await;
    reopened(&browser, &visit).await;
    browser.says("Hors connexion, 4 modifications en attente").await;
    assert_eq!(
        labels(&browser).await,
        ["Chutes de carton", "Palettes bois", "Sciures"]
    );
    // Elsewhere, a page says what can be opened.
    written(&browser).await;
    browser.goto("/visites").await;
    browser.says("Cette page demande le réseau").await;
    browser.picture("hors-connexion-liste").await;
    browser.click("main a").await;
    browser.find("#diagnostic[data-kept][data-ready]").await;
    assert_eq!(inventory(&test, &site).await.len(), 1);

    browser.offline(false).await;
    browser.revive_server().await;
    browser.ask("dispatchEvent(new Event('online'))").await;
    browser.says("Synchronisé à").await;
    let flows = inventory(&test, &site).await;
    let mut found: Vec<_> = flows
        .iter()
        .map(|flow| (flow.label.as_str(), flow.quantity))
        .collect();
    found.sort_by_key(|(label, _)| *label);
    assert_eq!(
        found,
        [
            ("Chutes de carton", Some(3.0)),
            ("Palettes bois", Some(45.0)),
            ("Sciures", Some(20.0))
        ]
    );
    browser.goto(&paths::show(&visit.id)).await;
    browser.find("#diagnostic:not([data-kept])[data-ready]").await;
    assert_eq!(held(&browser).await, [1, 0, 1]);
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colleague_s_value_meets_what_waited_after_the_page_was_left() {
    let test = TestApp::start().await;
    let (_, site, visit, browser) = prepared(&test).await;
    let flow = make::flow(
        &test,
        &site,
        Direction::Outbound,
        "MAT-01",
        ("Cartons", 35.0, "t"),
    )
    .await;
    browser.goto(&paths::show(&visit.id)).await;
    browser.find("#diagnostic[data-ready]").await;
    browser.kill_server().await;
    let quantity = format!("[id='f-{}-quantity']", flow.id);
    browser.type_in(&quantity, "38 t/an").await;
    browser.keys(TAB).await;
    browser.says("Hors connexion, 1 modification en attente").await;
    reopened(&browser, &visit).await;
    let colleague = test.as_(Role::Advisor).await;
    let cell =
        json!({ "row": flow.id, "field": "quantity", "base": "35 t/an", "value": "42 t/an", "seq": 1 });
    let batch = json!({ "client": FlowId::fresh(), "cells": [cell] }).to_string();
    let path = paths::autosave(&visit.id);
    colleague
        .send(Method::POST, &path, Some("application/json"), Body::from(batch))
        .await
        .expect(200);
    browser.revive_server().await;
    browser.ask("dispatchEvent(new Event('online'))").await;
    browser.says("deux saisies se contredisent").await;
    browser.says("à résoudre").await;
    for value in ["38 t/an", "42 t/an", "35 t/an"] {
        browser.says(value).await;
    }
    browser.picture("hors-connexion-a-resoudre").await;
    assert_eq!(browser.accessibility_faults().await, Vec::<String>::new());
    written(&browser).await;
    assert_eq!(held(&browser).await[1], 1, "kept until it is settled");
    browser.press("Je garde la mienne").await;
    browser.says("Synchronisé à").await;
    assert_eq!(inventory(&test, &site).await[0].quantity, Some(38.0));
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_stays_after_three_days_a_sign_out_or_somebody_else() {
    let test = TestApp::start().await;
    let (_, _, visit, browser) = prepared(&test).await;
    browser.kill_server().await;
    next_row(&browser).await;
    row(&browser, "Palettes bois", "45 u/sem").await;
    browser.says("Hors connexion, 2 modifications en attente").await;
    written(&browser).await;
    assert_eq!(held(&browser).await, [1, 2, 1]);
    // Nothing that was typed can be read where it is kept.
    let readable = "const done = arguments[arguments.length - 1];
        const request = indexedDB.open('maillage');
        request.onsuccess = () => {
            const turn = request.result.transaction(['pages', 'cells', 'keys']);
            const all = ['pages', 'cells', 'keys'].map((name) => turn.objectStore(name).getAll());
            turn.oncomplete = () => {
                const [pages, cells, keys] = all.map((one) => one.result);
                const text = (bytes) => new TextDecoder().decode(bytes);
                done([keys[0].key.extractable, [...pages, ...cells].some((one) => /Palettes|Cartonnerie/.test(text(one.sealed) + JSON.stringify(one)))]);
                request.result.close();
            };
        };";
    let found = browser.page.execute_async(readable, Vec::new()).await.unwrap();
    assert_eq!(found, json!([false, false]));
    let age = "const done = arguments[arguments.length - 1];
        const request = indexedDB.open('maillage');
        request.onsuccess = () => {
            const turn = request.result.transaction(['pages', 'cells'], 'readwrite');
            for (const name of ['pages', 'cells']) turn.objectStore(name).openCursor().onsuccess = ({ target }) => {
                if (!target.result) return;
                target.result.update({ ...target.result.value, at: Date.now() - 73 * 3600 * 1000 });
                target.result.continue();
            };
            turn.oncomplete = () => { request.result.close(); done(true); };
        };";
    browser.page.execute_async(age, Vec::new()).await.unwrap();
    browser.goto(&paths::show(&visit.id)).await;
    browser.says("Aucune visite n’est préparée").await;
    browser.picture("hors-connexion-expiree").await;
    assert_eq!(held(&browser).await, [0, 0, 0]);

    // Somebody else, in the same browser.
    browser.revive_server().await;
    browser.goto(&paths::show(&visit.id)).await;
    keep(&browser).await;
    let other = test.as_(Role::Advisor).await;
    browser.become_(&other).await;
    browser.goto(&paths::show(&visit.id)).await;
    browser.find("#diagnostic[data-ready]").await;
    assert_eq!(held(&browser).await, [0, 0, 0]);

    keep(&browser).await;
    assert_eq!(held(&browser).await, [1, 0, 1]);
    browser
        .ask("document.querySelector('form[action=\"/deconnexion\"]').requestSubmit()")
        .await;
    browser.says("Vous êtes déconnecté").await;
    assert_eq!(held(&browser).await, [0, 0, 0]);
    browser.close().await;
}
