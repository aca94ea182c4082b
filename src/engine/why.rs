//! « Pourquoi rien ? »: for one flow, the nearest candidates, what stops each, and what would let it in.
//!
//! Every flow of the same nature is looked at from afar, and the nearest from close by, a little beyond the
//! maximum distance, because the first one too far says how far it is.

use super::facts::Key;
use super::gates::{Closed, Gate, Refusal};
use super::matching::{Tried, attempt, related};
use super::material;
use super::prepare::{Board, Item};
use super::scoring::Scored;
use crate::kernel::Direction;

/// Refusals listed for one flow.
const REFUSALS: usize = 12;
/// Candidates looked at of each reading.
const LOOKED_AT: usize = 48;
/// Firms with the same flow, named when nothing else explains.
const SAME_WAY: usize = 3;

/// The candidates of one flow, nearest first.
pub(super) fn why_nothing(board: &Board<'_>, flow: &Key) -> Vec<Refusal> {
    let Some(id) = board.number(flow) else {
        return Vec::new();
    };
    let item = &board.item(id);
    let other = opposite(item.flow.direction);
    let near = around(board, item, other);
    let mut found: Vec<(f64, Refusal)> = near
        .into_iter()
        .filter_map(|(km, candidate)| Some((km, judge(board, item, &board.item(candidate))?.at(km))))
        .collect();
    if found.is_empty() {
        found.extend(same_way(board, item));
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
                distance_km: None,
                opening: Some(
                    "Une visite chez une entreprise qui aurait l’autre bout, ou un libellé plus précis."
                        .to_owned(),
                ),
            },
        );
    }
    refusals
}

/// The nearest flows that may be compared with this one, some of each reading.
fn around(board: &Board<'_>, item: &Item<'_>, other: Direction) -> Vec<(f64, usize)> {
    let candidates = board
        .items()
        .filter(|candidate| candidate.flow.direction == other);
    let related = candidates.filter(|candidate| match other {
        Direction::Inbound => related(board, item, candidate),
        Direction::Outbound => related(board, candidate, item),
    });
    let mut near: Vec<(u32, f64, usize)> = related
        .map(|candidate| {
            let km = board.distance(item, &candidate).unwrap_or(f64::INFINITY);
            (candidate.reading, km, candidate.id)
        })
        .collect();
    near.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
    let few = near
        .chunk_by(|a, b| a.0 == b.0)
        .flat_map(|same| same.iter().take(LOOKED_AT));
    few.map(|(_, km, id)| (*km, *id)).collect()
}

fn judge<'a>(board: &'a Board<'_>, item: &Item<'a>, candidate: &Item<'a>) -> Option<Refusal> {
    let (out, into) = match item.flow.direction {
        Direction::Outbound => (item, candidate),
        Direction::Inbound => (candidate, item),
    };
    let key = candidate.flow.key.clone();
    match attempt(board, out, into, out.words.agreement(into.words)) {
        Tried::Unrelated => None,
        Tried::Closed(closed) => Some(refusal(key, closed)),
        Tried::Open(scored) => {
            let (sentence, opening) = outranked(board, &scored);
            Some(Refusal {
                candidate: Some(key),
                gate: Gate::Outranked,
                sentence,
                opening,
                distance_km: None,
            })
        }
    }
}

pub(super) fn refusal(candidate: Key, closed: Closed<'_>) -> Refusal {
    Refusal {
        candidate: Some(candidate),
        gate: closed.gate(),
        sentence: closed.sentence(),
        opening: closed.opening(),
        distance_km: None,
    }
}

impl Refusal {
    fn at(self, km: f64) -> Self {
        Self {
            distance_km: km.is_finite().then_some(km),
            ..self
        }
    }
}

/// The nearest with the same flow: nothing to exchange, perhaps something to share.
fn same_way(board: &Board<'_>, item: &Item<'_>) -> Vec<(f64, Refusal)> {
    let way = item.flow.direction;
    let ranks = &board.reading(item.reading).ranks;
    let mut near: Vec<(f64, usize)> = board
        .items()
        .filter(|other| other.flow.direction == way && other.site != item.site)
        .filter(|other| {
            ranks
                .first()
                .is_some_and(|rank| board.reading(other.reading).ranks.contains(rank))
        })
        .filter_map(|other| Some((board.distance(item, &other)?, other.id)))
        .collect();
    near.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    near.truncate(SAME_WAY);
    near.into_iter()
        .map(|(km, other)| {
            let key = board.item(other).flow.key.clone();
            (km, refusal(key, Closed::Direction(way)).at(km))
        })
        .collect()
}

fn opposite(direction: Direction) -> Direction {
    match direction {
        Direction::Outbound => Direction::Inbound,
        Direction::Inbound => Direction::Outbound,
    }
}

pub(super) fn outranked(board: &Board<'_>, scored: &Scored<'_>) -> (String, Option<String>) {
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
