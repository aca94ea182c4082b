//! What reaches the reviewers, and in what order: the caps that keep the queue humane and the learning
//! from what they accepted before.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::facts::Verdict;
use super::material::{Basis, Link};
use super::prepare::Board;
use super::scoring::{GOOD_GAIN, Scored, round};
use crate::kernel::Direction;
use crate::nomenclature::{Category, FlowCode};

fn underway(board: &Board<'_>, scored: &Scored<'_>) -> bool {
    let decision = board.decision(&board.items[scored.out], &board.items[scored.into]);
    decision.is_some_and(|decision| decision.verdict == Verdict::Underway)
}

/// What is being worked on first, then the score, then the nearer, then the keys.
pub(super) fn order(board: &Board<'_>, a: &Scored<'_>, b: &Scored<'_>) -> Ordering {
    let km = |scored: &Scored<'_>| scored.distance.unwrap_or(f64::INFINITY);
    underway(board, b)
        .cmp(&underway(board, a))
        .then(b.score.total_cmp(&a.score))
        .then(km(a).total_cmp(&km(b)))
        .then(a.out.cmp(&b.out))
        .then(a.into.cmp(&b.into))
}

/// Why each proposal stays out of the queue; nothing for those that enter it.
///
/// A proposal enters when its score is enough, when it is the best for at least one of its two flows (the
/// others come when it is rejected), and when its two sites do not have enough of that category already.
pub(super) fn left_out(board: &Board<'_>, found: &[Scored<'_>]) -> Vec<Option<String>> {
    let params = board.params;
    let mut best_first: Vec<usize> = (0..found.len()).collect();
    best_first.sort_by(|a, b| order(board, &found[*a], &found[*b]));
    let mut served: BTreeSet<usize> = BTreeSet::new();
    let mut open: BTreeMap<(usize, Direction, Option<FlowCode>), usize> = BTreeMap::new();
    let mut left_out: Vec<Option<String>> = vec![None; found.len()];
    for rank in best_first {
        let scored = &found[rank];
        let underway = underway(board, scored);
        if !underway && scored.score < params.threshold {
            left_out[rank] = Some(format!("Score sous le seuil de {:.0}.", params.threshold));
            continue;
        }
        let news = [served.insert(scored.out), served.insert(scored.into)];
        if !underway && news == [false, false] {
            left_out[rank] = Some("Chacun des deux flux a déjà un meilleur partenaire.".to_owned());
            continue;
        }
        let code = |category: Option<&Category>| category.map(|category| category.code);
        let places = [
            (
                board.items[scored.out].site,
                Direction::Outbound,
                code(scored.link.out),
            ),
            (
                board.items[scored.into].site,
                Direction::Inbound,
                code(scored.link.into),
            ),
        ];
        let counts = places.map(|place| {
            let count = open.entry(place).or_insert(0);
            *count += 1;
            *count
        });
        if !underway && counts.iter().any(|count| *count > params.max_open) {
            left_out[rank] = Some(format!(
                "Déjà {} meilleures propositions pour cet établissement et cette catégorie.",
                params.max_open
            ));
        }
    }
    left_out
}

/// Whether the matter passes by what people accepted before, for the order of the queue.
fn chance(board: &Board<'_>, link: &Link<'_>) -> f64 {
    let (reviewed, accepted) = match (link.out, link.into) {
        (Some(out), Some(into)) => board.precedents(out.code, into.code),
        (None | Some(_), _) => (0, 0),
    };
    // Beta prior (2, 4): a third until reviewers have spoken.
    (2.0 + f64::from(accepted)) / (6.0 + f64::from(reviewed.max(accepted)))
}

/// Score × chance × logarithm of the value, in the unit of the score.
pub(super) fn priority(board: &Board<'_>, scored: &Scored<'_>) -> f64 {
    let gains = [&scored.figures.giver, &scored.figures.receiver];
    let known: Vec<f64> = gains.into_iter().flatten().map(|gain| gain.central).collect();
    let value = if known.is_empty() {
        GOOD_GAIN
    } else {
        known.iter().sum::<f64>().max(0.0)
    };
    // Labels alone say less than their category: they wait behind.
    let trust = if scored.link.basis == Basis::Label {
        0.9
    } else {
        1.0
    };
    round(scored.score * chance(board, &scored.link) * trust * (10.0 + value).log10())
}
