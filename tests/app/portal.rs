//! A company's space: what is its own, and nothing of anybody else's.

use crate::support::{Client, TestApp, make};
use maillage::companies::{Establishment, store as companies};
use maillage::flows::Flow;
use maillage::kernel::Direction;
use maillage::kernel::Position;
use maillage::platform::access::Role;

/// Company A, its contact, and company B with words that must never reach A.
struct Pair {
    test: TestApp,
    a: Establishment,
    b: Establishment,
    contact: Client,
    flows: [Flow; 2],
}

const SECRETS: [&str; 7] = [
    "Canari",
    "73282932000074",
    "732 829",
    "12 rue du Secret",
    "47.7777",
    "1.1111",
    "4321.9",
];

async fn pair() -> Pair {
    let test = TestApp::start().await;
    let a = make::establishment(&test, test.territory, "Cartonnerie").await;
    let mut b = make::establishment_at(
        &test,
        test.territory,
        "Canari et fils",
        Position::new(47.7777, 1.1111).unwrap(),
    )
    .await;
    let before = b.clone();
    b.siret = Some("73282932000074".to_owned());
    b.address = Some("12 rue du Secret".to_owned());
    b.notes = Some("Canari des notes".to_owned());
    let scope = make::scope(&test, test.territory);
    test.system()
        .transact(async |tx| -> anyhow::Result<()> {
            assert!(companies::save(tx, &scope, &before, &b).await?);
            Ok(())
        })
        .await
        .unwrap();
    let out = make::flow(
        &test,
        &a,
        Direction::Outbound,
        "MAT-01",
        ("Chutes de carton", 38.4, "t"),
    )
    .await;
    let into = make::flow(
        &test,
        &b,
        Direction::Inbound,
        "MAT-09",
        ("Calage du Canari", 4321.9, "m3"),
    )
    .await;
    let user = make::user_of(&test, Role::Company, test.territory, Some(a.company_id)).await;
    let contact = test.signed_in(user).await;
    Pair {
        test,
        a,
        b,
        contact,
        flows: [out, into],
    }
}

impl Pair {
    /// A synergy of both, whose title and reasons speak of B.
    async fn synergy(&self, number: i32, state: &str) -> String {
        let realised = if matches!(state, "realised" | "durable") {
            "current_date"
        } else {
            "null"
        };
        let statements = format!(
            r#"insert into synergies (id, territory_id, number, key, kind, origin, state, category, title, distance_km, explanation,
                                   fingerprint, params_version, realised_on, proposed_at, updated_at)
               values (md5('s{number}')::uuid, '{}', {number}, 'k{number}', 'substitution', 'engine', '{state}', 'MAT-01',
                       'Cartons → calage du Canari', 6.34217,
                       '{{"changed": [], "proposal": {{"pair": {{"note": "Canari", "matched": {{"offered": 38.4, "needed": 4321.9, "quantity": 24.7, "unit": "t"}},
                          "giver_gain": {{"low": 1904, "central": 2600, "high": 3377, "origin": "estimated", "source": "Canari"}},
                          "receiver_gain": {{"low": 8888, "central": 9000, "high": 9999, "origin": "estimated", "source": "Canari"}}}}}}}}',
                       'f', 'v', {realised}, now(), now());
               insert into synergy_members (synergy_id, establishment_id, flow_id, side, annual_quantity)
               values (md5('s{number}')::uuid, '{}', '{}', 'outbound', 38.4), (md5('s{number}')::uuid, '{}', '{}', 'inbound', 4321.9);
               insert into feasibility_checks values (md5('s{number}')::uuid, 'technical', 'orange', 'Canari à rappeler');
               insert into synergy_results (synergy_id, origin, savings_eur) values (md5('s{number}')::uuid, 'declared', 4321.9);"#,
            self.test.territory, self.a.id, self.flows[0].id, self.b.id, self.flows[1].id
        );
        self.test.execute(statements).await;
        address(number)
    }
}

/// The page of the synergy that [`Pair::synergy`] makes.
fn address(number: i32) -> String {
    format!(
        "/mon-espace/propositions/{}",
        MD5[usize::try_from(number).unwrap()]
    )
}

/// md5('s0'), md5('s1')… as PostgreSQL writes them.
const MD5: [&str; 2] = [
    "0b1cdc9f-e1f9-29e4-69c5-a54ffe0b2ed5",
    "8ddf8780-39b7-0767-c4a5-bcf4f0c4f65e",
];

#[tokio::test]
async fn a_company_never_reads_the_other_s_name_place_or_figures() {
    let pair = pair().await;
    let page = pair.synergy(0, "prevalidated").await;
    let space = pair.contact.get("/mon-espace").await;
    let proposal = pair.contact.get(&page).await;
    space.expect(200);
    proposal.expect(200);
    for reply in [&space, &proposal] {
        let html = reply.html();
        for secret in SECRETS
            .iter()
            .chain(&["4 321", "4\u{a0}321", "6.34", "6,34", "8 888", "8\u{a0}888"])
        {
            assert!(!html.contains(secret), "{secret} shows");
        }
    }
    assert_eq!(
        proposal.text("h1"),
        "« Chutes de carton » : une entreprise voisine pourrait s’en servir"
    );
    let facts = proposal.texts(".kv dd");
    assert!(
        facts[0].contains("km") && facts[0].contains("Son nom reste caché"),
        "{facts:?}"
    );
    assert!(facts[1].contains("sur vos 38,4 t"), "{facts:?}");
    assert!(facts[2].starts_with("Entre 1 900 et 3 400 € par an"), "{facts:?}");
    assert!(!proposal.has("main form, main button"), "no dead button");
}

#[tokio::test]
async fn only_validated_synergies_about_the_company_exist_for_it() {
    let pair = pair().await;
    let stranger = pair.test.as_(Role::Company).await;
    let page = pair.synergy(1, "under_review").await;
    pair.contact.get(&page).await.expect(404);
    assert!(
        pair.contact
            .get("/mon-espace")
            .await
            .text("main")
            .contains("Aucune piste pour l’instant")
    );
    pair.test
        .execute("update synergies set state = 'prevalidated'".to_owned())
        .await;
    pair.contact.get(&page).await.expect(200);
    stranger.get(&page).await.expect(404);
    assert!(!stranger.get("/mon-espace").await.html().contains("S-0001"));
    pair.test
        .execute("update synergy_members set state = 'withdrawn' where side = 'outbound'".to_owned())
        .await;
    pair.contact.get(&page).await.expect(404);
}

#[tokio::test]
async fn a_company_sees_its_flows_as_recorded_and_which_have_grown_old() {
    let pair = pair().await;
    pair.test
        .execute(format!(
            "update flows set observed_on = current_date - 1000 where id = '{}'",
            pair.flows[0].id
        ))
        .await;
    let page = pair.contact.get("/mon-espace").await;
    assert_eq!(page.texts("table tbody tr").len(), 1, "only its own");
    let cells = page.texts("table tbody tr > *");
    assert_eq!(
        cells[..2],
        ["Chutes de cartonSortant MAT-01", "38,4 t par andéclaré"]
    );
    assert!(cells[2].ends_with("à confirmer"), "{cells:?}");
}

#[tokio::test]
async fn staff_do_not_enter_a_company_s_space() {
    let pair = pair().await;
    for role in [Role::Advisor, Role::Committee, Role::Admin] {
        pair.test.as_(role).await.get("/mon-espace").await.expect(403);
    }
}
