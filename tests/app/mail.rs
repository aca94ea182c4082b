//! Letters: through a real server, in the transaction that causes them, once, or kept with the reason.

use crate::support::smtp::Sink;
use crate::support::{TestApp, config, make};
use chrono::Duration;
use maillage::accounts::{Notice, paths as accounts};
use maillage::kernel::ids::UserId;
use maillage::platform::access::Role;
use maillage::platform::mail::{self, Letter, Link, Recipient};

#[derive(askama::Template)]
#[template(
    source = "Bonjour Zoé,\n\nL’été à Vendôme : 3 < 4 & « ça va ».\n\n- œuf\n- forêt\n",
    ext = "txt"
)]
struct Words;

fn recipient(email: &str, user: Option<UserId>) -> Recipient {
    Recipient {
        user,
        name: "Zoé Élan".to_owned(),
        email: email.to_owned(),
    }
}

fn letter(to: Recipient) -> Letter {
    Letter::new(
        Notice::Recap.topic(),
        to,
        "Récapitulatif : l’été\r\nBcc: x@y.fr",
        &Words,
    )
    .unwrap()
    .reply_to(Some("conseil@exemple.fr".to_owned()))
    .link(Link::to("Je regarde", "/synergies"))
}

async fn queue(test: &TestApp, letter: &Letter) -> bool {
    test.system()
        .transact(async |tx| -> anyhow::Result<bool> {
            tx.nothing_to_record();
            Ok(mail::queue(tx, letter).await?)
        })
        .await
        .unwrap()
}

async fn write_to(test: &TestApp, email: &str) {
    assert!(queue(test, &letter(recipient(email, None))).await);
    test.run_jobs().await;
}

#[tokio::test]
async fn a_letter_arrives_in_text_and_html_with_its_french_and_its_headers() {
    let sink = Sink::start().await;
    let test = TestApp::with_mail(&sink).await;
    write_to(&test, "zoe@exemple.fr").await;
    let received = sink.received();
    assert_eq!(received.len(), 1);
    let got = &received[0];
    assert_eq!(got.to, "zoe@exemple.fr");
    assert_eq!(got.header("Subject"), "Récapitulatif : l’été Bcc: x@y.fr");
    assert!(
        got.header("From").contains("Maillage d’essai"),
        "{}",
        got.header("From")
    );
    assert!(got.header("From").ends_with("<maillage@exemple.fr>"));
    assert!(
        got.header("To").starts_with("Zoé Élan") || got.header("To").contains("Zoé"),
        "{}",
        got.header("To")
    );
    assert!(got.header("Reply-To").contains("conseil@exemple.fr"));
    assert_eq!(got.header("Auto-Submitted"), "auto-generated");
    assert!(got.header("Message-ID").ends_with("@exemple.fr>"));
    assert_eq!(got.header("Bcc"), "", "no header slips in by the subject");
    assert!(got.header("Content-Type").starts_with("multipart/alternative"));
    let text = got.part("text/plain");
    assert!(
        text.starts_with("Bonjour Zoé,\n\nL’été à Vendôme : 3 < 4 & « ça va ».\n\n- œuf\n- forêt\n"),
        "{text}"
    );
    assert!(text.contains("http://maillage.test/synergies"), "{text}");
    let html = got.part("text/html");
    assert!(html.contains("3 &#60; 4 &#38; « ça va »"), "{html}");
    assert!(html.contains("<li>œuf</li><li>forêt</li>"), "{html}");
    assert!(html.contains("href=\"http://maillage.test/synergies\""), "{html}");
}

#[tokio::test]
async fn nothing_leaves_when_the_transaction_rolls_back() {
    let sink = Sink::start().await;
    let test = TestApp::with_mail(&sink).await;
    let undone = test
        .system()
        .transact(async |tx| -> anyhow::Result<()> {
            tx.nothing_to_record();
            mail::queue(tx, &letter(recipient("zoe@exemple.fr", None))).await?;
            anyhow::bail!("changed my mind")
        })
        .await;
    assert!(undone.is_err());
    test.run_jobs().await;
    assert!(sink.received().is_empty());
    assert_eq!(test.count("select count(*) from letters").await, 0);
}

#[tokio::test]
async fn a_server_that_says_later_is_tried_again_with_the_same_identity() {
    let sink = Sink::start().await;
    let test = TestApp::with_mail(&sink).await;
    sink.refuse("zoe", "451 come back later", 2);
    write_to(&test, "zoe@exemple.fr").await;
    write_to(&test, "max@exemple.fr").await;
    assert_eq!(sink.received().len(), 1, "the other letter does not wait behind");
    let admin = test.as_(Role::Admin).await;
    let page = admin.get("/administration/courrier?etat=en-attente").await;
    assert!(
        page.text("tbody").contains("come back later"),
        "{}",
        page.text("tbody")
    );
    assert!(page.text("tbody").contains("Prochain essai le"));
    for _ in 0..2 {
        test.travel(Duration::minutes(6));
        test.run_jobs().await;
    }
    let received = sink.received();
    assert_eq!(received.len(), 2);
    assert_eq!(received[1].to, "zoe@exemple.fr");
    test.travel(Duration::days(2));
    test.run_jobs().await;
    assert_eq!(sink.received().len(), 2, "sent once");
    assert_eq!(
        test.count("select count(*) from letters where state = 'sent' and settled_at is not null")
            .await,
        2
    );
}

#[tokio::test]
async fn a_letter_refused_for_good_is_dead_shown_and_sent_again_by_hand() {
    let sink = Sink::start().await;
    let test = TestApp::with_mail(&sink).await;
    sink.refuse("zoe", "550 no such user", 1);
    write_to(&test, "zoe@exemple.fr").await;
    test.travel(Duration::days(1));
    test.run_jobs().await;
    assert!(sink.received().is_empty());
    let admin = test.as_(Role::Admin).await;
    let page = admin.get("/administration/courrier").await;
    page.expect(200);
    assert!(page.text("tbody").contains("no such user"));
    assert!(page.text(".note.bad").contains("1 message non remis"));
    let letter = page.attr("tbody a", "href").unwrap();
    admin.post(&format!("{letter}/renvoi"), &[]).await.expect(303);
    test.run_jobs().await;
    assert_eq!(sink.received().len(), 1);
    admin.post(&format!("{letter}/renvoi"), &[]).await.expect(404);
    admin.post(&format!("{letter}/annulation"), &[]).await.expect(404);
}

#[tokio::test]
async fn a_sender_that_died_after_the_server_took_the_letter_repeats_its_identity() {
    let sink = Sink::start().await;
    let test = TestApp::with_mail(&sink).await;
    write_to(&test, "zoe@exemple.fr").await;
    // As left by a process killed between the server's word and ours.
    test.execute(
        "update letters set state = 'sending', settled_at = null, due_at = now() + interval '10 minutes'"
            .to_owned(),
    )
    .await;
    mail::wake(&test.system()).await.unwrap();
    test.run_jobs().await;
    assert_eq!(sink.received().len(), 1, "the lease holds");
    test.travel(Duration::minutes(11));
    test.run_jobs().await;
    let received = sink.received();
    assert_eq!(received.len(), 2);
    assert_eq!(received[0].header("Message-ID"), received[1].header("Message-ID"));
}

#[tokio::test]
async fn without_a_server_letters_wait_and_the_administrator_reads_why() {
    let test = TestApp::start().await;
    write_to(&test, "zoe@exemple.fr").await;
    let admin = test.as_(Role::Admin).await;
    let page = admin.get("/administration/courrier").await;
    assert!(
        page.text(".note.warn").contains("MAILLAGE_SMTP_URL"),
        "{}",
        page.text(".note")
    );
    assert_eq!(page.text("tbody .badge"), "en attente");
}

#[tokio::test]
async fn a_demonstration_keeps_its_letters_and_the_administrator_reads_them() {
    let sink = Sink::start().await;
    let mut held = config();
    held.mail_hold = true;
    held.smtp_url = Some(sink.url());
    let told = TestApp::with(held).await;
    let demo = TestApp::with_mail(&sink).await;
    demo.execute("update territories set is_demo = true".to_owned())
        .await;
    for test in [told, demo] {
        let user = make::user(&test, Role::Advisor, test.territory).await;
        assert!(queue(&test, &letter(recipient("zoe@exemple.fr", Some(user)))).await);
        test.run_jobs().await;
        assert!(sink.received().is_empty());
        let admin = test.as_(Role::Admin).await;
        let page = admin.get("/administration/courrier?etat=retenus").await;
        assert_eq!(page.text("tbody .badge"), "retenu");
        let shown = admin.get(&page.attr("tbody a", "href").unwrap()).await;
        assert!(shown.text(".lines").contains("L’été à Vendôme"));
        assert!(!shown.has("form[action$=renvoi]"), "what is held stays");
    }
}

#[tokio::test]
async fn somebody_refuses_what_may_be_refused_and_no_more() {
    let sink = Sink::start().await;
    let test = TestApp::with_mail(&sink).await;
    let advisor = test.as_(Role::Advisor).await;
    let page = advisor.get(accounts::ACCOUNT).await;
    assert_eq!(page.texts("input[name=wanted]").len(), 6);
    let wanted = [("wanted", "assigned"), ("wanted", "reset")];
    advisor.post(accounts::LETTERS, &wanted).await.expect(303);
    assert!(!queue(&test, &letter(recipient("zoe@exemple.fr", Some(advisor.user)))).await);
    let page = advisor.get(accounts::ACCOUNT).await;
    assert_eq!(
        page.attr("input[name=wanted][checked]", "value").as_deref(),
        Some("assigned")
    );
    // A company's contact has other choices; a committee member the quarter's letter alone.
    let committee = test.as_(Role::Committee).await;
    let page = committee.get(accounts::ACCOUNT).await;
    assert_eq!(page.texts("input[name=wanted]").len(), 1);
}

#[tokio::test]
async fn an_invitation_leaves_by_mail_and_its_link_opens_once() {
    let sink = Sink::start().await;
    let test = TestApp::with_mail(&sink).await;
    let pilot = test.as_(Role::Pilot).await;
    let form = pilot.get("/territoire/equipe/nouveau").await.fields("main form");
    let id = form.iter().find(|(name, _)| name == "id").unwrap().1.clone();
    let role = format!("advisor:{}", test.territory);
    let fields = [
        ("id", id.as_str()),
        ("name", "Zoé Élan"),
        ("email", "zoe@exemple.fr"),
        ("roles", role.as_str()),
    ];
    pilot
        .post("/territoire/equipe/nouveau", &fields)
        .await
        .expect(200);
    test.run_jobs().await;
    let received = sink.received();
    assert_eq!(received.len(), 1);
    let text = received[0].part("text/plain");
    let link = text
        .lines()
        .find_map(|line| line.strip_prefix("http://maillage.test"))
        .unwrap()
        .to_owned();
    test.nobody().get(&link).await.expect(200);
    assert_eq!(
        test.count("select count(*) from letters where link_path is not null")
            .await,
        0,
        "forgotten once sent"
    );
    let admin = test.as_(Role::Admin).await;
    let letter = admin
        .get("/administration/courrier")
        .await
        .attr("tbody a", "href")
        .unwrap();
    assert!(!admin.get(&letter).await.html().contains(&link));
    let password = [
        ("password", "quatre lamas sous la pluie"),
        ("again", "quatre lamas sous la pluie"),
    ];
    test.nobody().post(&link, &password).await.expect(303);
    test.nobody().post(&link, &password).await.expect(404);
}

#[tokio::test]
async fn a_forgotten_password_is_answered_alike_for_everybody_and_mailed_to_its_owner() {
    let sink = Sink::start().await;
    let test = TestApp::with_mail(&sink).await;
    let user = make::user(&test, Role::Advisor, test.territory).await;
    test.execute(format!(
        "update users set password_hash = 'x' where id = '{user}'"
    ))
    .await;
    let known = format!("{user}@exemple.fr");
    let nobody = test.nobody();
    let mut replies = Vec::new();
    for email in [known.as_str(), "inconnu@exemple.fr"] {
        let reply = nobody.post(accounts::FORGOTTEN, &[("email", email)]).await;
        replies.push((
            reply.status,
            reply.location().to_owned(),
            reply.html(),
            nobody.get("/connexion").await.text(".toast"),
        ));
    }
    assert_eq!(replies[0], replies[1]);
    assert!(replies[0].3.contains("Si un compte existe"));
    nobody
        .post(accounts::FORGOTTEN, &[("email", "pas une adresse")])
        .await
        .expect(422);
    assert_eq!(
        test.count("select count(*) from jobs where payload::text like '%exemple.fr%'")
            .await,
        0,
        "a job holds no address"
    );
    test.run_jobs().await;
    let received = sink.received();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].to, known);
    let text = received[0].part("text/plain");
    let link = text
        .lines()
        .find_map(|line| line.strip_prefix("http://maillage.test"))
        .unwrap()
        .to_owned();
    assert_eq!(nobody.get(&link).await.text("h1"), "Nouveau mot de passe");
    let password = [
        ("password", "quatre lamas sous la pluie"),
        ("again", "quatre lamas sous la pluie"),
    ];
    nobody.post(&link, &password).await.expect(303);
    nobody.post(&link, &password).await.expect(404);
    test.run_jobs().await;
    assert!(sink.received()[1].header("Subject").contains("a été changé"));
    // Another link dies of age, and asking again and again is slowed down.
    nobody
        .post(accounts::FORGOTTEN, &[("email", &known)])
        .await
        .expect(303);
    test.run_jobs().await;
    let text = sink.received()[2].part("text/plain");
    let late = text
        .lines()
        .find_map(|line| line.strip_prefix("http://maillage.test"))
        .unwrap()
        .to_owned();
    test.travel(Duration::minutes(61));
    nobody.get(&late).await.expect(404);
    let mut last = 303;
    for _ in 0..6 {
        last = nobody
            .post(accounts::FORGOTTEN, &[("email", &known)])
            .await
            .status
            .as_u16();
    }
    assert_eq!(last, 429);
}

#[tokio::test]
async fn whoever_is_given_a_synergy_is_told_unless_they_took_it() {
    let sink = Sink::start().await;
    let test = TestApp::with_mail(&sink).await;
    let (pilot, colleague) = (test.as_(Role::Pilot).await, test.as_(Role::Advisor).await);
    let synergy = make::synergy(&test).await;
    let page = format!("/synergies/{synergy}");
    colleague
        .post(&format!("{page}/prise-en-charge"), &[])
        .await
        .expect(303);
    test.run_jobs().await;
    assert!(sink.received().is_empty());
    let user = colleague.user.to_string();
    pilot
        .post(&format!("{page}/attribution"), &[("user", &user)])
        .await
        .expect(303);
    test.run_jobs().await;
    let received = sink.received();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].to, format!("{user}@exemple.fr"));
    let text = received[0].part("text/plain");
    assert!(
        text.contains("Personne Pilote vous confie la synergie S-0001"),
        "{text}"
    );
    assert!(text.contains(&format!("http://maillage.test{page}")));
}

#[tokio::test]
async fn a_letter_whose_link_is_dead_does_not_leave() {
    let sink = Sink::start().await;
    let test = TestApp::with_mail(&sink).await;
    let now = test.system().now();
    let late = letter(recipient("zoe@exemple.fr", None)).until(now + Duration::hours(1));
    assert!(queue(&test, &late).await);
    test.travel(Duration::minutes(61));
    test.run_jobs().await;
    assert!(sink.received().is_empty());
    let admin = test.as_(Role::Admin).await;
    let list = admin.get("/administration/courrier").await;
    let page = list.attr("a[href^='/administration/courrier/']", "href").unwrap();
    let page = admin.get(&page).await;
    let text = page.expect(200).text("main");
    assert!(
        text.contains("annulé") && text.contains("n’était plus valable"),
        "{text}"
    );
}

#[tokio::test]
async fn a_letter_that_waits_longer_than_its_sense_is_not_sent_and_says_why() {
    let sink = Sink::start().await;
    let test = TestApp::with_mail(&sink).await;
    let now = test.system().now();
    let late = letter(recipient("zoe@exemple.fr", None)).useful_until(now + Duration::hours(1));
    assert!(queue(&test, &late).await);
    test.travel(Duration::minutes(61));
    test.run_jobs().await;
    assert!(sink.received().is_empty());
    let admin = test.as_(Role::Admin).await;
    let list = admin.get("/administration/courrier?etat=non-remis").await;
    assert!(
        list.text("tbody")
            .contains("il n’avait plus de sens : il devait partir avant le")
    );
    let page = list.attr("a[href^='/administration/courrier/']", "href").unwrap();
    let letter = admin.get(&page).await;
    assert!(!letter.expect(200).has("form[action$='/renvoi']"));
    admin.post(&format!("{page}/renvoi"), &[]).await.expect(404);
}
