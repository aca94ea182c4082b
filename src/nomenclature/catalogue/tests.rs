//! What must hold for the embedded files, and what a wrong file is told.

use std::collections::BTreeSet;

use super::{Catalogue, Radius};
use crate::kernel::{Direction, fold};
use crate::nomenclature::{Family, FlowCode, LargeRadius};

const CATEGORY: &str = r#"
[[category]]
code = "MAT-01"
label = "Carton"
directions = ["sortant", "entrant"]
modes = ["substitution"]
unit = "t"
radius = { full_km = 15, max_km = 60 }
"#;

fn code(text: &str) -> FlowCode {
    FlowCode::find(text).expect(text)
}

#[test]
fn the_families_are_all_there_and_in_order() {
    let catalogue = Catalogue::embedded();
    let counts = Family::ALL.map(|family| catalogue.family(family).count());
    assert_eq!(counts, [32, 11, 6, 7, 6, 5, 9, 9, 4]);
    let codes: Vec<FlowCode> = catalogue.categories().iter().map(|c| c.code).collect();
    let by_family: Vec<FlowCode> = Family::ALL
        .iter()
        .flat_map(|family| catalogue.family(*family).map(|category| category.code))
        .collect();
    assert_eq!(codes, by_family, "the file is in the order of families");
}

#[test]
fn categories_can_be_recognised() {
    for category in Catalogue::embedded().categories() {
        let words: BTreeSet<String> = category.synonyms.iter().map(|text| fold(text)).collect();
        assert!(words.len() >= 8, "{}: {} synonyms", category.code, words.len());
        assert!(!words.contains(""), "{}: empty synonym", category.code);
        assert!(!category.label.is_empty() && !category.status.is_empty());
    }
}

#[test]
fn grouped_needs_have_a_group_rule() {
    let without: Vec<FlowCode> = Catalogue::embedded()
        .categories()
        .iter()
        .filter(|category| category.modes.mutualisation && category.group.is_none())
        .map(|category| category.code)
        .collect();
    assert!(without.is_empty(), "no group rule: {without:?}");
}

#[test]
fn densities_are_for_other_units() {
    for category in Catalogue::embedded().categories() {
        for density in &category.densities {
            assert_ne!(
                density.unit, category.unit,
                "{}: density of its own unit",
                category.code
            );
        }
    }
}

#[test]
fn rules_go_from_what_leaves_to_what_comes_in() {
    let catalogue = Catalogue::embedded();
    assert!(catalogue.rules().len() >= 15);
    for rule in catalogue.rules() {
        let (out, into) = (catalogue.category(rule.out), catalogue.category(rule.into));
        assert!(
            out.allows(Direction::Outbound),
            "{}: {} never leaves",
            rule.id,
            rule.out
        );
        assert!(
            into.allows(Direction::Inbound),
            "{}: {} never comes in",
            rule.id,
            rule.into
        );
        assert!(!rule.note.is_empty(), "{}: nothing to show", rule.id);
        assert!(
            rule.requires.iter().all(|asked| !asked.ask.is_empty()),
            "{}",
            rule.id
        );
        assert_eq!(catalogue.rule(rule.out, rule.into).map(|r| &r.id), Some(&rule.id));
    }
}

#[test]
fn rules_are_found_by_what_leaves() {
    let catalogue = Catalogue::embedded();
    let cardboard = code("MAT-01");
    let found: Vec<&str> = catalogue
        .rules_from(cardboard)
        .map(|rule| rule.id.as_str())
        .collect();
    let mut expected: Vec<&super::Rule> = catalogue
        .rules()
        .iter()
        .filter(|rule| rule.out == cardboard)
        .collect();
    expected.sort_by_key(|rule| rule.into);
    let expected: Vec<&str> = expected.iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(found, expected);
    assert!(catalogue.rule(cardboard, code("MAT-09")).is_some());
    let heat = catalogue.rule(code("ENE-04"), code("ENE-05")).expect("heat rule");
    assert!(heat.min_temperature_margin_k.is_some_and(|margin| margin > 0.0));
}

#[test]
fn every_mistake_is_listed() {
    let flows = CATEGORY.replace("\"t\"", "\"brouette\"")
        + &CATEGORY.replace("MAT-01", "XYZ-01")
        + &CATEGORY.replace("MAT-01", "MAT-02").replace("60", "10")
        + &CATEGORY
            .replace("MAT-01", "MAT-02")
            .replace("substitution", "troc");
    let rules = r#"
[[rule]]
id = "R-1"
out = "MAT-02"
into = "MAT-77"
fit = 0.5
note = "…"
"#;
    let errors = Catalogue::read(&flows, rules).expect_err("wrong").to_string();
    for expected in ["brouette", "XYZ-01", "radius", "given twice", "troc", "MAT-77"] {
        assert!(errors.contains(expected), "{expected} in\n{errors}");
    }
    let misspelt = CATEGORY.replace("label", "lable");
    assert!(Catalogue::read(&misspelt, "").is_err());
    assert!(Catalogue::read(CATEGORY, "").is_ok());
}

#[test]
fn pipes_reach_farther_for_large_flows() {
    let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-9, "{found}");
    let heat = Radius {
        full_km: 1.0,
        max_km: 2.0,
        large: Some(LargeRadius {
            above: 10_000.0,
            full_km: 2.0,
            max_km: 10.0,
        }),
        unknown_km: (2.0, 10.0),
    };
    for (quantity, max) in [(0.0, 2.0), (1_000.0, 2.0), (10_000.0, 10.0), (1e9, 10.0)] {
        close(heat.for_quantity(Some(quantity)).max_km, max);
    }
    let between = heat.for_quantity(Some(3_162.277_660_168_379)).max_km;
    close(between, 6.0);
    let unknown = heat.for_quantity(None);
    close(unknown.max_km, 10.0);
    assert!(!unknown.certain);
    let plain = Radius {
        large: None,
        unknown_km: (1.0, 2.0),
        ..heat
    };
    assert!(plain.for_quantity(None).certain);
    close(plain.for_quantity(None).max_km, 2.0);
}

/// A word of a rule's condition that no category says would close the rule for good.
#[test]
fn the_words_of_conditions_are_those_of_the_nomenclature() {
    let catalogue = Catalogue::embedded();
    let mut said = BTreeSet::new();
    for category in catalogue.categories() {
        for text in category.synonyms.iter().chain([&category.label]) {
            said.extend(catalogue.terms(text));
        }
    }
    let mut unknown = Vec::new();
    for rule in catalogue.rules() {
        for (side, terms) in [("out", &rule.only.out), ("into", &rule.only.into)] {
            let strangers = terms.iter().filter(|term| !said.contains(*term));
            unknown.extend(strangers.map(|term| format!("{} {side}: {term}", rule.id)));
        }
    }
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
}

#[test]
fn every_category_is_said_in_at_least_eight_ways() {
    for category in Catalogue::embedded().categories() {
        let ways = category.synonyms.len();
        assert!(ways >= 8, "{}: {ways}", category.code);
    }
}
