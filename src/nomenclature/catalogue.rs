//! The catalogue of flow categories and of the rules that say what may replace what.
//!
//! Parsed once from the embedded files, then read-only and shared.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize};

use super::code::{Family, FlowCode};
use super::conditions::{Limits, Only};
use super::factors::{Factors, Shared};
use super::index::Classifier;
use super::waste::WasteCode;
use crate::kernel::{Density, Direction, Period, Unit, annual, fold};

/// Version of the embedded files: a territory's own figures add their number to it.
const VERSION: &str = "2026-11";

/// One kind of flow.
#[derive(Debug, Clone)]
pub struct Category {
    pub code: FlowCode,
    pub family: Family,
    pub label: String,
    pub outbound: bool,
    pub inbound: bool,
    pub modes: Modes,
    /// Bought from any merchant: a need of it never lacks a supplier.
    pub on_sale: bool,
    /// The unit every quantity of the category is brought to.
    pub unit: Unit,
    pub radius: Radius,
    pub waste_codes: Vec<WasteCode>,
    pub synonyms: Vec<String>,
    pub densities: Vec<Density>,
    pub economics: Economics,
    pub group: Option<GroupRule>,
    pub icon: String,
    /// How far the entry has been confirmed by the field (« proposé », « validé »).
    pub status: String,
}

impl Category {
    /// Whether a flow of the category may go that way.
    #[must_use]
    pub fn allows(&self, direction: Direction) -> bool {
        match direction {
            Direction::Outbound => self.outbound,
            Direction::Inbound => self.inbound,
        }
    }

    /// Whether firms pay to get rid of it.
    #[must_use]
    pub fn is_thrown_away(&self) -> bool {
        !self.waste_codes.is_empty() || self.economics.disposal.is_some()
    }

    /// Tonnes in one unit of the category, when a density says so.
    #[must_use]
    pub fn tonnes_per_unit(&self) -> Option<f64> {
        let units = annual(1.0, Unit::Tonne, Period::Year, self.unit, &self.densities)?;
        (units > 0.0).then(|| 1.0 / units)
    }

    /// Units of the landfill tax in the price of one unit thrown away today.
    pub(super) fn landfill_tax_share(&self) -> f64 {
        let landfilled = self.economics.landfilled.as_ref().map_or(0.0, |part| part.share);
        landfilled * self.tonnes_per_unit().unwrap_or(0.0)
    }
}

/// The kinds of synergy a category can enter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Modes {
    pub substitution: bool,
    pub sharing: bool,
    pub mutualisation: bool,
}

/// How far a flow may travel: the distance score is full up to `full_km`, nil from `max_km`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Radius {
    pub full_km: f64,
    pub max_km: f64,
    /// Pipes are worth laying farther for a large flow.
    pub large: Option<LargeRadius>,
    /// Full and maximum distance when the quantity is not known, to be held with low confidence.
    pub unknown_km: (f64, f64),
}

/// The distances of a flow above some yearly quantity.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LargeRadius {
    /// Yearly quantity, in the category's unit.
    pub above: f64,
    pub full_km: f64,
    pub max_km: f64,
}

/// The distances that apply to one flow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reach {
    pub full_km: f64,
    pub max_km: f64,
    /// False when the distances depend on a quantity that is not known.
    pub certain: bool,
}

impl Radius {
    /// The distances for a yearly quantity; between a tenth of the threshold and the threshold
    /// they grow with the order of magnitude.
    #[must_use]
    pub fn for_quantity(&self, annual: Option<f64>) -> Reach {
        let Some(large) = self.large else {
            return self.reach(0.0);
        };
        match annual {
            Some(quantity) if quantity >= large.above => self.reach(1.0),
            Some(quantity) if quantity > large.above / 10.0 => {
                self.reach((quantity / large.above).log10() + 1.0)
            }
            Some(_) => self.reach(0.0),
            None => Reach {
                full_km: self.unknown_km.0,
                max_km: self.unknown_km.1,
                certain: false,
            },
        }
    }

    /// With the distances of an unknown quantity that follow from the others.
    pub(super) fn settled(self) -> Self {
        let small = (self.full_km, self.max_km);
        Self {
            unknown_km: self.large.map_or(small, |large| (large.full_km, large.max_km)),
            ..self
        }
    }

    fn reach(&self, towards_large: f64) -> Reach {
        let blend = |small: f64, large: f64| small + (large - small) * towards_large;
        let large = self
            .large
            .map_or((self.full_km, self.max_km), |large| (large.full_km, large.max_km));
        Reach {
            full_km: blend(self.full_km, large.0),
            max_km: blend(self.max_km, large.1),
            certain: true,
        }
    }
}

/// Figures to estimate what a synergy brings, per canonical unit; `None` is « not estimated ».
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Economics {
    /// Canonical units per truck.
    pub payload: Option<f64>,
    /// Euros the receiver no longer spends on the new product.
    pub value: Option<Range>,
    /// Euros the giver spends today to get rid of it.
    pub disposal: Option<Range>,
    /// Part of what is thrown away today that goes to landfill, hence pays its tax within `disposal`.
    pub landfilled: Option<Landfilled>,
    /// Euros to make it fit for its next use, when the rule names no preparation.
    pub treatment: Option<Range>,
    /// Kilograms of CO2 equivalent avoided, transport apart.
    pub avoided_kgco2: Option<Range>,
}

/// How much of a waste is landfilled today.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Landfilled {
    pub share: f64,
    pub source: String,
}

/// An estimate with its bounds and where it comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    pub low: f64,
    pub central: f64,
    pub high: f64,
    pub source: String,
    /// The shared factor whose changes it follows in proportion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<Shared>,
}

impl Range {
    /// One number, without bounds.
    #[must_use]
    pub fn single(value: f64, source: &str) -> Self {
        Self {
            low: value,
            central: value,
            high: value,
            source: source.to_owned(),
            follows: None,
        }
    }

    /// Low, central, high.
    #[must_use]
    pub fn bounds(&self) -> [f64; 3] {
        [self.low, self.central, self.high]
    }

    /// The same, every bound multiplied.
    #[must_use]
    pub fn times(&self, share: f64) -> Self {
        self.map(|value| value * share)
    }

    pub(super) fn plus(&self, more: f64) -> Self {
        self.map(|value| value + more)
    }

    fn map(&self, change: impl Fn(f64) -> f64) -> Self {
        Self {
            low: change(self.low),
            central: change(self.central),
            high: change(self.high),
            ..self.clone()
        }
    }

    /// In order, finite, and nowhere negative.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        0.0 <= self.low && self.low <= self.central && self.central <= self.high && self.high.is_finite()
    }
}

/// When the same need of several companies makes a group worth proposing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupRule {
    pub diameter_km: f64,
    pub min_members: u32,
    /// Yearly quantity, in the category's unit, that makes a group viable below `min_members`.
    #[serde(default)]
    pub critical_mass: Option<f64>,
    /// Only what ends within that many months is gathered: a training whose validity runs out.
    #[serde(default)]
    pub due_months: Option<u32>,
    /// Counts of people under this are not told, hence not gathered.
    #[serde(default)]
    pub least_count: Option<f64>,
    /// Share of today's cost saved: low, central, high.
    pub saving: [f64; 3],
    pub evidence: String,
    pub title: String,
}

/// « What leaves as `out` can come in as `into` », and how well.
#[derive(Debug, Clone)]
pub struct Rule {
    pub id: String,
    pub out: FlowCode,
    pub into: FlowCode,
    pub fit: f64,
    pub note: String,
    pub min_temperature_margin_k: Option<f64>,
    pub limits: Limits,
    pub only: Only,
    pub requires: Vec<Requirement>,
    /// What must be done to the matter before it serves, each at the price of a shared factor.
    pub treatment: Vec<Shared>,
    /// What must be built before the first exchange.
    pub works: Option<Works>,
    pub source: String,
}

/// What links two sites that no lorry serves: a price per metre and a fixed part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Works {
    Heat,
    Water,
    Gas,
}

impl Works {
    /// Euros per metre of pipe, and euros once.
    #[must_use]
    pub fn factors(self) -> [Shared; 2] {
        match self {
            Self::Heat => [Shared::HeatPipe, Shared::HeatExchanger],
            Self::Water => [Shared::WaterPipe, Shared::WaterPump],
            Self::Gas => [Shared::GasPipe, Shared::GasStation],
        }
    }
}

/// Something to know about the flow before the rule can be trusted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    pub attribute: Attribute,
    /// The question to put to the company.
    pub ask: String,
}

/// The quality attributes a rule may ask about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attribute {
    Temperature,
    Purity,
    Humidity,
    FoodGrade,
    Form,
    Pressure,
    Cleanliness,
    Format,
    Composition,
    Hazard,
    Regulation,
}

impl Attribute {
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Temperature => "Température",
            Self::Purity => "Pureté",
            Self::Humidity => "Humidité",
            Self::FoodGrade => "Qualité alimentaire",
            Self::Form => "Forme",
            Self::Pressure => "Pression",
            Self::Cleanliness => "Propreté",
            Self::Format => "Format",
            Self::Composition => "Composition",
            Self::Hazard => "Dangerosité",
            Self::Regulation => "Réglementation",
        }
    }
}

/// Every category and rule, with the indexes to find them.
#[derive(Debug)]
pub struct Catalogue {
    categories: Vec<Category>,
    rules: Vec<Rule>,
    by_code: BTreeMap<&'static str, usize>,
    rules_by_pair: BTreeMap<(FlowCode, FlowCode), usize>,
    factors: Factors,
    version: String,
    pub(super) classifier: Arc<Classifier>,
}

static EMBEDDED: LazyLock<Catalogue> = LazyLock::new(|| {
    Catalogue::read(include_str!("flows.toml"), include_str!("rules.toml"))
        .unwrap_or_else(|errors| panic!("the embedded nomenclature is wrong:\n{errors}"))
});

impl Catalogue {
    /// The catalogue built into the program.
    #[must_use]
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    /// Indexes entries that the loading has checked.
    pub(super) fn from_parts(categories: Vec<Category>, mut rules: Vec<Rule>) -> Self {
        let by_code = categories
            .iter()
            .enumerate()
            .map(|(rank, category)| (category.code.as_str(), rank))
            .collect();
        let rules_by_pair = rules
            .iter()
            .enumerate()
            .map(|(rank, rule)| ((rule.out, rule.into), rank))
            .collect();
        let classifier = Arc::new(Classifier::over(&categories));
        for rule in &mut rules {
            rule.only = rule.only.read(|word| classifier.lexicon.terms(&fold(word)));
        }
        Self {
            categories,
            rules,
            by_code,
            rules_by_pair,
            factors: Factors::embedded().clone(),
            version: VERSION.to_owned(),
            classifier,
        }
    }

    /// The same codes and rules with other figures; the number of the set of figures, if it has one,
    /// follows the version of the files.
    pub(super) fn with(&self, categories: Vec<Category>, factors: Factors, number: Option<i32>) -> Self {
        Self {
            categories,
            rules: self.rules.clone(),
            by_code: self.by_code.clone(),
            rules_by_pair: self.rules_by_pair.clone(),
            factors,
            version: number.map_or_else(|| self.version.clone(), |number| format!("{VERSION}.{number}")),
            classifier: Arc::clone(&self.classifier),
        }
    }

    /// The same, able to read the synonyms that were added to the categories.
    pub(super) fn with_words_read_again(self) -> Self {
        Self {
            classifier: Arc::new(Classifier::over(&self.categories)),
            ..self
        }
    }

    /// « 2026-11 », or « 2026-11.3 » with the third set of figures of a territory.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The factors that serve every category.
    #[must_use]
    pub fn factors(&self) -> &Factors {
        &self.factors
    }

    pub(super) fn code(&self, text: &str) -> Option<FlowCode> {
        self.by_code.get(text).map(|rank| self.categories[*rank].code)
    }

    /// Every category, in the order of the file (by family, then number).
    #[must_use]
    pub fn categories(&self) -> &[Category] {
        &self.categories
    }

    #[must_use]
    pub fn category(&self, code: FlowCode) -> &Category {
        let rank = self.by_code.get(code.as_str());
        &self.categories[*rank.expect("a code always comes from the catalogue")]
    }

    /// The categories of one family, in order.
    pub fn family(&self, family: Family) -> impl Iterator<Item = &Category> {
        self.categories
            .iter()
            .filter(move |category| category.family == family)
    }

    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rules that say where this category's outbound flows may go, by receiving code.
    pub fn rules_from(&self, out: FlowCode) -> impl Iterator<Item = &Rule> {
        self.rules_by_pair
            .range((out, self.first_code())..)
            .take_while(move |((from, _), _)| *from == out)
            .map(|(_, rank)| &self.rules[*rank])
    }

    #[must_use]
    pub fn rule(&self, out: FlowCode, into: FlowCode) -> Option<&Rule> {
        self.rules_by_pair
            .get(&(out, into))
            .map(|rank| &self.rules[*rank])
    }

    fn first_code(&self) -> FlowCode {
        let first = self.by_code.keys().next();
        FlowCode::interned(first.copied().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests;
