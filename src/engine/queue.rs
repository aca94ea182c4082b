//! What reaches the reviewers, and in what order: the caps that keep the queue humane and the learning
//! from what they accepted before.
//!
//! Order = score × chance of being accepted × logarithm of the value. Everything here is decided from
//! the proposals of the two sites alone, so that editing one flow disturbs nobody else; only
//! [`explore`], a tenth of the whole queue, needs the list.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{Months, NaiveDate};

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator, ParallelSliceMut};

use super::learning::Learned;
use super::material::Basis;
use super::outcome::{Group, Pair};
use super::params::Params;
use super::prepare::Board;
use super::scoring::{GOOD_GAIN, NO_CATEGORY, Ranked, Scored, round};
use crate::kernel::Direction;
use crate::nomenclature::FlowCode;

/// How far under the threshold a pair of categories that nobody knows is still worth a look.
const CURIOSITY: f64 = 6.0;
/// Material fit from which a try can teach something: below, the table itself doubts.
pub(super) const PLAUSIBLE: f64 = 0.6;
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Enters,
    /// Shown inside another proposal between the same two sites: its rank in the list.
    Joins(u32),
    Waits(Why),
    /// Stays out for its score alone, and little enough to be tried.
    NearlyEnters,
}

/// Why a proposal stays out of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    Poor,
    SelfSupplied,
    Outclassed,
    Crowded,
}

impl Place {
    /// Why it does not enter by itself, in French.
    pub(super) fn sentence(self, params: &Params) -> Option<String> {
        let poor = || format!("Score sous le seuil de {:.0}.", params.threshold);
        Some(match self {
            Self::Enters => return None,
            Self::Joins(_) => "Réunie avec une autre proposition des deux mêmes établissements.".to_owned(),
            Self::NearlyEnters | Self::Waits(Why::Poor) => poor(),
            Self::Waits(Why::SelfSupplied) => "Le receveur a déjà ce flux chez lui.".to_owned(),
            Self::Waits(Why::Outclassed) => "Chacun des deux flux a déjà un meilleur partenaire.".to_owned(),
            Self::Waits(Why::Crowded) => format!(
                "Déjà {} meilleures propositions pour cet établissement et cette catégorie.",
                params.max_open
            ),
        })
    }
}

/// What is being worked on first, then the score, then the nearer, then the keys.
pub(super) fn order(board: &Board<'_>, a: &Ranked, b: &Ranked) -> Ordering {
    let key = |id: u32| &board.item(id as usize).flow.key;
    a.compare(b)
        .then_with(|| key(a.out).cmp(key(b.out)))
        .then_with(|| key(a.into).cmp(key(b.into)))
}

/// What is being worked on first, then the priority.
fn in_queue(board: &Board<'_>, a: &Ranked, b: &Ranked) -> Ordering {
    b.underway()
        .cmp(&a.underway())
        .then(b.priority.total_cmp(&a.priority))
        .then_with(|| order(board, a, b))
}

/// A site with a direction and a category, of which the caps count the proposals.
type Counter = (usize, Direction, u8);

/// The caps as they fill up.
struct Caps {
    served: Vec<bool>,
    open: BTreeMap<Counter, usize>,
    /// Proposals that entered, by giver and receiver.
    between: BTreeMap<(usize, usize), Vec<u32>>,
}

/// What becomes of each proposal.
///
/// It enters when its score is enough, when it is the best for at least one of its two flows (the others
/// come when it is rejected), and when its two sites do not have enough of that category already. Several
/// flows between the same two sites are one proposal.
pub(super) fn left_out(board: &Board<'_>, found: &[Ranked]) -> Vec<Place> {
    let pair = |rank: u32| &found[rank as usize];
    let enough = |pair: &Ranked| pair.underway() || pair.score() >= board.params.threshold;
    let near = |pair: &Ranked| pair.score() >= board.params.threshold - CURIOSITY && pair.plausible;
    let mut candidates: Vec<u32> = (0..)
        .zip(found)
        .filter(|(_, pair)| enough(pair) || near(pair))
        .map(|(rank, _)| rank)
        .collect();
    candidates.par_sort_unstable_by(|a, b| {
        let low = |rank: u32| !enough(pair(rank));
        low(*a)
            .cmp(&low(*b))
            .then_with(|| in_queue(board, pair(*a), pair(*b)))
    });
    let supplied: Vec<bool> = candidates
        .par_iter()
        .map(|rank| supplies_itself(board, pair(*rank)))
        .collect();
    let mut caps = Caps {
        served: vec![false; board.numbers()],
        open: BTreeMap::new(),
        between: BTreeMap::new(),
    };
    let mut places = vec![Place::Waits(Why::Poor); found.len()];
    for (rank, supplied) in candidates.into_iter().zip(supplied) {
        let place = if supplied && !pair(rank).underway() {
            Place::Waits(Why::SelfSupplied)
        } else {
            caps.place(board, found, rank)
        };
        places[rank as usize] = match place {
            place if enough(pair(rank)) => place,
            Place::Enters => Place::NearlyEnters,
            Place::Joins(_) | Place::Waits(_) | Place::NearlyEnters => Place::Waits(Why::Poor),
        };
    }
    places
}

impl Caps {
    fn place(&mut self, board: &Board<'_>, found: &[Ranked], rank: u32) -> Place {
        let pair = &found[rank as usize];
        let underway = pair.underway();
        let site = |flow: u32| board.item(flow as usize).site;
        let between = (site(pair.out), site(pair.into));
        let twins = self.between.get(&between).map(Vec::as_slice).unwrap_or_default();
        let twin = twins
            .iter()
            .find(|twin| alike(board, &found[**twin as usize], pair))
            .copied();
        let flows = [pair.out, pair.into].map(|flow| flow as usize);
        if !underway && let Some(first) = twin {
            self.serve(flows);
            return Place::Joins(first);
        }
        if !underway && flows.iter().all(|flow| self.served[*flow]) {
            return Place::Waits(Why::Outclassed);
        }
        let [out, into] = pair.categories;
        let counters = [
            (between.0, Direction::Outbound, out),
            (between.1, Direction::Inbound, into),
        ];
        let full = |counter| {
            let count = self.open.get(counter);
            count.is_some_and(|count| *count >= board.params.max_open)
        };
        if !underway && counters.iter().any(full) {
            return Place::Waits(Why::Crowded);
        }
        self.serve(flows);
        for counter in counters {
            *self.open.entry(counter).or_insert(0) += 1;
        }
        self.between.entry(between).or_default().push(rank);
        Place::Enters
    }

    /// They have a partner in the queue.
    fn serve(&mut self, flows: [usize; 2]) {
        for flow in flows {
            self.served[flow] = true;
        }
    }
}

/// The same two sites with a same category on one side and sister ones on the other: one conversation.
fn alike(board: &Board<'_>, a: &Ranked, b: &Ranked) -> bool {
    let category = |rank: u8| (rank != NO_CATEGORY).then(|| &board.catalogue.categories()[usize::from(rank)]);
    let sides = [0, 1].map(|side| (category(a.categories[side]), category(b.categories[side])));
    let same = sides.map(|(a, b)| a.zip(b).is_some_and(|(a, b)| a.code == b.code));
    let sisters = sides.map(|(a, b)| a.zip(b).is_some_and(|(a, b)| a.family == b.family));
    same[0] && sisters[1] || same[1] && sisters[0]
}

/// A receiver that throws away the very thing it would take has no need of the neighbour's, unless it is
/// known to have too little.
fn supplies_itself(board: &Board<'_>, pair: &Ranked) -> bool {
    if pair.categories[0] == NO_CATEGORY {
        return false;
    }
    let rank = usize::from(pair.categories[0]);
    let (out, into) = (board.item(pair.out as usize), board.item(pair.into as usize));
    let mut own = board
        .of_site(into.site)
        .filter(|item| {
            let reading = board.reading(item.reading);
            reading.chosen && reading.ranks.first() == Some(&rank)
        })
        .filter(|item| item.flow.direction == Direction::Outbound)
        .filter(|item| match (item.flow.class, out.flow.class) {
            (Some(own), Some(other)) => own.suits(other),
            (None | Some(_), _) => true,
        })
        .peekable();
    if own.peek().is_none() {
        return false;
    }
    let category = &board.catalogue.categories()[rank];
    let has: Option<f64> = own.map(|item| board.amount(&item, category)).sum();
    has.zip(board.amount(&into, category))
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
