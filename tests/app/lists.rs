//! What every list offers: saved views, chosen columns, the file of what is shown, acts on many rows.

use crate::support::{Client, Reply, TestApp, make};
use maillage::companies::Establishment;
use maillage::flows::Flow;
use maillage::kernel::Direction;
use maillage::platform::access::Role;
use maillage::visits::VisitStatus;

async fn three_flows(test: &TestApp) -> (Establishment, Vec<Flow>) {
    let site = make::establishment(test, test.territory, "Cartonnerie d’essai").await;
    let mut flows = Vec::new();
    for label in ["Boues", "Cartons", "Palettes"] {
        flows.push(make::flow(test, &site, Direction::Outbound, "MAT-01", (label, 3.0, "t")).await);
    }
    (site, flows)
}

/// Posts the form of acts on many rows as the page gives it, with these rows ticked.
async fn act(me: &Client, page: &Reply, path: &str, ticked: &[String], more: &[(&str, &str)]) -> Reply {
    let mut fields: Vec<(String, String)> = page
        .fields("#lots")
        .into_iter()
        .filter(|(name, _)| !more.iter().any(|(key, _)| key == name))
        .collect();
    fields.extend(ticked.iter().map(|id| ("coches".to_owned(), id.clone())));
    fields.extend(more.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
    let fields: Vec<_> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    me.post(path, &fields).await
}

async fn followed(me: &Client, reply: &Reply) -> Reply {
    reply.expect(303);
    let page = me.get(reply.location().split('#').next().unwrap()).await;
    page.expect(200);
    page
}

async fn undo(me: &Client, page: &Reply) -> Reply {
    let path = page.attr("#lot form", "action").unwrap();
    let fields = page.fields("#lot form");
    let fields: Vec<_> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    followed(me, &me.post(&path, &fields).await).await
}

#[tokio::test]
async fn a_view_keeps_the_list_and_is_shared_renamed_and_brought_back() {
    let test = TestApp::start().await;
    let me = test.as_(Role::Advisor).await;
    let colleague = test.as_(Role::Advisor).await;
    three_flows(&test).await;
    let page = me
        .get("/flux?q=cartons&tri=-flux&colonnes=vu&colonnes=sens&page=1")
        .await;
    assert_eq!(page.texts("thead th"), ["Flux", "Sens", "Vu le"]);
    assert_eq!(page.texts("tbody th"), ["Cartons"]);
    let mut fields = page.fields(".views form");
    fields.retain(|(name, _)| name != "nom");
    let saved = async |name: &str, shared: &[(&str, &str)]| {
        let mut all: Vec<_> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        all.push(("nom", name));
        all.extend(shared);
        me.post("/vues", &all).await
    };
    let refused = saved("  ", &[("partagee", "oui")]).await;
    refused.expect(422);
    assert!(refused.text(".errsum").contains("Donnez un nom à cette vue"));
    assert!(refused.attr("#f-partagee", "checked").is_some());
    let list = followed(&me, &saved("Mes cartons", &[]).await).await;
    assert_eq!(list.text(".views [aria-current]"), "Mes cartons");
    assert_eq!(list.texts("thead th"), ["Flux", "Sens", "Vu le"]);
    assert_eq!(test.count("select count(*) from saved_views").await, 1);
    followed(&me, &saved("Mes cartons", &[]).await).await;
    assert_eq!(
        test.count("select count(*) from saved_views").await,
        1,
        "sent twice, saved once"
    );

    assert!(!colleague.get("/flux").await.html().contains("Mes cartons"));
    let path = list.attr(".views .drop form", "action").unwrap();
    let renamed = me.post(&path, &[("nom", "Cartons"), ("partagee", "oui")]).await;
    followed(&me, &renamed).await;
    let theirs = colleague.get("/flux").await;
    assert!(
        theirs
            .text(".views .chip")
            .starts_with("Cartons, vue partagée par")
    );
    let href = theirs.attr(".views .chip", "href").unwrap();
    assert!(
        colleague
            .get(&href)
            .await
            .attr(".views .drop form", "action")
            .is_none()
    );
    colleague.post(&path, &[("nom", "À moi")]).await.expect(403);
    colleague
        .post(&format!("{path}/suppression"), &[])
        .await
        .expect(403);

    let pilot = test.as_(Role::Pilot).await;
    let gone = pilot.post(&format!("{path}/suppression"), &[]).await;
    let gone = followed(&pilot, &gone).await;
    let back = pilot.post(&gone.attr(".note form", "action").unwrap(), &[]).await;
    followed(&pilot, &back).await;

    let gone = followed(&me, &me.post(&format!("{path}/suppression"), &[]).await).await;
    assert!(gone.text(".note").contains("« Cartons » est supprimée"));
    assert!(
        gone.texts(".views .chip")
            .iter()
            .all(|chip| !chip.starts_with("Cartons"))
    );
    let back = me.post(&gone.attr(".note form", "action").unwrap(), &[]).await;
    assert!(
        followed(&me, &back)
            .await
            .text(".views [aria-current]")
            .starts_with("Cartons")
    );
}

#[tokio::test]
async fn a_neighbour_sees_no_view_and_undoes_nothing() {
    let test = TestApp::start().await;
    let me = test.as_(Role::Advisor).await;
    let (_, flows) = three_flows(&test).await;
    let form = [
        ("liste", "flows"),
        ("requete", "q=car"),
        ("nom", "Cartons"),
        ("partagee", "oui"),
    ];
    me.post("/vues", &form).await.expect(303);
    let done = act(
        &me,
        &me.get("/flux").await,
        "/flux/lot",
        &[flows[0].id.to_string()],
        &[("acte", "supprimer")],
    )
    .await;
    let page = followed(&me, &done).await;
    let neighbour = make::territory(&test.system(), "Pays voisin").await;
    let stranger = test
        .signed_in(make::user(&test, Role::Advisor, neighbour).await)
        .await;
    assert!(!stranger.get("/flux").await.html().contains("Cartons"));
    let path = me
        .get("/flux?q=car")
        .await
        .attr(".views .drop form", "action")
        .unwrap();
    stranger.post(&path, &[("nom", "Vol")]).await.expect(404);
    stranger
        .post(&page.attr("#lot form", "action").unwrap(), &[])
        .await
        .expect(409);
    let stolen = act(
        &stranger,
        &stranger.get("/entreprises").await,
        "/flux/lot",
        &[flows[1].id.to_string()],
        &[("acte", "supprimer")],
    )
    .await;
    let told = followed(&stranger, &stolen).await;
    assert_eq!(told.text("#lot span"), "Supprimer : 0 traité, 1 refusé.");
    assert_eq!(
        test.count("select count(*) from flows where deleted_at is null")
            .await,
        2
    );
}

#[tokio::test]
async fn flows_are_confirmed_shown_and_deleted_together_and_come_back() {
    let test = TestApp::start().await;
    let me = test.as_(Role::Advisor).await;
    let (_, flows) = three_flows(&test).await;
    test.execute("update flows set observed_on = '2024-01-10'".to_owned())
        .await;
    let ids: Vec<String> = flows.iter().map(|flow| flow.id.to_string()).collect();
    let list = me.get("/flux?tri=flux").await;
    let nothing = act(&me, &list, "/flux/lot", &[], &[("acte", "confirmer")]).await;
    nothing.expect(422);
    assert!(nothing.text(".errsum").contains("Cochez au moins un flux"));

    me.post(&maillage::flows::paths::confirm(&flows[0].id), &[])
        .await
        .expect(303);
    let done = act(&me, &list, "/flux/lot", &ids[..2], &[("acte", "confirmer")]).await;
    let told = followed(&me, &done).await;
    assert_eq!(told.text("#lot span"), "Confirmer inchangé : 1 traité, 1 refusé.");
    assert_eq!(told.text("#lot li"), "Boues : déjà vu ou confirmé aujourd’hui");
    assert!(done.location().starts_with("/flux?tri=flux&lot="));
    act(&me, &list, "/flux/lot", &ids[..2], &[("acte", "confirmer")])
        .await
        .expect(303);
    assert_eq!(
        test.count("select count(*) from batches").await,
        1,
        "sent twice, done once"
    );
    let other = act(&me, &list, "/flux/lot", &ids[2..], &[("acte", "confirmer")]).await;
    let told = followed(&me, &other).await;
    assert_eq!(
        told.text("#lot span"),
        "Confirmer inchangé : 1 traité.",
        "other rows from the same page are another act"
    );

    let list = me.get("/flux").await;
    let done = act(
        &me,
        &list,
        "/flux/lot",
        &[],
        &[("acte", "shareable"), ("portee", "page")],
    )
    .await;
    let told = followed(&me, &done).await;
    assert_eq!(told.text("#lot span"), "Rendre « partageable » : 3 traités.");
    let shared = "select count(*) from flows where visibility = 'shareable'";
    assert_eq!(test.count(shared).await, 3);
    assert_eq!(
        test.count("select count(*) from journal where subject = 'flow' and action like 'flux modifié%'")
            .await,
        3
    );
    // One of them changes meanwhile: it stays as it is, the others come back.
    test.execute(format!(
        "update flows set version = version + 1 where id = '{}'",
        flows[2].id
    ))
    .await;
    let undone = undo(&me, &told).await;
    assert_eq!(
        undone.text("#lot span"),
        "Rendre « partageable » : annulé, sauf une ligne modifiée depuis."
    );
    assert_eq!(test.count(shared).await, 1);
    assert!(undone.attr("#lot button", "class").is_none());

    let list = me.get("/flux?q=Cartons").await;
    let done = act(
        &me,
        &list,
        "/flux/lot",
        &[],
        &[("acte", "supprimer"), ("portee", "resultat")],
    )
    .await;
    let told = followed(&me, &done).await;
    assert_eq!(told.text("#lot span"), "Supprimer : 1 traité.");
    assert_eq!(
        test.count("select count(*) from flows where deleted_at is null")
            .await,
        2
    );
    undo(&me, &told).await;
    assert_eq!(
        test.count("select count(*) from flows where deleted_at is null")
            .await,
        3
    );
}

#[tokio::test]
async fn visits_are_entrusted_put_off_and_cancelled_together() {
    let test = TestApp::start().await;
    let me = test.as_(Role::Advisor).await;
    let colleague = test.as_(Role::Advisor).await;
    let site = make::establishment(&test, test.territory, "Scierie").await;
    let first = make::visit(&test, &site, VisitStatus::Planned, vec![me.user]).await;
    let second = make::visit(&test, &site, VisitStatus::Planned, vec![me.user]).await;
    let list = me.get("/visites").await;
    let shown = ("requete".to_owned(), "statut=prevues".to_owned());
    assert!(list.fields("#lots").contains(&shown), "the tab shown is acted on");
    let ids = [first.id.to_string(), second.id.to_string()];
    let wrong = act(
        &me,
        &list,
        "/visites/lot",
        &ids,
        &[("acte", "reporter"), ("jour", "demain")],
    )
    .await;
    wrong.expect(422);
    assert_eq!(wrong.attr("#f-jour", "value").as_deref(), Some("demain"));
    assert!(wrong.attr("tbody .tick", "checked").is_some());
    let past = act(
        &me,
        &list,
        "/visites/lot",
        &ids,
        &[("acte", "reporter"), ("jour", "01/02/2020")],
    )
    .await;
    assert!(past.text(".errsum").contains("Cette date est passée"));

    let done = act(
        &me,
        &list,
        "/visites/lot",
        &ids,
        &[("acte", "reporter"), ("jour", "04/01/2027")],
    )
    .await;
    let told = followed(&me, &done).await;
    assert_eq!(told.text("#lot span"), "Reporter au 4 janvier 2027 : 2 traitées.");
    let list = me.get("/visites?statut=prevues").await;
    let other = colleague.user.to_string();
    let done = act(
        &me,
        &list,
        "/visites/lot",
        &ids[..1],
        &[("acte", "confier"), ("conseillers", &other)],
    )
    .await;
    followed(&me, &done).await;
    assert_eq!(colleague.get("/visites").await.texts(".tabs .n")[0], "1");
    let undone = undo(&me, &told).await;
    assert!(
        undone
            .text("#lot span")
            .contains("sauf une ligne modifiée depuis")
    );

    let list = me.get("/visites?statut=prevues&qui=tous").await;
    let done = act(
        &me,
        &list,
        "/visites/lot",
        &[],
        &[("acte", "annuler"), ("portee", "page")],
    )
    .await;
    let told = followed(&me, &done).await;
    assert_eq!(
        test.count("select count(*) from visits where status = 'cancelled'")
            .await,
        2
    );
    undo(&me, &told).await;
    assert_eq!(
        test.count("select count(*) from visits where status = 'planned'")
            .await,
        2
    );
    let found = me
        .get("/visites?statut=prevues&qui=tous&q=scie&tri=-entreprise&colonnes=date")
        .await;
    assert_eq!(found.texts("tbody th"), ["Scierie", "Scierie"]);
    assert_eq!(found.texts("thead th"), ["Établissement", "Date"]);
    assert_eq!(
        me.get("/visites?q=rien").await.texts(".tabs .n"),
        ["0", "0", "0", "0"]
    );
}

#[tokio::test]
async fn visits_of_many_companies_are_planned_over_a_month() {
    let test = TestApp::start().await;
    let me = test.as_(Role::Advisor).await;
    let mut ids = Vec::new();
    for name in ["Atelier", "Brasserie", "Cartonnerie"] {
        ids.push(make::establishment(&test, test.territory, name).await);
    }
    make::visit(&test, &ids[2], VisitStatus::Planned, vec![me.user]).await;
    let chosen = ids
        .iter()
        .map(|site| format!("coches={}", site.id))
        .collect::<Vec<_>>()
        .join("&");
    let page = me
        .get(&format!("/visites/planification?requete=tri%3Dnom&{chosen}"))
        .await;
    page.expect(200);
    assert_eq!(page.text("h1"), "Prévoir 3 visites");
    let fill = |month: &str, day: &str| {
        let mut fields = page.fields("main form");
        let mut days = 0;
        for (name, value) in &mut fields {
            if name == "mois" {
                month.clone_into(value);
            }
            if name == "jours" {
                days += 1;
                if days == 1 {
                    day.clone_into(value);
                }
            }
        }
        fields
    };
    let post = async |fields: Vec<(String, String)>| {
        let fields: Vec<_> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        me.post("/visites/planification", &fields).await
    };
    let refused = post(fill("", "15/13/2026")).await;
    refused.expect(422);
    assert_eq!(refused.texts(".errsum li").len(), 2);
    assert_eq!(refused.attr("#f-jour-0", "value").as_deref(), Some("15/13/2026"));
    let past = post(fill("01/2027", "15/12/2020")).await;
    past.expect(422);
    assert_eq!(past.attr("#f-jour-0", "aria-invalid").as_deref(), Some("true"));
    assert!(past.attr("#f-mois", "aria-invalid").is_none());
    let done = post(fill("01/2027", "15/12/2026")).await;
    assert!(done.location().starts_with("/entreprises?tri=nom&lot="));
    let told = followed(&me, &done).await;
    assert_eq!(told.text("#lot span"), "2 visites prévues, 1 refusée.");
    assert!(
        told.text("#lot li")
            .starts_with("Cartonnerie : une visite est déjà prévue")
    );
    let days = "select count(*) from visits v join establishments e on e.id = v.establishment_id
                where (e.name, v.visit_on) in (('Atelier', '2026-12-15'), ('Brasserie', '2027-01-01'))";
    assert_eq!(test.count(days).await, 2);
    let again = followed(&me, &post(fill("02/2027", "")).await).await;
    assert_eq!(
        again.text("#lot span"),
        "0 visite prévue, 3 refusées.",
        "another month is another plan, and nothing is planned twice"
    );
    undo(&me, &told).await;
    assert_eq!(
        test.count("select count(*) from visits where status = 'planned'")
            .await,
        1
    );
    let empty = me.get("/visites/planification").await;
    assert_eq!(empty.location(), "/entreprises?");
}

#[tokio::test]
async fn a_table_is_exported_with_the_columns_shown() {
    let test = TestApp::start().await;
    let me = test.as_(Role::Advisor).await;
    let (site, _) = three_flows(&test).await;
    make::visit(&test, &site, VisitStatus::Planned, vec![me.user]).await;
    let page = me.get("/flux?q=cartons&colonnes=sens,quantite").await;
    let href = page.attr("a[href*=\"tableau.csv\"]", "href").unwrap();
    assert_eq!(
        me.get(&href).await.html(),
        "\u{feff}Flux;Sens;Quantité par an;Unité\r\nCartons;sortant;3;t\r\n"
    );
    let href = me
        .get("/entreprises?colonnes=commune,flux")
        .await
        .attr("a[href*=\"tableau.csv\"]", "href")
        .unwrap();
    assert_eq!(
        me.get(&href).await.html(),
        "\u{feff}Établissement;Commune;Flux\r\nCartonnerie d’essai;Vendôme;3\r\n"
    );
    let href = me
        .get("/visites?colonnes=commune,etat")
        .await
        .attr("a[href*=\"tableau.csv\"]", "href")
        .unwrap();
    assert_eq!(
        me.get(&href).await.html(),
        "\u{feff}Établissement;Commune;État\r\nCartonnerie d’essai;Vendôme;prévue\r\n"
    );
    for path in [
        "/flux/tableau.xlsx",
        "/entreprises/tableau.xlsx",
        "/visites/tableau.xlsx",
    ] {
        me.get(path).await.expect(200);
    }
    test.as_(Role::Committee)
        .await
        .get("/flux/tableau.csv")
        .await
        .expect(403);
}

/// Three proposals, by score: cartons, palettes, boues.
async fn three_synergies(test: &TestApp) -> Vec<String> {
    let mut ids = Vec::new();
    for (title, score) in [("Boues", 40), ("Cartons", 80), ("Palettes", 60)] {
        let id = make::synergy(test).await;
        test.execute(format!(
            "update synergies set title = '{title}', score = {score} where id = '{id}'"
        ))
        .await;
        ids.push(id.to_string());
    }
    ids
}

const TABLE: &str = "/synergies?corbeille=a-etudier&forme=tableau";

#[tokio::test]
async fn synergies_are_sorted_kept_as_a_view_and_exported_as_shown() {
    let test = TestApp::start().await;
    let me = test.as_(Role::Advisor).await;
    three_synergies(&test).await;
    let page = me
        .get(&format!("{TABLE}&tri=-score&colonnes=score,conseiller&q=a"))
        .await;
    assert_eq!(
        page.expect(200).texts("thead th"),
        ["Synergie", "Score", "Conseiller"]
    );
    assert_eq!(page.texts("tbody th"), ["Cartons", "Palettes", "Boues"]);
    assert_eq!(
        page.attr("thead th:nth-child(2)", "aria-sort").as_deref(),
        Some("descending")
    );
    let back = page.attr("thead th:nth-child(2) a", "href").unwrap();
    assert_eq!(
        me.get(&back).await.texts("tbody th"),
        ["Boues", "Palettes", "Cartons"]
    );
    let href = page.attr("a[href*=\"tableau.csv\"]", "href").unwrap();
    assert_eq!(
        me.get(&href).await.html(),
        "\u{feff}Synergie;Score;Conseiller\r\nCartons;80;\r\nPalettes;60;\r\nBoues;40;\r\n"
    );
    let href = page.attr("a[href*=\"tableau.xlsx\"]", "href").unwrap();
    me.get(&href).await.expect(200);

    let mut fields = page.fields(".views form");
    fields.retain(|(name, _)| name != "nom");
    let mut fields: Vec<_> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    fields.extend([("nom", "Par score"), ("partagee", "oui")]);
    let kept = followed(&me, &me.post("/vues", &fields).await).await;
    assert_eq!(kept.texts("tbody th"), ["Cartons", "Palettes", "Boues"]);
    let queue = test.as_(Role::Advisor).await.get("/synergies?tri=-score").await;
    assert!(queue.text(".views .chip").starts_with("Par score"));
    assert_eq!(queue.texts(".rows .t"), ["Cartons", "Palettes", "Boues"]);
    assert!(queue.text(".order").contains("le meilleur score"));
}

#[tokio::test]
async fn synergies_are_rejected_and_handed_together_and_come_back() {
    let test = TestApp::start().await;
    let (me, colleague) = (test.as_(Role::Advisor).await, test.as_(Role::Advisor).await);
    let ids = three_synergies(&test).await;
    let page = me.get(TABLE).await;
    let lot = async |ticked: &[String], more: &[(&str, &str)]| {
        act(&me, &page, "/synergies/lot", ticked, more).await
    };
    let count = async |what: &str| {
        test.count(format!("select count(*) from synergies where {what}"))
            .await
    };
    lot(&[], &[("acte", "prendre")]).await.expect(422);
    let refused = lot(&ids[..2], &[("acte", "ecarter"), ("commentaire", "Trop loin")]).await;
    refused.expect(422);
    assert!(refused.text(".errsum").contains("Choisissez un motif"));
    assert!(refused.has("details[open] #f-motif[aria-invalid]"));
    assert_eq!(
        refused.attr("#f-commentaire", "value").as_deref(),
        Some("Trop loin")
    );
    let late = lot(&ids[..1], &[("acte", "endormir"), ("jour", "01/02/2020")]).await;
    assert!(late.expect(422).text("#e-jour").contains("à venir"));

    let done = lot(&ids[..2], &[("acte", "ecarter"), ("motif", "gain")]).await;
    let told = followed(&me, &done).await;
    assert_eq!(told.text("#lot span"), "Écarter (gain trop faible) : 2 traitées.");
    assert_eq!(count("state = 'rejected' and motive = 'gain'").await, 2);
    let back = undo(&me, &told).await;
    assert!(
        back.text("#lot span")
            .ends_with("annulé, tout est revenu comme avant.")
    );
    assert_eq!(
        count("state = 'proposed' and motive is null and rejected_facts is null and decided_at is null")
            .await,
        3
    );

    me.post(&format!("/synergies/{}/prise-en-charge", ids[0]), &[])
        .await
        .expect(303);
    let told = followed(&me, &lot(&ids, &[("acte", "prendre")]).await).await;
    assert_eq!(
        told.text("#lot span"),
        "Prendre en charge : 2 traitées, 1 refusée."
    );
    assert_eq!(told.text("#lot li"), "S-0001, Boues : elle est « en étude »");

    let to = colleague.user.to_string();
    let done = lot(&ids, &[("acte", "confier"), ("conseillers", &to)]).await;
    let handed = followed(&me, &done).await;
    assert!(handed.text("#lot span").ends_with(": 3 traitées."));
    assert_eq!(
        test.count("select count(*) from letters where topic = 'assigned'")
            .await,
        1,
        "one letter for all"
    );
    colleague
        .post(
            &format!("/synergies/{}/attribution", ids[1]),
            &[("user", &me.user.to_string())],
        )
        .await
        .expect(303);
    let back = undo(&me, &handed).await;
    assert!(back.text("#lot span").contains("sauf une ligne modifiée depuis"));
    assert_eq!(count(&format!("assigned_to = '{}'", me.user)).await, 3);
    assert_eq!(
        test.count("select count(*) from journal where action = 'acte groupé annulé'")
            .await,
        4
    );
}
