//! The members of a group chosen by hand, and a search that respects them.

use crate::support::{TestApp, make};
use maillage::companies::Establishment;
use maillage::flows::Flow;
use maillage::kernel::ids::SynergyId;
use maillage::kernel::{Direction, Position};
use maillage::platform::access::Role;
use maillage::synergies::paths;
use sqlx::Row;

async fn cardboard(test: &TestApp, name: &str, north: f64, tonnes: f64) -> (Establishment, Flow) {
    let place = Position::new(47.79 + north / 111.2, 1.07).unwrap();
    let site = make::establishment_at(test, test.territory, name, place).await;
    let what = ("Cartons", tonnes, "t");
    let flow = make::flow(test, &site, Direction::Outbound, "MAT-01", what).await;
    (site, flow)
}

async fn group(test: &TestApp) -> SynergyId {
    sqlx::raw_sql("select id from synergies where kind = 'mutualisation' order by number limit 1")
        .fetch_one(&test.database.pool)
        .await
        .unwrap()
        .get::<uuid::Uuid, _>(0)
        .into()
}

async fn members(test: &TestApp, id: SynergyId) -> Vec<String> {
    let rows = sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
        "select e.name from synergy_members m join establishments e on e.id = m.establishment_id
         where m.synergy_id = '{id}' order by e.name"
    )))
    .fetch_all(&test.database.pool)
    .await
    .unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn members_are_added_and_removed_with_the_figures_and_a_search_keeps_them() {
    let test = TestApp::start().await;
    for n in 0..4 {
        cardboard(&test, &format!("Membre {n}"), f64::from(n), 3.0).await;
    }
    // Too far for the engine, near enough to be asked.
    let (_, far) = cardboard(&test, "Lointain", 24.0, 9.0).await;
    test.search().await;
    let id = group(&test).await;
    assert_eq!(members(&test, id).await.len(), 4);
    let me = test.as_(Role::Advisor).await;
    let page = me.get(&paths::members(&id)).await;
    page.expect(200);
    assert!(page.text("main").contains("Lointain"), "{}", page.text("main"));
    let version = page.attr("input[name=version]", "value").unwrap();
    let flow = far.id.to_string();
    let fields = [("ajouter", flow.as_str()), ("version", version.as_str())];
    let done = me.post(&paths::members(&id), &fields).await;
    let page = me.get(done.expect(303).location()).await;
    assert!(page.text(".toast").contains("Lointain rejoint le groupe."));
    assert!(page.text(".say").contains("21 t"), "{}", page.text(".say"));
    assert!(
        page.text("aside").contains("Tournée commune"),
        "{}",
        page.text("aside")
    );
    assert_eq!(members(&test, id).await.len(), 5);

    me.post(&paths::members(&id), &fields).await.expect(409);
    let version = page.attr("input[name=version]", "value").unwrap();
    let first = page.attr("button[name=retirer]", "value").unwrap();
    let fields = [("retirer", first.as_str()), ("version", version.as_str())];
    me.post(&paths::members(&id), &fields).await.expect(303);
    let kept = members(&test, id).await;
    assert_eq!(kept.len(), 4);
    test.search().await;
    assert_eq!(
        members(&test, id).await,
        kept,
        "a search does not undo what a person chose"
    );
    let said = "select count(*) from journal where action like '% au groupe' or action like '% du groupe'";
    assert_eq!(test.count(said).await, 2);
    assert!(
        me.get(&paths::show(&id))
            .await
            .text("main")
            .contains("membres choisis à la main")
    );
}

#[tokio::test]
async fn a_group_has_two_establishments_at_least_and_is_of_its_territory() {
    let test = TestApp::start().await;
    cardboard(&test, "Une", 0.0, 3.0).await;
    cardboard(&test, "Deux", 1.0, 9.0).await;
    cardboard(&test, "Trois", 2.0, 9.0).await;
    test.search().await;
    let id = group(&test).await;
    let me = test.as_(Role::Advisor).await;
    let leave = async || {
        let page = me.get(&paths::members(&id)).await;
        let first = page.attr("button[name=retirer]", "value").unwrap();
        (me.post(&paths::members(&id), &[("retirer", &first)]).await, first)
    };
    leave().await.0.expect(303);
    let (refused, first) = leave().await;
    refused.expect(422);
    assert!(refused.text(".errsum").contains("au moins deux"));
    me.post(&paths::members(&id), &[]).await.expect(422);
    me.post(&paths::take(&id), &[]).await.expect(303);
    me.get(&paths::members(&id)).await.expect(200);
    let elsewhere = make::territory(&test.system(), "Pays voisin").await;
    let user = make::user(&test, Role::Advisor, elsewhere).await;
    let stranger = test.signed_in(user).await;
    stranger.get(&paths::members(&id)).await.expect(404);
    stranger
        .post(&paths::members(&id), &[("retirer", &first)])
        .await
        .expect(404);
}
