//! The life of a synergy through its pages: the next step of each state, the ways out, groups, decisions
//! taken at the same time.

use crate::support::{Client, Reply, TestApp, make};
use chrono::{Days, Duration};
use maillage::companies::Establishment;
use maillage::kernel::Direction;
use maillage::kernel::Position;
use maillage::kernel::ids::{FlowId, IdeaId, SynergyId};
use maillage::platform::access::{AggregateScope, Role};
use maillage::synergies::{Grid, State, Step, paths, store};
use maillage::workshops::Workshop;
use std::collections::BTreeMap;
use std::rc::Rc;
use tokio::task::LocalSet;

async fn state(test: &TestApp, id: SynergyId) -> State {
    let scope = make::scope(test, test.territory);
    let mut db = test.system().read().await.unwrap();
    store::find(&mut db, &scope, id).await.unwrap().unwrap().state
}

async fn walked(test: &TestApp, steps: Vec<Step>) -> (SynergyId, [Establishment; 2]) {
    let giver = make::establishment(test, test.territory, "Cartonnerie Belle-Anse").await;
    let receiver = make::establishment(test, test.territory, "Verrerie du Pic-Vert").await;
    let id = make::synergy_between(test, [(&giver, None), (&receiver, None)], steps).await;
    (id, [giver, receiver])
}

/// Up to the agreement of the companies.
fn agreed() -> Vec<Step> {
    vec![
        Step::Prevalidate(Grid::all_green()),
        Step::ProposeContact,
        Step::Agree,
    ]
}

fn version(page: &Reply) -> String {
    page.attr("input[name=version]", "value").unwrap()
}

/// What the bar offers: the main act, then the others.
async fn offered(me: &Client, id: SynergyId) -> (String, Vec<String>) {
    let page = me.get(&paths::show(&id)).await;
    page.expect(200);
    let main = page.text(".decide .primary");
    let mut others = page.texts(".decide .btn:not(.primary):not(.last)");
    others.extend(page.texts("#issues li"));
    (main, others)
}

const GREEN_STUDY: [(&str, &str); 7] = [
    ("technical", "green"),
    ("economic", "green"),
    ("regulatory", "green"),
    ("organisational", "orange"),
    ("geographic", "green"),
    ("social", "green"),
    ("point_insurance", "checked"),
];

#[tokio::test]
async fn every_state_has_its_next_step_from_the_agreement_to_durable() {
    let test = TestApp::start().await;
    let (id, _) = walked(&test, agreed()).await;
    let me = test.as_(Role::Advisor).await;
    let exits = [
        "Mettre en sommeil jusqu’à une date",
        "Plus de nouvelles des entreprises",
        "Abandonner, avec le motif",
    ];
    let (main, others) = offered(&me, id).await;
    assert_eq!(main, "J’écris la mise en relation");
    assert_eq!(others, [&["J’étudie la faisabilité"][..], &exits[..]].concat());

    // The study is filled in several times, and closed when its six axes are judged.
    let sheet = me.get(&paths::feasibility(&id)).await;
    sheet.expect(200);
    assert_eq!(
        sheet.texts("form .axis legend").len(),
        7,
        "six axes and one point of law"
    );
    let kept = [
        ("geographic", "red"),
        ("geographic_comment", "Pont limité à 3,5 t"),
    ];
    me.post(&paths::feasibility(&id), &kept).await.expect(303);
    let mut fields = GREEN_STUDY.to_vec();
    fields[4] = ("geographic", "red");
    fields.extend([("geographic_comment", "Pont limité à 3,5 t"), ("done", "1")]);
    let refused = me.post(&paths::feasibility(&id), &fields).await;
    refused.expect(422);
    assert!(
        refused.text(".errsum").contains("Géographique"),
        "{}",
        refused.text(".errsum")
    );
    assert!(refused.html().contains("Pont limité à 3,5 t"));
    let mut fields = GREEN_STUDY.to_vec();
    fields.push(("done", "1"));
    let early = me.post(&paths::feasibility(&id), &fields).await;
    assert!(
        early
            .expect(409)
            .text("main")
            .contains("Écrivez d’abord la mise en relation")
    );
    make::introduced(&test, id).await;
    me.post(&paths::feasibility(&id), &fields).await.expect(303);
    assert_eq!(state(&test, id).await, State::Studied);

    assert_eq!(offered(&me, id).await.0, "Je lance la mise en œuvre");
    me.post(&paths::implement(&id), &[]).await.expect(303);
    assert_eq!(offered(&me, id).await.0, "Les échanges ont commencé…");
    let page = me.get(&paths::realise(&id)).await;
    page.expect(200);
    let seen = version(&page);
    for wrong in ["", "bientôt", "31/12/2199"] {
        let refused = me
            .post(&paths::realise(&id), &[("on", wrong), ("version", &seen)])
            .await;
        refused.expect(422);
        assert!(refused.has("#e-on"), "{wrong}");
    }
    let today = test.system().today().format("%d/%m/%Y").to_string();
    me.post(&paths::realise(&id), &[("on", &today), ("version", &seen)])
        .await
        .expect(303);
    let (main, others) = offered(&me, id).await;
    assert_eq!(
        (main.as_str(), others.as_slice()),
        (
            "Je relève les résultats",
            &["Les échanges se sont arrêtés".to_owned()][..]
        )
    );
    // Too early to call it durable, by its page as by its address.
    me.get(&paths::confirm(&id)).await.expect(409);
    me.post(&paths::confirm(&id), &[("proof", "au téléphone")])
        .await
        .expect(409);

    test.travel(Duration::days(366));
    let me = test.as_(Role::Advisor).await;
    assert_eq!(offered(&me, id).await.0, "Je confirme après douze mois…");
    me.post(&paths::confirm(&id), &[("proof", " ")]).await.expect(422);
    me.post(
        &paths::confirm(&id),
        &[("proof", "La responsable logistique, au téléphone")],
    )
    .await
    .expect(303);
    assert_eq!(state(&test, id).await, State::Durable);
    let page = me.get(&paths::show(&id)).await;
    assert!(
        page.text(".where").starts_with("Pérenne"),
        "{}",
        page.text(".where")
    );
    let lines = page.texts(".line li");
    assert!(
        lines[0].contains("Déclarée pérenne") && lines[0].contains("La responsable logistique"),
        "{lines:?}"
    );
    assert!(
        lines.last().unwrap().contains("Proposée par un conseiller"),
        "newest first: {lines:?}"
    );
    let stop = [("motive", "outlet"), ("comment", "Nouveau contrat")];
    me.post(&paths::interrupt(&id), &[]).await.expect(422);
    me.post(&paths::interrupt(&id), &stop).await.expect(303);
    assert_eq!(state(&test, id).await, State::Interrupted);
    assert!(
        me.get(&paths::show(&id))
            .await
            .text(".note")
            .contains("Nouveau contrat")
    );
}

#[tokio::test]
async fn the_ways_out_keep_their_reason_and_can_be_taken_back() {
    let test = TestApp::start().await;
    let (id, _) = walked(&test, agreed()).await;
    test.travel(Duration::days(30));
    let me = test.as_(Role::Advisor).await;
    me.post(&paths::silence(&id), &[]).await.expect(303);
    assert_eq!(state(&test, id).await, State::Silent);
    let page = me.get(&paths::show(&id)).await;
    assert!(
        page.text(".line li")
            .contains("Sans nouvelles des entreprises depuis 30 jours"),
        "{}",
        page.text(".line li")
    );
    assert_eq!(offered(&me, id).await.0, "Elles ont donné des nouvelles");
    me.post(&paths::hear(&id), &[]).await.expect(303);
    assert_eq!(state(&test, id).await, State::ContactProposed);

    me.post(&paths::abandon(&id), &[("comment", "Trop cher")])
        .await
        .expect(422);
    me.post(
        &paths::abandon(&id),
        &[("motive", "transport"), ("comment", "Trop cher")],
    )
    .await
    .expect(303);
    let page = me.get(&paths::show(&id)).await;
    assert!(
        page.text(".note").contains("Abandonnée le"),
        "{}",
        page.text(".note")
    );
    assert!(page.text(".note").contains("Trop cher"));
    me.post(&paths::resume(&id), &[]).await.expect(303);
    assert_eq!(state(&test, id).await, State::UnderReview);

    // The same idea as another one, named by its number.
    let other = make::synergy(&test).await;
    for (typed, words) in [
        ("", "Indiquez le numéro"),
        ("S-0001", "celui de l’autre"),
        ("S-0999", "Aucune synergie"),
    ] {
        let refused = me.post(&paths::merge(&id), &[("kept", typed)]).await;
        refused.expect(422);
        assert!(
            refused.text(".errsum").contains(words),
            "{}",
            refused.text(".errsum")
        );
    }
    me.post(&paths::merge(&id), &[("kept", "s 2")]).await.expect(303);
    let page = me.get(&paths::show(&id)).await;
    assert!(
        page.text(".note").contains("Doublon de S-0002"),
        "{}",
        page.text(".note")
    );
    let refused = me.post(&paths::merge(&other), &[("kept", "1")]).await;
    assert!(
        refused
            .expect(422)
            .text(".errsum")
            .contains("elle-même un doublon")
    );
    me.post(&paths::resume(&id), &[]).await.expect(303);
    assert_eq!(
        test.count("select count(*) from synergies where duplicate_of is not null")
            .await,
        0
    );
    test.execute("update synergies set is_current = false where number = 2".to_owned())
        .await;
    let refused = me.post(&paths::merge(&id), &[("kept", "2")]).await;
    assert!(
        refused
            .expect(422)
            .text(".errsum")
            .contains("S-0002 n’est plus proposée")
    );
}

#[tokio::test]
async fn a_search_does_not_make_a_synergy_younger() {
    let test = TestApp::start().await;
    let giver = make::establishment(&test, test.territory, "Cartonnerie Belle-Anse").await;
    let receiver = make::establishment(&test, test.territory, "Verrerie du Pic-Vert").await;
    make::flow(
        &test,
        &giver,
        Direction::Outbound,
        "MAT-03",
        ("Palettes", 900.0, "u"),
    )
    .await;
    make::flow(
        &test,
        &receiver,
        Direction::Inbound,
        "MAT-03",
        ("Palettes", 800.0, "u"),
    )
    .await;
    test.search().await;
    let me = test.as_(Role::Advisor).await;
    let id: SynergyId = {
        let list = me.get(paths::LIST).await;
        let href = list.attr(".rows a", "href").unwrap();
        href.split("choisie=")
            .nth(1)
            .unwrap()
            .split('&')
            .next()
            .unwrap()
            .parse()
            .unwrap()
    };
    me.post(&paths::take(&id), &[]).await.expect(303);
    let since = "select extract(epoch from state_since)::bigint from synergies where state = 'under_review'";
    let taken = test.count(since).await;
    // What the call should clear up is on the sheet of the study too.
    test.execute(
        r#"update synergies set explanation = jsonb_set(explanation, '{proposal,pair,explanation,to_ask}',
           '[{"fact": "form", "question": "Format des palettes", "low": 40, "high": 60}]') where state = 'under_review'"#
            .to_owned(),
    )
    .await;
    let sheet = me.get(&paths::feasibility(&id)).await;
    assert!(sheet.text("main").contains("À demander lors de l’appel"));
    assert_eq!(sheet.texts("aside li.ask"), ["Format des palettes"]);
    test.travel(Duration::days(9));
    make::flow(
        &test,
        &giver,
        Direction::Outbound,
        "MAT-03",
        ("Autres palettes", 300.0, "u"),
    )
    .await;
    test.search().await;
    assert_eq!(test.count(since).await, taken);
}

#[tokio::test]
async fn a_group_begins_when_its_members_make_its_mass() {
    let test = TestApp::start().await;
    for n in 0..4_u32 {
        let place = Position::new(47.79 + f64::from(n) / 111.2, 1.07).unwrap();
        let site = make::establishment_at(&test, test.territory, &format!("Membre {n}"), place).await;
        make::flow(&test, &site, Direction::Outbound, "MAT-01", ("Cartons", 8.0, "t")).await;
    }
    test.search().await;
    let id = first_group(&test).await;
    let scope = make::scope(&test, test.territory);
    let walk = [
        Step::Prevalidate(Grid::all_green()),
        Step::ProposeContact,
        Step::Agree,
    ];
    test.system()
        .transact(async |tx| -> anyhow::Result<()> {
            for step in walk {
                store::advance(tx, &scope, id, step).await?;
            }
            Ok(())
        })
        .await
        .unwrap();
    make::introduced(&test, id).await;
    test.system()
        .transact(async |tx| {
            Ok::<_, anyhow::Error>(store::advance(tx, &scope, id, Step::Study(Grid::all_green())).await?)
        })
        .await
        .unwrap();
    let me = test.as_(Role::Advisor).await;
    assert_eq!(offered(&me, id).await.0, "Je note la position des membres");
    let refused = me.post(&paths::implement(&id), &[]).await;
    assert!(
        refused
            .expect(409)
            .text("main")
            .contains("attend l’engagement des membres")
    );

    let page = me.get(&paths::positions(&id)).await;
    page.expect(200);
    let mut fields = page.fields("#f-position");
    assert_eq!(
        fields
            .iter()
            .filter(|(name, value)| name == "position" && value == "prospective")
            .count(),
        4
    );
    let post = |fields: Vec<(String, String)>| {
        let me = &me;
        async move {
            let pairs: Vec<_> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            me.post(&paths::positions(&id), &pairs).await
        }
    };
    for (name, value) in &mut fields {
        if name == "position" {
            *value = "committed".to_owned();
        }
    }
    let mut wrong = fields.clone();
    wrong.last_mut().unwrap().1 = "peut-être".to_owned();
    post(wrong).await.expect(422);
    post(fields.clone()).await.expect(303);
    let sentence = me.get(&paths::positions(&id)).await.text(".head p:last-child");
    assert!(sentence.contains("4 membres engagés"), "{sentence}");
    // Saved again, nothing changes and nothing is written.
    let told = "select count(*) from journal where after ? 'member_state'";
    assert_eq!(test.count(told).await, 4);
    post(fields).await.expect(303);
    assert_eq!(test.count(told).await, 4);
    assert_eq!(
        offered(&me, id).await.0,
        "Je lance la mise en œuvre",
        "{sentence}"
    );
    me.post(&paths::implement(&id), &[]).await.expect(303);
    assert_eq!(state(&test, id).await, State::Implementing);
}

async fn first_group(test: &TestApp) -> SynergyId {
    use sqlx::Row;
    sqlx::raw_sql("select id from synergies where kind = 'mutualisation' order by number limit 1")
        .fetch_one(&test.database.pool)
        .await
        .unwrap()
        .get::<uuid::Uuid, _>(0)
        .into()
}

/// One of four decisions that exclude each other.
async fn decide(me: &Client, id: SynergyId, rank: usize, (seen, later): (&str, &str)) -> Reply {
    let seen = ("version", seen);
    let grades = ["technical", "economic", "regulatory", "organisational"].map(|axis| (axis, "green"));
    match rank % 4 {
        0 => me.post(&paths::reject(&id), &[seen, ("motive", "gain")]).await,
        1 => me.post(&paths::sleep(&id), &[seen, ("until", later)]).await,
        2 => me.post(&paths::merge(&id), &[seen, ("kept", "2")]).await,
        _ => {
            let fields = [&[seen, ("check", "done")][..], &grades].concat();
            me.post(&paths::prevalidate(&id), &fields).await
        }
    }
}

#[tokio::test]
async fn of_fifty_decisions_at_once_one_wins_and_the_others_read_which() {
    let test = TestApp::start().await;
    let (id, _) = walked(&test, vec![Step::Take]).await;
    make::synergy(&test).await;
    let mut people = Vec::new();
    for _ in 0..5 {
        people.push(Rc::new(test.as_(Role::Advisor).await));
    }
    let later = (test.system().today() + Days::new(90))
        .format("%d/%m/%Y")
        .to_string();
    let page = people[0].get(&paths::reject(&id)).await;
    let seen = version(&page);
    let together = LocalSet::new();
    let decisions: Vec<_> = (0..50_usize)
        .map(|rank| {
            let (me, seen, later) = (people[rank % 5].clone(), seen.clone(), later.clone());
            together.spawn_local(async move { decide(&me, id, rank, (&seen, &later)).await })
        })
        .collect();
    let replies = together
        .run_until(async {
            let mut replies = Vec::new();
            for decision in decisions {
                replies.push(decision.await.unwrap());
            }
            replies
        })
        .await;
    let mut counts = BTreeMap::<u16, usize>::new();
    for reply in &replies {
        *counts.entry(reply.status.as_u16()).or_default() += 1;
    }
    let told = replies
        .iter()
        .filter(|reply| reply.status == 409)
        .filter(|reply| reply.text("main").contains("a agi le premier sur cette synergie"))
        .count();
    println!("50 décisions contradictoires\u{a0}: {counts:?}, {told} refus nomment la première.");
    assert_eq!(counts, BTreeMap::from([(303, 1), (409, 49)]));
    assert_eq!(told, 49);
    let decided = "select count(*) from journal where after ->> 'state' in ('rejected', 'asleep', 'duplicate', 'prevalidated')";
    assert_eq!(test.count(decided).await, 1);
}

/// Where the company is told that things stand.
async fn told(company: &Client, id: SynergyId) -> String {
    let page = company.get(&format!("/mon-espace/propositions/{id}")).await;
    page.expect(200);
    page.text(".line .now")
}

/// Sends what the page's form holds, with some fields changed.
async fn send(me: &Client, page: &str, to: &str, more: &[(&str, &str)]) -> Reply {
    let held = me.get(page).await;
    held.expect(200);
    let mut fields: Vec<_> = held.fields("main form");
    fields.retain(|(name, _)| more.iter().all(|(changed, _)| changed != name));
    let kept = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    me.post(to, &kept.chain(more.iter().copied()).collect::<Vec<_>>())
        .await
}

#[tokio::test]
async fn three_people_follow_one_story_from_the_proposal_to_durable() {
    let test = TestApp::start().await;
    let (id, sites) = walked(&test, Vec::new()).await;
    let names = ["Cartonnerie Belle-Anse", "Verrerie du Pic-Vert"];
    let mut users = Vec::new();
    for site in &sites {
        users.push(make::user_of(&test, Role::Company, test.territory, Some(site.company_id)).await);
    }
    let me = test.as_(Role::Advisor).await;
    let (a, b) = (test.signed_in(users[0]).await, test.signed_in(users[1]).await);
    let in_space = format!("/mon-espace/propositions/{id}");
    // A company sees nothing before an advisor said so.
    assert_eq!(offered(&me, id).await.0, "Je prends en charge");
    a.get(&in_space).await.expect(404);
    me.post(&paths::take(&id), &[]).await.expect(303);
    assert_eq!(offered(&me, id).await.0, "Je pré-valide…");
    let green = GREEN_STUDY.map(|(axis, _)| (axis, "green"));
    let fields = [&green[..4], &[("check", "done")]].concat();
    me.post(&paths::prevalidate(&id), &fields).await.expect(303);
    assert_eq!(offered(&me, id).await.0, "Je propose aux entreprises");
    me.post(&paths::propose(&id), &[]).await.expect(303);
    assert_eq!(offered(&me, id).await.0, "Je note une réponse");

    for (company, other) in [(&a, names[1]), (&b, names[0])] {
        assert!(told(company, id).await.starts_with("Vous dites si la piste"));
        assert!(
            !company.get(&in_space).await.html().contains(other),
            "{other} is named too early"
        );
        company
            .post(&format!("{in_space}/reponse"), &[("word", "agreed")])
            .await
            .expect(303);
    }
    for (company, other) in [(&a, names[1]), (&b, names[0])] {
        assert!(told(company, id).await.starts_with("Si chacun est d’accord"));
        assert!(company.get(&in_space).await.html().contains(other));
    }
    assert_eq!(offered(&me, id).await.0, "J’écris la mise en relation");
    let introduction = paths::introduction(&id);
    send(&me, &introduction, &introduction, &[]).await.expect(303);
    make::introduced(&test, id).await;
    assert_eq!(offered(&me, id).await.0, "J’étudie la faisabilité");
    let fields = [&GREEN_STUDY[..], &[("done", "1")]].concat();
    me.post(&paths::feasibility(&id), &fields).await.expect(303);
    for company in [&a, &b] {
        assert!(told(company, id).await.starts_with("La faisabilité est étudiée"));
    }
    me.post(&paths::implement(&id), &[]).await.expect(303);
    let today = test.system().today().format("%d/%m/%Y").to_string();
    me.post(&paths::realise(&id), &[("on", &today)]).await.expect(303);
    for company in [&a, &b] {
        assert!(told(company, id).await.starts_with("La synergie est en place"));
    }

    // A year later, whoever follows it is asked, once, whether it goes on.
    let anniversary = maillage::synergies::anniversary(test.system().today());
    test.travel_to(anniversary);
    for _ in 0..2 {
        maillage::synergies::remind(&test.system(), anniversary)
            .await
            .unwrap();
    }
    let asked = "select count(*) from letters where subject like '%douze mois ont passé%'";
    assert_eq!(test.count(asked).await, 1);
    let me = test.signed_in(me.user).await;
    me.post(
        &paths::confirm(&id),
        &[("proof", "Les deux responsables, de vive voix")],
    )
    .await
    .expect(303);
    assert_eq!(state(&test, id).await, State::Durable);
    let (a, b) = (test.signed_in(users[0]).await, test.signed_in(users[1]).await);
    for company in [&a, &b] {
        assert!(told(company, id).await.starts_with("La synergie est en place"));
    }
}

#[tokio::test]
async fn the_study_keeps_what_the_law_asks_and_what_each_side_gains() {
    let test = TestApp::start().await;
    let giver = make::establishment(&test, test.territory, "Cartonnerie Belle-Anse").await;
    let receiver = make::establishment(&test, test.territory, "Verrerie du Pic-Vert").await;
    let flow = make::flow(
        &test,
        &giver,
        Direction::Outbound,
        "MAT-01",
        ("Cartons", 12.0, "t"),
    )
    .await;
    let id = make::synergy_between(&test, [(&giver, Some(flow.id)), (&receiver, None)], agreed()).await;
    let me = test.as_(Role::Advisor).await;
    let page = me.get(&paths::feasibility(&id)).await;
    let points = page.texts("#controles legend");
    assert_eq!(points.len(), 7, "{points:?}");
    assert!(points[0].contains("Statut du flux"));
    let refused = me
        .post(
            &paths::feasibility(&id),
            &[("giver_gain", "1 500"), ("note_icpe", "2714")],
        )
        .await;
    refused.expect(422);
    assert!(refused.has("#e-giver_source") && refused.html().contains("2714"));
    let fields = [
        ("point_icpe", "checked"),
        ("note_icpe", "Sous le seuil de la rubrique 2714"),
        ("giver_gain", "1 500"),
        ("giver_source", "Factures de 2025"),
        ("investment", "3 000"),
        ("investment_source", "Devis"),
        ("readiness", "data"),
    ];
    me.post(&paths::feasibility(&id), &fields).await.expect(303);
    me.post(&paths::feasibility(&id), &fields).await.expect(303);
    let written = "select count(*) from journal where action = 'étude de faisabilité complétée'";
    assert_eq!(test.count(written).await, 1, "saved twice, written once");
    let page = me.get(&paths::feasibility(&id)).await;
    assert!(
        page.text("#gains").contains("amorti en 2 ans"),
        "{}",
        page.text("#gains")
    );
    assert_eq!(
        page.attr("#f-note_icpe", "value").unwrap(),
        "Sous le seuil de la rubrique 2714"
    );
    assert_eq!(
        page.attr("#f-readiness option[selected]", "value").as_deref(),
        Some("data")
    );
    let settled = [&GREEN_STUDY[..6], &[("point_icpe", "checked"), ("done", "1")]].concat();
    let refused = me.post(&paths::feasibility(&id), &settled).await;
    assert!(
        refused
            .expect(422)
            .text(".errsum")
            .contains("Un contrôle reste à faire")
    );
}

#[tokio::test]
async fn the_next_action_has_an_owner_a_date_and_an_end() {
    let test = TestApp::start().await;
    let (id, _) = walked(&test, vec![Step::Take]).await;
    let me = test.as_(Role::Advisor).await;
    let refused = me.post(&paths::action(&id), &[("owner", "moi")]).await;
    refused.expect(422);
    assert_eq!(refused.texts(".errsum li").len(), 3);
    let user = me.user.to_string();
    let due = (test.system().today() + Days::new(5))
        .format("%d/%m/%Y")
        .to_string();
    let fields = [
        ("what", "Appeler la gérante"),
        ("owner", user.as_str()),
        ("due_on", due.as_str()),
    ];
    me.post(&paths::action(&id), &fields).await.expect(303);
    let shown = me.get(&paths::show(&id)).await.text("#action");
    assert!(
        shown.contains("Appeler la gérante") && !shown.contains("en retard"),
        "{shown}"
    );
    test.travel(Duration::days(6));
    let me = test.signed_in(me.user).await;
    assert!(
        me.get(&paths::show(&id))
            .await
            .text("#action")
            .contains("en retard")
    );
    me.post(&paths::action_done(&id), &[]).await.expect(303);
    me.post(&paths::action_done(&id), &[]).await.expect(404);
    let page = me.get(&paths::show(&id)).await;
    assert!(
        page.text(".line li").contains("Fait : Appeler la gérante"),
        "{}",
        page.text(".line li")
    );
}

#[tokio::test]
async fn a_document_is_what_its_content_says_and_stays_in_its_territory() {
    let test = TestApp::start().await;
    let (id, _) = walked(&test, Vec::new()).await;
    let me = test.as_(Role::Advisor).await;
    for (name, content) in [
        ("devis.pdf", &b"<script>alert(1)</script>"[..]),
        ("page.html", b"<html>"),
        ("", b""),
    ] {
        let refused = me
            .upload(&paths::files(&id), &[("file", name, content.to_vec())])
            .await;
        assert!(refused.expect(422).has("#e-file"), "{name}");
    }
    let pdf = b"%PDF-1.7 devis".to_vec();
    me.upload(&paths::files(&id), &[("file", "Devis d’été.pdf", pdf.clone())])
        .await
        .expect(303);
    let page = me.get(&paths::files(&id)).await;
    let href = page.attr("a[download]", "href").unwrap();
    let file = me.get(&href).await;
    file.expect(200);
    assert_eq!(file.bytes, pdf);
    let header = |name: &str| file.headers.get(name).unwrap().to_str().unwrap().to_owned();
    assert!(header("content-disposition").starts_with("attachment"));
    assert_eq!(
        (
            header("content-type").as_str(),
            header("x-content-type-options").as_str()
        ),
        ("application/pdf", "nosniff")
    );
    let elsewhere = make::territory(&test.system(), "Pays voisin").await;
    let user = make::user(&test, Role::Advisor, elsewhere).await;
    let stranger = test.signed_in(user).await;
    stranger.get(&href).await.expect(404);
    stranger.post(&format!("{href}/retrait"), &[]).await.expect(404);
    test.as_(Role::Company).await.get(&href).await.expect(403);
    me.post(&format!("{href}/retrait"), &[]).await.expect(303);
    me.get(&href).await.expect(404);
}

/// A synergy whose exchanges began today.
async fn in_place(test: &TestApp) -> SynergyId {
    let (id, _) = walked(test, agreed()).await;
    make::introduced(test, id).await;
    let scope = make::scope(test, test.territory);
    let on = test.system().today();
    test.system()
        .transact(async |tx| -> anyhow::Result<()> {
            for step in [
                Step::Study(Grid::all_green()),
                Step::Implement,
                Step::Realise { on },
            ] {
                store::advance(tx, &scope, id, step).await?;
            }
            Ok(())
        })
        .await
        .unwrap();
    id
}

/// What the indicators read of the territory's savings, tonnes and greenhouse gases.
async fn measured(test: &TestApp) -> String {
    let system = test.system();
    let scope = AggregateScope::of_system(&system, test.territory);
    let mut db = system.read().await.unwrap();
    let facts = maillage::indicators::store::facts(&mut db, &scope, &[system.today()])
        .await
        .unwrap();
    let read = &facts[0].realised;
    let total = |sum: &maillage::indicators::Summed| sum.total.unwrap_or_default();
    format!(
        "{} €, {} t, {} tCO2e",
        total(&read.savings_eur),
        total(&read.diverted_t),
        total(&read.avoided_tco2e)
    )
}

#[tokio::test]
async fn each_year_is_proved_and_the_latest_one_is_what_indicators_read() {
    let test = TestApp::start().await;
    let (early, _) = walked(&test, agreed()).await;
    let me = test.as_(Role::Advisor).await;
    me.get(&paths::years(&early)).await.expect(409);
    me.post(&paths::years(&early), &[("year", "2025")])
        .await
        .expect(409);
    let id = in_place(&test).await;
    let page = paths::years(&id);
    let estimated = [
        ("origin", "estimated"),
        ("savings_eur", "900"),
        ("diverted_t", "12"),
        ("avoided_tco2e", "3"),
    ];
    me.post(&paths::results(&id), &estimated).await.expect(303);
    assert_eq!(measured(&test).await, "900 €, 12 t, 3 tCO2e");

    let wrong = [
        ("year", "2199"),
        ("quantity", "beaucoup"),
        ("measure", "other"),
        ("receiver_gain_eur", "50"),
        ("giver_source", "facture"),
    ];
    let refused = send(&me, &page, &page, &wrong).await;
    refused.expect(422);
    for field in [
        "year",
        "quantity",
        "other_unit",
        "origin",
        "evidence",
        "giver_gain_eur",
        "receiver_source",
    ] {
        assert!(
            refused.has(&format!("#e-{field}")),
            "{field}: {}",
            refused.text(".errsum")
        );
    }
    assert_eq!(refused.attr("#f-quantity", "value").as_deref(), Some("beaucoup"));

    let told = [
        ("year", "2025"),
        ("quantity", "11,5"),
        ("measure", "diverted_t"),
        ("origin", "measured"),
        ("evidence", "Bons de pesée 2025"),
        ("giver_gain_eur", "700"),
        ("giver_source", "Facture du prestataire"),
        ("receiver_gain_eur", "-50"),
        ("receiver_source", "Déclaration de la gérante"),
    ];
    send(&me, &page, &page, &told).await.expect(303);
    let told_once = "650 €, 11.5 t, 3 tCO2e";
    assert_eq!(
        measured(&test).await,
        told_once,
        "what the year does not tell stays"
    );
    let older = [&told[..1], &[("quantity", "4")], &told[2..]].concat();
    let older: Vec<_> = older
        .into_iter()
        .map(|(name, value)| (name, if name == "year" { "2024" } else { value }))
        .collect();
    send(&me, &page, &page, &older).await.expect(303);
    assert_eq!(measured(&test).await, told_once, "the latest year counts");
    let shown = me.get(&paths::show(&id)).await;
    assert!(
        shown.text("#resultats").contains("11,5 t, mesuré"),
        "{}",
        shown.text("#resultats")
    );
    assert!(shown.text(".line li").contains("Résultats de 2024 relevés"));
}

#[tokio::test]
async fn two_people_correct_one_year_and_the_second_reads_both_values() {
    let test = TestApp::start().await;
    let id = in_place(&test).await;
    let me = test.as_(Role::Advisor).await;
    let page = paths::years(&id);
    let told = [
        ("year", "2025"),
        ("quantity", "11,5"),
        ("measure", "diverted_t"),
        ("origin", "measured"),
        ("evidence", "Bons de pesée 2025"),
    ];
    send(&me, &page, &page, &told).await.expect(303);
    let address = paths::year(&id, &2025);
    let (first, second) = (me.get(&address).await, me.get(&address).await);
    let fields = with(&first, "main form", &[("quantity", "12"), ("jobs_fte", "0,2")]);
    post(&me, &page, &fields).await.expect(303);
    let fields = with(
        &second,
        "main form",
        &[("quantity", "13"), ("avoided_tco2e", "2,5")],
    );
    let clash = post(&me, &page, &fields).await;
    clash.expect(409);
    let table = clash.text("table");
    assert!(clash.text("main").contains("Deux saisies se contredisent"));
    assert!(
        table.contains("13") && table.contains("12") && table.contains("11,5"),
        "{table}"
    );
    assert_eq!(clash.attr("#f-quantity", "value").as_deref(), Some("13"));
    assert_eq!(
        clash.attr("#f-jobs_fte", "value").as_deref(),
        Some("0,2"),
        "the other's is taken in"
    );
    post(&me, &page, &clash.fields("main form")).await.expect(303);
    assert_eq!(measured(&test).await, "0 €, 13 t, 2.5 tCO2e");
}

#[tokio::test]
async fn the_proof_of_a_year_is_not_withdrawn_under_it() {
    let test = TestApp::start().await;
    let id = in_place(&test).await;
    let me = test.as_(Role::Advisor).await;
    let slip = b"%PDF-1.7\n%%EOF".to_vec();
    me.upload(&paths::files(&id), &[("file", "pesee.pdf", slip)])
        .await
        .expect(303);
    use sqlx::Row;
    let file: uuid::Uuid = sqlx::raw_sql("select id from synergy_files")
        .fetch_one(&test.database.pool)
        .await
        .unwrap()
        .get(0);
    let proved = file.to_string();
    let told = [
        ("year", "2025"),
        ("quantity", "400"),
        ("measure", "other"),
        ("other_unit", "palettes"),
        ("origin", "declared"),
        ("file", proved.as_str()),
    ];
    let page = paths::years(&id);
    let gone = uuid::Uuid::nil().to_string();
    let mut withdrawn = told.to_vec();
    withdrawn[5] = ("file", gone.as_str());
    withdrawn.push(("evidence", "Bordereau 12"));
    let refused = send(&me, &page, &page, &withdrawn).await;
    assert!(
        refused.expect(422).has("#e-file"),
        "the file was withdrawn meanwhile"
    );
    send(&me, &page, &page, &told).await.expect(303);
    assert!(me.get(&page).await.text("table").contains("400 palettes"));
    let refused = me.post(&paths::file_withdrawal(&file.into()), &[]).await;
    assert!(
        refused
            .expect(409)
            .text("main")
            .contains("la preuve d’une année relevée")
    );
}

#[tokio::test]
async fn time_is_noted_in_two_fields_and_costs_what_the_programme_spent() {
    let test = TestApp::start().await;
    let id = in_place(&test).await;
    let me = test.as_(Role::Advisor).await;
    let sheet = paths::show(&id);
    let note = async |fields: &[(&str, &str)]| me.post(&paths::times(&id), fields).await;
    let refused = note(&[("duration", "un moment"), ("act", "appel")]).await;
    refused.expect(422);
    assert_eq!(refused.attr("#f-act", "value").as_deref(), Some("appel"));
    assert!(refused.has("#e-duration") && !refused.has("#e-act"));

    let once = me
        .get(&sheet)
        .await
        .attr("#temps input[name=id]", "value")
        .unwrap();
    for _ in 0..2 {
        let fields = [("id", once.as_str()), ("duration", "30 min"), ("act", "appel")];
        note(&fields).await.expect(303);
    }
    assert_eq!(
        test.count("select count(*) from work_times").await,
        1,
        "sent twice, noted once"
    );
    let panel = me.get(&sheet).await.text("#temps");
    assert!(
        panel.contains("30 min") && panel.contains("n’est pas encore indiqué"),
        "{panel}"
    );

    // The territory says what an hour costs, until expenses do.
    me.post(paths::HOUR_COST, &[("hour_cost", "40")])
        .await
        .expect(403);
    let pilot = test.as_(Role::Pilot).await;
    let refused = pilot.post(paths::HOUR_COST, &[("hour_cost", "cher")]).await;
    assert_eq!(
        refused.expect(422).attr("#f-hour_cost", "value").as_deref(),
        Some("cher")
    );
    pilot
        .post(paths::HOUR_COST, &[("hour_cost", "40")])
        .await
        .expect(303);
    note(&[("duration", "1 h 30"), ("act", "visite des deux sites")])
        .await
        .expect(303);
    let panel = me.get(&sheet).await.text("#temps");
    assert!(
        panel.contains("2 h en 2 fois") && panel.contains("80 €"),
        "{panel}"
    );
    test.execute(format!(
        "insert into programmes (id, territory_id, name, starts_on, ends_on)
         values (md5('p')::uuid, '{}', 'Démarche', '2020-01-01', '2199-12-31');
         insert into expenses (id, programme_id, kind, payer, label, spent_on, hours, amount_eur)
         values (md5('e')::uuid, md5('p')::uuid, 'staff_time', 'CCI', 'Animation', '2024-06-01', 100, 5000);",
        test.territory
    ))
    .await;
    let panel = me.get(&sheet).await.text("#temps");
    assert!(
        panel.contains("100 €") && panel.contains("d’après les dépenses"),
        "{panel}"
    );
    let own = pilot.get(paths::TEAM).await.attr("#f-hour_cost", "value");
    assert!(
        own.as_deref().is_some_and(|own| own.starts_with("40")),
        "what the territory says is kept: {own:?}"
    );
    let budget = pilot.get("/demarche/budget").await.text("main");
    assert!(budget.contains("Temps d’agent par synergie en place"), "{budget}");
    assert!(budget.contains("100 € (2 h)"), "{budget}");
    let committee = test
        .as_(Role::Committee)
        .await
        .get("/demarche/budget")
        .await
        .text("main");
    assert!(!committee.contains("100 € (2 h)"), "one synergy is a secret");

    let line = sqlx::raw_sql("select id from work_times order by minutes limit 1");
    use sqlx::Row;
    let line: uuid::Uuid = line.fetch_one(&test.database.pool).await.unwrap().get(0);
    let away = paths::time_withdrawal(&line.into());
    me.post(&away, &[]).await.expect(303);
    me.post(&away, &[]).await.expect(404);
    assert!(me.get(&paths::times(&id)).await.text("h1 + p").contains("1 h 30"));
}

/// A day of workshop where the first company offered its flow to the second; gives its page and the idea.
async fn said_at_workshop(
    test: &TestApp,
    me: &Client,
    [giver, taker]: [&Establishment; 2],
    flow: FlowId,
) -> (String, String) {
    let on = test.system().today();
    let new = Workshop {
        categories: vec!["MAT-01".to_owned()],
        ..Workshop::on(test.territory, "Cartons et palettes", on)
    };
    let scope = make::scope(test, test.territory);
    test.system()
        .transact(async |tx| -> anyhow::Result<()> {
            maillage::workshops::store::insert(tx, &scope, &new).await?;
            Ok(())
        })
        .await
        .unwrap();
    let guests = [giver.id.to_string(), taker.id.to_string()];
    let ticked: Vec<_> = guests.iter().map(|one| ("ticked", one.as_str())).collect();
    me.post(&format!("/ateliers/{}/invites", new.id), &ticked)
        .await
        .expect(303);
    let (page, idea) = (
        format!("/ateliers/{}/saisie", new.id),
        IdeaId::fresh().to_string(),
    );
    let flow = flow.to_string();
    let fields = [
        ("id", idea.as_str()),
        ("de", &guests[0]),
        ("sens", "offre"),
        ("flux", &flow),
        ("label", ""),
        ("a", &guests[1]),
    ];
    me.post(&page, &fields).await.expect(303);
    test.run_jobs().await;
    (page, idea)
}

#[tokio::test]
async fn what_a_workshop_says_again_comes_back_and_stays_while_one_idea_supports_it() {
    let test = TestApp::start().await;
    let giver = make::establishment(&test, test.territory, "Cartonnerie Belle-Anse").await;
    let taker = make::establishment(&test, test.territory, "Verrerie du Pic-Vert").await;
    let offer = ("Cartons", 12.0, "t");
    let flow = make::flow(&test, &giver, Direction::Outbound, "MAT-01", offer).await;
    make::flow(&test, &taker, Direction::Inbound, "MAT-01", ("Cartons", 9.0, "t")).await;
    let me = test.as_(Role::Advisor).await;
    let one = said_at_workshop(&test, &me, [&giver, &taker], flow.id).await;
    let id = first_of(&test, "select id from synergies").await;
    let later = (test.system().today() + Days::new(90))
        .format("%d/%m/%Y")
        .to_string();

    me.post(&paths::reject(&id), &[("motive", "gain")])
        .await
        .expect(303);
    let two = said_at_workshop(&test, &me, [&giver, &taker], flow.id).await;
    assert_eq!(
        state(&test, id).await,
        State::Proposed,
        "set aside, then said again"
    );
    let line = me.get(&paths::show(&id)).await.text("main");
    assert!(
        line.contains("Les entreprises en ont parlé pendant l’atelier"),
        "{line}"
    );
    me.post(&paths::sleep(&id), &[("until", &later)])
        .await
        .expect(303);
    let three = said_at_workshop(&test, &me, [&giver, &taker], flow.id).await;
    assert_eq!(state(&test, id).await, State::Proposed, "asleep, then said again");

    let current = "select count(*) from synergies where is_current";
    for ((page, idea), left, stays) in [(one, 1, false), (three, 1, true), (two, 0, false)] {
        let done = me
            .post(&format!("{page}/retrait"), &[("idea", idea.as_str())])
            .await;
        done.expect(303);
        let told = me.get(done.location()).await.text(".toast");
        assert_eq!(told.contains("reste"), stays, "{told}");
        test.run_jobs().await;
        assert_eq!(test.count(current).await, left);
    }
}

#[tokio::test]
async fn an_idea_taken_back_gives_back_the_refusal_that_it_lifted() {
    let test = TestApp::start().await;
    let giver = make::establishment(&test, test.territory, "Cartonnerie Belle-Anse").await;
    let taker = make::establishment(&test, test.territory, "Verrerie du Pic-Vert").await;
    let flow = make::flow(
        &test,
        &giver,
        Direction::Outbound,
        "MAT-01",
        ("Cartons", 12.0, "t"),
    )
    .await;
    make::flow(&test, &taker, Direction::Inbound, "MAT-01", ("Cartons", 9.0, "t")).await;
    test.search().await;
    let me = test.as_(Role::Advisor).await;
    let id = first_of(&test, "select id from synergies").await;
    let refusal = [("motive", "gain"), ("comment", "Le gain ne paie pas le camion.")];
    me.post(&paths::reject(&id), &refusal).await.expect(303);
    let (page, idea) = said_at_workshop(&test, &me, [&giver, &taker], flow.id).await;
    assert_eq!(state(&test, id).await, State::Proposed);
    let done = me
        .post(&format!("{page}/retrait"), &[("idea", idea.as_str())])
        .await;
    let told = me.get(done.expect(303).location()).await.text(".toast");
    assert!(told.contains("mise de côté"), "{told}");
    test.run_jobs().await;
    assert_eq!(state(&test, id).await, State::Rejected);
    let kept = "select count(*) from synergies where motive = 'gain' and motive_comment = 'Le gain ne paie pas le camion.'
                and rejected_facts is not null";
    assert_eq!(test.count(kept).await, 1);
    test.search().await;
    assert_eq!(state(&test, id).await, State::Rejected, "remembered as before");

    // Somebody who took it meanwhile keeps it.
    let (page, idea) = said_at_workshop(&test, &me, [&giver, &taker], flow.id).await;
    me.post(&paths::take(&id), &[]).await.expect(303);
    me.post(&format!("{page}/retrait"), &[("idea", idea.as_str())])
        .await
        .expect(303);
    test.run_jobs().await;
    assert_eq!(state(&test, id).await, State::UnderReview);
}

#[tokio::test]
async fn the_page_of_a_step_that_is_past_says_who_moved_the_synergy() {
    let test = TestApp::start().await;
    let (id, _) = walked(&test, Vec::new()).await;
    let (me, other) = (test.as_(Role::Advisor).await, test.as_(Role::Advisor).await);
    test.execute(format!(
        "update users set name = 'Éva Lune' where id = '{}'",
        other.user
    ))
    .await;
    let other = test.signed_in(other.user).await;
    other
        .post(&paths::reject(&id), &[("motive", "gain")])
        .await
        .expect(303);
    for step in [
        paths::prevalidate(&id),
        paths::reject(&id),
        paths::abandon(&id),
        paths::interrupt(&id),
        paths::merge(&id),
        paths::sleep(&id),
        paths::realise(&id),
        paths::confirm(&id),
        paths::answer(&id),
        paths::introduction(&id),
        paths::meeting(&id),
    ] {
        let page = me.get(&step).await;
        page.expect(409);
        let text = page.text("main");
        assert!(
            text.contains("Éva Lune") && text.contains("à 1") | text.contains("à 2") | text.contains(" h "),
            "{step}: {text}"
        );
        assert_eq!(
            page.attr("main .btn", "href").unwrap(),
            paths::show(&id),
            "{step}"
        );
        assert!(page.text("main .btn").contains("S-0001"), "{step}");
    }
}

#[tokio::test]
async fn a_proposal_is_given_to_whom_it_is_for_in_one_press() {
    let test = TestApp::start().await;
    let (id, _) = walked(&test, Vec::new()).await;
    let colleague = test.as_(Role::Advisor).await;
    test.execute(format!(
        "update users set name = 'Éva Lune', specialities = array['trade'] where id = '{}';
         delete from assignment_rules;
         insert into assignment_rules (territory_id, rank, category, speciality) values ('{}', 1, 'MAT-01', 'trade')",
        colleague.user, test.territory
    ))
    .await;
    let me = test.as_(Role::Advisor).await;
    let page = me.get(&format!("{}?choisie={id}", paths::LIST)).await;
    assert!(
        page.text(".suggested").contains("Éva Lune"),
        "{}",
        page.text("main")
    );
    let fields = page.fields("form.suggested");
    let fields: Vec<_> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let given = me.post(&paths::assign(&id), &fields).await;
    given.expect(303);
    let assigned = format!(
        "select count(*) from synergies where assigned_to = '{}'",
        colleague.user
    );
    assert_eq!(test.count(assigned).await, 1);
    assert!(
        !me.get(&format!("{}?choisie={id}", paths::LIST))
            .await
            .has(".suggested")
    );
    me.post(&paths::assign(&id), &fields).await.expect(409);
    let stranger = make::territory(&test.system(), "Ailleurs").await;
    let stranger = make::user(&test, Role::Advisor, stranger).await;
    let stranger = stranger.to_string();
    me.post(&paths::assign(&id), &[("user", &stranger)])
        .await
        .expect(422);
}

#[tokio::test]
async fn a_synergy_passed_on_stands_on_the_flows_of_the_idea_that_stays() {
    let test = TestApp::start().await;
    let giver = make::establishment(&test, test.territory, "Cartonnerie Belle-Anse").await;
    let taker = make::establishment(&test, test.territory, "Verrerie du Pic-Vert").await;
    let offer = ("Cartons", 12.0, "t");
    let flow = make::flow(&test, &giver, Direction::Outbound, "MAT-01", offer).await;
    make::flow(&test, &taker, Direction::Inbound, "MAT-01", ("Cartons", 9.0, "t")).await;
    let me = test.as_(Role::Advisor).await;
    let (page, idea) = said_at_workshop(&test, &me, [&giver, &taker], flow.id).await;
    let offer = ("Vieux cartons", 8.0, "t");
    let other = make::flow(&test, &giver, Direction::Outbound, "MAT-01", offer).await;
    said_at_workshop(&test, &me, [&giver, &taker], other.id).await;
    me.post(&format!("{page}/retrait"), &[("idea", idea.as_str())])
        .await
        .expect(303);
    test.run_jobs().await;
    let stands = "select count(*) from workshop_ideas i join synergy_members m on m.synergy_id = i.synergy_id
         where i.undone_at is null and m.flow_id in (i.giver_flow, i.taker_flow)";
    assert_eq!(test.count(stands).await, 2);
}

async fn first_of(test: &TestApp, query: &'static str) -> SynergyId {
    use sqlx::Row;
    sqlx::raw_sql(query)
        .fetch_one(&test.database.pool)
        .await
        .unwrap()
        .get::<uuid::Uuid, _>(0)
        .into()
}

#[tokio::test]
async fn of_two_made_duplicates_of_each_other_at_once_one_is_kept() {
    let test = TestApp::start().await;
    let (one, other) = (make::synergy(&test).await, make::synergy(&test).await);
    let (me, colleague) = (test.as_(Role::Advisor).await, test.as_(Role::Advisor).await);
    let (first, second) = (paths::merge(&one), paths::merge(&other));
    let (a, b) = tokio::join!(
        me.post(&first, &[("kept", "S-0002")]),
        colleague.post(&second, &[("kept", "S-0001")])
    );
    let refused = if a.status == 303 { &b } else { &a };
    assert_eq!(a.status.as_u16() + b.status.as_u16(), 303 + 422);
    assert!(refused.text(".errsum").contains("elle-même un doublon"));
    assert_eq!(
        test.count("select count(*) from synergies where state = 'duplicate'")
            .await,
        1
    );
    // The database refuses it to whoever would forget to ask.
    let forced = sqlx::raw_sql(
        "update synergies s set state = 'duplicate', duplicate_of = (select id from synergies k where k.id <> s.id) where s.duplicate_of is null",
    );
    let forced = forced.execute(&test.database.pool).await.unwrap_err();
    assert!(forced.to_string().contains("not kept"), "{forced}");

    let third = make::synergy(&test).await;
    let page = paths::merge(&third);
    for (typed, words) in [
        ("G-0001", "est celui de S-0001"),
        ("99999999999", "Indiquez le numéro"),
        ("S-0003", "celui de l’autre"),
    ] {
        let refused = me.post(&page, &[("kept", typed)]).await;
        refused.expect(422);
        assert!(
            refused.text(".errsum").contains(words),
            "{}",
            refused.text(".errsum")
        );
    }
    let kept = if a.status == 303 { other } else { one };
    me.post(&paths::reject(&kept), &[("motive", "gain")])
        .await
        .expect(303);
    let number = if kept == one { "1" } else { "2" };
    let refused = me.post(&page, &[("kept", number)]).await;
    assert!(
        refused
            .expect(422)
            .text(".errsum")
            .contains("reprenez-la d’abord")
    );
}

#[tokio::test]
async fn a_work_begun_before_a_silence_goes_on_after_it() {
    let test = TestApp::start().await;
    let (id, _) = walked(&test, agreed()).await;
    make::introduced(&test, id).await;
    let scope = make::scope(&test, test.territory);
    test.system()
        .transact(async |tx| -> anyhow::Result<()> {
            for step in [Step::Study(Grid::all_green()), Step::Implement] {
                store::advance(tx, &scope, id, step).await?;
            }
            Ok(())
        })
        .await
        .unwrap();
    let me = test.as_(Role::Advisor).await;
    me.post(&paths::silence(&id), &[]).await.expect(303);
    assert_eq!(state(&test, id).await, State::Silent);
    me.post(&paths::hear(&id), &[]).await.expect(303);
    assert_eq!(state(&test, id).await, State::Implementing);
}

/// The fields of a page's form, with some changed.
fn with(page: &Reply, form: &str, more: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut fields = page.fields(form);
    fields.retain(|(name, _)| more.iter().all(|(changed, _)| changed != name));
    fields.extend(more.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
    fields
}

async fn post(me: &Client, to: &str, fields: &[(String, String)]) -> Reply {
    let fields: Vec<_> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    me.post(to, &fields).await
}

#[tokio::test]
async fn two_colleagues_fill_in_one_study_and_neither_loses_a_word() {
    let test = TestApp::start().await;
    let (id, _) = walked(&test, agreed()).await;
    let (me, colleague) = (test.as_(Role::Advisor).await, test.as_(Role::Advisor).await);
    let page = paths::feasibility(&id);
    let (mine, theirs) = (me.get(&page).await, colleague.get(&page).await);
    let first = [
        ("technical", "green"),
        ("technical_comment", "Essai du 3 mars"),
        ("economic", "orange"),
    ];
    post(&colleague, &page, &with(&theirs, "main form", &first))
        .await
        .expect(303);
    let second = [
        ("economic", "red"),
        ("social", "orange"),
        ("social_comment", "Voisinage à voir"),
    ];
    let clash = post(&me, &page, &with(&mine, "main form", &second)).await;
    clash.expect(409);
    let table = clash.text("table");
    assert!(table.contains("Économique"), "{table}");
    for label in ["acquise", "à vérifier", "bloquante"] {
        assert!(table.contains(label), "{label}: {table}");
    }
    assert!(!table.contains("Technique"), "only what both changed: {table}");
    assert_eq!(
        clash.attr("#f-social_comment", "value").as_deref(),
        Some("Voisinage à voir")
    );
    assert_eq!(
        clash.attr("#f-technical_comment", "value").as_deref(),
        Some("Essai du 3 mars")
    );
    post(&me, &page, &clash.fields("main form")).await.expect(303);
    let kept = me.get(&page).await;
    assert_eq!(
        kept.attr("#f-technical_comment", "value").as_deref(),
        Some("Essai du 3 mars")
    );
    assert!(kept.has("input[name=economic][value=red][checked]"));

    // A remark without its judgement is asked for, not dropped.
    let alone = [
        ("geographic_comment", "Pont limité"),
        ("note_insurance", "Courtier appelé"),
        ("investment_source", "Devis"),
    ];
    let mut fields = with(&kept, "main form", &alone);
    fields.retain(|(name, _)| name != "geographic");
    let refused = post(&me, &page, &fields).await;
    refused.expect(422);
    for field in ["geographic", "point_insurance", "investment"] {
        assert!(refused.has(&format!("#e-{field}")), "{field}");
    }
    assert!(refused.html().contains("Pont limité"));
}

#[tokio::test]
async fn two_colleagues_note_positions_and_the_second_reads_both() {
    let test = TestApp::start().await;
    for n in 0..4_u32 {
        let place = Position::new(47.79 + f64::from(n) / 111.2, 1.07).unwrap();
        let site = make::establishment_at(&test, test.territory, &format!("Membre {n}"), place).await;
        make::flow(&test, &site, Direction::Outbound, "MAT-01", ("Cartons", 8.0, "t")).await;
    }
    test.search().await;
    let id = first_group(&test).await;
    let (me, colleague) = (test.as_(Role::Advisor).await, test.as_(Role::Advisor).await);
    let page = paths::positions(&id);
    let moved = |page: &Reply, rank: usize, to: &str| {
        let mut fields = page.fields("#f-position");
        let mut positions = fields.iter_mut().filter(|(name, _)| name == "position");
        to.clone_into(&mut positions.nth(rank).unwrap().1);
        fields
    };
    let (mine, theirs) = (me.get(&page).await, colleague.get(&page).await);
    let first = moved(&theirs, 0, "committed");
    post(&colleague, &page, &first).await.expect(303);
    post(&me, &page, &moved(&mine, 1, "interested")).await.expect(303);
    let standing = "select count(*) from synergy_members where state in ('committed', 'interested')";
    assert_eq!(test.count(standing).await, 2, "the colleague's position is kept");
    let clash = post(&me, &page, &moved(&mine, 0, "withdrawn")).await;
    clash.expect(409);
    let table = clash.text(".scroll table");
    assert!(table.contains("retiré") && table.contains("engagé"), "{table}");
    post(&me, &page, &clash.fields("#f-position")).await.expect(303);
    let gone = "select count(*) from synergy_members where state = 'withdrawn'";
    assert_eq!(test.count(gone).await, 1);
}

#[tokio::test]
async fn the_queue_shows_and_sorts_by_the_next_action() {
    let test = TestApp::start().await;
    let me = test.as_(Role::Advisor).await;
    let today = test.system().today();
    let mut ids = Vec::new();
    for days in [40, -3, 0] {
        let id = make::synergy(&test).await;
        let due = today + Duration::days(days);
        test.execute(format!(
            "insert into next_actions (id, synergy_id, what, owner, due_on) values (gen_random_uuid(), '{id}', 'Appeler dans {days} j', '{}', '{due}')",
            me.user
        ))
        .await;
        ids.push(id);
    }
    make::synergy(&test).await;
    let rows = async |query: &str| me.get(&format!("/synergies?{query}")).await.texts(".rows .n");
    assert_eq!(rows("").await.len(), 3);
    let sorted = rows("tri=echeance").await;
    assert!(
        sorted[0].contains("dans -3 j") && sorted[0].contains("en retard"),
        "{sorted:?}"
    );
    assert!(
        sorted[0].contains("Personne") && sorted[2].contains("dans 40 j"),
        "{sorted:?}"
    );
    let late = rows("action=en-retard").await;
    assert!(late.len() == 1 && late[0].contains("dans -3 j"), "{late:?}");
    let week = rows("action=semaine").await;
    assert!(week.len() == 1 && week[0].contains("dans 0 j"), "{week:?}");
    assert_eq!(rows("action=moi").await.len(), 3);
    let page = me.get("/synergies?action=aucune").await;
    assert_eq!(page.texts(".rows li").len(), 1);
    assert!(page.text(".filt").contains("Sans prochaine action"));
    // The neighbours follow the order of the list.
    let sheet = me.get(&format!("{}?tri=echeance", paths::show(&ids[2]))).await;
    let next = sheet.attr(".decide .last", "href").unwrap();
    assert!(
        next.contains(&ids[0].to_string()) && next.contains("tri=echeance"),
        "{next}"
    );
}

#[tokio::test]
async fn examples_resemble_and_never_tell_two_companies() {
    let test = TestApp::start().await;
    let me = test.as_(Role::Advisor).await;
    let page = me.get(paths::EXAMPLES).await;
    assert!(
        page.expect(200)
            .text("#territoire")
            .contains("Pas encore d’exemple")
    );
    assert!(page.text("#publies").contains("Cergy-Pontoise"));
    let found = me.get(&format!("{}?q=gypse", paths::EXAMPLES)).await;
    assert_eq!(found.texts("#publies li").len(), 1);
    let none = me.get(&format!("{}?q=licorne", paths::EXAMPLES)).await;
    assert!(none.text("#publies").contains("Aucun cas publié"));

    let one = in_place(&test).await;
    test.execute(format!(
        "insert into synergy_results (synergy_id, origin, savings_eur) values ('{one}', 'declared', 3000)"
    ))
    .await;
    let page = me.get(paths::EXAMPLES).await;
    assert!(
        page.text("#territoire").contains("Pas encore d’exemple"),
        "two companies"
    );
    let two = in_place(&test).await;
    test.execute(format!(
        "insert into synergy_results (synergy_id, origin, savings_eur) values ('{two}', 'declared', 2500)"
    ))
    .await;
    let here = me.get(paths::EXAMPLES).await.text("#territoire");
    assert!(
        here.contains("2 synergies en place") && here.contains("5 000 à 20 000 €/an"),
        "{here}"
    );
    assert!(!here.contains("Belle-Anse") && !here.contains("5 500"), "{here}");
    let like = make::synergy(&test).await;
    let beside = me.get(&paths::show(&like)).await.text("#exemples");
    assert!(
        beside.contains("sur ce territoire") && !beside.contains("Belle-Anse"),
        "{beside}"
    );
}
