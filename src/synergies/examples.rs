//! Screen: what others already do, shown beside similar proposals. The synergies in place of the territory become
//! examples without names, by families, as soon as three companies stand behind one; a shipped list tells
//! published cases.

use super::model::Kind;
use super::store::Synergy;
use super::store::examples::{self, InPlace};
use crate::kernel::{format_km, format_number};
use crate::nomenclature::precedents::{self, About, Precedent};
use crate::nomenclature::{Catalogue, Family, FlowCode};
use crate::platform::access::Staff;
use crate::platform::web::{Errors, Page, Query, Result};
use askama::Template;
use serde::Deserialize;
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};

/// Fewer companies than that would be recognised.
const ENOUGH: usize = 3;
/// A figure of which one synergy makes more than that is its own.
const DOMINANT: f64 = 0.8;
const BESIDE: usize = 3;

/// The synergies in place of one kind between two families.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Example {
    pub(super) title: String,
    /// « 2 synergies en place, à moins de 10 km ».
    pub(super) sentence: String,
    /// Savings and greenhouse gases, as ranges.
    pub(super) gains: Vec<String>,
    key: Key,
}

type Key = (Kind, Family, Family);

fn key(kind: Kind, given: Option<&str>, taken: Option<&str>) -> Option<Key> {
    let family = |code: Option<&str>| Some(FlowCode::find(code?)?.family());
    Some((kind, family(given)?, family(taken)?))
}

/// Those that may be told.
fn told(in_place: &[InPlace]) -> Vec<Example> {
    let mut cells = BTreeMap::<String, (Key, Vec<&InPlace>)>::new();
    for one in in_place {
        if let Some(key) = key(one.kind, one.given.as_deref(), one.taken.as_deref()) {
            let order = format!("{}{}{}", key.0.code(), key.1.code(), key.2.code());
            cells.entry(order).or_insert((key, Vec::new())).1.push(one);
        }
    }
    cells
        .into_values()
        .filter(|(_, cell)| {
            let companies: BTreeSet<_> = cell.iter().flat_map(|one| &one.companies).collect();
            companies.len() >= ENOUGH
        })
        .map(|(key, cell)| example(key, &cell))
        .collect()
}

fn example(key: Key, cell: &[&InPlace]) -> Example {
    let (kind, given, taken) = key;
    let title = if given == taken {
        format!("{}\u{a0}: {}", kind.label(), given.label())
    } else {
        format!("{}\u{a0}: {} → {}", kind.label(), given.label(), taken.label())
    };
    let count = match cell.len() {
        1 => "Une synergie en place".to_owned(),
        n => format!("{n} synergies en place"),
    };
    let farthest = cell.iter().filter_map(|one| one.distance_km).reduce(f64::max);
    let sentence = match farthest {
        Some(km) => format!("{count}, à moins de {}.", format_km(rounded_up(km))),
        None => format!("{count}."),
    };
    let mut gains = Vec::new();
    if let Some(range) = range(
        cell,
        |one| one.savings_eur,
        &[1_000.0, 5_000.0, 20_000.0, 100_000.0],
        "€/an",
    ) {
        gains.push(format!("Gains\u{a0}: {range}"));
    }
    if let Some(range) = range(
        cell,
        |one| one.avoided_tco2e,
        &[1.0, 5.0, 20.0, 100.0],
        "tCO₂e/an",
    ) {
        gains.push(format!("Gaz à effet de serre évités\u{a0}: {range}"));
    }
    Example {
        title,
        sentence,
        gains,
        key,
    }
}

/// To the next five kilometres.
fn rounded_up(km: f64) -> f64 {
    ((km / 5.0).floor() + 1.0) * 5.0
}

/// Where the sum stands among steps; nothing when it is not known, costs more than it brings, or is nearly all of
/// one group of fewer companies than may be told.
fn range(
    cell: &[&InPlace],
    figure: impl Fn(&InPlace) -> Option<f64>,
    steps: &[f64],
    unit: &str,
) -> Option<String> {
    let known: Vec<(f64, &InPlace)> = cell.iter().filter_map(|one| Some((figure(one)?, *one))).collect();
    let companies: BTreeSet<_> = known.iter().flat_map(|(_, one)| &one.companies).collect();
    let sum: f64 = known.iter().map(|(value, _)| value).sum();
    let is_one_s = known
        .iter()
        .any(|(value, one)| one.companies.len() < ENOUGH && *value > DOMINANT * sum);
    if sum <= 0.0 || companies.len() < ENOUGH || is_one_s {
        return None;
    }
    let number = |value: &f64| format_number(*value, 0);
    let above = steps.iter().rfind(|step| **step <= sum);
    let below = steps.iter().find(|step| **step > sum);
    Some(match (above, below) {
        (None, Some(step)) => format!("moins de {}\u{a0}{unit}", number(step)),
        (Some(step), None) => format!("plus de {}\u{a0}{unit}", number(step)),
        (Some(low), Some(high)) => format!("{} à {}\u{a0}{unit}", number(low), number(high)),
        (None, None) => return None,
    })
}

/// What resembles one proposal.
#[derive(Default)]
pub(super) struct Beside {
    pub(super) here: Vec<Example>,
    pub(super) elsewhere: Vec<&'static Precedent>,
}

impl Beside {
    pub(super) async fn load(db: &mut PgConnection, synergy: &Synergy) -> sqlx::Result<Self> {
        let (given, taken) = examples::ends(db, synergy.id).await?;
        let code = |code: &Option<String>| FlowCode::find(code.as_deref()?);
        let (Some(out), Some(into)) = (code(&given), code(&taken)) else {
            return Ok(Self::default());
        };
        let about = if synergy.kind == Kind::Mutualisation {
            About::Shared(into)
        } else {
            About::Exchange { out, into }
        };
        let wanted = key(synergy.kind, given.as_deref(), taken.as_deref());
        let mut here = told(&examples::in_place(db, synergy.territory_id).await?);
        here.retain(|example| Some(example.key) == wanted);
        Ok(Self {
            here,
            elsewhere: precedents::like(about, BESIDE),
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.here.is_empty() && self.elsewhere.is_empty()
    }
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
}

#[derive(Template)]
#[template(path = "synergies/examples.html")]
struct Examples {
    asked: Asked,
    here: Vec<Example>,
    elsewhere: Vec<&'static Precedent>,
    errors: Errors,
}

impl Examples {
    /// « Coproduits agroalimentaires → Biogaz, biométhane, substrats ».
    fn categories(&self, precedent: &Precedent) -> String {
        let label = |code| Catalogue::embedded().category(code).label.as_str();
        match precedent.about() {
            Some(About::Exchange { out, into }) if out == into => label(out).to_owned(),
            Some(About::Exchange { out, into }) => format!("{} → {}", label(out), label(into)),
            Some(About::Shared(need)) => format!("{}, ensemble", label(need)),
            None => String::new(),
        }
    }
}

pub(super) async fn show(me: Staff, Query(asked): Query<Asked>) -> Result<Page<impl Template>> {
    let territory = me.scope()?.territory();
    let here = told(&examples::in_place(&mut *me.read().await?, territory).await?);
    let all = precedents::precedents().iter();
    let mut page = Examples {
        here,
        elsewhere: Vec::new(),
        errors: Errors::default(),
        asked,
    };
    page.elsewhere = all
        .filter(|one| one.says(&page.asked.q) || says(&page.categories(one), &page.asked.q))
        .collect();
    page.here.retain(|one| says(&one.title, &page.asked.q));
    Ok(Page(page))
}

fn says(words: &str, typed: &str) -> bool {
    let words = crate::kernel::fold(words);
    crate::kernel::fold(typed)
        .split_whitespace()
        .all(|word| words.contains(word))
}

#[cfg(test)]
mod tests {
    use super::{InPlace, told};
    use crate::synergies::model::Kind;
    use uuid::Uuid;

    fn in_place(companies: &[u128], savings_eur: Option<f64>) -> InPlace {
        InPlace {
            kind: Kind::Substitution,
            given: Some("MAT-01".to_owned()),
            taken: Some("MAT-09".to_owned()),
            distance_km: Some(6.2),
            savings_eur,
            avoided_tco2e: None,
            companies: companies.iter().map(|id| Uuid::from_u128(*id)).collect(),
        }
    }

    #[test]
    fn two_companies_are_never_told() {
        assert!(told(&[in_place(&[1, 2], Some(900.0))]).is_empty());
        assert!(told(&[in_place(&[1, 2], None), in_place(&[1, 2], None)]).is_empty());
        let found = told(&[in_place(&[1, 2], Some(900.0)), in_place(&[1, 3], Some(700.0))]);
        assert_eq!(found[0].sentence, "2 synergies en place, à moins de 10\u{a0}km.");
        assert_eq!(found[0].gains, ["Gains\u{a0}: 1\u{a0}000 à 5\u{a0}000\u{a0}€/an"]);
    }

    #[test]
    fn a_gain_that_is_nearly_all_of_one_is_not_told() {
        let one = |known| told(&[in_place(&[1, 2], Some(9_000.0)), in_place(&[3, 4], known)]);
        assert!(one(Some(500.0))[0].gains.is_empty());
        assert!(one(None)[0].gains.is_empty());
        assert_eq!(one(Some(8_000.0))[0].gains.len(), 1);
    }
}
