//! Documents as PDF: what each says and to whom, page by page as a reader sees it. The pages are kept as
//! images in `target/tmp/documents`.

use crate::support::pdf::Paper;
use crate::support::{Client, TestApp, make};
use maillage::kernel::Direction;
use maillage::platform::access::Role;
use maillage::synergies::{Grid, Step};
use maillage::visits::VisitStatus;

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
