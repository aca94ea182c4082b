//! From flows to pairs: who could meet, in what order, and which proposals enter the queue.
//!
//! A pair is tried, ranked in a few bytes, and written out with its explanation only when it is asked for.

use std::collections::BTreeSet;
use std::ops::Range;

use rayon::prelude::{IntoParallelIterator, ParallelIterator, ParallelSlice, ParallelSliceMut};

use super::column::number;
use super::economics::{self, Figure};
use super::explain;
use super::facts::Key;
use super::gates::{Closed, closed};
use super::material::{Basis, Link, link};
use super::memory;
use super::outcome::{Kind, Matched, Pair, Twin};
use super::prepare::{Board, Item};
use super::queue::{Place, learned, left_out, priority};
use super::scoring::{Ranked, Scored, score};
use super::search::{Search, linked};
use crate::kernel::Direction;

/// Flows searched by one thread before it takes others, at least and at most.
const CHUNK: [usize; 2] = [64, 4_096];
/// Partners of a flow for which room is made beforehand, at most.
const USUAL_TOP: usize = 16;

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
        None => Tried::Open(Box::new(score(board, link, (out, into), distance))),
    }
}

/// The same, only for its rank: the search tries far more pairs than anybody reads.
pub(super) fn ranked(
    board: &Board<'_>,
    (out, into): (&Item<'_>, &Item<'_>),
    words: f64,
    underway: bool,
) -> Option<Ranked> {
    let link = link(board, out, into, words)?;
    let distance = board.distance(out, into);
    if closed(board, &link, out, into, distance).is_some() {
        return None;
    }
    let scored = score(board, link, (out, into), distance);
    Some(Ranked::of(board, &scored, underway))
}

/// A pair already found worth it, with all its figures.
fn again<'a>(board: &'a Board<'_>, ranked: &Ranked) -> Option<Box<Scored<'a>>> {
    let (out, into) = (board.item(ranked.out as usize), board.item(ranked.into as usize));
    match attempt(board, &out, &into, out.words.agreement(into.words)) {
        Tried::Open(scored) => Some(scored),
        Tried::Closed(_) | Tried::Unrelated => None,
    }
}

/// Everything found: the best partners of each outbound flow, in order, and what became of them.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub ranked: Vec<Ranked>,
    pub places: Vec<Place>,
    /// Ranks of those that others join, each with one that joins it, in order.
    pub joined: Vec<(u32, u32)>,
}

impl Found {
    /// Decides what becomes of proposals, given by outbound flow in the order of the keys.
    pub(super) fn of(board: &Board<'_>, ranked: Vec<Ranked>) -> Self {
        let (places, joined) = left_out(board, &ranked);
        Self {
            ranked,
            places,
            joined,
        }
    }

    fn joining(&self, rank: usize) -> impl Iterator<Item = &Ranked> {
        let rank = number(rank);
        let first = self.joined.partition_point(|(first, _)| *first < rank);
        let joining = self.joined[first..]
            .iter()
            .take_while(move |(first, _)| *first == rank);
        joining.map(|(_, other)| &self.ranked[*other as usize])
    }
}

/// The best partners of every outbound flow, at most so many, by outbound flow.
pub(super) fn ranks(board: &Board<'_>, most: usize) -> Vec<Ranked> {
    let outs = neighbours_together(board);
    let [least, largest] = CHUNK;
    let chunks: Vec<Vec<Ranked>> = outs
        .par_chunks((outs.len() / 64).clamp(least, largest))
        .map_init(Search::new, |search, outs| {
            // At once: a list that grows leaves holes behind it, and there are millions of pairs.
            let mut found = Vec::with_capacity(outs.len() * most.min(USUAL_TOP));
            for out in outs {
                found.append(&mut search.best_for(board, *out as usize, most));
            }
            found.shrink_to_fit();
            found
        })
        .collect();
    by_flow(board, chunks)
}

/// Searches for every outbound flow, and decides what becomes of what it finds.
pub(super) fn search(board: &Board<'_>) -> Found {
    Found::of(board, ranks(board, board.params.top))
}

/// The outbound flows, those that look at the same branches after each other.
fn neighbours_together(board: &Board<'_>) -> Vec<u32> {
    let mut outs: Vec<(u32, u64, u32)> = board
        .going(Direction::Outbound)
        .map(|id| (board.reading_of(id), board.cell(board.site_of(id)), number(id)))
        .collect();
    outs.par_sort_unstable();
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

/// Writes out those that nearly enter the queue.
pub(super) fn nearly(board: &Board<'_>, found: &Found) -> Vec<Pair> {
    let ranks = (0..found.ranked.len()).filter(|rank| found.places[*rank] == Place::NearlyEnters);
    ranks.filter_map(|rank| one_written(board, found, rank)).collect()
}

/// Writes out those that enter the queue or nearly do, and those of these keys.
pub(super) fn worth_storing(board: &Board<'_>, found: &Found, known: &BTreeSet<Key>) -> Vec<Pair> {
    let key = |rank: usize| {
        let [out, into] = [found.ranked[rank].out, found.ranked[rank].into];
        pair_key(
            &board.item(out as usize).flow.key,
            &board.item(into as usize).flow.key,
        )
    };
    let wanted = |rank: &usize| match found.places[*rank] {
        Place::Enters | Place::NearlyEnters => true,
        Place::Joins | Place::Waits(_) => known.contains(&key(*rank)),
    };
    let ranks = (0..found.ranked.len()).into_par_iter().filter(wanted);
    ranks.filter_map(|rank| one_written(board, found, rank)).collect()
}

/// Writes one proposal out.
pub(super) fn one_written(board: &Board<'_>, found: &Found, rank: usize) -> Option<Pair> {
    let scored = again(board, &found.ranked[rank])?;
    let twins = found.joining(rank).filter_map(|twin| again(board, twin));
    Some(Pair {
        twins: twins.map(|twin| shown_with(board, &twin)).collect(),
        ..write(board, &scored, found.places[rank])
    })
}

/// A pair that a person chose, written out: it enters the queue by their hand.
pub(super) fn joined(board: &Board<'_>, scored: &Scored<'_>) -> Pair {
    write(board, scored, Place::Enters)
}

/// What two flows are when nothing links them.
pub(super) fn plain<'a>(out: &Item<'a>, into: &Item<'a>) -> Link<'a> {
    let category = |item: &Item<'a>| item.guesses.first().map(|(category, _)| *category);
    Link {
        basis: Basis::Precedent,
        out: category(out),
        into: category(into),
        rule: None,
        fit: 0.0,
        confidence: 0.0,
    }
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
    let works = scored.link.rule.and_then(|rule| rule.works).zip(scored.distance);
    let investment = works.map(|(works, km)| economics::investment(board, works, km));
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
        payback: investment
            .as_ref()
            .and_then(|spent| economics::payback(spent, figures)),
        investment,
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
