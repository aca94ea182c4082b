//! On what a proposal rests: the factors behind its figures, each with its source and version, and the
//! published case that its rule is taken from.

use super::outcome::{Estimate, Origin, Pair};
use crate::nomenclature::{Catalogue, Category, FactorKey, Figure, Range, Rule, Shared};

/// A factor that a figure rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct UsedFactor {
    /// « Prix du gazole professionnel ».
    pub label: String,
    pub unit: String,
    pub value: Range,
    /// The year of the figure, when it is known.
    pub year: Option<u16>,
    /// Version of the catalogue, with the number of the territory's own set.
    pub version: String,
}

const TRUCK: [Shared; 8] = [
    Shared::DieselPrice,
    Shared::DieselUse,
    Shared::Kilometre,
    Shared::Trip,
    Shared::Return,
    Shared::Detour,
    Shared::FreightCarbon,
    Shared::FreightLoad,
];

/// The factors that the figures of a pair come from, in the order of the calculation, as they stand in
/// that catalogue: the one it was proposed with.
#[must_use]
pub fn factors_behind(pair: &Pair, catalogue: &Catalogue) -> Vec<UsedFactor> {
    let (Some(out), Some(into)) = (pair.out_code, pair.in_code) else {
        return Vec::new();
    };
    let (out, into) = (catalogue.category(out), catalogue.category(into));
    let keys = keys(pair, catalogue.rule(out.code, into.code), out, into);
    keys.into_iter().filter_map(|key| used(catalogue, key)).collect()
}

fn keys(pair: &Pair, rule: Option<&Rule>, out: &Category, into: &Category) -> Vec<FactorKey> {
    let declared =
        |gain: &Option<Estimate>| gain.as_ref().is_some_and(|gain| gain.origin == Origin::Declared);
    let mut keys = Vec::new();
    if !declared(&pair.receiver_gain) {
        keys.push(FactorKey::Of(into.code, Figure::Value));
    }
    if declared(&pair.receiver_gain) || into.economics.value.is_some() {
        keys.push(FactorKey::Shared(Shared::SubstitutionShare));
    }
    if !declared(&pair.giver_gain) {
        keys.push(FactorKey::Of(out.code, Figure::Disposal));
        if out.economics.landfilled.is_some() {
            keys.push(FactorKey::Shared(Shared::LandfillTax));
        }
    }
    let steps = rule.map(|rule| rule.treatment.as_slice()).unwrap_or_default();
    keys.extend(steps.iter().map(|step| FactorKey::Shared(*step)));
    if steps.is_empty() {
        keys.push(FactorKey::Of(out.code, Figure::Treatment));
    }
    if pair.tco2e.is_some() {
        let replaced = into.economics.avoided_kgco2.is_some();
        let code = if replaced { into.code } else { out.code };
        keys.push(FactorKey::Of(code, Figure::Carbon));
    }
    if out.economics.payload.is_some() {
        keys.push(FactorKey::Of(out.code, Figure::Payload));
        keys.extend(TRUCK.map(FactorKey::Shared));
    }
    if let Some(works) = rule.and_then(|rule| rule.works) {
        keys.extend(works.factors().map(FactorKey::Shared));
    }
    keys
}

/// A factor as it stands; nothing when the catalogue has no such figure.
fn used(catalogue: &Catalogue, key: FactorKey) -> Option<UsedFactor> {
    let range = catalogue.factor(key)?;
    let plain = Catalogue::embedded();
    let version = if plain.factor(key).as_ref() == Some(&range) {
        plain.version()
    } else {
        catalogue.version()
    };
    let (label, unit, year) = match key {
        FactorKey::Shared(shared) => {
            let factor = catalogue.factors().get(shared);
            (factor.label.clone(), factor.unit.clone(), factor.year)
        }
        FactorKey::Of(code, figure) => {
            let category = catalogue.category(code);
            let label = format!("{}, {}", figure.label(), category.label);
            (label, figure.unit(category.unit), None)
        }
    };
    Some(UsedFactor {
        label,
        unit,
        value: range,
        year,
        version: version.to_owned(),
    })
}

/// « Déjà réalisé à Kalundborg. », from the source of the rule; nothing for what is only proposed.
pub(super) fn precedent(rule: &Rule) -> Option<String> {
    let (reference, place) = rule.source.split_once(':')?;
    let place = place.trim();
    if !reference.starts_with("S-") {
        return None;
    }
    // A place begins with a capital; « cimenterie » is a kind of place.
    let named = place.chars().next().is_some_and(char::is_uppercase);
    let (place, remark) = place.split_once(" (").map_or((place, None), |(place, remark)| {
        (place, Some(remark.trim_end_matches(')')))
    });
    let at = match place.strip_prefix("La ") {
        _ if !named => format!("en {place}"),
        Some(rest) => format!("à La {rest}"),
        None if place == "Vosges" => "dans les Vosges".to_owned(),
        None if place == "Picardie" => "en Picardie".to_owned(),
        None if place == "Aube" => "dans l’Aube".to_owned(),
        None => format!("à {place}"),
    };
    Some(match remark {
        Some(remark) => format!("Déjà réalisé {at} ({remark})."),
        None => format!("Déjà réalisé {at}."),
    })
}

#[cfg(test)]
mod tests {
    use super::precedent;
    use crate::nomenclature::Catalogue;

    #[test]
    fn published_cases_are_told_and_ideas_are_not() {
        let told = |id: &str| {
            let rules = Catalogue::embedded().rules();
            precedent(rules.iter().find(|rule| rule.id == id).expect(id))
        };
        assert_eq!(told("R-01"), None);
        assert_eq!(told("R-125").as_deref(), Some("Déjà réalisé à Kalundborg."));
        assert_eq!(told("R-46").as_deref(), Some("Déjà réalisé dans l’Aube."));
        assert_eq!(
            told("R-174").as_deref(),
            Some("Déjà réalisé à La Courneuve (lavage de camions).")
        );
        assert_eq!(
            told("R-100").as_deref(),
            Some("Déjà réalisé en cimenterie (déchets en général).")
        );
    }
}
