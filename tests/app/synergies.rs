//! The search, the queue, the sheet, and every act on a synergy.

use crate::support::{Client, Reply, TestApp, make};
use chrono::Duration;
use maillage::companies::Establishment;
use maillage::kernel::ids::SynergyId;
use maillage::kernel::{Direction, Position};
use maillage::platform::access::Role;
use maillage::synergies::{Grid, Kind, Origin, Side, State, Step, paths, store};
use sqlx::Row;

/// Two establishments that exchange cardboard.
async fn pair(test: &TestApp) -> (Establishment, Establishment) {
    let giver = make::establishment(test, test.territory, "Cartonnerie Belle-Anse").await;
    let place = Position::new(47.80, 1.10).unwrap();
    let receiver = make::establishment_at(test, test.territory, "Verrerie du Pic-Vert", place).await;
    make::flow(
        test,
        &giver,
        Direction::Outbound,
        "MAT-01",
        ("Cartons", 38.0, "t"),
    )
    .await;
    make::flow(
        test,
        &receiver,
        Direction::Inbound,
        "MAT-01",
        ("Cartons", 24.0, "t"),
    )
    .await;
    (giver, receiver)
}

/// The only synergy there is.
async fn only(test: &TestApp) -> SynergyId {
    let rows = sqlx::raw_sql("select id from synergies")
        .fetch_all(&test.database.pool)
        .await
        .unwrap();
    assert_eq!(rows.len(), 1);
    rows[0].get::<uuid::Uuid, _>(0).into()
}

/// A proposal found by the engine between two establishments.
async fn proposed(test: &TestApp) -> SynergyId {
    pair(test).await;
    test.search().await;
    only(test).await
}

async fn state(test: &TestApp, id: SynergyId) -> State {
    let scope = make::scope(test, test.territory);
    let mut db = test.system().read().await.unwrap();
    store::find(&mut db, &scope, id).await.unwrap().unwrap().state
}

async fn advance(test: &TestApp, id: SynergyId, step: Step) {
    let scope = make::scope(test, test.territory);
    test.system()
        .transact(async |tx| -> anyhow::Result<()> {
            store::advance(tx, &scope, id, step).await?;
            Ok(())
        })
        .await
        .unwrap();
}

fn version(page: &Reply) -> String {
    page.attr("input[name=version]", "value").unwrap()
}

const GREEN: [(&str, &str); 5] = [
    ("technical", "green"),
    ("economic", "green"),
    ("regulatory", "green"),
    ("organisational", "green"),
    ("check", "done"),
];

async fn last_line(test: &TestApp) -> String {
    sqlx::raw_sql("select action from journal where subject = 'synergy' order by id desc limit 1")
        .fetch_one(&test.database.pool)
        .await
        .unwrap()
        .get(0)
}

#[tokio::test]
async fn an_empty_queue_says_what_to_do_next() {
    let test = TestApp::start().await;
    let me = test.as_(Role::Advisor).await;
    let page = me.get(paths::LIST).await;
    page.expect(200);
    assert_eq!(page.text(".empty h2"), "La recherche n’a pas encore tourné");
    test.search().await;
    let page = me.get(paths::LIST).await;
    assert_eq!(page.text(".empty h2"), "Aucune synergie à étudier");
    for basket in [
        "en-cours",
        "pre-validees",
        "mises-en-relation",
        "sans-nouvelles",
        "en-place",
        "ecartees",
        "en-sommeil",
    ] {
        let page = me.get(&format!("/synergies?corbeille={basket}")).await;
        assert!(page.expect(200).has(".empty h2"), "{basket}");
    }
}

#[tokio::test]
async fn a_search_proposes_once_and_the_queue_shows_it() {
    let test = TestApp::start().await;
    let id = proposed(&test).await;
    test.search().await;
    assert_eq!(only(&test).await, id);
    let me = test.as_(Role::Advisor).await;
    let page = me.get(paths::LIST).await;
    assert_eq!(page.text(".rows .t"), "Cartons");
    assert_eq!(
        page.text(".rows .d"),
        "Cartonnerie Belle-Anse → Verrerie du Pic-Vert"
    );
    assert!(page.text(".rows .m").contains("km"), "{}", page.text(".rows .m"));
    assert!(page.text(".rows .m").contains("Nouvelle"));
    assert!(page.text(".tabs [aria-current]").contains("À étudier 1"));
    assert_eq!(
        page.texts(".mesh .co"),
        ["Cartonnerie Belle-Anse", "Verrerie du Pic-Vert"]
    );
    assert!(page.has(".queue .map circle") && page.has(".parts dd"));
    assert!(page.texts(".side .n").contains(&"1".to_owned()));
    let sheet = me.get(&paths::show(&id)).await;
    sheet.expect(200);
    assert_eq!(sheet.text("h1"), "Cartons");
    assert!(sheet.text(".line").contains("Proposée par le moteur"));
}

#[tokio::test]
async fn a_proposal_leaves_with_its_flow() {
    let test = TestApp::start().await;
    pair(&test).await;
    test.search().await;
    let id = only(&test).await;
    test.execute("update flows set deleted_at = now() where direction = 'inbound'".to_owned())
        .await;
    test.search().await;
    let me = test.as_(Role::Advisor).await;
    assert!(me.get(paths::LIST).await.has(".empty"));
    assert!(
        me.get(&paths::show(&id))
            .await
            .text(".note")
            .contains("ont changé")
    );
}

#[tokio::test]
async fn taking_gives_the_synergy_to_whoever_takes() {
    let test = TestApp::start().await;
    let id = proposed(&test).await;
    let me = test.as_(Role::Advisor).await;
    let seen = version(&me.get(&paths::show(&id)).await);
    let done = me.post(&paths::take(&id), &[("version", &seen)]).await;
    done.expect(303);
    assert_eq!(done.location(), format!("/synergies/{id}?corbeille=en-cours"));
    assert_eq!(state(&test, id).await, State::UnderReview);
    assert_eq!(last_line(&test).await, "prise en charge");
    let mine = me.get("/synergies?corbeille=en-cours&attribution=moi").await;
    assert_eq!(mine.text(".rows .t"), "Cartons");
    assert!(mine.text(".toast").contains("Vous prenez en charge"));
    let colleague = test.as_(Role::Advisor).await;
    let theirs = colleague
        .get("/synergies?corbeille=en-cours&attribution=moi")
        .await;
    assert!(theirs.text(".empty").contains("Aucune synergie avec ces filtres"));
}

#[tokio::test]
async fn a_rejection_wants_a_motive_and_is_remembered_until_a_named_fact_changes() {
    let test = TestApp::start().await;
    let id = proposed(&test).await;
    let me = test.as_(Role::Advisor).await;
    let form = me.get(&paths::reject(&id)).await;
    assert!(form.expect(200).text(".motives").contains("contrat en cours"));
    let refused = me
        .post(&paths::reject(&id), &[("comment", "Trop peu de carton")])
        .await;
    refused.expect(422);
    assert!(refused.text(".errsum").contains("Choisissez un motif"));
    assert_eq!(refused.text("textarea[name=comment]"), "Trop peu de carton");
    assert!(refused.has("#f-motive"));

    let fields = [("motive", "quantity"), ("comment", "Trop peu de carton")];
    let done = me
        .post(&format!("{}?vue=liste", paths::reject(&id)), &fields)
        .await;
    assert_eq!(done.expect(303).location(), "/synergies?corbeille=a-etudier");
    let list = me.get(done.location()).await;
    assert!(
        list.text(".toast")
            .contains("Proposition écartée : quantité insuffisante."),
        "{}",
        list.text(".toast")
    );
    assert_eq!(state(&test, id).await, State::Rejected);
    assert!(last_line(&test).await.starts_with("écartée"));

    test.search().await;
    assert_eq!(state(&test, id).await, State::Rejected);
    test.execute(
        "update flows set quantity = 90, annual_quantity = 90 where direction = 'outbound'".to_owned(),
    )
    .await;
    test.search().await;
    assert_eq!(state(&test, id).await, State::Proposed);
    assert_eq!(only(&test).await, id);
    let back = me.get(paths::LIST).await;
    assert!(back.text(".rows .m").contains("Un fait a changé"));
    assert!(back.text(".note").contains("90"), "{}", back.text(".note"));
    test.search().await;
    assert!(
        me.get(paths::LIST).await.text(".note").contains("90"),
        "the next search forgot what had changed"
    );
}

#[tokio::test]
async fn pre_validation_wants_the_grid_and_the_regulatory_answer() {
    let test = TestApp::start().await;
    let id = proposed(&test).await;
    let me = test.as_(Role::Advisor).await;
    let form = me.get(&paths::prevalidate(&id)).await;
    assert!(form.expect(200).text(".note").contains("opérateur de déchets"));
    let red = [
        ("technical", "green"),
        ("technical_comment", "Balles propres"),
        ("economic", "green"),
        ("regulatory", "red"),
    ];
    let refused = me.post(&paths::prevalidate(&id), &red).await;
    refused.expect(422);
    let summary = refused.text(".errsum");
    for sentence in [
        "est bloquant",
        "Donnez une note",
        "contrôle réglementaire est fait",
    ] {
        assert!(summary.contains(sentence), "{summary}");
    }
    assert_eq!(
        refused.attr("#f-technical_comment", "value").unwrap(),
        "Balles propres"
    );
    assert!(refused.has("input[name=technical][value=green][checked]"));

    me.post(&paths::prevalidate(&id), &GREEN).await.expect(303);
    assert_eq!(state(&test, id).await, State::Prevalidated);
    assert_eq!(test.count("select count(*) from feasibility_checks").await, 4);
    let sheet = me.get(&paths::show(&id)).await;
    assert!(sheet.text(".facts").contains("Contrôle réglementaire fait."));
    assert!(sheet.text(".decide").contains("Je reprends l’étude"));
}

#[tokio::test]
async fn hazardous_waste_is_always_to_be_checked() {
    let test = TestApp::start().await;
    let id = proposed(&test).await;
    test.execute(
        "update establishments set naf = '38.11Z' where name like 'Verrerie%';
         update flows set waste_code = (select min(code) from waste_codes where is_hazardous) where direction = 'outbound';"
            .to_owned(),
    )
    .await;
    let me = test.as_(Role::Advisor).await;
    assert!(
        me.get(&paths::prevalidate(&id))
            .await
            .text(".note")
            .contains("Déchet dangereux")
    );
    test.execute("update flows set waste_code = '150101'".to_owned())
        .await;
    let form = me.get(&paths::prevalidate(&id)).await;
    assert!(!form.has(".note") && !form.has("input[name=check]"));
    me.post(&paths::prevalidate(&id), &GREEN[..4]).await.expect(303);
}

#[tokio::test]
async fn a_sleeper_comes_back_on_its_day() {
    let test = TestApp::start().await;
    let id = proposed(&test).await;
    let me = test.as_(Role::Advisor).await;
    let refused = me
        .post(&paths::sleep(&id), &[("until", "demain"), ("comment", "Congés")])
        .await;
    refused.expect(422);
    assert_eq!(refused.attr("#f-until", "value").unwrap(), "demain");
    let day = (test.system().today() + Duration::days(40))
        .format("%d/%m/%Y")
        .to_string();
    me.post(&paths::sleep(&id), &[("until", &day)]).await.expect(303);
    assert_eq!(state(&test, id).await, State::Asleep);
    let list = me.get("/synergies?corbeille=en-sommeil").await;
    assert!(list.text(".rows .m").contains(&format!("Réveil le {day}")));
    test.search().await;
    assert_eq!(state(&test, id).await, State::Asleep);
    test.travel(Duration::days(41));
    test.search().await;
    assert_eq!(state(&test, id).await, State::Proposed);
    assert_eq!(last_line(&test).await, "proposée à nouveau");
}

#[tokio::test]
async fn a_sleeper_wakes_by_itself_and_not_before_its_last_date() {
    let test = TestApp::start().await;
    let id = proposed(&test).await;
    let me = test.as_(Role::Advisor).await;
    let on = |days: i64| {
        let day = test.system().today() + Duration::days(days);
        day.format("%d/%m/%Y").to_string()
    };
    me.post(&paths::sleep(&id), &[("until", &on(10))])
        .await
        .expect(303);
    me.post(&paths::resume(&id), &[]).await.expect(303);
    me.post(&paths::sleep(&id), &[("until", &on(40))])
        .await
        .expect(303);
    test.travel(Duration::days(11));
    test.run_jobs().await;
    assert_eq!(state(&test, id).await, State::Asleep);
    test.travel(Duration::days(30));
    test.run_jobs().await;
    assert_eq!(state(&test, id).await, State::Proposed);
    let me = test.as_(Role::Advisor).await;
    let page = me.get(&paths::show(&id)).await;
    assert!(page.text(".note").contains("La date de réveil est arrivée."));
}

#[tokio::test]
async fn what_was_set_aside_can_be_taken_up_again() {
    let test = TestApp::start().await;
    let id = proposed(&test).await;
    let me = test.as_(Role::Advisor).await;
    me.post(&paths::reject(&id), &[("motive", "no_time")])
        .await
        .expect(303);
    let sheet = me.get(&paths::show(&id)).await;
    assert!(sheet.text(".note").contains("manque de temps"));
    let done = me
        .post(&paths::resume(&id), &[("version", &version(&sheet))])
        .await;
    done.expect(303);
    assert_eq!(state(&test, id).await, State::UnderReview);
    assert_eq!(
        test.count("select count(*) from synergies where motive is null and rejected_facts is null")
            .await,
        1
    );
}

#[tokio::test]
async fn of_two_advisors_the_second_is_told_what_the_first_decided() {
    let test = TestApp::start().await;
    let id = proposed(&test).await;
    let (first, second) = (test.as_(Role::Advisor).await, test.as_(Role::Pilot).await);
    let seen = version(&second.get(&paths::reject(&id)).await);
    first
        .post(&paths::reject(&id), &[("motive", "contract"), ("version", &seen)])
        .await
        .expect(303);
    let late = second.post(&paths::take(&id), &[("version", &seen)]).await;
    late.expect(409);
    assert!(
        late.text("main").contains("Personne Conseiller a agi le premier"),
        "{}",
        late.text("main")
    );
    assert!(late.text("main").contains("contrat en cours"));
    let late = second
        .post(&paths::reject(&id), &[("motive", "gain"), ("version", &seen)])
        .await;
    late.expect(409);
    assert_eq!(
        test.count("select count(*) from synergies where motive = 'contract'")
            .await,
        1
    );
    second.post(&paths::take(&id), &[]).await.expect(409);
}

#[tokio::test]
async fn a_colleague_can_be_put_in_charge() {
    let test = TestApp::start().await;
    let id = proposed(&test).await;
    let (me, colleague) = (test.as_(Role::Advisor).await, test.as_(Role::Advisor).await);
    let wrong = me.post(&paths::assign(&id), &[("user", "quelqu’un")]).await;
    wrong.expect(422);
    assert!(wrong.text(".errsum").contains("Choisissez un conseiller"));
    let user = colleague.user.to_string();
    me.post(&paths::assign(&id), &[("user", &user)]).await.expect(303);
    assert!(last_line(&test).await.contains("confiée à Personne Conseiller"));
    assert!(colleague.get("/synergies?attribution=moi").await.has(".rows .t"));
    assert!(me.get("/synergies?attribution=personne").await.has(".empty"));
    me.post(&paths::assign(&id), &[("user", "")]).await.expect(303);
    assert!(me.get("/synergies?attribution=personne").await.has(".rows .t"));
}

#[tokio::test]
async fn filters_narrow_the_list_and_stay_in_the_address() {
    let test = TestApp::start().await;
    proposed(&test).await;
    test.execute(format!(
        "insert into priorities values ('{}', 'MAT-01', 1, current_date)",
        test.territory
    ))
    .await;
    let me = test.as_(Role::Advisor).await;
    let cases = [
        ("type=substitution", "type=mutualisation"),
        ("famille=MAT", "famille=EAU"),
        ("categorie=MAT-01", "categorie=MAT-02"),
        ("score=10", "score=100"),
        ("commune=41269", "commune=41003"),
        ("q=VERRERIE", "q=%25"),
        ("q=carton", "q=verrerie+de+mars"),
        ("priorite=oui&attribution=personne", "attribution=moi"),
    ];
    for (holds, fails) in cases {
        assert!(
            me.get(&format!("/synergies?{holds}")).await.has(".rows .t"),
            "{holds}"
        );
        let none = me.get(&format!("/synergies?{fails}")).await;
        assert!(
            none.expect(200)
                .text(".empty")
                .contains("Aucune synergie avec ces filtres"),
            "{fails}"
        );
        assert!(none.has(".chip.on"), "{fails}");
    }
    let page = me.get("/synergies?type=substitution&q=carton").await;
    assert_eq!(
        page.attr(".rows a", "href")
            .unwrap()
            .split("&choisie=")
            .next()
            .unwrap(),
        "/synergies?corbeille=a-etudier&type=substitution&q=carton"
    );
    assert!(!me.get(paths::LIST).await.html().contains("Réinitialiser"));
    me.get("/synergies?page=9").await.expect(303);
}

#[tokio::test]
async fn after_an_act_the_next_of_the_list_is_shown() {
    let test = TestApp::start().await;
    pair(&test).await;
    let other = make::establishment(&test, test.territory, "Serres de Mirelune").await;
    make::flow(
        &test,
        &other,
        Direction::Inbound,
        "MAT-01",
        ("Cartons", 30.0, "t"),
    )
    .await;
    test.search().await;
    assert_eq!(test.count("select count(*) from synergies").await, 2);
    let me = test.as_(Role::Advisor).await;
    let list = me.get(paths::LIST).await;
    let links: Vec<String> = list
        .html()
        .split("choisie=")
        .skip(1)
        .map(|rest| rest[..36].to_owned())
        .collect();
    let (first, second) = (&links[0], &links[1]);
    let form = list.attr("form[action*=rejet]", "action").unwrap();
    assert!(
        form.contains(first.as_str()) && form.contains("vue=liste"),
        "{form}"
    );
    let done = me.post(&form, &[("motive", "too_far")]).await;
    assert_eq!(
        done.expect(303).location(),
        format!("/synergies?corbeille=a-etudier&choisie={second}")
    );
}

#[tokio::test]
async fn a_better_neighbour_takes_the_place_of_another() {
    let test = TestApp::start().await;
    let (_, receiver) = pair(&test).await;
    let cartons = |n: u32, east: f64| {
        let (test, name) = (&test, format!("Imprimerie {n}"));
        async move {
            let place = Position::new(47.80, 1.10 + east).unwrap();
            let giver = make::establishment_at(test, test.territory, &name, place).await;
            let what = ("Cartons", 24.0, "t");
            make::flow(test, &giver, Direction::Outbound, "MAT-01", what).await
        }
    };
    for n in 0..2 {
        cartons(n, 0.05).await;
    }
    test.search().await;
    let open = "select count(*) from synergies where is_current and kind <> 'mutualisation'";
    assert_eq!(test.count(open).await, 3);
    // The receiver's queue is full: the nearer one enters and the worst leaves, though nothing of it changed.
    cartons(9, 0.01).await;
    test.search().await;
    assert_eq!(test.count(open).await, 3);
    let me = test.as_(Role::Advisor).await;
    let sheet = me.get(&maillage::companies::paths::show(&receiver.id)).await;
    assert!(sheet.expect(200).text("main").contains("Imprimerie 9"));
}

#[tokio::test]
async fn a_group_is_one_proposal_with_its_members() {
    let test = TestApp::start().await;
    for n in 0..6 {
        let place = Position::new(47.79 + f64::from(n) * 0.003, 1.07).unwrap();
        let member = make::establishment_at(&test, test.territory, &format!("Membre {n}"), place).await;
        make::flow(
            &test,
            &member,
            Direction::Outbound,
            "MAT-01",
            ("Cartons", 2.0, "t"),
        )
        .await;
    }
    test.search().await;
    let id = only(&test).await;
    let me = test.as_(Role::Advisor).await;
    let list = me.get("/synergies?type=mutualisation").await;
    assert_eq!(list.text(".rows .d"), "Groupe de 6 établissements");
    assert!(list.text(".rows .m").contains("Groupe"));
    let sheet = me.get(&paths::show(&id)).await;
    assert_eq!(sheet.expect(200).texts(".mem tbody tr").len(), 6);
    assert!(sheet.text(".mem tbody").contains("pressenti"));
    assert!(sheet.has(".plot rect") && sheet.text(".crumb").contains("G-0001"));
    assert!(sheet.texts(".side .n").contains(&"1".to_owned()));
    test.search().await;
    assert_eq!(only(&test).await, id);
    me.post(&paths::reject(&id), &[("motive", "quantity")])
        .await
        .expect(303);
    test.search().await;
    assert_eq!(state(&test, id).await, State::Rejected);
    let seventh = make::establishment(&test, test.territory, "Membre de plus").await;
    make::flow(
        &test,
        &seventh,
        Direction::Outbound,
        "MAT-01",
        ("Cartons", 9.0, "t"),
    )
    .await;
    test.search().await;
    assert_eq!(state(&test, id).await, State::Proposed);
    assert!(
        me.get(&paths::show(&id))
            .await
            .text(".note")
            .contains("Un établissement de plus")
    );
}

#[tokio::test]
async fn the_search_can_be_asked_for_and_watched() {
    let test = TestApp::start().await;
    pair(&test).await;
    let me = test.as_(Role::Advisor).await;
    assert!(me.get(paths::SEARCH).await.has(".empty"));
    let done = me.post(paths::SEARCH, &[]).await;
    assert_eq!(done.expect(303).location(), paths::SEARCH);
    assert_eq!(
        me.get(paths::SEARCH)
            .await
            .attr("#recherche", "data-refresh")
            .unwrap(),
        "1"
    );
    assert!(me.get(paths::LIST).await.has(".running"));
    me.post(paths::SEARCH, &[]).await.expect(303);
    assert_eq!(test.count("select count(*) from jobs").await, 1);
    test.run_jobs().await;
    let page = me.get(paths::SEARCH).await;
    assert!(page.attr("#recherche", "data-refresh").is_none());
    assert!(
        page.text("#recherche").contains("1 nouvelle proposition"),
        "{}",
        page.text("#recherche")
    );
    assert!(!me.get(paths::LIST).await.has(".running"));
}

#[tokio::test]
async fn an_idea_goes_through_its_whole_life_by_hand() {
    let test = TestApp::start().await;
    let (giver, receiver) = pair(&test).await;
    let mut new = store::NewSynergy::by_hand(
        Kind::Sharing,
        Origin::Workshop,
        "Quai partagé",
        "Idée de l’atelier de mars.",
    );
    for (establishment, side) in [(giver.id, Side::Outbound), (receiver.id, Side::Inbound)] {
        new.members.push(store::NewMember {
            establishment,
            flow: None,
            side,
            annual_quantity: None,
        });
    }
    let scope = make::scope(&test, test.territory);
    for expected in [true, false] {
        let inserted = test
            .system()
            .transact(async |tx| -> anyhow::Result<bool> { Ok(store::insert(tx, &scope, &new).await?) })
            .await
            .unwrap();
        assert_eq!(inserted, expected);
    }
    let on = test.system().today() - chrono::Days::new(366);
    for step in [
        Step::Take,
        Step::Prevalidate(Grid::all_green()),
        Step::ProposeContact,
        Step::Agree,
        Step::Study(Grid::all_green()),
        Step::Implement,
        Step::Realise { on },
        Step::Sustain { proof: None },
    ] {
        if matches!(step, Step::Study(_)) {
            make::introduced(&test, new.id).await;
        }
        advance(&test, new.id, step).await;
    }
    assert_eq!(state(&test, new.id).await, State::Durable);
    let me = test.as_(Role::Advisor).await;
    let list = me.get("/synergies?corbeille=en-place").await;
    assert_eq!(list.text(".rows .t"), "Quai partagé");
    let sheet = me.get(&paths::show(&new.id)).await;
    assert_eq!(sheet.expect(200).texts(".line li").len(), 9);
    assert!(sheet.text("main").contains("Idée de l’atelier de mars."));
    let refused = me.post(&paths::take(&new.id), &[]).await;
    assert!(
        refused
            .expect(409)
            .text("main")
            .contains("elle ne peut pas être prise en charge")
    );
}

#[tokio::test]
async fn a_neighbours_synergy_does_not_exist() {
    let test = TestApp::start().await;
    let id = proposed(&test).await;
    let elsewhere = make::territory(&test.system(), "Pays voisin").await;
    let user = make::user(&test, Role::Advisor, elsewhere).await;
    let stranger: Client = test.signed_in(user).await;
    assert!(stranger.get(paths::LIST).await.has(".empty"));
    assert!(
        stranger
            .get(&format!("/synergies?choisie={id}"))
            .await
            .expect(200)
            .has(".empty")
    );
    for path in [
        paths::show(&id),
        paths::reject(&id),
        paths::sleep(&id),
        paths::prevalidate(&id),
        paths::members(&id),
    ] {
        stranger.get(&path).await.expect(404);
    }
    stranger
        .post(&paths::reject(&id), &[("motive", "gain")])
        .await
        .expect(404);
    stranger.post(&paths::prevalidate(&id), &GREEN).await.expect(404);
    for path in [paths::take(&id), paths::resume(&id), paths::assign(&id)] {
        stranger.post(&path, &[]).await.expect(404);
    }
    assert_eq!(state(&test, id).await, State::Proposed);
}
