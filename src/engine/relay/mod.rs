//! One step in between: A → processor → B, for what no partner takes as it is.
//!
//! Only outbound flows without a proposal of their own are tried. Each treatment of the nomenclature that
//! takes such a flow makes a flow that does not exist yet: what would come out, at the site of the nearest
//! establishment that does that work (its trade, or an offer of the service), else at the giver's while
//! the processor is to be found. The ordinary search then finds who would take it, through all its gates;
//! the first leg has its own (distance, danger). The score is that of the second leg with the detour and
//! the treatment counted in, and enters the queue under the same threshold and caps.

mod step;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Engine;
use super::facts::{Facts, Fingerprint, Flow, Key, Site, Verdict};
use super::index::Nearby;
use super::outcome::{Estimate, Explanation, Matched, Pair};
use super::params::Params;
use crate::kernel::{Direction, Position};
use crate::nomenclature::{Catalogue, FlowCode, Process, processes};
use step::Step;

/// Receivers looked at for what comes out of one treatment.
const RECEIVERS: usize = 3;
/// Guessed categories are not sent to a treatment below this confidence.
const TRUSTED: f64 = 0.5;

/// A flow that goes through a treatment before it finds its receiver.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Relay {
    /// Made of the two flow keys and of the process; the same from run to run.
    pub key: Key,
    /// Identifier of the process.
    pub process: String,
    /// « Broyage de bois ».
    pub treatment: String,
    /// « Plaquettes et broyat de bois ».
    pub output: String,
    pub out_flow: Key,
    pub out_site: Key,
    /// The key of what would come out, under which decisions are remembered.
    pub made_flow: Key,
    /// Who would do it; none while it is to be found.
    pub processor: Option<Key>,
    pub in_flow: Key,
    pub in_site: Key,
    pub out_code: FlowCode,
    pub made_code: FlowCode,
    pub in_code: Option<FlowCode>,
    /// 0 to 100.
    pub score: f64,
    /// 0 to 1.
    pub confidence: f64,
    pub priority: f64,
    pub retained: bool,
    /// Why it does not enter the queue, in French.
    pub left_out: Option<String>,
    pub first_km: Option<f64>,
    pub second_km: Option<f64>,
    /// What the giver has, in the unit of its category.
    pub given: Option<f64>,
    /// What comes out against what is needed.
    pub matched: Option<Matched>,
    /// Yearly cost of the treatment, euros.
    pub cost: Option<Estimate>,
    pub giver_gain: Option<Estimate>,
    pub receiver_gain: Option<Estimate>,
    pub tco2e: Option<Estimate>,
    pub explanation: Explanation,
    pub fingerprint: Fingerprint,
}

/// The relays worth a proposal, `pairs` are the direct partners of the flows.
#[must_use]
pub fn relays(facts: &Facts, catalogue: &Catalogue, params: &Params, pairs: &[Pair]) -> Vec<Relay> {
    let steps = steps(facts, catalogue, params, &settled(facts, pairs));
    if steps.is_empty() {
        return Vec::new();
    }
    let board = Facts {
        sites: facts.sites.clone(),
        flows: steps
            .iter()
            .map(|(key, step)| step.made(key, catalogue))
            .chain(receivers(facts, catalogue, &steps).cloned())
            .collect(),
        decisions: facts.decisions.clone(),
        history: facts.history.clone(),
        rules: facts.rules.clone(),
        oppositions: facts.oppositions.clone(),
        ..Facts::default()
    };
    let onward = Params {
        top: RECEIVERS,
        ..params.clone()
    };
    let parties = Parties::of(facts);
    let mut found: Vec<Relay> = Engine::new(&board, catalogue, &onward)
        .pairs()
        .into_iter()
        .filter_map(|pair| {
            let step = steps.get(&pair.out_flow)?;
            let met = parties.may_meet(&step.flow.site, &pair.in_site) && step.leads_to(pair.in_code);
            met.then(|| step.relay(pair, catalogue, params))
        })
        .collect();
    retain(&mut found, pairs, params);
    found
}

/// Who owns what, and who does not want to hear of whom.
struct Parties<'a> {
    owners: BTreeMap<&'a Key, Option<&'a str>>,
    oppositions: BTreeSet<(&'a str, Option<&'a str>)>,
}

impl<'a> Parties<'a> {
    fn of(facts: &'a Facts) -> Self {
        let owned = |site: &'a Site| (&site.key, site.legal_entity.as_deref());
        let opposed = facts.oppositions.iter();
        Self {
            owners: facts.sites.iter().map(owned).collect(),
            oppositions: opposed
                .map(|one| (one.legal_entity.as_str(), one.other.as_deref()))
                .collect(),
        }
    }

    /// Neither the same firm nor firms that refuse each other.
    fn may_meet(&self, one: &Key, other: &Key) -> bool {
        let (Some(a), Some(b)) = (self.owners.get(one), self.owners.get(other)) else {
            return false;
        };
        let refuses = |a: &Option<&'a str>, b: &Option<&'a str>| {
            a.is_some_and(|a| {
                self.oppositions.contains(&(a, None))
                    || b.is_some_and(|b| self.oppositions.contains(&(a, Some(b))))
            })
        };
        one != other && (a.is_none() || a != b) && !refuses(a, b) && !refuses(b, a)
    }
}

/// Outbound flows that have a proposal, are worked on or are in place already.
fn settled<'a>(facts: &'a Facts, pairs: &'a [Pair]) -> BTreeSet<&'a Key> {
    let decided = facts.decisions.iter().filter(|decision| match decision.verdict {
        Verdict::Underway | Verdict::InPlace => true,
        Verdict::Rejected | Verdict::Opposed => false,
    });
    let proposed = pairs
        .iter()
        .filter(|pair| pair.retained)
        .map(|pair| &pair.out_flow);
    proposed
        .chain(decided.map(|decision| &decision.out_flow))
        .collect()
}

/// Every treatment of every flow left, under the key of what would come out.
fn steps<'a>(
    facts: &'a Facts,
    catalogue: &'a Catalogue,
    params: &Params,
    settled: &BTreeSet<&Key>,
) -> BTreeMap<Key, Step<'a>> {
    let places: BTreeMap<&Key, Position> = facts
        .sites
        .iter()
        .filter_map(|site| Some((&site.key, site.position?)))
        .collect();
    let (workshops, parties) = (Workshops::of(facts), Parties::of(facts));
    let mut steps = BTreeMap::new();
    let free = facts
        .flows
        .iter()
        .filter(|flow| flow.direction == Direction::Outbound && !settled.contains(&flow.key));
    for flow in free {
        let Some((code, sure)) = category(flow) else {
            continue;
        };
        let dangerous = flow.hazardous || flow.waste_code.is_some_and(|waste| waste.hazardous());
        for process in processes().iter().filter(|process| process.takes.contains(&code)) {
            let reach = catalogue.category(code).radius.max_km.min(process.km) * params.radius_factor;
            let limit = reach.min(params.limit_km.unwrap_or(f64::INFINITY));
            let from = places.get(&flow.site).copied();
            let nearest = workshops.nearest(process, from, limit, |site| {
                parties.may_meet(&flow.site, &site.key)
            });
            let allowed =
                !dangerous || (process.hazardous && nearest.is_some_and(|(site, _)| site.treats_waste()));
            if !allowed {
                continue;
            }
            let key = Key::new(format!("{}|{}", flow.key, process.id));
            steps.insert(
                key,
                Step {
                    flow,
                    code,
                    sure,
                    process,
                    processor: nearest.map(|(site, _)| site),
                    first_km: nearest.map(|(_, km)| km),
                },
            );
        }
    }
    steps
}

fn category(flow: &Flow) -> Option<(FlowCode, f64)> {
    match flow.code {
        Some(code) => Some((code, 1.0)),
        None => flow.guesses.first().copied().filter(|(_, sure)| *sure >= TRUSTED),
    }
}

/// The inbound flows that could take what comes out.
fn receivers<'a>(
    facts: &'a Facts,
    catalogue: &Catalogue,
    steps: &BTreeMap<Key, Step<'_>>,
) -> impl Iterator<Item = &'a Flow> {
    let made: BTreeSet<FlowCode> = steps.values().map(|step| step.process.gives).collect();
    let wanted: BTreeSet<FlowCode> = made
        .iter()
        .flat_map(|code| catalogue.rules_from(*code).map(|rule| rule.into).chain([*code]))
        .collect();
    facts.flows.iter().filter(move |flow| {
        flow.direction == Direction::Inbound && category(flow).is_some_and(|(code, _)| wanted.contains(&code))
    })
}

/// Who does each work, by place.
struct Workshops<'a> {
    sites: Vec<&'a Site>,
    by_process: BTreeMap<&'static str, Nearby>,
}

impl<'a> Workshops<'a> {
    fn of(facts: &'a Facts) -> Self {
        let mut sites: Vec<&Site> = facts.sites.iter().collect();
        sites.sort_by(|a, b| a.key.cmp(&b.key));
        let mut offers: BTreeMap<&Key, BTreeSet<FlowCode>> = BTreeMap::new();
        for flow in facts
            .flows
            .iter()
            .filter(|flow| flow.direction == Direction::Outbound)
        {
            if let Some(code) = flow.code {
                offers.entry(&flow.site).or_default().insert(code);
            }
        }
        let able = |process: &Process, site: &Site| {
            let offers_it = offers
                .get(&site.key)
                .is_some_and(|codes| process.services.iter().any(|code| codes.contains(code)));
            offers_it || site.naf.as_deref().is_some_and(|naf| process.done_by(naf))
        };
        let by_process = processes()
            .iter()
            .map(|process| {
                let places = sites.iter().enumerate().filter(|(_, site)| able(process, site));
                let places = places.filter_map(|(number, site)| Some((number, site.position?)));
                (process.id.as_str(), Nearby::new(places))
            })
            .collect();
        Self { sites, by_process }
    }

    /// The nearest that may work for the giver.
    fn nearest(
        &self,
        process: &Process,
        from: Option<Position>,
        limit: f64,
        may: impl Fn(&Site) -> bool,
    ) -> Option<(&'a Site, f64)> {
        let near = self.by_process.get(process.id.as_str())?.within(from?, limit);
        near.into_iter()
            .map(|(number, km)| (self.sites[number], km))
            .find(|(site, _)| may(site))
    }
}

/// One relay per outbound flow, above the threshold, under the caps that the pairs have begun to fill.
fn retain(found: &mut [Relay], pairs: &[Pair], params: &Params) {
    let mut open: BTreeMap<(&Key, Direction, Option<FlowCode>), usize> = BTreeMap::new();
    for pair in pairs.iter().filter(|pair| pair.retained) {
        *open
            .entry((&pair.out_site, Direction::Outbound, pair.out_code))
            .or_default() += 1;
        *open
            .entry((&pair.in_site, Direction::Inbound, pair.in_code))
            .or_default() += 1;
    }
    found.sort_by(|a, b| {
        b.score
            .total_cmp(&a.score)
            .then(a.out_flow.cmp(&b.out_flow))
            .then(a.key.cmp(&b.key))
    });
    let mut served: BTreeSet<Key> = BTreeSet::new();
    let mut taken: BTreeMap<(Key, Direction, Option<FlowCode>), usize> = BTreeMap::new();
    for relay in found {
        let places = [
            (&relay.out_site, Direction::Outbound, Some(relay.out_code)),
            (&relay.in_site, Direction::Inbound, relay.in_code),
        ];
        let owned = places.map(|(site, direction, code)| (site.clone(), direction, code));
        let counts: Vec<usize> = places
            .iter()
            .zip(&owned)
            .map(|(place, own)| open.get(place).copied().unwrap_or(0) + taken.get(own).copied().unwrap_or(0))
            .collect();
        relay.left_out = if relay.score < params.threshold {
            Some(format!("Score sous le seuil de {:.0}.", params.threshold))
        } else if served.contains(&relay.out_flow) {
            Some("Ce flux a déjà une meilleure filière.".to_owned())
        } else if counts.iter().any(|count| *count >= params.max_open) {
            Some(format!(
                "Déjà {} meilleures propositions pour cet établissement et cette catégorie.",
                params.max_open
            ))
        } else {
            None
        };
        relay.retained = relay.left_out.is_none();
        if relay.retained {
            served.insert(relay.out_flow.clone());
            for place in owned {
                *taken.entry(place).or_default() += 1;
            }
        }
    }
}
