//! Exports and imports through the router, with real files.

use crate::support::{Client, Reply, TestApp, make};
use chrono::Datelike;
use maillage::exchange::import_network;
use maillage::kernel::Direction;
use maillage::platform::access::Role;
use sqlx::Row;
use std::io::{Cursor, Write};
use zip::write::{SimpleFileOptions, ZipWriter};

const SITES: &str = "reference;nom;siret;naf;effectif;code_postal;commune;latitude;longitude\n\
    A1;Cartonnerie d’Essai;73282932000074;17.21A;35;41100;Vendôme;;\n\
    A2;Fonderie d’Essai;;;120;;;47,8;1,05\n\
    A3;Scierie d’Essai;;;;;;;\n";

const FLOWS: &str = "reference;etablissement;sens;libelle;code;quantite;unite;periode;mois;cout_annuel_eur\n\
    F1;A1;sortant;Chutes de carton;;3,2;t;mois;1-6;1 200\n\
    F2;A2;sortant;Sables de fonderie;MAT-12;40;t;an;;\n\
    F3;A2;entrant;Zygomorphes;;;;;;\n";

/// Posts files, names after their fields, and gives the answer.
async fn send(client: &Client, files: &[(&str, &str, &[u8])]) -> Reply {
    let files: Vec<_> = files
        .iter()
        .map(|(field, name, content)| (*field, *name, content.to_vec()))
        .collect();
    client.upload("/import", &files).await
}

/// Where the report of these two files is.
async fn checked(test: &TestApp, client: &Client, sites: &str, flows: &str) -> String {
    let mut files: Vec<(&str, &str, &[u8])> = Vec::new();
    if !sites.is_empty() {
        files.push(("sites", "etablissements.csv", sites.as_bytes()));
    }
    if !flows.is_empty() {
        files.push(("flows", "flux.csv", flows.as_bytes()));
    }
    read(test, client, &files).await
}

/// Sends files and lets them be read; gives where their report is.
async fn read(test: &TestApp, client: &Client, files: &[(&str, &str, &[u8])]) -> String {
    let reply = send(client, files).await;
    reply.expect(303);
    test.run_jobs().await;
    reply.location().to_owned()
}

/// Confirms an import and lets it be written.
async fn apply(test: &TestApp, client: &Client, report: &str) {
    client
        .post(&format!("{report}/application"), &[])
        .await
        .expect(303);
    test.run_jobs().await;
}

/// The counts of the report, one line per file: created, updated, unchanged, refused, to look at.
fn counts(page: &Reply) -> Vec<String> {
    let cells = page.texts("table:has(#etablissements-crees) td.num");
    cells.chunks(5).map(|row| row.join(" ")).collect()
}

async fn text(test: &TestApp, query: &'static str) -> String {
    let row = sqlx::raw_sql(query).fetch_one(&test.database.pool).await.unwrap();
    row.get::<Option<String>, _>(0).unwrap_or_default()
}

#[tokio::test]
async fn an_import_is_checked_then_applied_exactly_as_told() {
    let test = TestApp::start().await;
    let client = test.as_(Role::Advisor).await;
    client.get("/import").await.expect(200);
    let report = checked(&test, &client, SITES, FLOWS).await;
    let page = client.get(&report).await;
    page.expect(200);
    assert_eq!(counts(&page), ["3 0 0 0 1", "3 0 0 0 1"]);
    assert_eq!(
        test.count("select count(*) from establishments").await,
        0,
        "nothing is written yet"
    );
    let looked_at = client.get(&format!("{report}?genre=a_verifier")).await;
    assert!(
        looked_at.text("#lignes").contains("Sans position"),
        "{}",
        looked_at.text("#lignes")
    );
    assert!(looked_at.text("#lignes").contains("À classer"));

    let done = client.post(&format!("{report}/application"), &[]).await;
    done.expect(303);
    assert_eq!(done.location(), report);
    let waiting = client.get(&report).await;
    assert!(waiting.has("#suivi[data-refresh]"), "the page follows the work");
    assert!(
        waiting.html().contains("<noscript><meta http-equiv=\"refresh\""),
        "even without JavaScript"
    );
    test.run_jobs().await;
    let page = client.get(&report).await;
    assert!(page.text(".badge").contains("importé"));
    assert_eq!(
        counts(&page),
        ["3 0 0 0 1", "3 0 0 0 1"],
        "what was told was done"
    );
    assert_eq!(test.count("select count(*) from establishments").await, 3);
    assert_eq!(test.count("select count(*) from flows").await, 3);
    assert_eq!(
        test.count("select count(*) from companies where siren = '732829320'")
            .await,
        1
    );
    let placed = text(
        &test,
        "select name || ' ' || position_source || ' ' || insee || ' ' || headcount from establishments where reference = 'A1'",
    );
    assert_eq!(placed.await, "Cartonnerie d’Essai commune 41269 h20_49");
    let flow = text(
        &test,
        "select category || ' ' || source || ' ' || months || ' ' || round(annual_quantity) || ' ' || annual_cost_eur from flows where reference = 'F1'",
    );
    assert_eq!(flow.await, "MAT-01 import 63 38 1200");
    assert_eq!(
        test.count("select count(*) from flows where category is null")
            .await,
        1
    );
    let journalled =
        "select count(*) from journal where subject in ('establishment', 'flow') and after is not null";
    assert_eq!(test.count(journalled).await, 6);
    assert_eq!(
        test.count("select count(*) from jobs where name = 'flows_changed'")
            .await,
        1
    );
}

#[tokio::test]
async fn applying_twice_applies_once() {
    let test = TestApp::start().await;
    let client = test.as_(Role::Advisor).await;
    let report = checked(&test, &client, SITES, FLOWS).await;
    let url = format!("{report}/application");
    let (first, second) = tokio::join!(client.post(&url, &[]), client.post(&url, &[]));
    first.expect(303);
    second.expect(303);
    test.run_jobs().await;
    assert_eq!(test.count("select count(*) from flows").await, 3);
    assert_eq!(
        test.count("select count(*) from journal where action = 'fichier importé'")
            .await,
        1
    );
    client.post(&format!("{report}/abandon"), &[]).await.expect(409);
}

#[tokio::test]
async fn the_same_form_sent_twice_is_one_import() {
    let test = TestApp::start().await;
    let client = test.as_(Role::Advisor).await;
    let id = client
        .get("/import")
        .await
        .attr("input[name=id]", "value")
        .unwrap();
    let field = format!("--L\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\n{id}\r\n");
    let file = format!(
        "--L\r\nContent-Disposition: form-data; name=\"sites\"; filename=\"e.csv\"\r\n\r\n{SITES}\r\n--L--\r\n"
    );
    for _ in 0..2 {
        let kind = "multipart/form-data; boundary=L";
        let body = format!("{field}{file}");
        let reply = client
            .send(axum::http::Method::POST, "/import", Some(kind), body.into())
            .await;
        reply.expect(303);
        assert_eq!(reply.location(), format!("/import/{id}"));
    }
    assert_eq!(test.count("select count(*) from imports").await, 1);
}

#[tokio::test]
async fn importing_the_same_file_again_changes_nothing() {
    let test = TestApp::start().await;
    let client = test.as_(Role::Advisor).await;
    // Flows without a reference are found by establishment, way and label; twins stay twins.
    let flows = "etablissement;sens;libelle;quantite;unite\n\
        A1;sortant;Chutes de carton;3;t\nA1;sortant;Chutes de carton;5;t\n73282932000074;entrant;Bobines;10;t\n";
    for (turn, expected) in [(1, ["3 0 0 0 1", "3 0 0 0"]), (2, ["0 0 3 0 1", "0 0 3 0"])] {
        let report = checked(&test, &client, SITES, flows).await;
        let page = client.get(&report).await;
        for (found, expected) in counts(&page).iter().zip(expected) {
            assert!(found.starts_with(expected), "turn {turn}: {found}");
        }
        apply(&test, &client, &report).await;
    }
    assert_eq!(test.count("select count(*) from flows").await, 3);
    assert_eq!(
        test.count("select count(*) from flows where quantity = 5").await,
        1
    );
}

#[tokio::test]
async fn what_changes_is_shown_before_and_after() {
    let test = TestApp::start().await;
    let client = test.as_(Role::Advisor).await;
    let report = checked(&test, &client, SITES, FLOWS).await;
    apply(&test, &client, &report).await;
    test.travel(chrono::Duration::days(3));
    let client = test.as_(Role::Advisor).await;
    let sites = "reference;nom;siret;effectif\nX9;Cartonnerie renommée;732 829 320 00074;\n";
    let flows = "reference;etablissement;sens;libelle;quantite;unite;periode\nF2;A2;sortant;Sables de fonderie;11;t;an\n";
    let report = checked(&test, &client, sites, flows).await;
    let page = client.get(&report).await;
    assert_eq!(counts(&page), ["0 1 0 0 0", "0 1 0 0 0"]);
    let lines = page.text("#lignes tbody");
    for words in [
        "reference A1 → X9",
        "nom Cartonnerie d’Essai → Cartonnerie renommée",
        "quantite 40 → 11",
        "Date d’observation",
    ] {
        assert!(lines.contains(words), "{words} in {lines}");
    }
    assert!(
        !lines.contains("effectif"),
        "an empty cell changes nothing: {lines}"
    );
    apply(&test, &client, &report).await;
    let kept = text(
        &test,
        "select headcount::text from establishments where reference = 'X9'",
    )
    .await;
    assert_eq!(kept, "h20_49");
    let told = text(
        &test,
        "select (before->>'quantity') || ' ' || (after->>'quantity') from journal where subject = 'flow' and before is not null",
    );
    assert_eq!(told.await, "40.0 11.0");
}

#[tokio::test]
async fn a_change_in_between_gives_a_new_report_and_writes_nothing() {
    let test = TestApp::start().await;
    let client = test.as_(Role::Advisor).await;
    let report = checked(&test, &client, SITES, FLOWS).await;
    let other = checked(&test, &client, "reference;nom\nA2;Fonderie prise\n", "").await;
    apply(&test, &client, &other).await;
    apply(&test, &client, &report).await;
    let refused = client.get(&report).await;
    assert!(
        refused
            .text("[role=alert]")
            .contains("a changé depuis la vérification")
    );
    assert_eq!(counts(&refused), ["2 1 0 0 1", "3 0 0 0 1"]);
    assert_eq!(test.count("select count(*) from establishments").await, 1);
    apply(&test, &client, &report).await;
    assert_eq!(test.count("select count(*) from establishments").await, 3);
}

#[tokio::test]
async fn an_import_can_be_given_up() {
    let test = TestApp::start().await;
    let client = test.as_(Role::Advisor).await;
    let report = checked(&test, &client, SITES, FLOWS).await;
    client.post(&format!("{report}/abandon"), &[]).await.expect(303);
    let page = client.get(&report).await;
    assert!(page.text("main").contains("rien n’a été écrit"));
    client
        .post(&format!("{report}/application"), &[])
        .await
        .expect(409);
    assert_eq!(test.count("select count(*) from establishments").await, 0);
    assert_eq!(test.count("select count(*) from import_rows").await, 0);
}

#[tokio::test]
async fn bad_lines_are_refused_with_their_reason_and_given_back_to_correct() {
    let test = TestApp::start().await;
    let client = test.as_(Role::Advisor).await;
    let sites = "reference;nom;siret\nA1;Une;\nA2;Deux;73282932000075\nA1;Trois;\n;Quatre;\n";
    let flows = "reference;etablissement;sens;libelle;quantite;unite\n\
        F1;A1;sortant;=Cartons;douze;t\nF2;ZZ;sortant;Bois;;\nF3;A1;de travers;Bois;;\nF4;A1;sortant;Palettes;4;u\n";
    let report = checked(&test, &client, sites, flows).await;
    let page = client.get(&report).await;
    assert_eq!(counts(&page)[0], "1 0 0 3 1");
    assert!(counts(&page)[1].starts_with("1 0 0 3"), "{:?}", counts(&page));
    let lines = page.text("#lignes tbody");
    for words in [
        "un des chiffres est faux",
        "La référence « A1 » est déjà à la ligne 2.",
        "obligatoire",
        "Indiquez un nombre",
        "Aucun établissement ne porte la référence « ZZ »",
        "Le sens doit être",
    ] {
        assert!(lines.replace('\u{a0}', " ").contains(words), "{words} in {lines}");
    }
    let corrections = client
        .get(&format!("{report}/corrections.csv?fichier=flux"))
        .await;
    corrections.expect(200);
    let csv = String::from_utf8(corrections.bytes.clone()).unwrap();
    assert!(
        csv.starts_with("\u{feff}ligne;motif;reference;etablissement;sens;libelle"),
        "{csv}"
    );
    assert!(
        csv.contains("\r\n2;") && csv.contains(";'=Cartons;douze;t"),
        "{csv}"
    );

    apply(&test, &client, &report).await;
    assert_eq!(
        test.count("select count(*) from flows").await,
        1,
        "the good lines go in"
    );
    let corrected = csv
        .replace("douze", "12")
        .replace(";ZZ;", ";A1;")
        .replace("de travers", "entrant");
    let again = checked(&test, &client, "", &corrected).await;
    let page = client.get(&again).await;
    assert!(counts(&page)[1].starts_with("3 0 0 0"), "{:?}", counts(&page));
    assert!(
        !page.text("main").contains("Colonnes sans effet"),
        "our own columns are not told"
    );
    apply(&test, &client, &again).await;
    assert_eq!(
        test.count("select count(*) from flows where label = '=Cartons'")
            .await,
        1
    );
}

fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A workbook of 1.5 kB with a cell a million rows down.
fn far_cell() -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006";
    archive(&[
        (
            "[Content_Types].xml",
            &format!(
                r#"<Types xmlns="{package}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#
            ),
        ),
        (
            "_rels/.rels",
            &format!(
                r#"<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{relation}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
            ),
        ),
        (
            "xl/workbook.xml",
            &format!(
                r#"<workbook xmlns="{main}" xmlns:r="{relation}"><sheets><sheet name="F" sheetId="1" r:id="r1"/></sheets></workbook>"#
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            &format!(
                r#"<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{relation}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            &format!(
                r#"<worksheet xmlns="{main}"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>reference</t></is></c><c r="B1" t="inlineStr"><is><t>nom</t></is></c></row><row r="1048576"><c r="BL1048576" t="inlineStr"><is><t>z</t></is></c></row></sheetData></worksheet>"#
            ),
        ),
    ])
}

#[tokio::test]
async fn files_that_cannot_be_read_are_refused_in_the_form() {
    let test = TestApp::start().await;
    let client = test.as_(Role::Advisor).await;
    let not_a_workbook: &[u8] = b"PK\x03\x04 pretends";
    let png: &[u8] = b"\x89PNG\r\n\x1a\n\x00\x00";
    let cases: &[(&str, &str, &[u8], &str)] = &[
        ("sites", "faux.xlsx", not_a_workbook, "n’est pas un classeur"),
        ("sites", "photo.xlsx.csv", png, "n’est pas un classeur"),
        ("sites", "loin.xlsx", &far_cell(), "dépasse 100000 lignes"),
        ("flows", "vide.csv", b"", "Ce fichier est vide"),
    ];
    for (field, name, content, words) in cases {
        let page = send(&client, &[(field, name, content)]).await;
        page.expect(422);
        let said = page.text(".errsum").replace('\u{a0}', " ");
        assert!(said.contains(words), "{name}: {said}");
        assert_eq!(
            page.attr(".errsum a", "href"),
            Some(format!("#f-{field}")),
            "{name}"
        );
        assert!(page.has(&format!("#f-{field}[aria-invalid]")), "{name}");
    }
    let nothing = send(&client, &[("sites", "", b""), ("flows", "", b"")]).await;
    nothing.expect(422);
    assert!(nothing.text(".errsum").contains("Choisissez au moins un fichier"));
    let twice = send(
        &client,
        &[
            ("sites", "a.csv", SITES.as_bytes()),
            ("flows", "b.csv", SITES.as_bytes()),
        ],
    )
    .await;
    twice.expect(422);
    assert!(
        twice
            .text(".errsum")
            .contains("contiennent tous deux des établissements")
    );
    assert_eq!(test.count("select count(*) from imports").await, 0);
}

#[tokio::test]
async fn what_a_file_hides_is_told_once_it_is_read() {
    let test = TestApp::start().await;
    let client = test.as_(Role::Advisor).await;
    let long = format!(
        "reference;nom\nA1;Une\nA2;Deux\nA3;Trois\nA4;{}\n",
        "x".repeat(10_001)
    );
    let cases: [(&str, &[u8], &str); 2] = [
        (
            "long.csv",
            long.as_bytes(),
            "une cellule dépasse 10000 caractères",
        ),
        ("titres.csv", b"reference;nom\n", "aucune ligne sous ses titres"),
    ];
    for (name, content, words) in cases {
        let report = read(&test, &client, &[("sites", name, content)]).await;
        let page = client.get(&report).await;
        assert!(
            page.text("[role=alert]").contains(words),
            "{name}: {}",
            page.text("main")
        );
        client
            .post(&format!("{report}/application"), &[])
            .await
            .expect(409);
    }
    assert_eq!(test.count("select count(*) from import_rows").await, 0);
}

#[tokio::test]
async fn unknown_titles_are_asked_once_and_remembered() {
    let test = TestApp::start().await;
    let client = test.as_(Role::Advisor).await;
    let sites = "N° interne;Société;Commune d’implantation;Humeur\nA1;Cartonnerie d’Essai;Vendôme;bonne\n";
    let first = send(&client, &[("sites", "clients.csv", sites.as_bytes())]).await;
    first.expect(303);
    let report = first.location().to_owned();
    let asked = client.get(&report).await;
    assert_eq!(asked.location(), format!("{report}/colonnes"));
    let page = client.get(asked.location()).await;
    assert!(
        page.text("tbody").contains("Cartonnerie d’Essai"),
        "samples are shown"
    );
    assert!(
        page.has("#f-c0_2 option[value=commune][selected]"),
        "a title among other words is guessed"
    );

    let refused = client
        .post(asked.location(), &[("c0_2", "commune"), ("c0_3", "commune")])
        .await;
    refused.expect(422);
    assert!(
        refused.text(".errsum").contains("choisissez laquelle"),
        "{}",
        refused.text(".errsum")
    );
    assert!(
        refused.has("#f-c0_3[aria-invalid] option[value=commune][selected]"),
        "what was chosen is kept"
    );
    let refused = client
        .post(
            asked.location(),
            &[("c0_0", "reference"), ("format0", "etablissements")],
        )
        .await;
    refused.expect(422);
    assert!(refused.text(".errsum").contains("obligatoire"));

    let told = [
        ("c0_0", "reference"),
        ("c0_1", "nom"),
        ("c0_2", "commune"),
        ("garder", "oui"),
    ];
    client.post(asked.location(), &told).await.expect(303);
    test.run_jobs().await;
    let page = client.get(&report).await;
    assert_eq!(counts(&page)[0], "1 0 0 0 0");
    assert!(page.text("main").contains("Humeur"), "what is not read is said");

    let again = checked(&test, &client, &sites.replace("Essai", "Toujours"), "").await;
    assert_eq!(
        counts(&client.get(&again).await)[0],
        "1 0 0 0 0",
        "nothing is asked again"
    );
    assert!(
        client
            .get(&format!("{again}/colonnes"))
            .await
            .text("main")
            .contains("Mémorisé")
    );
}

#[tokio::test]
async fn a_waste_register_becomes_yearly_flows() {
    let test = TestApp::start().await;
    let client = test.as_(Role::Advisor).await;
    let report = checked(&test, &client, SITES, "").await;
    apply(&test, &client, &report).await;
    let register = "Date d’expédition;Code déchet;Dénomination usuelle;Quantité (t);SIRET producteur;Raison sociale destinataire;Code traitement\n\
        12/01/2025;15 01 01;Cartons;1,5;73282932000074;Papetière d’Essai;R3\n\
        30/11/2025;15 01 01;Cartons;2;73282932000074;Papetière d’Essai;R3\n\
        30/06/2025;99 99 99;Rien;2;73282932000074;;\n\
        30/06/2025;17 04 05;Ferrailles;4;80295478500028;;R4\n";
    for turn in 0..2 {
        let report = checked(&test, &client, "", register).await;
        let page = client.get(&report).await;
        let expected = ["1 0 0 2", "0 0 1 2"][turn];
        assert!(
            counts(&page)[1].starts_with(expected),
            "{:?} {}",
            counts(&page),
            page.text("#lignes")
        );
        apply(&test, &client, &report).await;
    }
    let flow = text(
        &test,
        "select concat_ws('|', direction, label, category, waste_code, quantity, unit, period, certainty, outlet, observed_on) from flows",
    );
    let expected = "outbound|Cartons|MAT-01|150101|3.5|t|year|measured|R3\u{a0}: recyclage de substances organiques, chez Papetière d’Essai|2025-11-30";
    assert_eq!(flow.await, expected);
}

/// The titles of the outgoing register of Trackdéchets, in the order of its public source
/// (MTES-MCT/trackdechets, columns of the « registre sortant »).
const TRACKDECHETS: &str = "Date d'expédition;Date de réception;Date de réalisation de l'opération;Type de bordereau;N° de bordereau;\
    Statut du bordereau;Dénomination usuelle;Code du déchet;Déchet dangereux;POP;Quantité de déchet;\
    Producteur initial raison sociale;Producteur initial SIRET;Producteur initial Code postal;\
    Expéditeur raison sociale;Expéditeur SIRET;Expéditeur Adresse;Expéditeur Commune;\
    Transporteur raison sociale;Transporteur SIRET ou n° de TVA intracommunautaire;\
    Destination raison sociale;Destination SIRET;Statut d'acceptation du déchet;\
    Quantité réceptionnée nette (tonnes);Code opération prévu;Code opération réalisé;Mode de traitement réalisé";

#[tokio::test]
async fn the_export_of_trackdechets_is_known_for_a_register() {
    let test = TestApp::start().await;
    let client = test.as_(Role::Advisor).await;
    let report = checked(&test, &client, SITES, "").await;
    apply(&test, &client, &report).await;
    let line = |on: &str, tonnes: &str| {
        format!(
            "{on};{on};{on};BSDD;BSD-1;Traité;Cartons;15 01 01;Non;Non;{tonnes};;;;Cartonnerie d’Essai;73282932000074;;Vendôme;\
             Transports d’Essai;80295478500028;Papetière d’Essai;80295478500028;Accepté;1,4;R13;R3;RECYCLAGE\n"
        )
    };
    let year = test.system().today().year();
    let last = year - 1;
    let register = format!(
        "{TRACKDECHETS}\n{}{}{}",
        line(&format!("12/01/{last}"), "1,5"),
        line(&format!("30/11/{last}"), "2"),
        line(&format!("02/01/{year}"), "1")
    );
    let sent = send(&client, &[("flows", "registre.csv", register.as_bytes())]).await;
    sent.expect(303);
    let columns = format!("{}/colonnes", sent.location());
    let page = client.get(&columns).await;
    assert!(page.has("[name=format0] option[value=registre][selected]"));
    for (column, field) in [
        (7, "code_dechet"),
        (10, "quantite"),
        (15, "producteur_siret"),
        (25, "traitement"),
    ] {
        assert!(
            page.has(&format!("#f-c0_{column} option[value={field}][selected]")),
            "{field}"
        );
    }
    assert!(
        !page.has("#f-c0_24 option[value=traitement][selected]"),
        "the treatment done, not the one planned"
    );
    let fields = page.fields("main form");
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    client.post(&columns, &fields).await.expect(303);
    test.run_jobs().await;
    let page = client.get(sent.location()).await;
    assert_eq!(counts(&page)[1], "1 0 0 0 0");
    let aside = format!("1 bordereau de {year} laissé de côté : l’année n’est pas finie.");
    assert!(page.text("main").contains(&aside), "{}", page.text("main .note"));
    apply(&test, &client, sent.location()).await;
    let flow = text(
        &test,
        "select concat_ws('|', waste_code, quantity, unit, outlet) from flows",
    )
    .await;
    let expected = "150101|3.5|t|R3\u{a0}: recyclage de substances organiques, chez Papetière d’Essai";
    assert_eq!(flow, expected);
}

#[tokio::test]
async fn another_kind_of_table_is_chosen_once() {
    let test = TestApp::start().await;
    let client = test.as_(Role::Advisor).await;
    let register = "Jour;Sens;Code déchet;Tonnage;Site;Libellé\n12/01/2025;sortant;15 01 01;1,5;73282932000074;Cartons\n";
    let sent = send(&client, &[("flows", "registre.csv", register.as_bytes())]).await;
    sent.expect(303);
    let columns = format!("{}/colonnes", sent.location());
    let page = client.get(&columns).await;
    assert!(page.has("[name=format0] option[value=flux][selected]"));
    let chosen = client.post(&columns, &[("format0", "registre")]).await;
    chosen.expect(200);
    assert!(chosen.has("#f-c0_2 option[value=code_dechet][selected]"));
    let told = [
        ("format0", "registre"),
        ("c0_0", "date"),
        ("c0_2", "code_dechet"),
        ("c0_3", "quantite"),
        ("c0_4", "producteur_siret"),
    ];
    client.post(&columns, &told).await.expect(303);
}

#[tokio::test]
async fn an_import_is_stopped_before_anything_is_written() {
    let test = TestApp::start().await;
    let client = test.as_(Role::Advisor).await;
    let report = checked(&test, &client, SITES, FLOWS).await;
    client
        .post(&format!("{report}/application"), &[])
        .await
        .expect(303);
    let stopped = client.post(&format!("{report}/abandon"), &[]).await;
    assert_eq!(stopped.location(), report);
    test.run_jobs().await;
    assert_eq!(test.count("select count(*) from establishments").await, 0);
    apply(&test, &client, &report).await;
    assert_eq!(
        test.count("select count(*) from establishments").await,
        3,
        "it can still be confirmed"
    );
}

#[tokio::test]
async fn too_large_a_file_is_refused_in_our_own_page() {
    let test = TestApp::start().await;
    let client = test.as_(Role::Advisor).await;
    let large = vec![b'x'; 20 << 20];
    let page = send(&client, &[("sites", "gros.csv", &large)]).await;
    page.expect(413);
    assert!(
        page.text("main").contains("dépasse 10 Mo"),
        "{}",
        page.text("main")
    );
}

#[tokio::test]
async fn the_content_decides_which_table_a_file_is() {
    let test = TestApp::start().await;
    let client = test.as_(Role::Advisor).await;
    let swapped = [
        ("sites", "flux.csv", FLOWS.as_bytes()),
        ("flows", "etab.csv", SITES.as_bytes()),
    ];
    let report = read(&test, &client, &swapped).await;
    let page = client.get(&report).await;
    assert_eq!(counts(&page), ["3 0 0 0 1", "3 0 0 0 1"]);
}

#[tokio::test]
async fn the_workbook_to_fill_is_imported_as_it_is() {
    let test = TestApp::start().await;
    let client = test.as_(Role::Advisor).await;
    let model = client.get("/import/modele.xlsx").await;
    model.expect(200);
    assert_eq!(
        model.headers["content-disposition"],
        "attachment; filename=\"modele-import.xlsx\""
    );
    let report = read(&test, &client, &[("sites", "modele.xlsx", &model.bytes)]).await;
    let page = client.get(&report).await;
    assert_eq!(counts(&page), ["1 0 0 0 0", "1 0 0 0 0"]);
}

#[tokio::test]
async fn an_import_of_another_territory_does_not_exist() {
    let test = TestApp::start().await;
    let elsewhere = make::territory(&test.system(), "Ailleurs").await;
    let stranger = make::user_of(&test, Role::Advisor, elsewhere, None).await;
    let report = checked(&test, &test.as_(Role::Advisor).await, SITES, FLOWS).await;
    let client = test.signed_in(stranger).await;
    client.get(&report).await.expect(404);
    client
        .post(&format!("{report}/application"), &[])
        .await
        .expect(404);
    client.post(&format!("{report}/abandon"), &[]).await.expect(404);
    client
        .get(&format!("{report}/corrections.csv?fichier=flux"))
        .await
        .expect(404);
}

#[tokio::test]
async fn a_position_given_by_hand_beats_the_file() {
    let test = TestApp::start().await;
    let client = test.as_(Role::Advisor).await;
    let report = checked(&test, &client, SITES, "").await;
    apply(&test, &client, &report).await;
    test.execute("update establishments set latitude = 47.7, longitude = 1.1, position_source = 'manual' where reference = 'A2'".to_owned()).await;
    let report = checked(&test, &client, SITES, "").await;
    let page = client.get(&format!("{report}?genre=a_verifier")).await;
    assert!(
        page.text("#lignes").contains("placée à la main"),
        "{}",
        page.text("#lignes")
    );
    assert_eq!(counts(&page)[0], "0 0 3 0 2");
}

#[tokio::test]
async fn what_looks_like_something_known_is_told() {
    let test = TestApp::start().await;
    let client = test.as_(Role::Advisor).await;
    let site = make::establishment(&test, test.territory, "Cartonnerie d’Essai").await;
    make::flow(&test, &site, Direction::Outbound, "MAT-01", ("Cartons", 3.0, "t")).await;
    let sites = "reference;nom;commune\nN1;CARTONNERIE D'ESSAI;Vendôme\n";
    let flows = format!(
        "reference;etablissement;sens;libelle\nN1-1;{};sortant;cartons\n",
        site.id
    );
    let report = checked(&test, &client, sites, &flows).await;
    let page = client.get(&report).await;
    assert_eq!(counts(&page), ["1 0 0 0 1", "1 0 0 0 1"]);
    let lines = page.text("#lignes tbody");
    assert!(
        lines.contains("Un établissement de ce nom") && lines.contains("de même libellé"),
        "{lines}"
    );
}

#[tokio::test]
async fn archived_and_deleted_things_are_not_brought_back_by_an_import() {
    let test = TestApp::start().await;
    let client = test.as_(Role::Advisor).await;
    let report = checked(&test, &client, SITES, FLOWS).await;
    apply(&test, &client, &report).await;
    test.execute("update establishments set archived_at = now() where reference = 'A1'; update flows set deleted_at = now() where reference = 'F2'".to_owned()).await;
    let report = checked(&test, &client, SITES, FLOWS).await;
    let page = client.get(&report).await;
    let lines = page.text("#lignes tbody");
    assert!(
        lines.contains("est archivé") && lines.contains("Un flux supprimé"),
        "{lines}"
    );
    assert_eq!(counts(&page), ["0 0 2 1 1", "0 0 1 2 1"]);
}

// ---- exports

fn csv(reply: &Reply) -> Vec<Vec<String>> {
    let text = String::from_utf8(reply.bytes.clone()).unwrap();
    let text = text.strip_prefix('\u{feff}').expect("the mark of UTF-8");
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b';')
        .has_headers(false)
        .from_reader(text.as_bytes());
    reader
        .records()
        .map(|record| record.unwrap().iter().map(str::to_owned).collect())
        .collect()
}

async fn furnished(test: &TestApp) {
    let site = make::establishment(test, test.territory, "Menuiserie =1+1").await;
    let other = make::establishment(test, test.territory, "Verrerie d’Essai").await;
    make::flow(test, &site, Direction::Outbound, "MAT-06", ("Sciures", 12.5, "t")).await;
    make::flow(
        test,
        &site,
        Direction::Inbound,
        "ENE-01",
        ("=HYPERLINK(\"x\")", 1234.5, "mwh"),
    )
    .await;
    make::flow(
        test,
        &other,
        Direction::Outbound,
        "MAT-01",
        ("-2+3 cartons ; vrac", 3.0, "t"),
    )
    .await;
}

#[tokio::test]
async fn an_export_holds_the_very_list_of_the_screen() {
    let test = TestApp::start().await;
    furnished(&test).await;
    let client = test.as_(Role::Advisor).await;
    for (query, expected) in [
        ("", 3),
        ("?sens=sortant", 2),
        ("?q=verrerie", 1),
        ("?famille=ENE", 1),
        ("?etat=a-classer", 0),
    ] {
        let rows = csv(&client.get(&format!("/flux/export.csv{query}")).await);
        assert_eq!(rows.len() - 1, expected, "{query}");
        let page = client.get(&format!("/flux{query}")).await;
        let shown = page.texts("tbody tr").len();
        assert_eq!(shown, expected, "{query}");
        if expected > 0 {
            let href = page.attr("a[href*=\"export.csv\"]", "href").unwrap();
            assert_eq!(href, format!("/flux/export.csv{query}"));
        }
    }
    let rows = csv(&client.get("/entreprises/export.csv?q=verrerie").await);
    assert_eq!((rows.len(), rows[1][1].as_str()), (2, "Verrerie d’Essai"));
    let page = client.get("/entreprises?q=verrerie").await;
    assert_eq!(
        page.attr("a[href*=\"export.xlsx\"]", "href").as_deref(),
        Some("/entreprises/export.xlsx?q=verrerie")
    );
}

#[tokio::test]
async fn an_exported_csv_is_safe_and_french() {
    let test = TestApp::start().await;
    furnished(&test).await;
    let reply = test.as_(Role::Advisor).await.get("/flux/export.csv").await;
    assert_eq!(reply.headers["content-type"], "text/csv; charset=utf-8");
    let today = test.system().today();
    assert_eq!(
        reply.headers["content-disposition"],
        format!("attachment; filename=\"flux-{today}.csv\"").as_str()
    );
    let text = String::from_utf8(reply.bytes.clone()).unwrap();
    assert!(
        text.contains(";\"'=HYPERLINK(\"\"x\"\")\";") && text.contains(";1234,5;MWh;an;"),
        "{text}"
    );
    assert!(text.contains("\"'-2+3 cartons ; vrac\""), "{text}");
    assert!(text.contains("Menuiserie =1+1") && text.ends_with("\r\n"));
}

#[tokio::test]
async fn an_exported_workbook_says_what_it_is() {
    let test = TestApp::start().await;
    furnished(&test).await;
    let reply = test
        .as_(Role::Advisor)
        .await
        .get("/flux/export.xlsx?sens=sortant")
        .await;
    reply.expect(200);
    let mut book: calamine::Xlsx<_> =
        calamine::open_workbook_from_rs(Cursor::new(reply.bytes.clone())).unwrap();
    use calamine::Reader;
    assert_eq!(book.sheet_names(), ["flux", "À propos"]);
    let about = book.worksheet_range("À propos").unwrap();
    let about: Vec<_> = about.rows().map(|row| format!("{}={}", row[0], row[1])).collect();
    assert!(
        about.contains(&"Filtre\u{a0}: sens=sortant".to_owned()) && about.contains(&"Flux=2".to_owned()),
        "{about:?}"
    );
    let rows = book.worksheet_range("flux").unwrap();
    let quantity = rows
        .rows()
        .next()
        .unwrap()
        .iter()
        .position(|cell| *cell == *"quantite")
        .unwrap();
    assert!(
        rows.rows()
            .skip(1)
            .all(|row| matches!(row[quantity], calamine::Data::Float(_))),
        "numbers are numbers"
    );
}

#[tokio::test]
async fn what_is_exported_can_be_imported_again_and_changes_nothing() {
    let test = TestApp::start().await;
    let client = test.as_(Role::Advisor).await;
    furnished(&test).await;
    let report = checked(&test, &client, SITES, FLOWS).await;
    apply(&test, &client, &report).await;
    for kind in ["csv", "xlsx"] {
        let sites = client.get(&format!("/entreprises/export.{kind}")).await;
        let flows = client.get(&format!("/flux/export.{kind}")).await;
        let reply = send(
            &client,
            &[("sites", "e", &sites.bytes), ("flows", "f", &flows.bytes)],
        )
        .await;
        reply.expect(303);
        test.run_jobs().await;
        let page = client.get(reply.location()).await;
        let counts = counts(&page);
        assert!(
            counts[0].starts_with("0 0 5 0") && counts[1].starts_with("0 0 6 0"),
            "{kind}: {counts:?} {}",
            page.text("#lignes")
        );
        assert!(
            !page.text("main").contains("Colonnes sans effet"),
            "{}",
            page.text("main")
        );
        client
            .post(&format!("{}/abandon", reply.location()), &[])
            .await
            .expect(303);
    }
    // In another territory the same files create the same things.
    let elsewhere = make::territory(&test.system(), "Ailleurs").await;
    let stranger = make::user_of(&test, Role::Advisor, elsewhere, None).await;
    let sites = client.get("/entreprises/export.csv").await;
    let flows = client.get("/flux/export.csv").await;
    let there = test.signed_in(stranger).await;
    let reply = send(
        &there,
        &[("sites", "e", &sites.bytes), ("flows", "f", &flows.bytes)],
    )
    .await;
    test.run_jobs().await;
    let page = there.get(reply.location()).await;
    assert!(
        counts(&page)[0].starts_with("5 0 0 0") && counts(&page)[1].starts_with("6 0 0 0"),
        "{:?}",
        counts(&page)
    );
}

// ---- without a screen, and at scale

#[tokio::test]
async fn a_published_network_is_imported_whole() {
    let test = TestApp::start().await;
    let system = test.system();
    let scope = make::scope(&test, test.territory);
    let (sites, flows) = (
        include_bytes!("../../src/cli/demo/kalundborg/etablissements.csv"),
        include_bytes!("../../src/cli/demo/kalundborg/flux.csv"),
    );
    for turn in 0..2 {
        let report = system
            .transact(async |tx| -> anyhow::Result<_> { Ok(import_network(tx, &scope, sites, flows).await?) })
            .await
            .unwrap();
        assert_eq!((report.sites.refused, report.flows.refused), (0, 0));
        let expected = if turn == 0 { (19, 59) } else { (0, 0) };
        assert_eq!((report.sites.written(), report.flows.written()), expected);
    }
    let classified = test
        .count("select count(*) from flows where category is not null")
        .await;
    assert!(classified > 40, "{classified}");
    assert_eq!(
        test.count("select count(*) from establishments where latitude is null")
            .await,
        0
    );
}

#[tokio::test]
async fn ten_thousand_lines_go_through() {
    let test = TestApp::start().await;
    let client = test.as_(Role::Advisor).await;
    let mut flows = String::from("reference;etablissement;sens;libelle;quantite;unite\n");
    for n in 0..10_000 {
        flows += &format!("G{n};A{};sortant;Cartons lot {};{n};t\n", n % 3 + 1, n % 50);
    }
    let report = checked(&test, &client, SITES, &flows).await;
    client
        .post(&format!("{report}/application"), &[])
        .await
        .expect(303);
    // The search of synergies that follows is another story.
    maillage::platform::jobs::run_next(&test.app, &maillage::app::jobs())
        .await
        .unwrap();
    assert_eq!(test.count("select count(*) from flows").await, 10_000);
    let page = client.get(&format!("{report}?genre=crees&fichier=flux")).await;
    assert_eq!(page.texts("#lignes tbody tr").len(), 200);
    assert!(
        page.text("#lignes .aside")
            .replace('\u{a0}', " ")
            .contains("Lignes 1 à 200 sur 10 000")
    );
    let last = client
        .get(&format!("{report}?genre=crees&fichier=flux&page=50"))
        .await;
    assert_eq!(last.texts("#lignes tbody tr").len(), 200);
    assert!(last.has("a[rel=prev]") && !last.has("a[rel=next]"));
}

#[test]
fn names_of_the_lists_and_of_their_files_agree() {
    use maillage::exchange::paths;
    let sites: Vec<_> = maillage::companies::paths::EXPORTS
        .iter()
        .map(|(path, _)| *path)
        .collect();
    assert_eq!(sites, [paths::SITES_XLSX, paths::SITES_CSV]);
    let flows: Vec<_> = maillage::flows::paths::EXPORTS
        .iter()
        .map(|(path, _)| *path)
        .collect();
    assert_eq!(flows, [paths::FLOWS_XLSX, paths::FLOWS_CSV]);
}
