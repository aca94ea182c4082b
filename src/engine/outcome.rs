//! What the engine answers: pairs and groups, each with what a reviewer needs to decide.
//!
//! These types are stored as they are and drawn by the screens; nothing in them must be computed
//! again, and none names a company.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::facts::{Certainty, Fact, Fingerprint, Key};
use super::learning::Learned;
use super::relay::Relay;
use super::scoring::GOOD_GAIN;
use crate::kernel::{Direction, Unit};
use crate::nomenclature::FlowCode;

/// The result of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// By outbound flow, best first.
    pub pairs: Vec<Pair>,
    /// Best first.
    pub groups: Vec<Group>,
    /// Best first; for outbound flows without a proposal of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relays: Vec<Relay>,
    pub counts: Counts,
    /// Version of the parameters.
    pub version: String,
}

/// How much the run looked at and found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub sites: usize,
    pub flows: usize,
    pub outbound: usize,
    pub inbound: usize,
    /// Flows without a category that can be trusted: « à classer ».
    pub unclassified: usize,
    /// Flows whose site is not among the sites.
    pub orphans: usize,
    pub pairs: usize,
    pub retained: usize,
    pub groups: usize,
}

/// The two shapes of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Substitution,
    Sharing,
}

impl Kind {
    /// « substitution », « partage ».
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Substitution => "substitution",
            Self::Sharing => "partage",
        }
    }
}

/// One outbound flow that may meet one inbound flow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    /// Made of the two flow keys; the same from run to run.
    pub key: Key,
    pub kind: Kind,
    pub out_flow: Key,
    pub in_flow: Key,
    pub out_site: Key,
    pub in_site: Key,
    /// Categories under which the flows meet; a guess when nobody has chosen one.
    pub out_code: Option<FlowCode>,
    pub in_code: Option<FlowCode>,
    /// 0 to 100.
    pub score: f64,
    /// 0 to 1: how much of the score rests on known facts.
    pub confidence: f64,
    /// Order of the queue: score × chance of being accepted × value.
    pub priority: f64,
    /// Whether it enters the review queue.
    pub retained: bool,
    /// Why it does not, in French.
    pub left_out: Option<String>,
    /// Little under the threshold: may be tried to learn.
    #[serde(default)]
    pub nearly: bool,
    /// In the queue to learn, not for its score.
    #[serde(default)]
    pub exploration: bool,
    /// Other flows of the same two establishments that the same call would settle.
    #[serde(default)]
    pub twins: Vec<Twin>,
    #[serde(default)]
    pub learned: Learned,
    pub distance_km: Option<f64>,
    /// How far the exchange pays; [`BOUNDLESS_KM`] when it is that far or farther.
    pub break_even_km: Option<f64>,
    pub matched: Option<Matched>,
    pub giver_gain: Option<Estimate>,
    pub receiver_gain: Option<Estimate>,
    /// Tonnes of CO2 equivalent avoided per year, net of transport.
    pub tco2e: Option<Estimate>,
    /// Euros to spend once, when the rule says what must be built.
    pub investment: Option<Estimate>,
    pub payback: Option<Payback>,
    /// The compatibility rule applied, if one was.
    pub rule: Option<String>,
    pub explanation: Explanation,
    /// To be kept with a decision, so that a later run can tell what changed.
    pub fingerprint: Fingerprint,
}

/// Two more flows of the same two establishments, shown inside a proposal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Twin {
    pub out_flow: Key,
    pub in_flow: Key,
    pub score: f64,
    pub matched: Option<Matched>,
    pub fingerprint: Fingerprint,
}

/// Beyond that a break-even distance only says that transport does not matter.
pub const BOUNDLESS_KM: f64 = 300.0;

/// Years until the gains of both sides have paid the investment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Payback {
    pub low: f64,
    pub central: f64,
    /// Absent when the lowest gains never pay it.
    pub high: Option<f64>,
    /// Only one side's gain is known.
    pub one_sided: bool,
}

/// Yearly quantities of a pair in one unit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Matched {
    pub offered: f64,
    pub needed: f64,
    pub quantity: f64,
    pub unit: Unit,
}

impl Matched {
    /// Without the digits that mean nothing.
    pub(super) fn rounded(self) -> Self {
        Self {
            offered: round(self.offered, 3),
            needed: round(self.needed, 3),
            quantity: round(self.quantity, 3),
            unit: self.unit,
        }
    }
}

/// Where a figure comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    Estimated,
    Declared,
    Measured,
}

impl Origin {
    /// « estimé », « déclaré », « mesuré ».
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Estimated => "estimé",
            Self::Declared => "déclaré",
            Self::Measured => "mesuré",
        }
    }
}

/// A yearly figure with its range. What cannot be estimated is absent, never zero.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    pub low: f64,
    pub central: f64,
    pub high: f64,
    pub origin: Origin,
    /// The factors used, in French.
    pub source: String,
}

impl Estimate {
    fn rounded(self, decimals: i32) -> Self {
        let [low, central, high] = [self.low, self.central, self.high].map(|value| round(value, decimals));
        Self {
            low,
            central,
            high,
            ..self
        }
    }
}

impl Payback {
    fn rounded(self) -> Self {
        Self {
            low: round(self.low, 1),
            central: round(self.central, 1),
            high: self.high.map(|years| round(years, 1)),
            ..self
        }
    }
}

impl Pair {
    /// Enters the queue to learn, whatever its score.
    pub fn explored(&mut self) {
        self.retained = true;
        self.exploration = true;
        self.left_out = None;
    }

    /// Without the digits that mean nothing: what is stored is what is read back.
    pub(super) fn rounded(mut self) -> Self {
        self.distance_km = self.distance_km.map(|km| round(km, 3));
        self.break_even_km = self.break_even_km.map(|km| round(km, 1).min(BOUNDLESS_KM));
        self.matched = self.matched.map(Matched::rounded);
        self.giver_gain = self.giver_gain.map(|gain| gain.rounded(0));
        self.receiver_gain = self.receiver_gain.map(|gain| gain.rounded(0));
        self.tco2e = self.tco2e.map(|tonnes| tonnes.rounded(3));
        self.investment = self.investment.map(|euros| euros.rounded(0));
        self.payback = self.payback.map(Payback::rounded);
        for part in &mut self.explanation.parts {
            part.value = part.value.map(|value| round(value, 4));
            part.confidence = round(part.confidence, 4);
        }
        self
    }
}

impl Group {
    /// Without the digits that mean nothing.
    pub(super) fn rounded(mut self) -> Self {
        self.radius_km = round(self.radius_km, 3);
        self.quantity = self.quantity.map(|quantity| round(quantity, 3));
        self.saving = self.saving.map(|saving| saving.rounded(0));
        if let Some(round_trip) = &mut self.round {
            for km in [&mut round_trip.shared_km, &mut round_trip.separate_km] {
                *km = round(*km, 1);
            }
            round_trip.saved_km = round(round_trip.saved_km, 0);
            round_trip.saved_eur = round(round_trip.saved_eur, 0);
            round_trip.saved_tco2e = round(round_trip.saved_tco2e, 3);
        }
        for member in &mut self.members {
            member.quantity = member.quantity.map(|quantity| round(quantity, 3));
            member.km_from_medoid = member.km_from_medoid.map(|km| round(km, 3));
        }
        self
    }
}

pub(super) fn round(value: f64, decimals: i32) -> f64 {
    let scale = 10_f64.powi(decimals);
    // Adding zero turns −0 into 0.
    (value * scale).round() / scale + 0.0
}

/// Why a pair is proposed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// Material first, then the weighted components.
    pub parts: Vec<Part>,
    /// At most three sentences, the best first.
    pub strengths: Vec<String>,
    /// At most two sentences, the worst first.
    pub weaknesses: Vec<String>,
    /// « À demander lors de l’appel », what would change the score most first.
    pub to_ask: Vec<Ask>,
    /// « Ce qui a changé » since the pair was rejected.
    pub changed: Vec<String>,
    /// « Déjà réalisé à Kalundborg », when a published case supports the rule.
    pub precedent: Option<String>,
}

/// One component of a score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    pub name: PartName,
    /// 0 to 1; absent when unknown, which counts one half.
    pub value: Option<f64>,
    pub confidence: f64,
    /// Weight in the mean; zero for material, which multiplies the mean.
    pub weight: f64,
    pub sentence: String,
}

/// The components, in the order of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartName {
    Material,
    Economics,
    Distance,
    Quantity,
    Quality,
    Time,
    Carbon,
    Relations,
}

impl PartName {
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Material => "Matière",
            Self::Economics => "Économie",
            Self::Distance => "Distance",
            Self::Quantity => "Quantité",
            Self::Quality => "Qualité",
            Self::Time => "Calendrier",
            Self::Carbon => "CO₂",
            Self::Relations => "Relations",
        }
    }
}

/// A question whose answer would change the score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ask {
    pub fact: Fact,
    pub question: String,
    /// The score with the worst and the best answer; equal when the answer is not scored.
    pub low: f64,
    pub high: f64,
}

impl Ask {
    /// « Humidité du carton : score de 74 à 89 selon la réponse. »
    #[must_use]
    pub fn sentence(&self) -> String {
        let question = self
            .question
            .trim_end_matches(['?', '.', ' ', '\u{a0}', '\u{202f}']);
        if self.high - self.low < 1.0 {
            format!("{question}\u{202f}?")
        } else {
            format!(
                "{question}\u{a0}: score de {:.0} à {:.0} selon la réponse.",
                self.low, self.high
            )
        }
    }
}

/// Firms with the same need, near enough to share the answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// Kept from run to run while most members stay.
    pub key: Key,
    /// « Collecte groupée de cartons ».
    pub title: String,
    pub code: FlowCode,
    pub direction: Direction,
    pub technical_class: Option<String>,
    /// The zone when all members are in one.
    pub zone: Option<String>,
    /// By quantity, the largest first.
    pub members: Vec<Member>,
    /// The most central establishment.
    pub medoid: Key,
    /// Distance of the farthest member from the medoid.
    pub radius_km: f64,
    /// Yearly quantity of the members that gave one.
    pub quantity: Option<f64>,
    pub unit: Unit,
    pub critical_mass: Option<f64>,
    /// « Il manque 0,5 t pour remplir une tournée. »
    pub mass_sentence: String,
    /// First and last end of contract.
    pub window: Option<(NaiveDate, NaiveDate)>,
    /// Yearly saving of the whole group, euros.
    pub saving: Option<Estimate>,
    /// Share of today's cost saved: low, central, high.
    pub saving_share: [f64; 3],
    pub evidence: String,
    pub score: f64,
    pub confidence: f64,
    pub reasons: Vec<String>,
    pub to_ask: Vec<String>,
    pub version: String,
    /// Why it does not enter the queue, in French.
    #[serde(default)]
    pub left_out: Option<String>,
    /// Its members were chosen by hand.
    #[serde(default)]
    pub is_fixed: bool,
    /// What a shared round saves, for what is collected.
    #[serde(default)]
    pub round: Option<Round>,
    /// What reviewers made of the groups of this category.
    #[serde(default)]
    pub learned: Learned,
}

impl Group {
    /// Order of the queue, in the unit of [`Pair::priority`].
    #[must_use]
    pub fn priority(&self) -> f64 {
        let value = self
            .saving
            .as_ref()
            .map_or(GOOD_GAIN, |saving| saving.central.max(0.0));
        round(self.score * self.learned.chance() * (10.0 + value).log10(), 2)
    }

    /// Keys of the member flows, to be given back to the next run.
    #[must_use]
    pub fn flows(&self) -> BTreeSet<Key> {
        self.members.iter().map(|member| member.flow.clone()).collect()
    }
}

/// One collection round through the members, against a journey to each.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Round {
    /// Kilometres of one round by road, from the first stop back to it.
    pub shared_km: f64,
    /// The same stops served one by one.
    pub separate_km: f64,
    /// Rounds a year.
    pub turns: f64,
    /// Saved per year.
    pub saved_km: f64,
    pub saved_eur: f64,
    pub saved_tco2e: f64,
}

/// One firm of a group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Member {
    pub flow: Key,
    pub site: Key,
    pub quantity: Option<f64>,
    pub certainty: Certainty,
    pub contract_end: Option<NaiveDate>,
    pub km_from_medoid: Option<f64>,
}

#[cfg(test)]
mod tests {
    use super::{Ask, Fact};

    #[test]
    fn a_question_says_what_it_is_worth() {
        let mut ask = Ask {
            fact: Fact::Quality,
            question: "Humidité du carton ?".to_owned(),
            low: 73.6,
            high: 89.0,
        };
        assert_eq!(
            ask.sentence(),
            "Humidité du carton\u{a0}: score de 74 à 89 selon la réponse."
        );
        ask.high = ask.low;
        assert_eq!(ask.sentence(), "Humidité du carton\u{202f}?");
    }
}
