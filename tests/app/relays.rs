//! A → processor → B: stored, shown to advisors with its three names, to companies with none.

use crate::support::{TestApp, make};
use maillage::companies::{Establishment, store as companies};
use maillage::kernel::ids::SynergyId;
use maillage::kernel::{Direction, Position};
use maillage::platform::access::Role;
use maillage::synergies::{Grid, Step, paths, store};
use sqlx::Row;

async fn site(test: &TestApp, name: &str, naf: &str, north: f64) -> Establishment {
    let place = Position::new(47.79 + north, 1.07).unwrap();
    let made = make::establishment_at(test, test.territory, name, place).await;
    let trade = Establishment {
        naf: Some(naf.to_owned()),
        ..made.clone()
    };
    let scope = make::scope(test, test.territory);
    test.system()
        .transact(async |tx| -> anyhow::Result<()> {
            assert!(companies::save(tx, &scope, &made, &trade).await?);
            Ok(())
        })
        .await
        .unwrap();
    trade
}

/// Paper to shred, a workshop that shreds, somebody who packs with it.
async fn chain(test: &TestApp) -> [Establishment; 3] {
    let giver = site(test, "Cabinet du Saule", "69.20Z", 0.0).await;
    let workshop = site(test, "Atelier des Mésanges", "88.10C", 0.01).await;
    let receiver = site(test, "Verrerie du Pic-Vert", "23.13Z", 0.02).await;
    make::flow(
        test,
        &giver,
        Direction::Outbound,
        "MAT-02",
        ("Archives à détruire", 12.0, "t"),
    )
    .await;
    make::flow(
        test,
        &receiver,
        Direction::Inbound,
        "MAT-09",
        ("Calage papier", 180.0, "m3"),
    )
    .await;
    [giver, workshop, receiver]
}

/// The only relay of the base.
async fn only(test: &TestApp) -> SynergyId {
    let query = "select id from synergies where explanation #> '{proposal,relay}' is not null";
    let rows = sqlx::raw_sql(query).fetch_all(&test.database.pool).await.unwrap();
    assert_eq!(rows.len(), 1);
    rows[0].get::<uuid::Uuid, _>(0).into()
}

#[tokio::test]
async fn a_relay_enters_the_queue_with_its_three_parties() {
    let test = TestApp::start().await;
    chain(&test).await;
    test.search().await;
    let id = only(&test).await;
    let me = test.as_(Role::Advisor).await;
    let page = me.get(paths::LIST).await;
    assert_eq!(
        page.expect(200).text(".rows .t"),
        "Archives à détruire → calage papier, par déchiquetage"
    );
    assert_eq!(
        page.text(".rows .d"),
        "Cabinet du Saule → Atelier des Mésanges → Verrerie du Pic-Vert"
    );
    assert!(page.text(".rows .m").contains("Filière"));
    let sheet = me.get(&paths::show(&id)).await;
    let told = sheet.expect(200).text("article");
    assert!(told.contains("Déchiquetage : le flux devient"), "{told}");
    assert!(
        told.contains("Coût du traitement") && told.contains("Prix du traitement"),
        "{told}"
    );
    assert!(told.contains("Traitement") && told.contains("Atelier des Mésanges"));
    // A second search changes nothing.
    test.search().await;
    assert_eq!(only(&test).await, id);
    assert_eq!(
        test.count("select count(*) from synergies where is_current")
            .await,
        1
    );
}

#[tokio::test]
async fn a_rejected_relay_does_not_come_back() {
    let test = TestApp::start().await;
    chain(&test).await;
    test.search().await;
    let id = only(&test).await;
    let me = test.as_(Role::Advisor).await;
    let form = me.get(&paths::reject(&id)).await;
    let version = form.attr("input[name=version]", "value").unwrap();
    let reply = me
        .post(
            &paths::reject(&id),
            &[("motive", "gain"), ("version", version.as_str())],
        )
        .await;
    assert_eq!(reply.status, 303);
    test.search().await;
    assert_eq!(
        test.count("select count(*) from synergies where state = 'proposed' and is_current")
            .await,
        0
    );
}

#[tokio::test]
async fn no_party_reads_the_name_of_another() {
    let test = TestApp::start().await;
    let parties = chain(&test).await;
    test.search().await;
    let id = only(&test).await;
    let scope = make::scope(&test, test.territory);
    test.system()
        .transact(async |tx| -> anyhow::Result<()> {
            store::advance(tx, &scope, id, Step::Prevalidate(Grid::all_green())).await?;
            Ok(())
        })
        .await
        .unwrap();
    for reader in &parties {
        let user = make::user_of(&test, Role::Company, test.territory, Some(reader.company_id)).await;
        let me = test.signed_in(user).await;
        let space = me.get("/mon-espace").await;
        let page = me.get(&format!("/mon-espace/propositions/{id}")).await;
        let told = page.expect(200).html() + &space.expect(200).html();
        assert!(
            told.contains("2 autres entreprises") || told.contains("Archives") || told.contains("Calage")
        );
        for other in parties.iter().filter(|other| other.id != reader.id) {
            assert!(
                !told.contains(&other.name),
                "{} reads {}",
                reader.name,
                other.name
            );
        }
    }
}
