//! The life of a synergy through its pages: the next step of each state, the ways out, groups, decisions
//! taken at the same time.

use crate::support::{Client, Reply, TestApp, make};
use chrono::{Days, Duration};
use maillage::companies::Establishment;
use maillage::kernel::Direction;
use maillage::kernel::Position;
use maillage::kernel::ids::SynergyId;
use maillage::platform::access::Role;
use maillage::synergies::{Grid, State, Step, paths, store};
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

const GREEN_STUDY: [(&str, &str); 6] = [
    ("technical", "green"),
    ("economic", "green"),
    ("regulatory", "green"),
    ("organisational", "orange"),
    ("geographic", "green"),
    ("social", "green"),
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
    assert_eq!(sheet.texts("form fieldset legend").len(), 6);
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
        Step::Study(Grid::all_green()),
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
