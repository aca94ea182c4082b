//! A visit from its planning to its validation, and what is typed in between.

use crate::support::{Client, TestApp, make};
use maillage::companies::Establishment;
use maillage::flows::store as flows;
use maillage::kernel::{Direction, typed_day};
use maillage::nomenclature::Catalogue;
use maillage::platform::access::Role;
use maillage::visits::{Visit, VisitStatus, paths, store};

/// An advisor, an establishment, and their visit.
async fn visit(test: &TestApp, status: VisitStatus) -> (Client, Establishment, Visit) {
    let me = test.as_(Role::Advisor).await;
    let site = make::establishment(test, test.territory, "Cartonnerie d’essai").await;
    let visit = make::visit(test, &site, status, vec![me.user]).await;
    (me, site, visit)
}

async fn stored(test: &TestApp, visit: &Visit) -> Visit {
    let mut db = test.system().read().await.unwrap();
    store::find(&mut db, &make::scope(test, test.territory), visit.id)
        .await
        .unwrap()
        .unwrap()
}

async fn inventory(test: &TestApp, site: &Establishment) -> Vec<maillage::flows::Flow> {
    let mut db = test.system().read().await.unwrap();
    flows::of_establishment(&mut db, &make::scope(test, test.territory), site.id)
        .await
        .unwrap()
}

const JOBS: &str = "select count(*) from jobs where name = 'flows_changed' and state = 'queued'";

#[tokio::test]
async fn an_empty_list_says_what_to_do() {
    let test = TestApp::start().await;
    let me = test.as_(Role::Advisor).await;
    let page = me.get(paths::LIST).await;
    page.expect(200);
    assert_eq!(page.text(".empty h2"), "Aucune visite prévue");
    assert_eq!(page.attr(".empty a", "href").as_deref(), Some(paths::NEW));
}

#[tokio::test]
async fn the_list_separates_mine_and_everybody_s() {
    let test = TestApp::start().await;
    let (me, _, _) = visit(&test, VisitStatus::Planned).await;
    let other = test.as_(Role::Advisor).await;
    let page = other.get(paths::LIST).await;
    assert_eq!(page.texts(".tabs .n"), ["0", "0", "0", "0"]);
    assert!(page.text(".empty .acts").contains("celle des autres"));
    let page = other.get("/visites?qui=tous&statut=prevues").await;
    assert_eq!(page.text("tbody th"), "Cartonnerie d’essai");
    assert_eq!(page.text("tbody td:nth-child(3)"), "Vendôme");
    let mine = me.get("/visites?statut=a-valider").await;
    assert_eq!(mine.texts(".tabs .n"), ["1", "0", "0", "0"]);
    assert_eq!(mine.text(".empty h2"), "Aucune visite à valider");
}

#[tokio::test]
async fn a_visit_is_planned_from_a_company() {
    let test = TestApp::start().await;
    let me = test.as_(Role::Advisor).await;
    let site = make::establishment(&test, test.territory, "Scierie d’essai").await;
    let page = me.get(&paths::new_at(&site.id)).await;
    assert_eq!(
        page.attr("#f-establishment", "value").as_deref(),
        Some("Scierie d’essai")
    );
    assert!(page.has("input[name=advisors][checked]"));
    let (id, user) = (page.attr("input[name=id]", "value").unwrap(), me.user.to_string());
    let chosen = site.id.to_string();
    let fields = |day| {
        [
            ("id", id.as_str()),
            ("establishment", chosen.as_str()),
            ("establishment_typed", "Scierie d’essai"),
            ("visit_on", day),
            ("advisors", user.as_str()),
            ("notes", "Demander le plan du site"),
        ]
    };
    let refused = me.post(paths::NEW, &fields("demain")).await;
    refused.expect(422);
    assert_eq!(refused.text("#e-visit_on"), "Indiquez une date comme 24/11/2026.");
    assert_eq!(refused.attr("#f-visit_on", "value").as_deref(), Some("demain"));
    assert_eq!(refused.text("#f-notes"), "Demander le plan du site");
    // Sent twice, planned once.
    for _ in 0..2 {
        let done = me.post(paths::NEW, &fields("24/11/2027")).await;
        done.expect(303);
        assert_eq!(done.location(), format!("/visites/{id}"));
    }
    assert_eq!(test.count("select count(*) from visits").await, 1);
    assert_eq!(
        test.count("select count(*) from journal where subject = 'visit'")
            .await,
        1
    );
}

#[tokio::test]
async fn a_typed_name_is_enough_unless_it_means_several() {
    let test = TestApp::start().await;
    let me = test.as_(Role::Advisor).await;
    for name in ["Menuiserie du Val", "Menuiserie du Bois", "Fonderie du Val"] {
        make::establishment(&test, test.territory, name).await;
    }
    let user = me.user.to_string();
    let plan = async |typed: &str| {
        let fields = [
            ("establishment_typed", typed),
            ("visit_on", "24/11/2027"),
            ("advisors", user.as_str()),
        ];
        me.post(paths::NEW, &fields).await
    };
    plan("fonderie").await.expect(303);
    let several = plan("menuiserie").await;
    several.expect(422);
    assert_eq!(several.texts("input[type=radio][name=establishment]").len(), 2);
    let nothing = plan("introuvable").await;
    nothing.expect(422);
    assert!(
        nothing
            .text("#e-establishment")
            .contains("Indiquez l’établissement")
    );
    let found = me.get("/visites/etablissements.json?q=menui").await;
    let found: serde_json::Value = serde_json::from_slice(&found.bytes).unwrap();
    assert_eq!(found.as_array().unwrap().len(), 2);
    assert_eq!(found[0]["hint"], "Vendôme");
}

#[tokio::test]
async fn recording_begins_when_the_visit_took_place() {
    let test = TestApp::start().await;
    let (me, _, visit) = visit(&test, VisitStatus::Planned).await;
    let page = me.get(&paths::show(&visit.id)).await;
    assert!(!page.has("form[data-flow-entry]"));
    let early = me
        .post(
            &paths::add_flow(&visit.id),
            &[("direction", "sortant"), ("label", "Cartons")],
        )
        .await;
    early.expect(409);
    me.post(&paths::validate(&visit.id), &[]).await.expect(409);

    let future = typed_day(test.system().today() + chrono::Duration::days(3));
    let refused = me.post(&paths::hold(&visit.id), &[("held_on", &future)]).await;
    refused.expect(422);
    assert!(refused.text("#e-held_on").contains("dans le futur"));
    let yesterday = test.system().today() - chrono::Duration::days(1);
    me.post(&paths::hold(&visit.id), &[("held_on", &typed_day(yesterday))])
        .await
        .expect(303);
    let held = stored(&test, &visit).await;
    assert_eq!((held.status, held.visit_on), (VisitStatus::Done, yesterday));
    let page = me.get(&paths::show(&visit.id)).await;
    assert!(page.has("form[data-flow-entry] #f-direction[autofocus]"));
}

#[tokio::test]
async fn the_next_flow_takes_no_mouse() {
    let test = TestApp::start().await;
    let (me, site, visit) = visit(&test, VisitStatus::Done).await;
    let fields = [
        ("direction", "entrant"),
        ("label", "Bobines de papier kraft"),
        ("category", ""),
        ("category_typed", ""),
        ("quantity", "3,2 t/mois"),
        ("unit", ""),
        ("period", "an"),
        ("outlet", "Papeterie extérieure"),
        ("certainty", "measured"),
        ("observed_on", "17/11/2026"),
    ];
    let done = me.post(&paths::add_flow(&visit.id), &fields).await;
    done.expect(303);
    assert_eq!(
        done.location(),
        format!("{}?sens=entrant", paths::show(&visit.id))
    );
    let page = me.get(done.location()).await;
    assert_eq!(
        page.text(".toast"),
        "Flux ajouté : Bobines de papier kraft, soit 38,4 t par an."
    );
    assert!(page.has("#f-direction[autofocus] option[value=entrant][selected]"));
    assert_eq!(page.attr("#f-label", "value").as_deref(), Some(""));
    assert_eq!(page.text(".grid .echo"), "38,4 t");
    let [flow] = &inventory(&test, &site).await[..] else {
        panic!("one flow")
    };
    assert_eq!(
        (flow.direction, flow.visit_id, flow.months),
        (Direction::Inbound, Some(visit.id), 4095)
    );
    assert_eq!(
        test.count("select count(*) from journal where subject = 'flow'")
            .await,
        1
    );
    // Nothing is searched before validation.
    assert_eq!(test.count(JOBS).await, 0);
}

#[tokio::test]
async fn a_quantity_in_letters_is_refused_and_everything_typed_stays() {
    let test = TestApp::start().await;
    let (me, site, visit) = visit(&test, VisitStatus::Done).await;
    let fields = [
        ("direction", "sortant"),
        ("label", "Chutes de carton"),
        ("quantity", "douze"),
        ("unit", "t"),
        ("period", "an"),
        ("outlet", "Benne"),
        ("months", "9-11"),
        ("observed_on", "17/11/2026"),
    ];
    let refused = me.post(&paths::add_flow(&visit.id), &fields).await;
    refused.expect(422);
    let sentence = "Indiquez la quantité en tonnes par an, par exemple 12,5.";
    assert_eq!(refused.text("#e-quantity"), sentence);
    assert_eq!(refused.text(".errsum a"), sentence);
    assert_eq!(refused.attr(".errsum a", "href").as_deref(), Some("#f-quantity"));
    assert!(refused.text("title").starts_with("Erreur"));
    for (name, typed) in [
        ("label", "Chutes de carton"),
        ("quantity", "douze"),
        ("unit", "t"),
        ("outlet", "Benne"),
        ("months", "9-11"),
    ] {
        assert_eq!(
            refused.attr(&format!("#f-{name}"), "value").as_deref(),
            Some(typed),
            "{name}"
        );
    }
    assert!(refused.has("details[open] #f-months"));
    assert!(inventory(&test, &site).await.is_empty());
}

#[tokio::test]
async fn a_row_sent_twice_is_added_once_and_can_be_copied() {
    let test = TestApp::start().await;
    let (me, site, visit) = visit(&test, VisitStatus::Done).await;
    let page = me.get(&paths::show(&visit.id)).await;
    let id = page
        .attr("form[data-flow-entry] input[name=id]", "value")
        .unwrap();
    let fields = [
        ("id", id.as_str()),
        ("direction", "sortant"),
        ("label", "Palettes bois"),
        ("quantity", "45"),
        ("unit", "u./semaine"),
        ("observed_on", "17/11/2026"),
        ("again", "1"),
    ];
    for _ in 0..2 {
        me.post(&paths::add_flow(&visit.id), &fields).await.expect(303);
    }
    assert_eq!(inventory(&test, &site).await.len(), 1);
    let next = me
        .get(&format!("{}?sens=sortant&copie={id}", paths::show(&visit.id)))
        .await;
    assert_eq!(next.attr("#f-label", "value").as_deref(), Some("Palettes bois"));
    assert_eq!(next.attr("#f-quantity", "value").as_deref(), Some(""));
    assert_ne!(
        next.attr("form[data-flow-entry] input[name=id]", "value"),
        Some(id)
    );
}

#[tokio::test]
async fn what_is_not_recognised_waits_with_suggestions() {
    let test = TestApp::start().await;
    let (me, site, visit) = visit(&test, VisitStatus::Done).await;
    let label = "Quai couvert, le matin";
    let guesses = Catalogue::embedded().classify(label, None, Some(Direction::Outbound));
    assert!(guesses[0].confidence < maillage::nomenclature::CONFIDENT);
    let fields = [
        ("direction", "sortant"),
        ("label", label),
        ("observed_on", "17/11/2026"),
    ];
    me.post(&paths::add_flow(&visit.id), &fields).await.expect(303);
    let page = me.get(&paths::show(&visit.id)).await;
    assert_eq!(page.text(".todo li:nth-child(3) small"), "1 flux, 1 à classer");
    let action = page.attr("tr.msg form", "action").unwrap();
    let code = page.attr("tr.msg button", "value").unwrap();
    let back = paths::show(&visit.id);
    let done = me.post(&action, &[("back", &back), ("category", &code)]).await;
    done.expect(303);
    assert!(done.location().starts_with(&back));
    let flows = inventory(&test, &site).await;
    assert_eq!(flows[0].category.as_deref(), Some(code.as_str()));
    assert!(!me.get(&back).await.has("tr.msg"));
}

#[tokio::test]
async fn validating_asks_for_the_search() {
    let test = TestApp::start().await;
    let (me, site, visit) = visit(&test, VisitStatus::Done).await;
    let done = me.post(&paths::validate(&visit.id), &[]).await;
    done.expect(303);
    let page = me.get(done.location()).await;
    assert_eq!(
        page.text(".toast"),
        "Visite validée. La recherche de synergies est lancée."
    );
    assert_eq!(stored(&test, &visit).await.status, VisitStatus::Validated);
    assert_eq!(test.count(JOBS).await, 1);
    let payload = format!(
        "select count(*) from jobs where payload->'establishments'->>0 = '{}' and payload->>'territory' = '{}'",
        site.id, test.territory
    );
    assert_eq!(test.count(payload.leak()).await, 1);
    // Twice is once; afterwards a new flow asks again.
    me.post(&paths::validate(&visit.id), &[]).await.expect(303);
    assert_eq!(test.count(JOBS).await, 1);
    test.execute("delete from jobs".to_owned()).await;
    let fields = [
        ("direction", "sortant"),
        ("label", "Cartons"),
        ("observed_on", "17/11/2026"),
    ];
    me.post(&paths::add_flow(&visit.id), &fields).await.expect(303);
    assert_eq!(test.count(JOBS).await, 1);
    me.post(&paths::reopen(&visit.id), &[]).await.expect(303);
    assert_eq!(stored(&test, &visit).await.status, VisitStatus::Done);
    me.post(&paths::cancel(&visit.id), &[]).await.expect(303);
    assert_eq!(stored(&test, &visit).await.status, VisitStatus::Cancelled);
}

#[tokio::test]
async fn the_meeting_is_noted_and_two_notes_do_not_overwrite_each_other() {
    let test = TestApp::start().await;
    let (me, _, visit) = visit(&test, VisitStatus::Done).await;
    let user = me.user.to_string();
    let note = async |version: &str, duration: &str, contact: &str| {
        let fields = [
            ("version", version),
            ("visit_on", "17/11/2026"),
            ("duration", duration),
            ("contact_met", contact),
            ("notes", "Projet de chaudière"),
            ("advisors", user.as_str()),
        ];
        me.post(&paths::meeting(&visit.id), &fields).await
    };
    let refused = note("1", "longtemps", "La gérante").await;
    refused.expect(422);
    assert_eq!(
        refused.attr("#f-contact_met", "value").as_deref(),
        Some("La gérante")
    );
    note("1", "1 h 30", "La gérante").await.expect(303);
    let saved = stored(&test, &visit).await;
    assert_eq!((saved.duration_minutes, saved.version), (Some(90), 2));

    let late = note("1", "2 h", "Le directeur").await;
    late.expect(409);
    assert!(late.text("#e-contact_met").contains("« La gérante »"));
    assert_eq!(
        late.attr("#f-contact_met", "value").as_deref(),
        Some("Le directeur")
    );
    note("2", "2 h", "Le directeur").await.expect(303);
    assert_eq!(
        stored(&test, &visit).await.contact_met.as_deref(),
        Some("Le directeur")
    );
}

#[tokio::test]
async fn a_neighbour_s_visit_does_not_exist() {
    let test = TestApp::start().await;
    let (_, _, visit) = visit(&test, VisitStatus::Done).await;
    let neighbour = make::territory(&test.system(), "Pays voisin").await;
    let stranger = test
        .signed_in(make::user(&test, Role::Advisor, neighbour).await)
        .await;
    stranger.get(&paths::show(&visit.id)).await.expect(404);
    for path in [paths::validate(&visit.id), paths::cancel(&visit.id)] {
        stranger.post(&path, &[]).await.expect(404);
    }
    let fields = [("direction", "sortant"), ("label", "Cartons")];
    stranger
        .post(&paths::add_flow(&visit.id), &fields)
        .await
        .expect(404);
    stranger
        .post(&paths::hold(&visit.id), &[("held_on", "17/11/2025")])
        .await
        .expect(404);
    stranger
        .get(&paths::new_at(&visit.establishment_id))
        .await
        .expect(404);
}
