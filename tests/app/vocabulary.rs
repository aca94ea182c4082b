//! The words of a territory: taught by a choice, decided by a manager, then used by the suggestions, the
//! forms and the search for synergies.

use crate::support::{Client, TestApp, make};
use maillage::companies::Establishment;
use maillage::flows::paths;
use maillage::kernel::Direction;
use maillage::kernel::ids::LocalWordId;
use maillage::platform::access::Role;

const WORD: &str = "Zwiebelite";
const SEARCHES: &str = "select count(*) from jobs where name = 'flows_changed'";

async fn site(test: &TestApp) -> Establishment {
    make::establishment(test, test.territory, "Conserverie d’essai").await
}

/// A flow of that name, in the wrong category, then moved to the right one by an advisor.
async fn taught(test: &TestApp, advisor: &Client, site: &Establishment) -> LocalWordId {
    let flow = make::flow(test, site, Direction::Outbound, "MAT-01", (WORD, 12.0, "t")).await;
    advisor
        .post(&paths::classify(&flow.id), &[("category", "MAT-18")])
        .await
        .expect(303);
    let mut db = test.system().read().await.unwrap();
    let scope = make::scope(test, test.territory);
    let words = maillage::flows::words::store::list(&mut db, &scope)
        .await
        .unwrap();
    words.iter().find(|word| word.label == WORD).unwrap().id
}

async fn first_suggestion(me: &Client, typed: &str) -> serde_json::Value {
    let reply = me.get(&format!("{}{typed}", paths::suggest())).await;
    let found: Vec<serde_json::Value> = serde_json::from_str(&reply.html()).unwrap();
    found.into_iter().next().unwrap_or_default()
}

#[tokio::test]
async fn a_choice_teaches_a_word_that_a_manager_accepts() {
    let test = TestApp::start().await;
    let (advisor, pilot) = (test.as_(Role::Advisor).await, test.as_(Role::Pilot).await);
    let site = site(&test).await;
    let word = taught(&test, &advisor, &site).await;
    let page = pilot.get(paths::VOCABULARY).await;
    page.expect(200);
    let row = page.text(&format!("#mot-{word}"));
    assert!(
        row.contains("MAT-18") && row.contains("Conserverie d’essai"),
        "{row}"
    );
    assert!(first_suggestion(&advisor, WORD).await["value"].is_null());

    test.run_jobs().await;
    let before = test.count(SEARCHES).await;
    pilot.post(&paths::accept_word(&word), &[]).await.expect(303);
    assert_eq!(test.count(SEARCHES).await, before + 1);
    let found = first_suggestion(&advisor, "zwieb").await;
    assert_eq!(
        (&found["value"], &found["label"]),
        (&"MAT-18".into(), &"Coproduits agroalimentaires".into())
    );
    assert_eq!(
        test.count("select count(*) from journal where subject = 'local_word'")
            .await,
        2
    );
}

#[tokio::test]
async fn an_accepted_word_names_the_category_of_the_next_flow() {
    let test = TestApp::start().await;
    let (advisor, pilot) = (test.as_(Role::Advisor).await, test.as_(Role::Pilot).await);
    let site = site(&test).await;
    let word = taught(&test, &advisor, &site).await;
    pilot.post(&paths::accept_word(&word), &[]).await.expect(303);
    let flow = make::flow(&test, &site, Direction::Outbound, "MAT-01", ("Cartons", 1.0, "t")).await;
    let page = advisor.get(&paths::edit(&flow.id)).await;
    let shown = |name: &str| page.attr(&format!("input[name={name}]"), "value").unwrap();
    let (version, observed) = (shown("version"), shown("observed_on"));
    let fields = [
        ("version", version.as_str()),
        ("label", "zwiebelite"),
        ("direction", "sortant"),
        ("observed_on", &observed),
        ("category", ""),
        ("category_typed", ""),
    ];
    advisor.post(&paths::edit(&flow.id), &fields).await.expect(303);
    assert_eq!(
        test.count("select count(*) from flows where label = 'zwiebelite' and category = 'MAT-18'")
            .await,
        1
    );
}

#[tokio::test]
async fn an_accepted_word_serves_the_search() {
    let test = TestApp::start().await;
    let (advisor, pilot) = (test.as_(Role::Advisor).await, test.as_(Role::Pilot).await);
    let (giver, receiver) = (
        site(&test).await,
        make::establishment(&test, test.territory, "Élevage d’essai").await,
    );
    let word = taught(&test, &advisor, &giver).await;
    let flow = make::flow(
        &test,
        &receiver,
        Direction::Inbound,
        "MAT-18",
        ("Drêches", 12.0, "t"),
    )
    .await;
    test.execute("update flows set category = null where label = 'Zwiebelite'".to_owned())
        .await;
    let proposals = "select count(*) from synergies";
    pilot.post(&paths::confirm(&flow.id), &[]).await.expect(303);
    test.run_jobs().await;
    assert_eq!(test.count(proposals).await, 0);
    pilot.post(&paths::accept_word(&word), &[]).await.expect(303);
    test.run_jobs().await;
    assert_eq!(test.count(proposals).await, 1);
}

#[tokio::test]
async fn a_word_has_one_meaning_and_a_manager_decides() {
    let test = TestApp::start().await;
    let (advisor, pilot) = (test.as_(Role::Advisor).await, test.as_(Role::Pilot).await);
    let site = site(&test).await;
    let word = taught(&test, &advisor, &site).await;
    advisor.post(&paths::accept_word(&word), &[]).await.expect(403);
    pilot.post(&paths::refuse_word(&word), &[]).await.expect(303);

    let typed = [("word", WORD), ("category_typed", "MAT-17"), ("category", "")];
    pilot.post(paths::VOCABULARY, &typed).await.expect(303);
    let again = [
        ("word", "zwiebelite"),
        ("category_typed", "MAT-25"),
        ("category", ""),
    ];
    let refused = pilot.post(paths::VOCABULARY, &again).await;
    refused.expect(422);
    assert!(refused.text("#e-word").contains("désigne déjà"));
    assert_eq!(refused.attr("#f-word", "value").as_deref(), Some("zwiebelite"));
    pilot.post(&paths::accept_word(&word), &[]).await.expect(422);

    let empty = pilot
        .post(paths::VOCABULARY, &[("word", " "), ("category_typed", "")])
        .await;
    empty.expect(422);
    assert_eq!(
        empty.text("#e-category"),
        "Choisissez la catégorie que ce mot désigne."
    );
}

#[tokio::test]
async fn the_words_of_another_territory_are_not_there() {
    let test = TestApp::start().await;
    let (advisor, pilot) = (test.as_(Role::Advisor).await, test.as_(Role::Pilot).await);
    let site = site(&test).await;
    let word = taught(&test, &advisor, &site).await;
    let elsewhere = make::territory(&test.system(), "Dunois d’essai").await;
    test.execute(format!("update local_words set territory_id = '{elsewhere}'"))
        .await;
    pilot.post(&paths::accept_word(&word), &[]).await.expect(404);
    pilot.post(&paths::remove_word(&word), &[]).await.expect(404);
}
