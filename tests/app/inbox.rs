//! What advisors share around a synergy: comments and who is named in them.

use crate::support::{Client, Reply, TestApp, make};
use chrono::Duration;
use maillage::comments::{Subject, paths as talk};
use maillage::kernel::Direction;
use maillage::kernel::ids::SynergyId;
use maillage::platform::access::Role;
use maillage::synergies::paths;

/// A comment as the form of the sheet sends it.
fn said<'a>(id: &'a str, message: &'a str) -> [(&'a str, &'a str); 2] {
    [("id", id), ("message", message)]
}

async fn name(test: &TestApp, user: impl std::fmt::Display, name: &str) {
    test.execute(format!("update users set name = '{name}' where id = '{user}'"))
        .await;
}

async fn comments(test: &TestApp) -> i64 {
    test.count("select count(*) from comments").await
}

async fn cited(test: &TestApp) -> i64 {
    test.count("select count(*) from letters where topic = 'mention'")
        .await
}

#[tokio::test]
async fn a_colleague_named_in_a_comment_is_told_once_and_answers() {
    let test = TestApp::start().await;
    let (me, colleague) = (test.as_(Role::Advisor).await, test.as_(Role::Pilot).await);
    name(&test, colleague.user, "Éva Lune").await;
    let id: SynergyId = make::synergy(&test).await;
    let sheet = me.get(&paths::show(&id)).await;
    assert!(
        sheet
            .expect(200)
            .text("#commentaires")
            .contains("Jamais par les entreprises ni le COPIL")
    );
    assert!(sheet.has("#collegues option[value='Éva Lune']"));
    let key = sheet.attr("#commentaires input[name=id]", "value").unwrap();

    let empty = me.post(&paths::comments(&id), &said(&key, "  ")).await;
    assert!(empty.expect(422).has("textarea[aria-invalid]#f-message"));
    let long = "trop ".repeat(1_000);
    let refused = me.post(&paths::comments(&id), &said(&key, &long)).await;
    assert!(refused.expect(422).html().contains("trop trop"));
    for _ in 0..2 {
        me.post(
            &paths::comments(&id),
            &said(&key, "Qu’en dites-vous, @éva lune ? <b>"),
        )
        .await
        .expect(303);
    }
    assert_eq!(
        (comments(&test).await, cited(&test).await),
        (1, 1),
        "sent twice, said once"
    );

    assert!(colleague.get("/").await.text(".next").contains("vous cite"));
    let sheet = colleague.get(&paths::show(&id)).await;
    assert!(sheet.text("#commentaires").contains("@éva lune ? <b>"));
    assert!(sheet.text("#commentaires").contains("On vous a cité"));
    assert!(!me.get("/").await.text("main").contains("vous cite"));
    colleague
        .post(&paths::comments(&id), &[("message", "Oui.")])
        .await
        .expect(303);
    assert!(!colleague.get("/").await.text("main").contains("vous cite"));
    assert_eq!(
        test.count("select count(*) from journal where subject = 'comment' and comment is null")
            .await,
        2
    );
}

#[tokio::test]
async fn one_s_own_comment_changes_within_the_day_and_nobody_else_s_does() {
    let test = TestApp::start().await;
    let (me, other) = (test.as_(Role::Advisor).await, test.as_(Role::Advisor).await);
    let id = make::synergy(&test).await;
    me.post(&paths::comments(&id), &[("message", "Un")])
        .await
        .expect(303);
    let sheet = me.get(&paths::show(&id)).await;
    let edit = sheet.attr("#commentaires li form", "action").unwrap();
    assert!(!other.get(&paths::show(&id)).await.has("#commentaires li form"));
    other.post(&edit, &[("message", "Trois")]).await.expect(404);
    let refused = me.post(&edit, &[("message", "")]).await;
    assert!(refused.expect(422).has("details[open] #f-message"));
    me.post(&edit, &[("message", "Deux")]).await.expect(303);
    let text = other.get(&paths::show(&id)).await.text("#commentaires");
    assert!(text.contains("Deux") && text.contains("modifié") && !text.contains("Trois"));
    test.travel(Duration::days(1));
    let me = test.signed_in(me.user).await;
    me.post(&edit, &[("message", "Quatre")]).await.expect(409);
    me.post(&format!("{edit}/retrait"), &[]).await.expect(409);

    me.post(&paths::comments(&id), &[("message", "À retirer")])
        .await
        .expect(303);
    let sheet = me.get(&paths::show(&id)).await;
    let edit = sheet.attr("#commentaires li form", "action").unwrap();
    me.post(&format!("{edit}/retrait"), &[]).await.expect(303);
    assert_eq!(comments(&test).await, 1);
}

#[tokio::test]
async fn comments_stay_in_the_territory() {
    let test = TestApp::start().await;
    let id = make::synergy(&test).await;
    let there = make::territory(&test.system(), "Ailleurs").await;
    let stranger = make::user(&test, Role::Advisor, there).await;
    let stranger = test.signed_in(stranger).await;
    stranger.get(&paths::comments(&id)).await.expect(404);
    stranger
        .post(&paths::comments(&id), &[("message", "Bonjour")])
        .await
        .expect(404);
    stranger
        .post(&talk::read(Subject::Synergy(id)), &[])
        .await
        .expect(404);
    assert_eq!(comments(&test).await, 0);
}

#[tokio::test]
async fn a_company_and_a_flow_are_talked_about_as_a_synergy_is() {
    let test = TestApp::start().await;
    let (me, colleague) = (test.as_(Role::Advisor).await, test.as_(Role::Pilot).await);
    name(&test, colleague.user, "Éva Lune").await;
    let site = make::establishment(&test, test.territory, "Cartonnerie Belle-Anse").await;
    let flow = make::flow(&test, &site, Direction::Outbound, "MAT-01", ("Chutes", 3.0, "t")).await;
    let sheets = [
        (
            Subject::Establishment(site.id),
            format!("/entreprises/{}", site.id),
        ),
        (Subject::Flow(flow.id), format!("/flux/{}/modifier", flow.id)),
    ];
    for (subject, sheet) in sheets {
        let page = me.get(&sheet).await;
        let thread = page.expect(200).text("#commentaires");
        assert!(
            thread.contains("Jamais par les entreprises ni le COPIL"),
            "{thread}"
        );
        assert!(page.has("#collegues option[value='Éva Lune']"));
        let address = talk::thread(subject);
        me.post(&address, &[("message", " ")]).await.expect(422);
        let done = me
            .post(&address, &[("message", "À rappeler en mars, @éva lune ?")])
            .await;
        assert_eq!(done.expect(303).location(), format!("{sheet}#commentaires"));
        let home = colleague.get("/").await;
        assert!(home.text(".next").contains("vous cite"), "{}", home.text("main"));
        let there = colleague.get(&sheet).await.text("#commentaires");
        assert!(
            there.contains("À rappeler en mars") && there.contains("On vous a cité"),
            "{there}"
        );
        colleague.post(&talk::read(subject), &[]).await.expect(303);
        assert!(!colleague.get("/").await.text("main").contains("vous cite"));
    }
    assert_eq!((comments(&test).await, cited(&test).await), (2, 2));
    let there = make::territory(&test.system(), "Ailleurs").await;
    let stranger = make::user(&test, Role::Advisor, there).await;
    let stranger = test.signed_in(stranger).await;
    let company = make::user_of(&test, Role::Company, test.territory, Some(site.company_id)).await;
    let company = test.signed_in(company).await;
    for subject in [Subject::Establishment(site.id), Subject::Flow(flow.id)] {
        stranger.get(&talk::thread(subject)).await.expect(404);
        company.get(&talk::thread(subject)).await.expect(403);
    }
    assert!(
        !company
            .get("/mon-espace")
            .await
            .html()
            .contains("À rappeler en mars")
    );
    me.get("/discussions/visite/00000000-0000-7000-8000-000000000000")
        .await
        .expect(404);
}

/// The form of one rule, by its rank on the page.
fn rule(page: &Reply, rank: usize) -> Vec<(String, String)> {
    page.fields(&format!(".next li:nth-child({}) form", rank + 1))
}

async fn act(me: &Client, fields: &[(String, String)], act: &str) -> Reply {
    let mut fields: Vec<_> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    fields.retain(|(name, _)| *name != "act");
    fields.push(("act", act));
    me.post(paths::RULE_MOVE, &fields).await
}

#[tokio::test]
async fn rules_are_added_moved_and_removed_one_change_at_a_time() {
    let test = TestApp::start().await;
    test.as_(Role::Advisor).await.get(paths::RULES).await.expect(403);
    let (me, colleague) = (test.as_(Role::Pilot).await, test.as_(Role::Pilot).await);
    let wrong = [("category", "MAT-99"), ("section", "ZZ"), ("family", "MAT")];
    let refused = me.post(paths::RULES, &wrong).await;
    refused.expect(422);
    for field in ["category", "section", "speciality"] {
        assert!(refused.has(&format!("#e-{field}")), "{field}");
    }
    assert!(
        refused.has("#f-family option[value=MAT][selected]"),
        "what was typed is kept"
    );

    let before = me.get(paths::RULES).await.texts(".next li p");
    let fields = [("category", "MAT-03"), ("speciality", "trade")];
    for _ in 0..2 {
        me.post(paths::RULES, &fields).await.expect(303);
    }
    let page = me.get(paths::RULES).await;
    let rules = page.texts(".next li p");
    assert_eq!(rules.len(), before.len() + 1, "added once");
    let rank = rules.iter().position(|rule| rule.contains("MAT-03")).unwrap();
    let seen = colleague.get(paths::RULES).await;
    act(&me, &rule(&page, rank), "monter").await.expect(303);
    let rules = me.get(paths::RULES).await.texts(".next li p");
    assert!(rules[rank - 1].contains("MAT-03"), "{rules:?}");

    // The colleague's page is out of date: the rule that took the place is not removed instead.
    let stale = act(&colleague, &rule(&seen, rank), "retirer").await;
    assert!(
        stale
            .expect(409)
            .text("main")
            .contains("vient de changer ces règles")
    );
    let page = colleague.get(paths::RULES).await;
    assert_eq!(page.texts(".next li p"), rules);
    act(&colleague, &rule(&page, rank - 1), "retirer")
        .await
        .expect(303);
    assert_eq!(me.get(paths::RULES).await.texts(".next li p"), before);

    // Two rules added at the same moment are both there.
    let (one, other) = (
        [("category", "MAT-01"), ("speciality", "trade")],
        [("category", "MAT-12"), ("speciality", "trade")],
    );
    let (a, b) = tokio::join!(me.post(paths::RULES, &one), colleague.post(paths::RULES, &other));
    assert_eq!((a.status.as_u16(), b.status.as_u16()), (303, 303));
    assert_eq!(
        me.get(paths::RULES).await.texts(".next li p").len(),
        before.len() + 2
    );
}

#[tokio::test]
async fn an_absence_is_one_s_own_or_noted_by_a_pilot() {
    let test = TestApp::start().await;
    let (me, other) = (test.as_(Role::Advisor).await, test.as_(Role::Advisor).await);
    name(&test, me.user, "Éva Lune").await;
    name(&test, other.user, "Noé Brun").await;
    let day = |days: i64| {
        (test.system().today() + Duration::days(days))
            .format("%d/%m/%Y")
            .to_string()
    };
    let (mine, theirs) = (me.user.to_string(), other.user.to_string());
    let (from, to, past) = (day(0), day(9), day(-9));
    let note = async |who: &Client, fields: &[(&str, &str)]| who.post(paths::ABSENCES, fields).await;
    let refused = note(
        &me,
        &[
            ("user", &theirs),
            ("from", "demain"),
            ("to", &past),
            ("replacement", &theirs),
        ],
    )
    .await;
    refused.expect(422);
    for field in ["user", "from", "to", "replacement"] {
        assert!(
            refused.has(&format!("#e-{field}")),
            "{field}: {}",
            refused.text(".errsum")
        );
    }
    assert_eq!(refused.attr("#f-from", "value").as_deref(), Some("demain"));

    let page = me.get(paths::TEAM).await;
    let key = page
        .attr(
            &format!("form[action='{}'] input[name=id]", paths::ABSENCES),
            "value",
        )
        .unwrap();
    let fields = [
        ("id", key.as_str()),
        ("user", &mine),
        ("from", &from),
        ("to", &to),
        ("replacement", &theirs),
    ];
    for _ in 0..2 {
        note(&me, &fields).await.expect(303);
    }
    assert_eq!(test.count("select count(*) from absences").await, 1);
    let team = other.get(paths::TEAM).await.text("main");
    assert!(
        team.contains("absent jusqu’au") && team.contains("Noé Brun remplace"),
        "{team}"
    );
    let away = paths::absence_drop(&key.parse().unwrap());
    other.post(&away, &[]).await.expect(404);
    test.as_(Role::Pilot).await.post(&away, &[]).await.expect(303);
    assert_eq!(test.count("select count(*) from absences").await, 0);
}

#[tokio::test]
async fn everything_open_changes_hands_at_once_and_comes_back() {
    let test = TestApp::start().await;
    let (giver, taker) = (test.as_(Role::Advisor).await, test.as_(Role::Advisor).await);
    let pilot = test.as_(Role::Pilot).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        let id = make::synergy(&test).await;
        giver.post(&paths::take(&id), &[]).await.expect(303);
        ids.push(id);
    }
    let later = (test.system().today() + Duration::days(30))
        .format("%d/%m/%Y")
        .to_string();
    giver
        .post(&paths::sleep(&ids[2]), &[("until", &later)])
        .await
        .expect(303);
    let (from, to) = (giver.user.to_string(), taker.user.to_string());
    let held = async |user: &str| {
        test.count(format!(
            "select count(*) from synergies where assigned_to = '{user}'"
        ))
        .await
    };
    let hand = async |who: &Client, fields: &[(&str, &str)]| who.post(paths::HANDOVERS, fields).await;
    let refused = hand(&pilot, &[("giver", &from), ("taker", &from)]).await;
    assert!(refused.expect(422).has("#e-taker"));
    let refused = hand(&taker, &[("giver", &from), ("taker", &to)]).await;
    assert!(refused.expect(422).has("#e-giver"), "not one's own");
    let refused = hand(&pilot, &[("giver", &to), ("taker", &from)]).await;
    assert!(
        refused
            .expect(422)
            .text(".errsum")
            .contains("ne suit aucune synergie ouverte")
    );
    hand(&pilot, &[("giver", &from), ("taker", &to)])
        .await
        .expect(303);
    assert_eq!((held(&from).await, held(&to).await), (1, 2), "what sleeps stays");
    let told = taker.get(&paths::show(&ids[0])).await.text(".line");
    assert!(told.contains("Confiée à un collègue, avec les autres"), "{told}");

    // What the taker gave to somebody else meanwhile does not come back.
    let third = test.as_(Role::Advisor).await.user.to_string();
    taker
        .post(&paths::assign(&ids[1]), &[("user", &third)])
        .await
        .expect(303);
    let page = pilot.get(paths::TEAM).await;
    let undo = page.attr("form[action$='/annulation']", "action").unwrap();
    assert!(!giver.get(paths::TEAM).await.has("form[action$='/annulation']"));
    giver.post(&undo, &[]).await.expect(409);
    let done = pilot.post(&undo, &[]).await;
    done.expect(303);
    assert_eq!(
        (held(&from).await, held(&to).await, held(&third).await),
        (2, 0, 1)
    );
    assert!(!pilot.get(paths::TEAM).await.has("form[action$='/annulation']"));
}

#[tokio::test]
async fn a_pilot_reads_what_each_has_in_hand_and_what_no_longer_moves() {
    let test = TestApp::start().await;
    let (me, pilot) = (test.as_(Role::Advisor).await, test.as_(Role::Pilot).await);
    name(&test, me.user, "Bao Brun").await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let id = make::synergy(&test).await;
        me.post(&paths::take(&id), &[]).await.expect(303);
        ids.push(id);
    }
    let yesterday = (test.system().today() - Duration::days(1)).format("%d/%m/%Y");
    let action = [
        ("what", "Appeler".to_owned()),
        ("owner", me.user.to_string()),
        ("due_on", yesterday.to_string()),
    ];
    let action: Vec<_> = action.iter().map(|(n, v)| (*n, v.as_str())).collect();
    me.post(&paths::action(&ids[0]), &action).await.expect(303);
    test.execute(format!(
        "update synergies set state = 'silent', silent_from = 'contact_proposed', state_since = now() - interval '30 days' where id = '{}'",
        ids[1]
    ))
    .await;
    let figures = async |path: &str| {
        let cells = pilot.get(path).await.texts("tbody tr:nth-child(1) td");
        let first = |cell: &String| cell.split(' ').next().unwrap_or_default().to_owned();
        cells.iter().take(6).map(first).collect::<Vec<_>>()
    };
    assert_eq!(figures(paths::TEAM).await, ["2", "1", "0", "0", "1", "1"]);
    let still = format!("{}?immobile=21", paths::TEAM);
    assert_eq!(figures(&still).await, ["1", "0", "0", "0", "1", "0"]);
    let page = pilot.get(&still).await;
    assert_eq!(
        page.text(".chips [aria-current]"),
        "Ne bouge plus depuis 21 jours"
    );
    let list = pilot.get(&page.attr("tbody td a", "href").unwrap()).await;
    assert_eq!(list.texts("tbody th").len(), 1);
    assert!(list.text(".filt").contains("Sans mouvement depuis 21 jours"));
    let silent = pilot.get("/synergies?corbeille=sans-nouvelles").await;
    assert_eq!(silent.texts(".rows .t").len(), 1);
}

#[tokio::test]
async fn one_entry_of_the_menu_is_current_on_every_basket() {
    let test = TestApp::start().await;
    let me = test.as_(Role::Advisor).await;
    let cases = [
        ("/synergies", "À étudier"),
        ("/synergies?corbeille=en-place", "À étudier"),
        ("/synergies?corbeille=sans-nouvelles&forme=tableau", "À étudier"),
        ("/synergies?type=mutualisation", "Groupes"),
        ("/synergies?corbeille=en-cours&type=mutualisation", "Groupes"),
        ("/synergies/et-si", "Et si…"),
    ];
    for (path, entry) in cases {
        let current = me.get(path).await.texts(".side [aria-current]");
        assert_eq!(current.len(), 1, "{path}: {current:?}");
        assert!(current[0].starts_with(entry), "{path}: {current:?}");
    }
}

#[tokio::test]
async fn an_absence_moves_what_is_assigned_said_and_summed_up_to_the_substitute() {
    let test = TestApp::start().await;
    let (away, other) = (test.as_(Role::Advisor).await, test.as_(Role::Advisor).await);
    let pilot = test.as_(Role::Pilot).await;
    name(&test, away.user, "Éva Lune").await;
    let id: SynergyId = make::synergy(&test).await;
    away.post(&paths::take(&id), &[]).await.expect(303);
    let mine = "/synergies?corbeille=en-cours&attribution=moi";
    assert!(!other.get(mine).await.has(".rows .t"));

    let today = test.system().today();
    let day = |days: i64| (today + Duration::days(days)).format("%d/%m/%Y").to_string();
    let fields = [
        ("user", away.user.to_string()),
        ("from", day(0)),
        ("to", day(9)),
        ("replacement", other.user.to_string()),
    ];
    let fields: Vec<_> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    pilot.post(paths::ABSENCES, &fields).await.expect(303);

    assert!(other.get(mine).await.has(".rows .t"), "hers are his meanwhile");
    assert!(
        other
            .get("/")
            .await
            .text(".next")
            .contains("proposition que vous étudiez")
    );
    let to = away.user.to_string();
    pilot
        .post(&paths::assign(&id), &[("user", &to)])
        .await
        .expect(303);
    pilot
        .post(&paths::comments(&id), &[("message", "Où en est-on, @Éva Lune ?")])
        .await
        .expect(303);
    maillage::synergies::recap(&test.system(), today).await.unwrap();
    let letters = async |user: &Client, topic: &str| {
        test.count(format!(
            "select count(*) from letters where topic = '{topic}' and user_id = '{}'",
            user.user
        ))
        .await
    };
    for topic in ["assigned", "mention", "recap"] {
        assert_eq!(
            (letters(&away, topic).await, letters(&other, topic).await),
            (0, 1),
            "{topic}"
        );
    }
    assert_eq!(
        test.count("select count(*) from letters where body like '%Vous remplacez Éva Lune%'")
            .await,
        2
    );
    assert_eq!(
        test.count(format!(
            "select count(*) from letters where user_id = '{}' and body like '%une synergie que vous étudiez%'",
            other.user
        ))
        .await,
        1
    );
    assert!(other.get("/").await.text(".next").contains("vous cite"));
    other
        .post(&talk::read(Subject::Synergy(id)), &[])
        .await
        .expect(303);
    assert!(!other.get("/").await.text("main").contains("vous cite"));
    assert!(!away.get("/").await.text("main").contains("vous cite"));
}

#[tokio::test]
async fn the_rules_that_a_pilot_writes_say_who_is_suggested() {
    let test = TestApp::start().await;
    let (eva, noe) = (test.as_(Role::Advisor).await, test.as_(Role::Advisor).await);
    let pilot = test.as_(Role::Pilot).await;
    for (who, called, known) in [
        (&eva, "Éva Lune", "{industry_innovation,sustainable_development}"),
        (&noe, "Noé Brun", "{trade}"),
    ] {
        name(&test, who.user, called).await;
        test.execute(format!(
            "update users set specialities = '{known}' where id = '{}'",
            who.user
        ))
        .await;
    }
    make::synergy(&test).await;
    let suggested = async || pilot.get(paths::LIST).await.text(".suggested");
    assert!(
        suggested().await.starts_with("Pour Éva Lune"),
        "{}",
        suggested().await
    );

    let added = [("category", "MAT-01"), ("speciality", "trade")];
    pilot.post(paths::RULES, &added).await.expect(303);
    loop {
        let page = pilot.get(paths::RULES).await;
        let rules = page.texts(".next li p");
        let rank = rules.iter().position(|rule| rule.contains("MAT-01")).unwrap();
        if rank == 0 {
            break;
        }
        act(&pilot, &rule(&page, rank), "monter").await.expect(303);
    }
    assert!(
        suggested().await.starts_with("Pour Noé Brun"),
        "{}",
        suggested().await
    );
    let page = pilot.get(paths::RULES).await;
    act(&pilot, &rule(&page, 0), "retirer").await.expect(303);
    assert!(suggested().await.starts_with("Pour Éva Lune"));
}
