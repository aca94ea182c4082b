//! What leaves the territory: the public page, the letter of the quarter, several territories side by side.

use crate::support::{Reply, TestApp, make};
use chrono::{Datelike, Duration, NaiveDate};
use maillage::companies::Establishment;
use maillage::platform::access::Role;

async fn realised(test: &TestApp, number: i32, members: [&Establishment; 2]) {
    let mut statements = format!(
        "insert into synergies (id, territory_id, number, key, kind, origin, state, title, explanation, fingerprint,
                                params_version, realised_on, proposed_at, updated_at, state_since)
         values (md5('s{number}')::uuid, '{}', {number}, 'k{number}', 'substitution', 'engine', 'realised', 'Titre interne {number}',
                 '{{}}', 'f', 'v', current_date - 400, now() - interval '500 days', now(), now() - interval '400 days');",
        members[0].territory_id
    );
    for (side, member) in ["outbound", "inbound"].iter().zip(members) {
        statements += &format!(
            "insert into synergy_members (synergy_id, establishment_id, side) values (md5('s{number}')::uuid, '{}', '{side}');",
            member.id
        );
    }
    test.execute(statements).await;
}

async fn public(test: &TestApp) -> Reply {
    test.nobody().get(&format!("/public/{}", test.territory)).await
}

#[tokio::test]
async fn the_public_page_is_closed_until_a_pilot_opens_it() {
    let test = TestApp::start().await;
    public(&test).await.expect(404);
    let pilot = test.as_(Role::Pilot).await;
    for role in [Role::Advisor, Role::Committee, Role::Partner, Role::Company] {
        test.as_(role)
            .await
            .post("/demarche/publication", &[("is_public", "true")])
            .await
            .expect(403);
    }
    public(&test).await.expect(404);
    pilot
        .post("/demarche/publication", &[("is_public", "true")])
        .await
        .expect(303);
    let page = public(&test).await;
    page.expect(200);
    assert_eq!(page.headers["x-robots-tag"], "noindex, nofollow");
    assert!(page.headers.get("set-cookie").is_none(), "nobody is followed");
    pilot.post("/demarche/publication", &[]).await.expect(303);
    public(&test).await.expect(404);
}

#[tokio::test]
async fn only_what_every_company_agreed_to_is_published_in_these_very_words() {
    let test = TestApp::start().await;
    let pilot = test.as_(Role::Pilot).await;
    pilot
        .post("/demarche/publication", &[("is_public", "true")])
        .await
        .expect(303);
    let giver = make::establishment(&test, test.territory, "Cartonnerie Belle-Anse").await;
    let receiver = make::establishment(&test, test.territory, "Verrerie du Pic-Vert").await;
    realised(&test, 1, [&giver, &receiver]).await;
    let [one, other] = [giver.company_id.to_string(), receiver.company_id.to_string()];
    let page = pilot.get("/demarche/publication").await;
    let action = page
        .attr("form[action^='/demarche/publication/']", "action")
        .unwrap();
    let write = async |title: &str, story: &str, people: [&str; 2]| {
        let fields = [
            ("title", title),
            ("story", story),
            ("companies", one.as_str()),
            ("people", people[0]),
            ("companies", other.as_str()),
            ("people", people[1]),
        ];
        pilot.post(&action, &fields).await
    };
    let reads = async || public(&test).await.text("main");
    let hidden = |page: &str| {
        assert!(
            !page.contains("Cartonnerie") && !page.contains("Verrerie"),
            "{page}"
        );
        assert!(!page.contains("Titre interne"), "{page}");
    };
    hidden(&reads().await);

    let refused = write("", "Du carton cale du verre.", ["Une directrice", ""]).await;
    refused.expect(422);
    assert!(
        refused.html().contains("Du carton cale du verre.") && refused.html().contains("Une directrice"),
        "everything typed is kept"
    );
    write(
        "Du carton en calage",
        "Du carton cale du verre.",
        ["Une directrice", ""],
    )
    .await
    .expect(303);
    hidden(&reads().await);
    let both = ["Une directrice", "Un gérant"];
    write("Du carton en calage", "Du carton cale du verre.", both)
        .await
        .expect(303);
    let told = reads().await;
    assert!(
        told.contains("Du carton en calage") && told.contains("Cartonnerie Belle-Anse, Verrerie du Pic-Vert"),
        "{told}"
    );
    assert!(
        !told.contains("Une directrice"),
        "who agreed is nobody’s business"
    );

    write(
        "Du carton en calage",
        "Du carton cale du verre, et l’emballe.",
        ["Une directrice", ""],
    )
    .await
    .expect(303);
    hidden(&reads().await);
    write(
        "Du carton en calage",
        "Du carton cale du verre, et l’emballe.",
        both,
    )
    .await
    .expect(303);
    assert!(reads().await.contains("et l’emballe"));
    test.execute(
        "update synergies set state = 'interrupted', motive = (select min(code) from motives)".to_owned(),
    )
    .await;
    hidden(&reads().await);
}

#[tokio::test]
async fn the_letter_of_the_quarter_says_the_figures_of_the_board() {
    let test = TestApp::start().await;
    let day = test.system().today();
    let quarter = NaiveDate::from_ymd_opt(day.year() + 1, 1, 1).unwrap();
    test.execute(format!(
        "insert into programmes (id, territory_id, name, starts_on, ends_on)
         values (md5('p')::uuid, '{}', 'Démarche d’essai', current_date - 900, current_date + 900);
         insert into programme_targets (programme_id, indicator, due_on, value) values (md5('p')::uuid, 'A01', current_date + 400, 80)",
        test.territory
    ))
    .await;
    for n in 0..4 {
        let site = make::establishment(&test, test.territory, &format!("Site {n}")).await;
        make::visit(&test, &site, maillage::visits::VisitStatus::Validated, Vec::new()).await;
    }
    let committee = make::user(&test, Role::Committee, test.territory).await;
    let advisor = make::user(&test, Role::Advisor, test.territory).await;
    test.travel_to(quarter);
    maillage::dashboards::quarter(&test.system(), quarter + Duration::days(1))
        .await
        .unwrap();
    let letters = "select count(*) from letters where topic = 'quarter'";
    assert_eq!(test.count(letters).await, 0, "only on the first day of a quarter");
    for _ in 0..2 {
        maillage::dashboards::quarter(&test.system(), quarter)
            .await
            .unwrap();
    }
    assert_eq!(test.count(letters).await, 1, "once, to the committee");
    assert_eq!(
        test.count(format!("{letters} and user_id = '{advisor}'")).await,
        0
    );
    let board = test.signed_in(committee).await.get("/tableau-de-bord").await;
    let rows = board.texts(".ind tbody tr").len();
    assert!(rows >= 6);
    for row in 1..=rows {
        let title = board.text(&format!(".ind tbody tr:nth-child({row}) th"));
        let figure = board.text(&format!(".ind tbody tr:nth-child({row}) td:nth-of-type(2)"));
        let title = title.trim_end_matches(|c: char| !c.is_alphabetic()).to_owned();
        let first = title.split(' ').take(2).collect::<Vec<_>>().join(" ");
        let told = format!(
            "{letters} and exists (select from regexp_split_to_table(replace(replace(body, chr(160), ' '), chr(8239), ' '), E'\\n') line
              where line like '%{first}%' and line like '%: {figure}%')"
        );
        assert_eq!(test.count(told).await, 1, "{first} {figure}");
    }
}

#[tokio::test]
async fn several_territories_side_by_side_add_only_what_adds_up() {
    let test = TestApp::start().await;
    let there = make::territory(&test.system(), "Pays voisin").await;
    for (territory, sites) in [(test.territory, 4), (there, 3)] {
        for n in 0..sites {
            let site = make::establishment(&test, territory, &format!("Site {n}")).await;
            make::visit(&test, &site, maillage::visits::VisitStatus::Validated, Vec::new()).await;
        }
        test.execute(format!(
            "insert into programmes (id, territory_id, name, starts_on, ends_on)
             values (md5('{territory}')::uuid, '{territory}', 'Démarche', current_date - 900, current_date + 900);
             insert into programme_targets (programme_id, indicator, due_on, value)
             select md5('{territory}')::uuid, code, current_date + 400, 50 from unnest(array['A01', 'A02']) code"
        ))
        .await;
    }
    test.as_(Role::Committee)
        .await
        .get("/tableau-de-bord/territoires")
        .await
        .expect(200);
    let user = make::user(&test, Role::Committee, test.territory).await;
    test.execute(format!(
        "insert into user_roles (id, user_id, role, territory_id) values (md5('r')::uuid, '{user}', 'committee', '{there}')"
    ))
    .await;
    let reader = test.signed_in(user).await;
    let read = async || {
        let page = reader.get("/tableau-de-bord/territoires").await;
        page.expect(200);
        let count = page.texts("tbody tr").len();
        (1..=count)
            .map(|n| page.texts(&format!("tbody tr:nth-child({n}) > *")).join(" | "))
            .collect::<Vec<_>>()
    };
    let rows = read().await;
    assert_eq!(rows[0], "Entreprises mobilisées | 4 | 3 | 7");
    let share = rows.iter().find(|row| row.contains('%')).unwrap();
    assert!(share.ends_with("| –"), "a share is not added: {share}");
    test.execute(format!(
        "update visits set status = 'cancelled', validated_at = null where territory_id = '{there}'
           and id in (select id from visits where territory_id = '{there}' order by id limit 1)"
    ))
    .await;
    assert_eq!(
        read().await[0],
        "Entreprises mobilisées | 4 | < 3 | masqué",
        "the difference would tell"
    );
}
