//! When a compatibility rule holds: what the matter must be, and what the labels must speak of.
//!
//! A category is wide (« produits chimiques »), a rule is narrow (« chlorure de fer »): without these
//! conditions a rule would bring together everything that its two categories hold.

use std::collections::BTreeSet;

use serde::Deserialize;

/// What the outbound flow must be; what is not known is asked, not refused.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    pub max_humidity_pct: Option<f64>,
    pub min_purity_pct: Option<f64>,
    pub min_temperature_c: Option<f64>,
    /// Above the pressure that the receiver needs.
    pub min_pressure_margin_bar: Option<f64>,
    pub food_grade: bool,
    /// No hazardous flow, even for a receiver that may take some.
    pub harmless: bool,
}

impl Limits {
    /// Percentages are between 0 and 100.
    pub(super) fn is_sound(&self) -> bool {
        [self.max_humidity_pct, self.min_purity_pct]
            .into_iter()
            .flatten()
            .all(|share| (0.0..=100.0).contains(&share))
    }
}

/// The terms of which each label must hold one, when the rule is narrower than its categories; empty,
/// any label will do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Only {
    pub out: BTreeSet<String>,
    pub into: BTreeSet<String>,
}

impl Only {
    /// The same, the words of the file read as labels are.
    pub(super) fn read(&self, terms: impl Fn(&str) -> BTreeSet<String>) -> Self {
        let read = |words: &BTreeSet<String>| words.iter().flat_map(|word| terms(word)).collect();
        Self {
            out: read(&self.out),
            into: read(&self.into),
        }
    }
}
