use super::{FactorKey, Figure, Local};
use crate::nomenclature::{Catalogue, FlowCode, Range, Shared};

fn key(text: &str) -> FactorKey {
    FactorKey::find(text).expect(text)
}

fn with(changes: &[(&str, f64)]) -> Catalogue {
    let factors = changes
        .iter()
        .map(|(text, value)| (key(text), Range::single(*value, "essai")))
        .collect();
    Catalogue::embedded().localised(&Local {
        version: Some(3),
        factors,
        ..Local::default()
    })
}

fn code(text: &str) -> FlowCode {
    FlowCode::find(text).expect("in the catalogue")
}

#[test]
fn keys_are_read_as_they_are_written() {
    for text in ["gazole", "tgap", "MAT-01.valeur", "ENE-05.maximum_gros_flux"] {
        assert_eq!(key(text).to_string(), text);
    }
    assert_eq!(
        FactorKey::find(" Gazole "),
        Some(FactorKey::Shared(Shared::DieselPrice))
    );
    assert_eq!(
        FactorKey::find("mat-01.Valeur"),
        Some(FactorKey::Of(code("MAT-01"), Figure::Value))
    );
    for wrong in ["", "petrole", "MAT-99.valeur", "MAT-01.prix"] {
        assert_eq!(FactorKey::find(wrong), None, "{wrong}");
    }
}

#[test]
fn nothing_local_changes_nothing() {
    let (plain, same) = (
        Catalogue::embedded(),
        Catalogue::embedded().localised(&Local::default()),
    );
    assert_eq!(plain.version(), same.version());
    for (a, b) in plain.categories().iter().zip(same.categories()) {
        assert_eq!((a.code, a.radius, &a.economics), (b.code, b.radius, &b.economics));
    }
}

#[test]
fn a_local_figure_replaces_that_of_the_catalogue_only() {
    let local = with(&[
        ("MAT-01.valeur", 90.0),
        ("MAT-01.rayon", 25.0),
        ("ENE-05.maximum_gros_flux", 20.0),
    ]);
    let carton = local.category(code("MAT-01"));
    assert_eq!(
        carton.economics.value.as_ref().map(|range| range.central),
        Some(90.0)
    );
    assert!((carton.radius.full_km - 25.0).abs() < 1e-9 && (carton.radius.unknown_km.0 - 25.0).abs() < 1e-9);
    let heat = local.category(code("ENE-05")).radius;
    assert!(
        (heat.unknown_km.1 - 20.0).abs() < 1e-9,
        "an unknown quantity may be a large one"
    );
    let other = code("MAT-02");
    assert_eq!(
        local.category(other).economics,
        Catalogue::embedded().category(other).economics
    );
    assert_eq!(Local::number_in(local.version()), Some(3), "{}", local.version());
    assert_eq!(Local::number_in(Catalogue::embedded().version()), None);
}

#[test]
fn what_follows_a_shared_factor_moves_with_it() {
    let before = Catalogue::embedded().factor(key("gaz")).expect("a price").central;
    let local = with(&[("gaz", before * 1.5)]);
    let value = |catalogue: &Catalogue| {
        let range = catalogue.factor(key("ENE-05.valeur")).expect("heat has a value");
        [range.low, range.central, range.high]
    };
    let (plain, dear) = (value(Catalogue::embedded()), value(&local));
    for (a, b) in plain.into_iter().zip(dear) {
        assert!((b - a * 1.5).abs() < 1e-9, "{a} {b}");
    }
}

#[test]
fn the_landfill_tax_raises_what_is_landfilled_by_its_share() {
    let plain = Catalogue::embedded();
    let local = with(&[("tgap", 85.0)]);
    let disposal = |catalogue: &Catalogue, text| catalogue.factor(key(text)).expect("a cost").central;
    let raised = |text| disposal(&local, text) - disposal(plain, text);
    assert!(
        (raised("MAT-26.elimination") - 20.0).abs() < 1e-9,
        "mixed waste is landfilled whole"
    );
    let part = raised("MAT-13.elimination");
    assert!(part > 0.0 && part < 20.0, "{part}");
    assert!(
        raised("MAT-10.elimination").abs() < 1e-9,
        "metals are not landfilled"
    );
}

#[test]
fn every_figure_of_the_catalogue_can_be_read_and_put_back() {
    let plain = Catalogue::embedded();
    for category in plain.categories() {
        for figure in Figure::ALL {
            let key = FactorKey::Of(category.code, figure);
            let Some(range) = plain.factor(key) else { continue };
            let local = Local {
                version: None,
                factors: [(key, range.clone())].into(),
                ..Local::default()
            };
            assert_eq!(plain.localised(&local).factor(key), Some(range), "{key}");
        }
    }
}

#[test]
fn the_words_of_the_place_are_recognised_there_only() {
    let code = FlowCode::find("MAT-18").expect("known");
    let local = Local {
        synonyms: vec![(code, "Zwiebelite".to_owned())],
        ..Local::default()
    };
    let here = Catalogue::embedded().localised(&local);
    let best = here.classify("zwiebelites", None, None).into_iter().next();
    assert_eq!(best.map(|guess| guess.code), Some(code));
    assert!(
        Catalogue::embedded()
            .classify("zwiebelites", None, None)
            .is_empty()
    );
    assert_eq!(here.version(), Catalogue::embedded().version());
}
