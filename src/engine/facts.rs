//! What the engine is told: plain data, without ids of ours beyond opaque keys.
//!
//! Nothing here comes from a database, a clock or a file; whoever calls the engine translates its own
//! rows into these. The order of the lists does not matter. Depends on the kernel and the nomenclature.

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::form::Form;
use super::wording::Lane;
use crate::kernel::{Direction, Months, Position};
use crate::nomenclature::{Class, FlowCode, WasteCode};

/// An identifier that the engine compares and repeats, and never reads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key(String);

impl Key {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Key {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Key {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl Borrow<str> for Key {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Everything a run looks at.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    pub sites: Vec<Site>,
    pub flows: Vec<Flow>,
    /// What people have already decided about pairs of flows.
    pub decisions: Vec<Decision>,
    /// Pairs of establishments that already work together.
    pub cooperations: Vec<Cooperation>,
    /// How often a pair of categories was reviewed and accepted, here or elsewhere.
    pub history: Vec<Precedent>,
    /// The groups of the previous run, so that a group keeps its name.
    pub groups: Vec<KnownGroup>,
    /// What reviewers made of each compatibility rule.
    pub rules: Vec<RuleRecord>,
    /// What they made of the groups of each category.
    pub grouped: Vec<GroupRecord>,
    /// Firms that do not want to hear of each other.
    pub oppositions: Vec<Opposition>,
}

/// An establishment.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    pub key: Key,
    /// Two sites of one legal entity are not proposed to each other.
    pub legal_entity: Option<String>,
    pub position: Option<Position>,
    pub naf: Option<String>,
    /// Its activity zone.
    pub zone: Option<String>,
}

impl Site {
    #[must_use]
    pub fn new(key: impl Into<Key>) -> Self {
        Self {
            key: key.into(),
            legal_entity: None,
            position: None,
            naf: None,
            zone: None,
        }
    }

    /// Whether its trade is collecting or treating waste (divisions 38 and 39 of the NAF).
    #[must_use]
    pub fn treats_waste(&self) -> bool {
        self.of_division(&["38", "39"])
    }

    /// Whether it makes or serves what people eat and drink (divisions 10, 11 and 56).
    #[must_use]
    pub fn makes_food(&self) -> bool {
        self.of_division(&["10", "11", "56"])
    }

    /// Whether it makes chemicals (divisions 19 to 21).
    #[must_use]
    pub fn handles_chemicals(&self) -> bool {
        self.of_division(&["19", "20", "21"])
    }

    fn of_division(&self, divisions: &[&str]) -> bool {
        let naf = self.naf.as_deref();
        naf.is_some_and(|naf| divisions.iter().any(|division| naf.starts_with(division)))
    }
}

/// What enters or leaves a site. Absent means unknown, never zero.
#[derive(Debug, Clone, PartialEq)]
pub struct Flow {
    pub key: Key,
    pub site: Key,
    pub direction: Direction,
    /// The category a person chose; without it the engine classifies the label and the waste code.
    pub code: Option<FlowCode>,
    /// What the classifier made of the label, with its confidence, best first; see [`super::classify`].
    pub guesses: Vec<(FlowCode, f64)>,
    pub label: String,
    pub waste_code: Option<WasteCode>,
    /// Yearly quantity in the canonical unit of the category (of the best guess when none was chosen).
    pub annual: Option<f64>,
    pub certainty: Certainty,
    pub months: Months,
    pub form: Option<Form>,
    pub temperature_c: Option<f64>,
    pub pressure_bar: Option<f64>,
    pub purity_pct: Option<f64>,
    pub humidity_pct: Option<f64>,
    pub food_grade: Option<bool>,
    pub hazardous: bool,
    /// What the outlet or the purchase costs today, per year.
    pub annual_cost_eur: Option<f64>,
    pub contract_end: Option<NaiveDate>,
    pub observed_on: Option<NaiveDate>,
    /// Flows of one category that differ in this are not grouped: size of skip, training module, contract.
    pub technical_class: Option<String>,
    /// What its label names within a broad category; see [`Flow::with_its_words`].
    pub class: Option<Class>,
    /// The journey that the label of a transport names.
    pub lane: Option<Box<Lane>>,
    /// First and last day of a flow that exists only then (« ponctuel »).
    pub window: Option<(NaiveDate, NaiveDate)>,
}

impl Flow {
    /// A flow of which only the essential is known.
    #[must_use]
    pub fn new(key: impl Into<Key>, site: impl Into<Key>, direction: Direction, label: &str) -> Self {
        Self {
            key: key.into(),
            site: site.into(),
            direction,
            code: None,
            guesses: Vec::new(),
            label: label.to_owned(),
            waste_code: None,
            annual: None,
            certainty: Certainty::Declared,
            months: Months::ALL,
            form: None,
            temperature_c: None,
            pressure_bar: None,
            purity_pct: None,
            humidity_pct: None,
            food_grade: None,
            hazardous: false,
            annual_cost_eur: None,
            contract_end: None,
            observed_on: None,
            technical_class: None,
            class: None,
            lane: None,
            window: None,
        }
    }
}

/// How well a quantity is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    Measured,
    Declared,
    Estimated,
    OrderOfMagnitude,
}

impl Certainty {
    #[must_use]
    pub fn confidence(self) -> f64 {
        match self {
            Self::Measured => 1.0,
            Self::Declared => 0.9,
            Self::Estimated => 0.7,
            Self::OrderOfMagnitude => 0.5,
        }
    }

    /// « mesuré », « déclaré », « estimé ».
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Measured => "mesuré",
            Self::Declared => "déclaré",
            Self::Estimated => "estimé",
            Self::OrderOfMagnitude => "ordre de grandeur",
        }
    }
}

/// A fact that a reason for rejecting may name; when it changes the pair may come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    Category,
    Quantity,
    Quality,
    Form,
    Months,
    Contract,
    Cost,
    Position,
    Hazard,
    WasteCode,
    Label,
    /// The compatibility rule that paired the two flows.
    Rule,
}

impl Fact {
    pub const ALL: [Self; 12] = [
        Self::Category,
        Self::Quantity,
        Self::Quality,
        Self::Form,
        Self::Months,
        Self::Contract,
        Self::Cost,
        Self::Position,
        Self::Hazard,
        Self::WasteCode,
        Self::Label,
        Self::Rule,
    ];

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Category => "Catégorie",
            Self::Quantity => "Quantité",
            Self::Quality => "Qualité",
            Self::Form => "Forme",
            Self::Months => "Mois de présence",
            Self::Contract => "Fin de contrat",
            Self::Cost => "Coût actuel",
            Self::Position => "Position",
            Self::Hazard => "Caractère dangereux",
            Self::WasteCode => "Code déchet",
            Self::Label => "Libellé",
            Self::Rule => "Règle de compatibilité",
        }
    }
}

/// The facts of a pair at one moment, as short French texts, so that a later run can say what changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    pub out: BTreeMap<Fact, String>,
    pub into: BTreeMap<Fact, String>,
}

/// What was decided about a pair of flows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Someone is working on it: it stays, and counts first against the caps.
    Underway,
    /// Comes back when a fact that the reason names has changed.
    Rejected,
    /// Already done before we proposed it: a success, not to be proposed again.
    InPlace,
    /// A company does not want it.
    Opposed,
}

/// A decision on a pair, remembered.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    pub out_flow: Key,
    pub in_flow: Key,
    pub verdict: Verdict,
    /// The reason in French, shown in « ce qui a changé ».
    pub reason: String,
    /// The facts this reason names. Empty: the pair never comes back by itself.
    pub names: BTreeSet<Fact>,
    /// The facts when it was decided: [`super::Pair::fingerprint`] of the proposal.
    pub fingerprint: Fingerprint,
}

/// Two establishments that already work together; the order does not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cooperation {
    pub one: Key,
    pub other: Key,
}

/// What reviewers made of one pair of categories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Precedent {
    pub out: FlowCode,
    pub into: FlowCode,
    pub reviewed: u32,
    pub accepted: u32,
}

/// What reviewers made of one compatibility rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleRecord {
    pub rule: String,
    /// Proposals of this rule that were judged, whatever the verdict.
    pub reviewed: u32,
    /// Of which « hors sujet »: the rule itself was wrong.
    pub off_topic: u32,
}

/// What reviewers made of the groups of one category.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupRecord {
    pub code: FlowCode,
    pub reviewed: u32,
    pub accepted: u32,
}

/// A firm that refuses another one, or every proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opposition {
    pub legal_entity: String,
    /// Nothing: it refuses everybody.
    pub other: Option<String>,
}

/// A group that exists already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownGroup {
    pub key: Key,
    pub code: FlowCode,
    /// Keys of the member flows.
    pub members: BTreeSet<Key>,
    /// An advisor composed it by hand: its members are not chosen again.
    pub is_fixed: bool,
}

#[cfg(test)]
mod tests {
    use super::Site;

    #[test]
    fn a_waste_firm_is_known_by_its_trade() {
        let mut site = Site::new("A");
        assert!(!site.treats_waste());
        site.naf = Some("38.11Z".to_owned());
        assert!(site.treats_waste());
    }
}
