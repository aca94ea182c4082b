//! What establishments not visited yet probably have, from those that were.
//!
//! Each class of the NAF learns from its visited establishments how often a flow exists and how much of
//! it there is per employee. A class seen rarely leans on the level above it (class on group, group on
//! division), and a division on the shipped profile of its trade: a Beta prior for the share, a Gamma
//! prior for the quantity, worth [`STRENGTH`] establishments. Each visited establishment counts once, at
//! the closest level it shares with the one looked at: fully in the same class, for half otherwise.
//!
//! The result is its own type, [`Presumed`]: it ranks visits (`visits`), tells what a territory lacks
//! (`missing`), and never meets a recorded [`Flow`](super::Flow) outside these computations.

mod missing;
#[cfg(test)]
mod tests;
mod visits;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::kernel::Direction;
use crate::nomenclature::{FlowCode, Profiles, naf};

pub use missing::{Missing, Unlocked, missing};
pub use visits::{Lead, Partner, Prospect, VisitValue, worth_of_visits};

/// How many establishments the level above is worth.
const STRENGTH: f64 = 4.0;
/// What a visit counts for in another class of the same group or division.
const KINSHIP: f64 = 0.5;
/// Share of a flow that neither the trade's profile nor the level above knows.
const UNHEARD_OF: f64 = 0.03;
/// Under this probability a flow is not presumed at all.
const FLOOR: f64 = 0.15;
/// Central value over low value when nothing but the prior speaks, and when many visits do.
const SPREAD: (f64, f64) = (3.0, 1.5);

/// One visited establishment: what is learned from.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    pub naf: Option<String>,
    pub employees: Option<f64>,
    /// Its recorded flows with their yearly quantity in the unit of their category.
    pub flows: Vec<(FlowCode, Direction, Option<f64>)>,
}

/// A flow that an establishment probably has; never recorded, always shown as « présumé ».
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Presumed {
    pub code: FlowCode,
    pub direction: Direction,
    /// 0 to 1.
    pub probability: f64,
    /// Yearly, in the unit of the category; unknown without a number of employees.
    pub quantity: Option<Span>,
    /// On what it rests, in French.
    pub why: String,
}

/// An order of magnitude.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Span {
    pub low: f64,
    pub central: f64,
    pub high: f64,
}

type Line = (FlowCode, Direction);

/// What was seen of one flow at one level.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Seen {
    having: f64,
    /// Establishments whose quantity per employee is known, and the sum of those.
    measured: f64,
    rates: f64,
}

impl Seen {
    fn without(self, other: Self) -> Self {
        Self {
            having: self.having - other.having,
            measured: self.measured - other.measured,
            rates: self.rates - other.rates,
        }
    }

    fn weighing(self, weight: f64) -> Self {
        Self {
            having: self.having * weight,
            measured: self.measured * weight,
            rates: self.rates * weight,
        }
    }
}

/// What was seen at one level of the NAF.
#[derive(Debug, Clone, Default, PartialEq)]
struct Level {
    cases: f64,
    flows: BTreeMap<Line, Seen>,
}

impl Level {
    fn seen(&self, line: Line) -> Seen {
        self.flows.get(&line).copied().unwrap_or_default()
    }
}

/// What the visits of a territory taught, over the shipped profiles.
#[derive(Debug, Clone)]
pub struct Knowledge {
    profiles: &'static Profiles,
    levels: BTreeMap<String, Level>,
}

/// Share and quantity per employee of a flow, as believed at one level.
#[derive(Debug, Clone, Copy)]
struct Belief {
    share: f64,
    rate: Option<f64>,
    /// Establishments behind the rate.
    measured: f64,
}

impl Knowledge {
    /// Learns from the visited establishments; their order does not matter.
    #[must_use]
    pub fn learn(cases: &[Case]) -> Self {
        let mut sorted: Vec<&Case> = cases.iter().collect();
        // Sums of floating numbers depend on their order: equal cases are interchangeable.
        sorted.sort_by(|a, b| {
            a.naf
                .cmp(&b.naf)
                .then_with(|| {
                    a.employees
                        .unwrap_or(-1.0)
                        .total_cmp(&b.employees.unwrap_or(-1.0))
                })
                .then_with(|| format!("{:?}", a.flows).cmp(&format!("{:?}", b.flows)))
        });
        let mut levels: BTreeMap<String, Level> = BTreeMap::new();
        for case in sorted {
            let flows = case.seen();
            for key in chain(case.naf.as_deref()) {
                let level = levels.entry(key).or_default();
                level.cases += 1.0;
                for (line, one) in &flows {
                    let seen = level.flows.entry(*line).or_default();
                    seen.having += one.having;
                    seen.measured += one.measured;
                    seen.rates += one.rates;
                }
            }
        }
        Self {
            profiles: Profiles::embedded(),
            levels,
        }
    }

    /// What an establishment of that trade and size probably has, the most probable first.
    #[must_use]
    pub fn presume(&self, naf: Option<&str>, employees: Option<f64>) -> Vec<Presumed> {
        let chain = chain(naf);
        let Some(division) = chain.get(1) else {
            return Vec::new();
        };
        let mut lines: BTreeSet<Line> = self.profiles.of(division).keys().copied().collect();
        let known = chain.iter().filter_map(|key| self.levels.get(key));
        lines.extend(known.flat_map(|level| level.flows.keys().copied()));
        let mut presumed: Vec<Presumed> = lines
            .into_iter()
            .filter_map(|line| {
                let belief = self.belief(&chain, line);
                (belief.share >= FLOOR).then(|| Presumed {
                    code: line.0,
                    direction: line.1,
                    probability: round(belief.share),
                    quantity: belief.quantity(employees),
                    why: self.why(&chain, line),
                })
            })
            .collect();
        presumed.sort_by(|a, b| {
            b.probability
                .total_cmp(&a.probability)
                .then(a.code.cmp(&b.code))
                .then(a.direction.cmp(&b.direction))
        });
        presumed
    }

    /// The trades that most often have a flow: division and share, at most `count`.
    #[must_use]
    pub fn trades_with(&self, code: FlowCode, direction: Direction, count: usize) -> Vec<(String, f64)> {
        let mut found: Vec<(String, f64)> = self
            .profiles
            .divisions()
            .map(|division| {
                let share = self.belief(&chain(Some(division)), (code, direction)).share;
                (division.to_owned(), round(share))
            })
            .filter(|(_, share)| *share >= FLOOR)
            .collect();
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        found.truncate(count);
        found
    }

    /// From the prior down to the closest class, each level correcting the one above.
    fn belief(&self, chain: &[String], line: Line) -> Belief {
        let division = chain.get(1).map_or("", String::as_str);
        let usual = self.profiles.of(division).get(&line);
        let mut belief = Belief {
            share: usual.map_or(UNHEARD_OF, |usual| usual.share),
            rate: usual.map(|usual| usual.per_employee),
            measured: 0.0,
        };
        // Trade knowledge of the division says more than the visits of the other trades of its section.
        let first = usize::from(self.profiles.source(division).is_some());
        for (rank, key) in chain.iter().enumerate().skip(first) {
            let Some(level) = self.levels.get(key) else {
                continue;
            };
            let below = chain.get(rank + 1).and_then(|key| self.levels.get(key));
            let (cases, seen) = match below {
                Some(below) => (
                    level.cases - below.cases,
                    level.seen(line).without(below.seen(line)),
                ),
                None => (level.cases, level.seen(line)),
            };
            let weight = if rank + 1 == chain.len() { 1.0 } else { KINSHIP };
            belief.meet(cases * weight, seen.weighing(weight));
        }
        belief
    }

    /// « 4 des 6 établissements de la division 25 visités en ont ; a priori du métier. »
    fn why(&self, chain: &[String], line: Line) -> String {
        let division = chain.get(1).map_or("", String::as_str);
        let prior = if self.profiles.of(division).contains_key(&line) {
            "a priori du métier"
        } else {
            "rien dans le profil du métier"
        };
        let counted = chain.iter().enumerate().rev().find_map(|(rank, key)| {
            let level = self.levels.get(key)?;
            (level.cases >= 3.0 || (rank <= 1 && level.cases > 0.0)).then_some((rank, key, level))
        });
        let Some((rank, key, level)) = counted else {
            return format!("Aucun établissement de ce métier n’a été visité\u{a0}: {prior}.");
        };
        let (having, cases) = (level.seen(line).having, level.cases);
        let place = match rank {
            0 => format!("section {key}"),
            1 => format!("division {key}"),
            _ => format!("classe {}", dotted(key)),
        };
        if cases < 1.5 {
            let has = if having > 0.0 { "en a" } else { "n’en a pas" };
            return format!("Le seul établissement visité de la {place} {has}\u{202f}; {prior}.");
        }
        let have = if having < 0.5 {
            return format!(
                "Aucun des {cases:.0} établissements visités de la {place} n’en a\u{202f}; {prior}."
            );
        } else if having < 1.5 {
            "en a"
        } else {
            "en ont"
        };
        format!("{having:.0} des {cases:.0} établissements visités de la {place} {have}\u{202f}; {prior}.")
    }
}

impl Belief {
    fn meet(&mut self, cases: f64, seen: Seen) {
        self.share = (seen.having + STRENGTH * self.share) / (cases + STRENGTH);
        self.rate = match self.rate {
            Some(rate) => Some((seen.rates + STRENGTH * rate) / (seen.measured + STRENGTH)),
            None if seen.measured > 0.0 => Some(seen.rates / seen.measured),
            None => None,
        };
        self.measured += seen.measured;
    }

    fn quantity(&self, employees: Option<f64>) -> Option<Span> {
        let central = self.rate? * employees.filter(|count| *count > 0.0)?;
        let doubt = STRENGTH / (STRENGTH + self.measured);
        let spread = SPREAD.1 + (SPREAD.0 - SPREAD.1) * doubt;
        Some(Span {
            low: three_figures(central / spread),
            central: three_figures(central),
            high: three_figures(central * spread),
        })
    }
}

impl Case {
    /// One line per flow, quantities of one category added up.
    fn seen(&self) -> BTreeMap<Line, Seen> {
        let mut amounts: BTreeMap<Line, Option<f64>> = BTreeMap::new();
        for (code, direction, annual) in &self.flows {
            let sum = amounts.entry((*code, *direction)).or_default();
            *sum = match (*sum, annual) {
                (Some(a), Some(b)) => Some(a + b),
                (a, b) => a.or(*b),
            };
        }
        let employees = self.employees.filter(|count| *count > 0.0);
        amounts
            .into_iter()
            .map(|(line, amount)| {
                let rate = amount
                    .zip(employees)
                    .map(|(amount, employees)| amount / employees);
                let seen = Seen {
                    having: 1.0,
                    measured: if rate.is_some() { 1.0 } else { 0.0 },
                    rates: rate.unwrap_or(0.0),
                };
                (line, seen)
            })
            .collect()
    }
}

/// Section, division, group, class, sub-class of a code, as far as it goes; nothing for an unknown one.
fn chain(naf: Option<&str>) -> Vec<String> {
    let Some(code) = naf else { return Vec::new() };
    let (Some(section), Some(division)) = (naf::section(code), naf::division(code)) else {
        return Vec::new();
    };
    let compact: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    let deeper = (3..=compact.len().min(5)).map(|length| compact[..length].to_ascii_uppercase());
    [section.code.clone(), division.code.clone()]
        .into_iter()
        .chain(deeper)
        .collect()
}

/// « 2562B » → « 25.62B ».
fn dotted(key: &str) -> String {
    let (division, rest) = key.split_at(2.min(key.len()));
    format!("{division}.{rest}")
}

fn round(value: f64) -> f64 {
    super::outcome::round(value, 4)
}

/// An order of magnitude has no more.
fn three_figures(value: f64) -> f64 {
    if value <= 0.0 {
        return 0.0;
    }
    let scale = 10_f64.powf(value.log10().floor() - 2.0);
    (value / scale).round() * scale
}
