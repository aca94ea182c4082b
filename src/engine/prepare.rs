//! The facts laid out for searching: numbered, classified, indexed.
//!
//! Flows and sites are numbered in the order of their keys, so that the answer does not depend on the
//! order of the input. What repeats (labels, guesses) is read once and shared; a flow holds numbers.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};

use super::column::{Directory, Held, in_order, number};
use super::edit::Added;
use super::facts::{Cooperation, Decision, Facts, Flow, Key, Precedent, Site, Verdict};
use super::index::{arc_km, on_sphere};
use super::labels::{Dictionary, Words};
use super::learning;
use super::params::Params;
use super::shelves::Shelves;
use crate::kernel::{Direction, Period, Position, annual};
use crate::nomenclature::{Catalogue, Category, FlowCode, Rule, WasteCode};

/// Guesses below this are noise.
const GUESS_FLOOR: f64 = 0.25;
/// Guesses kept per flow.
const GUESSES: usize = 3;
/// From this confidence a guess stands for the label; below, the flow is « à classer ».
pub(super) const TRUSTED: f64 = 0.5;

/// A flow, read: a view of the columns.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item<'b> {
    pub id: usize,
    pub flow: &'b Flow,
    /// Number of its site.
    pub site: usize,
    /// Possible categories with their confidence, best first; exactly one, at 1, when a person chose.
    pub guesses: &'b [(&'b Category, f64)],
    /// Number of those guesses.
    pub reading: u32,
    pub words: &'b Words,
    /// Number of its label.
    pub label: u32,
    /// The waste code given, or written in the label.
    pub waste_code: Option<WasteCode>,
}

impl Item<'_> {
    /// Whether a person chose the category.
    pub(super) fn chosen(&self) -> bool {
        self.flow.code.is_some()
    }

    pub(super) fn classified(&self) -> bool {
        trusted(self.guesses)
    }

    /// Dangerous by what is said of it or by its waste code.
    pub(super) fn dangerous(&self) -> bool {
        self.flow.hazardous || self.waste_code.is_some_and(|code| code.hazardous())
    }
}

/// What a flow is, in numbers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Read {
    site: u32,
    label: u32,
    reading: u32,
    waste_code: Option<WasteCode>,
    /// Someone has decided about a pair of this outbound flow.
    decided: bool,
    pub(super) gone: bool,
}

/// A list of guesses that many flows share.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    pub guesses: Vec<(&'a Category, f64)>,
    /// Ranks of these categories in the catalogue.
    pub ranks: Vec<usize>,
    /// A person chose.
    pub chosen: bool,
}

impl Reading<'_> {
    pub(super) fn classified(&self) -> bool {
        trusted(&self.guesses)
    }
}

fn trusted(guesses: &[(&Category, f64)]) -> bool {
    guesses
        .first()
        .is_some_and(|(_, confidence)| *confidence >= TRUSTED)
}

/// Where a site is, ready to be compared.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// On the unit sphere.
    pub at: Option<[f64; 3]>,
    /// Number of its activity zone.
    pub zone: Option<u32>,
    /// It works with another one already.
    pub partnered: bool,
}

/// Everything a run needs, laid out.
#[derive(Debug)]
pub(super) struct Board<'a> {
    pub catalogue: &'a Catalogue,
    pub params: Cow<'a, Params>,
    pub sites: Vec<Held<'a, Site>>,
    pub(super) places: Vec<Place>,
    pub(super) flows: Vec<Held<'a, Flow>>,
    pub(super) reads: Vec<Read>,
    dictionary: Dictionary<'a>,
    readings: Readings<'a>,
    zones: BTreeMap<String, u32>,
    pub orphans: usize,
    /// Where partners of outbound flows are looked for.
    pub into: Shelves,
    /// Where those of inbound flows are, once edits are expected.
    pub out: Shelves,
    /// Numbers of what edits have added, out of the order of the keys.
    pub(super) added: Added,
    decisions: BTreeMap<Key, BTreeMap<Key, Held<'a, Decision>>>,
    /// Outbound flows by the inbound flow someone is trying to bring them to.
    underway_into: BTreeMap<Key, BTreeSet<Key>>,
    cooperations: BTreeMap<Key, BTreeSet<Key>>,
    history: BTreeMap<(FlowCode, FlowCode), (u32, u32)>,
    /// By rank of an outbound category, those of the inbound ones it may meet.
    partners: Vec<Vec<usize>>,
    /// The same, from the inbound side.
    suppliers: Vec<Vec<usize>>,
    /// By ranks of both categories, the rule that says how the one becomes the other, and its trust.
    between: Vec<Option<(&'a Rule, f64)>>,
    /// Numbers of the flows of each site.
    pub(super) by_site: Vec<Vec<u32>>,
    /// Proposals of each rule that were judged, and those found off topic.
    rules: BTreeMap<&'a str, (u32, u32)>,
    oppositions: BTreeSet<(&'a str, Option<&'a str>)>,
}

impl<'a> Board<'a> {
    pub(super) fn new(facts: &'a Facts, catalogue: &'a Catalogue, params: &'a Params) -> Self {
        let mut board = Self {
            catalogue,
            params: Cow::Borrowed(params),
            sites: Vec::new(),
            places: Vec::new(),
            flows: Vec::new(),
            reads: Vec::new(),
            dictionary: Dictionary::of(catalogue),
            readings: Readings::of(catalogue),
            zones: BTreeMap::new(),
            orphans: 0,
            into: Shelves::default(),
            out: Shelves::default(),
            added: Added::default(),
            decisions: BTreeMap::new(),
            underway_into: BTreeMap::new(),
            cooperations: cooperations(&facts.cooperations),
            history: history(&facts.history),
            partners: Vec::new(),
            suppliers: Vec::new(),
            between: Vec::new(),
            by_site: Vec::new(),
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
        board.partners = board.meetings();
        board.suppliers = turned(&board.partners);
        board.between = board.trusted_rules();
        for decision in &facts.decisions {
            board.remember(Held::Lent(decision));
        }
        for site in in_order(&facts.sites, |site| &site.key) {
            let place = board.locate(site);
            board.places.push(place);
            board.sites.push(Held::Lent(site));
            board.by_site.push(Vec::new());
        }
        board.take_flows(&facts.flows);
        let by_label = board
            .going(Direction::Outbound)
            .any(|out| !board.item(out).chosen());
        board.into = Shelves::of(&board, Direction::Inbound, by_label);
        board.added = Added::after(board.sites.len(), board.flows.len());
        board
    }

    fn take_flows(&mut self, flows: &'a [Flow]) {
        let directory = Directory::of(self.sites.iter().map(|site| &site.key));
        let flows = in_order(flows, |flow| &flow.key);
        self.flows.reserve(flows.len());
        self.reads.reserve(flows.len());
        self.readings.classify(&flows, self.catalogue);
        for flow in flows {
            match directory.find(&flow.site, |site| &self.sites[site].key) {
                Some(site) => {
                    let read = self.read(flow, number(site));
                    self.by_site[site].push(number(self.flows.len()));
                    self.reads.push(read);
                    self.flows.push(Held::Lent(flow));
                }
                None => self.orphans += 1,
            }
        }
    }

    pub(super) fn read(&mut self, flow: &Flow, site: u32) -> Read {
        Read {
            site,
            label: self.dictionary.learn(&flow.label),
            reading: self.readings.of_flow(flow, self.catalogue),
            waste_code: flow.waste_code.or_else(|| waste_code_in(&flow.label)),
            decided: self.decisions.contains_key(&flow.key),
            gone: false,
        }
    }

    pub(super) fn locate(&mut self, site: &Site) -> Place {
        let next = number(self.zones.len());
        let zone = site
            .zone
            .as_ref()
            .map(|zone| *self.zones.entry(zone.clone()).or_insert(next));
        Place {
            at: site.position.map(on_sphere),
            zone,
            partnered: self.cooperations.contains_key(&site.key),
        }
    }

    fn remember(&mut self, decision: Held<'a, Decision>) {
        let (out, into) = (decision.out_flow.clone(), decision.in_flow.clone());
        if decision.verdict == Verdict::Underway {
            self.underway_into
                .entry(into.clone())
                .or_default()
                .insert(out.clone());
        }
        self.decisions.entry(out).or_default().insert(into, decision);
    }

    /// For each outbound category, its own, those its rules name, and those accepted before.
    fn meetings(&self) -> Vec<Vec<usize>> {
        let categories = self.catalogue.categories();
        let mut partners = vec![BTreeSet::new(); categories.len()];
        for (rank, category) in categories.iter().enumerate() {
            partners[rank].insert(rank);
            for rule in self.catalogue.rules_from(category.code) {
                partners[rank].insert(self.readings.rank(rule.into));
            }
        }
        for ((out, into), (_, accepted)) in &self.history {
            if *accepted > 0 {
                partners[self.readings.rank(*out)].insert(self.readings.rank(*into));
            }
        }
        partners
            .into_iter()
            .map(|ranks| ranks.into_iter().collect())
            .collect()
    }

    fn trusted_rules(&self) -> Vec<Option<(&'a Rule, f64)>> {
        let categories = self.catalogue.categories();
        let pairs = categories
            .iter()
            .flat_map(|out| categories.iter().map(move |into| (out, into)));
        pairs
            .map(|(out, into)| {
                let rule = self.catalogue.rule(out.code, into.code)?;
                let (judged, off_topic) = self.judged(&rule.id);
                Some((rule, learning::trust(judged, off_topic)))
            })
            .collect()
    }

    pub(super) fn item(&self, id: usize) -> Item<'_> {
        let read = &self.reads[id];
        Item {
            id,
            flow: &self.flows[id],
            site: read.site as usize,
            guesses: &self.readings.lists[read.reading as usize].guesses,
            reading: read.reading,
            words: self.dictionary.words(read.label),
            label: read.label,
            waste_code: read.waste_code,
        }
    }

    /// All flows, in the order of their keys.
    pub(super) fn items(&self) -> impl Iterator<Item = Item<'_>> {
        let there = (0..self.reads.len()).filter(|id| !self.reads[*id].gone);
        there.map(|id| self.item(id))
    }

    /// The flows of one site.
    pub(super) fn of_site(&self, site: usize) -> impl Iterator<Item = Item<'_>> {
        self.by_site[site].iter().map(|id| self.item(*id as usize))
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

    /// The flows of one direction, in the order of their keys.
    pub(super) fn going(&self, direction: Direction) -> impl Iterator<Item = usize> {
        self.items()
            .filter(move |item| item.flow.direction == direction)
            .map(|item| item.id)
    }

    pub(super) fn reading(&self, number: u32) -> &Reading<'a> {
        &self.readings.lists[number as usize]
    }

    /// Ranks of the categories that one of that direction may meet.
    pub(super) fn partners(&self, direction: Direction, rank: usize) -> &[usize] {
        match direction {
            Direction::Outbound => &self.partners[rank],
            Direction::Inbound => &self.suppliers[rank],
        }
    }

    /// Rank of a category in the catalogue, where it stands.
    pub(super) fn rank(&self, category: &Category) -> usize {
        let first = self.catalogue.categories().as_ptr().addr();
        (std::ptr::from_ref(category).addr() - first) / size_of::<Category>()
    }

    /// The rule between two categories, with the trust that reviewers left it.
    pub(super) fn rule(&self, out: &Category, into: &Category) -> Option<(&Rule, f64)> {
        self.between[self.rank(out) * self.partners.len() + self.rank(into)]
    }

    pub(super) fn site(&self, item: &Item<'_>) -> &Site {
        &self.sites[item.site]
    }

    pub(super) fn place(&self, item: &Item<'_>) -> Place {
        self.places[item.site]
    }

    pub(super) fn position(&self, item: &Item<'_>) -> Option<Position> {
        self.site(item).position
    }

    /// A number that neighbours share, some kilometres wide.
    pub(super) fn cell(&self, item: &Item<'_>) -> u64 {
        let side = |turn: f64| -> u64 {
            let steps = ((turn + 180.0) * 8.0).round();
            (0..12).rev().fold(0, |found, bit| {
                found
                    | (u64::from(steps >= f64::from(1 << bit) && (steps / f64::from(1 << bit)) % 2.0 >= 1.0)
                        << (2 * bit))
            })
        };
        self.position(item)
            .map_or(0, |at| side(at.lat()) | side(at.lon()) << 1)
    }

    /// How many numbers of flows there are.
    pub(super) fn numbers(&self) -> usize {
        self.reads.len()
    }

    /// Kilometres as the crow flies.
    pub(super) fn distance(&self, one: &Item<'_>, other: &Item<'_>) -> Option<f64> {
        let (one, other) = (self.place(one).at?, self.place(other).at?);
        Some(arc_km(one, other))
    }

    pub(super) fn decision(&self, out: &Item<'_>, into: &Item<'_>) -> Option<&Decision> {
        if !self.reads[out.id].decided {
            return None;
        }
        Some(self.decisions.get(&out.flow.key)?.get(&into.flow.key)?)
    }

    /// Number of the flow of that key.
    pub(super) fn number(&self, flow: &Key) -> Option<usize> {
        self.known_number(flow).filter(|id| !self.reads[*id].gone)
    }

    /// Inbound flows someone is already trying to bring to this outbound flow.
    pub(super) fn underway(&self, out: &Item<'_>) -> Vec<usize> {
        if !self.reads[out.id].decided {
            return Vec::new();
        }
        let decisions = self.decisions.get(&out.flow.key).into_iter().flatten();
        decisions
            .filter(|(_, decision)| decision.verdict == Verdict::Underway)
            .filter_map(|(into, _)| self.number(into))
            .filter(|id| self.flows[*id].direction == Direction::Inbound)
            .collect()
    }

    /// Outbound flows that someone is trying to bring to this inbound flow.
    pub(super) fn underway_into(&self, into: usize) -> Vec<u32> {
        let outs = self
            .underway_into
            .get(&self.flows[into].key)
            .into_iter()
            .flatten();
        outs.filter_map(|out| self.number(out))
            .filter(|id| self.flows[*id].direction == Direction::Outbound)
            .map(number)
            .collect()
    }

    /// Whether a number stands for a flow that is there.
    pub(super) fn is_there(&self, id: usize) -> bool {
        !self.reads[id].gone
    }

    pub(super) fn cooperate(&self, a: &Site, b: &Site) -> bool {
        self.cooperations
            .get(&a.key)
            .is_some_and(|others| others.contains(&b.key))
    }

    /// Reviewed and accepted proposals of a pair of categories.
    pub(super) fn precedents(&self, out: FlowCode, into: FlowCode) -> (u32, u32) {
        self.history.get(&(out, into)).copied().unwrap_or_default()
    }

    /// The yearly quantity of a flow in the unit of a category.
    pub(super) fn amount(&self, item: &Item<'_>, of: &Category) -> Option<f64> {
        let quantity = item.flow.annual?;
        let own = item.guesses.first()?.0;
        if std::ptr::eq(own, of) || own.code == of.code {
            return Some(quantity);
        }
        convert(quantity, own, of)
    }
}

/// The same relation, seen from the other end.
fn turned(partners: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut suppliers = vec![Vec::new(); partners.len()];
    for (out, into) in partners.iter().enumerate() {
        for rank in into {
            suppliers[*rank].push(out);
        }
    }
    suppliers
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

/// Brings a quantity in one category's unit to another's, by the units or by either's densities.
pub(super) fn convert(quantity: f64, from: &Category, to: &Category) -> Option<f64> {
    annual(quantity, from.unit, Period::Year, to.unit, &to.densities).or_else(|| {
        let back = annual(1.0, to.unit, Period::Year, from.unit, &from.densities)?;
        (back > 0.0).then(|| quantity / back)
    })
}

/// A label whose only digits are a waste code: « déchet 15 01 01 ».
fn waste_code_in(label: &str) -> Option<WasteCode> {
    if label.bytes().filter(u8::is_ascii_digit).count() != 6 {
        return None;
    }
    let digits: String = label.chars().filter(char::is_ascii_digit).collect();
    WasteCode::find(&digits)
}

/// The category a person chose, or what the label and the waste code suggest.
pub(super) fn guesses(flow: &Flow, catalogue: &Catalogue) -> Vec<(FlowCode, f64)> {
    if let Some(code) = flow.code {
        return vec![(code, 1.0)];
    }
    if !flow.guesses.is_empty() {
        return flow.guesses.clone();
    }
    classify(&flow.label, flow.waste_code, flow.direction, catalogue)
}

/// Ranked categories for a label and a waste code.
pub(super) fn classify(
    label: &str,
    waste_code: Option<WasteCode>,
    direction: Direction,
    catalogue: &Catalogue,
) -> Vec<(FlowCode, f64)> {
    catalogue
        .classify(label, waste_code, Some(direction))
        .into_iter()
        .filter(|guess| guess.confidence >= GUESS_FLOOR)
        .take(GUESSES)
        .map(|guess| (guess.code, guess.confidence.min(0.98)))
        .collect()
}

/// What a label is classified from.
type Told = (String, Option<WasteCode>, Direction);

/// The lists of guesses of a run, each distinct one kept once and numbered.
#[derive(Debug)]
struct Readings<'a> {
    lists: Vec<Reading<'a>>,
    ranks: BTreeMap<FlowCode, usize>,
    chosen: BTreeMap<FlowCode, u32>,
    /// Confidences as their bits: texts that order.
    given: BTreeMap<Vec<(FlowCode, u64)>, u32>,
    classified: BTreeMap<Told, u32>,
}

impl<'a> Readings<'a> {
    fn of(catalogue: &'a Catalogue) -> Self {
        let ranks = catalogue.categories().iter().enumerate();
        Self {
            lists: Vec::new(),
            ranks: ranks.map(|(rank, category)| (category.code, rank)).collect(),
            chosen: BTreeMap::new(),
            given: BTreeMap::new(),
            classified: BTreeMap::new(),
        }
    }

    fn rank(&self, code: FlowCode) -> usize {
        self.ranks[&code]
    }

    /// Classifies the distinct labels of flows that need it, in parallel: it is what costs most.
    fn classify(&mut self, flows: &[&Flow], catalogue: &'a Catalogue) {
        let mut told: BTreeSet<(&str, Option<WasteCode>, Direction)> = BTreeSet::new();
        for flow in flows {
            if flow.code.is_none() && flow.guesses.is_empty() {
                told.insert((&flow.label, flow.waste_code, flow.direction));
            }
        }
        let told: Vec<_> = told.into_iter().collect();
        let lists: Vec<Vec<(FlowCode, f64)>> = told
            .par_iter()
            .map(|(label, waste_code, direction)| classify(label, *waste_code, *direction, catalogue))
            .collect();
        for ((label, waste_code, direction), list) in told.into_iter().zip(lists) {
            let number = self.of_list(&list, catalogue);
            self.classified
                .insert((label.to_owned(), waste_code, direction), number);
        }
    }

    fn of_flow(&mut self, flow: &Flow, catalogue: &'a Catalogue) -> u32 {
        if let Some(code) = flow.code {
            if let Some(known) = self.chosen.get(&code) {
                return *known;
            }
            let number = self.keep(&[(code, 1.0)], true, catalogue);
            self.chosen.insert(code, number);
            return number;
        }
        if !flow.guesses.is_empty() {
            return self.of_list(&flow.guesses, catalogue);
        }
        let told = (flow.label.clone(), flow.waste_code, flow.direction);
        if let Some(known) = self.classified.get(&told) {
            return *known;
        }
        let list = classify(&flow.label, flow.waste_code, flow.direction, catalogue);
        let number = self.of_list(&list, catalogue);
        self.classified.insert(told, number);
        number
    }

    fn of_list(&mut self, list: &[(FlowCode, f64)], catalogue: &'a Catalogue) -> u32 {
        let text: Vec<(FlowCode, u64)> = list.iter().map(|(code, sure)| (*code, sure.to_bits())).collect();
        if let Some(known) = self.given.get(&text) {
            return *known;
        }
        let number = self.keep(list, false, catalogue);
        self.given.insert(text, number);
        number
    }

    fn keep(&mut self, list: &[(FlowCode, f64)], chosen: bool, catalogue: &'a Catalogue) -> u32 {
        self.lists.push(Reading {
            guesses: list
                .iter()
                .map(|(code, sure)| (catalogue.category(*code), *sure))
                .collect(),
            ranks: list.iter().map(|(code, _)| self.rank(*code)).collect(),
            chosen,
        });
        number(self.lists.len() - 1)
    }
}
