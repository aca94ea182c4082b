//! « Et si… »: the same search with other factors, other distances or other firms, and what differs.
//!
//! Nothing is written: a change gives new facts, a new catalogue and new parameters, and two outcomes are
//! compared. The same change always gives the same difference.

use std::collections::BTreeMap;

use super::facts::{Facts, Flow, Key, Site};
use super::outcome::{Estimate, Group, Outcome, Pair, round};
use super::params::Params;
use super::propose;
use super::queue::explore;
use crate::kernel::parse_decimal;
use crate::nomenclature::{Catalogue, FactorKey, Local, Range};

/// How much of a factor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Amount {
    /// This many times what it is.
    Times(f64),
    /// Exactly that.
    Exactly(f64),
}

impl Amount {
    /// Reads « +20 % », « -10% », « x2 », « 1,5 ».
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        if let Some(percent) = compact.strip_suffix('%') {
            let (sign, digits) = match percent.chars().next()? {
                '-' | '−' => (-1.0, percent.trim_start_matches(['-', '−'])),
                '+' => (1.0, percent.trim_start_matches('+')),
                _ => (1.0, percent),
            };
            let times = 1.0 + sign * parse_decimal(digits).ok()? / 100.0;
            return (times >= 0.0).then_some(Self::Times(times));
        }
        if let Some(times) = compact.strip_prefix(['x', 'X', '×', '*']) {
            return parse_decimal(times).ok().map(Self::Times);
        }
        parse_decimal(&compact).ok().map(Self::Exactly)
    }

    fn applied(self, range: &Range) -> Range {
        match self {
            Self::Times(times) => range.times(times),
            Self::Exactly(value) => Range::single(value, "hypothèse"),
        }
    }
}

impl Change {
    /// That factor changed so much; nothing when it would make no sense.
    #[must_use]
    pub fn factor(key: FactorKey, amount: Amount) -> Option<Self> {
        let (Amount::Times(value) | Amount::Exactly(value)) = amount;
        (value > 0.0 || value == 0.0 && !key.must_be_positive()).then_some(Self::Factor(key, amount))
    }
}

/// One hypothesis.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    Factor(FactorKey, Amount),
    /// Multiplies every distance of the nomenclature.
    Radius(f64),
    /// A firm settles, with its flows.
    Arrival(Box<Site>, Vec<Flow>),
    /// A firm leaves.
    Departure(Key),
}

/// Totals of what reaches the reviewers.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Totals {
    pub proposals: usize,
    pub groups: usize,
    /// Of the proposals, both sides; absent while none is estimated.
    pub gain_eur: Option<f64>,
    pub tco2e: Option<f64>,
    /// Of the groups; absent while none is estimated.
    pub saving_eur: Option<f64>,
}

impl Totals {
    fn of(outcome: &Outcome) -> Self {
        let proposals = || outcome.pairs.iter().filter(|pair| pair.retained);
        let sum = |one: f64, other: f64| one + other;
        Self {
            proposals: proposals().count(),
            groups: open(outcome).count(),
            gain_eur: proposals().filter_map(gain).reduce(sum),
            tco2e: proposals()
                .filter_map(|pair| Some(pair.tco2e.as_ref()?.central))
                .reduce(sum),
            saving_eur: open(outcome)
                .filter_map(|group| Some(group.saving.as_ref()?.central))
                .reduce(sum),
        }
    }
}

/// A proposal that stays, and what moved.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    pub before: Pair,
    pub after: Pair,
}

impl Moved {
    pub fn score(&self) -> f64 {
        round(self.after.score - self.before.score, 2)
    }

    /// What both sides gain more, where both gains are known.
    pub fn gain(&self) -> Option<f64> {
        Some(gain(&self.after)? - gain(&self.before)?)
    }
}

/// What a change does to the proposals.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Difference {
    pub before: Totals,
    pub after: Totals,
    /// Best first.
    pub entered: Vec<Pair>,
    /// Best first.
    pub left: Vec<Pair>,
    /// The farthest moved first.
    pub moved: Vec<Moved>,
    pub entered_groups: usize,
    pub left_groups: usize,
}

/// The yearly gain of both sides together, where at least one is known.
#[must_use]
pub fn gain(pair: &Pair) -> Option<f64> {
    let central = |gain: &Option<Estimate>| gain.as_ref().map(|gain| gain.central);
    match (central(&pair.giver_gain), central(&pair.receiver_gain)) {
        (None, None) => None,
        (giver, receiver) => Some(giver.unwrap_or(0.0) + receiver.unwrap_or(0.0)),
    }
}

/// Runs the search as it is and as it would be.
#[must_use]
pub fn what_if(facts: &Facts, catalogue: &Catalogue, params: &Params, changes: &[Change]) -> Difference {
    let before = suppose(facts, catalogue, params, &[]);
    compare(&before, &suppose(facts, catalogue, params, changes))
}

/// The outcome under some hypotheses.
#[must_use]
pub fn suppose(facts: &Facts, catalogue: &Catalogue, params: &Params, changes: &[Change]) -> Outcome {
    let catalogue = with_factors(catalogue, changes);
    let mut params = params.under(&catalogue);
    let mut facts = facts.clone();
    for change in changes {
        match change {
            Change::Factor(..) => {}
            Change::Radius(times) => params.radius_factor *= times,
            Change::Arrival(site, flows) => {
                facts.sites.push((**site).clone());
                facts.flows.extend(flows.iter().cloned());
            }
            Change::Departure(gone) => {
                facts.sites.retain(|site| site.key != *gone);
                facts.flows.retain(|flow| flow.site != *gone);
            }
        }
    }
    let mut outcome = propose(&facts, &catalogue, &params);
    let groups = open(&outcome).count();
    explore(&mut outcome.pairs, groups);
    outcome
}

/// The groups that reach the reviewers.
fn open(outcome: &Outcome) -> impl Iterator<Item = &Group> {
    outcome.groups.iter().filter(|group| group.left_out.is_none())
}

/// Several changes of one factor are made one after the other.
fn with_factors(catalogue: &Catalogue, changes: &[Change]) -> Catalogue {
    let mut local = Local::default();
    for change in changes {
        let Change::Factor(key, amount) = change else {
            continue;
        };
        let now = local.factors.get(key).cloned().or_else(|| catalogue.factor(*key));
        match (now, amount) {
            (Some(range), amount) => drop(local.factors.insert(*key, amount.applied(&range))),
            (None, Amount::Exactly(value)) => {
                local.factors.insert(*key, Range::single(*value, "hypothèse"));
            }
            // So many times what is not known is not known.
            (None, Amount::Times(_)) => {}
        }
    }
    catalogue.localised(&local)
}

/// What differs between two outcomes, among the proposals that reach the reviewers.
#[must_use]
pub fn compare(before: &Outcome, after: &Outcome) -> Difference {
    let retained = |outcome: &'_ Outcome| -> BTreeMap<Key, Pair> {
        let kept = outcome.pairs.iter().filter(|pair| pair.retained);
        kept.map(|pair| (pair.key.clone(), pair.clone())).collect()
    };
    let (mut was, now) = (retained(before), retained(after));
    let mut difference = Difference {
        before: Totals::of(before),
        after: Totals::of(after),
        entered_groups: unknown_groups(after, before),
        left_groups: unknown_groups(before, after),
        ..Difference::default()
    };
    for (key, after) in now {
        match was.remove(&key) {
            None => difference.entered.push(after),
            Some(before) => {
                let moved = Moved { before, after };
                if moved.score().abs() >= 0.01 || moved.gain().is_some_and(|euros| euros.abs() >= 1.0) {
                    difference.moved.push(moved);
                }
            }
        }
    }
    difference.left = was.into_values().collect();
    let best_first = |pairs: &mut Vec<Pair>| {
        pairs.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.key.cmp(&b.key)));
    };
    best_first(&mut difference.entered);
    best_first(&mut difference.left);
    difference.moved.sort_by(|a, b| {
        let far = |moved: &Moved| moved.gain().unwrap_or(0.0).abs();
        far(b)
            .total_cmp(&far(a))
            .then(b.score().abs().total_cmp(&a.score().abs()))
            .then(a.after.key.cmp(&b.after.key))
    });
    difference
}

fn unknown_groups(of: &Outcome, among: &Outcome) -> usize {
    let known = |key: &Key| open(among).any(|group| group.key == *key);
    open(of).filter(|group| !known(&group.key)).count()
}
