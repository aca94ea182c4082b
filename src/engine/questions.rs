//! What to ask the companies: the facts whose knowledge would change a proposal most.

use super::explain::long_date;
use super::facts::{Fact, Flow};
use super::outcome::Ask;
use super::prepare::Board;
use super::quality;
use super::scoring::{Scored, combine, gainful, weights};
use crate::nomenclature::Category;

const QUESTIONS: usize = 4;
/// A cost is asked when it may move the score by that much.
const DECISIVE: f64 = 2.0;
/// A fact older than that must be confirmed, in days.
const STALE: i64 = 730;

/// What the call should clear up, the most decisive first.
pub(super) fn to_ask(board: &Board<'_>, scored: &Scored<'_>) -> Vec<Ask> {
    let (out, into) = (board.item(scored.out).flow, board.item(scored.into).flow);
    let mut asks = Vec::new();
    if scored.figures.matched.is_none() {
        let question = match (out.annual, into.annual) {
            (None, None) => "Quantité annuelle des deux côtés",
            (None, Some(_)) => "Quantité annuelle du sortant",
            (Some(_), _) => "Quantité annuelle demandée",
        };
        asks.push(ranged(board, scored, Fact::Quantity, question, &[2, 0, 5]));
    }
    if scored.distance.is_none() {
        asks.push(ranged(
            board,
            scored,
            Fact::Position,
            "Position exacte des deux établissements",
            &[1],
        ));
    }
    for (rank, (fact, question)) in quality::missing(&scored.link, out, into).into_iter().enumerate() {
        // One component for several attributes: the first question carries its range.
        let moved: &[usize] = if rank == 0 { &[3] } else { &[] };
        asks.push(ranged(board, scored, fact, &question, moved));
    }
    asks.extend(costs(board, scored));
    asks.extend(
        [(out, "sortant"), (into, "entrant")]
            .into_iter()
            .filter_map(|(flow, side)| stale(board, scored, flow, side)),
    );
    asks.sort_by(|a, b| (b.high - b.low).total_cmp(&(a.high - a.low)));
    asks.truncate(QUESTIONS);
    asks
}

/// A question with the scores of its worst and best answers on components not yet known.
fn ranged(board: &Board<'_>, scored: &Scored<'_>, fact: Fact, question: &str, components: &[usize]) -> Ask {
    let weights = weights(&board.params.weights);
    let with = |answer: f64| {
        let mut measures = scored.measures;
        for component in components {
            if measures[*component].value.is_none() || *component == 3 {
                measures[*component].value = Some(answer);
            }
        }
        combine(scored.link.fit, &measures, &weights)
    };
    Ask {
        fact,
        question: question.to_owned(),
        low: with(0.1),
        high: with(1.0),
    }
}

/// What each firm pays today, when it has not said so and its answer is decisive.
fn costs(board: &Board<'_>, scored: &Scored<'_>) -> Vec<Ask> {
    let figures = &scored.figures;
    if figures.matched.is_none() {
        return Vec::new();
    }
    let sides = [
        (
            "Ce que le donneur paie aujourd’hui pour s’en défaire",
            figures.declared.disposal.is_none() && scored.link.out.is_some_and(Category::is_thrown_away),
            (figures.giver, figures.receiver),
        ),
        (
            "Ce que le receveur paie aujourd’hui pour ce besoin",
            figures.declared.price.is_none(),
            (figures.receiver, figures.giver),
        ),
    ];
    let scales = weights(&board.params.weights);
    sides
        .into_iter()
        .filter(|(_, open, _)| *open)
        .map(|(question, _, (asked, other))| {
            let other = other.map(|figure| figure.central);
            let with = |answer: f64| {
                let mut measures = scored.measures;
                measures[0].value = Some(gainful([Some(answer), other], None));
                combine(scored.link.fit, &measures, &scales)
            };
            let (worst, best) = asked.map_or((0.0, f64::MAX), |figure| (figure.low, figure.high));
            Ask {
                fact: Fact::Cost,
                question: question.to_owned(),
                low: with(worst),
                high: with(best),
            }
        })
        .filter(|ask| ask.high - ask.low >= DECISIVE)
        .collect()
}

fn stale(board: &Board<'_>, scored: &Scored<'_>, flow: &Flow, side: &str) -> Option<Ask> {
    let seen = flow.observed_on?;
    ((board.params.today - seen).num_days() > STALE).then(|| Ask {
        fact: Fact::Label,
        question: format!(
            "Le flux {side}, relevé le {}, est-il toujours d’actualité",
            long_date(seen)
        ),
        low: scored.score,
        high: scored.score,
    })
}
