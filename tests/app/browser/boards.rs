//! What is projected and printed, on the demonstration: every board at two widths, in the light and in the
//! dark, then on paper.

use crate::support::browser::Browser;
use crate::support::pdf::Paper;
use crate::support::{Client, TestApp};
use fantoccini::wd::PrintConfiguration;
use maillage::kernel::ids::UserId;
use sqlx::{ConnectOptions as _, Row as _};
use std::process::Command;

const BOARDS: [&str; 9] = [
    "/tableau-de-bord",
    "/tableau-de-bord/flux",
    "/tableau-de-bord/carte",
    "/tableau-de-bord/synergies",
    "/tableau-de-bord/activite",
    "/tableau-de-bord/territoires",
    "/contrat",
    "/evaluations",
    "/rapports",
];
const STEERING: [&str; 6] = [
    "/demarche",
    "/demarche/reunions",
    "/demarche/budget",
    "/demarche/communication",
    "/referentiel",
    "/voisins",
];

/// The demonstration, as the command loads it.
async fn demonstration() -> TestApp {
    let test = TestApp::start().await;
    let mut load = Command::new(env!("CARGO_BIN_EXE_maillage"));
    load.arg("demo").env(
        "DATABASE_URL",
        test.database.pool.connect_options().to_url_lossy().as_str(),
    );
    let loaded = tokio::task::spawn_blocking(move || load.output().unwrap())
        .await
        .unwrap();
    assert!(
        loaded.status.success(),
        "{}",
        String::from_utf8_lossy(&loaded.stderr)
    );
    test
}

async fn person(test: &TestApp, email: &str) -> Client {
    let found = sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
        "select id::text from users where email = '{email}'"
    )));
    let id: String = found.fetch_one(&test.database.pool).await.unwrap().get(0);
    let id: UserId = id.parse().unwrap();
    test.signed_in(id).await
}

fn name(path: &str) -> String {
    path.trim_start_matches('/').replace('/', "-")
}

/// Every fault of every page, rather than the first one.
async fn faults(browser: &Browser, pages: &[&str]) -> Vec<String> {
    let mut faults = Vec::new();
    for (mode, is_narrow) in [("large", false), ("telephone", true), ("sombre", false)] {
        if is_narrow {
            browser.narrow().await;
        } else {
            browser.wide().await;
        }
        if mode == "sombre" {
            browser.dark().await;
        }
        for path in pages {
            browser.goto(path).await;
            browser.picture(&format!("{}-{mode}", name(path))).await;
            let sideways = browser.sideways_scroll().await;
            if sideways > 0 {
                faults.push(format!("{path}, {mode}: {sideways} pixels too wide"));
            }
            let found = browser.accessibility_faults().await;
            faults.extend(found.into_iter().map(|fault| format!("{path}, {mode}: {fault}")));
        }
    }
    faults
}

/// On A4, as the browser prints it: no word over another, nothing cut.
async fn printed(browser: &Browser, pages: &[&str]) {
    for path in pages {
        browser.goto(path).await;
        let sheet = PrintConfiguration::builder().build().unwrap();
        let paper = Paper::read(&browser.page.print(sheet).await.unwrap());
        paper.keep(&format!("imprime-{}", name(path)));
        assert!(
            paper.leaves.iter().all(|leaf| leaf.inked > 0.001),
            "{path}: a blank sheet"
        );
        let over = paper.overprinted();
        assert!(over.is_empty(), "{path}: {over:?}");
    }
}

#[tokio::test]
async fn the_boards_are_readable_everywhere_and_on_paper() {
    let test = demonstration().await;
    let browser = Browser::open(&test).await;
    browser.become_(&person(&test, "copil@exemple.fr").await).await;
    let faults = faults(&browser, &BOARDS).await;
    assert!(faults.is_empty(), "{faults:#?}");
    printed(&browser, &BOARDS).await;
    browser.close().await;
}

#[tokio::test]
async fn the_programme_is_readable_everywhere_and_on_paper() {
    let test = demonstration().await;
    let browser = Browser::open(&test).await;
    browser.become_(&person(&test, "pilote@exemple.fr").await).await;
    let faults = faults(&browser, &STEERING).await;
    assert!(faults.is_empty(), "{faults:#?}");
    printed(&browser, &STEERING).await;
    browser.close().await;
}
