//! From a validated proposal to two companies that know each other: who is asked, who agrees, what
//! leaves, and when names show.

use crate::support::smtp::Sink;
use crate::support::{Client, TestApp, make};
use chrono::Duration;
use maillage::companies::Establishment;
use maillage::kernel::Direction;
use maillage::kernel::ids::{CompanyId, SynergyId};
use maillage::platform::access::{CompanyScope, Role};
use maillage::portal::store as portal;
use maillage::synergies::store::{self, Said};
use maillage::synergies::{Channel, Grid, State, Step, Word, paths};

const A: &str = "Cartonnerie Belle-Anse";
const B: &str = "Verrerie du Pic-Vert";

/// A validated proposal between two companies that each have a space, and the advisor who follows it.
struct Story {
    test: TestApp,
    sink: Sink,
    advisor: Client,
    companies: [(Establishment, Client); 2],
    id: SynergyId,
}

impl Story {
    async fn start() -> Self {
        let sink = Sink::start().await;
        let test = TestApp::with_mail(&sink).await;
        let advisor = test.as_(Role::Advisor).await;
        let mut companies = Vec::new();
        for name in [A, B] {
            let site = make::establishment(&test, test.territory, name).await;
            let user = make::user_of(&test, Role::Company, test.territory, Some(site.company_id)).await;
            companies.push((site, test.signed_in(user).await));
        }
        let steps = vec![Step::Prevalidate(Grid::all_green())];
        let id =
            make::synergy_between(&test, [(&companies[0].0, None), (&companies[1].0, None)], steps).await;
        test.execute(format!("update synergies set assigned_to = '{}'", advisor.user))
            .await;
        let companies = companies.try_into().unwrap_or_else(|_| panic!("two companies"));
        Self {
            test,
            sink,
            advisor,
            companies,
            id,
        }
    }

    fn company(&self, rank: usize) -> &Client {
        &self.companies[rank].1
    }

    fn proposal(&self) -> String {
        format!("/mon-espace/propositions/{}", self.id)
    }

    async fn propose(&self) {
        self.advisor
            .post(&paths::propose(&self.id), &[])
            .await
            .expect(303);
    }

    async fn say(&self, rank: usize, word: &str) -> u16 {
        let fields = [
            ("word", word),
            ("reason", "contract"),
            ("comment", "Appelez-nous"),
        ];
        let reply = self
            .company(rank)
            .post(&format!("{}/reponse", self.proposal()), &fields)
            .await;
        reply.status.as_u16()
    }

    async fn state(&self) -> State {
        let scope = make::scope(&self.test, self.test.territory);
        let mut db = self.test.system().read().await.unwrap();
        store::find(&mut db, &scope, self.id)
            .await
            .unwrap()
            .unwrap()
            .state
    }

    /// Whether each company reads the other's name.
    async fn named(&self) -> [bool; 2] {
        let mut named = [false; 2];
        for (rank, other) in [B, A].into_iter().enumerate() {
            let pages = [self.proposal(), "/mon-espace".to_owned()];
            for page in pages {
                let reply = self.company(rank).get(&page).await;
                named[rank] |= reply.expect(200).html().contains(other);
            }
        }
        named
    }

    /// Recipients of the letters that left since the last look.
    async fn letters(&self) -> Vec<(String, String)> {
        self.test.run_jobs().await;
        let received = self.sink.received();
        received
            .iter()
            .map(|got| (got.to.clone(), got.header("Subject")))
            .collect()
    }
}

#[tokio::test]
async fn the_whole_way_to_an_introduction() {
    let story = Story::start().await;
    assert!(
        story.letters().await.is_empty(),
        "nothing leaves before an advisor says so"
    );
    story.propose().await;
    let letters = story.letters().await;
    assert_eq!(letters.len(), 2);
    for (rank, name) in [A, B].into_iter().enumerate() {
        let to = format!("{}@exemple.fr", story.company(rank).user);
        let got = story
            .sink
            .received()
            .into_iter()
            .find(|got| got.to == to)
            .unwrap();
        assert_eq!(got.header("Subject"), format!("Une piste pour {name}"));
        let other = [B, A][rank];
        assert!(!got.part("text/plain").contains(other) && !got.part("text/html").contains(other));
    }
    // The link of the letter opens a page, and that is all.
    story.company(0).get(&story.proposal()).await.expect(200);
    assert_eq!(story.test.count("select count(*) from synergy_consents").await, 0);

    assert_eq!(story.say(0, "agreed").await, 303);
    assert_eq!(story.named().await, [false, false]);
    let told = story.letters().await.pop().unwrap();
    assert_eq!(
        told,
        (
            format!("{}@exemple.fr", story.advisor.user),
            "S-0001 : Cartonnerie Belle-Anse a répondu".to_owned()
        )
    );
    let page = story.company(0).get(&story.proposal()).await;
    assert!(
        page.text("#reponse").contains("Cela nous intéresse"),
        "{}",
        page.text("#reponse")
    );

    // Too early for the advisor to name anybody.
    story
        .advisor
        .get(&paths::introduction(&story.id))
        .await
        .expect(409);
    story
        .advisor
        .post(&paths::introduction_send(&story.id), &[])
        .await
        .expect(409);
    story.advisor.get(&paths::meeting(&story.id)).await.expect(409);

    // The other one answers by telephone.
    let company = story.companies[1].0.company_id.to_string();
    let empty = story
        .advisor
        .post(&paths::answer(&story.id), &[("company", &company)])
        .await;
    empty.expect(422);
    assert_eq!(empty.texts(".errsum li").len(), 3);
    let fields = [
        ("company", company.as_str()),
        ("word", "agreed"),
        ("channel", "phone"),
        ("person", "La gérante"),
    ];
    story
        .advisor
        .post(&paths::answer(&story.id), &fields)
        .await
        .expect(303);
    assert_eq!(story.state().await, State::Agreed);
    assert_eq!(story.named().await, [true, true]);
    let sheet = story.advisor.get(&paths::show(&story.id)).await;
    assert!(
        sheet.text("#accords").contains("La gérante, téléphone"),
        "{}",
        sheet.text("#accords")
    );

    // The message is written, kept, corrected, then sent.
    let before = story.letters().await.len();
    let page = story.advisor.get(&paths::introduction(&story.id)).await;
    page.expect(200);
    let mut fields = page.fields("main form");
    let body = fields.iter().find(|(name, _)| name == "body").unwrap().1.clone();
    assert!(body.contains(A) && body.contains(B), "{body}");
    for (name, value) in &mut fields {
        if name == "body" {
            value.push_str("\nUn mot de plus : l’été.");
        }
    }
    let typed = |fields: &[(String, String)]| {
        fields
            .iter()
            .map(|(n, v)| (n.clone(), v.clone()))
            .collect::<Vec<_>>()
    };
    let borrowed = typed(&fields);
    let borrowed: Vec<_> = borrowed.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    story
        .advisor
        .post(&paths::introduction(&story.id), &borrowed)
        .await
        .expect(303);
    assert_eq!(story.letters().await.len(), before, "a draft does not leave");
    let stale = story
        .advisor
        .post(&paths::introduction_send(&story.id), &borrowed)
        .await;
    stale.expect(409);
    let fields = story
        .advisor
        .get(&paths::introduction(&story.id))
        .await
        .fields("main form");
    let borrowed: Vec<_> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let nobody: Vec<_> = borrowed
        .iter()
        .copied()
        .filter(|(name, _)| *name != "recipients")
        .collect();
    story
        .advisor
        .post(&paths::introduction_send(&story.id), &nobody)
        .await
        .expect(422);
    let send = paths::introduction_send(&story.id);
    let (one, two) = tokio::join!(
        story.advisor.post(&send, &borrowed),
        story.advisor.post(&send, &borrowed)
    );
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409], "sent once");
    let letters = story.letters().await;
    assert_eq!(letters.len(), before + 2);
    let got = story.sink.received().pop().unwrap();
    assert_eq!(
        got.header("Reply-To"),
        format!("{}@exemple.fr", story.advisor.user)
    );
    assert!(got.part("text/plain").contains("Un mot de plus : l’été."));

    // From now on nobody takes a word back.
    story
        .company(0)
        .post(&format!("{}/retrait", story.proposal()), &[])
        .await
        .expect(409);
    assert_eq!(story.say(1, "declined").await, 409);
    assert_eq!(story.named().await, [true, true]);

    // They meet, and are asked once what they think of it.
    let place = [
        ("held_on", "3/12/2026"),
        ("hour", "14 h 30"),
        ("place", "À la verrerie"),
        ("attendees", "secret"),
    ];
    story
        .advisor
        .post(&paths::meeting(&story.id), &place)
        .await
        .expect(303);
    let page = story.company(0).get(&story.proposal()).await;
    assert!(page.text(".kv").contains("3 décembre 2026 à 14 h 30") && !page.html().contains("secret"));
    story
        .company(0)
        .post(&format!("{}/avis", story.proposal()), &[])
        .await
        .expect(422);
    let mark = [("mark", "4"), ("comment", "Très bien")];
    story
        .company(0)
        .post(&format!("{}/avis", story.proposal()), &mark)
        .await
        .expect(303);
    assert!(
        story
            .company(0)
            .get(&story.proposal())
            .await
            .text("#avis")
            .contains("Très utile")
    );
}

#[tokio::test]
async fn an_agreement_is_taken_back_until_the_introduction() {
    let story = Story::start().await;
    // Answering needs no proposal by letter: the space shows what is validated.
    assert_eq!(story.say(0, "agreed").await, 303);
    assert_eq!(story.say(1, "agreed").await, 303);
    assert_eq!(
        (story.state().await, story.named().await),
        (State::Agreed, [true, true])
    );
    story
        .company(1)
        .post(&format!("{}/retrait", story.proposal()), &[])
        .await
        .expect(303);
    assert_eq!(
        (story.state().await, story.named().await),
        (State::ContactProposed, [false, false])
    );
    story
        .company(1)
        .post(&format!("{}/retrait", story.proposal()), &[])
        .await
        .expect(409);
    story
        .advisor
        .post(&paths::introduction_send(&story.id), &[])
        .await
        .expect(409);
    assert_eq!(story.say(1, "agreed").await, 303);
    assert_eq!(story.named().await, [true, true]);
}

#[tokio::test]
async fn a_refusal_needs_a_reason_and_is_told_to_the_advisor() {
    let story = Story::start().await;
    let answer = format!("{}/reponse", story.proposal());
    let empty = story.company(0).post(&answer, &[("comment", "gardé")]).await;
    empty.expect(422);
    assert!(empty.html().contains("gardé"), "what was typed is kept");
    story
        .company(0)
        .post(&answer, &[("word", "declined")])
        .await
        .expect(422);
    story
        .company(0)
        .post(&answer, &[("word", "withdrawn")])
        .await
        .expect(422);
    assert_eq!(story.say(0, "declined").await, 303);
    story.test.run_jobs().await;
    let told = story.sink.received().pop().unwrap().part("text/plain");
    assert!(
        told.contains("pas intéressée")
            && told.contains("Nous avons un contrat en cours")
            && told.contains("> Appelez-nous"),
        "{told}"
    );
    // A stranger has no say, and does not learn that there is something to say.
    let stranger = story.test.as_(Role::Company).await;
    stranger.post(&answer, &[("word", "agreed")]).await.expect(404);
    stranger
        .post(&format!("{}/retrait", story.proposal()), &[])
        .await
        .expect(404);
}

#[tokio::test]
async fn going_back_to_study_asks_the_companies_anew() {
    let story = Story::start().await;
    assert_eq!(story.say(0, "agreed").await, 303);
    let scope = make::scope(&story.test, story.test.territory);
    story
        .test
        .system()
        .transact(async |tx| -> anyhow::Result<()> {
            store::advance(tx, &scope, story.id, Step::Resume).await?;
            store::advance(tx, &scope, story.id, Step::Prevalidate(Grid::all_green())).await?;
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(story.say(1, "agreed").await, 303);
    assert_eq!(story.named().await, [false, false]);
}

#[tokio::test]
async fn a_neighbours_staff_neither_asks_nor_introduces() {
    let story = Story::start().await;
    let elsewhere = make::territory(&story.test.system(), "Pays voisin").await;
    let user = make::user(&story.test, Role::Advisor, elsewhere).await;
    let stranger = story.test.signed_in(user).await;
    for path in [
        paths::answer(&story.id),
        paths::introduction(&story.id),
        paths::meeting(&story.id),
    ] {
        stranger.get(&path).await.expect(404);
        stranger.post(&path, &[]).await.expect(404);
    }
    for path in [paths::propose(&story.id), paths::introduction_send(&story.id)] {
        stranger.post(&path, &[]).await.expect(404);
    }
    assert!(story.letters().await.is_empty());
}

/// Numbers that look drawn, the same on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

/// A sample, through the real functions and the real database, of what the property of `talks` says of
/// 10,000 sequences.
#[tokio::test]
async fn names_show_exactly_while_both_agree_in_the_database_too() {
    let story = Story::start().await;
    let test = &story.test;
    let system = test.system();
    let scope = make::scope(test, test.territory);
    let companies: [CompanyId; 2] = [0, 1].map(|rank| story.companies[rank].0.company_id);
    let eyes = companies.map(|company| CompanyScope::of_system(&system, vec![company]));
    let mut dice = Dice(2_026);
    let (mut looks, mut seen) = (0, 0);
    for _ in 0..25 {
        let steps = vec![Step::Prevalidate(Grid::all_green())];
        let sites = [(&story.companies[0].0, None), (&story.companies[1].0, None)];
        let id = make::synergy_between(test, sites, steps).await;
        let mut said = [None, None];
        for _ in 0..12 {
            let rank = dice.roll(2);
            let act = dice.roll(8);
            let word = [
                Word::Agreed,
                Word::Agreed,
                Word::Agreed,
                Word::Withdrawn,
                Word::Later,
                Word::Declined,
            ]
            .get(act);
            let taken = system
                .transact(async |tx| -> anyhow::Result<()> {
                    tx.nothing_to_record();
                    match word {
                        Some(word) => {
                            let said = Said {
                                word: *word,
                                channel: Channel::Phone,
                                person: "Quelqu’un".to_owned(),
                                motive: None,
                                comment: None,
                            };
                            if dice.roll(2) == 0 {
                                store::note(tx, &scope, id, companies[rank], &said).await?;
                            } else {
                                store::answer(tx, &eyes[rank], id, &said).await?;
                            }
                        }
                        None => {
                            store::advance(tx, &scope, id, Step::Resume).await?;
                            store::advance(tx, &scope, id, Step::Prevalidate(Grid::all_green())).await?;
                        }
                    }
                    Ok(())
                })
                .await
                .is_ok();
            if taken {
                match word {
                    Some(word) => said[rank] = Some(*word),
                    None => said = [None, None],
                }
            }
            let mutual = said == [Some(Word::Agreed); 2];
            let mut db = system.read().await.unwrap();
            for eye in &eyes {
                let proposal = portal::proposal(&mut db, eye, id).await.unwrap().unwrap();
                assert_eq!(proposal.others.is_named(), mutual, "{said:?}");
                looks += 1;
                seen += usize::from(mutual);
            }
        }
    }
    println!("{looks} looks at 25 synergies through the database, names shown in {seen}");
    assert!(seen > 0 && seen < looks);
}

#[tokio::test]
async fn mornings_bring_reminders_and_tuesdays_a_recap_once() {
    let story = Story::start().await;
    story.propose().await;
    story.test.run_jobs().await;
    let already = story.sink.received().len();
    maillage::app::plan_daily(&story.test.system()).await.unwrap();
    let mut subjects = Vec::new();
    for _ in 0..11 {
        story.test.travel(Duration::days(1));
        story.test.run_jobs().await;
    }
    for got in story.sink.received().iter().skip(already) {
        subjects.push((got.to.clone(), got.header("Subject")));
    }
    let of = |words: &str| {
        subjects
            .iter()
            .filter(|(_, subject)| subject.starts_with(words))
            .count()
    };
    assert_eq!(of("Une synergie n’avance plus"), 1, "{subjects:?}");
    assert_eq!(of("Rappel : une piste pour"), 2, "{subjects:?}");
    assert!(
        (1..=2).contains(&of("Ce qui vous attend cette semaine")),
        "{subjects:?}"
    );
    // Making up for the same morning writes nothing twice.
    let count = story.sink.received().len();
    story.test.execute("update jobs set state = 'queued', attempts = 0, run_at = now() where name = 'daily' and state = 'done'".to_owned()).await;
    story.test.run_jobs().await;
    assert_eq!(story.sink.received().len(), count);
}

#[tokio::test]
async fn a_morning_without_the_machine_is_made_up_for_and_each_level_is_said_once() {
    let story = Story::start().await;
    story.propose().await;
    story.test.run_jobs().await;
    let already = story.sink.received().len();
    // Nobody ran anything on the ninth day.
    story.test.travel(Duration::days(12));
    maillage::app::plan_daily(&story.test.system()).await.unwrap();
    for _ in 0..14 {
        story.test.travel(Duration::days(1));
        story.test.run_jobs().await;
    }
    let subjects: Vec<_> = story
        .sink
        .received()
        .iter()
        .skip(already)
        .map(|got| got.header("Subject"))
        .collect();
    let of = |words: &str| {
        subjects
            .iter()
            .filter(|subject| subject.starts_with(words))
            .count()
    };
    assert_eq!(of("Une synergie n’avance plus"), 2, "{subjects:?}");
    assert_eq!(of("Rappel : une piste pour"), 4, "{subjects:?}");
}

#[tokio::test]
async fn an_agreement_taken_back_says_what_was_already_read() {
    let story = Story::start().await;
    story.propose().await;
    story.say(0, "agreed").await;
    let page = story.company(0).get(&story.proposal()).await;
    assert!(
        page.text("#reponse")
            .contains("Dès que l’autre partie est d’accord")
    );
    story.say(1, "agreed").await;
    let page = story.company(0).get(&story.proposal()).await;
    assert!(page.text("#reponse").contains("ils auront été lus"));
    story
        .company(0)
        .post(&format!("{}/retrait", story.proposal()), &[])
        .await
        .expect(303);
    let page = story.company(0).get(&story.proposal()).await;
    assert!(page.text(".toast").contains("a déjà pu lire celui de l’autre"));
    assert_eq!(story.named().await, [false, false]);
}

#[tokio::test]
async fn a_point_of_law_left_to_check_keeps_companies_apart_until_it_is_lifted() {
    let story = Story::start().await;
    let giver = &story.companies[0].0;
    let flow = make::flow(
        &story.test,
        giver,
        Direction::Outbound,
        "MAT-01",
        ("Cartons", 3.0, "t"),
    )
    .await;
    let id = story.id;
    story
        .test
        .execute(format!(
            "update synergy_members set flow_id = '{}' where synergy_id = '{id}' and side = 'outbound';
             insert into regulatory_checks (synergy_id, point, answer) values ('{id}', 'status', 'to_check'), ('{id}', 'icpe', 'to_check')",
            flow.id
        ))
        .await;
    story.propose().await;
    assert_eq!(
        [story.say(0, "agreed").await, story.say(1, "agreed").await],
        [303, 303]
    );
    let point = format!("{}#f-point_status", paths::feasibility(&id));
    let sheet = story.advisor.get(&paths::show(&id)).await;
    assert!(sheet.text("#accords").contains("Contrôle réglementaire à faire"));
    assert!(sheet.has(&format!("#accords a[href='{point}']")));
    let page = story.advisor.get(&paths::introduction(&id)).await;
    assert!(page.has(&format!(".note a[href='{point}']")));
    assert!(
        !page.text(".note").contains("ICPE"),
        "thresholds are looked at together"
    );
    let fields = page.fields("main form");
    let mut borrowed: Vec<_> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let sent = "select count(*) from introductions where sent_at is not null";
    let refused = story
        .advisor
        .post(&paths::introduction_send(&id), &borrowed)
        .await;
    refused.expect(422);
    assert!(
        refused
            .text(".errsum")
            .contains("attend un contrôle réglementaire : Statut du flux")
    );
    assert_eq!(story.test.count(sent).await, 0);
    borrowed.retain(|(name, _)| *name != "lift");
    borrowed.push(("lift", "La préfecture l’a confirmé par écrit."));
    story
        .advisor
        .post(&paths::introduction_send(&id), &borrowed)
        .await
        .expect(303);
    assert_eq!(story.test.count(sent).await, 1);
    let kept = "select count(*) from journal where action like 'contrôle réglementaire levé%' and comment = 'La préfecture l’a confirmé par écrit.'";
    assert_eq!(story.test.count(kept).await, 1);
}

#[tokio::test]
async fn a_check_put_off_at_the_pre_validation_is_a_point_to_check() {
    let test = TestApp::start().await;
    let advisor = test.as_(Role::Advisor).await;
    let giver = make::establishment(&test, test.territory, A).await;
    let taker = make::establishment(&test, test.territory, B).await;
    let flow = make::flow(
        &test,
        &giver,
        Direction::Outbound,
        "MAT-01",
        ("Cartons", 3.0, "t"),
    )
    .await;
    let id = make::synergy_between(&test, [(&giver, Some(flow.id)), (&taker, None)], Vec::new()).await;
    let grades = [
        ("technical", "green"),
        ("economic", "green"),
        ("regulatory", "orange"),
        ("organisational", "green"),
        ("check", "to_do"),
    ];
    advisor.post(&paths::prevalidate(&id), &grades).await.expect(303);
    let left = "select count(*) from regulatory_checks where answer = 'to_check' and point in ('status', 'receiver')";
    assert_eq!(test.count(left).await, 2);
    let study = advisor.get(&paths::feasibility(&id)).await;
    assert!(
        study.has("#f-point_status[checked]"),
        "the feasibility sheet shows it"
    );
}

#[tokio::test]
async fn two_weeks_after_the_introduction_each_company_is_asked_once() {
    let story = Story::start().await;
    let day = |day| chrono::NaiveDate::from_ymd_opt(2031, 2, day).unwrap();
    story.test.travel_to(day(1));
    let story = Story {
        advisor: story.test.signed_in(story.advisor.user).await,
        ..story
    };
    story
        .test
        .execute(format!(
            "insert into synergy_consents (synergy_id, company_id, word, channel, person, said_at)
                 select '{0}', company_id, 'agreed', 'phone', 'La gérante', timestamptz '2031-02-01 08:00+00' from establishments;
             update synergies set state = 'agreed' where id = '{0}';
             insert into introductions (synergy_id, subject, body, recipients, written_at, sent_at)
                 values ('{0}', 'Bonjour', 'Bonjour', '{{}}', timestamptz '2031-02-01 08:00+00', timestamptz '2031-02-01 08:00+00')",
            story.id
        ))
        .await;
    let asked = "select count(*) from letters where topic = 'satisfaction'";
    for (on, letters) in [(14, 0), (15, 2), (16, 2), (20, 2)] {
        story.test.travel_to(day(on));
        maillage::portal::ask_opinions(&story.test.system())
            .await
            .unwrap();
        assert_eq!(story.test.count(asked).await, letters, "on the {on}th");
    }
    let company = story.test.signed_in(story.company(0).user).await;
    let page = company.get(&story.proposal()).await;
    page.expect(200);
    company
        .post(&format!("{}/avis", story.proposal()), &[("mark", "4")])
        .await
        .expect(303);
    assert_eq!(story.test.count("select count(*) from satisfactions").await, 1);
}

#[tokio::test]
async fn after_the_last_chance_silent_companies_are_without_news_unless_something_is_planned() {
    let story = Story::start().await;
    let test = &story.test;
    story.propose().await;
    test.run_jobs().await;
    let already = story.sink.received().len();
    let since = test.system().today();
    let morning = async |days: i64| {
        let on = since + Duration::days(days);
        test.travel_to(on);
        maillage::synergies::remind(&test.system(), on).await.unwrap();
        test.run_jobs().await;
    };
    for days in [9, 21, 44, 45, 46, 51] {
        morning(days).await;
        assert_eq!(story.state().await, State::ContactProposed, "{days}");
    }
    let received = story.sink.received();
    let last: Vec<_> = received
        .iter()
        .skip(already)
        .filter(|got| got.header("Subject") == "Dernière chance pour une synergie")
        .collect();
    assert_eq!(last.len(), 1);
    let day = (since + Duration::days(52)).format("%d/%m/%Y").to_string();
    let text = last[0].part("text/plain");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        text.contains("depuis 45 jours. Dernière chance") && text.contains(&day),
        "{text}"
    );

    let planned = [
        ("what", "Rappeler".to_owned()),
        ("owner", story.advisor.user.to_string()),
        (
            "due_on",
            (since + Duration::days(60)).format("%d/%m/%Y").to_string(),
        ),
    ];
    let planned: Vec<_> = planned.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let advisor = test.signed_in(story.advisor.user).await;
    let page = advisor.post(&paths::action(&story.id), &planned).await;
    assert!(page.expect(303).location().contains(&story.id.to_string()));
    morning(52).await;
    assert_eq!(story.state().await, State::ContactProposed);
    morning(61).await;
    assert_eq!(story.state().await, State::Silent);
    let advisor = test.signed_in(story.advisor.user).await;
    let basket = advisor.get("/synergies?corbeille=sans-nouvelles").await;
    assert!(basket.has(".rows .t"));
}

#[tokio::test]
async fn what_a_meeting_decides_is_the_next_action_until_it_is_done() {
    let story = Story::start().await;
    story.propose().await;
    for rank in 0..2 {
        story.say(rank, "agreed").await;
    }
    let advisor = &story.advisor;
    let meeting = paths::meeting(&story.id);
    let owner = advisor.user.to_string();
    let mut fields = vec![
        ("held_on", "03/12/2026"),
        ("place", "Visioconférence"),
        ("next_action", "Envoyer la fiche technique"),
        ("next_on", ""),
        ("next_owner", owner.as_str()),
    ];
    let refused = advisor.post(&meeting, &fields).await;
    assert!(refused.expect(422).has("#e-next_on"));
    assert_eq!(
        refused.attr("#f-next_action", "value").as_deref(),
        Some("Envoyer la fiche technique")
    );
    fields[3].1 = "10/12/2026";
    advisor.post(&meeting, &fields).await.expect(303);
    let home = advisor.get("/").await.text(".next");
    assert!(home.contains("Envoyer la fiche technique"), "{home}");
    let page = advisor.get(&meeting).await;
    assert_eq!(page.attr("#f-next_on", "value").as_deref(), Some("10/12/2026"));
    let queue = advisor.get("/synergies?corbeille=mises-en-relation").await;
    assert!(queue.text(".rows .n").contains("Envoyer la fiche technique"));

    advisor
        .post(&paths::action_done(&story.id), &[])
        .await
        .expect(303);
    let home = advisor.get("/").await;
    assert!(!home.has(".next") || !home.text(".next").contains("fiche technique"));
    assert_eq!(
        story
            .test
            .count("select count(*) from next_actions where done_on is not null")
            .await,
        1
    );
}
