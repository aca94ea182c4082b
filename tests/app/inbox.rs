//! What advisors share around a synergy: comments and who is named in them.

use crate::support::{TestApp, make};
use chrono::Duration;
use maillage::kernel::ids::SynergyId;
use maillage::platform::access::Role;
use maillage::synergies::paths;

/// A comment as the form of the sheet sends it.
fn said<'a>(id: &'a str, message: &'a str) -> [(&'a str, &'a str); 2] {
    [("id", id), ("message", message)]
}

async fn name(test: &TestApp, user: impl std::fmt::Display, name: &str) {
    test.execute(format!("update users set name = '{name}' where id = '{user}'"))
        .await;
}

async fn comments(test: &TestApp) -> i64 {
    test.count("select count(*) from synergy_comments").await
}

async fn cited(test: &TestApp) -> i64 {
    test.count("select count(*) from letters where topic = 'mention'")
        .await
}

#[tokio::test]
async fn a_colleague_named_in_a_comment_is_told_once_and_answers() {
    let test = TestApp::start().await;
    let (me, colleague) = (test.as_(Role::Advisor).await, test.as_(Role::Pilot).await);
    name(&test, colleague.user, "Éva Lune").await;
    let id: SynergyId = make::synergy(&test).await;
    let sheet = me.get(&paths::show(&id)).await;
    assert!(
        sheet
            .expect(200)
            .text("#commentaires")
            .contains("Jamais par les entreprises ni le COPIL")
    );
    assert!(sheet.has("#collegues option[value='Éva Lune']"));
    let key = sheet.attr("#commentaires input[name=id]", "value").unwrap();

    let empty = me.post(&paths::comments(&id), &said(&key, "  ")).await;
    assert!(empty.expect(422).has("textarea[aria-invalid]#f-message"));
    let long = "trop ".repeat(1_000);
    let refused = me.post(&paths::comments(&id), &said(&key, &long)).await;
    assert!(refused.expect(422).html().contains("trop trop"));
    for _ in 0..2 {
        me.post(
            &paths::comments(&id),
            &said(&key, "Qu’en dites-vous, @éva lune ? <b>"),
        )
        .await
        .expect(303);
    }
    assert_eq!(
        (comments(&test).await, cited(&test).await),
        (1, 1),
        "sent twice, said once"
    );

    assert!(colleague.get("/").await.text(".next").contains("vous cite"));
    let sheet = colleague.get(&paths::show(&id)).await;
    assert!(sheet.text("#commentaires").contains("@éva lune ? <b>"));
    assert!(sheet.text("#commentaires").contains("On vous a cité"));
    assert!(!me.get("/").await.text("main").contains("vous cite"));
    colleague
        .post(&paths::comments(&id), &[("message", "Oui.")])
        .await
        .expect(303);
    assert!(!colleague.get("/").await.text("main").contains("vous cite"));
    assert_eq!(
        test.count("select count(*) from journal where subject = 'synergy_comment' and comment is null")
            .await,
        2
    );
}

#[tokio::test]
async fn one_s_own_comment_changes_within_the_day_and_nobody_else_s_does() {
    let test = TestApp::start().await;
    let (me, other) = (test.as_(Role::Advisor).await, test.as_(Role::Advisor).await);
    let id = make::synergy(&test).await;
    me.post(&paths::comments(&id), &[("message", "Un")])
        .await
        .expect(303);
    let sheet = me.get(&paths::show(&id)).await;
    let edit = sheet.attr("#commentaires li form", "action").unwrap();
    assert!(!other.get(&paths::show(&id)).await.has("#commentaires li form"));
    other.post(&edit, &[("message", "Trois")]).await.expect(404);
    let refused = me.post(&edit, &[("message", "")]).await;
    assert!(refused.expect(422).has("details[open] #f-message"));
    me.post(&edit, &[("message", "Deux")]).await.expect(303);
    let text = other.get(&paths::show(&id)).await.text("#commentaires");
    assert!(text.contains("Deux") && text.contains("modifié") && !text.contains("Trois"));
    test.travel(Duration::days(1));
    let me = test.signed_in(me.user).await;
    me.post(&edit, &[("message", "Quatre")]).await.expect(409);
    me.post(&format!("{edit}/retrait"), &[]).await.expect(409);

    me.post(&paths::comments(&id), &[("message", "À retirer")])
        .await
        .expect(303);
    let sheet = me.get(&paths::show(&id)).await;
    let edit = sheet.attr("#commentaires li form", "action").unwrap();
    me.post(&format!("{edit}/retrait"), &[]).await.expect(303);
    assert_eq!(comments(&test).await, 1);
}

#[tokio::test]
async fn comments_stay_in_the_territory() {
    let test = TestApp::start().await;
    let id = make::synergy(&test).await;
    let there = make::territory(&test.system(), "Ailleurs").await;
    let stranger = make::user(&test, Role::Advisor, there).await;
    let stranger = test.signed_in(stranger).await;
    stranger.get(&paths::comments(&id)).await.expect(404);
    stranger
        .post(&paths::comments(&id), &[("message", "Bonjour")])
        .await
        .expect(404);
    stranger.post(&paths::comments_read(&id), &[]).await.expect(404);
    assert_eq!(comments(&test).await, 0);
}
