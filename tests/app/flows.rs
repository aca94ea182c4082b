//! One flow: edited by one person or two, confirmed, copied, deleted, found again; and the list.

use crate::support::{Client, Reply, TestApp, make};
use chrono::Duration;
use maillage::companies::Establishment;
use maillage::flows::{Flow, paths, store};
use maillage::kernel::Direction;
use maillage::platform::access::Role;

async fn cardboard(test: &TestApp) -> (Client, Establishment, Flow) {
    let me = test.as_(Role::Advisor).await;
    let site = make::establishment(test, test.territory, "Cartonnerie d’essai").await;
    let flow = make::flow(
        test,
        &site,
        Direction::Outbound,
        "MAT-01",
        ("Cartons bruns", 35.0, "t"),
    )
    .await;
    (me, site, flow)
}

async fn stored(test: &TestApp, flow: &Flow) -> Option<Flow> {
    let mut db = test.system().read().await.unwrap();
    store::find(&mut db, &make::scope(test, test.territory), flow.id)
        .await
        .unwrap()
}

/// The form as the page shows it, to be changed and posted back.
struct Shown(Vec<(String, String)>);

impl Shown {
    async fn get(me: &Client, flow: &Flow) -> Self {
        Self::of(&me.get(&paths::edit(&flow.id)).await)
    }

    fn of(page: &Reply) -> Self {
        page.expect(200);
        let html = scraper::Html::parse_document(&page.html());
        let select = |css: &str| scraper::Selector::parse(css).unwrap();
        let form = html.select(&select("form[data-flow-entry]")).next().unwrap();
        let mut fields = Vec::new();
        for field in form.select(&select("input, select, textarea")) {
            let name = field.value().attr("name").unwrap().to_owned();
            let value = match field.value().name() {
                "select" => {
                    let chosen = field.select(&select("option[selected]")).next();
                    chosen
                        .and_then(|o| o.value().attr("value"))
                        .unwrap_or_default()
                        .to_owned()
                }
                "textarea" => field.text().collect::<String>().trim().to_owned(),
                _ => field.value().attr("value").unwrap_or_default().to_owned(),
            };
            fields.push((name, value));
        }
        Self(fields)
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        let field = self.0.iter_mut().find(|(n, _)| n == name).unwrap();
        field.1 = value.to_owned();
        self
    }

    async fn post(&self, me: &Client, flow: &Flow) -> Reply {
        let fields: Vec<_> = self.0.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        me.post(&paths::edit(&flow.id), &fields).await
    }
}

#[tokio::test]
async fn a_flow_is_edited_and_what_is_refused_stays_typed() {
    let test = TestApp::start().await;
    let (me, _, flow) = cardboard(&test).await;
    let form = Shown::get(&me, &flow)
        .await
        .with("quantity", "douze")
        .with("outlet", "Benne");
    let refused = form.post(&me, &flow).await;
    refused.expect(422);
    assert_eq!(
        refused.text("#e-quantity"),
        "Indiquez la quantité en tonnes par an, par exemple 12,5."
    );
    assert_eq!(refused.attr("#f-quantity", "value").as_deref(), Some("douze"));
    assert_eq!(refused.attr("#f-outlet", "value").as_deref(), Some("Benne"));

    let form = form
        .with("quantity", "3,2 t/mois")
        .with("waste_code", "15 01 01")
        .with("temperature", "-4,5");
    form.post(&me, &flow).await.expect(303);
    let saved = stored(&test, &flow).await.unwrap();
    assert!((saved.annual_quantity.unwrap() - 38.4).abs() < 1e-9);
    assert_eq!(saved.waste_code.as_deref(), Some("150101"));
    assert_eq!(saved.temperature_c, Some(-4.5));
    assert_eq!(saved.version, 2);
    assert_eq!(
        test.count("select count(*) from journal where subject = 'flow' and before is not null")
            .await,
        1
    );
    assert_eq!(
        test.count("select count(*) from jobs where name = 'flows_changed'")
            .await,
        1
    );
}

#[tokio::test]
async fn different_fields_of_two_people_are_merged() {
    let test = TestApp::start().await;
    let (me, _, flow) = cardboard(&test).await;
    let other = test.as_(Role::Advisor).await;
    let mine = Shown::get(&me, &flow).await.with("outlet", "Benne");
    let theirs = Shown::get(&other, &flow).await.with("quantity", "42");
    theirs.post(&other, &flow).await.expect(303);
    let reply = mine.post(&me, &flow).await;
    reply.expect(303);
    let page = me.get(&paths::edit(&flow.id)).await;
    assert!(page.text(".toast").contains("sont gardées aussi"));
    let saved = stored(&test, &flow).await.unwrap();
    assert_eq!(
        (saved.quantity, saved.outlet.as_deref()),
        (Some(42.0), Some("Benne"))
    );
}

#[tokio::test]
async fn the_same_field_of_two_people_is_asked_with_its_three_values() {
    let test = TestApp::start().await;
    let (me, _, flow) = cardboard(&test).await;
    let other = test.as_(Role::Pilot).await;
    let mine = Shown::get(&me, &flow)
        .await
        .with("quantity", "38")
        .with("outlet", "Benne");
    Shown::get(&other, &flow)
        .await
        .with("quantity", "42")
        .post(&other, &flow)
        .await
        .expect(303);
    let asked = mine.post(&me, &flow).await;
    asked.expect(409);
    let choices = asked.texts("main fieldset label");
    assert!(choices[0].starts_with("38 t/an") && choices[0].contains("votre saisie"));
    assert!(choices[1].starts_with("42 t/an") && choices[1].contains("Personne Pilote"));
    assert_eq!(asked.text("main fieldset p"), "Valeur d’origine : 35 t/an");
    assert_eq!(stored(&test, &flow).await.unwrap().quantity, Some(42.0));

    // Choosing is posting the same page: mine is ticked.
    let html = scraper::Html::parse_document(&asked.html());
    let fields = scraper::Selector::parse("main input[type=hidden], main input[checked]").unwrap();
    let posted: Vec<_> = html
        .select(&fields)
        .map(|i| (i.value().attr("name").unwrap(), i.value().attr("value").unwrap()))
        .collect();
    me.post(&paths::edit(&flow.id), &posted).await.expect(303);
    let saved = stored(&test, &flow).await.unwrap();
    assert_eq!(
        (saved.quantity, saved.outlet.as_deref()),
        (Some(38.0), Some("Benne"))
    );
    assert_eq!(saved.category.as_deref(), Some("MAT-01"));
    assert_eq!(saved.version, 3);
}

#[tokio::test]
async fn unchanged_in_one_click() {
    let test = TestApp::start().await;
    let (me, site, flow) = cardboard(&test).await;
    test.travel(Duration::days(800));
    let me = test.signed_in(me.user).await;
    let listed = me.get("/flux?etat=a-confirmer").await;
    assert_eq!(listed.text("tbody .badge"), "à confirmer");
    let done = me
        .post(&paths::confirm(&flow.id), &[("back", "/flux?q=carton")])
        .await;
    done.expect(303);
    assert_eq!(done.location(), format!("/flux?q=carton#flux-{}", flow.id));
    let today = test.system().today();
    assert_eq!(stored(&test, &flow).await.unwrap().confirmed_on, Some(today));
    assert!(me.get("/flux?etat=a-confirmer").await.has(".empty"));

    make::flow(&test, &site, Direction::Inbound, "ENE-02", ("Gaz", 10.0, "mwh")).await;
    test.travel(Duration::days(2));
    let me = test.signed_in(me.user).await;
    let all = me
        .post(&paths::confirm_all(&site.id), &[("back", "//ailleurs.example")])
        .await;
    all.expect(303);
    assert_eq!(all.location(), paths::of_establishment(&site.id));
    assert_eq!(
        me.get(all.location()).await.text(".toast"),
        "2 flux confirmés inchangés."
    );
    assert_eq!(
        test.count("select count(*) from journal where action = '2 flux confirmés inchangés'")
            .await,
        1
    );
}

#[tokio::test]
async fn a_deleted_flow_can_come_back() {
    let test = TestApp::start().await;
    let (me, _, flow) = cardboard(&test).await;
    let done = me.post(&paths::delete(&flow.id), &[("back", "/flux")]).await;
    done.expect(303);
    assert_eq!(stored(&test, &flow).await, None);
    me.get(&paths::edit(&flow.id)).await.expect(404);
    let page = me.get(done.location()).await;
    assert!(page.text(".note").contains("« Cartons bruns » est supprimé."));
    assert_eq!(page.text(".note button"), "Annuler");
    let restore = page.attr(".note form", "action").unwrap();
    assert_eq!(me.get(paths::TRASH).await.texts("tbody tr").len(), 1);
    for _ in 0..2 {
        me.post(&restore, &[]).await.expect(303);
    }
    assert!(stored(&test, &flow).await.is_some());
    assert!(me.get(paths::TRASH).await.has(".empty"));

    me.post(&paths::delete(&flow.id), &[]).await.expect(303);
    test.travel(Duration::days(31));
    let me = test.signed_in(me.user).await;
    assert!(me.get(paths::TRASH).await.has(".empty"));
    me.post(&restore, &[]).await.expect(404);
}

#[tokio::test]
async fn a_copy_asks_its_quantity_again() {
    let test = TestApp::start().await;
    let (me, _, flow) = cardboard(&test).await;
    let done = me.post(&paths::duplicate(&flow.id), &[]).await;
    done.expect(303);
    let page = me.get(done.location()).await;
    page.expect(200);
    assert_eq!(page.attr("#f-label", "value").as_deref(), Some("Cartons bruns"));
    assert_eq!(page.attr("#f-quantity", "value").as_deref(), Some(""));
    assert_eq!(test.count("select count(*) from flows").await, 2);
}

#[tokio::test]
async fn every_filter_of_the_list_narrows_it() {
    let test = TestApp::start().await;
    let (me, site, _) = cardboard(&test).await;
    let other = make::establishment(&test, test.territory, "Fonderie").await;
    make::flow(
        &test,
        &other,
        Direction::Inbound,
        "ENE-02",
        ("Gaz naturel", 10.0, "mwh"),
    )
    .await;
    test.execute(format!(
        "update establishments set insee = '41003' where id = '{}';
         update flows set category = null, annual_quantity = null where label = 'Gaz naturel'",
        other.id
    ))
    .await;
    let labels = async |query: &str| me.get(&format!("/flux{query}")).await.texts("tbody th");
    assert_eq!(labels("").await, ["Cartons bruns", "Gaz naturel"]);
    for (query, expected) in [
        ("?q=CARTÓN", "Cartons bruns"),
        ("?q=fonder", "Gaz naturel"),
        ("?famille=MAT", "Cartons bruns"),
        ("?categorie=MAT-01", "Cartons bruns"),
        ("?sens=entrant", "Gaz naturel"),
        ("?etat=a-classer", "Gaz naturel"),
        ("?commune=41003", "Gaz naturel"),
    ] {
        assert_eq!(labels(query).await, [expected], "{query}");
    }
    assert_eq!(
        labels(&format!("?etablissement={}", site.id)).await,
        ["Cartons bruns"]
    );
    for (sort, first) in [
        ("flux", "Cartons bruns"),
        ("-flux", "Gaz naturel"),
        ("-entreprise", "Gaz naturel"),
        ("categorie", "Cartons bruns"),
        ("-quantite", "Cartons bruns"),
        ("date", "Cartons bruns"),
    ] {
        assert_eq!(labels(&format!("?tri={sort}")).await[0], first, "{sort}");
    }
    let empty = me.get("/flux?q=introuvable&page=7").await;
    empty.expect(200);
    assert_eq!(empty.text(".empty h2"), "Aucun flux ne répond à ces filtres");
    assert!(empty.text(".chips").contains("Réinitialiser"));
}

#[tokio::test]
async fn categories_are_suggested_by_synonym() {
    let test = TestApp::start().await;
    let me = test.as_(Role::Advisor).await;
    let reply = me.get("/nomenclature.json?q=vieux%20cartons&sens=sortant").await;
    let found: serde_json::Value = serde_json::from_slice(&reply.bytes).unwrap();
    assert_eq!(found[0]["value"], "MAT-01");
    assert_eq!(found[0]["confidence"], 100);
    assert_eq!(found[0]["why"], "synonyme «\u{a0}vieux cartons\u{a0}»");
    assert_eq!(
        found[0]["hint"],
        "MAT-01 · t · 100\u{a0}% · synonyme «\u{a0}vieux cartons\u{a0}»"
    );
}

#[tokio::test]
async fn a_neighbour_s_flow_does_not_exist() {
    let test = TestApp::start().await;
    let (_, site, flow) = cardboard(&test).await;
    let neighbour = make::territory(&test.system(), "Pays voisin").await;
    let stranger = test
        .signed_in(make::user(&test, Role::Advisor, neighbour).await)
        .await;
    stranger.get(&paths::edit(&flow.id)).await.expect(404);
    let valid = [
        ("direction", "sortant"),
        ("label", "Vol"),
        ("observed_on", "17/11/2026"),
        ("category", "MAT-02"),
    ];
    for path in [
        paths::edit(&flow.id),
        paths::confirm(&flow.id),
        paths::confirm_all(&site.id),
        paths::classify(&flow.id),
        paths::duplicate(&flow.id),
        paths::delete(&flow.id),
        paths::restore(&flow.id),
    ] {
        stranger.post(&path, &valid).await.expect(404);
    }
    assert!(stranger.get(paths::LIST).await.has(".empty"));
    assert_eq!(stored(&test, &flow).await.unwrap().version, 1);
}
