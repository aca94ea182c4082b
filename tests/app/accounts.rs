//! Signing in and out, invitations, throttling, sessions.

use crate::support::{Client, TestApp, make};
use argon2::PasswordHasher;
use chrono::Duration;
use maillage::accounts::{paths, store};
use maillage::kernel::ids::UserId;
use maillage::platform::access::{Role, Token};

const PASSWORD: &str = "quatre lamas sous la pluie";

/// A new advisor, and the link of their invitation.
async fn invited(test: &TestApp) -> (UserId, String) {
    let user = make::user(test, Role::Advisor, test.territory).await;
    let token = test
        .system()
        .transact(async |tx| -> anyhow::Result<Token> {
            tx.nothing_to_record();
            Ok(store::invite(tx, user).await?)
        })
        .await
        .unwrap();
    (user, paths::invitation(token.reveal()))
}

async fn with_password(test: &TestApp) -> String {
    let (user, link) = invited(test).await;
    let reply = test
        .nobody()
        .post(&link, &[("password", PASSWORD), ("again", PASSWORD)])
        .await;
    reply.expect(303);
    format!("{user}@exemple.fr")
}

async fn sign_in(client: &Client, email: &str, password: &str) -> crate::support::Reply {
    client
        .post(
            paths::SIGN_IN,
            &[("email", email), ("password", password), ("next", "/compte")],
        )
        .await
}

#[tokio::test]
async fn an_invitation_is_used_once_and_opens_the_account() {
    let test = TestApp::start().await;
    let (user, link) = invited(&test).await;
    let page = test.nobody().get(&link).await;
    page.expect(200);
    assert!(page.text("h1").starts_with("Bienvenue"));
    let weak = test
        .nobody()
        .post(&link, &[("password", "azertyazerty"), ("again", "autre")])
        .await;
    weak.expect(422);
    assert!(weak.text(".errsum").contains("trop facile à deviner"));
    assert!(weak.text(".errsum").contains("ne sont pas les mêmes"));
    test.nobody()
        .post(&link, &[("password", PASSWORD), ("again", PASSWORD)])
        .await
        .expect(303);
    test.nobody()
        .post(&link, &[("password", PASSWORD), ("again", PASSWORD)])
        .await
        .expect(404);

    let client = test.nobody();
    let reply = sign_in(&client, &format!("{user}@exemple.fr"), PASSWORD).await;
    reply.expect(303);
    assert_eq!(reply.location(), "/compte");
    client.get("/compte").await.expect(200);
}

#[tokio::test]
async fn an_invitation_expires() {
    let test = TestApp::start().await;
    let (_, link) = invited(&test).await;
    test.travel(Duration::days(8));
    test.nobody().get(&link).await.expect(404);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_account_get_the_same_page() {
    let test = TestApp::start().await;
    let email = with_password(&test).await;
    let wrong = sign_in(&test.nobody(), &email, "ce n’est pas le bon").await;
    let unknown = sign_in(&test.nobody(), "personne@exemple.fr", "ce n’est pas le bon").await;
    wrong.expect(422);
    assert!(
        wrong
            .text(".errsum")
            .contains("Adresse ou mot de passe incorrect.")
    );
    assert_eq!(
        wrong.html().replace(&email, ""),
        unknown.html().replace("personne@exemple.fr", "")
    );
}

#[tokio::test]
async fn repeated_failures_slow_down_then_are_forgotten() {
    let test = TestApp::start().await;
    let email = with_password(&test).await;
    for _ in 0..5 {
        sign_in(&test.nobody(), &email, "mauvais").await.expect(422);
    }
    let blocked = sign_in(&test.nobody(), &email, PASSWORD).await;
    blocked.expect(429);
    assert!(blocked.headers.contains_key("retry-after"));
    test.travel(Duration::minutes(16));
    sign_in(&test.nobody(), &email, PASSWORD).await.expect(303);
}

#[tokio::test]
async fn a_session_changes_at_sign_in_and_dies_of_idleness_age_or_sign_out() {
    let test = TestApp::start().await;
    let email = with_password(&test).await;
    let client = test.nobody();
    sign_in(&client, &email, PASSWORD).await.expect(303);
    let first = client.cookie("maillage").unwrap();
    sign_in(&client, &email, PASSWORD).await.expect(303);
    assert_ne!(
        client.cookie("maillage").unwrap(),
        first,
        "a new secret at each sign-in"
    );
    assert_eq!(
        test.count("select count(*) from sessions").await,
        1,
        "the old session is closed"
    );

    client.post(paths::SIGN_OUT, &[]).await.expect(303);
    assert_eq!(client.cookie("maillage"), None);
    sign_in(&client, &email, PASSWORD).await.expect(303);
    test.travel(Duration::hours(5));
    assert_eq!(client.get("/compte").await.location(), "/connexion?next=/compte");

    sign_in(&client, &email, PASSWORD).await.expect(303);
    for _ in 0..5 {
        test.travel(Duration::hours(3));
        client.get("/compte").await;
    }
    client.get("/compte").await.expect(303);
}

#[tokio::test]
async fn changing_the_password_closes_the_other_sessions() {
    let test = TestApp::start().await;
    let email = with_password(&test).await;
    let (here, elsewhere) = (test.nobody(), test.nobody());
    sign_in(&here, &email, PASSWORD).await.expect(303);
    sign_in(&elsewhere, &email, PASSWORD).await.expect(303);
    let refused = here
        .post(
            paths::PASSWORD,
            &[("current", "faux"), ("password", "court"), ("again", "court")],
        )
        .await;
    refused.expect(422);
    assert!(refused.text(".errsum").contains("mot de passe actuel"));
    let new = "cinq vigognes au soleil couchant";
    here.post(
        paths::PASSWORD,
        &[("current", PASSWORD), ("password", new), ("again", new)],
    )
    .await
    .expect(303);
    here.get("/compte").await.expect(200);
    elsewhere.get("/compte").await.expect(303);
}

#[tokio::test]
async fn a_suspended_person_is_out_at_the_next_request() {
    let test = TestApp::start().await;
    let client = test.as_(Role::Advisor).await;
    client.get("/compte").await.expect(200);
    test.execute(format!(
        "update users set suspended_at = now() where id = '{}'",
        client.user
    ))
    .await;
    client.get("/compte").await.expect(303);
}

#[tokio::test]
async fn simultaneous_guesses_are_counted_before_they_are_tried() {
    let test = TestApp::start().await;
    let email = with_password(&test).await;
    let together = tokio::task::LocalSet::new();
    let tries: Vec<_> = (0..12)
        .map(|_| {
            let (client, email) = (test.nobody(), email.clone());
            together.spawn_local(async move { sign_in(&client, &email, "mauvais").await.status.as_u16() })
        })
        .collect();
    together.await;
    let mut statuses = Vec::new();
    for one in tries {
        statuses.push(one.await.unwrap());
    }
    let tried = statuses.iter().filter(|s| **s == 422).count();
    assert!(tried <= 5, "{statuses:?}");
}

#[tokio::test]
async fn a_malformed_address_is_told_so_and_counted_against_the_address_only() {
    let test = TestApp::start().await;
    for _ in 0..6 {
        let reply = sign_in(&test.nobody(), "claire", "peu importe").await;
        reply.expect(422);
        assert!(reply.text(".errsum").contains("adresse électronique"));
    }
    let counters = test
        .count("select count(*) from throttles where key like 'address:%' and failures = 6")
        .await;
    assert_eq!(
        (counters, test.count("select count(*) from throttles").await),
        (1, 1)
    );
}

#[tokio::test]
async fn a_success_costs_nothing_to_the_address_and_forgets_the_account() {
    let test = TestApp::start().await;
    let email = with_password(&test).await;
    sign_in(&test.nobody(), &email, "mauvais").await.expect(422);
    sign_in(&test.nobody(), &email, PASSWORD).await.expect(303);
    assert_eq!(test.count("select sum(failures) from throttles").await, 1);
}

#[tokio::test]
async fn a_weaker_hash_is_made_again_at_sign_in() {
    let test = TestApp::start().await;
    let email = with_password(&test).await;
    let params = argon2::Params::new(4_864, 1, 1, None).unwrap();
    let weak = argon2::Argon2::from(params)
        .hash_password(PASSWORD.as_bytes())
        .unwrap();
    test.execute(format!(
        "update users set password_hash = '{weak}' where email = '{email}'"
    ))
    .await;
    sign_in(&test.nobody(), &email, "mauvais").await.expect(422);
    assert_eq!(
        test.count("select count(*) from users where password_hash like '%m=4864,t=1%'")
            .await,
        1
    );
    sign_in(&test.nobody(), &email, PASSWORD).await.expect(303);
    assert_eq!(
        test.count("select count(*) from users where password_hash like '%m=19456,t=2%'")
            .await,
        1
    );
    sign_in(&test.nobody(), &email, PASSWORD).await.expect(303);
}

#[tokio::test]
async fn a_session_left_open_is_not_a_place_to_guess_the_password() {
    let test = TestApp::start().await;
    let email = with_password(&test).await;
    let client = test.nobody();
    sign_in(&client, &email, PASSWORD).await.expect(303);
    let guess = [
        ("current", "faux"),
        ("password", "cinq vigognes au soleil"),
        ("again", "cinq vigognes au soleil"),
    ];
    for _ in 0..5 {
        client.post(paths::PASSWORD, &guess).await.expect(422);
    }
    client.post(paths::PASSWORD, &guess).await.expect(429);
}

#[tokio::test]
async fn changing_the_password_renews_the_session_and_voids_the_links() {
    let test = TestApp::start().await;
    let email = with_password(&test).await;
    let client = test.nobody();
    sign_in(&client, &email, PASSWORD).await.expect(303);
    let before = client.cookie("maillage").unwrap();
    test.execute("insert into invitations select decode(repeat('ab', 32), 'hex'), id, now(), now() + interval '1 day' from users where password_hash is not null".to_owned())
        .await;
    let new = "cinq vigognes au soleil couchant";
    client
        .post(
            paths::PASSWORD,
            &[("current", PASSWORD), ("password", new), ("again", new)],
        )
        .await
        .expect(303);
    assert_ne!(client.cookie("maillage").unwrap(), before);
    client.get("/compte").await.expect(200);
    assert_eq!(
        test.count("select count(*) from invitations where used_at is null")
            .await,
        0
    );
}

#[tokio::test]
async fn an_invitation_leads_nowhere_once_suspended_and_leaves_nobody_else_signed_in() {
    let test = TestApp::start().await;
    let (user, link) = invited(&test).await;
    test.execute(format!(
        "update users set suspended_at = now() where id = '{user}'"
    ))
    .await;
    test.nobody().get(&link).await.expect(404);
    let choice = [("password", PASSWORD), ("again", PASSWORD)];
    test.nobody().post(&link, &choice).await.expect(404);
    test.execute(format!(
        "update users set suspended_at = null where id = '{user}'"
    ))
    .await;
    let other = test.as_(Role::Advisor).await;
    other.post(&link, &choice).await.expect(303);
    assert_eq!(other.cookie("maillage"), None);
    assert_eq!(test.count("select count(*) from sessions").await, 0);
}

#[tokio::test]
async fn a_sign_in_sweeps_what_no_longer_serves() {
    let test = TestApp::start().await;
    let email = with_password(&test).await;
    sign_in(&test.nobody(), &email, PASSWORD).await.expect(303);
    sign_in(&test.nobody(), "personne@exemple.fr", "mauvais")
        .await
        .expect(422);
    test.travel(Duration::days(2));
    sign_in(&test.nobody(), &email, PASSWORD).await.expect(303);
    assert_eq!(test.count("select count(*) from sessions").await, 1);
    assert_eq!(
        test.count("select count(*) from throttles where key like '%personne%'")
            .await,
        0
    );
}

#[tokio::test]
async fn somebody_else_s_sign_in_wipes_what_a_browser_keeps() {
    let test = TestApp::start().await;
    let email = with_password(&test).await;
    let mine = test.as_(Role::Advisor).await;
    let site = make::establishment(&test, test.territory, "Cartonnerie d’essai").await;
    let visit = make::visit(&test, &site, maillage::visits::VisitStatus::Done, vec![mine.user]).await;
    mine.post(&maillage::visits::paths::offline(&visit.id), &[])
        .await
        .expect(204);
    let other = sign_in(&mine, &email, PASSWORD).await;
    assert_eq!(
        other.expect(303).headers["clear-site-data"],
        "\"cache\", \"storage\""
    );
    // Nobody's pages are kept any more, or one's own are.
    let again = sign_in(&mine, &email, PASSWORD).await;
    assert!(!again.expect(303).headers.contains_key("clear-site-data"));
}
