//! Neighbouring territories: nothing crosses before both pilots agreed, no name before both advisors did, and
//! nothing any more once somebody took it back.

use crate::support::{Client, TestApp, make};
use chrono::Duration;
use maillage::companies::Establishment;
use maillage::kernel::Direction;
use maillage::kernel::ids::TerritoryId;
use maillage::platform::access::Role;

const AGREEMENTS: &str = "/voisins/accords";
const MATCHES: &str = "/voisins";

/// Two territories, each with a pilot, an advisor and one end of a possible synergy.
struct Border {
    there: TerritoryId,
    pilots: [Client; 2],
    advisors: [Client; 2],
    giver: Establishment,
}

impl Border {
    async fn of(test: &TestApp) -> Self {
        let there = make::territory(&test.system(), "Pays voisin").await;
        let mut people = Vec::new();
        for role in [Role::Pilot, Role::Advisor] {
            for territory in [test.territory, there] {
                people.push(test.signed_in(make::user(test, role, territory).await).await);
            }
        }
        let [mine, theirs, own, other] = people.try_into().ok().unwrap();
        let giver = make::establishment(test, test.territory, "Cartonnerie Belle-Anse").await;
        let receiver = make::establishment(test, there, "Verrerie du Pic-Vert").await;
        let carton = ("Chutes de carton", 40.0, "t");
        make::flow(test, &giver, Direction::Outbound, "MAT-01", carton).await;
        make::flow(
            test,
            &receiver,
            Direction::Inbound,
            "MAT-01",
            ("Cartons de calage", 50.0, "t"),
        )
        .await;
        test.execute("update flows set visibility = 'anonymised'".to_owned())
            .await;
        Self {
            there,
            pilots: [mine, theirs],
            advisors: [own, other],
            giver,
        }
    }

    async fn ask(&self, starts_on: &str, ends_on: &str) {
        let there = self.there.to_string();
        let fields = [
            ("other", there.as_str()),
            ("families", "MAT"),
            ("starts_on", starts_on),
            ("ends_on", ends_on),
        ];
        self.pilots[0].post(AGREEMENTS, &fields).await.expect(303);
    }

    /// The form of the first agreement that this pilot may send.
    async fn send(&self, pilot: usize, which: &str) {
        let page = self.pilots[pilot].get(AGREEMENTS).await;
        let action = page.attr(&format!("form[action$='/{which}']"), "action").unwrap();
        self.pilots[pilot].post(&action, &[]).await.expect(303);
    }

    async fn agree(&self, test: &TestApp) {
        self.ask(&today(test, 0), "").await;
        self.send(1, "acceptation").await;
        test.run_jobs().await;
    }

    async fn say(&self, advisor: usize, word: &str) {
        let page = self.advisors[advisor].get(MATCHES).await;
        let action = page.attr("form[action$='/reponse']", "action").unwrap();
        self.advisors[advisor]
            .post(&action, &[("word", word)])
            .await
            .expect(303);
    }

    async fn reads(&self, advisor: usize) -> String {
        self.advisors[advisor].get(MATCHES).await.text("main")
    }
}

fn today(test: &TestApp, later: i64) -> String {
    (test.system().today() + Duration::days(later))
        .format("%d/%m/%Y")
        .to_string()
}

#[tokio::test]
async fn nothing_crosses_before_both_pilots_agreed() {
    let test = TestApp::start().await;
    let border = Border::of(&test).await;
    test.search().await;
    assert_eq!(test.count("select count(*) from border_matches").await, 0);
    border.ask(&today(&test, 0), "").await;
    let letters = "select count(*) from letters where topic = 'neighbour'";
    assert_eq!(test.count(letters).await, 1, "the other pilot is told");
    assert!(
        !border.pilots[0]
            .get(AGREEMENTS)
            .await
            .has("form[action$='/acceptation']"),
        "who asked cannot accept"
    );
    test.search().await;
    assert_eq!(test.count("select count(*) from border_matches").await, 0);
    border.advisors[1].get(AGREEMENTS).await.expect(403);
    border.send(1, "acceptation").await;
    assert_eq!(test.count(letters).await, 2, "so is who asked");
    test.run_jobs().await;
    assert_eq!(test.count("select count(*) from border_matches").await, 1);
    for side in 0..2 {
        let page = border.reads(side).await;
        assert!(page.contains("Hors territoire"), "{page}");
    }
}

#[tokio::test]
async fn the_other_has_no_name_until_both_advisors_agreed_and_loses_it_again() {
    let test = TestApp::start().await;
    let border = Border::of(&test).await;
    border.agree(&test).await;
    let names = ["Verrerie du Pic-Vert", "Cartonnerie Belle-Anse"];
    let hides = async |border: &Border| {
        for (side, name) in names.iter().enumerate() {
            let page = border.advisors[side].get(MATCHES).await;
            assert!(!page.html().contains(name), "{side} reads {name}");
        }
    };
    hides(&border).await;
    border.say(0, "agreed").await;
    hides(&border).await;
    assert!(
        border
            .reads(1)
            .await
            .contains("Le conseiller voisin a donné son accord.")
    );
    border.say(1, "agreed").await;
    for (side, name) in names.iter().enumerate() {
        let page = border.reads(side).await;
        assert!(page.contains(name) && page.contains("Deux accords"), "{page}");
    }
    border.say(1, "waiting").await;
    hides(&border).await;
    let said = "select count(*) from journal where subject = 'border_match'";
    assert_eq!(test.count(said).await, 3);
    border.say(1, "declined").await;
    for side in 0..2 {
        assert!(!border.reads(side).await.contains("Hors territoire"));
    }
}

#[tokio::test]
async fn words_that_mean_nothing_are_refused() {
    let test = TestApp::start().await;
    let border = Border::of(&test).await;
    border.agree(&test).await;
    let page = border.advisors[0].get(MATCHES).await;
    let action = page.attr("form[action$='/reponse']", "action").unwrap();
    border.advisors[0]
        .post(&action, &[("word", "peut-être")])
        .await
        .expect(400);
    border.advisors[0]
        .post(&action, &[("word", "waiting")])
        .await
        .expect(409);
    let stranger = make::territory(&test.system(), "Ailleurs").await;
    let stranger = test
        .signed_in(make::user(&test, Role::Advisor, stranger).await)
        .await;
    stranger.post(&action, &[("word", "agreed")]).await.expect(404);
    let there = border.there.to_string();
    let backwards = [
        ("other", there.as_str()),
        ("starts_on", "02/01/2030"),
        ("ends_on", "01/01/2030"),
    ];
    let page = border.pilots[0].post(AGREEMENTS, &backwards).await;
    page.expect(422);
    let told = page.text("main");
    assert!(
        told.contains("Cochez au moins une famille") && told.contains("La fin vient avant le début"),
        "{told}"
    );
}

#[tokio::test]
async fn an_agreement_opens_on_its_day_and_closes_when_it_is_over_or_ended() {
    let test = TestApp::start().await;
    let border = Border::of(&test).await;
    border.ask(&today(&test, 10), &today(&test, 20)).await;
    border.send(1, "acceptation").await;
    test.run_jobs().await;
    assert_eq!(
        test.count("select count(*) from border_matches").await,
        0,
        "it has not begun"
    );
    test.travel(Duration::days(10));
    maillage::neighbours::begin(&test.system(), test.system().today())
        .await
        .unwrap();
    test.run_jobs().await;
    let pilot = async |test: &TestApp, territory| {
        test.signed_in(make::user(test, Role::Pilot, territory).await)
            .await
    };
    let seen = async |test: &TestApp| {
        let reader = test
            .signed_in(make::user(test, Role::Advisor, test.territory).await)
            .await;
        reader.get(MATCHES).await.text("main").contains("Hors territoire")
    };
    assert!(seen(&test).await, "it began");
    test.travel(Duration::days(11));
    assert!(!seen(&test).await, "it is over by its date");

    let border = Border {
        pilots: [
            pilot(&test, test.territory).await,
            pilot(&test, border.there).await,
        ],
        ..border
    };
    border.agree(&test).await;
    assert!(seen(&test).await, "a new one is possible");
    border.send(0, "fin").await;
    assert!(!seen(&test).await, "ended at once");
    let page = border.pilots[1].get(AGREEMENTS).await.text("main");
    assert!(page.contains("terminé"), "{page}");
}

#[tokio::test]
async fn what_stays_among_staff_or_is_archived_does_not_cross() {
    let test = TestApp::start().await;
    let border = Border::of(&test).await;
    border.agree(&test).await;
    assert!(border.reads(1).await.contains("Hors territoire"));
    test.execute("update flows set visibility = 'internal' where direction = 'outbound'".to_owned())
        .await;
    assert!(!border.reads(1).await.contains("Hors territoire"));
    test.execute(format!(
        "update flows set visibility = 'shareable';
         update establishments set archived_at = now() where id = '{}'",
        border.giver.id
    ))
    .await;
    assert!(!border.reads(1).await.contains("Hors territoire"));
}
