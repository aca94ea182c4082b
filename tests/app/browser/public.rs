//! Pages for whoever is not signed in, and signing in with the keyboard.

use crate::support::{TestApp, browser::Browser};

#[tokio::test(flavor = "multi_thread")]
async fn the_sign_in_page_is_accessible_and_says_what_is_wrong() {
    let test = TestApp::start().await;
    let browser = Browser::open(&test).await;
    browser.goto("/connexion").await;
    browser.type_in("#f-email", "personne@exemple.fr").await;
    browser.type_in("#f-password", "mauvais").await;
    browser.press("Je me connecte").await;
    browser.says("Adresse ou mot de passe incorrect.").await;
    assert_eq!(browser.accessibility_faults().await, Vec::<String>::new());
    browser.picture("connexion").await;
    browser.narrow().await;
    assert_eq!(browser.sideways_scroll().await, 0);
    browser.close().await;
}
