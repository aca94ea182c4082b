//! Documents as PDF: what each says and to whom, page by page as a reader sees it. The pages are kept as
//! images in `target/tmp/documents`.

use crate::support::pdf::Paper;
use crate::support::{Client, TestApp, make};
use maillage::kernel::Direction;
use maillage::kernel::ids::WorkshopId;
use maillage::platform::access::Role;
use maillage::synergies::{Grid, Step};
use maillage::visits::VisitStatus;
use maillage::workshops::{Workshop, WorkshopState, store as workshops};

const SHEET: (f64, f64) = (595.0, 842.0);

async fn paper(client: &Client, path: &str, name: &str) -> Paper {
    let reply = client.get(path).await;
    let reply = reply.expect(200);
    assert_eq!(reply.headers["content-type"], "application/pdf");
    let paper = Paper::read(&reply.bytes);
    paper.keep(name);
    paper
}

fn says(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "« {word} » is not in: {text}");
    }
}

#[tokio::test]
async fn a_synergy_has_names_for_advisors_and_none_for_a_company_until_both_agreed() {
    let test = TestApp::start().await;
    let advisor = test.as_(Role::Advisor).await;
    let giver = make::establishment(&test, test.territory, "Cartonnerie Belle-Anse").await;
    let receiver = make::establishment(&test, test.territory, "Verrerie du Pic-Vert").await;
    let carton = ("Chutes de carton", 38.4, "t");
    let out = make::flow(&test, &giver, Direction::Outbound, "MAT-01", carton).await;
    let steps = vec![Step::Prevalidate(Grid::all_green())];
    let ends = [(&giver, Some(out.id)), (&receiver, None)];
    let id = make::synergy_between(&test, ends, steps).await;
    let mut companies = Vec::new();
    for site in [&giver, &receiver] {
        let user = make::user_of(&test, Role::Company, test.territory, Some(site.company_id)).await;
        companies.push(test.signed_in(user).await);
    }

    let page = advisor.get(&format!("/synergies/{id}")).await;
    let path = format!("/synergies/{id}/fiche.pdf");
    assert!(page.has(&format!("a[href='{path}']")));
    let full = paper(&advisor, &path, "synergie").await;
    full.assert_sound(SHEET);
    let text = full.text();
    says(
        &text,
        &[
            "Cartons → calage",
            "Cartonnerie Belle-Anse",
            "Verrerie du Pic-Vert",
            "Chutes de carton",
            "38 t/an",
        ],
    );
    says(
        &text,
        &["réservée aux conseillers", "Édité le", "Faisabilité", "Une idée."],
    );
    companies[0].get(&path).await.expect(403);

    let own = format!("/mon-espace/propositions/{id}/fiche.pdf");
    let anonymous = paper(&companies[0], &own, "proposition-anonyme").await;
    anonymous.assert_sound(SHEET);
    let text = anonymous.text();
    says(
        &text,
        &[
            "Chutes de carton",
            "Son nom reste caché, le vôtre aussi.",
            "38,4 t",
        ],
    );
    assert!(!text.contains("Verrerie") && !text.contains("Pic-Vert"), "{text}");

    advisor
        .post(&format!("/synergies/{id}/proposition"), &[])
        .await
        .expect(303);
    for company in &companies {
        let answer = format!("/mon-espace/propositions/{id}/reponse");
        company.post(&answer, &[("word", "agreed")]).await.expect(303);
    }
    let named = paper(&companies[0], &own, "proposition-nommee").await;
    says(&named.text(), &["Verrerie du Pic-Vert", "Cela nous intéresse"]);
    let stranger = test.as_(Role::Company).await;
    stranger.get(&own).await.expect(404);
}

#[tokio::test]
async fn an_establishment_and_a_visit_are_told_on_paper() {
    let test = TestApp::start().await;
    let advisor = test.as_(Role::Advisor).await;
    let site = make::establishment(&test, test.territory, "Laiterie des Trois Moulins").await;
    for rank in 1..=45 {
        let label = format!("Emballages de la ligne {rank}");
        make::flow(
            &test,
            &site,
            Direction::Outbound,
            "MAT-01",
            (&label, f64::from(rank), "t"),
        )
        .await;
    }
    let visit = make::visit(&test, &site, VisitStatus::Done, vec![advisor.user]).await;
    test.execute(format!(
        "update visits set notes = 'Cour pavée 漢, sonner deux fois' where id = '{}'",
        visit.id
    ))
    .await;

    let sheet = paper(
        &advisor,
        &format!("/entreprises/{}/fiche.pdf", site.id),
        "entreprise",
    )
    .await;
    sheet.assert_sound(SHEET);
    assert!(sheet.leaves.len() >= 2, "a long table goes on");
    for leaf in &sheet.leaves[..2] {
        says(&leaf.text, &["Exutoire ou fournisseur"]);
    }
    says(
        &sheet.text(),
        &[
            "Laiterie des Trois Moulins",
            "Emballages de la ligne 45",
            "45 t/an",
            "à valider",
        ],
    );

    let report = paper(
        &advisor,
        &format!("/visites/{}/compte-rendu.pdf", visit.id),
        "visite",
    )
    .await;
    report.assert_sound(SHEET);
    says(
        &report.text(),
        &[
            "45 flux · 0 entrant, 45 sortants",
            "déclaré",
            "Cour pavée ?, sonner deux fois",
            "Reste à demander",
        ],
    );

    let neighbour = make::territory(&test.system(), "Pays voisin").await;
    let other = make::user(&test, Role::Advisor, neighbour).await;
    let other = test.signed_in(other).await;
    for path in [
        format!("/entreprises/{}/fiche.pdf", site.id),
        format!("/visites/{}/compte-rendu.pdf", visit.id),
    ] {
        other.get(&path).await.expect(404);
    }
}

/// A territory whose programme has targets and decisions, with companies whose names must not be read.
async fn steered(test: &TestApp) {
    test.execute(format!(
        "insert into programmes (id, territory_id, name, starts_on, ends_on) values
            (md5('p')::uuid, '{}', 'Écologie industrielle du Pays d’essai', current_date - 900, current_date + 900);
         insert into programme_targets (programme_id, indicator, due_on, value, is_baseline) values
            (md5('p')::uuid, 'A01', current_date - 800, 2, true), (md5('p')::uuid, 'A01', current_date + 30, 4, false),
            (md5('p')::uuid, 'A01', current_date + 800, 100, false), (md5('p')::uuid, 'B16', current_date + 800, null, false);
         insert into priorities (territory_id, category, rank, decided_on) values ('{}', 'MAT-01', 1, current_date);
         insert into meetings (id, programme_id, kind, held_on, is_held, agenda) values
            (md5('m')::uuid, md5('p')::uuid, 'steering', current_date - 3, true, 'Bilan');
         insert into decisions (id, meeting_id, what, owner, due_on, state) values
            (md5('d')::uuid, md5('m')::uuid, 'Ouvrir une plateforme de cartons', 'La communauté', current_date + 20, 'to_do');",
        test.territory, test.territory
    ))
    .await;
    for rank in 0..5 {
        let site = make::establishment(test, test.territory, &format!("Canari numéro {rank}")).await;
        make::visit(test, &site, VisitStatus::Validated, Vec::new()).await;
        let cartons = ("Cartons du canari", 100.0 + f64::from(rank), "t");
        make::flow(test, &site, Direction::Outbound, "MAT-01", cartons).await;
    }
}

/// « A01;Entreprises mobilisées;établissements;2;5;… » of the board's file, each beside its title.
fn contract_of(csv: &str) -> Vec<(String, String)> {
    let is_code = |cell: &str| cell.len() == 3 && cell[1..].parse::<u8>().is_ok();
    csv.lines()
        .map(|line| line.split(';').collect::<Vec<_>>())
        .filter(|cells| cells.len() >= 9 && is_code(cells[0]))
        .map(|cells| {
            let baseline = if cells[3].is_empty() { "–" } else { cells[3] };
            let figures = format!("{baseline} {}", cells[4]);
            (
                cells[1].to_owned(),
                figures.split_whitespace().collect::<Vec<_>>().join(" "),
            )
        })
        .collect()
}

#[tokio::test]
async fn reports_say_what_the_board_says_and_name_nobody() {
    let test = TestApp::start().await;
    steered(&test).await;
    let committee = test.as_(Role::Committee).await;
    let page = committee.get("/rapports").await;
    page.expect(200);
    for href in ["/rapports/copil.pdf", "/rapports/annuel.pdf"] {
        assert!(page.has(&format!("a[href='{href}']")), "{href}");
    }

    let deck = paper(&committee, "/rapports/copil.pdf", "copil").await;
    deck.assert_sound((960.0, 540.0));
    assert!(deck.leaves.len() >= 6, "{}", deck.leaves.len());
    let text = deck.text();
    says(
        &text,
        &[
            "Écologie industrielle du Pays d’essai",
            "0 objectif atteint sur 1",
            "5 flux recensés",
            "Papier-carton (emballages) MAT-01 510 t",
            "Ouvrir une plateforme de cartons La communauté",
            "Données",
        ],
    );
    let csv = committee.get("/tableau-de-bord.csv").await.html();
    let lines = contract_of(&csv);
    assert!(lines.len() >= 4 && lines[0].1 == "2 5", "{lines:?}");
    for (title, figures) in lines {
        let after = text.split(&title).nth(1).unwrap_or_default().trim_start();
        let after = after
            .strip_prefix('(')
            .and_then(|rest| rest.split_once(") "))
            .map_or(after, |(_, rest)| rest);
        assert!(
            after.starts_with(&figures),
            "{title}: {figures}, and in the slides: {after:.40}"
        );
    }

    let annual = paper(&committee, "/rapports/annuel.pdf", "rapport-annuel").await;
    annual.assert_sound(SHEET);
    says(
        &annual.text(),
        &[
            "Rapport annuel",
            "Indicateurs du contrat",
            "Définitions et méthode",
            "Ouvrir une plateforme",
        ],
    );

    let pilot = test.as_(Role::Pilot).await;
    for path in ["/rapports/copil.pdf", "/rapports/annuel.pdf"] {
        for reader in [&committee, &pilot] {
            let text = Paper::read(&reader.get(path).await.bytes).text();
            assert!(!text.contains("anari"), "{path} names a company: {text}");
        }
    }
}

#[tokio::test]
async fn reports_are_made_without_a_programme() {
    let test = TestApp::start().await;
    let committee = test.as_(Role::Committee).await;
    assert!(
        committee
            .get("/rapports")
            .await
            .text(".note")
            .contains("Aucune démarche")
    );
    paper(&committee, "/rapports/copil.pdf", "copil-vide")
        .await
        .assert_sound((960.0, 540.0));
    paper(&committee, "/rapports/annuel.pdf", "rapport-annuel-vide")
        .await
        .assert_sound(SHEET);
}

/// A workshop of 28 people, as in Dieppe: most named, one with somebody beside them, one unknown; what they
/// offer and seek, said at length.
async fn full_room(test: &TestApp, advisor: &Client) -> WorkshopId {
    let new = Workshop {
        place: Some("Salle des fêtes, Vendôme".to_owned()),
        owner: Some(advisor.user),
        state: WorkshopState::Held,
        ..Workshop::on(test.territory, "Cartons et palettes", test.system().today())
    };
    let scope = make::scope(test, test.territory);
    test.system()
        .transact(async |tx| -> anyhow::Result<()> {
            workshops::insert(tx, &scope, &new).await?;
            Ok(())
        })
        .await
        .unwrap();
    for rank in 0..27 {
        let name = match rank {
            0 => "Établissements de conditionnement et de logistique du Perche vendômois".to_owned(),
            _ => format!("Entreprise d’essai {rank:02}"),
        };
        let site = make::establishment(test, test.territory, &name).await;
        let (people, person) = match rank {
            0 => (2, "'Marie-Dominique de la Rochefoucauld-Essai'".to_owned()),
            26 => (1, "null".to_owned()),
            _ => (1, format!("'Camille Essai {rank:02}'")),
        };
        test.execute(format!(
            "insert into workshop_guests (id, workshop_id, establishment_id, reason, answer, people, person, is_present, mark, mark_comment)
             values (gen_random_uuid(), '{}', '{}', 'essai', 'yes', {people}, {person}, true, 3, 'Des idées concrètes')",
            new.id, site.id
        ))
        .await;
        // Three companies say a lot.
        let flows = if rank < 3 { 12 } else { 2 };
        let sides = [Direction::Outbound, Direction::Inbound].into_iter().cycle();
        for (turn, direction) in sides.take(flows).enumerate() {
            let label = format!("Emballages numéro {turn} de la ligne de conditionnement et ses chutes");
            make::flow(test, &site, direction, "MAT-01", (&label, 1.5, "t")).await;
        }
    }
    test.execute("update flows set visibility = 'shareable' where label not like '%numéro 9%'".to_owned())
        .await;
    advisor
        .post(&format!("/ateliers/{}/tables", new.id), &[])
        .await
        .expect(303);
    new.id
}

#[tokio::test]
async fn a_workshop_of_28_people_is_printed() {
    let test = TestApp::start().await;
    let advisor = test.as_(Role::Advisor).await;
    let id = full_room(&test, &advisor).await;
    let page = advisor.get(&format!("/ateliers/{id}")).await;
    let read = async |file: &str| {
        let path = format!("/ateliers/{id}/{file}.pdf");
        assert!(page.has(&format!("a[href='{path}']")), "{path}");
        let paper = paper(&advisor, &path, &format!("atelier-{file}")).await;
        paper.assert_sound(SHEET);
        says(&paper.text(), &["Édité le"]);
        paper
    };

    let agenda = read("ordre-du-jour").await.text();
    says(
        &agenda,
        &[
            "Cartons et palettes",
            "Salle des fêtes",
            "28 personnes",
            "Tours de table",
            "Table 4, 7 personnes",
        ],
    );
    assert!(
        !agenda.contains("À préciser") && agenda.contains("à préciser"),
        "said once a table"
    );

    let places = read("chevalets").await;
    assert_eq!(places.leaves.len(), 4, "eight a page");
    let text = places.text();
    says(&text, &["Marie-Dominique", "Camille Essai 25", "Table 4"]);
    assert!(!text.contains("À préciser"));
    assert_eq!(
        text.matches("Établissements de conditionnement").count(),
        2,
        "a company stands for who is not known"
    );
    assert_eq!(text.matches("Entreprise d’essai 26").count(), 1);

    let cards = read("cartons").await;
    assert_eq!(cards.leaves.len(), 7, "27 companies, four a page");
    let text = cards.text();
    assert_eq!(text.matches("J’offre").count(), 27);
    assert_eq!(text.matches("Je cherche").count(), 27);
    says(
        &text,
        &["1,5 t par an", "1 flux connu de vos conseillers seulement"],
    );
    assert!(!text.contains("numéro 9"), "what is not shared is not printed");

    let sheet = read("presences").await;
    says(&sheet.text(), &["Signature", "Camille Essai 25"]);
    assert!(
        sheet.leaves.iter().all(|leaf| leaf.text.contains("Signature")),
        "on each page"
    );

    let report = read("compte-rendu").await.text();
    says(
        &report,
        &[
            "27 entreprises sur 27",
            "3 sur 4 pour 27 réponses",
            "Des idées concrètes",
        ],
    );

    let partner = test.as_(Role::Partner).await;
    partner
        .get(&format!("/ateliers/{id}/presences.pdf"))
        .await
        .expect(403);
}

#[tokio::test]
async fn a_workshop_nobody_answered_yet_is_printed_too() {
    let test = TestApp::start().await;
    let advisor = test.as_(Role::Advisor).await;
    let made = advisor
        .post(
            "/ateliers/nouveau",
            &[
                ("title", "Chaleur"),
                ("held_on", "15/03/2030"),
                ("begins_at", "14 h"),
                ("ends_at", "17 h"),
                ("capacity", "20"),
                ("table_size", "5"),
                ("owner", &advisor.user.to_string()),
            ],
        )
        .await;
    made.expect(303);
    let workshop = made.location().strip_suffix("/invites").unwrap().to_owned();
    for file in [
        "ordre-du-jour",
        "chevalets",
        "cartons",
        "presences",
        "compte-rendu",
    ] {
        let path = format!("{workshop}/{file}.pdf");
        paper(&advisor, &path, &format!("atelier-vide-{file}"))
            .await
            .assert_sound(SHEET);
    }
}
