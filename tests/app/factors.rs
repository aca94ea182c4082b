//! The factors of a territory, the preview of a change, its versions, and « Et si… ».

use crate::support::{Client, Reply, TestApp, make};
use maillage::kernel::{Direction, Position};
use maillage::platform::access::Role;
use maillage::synergies::paths;

/// Mixed waste at 12 km of whoever takes it, already proposed.
async fn proposed(test: &TestApp) {
    let giver = make::establishment(test, test.territory, "Menuiserie des Tilleuls").await;
    let place = Position::new(47.88, 1.16).unwrap();
    let receiver = make::establishment_at(test, test.territory, "Recyclerie du Loir", place).await;
    let mixed = ("Déchets en mélange", 80.0, "t");
    make::flow(test, &giver, Direction::Outbound, "MAT-26", mixed).await;
    make::flow(test, &receiver, Direction::Inbound, "MAT-26", mixed).await;
    test.search().await;
    assert_eq!(test.count("select count(*) from synergies").await, 1);
}

/// The form of a page with some fields changed.
fn filled(page: &Reply, changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut fields = page.fields("form[method=post].stack");
    for (name, value) in changes {
        match fields.iter_mut().find(|(known, _)| known == name) {
            Some((_, text)) => (*value).clone_into(text),
            None => fields.push(((*name).to_owned(), (*value).to_owned())),
        }
    }
    fields
}

async fn send(client: &Client, path: &str, fields: &[(String, String)]) -> Reply {
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    client.post(path, &fields).await
}

const DEAR: [(&str, &str); 4] = [
    ("tgap-bas", "90"),
    ("tgap-central", "90"),
    ("tgap-haut", "90"),
    ("tgap-source", "Délibération de 2027"),
];

#[tokio::test]
async fn a_factor_is_seen_at_work_before_it_is_saved() {
    let test = TestApp::start().await;
    proposed(&test).await;
    let pilot = test.as_(Role::Pilot).await;
    let path = paths::factor_group("dechets");
    let mut form = filled(&pilot.get(&path).await, &DEAR);
    form.push(("etape".to_owned(), "apercu".to_owned()));
    let preview = send(&pilot, &path, &form).await;
    preview.expect(200);
    let effects = preview.text("#effets");
    assert!(effects.contains("1 change"), "{effects}");
    // 80 t landfilled whole, at 25 € more.
    assert!(effects.contains("+2 000 €"), "{effects}");
    assert_eq!(test.count("select count(*) from factor_sets").await, 0);

    let mut seen = filled(&preview, &[("note", "Hausse votée")]);
    seen.push(("etape".to_owned(), "enregistrer".to_owned()));
    let saved = send(&pilot, &path, &seen).await;
    saved.expect(303);
    assert_eq!(saved.location(), paths::FACTORS);
    assert_eq!(test.count("select count(*) from factor_values").await, 1);
    assert_eq!(
        test.count("select count(*) from journal where action = 'facteurs modifiés, version 1'")
            .await,
        1
    );
    test.run_jobs().await;
    assert_eq!(
        test.count("select count(*) from synergies where params_version like '%.1'")
            .await,
        1
    );
    let list = test.as_(Role::Advisor).await.get(paths::FACTORS).await;
    list.expect(200);
    let text = list.text("main");
    assert!(
        text.contains("Délibération de 2027") && text.contains("Hausse votée"),
        "{text}"
    );
}

#[tokio::test]
async fn what_was_not_seen_is_not_saved() {
    let test = TestApp::start().await;
    let pilot = test.as_(Role::Pilot).await;
    let path = paths::factor_group("dechets");
    let mut form = filled(&pilot.get(&path).await, &DEAR);
    form.push(("etape".to_owned(), "enregistrer".to_owned()));
    let asked = send(&pilot, &path, &form).await;
    asked.expect(200);
    assert!(asked.has("#effets") && asked.has("[role=alert]"));
    assert_eq!(test.count("select count(*) from factor_sets").await, 0);
}

#[tokio::test]
async fn a_bad_figure_is_told_by_its_field_and_kept() {
    let test = TestApp::start().await;
    let pilot = test.as_(Role::Pilot).await;
    let path = paths::factor_group("transport");
    let page = pilot.get(&path).await;
    let mut form = filled(&page, &[("gazole-central", "cher")]);
    form.push(("etape".to_owned(), "apercu".to_owned()));
    let refused = send(&pilot, &path, &form).await;
    refused.expect(422);
    assert!(refused.text("#e-gazole-central").contains("Indiquez un nombre"));
    assert_eq!(refused.attr("#f-gazole-central", "value").unwrap(), "cher");
    let untouched = send(&pilot, &path, &filled(&page, &[("etape", "apercu")])).await;
    untouched.expect(422);
    assert!(untouched.text(".errsum").contains("Rien n’a changé"));
}

#[tokio::test]
async fn two_pilots_do_not_overwrite_each_other() {
    let test = TestApp::start().await;
    let pilot = test.as_(Role::Pilot).await;
    let path = paths::factor_group("dechets");
    let old = pilot.get(&path).await;
    for turn in ["90", "95"] {
        let changes: Vec<(&str, &str)> = ["tgap-bas", "tgap-central", "tgap-haut"]
            .map(|name| (name, turn))
            .to_vec();
        let mut form = filled(&pilot.get(&path).await, &changes);
        form.push(("etape".to_owned(), "apercu".to_owned()));
        let preview = send(&pilot, &path, &form).await;
        let mut seen = filled(&preview, &[]);
        seen.push(("etape".to_owned(), "enregistrer".to_owned()));
        send(&pilot, &path, &seen).await.expect(303);
    }
    assert_eq!(
        test.count("select max(version)::bigint from factor_sets").await,
        2
    );
    let mut late = filled(&old, &DEAR);
    late.push(("etape".to_owned(), "apercu".to_owned()));
    send(&pilot, &path, &late).await.expect(409);
}

#[tokio::test]
async fn advisors_read_the_factors_and_territories_keep_their_own() {
    let test = TestApp::start().await;
    let advisor = test.as_(Role::Advisor).await;
    advisor.get(paths::FACTORS).await.expect(200);
    advisor.get(&paths::factor_group("transport")).await.expect(403);
    let other = make::territory(&test.system(), "Autre territoire").await;
    test.execute(format!(
        "insert into factor_sets (id, territory_id, version, created_at) values ('{other}', '{other}', 1, now());
         insert into factor_values values ('{other}', 'gazole', 9, 9, 9, 'ailleurs')"
    ))
    .await;
    let list = advisor.get(paths::FACTORS).await;
    assert!(!list.text("main").contains("ailleurs"));
}

#[tokio::test]
async fn a_proposal_lists_the_factors_it_rests_on() {
    let test = TestApp::start().await;
    proposed(&test).await;
    let advisor = test.as_(Role::Advisor).await;
    let id = sqlx::Row::get::<uuid::Uuid, _>(
        &sqlx::raw_sql("select id from synergies")
            .fetch_one(&test.database.pool)
            .await
            .unwrap(),
        0,
    );
    let page = advisor.get(&paths::show(&id.into())).await;
    page.expect(200);
    let factors = page.text("details.data");
    assert!(
        factors.contains("TGAP sur l’enfouissement") && factors.contains("S-TG1, 2025"),
        "{factors}"
    );
    assert!(page.text("main").contains("Investissement et temps de retour"));
}

#[tokio::test]
async fn what_if_compares_and_writes_nothing() {
    let test = TestApp::start().await;
    proposed(&test).await;
    let advisor = test.as_(Role::Advisor).await;
    let blank = advisor.get(paths::SIMULATION).await;
    blank.expect(200);
    assert!(!blank.has("#resultat"));
    let before = test.count("select count(*) from journal").await;
    let taxed = advisor
        .get(&format!("{}?tgap=30&gazole=%2B20", paths::SIMULATION))
        .await;
    taxed.expect(200);
    let result = taxed.text("#resultat");
    assert!(result.contains("1 change"), "{result}");
    assert_eq!(taxed.attr("#f-tgap", "value").unwrap(), "30");
    let arrival = advisor
        .get(&format!(
            "{}?commune=41269&sens=entrant&libelle=D%C3%A9chets+en+m%C3%A9lange&quantite=80&unite=t",
            paths::SIMULATION
        ))
        .await;
    arrival.expect(200);
    assert!(
        arrival.text("#resultat").contains("Nouvel établissement"),
        "{}",
        arrival.text("#resultat")
    );
    let wrong = advisor.get(&format!("{}?gazole=cher", paths::SIMULATION)).await;
    wrong.expect(422);
    assert!(wrong.text("#e-gazole").contains("pourcentage"));
    assert_eq!(test.count("select count(*) from journal").await, before);
    assert_eq!(test.count("select count(*) from synergies").await, 1);
}
