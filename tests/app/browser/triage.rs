//! Thirty proposals sorted without a mouse, without leaving the list.

use crate::support::browser::Browser;
use crate::support::{TestApp, make};
use maillage::platform::access::Role;
use maillage::synergies::{Kind, Origin, Side, store};

const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";
const PROPOSALS: usize = 30;

async fn fill(test: &TestApp) {
    let giver = make::establishment(test, test.territory, "Cartonnerie Belle-Anse").await;
    let receiver = make::establishment(test, test.territory, "Verrerie du Pic-Vert").await;
    let scope = make::scope(test, test.territory);
    test.system()
        .transact(async |tx| -> anyhow::Result<()> {
            for rank in 1..=PROPOSALS {
                let title = format!("Piste {rank}");
                let mut new = store::NewSynergy::by_hand(Kind::Sharing, Origin::Workshop, title, "Notée.");
                for (site, side) in [(&giver, Side::Outbound), (&receiver, Side::Inbound)] {
                    new.members.push(store::NewMember {
                        establishment: site.id,
                        flow: None,
                        side,
                        annual_quantity: None,
                    });
                }
                store::insert(tx, &scope, &new).await?;
            }
            Ok(())
        })
        .await
        .unwrap();
}

/// What a reviewer types for one proposal: take, reject with its motive, sleep, pre-validate.
fn typed(rank: usize) -> Vec<&'static str> {
    match rank % 5 {
        0 | 1 => vec!["p"],
        2 => vec!["r", "2", "1", ENTER],
        3 => vec!["z", "2", ENTER],
        _ => vec!["v", ENTER],
    }
}

/// Answers each question of the grid with its first choice; gives how many there are.
async fn grade(browser: &Browser) -> usize {
    browser.find(".fold[open] input:focus").await;
    let questions = browser
        .ask("return document.querySelectorAll('.fold[open] [data-group]').length")
        .await
        .as_u64()
        .unwrap();
    for _ in 0..questions {
        browser.keys("1").await;
    }
    usize::try_from(questions).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_proposals_are_sorted_by_keyboard() {
    let test = TestApp::start().await;
    fill(&test).await;
    let advisor = test.as_(Role::Advisor).await;
    let browser = Browser::open(&test).await;
    browser.become_(&advisor).await;
    browser.goto("/synergies?q=Piste").await;
    browser.find("body.keyed").await;

    browser.keys("j").await;
    browser.find(".rows li:nth-child(2) a[aria-current]:focus").await;
    browser.keys("k").await;
    browser.find(".rows li:nth-child(1) a[aria-current]:focus").await;
    browser.keys("?").await;
    browser.find(".keyhelp[open] summary:focus").await;
    browser.keys(ESCAPE).await;
    browser.find(".rows a:focus").await;
    browser.keys("r").await;
    browser.find(".fold[open] input:focus").await;
    assert_eq!(browser.accessibility_faults().await, Vec::<String>::new());
    browser.picture("tri").await;
    browser.narrow().await;
    assert_eq!(browser.sideways_scroll().await, 0);
    browser.wide().await;
    browser.keys(ESCAPE).await;
    browser.find(".rows a:focus").await;

    let mut strokes = 0;
    for rank in 0..PROPOSALS {
        for key in typed(rank) {
            browser.keys(key).await;
            strokes += 1;
            if key == "v" {
                strokes += grade(&browser).await;
            }
        }
        let left = PROPOSALS - rank - 1;
        if left == 0 {
            browser.find(".empty").await;
        } else {
            browser.says(&format!("{} sur {left}", left.min(20))).await;
            browser.find(".rows a[aria-current]:focus").await;
            let address = browser.page.current_url().await.unwrap();
            assert!(address.query().unwrap().contains("q=Piste"), "{address}");
        }
    }
    println!("{PROPOSALS} proposals sorted with {strokes} keystrokes");
    let count = async |query| test.count(query).await;
    let reviewed = count("select count(*) from synergies where state = 'under_review'").await;
    let rejected = count("select count(*) from synergies where state = 'rejected' and motive = 'gain'").await;
    let asleep = count("select count(*) from synergies where state = 'asleep'").await;
    let validated = count("select count(*) from synergies where state = 'prevalidated'").await;
    assert_eq!([reviewed, rejected, asleep, validated], [12, 6, 6, 6]);
    browser.close().await;
}
