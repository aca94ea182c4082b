//! The search for the partners of one flow, best first.
//!
//! All the shelves where some may be are looked at at once, always at the branch that promises most, and
//! the search stops when nothing left could enter the list of the best: so a flow is compared with the few
//! that count, not with the whole country. The other way round, it finds whose list a flow could enter.

use std::collections::BinaryHeap;

use super::bound::{Lane, Meeting, Prospect, Seeker};
use super::column::number;
use super::facts::Verdict;
use super::matching::{ranked, related};
use super::material::{self, link};
use super::prepare::{Board, Item};
use super::queue::order;
use super::scoring::Ranked;
use super::shelves::{Shelf, Shelves};
use super::tree::Within;
use crate::kernel::Direction;
use crate::nomenclature::Category;

/// How two sayings fit.
#[derive(Debug, Clone, Copy)]
struct Fit {
    out: u32,
    into: u32,
    /// How much the labels agree.
    words: f64,
    /// How well the matter fits; nothing when they have nothing to do with each other.
    link: Option<f64>,
    /// A person chose the category of the inbound flow.
    chosen: bool,
}

/// How sayings fit, remembered: the same few come back all the time.
#[derive(Debug)]
struct Fits {
    known: Vec<Fit>,
}

impl Fits {
    const SIZE: usize = 1 << 12;

    fn new() -> Self {
        let nothing = Fit {
            out: u32::MAX,
            into: u32::MAX,
            words: 0.0,
            link: None,
            chosen: false,
        };
        Self {
            known: vec![nothing; Self::SIZE],
        }
    }

    fn between(&mut self, board: &Board<'_>, out: &Item<'_>, id: usize) -> Fit {
        let into = board.said(id);
        let mixed = out.said.wrapping_mul(0x9E37_79B1) ^ into.wrapping_mul(0x85EB_CA77);
        let slot = &mut self.known[(mixed >> 7) as usize % Self::SIZE];
        if (slot.out, slot.into) != (out.said, into) {
            let other = board.item(id);
            let words = out.words.agreement(other.words);
            *slot = Fit {
                out: out.said,
                into,
                words,
                link: link(board, out, &other, words).map(|link| link.fit),
                chosen: other.chosen(),
            };
        }
        *slot
    }
}

/// A branch or a flow still to be looked at, and the most it promises: small, because each search moves
/// dozens of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Waiting {
    /// Bits of the bound, which is never negative: they order like it.
    bound: u32,
    /// A branch or a flow; nothing for a lane.
    number: u32,
    lane: u16,
    what: What,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    /// A lane still to be drawn.
    Lane,
    Branch,
    Flow,
    /// A flow whose label has been compared.
    Compared,
}

impl Waiting {
    fn bound(self) -> f64 {
        f64::from(f32::from_bits(self.bound))
    }
}

/// What a thread needs to search, kept from one flow to the next.
#[derive(Debug)]
pub(super) struct Search {
    waiting: BinaryHeap<Waiting>,
    seen: Vec<u32>,
    fits: Fits,
}

impl Search {
    pub(super) fn new() -> Self {
        Self {
            waiting: BinaryHeap::new(),
            seen: Vec::new(),
            fits: Fits::new(),
        }
    }

    /// The best inbound flows for one outbound flow, at most so many, best first.
    pub(super) fn best_for(&mut self, board: &Board<'_>, out: usize, most: usize) -> Vec<Ranked> {
        let out = board.item(out);
        let prospects = prospects(board, &out, &board.into);
        let mut best = Best {
            board,
            out,
            seeker: Seeker::of(board, &out),
            lanes: prospects.iter().map(|_| None).collect(),
            most,
            kept: Vec::with_capacity(most.min(64)),
        };
        self.waiting.clear();
        self.seen.clear();
        for id in board.underway(&out) {
            self.seen.push(number(id));
            best.take(&board.item(id), self.fits.between(board, &out, id).words, true);
        }
        for (prospect, rank) in prospects.iter().zip(0..) {
            self.wait(prospect.bound(), rank, What::Lane, 0);
        }
        while let Some(next) = self.waiting.pop() {
            if next.bound() < best.floor() {
                break;
            }
            match next.what {
                What::Lane => self.begin(&mut best, prospects[usize::from(next.lane)], next.lane),
                What::Branch => self.open(&best, (next.lane, next.number)),
                What::Flow => self.compare(&mut best, next),
                What::Compared => self.meet(&mut best, next.number),
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
        let words = self.fits.between(board, &out, into.id).words;
        ranked(board, (&out, &into), words, underway)
    }

    fn wait(&mut self, bound: f64, lane: u16, what: What, number: u32) {
        self.waiting.push(Waiting {
            bound: shortened(bound).to_bits(),
            number,
            lane,
            what,
        });
    }

    fn begin<'b>(&mut self, best: &mut Best<'b, '_>, prospect: Prospect<'b>, rank: u16) {
        let lane = Lane::new(best.board, &best.out, prospect);
        if let Some(root) = lane.tree.root() {
            let bound = lane.bound(&best.seeker, lane.tree.summary(root), best.floor());
            if let Some(bound) = bound {
                self.wait(bound, rank, What::Branch, root);
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
                        self.wait(bound, rank, What::Branch, *branch);
                    }
                }
            }
            Within::Flows(flows) => {
                for entry in flows {
                    if let Some(bound) = lane.bound_of(&best.seeker, entry, floor) {
                        self.wait(bound, rank, What::Flow, entry.id);
                    }
                }
            }
        }
    }

    /// Compares the labels, which lowers the bound, and meets the flow if it still comes first.
    fn compare(&mut self, best: &mut Best<'_, '_>, next: Waiting) {
        let id = next.number;
        if self.seen.contains(&id) {
            return;
        }
        let fit = self.fits.between(best.board, &best.out, id as usize);
        let (Some(link), Some(lane)) = (fit.link, &best.lanes[usize::from(next.lane)]) else {
            return;
        };
        let bound = lane.fitting(next.bound(), link, fit.chosen);
        if bound < best.floor() {
            return;
        }
        if self.waiting.peek().is_some_and(|other| other.bound() > bound) {
            self.wait(bound, next.lane, What::Compared, id);
        } else {
            self.meet(best, id);
        }
    }

    fn meet(&mut self, best: &mut Best<'_, '_>, id: u32) {
        let into = best.board.item(id as usize);
        if self.meets(best, &into) {
            let words = self.fits.between(best.board, &best.out, into.id).words;
            best.take(&into, words, false);
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
    most: usize,
    kept: Vec<Ranked>,
}

impl<'b> Best<'b, '_> {
    fn take(&mut self, into: &Item<'b>, words: f64, underway: bool) {
        let Some(found) = ranked(self.board, (&self.out, into), words, underway) else {
            return;
        };
        let rank = self
            .kept
            .partition_point(|kept| order(self.board, kept, &found).is_lt());
        if rank < self.most {
            self.kept.insert(rank, found);
            self.kept.truncate(self.most);
        }
    }

    /// The score from which another one may enter.
    fn floor(&self) -> f64 {
        floor(&self.kept, self.most)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "bounds leave room for the rounding"
)]
fn shortened(bound: f64) -> f32 {
    bound.max(0.0) as f32
}

/// The score from which another partner may enter a list of so many.
pub(super) fn floor(kept: &[Ranked], most: usize) -> f64 {
    if kept.len() < most {
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
