//! « Qui visiter ensuite »: what the visit of an establishment is expected to bring.
//!
//! Each presumed flow is put before the engine as if it existed, against the recorded flows that have no
//! partner yet: its probability times the worth of the best synergy it would make. A group that it would
//! complete counts too. Two searches answer for all prospects at once, one per direction, so that a
//! thousand prospects cost what a thousand establishments cost.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Presumed, round};
use crate::engine::facts::{Certainty, Facts, Flow, Key};
use crate::engine::index::Nearby;
use crate::engine::params::Params;
use crate::engine::{Engine, Pair};
use crate::kernel::{Direction, Position};
use crate::nomenclature::{Catalogue, FlowCode};

/// Partners looked at for one recorded flow: enough that near prospects do not hide one another.
const RIVALS: usize = 40;
/// Yearly gain taken for a synergy whose gain is not estimated, euros.
const USUAL_GAIN: f64 = 1_500.0;
/// Worth of completing a group and of joining one that is viable already, against a pair of full score.
const COMPLETES: f64 = 0.5;
const JOINS: f64 = 0.1;
/// Leads kept per establishment.
const LEADS: usize = 6;

/// An establishment that could be visited, with what it probably has.
#[derive(Debug, Clone, PartialEq)]
pub struct Prospect {
    pub site: Key,
    pub presumed: Vec<Presumed>,
}

/// What a visit is expected to bring.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VisitValue {
    pub site: Key,
    /// Orders the prospects; without a unit.
    pub points: f64,
    /// Expected number of synergies above the threshold.
    pub synergies: f64,
    /// Expected yearly gain of both sides, euros, where it can be estimated.
    pub gain: Option<f64>,
    /// The best first.
    pub leads: Vec<Lead>,
}

/// One reason to go.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lead {
    pub code: FlowCode,
    pub direction: Direction,
    pub probability: f64,
    pub points: f64,
    pub partner: Partner,
}

/// Whom the presumed flow would meet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Partner {
    Flow {
        flow: Key,
        site: Key,
        score: f64,
        distance_km: Option<f64>,
        /// Yearly gain of both sides, euros.
        gain: Option<f64>,
    },
    /// Others with the same need nearby.
    Group { others: usize, minimum: usize },
}

/// The expected value of each visit, the best first. `taken` are the recorded flows that have a partner.
#[must_use]
pub fn worth_of_visits(
    facts: &Facts,
    prospects: &[Prospect],
    taken: &BTreeSet<Key>,
    catalogue: &Catalogue,
    params: &Params,
) -> Vec<VisitValue> {
    let mut leads: BTreeMap<&Key, Vec<Lead>> = prospects
        .iter()
        .map(|prospect| (&prospect.site, Vec::new()))
        .collect();
    let hypotheses = Hypotheses::of(prospects);
    for direction in Direction::ALL {
        for (key, lead) in hypotheses.pairs(direction, facts, taken, catalogue, params) {
            leads.entry(key).or_default().push(lead);
        }
    }
    let groups = Groups::of(facts, catalogue);
    for prospect in prospects {
        let found = prospect
            .presumed
            .iter()
            .filter_map(|presumed| groups.lead(prospect, presumed, catalogue));
        leads.entry(&prospect.site).or_default().extend(found);
    }
    let mut worth: Vec<VisitValue> = leads
        .into_iter()
        .map(|(site, leads)| VisitValue::of(site, leads))
        .collect();
    worth.sort_by(|a, b| b.points.total_cmp(&a.points).then(a.site.cmp(&b.site)));
    worth
}

impl VisitValue {
    fn of(site: &Key, mut leads: Vec<Lead>) -> Self {
        leads.sort_by(|a, b| {
            b.points
                .total_cmp(&a.points)
                .then(a.code.cmp(&b.code))
                .then(a.direction.cmp(&b.direction))
        });
        let pairs = || {
            leads.iter().filter_map(|lead| match &lead.partner {
                Partner::Flow { gain, .. } => Some((lead.probability, *gain)),
                Partner::Group { .. } => None,
            })
        };
        let synergies = pairs().map(|(probability, _)| probability).sum();
        let gains: Vec<f64> = pairs().filter_map(|(p, gain)| Some(p * gain?)).collect();
        Self {
            site: site.clone(),
            points: round(leads.iter().map(|lead| lead.points).sum()),
            synergies: round(synergies),
            gain: (!gains.is_empty()).then(|| gains.iter().sum::<f64>().round()),
            leads: {
                leads.truncate(LEADS);
                leads
            },
        }
    }
}

/// Presumed flows as the engine reads flows; they live only in this computation.
struct Hypotheses<'a> {
    flows: BTreeMap<Key, (&'a Key, &'a Presumed)>,
}

impl<'a> Hypotheses<'a> {
    fn of(prospects: &'a [Prospect]) -> Self {
        let flows = prospects.iter().flat_map(|prospect| {
            prospect.presumed.iter().map(|presumed| {
                let key = format!(
                    "{}?{}?{}",
                    prospect.site,
                    presumed.code,
                    presumed.direction.word()
                );
                (Key::new(key), (&prospect.site, presumed))
            })
        });
        Self {
            flows: flows.collect(),
        }
    }

    /// The best recorded partner of each hypothesis of that direction.
    fn pairs(
        &self,
        direction: Direction,
        facts: &Facts,
        taken: &BTreeSet<Key>,
        catalogue: &Catalogue,
        params: &Params,
    ) -> Vec<(&'a Key, Lead)> {
        let recorded = facts
            .flows
            .iter()
            .filter(|flow| flow.direction != direction && !taken.contains(&flow.key));
        let supposed = self
            .flows
            .iter()
            .filter(|(_, (_, presumed))| presumed.direction == direction && meets(catalogue, presumed.code))
            .map(|(key, (site, presumed))| suppose(key, site, presumed, catalogue));
        let board = Facts {
            sites: facts.sites.clone(),
            flows: recorded.cloned().chain(supposed).collect(),
            history: facts.history.clone(),
            ..Facts::default()
        };
        let params = Params {
            top: match direction {
                Direction::Outbound => 1,
                Direction::Inbound => RIVALS,
            },
            ..params.clone()
        };
        let mut best: BTreeMap<Key, Pair> = BTreeMap::new();
        for pair in Engine::new(&board, catalogue, &params).pairs() {
            let key = match direction {
                Direction::Outbound => &pair.out_flow,
                Direction::Inbound => &pair.in_flow,
            };
            let better = best.get(key).is_none_or(|known| known.score < pair.score);
            if pair.score >= params.threshold && better {
                best.insert(key.clone(), pair);
            }
        }
        best.into_iter()
            .filter_map(|(key, pair)| {
                let (site, presumed) = self.flows.get(&key)?;
                Some((*site, lead(presumed, &pair)))
            })
            .collect()
    }
}

/// Whether flows of the category meet one another, rather than only group together.
fn meets(catalogue: &Catalogue, code: FlowCode) -> bool {
    let modes = catalogue.category(code).modes;
    modes.substitution || modes.sharing
}

fn suppose(key: &Key, site: &Key, presumed: &Presumed, catalogue: &Catalogue) -> Flow {
    Flow {
        code: Some(presumed.code),
        annual: presumed.quantity.map(|span| span.central),
        certainty: Certainty::OrderOfMagnitude,
        ..Flow::new(
            key.clone(),
            site.clone(),
            presumed.direction,
            &catalogue.category(presumed.code).label,
        )
    }
}

fn lead(presumed: &Presumed, pair: &Pair) -> Lead {
    let gains: Vec<f64> = [&pair.giver_gain, &pair.receiver_gain]
        .into_iter()
        .flatten()
        .map(|estimate| estimate.central)
        .collect();
    let gain = (!gains.is_empty()).then(|| gains.iter().sum::<f64>());
    let (flow, site) = match presumed.direction {
        Direction::Outbound => (&pair.in_flow, &pair.in_site),
        Direction::Inbound => (&pair.out_flow, &pair.out_site),
    };
    Lead {
        code: presumed.code,
        direction: presumed.direction,
        probability: presumed.probability,
        points: round(presumed.probability * pair.score / 100.0 * weight(gain)),
        partner: Partner::Flow {
            flow: flow.clone(),
            site: site.clone(),
            score: pair.score,
            distance_km: pair.distance_km,
            gain,
        },
    }
}

/// As in the queue: the logarithm of what it brings.
fn weight(gain: Option<f64>) -> f64 {
    (10.0 + gain.unwrap_or(USUAL_GAIN).max(0.0)).log10()
}

/// The recorded needs that group together, by place.
struct Groups<'a> {
    near: BTreeMap<(FlowCode, Direction), Nearby>,
    sites: BTreeMap<&'a Key, (usize, Position)>,
}

impl<'a> Groups<'a> {
    fn of(facts: &'a Facts, catalogue: &Catalogue) -> Self {
        let sites: BTreeMap<&Key, (usize, Position)> = facts
            .sites
            .iter()
            .enumerate()
            .filter_map(|(number, site)| Some((&site.key, (number, site.position?))))
            .collect();
        let mut places: BTreeMap<(FlowCode, Direction), BTreeMap<usize, Position>> = BTreeMap::new();
        for flow in &facts.flows {
            let Some(code) = flow.code.filter(|code| catalogue.category(*code).group.is_some()) else {
                continue;
            };
            if let Some((number, position)) = sites.get(&flow.site) {
                places
                    .entry((code, flow.direction))
                    .or_default()
                    .insert(*number, *position);
            }
        }
        Self {
            near: places
                .into_iter()
                .map(|(line, places)| (line, Nearby::new(places)))
                .collect(),
            sites,
        }
    }

    /// Completing a group is worth a visit; joining one is worth a mention.
    fn lead(&self, prospect: &Prospect, presumed: &Presumed, catalogue: &Catalogue) -> Option<Lead> {
        let rule = catalogue.category(presumed.code).group.as_ref()?;
        let (own, position) = self.sites.get(&prospect.site)?;
        let near = self.near.get(&(presumed.code, presumed.direction))?;
        let others = near
            .within(*position, rule.diameter_km)
            .into_iter()
            .filter(|(number, _)| number != own)
            .count();
        let minimum = usize::try_from(rule.min_members).unwrap_or(usize::MAX);
        let worth = if others + 1 < minimum {
            return None;
        } else if others + 1 == minimum {
            COMPLETES
        } else {
            JOINS
        };
        Some(Lead {
            code: presumed.code,
            direction: presumed.direction,
            probability: presumed.probability,
            points: round(presumed.probability * worth * weight(None)),
            partner: Partner::Group { others, minimum },
        })
    }
}
