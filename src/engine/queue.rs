//! What reaches the reviewers, and in what order: the caps that keep the queue humane and the learning
//! from what they accepted before.
//!
//! Order = score × chance of being accepted × logarithm of the value. Everything here is decided from
//! the proposals of the two sites alone, so that editing one flow disturbs nobody else; only
//! [`explore`], a tenth of the whole queue, needs the list.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{Months, NaiveDate};

use super::facts::Verdict;
use super::learning::Learned;
use super::material::Basis;
use super::outcome::{Group, Pair};
use super::prepare::Board;
use super::scoring::{GOOD_GAIN, Scored, round};
use crate::kernel::Direction;
use crate::nomenclature::{Category, FlowCode};

/// How far under the threshold a pair of categories that nobody knows is still worth a look.
const CURIOSITY: f64 = 6.0;
/// Material fit from which a try can teach something: below, the table itself doubts.
const PLAUSIBLE: f64 = 0.6;
/// One proposal in so many is there to learn.
const EXPLORED: usize = 10;
/// Share of the need that the receiver's own flow must reach to make the neighbour's pointless.
const SELF_SUPPLY: f64 = 0.5;
/// Open groups of one need.
const OPEN_GROUPS: usize = 3;
/// Months before the first contract ends from which a group is worth preparing.
const HORIZON: u32 = 18;
/// Score from which a group is worth gathering people.
const GROUP_THRESHOLD: f64 = 65.0;

/// What becomes of a proposal.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Place {
    Enters,
    /// Shown inside another proposal between the same two sites: its rank in the list.
    Joins(usize),
    /// Stays out, and why.
    Waits(String),
    /// Stays out for its score alone, and little enough to be tried.
    NearlyEnters(String),
}

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

/// The caps as they fill up.
#[derive(Default)]
struct Caps {
    served: BTreeSet<usize>,
    open: BTreeMap<(usize, Direction, Option<FlowCode>), usize>,
    /// Proposals that entered, by giver and receiver.
    between: BTreeMap<(usize, usize), Vec<usize>>,
}

/// What becomes of each proposal.
///
/// It enters when its score is enough, when it is the best for at least one of its two flows (the others
/// come when it is rejected), and when its two sites do not have enough of that category already. Several
/// flows between the same two sites are one proposal.
pub(super) fn left_out(board: &Board<'_>, found: &[Scored<'_>]) -> Vec<Place> {
    let mut best_first: Vec<usize> = (0..found.len()).collect();
    best_first.sort_by(|a, b| {
        underway(board, &found[*b])
            .cmp(&underway(board, &found[*a]))
            .then(priority(board, &found[*b]).total_cmp(&priority(board, &found[*a])))
            .then(order(board, &found[*a], &found[*b]))
    });
    let mut caps = Caps::default();
    let mut places = vec![Place::Enters; found.len()];
    let (enough, low): (Vec<usize>, Vec<usize>) = best_first
        .into_iter()
        .partition(|rank| found[*rank].score >= board.params.threshold || underway(board, &found[*rank]));
    for rank in enough {
        places[rank] = caps.place(board, found, rank);
    }
    for rank in low {
        let words = format!("Score sous le seuil de {:.0}.", board.params.threshold);
        let near =
            found[rank].score >= board.params.threshold - CURIOSITY && found[rank].link.fit >= PLAUSIBLE;
        places[rank] = if near && caps.place(board, found, rank) == Place::Enters {
            Place::NearlyEnters(words)
        } else {
            Place::Waits(words)
        };
    }
    places
}

impl Caps {
    fn place(&mut self, board: &Board<'_>, found: &[Scored<'_>], rank: usize) -> Place {
        let scored = &found[rank];
        let underway = underway(board, scored);
        if !underway && supplies_itself(board, scored) {
            return Place::Waits("Le receveur a déjà ce flux chez lui.".to_owned());
        }
        let (out, into) = (&board.items[scored.out], &board.items[scored.into]);
        let twins = self.between.entry((out.site, into.site)).or_default();
        if !underway && let Some(first) = twins.iter().find(|twin| alike(&found[**twin], scored)) {
            self.served.extend([scored.out, scored.into]);
            return Place::Joins(*first);
        }
        let news = [self.served.insert(scored.out), self.served.insert(scored.into)];
        if !underway && news == [false, false] {
            return Place::Waits("Chacun des deux flux a déjà un meilleur partenaire.".to_owned());
        }
        let code = |category: Option<&Category>| category.map(|category| category.code);
        let places = [
            (out.site, Direction::Outbound, code(scored.link.out)),
            (into.site, Direction::Inbound, code(scored.link.into)),
        ];
        let full = |place| {
            self.open
                .get(place)
                .is_some_and(|count| *count >= board.params.max_open)
        };
        if !underway && places.iter().any(full) {
            return Place::Waits(format!(
                "Déjà {} meilleures propositions pour cet établissement et cette catégorie.",
                board.params.max_open
            ));
        }
        for place in places {
            *self.open.entry(place).or_insert(0) += 1;
        }
        twins.push(rank);
        Place::Enters
    }
}

/// The same two sites with a same category on one side and sister ones on the other: one conversation.
fn alike(a: &Scored<'_>, b: &Scored<'_>) -> bool {
    let code = |category: Option<&Category>| category.map(|category| category.code);
    let sides = [
        (code(a.link.out), code(b.link.out)),
        (code(a.link.into), code(b.link.into)),
    ];
    let same = sides.map(|(a, b)| a.is_some() && a == b);
    let sisters = sides.map(|(a, b)| a.zip(b).is_some_and(|(a, b)| a.family() == b.family()));
    same[0] && sisters[1] || same[1] && sisters[0]
}

/// A receiver that throws away the very thing it would take has no need of the neighbour's, unless it is
/// known to have too little.
fn supplies_itself(board: &Board<'_>, scored: &Scored<'_>) -> bool {
    let Some(category) = scored.link.out else {
        return false;
    };
    let into = &board.items[scored.into];
    let mut own = board
        .of_site(into.site)
        .filter(|item| item.flow.direction == Direction::Outbound && item.chosen())
        .filter(|item| {
            item.guesses
                .first()
                .is_some_and(|(own, _)| own.code == category.code)
        })
        .filter(
            |item| match (item.flow.class, board.items[scored.out].flow.class) {
                (Some(own), Some(other)) => own.suits(other),
                (None | Some(_), _) => true,
            },
        )
        .peekable();
    if own.peek().is_none() {
        return false;
    }
    let has: Option<f64> = own.map(|item| board.amount(item, category)).sum();
    has.zip(board.amount(into, category))
        .is_none_or(|(has, needs)| has >= needs * SELF_SUPPLY)
}

/// What reviewers made of this pair of categories and of its rule.
pub(super) fn learned(board: &Board<'_>, scored: &Scored<'_>) -> Learned {
    let (reviewed, accepted) = match (scored.link.out, scored.link.into) {
        (Some(out), Some(into)) => board.precedents(out.code, into.code),
        (None | Some(_), _) => (0, 0),
    };
    let (judged, off_topic) = scored.link.rule.map_or((0, 0), |rule| board.judged(&rule.id));
    Learned {
        reviewed,
        accepted,
        judged,
        off_topic,
    }
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
    round(scored.score * learned(board, scored).chance() * trust * (10.0 + value).log10())
}

/// Adds a tenth of proposals that the queue would not show, to learn: those just under the threshold whose
/// pair of categories is least known. `open` counts what is already in the queue besides these.
pub fn explore(pairs: &mut [Pair], open: usize) {
    let entered = pairs.iter().filter(|pair| pair.retained).count();
    let wanted = (entered + open) / EXPLORED;
    let mut near: Vec<&mut Pair> = pairs.iter_mut().filter(|pair| pair.nearly).collect();
    near.sort_by(|a, b| {
        a.learned
            .reviewed
            .cmp(&b.learned.reviewed)
            .then(b.score.total_cmp(&a.score))
            .then(a.key.cmp(&b.key))
    });
    let mut tried: BTreeSet<(Option<FlowCode>, Option<FlowCode>)> = BTreeSet::new();
    for pair in near {
        if tried.len() >= wanted {
            break;
        }
        // One per pair of categories: two would teach the same thing.
        if tried.insert((pair.out_code, pair.in_code)) {
            pair.explored();
        }
    }
}

/// Whether those who are bound by no known contract could begin without the others.
fn free_enough(group: &Group) -> bool {
    let free = group
        .members
        .iter()
        .filter(|member| member.contract_end.is_none());
    free.count() >= 3
}

/// Which groups enter the queue: good enough, viable now, and the three best of each need, so that common
/// needs do not flood it. They are given best first.
pub(super) fn retain_groups(groups: &mut [Group], today: NaiveDate) {
    let soon = today
        .checked_add_months(Months::new(HORIZON))
        .unwrap_or(NaiveDate::MAX);
    let mut open: BTreeMap<(FlowCode, Option<String>), usize> = BTreeMap::new();
    for group in groups {
        let short = group.quantity.zip(group.critical_mass);
        let missing = short.is_some_and(|(quantity, mass)| quantity < mass);
        group.left_out = if group.is_fixed {
            None
        } else if missing {
            Some(format!("Masse critique non atteinte. {}", group.mass_sentence))
        } else if group.score < GROUP_THRESHOLD {
            Some(format!(
                "Score sous le seuil de {GROUP_THRESHOLD:.0} pour un groupe."
            ))
        } else if let Some((first, _)) = group
            .window
            .filter(|(first, _)| *first > soon && !free_enough(group))
        {
            Some(format!(
                "Trop tôt\u{a0}: premières fins de contrat le {}.",
                first.format("%d/%m/%Y")
            ))
        } else {
            let count = open
                .entry((group.code, group.technical_class.clone()))
                .or_insert(0);
            *count += 1;
            (*count > OPEN_GROUPS).then(|| format!("Déjà {OPEN_GROUPS} meilleurs groupes pour ce besoin."))
        };
    }
}
