//! The programme as its pilot writes it: every piece added, changed, refused and taken away; meetings
//! with their attendance and decisions; priorities that the queue follows; the budget.

use crate::support::{Client, TestApp, make};
use maillage::kernel::ids::{PartnerId, TaskId};
use maillage::platform::access::Role;
use maillage::synergies::store::{self as synergies, NewSynergy};
use maillage::synergies::{Kind, Origin};

/// A programme described by the pilot.
async fn described(pilot: &Client) {
    let fields = [
        ("id", "0198c0de-0000-7000-8000-0000000000aa"),
        ("version", "0"),
        ("name", "Démarche d’essai"),
        ("starts_on", "1/4/2025"),
        ("ends_on", "31/3/2028"),
    ];
    pilot.post("/demarche/modifier", &fields).await.expect(303);
}

#[tokio::test]
async fn a_pilot_describes_the_programme_and_others_only_read_it() {
    let test = TestApp::start().await;
    let pilot = test.as_(Role::Pilot).await;
    assert!(
        pilot
            .get("/demarche")
            .await
            .text(".empty")
            .contains("Je décris la démarche")
    );
    pilot.get("/demarche/ajout/calendrier").await.expect(409);
    let wrong = [
        ("version", "0"),
        ("name", "Démarche"),
        ("starts_on", "1/4/2028"),
        ("ends_on", "31/3/2025"),
    ];
    let refused = pilot.post("/demarche/modifier", &wrong).await;
    refused.expect(422);
    assert_eq!(refused.attr("#f-starts_on", "value").as_deref(), Some("1/4/2028"));
    described(&pilot).await;
    described(&pilot).await;
    assert_eq!(
        test.count("select count(*) from programmes").await,
        1,
        "sent twice is written once"
    );
    assert!(
        pilot
            .get("/demarche")
            .await
            .has("a[href='/demarche/ajout/calendrier']")
    );
    for role in [Role::Advisor, Role::Partner, Role::Committee] {
        let reader = test.as_(role).await;
        for path in [
            "/demarche",
            "/demarche/reunions",
            "/demarche/communication",
            "/demarche/budget",
        ] {
            let page = reader.get(path).await;
            page.expect(200);
            assert!(
                !page.has("main a[href*='/ajout/']"),
                "{role} may not write {path}"
            );
        }
        reader.get("/demarche/ajout/calendrier").await.expect(403);
    }
}

#[tokio::test]
async fn a_line_of_the_calendar_is_drawn_by_quarter() {
    let test = TestApp::start().await;
    let pilot = test.as_(Role::Pilot).await;
    described(&pilot).await;
    let form = pilot.get("/demarche/ajout/calendrier").await;
    form.expect(200);
    let action = form.attr("form.panel", "action").unwrap();
    let fields = |title, ends_on| {
        [
            ("version", "0"),
            ("title", title),
            ("starts_on", "1/7/2025"),
            ("ends_on", ends_on),
            ("done_until", "31/12/2025"),
            ("rank", "1"),
        ]
    };
    let refused = pilot.post(&action, &fields("Collecte", "1/1/2025")).await;
    refused.expect(422);
    assert!(refused.text(".errsum").contains("La fin doit suivre le début"));
    assert_eq!(refused.attr("#f-title", "value").as_deref(), Some("Collecte"));
    pilot
        .post(&action, &fields("Collecte", "30/6/2026"))
        .await
        .expect(303);
    pilot
        .post(&action, &fields("Collecte", "30/6/2026"))
        .await
        .expect(303);
    let page = pilot.get("/demarche").await;
    let cells: Vec<_> = page
        .texts(".gantt tbody tr:first-child td")
        .into_iter()
        .take(6)
        .collect();
    assert_eq!(cells, ["", "fait", "fait", "prévu", "prévu", ""]);
    let changed = [
        ("version", "1"),
        ("title", "Visites"),
        ("starts_on", "1/7/2025"),
        ("ends_on", "30/6/2026"),
        ("rank", "1"),
    ];
    pilot.post(&action, &changed).await.expect(303);
    pilot.post(&action, &changed).await.expect(409);
    assert_eq!(pilot.get("/demarche").await.texts(".gantt tbody th"), ["Visites"]);
    let removal = action.replace("modification", "retrait");
    pilot.post(&removal, &[]).await.expect(303);
    pilot.post(&removal, &[]).await.expect(404);
    assert!(
        pilot
            .get("/demarche")
            .await
            .text("main")
            .contains("Le calendrier n’est pas encore écrit")
    );
    assert_eq!(
        test.count("select count(*) from journal where subject = 'programme'")
            .await,
        4
    );
}

#[tokio::test]
async fn a_neighbours_programme_cannot_be_touched() {
    let test = TestApp::start().await;
    let pilot = test.as_(Role::Pilot).await;
    described(&pilot).await;
    let action = format!("/demarche/modification/partenaires/{}", PartnerId::fresh());
    let fields = |version| {
        [
            ("version", version),
            ("name", "Club d’essai"),
            ("kind", "club"),
            ("committee", "true"),
        ]
    };
    pilot.post(&action, &fields("0")).await.expect(303);
    let twice = format!("/demarche/modification/partenaires/{}", PartnerId::fresh());
    let refused = pilot.post(&twice, &fields("0")).await;
    refused.expect(422);
    assert!(refused.text(".errsum").contains("porte déjà ce nom"));
    let elsewhere = make::territory(&test.system(), "Ailleurs").await;
    let neighbour = test
        .signed_in(make::user(&test, Role::Pilot, elsewhere).await)
        .await;
    neighbour.get(&action).await.expect(409);
    let own = [
        ("version", "0"),
        ("name", "Leur démarche"),
        ("starts_on", "1/4/2025"),
        ("ends_on", "31/3/2028"),
    ];
    neighbour.post("/demarche/modifier", &own).await.expect(303);
    neighbour.get(&action).await.expect(404);
    neighbour.post(&action, &fields("1")).await.expect(404);
    neighbour
        .post(&action.replace("modification", "retrait"), &[])
        .await
        .expect(404);
    pilot
        .get("/demarche/modification/inconnus/0198c0de-0000-7000-8000-0000000000aa")
        .await
        .expect(404);
    let missing = format!("/demarche/modification/calendrier/{}", TaskId::fresh());
    pilot.get(&missing).await.expect(404);
}

#[tokio::test]
async fn a_meeting_has_its_attendance_and_its_decisions_become_actions() {
    let test = TestApp::start().await;
    let pilot = test.as_(Role::Pilot).await;
    described(&pilot).await;
    for (n, name) in ["Chambre", "Club", "Commune"].into_iter().enumerate() {
        let path = format!("/demarche/modification/partenaires/0198c0de-0000-7000-8000-00000000000{n}");
        let fields = [
            ("version", "0"),
            ("name", name),
            ("kind", "club"),
            ("committee", "true"),
        ];
        pilot.post(&path, &fields).await.expect(303);
    }
    let meeting = "0198c0de-0000-7000-8000-0000000000bb";
    let path = format!("/demarche/modification/reunions/{meeting}");
    let fields = [
        ("version", "0"),
        ("kind", "steering"),
        ("held_on", "20/3/2026"),
        ("held", "true"),
        ("agenda", "Bilan\nPriorités"),
    ];
    pilot.post(&path, &fields).await.expect(303);
    let page = format!("/demarche/reunions/{meeting}");
    let sheet = pilot.get(&page).await;
    sheet.expect(200);
    assert_eq!(sheet.texts("ol.prose li"), ["Bilan", "Priorités"]);
    let presence = [
        ("p-0198c0de-0000-7000-8000-000000000000", "present"),
        ("p-0198c0de-0000-7000-8000-000000000001", "absent"),
        ("p-0198c0de-0000-7000-8000-000000000002", ""),
    ];
    pilot
        .post(&format!("{page}/presences"), &presence)
        .await
        .expect(303);
    assert!(
        pilot
            .get(&page)
            .await
            .text(".head p:not(.crumb)")
            .contains("1 présent sur 2 convoqués")
    );
    let add = format!("/demarche/ajout/decisions?reunion={meeting}");
    let action = pilot.get(&add).await.attr("form.panel", "action").unwrap();
    let decision = |what, due| {
        [
            ("version", "0"),
            ("reunion", meeting),
            ("what", what),
            ("owner", "Chambre"),
            ("due_on", due),
            ("state", "to_do"),
        ]
    };
    pilot.post(&action, &decision("", "1/9/2026")).await.expect(422);
    let done = pilot
        .post(&action, &decision("Grouper les cartons", "1/9/2026"))
        .await;
    done.expect(303);
    assert_eq!(done.location(), page);
    let committee = test.as_(Role::Committee).await;
    let list = committee.get("/demarche/reunions").await;
    assert!(
        list.text("[aria-label='Décisions'] tbody tr")
            .starts_with("Grouper les cartonsChambre1 sept. 2026")
    );
    assert!(
        list.text("[aria-label='Réunions'] tbody tr")
            .ends_with("tenue1 sur 21")
    );
    committee
        .post(&format!("{page}/presences"), &presence)
        .await
        .expect(403);
}

#[tokio::test]
async fn priorities_flow_into_the_queue() {
    let test = TestApp::start().await;
    let pilot = test.as_(Role::Pilot).await;
    described(&pilot).await;
    let fields = [
        ("decided_on", "hier"),
        ("order", "MAT-03"),
        ("codes", "MAT-03"),
        ("codes", "MAT-01"),
    ];
    pilot.post("/demarche/priorites", &fields).await.expect(422);
    let fields = [
        ("decided_on", "31/1/2026"),
        ("order", "MAT-03"),
        ("codes", "MAT-01"),
        ("codes", "MAT-03"),
        ("weight", "25"),
    ];
    pilot.post("/demarche/priorites", &fields).await.expect(303);
    let shown = pilot.get("/demarche").await.texts(".fams li");
    assert!(
        shown[0].starts_with("MAT-03") && shown[1].starts_with("MAT-01"),
        "{shown:?}"
    );
    let board = test.as_(Role::Committee).await.get("/tableau-de-bord").await;
    assert_eq!(
        board
            .texts("[aria-label='Tableau des flux prioritaires'] tbody tr")
            .len(),
        2
    );
    pilot.get("/synergies?priorite=oui").await.expect(200);
}

#[tokio::test]
async fn a_priority_goes_up_by_the_weight_that_the_committee_gave() {
    let test = TestApp::start().await;
    let pilot = test.as_(Role::Pilot).await;
    let scope = make::scope(&test, test.territory);
    for (category, priority) in [("ENE-05", 10.0), ("MAT-01", 9.0)] {
        let mut new = NewSynergy::by_hand(
            Kind::Substitution,
            Origin::Advisor,
            format!("Piste {category}"),
            "Une idée.",
        );
        (new.category, new.priority) = (Some(category.to_owned()), Some(priority));
        test.system()
            .transact(async |tx| -> anyhow::Result<()> {
                synergies::insert(tx, &scope, &new).await?;
                Ok(())
            })
            .await
            .unwrap();
    }
    let first = async |weight: &str| {
        let fields = [
            ("decided_on", "31/1/2026"),
            ("codes", "MAT-01"),
            ("weight", weight),
        ];
        pilot.post("/demarche/priorites", &fields).await.expect(303);
        let page = pilot.get("/synergies").await;
        page.expect(200);
        page.text(".rows li:first-child")
    };
    assert!(first("25").await.contains("Priorité COPIL +25 %"));
    assert!(first("0").await.contains("Piste ENE-05"));
    let fields = [
        ("decided_on", "31/1/2026"),
        ("codes", "MAT-01"),
        ("weight", "beaucoup"),
    ];
    pilot.post("/demarche/priorites", &fields).await.expect(422);
}

#[tokio::test]
async fn the_budget_says_what_is_spent_and_what_is_left() {
    let test = TestApp::start().await;
    let pilot = test.as_(Role::Pilot).await;
    described(&pilot).await;
    let funding = "/demarche/modification/financements/0198c0de-0000-7000-8000-0000000000cc";
    let fields = [
        ("version", "0"),
        ("phase", "Essai"),
        ("funder", "Région"),
        ("external", "true"),
        ("period", "2026"),
        ("starts_on", "1/1/2026"),
        ("ends_on", "31/12/2026"),
        ("amount", "80 000"),
        ("acquired", "true"),
    ];
    pilot.post(funding, &fields).await.expect(303);
    let expense = "/demarche/modification/depenses/0198c0de-0000-7000-8000-0000000000dd";
    let spent = |hours| {
        [
            ("version", "0"),
            ("kind", "staff_time"),
            ("payer", "Chambre"),
            ("label", "Visites"),
            ("spent_on", "30/6/2026"),
            ("hours", hours),
            ("amount", "20 000"),
        ]
    };
    pilot.post(expense, &spent("cent")).await.expect(422);
    pilot.post(expense, &spent("803,5")).await.expect(303);
    let page = pilot.get("/demarche/budget").await;
    page.expect(200);
    let facts = page.text("dl.facts");
    for said in [
        "Plan de financement80 000 €",
        "dont acquis80 000 €",
        "Dépensé20 000 € · 25 %",
        "Restant au plan60 000 €",
        "Part extérieure100 %",
    ] {
        assert!(facts.contains(said), "{said}: {facts}");
    }
    assert_eq!(
        page.text("[aria-label='Dépenses par organisme'] tbody tr"),
        "Chambre20 00000020 000"
    );
    assert!(page.text("main").contains("Coût par entreprise mobilisée"));
}
