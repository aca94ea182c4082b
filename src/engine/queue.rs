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

use super::column::number;
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
    /// Shown inside another proposal between the same two sites.
    Joins,
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
            Self::Joins => "Réunie avec une autre proposition des deux mêmes établissements.".to_owned(),
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

/// The proposals of which something may become, by rank: those good enough, then those nearly so, each in
/// the order of the queue.
fn candidates(board: &Board<'_>, found: &[Ranked]) -> Vec<u32> {
    let near = |pair: &Ranked| pair.score() >= board.params.threshold - CURIOSITY && pair.plausible();
    let mut candidates: Vec<(u64, u32)> = (0..)
        .zip(found)
        .filter_map(|(rank, pair)| {
            let enough = enough(board, pair);
            (enough || near(pair)).then(|| (pair.turn(enough), rank))
        })
        .collect();
    candidates.par_sort_unstable_by(|a, b| {
        a.0.cmp(&b.0)
            .then_with(|| order(board, &found[a.1 as usize], &found[b.1 as usize]))
    });
    candidates.into_iter().map(|(_, rank)| rank).collect()
}

fn enough(board: &Board<'_>, pair: &Ranked) -> bool {
    pair.underway() || pair.score() >= board.params.threshold
}

/// A table of the sites by the categories, in one block.
struct Table<T> {
    cells: Vec<T>,
    width: usize,
}

impl<T: Copy + Default> Table<T> {
    /// The last column is for what has no category.
    fn of(board: &Board<'_>) -> Self {
        let width = board.catalogue.categories().len() + 1;
        Self {
            cells: vec![T::default(); board.sites.len() * width],
            width,
        }
    }

    fn at(&mut self, site: usize, category: u8) -> &mut T {
        let column = usize::from(category).min(self.width - 1);
        &mut self.cells[site * self.width + column]
    }

    fn get(&self, site: usize, category: u8) -> T {
        let column = usize::from(category).min(self.width - 1);
        self.cells[site * self.width + column]
    }
}

/// The categories that each site throws away, as a person chose them.
fn thrown_away(board: &Board<'_>) -> Table<bool> {
    let mut thrown = Table::of(board);
    for id in board.going(Direction::Outbound) {
        let reading = board.reading(board.reading_of(id));
        if let (true, Some(rank)) = (reading.chosen, reading.ranks.first()) {
            *thrown.at(board.site_of(id), u8::try_from(*rank).unwrap_or(NO_CATEGORY)) = true;
        }
    }
    thrown
}

/// The caps as they fill up.
struct Caps {
    served: Vec<bool>,
    /// Proposals that entered, by giver or by receiver, and by category.
    given: Table<u16>,
    received: Table<u16>,
    /// By giver, the receivers and ranks of the proposals that entered.
    between: Vec<Vec<(u32, u32)>>,
    joined: Vec<(u32, u32)>,
}

/// What becomes of each proposal.
///
/// It enters when its score is enough, when it is the best for at least one of its two flows (the others
/// come when it is rejected), and when its two sites do not have enough of that category already. Several
/// flows between the same two sites are one proposal: the ranks of those that have others join them, each
/// with the rank of one of these, come second.
pub(super) fn left_out(board: &Board<'_>, found: &[Ranked]) -> (Vec<Place>, Vec<(u32, u32)>) {
    let candidates = candidates(board, found);
    let thrown = thrown_away(board);
    let supplied: Vec<bool> = candidates
        .par_iter()
        .map(|rank| supplies_itself(board, &thrown, &found[*rank as usize]))
        .collect();
    let mut caps = Caps {
        served: vec![false; board.numbers()],
        given: Table::of(board),
        received: Table::of(board),
        between: vec![Vec::new(); board.sites.len()],
        joined: Vec::new(),
    };
    let mut places = vec![Place::Waits(Why::Poor); found.len()];
    for (rank, supplied) in candidates.into_iter().zip(supplied) {
        let pair = &found[rank as usize];
        let place = if supplied && !pair.underway() {
            Place::Waits(Why::SelfSupplied)
        } else {
            caps.place(board, found, rank)
        };
        places[rank as usize] = match place {
            place if enough(board, pair) => place,
            Place::Enters => Place::NearlyEnters,
            Place::Joins | Place::Waits(_) | Place::NearlyEnters => Place::Waits(Why::Poor),
        };
    }
    caps.joined.sort_unstable();
    (places, caps.joined)
}

impl Caps {
    fn place(&mut self, board: &Board<'_>, found: &[Ranked], rank: u32) -> Place {
        let pair = &found[rank as usize];
        let underway = pair.underway();
        let flows = [pair.out, pair.into].map(|flow| flow as usize);
        let [giver, receiver] = flows.map(|flow| board.site_of(flow));
        let twin = self.between[giver]
            .iter()
            .filter(|(other, _)| *other as usize == receiver)
            .find(|(_, twin)| alike(board, &found[*twin as usize], pair));
        if !underway && let Some((_, first)) = twin {
            if enough(board, pair) {
                self.joined.push((*first, rank));
            }
            self.serve(flows);
            return Place::Joins;
        }
        if !underway && flows.iter().all(|flow| self.served[*flow]) {
            return Place::Waits(Why::Outclassed);
        }
        let [out, into] = pair.categories;
        let counts = [self.given.at(giver, out), self.received.at(receiver, into)];
        let full = counts
            .iter()
            .any(|count| usize::from(**count) >= board.params.max_open);
        if !underway && full {
            return Place::Waits(Why::Crowded);
        }
        for count in counts {
            *count = count.saturating_add(1);
        }
        self.serve(flows);
        self.between[giver].push((number(receiver), rank));
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
fn supplies_itself(board: &Board<'_>, thrown: &Table<bool>, pair: &Ranked) -> bool {
    let receiver = board.site_of(pair.into as usize);
    if pair.categories[0] == NO_CATEGORY || !thrown.get(receiver, pair.categories[0]) {
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
    let gains = [scored.figures.giver, scored.figures.receiver].map(|gain| Some(gain?.central));
    let value = match gains {
        [Some(giver), Some(receiver)] => (giver + receiver).max(0.0),
        [Some(gain), None] | [None, Some(gain)] => gain.max(0.0),
        [None, None] => GOOD_GAIN,
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
