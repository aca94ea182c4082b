//! Synergies that people propose: an advisor's, a company's idea, a group; and what the engine says of them.

use crate::support::{Client, Reply, TestApp, make};
use maillage::companies::Establishment;
use maillage::flows::Flow;
use maillage::kernel::{Direction, Position};
use maillage::platform::access::Role;
use maillage::synergies::paths;
use sqlx::Row;

/// A wood maker with pallets, and a mover of the neighbourhood without any flow.
async fn firms(test: &TestApp) -> (Establishment, Establishment, Flow) {
    let giver = make::establishment(test, test.territory, "Menuiserie du Perche").await;
    let place = Position::new(47.80, 1.10).unwrap();
    let taker = make::establishment_at(test, test.territory, "Transports du Loir", place).await;
    let pallets = make::flow(
        test,
        &giver,
        Direction::Outbound,
        "MAT-03",
        ("Palettes perdues", 400.0, "u"),
    )
    .await;
    (giver, taker, pallets)
}

fn borrowed(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect()
}

fn set(fields: &mut Vec<(String, String)>, name: &str, value: &str) {
    fields.retain(|(known, _)| known != name);
    fields.push((name.to_owned(), value.to_owned()));
}

/// The first link of the page's list with these words.
fn link(page: &Reply, words: &str) -> String {
    let rank = page.texts(".rows a").iter().position(|text| text.contains(words));
    let rank = rank.unwrap_or_else(|| panic!("{words}: {:?}", page.texts(".rows a")));
    page.attr(&format!(".rows li:nth-child({}) a", rank + 1), "href")
        .unwrap()
}

/// From the flow to the last question.
async fn last_page(me: &Client, flow: &Flow, with: &str) -> Reply {
    let whom = me.get(&format!("{}?flux={}", paths::NEW, flow.id)).await;
    let which = me.get(&link(&whom, "Transports du Loir")).await;
    me.get(&link(&which, with)).await
}

async fn send(me: &Client, page: &Reply, why: &str) -> Reply {
    let mut fields = page.fields("main form");
    set(&mut fields, "why", why);
    me.post(paths::NEW, &borrowed(&fields)).await
}

#[tokio::test]
async fn an_advisor_proposes_a_flow_to_a_firm_that_could_take_it() {
    let test = TestApp::start().await;
    let (giver, taker, pallets) = firms(&test).await;
    let me = test.as_(Role::Advisor).await;
    assert!(
        me.get(paths::LIST)
            .await
            .text(".head .acts")
            .contains("Je propose une synergie")
    );
    let sheet = me.get(&format!("/entreprises/{}", giver.id)).await;
    assert!(sheet.text("#synergies").contains("Je propose une synergie"));
    let edit = me.get(&format!("/flux/{}/modifier", pallets.id)).await;
    assert!(edit.text(".head .acts").contains("Je propose une synergie"));

    let who = me.get(paths::NEW).await;
    assert!(who.text("main").contains("De qui part l’idée"));
    let what = me.get(&link(&who, "Menuiserie")).await;
    assert!(what.text(".rows").contains("Palettes perdues"));
    let page = last_page(&me, &pallets, "Aucun").await;
    page.expect(200);
    let main = page.text("main");
    assert!(main.contains("km") && main.contains("Score du moteur"), "{main}");
    assert!(main.contains("Gain par an"), "{main}");

    let blank = send(&me, &page, " ").await;
    blank.expect(422);
    assert!(blank.text(".errsum").contains("pourquoi"));
    let done = send(&me, &page, "Le patron cherche des palettes pour l’export.").await;
    done.expect(303);
    send(&me, &page, "Le patron cherche des palettes pour l’export.")
        .await
        .expect(303);
    assert_eq!(
        test.count("select count(*) from synergies").await,
        1,
        "sent twice, proposed once"
    );
    assert_eq!(
        test.count(format!(
            "select count(*) from flows where establishment_id = '{}' and source = 'advisor' and direction = 'inbound'",
            taker.id
        ))
        .await,
        1
    );
    let sheet = me.get(done.location()).await;
    let text = sheet.text("main");
    assert!(
        text.contains("Proposée par un conseiller : Le patron cherche des palettes"),
        "{text}"
    );
    assert!(sheet.text(".line").contains("Proposée par un conseiller"));
    test.search().await;
    assert_eq!(
        test.count("select count(*) from synergies").await,
        1,
        "the engine never repeats it"
    );
    let text = me.get(done.location()).await.text("main");
    assert!(
        text.contains("Le patron cherche"),
        "the reason outlives a search: {text}"
    );
}

#[tokio::test]
async fn what_was_set_aside_is_said_and_never_proposed_twice() {
    let test = TestApp::start().await;
    let (_, taker, pallets) = firms(&test).await;
    make::flow(
        &test,
        &taker,
        Direction::Inbound,
        "MAT-03",
        ("Palettes à réparer", 300.0, "u"),
    )
    .await;
    test.search().await;
    let me = test.as_(Role::Advisor).await;
    let page = last_page(&me, &pallets, "Palettes à réparer").await;
    assert!(
        page.text(".note").contains("déjà dans la file"),
        "{}",
        page.text("main")
    );
    assert!(!page.has("#f-why"), "nothing to send");
    let id: uuid::Uuid = sqlx::raw_sql("select id from synergies")
        .fetch_one(&test.database.pool)
        .await
        .unwrap()
        .get(0);
    me.post(
        &format!("/synergies/{id}/rejet"),
        &[("motive", "gain"), ("comment", "Trop peu")],
    )
    .await
    .expect(303);
    let page = last_page(&me, &pallets, "Palettes à réparer").await;
    let note = page.text(".note");
    assert!(note.contains("déjà écartée par") && note.contains(':'), "{note}");
    let fields = [
        ("flux".to_owned(), pallets.id.to_string()),
        ("avec".to_owned(), flow_of(&test, &taker).await),
        ("why".to_owned(), "Je n’avais pas vu.".to_owned()),
    ];
    let again = me.post(paths::NEW, &borrowed(&fields)).await;
    again.expect(409);
    assert!(
        again.text("main").contains("Je n’avais pas vu."),
        "what was typed is kept"
    );
    assert_eq!(test.count("select count(*) from synergies").await, 1);
}

async fn flow_of(test: &TestApp, of: &Establishment) -> String {
    let query = format!("select id from flows where establishment_id = '{}'", of.id);
    let row = sqlx::raw_sql(sqlx::AssertSqlSafe(query))
        .fetch_one(&test.database.pool)
        .await
        .unwrap();
    row.get::<uuid::Uuid, _>(0).to_string()
}

#[tokio::test]
async fn what_would_have_stopped_the_engine_warns_and_does_not_forbid() {
    let test = TestApp::start().await;
    let (_, taker, pallets) = firms(&test).await;
    let me = test.as_(Role::Advisor).await;
    make::flow(
        &test,
        &taker,
        Direction::Inbound,
        "EAU-01",
        ("Eau de process", 10.0, "m3"),
    )
    .await;
    let page = last_page(&me, &pallets, "Eau de process").await;
    assert!(
        page.text(".note").contains("Le moteur ne l’aurait pas proposée"),
        "{}",
        page.text("main")
    );
    let done = send(&me, &page, "Une idée folle.").await;
    done.expect(303);
    assert!(
        me.get(done.location())
            .await
            .text("main")
            .contains("Une idée folle.")
    );
    let elsewhere = make::territory(&test.system(), "Ailleurs").await;
    let stranger = make::establishment(&test, elsewhere, "Étrangère").await;
    let foreign = make::flow(
        &test,
        &stranger,
        Direction::Inbound,
        "MAT-03",
        ("Palettes", 3.0, "u"),
    )
    .await;
    let address = format!("{}?flux={}&avec={}", paths::NEW, pallets.id, foreign.id);
    me.get(&address).await.expect(404);
    me.post(
        paths::NEW,
        &[
            ("flux", &pallets.id.to_string()),
            ("avec", &foreign.id.to_string()),
            ("why", "x"),
        ],
    )
    .await
    .expect(404);
}

#[tokio::test]
async fn a_shared_need_makes_a_group_whose_members_stay() {
    let test = TestApp::start().await;
    let (one, other, _) = firms(&test).await;
    for (of, label) in [(&one, "Cartons bruns"), (&other, "Cartons d’emballage")] {
        make::flow(&test, of, Direction::Outbound, "MAT-01", (label, 3.0, "t")).await;
    }
    let place = Position::new(47.79, 1.08).unwrap();
    let third = make::establishment_at(&test, test.territory, "Scierie des Trois-Chênes", place).await;
    let me = test.as_(Role::Advisor).await;
    let page = me.get(&format!("{}?theme=MAT-01", paths::NEW_GROUP)).await;
    assert!(page.text("main").contains("Cartons bruns"));
    me.post(
        paths::NEW_GROUP,
        &[("theme", "MAT-01"), ("why", "Même collecteur.")],
    )
    .await
    .expect(422);
    let flows = [
        flow_named(&test, "Cartons bruns").await,
        flow_named(&test, "Cartons d’emballage").await,
    ];
    let address = format!(
        "{}?theme=MAT-01&flux={}&flux={}&avec={}",
        paths::NEW_GROUP,
        flows[0],
        flows[1],
        third.id
    );
    let preview = me.get(&address).await;
    let text = preview.text("main");
    assert!(
        text.contains("3 établissements") && text.contains("Masse critique"),
        "{text}"
    );
    let mut fields = preview.fields("form[method=post]:has(textarea)");
    set(&mut fields, "why", "Même collecteur, le mardi.");
    let done = me.post(paths::NEW_GROUP, &borrowed(&fields)).await;
    done.expect(303);
    me.post(paths::NEW_GROUP, &borrowed(&fields)).await.expect(303);
    let group =
        "select count(*) from synergies where kind = 'mutualisation' and origin = 'advisor' and is_fixed";
    assert_eq!(test.count(group).await, 1);
    assert_eq!(test.count("select count(*) from synergy_members").await, 3);
    test.search().await;
    assert_eq!(test.count("select count(*) from synergy_members").await, 3);
    let sheet = me.get(done.location()).await.text("main");
    assert!(sheet.contains("Même collecteur, le mardi."), "{sheet}");
    let again = me.get(&format!("{}?theme=MAT-01", paths::NEW_GROUP)).await;
    assert!(again.text(".note").contains("déjà dans la file"));
}

async fn flow_named(test: &TestApp, label: &str) -> String {
    let found = format!("select id::text from flows where label = '{label}'");
    let row = sqlx::raw_sql(sqlx::AssertSqlSafe(found))
        .fetch_one(&test.database.pool)
        .await
        .unwrap();
    row.get(0)
}

#[tokio::test]
async fn a_company_has_an_idea_that_an_advisor_follows_or_declines() {
    let test = TestApp::start().await;
    let (giver, taker, pallets) = firms(&test).await;
    let user = make::user_of(&test, Role::Company, test.territory, Some(giver.company_id)).await;
    let company = test.signed_in(user).await;
    let advisor = test.as_(Role::Advisor).await;
    assert!(
        company
            .get("/mon-espace")
            .await
            .text("table")
            .contains("J’ai une idée")
    );
    let address = format!("/mon-espace/idee?flux={}", pallets.id);
    let form = company.get(&address).await;
    let mut fields = form.fields("main form");
    company
        .post("/mon-espace/idee", &borrowed(&fields))
        .await
        .expect(422);
    set(&mut fields, "what", "Ces palettes sont encore bonnes.");
    set(&mut fields, "partner", "un déménageur");
    for _ in 0..2 {
        company
            .post("/mon-espace/idee", &borrowed(&fields))
            .await
            .expect(303);
    }
    assert_eq!(test.count("select count(*) from company_ideas").await, 1);
    assert!(
        company
            .get("/mon-espace")
            .await
            .text("main")
            .contains("à l’étude")
    );
    assert_eq!(
        test.count("select count(*) from letters where topic = 'request'")
            .await,
        1
    );

    let desk = advisor.get("/demandes").await;
    assert!(desk.text("main").contains("Ces palettes sont encore bonnes."));
    let way = desk.attr("[id^=idee-] a.primary", "href").unwrap();
    let whom = advisor.get(&way).await;
    assert!(whom.text(".note").contains("L’idée de Menuiserie du Perche"));
    let which = advisor.get(&link(&whom, "Transports du Loir")).await;
    let page = advisor.get(&link(&which, "Aucun")).await;
    let fields = page.fields("main form");
    let typed = fields.iter().find(|(name, _)| name == "why").unwrap();
    assert!(typed.1.contains("un déménageur"), "{typed:?}");
    let done = advisor.post(paths::NEW, &borrowed(&fields)).await;
    done.expect(303);
    assert_eq!(
        test.count("select count(*) from synergies where origin = 'company'")
            .await,
        1
    );
    let space = company.get("/mon-espace").await.text("main");
    assert!(space.contains("suivie par un conseiller"), "{space}");
    assert!(!space.contains(&taker.name), "never another company");
}

#[tokio::test]
async fn an_idea_that_is_not_kept_is_answered() {
    let test = TestApp::start().await;
    let (giver, taker, pallets) = firms(&test).await;
    let user = make::user_of(&test, Role::Company, test.territory, Some(giver.company_id)).await;
    let company = test.signed_in(user).await;
    let form = company
        .get(&format!("/mon-espace/idee?flux={}", pallets.id))
        .await;
    let mut fields = form.fields("main form");
    set(&mut fields, "what", "Une idée de trop.");
    company
        .post("/mon-espace/idee", &borrowed(&fields))
        .await
        .expect(303);
    let other = make::user_of(&test, Role::Company, test.territory, Some(taker.company_id)).await;
    let other = test.signed_in(other).await;
    other
        .get(&format!("/mon-espace/idee?flux={}", pallets.id))
        .await
        .expect(404);
    assert!(!other.get("/mon-espace").await.html().contains("Une idée de trop"));
    let advisor = test.as_(Role::Advisor).await;
    let desk = advisor.get("/demandes").await;
    let action = desk.attr("[id^=idee-] form", "action").unwrap();
    let blank = advisor.post(&action, &[("answer", "")]).await;
    blank.expect(422);
    advisor
        .post(&action, &[("answer", "Le bois est traité.")])
        .await
        .expect(303);
    advisor
        .post(&action, &[("answer", "Une autre réponse.")])
        .await
        .expect(409);
    let space = company.get("/mon-espace").await.text("main");
    assert!(
        space.contains("non retenue") && space.contains("Le bois est traité."),
        "{space}"
    );
    let elsewhere = make::territory(&test.system(), "Ailleurs").await;
    let stranger = make::user(&test, Role::Advisor, elsewhere).await;
    let stranger = test.signed_in(stranger).await;
    stranger.post(&action, &[("answer", "x")]).await.expect(404);
}
