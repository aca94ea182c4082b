//! What one territory knows better: its own prices, loads, emissions and distances, its own words.
//!
//! A [`Local`] holds only what differs; [`Catalogue::localised`] lays it over the embedded catalogue, so
//! that nothing else has to know that territories differ. Codes and rules stay the same.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::catalogue::{Catalogue, Category, Economics, Range};
use super::code::FlowCode;
use super::factors::{Factors, Shared};
use crate::kernel::{Unit, fold};

/// A figure of one category.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Figure {
    Value,
    Disposal,
    Treatment,
    Carbon,
    Payload,
    Radius,
    Maximum,
    LargeRadius,
    LargeMaximum,
}

impl Figure {
    pub const ALL: [Self; 9] = [
        Self::Value,
        Self::Disposal,
        Self::Treatment,
        Self::Carbon,
        Self::Payload,
        Self::Radius,
        Self::Maximum,
        Self::LargeRadius,
        Self::LargeMaximum,
    ];

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Value => "valeur",
            Self::Disposal => "elimination",
            Self::Treatment => "preparation",
            Self::Carbon => "co2_evite",
            Self::Payload => "chargement",
            Self::Radius => "rayon",
            Self::Maximum => "maximum",
            Self::LargeRadius => "rayon_gros_flux",
            Self::LargeMaximum => "maximum_gros_flux",
        }
    }

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Value => "Valeur pour le receveur",
            Self::Disposal => "Coût d’élimination pour le donneur",
            Self::Treatment => "Préparation avant usage",
            Self::Carbon => "CO₂ évité, transport à part",
            Self::Payload => "Chargement d’un camion",
            Self::Radius => "Rayon de plein score",
            Self::Maximum => "Distance maximale",
            Self::LargeRadius => "Rayon de plein score d’un gros flux",
            Self::LargeMaximum => "Distance maximale d’un gros flux",
        }
    }

    /// « €/t », « kgCO2e/t », « km ».
    #[must_use]
    pub fn unit(self, of: Unit) -> String {
        match self {
            Self::Value | Self::Disposal | Self::Treatment => format!("€/{}", of.symbol()),
            Self::Carbon => format!("kgCO2e/{}", of.symbol()),
            Self::Payload => of.symbol().to_owned(),
            Self::Radius | Self::Maximum | Self::LargeRadius | Self::LargeMaximum => "km".to_owned(),
        }
    }

    /// Whether the figure is one number, without bounds.
    #[must_use]
    pub fn is_single(self) -> bool {
        match self {
            Self::Value | Self::Disposal | Self::Treatment | Self::Carbon => false,
            Self::Payload | Self::Radius | Self::Maximum | Self::LargeRadius | Self::LargeMaximum => true,
        }
    }
}

/// Names one factor: « gazole », « MAT-01.valeur ».
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FactorKey {
    Shared(Shared),
    Of(FlowCode, Figure),
}

impl FactorKey {
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        let text = text.trim();
        match text.split_once('.') {
            None => Shared::find(&text.to_lowercase()).map(Self::Shared),
            Some((code, figure)) => {
                let figure = Figure::ALL
                    .into_iter()
                    .find(|known| known.key() == figure.to_lowercase())?;
                Some(Self::Of(FlowCode::find(code)?, figure))
            }
        }
    }
}

impl FactorKey {
    /// Whether nought would mean nothing: a lorry that carries nothing, a price that does not exist.
    #[must_use]
    pub fn must_be_positive(self) -> bool {
        match self {
            Self::Shared(shared) => shared != Shared::LandfillTax,
            Self::Of(_, figure) => matches!(figure, Figure::Payload | Figure::Maximum | Figure::LargeMaximum),
        }
    }
}

impl fmt::Display for FactorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shared(shared) => f.write_str(shared.key()),
            Self::Of(code, figure) => write!(f, "{code}.{}", figure.key()),
        }
    }
}

impl Serialize for FactorKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FactorKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::find(&text).ok_or_else(|| de::Error::custom(format!("« {text} » n’est pas un facteur")))
    }
}

/// What one territory replaces in the catalogue.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Local {
    /// Number of the territory's set of factors; nothing while it has none.
    pub version: Option<i32>,
    pub factors: BTreeMap<FactorKey, Range>,
    /// Words of the place, each with the category it names.
    #[serde(default)]
    pub synonyms: Vec<(FlowCode, String)>,
}

impl Local {
    /// The categories of its words, folded.
    #[must_use]
    pub fn meanings(&self) -> BTreeMap<String, FlowCode> {
        let words = self.synonyms.iter();
        words.map(|(code, word)| (fold(word), *code)).collect()
    }

    /// The number of the set of factors in the version of a catalogue: 3 in « 2026-11.3 ».
    #[must_use]
    pub fn number_in(version: &str) -> Option<i32> {
        version.rsplit_once('.')?.1.parse().ok()
    }

    /// Whether the catalogue stays as it is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.factors.is_empty() && self.synonyms.is_empty()
    }
}

impl Catalogue {
    /// This catalogue with a territory's own figures laid over it.
    #[must_use]
    pub fn localised(&self, local: &Local) -> Self {
        let mut factors = self.factors().clone();
        for (key, range) in &local.factors {
            if let FactorKey::Shared(shared) = key {
                factors.replace(*shared, range);
            }
        }
        let mut categories = self.categories().to_vec();
        for category in &mut categories {
            follow(category, self.factors(), &factors);
        }
        for (key, range) in &local.factors {
            if let FactorKey::Of(code, figure) = key
                && let Some(category) = categories.iter_mut().find(|category| category.code == *code)
            {
                put(category, *figure, range);
            }
        }
        for (code, synonym) in &local.synonyms {
            if let Some(category) = categories.iter_mut().find(|category| category.code == *code) {
                category.synonyms.push(synonym.clone());
            }
        }
        let localised = self.with(categories, factors, local.version);
        if local.synonyms.is_empty() {
            localised
        } else {
            localised.with_words_read_again()
        }
    }

    /// A factor as it stands; nothing when the category has no such figure.
    #[must_use]
    pub fn factor(&self, key: FactorKey) -> Option<Range> {
        match key {
            FactorKey::Shared(shared) => Some(self.factors().get(shared).value.clone()),
            FactorKey::Of(code, figure) => read(self.category(code), figure),
        }
    }
}

/// Moves what follows a shared factor as much as this one moved.
fn follow(category: &mut Category, before: &Factors, now: &Factors) {
    let Economics {
        value,
        disposal,
        avoided_kgco2,
        ..
    } = &mut category.economics;
    for range in [value, disposal, avoided_kgco2].into_iter().flatten() {
        if let Some(shared) = range.follows {
            *range = range.times(now.central(shared) / before.central(shared));
        }
    }
    let tax = now.central(Shared::LandfillTax) - before.central(Shared::LandfillTax);
    let taxed = category.landfill_tax_share();
    if let Some(disposal) = &mut category.economics.disposal {
        *disposal = disposal.plus(tax * taxed);
    }
}

fn put(category: &mut Category, figure: Figure, range: &Range) {
    let radius = &mut category.radius;
    match figure {
        Figure::Value => category.economics.value = Some(range.clone()),
        Figure::Disposal => category.economics.disposal = Some(range.clone()),
        Figure::Treatment => category.economics.treatment = Some(range.clone()),
        Figure::Carbon => category.economics.avoided_kgco2 = Some(range.clone()),
        Figure::Payload => category.economics.payload = Some(range.central),
        Figure::Radius => radius.full_km = range.central,
        Figure::Maximum => radius.max_km = range.central,
        Figure::LargeRadius | Figure::LargeMaximum => {
            if let Some(large) = &mut radius.large {
                let bound = if figure == Figure::LargeRadius {
                    &mut large.full_km
                } else {
                    &mut large.max_km
                };
                *bound = range.central;
            }
        }
    }
    category.radius = category.radius.settled();
}

fn read(category: &Category, figure: Figure) -> Option<Range> {
    let economics = &category.economics;
    let radius = &category.radius;
    let single = |value: f64| Range::single(value, "nomenclature, à vérifier");
    match figure {
        Figure::Value => economics.value.clone(),
        Figure::Disposal => economics.disposal.clone(),
        Figure::Treatment => economics.treatment.clone(),
        Figure::Carbon => economics.avoided_kgco2.clone(),
        Figure::Payload => economics.payload.map(single),
        Figure::Radius => Some(single(radius.full_km)),
        Figure::Maximum => Some(single(radius.max_km)),
        Figure::LargeRadius => radius.large.map(|large| single(large.full_km)),
        Figure::LargeMaximum => radius.large.map(|large| single(large.max_km)),
    }
}

#[cfg(test)]
mod tests;
