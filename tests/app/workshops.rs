//! Workshops, from the theme to the report: guests with a reason, letters, answers without an account, tables,
//! ideas that join the queue once, commitments, opinions.

use crate::support::{Client, TestApp, make, smtp};
use maillage::companies::model::Establishment;
use maillage::kernel::ids::{FlowId, IdeaId, WorkshopId};
use maillage::kernel::{Direction, Position};
use maillage::platform::access::Role;
use maillage::visits::VisitStatus;
use maillage::workshops::{Workshop, WorkshopState, store};

async fn workshop(test: &TestApp, in_days: i64) -> WorkshopId {
    let on = test.system().today() + chrono::Duration::days(in_days);
    let new = Workshop {
        categories: vec!["MAT-01".to_owned()],
        place: Some("Salle des fêtes, Vendôme".to_owned()),
        ..Workshop::on(test.territory, "Cartons et palettes", on)
    };
    let scope = make::scope(test, test.territory);
    test.system()
        .transact(async |tx| -> anyhow::Result<()> {
            store::insert(tx, &scope, &new).await?;
            Ok(())
        })
        .await
        .unwrap();
    new.id
}

async fn company(test: &TestApp, name: &str, email: Option<&str>) -> Establishment {
    let made = make::establishment(test, test.territory, name).await;
    if let Some(email) = email {
        test.execute(format!(
            "insert into contacts (id, establishment_id, name, email, created_at)
             values (gen_random_uuid(), '{}', 'Camille Essai', '{email}', now())",
            made.id
        ))
        .await;
    }
    made
}

async fn invite(advisor: &Client, id: WorkshopId, companies: &[&Establishment]) {
    let ticked: Vec<String> = companies.iter().map(|one| one.id.to_string()).collect();
    let fields: Vec<(&str, &str)> = ticked.iter().map(|one| ("ticked", one.as_str())).collect();
    advisor
        .post(&format!("/ateliers/{id}/invites"), &fields)
        .await
        .expect(303);
}

/// Everybody on the list says yes.
async fn all_come(test: &TestApp, id: WorkshopId) {
    test.execute(format!(
        "update workshop_guests set answer = 'yes' where workshop_id = '{id}'"
    ))
    .await;
}

#[tokio::test]
async fn a_workshop_is_planned_from_what_proposals_are_about() {
    let test = TestApp::start().await;
    let advisor = test.as_(Role::Advisor).await;
    assert!(
        advisor
            .get("/ateliers")
            .await
            .text("main")
            .contains("Aucun atelier")
    );
    let one = company(&test, "Cartonnerie Belle-Anse", None).await;
    let other = company(&test, "Verrerie du Pic-Vert", None).await;
    let third = company(&test, "Scierie des Trois-Chênes", None).await;
    make::synergy_between(&test, [(&one, None), (&other, None)], Vec::new()).await;
    make::synergy_between(&test, [(&third, None), (&other, None)], Vec::new()).await;
    make::flow(&test, &third, Direction::Inbound, "MAT-01", ("Cartons", 3.0, "t")).await;
    let list = advisor.get("/ateliers").await;
    assert!(
        list.text(".cols > .panel").contains("3 entreprises"),
        "{}",
        list.text("main")
    );

    let form = advisor.get("/ateliers/nouveau?theme=MAT-01").await;
    let mut fields = form.fields("main form");
    let refused = advisor.post("/ateliers/nouveau", &borrowed(&fields)).await;
    refused.expect(422);
    assert!(refused.text(".errsum").contains("Indiquez une date"));
    set(&mut fields, "held_on", "15/03/2030");
    set(&mut fields, "title", "Le carton");
    let made = advisor.post("/ateliers/nouveau", &borrowed(&fields)).await;
    made.expect(303);
    let guests = made.location().to_owned();
    let page = advisor.get(&guests).await;
    let reasons = page.texts(".calls label");
    assert_eq!(reasons.len(), 3);
    assert!(reasons[0].starts_with("Verrerie du Pic-Vert"), "{reasons:?}");
    assert!(reasons[0].contains("2 propositions ouvertes"), "{reasons:?}");
    let third_reason = reasons.iter().find(|line| line.starts_with("Scierie")).unwrap();
    assert!(
        third_reason.contains("1 flux sans solution · jamais visitée"),
        "{third_reason}"
    );

    advisor.post(&guests, &[]).await.expect(422);
    let id = guests.split('/').nth(2).unwrap().parse().unwrap();
    invite(&advisor, id, &[&other, &third]).await;
    assert_eq!(test.count("select count(*) from workshop_guests").await, 2);
    assert_eq!(
        test.count("select count(*) from letters").await,
        0,
        "nothing leaves by itself"
    );
}

fn borrowed(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect()
}

fn set(fields: &mut Vec<(String, String)>, name: &str, value: &str) {
    fields.retain(|(known, _)| known != name);
    fields.push((name.to_owned(), value.to_owned()));
}

#[tokio::test]
async fn letters_leave_once_validated_and_are_answered_without_an_account() {
    let sink = smtp::Sink::start().await;
    let test = TestApp::with_mail(&sink).await;
    let advisor = test.as_(Role::Advisor).await;
    let id = workshop(&test, 20).await;
    let reached = company(&test, "Cartonnerie Belle-Anse", Some("camille@exemple.fr")).await;
    let called = company(&test, "Verrerie du Pic-Vert", None).await;
    invite(&advisor, id, &[&reached, &called]).await;
    let preview = advisor.get(&format!("/ateliers/{id}/invitations")).await;
    assert!(preview.text(".prose").contains("Camille Essai"));
    assert!(preview.text("main").contains("À appeler"));
    let send = format!("/ateliers/{id}/invitations");
    advisor
        .post(&send, &[("message", "Un café vous attend."), ("keep", "oui")])
        .await
        .expect(303);
    assert_eq!(test.count("select count(*) from letters").await, 0);
    for _ in 0..2 {
        advisor
            .post(&send, &[("message", "Un café vous attend.")])
            .await
            .expect(303);
    }
    test.run_jobs().await;
    let letters = sink.received();
    assert_eq!(letters.len(), 1, "pressed twice, written once");
    let link = link_of(&letters[0].part("text/plain"));
    assert!(letters[0].part("text/plain").contains("Un café vous attend."));

    let nobody = test.nobody();
    let page = nobody.get(&link).await;
    page.expect(200);
    assert!(page.text("h1").contains("Cartons et palettes"));
    let opened = "select count(*) from workshop_guests where answer = 'yes'";
    assert_eq!(test.count(opened).await, 0, "opening answers nothing");
    nobody.post(&link, &[("answer", "")]).await.expect(422);
    nobody
        .post(
            &link,
            &[("answer", "yes"), ("person", "Dominique Essai"), ("people", "2")],
        )
        .await
        .expect(303);
    assert_eq!(
        test.count("select count(*) from workshop_guests where answer = 'yes' and people = 2 and person = 'Dominique Essai'")
            .await,
        1
    );
    let event = nobody.get(&format!("{link}/atelier.ics")).await;
    assert!(
        event
            .html()
            .contains("SUMMARY:Atelier «\u{a0}Cartons et palettes\u{a0}»")
    );
    nobody.get("/invitation-atelier/faux").await.expect(404);
    nobody
        .post(&format!("{link}/avis"), &[("mark", "4")])
        .await
        .expect(409);

    advisor
        .post(&format!("/ateliers/{id}/relance"), &[])
        .await
        .expect(303);
    test.travel(chrono::Duration::days(21));
    nobody.post(&link, &[("answer", "no")]).await.expect(409);
    nobody
        .post(&format!("{link}/avis"), &[("mark", "9")])
        .await
        .expect(422);
    nobody
        .post(&format!("{link}/avis"), &[("mark", "4"), ("comment", "Concret")])
        .await
        .expect(303);
    assert_eq!(
        test.count("select mark::bigint from workshop_guests where mark is not null")
            .await,
        4
    );
}

/// The mornings of those days, one after the other.
async fn mornings(test: &TestApp, days: i64) {
    for _ in 0..days {
        test.travel(chrono::Duration::days(1));
        test.run_jobs().await;
    }
}

#[tokio::test]
async fn silent_guests_are_asked_again_and_those_who_come_reminded_by_themselves_once() {
    let sink = smtp::Sink::start().await;
    let test = TestApp::with_mail(&sink).await;
    let advisor = test.as_(Role::Advisor).await;
    maillage::app::plan_daily(&test.system()).await.unwrap();
    let id = workshop(&test, 20).await;
    let unlaunched = workshop(&test, 20).await;
    let silent = company(&test, "Cartonnerie Belle-Anse", Some("silence@exemple.fr")).await;
    let comes = company(&test, "Verrerie du Pic-Vert", Some("vient@exemple.fr")).await;
    let refuses = company(&test, "Scierie des Trois-Chênes", Some("absent@exemple.fr")).await;
    let by_phone = company(&test, "Laiterie du Loir", None).await;
    invite(&advisor, id, &[&silent, &comes, &refuses, &by_phone]).await;
    invite(&advisor, unlaunched, &[&silent, &comes]).await;
    all_come(&test, unlaunched).await;
    advisor
        .post(&format!("/ateliers/{id}/invitations"), &[])
        .await
        .expect(303);
    let page = advisor.get(&format!("/ateliers/{id}/invitations")).await;
    assert!(page.text("main").contains("relance des invités sans réponse"));
    test.execute(format!(
        "update workshop_guests g set answer = case when k.email = 'absent@exemple.fr' then 'no' else 'yes' end::guest_answer
         from contacts k where k.establishment_id = g.establishment_id and g.workshop_id = '{id}' and k.email <> 'silence@exemple.fr'"
    ))
    .await;
    let received = |to: &str| -> Vec<String> {
        let all = sink.received();
        let letters = all.iter().filter(|got| got.to == to);
        letters.map(|got| got.header("Subject")).collect()
    };
    mornings(&test, 12).await;
    assert_eq!(sink.received().len(), 3, "the invitations, and nothing else");
    mornings(&test, 1).await;
    assert_eq!(received("silence@exemple.fr").len(), 2, "a week before");
    assert!(received("silence@exemple.fr")[1].starts_with("Rappel"));
    mornings(&test, 4).await;
    assert_eq!(sink.received().len(), 4, "once");
    mornings(&test, 1).await;
    let said = received("vient@exemple.fr");
    assert!(said.len() == 2 && said[1].starts_with("À bientôt"), "{said:?}");
    mornings(&test, 3).await;
    assert_eq!(sink.received().len(), 5, "once, and nobody else");
    let automatic = "select count(*) from journal where action like 'lettres automatiques%'";
    assert_eq!(test.count(automatic).await, 2);
}

#[tokio::test]
async fn the_days_of_reminders_are_chosen_and_a_demonstration_writes_to_nobody() {
    let test = TestApp::start().await;
    let advisor = test.as_(Role::Advisor).await;
    maillage::app::plan_daily(&test.system()).await.unwrap();
    let guest = company(&test, "Cartonnerie Belle-Anse", Some("silence@exemple.fr")).await;
    let id = workshop(&test, 20).await;
    invite(&advisor, id, &[&guest]).await;
    let edit = format!("/ateliers/{id}/modifier");
    let mut fields = advisor.get(&edit).await.fields("main form");
    set(&mut fields, "owner", &advisor.user.to_string());
    set(&mut fields, "chase_days", "90");
    let refused = advisor.post(&edit, &borrowed(&fields)).await;
    refused.expect(422);
    assert!(refused.text(".err").contains("de 1 à 30 jours"));
    set(&mut fields, "chase_days", "10");
    set(&mut fields, "recall_days", "");
    advisor.post(&edit, &borrowed(&fields)).await.expect(303);
    advisor
        .post(&format!("/ateliers/{id}/invitations"), &[])
        .await
        .expect(303);
    let letters = "select count(*) from letters where topic = 'workshop'";
    test.execute("update territories set is_demo = true".to_owned())
        .await;
    mornings(&test, 11).await;
    assert_eq!(test.count(letters).await, 1, "a demonstration");
    test.execute("update territories set is_demo = false".to_owned())
        .await;
    test.execute("update establishments set archived_at = now()".to_owned())
        .await;
    mornings(&test, 1).await;
    assert_eq!(test.count(letters).await, 1, "an archived company");
    test.execute("update establishments set archived_at = null".to_owned())
        .await;
    mornings(&test, 1).await;
    assert_eq!(test.count(letters).await, 2, "made up for");
    all_come(&test, id).await;
    mornings(&test, 9).await;
    assert_eq!(test.count(letters).await, 2, "no day, no reminder");
}

/// The address of the page that a letter leads to.
fn link_of(letter: &str) -> String {
    let at = letter.find("/invitation-atelier/").unwrap();
    letter[at..].split_whitespace().next().unwrap().to_owned()
}

/// 28 companies come; the letters that follow say who they are.
async fn full_room(test: &TestApp, advisor: &Client) -> (WorkshopId, Vec<Establishment>) {
    let id = workshop(test, 0).await;
    let mut companies = Vec::new();
    for rank in 0..28 {
        companies.push(company(test, &format!("Entreprise d’essai {rank:02}"), None).await);
    }
    invite(advisor, id, &companies.iter().collect::<Vec<_>>()).await;
    all_come(test, id).await;
    (id, companies)
}

#[tokio::test]
async fn twenty_eight_people_sit_at_four_tables_and_moves_are_kept() {
    let test = TestApp::start().await;
    let advisor = test.as_(Role::Advisor).await;
    let (id, companies) = full_room(&test, &advisor).await;
    make::synergy_between(&test, [(&companies[0], None), (&companies[27], None)], Vec::new()).await;
    // Same trade (the maker's), same offer: competitors.
    for rival in [1, 2] {
        make::flow(
            &test,
            &companies[rival],
            Direction::Outbound,
            "MAT-03",
            ("Palettes", 5.0, "t"),
        )
        .await;
    }
    let tables = format!("/ateliers/{id}/tables");
    advisor.post(&tables, &[]).await.expect(303);
    let sizes = "select count(*) from (select table_no from workshop_seats group by 1 having count(*) = 7) t";
    assert_eq!(test.count(sizes).await, 4);
    let together = async |one: &Establishment, other: &Establishment| {
        test.execute("drop view if exists seen".to_owned()).await;
        test.execute(format!(
            "create view seen as select count(distinct s.table_no) as n from workshop_seats s join workshop_guests g on g.id = s.guest_id
             where g.establishment_id in ('{}', '{}')", one.id, other.id
        ))
        .await;
        test.count("select n from seen").await == 1
    };
    assert!(together(&companies[0], &companies[27]).await);
    assert!(!together(&companies[1], &companies[2]).await);
    let page = advisor.get(&tables).await;
    assert!(
        page.text("main").contains("1 rencontre utile"),
        "{}",
        page.text("main")
    );

    let mut fields = page.fields("main form[action$=placement]");
    let of = |fields: &[(String, String)], prefix: &str| -> Vec<(String, String)> {
        let wanted = fields.iter().filter(|(name, _)| name.starts_with(prefix));
        wanted.cloned().collect()
    };
    assert_eq!(of(&fields, "table-").len(), 28);
    assert_eq!(of(&fields, "was-").len(), 28);
    let (name, table) = of(&fields, "table-")[0].clone();
    let moved = if table == "4" { "1" } else { "4" };
    // A colleague has the same page open.
    let colleague = test.as_(Role::Advisor).await;
    let mut theirs = fields.clone();
    set(&mut fields, &name, moved);
    let (third, at) = of(&fields, "table-")[2].clone();
    let away = if at == "4" { "1" } else { "4" };
    set(&mut fields, &third, away);
    advisor
        .post(&format!("{tables}/placement"), &borrowed(&fields))
        .await
        .expect(303);
    let elsewhere = ["1", "2", "3", "4"]
        .into_iter()
        .find(|at| *at != table && *at != moved)
        .unwrap();
    set(&mut theirs, &name, elsewhere);
    let clash = colleague
        .post(&format!("{tables}/placement"), &borrowed(&theirs))
        .await;
    clash.expect(409);
    let said = clash.text(".errsum");
    for place in [elsewhere, moved] {
        assert!(said.contains(&format!("à la table {place} pour")), "{said}");
    }
    let kept = clash.fields("main form[action$=placement]");
    assert!(
        kept.contains(&(name.clone(), elsewhere.to_owned())),
        "what was chosen is kept"
    );
    assert!(
        kept.contains(&(third.clone(), away.to_owned())),
        "what a colleague alone moved shows as stored"
    );
    // Somebody else moved: both moves stand.
    let (other, from) = of(&theirs, "table-")[1].clone();
    let to = if from == "4" { "1" } else { "4" };
    set(&mut theirs, &name, &table);
    set(&mut theirs, &other, to);
    colleague
        .post(&format!("{tables}/placement"), &borrowed(&theirs))
        .await
        .expect(303);
    advisor.post(&tables, &[]).await.expect(303);
    assert_eq!(
        test.count("select count(*) from workshop_seats where is_kept")
            .await,
        3
    );
    let page = advisor.get(&tables).await;
    let after = page.fields("main form[action$=placement]");
    for put in [
        (name.clone(), moved.to_owned()),
        (other, to.to_owned()),
        (third, away.to_owned()),
    ] {
        assert!(after.contains(&put), "what a hand moved stays");
    }
    advisor
        .post(&format!("{tables}/placement"), &[(name.as_str(), "beaucoup")])
        .await
        .expect(400);

    let cards = advisor.get(&format!("/ateliers/{id}/cartons")).await;
    assert_eq!(cards.texts(".place-card").len(), 28);
    assert!(
        !cards.text(".cards2").contains("Palettes"),
        "internal flows are not printed"
    );
}

#[tokio::test]
async fn fifty_ideas_join_the_queue_once_each() {
    let test = TestApp::start().await;
    let (first, second) = (test.as_(Role::Advisor).await, test.as_(Role::Advisor).await);
    let (id, companies) = full_room(&test, &first).await;
    let offered = make::flow(
        &test,
        &companies[0],
        Direction::Outbound,
        "MAT-01",
        ("Cartons", 12.0, "t"),
    )
    .await;
    make::flow(
        &test,
        &companies[1],
        Direction::Inbound,
        "MAT-01",
        ("Cartons", 9.0, "t"),
    )
    .await;
    // The queue already has one of the ideas.
    test.search().await;
    assert_eq!(
        test.count("select count(*) from synergies where is_current")
            .await,
        1
    );
    let capture = format!("/ateliers/{id}/saisie");
    let say = async |client: &Client,
                     idea: IdeaId,
                     giver: usize,
                     flow: Option<FlowId>,
                     label: &str,
                     taker: usize| {
        let fields = [
            ("id", idea.to_string()),
            ("de", companies[giver].id.to_string()),
            ("sens", "offre".to_owned()),
            ("flux", flow.map(|flow| flow.to_string()).unwrap_or_default()),
            ("label", label.to_owned()),
            ("a", companies[taker].id.to_string()),
        ];
        let fields: Vec<_> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
        client.post(&capture, &fields).await.expect(303);
    };
    // 40 ideas of twenty givers; five are said again by the other advisor, five taps arrive twice.
    let sent = IdeaId::fresh();
    say(&first, sent, 0, Some(offered.id), "", 1).await;
    say(&first, sent, 0, Some(offered.id), "", 1).await;
    for rank in 1..40 {
        let (giver, taker) = (rank % 20, 20 + rank % 8);
        let label = format!("Idée {rank:02}");
        let idea = IdeaId::fresh();
        let (one, again) = tokio::join!(say(&first, idea, giver, None, &label, taker), async {
            if rank % 8 == 0 {
                // At the same moment, at another table.
                say(&second, IdeaId::fresh(), giver, None, &label, taker).await;
            }
        });
        let ((), ()) = (one, again);
        if rank % 10 == 0 {
            say(&first, idea, giver, None, &label, taker).await;
        }
    }
    say(&second, IdeaId::fresh(), 0, Some(offered.id), "", 1).await;
    test.run_jobs().await;
    let failed = "select count(*) from jobs where state = 'failed' or (state = 'queued' and attempts > 0)";
    assert_eq!(test.count(failed).await, 0);
    assert_eq!(
        test.count("select count(*) from workshop_ideas where merged_into is null")
            .await,
        40
    );
    assert_eq!(
        test.count("select count(*) from workshop_ideas where merged_into is not null")
            .await,
        5
    );
    assert_eq!(
        test.count("select count(*) from synergies where origin = 'workshop'")
            .await,
        39
    );
    let twice =
        "select count(*) from (select a.flow_id, b.flow_id from synergy_members a join synergy_members b
                 on a.synergy_id = b.synergy_id and a.side = 'outbound' and b.side = 'inbound'
                 group by 1, 2 having count(*) > 1) t";
    let doubles = test.count(twice).await;
    println!(
        "40 ideas, 5 said again: 39 new proposals, 1 reinforced, {doubles} pairs of flows proposed twice"
    );
    assert_eq!(doubles, 0, "one proposal per pair of flows");
    let page = first.get(&capture).await;
    assert_eq!(page.texts(".ideas li").len(), 40);
    assert_eq!(page.text("#idees .aside"), "40");
    let known = page
        .texts(".ideas li")
        .into_iter()
        .find(|line| line.starts_with("Cartons"))
        .unwrap();
    assert!(known.contains("déjà proposée : renforcée"), "{known}");
    assert!(known.contains("dite 2 fois"), "{known}");
    assert!(known.contains("S-0001"), "{known}");
    // A search of the engine neither doubles nor withdraws them.
    test.search().await;
    assert_eq!(test.count(twice).await, 0);
    assert_eq!(
        test.count("select count(*) from synergies where origin = 'workshop' and is_current")
            .await,
        39
    );
}

#[tokio::test]
async fn an_idea_is_captured_in_three_taps_without_a_script_and_taken_back() {
    let test = TestApp::start().await;
    let advisor = test.as_(Role::Advisor).await;
    let id = workshop(&test, 0).await;
    let giver = company(&test, "Cartonnerie Belle-Anse", None).await;
    let taker = company(&test, "Verrerie du Pic-Vert", None).await;
    invite(&advisor, id, &[&giver, &taker]).await;
    let capture = format!("/ateliers/{id}/saisie");
    let who = advisor.get(&capture).await;
    let speak = who.attr(".taps a", "href").unwrap();
    let what = advisor.get(&speak).await;
    assert!(what.text("main").contains("Aucun flux connu"));
    let whom = advisor
        .get(&format!("{speak}&category_typed=Vieux+cartons"))
        .await;
    assert!(
        whom.text("main").contains("offre : Vieux cartons"),
        "{}",
        whom.text("main")
    );
    let mut fields = whom.fields("main form[method=post]");
    fields.push(("a".to_owned(), whom.attr(".taps button", "value").unwrap()));
    let done = advisor.post(&capture, &borrowed(&fields)).await;
    done.expect(303);
    assert!(
        done.location().contains(&giver.id.to_string()),
        "who speaks stays chosen"
    );
    test.run_jobs().await;
    assert_eq!(
        test.count("select count(*) from flows where source = 'workshop' and category = 'MAT-01'")
            .await,
        2
    );
    assert_eq!(
        test.count("select count(*) from synergies where origin = 'workshop'")
            .await,
        1
    );
    // Without a partner, nothing is written.
    fields.retain(|(name, _)| name != "a");
    advisor.post(&capture, &borrowed(&fields)).await.expect(422);

    let page = advisor.get(&capture).await;
    let idea = page.attr(".ideas button", "value").unwrap();
    for _ in 0..2 {
        advisor
            .post(&format!("{capture}/retrait"), &[("idea", idea.as_str())])
            .await
            .expect(303);
    }
    let asked = "select count(*) from jobs where name = 'flows_changed' and state = 'queued'";
    assert_eq!(
        test.count(asked).await,
        1,
        "the engine forgets the flows taken back"
    );
    test.run_jobs().await;
    assert_eq!(
        test.count("select count(*) from flows where deleted_at is null")
            .await,
        0
    );
    assert_eq!(
        test.count("select count(*) from synergies where is_current")
            .await,
        0
    );
    assert!(!advisor.get(&capture).await.has(".ideas li"));
}

#[tokio::test]
async fn the_day_is_followed_up_to_its_report() {
    let test = TestApp::start().await;
    let advisor = test.as_(Role::Advisor).await;
    let id = workshop(&test, 0).await;
    let came = company(&test, "Cartonnerie Belle-Anse", None).await;
    let missed = company(&test, "Verrerie du Pic-Vert", None).await;
    invite(&advisor, id, &[&came, &missed]).await;
    all_come(&test, id).await;
    let early = advisor.post(&format!("/ateliers/{id}/cloture"), &[]).await;
    early.expect(409);
    assert!(
        early
            .text("main")
            .contains("Dites d’abord que l’atelier a eu lieu")
    );
    advisor
        .post(&format!("/ateliers/{id}/tenue"), &[])
        .await
        .expect(303);
    let path = format!("/ateliers/{id}/presences");
    let sheet = advisor.get(&path).await;
    let shown = sheet.fields("main form");
    let ticked: Vec<_> = shown.iter().filter(|(name, _)| name == "present").collect();
    assert_eq!(ticked.len(), 2, "whoever said yes is ticked");
    let without = |guest: &str| -> Vec<(String, String)> {
        let kept = shown.iter().filter(|(name, id)| name != "present" || id != guest);
        kept.cloned().collect()
    };
    advisor
        .post(&path, &borrowed(&without(&ticked[1].1)))
        .await
        .expect(303);
    assert_eq!(test.count("select participants::bigint from workshops").await, 1);
    // A colleague with the same page open does not undo it, and unticks the other.
    let colleague = test.as_(Role::Advisor).await;
    colleague
        .post(&path, &borrowed(&without(&ticked[0].1)))
        .await
        .expect(303);
    assert_eq!(test.count("select participants::bigint from workshops").await, 0);
    let mut again = advisor.get(&path).await.fields("main form");
    again.push(("present".to_owned(), ticked[0].1.clone()));
    advisor.post(&path, &borrowed(&again)).await.expect(303);
    assert_eq!(test.count("select participants::bigint from workshops").await, 1);

    let after = format!("/ateliers/{id}/suites");
    let mut promise = advisor.get(&after).await.fields("main form[action$=suites]");
    let refused = advisor.post(&after, &borrowed(&promise)).await;
    refused.expect(422);
    assert!(refused.text(".errsum").contains("Dites ce qui sera fait"));
    set(&mut promise, "what", "Envoyer la fiche technique");
    set(&mut promise, "due_on", "24/12/2030");
    for _ in 0..2 {
        advisor.post(&after, &borrowed(&promise)).await.expect(303);
    }
    assert_eq!(
        test.count("select count(*) from next_actions").await,
        1,
        "sent twice, written once"
    );
    let home = advisor.get("/").await;
    assert!(
        home.text("main").contains("Envoyer la fiche technique"),
        "{}",
        home.text("main")
    );
    let page = advisor.get(&after).await;
    let mut kept = page.fields(".ideas form");
    kept.push(("action".to_owned(), page.attr(".ideas button", "value").unwrap()));
    for _ in 0..2 {
        advisor
            .post(&format!("{after}/engagement"), &borrowed(&kept))
            .await
            .expect(303);
    }
    let kept = "select count(*) from next_actions where done_on is not null";
    assert_eq!(test.count(kept).await, 1, "pressed twice, kept once");
    let home = advisor.get("/").await;
    assert!(
        home.text("main").contains("Rien ne vous attend"),
        "{}",
        home.text("main")
    );

    let refused = advisor
        .post(
            &format!("{after}/avis"),
            &[("mark", "3"), ("comment", "Très concret")],
        )
        .await;
    refused.expect(422);
    let typed = refused.fields("main form[action$=avis]");
    for (name, value) in [("mark", "3"), ("comment", "Très concret")] {
        assert!(typed.contains(&(name.to_owned(), value.to_owned())), "{typed:?}");
    }
    advisor
        .post(
            &format!("{after}/avis"),
            &[("guest", &ticked[0].1), ("mark", "3"), ("comment", "Utile")],
        )
        .await
        .expect(303);
    advisor
        .post(&format!("/ateliers/{id}/cloture"), &[])
        .await
        .expect(303);
    let report = advisor.get(&format!("/ateliers/{id}/compte-rendu")).await;
    let words = report.text("main");
    for said in [
        "1 personne, de 1 entreprise sur 2 invitées",
        "3 sur 4 pour 1",
        "Envoyer la fiche technique",
        "« Utile »",
    ] {
        assert!(words.contains(said), "{said}: {words}");
    }
    assert_eq!(
        test.count("select count(*) from workshops where state = 'closed'")
            .await,
        1
    );
}

#[tokio::test]
async fn a_neighbours_workshop_does_not_exist() {
    let test = TestApp::start().await;
    let elsewhere = make::territory(&test.system(), "Ailleurs").await;
    let scope = make::scope(&test, elsewhere);
    let hidden = Workshop {
        state: WorkshopState::Held,
        ..Workshop::on(elsewhere, "Caché", test.system().today())
    };
    test.system()
        .transact(async |tx| -> anyhow::Result<()> {
            store::insert(tx, &scope, &hidden).await?;
            Ok(())
        })
        .await
        .unwrap();
    let advisor = test.as_(Role::Advisor).await;
    for page in [
        "",
        "/invites",
        "/invitations",
        "/tables",
        "/cartons",
        "/saisie",
        "/suites",
        "/compte-rendu",
        "/atelier.ics",
        "/ordre-du-jour.pdf",
        "/chevalets.pdf",
        "/cartons.pdf",
        "/presences.pdf",
        "/compte-rendu.pdf",
    ] {
        advisor
            .get(&format!("/ateliers/{}{page}", hidden.id))
            .await
            .expect(404);
    }
    for act in [
        "/invites/reponse",
        "/relance",
        "/tables",
        "/cloture",
        "/presences",
    ] {
        let reply = advisor
            .post(
                &format!("/ateliers/{}{act}", hidden.id),
                &[
                    ("answer", "yes"),
                    ("guest", "00000000-0000-7000-8000-000000000000"),
                ],
            )
            .await;
        reply.expect(404);
    }
}

#[tokio::test]
async fn the_agenda_the_round_and_the_subscribed_calendar() {
    let test = TestApp::start().await;
    let advisor = test.as_(Role::Advisor).await;
    let at = |lon| Position::new(47.79, lon).unwrap();
    for (name, lon) in [("Premier", 1.0), ("Troisième", 1.3), ("Deuxième", 1.1)] {
        let of = make::establishment_at(&test, test.territory, name, at(lon)).await;
        make::visit(&test, &of, VisitStatus::Planned, vec![advisor.user]).await;
    }
    let agenda = advisor.get("/agenda").await;
    let tour = agenda.attr("section a.aside", "href").unwrap();
    let page = advisor.get(&tour).await;
    let stops = page.texts(".line b");
    assert!(
        stops == ["Premier", "Deuxième", "Troisième"] || stops == ["Troisième", "Deuxième", "Premier"],
        "{stops:?}"
    );
    assert!(
        page.text(".head").contains("3 arrêts, 22 km"),
        "{}",
        page.text(".head")
    );
    let third = page.attr("#f-depart option:last-child", "value").unwrap();
    let from_third = advisor.get(&format!("{tour}&depart={third}")).await;
    assert_eq!(from_third.texts(".line b").first(), stops.last());
    assert!(
        advisor
            .get("/visites/tournee?jour=2001-01-01")
            .await
            .text("main")
            .contains("Aucune visite")
    );

    let shown = advisor.post("/agenda/abonnement", &[]).await;
    shown.expect(200);
    let link = shown.attr("#f-link", "value").unwrap();
    let path = link.strip_prefix("http://maillage.test").unwrap().to_owned();
    let feed = test.nobody().get(&path).await;
    feed.expect(200);
    let text = feed.html();
    assert_eq!(text.matches("BEGIN:VEVENT").count(), 3, "{text}");
    assert!(
        text.contains("SUMMARY:Visite\\, Premier\r\n") && text.contains("41100 Vendôme"),
        "{text}"
    );
    assert!(!text.contains("Personne"), "nothing of people");
    test.nobody().get("/agenda/faux/maillage.ics").await.expect(404);
    advisor
        .post("/agenda/abonnement/revocation", &[])
        .await
        .expect(303);
    test.nobody().get(&path).await.expect(404);
}

#[tokio::test]
async fn a_company_that_was_not_expected_is_on_the_list_once() {
    let test = TestApp::start().await;
    let advisor = test.as_(Role::Advisor).await;
    let id = workshop(&test, 0).await;
    let known = company(&test, "Scierie du Gué", None).await;
    let invited = company(&test, "Verrerie du Pic-Vert", None).await;
    invite(&advisor, id, &[&invited]).await;
    let capture = format!("/ateliers/{id}/saisie");
    let welcome = format!("{capture}/entreprise");
    let refused = advisor.post(&welcome, &[("name", "  ")]).await;
    assert!(refused.expect(422).has("#e-name"));
    for name in ["Menuiserie Neuve", "menuiserie  neuve", "SCIERIE DU GUE"] {
        advisor.post(&welcome, &[("name", name)]).await.expect(303);
    }
    assert_eq!(
        test.count("select count(*) from workshop_guests where reason = 'Venue le jour même'")
            .await,
        2
    );
    assert_eq!(
        test.count("select count(*) from establishments").await,
        3,
        "a company already known is not made again"
    );
    let names = advisor.get(&capture).await.texts(".taps a");
    assert_eq!(
        names,
        ["Menuiserie Neuve", "Scierie du Gué", "Verrerie du Pic-Vert"]
    );
    let speak = paths_of(&id.to_string(), &known.id.to_string());
    advisor.get(&speak).await.expect(200);
}

fn paths_of(workshop: &str, establishment: &str) -> String {
    format!("/ateliers/{workshop}/saisie?de={establishment}&sens=offre")
}
