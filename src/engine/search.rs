//! The search for the partners of one flow, best first.
//!
//! All the shelves where some may be are looked at at once, always at the branch that promises most, and
//! the search stops when nothing left could enter the list of the best: so a flow is compared with the few
//! that count, not with the whole country. The other way round, it finds whose list a flow could enter.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::bound::{Lane, Meeting, Prospect, Seeker};
use super::column::number;
use super::facts::Verdict;
use super::matching::{Tried, attempt, attempt_linked, related};
use super::material::{self, Link, link};
use super::prepare::{Board, Item};
use super::queue::order;
use super::scoring::Ranked;
use super::shelves::{Shelf, Shelves};
use super::tree::Within;
use crate::kernel::Direction;
use crate::nomenclature::Category;

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
    /// A lane still to be drawn.
    Lane,
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
        let prospects = prospects(board, &out, &board.into);
        let mut best = Best {
            board,
            out,
            seeker: Seeker::of(board, &out),
            lanes: prospects.iter().map(|_| None).collect(),
            kept: Vec::with_capacity(board.params.top.min(64)),
        };
        self.waiting.clear();
        self.seen.clear();
        for id in board.underway(&out) {
            self.seen.push(number(id));
            let into = board.item(id);
            best.take(&into, self.agreements.between(&out, &into), true);
        }
        for (prospect, rank) in prospects.iter().zip(0..) {
            self.wait(prospect.bound(), rank, What::Lane);
        }
        while let Some(next) = self.waiting.pop() {
            if next.bound < best.floor() {
                break;
            }
            match next.what {
                What::Lane => self.begin(&mut best, prospects[usize::from(next.lane)], next.lane),
                What::Branch(node) => self.open(&best, (next.lane, node)),
                What::Flow(id) => self.compare(&mut best, next, id),
                What::Compared(id) => self.meet(&mut best, id),
            }
        }
        best.kept
    }

    /// The outbound flows of which this inbound one could enter the list, or is in it.
    pub(super) fn takers(&mut self, board: &Board<'_>, into: usize) -> Vec<u32> {
        let into = board.item(into);
        let seeker = Seeker::of(board, &into);
        let mut found = Vec::new();
        let mut to_see = Vec::new();
        for prospect in prospects(board, &into, &board.out) {
            let lane = Lane::new(board, &into, prospect);
            to_see.extend(lane.tree.root());
            while let Some(node) = to_see.pop() {
                match lane.tree.within(node) {
                    Within::Branches(branches) => {
                        to_see.extend(branches.iter().filter(|branch| {
                            let summary = lane.tree.summary(**branch);
                            lane.bound(&seeker, summary, f64::from(summary.floor)).is_some()
                        }));
                    }
                    Within::Flows(flows) => found.extend(
                        flows
                            .iter()
                            .filter(|entry| lane.bound_of(&seeker, entry, f64::from(entry.floor)).is_some())
                            .map(|entry| entry.id),
                    ),
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// How an outbound flow would rank an inbound one, if it may meet it.
    pub(super) fn rank(&mut self, board: &Board<'_>, out: usize, into: usize) -> Option<Ranked> {
        let (out, into) = (board.item(out), board.item(into));
        let underway = board
            .decision(&out, &into)
            .is_some_and(|decision| decision.verdict == Verdict::Underway);
        if !underway && !related(board, &out, &into) {
            return None;
        }
        match attempt(board, &out, &into, self.agreements.between(&out, &into)) {
            Tried::Open(scored) => Some(Ranked::of(board, &scored, underway)),
            Tried::Closed(_) | Tried::Unrelated => None,
        }
    }

    fn wait(&mut self, bound: f64, lane: u16, what: What) {
        self.waiting.push(Waiting { bound, lane, what });
    }

    fn begin<'b>(&mut self, best: &mut Best<'b, '_>, prospect: Prospect<'b>, rank: u16) {
        let lane = Lane::new(best.board, &best.out, prospect);
        if let Some(root) = lane.tree.root() {
            let bound = lane.bound(&best.seeker, lane.tree.summary(root), best.floor());
            if let Some(bound) = bound {
                self.wait(bound, rank, What::Branch(root));
            }
        }
        best.lanes[usize::from(rank)] = Some(lane);
    }

    fn open(&mut self, best: &Best<'_, '_>, (rank, node): (u16, u32)) {
        let Some(lane) = &best.lanes[usize::from(rank)] else {
            return;
        };
        let floor = best.floor();
        match lane.tree.within(node) {
            Within::Branches(branches) => {
                for branch in branches {
                    if let Some(bound) = lane.bound(&best.seeker, lane.tree.summary(*branch), floor) {
                        self.wait(bound, rank, What::Branch(*branch));
                    }
                }
            }
            Within::Flows(flows) => {
                for entry in flows {
                    if let Some(bound) = lane.bound_of(&best.seeker, entry, floor) {
                        self.wait(bound, rank, What::Flow(entry.id));
                    }
                }
            }
        }
    }

    /// Compares the labels, which lowers the bound, and meets the flow if it still comes first.
    fn compare(&mut self, best: &mut Best<'_, '_>, next: Waiting, id: u32) {
        if self.seen.contains(&id) {
            return;
        }
        let into = best.board.item(id as usize);
        let words = self.agreements.between(&best.out, &into);
        let found = link(best.board, &best.out, &into, words);
        let (Some(link), Some(lane)) = (found, &best.lanes[usize::from(next.lane)]) else {
            return;
        };
        let bound = lane.fitting(next.bound, link.fit, into.chosen());
        if bound < best.floor() {
            return;
        }
        if self.waiting.peek().is_some_and(|other| other.bound > bound) {
            self.wait(bound, next.lane, What::Compared(id));
        } else if self.meets(best, &into) {
            best.take_linked(&into, link, false);
        }
    }

    fn meet(&mut self, best: &mut Best<'_, '_>, id: u32) {
        let into = best.board.item(id as usize);
        if self.meets(best, &into) {
            best.take(&into, self.agreements.between(&best.out, &into), false);
        }
    }

    /// Once each: a flow that nobody classified stands on several shelves.
    fn meets(&mut self, best: &Best<'_, '_>, into: &Item<'_>) -> bool {
        if into.chosen() && best.out.chosen() {
            return true;
        }
        let id = number(into.id);
        let is_new = !self.seen.contains(&id);
        if is_new {
            self.seen.push(id);
        }
        is_new
    }
}

/// The best partners found so far for one outbound flow.
struct Best<'b, 'a> {
    board: &'b Board<'a>,
    out: Item<'b>,
    seeker: Seeker,
    lanes: Vec<Option<Lane<'b>>>,
    kept: Vec<Ranked>,
}

impl<'b> Best<'b, '_> {
    fn take(&mut self, into: &Item<'b>, words: f64, underway: bool) {
        if let Some(link) = link(self.board, &self.out, into, words) {
            self.take_linked(into, link, underway);
        }
    }

    fn take_linked(&mut self, into: &Item<'b>, link: Link<'b>, underway: bool) {
        let Tried::Open(found) = attempt_linked(self.board, &self.out, into, link) else {
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

/// Every shelf where partners of a flow may be, as it sees them.
fn prospects<'b>(board: &'b Board<'_>, item: &Item<'b>, shelves: &'b Shelves) -> Vec<Prospect<'b>> {
    let outbound = item.flow.direction == Direction::Outbound;
    let placed = board.place(item).at.is_some();
    let mut found = Vec::with_capacity(16);
    let mut add =
        |shelf: &'b Shelf, own: Option<&'b Category>, other: Option<&'b Category>, sure, by_label| {
            let (out, into) = if outbound { (own, other) } else { (other, own) };
            let meeting = Meeting {
                out,
                into,
                sure,
                by_label,
            };
            for (tree, placed) in [(&shelf.placed, placed), (&shelf.nowhere, false)] {
                if !tree.is_empty() {
                    found.extend(Prospect::new(board, item, meeting, tree, placed));
                }
            }
        };
    let categories = board.catalogue.categories();
    for (rank, (own, sure)) in board.reading(item.reading).ranks.iter().zip(item.guesses) {
        for other in board.partners(item.flow.direction, *rank) {
            add(
                shelves.category(*other),
                Some(own),
                Some(&categories[*other]),
                *sure,
                None,
            );
        }
    }
    for (shelf, reading, fit) in said_alike(board, item, shelves) {
        let first = |guesses: &'b [(&'b Category, f64)]| guesses.first().map(|(category, _)| *category);
        let other = first(&board.reading(reading).guesses);
        add(shelf, first(item.guesses), other, 1.0, Some(fit));
    }
    found
}

/// The shelves that only words bring together with a flow, with the most that these words are worth.
fn said_alike<'b>(board: &Board<'_>, item: &Item<'_>, shelves: &'b Shelves) -> Vec<(&'b Shelf, u32, f64)> {
    let [close, same] = material::BY_LABEL;
    // What a category brings is on its shelf.
    let apart = |reading: u32| match item.flow.direction {
        Direction::Outbound => !linked(board, item.reading, reading),
        Direction::Inbound => !linked(board, reading, item.reading),
    };
    let labels = item
        .words
        .identity
        .into_iter()
        .flat_map(|identity| shelves.labels(identity));
    let mut found: Vec<(&Shelf, u32, f64)> = labels
        .filter(|(reading, _)| !(item.chosen() && board.reading(*reading).chosen) && apart(*reading))
        .map(|(reading, shelf)| (shelf, reading, same))
        .collect();
    if !item.chosen() {
        let words = item.words.telling.iter().flat_map(|stem| shelves.words(*stem));
        let words = words.filter(|(reading, _)| {
            !(item.classified() && board.reading(*reading).classified()) && apart(*reading)
        });
        found.extend(words.map(|(reading, shelf)| (shelf, reading, close)));
    }
    found
}

/// Whether some category of the one may meet some category of the other.
pub(super) fn linked(board: &Board<'_>, out: u32, into: u32) -> bool {
    let into = &board.reading(into).ranks;
    let met = |rank: &usize| {
        board
            .partners(Direction::Outbound, *rank)
            .iter()
            .any(|partner| into.contains(partner))
    };
    board.reading(out).ranks.iter().any(met)
}

#[cfg(test)]
mod tests;
