//! One synergy from the proposal to « pérenne », as three people live it: the advisor who follows it and the two
//! companies. At each step, what each reads and what each receives: a name shows when both agreed, not before.

use crate::support::browser::Browser;
use crate::support::smtp::Sink;
use crate::support::{Client, TestApp, make};
use chrono::Duration;
use fantoccini::Locator;
use maillage::kernel::Direction;
use maillage::kernel::ids::{SynergyId, UserId};
use maillage::platform::access::Role;

const A: &str = "Cartonnerie Belle-Anse";
const B: &str = "Verrerie du Pic-Vert";

struct Story {
    test: TestApp,
    sink: Sink,
    browser: Browser,
    id: SynergyId,
    advisor: UserId,
    companies: [UserId; 2],
    committee: UserId,
    /// Letters already looked at.
    read: usize,
}

impl Story {
    async fn begin() -> Self {
        let sink = Sink::start().await;
        let test = TestApp::with_mail(&sink).await;
        let a = make::establishment(&test, test.territory, A).await;
        let b = make::establishment(&test, test.territory, B).await;
        let carton = ("Chutes de carton", 38.4, "t");
        let out = make::flow(&test, &a, Direction::Outbound, "MAT-01", carton).await;
        let fill = ("Calage pour colis", 120.0, "m3");
        let into = make::flow(&test, &b, Direction::Inbound, "MAT-09", fill).await;
        let ends = [(&a, Some(out.id)), (&b, Some(into.id))];
        let id = make::synergy_between(&test, ends, Vec::new()).await;
        let mut companies = Vec::new();
        for site in [&a, &b] {
            companies.push(make::user_of(&test, Role::Company, test.territory, Some(site.company_id)).await);
        }
        Self {
            id,
            advisor: make::user(&test, Role::Advisor, test.territory).await,
            committee: make::user(&test, Role::Committee, test.territory).await,
            companies: companies.try_into().unwrap(),
            browser: Browser::open(&test).await,
            test,
            sink,
            read: 0,
        }
    }

    /// Becomes that person, signed in anew.
    async fn is(&self, user: UserId) -> Client {
        let client = self.test.signed_in(user).await;
        self.browser.become_(&client).await;
        client
    }

    async fn advisor_opens_it(&self) {
        self.is(self.advisor).await;
        self.browser.goto(&format!("/synergies/{}", self.id)).await;
        self.browser.says(A).await;
        self.browser.says(B).await;
    }

    async fn advisor_picture(&self, moment: &str) {
        self.advisor_opens_it().await;
        self.browser.picture(&format!("recit-{moment}-conseiller")).await;
    }

    async fn company_opens_it(&self, rank: usize) {
        self.is(self.companies[rank]).await;
        let path = format!("/mon-espace/propositions/{}", self.id);
        self.browser.goto(&path).await;
        self.browser.find("main h1").await;
    }

    /// What each company reads of the other, on its proposal and in its space; the committee reads no name at all.
    async fn names(&self, moment: &str, known: [bool; 2]) {
        for (rank, other) in [B, A].into_iter().enumerate() {
            self.company_opens_it(rank).await;
            let page = self.browser.page.source().await.unwrap();
            let which = ["a", "b"][rank];
            self.browser.picture(&format!("recit-{moment}-{which}")).await;
            assert_eq!(
                page.contains(other),
                known[rank],
                "{moment}: {other} on the proposal"
            );
            self.browser.goto("/mon-espace").await;
            let page = self.browser.page.source().await.unwrap();
            assert!(
                known[rank] || !page.contains(other),
                "{moment}: {other} in the space"
            );
        }
        let committee = self.test.signed_in(self.committee).await;
        let board = committee.get("/tableau-de-bord").await.html();
        assert!(
            !board.contains(A) && !board.contains(B),
            "{moment}: the committee"
        );
    }

    /// The letters since the last look: to whom, about what, and its words.
    async fn letters(&mut self) -> Vec<(String, String, String)> {
        self.test.run_jobs().await;
        let received = self.sink.received();
        let fresh = received[self.read..].iter();
        let letters = fresh
            .map(|got| {
                let words = format!("{}\n{}", got.part("text/plain"), got.part("text/html"));
                (got.to.clone(), got.header("Subject"), words)
            })
            .collect();
        self.read = received.len();
        letters
    }

    fn address(&self, rank: usize) -> String {
        format!("{}@exemple.fr", self.companies[rank])
    }

    async fn tick(&self, css: &str) {
        self.browser.find(css).await;
        for found in self.browser.page.find_all(Locator::Css(css)).await.unwrap() {
            found.click().await.unwrap();
        }
    }

    async fn prevalidated(&mut self) {
        self.advisor_opens_it().await;
        self.browser.picture("recit-1-conseiller").await;
        self.companies_see_nothing().await;
        self.browser.press("Je prends en charge").await;
        self.browser.press("Je pré-valide…").await;
        for axis in ["technical", "economic", "regulatory", "organisational"] {
            self.tick(&format!("[name={axis}][value=green]")).await;
        }
        let checks = self.browser.page.find_all(Locator::Css("[name=check]")).await;
        if let Some(first) = checks.unwrap().into_iter().next() {
            first.click().await.unwrap();
        }
        self.browser.press("Je pré-valide").await;
        self.browser.announces("Proposition pré-validée").await;
        assert_eq!(
            self.letters().await,
            [],
            "nothing leaves before an advisor says so"
        );
    }

    async fn companies_see_nothing(&self) {
        let early = self.test.signed_in(self.companies[0]).await;
        let path = format!("/mon-espace/propositions/{}", self.id);
        early.get(&path).await.expect(404);
    }

    async fn proposed(&mut self) {
        self.advisor_opens_it().await;
        self.browser.press("Je propose aux entreprises").await;
        self.browser.find(".toast").await;
        let letters = self.letters().await;
        for (rank, other) in [B, A].into_iter().enumerate() {
            let (_, subject, words) = letters.iter().find(|(to, ..)| *to == self.address(rank)).unwrap();
            assert!(!subject.contains(other) && !words.contains(other), "{words}");
        }
        self.names("2-proposee", [false, false]).await;
        self.advisor_picture("2-proposee").await;
    }

    async fn both_agree(&mut self) {
        for (rank, known) in [(0, [false, false]), (1, [true, true])] {
            self.company_opens_it(rank).await;
            self.browser.click("[name=word][value=agreed]").await;
            self.browser.press("J’envoie ma réponse").await;
            self.browser.says("Je retire mon accord").await;
            let told = self.letters().await;
            let advisor = format!("{}@exemple.fr", self.advisor);
            assert!(
                told.iter().all(|(to, ..)| *to == advisor),
                "only the advisor is told: {told:?}"
            );
            self.names(&format!("3-accord-{}", rank + 1), known).await;
        }
        self.advisor_picture("3-accord-2").await;
    }

    async fn introduced(&mut self) {
        self.advisor_opens_it().await;
        self.browser.press("J’écris la mise en relation").await;
        self.browser.press("Je valide et j’envoie").await;
        self.browser
            .announces("Les entreprises sont mises en relation")
            .await;
        let letters = self.letters().await;
        for rank in 0..2 {
            let (_, _, words) = letters.iter().find(|(to, ..)| *to == self.address(rank)).unwrap();
            assert!(words.contains(A) && words.contains(B), "{words}");
        }
        self.names("4-mise-en-relation", [true, true]).await;
        self.advisor_picture("4-mise-en-relation").await;
    }

    async fn studied(&mut self) {
        self.advisor_opens_it().await;
        self.browser.press("J’étudie la faisabilité").await;
        for axis in [
            "technical",
            "economic",
            "regulatory",
            "organisational",
            "geographic",
            "social",
        ] {
            self.tick(&format!("[name={axis}][value=green]")).await;
        }
        self.tick("#controles [value=checked]").await;
        self.browser.press("L’étude est finie").await;
    }

    async fn in_place(&mut self) {
        self.browser.press("Je lance la mise en œuvre").await;
        self.browser.press("Les échanges ont commencé…").await;
        let today = self.test.system().today().format("%d/%m/%Y").to_string();
        self.browser.type_in("#f-on", &today).await;
        self.browser.press("La synergie est en place").await;
        self.browser
            .says("Ce que cette synergie apporte chaque année")
            .await;
        self.browser.picture("recit-5-conseiller").await;
        for rank in 0..2 {
            self.company_opens_it(rank).await;
            self.browser.says("La synergie est en place").await;
        }
        self.names("5-en-place", [true, true]).await;
    }

    async fn a_year_later(&mut self) {
        self.letters().await;
        let today = self.test.system().today();
        let anniversary = maillage::synergies::anniversary(today);
        self.test.travel_to(anniversary - Duration::days(2));
        maillage::app::plan_daily(&self.test.system()).await.unwrap();
        let mut asked = Vec::new();
        for _ in 0..3 {
            self.test.travel(Duration::days(1));
            asked.extend(self.letters().await);
        }
        let year = asked
            .iter()
            .filter(|(_, subject, _)| subject.contains("douze mois ont passé"));
        assert_eq!(year.count(), 1, "{asked:?}");
        self.advisor_opens_it().await;
        self.browser.press("Je confirme après douze mois…").await;
        self.browser
            .type_in("#f-proof", "Les deux responsables, de vive voix")
            .await;
        self.browser.click("main form .primary").await;
        self.browser.announces("La synergie est pérenne").await;
        self.browser.picture("recit-6-conseiller").await;
        assert_eq!(self.browser.accessibility_faults().await, Vec::<String>::new());
        self.names("6-perenne", [true, true]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_people_live_a_synergy_from_the_proposal_to_durable() {
    let mut story = Story::begin().await;
    story.prevalidated().await;
    story.proposed().await;
    story.both_agree().await;
    story.introduced().await;
    story.studied().await;
    story.in_place().await;
    story.a_year_later().await;
    story.browser.close().await;
}
