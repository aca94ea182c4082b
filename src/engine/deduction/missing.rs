//! « Quel type d’entreprise manque »: the receiver, or the supplier, that would unlock most flows.
//!
//! A recorded flow without a partner could go to an establishment that takes its own category, or one
//! that a rule of the nomenclature allows. Each such category is a missing partner: how many flows it
//! would unlock from the best place for it, how much, for what value.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Knowledge;
use crate::engine::facts::{Facts, Flow, Key};
use crate::engine::index::Nearby;
use crate::engine::outcome::round;
use crate::engine::params::Params;
use crate::engine::prepare::convert;
use crate::kernel::{Direction, Position, Unit};
use crate::nomenclature::{Catalogue, Category, FlowCode};

/// A rule under this fit is a possibility, not an outlet.
const GOOD_FIT: f64 = 0.5;
/// Fewer flows do not make a type of company missing.
const FEWEST: usize = 2;
/// Trades named for each missing partner.
const TRADES: usize = 4;

/// A kind of partner that the territory lacks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Missing {
    /// What it would take (`Inbound`) or supply (`Outbound`).
    pub code: FlowCode,
    pub direction: Direction,
    /// Establishments whose flows it would unlock, from the best place.
    pub sites: usize,
    /// Yearly, in the unit of the category; of the flows whose quantity is known.
    pub quantity: Option<f64>,
    pub unit: Unit,
    /// Share of the quantity that the largest establishment brings.
    pub largest_share: Option<f64>,
    /// Yearly value for both sides, euros: low, central, high.
    pub value: Option<[f64; 3]>,
    /// The establishment nearest to which it would unlock most.
    pub place: Key,
    pub radius_km: f64,
    /// Nearest to that place first.
    pub flows: Vec<Unlocked>,
    /// Divisions of the NAF that usually have that flow, with the share that do.
    pub trades: Vec<(String, f64)>,
}

/// A flow that would find a partner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Unlocked {
    pub flow: Key,
    pub site: Key,
    pub code: FlowCode,
    /// From the best place.
    pub km: f64,
    /// Yearly, in the unit of the missing category.
    pub quantity: Option<f64>,
    /// Yearly value, euros: low, central, high.
    pub value: Option<[f64; 3]>,
}

/// Every kind of partner that would unlock flows, the most useful first.
#[must_use]
pub fn missing(
    facts: &Facts,
    taken: &BTreeSet<Key>,
    knowledge: &Knowledge,
    catalogue: &Catalogue,
    params: &Params,
) -> Vec<Missing> {
    let places: BTreeMap<&Key, Position> = facts
        .sites
        .iter()
        .filter_map(|site| Some((&site.key, site.position?)))
        .collect();
    let mut waiting: BTreeMap<(FlowCode, Direction), Vec<(Unlocked, Position)>> = BTreeMap::new();
    let mut free: Vec<&Flow> = facts
        .flows
        .iter()
        .filter(|flow| !taken.contains(&flow.key))
        .collect();
    free.sort_by(|a, b| a.key.cmp(&b.key));
    for flow in free {
        let (Some(code), Some(position)) = (flow.code, places.get(&flow.site)) else {
            continue;
        };
        let own = catalogue.category(code);
        for (partner, fit) in partners(catalogue, own, flow.direction) {
            let unlocked = unlocked(flow, own, partner, fit, params);
            let side = (partner.code, opposite(flow.direction));
            waiting.entry(side).or_default().push((unlocked, *position));
        }
    }
    let mut found: Vec<Missing> = waiting
        .into_iter()
        .filter_map(|(side, flows)| settle(side, &flows, knowledge, catalogue, params))
        .collect();
    found.sort_by(|a, b| {
        let worth = |m: &Missing| m.value.map_or(0.0, |value| value[1]);
        worth(b)
            .total_cmp(&worth(a))
            .then(b.sites.cmp(&a.sites))
            .then(a.code.cmp(&b.code))
            .then(a.direction.cmp(&b.direction))
    });
    found
}

fn opposite(direction: Direction) -> Direction {
    match direction {
        Direction::Outbound => Direction::Inbound,
        Direction::Inbound => Direction::Outbound,
    }
}

/// Categories in which the flow could find a partner, with the fit; what it buys, only from the nearest.
fn partners<'a>(
    catalogue: &'a Catalogue,
    own: &'a Category,
    direction: Direction,
) -> Vec<(&'a Category, f64)> {
    let is_lacking = |category: &Category| direction == Direction::Outbound || !category.on_sale;
    let mut found = Vec::new();
    if own.modes.substitution && own.allows(opposite(direction)) {
        found.push((own, 1.0));
    }
    let rules = catalogue
        .rules()
        .iter()
        .filter(|rule| rule.fit >= GOOD_FIT && rule.out != rule.into);
    for rule in rules {
        match direction {
            Direction::Outbound if rule.out == own.code => {
                found.push((catalogue.category(rule.into), rule.fit));
            }
            Direction::Inbound if rule.into == own.code => {
                found.push((catalogue.category(rule.out), rule.fit));
            }
            Direction::Outbound | Direction::Inbound => {}
        }
    }
    found.retain(|(category, _)| is_lacking(category));
    if direction == Direction::Inbound {
        // A purchase is made once: of several matters that would do, it counts under the nearest.
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.code.cmp(&b.0.code)));
        found.truncate(1);
    }
    found
}

fn unlocked(flow: &Flow, own: &Category, partner: &Category, fit: f64, params: &Params) -> Unlocked {
    let quantity = flow.annual.and_then(|annual| {
        if own.code == partner.code {
            Some(annual)
        } else {
            convert(annual, own, partner)
        }
    });
    let (from, to) = match flow.direction {
        Direction::Outbound => (own, partner),
        Direction::Inbound => (partner, own),
    };
    let value = flow.annual.and_then(|annual| {
        let in_unit_of = |category: &Category| {
            if category.code == own.code {
                Some(annual)
            } else {
                convert(annual, own, category)
            }
        };
        let spared = match (flow.direction, flow.annual_cost_eur) {
            (Direction::Outbound, Some(cost)) => Some([cost; 3]),
            (Direction::Outbound, None) | (Direction::Inbound, _) => {
                let range = from.economics.disposal.as_ref();
                range
                    .zip(in_unit_of(from))
                    .map(|(range, amount)| [range.low, range.central, range.high].map(|eur| eur * amount))
            }
        };
        let worth = to
            .economics
            .value
            .as_ref()
            .zip(in_unit_of(to))
            .map(|(range, amount)| {
                let [low, central, high] = params.substitution;
                [range.low * low, range.central * central, range.high * high].map(|eur| eur * amount)
            });
        add(spared, worth).map(|value| value.map(|eur| eur * fit))
    });
    Unlocked {
        flow: flow.key.clone(),
        site: flow.site.clone(),
        code: own.code,
        km: 0.0,
        quantity,
        value,
    }
}

fn add(one: Option<[f64; 3]>, other: Option<[f64; 3]>) -> Option<[f64; 3]> {
    match (one, other) {
        (Some([a, b, c]), Some([x, y, z])) => Some([a + x, b + y, c + z]),
        (one, other) => one.or(other),
    }
}

/// The best place for that partner, and what it would unlock from there.
fn settle(
    (code, direction): (FlowCode, Direction),
    flows: &[(Unlocked, Position)],
    knowledge: &Knowledge,
    catalogue: &Catalogue,
    params: &Params,
) -> Option<Missing> {
    let category = catalogue.category(code);
    let limit = params.limit_km.unwrap_or(f64::INFINITY);
    let radius_km = (category.radius.full_km * params.radius_factor).min(limit);
    let best = best_place(flows, radius_km)?;
    let flows = best.flows;
    let mut by_site: BTreeMap<&Key, f64> = BTreeMap::new();
    for flow in &flows {
        *by_site.entry(&flow.site).or_default() += flow.quantity.unwrap_or(0.0);
    }
    if by_site.len() < FEWEST {
        return None;
    }
    let total: f64 = by_site.values().sum();
    let largest = by_site.values().copied().fold(0.0, f64::max);
    let value = flows.iter().map(|flow| flow.value).fold(None, add);
    Some(Missing {
        code,
        direction,
        sites: by_site.len(),
        quantity: (total > 0.0).then(|| round(total, 2)),
        unit: category.unit,
        largest_share: (total > 0.0).then(|| round(largest / total, 3)),
        value: value.map(|value| value.map(f64::round)),
        place: best.place,
        radius_km,
        trades: knowledge.trades_with(code, direction, TRADES),
        flows,
    })
}

/// Beside one of the establishments.
struct Place {
    place: Key,
    flows: Vec<Unlocked>,
}

/// Where most value is within reach.
fn best_place(flows: &[(Unlocked, Position)], radius_km: f64) -> Option<Place> {
    let places = flows.iter().enumerate();
    let near = Nearby::new(places.map(|(number, (_, position))| (number, *position)));
    let value = |number: usize| {
        let value = flows[number].0.value;
        value.map_or(1.0, |[_, central, _]| central.max(1.0))
    };
    let mut best: Option<(f64, usize)> = None;
    let mut tried: BTreeSet<&Key> = BTreeSet::new();
    for (number, (unlocked, position)) in flows.iter().enumerate() {
        if !tried.insert(&unlocked.site) {
            continue;
        }
        let within = near.within(*position, radius_km);
        let sum: f64 = within.iter().map(|(other, _)| value(*other)).sum();
        if best.is_none_or(|(known, _)| sum > known) {
            best = Some((sum, number));
        }
    }
    let (_, number) = best?;
    let (centre, position) = &flows[number];
    let within = near.within(*position, radius_km).into_iter();
    Some(Place {
        place: centre.site.clone(),
        flows: within
            .map(|(other, km)| Unlocked {
                km: round(km, 1),
                ..flows[other].0.clone()
            })
            .collect(),
    })
}
