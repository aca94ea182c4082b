//! Where the flows of one direction are filed: by category, by what their label says, by its words.
//!
//! A flow stands under each category it may be of. Labels bring together what no category does, so a
//! shelf of labels holds flows of one label *and* one reading: whoever looks for partners skips those
//! that a category already brings. Two chosen categories are not overruled by words: chosen flows are
//! filed by label only when the other side has flows that nobody classified, and never by word.

use std::collections::BTreeMap;

use rayon::prelude::{
    IndexedParallelIterator, IntoParallelIterator, IntoParallelRefIterator, ParallelIterator,
};

use super::column::number;
use super::facts::Flow;
use super::gates::takes_danger;
use super::prepare::{Board, Item};
use super::scoring::{BOUND, freedom};
use super::summary::{Entry, Traits, zone_bit};
use super::tree::Tree;
use crate::kernel::Direction;

/// The flows of one shelf: those whose place is known, and the others.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    pub placed: Tree,
    pub nowhere: Tree,
}

/// A label or word, with the reading of the flows.
pub(super) type Said = (u32, u32);

/// All the shelves of one direction.
#[derive(Debug, Default)]
pub(super) struct Shelves {
    /// By rank of the category.
    categories: Vec<Shelf>,
    labels: BTreeMap<Said, Shelf>,
    words: BTreeMap<Said, Shelf>,
}

/// Where one flow is filed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    Category(usize),
    Label(Said),
    Word(Said),
}

impl Shelves {
    /// Files the flows of a direction, each with its floor; the chosen ones by label too when the other side
    /// may look there.
    pub(super) fn of(
        board: &Board<'_>,
        direction: Direction,
        by_label: bool,
        floor: &(dyn Fn(usize) -> f32 + Sync),
    ) -> Self {
        let mut filed: BTreeMap<Place, Vec<u32>> = BTreeMap::new();
        let mut by_category: Vec<Vec<u32>> = vec![Vec::new(); board.catalogue.categories().len()];
        for id in board.going(direction) {
            for place in places(board, &board.item(id), by_label) {
                match place {
                    Place::Category(rank) => by_category[rank].push(number(id)),
                    Place::Label(_) | Place::Word(_) => filed.entry(place).or_default().push(number(id)),
                }
            }
        }
        let shelf = |place: Place, ids: &[u32]| {
            let mut entries = [Vec::new(), Vec::new()];
            for id in ids.iter().map(|id| *id as usize) {
                let item = board.item(id);
                let side = usize::from(board.place(&item).at.is_none());
                entries[side].push(entry(board, &item, place, floor(id)));
            }
            Shelf::new(entries)
        };
        let categories = by_category.par_iter().enumerate();
        let mut shelves = Self {
            categories: categories
                .map(|(rank, ids)| shelf(Place::Category(rank), ids))
                .collect(),
            ..Self::default()
        };
        let filed = filed
            .into_par_iter()
            .map(|(place, ids)| (place, shelf(place, &ids)));
        for (place, shelf) in filed.collect::<Vec<_>>() {
            match place {
                Place::Label(said) => drop(shelves.labels.insert(said, shelf)),
                Place::Word(said) => drop(shelves.words.insert(said, shelf)),
                Place::Category(_) => {}
            }
        }
        shelves
    }

    pub(super) fn add(&mut self, place: Place, entry: Entry) {
        self.tree(place, &entry).insert(entry);
    }

    pub(super) fn remove(&mut self, place: Place, entry: &Entry) {
        self.tree(place, entry).remove(entry);
    }

    /// Changes what does not move a flow.
    pub(super) fn replace(&mut self, place: Place, entry: Entry) {
        self.tree(place, &entry).replace(entry);
    }

    fn tree(&mut self, place: Place, entry: &Entry) -> &mut Tree {
        let shelf = match place {
            Place::Category(rank) => &mut self.categories[rank],
            Place::Label(said) => self.labels.entry(said).or_default(),
            Place::Word(said) => self.words.entry(said).or_default(),
        };
        let placed = entry.at.iter().any(|side| *side != 0.0);
        if placed {
            &mut shelf.placed
        } else {
            &mut shelf.nowhere
        }
    }

    pub(super) fn category(&self, rank: usize) -> &Shelf {
        &self.categories[rank]
    }

    /// The shelves of a label, with their readings.
    pub(super) fn labels(&self, identity: u32) -> impl Iterator<Item = (u32, &Shelf)> {
        let range = self.labels.range((identity, 0)..=(identity, u32::MAX));
        range.map(|((_, reading), shelf)| (*reading, shelf))
    }

    /// The shelves of a word, with their readings.
    pub(super) fn words(&self, stem: u32) -> impl Iterator<Item = (u32, &Shelf)> {
        let range = self.words.range((stem, 0)..=(stem, u32::MAX));
        range.map(|((_, reading), shelf)| (*reading, shelf))
    }
}

impl Shelf {
    fn new([placed, nowhere]: [Vec<Entry>; 2]) -> Self {
        Self {
            placed: Tree::new(placed),
            nowhere: Tree::new(nowhere),
        }
    }
}

/// Every shelf where a flow stands.
pub(super) fn places(board: &Board<'_>, item: &Item<'_>, by_label: bool) -> Vec<Place> {
    let ranks = board.reading(item.reading).ranks.iter();
    let mut places: Vec<Place> = ranks.map(|rank| Place::Category(*rank)).collect();
    if let Some(identity) = item.words.identity
        && (by_label || !item.chosen())
    {
        places.push(Place::Label((identity, item.reading)));
    }
    if !item.chosen() {
        places.extend(
            item.words
                .telling
                .iter()
                .map(|stem| Place::Word((*stem, item.reading))),
        );
    }
    places
}

/// A flow as it stands on a shelf.
pub(super) fn entry(board: &Board<'_>, item: &Item<'_>, on: Place, floor: f32) -> Entry {
    let place = board.place(item);
    let quantity = item.flow.annual.filter(|_| !item.guesses.is_empty());
    let outbound = item.flow.direction == Direction::Outbound;
    let free = if outbound {
        1.0
    } else {
        freedom(&board.params, item.flow)
    };
    let first = board.reading(item.reading).ranks.first();
    let loose = matches!(on, Place::Category(rank) if first != Some(&rank));
    let safe = if outbound {
        !item.dangerous()
    } else {
        takes_danger(board, item)
    };
    Entry {
        at: place.at.map(narrow).unwrap_or_default(),
        quantity: quantity.map_or(0.0, |quantity| narrow([quantity, 0.0, 0.0])[0]),
        floor,
        zone: zone_bit(place.zone),
        id: number(item.id),
        months: item.flow.months.bits(),
        traits: Traits::default()
            .with(Traits::CHOSEN, item.chosen())
            .with(Traits::GUESSED, !item.chosen())
            .with(Traits::LOOSE, loose)
            .with(Traits::UNMEASURED, quantity.is_none())
            .with(Traits::SAFE, safe)
            .with(Traits::COSTED, item.flow.annual_cost_eur.is_some())
            .with(Traits::FREE, free >= 1.0)
            .with(Traits::SOON_FREE, free < 1.0 && free > BOUND),
        quality: told(item.flow),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "bounds leave room for the rounding"
)]
pub(super) fn narrow(values: [f64; 3]) -> [f32; 3] {
    values.map(|value| value as f32)
}

/// The quality attributes that a flow tells, one bit each.
pub(super) fn told(flow: &Flow) -> u8 {
    let told = [
        flow.temperature_c.is_some(),
        flow.pressure_bar.is_some(),
        flow.purity_pct.is_some(),
        flow.humidity_pct.is_some(),
        flow.food_grade.is_some(),
        flow.form.is_some(),
    ];
    told.iter()
        .enumerate()
        .map(|(bit, told)| u8::from(*told) << bit)
        .sum()
}
