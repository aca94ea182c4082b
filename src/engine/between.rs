//! Two flows that a person brings together: what they would be worth, and every gate that would have stopped
//! them. A person may know what the engine does not, so nothing here forbids.

use super::facts::Key;
use super::gates::{Gate, Refusal, every};
use super::matching::{joined, plain};
use super::material;
use super::outcome::Pair;
use super::prepare::Board;
use super::scoring::score;
use super::why::{outranked, refusal};

/// What the engine says of two flows that somebody chose.
#[derive(Debug, Clone, PartialEq)]
pub struct Between {
    /// With its figures, as if no gate were closed; nothing when the two flows have nothing in common.
    pub pair: Option<Pair>,
    /// What would have stopped it, in the order of the gates.
    pub refusals: Vec<Refusal>,
    pub distance_km: Option<f64>,
}

/// Nothing when one of the two is not among the facts.
pub(super) fn between(board: &Board<'_>, out: &Key, into: &Key) -> Option<Between> {
    let (out, into) = (board.item(board.number(out)?), board.item(board.number(into)?));
    let distance_km = board.distance(&out, &into);
    let candidate = into.flow.key.clone();
    let found = material::link(board, &out, &into, out.words.agreement(into.words));
    let link = found.unwrap_or_else(|| plain(&out, &into));
    let mut refusals: Vec<Refusal> = every(board, &link, &out, &into, distance_km)
        .map(|closed| refusal(candidate.clone(), closed))
        .collect();
    let scored = found.map(|link| score(board, link, (&out, &into), distance_km));
    match &scored {
        None => refusals.push(Refusal {
            candidate: Some(candidate),
            gate: Gate::NoLink,
            sentence: "Le moteur ne voit rien de commun entre ces deux flux.".to_owned(),
            opening: Some("Un libellé ou une catégorie plus précis.".to_owned()),
            distance_km: None,
        }),
        Some(scored) if scored.score < board.params.threshold => {
            let (sentence, opening) = outranked(board, scored);
            refusals.push(Refusal {
                candidate: Some(candidate),
                gate: Gate::Outranked,
                sentence,
                opening,
                distance_km: None,
            });
        }
        Some(_) => {}
    }
    Some(Between {
        pair: scored.map(|scored| joined(board, &scored)),
        refusals,
        distance_km,
    })
}
