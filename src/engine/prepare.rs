//! The facts laid out for searching: sorted, classified, indexed.
//!
//! Flows are numbered in the order of their keys, so that numbers order like keys and the answer does
//! not depend on the order of the input.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{Decision, Facts, Flow, Key, Site, Verdict};
use super::index::Nearby;
use super::labels::{Vocabulary, Words};
use super::params::Params;
use crate::kernel::{Direction, Period, Position, annual};
use crate::nomenclature::{Catalogue, Category, FlowCode, WasteCode};

/// Guesses below this are noise.
const GUESS_FLOOR: f64 = 0.25;
/// Guesses kept per flow.
const GUESSES: usize = 3;
/// From this confidence a guess stands for the label; below, the flow is « à classer ».
pub(super) const TRUSTED: f64 = 0.5;

/// A flow, read.
#[derive(Debug)]
pub(super) struct Item<'a> {
    pub flow: &'a Flow,
    /// Number of its site.
    pub site: usize,
    /// Possible categories with their confidence, best first; exactly one, at 1, when a person chose.
    pub guesses: Vec<(&'a Category, f64)>,
    pub words: Words,
    /// The waste code given, or written in the label.
    pub waste_code: Option<WasteCode>,
}

impl Item<'_> {
    /// Whether a person chose the category.
    pub(super) fn chosen(&self) -> bool {
        self.flow.code.is_some()
    }

    pub(super) fn classified(&self) -> bool {
        self.guesses
            .first()
            .is_some_and(|(_, confidence)| *confidence >= TRUSTED)
    }
}

/// The flows of one direction that may be of one category.
#[derive(Debug, Default)]
pub(super) struct Market {
    pub placed: Nearby,
    /// Flows whose position is not known.
    pub nowhere: Vec<usize>,
}

/// The flows of one direction.
#[derive(Debug, Default)]
pub(super) struct Side {
    pub markets: BTreeMap<FlowCode, Market>,
    /// By what the label says: flows whose category a person chose, and the others.
    chosen_by_label: BTreeMap<String, Vec<usize>>,
    guessed_by_label: BTreeMap<String, Vec<usize>>,
    guessed_by_word: BTreeMap<String, Vec<usize>>,
}

/// Everything a run needs, laid out.
#[derive(Debug)]
pub(super) struct Board<'a> {
    pub catalogue: &'a Catalogue,
    pub params: &'a Params,
    pub sites: Vec<&'a Site>,
    pub items: Vec<Item<'a>>,
    pub orphans: usize,
    /// Numbers of the flows of each site.
    by_site: Vec<Vec<usize>>,
    out: Side,
    into: Side,
    decisions: BTreeMap<(&'a Key, &'a Key), &'a Decision>,
    /// Those being worked on: few, and looked at for every flow.
    underway: Vec<&'a Decision>,
    cooperations: BTreeSet<(&'a Key, &'a Key)>,
    history: BTreeMap<(FlowCode, FlowCode), (u32, u32)>,
    /// Proposals of each rule that were judged, and those found off topic.
    rules: BTreeMap<&'a str, (u32, u32)>,
    oppositions: BTreeSet<(&'a str, Option<&'a str>)>,
}

impl<'a> Board<'a> {
    pub(super) fn new(facts: &'a Facts, catalogue: &'a Catalogue, params: &'a Params) -> Self {
        let mut sites: Vec<&Site> = facts.sites.iter().collect();
        sites.sort_by(|a, b| a.key.cmp(&b.key));
        sites.dedup_by(|a, b| a.key == b.key);
        let (items, orphans) = read_flows(facts, &sites, catalogue);
        let side = |direction| Side::of(&items, &sites, direction);
        let (out, into) = (side(Direction::Outbound), side(Direction::Inbound));
        let mut by_site = vec![Vec::new(); sites.len()];
        for (id, item) in items.iter().enumerate() {
            by_site[item.site].push(id);
        }
        let mut history = BTreeMap::new();
        for precedent in &facts.history {
            let entry: &mut (u32, u32) = history.entry((precedent.out, precedent.into)).or_default();
            entry.0 = entry.0.saturating_add(precedent.reviewed);
            entry.1 = entry.1.saturating_add(precedent.accepted);
        }
        Self {
            catalogue,
            params,
            sites,
            items,
            orphans,
            by_site,
            out,
            into,
            decisions: facts
                .decisions
                .iter()
                .map(|d| ((&d.out_flow, &d.in_flow), d))
                .collect(),
            underway: facts
                .decisions
                .iter()
                .filter(|d| d.verdict == Verdict::Underway)
                .collect(),
            cooperations: facts
                .cooperations
                .iter()
                .flat_map(|c| [(&c.one, &c.other), (&c.other, &c.one)])
                .collect(),
            history,
            rules: facts
                .rules
                .iter()
                .map(|record| (record.rule.as_str(), (record.reviewed, record.off_topic)))
                .collect(),
            oppositions: facts
                .oppositions
                .iter()
                .map(|o| (o.legal_entity.as_str(), o.other.as_deref()))
                .collect(),
        }
    }

    /// Judged proposals of a rule, and those found off topic.
    pub(super) fn judged(&self, rule: &str) -> (u32, u32) {
        self.rules.get(rule).copied().unwrap_or_default()
    }

    /// Whether one of the two firms refuses the other, or everybody.
    pub(super) fn opposed(&self, one: &Site, other: &Site) -> bool {
        let refuses = |a: &Site, b: &Site| {
            a.legal_entity.as_deref().is_some_and(|a| {
                self.oppositions.contains(&(a, None))
                    || b.legal_entity
                        .as_deref()
                        .is_some_and(|b| self.oppositions.contains(&(a, Some(b))))
            })
        };
        !self.oppositions.is_empty() && (refuses(one, other) || refuses(other, one))
    }

    pub(super) fn side(&self, direction: Direction) -> &Side {
        match direction {
            Direction::Outbound => &self.out,
            Direction::Inbound => &self.into,
        }
    }

    /// Numbers of the flows of one direction, in the order of their keys.
    pub(super) fn going(&self, direction: Direction) -> impl Iterator<Item = usize> {
        (0..self.items.len()).filter(move |id| self.items[*id].flow.direction == direction)
    }

    pub(super) fn site(&self, item: &Item<'_>) -> &'a Site {
        self.sites[item.site]
    }

    pub(super) fn position(&self, item: &Item<'_>) -> Option<Position> {
        self.site(item).position
    }

    pub(super) fn decision(&self, out: &Item<'_>, into: &Item<'_>) -> Option<&'a Decision> {
        self.decisions.get(&(&out.flow.key, &into.flow.key)).copied()
    }

    /// The flows of one site.
    pub(super) fn of_site(&self, site: usize) -> impl Iterator<Item = &Item<'a>> {
        self.by_site[site].iter().map(|id| &self.items[*id])
    }

    /// Number of the flow of that key.
    pub(super) fn number(&self, flow: &Key) -> Option<usize> {
        self.items.binary_search_by(|item| item.flow.key.cmp(flow)).ok()
    }

    /// Inbound flows someone is already trying to bring to this outbound flow.
    pub(super) fn underway(&self, out: &Item<'_>) -> Vec<usize> {
        self.underway_where(
            |decision| decision.out_flow == out.flow.key,
            |decision| &decision.in_flow,
        )
    }

    /// The same, seen from the inbound flow.
    pub(super) fn underway_into(&self, into: &Item<'_>) -> Vec<usize> {
        self.underway_where(
            |decision| decision.in_flow == into.flow.key,
            |decision| &decision.out_flow,
        )
    }

    fn underway_where(
        &self,
        of: impl Fn(&Decision) -> bool,
        other: impl Fn(&Decision) -> &Key,
    ) -> Vec<usize> {
        let open = self.underway.iter().filter(|decision| of(decision));
        open.filter_map(|decision| self.number(other(decision))).collect()
    }

    pub(super) fn cooperate(&self, a: &Site, b: &Site) -> bool {
        self.cooperations.contains(&(&a.key, &b.key))
    }

    /// Reviewed and accepted proposals of a pair of categories.
    pub(super) fn precedents(&self, out: FlowCode, into: FlowCode) -> (u32, u32) {
        self.history.get(&(out, into)).copied().unwrap_or_default()
    }

    /// Pairs of categories accepted at least once.
    pub(super) fn accepted_pairs(&self) -> impl Iterator<Item = (FlowCode, FlowCode)> {
        self.history
            .iter()
            .filter(|(_, (_, accepted))| *accepted > 0)
            .map(|(pair, _)| *pair)
    }

    /// Flows of a direction that a label may bring to this one although no category does. Two chosen
    /// categories are not overruled by words.
    pub(super) fn alike(&self, item: &Item<'_>, direction: Direction) -> BTreeSet<usize> {
        let side = self.side(direction);
        let mut found = BTreeSet::new();
        let label = item.words.identity();
        if label.is_empty() {
            return found;
        }
        found.extend(side.guessed_by_label.get(&label).into_iter().flatten());
        if item.chosen() {
            return found;
        }
        found.extend(side.chosen_by_label.get(&label).into_iter().flatten());
        for word in item.words.telling() {
            let same = side.guessed_by_word.get(word).into_iter().flatten();
            found.extend(same.filter(|id| !item.classified() || !self.items[**id].classified()));
        }
        found
    }

    /// The yearly quantity of a flow in the unit of a category.
    pub(super) fn amount(&self, item: &Item<'_>, of: &Category) -> Option<f64> {
        let quantity = item.flow.annual?;
        let own = item.guesses.first()?.0;
        if own.code == of.code {
            return Some(quantity);
        }
        convert(quantity, own, of)
    }
}

/// Brings a quantity in one category's unit to another's, by the units or by either's densities.
pub(super) fn convert(quantity: f64, from: &Category, to: &Category) -> Option<f64> {
    annual(quantity, from.unit, Period::Year, to.unit, &to.densities).or_else(|| {
        let back = annual(1.0, to.unit, Period::Year, from.unit, &from.densities)?;
        (back > 0.0).then(|| quantity / back)
    })
}

fn read_flows<'a>(facts: &'a Facts, sites: &[&Site], catalogue: &'a Catalogue) -> (Vec<Item<'a>>, usize) {
    let numbers: BTreeMap<&Key, usize> = sites
        .iter()
        .enumerate()
        .map(|(number, site)| (&site.key, number))
        .collect();
    let vocabulary = Vocabulary::of(catalogue);
    let mut orphans = 0;
    let mut items = Vec::with_capacity(facts.flows.len());
    for flow in &facts.flows {
        match numbers.get(&flow.site) {
            Some(site) => items.push(Item {
                flow,
                site: *site,
                guesses: guesses(flow, catalogue)
                    .into_iter()
                    .map(|(code, sure)| (catalogue.category(code), sure))
                    .collect(),
                words: vocabulary.read(&flow.label),
                waste_code: flow.waste_code.or_else(|| waste_code_in(&flow.label)),
            }),
            None => orphans += 1,
        }
    }
    items.sort_by(|a, b| a.flow.key.cmp(&b.flow.key));
    items.dedup_by(|a, b| a.flow.key == b.flow.key);
    (items, orphans)
}

/// A label whose only digits are a waste code: « déchet 15 01 01 ».
fn waste_code_in(label: &str) -> Option<WasteCode> {
    let digits: String = label.chars().filter(char::is_ascii_digit).collect();
    if digits.len() == 6 {
        WasteCode::find(&digits)
    } else {
        None
    }
}

/// The category a person chose, or what the label and the waste code suggest.
pub(super) fn guesses(flow: &Flow, catalogue: &Catalogue) -> Vec<(FlowCode, f64)> {
    if let Some(code) = flow.code {
        return vec![(code, 1.0)];
    }
    if !flow.guesses.is_empty() {
        return flow.guesses.clone();
    }
    classify(flow, catalogue)
}

/// Ranked categories for a label and a waste code.
pub(super) fn classify(flow: &Flow, catalogue: &Catalogue) -> Vec<(FlowCode, f64)> {
    catalogue
        .classify(&flow.label, flow.waste_code, Some(flow.direction))
        .into_iter()
        .filter(|guess| guess.confidence >= GUESS_FLOOR)
        .take(GUESSES)
        .map(|guess| (guess.code, guess.confidence.min(0.98)))
        .collect()
}

impl Side {
    fn of(items: &[Item<'_>], sites: &[&Site], direction: Direction) -> Self {
        let mut side = Self::default();
        let mut placed: BTreeMap<FlowCode, Vec<(usize, Position)>> = BTreeMap::new();
        for (id, item) in items
            .iter()
            .enumerate()
            .filter(|(_, item)| item.flow.direction == direction)
        {
            for code in item.guesses.iter().map(|(category, _)| &category.code) {
                match sites[item.site].position {
                    Some(position) => placed.entry(*code).or_default().push((id, position)),
                    None => side.markets.entry(*code).or_default().nowhere.push(id),
                }
            }
            if item.chosen() {
                side.chosen_by_label
                    .entry(item.words.identity())
                    .or_default()
                    .push(id);
                continue;
            }
            side.guessed_by_label
                .entry(item.words.identity())
                .or_default()
                .push(id);
            for word in item.words.telling() {
                side.guessed_by_word.entry(word.to_owned()).or_default().push(id);
            }
        }
        for (code, places) in placed {
            side.markets.entry(code).or_default().placed = Nearby::new(places);
        }
        side
    }
}
