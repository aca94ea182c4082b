//! From flows to pairs: who could meet, in what order, and which proposals enter the queue.
//!
//! Partners are visited from the nearest outwards, category by category, until none could still enter
//! the list of the best; so a flow is compared with its surroundings, not with the whole country.

use std::collections::{BTreeMap, BTreeSet};

use super::economics::Figure;
use super::explain;
use super::facts::Key;
use super::gates::{Closed, closed};
use super::material::{self, link, partners, reach};
use super::memory;
use super::outcome::{Kind, Matched, Pair, Twin};
use super::prepare::{Board, Item, Market};
use super::queue::{Place, learned, left_out, order, priority};
use super::scoring::{Scored, bound, score};
use crate::kernel::Direction;
use crate::nomenclature::FlowCode;

/// What became of a candidate.
pub(super) enum Tried<'a> {
    Open(Box<Scored<'a>>),
    Closed(Closed<'a>),
    Outscored,
    Unrelated,
}

/// Tries a pair; `floor` is the score under which it is of no interest.
pub(super) fn attempt<'a>(board: &Board<'a>, out_id: usize, in_id: usize, floor: f64) -> Tried<'a> {
    let (out, into) = (&board.items[out_id], &board.items[in_id]);
    let places = board.position(out).zip(board.position(into));
    let distance = places.map(|(a, b)| a.distance_km(b));
    let best_case = material::best_case(board, out, into);
    if let Some(link) = best_case {
        if let Some(gate) = closed(board, &link, out, into, distance) {
            return Tried::Closed(gate);
        }
        let scored = score(board, link, (out_id, in_id), distance);
        if scored.score < floor {
            return Tried::Outscored;
        }
    }
    let Some(link) = link(board, out, into) else {
        return Tried::Unrelated;
    };
    match closed(board, &link, out, into, distance) {
        Some(gate) => Tried::Closed(gate),
        None => Tried::Open(Box::new(score(board, link, (out_id, in_id), distance))),
    }
}

/// The best partners found so far for one outbound flow.
struct Best<'b, 'a> {
    board: &'b Board<'a>,
    out: usize,
    kept: Vec<Scored<'a>>,
    seen: BTreeSet<usize>,
}

impl<'a> Best<'_, 'a> {
    fn visit(&mut self, in_id: usize) {
        if !self.seen.insert(in_id) {
            return;
        }
        let full = self.kept.len() >= self.board.params.top;
        let floor = self.kept.last().filter(|_| full).map_or(0.0, |worst| worst.score);
        let Tried::Open(found) = attempt(self.board, self.out, in_id, floor) else {
            return;
        };
        let rank = self
            .kept
            .partition_point(|kept| order(self.board, kept, &found).is_lt());
        if rank < self.board.params.top {
            self.kept.insert(rank, *found);
            self.kept.truncate(self.board.params.top);
        }
    }

    /// Whether no pair of at most this score can enter any more.
    fn closed_to(&self, score: f64) -> bool {
        self.kept.len() >= self.board.params.top && self.kept.last().is_some_and(|worst| worst.score > score)
    }

    fn walk(&mut self, market: &Market, (code, fit): (FlowCode, f64)) {
        let out = &self.board.items[self.out];
        for id in &market.nowhere {
            self.visit(*id);
        }
        let Some(from) = self.board.position(out) else {
            // Without a position every partner is equally far: the whole market is looked at.
            for (id, _) in market.placed.all() {
                self.visit(id);
            }
            return;
        };
        let reach = reach(self.board, Some(self.board.catalogue.category(code)), out);
        for (id, distance) in market.placed.nearest(from) {
            if distance > reach.max_km + 1e-6
                || self.closed_to(bound(self.board.params, fit, reach, distance))
            {
                break;
            }
            self.visit(id);
        }
    }
}

/// The best inbound flows for one outbound flow, best first.
fn best_for<'a>(board: &Board<'a>, out_id: usize) -> Vec<Scored<'a>> {
    let out = &board.items[out_id];
    let mut best = Best {
        board,
        out: out_id,
        kept: Vec::new(),
        seen: BTreeSet::new(),
    };
    for id in board.underway(out) {
        best.visit(id);
    }
    for id in board.alike(out, Direction::Inbound) {
        best.visit(id);
    }
    for (code, into, fit) in partners(board, out) {
        if let Some(market) = board.side(Direction::Inbound).markets.get(&into) {
            best.walk(market, (code, fit));
        }
    }
    best.kept
}

/// All pairs, by outbound flow.
pub(super) fn pairs(board: &Board<'_>) -> Vec<Pair> {
    let found: Vec<Scored<'_>> = board
        .going(Direction::Outbound)
        .flat_map(|id| best_for(board, id))
        .collect();
    finish(board, &found, |_| true)
}

/// The pairs that touch some sites: what [`pairs`] would say of them.
pub(super) fn pairs_touching(board: &Board<'_>, sites: &BTreeSet<Key>) -> Vec<Pair> {
    let here = |id: usize| sites.contains(&board.site(&board.items[id]).key);
    let mut outs: BTreeSet<usize> = board.going(Direction::Outbound).filter(|id| here(*id)).collect();
    for into in board.going(Direction::Inbound).filter(|id| here(*id)) {
        outs.extend(suppliers(board, into));
    }
    let near: Vec<Scored<'_>> = outs.iter().flat_map(|id| best_for(board, *id)).collect();
    // The caps compare a proposal with the others of both its sites: these are needed as well.
    let mut around: BTreeSet<usize> = BTreeSet::new();
    for pair in near.iter().filter(|pair| here(pair.out) || here(pair.into)) {
        around.insert(board.items[pair.out].site);
        around.insert(board.items[pair.into].site);
    }
    let mut all = outs;
    for (id, item) in board
        .items
        .iter()
        .enumerate()
        .filter(|(_, item)| around.contains(&item.site))
    {
        match item.flow.direction {
            Direction::Outbound => drop(all.insert(id)),
            Direction::Inbound => all.extend(suppliers(board, id)),
        }
    }
    let found: Vec<Scored<'_>> = all.into_iter().flat_map(|id| best_for(board, id)).collect();
    finish(board, &found, |scored| here(scored.out) || here(scored.into))
}

/// Outbound flows that could have this inbound flow among their partners.
pub(super) fn suppliers(board: &Board<'_>, in_id: usize) -> BTreeSet<usize> {
    let into = &board.items[in_id];
    let mut found = board.alike(into, Direction::Outbound);
    found.extend(board.underway_into(into));
    for code in into.guesses.iter().map(|(category, _)| &category.code) {
        let rules = board
            .catalogue
            .rules()
            .iter()
            .filter(|rule| rule.into == *code)
            .map(|rule| rule.out);
        let accepted = board
            .accepted_pairs()
            .filter(|(_, to)| to == code)
            .map(|(from, _)| from);
        for from in rules.chain(accepted).chain([*code]) {
            if let Some(market) = board.side(Direction::Outbound).markets.get(&from) {
                found.extend(reachable(board, into, from, market));
            }
        }
    }
    found
}

fn reachable(board: &Board<'_>, into: &Item<'_>, from: FlowCode, market: &Market) -> Vec<usize> {
    let mut found = market.nowhere.clone();
    match board.position(into) {
        Some(position) => {
            let radius = &board.catalogue.category(from).radius;
            let large = radius.large.map_or(0.0, |large| large.max_km);
            let farthest = radius.max_km.max(radius.unknown_km.1).max(large)
                * board.params.radius_factor
                * material::GUESSED_TOLERANCE;
            found.extend(
                market
                    .placed
                    .within(position, farthest + 1e-6)
                    .into_iter()
                    .map(|(id, _)| id),
            );
        }
        None => found.extend(market.placed.all().map(|(id, _)| id)),
    }
    found
}

/// Decides which proposals enter the queue, and writes the wanted ones out.
fn finish<'a>(board: &Board<'a>, found: &[Scored<'a>], wanted: impl Fn(&Scored<'a>) -> bool) -> Vec<Pair> {
    let places = left_out(board, found);
    let mut twins: BTreeMap<usize, Vec<Twin>> = BTreeMap::new();
    for (scored, place) in found.iter().zip(&places) {
        if let Place::Joins(first) = place {
            twins.entry(*first).or_default().push(twin(board, scored));
        }
    }
    let kept = found.iter().zip(places).enumerate();
    kept.filter(|(_, (scored, _))| wanted(scored))
        .map(|(rank, (scored, place))| {
            let twins = twins.remove(&rank).unwrap_or_default();
            Pair {
                twins,
                ..write(board, scored, place)
            }
        })
        .collect()
}

fn twin(board: &Board<'_>, scored: &Scored<'_>) -> Twin {
    let (out, into) = (&board.items[scored.out], &board.items[scored.into]);
    Twin {
        out_flow: out.flow.key.clone(),
        in_flow: into.flow.key.clone(),
        score: scored.score,
        matched: scored.figures.matched.map(Matched::rounded),
        fingerprint: memory::fingerprint(board, &scored.link, out, into),
    }
}

fn write(board: &Board<'_>, scored: &Scored<'_>, place: Place) -> Pair {
    let (out, into) = (&board.items[scored.out], &board.items[scored.into]);
    let figures = &scored.figures;
    let nearly = matches!(place, Place::NearlyEnters(_));
    let left_out = match place {
        Place::Enters => None,
        Place::Joins(_) => {
            Some("Réunie avec une autre proposition des deux mêmes établissements.".to_owned())
        }
        Place::Waits(why) | Place::NearlyEnters(why) => Some(why),
    };
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
        nearly,
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
