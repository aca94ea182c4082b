//! What an open diagnostic sends by itself: cells, last writes, clashes, presence; and many pages
//! on one diagnostic at once.

use crate::support::{Client, Reply, TestApp, make};
use axum::body::Body;
use axum::http::Method;
use maillage::companies::Establishment;
use maillage::flows::{Flow, paths as flow_paths, store as flows};
use maillage::kernel::Direction;
use maillage::kernel::ids::FlowId;
use maillage::platform::access::Role;
use maillage::visits::{Visit, VisitStatus, paths};
use serde_json::{Value, json};
use uuid::Uuid;

mod interleavings;

/// An open page of a diagnostic.
struct Page<'a> {
    me: &'a Client,
    visit: Uuid,
    client: FlowId,
    seq: i64,
}

/// Row, field, what it held, what was typed.
type Cell<'a> = (Uuid, &'a str, &'a str, &'a str);

impl<'a> Page<'a> {
    fn open(me: &'a Client, visit: &Visit) -> Self {
        Self {
            me,
            visit: visit.id.uuid(),
            client: FlowId::fresh(),
            seq: 0,
        }
    }

    fn batch(&mut self, cells: &[Cell<'_>]) -> Value {
        let cells: Vec<_> = cells
            .iter()
            .map(|(row, field, base, value)| {
                self.seq += 1;
                json!({ "row": row, "field": field, "base": base, "value": value, "seq": self.seq })
            })
            .collect();
        json!({ "client": self.client, "cells": cells })
    }

    async fn post(&self, batch: &Value) -> Reply {
        let path = format!("/visites/{}/saisie", self.visit);
        self.me
            .send(
                Method::POST,
                &path,
                Some("application/json"),
                Body::from(batch.to_string()),
            )
            .await
    }

    async fn type_in(&mut self, cells: &[Cell<'_>]) -> Reply {
        let batch = self.batch(cells);
        self.post(&batch).await
    }
}

fn answer(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.bytes).unwrap()
}

async fn started(test: &TestApp) -> (Client, Establishment, Visit) {
    let me = test.as_(Role::Advisor).await;
    let site = make::establishment(test, test.territory, "Cartonnerie d’essai").await;
    let visit = make::visit(test, &site, VisitStatus::Done, vec![me.user]).await;
    (me, site, visit)
}

async fn inventory(test: &TestApp, site: &Establishment) -> Vec<Flow> {
    let mut db = test.system().read().await.unwrap();
    flows::of_establishment(&mut db, &make::scope(test, test.territory), site.id)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_row_is_born_from_its_name_and_answers_with_its_year() {
    let test = TestApp::start().await;
    let (me, site, visit) = started(&test).await;
    let mut page = Page::open(&me, &visit);
    let row = FlowId::fresh().uuid();
    // The quantity first: the row waits for its name.
    let begun = page.type_in(&[(row, "quantity", "", "45 palettes/sem")]).await;
    begun.expect(200);
    let told = answer(&begun);
    assert_eq!(told["rows"][0]["recorded"], false);
    assert!(
        told["rows"][0]["errors"]["label"]
            .as_str()
            .unwrap()
            .starts_with("Nommez le flux")
    );
    assert_eq!(told["faults"], 1);
    assert!(inventory(&test, &site).await.is_empty());
    assert_eq!(
        me.get(&paths::show(&visit.id))
            .await
            .attr(&format!("#f-{row}-quantity"), "value")
            .as_deref(),
        Some("45 palettes/sem")
    );

    let named = page.type_in(&[(row, "label", "", "Palettes bois")]).await;
    let told = answer(named.expect(200));
    let shown = &told["rows"][0];
    assert_eq!(
        (shown["annual"].as_str(), shown["category"].as_str()),
        (Some("2\u{a0}340\u{a0}u."), Some("Palettes bois"))
    );
    assert_eq!(
        (shown["cells"]["quantity"].as_str(), told["faults"].as_i64()),
        (Some("45 pal./semaine"), Some(0))
    );
    assert_eq!(told["progress"]["parts"][0]["words"], "1 flux");
    let [flow] = &inventory(&test, &site).await[..] else {
        panic!("one flow")
    };
    assert_eq!((flow.id.uuid(), flow.visit_id), (row, Some(visit.id)));
    assert!(
        !me.get(&paths::show(&visit.id))
            .await
            .has("[data-faults]:not([hidden])")
    );
}

#[tokio::test]
async fn a_batch_sent_many_times_at_once_makes_one_row() {
    let test = TestApp::start().await;
    let (me, site, visit) = started(&test).await;
    let mut page = Page::open(&me, &visit);
    let row = FlowId::fresh().uuid();
    let batch = page.batch(&[(row, "label", "", "Cartons"), (row, "quantity", "", "12 t/an")]);
    let send = || page.post(&batch);
    let at_once = tokio::join!(send(), send(), send(), send(), send(), send(), send(), send());
    let (a, b, c, d, e, f, g, h) = at_once;
    for reply in [a, b, c, d, e, f, g, h] {
        assert_eq!(
            answer(reply.expect(200))["rows"][0]["cells"]["quantity"],
            "12 t/an"
        );
    }
    assert_eq!(inventory(&test, &site).await.len(), 1);
    assert_eq!(
        test.count("select count(*) from journal where subject = 'flow'")
            .await,
        1
    );
}

#[tokio::test]
async fn different_cells_merge_and_the_same_one_is_given_back_with_three_values() {
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
    let (row, colleague) = (flow.id.uuid(), test.as_(Role::Advisor).await);
    let (mut mine, mut other) = (Page::open(&me, &visit), Page::open(&colleague, &visit));
    other
        .type_in(&[(row, "quantity", "35 t/an", "42 t/an")])
        .await
        .expect(200);
    let merged = mine.type_in(&[(row, "outlet", "", "Benne")]).await;
    assert_eq!(
        answer(merged.expect(200))["rows"][0]["cells"]["quantity"],
        "42 t/an"
    );

    let both = mine
        .type_in(&[
            (row, "quantity", "35 t/an", "38 t/an"),
            (row, "label", "Cartons", "Cartons bruns"),
        ])
        .await;
    let told = answer(both.expect(409));
    let clash = &told["clashes"][0];
    assert_eq!(
        ["mine_shown", "stored_shown", "original_shown", "author"].map(|one| clash[one].as_str().unwrap()),
        ["38 t/an", "42 t/an", "35 t/an", "Personne Conseiller"]
    );
    assert_eq!(told["clashes"].as_array().unwrap().len(), 1);
    let stored = &inventory(&test, &site).await[0];
    assert_eq!(
        (stored.quantity, stored.label.as_str(), stored.outlet.as_deref()),
        (Some(42.0), "Cartons bruns", Some("Benne"))
    );
    // « Je garde la mienne ».
    mine.type_in(&[(row, "quantity", "42 t/an", "38 t/an")])
        .await
        .expect(200);
    assert_eq!(inventory(&test, &site).await[0].quantity, Some(38.0));
    // Both values are in the history.
    assert_eq!(
        test.count("select count(*) from journal where after->>'quantity' in ('42', '38', '42.0', '38.0')")
            .await,
        4
    );
}

#[tokio::test]
async fn a_page_does_not_contradict_itself() {
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
    let row = flow.id.uuid();
    let mut page = Page::open(&me, &visit);
    let lost = page.batch(&[(row, "outlet", "", "Ben")]);
    page.post(&lost).await.expect(200);
    // The answer never came: the page still believes the cell was empty.
    page.type_in(&[(row, "outlet", "", "Benne")]).await.expect(200);
    // The first request arrives again, late.
    page.post(&lost).await.expect(200);
    assert_eq!(inventory(&test, &site).await[0].outlet.as_deref(), Some("Benne"));
    // The same words in another spelling are no contradiction.
    let mut other = Page::open(&me, &visit);
    other
        .type_in(&[(row, "quantity", "35 t par an", "36 tonnes/an")])
        .await
        .expect(200);
    assert_eq!(inventory(&test, &site).await[0].quantity, Some(36.0));
}

#[tokio::test]
async fn a_value_saved_by_the_flow_s_own_page_is_not_overwritten() {
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
    let row = flow.id.uuid();
    let mut page = Page::open(&me, &visit);
    page.type_in(&[(row, "outlet", "", "Benne")]).await.expect(200);
    let sheet = me.get(&flow_paths::edit(&flow.id)).await;
    let mut fields = sheet.fields("form.panel");
    let outlet = fields.iter_mut().find(|(name, _)| name == "outlet").unwrap();
    "Presse".clone_into(&mut outlet.1);
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    me.post(&flow_paths::edit(&flow.id), &fields).await.expect(303);
    let told = page.type_in(&[(row, "outlet", "Benne", "Balles")]).await;
    assert_eq!(answer(told.expect(409))["clashes"][0]["stored"], "Presse");
}

#[tokio::test]
async fn a_category_follows_the_name_until_somebody_chooses_it() {
    let test = TestApp::start().await;
    let (me, site, visit) = started(&test).await;
    let mut page = Page::open(&me, &visit);
    let row = FlowId::fresh().uuid();
    let category = async || inventory(&test, &site).await[0].category.clone();
    page.type_in(&[(row, "label", "", "Palettes bois")])
        .await
        .expect(200);
    assert_eq!(category().await.as_deref(), Some("MAT-03"));
    page.type_in(&[(row, "label", "Palettes bois", "Chutes de carton ondulé")])
        .await
        .expect(200);
    assert_eq!(category().await.as_deref(), Some("MAT-01"));
    page.type_in(&[(row, "category", "MAT-01", "MAT-26")])
        .await
        .expect(200);
    page.type_in(&[(row, "label", "Chutes de carton ondulé", "Palettes bois")])
        .await
        .expect(200);
    assert_eq!(category().await.as_deref(), Some("MAT-26"));
}

#[tokio::test]
async fn a_deleted_row_says_so_and_keeps_what_is_typed() {
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
    let row = flow.id.uuid();
    me.post(&flow_paths::delete(&flow.id), &[]).await.expect(303);
    let mut page = Page::open(&me, &visit);
    let gone = page.type_in(&[(row, "outlet", "", "Benne")]).await;
    assert_eq!(answer(gone.expect(200))["gone"][0], row.to_string());
    assert!(inventory(&test, &site).await.is_empty());
    me.post(&flow_paths::restore(&flow.id), &[]).await.expect(303);
    page.type_in(&[(row, "outlet", "", "Benne")]).await.expect(200);
    assert_eq!(inventory(&test, &site).await[0].outlet.as_deref(), Some("Benne"));
}

#[tokio::test]
async fn answers_clash_too_and_a_planned_visit_only_takes_answers() {
    let test = TestApp::start().await;
    let (me, site, _) = started(&test).await;
    let visit = make::visit(&test, &site, VisitStatus::Planned, vec![me.user]).await;
    let (row, colleague) = (visit.id.uuid(), test.as_(Role::Advisor).await);
    let (mut mine, mut other) = (Page::open(&me, &visit), Page::open(&colleague, &visit));
    other
        .type_in(&[
            (row, "irritant", "", "Le bruit"),
            (row, "notes", "", "Appeler avant"),
        ])
        .await
        .expect(200);
    let told = mine
        .type_in(&[
            (row, "irritant", "", "Les retards"),
            (row, "duration", "", "beaucoup"),
        ])
        .await;
    let told = answer(told.expect(409));
    assert_eq!(
        (
            told["clashes"][0]["title"].as_str(),
            told["clashes"][0]["stored"].as_str()
        ),
        (Some("Irritant"), Some("Le bruit"))
    );
    assert_eq!(told["answers"]["notes"], "Appeler avant");
    assert!(
        told["answer_errors"]["duration"]
            .as_str()
            .unwrap()
            .starts_with("Indiquez la durée")
    );
    assert_eq!(told["others"][0], "Personne Conseiller");
    let flow = mine
        .type_in(&[(FlowId::fresh().uuid(), "label", "", "Cartons")])
        .await;
    let told = answer(flow.expect(409));
    assert!(
        told["refused"]
            .as_str()
            .unwrap()
            .ends_with("les flux se notent quand elle a eu lieu.")
    );
    for (field, value) in [("nonsense", "x"), ("icpe", "peut-être")] {
        let refused = mine.type_in(&[(row, field, "", value)]).await;
        assert!(answer(refused.expect(400))["refused"].is_string());
    }
    let elsewhere = Page {
        visit: FlowId::fresh().uuid(),
        ..mine
    };
    let gone = elsewhere
        .post(&json!({ "client": FlowId::fresh(), "cells": [] }))
        .await;
    assert!(answer(gone.expect(404))["refused"].is_string());
    let garbled = elsewhere.post(&json!({ "cells": "?" })).await;
    assert_eq!(
        answer(garbled.expect(400))["refused"],
        "Cette saisie est illisible."
    );
}

#[tokio::test]
async fn an_open_page_is_seen_by_the_others_for_a_while() {
    let test = TestApp::start().await;
    let (me, _, visit) = started(&test).await;
    let colleague = test.as_(Role::Advisor).await;
    let others = async |client: &Client| {
        answer(client.post(&paths::presence(&visit.id), &[]).await.expect(200))["others"].clone()
    };
    assert_eq!(others(&me).await, json!([]));
    assert_eq!(others(&colleague).await, json!(["Personne Conseiller"]));
    let page = me.get(&paths::show(&visit.id)).await;
    assert_eq!(
        page.text(".presence"),
        "Personne Conseiller édite aussi cette fiche."
    );
    test.travel(chrono::Duration::minutes(2));
    assert_eq!(others(&me).await, json!([]));
}

#[tokio::test]
async fn without_a_session_a_batch_is_sent_to_sign_in() {
    let test = TestApp::start().await;
    let (me, _, visit) = started(&test).await;
    let nobody = test.nobody();
    let mut page = Page::open(&nobody, &visit);
    let row = FlowId::fresh().uuid();
    let reply = page.type_in(&[(row, "label", "", "Cartons")]).await;
    assert!(reply.status == 303 && reply.location().starts_with("/connexion"));
    // The same page, once signed in again.
    page.me = &me;
    page.type_in(&[(row, "label", "", "Cartons")]).await.expect(200);
}

#[tokio::test]
async fn what_the_activity_lets_presume_is_confirmed_as_a_row_or_dismissed() {
    let test = TestApp::start().await;
    let (me, site, visit) = started(&test).await;
    let presumed = |code: &str, central: f64| {
        format!(
            "insert into presumed_flows values ('{}', '{code}', 'outbound', 0.9, 1, {central}, 90, 'Les cartonneries en ont.');",
            site.id
        )
    };
    test.execute(presumed("MAT-01", 31.4) + &presumed("MAT-03", 12.0))
        .await;
    let show = paths::show(&visit.id);
    let page = me.get(&show).await;
    assert_eq!(page.texts("#presumes li").len(), 2);
    assert!(
        page.text("#presumes li")
            .contains("très probable · entre 1 et 90 t par an")
    );
    let act = page.attr("#presumes li [data-yes]", "value").unwrap();
    // Twice, from two clicks: once in the inventory.
    for _ in 0..2 {
        me.post(&paths::grid(&visit.id), &[("act", &act)])
            .await
            .expect(303);
    }
    let [flow] = &inventory(&test, &site).await[..] else {
        panic!("one flow")
    };
    assert_eq!(
        (flow.category.as_deref(), flow.quantity, flow.certainty),
        (
            Some("MAT-01"),
            Some(31.0),
            maillage::flows::Certainty::OrderOfMagnitude
        )
    );
    let page = me.get(&show).await;
    assert_eq!(page.texts("#presumes li").len(), 1);
    let act = page.attr("#presumes li [data-no]", "value").unwrap();
    me.post(&paths::grid(&visit.id), &[("act", &act)])
        .await
        .expect(303);
    assert!(!me.get(&show).await.has("#presumes"));
    assert_eq!(test.count("select count(*) from presumed_dismissals").await, 1);
    assert_eq!(inventory(&test, &site).await.len(), 1);
    // Nothing is offered where nothing is recorded any more.
    test.execute(presumed("MAT-03", 12.0)).await;
    me.post(&paths::validate(&visit.id), &[]).await.expect(303);
    assert!(!me.get(&show).await.has("#presumes"));
}

#[tokio::test]
async fn a_visit_is_kept_by_a_browser_only_where_the_territory_allows_it() {
    let test = TestApp::start().await;
    let (me, _, visit) = started(&test).await;
    let allow = |is_allowed: bool| format!("update territories set allows_offline = {is_allowed}");
    test.execute(allow(false)).await;
    assert!(!me.get(&paths::show(&visit.id)).await.has("[data-keep]"));
    me.post(&paths::offline(&visit.id), &[]).await.expect(409);
    assert_eq!(me.cookie("maillage-hors-connexion"), None);
    test.execute(allow(true)).await;
    assert!(me.get(&paths::show(&visit.id)).await.has("[data-keep]"));
    me.post(&paths::offline(&visit.id), &[]).await.expect(204);
    assert_eq!(me.cookie("maillage-hors-connexion"), Some(me.user.to_string()));
    assert_eq!(
        test.count("select count(*) from journal where action = 'visite préparée hors connexion'")
            .await,
        1
    );
    let worker = me.get("/static/offline.js").await;
    assert_eq!(worker.headers["service-worker-allowed"], "/visites");
    assert!(
        !me.get("/static/entry.js")
            .await
            .headers
            .contains_key("service-worker-allowed")
    );
    let policy = me.get("/sante").await.headers["content-security-policy"].clone();
    assert!(policy.to_str().unwrap().contains("worker-src 'self';"));
    let words: Value = serde_json::from_slice(&me.get(paths::NOMENCLATURE).await.bytes).unwrap();
    assert!(words.as_array().unwrap().len() > 50);
    let out = me.post("/deconnexion", &[]).await;
    assert_eq!(out.headers["clear-site-data"], "\"cache\", \"storage\"");
    assert_eq!(me.cookie("maillage-hors-connexion"), None);
}
