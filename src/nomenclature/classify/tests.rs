//! Labels as companies say them, and as they mistype them.

use super::{CONFIDENT, Guess};
use crate::kernel::Direction::{self, Inbound, Outbound};
use crate::nomenclature::{Catalogue, WasteCode};
use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

fn guesses(label: &str, waste: &str, direction: Option<Direction>) -> Vec<Guess> {
    Catalogue::embedded().classify(label, WasteCode::find(waste), direction)
}

/// Checks that the best guess is the expected one, and how sure it is.
fn expect_all(cases: &[(&str, &str)], direction: Option<Direction>, at_least: f64) {
    let mut wrong = Vec::new();
    for (label, expected) in cases {
        let found = guesses(label, "", direction);
        let right = found
            .first()
            .is_some_and(|guess| guess.code.as_str() == *expected && guess.confidence >= at_least);
        if !right {
            wrong.push(format!("{label}: {expected}, not {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_leaves_as_companies_say_it() {
    let cases = [
        ("carton", "MAT-01"),
        ("Cartons ondulés propres en vrac", "MAT-01"),
        ("chutes de carton", "MAT-01"),
        ("palettes bois cassées", "MAT-03"),
        ("Palettes Europe EPAL", "MAT-03"),
        ("sciures de bois", "MAT-04"),
        ("copeaux de bois", "MAT-04"),
        ("bois de démolition", "MAT-05"),
        ("films plastiques étirables", "MAT-06"),
        ("housses plastique PEBD", "MAT-06"),
        ("bidons plastiques vides", "MAT-07"),
        ("GRV 1000 L", "MAT-07"),
        ("purges et carottes plastiques", "MAT-08"),
        ("chutes d’acier", "MAT-10"),
        ("ferraille", "MAT-10"),
        ("alu", "MAT-11"),
        ("câbles cuivre", "MAT-11"),
        ("verre cassé", "MAT-12"),
        ("chutes de tissu", "MAT-13"),
        ("pneus usagés", "MAT-14"),
        ("gravats béton", "MAT-15"),
        ("plaques de plâtre", "MAT-16"),
        ("invendus alimentaires", "MAT-17"),
        ("drêches de brasserie", "MAT-18"),
        ("huile de friture", "MAT-20"),
        ("acétone", "MAT-22"),
        ("huile de coupe", "MAT-23"),
        ("huile moteur usagée", "MAT-23"),
        ("pots de peinture", "MAT-24"),
        ("boues de station d’épuration", "MAT-25"),
        ("DIB", "MAT-26"),
        ("DEEE", "MAT-27"),
        ("cartouches d’encre", "MAT-28"),
        ("chiffons souillés", "MAT-29"),
        ("mobilier de bureau", "MAT-30"),
        ("chaleur fatale four", "ENE-04"),
        ("vapeur", "ENE-04"),
        ("eau de refroidissement", "EAU-02"),
        ("retour à vide", "LOG-02"),
        ("personnel disponible en hiver", "RHC-02"),
    ];
    expect_all(&cases, Some(Outbound), CONFIDENT);
}

#[test]
fn what_comes_in_as_companies_say_it() {
    let cases = [
        ("matières premières", "MAT-31"),
        ("EPI et gants", "MAT-32"),
        ("électricité", "ENE-01"),
        ("gaz naturel", "ENE-02"),
        ("fioul domestique", "ENE-03"),
        ("besoin de chaleur séchage", "ENE-05"),
        ("vapeur", "ENE-05"),
        ("froid industriel", "ENE-06"),
        ("air comprimé", "ENE-07"),
        ("plaquettes forestières", "ENE-08"),
        ("eau pour lavage", "EAU-03"),
        ("eau déminéralisée", "EAU-06"),
        ("chariot élévateur", "EQP-01"),
        ("presse à balles", "EQP-04"),
        ("pont bascule", "EQP-05"),
        ("stockage couvert", "ESP-01"),
        ("parking", "ESP-03"),
        ("salle de réunion", "ESP-04"),
        ("transport de palettes", "LOG-01"),
        ("courrier", "LOG-04"),
        ("vérification extincteurs", "SRV-01"),
        ("maintenance chaudière", "SRV-02"),
        ("gardiennage", "SRV-04"),
        ("crèche", "SRV-05"),
        ("main d’œuvre saisonnière", "RHC-01"),
        ("responsable QHSE à temps partagé", "RHC-03"),
        ("CACES", "RHC-05"),
        ("apprentis", "RHC-07"),
        ("covoiturage", "MOB-01"),
        ("places de stationnement", "MOB-04"),
    ];
    expect_all(&cases, Some(Inbound), CONFIDENT);
}

#[test]
fn names_of_one_thing_meet() {
    let catalogue = Catalogue::embedded();
    for name in [
        "soude",
        "NaOH",
        "hydroxyde de sodium",
        "Lessive de soude",
        "SOUDE CAUSTIQUE",
    ] {
        let found = guesses(name, "", None);
        assert_eq!(found[0].code.as_str(), "MAT-21", "{name}");
        assert!(found[0].confidence > 0.9, "{name}: {found:?}");
        assert_eq!(catalogue.terms(name), catalogue.terms("soude"), "{name}");
    }
    assert_eq!(catalogue.terms("H2SO4"), catalogue.terms("acide sulfurique"));
    assert_ne!(catalogue.terms("potasse"), catalogue.terms("soude"));
}

#[test]
fn slips_and_abbreviations_are_understood() {
    let cases = [
        ("palete", "MAT-03"),
        ("pallettes", "MAT-03"),
        ("chutte de carton", "MAT-01"),
        ("CARTTON", "MAT-01"),
        ("biodechet", "MAT-17"),
        ("feraille", "MAT-10"),
        ("sciurres", "MAT-04"),
        ("solvents", "MAT-22"),
        ("covoiturge", "MOB-01"),
        ("electrcite", "ENE-01"),
        ("air comp.", "ENE-07"),
        ("gardienage", "SRV-04"),
    ];
    expect_all(&cases, None, 0.4);
    let plastics = ["MAT-06", "MAT-07", "MAT-08"];
    let found = guesses("emb. plastique", "", Some(Outbound));
    assert!(plastics.contains(&found[0].code.as_str()), "{found:?}");
}

#[test]
fn a_waste_code_is_enough() {
    let cases = [
        ("15 01 01", "MAT-01"),
        ("150103", "MAT-03"),
        ("14 06 03*", "MAT-22"),
        ("20 01 08", "MAT-17"),
        ("12 01 05", "MAT-08"),
    ];
    for (waste, expected) in cases {
        let found = guesses("", waste, None);
        assert_eq!(found[0].code.as_str(), expected, "{waste}");
        assert!(found[0].confidence >= CONFIDENT, "{waste}: {found:?}");
        assert!(found[0].why.starts_with("code déchet"), "{}", found[0].why);
        // The same digits typed in the label field.
        assert_eq!(guesses(waste, "", None), found, "{waste}");
    }
}

#[test]
fn an_unlisted_waste_code_points_to_its_neighbours() {
    for code in WasteCode::all() {
        let found = Catalogue::embedded().classify("", Some(code), None);
        assert!(found.iter().all(|guess| (0.0..=1.0).contains(&guess.confidence)));
    }
    assert_eq!(guesses("", "15 01 09", None)[0].code.as_str(), "MAT-13");
}

#[test]
fn the_label_decides_between_categories_of_one_waste_code() {
    let film = guesses("film étirable", "15 01 02", None);
    let drum = guesses("bidons", "15 01 02", None);
    assert_eq!(film[0].code.as_str(), "MAT-06");
    assert_eq!(drum[0].code.as_str(), "MAT-07");
    assert!(
        film[0].why.contains("code déchet 15\u{a0}01\u{a0}02"),
        "{}",
        film[0].why
    );
}

#[test]
fn reasons_are_given_in_french() {
    let why = |label: &str| guesses(label, "", None)[0].why.clone();
    assert_eq!(why("carton"), "synonyme «\u{a0}carton\u{a0}»");
    assert_eq!(why("Stockage couvert"), "libellé «\u{a0}Stockage couvert\u{a0}»");
    assert_eq!(why("feraille"), "proche de «\u{a0}ferraille\u{a0}»");
    assert!(
        why("air comp.").starts_with("abréviation de"),
        "{}",
        why("air comp.")
    );
}

#[test]
fn nothing_recognised_is_no_guess() {
    for label in ["", "   ", "de la", "12 t", "xylophone zwq"] {
        assert!(guesses(label, "", None).is_empty(), "{label:?}");
    }
    let doubtful = guesses("truc machin", "", None);
    assert!(doubtful.iter().all(|guess| guess.confidence < CONFIDENT));
}

#[test]
fn every_category_recognises_its_own_words() {
    let catalogue = Catalogue::embedded();
    let mut wrong = Vec::new();
    let mut total = 0;
    for category in catalogue.categories() {
        let way = if category.outbound { Outbound } else { Inbound };
        for synonym in category.synonyms.iter().chain([&category.label]) {
            total += 1;
            let found = catalogue.classify(synonym, None, Some(way));
            let best = found.first().map_or(0.0, |guess| guess.confidence);
            let known = found
                .iter()
                .any(|guess| guess.code == category.code && guess.confidence >= best / 2.0 - 1e-9);
            if !known {
                wrong.push(format!("{} « {synonym} »: {found:?}", category.code));
            }
        }
    }
    assert!(
        wrong.len() * 100 <= total,
        "{} of {total}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

proptest! {
    #[test]
    fn any_text_gets_ranked_guesses(label in "\\PC{0,60}") {
        let found = guesses(&label, "", None);
        prop_assert!(found.windows(2).all(|pair| pair[0].confidence >= pair[1].confidence));
        prop_assert!(found.iter().all(|guess| (0.0..=1.0).contains(&guess.confidence)));
        prop_assert_eq!(&found, &guesses(&label, "", None));
    }
}
