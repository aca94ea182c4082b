//! What flows are taken for: the categories chosen or guessed, each distinct list read once and numbered.
//!
//! Thousands of flows say the same few things, and what two flows may be to each other depends only on
//! what they say: a *saying* is a label with its guesses and its waste code, under one number.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};

use super::column::number;
use super::facts::Flow;
use crate::kernel::Direction;
use crate::nomenclature::{Catalogue, Category, FlowCode, WasteCode};

/// Guesses below this are noise.
const GUESS_FLOOR: f64 = 0.25;
/// Guesses kept per flow.
const GUESSES: usize = 3;
/// From this confidence a guess stands for the label; below, the flow is « à classer ».
pub(super) const TRUSTED: f64 = 0.5;

/// What a flow says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Saying {
    /// Number of its label.
    pub label: u32,
    /// Number of its guesses.
    pub reading: u32,
    /// The waste code given, or written in the label.
    pub waste_code: Option<WasteCode>,
}

/// The distinct sayings of a run, numbered.
#[derive(Debug, Default)]
pub(super) struct Sayings {
    list: Vec<Saying>,
    numbers: BTreeMap<Saying, u32>,
}

impl Sayings {
    pub(super) fn learn(&mut self, saying: Saying) -> u32 {
        let list = &mut self.list;
        *self.numbers.entry(saying).or_insert_with(|| {
            list.push(saying);
            number(list.len() - 1)
        })
    }

    pub(super) fn get(&self, number: u32) -> Saying {
        self.list[number as usize]
    }
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

pub(super) fn trusted(guesses: &[(&Category, f64)]) -> bool {
    guesses
        .first()
        .is_some_and(|(_, confidence)| *confidence >= TRUSTED)
}

/// A label whose only digits are a waste code: « déchet 15 01 01 ».
pub(super) fn waste_code_in(label: &str) -> Option<WasteCode> {
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
pub(super) struct Readings<'a> {
    pub lists: Vec<Reading<'a>>,
    ranks: BTreeMap<FlowCode, usize>,
    chosen: BTreeMap<FlowCode, u32>,
    /// Confidences as their bits: texts that order.
    given: BTreeMap<Vec<(FlowCode, u64)>, u32>,
    classified: BTreeMap<Told, u32>,
}

impl<'a> Readings<'a> {
    pub(super) fn of(catalogue: &'a Catalogue) -> Self {
        let ranks = catalogue.categories().iter().enumerate();
        Self {
            lists: Vec::new(),
            ranks: ranks.map(|(rank, category)| (category.code, rank)).collect(),
            chosen: BTreeMap::new(),
            given: BTreeMap::new(),
            classified: BTreeMap::new(),
        }
    }

    pub(super) fn rank(&self, code: FlowCode) -> usize {
        self.ranks[&code]
    }

    /// Classifies the distinct labels of flows that need it, in parallel: it is what costs most.
    pub(super) fn classify(&mut self, flows: &[&Flow], catalogue: &'a Catalogue) {
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

    pub(super) fn of_flow(&mut self, flow: &Flow, catalogue: &'a Catalogue) -> u32 {
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
