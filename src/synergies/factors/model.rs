//! What a form of factors means. Pure.

use crate::kernel::{format_number, parse_decimal};
use crate::nomenclature::{Catalogue, FactorFamily, FactorKey, Figure, FlowCode, Local, Range};
use crate::platform::web::{Errors, clean};
use std::collections::BTreeMap;

/// Beyond that a figure is a slip of the keyboard.
const ABSURD: f64 = 1e9;

/// What one form edits: the shared factors of a family, or the figures of a category.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::synergies) enum Group {
    Shared(FactorFamily),
    Category(FlowCode),
}

impl Group {
    /// The group that a part of an address names.
    pub(super) fn find(segment: &str) -> Option<Self> {
        let family = FactorFamily::ALL
            .into_iter()
            .find(|family| family.key() == segment);
        family
            .map(Self::Shared)
            .or_else(|| FlowCode::find(segment).map(Self::Category))
    }

    pub(super) fn segment(self) -> String {
        match self {
            Self::Shared(family) => family.key().to_owned(),
            Self::Category(code) => code.to_string(),
        }
    }

    pub(super) fn label(self, catalogue: &Catalogue) -> String {
        match self {
            Self::Shared(family) => family.label().to_owned(),
            Self::Category(code) => format!("{code} {}", catalogue.category(code).label),
        }
    }

    /// The factors of the group, in the order of the form.
    pub(super) fn keys(self, catalogue: &Catalogue) -> Vec<FactorKey> {
        match self {
            Self::Shared(family) => {
                let factors = catalogue
                    .factors()
                    .iter()
                    .filter(|factor| factor.family == family);
                factors.map(|factor| FactorKey::Shared(factor.shared)).collect()
            }
            Self::Category(code) => {
                let large = catalogue.category(code).radius.large.is_some();
                let pertinent = Figure::ALL.into_iter().filter(|figure| match figure {
                    Figure::LargeRadius | Figure::LargeMaximum => large,
                    Figure::Value
                    | Figure::Disposal
                    | Figure::Treatment
                    | Figure::Carbon
                    | Figure::Payload
                    | Figure::Radius
                    | Figure::Maximum => true,
                });
                pertinent.map(|figure| FactorKey::Of(code, figure)).collect()
            }
        }
    }
}

/// The names of a factor's fields: « gazole-bas ».
pub(super) fn field(key: FactorKey, part: &str) -> String {
    format!("{}-{part}", key.to_string().replace('.', "-"))
}

/// Whether the factor is one number, without bounds.
pub(super) fn is_single(key: FactorKey) -> bool {
    match key {
        FactorKey::Shared(_) => false,
        FactorKey::Of(_, figure) => figure.is_single(),
    }
}

pub(super) fn label(catalogue: &Catalogue, key: FactorKey) -> String {
    match key {
        FactorKey::Shared(shared) => catalogue.factors().get(shared).label.clone(),
        FactorKey::Of(_, figure) => figure.label().to_owned(),
    }
}

pub(super) fn unit(catalogue: &Catalogue, key: FactorKey) -> String {
    match key {
        FactorKey::Shared(shared) => catalogue.factors().get(shared).unit.clone(),
        FactorKey::Of(code, figure) => figure.unit(catalogue.category(code).unit),
    }
}

/// A figure as a form and a table write it: no more digits than it has.
pub(super) fn written(value: f64) -> String {
    let decimals = match value.abs() {
        v if v >= 100.0 => 1,
        v if v >= 1.0 => 3,
        _ => 5,
    };
    format_number(value, decimals)
}

/// What the fields of a group show of a catalogue.
pub(super) fn fields(group: Group, catalogue: &Catalogue) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    for key in group.keys(catalogue) {
        let range = catalogue.factor(key);
        let text = |value: fn(&Range) -> f64| {
            range
                .as_ref()
                .map(|range| written(value(range)))
                .unwrap_or_default()
        };
        fields.insert(field(key, "central"), text(|range| range.central));
        if !is_single(key) {
            fields.insert(field(key, "bas"), text(|range| range.low));
            fields.insert(field(key, "haut"), text(|range| range.high));
        }
        let source = range
            .as_ref()
            .map(|range| range.source.clone())
            .unwrap_or_default();
        fields.insert(field(key, "source"), source);
    }
    fields
}

/// The territory's factors with a group as it was typed; what is blank or as in the nomenclature is not local.
pub(super) fn read(
    group: Group,
    typed: &BTreeMap<String, String>,
    (plain, local): (&Catalogue, &Local),
) -> Result<Local, Errors> {
    let mut errors = Errors::default();
    let mut wanted = local.clone();
    let keys = group.keys(plain);
    for key in &keys {
        wanted.factors.remove(key);
    }
    // What follows a factor of another group is shown as it follows it: left alone, it goes on.
    let shown = fields(group, &plain.localised(&wanted));
    for key in keys {
        let same = ["bas", "central", "haut", "source"].iter().all(|part| {
            let name = field(key, part);
            typed.get(&name).map(|text| clean(text)) == shown.get(&name).map(|text| clean(text))
        });
        if same {
            continue;
        }
        if let Some(range) = one(key, typed, &mut errors) {
            wanted.factors.insert(key, range);
        }
    }
    if errors.is_empty() {
        distances(group, &plain.localised(&wanted), &mut errors);
    }
    if errors.is_empty() {
        Ok(wanted)
    } else {
        Err(errors)
    }
}

/// One factor as typed; nothing when it is blank.
fn one(key: FactorKey, typed: &BTreeMap<String, String>, errors: &mut Errors) -> Option<Range> {
    let text = |part: &str| {
        typed
            .get(&field(key, part))
            .map(|text| clean(text))
            .unwrap_or_default()
    };
    let parts = ["bas", "central", "haut"].map(text);
    if parts.iter().all(String::is_empty) {
        return None;
    }
    let central = number(key, "central", &parts[1], errors)?;
    let mut bound = |part: &str, typed: &str| {
        if typed.is_empty() {
            Some(central)
        } else {
            number(key, part, typed, errors)
        }
    };
    let (low, high) = (bound("bas", &parts[0]), bound("haut", &parts[2]));
    let (low, high) = (low?, high?);
    if low > central {
        errors.add(
            field(key, "bas"),
            "La valeur basse ne peut pas dépasser la valeur centrale.",
        );
    }
    if high < central {
        errors.add(
            field(key, "haut"),
            "La valeur haute ne peut pas être sous la valeur centrale.",
        );
    }
    if central <= 0.0 && key.must_be_positive() {
        errors.add(field(key, "central"), "Indiquez une valeur supérieure à zéro.");
    }
    let source = text("source");
    if source.is_empty() || source.chars().count() > 200 {
        errors.add(
            field(key, "source"),
            "Indiquez la source en 200 caractères au plus, ou «\u{a0}à vérifier\u{a0}».",
        );
    }
    Some(Range {
        low,
        central,
        high,
        source,
        follows: None,
    })
}

fn number(key: FactorKey, part: &str, typed: &str, errors: &mut Errors) -> Option<f64> {
    match parse_decimal(typed) {
        Ok(value) if value <= ABSURD => Some(value),
        Ok(_) => {
            errors.add(field(key, part), "Cette valeur est trop grande.");
            None
        }
        Err(refusal) => {
            errors.add(field(key, part), refusal.to_string());
            None
        }
    }
}

/// What divides cannot be nil.
/// A full radius stays below its maximum.
fn distances(group: Group, catalogue: &Catalogue, errors: &mut Errors) {
    let Group::Category(code) = group else { return };
    let radius = catalogue.category(code).radius;
    let large = radius.large.map(|large| (large.full_km, large.max_km));
    let pairs = [
        (Figure::Radius, Some((radius.full_km, radius.max_km))),
        (Figure::LargeRadius, large),
    ];
    for (figure, distances) in pairs {
        if distances.is_some_and(|(full, max)| full >= max) {
            errors.add(
                field(FactorKey::Of(code, figure), "central"),
                "Le rayon de plein score doit être inférieur à la distance maximale.",
            );
        }
    }
}

/// Says the same thing for the same figures, so that what is saved is what was seen.
pub(super) fn seal(local: &Local) -> String {
    let figures = local.factors.iter().map(|(key, range)| {
        let [low, central, high] = range.bounds();
        format!("{key}={low}/{central}/{high}")
    });
    figures.collect::<Vec<_>>().join(";")
}

#[cfg(test)]
mod tests {
    use super::{Group, fields, read, seal};
    use crate::nomenclature::{Catalogue, FactorFamily, FactorKey, Local};
    use std::collections::BTreeMap;

    fn typed(group: Group, changes: &[(&str, &str)]) -> BTreeMap<String, String> {
        let mut typed = fields(group, Catalogue::embedded());
        for (name, text) in changes {
            assert!(
                typed.insert((*name).to_owned(), (*text).to_owned()).is_some(),
                "{name}"
            );
        }
        typed
    }

    fn parsed(group: &str, changes: &[(&str, &str)]) -> Result<Local, Vec<String>> {
        let group = Group::find(group).unwrap();
        let plain = Catalogue::embedded();
        read(group, &typed(group, changes), (plain, &Local::default()))
            .map_err(|errors| errors.summary().into_iter().map(|(field, _)| field).collect())
    }

    #[test]
    fn groups_are_found_by_their_address() {
        assert_eq!(
            Group::find("transport"),
            Some(Group::Shared(FactorFamily::Transport))
        );
        assert!(matches!(Group::find("MAT-01"), Some(Group::Category(_))));
        assert_eq!(Group::find("autre"), None);
        for family in FactorFamily::ALL {
            assert_eq!(Group::find(family.key()), Some(Group::Shared(family)));
        }
    }

    #[test]
    fn a_form_sent_back_as_it_was_changes_nothing() {
        for group in ["transport", "dechets", "energie", "MAT-01", "ENE-05", "SRV-01"] {
            assert_eq!(parsed(group, &[]).unwrap().factors.len(), 0, "{group}");
        }
    }

    #[test]
    fn figures_that_follow_another_factor_go_on_following_it() {
        let plain = Catalogue::embedded();
        let shared = plain.factors().iter().map(|factor| factor.shared);
        let doubled = shared.map(|shared| {
            let key = FactorKey::Shared(shared);
            let mut range = plain.factor(key).unwrap();
            for value in [&mut range.low, &mut range.central, &mut range.high] {
                *value *= 2.0;
            }
            (key, range)
        });
        let local = Local {
            factors: doubled.collect(),
            ..Local::default()
        };
        let mut following = 0;
        for category in plain.categories() {
            let group = Group::Category(category.code);
            let typed = fields(group, &plain.localised(&local));
            following += usize::from(typed != fields(group, plain));
            assert_eq!(read(group, &typed, (plain, &local)).unwrap(), local);
        }
        assert!(following > 0);
    }

    #[test]
    fn only_what_differs_is_local() {
        let local = parsed(
            "transport",
            &[("gazole-central", "1,42"), ("gazole-source", "Relevé local")],
        )
        .unwrap();
        let key = FactorKey::find("gazole").unwrap();
        assert_eq!(local.factors.keys().collect::<Vec<_>>(), [&key]);
        assert_eq!(local.factors[&key].source, "Relevé local");
        let single = parsed("MAT-01", &[("MAT-01-rayon-central", "25")]).unwrap();
        assert_eq!(single.factors.len(), 1);
        assert_ne!(seal(&local), seal(&single));
    }

    #[test]
    fn each_fault_is_told_by_its_field() {
        let refused = |group, changes: &[(&str, &str)]| parsed(group, changes).unwrap_err();
        assert_eq!(
            refused("transport", &[("gazole-central", "cher")]),
            ["gazole-central"]
        );
        assert_eq!(refused("transport", &[("gazole-bas", "2")]), ["gazole-bas"]);
        assert_eq!(refused("transport", &[("gazole-haut", "1")]), ["gazole-haut"]);
        assert_eq!(refused("transport", &[("gazole-source", " ")]), ["gazole-source"]);
        assert_eq!(
            refused("MAT-01", &[("MAT-01-rayon-central", "60")]),
            ["MAT-01-rayon-central"]
        );
        assert_eq!(
            refused("MAT-01", &[("MAT-01-chargement-central", "0")]),
            ["MAT-01-chargement-central"]
        );
    }
}
