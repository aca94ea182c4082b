//! The facts laid out for searching: numbered, classified, indexed.
//!
//! Flows and sites are numbered in the order of their keys, so that the answer does not depend on the
//! order of the input. What repeats (labels, guesses) is read once and shared; a flow holds numbers.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};

use super::column::{Directory, Held, in_order, number};
use super::economics::Terms;
use super::edit::Added;
use super::facts::{Facts, Flow, Key, Site};
use super::index::{arc_km, on_sphere};
use super::labels::{Dictionary, Words};
use super::learning;
use super::params::Params;
use super::past::Past;
use super::readings::{Reading, Readings, Saying, Sayings, trusted, waste_code_in};
use super::shelves::Shelves;
use crate::kernel::{Direction, Period, Position, annual};
use crate::nomenclature::{Catalogue, Category, Rule, WasteCode};

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
    /// Number of all it says: its label, its guesses, its waste code.
    pub said: u32,
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
    said: u32,
    direction: Direction,
    /// Someone has decided about a pair of this outbound flow.
    pub(super) decided: bool,
    pub(super) gone: bool,
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
    sayings: Sayings,
    zones: BTreeMap<String, u32>,
    pub orphans: usize,
    /// Where partners of outbound flows are looked for.
    pub into: Shelves,
    /// Where those of inbound flows are, once edits are expected.
    pub out: Shelves,
    /// Numbers of what edits have added, out of the order of the keys.
    pub(super) added: Added,
    /// What people made of proposals and of each other.
    pub(super) past: Past<'a>,
    /// By rank of an outbound category, those of the inbound ones it may meet.
    partners: Vec<Vec<usize>>,
    /// The same, from the inbound side.
    suppliers: Vec<Vec<usize>>,
    /// By ranks of both categories, the rule that says how the one becomes the other, and its trust.
    between: Vec<Option<(&'a Rule, f64)>>,
    /// By ranks of both categories, what a pair of those that may meet is worth.
    terms: Vec<Option<Box<Terms<'a>>>>,
    /// Numbers of the flows of each site.
    pub(super) by_site: Vec<Vec<u32>>,
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
            sayings: Sayings::default(),
            zones: BTreeMap::new(),
            orphans: 0,
            into: Shelves::default(),
            out: Shelves::default(),
            added: Added::default(),
            past: Past::of(facts),
            partners: Vec::new(),
            suppliers: Vec::new(),
            between: Vec::new(),
            terms: Vec::new(),
            by_site: Vec::new(),
        };
        board.partners = board.meetings();
        board.suppliers = turned(&board.partners);
        board.between = board.trusted_rules();
        board.terms = board.all_terms();
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
        board.into = Shelves::of(&board, Direction::Inbound, by_label, &|_| 0.0);
        board.added = Added::after(board.sites.len(), board.flows.len());
        board
    }

    fn take_flows(&mut self, flows: &'a [Flow]) {
        let flows = in_order(flows, |flow| &flow.key);
        let sites: Vec<Option<u32>> = {
            let directory = Directory::of(self.sites.iter().map(|site| &site.key));
            flows.par_iter().map(|flow| directory.find(&flow.site)).collect()
        };
        self.flows.reserve(flows.len());
        self.reads.reserve(flows.len());
        self.readings.classify(&flows, self.catalogue);
        for (flow, site) in flows.into_iter().zip(sites) {
            match site {
                Some(site) => {
                    let read = self.read(flow, site);
                    self.by_site[site as usize].push(number(self.flows.len()));
                    self.reads.push(read);
                    self.flows.push(Held::Lent(flow));
                }
                None => self.orphans += 1,
            }
        }
    }

    pub(super) fn read(&mut self, flow: &Flow, site: u32) -> Read {
        let saying = Saying {
            label: self.dictionary.learn(&flow.label),
            reading: self.readings.of_flow(flow, self.catalogue),
            waste_code: flow.waste_code.or_else(|| waste_code_in(&flow.label)),
        };
        Read {
            site,
            said: self.sayings.learn(saying),
            direction: flow.direction,
            decided: self.past.decided(&flow.key),
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
            partnered: self.past.cooperates(&site.key),
        }
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
        for ((out, into), (_, accepted)) in &self.past.history {
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

    fn all_terms(&self) -> Vec<Option<Box<Terms<'a>>>> {
        let categories = self.catalogue.categories();
        let mut terms = Vec::new();
        terms.resize_with(categories.len() * categories.len(), || None);
        for (out, partners) in self.partners.iter().enumerate() {
            for into in partners {
                let rank = out * categories.len() + into;
                let rule = self.between[rank].map(|(rule, _)| rule);
                let pair = (&categories[out], &categories[*into]);
                terms[rank] = Some(Box::new(Terms::of(self.catalogue, &self.params, pair, rule)));
            }
        }
        terms
    }

    /// What a pair of categories is worth under the rule that links them.
    pub(super) fn terms(&self, (out, into): (&Category, &Category)) -> Option<&Terms<'a>> {
        self.terms[self.rank(out) * self.partners.len() + self.rank(into)].as_deref()
    }

    pub(super) fn item(&self, id: usize) -> Item<'_> {
        let read = &self.reads[id];
        let saying = self.sayings.get(read.said);
        Item {
            id,
            flow: &self.flows[id],
            site: read.site as usize,
            guesses: &self.readings.lists[saying.reading as usize].guesses,
            reading: saying.reading,
            words: self.dictionary.words(saying.label),
            said: read.said,
            waste_code: saying.waste_code,
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

    /// The flows of one direction, in the order of their keys.
    pub(super) fn going(&self, direction: Direction) -> impl Iterator<Item = usize> {
        let reads = self.reads.iter().enumerate();
        reads
            .filter(move |(_, read)| read.direction == direction && !read.gone)
            .map(|(id, _)| id)
    }

    /// The number of what a flow says.
    pub(super) fn said(&self, id: usize) -> u32 {
        self.reads[id].said
    }

    /// The number of the guesses of a flow.
    pub(super) fn reading_of(&self, id: usize) -> u32 {
        self.sayings.get(self.reads[id].said).reading
    }

    /// The number of the site of a flow.
    pub(super) fn site_of(&self, id: usize) -> usize {
        self.reads[id].site as usize
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
    pub(super) fn cell(&self, site: usize) -> u64 {
        let side = |turn: f64| -> u64 {
            let steps = ((turn + 180.0) * 8.0).round();
            (0..12).rev().fold(0, |found, bit| {
                found
                    | (u64::from(steps >= f64::from(1 << bit) && (steps / f64::from(1 << bit)) % 2.0 >= 1.0)
                        << (2 * bit))
            })
        };
        let position = self.sites[site].position;
        position.map_or(0, |at| side(at.lat()) | side(at.lon()) << 1)
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

    /// Number of the flow of that key.
    pub(super) fn number(&self, flow: &Key) -> Option<usize> {
        self.known_number(flow).filter(|id| !self.reads[*id].gone)
    }

    /// Whether a number stands for a flow that is there.
    pub(super) fn is_there(&self, id: usize) -> bool {
        !self.reads[id].gone
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

/// Brings a quantity in one category's unit to another's, by the units or by either's densities.
pub(super) fn convert(quantity: f64, from: &Category, to: &Category) -> Option<f64> {
    annual(quantity, from.unit, Period::Year, to.unit, &to.densities).or_else(|| {
        let back = annual(1.0, to.unit, Period::Year, from.unit, &from.densities)?;
        (back > 0.0).then(|| quantity / back)
    })
}
