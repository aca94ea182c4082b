//! The directory of companies: an extract that is imported, the public service, the geocoder; and the
//! form that they fill. The other servers are real ones, started here.

use crate::support::{Client, TestApp, config, make};
use maillage::platform::access::Role;
use serde_json::json;
use std::net::SocketAddr;

const SITES: &[u8] = include_bytes!("../../src/companies/directory/StockEtablissement_extrait_fictif.csv");
const UNITS: &[u8] = include_bytes!("../../src/companies/directory/StockUniteLegale_extrait_fictif.csv");

/// A server that answers every path with this text, after a while.
async fn server(answer: String, after: std::time::Duration) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = axum::Router::new().fallback(move || {
        let answer = answer.clone();
        async move {
            tokio::time::sleep(after).await;
            answer
        }
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

async fn with_extract(test: &TestApp) {
    let admin = test.as_(Role::Admin).await;
    let files = [
        ("units", "StockUniteLegale.csv", UNITS.to_vec()),
        ("sites", "StockEtablissement.csv", SITES.to_vec()),
    ];
    admin.upload("/administration/annuaire", &files).await.expect(303);
    test.run_jobs().await;
}

async fn looked_up(client: &Client, typed: &str) -> crate::support::Reply {
    let page = client
        .get(&format!("/entreprises/nouvelle?cherche={typed}"))
        .await;
    page.expect(200);
    page
}

#[tokio::test]
async fn an_extract_is_kept_for_the_communes_of_the_territories() {
    let test = TestApp::start().await;
    let admin = test.as_(Role::Admin).await;
    assert!(
        admin
            .get("/administration/annuaire")
            .await
            .text("#annuaire")
            .contains("Rien pour l’instant")
    );
    with_extract(&test).await;
    assert_eq!(
        test.count("select count(*) from sirene_sites").await,
        4,
        "those of Vendôme"
    );
    assert_eq!(test.count("select count(*) from sirene_units").await, 4);
    assert_eq!(test.count("select count(*) from sirene_files").await, 0);
    let page = admin.get("/administration/annuaire").await;
    assert!(
        page.text("#annuaire").contains("4 établissements, dont 1 fermé"),
        "{}",
        page.text("#annuaire")
    );

    let refused = admin
        .upload(
            "/administration/annuaire",
            &[("sites", "autre.csv", b"siret,nom\n1,2\n".to_vec())],
        )
        .await;
    refused.expect(422);
    assert!(refused.text(".errsum").contains("codeCommuneEtablissement"));
    test.as_(Role::Advisor)
        .await
        .get("/administration/annuaire")
        .await
        .expect(403);
}

#[tokio::test]
async fn choosing_an_establishment_fills_the_form() {
    let test = TestApp::start().await;
    with_extract(&test).await;
    let client = test.as_(Role::Advisor).await;
    let page = looked_up(&client, "conserverie").await;
    let href = page.attr("a[href*=siret]", "href").unwrap();
    let form = client.get(&href).await;
    let fields = form.fields("form[method=post]");
    let value = |name: &str| {
        fields
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    };
    assert_eq!(value("name"), Some("Conserverie fictive du Loir"));
    assert_eq!(value("siret"), Some("900\u{a0}000\u{a0}019\u{a0}00019"));
    assert_eq!(value("naf"), Some("10.39A"));
    assert_eq!(value("headcount"), Some("h20_49"));
    assert_eq!(value("address"), Some("4 RUE DU MOULIN IMAGINAIRE"));
    assert_eq!(value("commune"), Some("41269"));
    let pairs: Vec<_> = fields
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect();
    client.post("/entreprises/nouvelle", &pairs).await.expect(303);

    let again = looked_up(&client, "900000019").await;
    assert!(again.text("main").contains("déjà suivie"), "ours come first");
    assert!(!again.has("a[href*=siret]"), "and are not proposed twice");
}

#[tokio::test]
async fn the_closed_are_told_and_the_hidden_have_no_name() {
    let test = TestApp::start().await;
    with_extract(&test).await;
    let client = test.as_(Role::Advisor).await;
    let closed = looked_up(&client, "imprimerie").await;
    assert!(closed.text(".badge.bad").contains("fermé"));
    let form = client.get(&closed.attr("a[href*=siret]", "href").unwrap()).await;
    assert!(form.text("main").contains("fermé d’après l’annuaire"));
    let hidden = looked_up(&client, "900000043").await;
    assert!(hidden.text("main").contains("Nom non diffusible"));
    let nothing = looked_up(&client, "zygomorphe").await;
    assert!(nothing.text("[role=status]").contains("Rien ne répond"));
}

#[tokio::test]
async fn the_public_service_and_the_geocoder_are_asked_when_a_setting_says_where() {
    let company = json!({"results": [{
        "nom_raison_sociale": "Tannerie fictive", "statut_diffusion": "O",
        "siege": {"siret": "90000001900019", "adresse": "2 RUE DU TAN 41100 VENDOME", "code_postal": "41100", "commune": "41269",
                  "libelle_commune": "VENDOME", "activite_principale": "15.11Z", "tranche_effectif_salarie": "11", "etat_administratif": "A"}}]});
    let place = json!({"type": "FeatureCollection", "features": [
        {"geometry": {"type": "Point", "coordinates": [1.0712, 47.7934]}, "properties": {"score": 0.93, "citycode": "41269"}}]});
    let at_once = std::time::Duration::ZERO;
    let mut settings = config();
    settings.company_service = Some(format!("http://{}", server(company.to_string(), at_once).await));
    settings.geocoder = Some(format!(
        "http://{}/geocodage",
        server(place.to_string(), at_once).await
    ));
    let test = TestApp::with(settings).await;
    let client = test.as_(Role::Advisor).await;
    let page = looked_up(&client, "tannerie").await;
    let form = client.get(&page.attr("a[href*=siret]", "href").unwrap()).await;
    let fields = form.fields("form[method=post]");
    let value = |name: &str| {
        fields
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    };
    assert_eq!(value("name"), Some("Tannerie fictive"));
    assert_eq!(value("address"), Some("2 RUE DU TAN"));
    assert_eq!((value("lat"), value("lon")), (Some("47.79340"), Some("1.07120")));
}

#[tokio::test]
async fn an_address_is_proposed_and_places_the_establishment() {
    let place = json!({"type": "FeatureCollection", "features": [
        {"geometry": {"type": "Point", "coordinates": [1.0712, 47.7934]},
         "properties": {"score": 0.93, "citycode": "41269", "label": "2 Rue du Tan 41100 Vendôme", "name": "2 Rue du Tan",
                        "postcode": "41100", "city": "Vendôme"}}]});
    let mut settings = config();
    let at_once = std::time::Duration::ZERO;
    settings.geocoder = Some(format!("http://{}", server(place.to_string(), at_once).await));
    let test = TestApp::with(settings).await;
    let client = test.as_(Role::Advisor).await;
    let proposed = client
        .get("/entreprises/adresses.json?q=2+rue+du&commune=41269")
        .await;
    assert!(
        proposed
            .html()
            .contains(r#""label":"2 Rue du Tan","hint":"41100 Vendôme""#),
        "{}",
        proposed.html()
    );
    let page = client.get("/entreprises/nouvelle").await;
    assert!(page.has("#f-address[data-suggest]"));
    let id = page.attr("form[method=post] [name=id]", "value").unwrap();
    let fields = [
        ("id", id.as_str()),
        ("name", "Tannerie d’Essai"),
        ("address", "2 Rue du Tan"),
        ("commune_typed", "Vendôme"),
    ];
    client.post("/entreprises/nouvelle", &fields).await.expect(303);
    let placed = "select count(*) from establishments where position_source = 'address' and round(latitude::numeric, 4) = 47.7934";
    assert_eq!(test.count(placed).await, 1);
    // Without a geocoder, the commune serves, and nothing is proposed.
    let test = TestApp::start().await;
    let client = test.as_(Role::Advisor).await;
    assert_eq!(
        client.get("/entreprises/adresses.json?q=2+rue").await.html(),
        "[]"
    );
    assert!(
        !client
            .get("/entreprises/nouvelle")
            .await
            .has("#f-address[data-suggest]")
    );
}

#[tokio::test]
async fn a_silent_or_absurd_service_leaves_the_form_usable() {
    for (answer, after) in [
        ("<html>", std::time::Duration::ZERO),
        ("{}", std::time::Duration::from_secs(60)),
    ] {
        let mut settings = config();
        settings.company_service = Some(format!("http://{}", server(answer.to_owned(), after).await));
        let test = TestApp::with(settings).await;
        make::establishment(&test, test.territory, "Tannerie d’ici").await;
        let client = test.as_(Role::Advisor).await;
        let page = looked_up(&client, "tannerie").await;
        assert!(
            page.text(".note").contains("ne répond pas"),
            "{}",
            page.text("main")
        );
        assert!(page.text("main").contains("Tannerie d’ici") && page.has("#f-name"));
    }
}

#[tokio::test]
async fn who_does_not_answer_in_time_is_left_alone_for_a_while() {
    let asked = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let counted = std::sync::Arc::clone(&asked);
    let router = axum::Router::new().fallback(move || {
        counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        std::future::pending::<()>()
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    let mut settings = config();
    settings.company_service = Some(format!("http://{address}"));
    let test = TestApp::with(settings).await;
    let client = test.as_(Role::Advisor).await;
    for _ in 0..3 {
        let page = looked_up(&client, "tannerie").await;
        assert!(page.text(".note").contains("ne répond pas"));
    }
    assert_eq!(asked.load(std::sync::atomic::Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_establishment_that_is_not_found_again_leaves_its_number() {
    let test = TestApp::start().await;
    let client = test.as_(Role::Advisor).await;
    let siret = "73282932000074";
    let page = client.get(&format!("/entreprises/nouvelle?siret={siret}")).await;
    page.expect(200);
    assert!(page.text(".note").contains("son SIRET est gardé"));
    let fields = page.fields("form[method=post]");
    let kept = fields.iter().find(|(key, _)| key == "siret");
    assert_eq!(
        kept.map(|(_, value)| value.replace(char::is_whitespace, "")),
        Some(siret.to_owned())
    );
}

#[tokio::test]
async fn legal_units_are_read_after_the_establishments_that_bear_them() {
    let test = TestApp::start().await;
    with_extract(&test).await;
    assert!(test.count("select count(*) from sirene_units").await > 0);
    assert_eq!(test.count("select count(*) from sirene_files").await, 0);
    assert_eq!(
        test.count("select count(*) from jobs where name = 'sirene'")
            .await,
        1
    );
}
