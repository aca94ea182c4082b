//! What people made of proposals, and of each other: decisions, firms that work together or refuse each
//! other, how often pairs of categories and rules were reviewed.

use std::collections::{BTreeMap, BTreeSet};

use super::column::number;
use super::facts::{Cooperation, Decision, Facts, Key, Precedent, Site, Verdict};
use super::prepare::{Board, Item};
use crate::kernel::Direction;
use crate::nomenclature::FlowCode;

/// What a run remembers.
#[derive(Debug)]
pub(super) struct Past<'a> {
    decisions: BTreeMap<Key, BTreeMap<Key, &'a Decision>>,
    /// Outbound flows by the inbound flow someone is trying to bring them to.
    underway_into: BTreeMap<Key, BTreeSet<Key>>,
    cooperations: BTreeMap<Key, BTreeSet<Key>>,
    pub history: BTreeMap<(FlowCode, FlowCode), (u32, u32)>,
    /// Groups of each category that were reviewed, and those accepted.
    grouped: BTreeMap<FlowCode, (u32, u32)>,
    /// Proposals of each rule that were judged, and those found off topic.
    rules: BTreeMap<&'a str, (u32, u32)>,
    oppositions: BTreeSet<(&'a str, Option<&'a str>)>,
}

impl<'a> Past<'a> {
    pub(super) fn of(facts: &'a Facts) -> Self {
        let mut past = Self {
            decisions: BTreeMap::new(),
            underway_into: BTreeMap::new(),
            cooperations: cooperations(&facts.cooperations),
            history: history(&facts.history),
            grouped: facts
                .grouped
                .iter()
                .map(|record| (record.code, (record.reviewed, record.accepted)))
                .collect(),
            rules: facts
                .rules
                .iter()
                .map(|record| (record.rule.as_str(), (record.reviewed, record.off_topic)))
                .collect(),
            oppositions: facts
                .oppositions
                .iter()
                .map(|one| (one.legal_entity.as_str(), one.other.as_deref()))
                .collect(),
        };
        for decision in &facts.decisions {
            past.remember(decision);
        }
        past
    }

    fn remember(&mut self, decision: &'a Decision) {
        let (out, into) = (decision.out_flow.clone(), decision.in_flow.clone());
        if decision.verdict == Verdict::Underway {
            self.underway_into
                .entry(into.clone())
                .or_default()
                .insert(out.clone());
        }
        self.decisions.entry(out).or_default().insert(into, decision);
    }

    /// Whether someone has decided about a pair of this outbound flow.
    pub(super) fn decided(&self, out: &Key) -> bool {
        self.decisions.contains_key(out)
    }

    /// Whether a site works with another one already.
    pub(super) fn cooperates(&self, site: &Key) -> bool {
        self.cooperations.contains_key(site)
    }
}

impl Board<'_> {
    /// Judged proposals of a rule, and those found off topic.
    pub(super) fn judged(&self, rule: &str) -> (u32, u32) {
        self.past.rules.get(rule).copied().unwrap_or_default()
    }

    /// Reviewed and accepted groups of a category.
    pub(super) fn grouped(&self, code: FlowCode) -> (u32, u32) {
        self.past.grouped.get(&code).copied().unwrap_or_default()
    }

    /// Whether one of the two firms refuses the other, or everybody.
    pub(super) fn opposed(&self, one: &Site, other: &Site) -> bool {
        let refuses = |a: &Site, b: &Site| {
            a.legal_entity.as_deref().is_some_and(|a| {
                self.past.oppositions.contains(&(a, None))
                    || b.legal_entity
                        .as_deref()
                        .is_some_and(|b| self.past.oppositions.contains(&(a, Some(b))))
            })
        };
        !self.past.oppositions.is_empty() && (refuses(one, other) || refuses(other, one))
    }

    pub(super) fn decision(&self, out: &Item<'_>, into: &Item<'_>) -> Option<&Decision> {
        if !self.reads[out.id].decided {
            return None;
        }
        Some(self.past.decisions.get(&out.flow.key)?.get(&into.flow.key)?)
    }

    /// Inbound flows someone is already trying to bring to this outbound flow.
    pub(super) fn underway(&self, out: &Item<'_>) -> Vec<usize> {
        if !self.reads[out.id].decided {
            return Vec::new();
        }
        let decisions = self.past.decisions.get(&out.flow.key).into_iter().flatten();
        decisions
            .filter(|(_, decision)| decision.verdict == Verdict::Underway)
            .filter_map(|(into, _)| self.number(into))
            .filter(|id| self.flows[*id].direction == Direction::Inbound)
            .collect()
    }

    /// Outbound flows that someone is trying to bring to this inbound flow.
    pub(super) fn underway_into(&self, into: usize) -> Vec<u32> {
        let outs = self
            .past
            .underway_into
            .get(&self.flows[into].key)
            .into_iter()
            .flatten();
        outs.filter_map(|out| self.number(out))
            .filter(|id| self.flows[*id].direction == Direction::Outbound)
            .map(number)
            .collect()
    }

    pub(super) fn cooperate(&self, a: &Site, b: &Site) -> bool {
        self.past
            .cooperations
            .get(&a.key)
            .is_some_and(|others| others.contains(&b.key))
    }

    /// Reviewed and accepted proposals of a pair of categories.
    pub(super) fn precedents(&self, out: FlowCode, into: FlowCode) -> (u32, u32) {
        self.past.history.get(&(out, into)).copied().unwrap_or_default()
    }
}

fn cooperations(known: &[Cooperation]) -> BTreeMap<Key, BTreeSet<Key>> {
    let mut cooperations: BTreeMap<Key, BTreeSet<Key>> = BTreeMap::new();
    for Cooperation { one, other } in known {
        cooperations.entry(one.clone()).or_default().insert(other.clone());
        cooperations.entry(other.clone()).or_default().insert(one.clone());
    }
    cooperations
}

fn history(known: &[Precedent]) -> BTreeMap<(FlowCode, FlowCode), (u32, u32)> {
    let mut history: BTreeMap<(FlowCode, FlowCode), (u32, u32)> = BTreeMap::new();
    for precedent in known {
        let entry = history.entry((precedent.out, precedent.into)).or_default();
        entry.0 = entry.0.saturating_add(precedent.reviewed);
        entry.1 = entry.1.saturating_add(precedent.accepted);
    }
    history
}
