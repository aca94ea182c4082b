//! From flows to pairs: who could meet, in what order, and which proposals enter the queue.
//!
//! The search for the partners of one flow looks at all the shelves where some may be at once, always
//! at the branch that promises most, and stops when nothing left could enter the list of the best: so
//! a flow is compared with the few that count, not with the whole country.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::ops::Range;

use rayon::prelude::{IntoParallelIterator, ParallelIterator, ParallelSlice};

use super::bound::{Lane, Meeting, Seeker};
use super::column::number;
use super::economics::Figure;
use super::explain;
use super::facts::Key;
use super::gates::{Closed, closed};
use super::material::{self, link};
use super::memory;
use super::outcome::{Kind, Matched, Pair, Twin};
use super::prepare::{Board, Item};
use super::queue::{Place, learned, left_out, order, priority};
use super::scoring::{Ranked, Scored, score};
use super::shelves::Shelf;
use super::tree::Within;
use crate::kernel::Direction;

/// Flows searched by one thread before it takes others.
const CHUNK: usize = 256;

/// What became of a candidate.
pub(super) enum Tried<'a> {
    Open(Box<Scored<'a>>),
    Closed(Closed<'a>),
    Unrelated,
}

/// Tries a pair whose labels agree that much.
pub(super) fn attempt<'a>(board: &'a Board<'_>, out: &Item<'a>, into: &Item<'a>, words: f64) -> Tried<'a> {
    let Some(link) = link(board, out, into, words) else {
        return Tried::Unrelated;
    };
    let distance = board.distance(out, into);
    match closed(board, &link, out, into, distance) {
        Some(gate) => Tried::Closed(gate),
        None => Tried::Open(Box::new(score(board, link, (out.id, into.id), distance))),
    }
}

/// A pair already found worth it, with all its figures.
fn again<'a>(board: &'a Board<'_>, ranked: &Ranked) -> Option<Box<Scored<'a>>> {
    let (out, into) = (board.item(ranked.out as usize), board.item(ranked.into as usize));
    match attempt(board, &out, &into, out.words.agreement(into.words)) {
        Tried::Open(scored) => Some(scored),
        Tried::Closed(_) | Tried::Unrelated => None,
    }
}

/// How much labels agree, remembered: the same few labels come back all the time.
#[derive(Debug)]
struct Agreements {
    known: Vec<(u32, u32, f64)>,
}

impl Agreements {
    const SIZE: usize = 1 << 13;

    fn new() -> Self {
        Self {
            known: vec![(u32::MAX, u32::MAX, 0.0); Self::SIZE],
        }
    }

    fn between(&mut self, one: &Item<'_>, other: &Item<'_>) -> f64 {
        let mixed = one.label.wrapping_mul(0x9E37_79B1) ^ other.label.wrapping_mul(0x85EB_CA77);
        let slot = &mut self.known[(mixed >> 7) as usize % Self::SIZE];
        if (slot.0, slot.1) != (one.label, other.label) {
            *slot = (one.label, other.label, one.words.agreement(other.words));
        }
        slot.2
    }
}

/// A branch or a flow still to be looked at, and the most it promises.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    bound: f64,
    lane: u16,
    what: What,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Branch(u32),
    Flow(u32),
    /// A flow whose label has been compared.
    Compared(u32),
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        self.bound
            .total_cmp(&other.bound)
            .then(self.what.cmp(&other.what))
    }
}

/// What a thread needs to search, kept from one flow to the next.
#[derive(Debug)]
pub(super) struct Search {
    waiting: BinaryHeap<Waiting>,
    seen: Vec<u32>,
    agreements: Agreements,
}

impl Search {
    pub(super) fn new() -> Self {
        Self {
            waiting: BinaryHeap::new(),
            seen: Vec::new(),
            agreements: Agreements::new(),
        }
    }

    /// The best inbound flows for one outbound flow, best first.
    pub(super) fn best_for(&mut self, board: &Board<'_>, out: usize) -> Vec<Ranked> {
        let out = board.item(out);
        let seeker = Seeker::of(board, &out);
        let lanes = lanes(board, &out);
        let mut best = Best {
            board,
            out,
            kept: Vec::with_capacity(board.params.top.min(64)),
        };
        self.waiting.clear();
        self.seen.clear();
        for id in board.underway(&out) {
            self.seen.push(number(id));
            let into = board.item(id);
            best.take(&into, self.agreements.between(&out, &into), true);
        }
        for (lane, rank) in lanes.iter().zip(0..) {
            let root = lane.tree.root().map(|root| (root, lane.tree.summary(root)));
            if let Some((root, Some(bound))) = root.map(|(root, whole)| (root, lane.bound(&seeker, whole))) {
                self.wait(bound, rank, What::Branch(root));
            }
        }
        while let Some(next) = self.waiting.pop() {
            if next.bound < best.floor() {
                break;
            }
            self.look(&mut best, &lanes, &seeker, next);
        }
        best.kept
    }

    fn wait(&mut self, bound: f64, lane: u16, what: What) {
        self.waiting.push(Waiting { bound, lane, what });
    }

    fn look(&mut self, best: &mut Best<'_, '_>, lanes: &[Lane<'_>], seeker: &Seeker, next: Waiting) {
        let lane = &lanes[usize::from(next.lane)];
        match next.what {
            What::Branch(node) => self.open(best.floor(), lane, seeker, (next.lane, node)),
            What::Flow(id) => {
                let into = best.board.item(id as usize);
                if self.seen.contains(&id) {
                    return;
                }
                let words = self.agreements.between(&best.out, &into);
                let Some(found) = link(best.board, &best.out, &into, words) else {
                    return;
                };
                let bound = lane.fitting(next.bound, found.fit, into.chosen());
                if bound < best.floor() {
                    return;
                }
                if self.waiting.peek().is_some_and(|other| other.bound > bound) {
                    self.wait(bound, next.lane, What::Compared(id));
                } else {
                    self.meet(best, id, words);
                }
            }
            What::Compared(id) => {
                let words = self.agreements.between(&best.out, &best.board.item(id as usize));
                self.meet(best, id, words);
            }
        }
    }

    fn meet(&mut self, best: &mut Best<'_, '_>, id: u32, words: f64) {
        let into = best.board.item(id as usize);
        // A flow that nobody classified stands on several shelves.
        if !into.chosen() || !best.out.chosen() {
            if self.seen.contains(&id) {
                return;
            }
            self.seen.push(id);
        }
        best.take(&into, words, false);
    }

    fn open(&mut self, floor: f64, lane: &Lane<'_>, seeker: &Seeker, (rank, node): (u16, u32)) {
        match lane.tree.within(node) {
            Within::Branches(branches) => {
                for branch in branches {
                    if let Some(bound) = lane.bound(seeker, lane.tree.summary(*branch))
                        && bound >= floor
                    {
                        self.wait(bound, rank, What::Branch(*branch));
                    }
                }
            }
            Within::Flows(flows) => {
                for entry in flows {
                    if let Some(bound) = lane.bound_of(seeker, entry)
                        && bound >= floor
                    {
                        self.wait(bound, rank, What::Flow(entry.id));
                    }
                }
            }
        }
    }
}

/// The best partners found so far for one outbound flow.
struct Best<'b, 'a> {
    board: &'b Board<'a>,
    out: Item<'b>,
    kept: Vec<Ranked>,
}

impl Best<'_, '_> {
    fn take(&mut self, into: &Item<'_>, words: f64, underway: bool) {
        let Tried::Open(found) = attempt(self.board, &self.out, into, words) else {
            return;
        };
        let found = Ranked::of(self.board, &found, underway);
        let rank = self
            .kept
            .partition_point(|kept| order(self.board, kept, &found).is_lt());
        if rank < self.board.params.top {
            self.kept.insert(rank, found);
            self.kept.truncate(self.board.params.top);
        }
    }

    /// The score from which another one may enter.
    fn floor(&self) -> f64 {
        floor(self.board, &self.kept)
    }
}

/// The score from which another partner may enter a list.
pub(super) fn floor(board: &Board<'_>, kept: &[Ranked]) -> f64 {
    if kept.len() < board.params.top {
        return 0.0;
    }
    match kept.last() {
        Some(last) if !last.underway() => last.score(),
        Some(_) | None => f64::INFINITY,
    }
}

/// Every shelf where partners of an outbound flow may be, as it sees them.
fn lanes<'b>(board: &'b Board<'_>, out: &Item<'b>) -> Vec<Lane<'b>> {
    let mut lanes = Vec::new();
    let mut add = |shelf: &'b Shelf, meeting: Meeting<'b>| {
        let placed = board.place(out).at.is_some();
        for (tree, placed) in [(&shelf.placed, placed), (&shelf.nowhere, false)] {
            if !tree.is_empty() {
                lanes.extend(Lane::new(board, out, meeting, tree, placed));
            }
        }
    };
    let categories = board.catalogue.categories();
    for (rank, (category, sure)) in board.reading(out.reading).ranks.iter().zip(out.guesses) {
        for into in board.partners(*rank) {
            let meeting = Meeting {
                out: Some(category),
                into: Some(&categories[*into]),
                sure: *sure,
                by_label: None,
            };
            add(board.into.category(*into), meeting);
        }
    }
    let [close, same] = material::BY_LABEL;
    let mut by_label = |reading: u32, shelf: &'b Shelf, fit: f64| {
        let meeting = Meeting {
            out: out.guesses.first().map(|(category, _)| *category),
            into: board
                .reading(reading)
                .guesses
                .first()
                .map(|(category, _)| *category),
            sure: 1.0,
            by_label: Some(fit),
        };
        // What a category brings is on its shelf.
        if !linked(board, out.reading, reading) {
            add(shelf, meeting);
        }
    };
    if let Some(identity) = out.words.identity {
        for (reading, shelf) in board.into.labels(identity) {
            if !(out.chosen() && board.reading(reading).chosen) {
                by_label(reading, shelf, same);
            }
        }
    }
    if !out.chosen() {
        for stem in &out.words.telling {
            for (reading, shelf) in board.into.words(*stem) {
                if !(out.classified() && board.reading(reading).classified()) {
                    by_label(reading, shelf, close);
                }
            }
        }
    }
    lanes
}

/// Whether some category of the one may meet some category of the other.
fn linked(board: &Board<'_>, out: u32, into: u32) -> bool {
    let into = &board.reading(into).ranks;
    let met = |rank: &usize| board.partners(*rank).iter().any(|partner| into.contains(partner));
    board.reading(out).ranks.iter().any(met)
}

/// Everything found: the best partners of each outbound flow, in order, and what became of them.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub ranked: Vec<Ranked>,
    pub places: Vec<Place>,
    /// Ranks of those that others join, with those that join them.
    joined: BTreeMap<u32, Vec<u32>>,
}

/// Searches for every outbound flow.
pub(super) fn search(board: &Board<'_>) -> Found {
    let outs = neighbours_together(board);
    let chunks: Vec<Vec<Ranked>> = outs
        .par_chunks(CHUNK)
        .map_init(Search::new, |search, outs| {
            let found = outs.iter().map(|out| search.best_for(board, *out as usize));
            found.collect::<Vec<_>>().concat()
        })
        .collect();
    let ranked = by_flow(board, chunks);
    let places = left_out(board, &ranked);
    let mut joined: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (rank, place) in (0..).zip(&places) {
        if let Place::Joins(first) = place {
            joined.entry(*first).or_default().push(rank);
        }
    }
    Found {
        ranked,
        places,
        joined,
    }
}

/// The outbound flows, those that look at the same branches after each other.
fn neighbours_together(board: &Board<'_>) -> Vec<u32> {
    let mut outs: Vec<(u32, u64, u32)> = board
        .items()
        .filter(|item| item.flow.direction == Direction::Outbound)
        .map(|item| (item.reading, board.cell(&item), number(item.id)))
        .collect();
    outs.sort_unstable();
    outs.into_iter().map(|(_, _, id)| id).collect()
}

/// Puts the lists in the order of their flows, each as it is.
fn by_flow(board: &Board<'_>, chunks: Vec<Vec<Ranked>>) -> Vec<Ranked> {
    let mut starts = vec![0_u32; board.numbers() + 1];
    for ranked in chunks.iter().flatten() {
        starts[ranked.out as usize + 1] += 1;
    }
    for rank in 1..starts.len() {
        starts[rank] += starts[rank - 1];
    }
    let Some(any) = chunks.iter().flatten().next() else {
        return Vec::new();
    };
    let mut ordered = vec![*any; chunks.iter().map(Vec::len).sum()];
    for ranked in chunks.into_iter().flatten() {
        let place = &mut starts[ranked.out as usize];
        ordered[*place as usize] = ranked;
        *place += 1;
    }
    ordered
}

/// Writes proposals out, each with its explanation.
pub(super) fn written(board: &Board<'_>, found: &Found, ranks: Range<usize>) -> Vec<Pair> {
    ranks
        .into_par_iter()
        .filter_map(|rank| one_written(board, found, rank))
        .collect()
}

/// Writes out those that touch some sites.
pub(super) fn touching(board: &Board<'_>, found: &Found, sites: &BTreeSet<Key>) -> Vec<Pair> {
    let here = |flow: u32| sites.contains(&board.item(flow as usize).flow.site);
    let ranks = (0..found.ranked.len()).filter(|rank| {
        let pair = &found.ranked[*rank];
        here(pair.out) || here(pair.into)
    });
    ranks.filter_map(|rank| one_written(board, found, rank)).collect()
}

/// Writes one proposal out.
pub(super) fn one_written(board: &Board<'_>, found: &Found, rank: usize) -> Option<Pair> {
    let scored = again(board, &found.ranked[rank])?;
    let joined = found.joined.get(&number(rank)).into_iter().flatten();
    let twins = joined.filter_map(|twin| again(board, &found.ranked[*twin as usize]));
    Some(Pair {
        twins: twins.map(|twin| shown_with(board, &twin)).collect(),
        ..write(board, &scored, found.places[rank])
    })
}

fn shown_with(board: &Board<'_>, scored: &Scored<'_>) -> Twin {
    let (out, into) = (board.item(scored.out), board.item(scored.into));
    Twin {
        out_flow: out.flow.key.clone(),
        in_flow: into.flow.key.clone(),
        score: scored.score,
        matched: scored.figures.matched.map(Matched::rounded),
        fingerprint: memory::fingerprint(board, &scored.link, &out, &into),
    }
}

fn write(board: &Board<'_>, scored: &Scored<'_>, place: Place) -> Pair {
    let (out, into) = (&board.item(scored.out), &board.item(scored.into));
    let figures = &scored.figures;
    let left_out = place.sentence(&board.params);
    Pair {
        key: pair_key(&out.flow.key, &into.flow.key),
        kind: kind(scored),
        out_flow: out.flow.key.clone(),
        in_flow: into.flow.key.clone(),
        out_site: out.flow.site.clone(),
        in_site: into.flow.site.clone(),
        out_code: scored.link.out.map(|category| category.code),
        in_code: scored.link.into.map(|category| category.code),
        score: scored.score,
        confidence: scored.confidence,
        priority: priority(board, scored),
        retained: left_out.is_none(),
        left_out,
        nearly: place == Place::NearlyEnters,
        exploration: false,
        twins: Vec::new(),
        learned: learned(board, scored),
        distance_km: scored.distance,
        break_even_km: figures.break_even_km,
        matched: figures.matched,
        giver_gain: figures.giver.map(Figure::written),
        receiver_gain: figures.receiver.map(Figure::written),
        tco2e: figures.tco2e.map(Figure::written),
        rule: scored.link.rule.map(|rule| rule.id.clone()),
        explanation: explain::explain(board, scored),
        fingerprint: memory::fingerprint(board, &scored.link, out, into),
    }
    .rounded()
}

/// The key of the pair of two flows.
#[must_use]
pub fn pair_key(out_flow: &Key, in_flow: &Key) -> Key {
    Key::new(format!("{out_flow}>{in_flow}"))
}

/// An offer of a resource that is lent, not consumed, is a sharing.
fn kind(scored: &Scored<'_>) -> Kind {
    match scored.link.out.or(scored.link.into) {
        Some(category) if category.modes.sharing && !category.modes.substitution => Kind::Sharing,
        Some(_) | None => Kind::Substitution,
    }
}

/// Whether two flows are worth comparing: a category, a label or a word brings them together.
pub(super) fn related(board: &Board<'_>, out: &Item<'_>, into: &Item<'_>) -> bool {
    let chosen = [out, into].map(Item::chosen);
    let said = out.words.identity.is_some() && out.words.identity == into.words.identity;
    let word = || {
        out.words
            .telling
            .iter()
            .any(|stem| into.words.telling.contains(stem))
    };
    linked(board, out.reading, into.reading)
        || said && chosen != [true, true]
        || chosen == [false, false] && !(out.classified() && into.classified()) && word()
}

#[cfg(test)]
mod tests;
