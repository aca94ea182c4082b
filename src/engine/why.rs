//! « Pourquoi rien ? »: for one flow, the nearest candidates, what stops each, and what would let it in.
//!
//! Only the surroundings are looked at, market by market from the nearest outwards, a little beyond the
//! maximum distance, because the first one too far says how far it is.

use std::collections::BTreeSet;

use super::facts::Key;
use super::gates::{Closed, Gate, Refusal};
use super::matching::{Tried, attempt};
use super::material::{self, partners};
use super::prepare::{Board, Item};
use super::scoring::Scored;
use crate::kernel::Direction;
use crate::nomenclature::FlowCode;

/// Refusals listed for one flow.
const REFUSALS: usize = 12;
/// Candidates looked at in each market.
const LOOKED_AT: usize = 48;
/// Firms with the same flow, named when nothing else explains.
const SAME_WAY: usize = 3;

/// The candidates of one flow, nearest first.
pub(super) fn why_nothing(board: &Board<'_>, flow: &Key) -> Vec<Refusal> {
    let Some(id) = board.number(flow) else {
        return Vec::new();
    };
    let item = &board.items[id];
    let other = opposite(item.flow.direction);
    let mut found: Vec<(f64, Refusal)> = Vec::new();
    for candidate in around(board, item, other) {
        if let Some(refusal) = judge(board, item, (id, candidate)) {
            found.push((km(board, item, candidate), refusal));
        }
    }
    if found.is_empty() {
        found.extend(same_way(board, id));
    }
    found.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.candidate.cmp(&b.1.candidate)));
    found.truncate(REFUSALS);
    let mut refusals: Vec<Refusal> = found.into_iter().map(|(_, refusal)| refusal).collect();
    if !refusals.iter().any(|refusal| refusal.gate != Gate::Direction) {
        let sentence = format!("Aucun flux {} de même nature n’est connu alentour.", other.word());
        refusals.insert(
            0,
            Refusal {
                candidate: None,
                gate: Gate::NoLink,
                sentence,
                opening: Some(
                    "Une visite chez une entreprise qui aurait l’autre bout, ou un libellé plus précis."
                        .to_owned(),
                ),
            },
        );
    }
    refusals
}

/// The markets that a flow can meet, by category.
fn markets(board: &Board<'_>, item: &Item<'_>) -> BTreeSet<FlowCode> {
    match item.flow.direction {
        Direction::Outbound => partners(board, item)
            .into_iter()
            .map(|(_, into, _)| into)
            .collect(),
        Direction::Inbound => {
            let own = item.guesses.iter().map(|(category, _)| category.code);
            let from = |code: FlowCode| {
                let rules = board.catalogue.rules().iter();
                let rules = rules.filter(move |rule| rule.into == code).map(|rule| rule.out);
                let accepted = board.accepted_pairs().filter(move |(_, into)| *into == code);
                rules.chain(accepted.map(|(out, _)| out)).chain([code])
            };
            own.flat_map(from).collect()
        }
    }
}

fn around(board: &Board<'_>, item: &Item<'_>, other: Direction) -> BTreeSet<usize> {
    let mut found = board.alike(item, other);
    for code in markets(board, item) {
        let Some(market) = board.side(other).markets.get(&code) else {
            continue;
        };
        match board.position(item) {
            Some(from) => found.extend(market.placed.nearest(from).take(LOOKED_AT).map(|(id, _)| id)),
            None => found.extend(market.placed.all().take(LOOKED_AT).map(|(id, _)| id)),
        }
        found.extend(market.nowhere.iter().take(LOOKED_AT));
    }
    found
}

fn judge<'a>(board: &Board<'a>, item: &Item<'a>, (id, candidate): (usize, usize)) -> Option<Refusal> {
    let (out, into) = match item.flow.direction {
        Direction::Outbound => (id, candidate),
        Direction::Inbound => (candidate, id),
    };
    let key = board.items[candidate].flow.key.clone();
    match attempt(board, out, into, 0.0) {
        Tried::Unrelated | Tried::Outscored => None,
        Tried::Closed(closed) => Some(refusal(key, closed)),
        Tried::Open(scored) => {
            let (sentence, opening) = outranked(board, &scored);
            Some(Refusal {
                candidate: Some(key),
                gate: Gate::Outranked,
                sentence,
                opening,
            })
        }
    }
}

fn refusal(candidate: Key, closed: Closed<'_>) -> Refusal {
    Refusal {
        candidate: Some(candidate),
        gate: closed.gate(),
        sentence: closed.sentence(),
        opening: closed.opening(),
    }
}

/// The nearest with the same flow: nothing to exchange, perhaps something to share.
fn same_way(board: &Board<'_>, id: usize) -> Vec<(f64, Refusal)> {
    let item = &board.items[id];
    let way = item.flow.direction;
    let mut near: Vec<(f64, usize)> = item
        .guesses
        .first()
        .and_then(|(category, _)| board.side(way).markets.get(&category.code))
        .zip(board.position(item))
        .map(|(market, from)| {
            let others = market.placed.nearest(from).filter(|(other, _)| *other != id);
            others.take(SAME_WAY).map(|(other, km)| (km, other)).collect()
        })
        .unwrap_or_default();
    near.retain(|(_, other)| board.items[*other].site != item.site);
    near.into_iter()
        .map(|(km, other)| {
            let key = board.items[other].flow.key.clone();
            (km, refusal(key, Closed::Direction(way)))
        })
        .collect()
}

fn opposite(direction: Direction) -> Direction {
    match direction {
        Direction::Outbound => Direction::Inbound,
        Direction::Inbound => Direction::Outbound,
    }
}

fn km(board: &Board<'_>, item: &Item<'_>, candidate: usize) -> f64 {
    let places = board.position(item).zip(board.position(&board.items[candidate]));
    places.map_or(f64::INFINITY, |(a, b)| a.distance_km(b))
}

fn outranked(board: &Board<'_>, scored: &Scored<'_>) -> (String, Option<String>) {
    if scored.score < board.params.threshold {
        let missing = board.params.threshold - scored.score;
        (
            format!(
                "Score de {:.0}, sous le seuil de {:.0}.",
                scored.score, board.params.threshold
            ),
            Some(format!(
                "{missing:.0}\u{a0}points de plus\u{a0}: quantités, qualité ou coûts renseignés des deux côtés."
            )),
        )
    } else if scored.link.fit < material::FLOOR {
        ("Les deux flux n’ont presque rien de commun.".to_owned(), None)
    } else {
        (
            format!(
                "Score de {:.0}\u{a0}: proposée, ou précédée de meilleures.",
                scored.score
            ),
            Some("Elle vient dès qu’une meilleure est écartée.".to_owned()),
        )
    }
}
