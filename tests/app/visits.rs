//! A visit from its planning to its validation, and what is typed in between by a browser without
//! JavaScript; `entry` says what an open page sends by itself.

use crate::support::{Client, Reply, TestApp, make};
use maillage::companies::Establishment;
use maillage::flows::store as flows;
use maillage::kernel::ids::FlowId;
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
    let found = me.get("/visites/etablissements.json?q=men+val").await;
    assert!(found.html().contains("Menuiserie du Val") && !found.html().contains("Bois"));
}

#[tokio::test]
async fn an_hour_is_optional_and_a_day_needs_no_year() {
    let test = TestApp::start().await;
    test.travel_to(chrono::NaiveDate::from_ymd_opt(2026, 11, 10).unwrap());
    let me = test.as_(Role::Advisor).await;
    let site = make::establishment(&test, test.territory, "Scierie d’essai").await;
    let (chosen, user) = (site.id.to_string(), me.user.to_string());
    let plan = async |day: &str, hour: &str| {
        let fields = [
            ("establishment", chosen.as_str()),
            ("visit_on", day),
            ("begins_at", hour),
            ("advisors", user.as_str()),
        ];
        me.post(paths::NEW, &fields).await
    };
    let refused = plan("30/11", "tôt").await;
    refused.expect(422);
    assert_eq!(refused.text("#e-begins_at"), "Indiquez une heure comme 8 h 30.");
    for (day, hour) in [("30/11", "14h30"), ("30/11", ""), ("30/11", "9 h")] {
        plan(day, hour).await.expect(303);
    }
    let agenda = me.get("/agenda?mois=2026-11").await;
    let lines = agenda.texts("#j-2026-11-30 .sm");
    assert_eq!(lines.len(), 3);
    assert!(
        lines[0].contains("à 9 h") && lines[1].contains("à 14 h 30"),
        "{lines:?}"
    );
    assert!(me.get(paths::LIST).await.text("tbody").contains("14 h 30"));

    let shown = me.post("/agenda/abonnement", &[("mois", "2026-12")]).await;
    assert!(
        shown.text("h1").contains("décembre 2026"),
        "the month shown stays"
    );
    let link = shown.attr("#f-link", "value").unwrap();
    let feed = test
        .nobody()
        .get(link.split_at(link.find("/agenda").unwrap()).1)
        .await;
    assert!(
        feed.html().contains("DTSTART:20261130T133000Z"),
        "{}",
        feed.html()
    );
    assert!(feed.html().contains("DTEND:20261130T150000Z"));
    assert!(feed.html().contains("DTSTART;VALUE=DATE:20261130"));
}

#[tokio::test]
async fn the_list_is_narrowed_by_colleague_commune_and_period() {
    let test = TestApp::start().await;
    let (me, _, visit) = visit(&test, VisitStatus::Planned).await;
    let other = test.as_(Role::Advisor).await;
    let found = async |query: String| {
        let page = other
            .get(&format!("{}?statut=prevues&{query}", paths::LIST))
            .await;
        page.expect(200);
        page.texts("tbody tr").len()
    };
    let day = typed_day(visit.visit_on);
    let after = typed_day(visit.visit_on.succ_opt().unwrap());
    assert_eq!(found(String::new()).await, 0);
    assert_eq!(found(format!("qui={}", me.user)).await, 1);
    assert_eq!(found("qui=tous&commune=41269".to_owned()).await, 1);
    assert_eq!(found("qui=tous&commune=41018".to_owned()).await, 0);
    assert_eq!(found(format!("qui=tous&depuis={day}&jusqua={day}")).await, 1);
    assert_eq!(found(format!("qui=tous&depuis={after}")).await, 0);
    let page = other.get("/visites?qui=tous&statut=prevues&commune=41269").await;
    assert!(page.text(".listbar .chips").contains("Vendôme"));
}

#[tokio::test]
async fn recording_begins_when_the_visit_took_place() {
    let test = TestApp::start().await;
    let (me, _, visit) = visit(&test, VisitStatus::Planned).await;
    let page = me.get(&paths::show(&visit.id)).await;
    assert!(page.has("fieldset#flux[disabled]") && !page.has("#nouvelle"));
    let row = FlowId::fresh().to_string();
    let label = format!("l.{row}.label");
    let early = me
        .post(&paths::grid(&visit.id), &[(label.as_str(), "Cartons")])
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
    assert!(page.has("#nouvelle select[data-field=direction][autofocus]"));
}

/// What a browser would post of the whole page, with some cells of the empty row filled.
async fn filled(me: &Client, visit: &Visit, cells: &[(&str, &str)]) -> (String, Vec<(String, String)>) {
    let page = me.get(&paths::show(&visit.id)).await;
    let row = page.attr("#nouvelle tr[data-row]", "data-row").unwrap();
    let mut fields = page.fields("#diagnostic");
    for (name, value) in cells {
        let name = format!("l.{row}.{name}");
        let field = fields.iter_mut().find(|(known, _)| *known == name).unwrap();
        (*value).clone_into(&mut field.1);
    }
    (row, fields)
}

async fn send(me: &Client, visit: &Visit, fields: &[(String, String)], act: &str) -> Reply {
    let mut posted: Vec<_> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    posted.push(("act", act));
    me.post(&paths::grid(&visit.id), &posted).await
}

#[tokio::test]
async fn the_next_flow_takes_no_mouse() {
    let test = TestApp::start().await;
    let (me, site, visit) = visit(&test, VisitStatus::Done).await;
    let cells = [
        ("direction", "entrant"),
        ("label", "Bobines de papier kraft"),
        ("quantity", "3,2 t par mois"),
        ("certainty", "measured"),
        ("outlet", "Papeterie extérieure"),
    ];
    let (row, fields) = filled(&me, &visit, &cells).await;
    let done = send(&me, &visit, &fields, "ajouter").await;
    done.expect(303);
    assert_eq!(
        done.location(),
        format!("{}?sens=entrant#nouvelle", paths::show(&visit.id))
    );
    let page = me.get(&format!("{}?sens=entrant", paths::show(&visit.id))).await;
    assert_eq!(page.text(".toast"), "5 modifications enregistrées.");
    assert!(page.has("#nouvelle select[autofocus] option[value=entrant][selected]"));
    let told = |field: &str| page.attr(&format!("#f-{row}-{field}"), "value").unwrap();
    assert_eq!(
        (told("label").as_str(), told("quantity").as_str()),
        ("Bobines de papier kraft", "3,2 t/mois")
    );
    assert_eq!(page.text(&format!("#flux-{row} [data-annual]")), "38,4 t");
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
    // Nothing is searched before validation. Sent again, the same page adds nothing.
    assert_eq!(test.count(JOBS).await, 0);
    send(&me, &visit, &fields, "ajouter").await.expect(303);
    assert_eq!(inventory(&test, &site).await.len(), 1);
    let copy = send(&me, &visit, &[], &format!("dupliquer:{row}")).await;
    let next = me.get(copy.location().split('#').next().unwrap()).await;
    assert_eq!(
        next.attr("#nouvelle [data-field=label]", "value").as_deref(),
        Some("Bobines de papier kraft")
    );
    assert_eq!(
        next.attr("#nouvelle [data-field=quantity]", "value").as_deref(),
        Some("")
    );
}

#[tokio::test]
async fn a_direction_alone_is_no_flow() {
    let test = TestApp::start().await;
    let (me, _, visit) = visit(&test, VisitStatus::Done).await;
    let (_, fields) = filled(&me, &visit, &[("direction", "entrant")]).await;
    send(&me, &visit, &fields, "").await.expect(303);
    assert_eq!(test.count("select count(*) from visit_cells").await, 0);
}

#[tokio::test]
async fn a_quantity_in_letters_waits_in_its_cell_and_holds_the_validation_back() {
    let test = TestApp::start().await;
    let (me, site, visit) = visit(&test, VisitStatus::Done).await;
    let cells = [
        ("label", "Chutes de carton"),
        ("quantity", "beaucoup"),
        ("outlet", "Benne"),
    ];
    let (row, fields) = filled(&me, &visit, &cells).await;
    let refused = send(&me, &visit, &fields, "").await;
    refused.expect(422);
    let sentence = "Indiquez la quantité en tonnes par an, par exemple 12,5.";
    assert_eq!(refused.text(&format!("#e-{row}")), sentence);
    assert_eq!(
        refused.text(".errsum a"),
        format!("Chutes de carton : {sentence}")
    );
    let target = refused.attr(".errsum a", "href").unwrap();
    assert!(refused.has(&format!("{}[aria-invalid]", target.replace("#", "[id='") + "']")));
    assert!(refused.text("title").starts_with("Erreur"));
    // The rest is recorded, and the mistake is still there tomorrow.
    let flows = inventory(&test, &site).await;
    assert_eq!(
        (flows.len(), flows[0].quantity, flows[0].outlet.as_deref()),
        (1, None, Some("Benne"))
    );
    let page = me.get(&paths::show(&visit.id)).await;
    assert_eq!(
        page.attr(&format!("#f-{row}-quantity"), "value").as_deref(),
        Some("beaucoup")
    );
    assert_eq!(page.text("[data-faults]"), "1 saisie à corriger");
    send(&me, &visit, &[], "valider").await.expect(422);
    me.post(&paths::validate(&visit.id), &[]).await.expect(409);
    let mut fields = page.fields("#diagnostic");
    let quantity = fields
        .iter_mut()
        .find(|(name, _)| name.ends_with(".quantity"))
        .unwrap();
    "12 t/an".clone_into(&mut quantity.1);
    send(&me, &visit, &fields, "valider").await.expect(303);
    assert_eq!(stored(&test, &visit).await.status, VisitStatus::Validated);
    assert_eq!(inventory(&test, &site).await[0].quantity, Some(12.0));
}

#[tokio::test]
async fn a_quantity_that_cannot_be_estimated_keeps_its_words_and_holds_nothing_back() {
    let test = TestApp::start().await;
    let (me, site, visit) = visit(&test, VisitStatus::Done).await;
    let cells = [("label", "Zygomorphes"), ("quantity", "40 par tournée")];
    let (row, fields) = filled(&me, &visit, &cells).await;
    send(&me, &visit, &fields, "").await.expect(303);
    let page = me.get(&paths::show(&visit.id)).await;
    let cell = format!("#f-{row}-quantity");
    assert_eq!(page.attr(&cell, "value").as_deref(), Some("40 par tournée"));
    assert!(!page.has(&format!("{cell}[aria-invalid]")));
    assert!(
        page.text(&format!("[data-msg='{row}']"))
            .contains("sans estimation")
    );
    assert_eq!(page.text(&format!("#flux-{row} [data-annual]")), "non estimé");
    send(&me, &visit, &page.fields("#diagnostic"), "valider")
        .await
        .expect(303);
    assert_eq!(stored(&test, &visit).await.status, VisitStatus::Validated);
    assert_eq!(inventory(&test, &site).await[0].quantity, None);
}

#[tokio::test]
async fn a_validated_visit_fills_the_charter_and_adds_the_person_met() {
    let test = TestApp::start().await;
    let (me, site, visit) = visit(&test, VisitStatus::Done).await;
    let said = |question: &str, answer: &str| (format!("l.{}.{question}", visit.id), answer.to_owned());
    let fields = [
        said("contact_met", "Personne Essai, responsable de production"),
        said("information", "oui"),
        said("charte", "signée"),
    ];
    send(&me, &visit, &fields, "valider").await.expect(303);
    let told =
        "select count(*) from establishments where charter_signed_on = (select visit_on from visits limit 1)";
    assert_eq!(test.count(told).await, 1);
    let met = "select count(*) from contacts where name = 'Personne Essai' and job_title = 'responsable de production' and informed_on is not null";
    assert_eq!(test.count(met).await, 1);

    // The next visit knows both, and validating it adds nobody.
    let again = make::visit(&test, &site, VisitStatus::Done, vec![me.user]).await;
    let page = me.get(&paths::show(&again.id)).await;
    assert!(page.has("#f-q-charte option[selected]"));
    assert_eq!(
        page.attr("#personnes option", "value").as_deref(),
        Some("Personne Essai, responsable de production")
    );
    assert!(
        page.text("main .head")
            .contains("Je reprends 1 réponse de la visite précédente"),
        "{}",
        page.text("main .head")
    );
    let said = (format!("l.{}.contact_met", again.id), "Personne Essai".to_owned());
    send(&me, &again, &[said], "valider").await.expect(303);
    assert_eq!(test.count("select count(*) from contacts").await, 1);
    let kept = "select count(*) from visit_answers where question = 'charte' and answer = 'signée'";
    assert_eq!(test.count(kept).await, 2);
}

#[tokio::test]
async fn what_is_not_recognised_waits_with_suggestions() {
    let test = TestApp::start().await;
    let (me, site, visit) = visit(&test, VisitStatus::Done).await;
    let label = "Quai couvert, le matin";
    let guesses = Catalogue::embedded().classify(label, None, Some(Direction::Outbound));
    assert!(guesses[0].confidence < maillage::nomenclature::CONFIDENT);
    let (row, fields) = filled(&me, &visit, &[("label", label)]).await;
    send(&me, &visit, &fields, "").await.expect(303);
    let page = me.get(&paths::show(&visit.id)).await;
    assert_eq!(page.text(".todo li:first-child small"), "1 flux, 1 à classer");
    let act = page.attr("tr.msg .chip", "value").unwrap();
    send(&me, &visit, &[], &act).await.expect(303);
    let flows = inventory(&test, &site).await;
    assert!(act.ends_with(flows[0].category.as_deref().unwrap()));
    assert!(!me.get(&paths::show(&visit.id)).await.has("tr.msg"));
    let deleted = send(&me, &visit, &[], &format!("supprimer:{row}")).await;
    assert!(
        me.get(deleted.location())
            .await
            .text(".note")
            .contains("est supprimé")
    );
    assert!(inventory(&test, &site).await.is_empty());
    send(&me, &visit, &[], "supprimer:nonsense").await.expect(400);
}

#[tokio::test]
async fn validating_asks_for_the_search_and_keeps_a_dated_version() {
    let test = TestApp::start().await;
    let (me, site, visit) = visit(&test, VisitStatus::Done).await;
    make::flow(&test, &site, Direction::Outbound, "MAT-01", ("Cartons", 3.0, "t")).await;
    test.execute("delete from jobs".to_owned()).await;
    let done = me.post(&paths::validate(&visit.id), &[]).await;
    done.expect(303);
    let page = me.get(done.location()).await;
    assert_eq!(
        page.text(".toast"),
        "Visite validée. La recherche de synergies est lancée."
    );
    assert_eq!(stored(&test, &visit).await.status, VisitStatus::Validated);
    assert_eq!(test.count(JOBS).await, 1);
    assert_eq!(
        test.count("select count(*) from visit_flows where annual_quantity = 3")
            .await,
        1
    );
    let payload = format!(
        "select count(*) from jobs where name = 'flows_changed' and payload->>'territory' = '{}'",
        test.territory
    );
    assert_eq!(test.count(payload.leak()).await, 1);
    // Twice is once; afterwards a new flow asks again.
    me.post(&paths::validate(&visit.id), &[]).await.expect(303);
    assert_eq!(test.count(JOBS).await, 1);
    test.execute("delete from jobs".to_owned()).await;
    let (_, fields) = filled(&me, &visit, &[("label", "Palettes bois")]).await;
    send(&me, &visit, &fields, "").await.expect(303);
    assert_eq!(test.count(JOBS).await, 1);
    me.post(&paths::reopen(&visit.id), &[]).await.expect(303);
    assert_eq!(stored(&test, &visit).await.status, VisitStatus::Done);
    me.post(&paths::cancel(&visit.id), &[]).await.expect(303);
    assert_eq!(stored(&test, &visit).await.status, VisitStatus::Cancelled);
    let page = me.get(&paths::show(&visit.id)).await;
    assert!(page.has("fieldset[disabled] #f-q-icpe") && !page.has("[data-save]"));
}

#[tokio::test]
async fn answers_and_facts_of_the_meeting_are_one_form() {
    let test = TestApp::start().await;
    let (me, _, visit) = visit(&test, VisitStatus::Done).await;
    let with = async |changes: &[(&str, &str)]| {
        let page = me.get(&paths::show(&visit.id)).await;
        let mut fields = page.fields("#diagnostic");
        for (question, answer) in changes {
            let name = format!("l.{}.{question}", visit.id);
            let field = fields.iter_mut().rev().find(|(known, _)| *known == name).unwrap();
            (*answer).clone_into(&mut field.1);
        }
        send(&me, &visit, &fields, "").await
    };
    let answers = [
        ("icpe", "déclaration"),
        ("duration", "1 h 30"),
        ("contact_met", "La gérante"),
        ("attentes", "Moins de déchets\r\nPlus de voisins"),
        ("transport.sans_objet", "oui"),
    ];
    with(&answers).await.expect(303);
    let saved = stored(&test, &visit).await;
    assert_eq!(
        (saved.duration_minutes, saved.contact_met.as_deref()),
        (Some(90), Some("La gérante"))
    );
    let page = me.get(&paths::show(&visit.id)).await;
    assert_eq!(
        page.text("#f-q-attentes").as_str(),
        "Moins de déchets Plus de voisins"
    );
    assert!(page.has("#f-q-icpe option[selected]"));
    assert_eq!(page.text("[data-part=transport].na small"), "sans objet");
    assert_eq!(page.text("[data-part=contact] small"), "2 réponses manquent");
    assert!(
        page.texts(".missing li")
            .contains(&"Charte de confidentialité Contact et accord".to_owned())
    );
    let refused = with(&[
        ("duration", "longtemps"),
        ("visit_on", "demain"),
        ("irritant", "Le bruit"),
    ])
    .await;
    refused.expect(422);
    assert_eq!(
        refused.attr("#f-q-duration", "value").as_deref(),
        Some("longtemps")
    );
    assert_eq!(
        refused.text("#e-q-visit_on"),
        "Indiquez une date comme 24/11/2026."
    );
    assert_eq!(stored(&test, &visit).await.duration_minutes, Some(90));
    assert_eq!(
        test.count("select count(*) from visit_answers where answer = 'Le bruit'")
            .await,
        1
    );
    with(&[("duration", "2 h"), ("visit_on", "17/11/2026"), ("icpe", "")])
        .await
        .expect(303);
    assert_eq!(stored(&test, &visit).await.duration_minutes, Some(120));
    assert_eq!(
        test.count("select count(*) from visit_answers where question = 'icpe'")
            .await,
        0
    );
}

#[tokio::test]
async fn two_forms_on_the_same_cell_are_shown_three_values() {
    let test = TestApp::start().await;
    let (me, site, visit) = visit(&test, VisitStatus::Done).await;
    let flow = make::flow(
        &test,
        &site,
        Direction::Outbound,
        "MAT-01",
        ("Cartons", 35.0, "t"),
    )
    .await;
    let other = test.as_(Role::Advisor).await;
    let opened = me.get(&paths::show(&visit.id)).await.fields("#diagnostic");
    let opened_by_other = other.get(&paths::show(&visit.id)).await.fields("#diagnostic");
    let change = |opened: &[(String, String)], field: &str, value: &str| {
        let mut fields = opened.to_vec();
        let name = format!("l.{}.{field}", flow.id);
        let cell = fields.iter_mut().find(|(known, _)| *known == name).unwrap();
        value.clone_into(&mut cell.1);
        fields
    };
    let theirs = change(&opened_by_other, "quantity", "42 t/an");
    send(&other, &visit, &theirs, "").await.expect(303);
    // Another cell of the same row is no conflict.
    send(&me, &visit, &change(&opened, "outlet", "Benne"), "")
        .await
        .expect(303);
    let clash = send(&me, &visit, &change(&opened, "quantity", "38 t/an"), "").await;
    clash.expect(409);
    assert_eq!(
        clash
            .attr(&format!("#f-{}-quantity", flow.id), "value")
            .as_deref(),
        Some("38 t/an")
    );
    let said = clash.text(&format!("#e-{}", flow.id));
    assert!(
        said.contains("Personne Conseiller a enregistré entre-temps : 42 t/an. Valeur d’origine : 35 t/an"),
        "{said}"
    );
    let again = clash.fields("#diagnostic");
    assert_eq!(inventory(&test, &site).await[0].quantity, Some(42.0));
    send(&me, &visit, &again, "").await.expect(303);
    let stored = &inventory(&test, &site).await[0];
    assert_eq!(
        (stored.quantity, stored.outlet.as_deref()),
        (Some(38.0), Some("Benne"))
    );
}

#[tokio::test]
async fn old_flows_are_confirmed_in_one_click() {
    let test = TestApp::start().await;
    let (me, site, _) = visit(&test, VisitStatus::Done).await;
    let flow = make::flow(
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
        ("Palettes", 35.0, "u"),
    )
    .await;
    test.travel(chrono::Duration::days(800));
    let me = test.signed_in(me.user).await;
    let again = make::visit(&test, &site, VisitStatus::Done, vec![me.user]).await;
    let page = me.get(&paths::show(&again.id)).await;
    assert_eq!(page.texts(".grid .badge"), ["à confirmer", "à confirmer"]);
    send(&me, &again, &[], &format!("inchange:{}", flow.id))
        .await
        .expect(303);
    let page = me.get(&paths::show(&again.id)).await;
    assert_eq!(page.texts(".grid .badge").len(), 1);
    let all = send(&me, &again, &[], "tout-inchange").await;
    assert_eq!(
        me.get(all.location()).await.text(".toast"),
        "Un flux confirmé inchangé."
    );
    assert!(!me.get(&paths::show(&again.id)).await.has(".grid .badge"));
}

#[tokio::test]
async fn two_people_who_assign_colleagues_do_not_undo_each_other() {
    let test = TestApp::start().await;
    let (me, _, visit) = visit(&test, VisitStatus::Planned).await;
    let [second, third] = [test.as_(Role::Advisor).await, test.as_(Role::Advisor).await];
    let ids = [me.user, second.user, third.user].map(|id| id.to_string());
    let assign = async |ticked: &[&String], original: &[&String]| {
        let ticked = ticked.iter().map(|id| ("advisors", id.as_str()));
        let original = original.iter().map(|id| ("original", id.as_str()));
        let fields: Vec<_> = ticked.chain(original).collect();
        me.post(&paths::advisors(&visit.id), &fields).await
    };
    assign(&[&ids[0], &ids[1]], &[&ids[0]]).await.expect(303);
    assign(&[&ids[0], &ids[2]], &[&ids[0]]).await.expect(303);
    assert_eq!(stored(&test, &visit).await.advisors.len(), 3);
    let all = [&ids[0], &ids[1], &ids[2]];
    let none = assign(&[], &all).await;
    none.expect(422);
    assert_eq!(none.text("#e-advisors"), "Cochez au moins une personne.");
}

#[tokio::test]
async fn a_pasted_table_is_shown_before_it_is_added() {
    let test = TestApp::start().await;
    let (me, site, visit) = visit(&test, VisitStatus::Done).await;
    make::flow(
        &test,
        &site,
        Direction::Outbound,
        "MAT-03",
        ("Palettes bois", 35.0, "u"),
    )
    .await;
    let empty = me.post(&paths::paste(&visit.id), &[("text", "  ")]).await;
    empty.expect(422);
    let text = "Désignation\tTonnage\tUnité\tPrestataire\nCartons\t12\tt/an\tBenne\nPalettes bois\t3\tt/an\t\nFilms étirables\tbeaucoup\t\t";
    let preview = me.post(&paths::paste(&visit.id), &[("text", text)]).await;
    preview.expect(200);
    assert_eq!(preview.texts("tbody th").len(), 3);
    assert_eq!(preview.texts("tbody input[type=checkbox][checked]").len(), 2);
    assert!(preview.text("tbody tr:nth-child(2)").contains("existe déjà"));
    assert!(
        preview
            .text("tbody tr:nth-child(3)")
            .contains("Indiquez la quantité")
    );
    assert_eq!(inventory(&test, &site).await.len(), 1);
    let fields = preview.fields("form.panel");
    let posted: Vec<_> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    for _ in 0..2 {
        let added = me.post(&paths::pasted(&visit.id), &posted).await;
        added.expect(303);
        assert!(added.location().starts_with(&paths::show(&visit.id)));
    }
    let flows = inventory(&test, &site).await;
    assert_eq!(flows.len(), 3);
    let cartons = flows.iter().find(|flow| flow.label == "Cartons").unwrap();
    assert_eq!(
        (cartons.quantity, cartons.outlet.as_deref()),
        (Some(12.0), Some("Benne"))
    );
    // What was not understood is in the grid, to be corrected.
    assert_eq!(
        me.get(&paths::show(&visit.id)).await.text("[data-faults]"),
        "1 saisie à corriger"
    );
}

/// Pastes the workbook's line of a flow, with another quantity and another outlet; gives what the preview would post.
async fn pasted_over(me: &Client, visit: &Visit, flow: FlowId) -> Vec<(String, String)> {
    let text = format!("Flux\tTonnage\tUnité\tPrestataire\tClé\nCartons\t12\tt/an\tBenne\t{flow}");
    let preview = me.post(&paths::paste(&visit.id), &[("text", &text)]).await;
    preview.expect(200);
    assert!(preview.text("tbody tr").contains("mis à jour"));
    preview.fields("form.panel")
}

async fn confirmed(me: &Client, visit: &Visit, fields: &[(String, String)]) -> Reply {
    let fields: Vec<_> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    me.post(&paths::pasted(&visit.id), &fields).await
}

#[tokio::test]
async fn what_a_colleague_typed_during_a_preview_is_not_overwritten() {
    let test = TestApp::start().await;
    let (me, site, visit) = visit(&test, VisitStatus::Done).await;
    let flow = make::flow(&test, &site, Direction::Outbound, "MAT-01", ("Cartons", 3.0, "t")).await;
    let fields = pasted_over(&me, &visit, flow.id).await;
    test.execute(format!(
        "update flows set outlet = 'Reprise par le voisin', version = version + 1 where id = '{}'",
        flow.id
    ))
    .await;
    let clash = confirmed(&me, &visit, &fields).await;
    clash.expect(409);
    assert!(clash.text(".errsum").contains("entre-temps"));
    assert!(clash.html().contains("Benne") && clash.html().contains("Reprise par le voisin"));
    let stored = inventory(&test, &site).await;
    assert_eq!(stored[0].outlet.as_deref(), Some("Reprise par le voisin"));
    assert_eq!(stored[0].quantity, Some(12.0), "what only I changed is recorded");
}

#[tokio::test]
async fn a_row_deleted_during_a_preview_is_told() {
    let test = TestApp::start().await;
    let (me, site, visit) = visit(&test, VisitStatus::Done).await;
    let flow = make::flow(&test, &site, Direction::Outbound, "MAT-01", ("Cartons", 3.0, "t")).await;
    let fields = pasted_over(&me, &visit, flow.id).await;
    me.post(&maillage::flows::paths::delete(&flow.id), &[])
        .await
        .expect(303);
    let told = confirmed(&me, &visit, &fields).await;
    told.expect(303);
    assert!(told.location().ends_with(&format!("?supprime={}", flow.id)));
    let page = me.get(told.location()).await;
    assert!(
        page.html()
            .contains("Supprimé entre-temps, donc non enregistré\u{a0}: «\u{a0}Cartons\u{a0}»")
    );
    assert!(inventory(&test, &site).await.is_empty());
}

#[tokio::test]
async fn a_diagnostic_is_compared_with_the_previous_one() {
    let test = TestApp::start().await;
    let (me, site, before) = visit(&test, VisitStatus::Done).await;
    let grown = make::flow(&test, &site, Direction::Outbound, "MAT-01", ("Cartons", 3.0, "t")).await;
    let gone = make::flow(
        &test,
        &site,
        Direction::Outbound,
        "MAT-03",
        ("Palettes", 35.0, "u"),
    )
    .await;
    let name = format!("l.{}.icpe", before.id);
    me.post(
        &paths::grid(&before.id),
        &[(name.as_str(), "déclaration"), ("act", "valider")],
    )
    .await
    .expect(303);
    test.travel(chrono::Duration::days(370));
    let me = test.signed_in(me.user).await;
    let after = make::visit(&test, &site, VisitStatus::Done, vec![me.user]).await;
    let page = me.get(&paths::show(&after.id)).await;
    assert_eq!(
        page.attr(".head a[href$='/evolution']", "href"),
        Some(paths::changes(&after.id))
    );
    let quantity = format!("l.{}.quantity", grown.id);
    let base = format!("b.{}", grown.id);
    let cells = page.attr(&format!("[name='{base}']"), "value").unwrap();
    let fields = [(quantity.as_str(), "11 t/an"), (base.as_str(), cells.as_str())];
    me.post(&paths::grid(&after.id), &fields).await.expect(303);
    me.post(
        &paths::grid(&after.id),
        &[("act", &format!("supprimer:{}", gone.id))],
    )
    .await
    .expect(303);
    make::flow(&test, &site, Direction::Inbound, "ENE-02", ("Gaz", 400.0, "mwh")).await;
    let changes = me.get(&paths::changes(&after.id)).await;
    changes.expect(200);
    let rows = changes.texts("tbody tr");
    assert!(
        rows[0].contains("Cartons") && rows[0].contains("3 t par an") && rows[0].contains("11 t par an"),
        "{rows:?}"
    );
    assert!(rows[1].contains("Gaz") && rows[1].contains("nouveau"), "{rows:?}");
    assert!(
        rows[2].contains("Palettes") && rows[2].contains("disparu"),
        "{rows:?}"
    );
    me.post(&paths::take_up(&after.id), &[]).await.expect(303);
    assert!(
        me.get(&paths::show(&after.id))
            .await
            .has("#f-q-icpe option[selected]")
    );
    me.get(&paths::changes(&before.id)).await.expect(404);
}

#[tokio::test]
async fn a_neighbour_s_visit_does_not_exist() {
    let test = TestApp::start().await;
    let (me, _, visit) = visit(&test, VisitStatus::Done).await;
    let neighbour = make::territory(&test.system(), "Pays voisin").await;
    let stranger = test
        .signed_in(make::user(&test, Role::Advisor, neighbour).await)
        .await;
    for path in [
        paths::show(&visit.id),
        paths::paste(&visit.id),
        paths::changes(&visit.id),
    ] {
        stranger.get(&path).await.expect(404);
    }
    let user = stranger.user.to_string();
    for path in [
        paths::validate(&visit.id),
        paths::cancel(&visit.id),
        paths::grid(&visit.id),
        paths::presence(&visit.id),
        paths::take_up(&visit.id),
    ] {
        stranger.post(&path, &[]).await.expect(404);
    }
    stranger
        .post(&paths::advisors(&visit.id), &[("advisors", &user)])
        .await
        .expect(404);
    stranger
        .post(&paths::paste(&visit.id), &[("text", "Cartons\t3 t")])
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
    // A flow of another establishment is not of this visit.
    let elsewhere = make::establishment(&test, test.territory, "Verrerie d’essai").await;
    let flow = make::flow(
        &test,
        &elsewhere,
        Direction::Outbound,
        "MAT-12",
        ("Verre", 3.0, "t"),
    )
    .await;
    for act in ["supprimer", "inchange"] {
        let act = format!("{act}:{}", flow.id);
        let reply = me.post(&paths::grid(&visit.id), &[("act", &act)]).await;
        assert_ne!(reply.status, 500);
    }
    let name = format!("l.{}.outlet", flow.id);
    me.post(&paths::grid(&visit.id), &[(name.as_str(), "Benne")])
        .await
        .expect(404);
    assert_eq!(inventory(&test, &elsewhere).await[0].version, 1);
}

#[tokio::test]
async fn old_sheets_are_a_list_of_calls_and_are_confirmed_together() {
    let test = TestApp::start().await;
    let (me, site, _) = visit(&test, VisitStatus::Validated).await;
    for name in ["Verrerie d’essai", "Scierie d’essai"] {
        let other = make::establishment(&test, test.territory, name).await;
        make::flow(&test, &other, Direction::Outbound, "MAT-26", ("Divers", 3.0, "t")).await;
    }
    make::flow(
        &test,
        &site,
        Direction::Outbound,
        "MAT-01",
        ("Cartons", 35.0, "t"),
    )
    .await;
    let fresh = me.get(paths::DUE).await;
    assert_eq!(fresh.text(".empty h2"), "Tout est à jour");
    test.travel(chrono::Duration::days(800));
    test.execute("delete from jobs".to_owned()).await;
    let me = test.signed_in(me.user).await;
    let page = me.get(paths::DUE).await;
    assert_eq!(page.text("h1"), "3 fiches à confirmer cette semaine");
    // Mine first.
    let first = page.text(".calls li");
    assert!(
        first.contains("Cartonnerie d’essai") && first.contains("mes visites") && first.contains("Cartons"),
        "{first}"
    );
    let ids: Vec<_> = [1, 2]
        .map(|rank| {
            page.attr(&format!(".calls li:nth-child({rank}) input"), "value")
                .unwrap()
        })
        .into();
    let chosen: Vec<_> = ids.iter().map(|id| ("fiches", id.as_str())).collect();
    me.post(paths::DUE, &chosen).await.expect(303);
    let page = me.get(paths::DUE).await;
    assert_eq!(page.text(".toast"), "2 fiches confirmées inchangées : 2 flux.");
    assert_eq!(page.texts(".calls li").len(), 1);
    assert!(
        page.text(".head p:last-child")
            .contains("2 confirmées depuis lundi")
    );
    // Two sheets ask for one search.
    assert_eq!(test.count(JOBS).await, 1);
    let neighbour = make::territory(&test.system(), "Pays voisin").await;
    let stranger = test
        .signed_in(make::user(&test, Role::Advisor, neighbour).await)
        .await;
    stranger.post(paths::DUE, &chosen).await.expect(404);
}
