//! The administrator's screens and the pilot's team: who may do what to which account, the lists, the
//! forms with their refusals, territories, jobs, journal.

use crate::support::{Client, TestApp, make};
use maillage::accounts::store as accounts;
use maillage::administration::paths;
use maillage::kernel::ids::{CompanyId, JobId, OrganisationId, TerritoryId, UserId, ZoneId};
use maillage::platform::access::Role;
use maillage::territories::paths as places;

const PASSWORD: &str = "quatre lamas sous la pluie";

fn at(pattern: &str, id: impl std::fmt::Display) -> String {
    maillage::platform::web::fill(pattern, id)
}

/// The link shown on the page that follows an invitation.
fn link(reply: &crate::support::Reply) -> String {
    let link = reply.attr("#f-link", "value").unwrap();
    link.strip_prefix("http://maillage.test").unwrap().to_owned()
}

/// Fields of a form as its page fills them, hidden ones included, changed by `with`.
fn filled<'a>(page: &crate::support::Reply, with: &[(&'a str, &'a str)]) -> Vec<(String, String)> {
    use scraper::{Html, Selector};
    let html = Html::parse_document(&page.html());
    let select = |css: &str| Selector::parse(css).unwrap();
    let mut fields: Vec<(String, String)> = html
        .select(&select(
            "main form.stack input[name], main form.panel:not(.filters) input[name]",
        ))
        .filter(|input| input.attr("type") != Some("checkbox") || input.attr("checked").is_some())
        .filter(|input| input.attr("type") != Some("radio") || input.attr("checked").is_some())
        .map(|input| {
            (
                input.attr("name").unwrap().to_owned(),
                input.attr("value").unwrap_or("").to_owned(),
            )
        })
        .collect();
    for area in html.select(&select("main textarea")) {
        fields.push((area.attr("name").unwrap().to_owned(), area.text().collect()));
    }
    for choice in html.select(&select("main select option[selected]")) {
        let select = choice.parent().and_then(scraper::ElementRef::wrap).unwrap();
        fields.push((
            select.attr("name").unwrap().to_owned(),
            choice.attr("value").unwrap().to_owned(),
        ));
    }
    for (name, value) in with {
        if *name != "roles" {
            fields.retain(|(known, _)| known != name);
        }
        fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    fields
}

async fn send(client: &Client, path: &str, fields: &[(String, String)]) -> crate::support::Reply {
    let fields: Vec<_> = fields.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    client.post(path, &fields).await
}

async fn grants(test: &TestApp, user: UserId) -> Vec<Role> {
    let mut db = test.system().read().await.unwrap();
    accounts::grants(&mut db, user)
        .await
        .unwrap()
        .into_iter()
        .map(|grant| grant.role)
        .collect()
}

// ---- accounts, by an administrator

#[tokio::test]
async fn an_invited_person_chooses_a_password_by_the_link_shown_once() {
    let test = TestApp::start().await;
    let admin = test.as_(Role::Admin).await;
    let page = admin.get(paths::NEW_USER).await;
    page.expect(200);
    let advisor = format!("advisor:{}", test.territory);
    let fields = filled(
        &page,
        &[
            ("name", "Claire d’Essai"),
            ("email", " Claire@Exemple.fr"),
            ("specialities", "trade"),
            ("roles", &advisor),
            ("roles", "admin"),
        ],
    );
    let created = send(&admin, paths::NEW_USER, &fields).await;
    created.expect(200);
    let link = link(&created);
    let again = send(&admin, paths::NEW_USER, &fields).await;
    again.expect(303);
    assert!(
        !admin.get(again.location()).await.html().contains(&link),
        "shown once"
    );
    assert_eq!(
        test.count("select count(*) from users where email = 'claire@exemple.fr'")
            .await,
        1
    );
    assert_eq!(
        test.count("select count(*) from journal where action like 'compte créé, invitation%' and after->>'name' = 'Claire d’Essai'").await,
        1
    );

    let claire = test.nobody();
    claire
        .post(&link, &[("password", PASSWORD), ("again", PASSWORD)])
        .await
        .expect(303);
    claire
        .post(
            "/connexion",
            &[("email", "claire@exemple.fr"), ("password", PASSWORD)],
        )
        .await
        .expect(303);
    claire.get(paths::USERS).await.expect(200);
    let list = admin
        .get("/administration/utilisateurs?q=claire&etat=actif&role=advisor")
        .await;
    assert_eq!(list.texts("main tbody tr").len(), 1);
    assert!(list.text("main tbody tr").contains("Conseiller, Pays d’essai"));
    assert!(list.text("main tbody tr").contains("commerce"));
    assert_eq!(list.texts(".chip.on").len(), 3);
}

#[tokio::test]
async fn a_refused_invitation_keeps_what_was_typed() {
    let test = TestApp::start().await;
    let admin = test.as_(Role::Admin).await;
    let page = admin.get(paths::NEW_USER).await;
    let elsewhere = format!("advisor:{}", TerritoryId::fresh());
    let fields = filled(
        &page,
        &[
            ("name", "  "),
            ("email", "claire"),
            ("roles", &elsewhere),
            ("company_typed", "Introuvable"),
        ],
    );
    let refused = send(&admin, paths::NEW_USER, &fields).await;
    refused.expect(422);
    for field in ["name", "email", "roles", "company"] {
        assert!(
            refused.has(&format!("#e-{field}")) || refused.has(&format!("a[href='#f-{field}']")),
            "{field}"
        );
    }
    assert_eq!(refused.attr("#f-email", "value").as_deref(), Some("claire"));
    assert_eq!(
        refused.attr("#f-company", "value").as_deref(),
        Some("Introuvable")
    );
    assert_eq!(test.count("select count(*) from users").await, 1);

    let none = filled(&page, &[("name", "Claire"), ("email", "claire@exemple.fr")]);
    let reply = send(&admin, paths::NEW_USER, &none).await;
    reply.expect(422);
    assert!(reply.text(".errsum").contains("au moins un rôle"));

    let taken = format!("{}@exemple.fr", admin.user);
    let twice = filled(
        &page,
        &[("name", "Claire"), ("email", &taken), ("roles", "admin")],
    );
    let reply = send(&admin, paths::NEW_USER, &twice).await;
    reply.expect(422);
    assert!(reply.text("#e-email").contains("existe déjà"));
}

#[tokio::test]
async fn a_company_contact_is_bound_to_a_company_found_by_typing() {
    let test = TestApp::start().await;
    let admin = test.as_(Role::Admin).await;
    let there = make::territory(&test.system(), "Pays voisin").await;
    let firm = make::establishment(&test, test.territory, "Fonderie du Pont").await;
    make::establishment(&test, there, "Fonderie du Gué").await;
    let found = admin.get("/administration/entreprises.json?q=fonderie").await;
    let found: Vec<serde_json::Value> = serde_json::from_slice(&found.bytes).unwrap();
    assert_eq!(found.len(), 2);

    let page = admin.get(paths::NEW_USER).await;
    let fields = filled(
        &page,
        &[
            ("name", "Le contact"),
            ("email", "contact@exemple.fr"),
            ("company_typed", "fonderie du pont"),
        ],
    );
    send(&admin, paths::NEW_USER, &fields).await.expect(200);
    let company: i64 = test
        .count("select count(*) from user_roles r join companies c on c.id = r.company_id where r.role = 'company' and c.territory_id = r.territory_id")
        .await;
    assert_eq!(company, 1);

    let user: UserId = fields
        .iter()
        .find(|(name, _)| name == "id")
        .unwrap()
        .1
        .parse()
        .unwrap();
    let edit = admin.get(&at(paths::USER_EDIT, user)).await;
    let token = format!("company:{}", firm.company_id);
    assert!(edit.has(&format!("input[name=roles][value='{token}'][checked]")));
    let mut without = filled(&edit, &[("roles", "admin")]);
    without.retain(|(_, value)| *value != token);
    send(&admin, &at(paths::USER_EDIT, user), &without)
        .await
        .expect(303);
    assert_eq!(grants(&test, user).await, [Role::Admin]);
}

#[tokio::test]
async fn roles_are_a_set_changed_at_once_and_journalled_with_both_states() {
    let test = TestApp::start().await;
    let admin = test.as_(Role::Admin).await;
    let user = make::user(&test, Role::Advisor, test.territory).await;
    let path = at(paths::USER_EDIT, user);
    let page = admin.get(&path).await;
    page.expect(200);
    let pilot = format!("pilot:{}", test.territory);
    let mut fields = filled(&page, &[("name", "Autre nom"), ("roles", &pilot)]);
    fields.retain(|(_, value)| !value.starts_with("advisor:"));
    send(&admin, &path, &fields).await.expect(303);
    assert_eq!(grants(&test, user).await, [Role::Pilot]);
    assert_eq!(
        test.count(
            "select count(*) from journal where action = 'compte modifié' and before->'roles'->>0 = 'Conseiller, Pays d’essai'
             and after->'roles'->>0 = 'Pilote, Pays d’essai' and after->>'name' = 'Autre nom'"
        )
        .await,
        1
    );
    let revoked = admin.post(&at(paths::USER_ROLE, user), &[("role", &pilot)]).await;
    revoked.expect(303);
    assert!(grants(&test, user).await.is_empty());
    admin
        .post(&at(paths::USER_ROLE, user), &[("role", &pilot)])
        .await
        .expect(404);
    let page = admin.get(&at(paths::USER, user)).await;
    assert!(page.text("main").contains("rôle retiré : Pilote"));
}

#[tokio::test]
async fn two_administrators_saving_the_same_account_see_the_three_values() {
    let test = TestApp::start().await;
    let (one, other) = (test.as_(Role::Admin).await, test.as_(Role::Admin).await);
    let user = make::user(&test, Role::Advisor, test.territory).await;
    let path = at(paths::USER_EDIT, user);
    let page = one.get(&path).await;
    let partner = format!("partner:{}", test.territory);
    let first = filled(&page, &[("name", "Premier"), ("roles", &partner)]);
    send(&one, &path, &first).await.expect(303);
    let second = filled(&page, &[("name", "Second"), ("email", "neuf@exemple.fr")]);
    let conflict = send(&other, &path, &second).await;
    conflict.expect(409);
    let row = conflict
        .texts("tbody tr")
        .into_iter()
        .find(|row| row.starts_with("Nom"))
        .unwrap();
    assert_eq!(row, "NomSecondPremierPersonne Conseiller");
    assert_eq!(conflict.attr("#f-name", "value").as_deref(), Some("Second"));
    assert!(
        conflict.has(&format!("input[value='{partner}'][checked]")),
        "their role came in"
    );
    send(&other, &path, &filled(&conflict, &[])).await.expect(303);
    assert_eq!(grants(&test, user).await, [Role::Advisor, Role::Partner]);
    assert_eq!(
        test.count("select count(*) from users where name = 'Second' and email = 'neuf@exemple.fr'")
            .await,
        1
    );

    let page = one.get(&path).await;
    send(&one, &path, &filled(&page, &[("name", "Troisième")]))
        .await
        .expect(303);
    let merged = filled(&page, &[("email", "dernier@exemple.fr")]);
    send(&other, &path, &merged).await.expect(303);
    let both = test
        .count("select count(*) from users where name = 'Troisième' and email = 'dernier@exemple.fr'")
        .await;
    assert_eq!(both, 1, "different fields merge");
}

#[tokio::test]
async fn the_last_administrator_stays_and_nobody_suspends_themselves() {
    let test = TestApp::start().await;
    let admin = test.as_(Role::Admin).await;
    let me = admin.user;
    let refused = admin.post(&at(paths::USER_SUSPENSION, me), &[]).await;
    refused.expect(409);
    assert!(refused.text("main").contains("votre propre compte"));
    let refused = admin.post(&at(paths::USER_ROLE, me), &[("role", "admin")]).await;
    refused.expect(409);
    assert!(refused.text("main").contains("dernier administrateur"));
    let path = at(paths::USER_EDIT, me);
    let mut fields = filled(&admin.get(&path).await, &[]);
    fields.retain(|(name, value)| name != "roles" || value != "admin");
    let refused = send(&admin, &path, &fields).await;
    refused.expect(422);
    assert!(refused.text(".errsum").contains("dernier administrateur"));

    let other = make::user(&test, Role::Admin, test.territory).await;
    admin
        .post(&at(paths::USER_ROLE, me), &[("role", "admin")])
        .await
        .expect(409);
    test.execute(format!(
        "update users set password_hash = 'x' where id = '{other}'"
    ))
    .await;
    let gone = admin.post(&at(paths::USER_ROLE, me), &[("role", "admin")]).await;
    gone.expect(303);
    assert_eq!(gone.location(), "/");
    admin.get(paths::USERS).await.expect(403);
    assert_eq!(grants(&test, other).await, [Role::Admin]);
}

#[tokio::test]
async fn two_administrators_cannot_remove_each_other_at_once() {
    let test = TestApp::start().await;
    let (one, other) = (test.as_(Role::Admin).await, test.as_(Role::Admin).await);
    test.execute("update users set password_hash = 'x'".to_owned())
        .await;
    let (a, b) = (one.user, other.user);
    let together = tokio::task::LocalSet::new();
    let acts = [
        together.spawn_local(async move {
            one.post(&at(paths::USER_ROLE, b), &[("role", "admin")])
                .await
                .status
        }),
        together.spawn_local(async move { other.post(&at(paths::USER_SUSPENSION, a), &[]).await.status }),
    ];
    together.await;
    for act in acts {
        assert!(!act.await.unwrap().is_server_error());
    }
    let able = test
        .count("select count(*) from user_roles r join users u on u.id = r.user_id where r.role = 'admin' and u.suspended_at is null")
        .await;
    assert!(able >= 1);
}

#[tokio::test]
async fn suspending_closes_everything_and_reactivating_gives_it_back() {
    let test = TestApp::start().await;
    let admin = test.as_(Role::Admin).await;
    let advisor = test.as_(Role::Advisor).await;
    let id = advisor.user;
    let link = link(&admin.post(&at(paths::USER_INVITATION, id), &[]).await);
    test.nobody().get(&link).await.expect(200);
    admin.post(&at(paths::USER_SUSPENSION, id), &[]).await.expect(303);
    advisor.get("/compte").await.expect(303);
    test.nobody().get(&link).await.expect(404);
    admin.post(&at(paths::USER_INVITATION, id), &[]).await.expect(409);
    assert!(
        admin
            .get(&at(paths::USER, id))
            .await
            .text(".head")
            .contains("suspendu")
    );
    admin.post(&at(paths::USER_RETURN, id), &[]).await.expect(303);
    test.nobody().get(&link).await.expect(404);
    let back = test.signed_in(id).await;
    back.get("/compte").await.expect(200);
    admin.post(&at(paths::USER_SESSIONS, id), &[]).await.expect(303);
    back.get("/compte").await.expect(303);
    assert_eq!(
        test.count("select count(*) from journal where action in ('compte suspendu', 'compte réactivé', 'sessions fermées', 'lien d’invitation renouvelé')").await,
        4
    );
}

#[tokio::test]
async fn a_new_link_replaces_the_one_before_and_a_new_address_voids_it() {
    let test = TestApp::start().await;
    let admin = test.as_(Role::Admin).await;
    let user = make::user(&test, Role::Partner, test.territory).await;
    let first = link(&admin.post(&at(paths::USER_INVITATION, user), &[]).await);
    let second = link(&admin.post(&at(paths::USER_INVITATION, user), &[]).await);
    test.nobody().get(&first).await.expect(404);
    test.nobody().get(&second).await.expect(200);
    let path = at(paths::USER_EDIT, user);
    let fields = filled(&admin.get(&path).await, &[("email", "autre@exemple.fr")]);
    send(&admin, &path, &fields).await.expect(303);
    test.nobody().get(&second).await.expect(404);
}

// ---- the team, by a pilot

#[tokio::test]
async fn a_pilot_invites_the_team_of_the_territory_and_gives_no_command() {
    let test = TestApp::start().await;
    let pilot = test.as_(Role::Pilot).await;
    let there = make::territory(&test.system(), "Pays voisin").await;
    let page = pilot.get(paths::NEW_MEMBER).await;
    page.expect(200);
    assert!(!page.has("input[value=admin]") && !page.has("input[value^='pilot:']"));
    let (here, there) = (test.territory, there);
    for refused in [
        "admin".to_owned(),
        format!("pilot:{here}"),
        format!("admin:{here}"),
        format!("advisor:{there}"),
        format!("company:{}", CompanyId::fresh()),
    ] {
        let fields = filled(
            &page,
            &[("name", "X"), ("email", "x@exemple.fr"), ("roles", &refused)],
        );
        let reply = send(&pilot, paths::NEW_MEMBER, &fields).await;
        assert_eq!(reply.status, 422, "{refused}");
        // Saying that the role was there already gives nothing either.
        let fields = filled(
            &page,
            &[
                ("name", "X"),
                ("email", "x@exemple.fr"),
                ("roles", &refused),
                ("was_roles", &refused),
            ],
        );
        let reply = send(&pilot, paths::NEW_MEMBER, &fields).await;
        assert_eq!(reply.status, 422, "{refused}");
    }
    assert_eq!(
        test.count("select count(*) from users where email = 'x@exemple.fr'")
            .await,
        0
    );
    for (role, wanted) in [
        ("advisor", Role::Advisor),
        ("partner", Role::Partner),
        ("committee", Role::Committee),
    ] {
        let page = pilot.get(paths::NEW_MEMBER).await;
        let (email, token) = (format!("{role}@exemple.fr"), format!("{role}:{here}"));
        let fields = filled(&page, &[("name", "Y"), ("email", &email), ("roles", &token)]);
        send(&pilot, paths::NEW_MEMBER, &fields).await.expect(200);
        let user: UserId = fields
            .iter()
            .find(|(name, _)| name == "id")
            .unwrap()
            .1
            .parse()
            .unwrap();
        assert_eq!(grants(&test, user).await, [wanted]);
    }
    let listed = pilot.get(paths::TEAM).await;
    assert_eq!(listed.texts("main tbody tr").len(), 4, "three and the pilot");
    assert_eq!(
        test.count(
            "select count(*) from journal where action like 'compte créé, inv%' and territory_id is not null"
        )
        .await,
        3
    );
}

#[tokio::test]
async fn an_administrator_at_the_team_desk_reaches_no_further_than_a_pilot() {
    let test = TestApp::start().await;
    let admin = test.as_(Role::Admin).await;
    let page = admin.get(paths::NEW_MEMBER).await;
    let fields = filled(
        &page,
        &[("name", "X"), ("email", "x@exemple.fr"), ("roles", "admin")],
    );
    send(&admin, paths::NEW_MEMBER, &fields).await.expect(422);
}

#[tokio::test]
async fn a_pilot_sees_nobody_of_a_neighbour_territory() {
    let test = TestApp::start().await;
    let pilot = test.as_(Role::Pilot).await;
    let there = make::territory(&test.system(), "Pays voisin").await;
    let neighbour = make::user(&test, Role::Advisor, there).await;
    let firm = make::establishment(&test, there, "Fonderie du Gué").await;
    for pattern in [paths::MEMBER, paths::MEMBER_EDIT] {
        pilot.get(&at(pattern, neighbour)).await.expect(404);
    }
    for pattern in [
        paths::MEMBER_EDIT,
        paths::MEMBER_INVITATION,
        paths::MEMBER_SUSPENSION,
        paths::MEMBER_RETURN,
        paths::MEMBER_SESSIONS,
        paths::MEMBER_ROLE,
    ] {
        let role = format!("advisor:{there}");
        pilot
            .post(&at(pattern, neighbour), &[("role", &role)])
            .await
            .expect(404);
    }
    assert!(
        !pilot
            .get(paths::TEAM)
            .await
            .html()
            .contains(&neighbour.to_string())
    );
    let found = pilot.get("/territoire/equipe/entreprises.json?q=fonderie").await;
    assert_eq!(found.html(), "[]");
    let page = pilot.get(paths::NEW_MEMBER).await;
    let company = firm.company_id.to_string();
    for by in [
        ("company_typed", "Fonderie du Gué"),
        ("company", company.as_str()),
    ] {
        let fields = filled(
            &page,
            &[
                ("name", "X"),
                ("email", "x@exemple.fr"),
                ("company_typed", "Fonderie du Gué"),
                by,
            ],
        );
        send(&pilot, paths::NEW_MEMBER, &fields).await.expect(422);
    }
    // A form sent with somebody else's identifier changes nothing of theirs.
    let advisor = format!("advisor:{}", test.territory);
    let id = neighbour.to_string();
    let fields = filled(
        &page,
        &[
            ("id", &id),
            ("name", "X"),
            ("email", "x@exemple.fr"),
            ("roles", &advisor),
        ],
    );
    send(&pilot, paths::NEW_MEMBER, &fields).await.expect(303);
    assert_eq!(grants(&test, neighbour).await.len(), 1);
    assert_eq!(test.count("select count(*) from users where name = 'X'").await, 0);
}

#[tokio::test]
async fn a_pilot_cannot_take_over_an_account_that_commands_or_works_elsewhere() {
    let test = TestApp::start().await;
    let pilot = test.as_(Role::Pilot).await;
    let there = make::territory(&test.system(), "Pays voisin").await;
    for beyond in [
        (Role::Admin, None),
        (Role::Pilot, Some(test.territory)),
        (Role::Advisor, Some(there)),
    ] {
        let user = make::user(&test, Role::Advisor, test.territory).await;
        test.system()
            .transact(async |tx| -> anyhow::Result<()> {
                tx.nothing_to_record();
                Ok(accounts::grant(tx, user, beyond.0, beyond.1, None).await?)
            })
            .await
            .unwrap();
        for pattern in [
            paths::MEMBER_INVITATION,
            paths::MEMBER_SUSPENSION,
            paths::MEMBER_RETURN,
            paths::MEMBER_SESSIONS,
        ] {
            pilot.post(&at(pattern, user), &[]).await.expect(403);
        }
        let path = at(paths::MEMBER_EDIT, user);
        let page = pilot.get(&path).await;
        assert!(!page.has("#f-email"), "{beyond:?}");
        let partner = format!("partner:{}", test.territory);
        let fields = filled(
            &page,
            &[
                ("name", "Volé"),
                ("email", "vole@exemple.fr"),
                ("roles", &partner),
                ("roles", "admin"),
            ],
        );
        let reply = send(&pilot, &path, &fields).await;
        assert!(
            reply.status == 422 || reply.status == 303,
            "{beyond:?}: {}",
            reply.status
        );
        let fields = filled(
            &page,
            &[
                ("name", "Volé"),
                ("email", "vole@exemple.fr"),
                ("roles", &partner),
            ],
        );
        send(&pilot, &path, &fields).await.expect(303);
        let mut held = grants(&test, user).await;
        held.sort_unstable();
        let mut expected = vec![beyond.0, Role::Advisor, Role::Partner];
        expected.sort_unstable();
        assert_eq!(held, expected);
        pilot
            .post(&at(paths::MEMBER_ROLE, user), &[("role", &partner)])
            .await
            .expect(303);
    }
    assert_eq!(
        test.count("select count(*) from users where name = 'Volé' or email = 'vole@exemple.fr'")
            .await,
        0
    );
    pilot
        .post(
            &at(paths::MEMBER_ROLE, pilot.user),
            &[("role", &format!("pilot:{}", test.territory))],
        )
        .await
        .expect(403);
}

// ---- organisations and territories

#[tokio::test]
async fn organisations_are_added_renamed_and_unique() {
    let test = TestApp::start().await;
    let admin = test.as_(Role::Admin).await;
    assert!(
        admin
            .get(places::ORGANISATIONS)
            .await
            .text("main")
            .contains("Aucune organisation")
    );
    let page = admin.get(places::NEW_ORGANISATION).await;
    let fields = filled(&page, &[("name", "CCI d’essai"), ("kind", "cci")]);
    send(&admin, places::NEW_ORGANISATION, &fields).await.expect(303);
    send(&admin, places::NEW_ORGANISATION, &fields).await.expect(303);
    assert_eq!(test.count("select count(*) from organisations").await, 1);
    let page = admin.get(places::NEW_ORGANISATION).await;
    let refused = send(
        &admin,
        places::NEW_ORGANISATION,
        &filled(&page, &[("name", "CCI d’essai"), ("kind", "cma")]),
    )
    .await;
    refused.expect(422);
    assert!(refused.text("#e-name").contains("porte déjà ce nom"));
    assert!(
        refused.has("input[value=cma][checked]"),
        "what was chosen is kept"
    );

    let id: OrganisationId = fields
        .iter()
        .find(|(name, _)| name == "id")
        .unwrap()
        .1
        .parse()
        .unwrap();
    let path = places::organisation(&id);
    let page = admin.get(&path).await;
    send(&admin, &path, &filled(&page, &[("name", "CCI du centre")]))
        .await
        .expect(303);
    let conflict = send(&admin, &path, &filled(&page, &[("name", "CCI du sud")])).await;
    conflict.expect(409);
    assert!(
        conflict
            .text("tbody tr")
            .contains("CCI du sudCCI du centreCCI d’essai")
    );
    send(&admin, &path, &filled(&page, &[("kind", "other")]))
        .await
        .expect(303);
    assert_eq!(
        test.count("select count(*) from organisations where name = 'CCI du centre' and kind = 'other'")
            .await,
        1
    );
    assert_eq!(
        test.count("select count(*) from journal where subject = 'organisation'")
            .await,
        3
    );
}

#[tokio::test]
async fn a_territory_is_drawn_by_names_and_codes_with_a_sentence_per_wrong_line() {
    let test = TestApp::start().await;
    let admin = test.as_(Role::Admin).await;
    let page = admin.get(places::NEW_TERRITORY).await;
    let wrong = filled(
        &page,
        &[
            ("name", "Pays neuf"),
            ("communes", "Vendôme\nVandome\n41100"),
            ("freshness", "0"),
            ("establishments", "douze"),
        ],
    );
    let refused = send(&admin, places::NEW_TERRITORY, &wrong).await;
    refused.expect(422);
    let told = refused.text("#e-communes");
    assert!(told.contains("Ligne 2") && !told.contains("Ligne 1"), "{told}");
    assert!(refused.has("#e-freshness") && refused.has("#e-establishments"));
    assert!(refused.text("#f-communes").contains("Vandome"), "kept");

    let right = filled(
        &page,
        &[
            ("name", "Pays neuf"),
            ("communes", "Vendôme\n41003\nselommes (41100)\n41100 Vendôme"),
            ("establishments", "1 900"),
        ],
    );
    send(&admin, places::NEW_TERRITORY, &right).await.expect(303);
    send(&admin, places::NEW_TERRITORY, &right).await.expect(303);
    let made = test
        .count("select count(*) from territories t where name = 'Pays neuf' and establishments = 1900 and freshness_months = 24
                and (select count(*) from territory_communes c where c.territory_id = t.id) = 3
                and latitude between 47.5 and 48 and longitude between 0.9 and 1.4")
        .await;
    assert_eq!(made, 1);
    assert_eq!(test.count("select count(*) from journal where action = 'territoire ajouté' and after->'communes' ? '41269 Vendôme'").await, 1);

    let twice = filled(
        &admin.get(places::NEW_TERRITORY).await,
        &[("name", "Pays neuf"), ("communes", "Vendôme")],
    );
    let refused = send(&admin, places::NEW_TERRITORY, &twice).await;
    refused.expect(422);
    assert!(refused.text("#e-name").contains("porte déjà ce nom"));
    let suggested = admin.get("/administration/communes.json?q=vend").await;
    assert!(suggested.html().contains("41269"));
    assert!(
        admin
            .get(places::TERRITORIES)
            .await
            .text("main")
            .contains("Pays neuf")
    );
}

#[tokio::test]
async fn two_administrators_changing_a_territory_merge_its_communes() {
    let test = TestApp::start().await;
    let admin = test.as_(Role::Admin).await;
    let path = places::territory(&test.territory);
    let page = admin.get(&path).await;
    page.expect(200);
    assert!(page.text("#f-communes").contains("41269 Vendôme"));
    let form = |page, with: &[(&'static str, &'static str)]| {
        let mut fields = filled(page, with);
        fields.retain(|(name, _)| !name.starts_with("zone"));
        fields
    };
    let first = form(&page, &[("communes", "Vendôme\nAreines\nMeslay 41100")]);
    send(&admin, &path, &first).await.expect(303);
    let second = form(&page, &[("communes", "Vendôme"), ("freshness", "12")]);
    send(&admin, &path, &second).await.expect(303);
    let kept = test
        .count("select count(*) from territory_communes where insee in ('41269', '41138')")
        .await;
    assert_eq!(kept, 2, "one added Meslay, the other removed Areines");
    assert_eq!(test.count("select count(*) from territory_communes").await, 2);
    send(&admin, &path, &form(&page, &[("freshness", "36")]))
        .await
        .expect(409);
}

#[tokio::test]
async fn zones_come_and_go_unless_a_company_stands_there() {
    let test = TestApp::start().await;
    let admin = test.as_(Role::Admin).await;
    let (page, zones) = (places::territory(&test.territory), places::zones(&test.territory));
    let refused = admin
        .post(&zones, &[("zone_name", ""), ("zone_latitude", "nord")])
        .await;
    refused.expect(422);
    assert!(refused.has("#e-zone_name") && refused.has("#e-zone_latitude"));
    assert_eq!(refused.attr("#f-zone_latitude", "value").as_deref(), Some("nord"));
    let id = ZoneId::fresh().to_string();
    let fields = [
        ("zone_id", id.as_str()),
        ("zone_name", "Zone du Haut"),
        ("zone_commune_typed", "Vendôme"),
    ];
    admin.post(&zones, &fields).await.expect(303);
    admin.post(&zones, &fields).await.expect(303);
    assert_eq!(
        test.count("select count(*) from activity_zones where insee = '41269'")
            .await,
        1
    );
    let twice = [
        ("zone_name", "Zone du Haut"),
        ("zone_latitude", "47,8"),
        ("zone_longitude", "1,07"),
    ];
    let refused = admin.post(&zones, &twice).await;
    refused.expect(422);
    assert!(refused.text("#e-zone_name").contains("porte déjà ce nom"));
    assert!(admin.get(&page).await.text("main").contains("Zone du Haut"));

    let removal = places::zone_removal(&test.territory);
    let firm = make::establishment(&test, test.territory, "Fonderie").await;
    test.execute(format!(
        "update establishments set zone_id = '{id}' where id = '{}'",
        firm.id
    ))
    .await;
    let refused = admin.post(&removal, &[("zone", &id)]).await;
    refused.expect(422);
    assert!(refused.text(".errsum").contains("rattachées"));
    test.execute("update establishments set zone_id = null".to_owned())
        .await;
    let elsewhere = make::territory(&test.system(), "Pays voisin").await;
    admin
        .post(&places::zone_removal(&elsewhere), &[("zone", &id)])
        .await
        .expect(404);
    admin.post(&removal, &[("zone", &id)]).await.expect(303);
    assert_eq!(test.count("select count(*) from activity_zones").await, 0);
    assert_eq!(
        test.count("select count(*) from journal where action like 'zone d’activités %'")
            .await,
        2
    );
}

// ---- jobs and journal

#[tokio::test]
async fn jobs_are_shown_and_those_that_failed_tried_again() {
    let test = TestApp::start().await;
    let admin = test.as_(Role::Admin).await;
    assert!(
        admin
            .get(paths::TASKS)
            .await
            .text("main")
            .contains("Aucune tâche")
    );
    let id = JobId::fresh();
    test.execute(format!(
        "insert into jobs (id, name, payload, unique_key, state, attempts, progress, message, run_at, created_at)
         values ('{id}', 'inconnu', '{{}}', 'clef', 'failed', 4, 30, '<b>raison</b>', now(), now())"
    ))
    .await;
    let page = admin.get(paths::TASKS).await;
    assert!(
        page.text("tbody tr").contains("<b>raison</b>"),
        "escaped, not interpreted"
    );
    assert!(page.text("tbody tr").contains("en échec"));
    assert!(!page.has("#taches[data-refresh]"));
    assert!(
        admin
            .get("/administration/taches?etat=en-cours")
            .await
            .text("main")
            .contains("dans cet état")
    );
    admin.post(&paths::task_retry(&id), &[]).await.expect(303);
    assert!(admin.get(paths::TASKS).await.has("#taches[data-refresh]"));
    admin.post(&paths::task_retry(&id), &[]).await.expect(404);
    assert_eq!(
        test.count("select count(*) from journal where action = 'tâche relancée'")
            .await,
        1
    );
    let copy = JobId::fresh();
    test.execute(format!(
        "insert into jobs (id, name, payload, unique_key, state, run_at, created_at)
         values ('{copy}', 'inconnu', '{{}}', 'clef', 'failed', now(), now())"
    ))
    .await;
    let told = admin.post(&paths::task_retry(&copy), &[]).await;
    told.expect(303);
    assert!(
        admin
            .get(paths::TASKS)
            .await
            .text(".toasts")
            .contains("attend déjà")
    );
}

#[tokio::test]
async fn the_journal_is_filtered_turned_by_keys_and_shows_what_changed() {
    let test = TestApp::start().await;
    let admin = test.as_(Role::Admin).await;
    let territory = test.territory;
    test.execute(format!(
        "insert into journal (at, author, territory_id, subject, subject_id, action, before, after)
         select now(), 'essai', '{territory}', 'flow', '{territory}', 'flux ' || n,
                jsonb_build_object('label', '<i>avant</i>', 'months', 4095, 'version', n),
                jsonb_build_object('label', 'après', 'months', 4095, 'version', n + 1)
         from generate_series(1, 120) n"
    ))
    .await;
    let first = admin.get("/administration/journal?sujet=flow").await;
    assert_eq!(first.texts("main details").len(), 50);
    assert!(
        first.text("main details").contains("1 champ"),
        "{}",
        first.text("main details")
    );
    assert!(first.text("main details").contains("Intitulé<i>avant</i>après"));
    assert!(first.text("main .line li").contains("flux 120"));
    let second = admin.get(&first.attr("a[rel=next]", "href").unwrap()).await;
    assert!(second.text("main .line li").contains("flux 70"));
    let third = admin.get(&second.attr("a[rel=next]", "href").unwrap()).await;
    assert_eq!(third.texts("main details").len(), 20);
    assert!(!third.has("a[rel=next]"));
    let by_author = admin
        .get("/administration/journal?auteur=ESSAI&territoire=00000000-0000-7000-8000-000000000000")
        .await;
    assert!(by_author.text("main").contains("Aucune ligne"));
    let one = admin
        .get(&format!("/administration/journal?objet={territory}&avant=x"))
        .await;
    assert!(one.text(".chips").contains("un seul objet"));
}

#[tokio::test]
async fn the_roles_page_says_what_the_actors_say() {
    let test = TestApp::start().await;
    let page = test.as_(Role::Admin).await.get(paths::ROLES).await;
    page.expect(200);
    let rows = page.texts("tbody tr");
    assert!(
        rows.iter()
            .any(|row| row.starts_with("Comptes, organisations") && row.matches("oui").count() == 1)
    );
    assert!(
        rows.iter()
            .any(|row| row.starts_with("Son compte") && row.matches("oui").count() == 6)
    );
}
