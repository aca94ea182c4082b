//! An idea captured on a tablet: a company that nobody expected types its name, then two taps.

use crate::support::browser::Browser;
use crate::support::{TestApp, make};
use maillage::kernel::ids::WorkshopId;
use maillage::platform::access::Role;

async fn workshop(test: &TestApp) -> WorkshopId {
    let id = WorkshopId::fresh();
    let taker = make::establishment(test, test.territory, "Verrerie du Pic-Vert").await;
    test.execute(format!(
        "insert into workshops (id, territory_id, title, held_on, state, categories)
             values ('{id}', '{}', 'Cartons et palettes', '{}', 'invited', '{{MAT-01,MAT-02}}');
         insert into workshop_guests (id, workshop_id, establishment_id, reason)
             values (gen_random_uuid(), '{id}', '{}', 'Invitée')",
        test.territory,
        test.system().today(),
        taker.id
    ))
    .await;
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_company_says_an_idea_in_one_field_and_two_taps() {
    let test = TestApp::start().await;
    let id = workshop(&test).await;
    let advisor = test.as_(Role::Advisor).await;
    let browser = Browser::open(&test).await;
    browser.become_(&advisor).await;
    browser.tablet().await;
    browser.goto(&format!("/ateliers/{id}/saisie")).await;
    assert_eq!(browser.accessibility_faults().await, Vec::<String>::new());
    assert_eq!(browser.sideways_scroll().await, 0);

    browser.type_in("#f-name", "Menuiserie Neuve\u{e007}").await;
    browser.says("Qu’offre-t-elle").await;
    assert_eq!(browser.accessibility_faults().await, Vec::<String>::new());
    assert_eq!(browser.sideways_scroll().await, 0);
    let low = browser
        .ask("return Math.min(...[...document.querySelectorAll('.taps .btn')].map(b => b.getBoundingClientRect().height))")
        .await;
    assert!(low.as_f64().unwrap() >= 44.0, "a finger's target: {low}");
    browser.picture("saisie-tablette").await;
    browser.click(".themes a:nth-child(1)").await;
    browser.says("Pour qui").await;
    browser.press("Verrerie du Pic-Vert").await;
    browser.find(".ideas li").await;
    let count = async |query| test.count(query).await;
    assert_eq!(count("select count(*) from workshop_ideas").await, 1);
    assert_eq!(
        count("select count(*) from establishments where name = 'Menuiserie Neuve'").await,
        1
    );
    assert_eq!(
        count("select count(*) from flows where source = 'workshop' and category = 'MAT-01'").await,
        2
    );
    browser.close().await;
}
