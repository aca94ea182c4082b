//! Establishments: found in the list and on the map, added, corrected by two people, withdrawn;
//! their contacts.

use crate::support::{Client, Reply, TestApp, make};
use chrono::Duration;
use maillage::companies::search::{Filter, Query, fresh_since, store as search};
use maillage::companies::{Establishment, consent, paths};
use maillage::kernel::Direction;
use maillage::kernel::ids::{EstablishmentId, SynergyId};
use maillage::platform::access::Role;
use maillage::visits::VisitStatus;

const SIRET: &str = "732 829 320 00074";

/// The fields of a form of a page, as a browser would post them.
fn filled(page: &Reply, changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut fields = page.fields("main form[method=post]:not([action$=retablissement])");
    for (name, value) in changes {
        match fields.iter_mut().find(|(known, _)| known == name) {
            Some(field) => (*value).clone_into(&mut field.1),
            None => fields.push(((*name).to_owned(), (*value).to_owned())),
        }
    }
    fields
}

async fn post(client: &Client, path: &str, fields: &[(String, String)]) -> Reply {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    client.post(path, &fields).await
}

/// Fills the form of `path` and sends it.
async fn submit(client: &Client, path: &str, changes: &[(&str, &str)]) -> Reply {
    let page = client.get(path).await;
    page.expect(200);
    post(client, path, &filled(&page, changes)).await
}

fn names(page: &Reply) -> Vec<String> {
    page.texts("main table tbody th a")
}

#[tokio::test]
async fn an_empty_territory_says_how_to_begin() {
    let test = TestApp::start().await;
    let page = test.as_(Role::Advisor).await.get(paths::LIST).await;
    page.expect(200);
    assert!(page.text(".empty").contains("J’ajoute une entreprise"));
    assert!(!page.has("main form"));
}

#[tokio::test]
async fn the_list_and_the_map_show_the_same_establishments_for_each_filter() {
    let test = TestApp::start().await;
    let advisor = test.as_(Role::Advisor).await;
    let scierie = make::establishment(&test, test.territory, "Scierie de l’Étang").await;
    let brasserie = make::establishment(&test, test.territory, "Brasserie Sauterelle").await;
    make::establishment(&test, test.territory, "Cartonnerie Belle-Anse").await;
    make::flow(
        &test,
        &scierie,
        Direction::Outbound,
        "MAT-05",
        ("Sciures", 12.0, "t"),
    )
    .await;
    test.execute(format!(
        "update establishments set naf = '11.05Z', siret = '73282932000074', insee = '41003' where id = '{}'",
        brasserie.id
    ))
    .await;
    let cases: [(&str, &[&str]); 11] = [
        (
            "",
            &[
                "Brasserie Sauterelle",
                "Cartonnerie Belle-Anse",
                "Scierie de l’Étang",
            ],
        ),
        ("?q=etang+scierie", &["Scierie de l’Étang"]),
        ("?q=732+829", &["Brasserie Sauterelle"]),
        ("?q=bi%C3%A8re", &["Brasserie Sauterelle"]),
        ("?q=100%25zz", &[]),
        ("?commune=41003", &["Brasserie Sauterelle"]),
        (
            "?naf=C",
            &[
                "Brasserie Sauterelle",
                "Cartonnerie Belle-Anse",
                "Scierie de l’Étang",
            ],
        ),
        ("?naf=11", &["Brasserie Sauterelle"]),
        ("?famille=MAT", &["Scierie de l’Étang"]),
        ("?a_confirmer=oui", &[]),
        (
            "?tri=flux&sens=desc&q=e&commune=41269",
            &["Scierie de l’Étang", "Cartonnerie Belle-Anse"],
        ),
    ];
    for (query, expected) in cases {
        let page = advisor.get(&format!("{}{query}", paths::LIST)).await;
        page.expect(200);
        assert_eq!(names(&page), expected, "{query}");
        let points = advisor.get(&format!("{}{query}", paths::POINTS)).await;
        let points: Vec<serde_json::Value> = serde_json::from_slice(&points.bytes).unwrap();
        let labels: Vec<&str> = points
            .iter()
            .map(|point| point["label"].as_str().unwrap())
            .collect();
        assert_eq!(labels, expected, "{query} on the map");
    }
    let map = advisor.get("/entreprises?vue=carte&famille=MAT").await;
    assert_eq!(
        map.attr("[data-map]", "data-points").as_deref(),
        Some("/entreprises/points.json?famille=MAT")
    );
    assert_eq!(map.texts(".chip").len(), 1);
    let none = advisor.get("/entreprises?q=introuvable").await;
    assert!(none.text(".empty").contains("Aucune entreprise ne correspond"));

    test.travel(Duration::days(800));
    let stale = advisor.get("/entreprises?a_confirmer=oui").await;
    stale.expect(303);
    let advisor = test.signed_in(advisor.user).await;
    let stale = advisor.get("/entreprises?a_confirmer=oui").await;
    assert_eq!(names(&stale), ["Scierie de l’Étang"]);
    assert!(stale.text("tbody .badge").contains("1 à confirmer"));
}

#[tokio::test]
async fn zones_filter_too_and_pages_follow() {
    let test = TestApp::start().await;
    let advisor = test.as_(Role::Advisor).await;
    for n in 0..53 {
        make::establishment(&test, test.territory, &format!("Atelier {n:02}")).await;
    }
    test.execute(format!(
        "insert into activity_zones (id, territory_id, name, latitude, longitude)
         values ('00000000-0000-7000-8000-000000000001', '{}', 'Zone des Saules', 47.8, 1.1);
         update establishments set zone_id = '00000000-0000-7000-8000-000000000001' where name < 'Atelier 02'",
        test.territory
    ))
    .await;
    let zone = advisor
        .get("/entreprises?zone=00000000-0000-7000-8000-000000000001")
        .await;
    assert_eq!(names(&zone), ["Atelier 00", "Atelier 01"]);
    assert!(zone.text(".chip").contains("Zone des Saules"));

    let second = advisor.get("/entreprises?page=2").await;
    assert_eq!(names(&second), ["Atelier 50", "Atelier 51", "Atelier 52"]);
    assert!(second.text(".pager").contains("51 à 53 sur 53"));
    let beyond = advisor.get("/entreprises?q=atelier&page=9").await;
    assert_eq!(
        (beyond.status.as_u16(), beyond.location()),
        (303, "/entreprises?q=atelier")
    );
}

#[tokio::test]
async fn an_establishment_is_added_once_however_often_the_form_is_sent() {
    let test = TestApp::start().await;
    let advisor = test.as_(Role::Advisor).await;
    let page = advisor.get(paths::NEW).await;
    page.expect(200);
    let fields = filled(
        &page,
        &[
            ("name", "Cartonnerie Belle-Anse"),
            ("siret", SIRET),
            ("naf_typed", "17.21A"),
            ("commune_typed", "41100 vendome"),
            ("headcount", "h50_99"),
            ("charter", "1/3/26"),
        ],
    );
    let first = post(&advisor, paths::NEW, &fields).await;
    first.expect(303);
    let second = post(&advisor, paths::NEW, &fields).await;
    assert_eq!(second.location(), first.location());
    assert_eq!(test.count("select count(*) from establishments").await, 1);
    assert_eq!(
        test.count("select count(*) from journal where action = 'entreprise ajoutée'")
            .await,
        1
    );
    let sheet = advisor.get(first.location()).await;
    sheet.expect(200);
    assert_eq!(sheet.text("h1"), "Cartonnerie Belle-Anse");
    let identity = sheet.text(".kv");
    for words in [
        "732 829 320 00074",
        "17.21A Fabrication de carton ondulé",
        "41100 Vendôme",
        "1er mars 2026",
    ] {
        assert!(identity.contains(words), "{words} in {identity}");
    }
    assert!(sheet.text("#flux").contains("Aucun flux relevé"));
    assert_eq!(
        sheet.text("[aria-labelledby=t-carte] .aside"),
        "centre de la commune"
    );
}

#[tokio::test]
async fn a_refused_form_keeps_all_that_was_typed() {
    let test = TestApp::start().await;
    let advisor = test.as_(Role::Advisor).await;
    let typed = [
        ("name", ""),
        ("siret", "732 829 320 00075"),
        ("naf_typed", "carton"),
        ("commune_typed", "41100"),
        ("address", "3 rue des Écoles"),
        ("lat", "nord"),
        ("charter", "31/02/2026"),
        ("notes", "Quai derrière <b>"),
    ];
    let refused = submit(&advisor, paths::NEW, &typed).await;
    refused.expect(422);
    let fields = refused.fields("main form[method=post]");
    for (name, value) in typed {
        assert!(fields.contains(&(name.to_owned(), value.to_owned())), "{name}");
    }
    let summary = refused.text(".errsum");
    for words in [
        "Indiquez le nom",
        "un des chiffres est faux",
        "17.21A Fabrication de carton ondulé",
        "Vendôme (41100)",
        "Indiquez des degrés",
        "Indiquez une date",
    ] {
        assert!(summary.contains(words), "{words} in {summary}");
    }
    for id in refused
        .texts(".errsum a")
        .iter()
        .zip(["name", "siret", "naf", "commune", "lat", "charter"])
        .map(|(_, id)| id)
    {
        assert!(
            refused.has(&format!(".errsum a[href='#f-{id}']"))
                && refused.has(&format!("#f-{id}[aria-invalid]")),
            "{id}"
        );
    }
    assert_eq!(test.count("select count(*) from establishments").await, 0);
}

#[tokio::test]
async fn a_known_siret_leads_to_its_sheet_and_a_withdrawn_one_comes_back() {
    let test = TestApp::start().await;
    let advisor = test.as_(Role::Advisor).await;
    let added = submit(&advisor, paths::NEW, &[("name", "Première"), ("siret", SIRET)]).await;
    added.expect(303);
    let sheet = added.location().to_owned();
    let double = submit(&advisor, paths::NEW, &[("name", "Seconde"), ("siret", SIRET)]).await;
    double.expect(422);
    assert_eq!(double.attr(".note a", "href").as_deref(), Some(sheet.as_str()));

    let question = advisor.get(&format!("{sheet}/archivage")).await;
    assert!(question.text("h1").contains("Première"));
    advisor.post(&format!("{sheet}/archivage"), &[]).await.expect(303);
    advisor.get(&sheet).await.expect(404);
    assert!(advisor.get(paths::LIST).await.has(".empty"));

    let again = submit(&advisor, paths::NEW, &[("name", "Seconde"), ("siret", SIRET)]).await;
    again.expect(422);
    let restore = again.attr(".note form", "action").unwrap();
    advisor.post(&restore, &[]).await.expect(303);
    advisor.get(&sheet).await.expect(200);
    advisor.post(&restore, &[]).await.expect(404);
    assert_eq!(
        test.count(
            "select count(*) from journal where action in ('entreprise retirée', 'entreprise rétablie')"
        )
        .await,
        2
    );
}

#[tokio::test]
async fn the_same_siret_may_live_in_another_territory() {
    let test = TestApp::start().await;
    let elsewhere = make::territory(&test.system(), "Ailleurs").await;
    let there = make::establishment(&test, elsewhere, "Voisine").await;
    test.execute(format!(
        "update establishments set siret = '73282932000074' where id = '{}'",
        there.id
    ))
    .await;
    let advisor = test.as_(Role::Advisor).await;
    submit(&advisor, paths::NEW, &[("name", "Ici"), ("siret", SIRET)])
        .await
        .expect(303);
}

#[tokio::test]
async fn two_people_who_correct_different_fields_both_win() {
    let test = TestApp::start().await;
    let (one, two) = (test.as_(Role::Advisor).await, test.as_(Role::Advisor).await);
    let e = make::establishment(&test, test.territory, "Fonderie Tournesol").await;
    let path = paths::edit(&e.id);
    let (opened, opened_too) = (one.get(&path).await, two.get(&path).await);
    post(&one, &path, &filled(&opened, &[("notes", "Quai derrière")]))
        .await
        .expect(303);
    post(
        &two,
        &path,
        &filled(&opened_too, &[("address", "3 rue des Écoles")]),
    )
    .await
    .expect(303);
    let sheet = one.get(&paths::show(&e.id)).await.html();
    assert!(sheet.contains("Quai derrière") && sheet.contains("3 rue des Écoles"));
}

#[tokio::test]
async fn two_people_who_correct_the_same_field_see_three_values() {
    let test = TestApp::start().await;
    let (one, two) = (test.as_(Role::Advisor).await, test.as_(Role::Advisor).await);
    let e = make::establishment(&test, test.territory, "Fonderie Tournesol").await;
    let path = paths::edit(&e.id);
    let (opened, opened_too) = (one.get(&path).await, two.get(&path).await);
    post(
        &one,
        &path,
        &filled(&opened, &[("name", "Fonderie Un"), ("naf_typed", "24.51Z")]),
    )
    .await
    .expect(303);
    let changes = [
        ("name", "Fonderie Deux"),
        ("naf_typed", "24.52Z"),
        ("notes", "Gardée"),
    ];
    let conflict = post(&two, &path, &filled(&opened_too, &changes)).await;
    conflict.expect(409);
    let page = conflict.text("main");
    for words in [
        "Fonderie Deux",
        "Fonderie Un",
        "Fonderie Tournesol",
        "24.52Z",
        "24.51Z",
        "25.62B",
    ] {
        assert!(page.contains(words), "{words} in {page}");
    }
    // The first radio of each field is checked: mine; the activity is taken from the other one.
    let theirs = conflict.attr("[name=naf_typed]:not([checked])", "value").unwrap();
    post(&two, &path, &filled(&conflict, &[("naf_typed", &theirs)]))
        .await
        .expect(303);
    let saved = stored(&test, e.id).await;
    assert_eq!(
        (saved.name.as_str(), saved.naf.as_deref()),
        ("Fonderie Deux", Some("24.51Z"))
    );
    assert_eq!(
        (saved.notes.as_deref(), saved.insee.as_deref()),
        (Some("Gardée"), Some("41269"))
    );
    assert_eq!(saved.position_source, e.position_source);
}

async fn stored(test: &TestApp, id: EstablishmentId) -> Establishment {
    let scope = make::scope(test, test.territory);
    let mut db = test.system().read().await.unwrap();
    maillage::companies::store::find(&mut db, &scope, id)
        .await
        .unwrap()
        .unwrap()
}

#[tokio::test]
async fn an_establishment_alone_takes_its_company_along_and_another_joins_it() {
    let test = TestApp::start().await;
    let advisor = test.as_(Role::Advisor).await;
    let e = make::establishment(&test, test.territory, "Fonderie Tournesol").await;
    submit(
        &advisor,
        &paths::edit(&e.id),
        &[("name", "Fonderie Neuve"), ("siret", SIRET)],
    )
    .await
    .expect(303);
    let first = stored(&test, e.id).await;
    assert_eq!(first.company_id, e.company_id);
    assert_eq!(
        test.count("select count(*) from companies where siren = '732829320' and name = 'Fonderie Neuve'")
            .await,
        1
    );
    let other = make::establishment(&test, test.territory, "Dépôt").await;
    submit(&advisor, &paths::edit(&other.id), &[("siret", "73282932000009")])
        .await
        .expect(303);
    assert_eq!(stored(&test, other.id).await.company_id, e.company_id);
    let sheet = advisor.get(&paths::show(&e.id)).await;
    assert!(sheet.text(".kv").contains("Dépôt"));
}

#[tokio::test]
async fn the_sheet_gathers_flows_visits_and_history() {
    let test = TestApp::start().await;
    let advisor = test.as_(Role::Advisor).await;
    let e = make::establishment(&test, test.territory, "Scierie de l’Étang").await;
    make::flow(&test, &e, Direction::Outbound, "MAT-05", ("Sciures", 12.0, "t")).await;
    make::flow(&test, &e, Direction::Inbound, "ENE-01", ("Vapeur", 400.0, "mwh")).await;
    make::visit(&test, &e, VisitStatus::Planned, vec![advisor.user]).await;
    let sheet = advisor.get(&paths::show(&e.id)).await;
    sheet.expect(200);
    let flows = sheet.text("#flux");
    assert!(
        flows.contains("2 flux · 1 entrant, 1 sortant") && flows.contains("Sciures"),
        "{flows}"
    );
    assert!(sheet.text("#visites").contains("prévue"));
    assert!(sheet.text("#synergies").contains("Aucune synergie proposée"));
    assert!(
        sheet
            .text("[aria-labelledby=t-historique]")
            .contains("entreprise ajoutée")
    );
}

#[tokio::test]
async fn a_neighbour_s_establishment_and_contacts_do_not_exist() {
    let test = TestApp::start().await;
    let elsewhere = make::territory(&test.system(), "Ailleurs").await;
    let there = make::establishment(&test, elsewhere, "Voisine").await;
    let contact = "00000000-0000-7000-8000-0000000000c1";
    test.execute(format!(
        "insert into contacts (id, establishment_id, name, created_at) values ('{contact}', '{}', 'Voisin', now())",
        there.id
    ))
    .await;
    let advisor = test.as_(Role::Advisor).await;
    for path in [
        paths::show(&there.id),
        paths::edit(&there.id),
        paths::archive(&there.id),
        paths::contact_new(&there.id),
        format!("/contacts/{contact}/modifier"),
        format!("/contacts/{contact}/retrait"),
    ] {
        advisor.get(&path).await.expect(404);
        if path != paths::show(&there.id) {
            advisor.post(&path, &[("name", "Pris")]).await.expect(404);
        }
    }
    advisor.post(&paths::restore(&there.id), &[]).await.expect(404);
    assert_eq!(
        test.count("select count(*) from contacts where name = 'Voisin'")
            .await,
        1
    );
    assert!(advisor.get(paths::LIST).await.has(".empty"));
    let points = advisor.get(paths::POINTS).await;
    assert_eq!(points.bytes, b"[]");
}

#[tokio::test]
async fn contacts_are_added_corrected_and_erased_and_the_journal_never_names_them() {
    let test = TestApp::start().await;
    let advisor = test.as_(Role::Advisor).await;
    let e = make::establishment(&test, test.territory, "Fonderie Tournesol").await;
    let new = paths::contact_new(&e.id);
    let typed = [
        ("name", ""),
        ("email", "jeanne"),
        ("phone", "n/c"),
        ("informed", "demain"),
    ];
    let refused = submit(&advisor, &new, &typed).await;
    refused.expect(422);
    assert_eq!(refused.texts(".errsum a").len(), 4);
    assert!(
        refused
            .fields("main form")
            .contains(&("email".to_owned(), "jeanne".to_owned()))
    );

    submit(
        &advisor,
        &new,
        &[("name", "Jeanne Essai"), ("email", "Jeanne@Exemple.fr")],
    )
    .await
    .expect(303);
    let sheet = advisor.get(&paths::show(&e.id)).await;
    let contacts = sheet.text("#contacts");
    assert!(
        contacts.contains("Jeanne Essai") && contacts.contains("à informer"),
        "{contacts}"
    );
    let edit = sheet.attr("#contacts a[href$=modifier]", "href").unwrap();
    let remove = sheet.attr("#contacts a[href$=retrait]", "href").unwrap();

    let (opened, opened_too) = (advisor.get(&edit).await, advisor.get(&edit).await);
    post(&advisor, &edit, &filled(&opened, &[("informed", "24/11/2020")]))
        .await
        .expect(303);
    let conflict = post(&advisor, &edit, &filled(&opened_too, &[("job_title", "Achats")])).await;
    conflict.expect(409);
    assert!(conflict.text(".conf3").contains("24/11/2020"));
    post(&advisor, &edit, &filled(&conflict, &[("informed", "24/11/2020")]))
        .await
        .expect(303);
    let contacts = advisor.get(&paths::show(&e.id)).await.text("#contacts");
    assert!(
        contacts.contains("Achats") && contacts.contains("informé le 24 nov. 2020"),
        "{contacts}"
    );

    assert!(advisor.get(&remove).await.text("h1").contains("Jeanne Essai"));
    advisor.post(&remove, &[]).await.expect(303);
    advisor.post(&remove, &[]).await.expect(404);
    assert_eq!(test.count("select count(*) from contacts").await, 0);
    assert_eq!(
        test.count("select count(*) from journal where action like 'contact %'")
            .await,
        4
    );
    assert_eq!(
        test.count(
            "select count(*) from journal where concat(before, after, action, comment) ilike '%jeanne%'"
        )
        .await,
        0
    );
}

#[tokio::test]
async fn suggestions_find_an_activity() {
    let test = TestApp::start().await;
    let advisor = test.as_(Role::Advisor).await;
    let found = advisor.get("/entreprises/activites.json?q=carton+ondul").await;
    let found: serde_json::Value = serde_json::from_slice(&found.bytes).unwrap();
    assert_eq!(found[0]["value"], "17.21A");
    let communes = advisor.get("/communes.json?q=la+chapelle+vicom").await;
    let communes: serde_json::Value = serde_json::from_slice(&communes.bytes).unwrap();
    assert_eq!(communes[0]["label"], "La Chapelle-Vicomtesse (41270)");
    for path in [paths::NAF, paths::POINTS] {
        test.as_(Role::Committee).await.get(path).await.expect(403);
    }
}

#[tokio::test]
async fn exports_may_ask_for_the_same_establishments() {
    let test = TestApp::start().await;
    let e = make::establishment(&test, test.territory, "Scierie de l’Étang").await;
    make::establishment(&test, test.territory, "Brasserie Sauterelle").await;
    let filter = Filter::from_query(
        &Query {
            q: "scierie".to_owned(),
            ..Query::default()
        },
        fresh_since(test.system().today(), 24),
    );
    let mut db = test.system().read().await.unwrap();
    let found = search::matching(&mut db, &make::scope(&test, test.territory), &filter)
        .await
        .unwrap();
    assert_eq!(found, [e.id]);
}

#[tokio::test]
async fn only_those_who_share_a_synergy_are_given_to_be_revealed() {
    use maillage::platform::access::CompanyScope;
    let test = TestApp::start().await;
    let ours = make::establishment(&test, test.territory, "La nôtre").await;
    let partner = make::establishment(&test, test.territory, "Partenaire").await;
    let stranger = make::establishment(&test, test.territory, "Étrangère").await;
    test.execute(format!(
        "insert into synergies (id, territory_id, number, key, kind, origin, title, explanation, fingerprint, params_version, proposed_at, updated_at, state_since)
         values ('00000000-0000-7000-8000-0000000000f1', '{}', 1, 'k', 'substitution', 'engine', 'Essai', '{{}}', 'f', 'p', now(), now(), now());
         insert into synergy_members (synergy_id, establishment_id, side) values
         ('00000000-0000-7000-8000-0000000000f1', '{}', 'outbound'), ('00000000-0000-7000-8000-0000000000f1', '{}', 'inbound')",
        test.territory, ours.id, partner.id
    ))
    .await;
    let scope = CompanyScope::of_system(&test.system(), vec![ours.company_id]);
    let mut db = test.system().read().await.unwrap();
    let others = consent::store::others(&mut db, &scope, &[partner.id, stranger.id])
        .await
        .unwrap();
    assert_eq!(others.keys().copied().collect::<Vec<_>>(), [partner.id]);
    let other = &others[&partner.id];
    assert_eq!((other.in_division, other.in_section), (3, 3));
    let seen = consent::reveal(other, &consent::Link::default(), consent::Consents::NONE);
    assert!(!format!("{seen:?}").contains("Partenaire"));
}

/// A proposal that waits to know these facts.
async fn waits_for(test: &TestApp, synergy: SynergyId, asks: &[(&str, &str)]) {
    let asks: Vec<_> = asks
        .iter()
        .map(|(fact, question)| serde_json::json!({ "fact": fact, "question": question, "low": 50, "high": 80 }))
        .collect();
    let told = serde_json::json!({ "proposal": { "pair": { "explanation": { "to_ask": asks } } } });
    test.execute(format!(
        "update synergies set explanation = '{told}' where id = '{synergy}'"
    ))
    .await;
}

#[tokio::test]
async fn what_proposals_wait_for_is_answered_in_place() {
    let test = TestApp::start().await;
    let me = test.as_(Role::Advisor).await;
    let site = make::establishment(&test, test.territory, "Scierie de l’Étang").await;
    let other = make::establishment(&test, test.territory, "Chaufferie").await;
    let flow = make::flow(
        &test,
        &site,
        Direction::Outbound,
        "MAT-03",
        ("Sciures", 12.0, "t"),
    )
    .await;
    let asks = [
        ("quality", "Taux d’humidité\u{202f}?"),
        ("cost", "Ce que le donneur paie aujourd’hui pour s’en défaire"),
        ("position", "Position exacte des deux établissements"),
    ];
    for count in [3, 1] {
        let synergy =
            make::synergy_between(&test, [(&site, Some(flow.id)), (&other, None)], Vec::new()).await;
        waits_for(&test, synergy, &asks[..count]).await;
    }
    let sheet = paths::show(&site.id);
    let page = me.get(&sheet).await;
    assert_eq!(
        page.texts("#attendu label"),
        [
            "Sciures : Taux d’humidité",
            "Sciures : Ce que l’entreprise paie aujourd’hui pour s’en défaire, en euros par an"
        ]
    );
    assert!(page.text("#attendu p").ends_with("2 propositions l’attendent"));
    let fields = page.fields("#attendu form");
    let answer = async |value: &str| {
        let mut fields: Vec<_> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        fields.iter_mut().find(|(name, _)| *name == "valeur").unwrap().1 = value;
        me.post(&format!("/flux/{}/reponse", flow.id), &fields).await
    };
    let empty = answer(" ").await;
    empty.expect(422);
    assert!(empty.text(".errsum").contains("Donnez une réponse"));
    let answered = answer("12 %").await;
    answered.expect(303);
    assert!(answered.location().starts_with(&sheet));
    assert_eq!(me.get(&sheet).await.texts("#attendu label").len(), 1);
    let quality = "select count(*) from flows where quality = 'Taux d’humidité\u{a0}: 12 %'";
    assert_eq!(test.count(quality).await, 1);
    // A colleague who had the same question open sees three values.
    let late = answer("30 %").await;
    late.expect(409);
    assert!(late.html().contains("12 %") && late.html().contains("30 %"));
    assert_eq!(test.count(quality).await, 1);
}
