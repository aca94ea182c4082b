//! Who sits with whom. Pure.
//!
//! Each person goes, the best connected first, to the table with room where it finds most; then two
//! people of different tables swap as long as the whole gains. Competitors, and two people of one company, are
//! kept apart as far as the numbers allow. Same people, same tables.

use std::collections::BTreeMap;

/// What two guests have to say to each other, by rank; the smaller rank first.
#[derive(Debug, Clone, Default)]
pub(super) struct Links(BTreeMap<(usize, usize), i64>);

/// What keeps two competitors apart: more than any number of proposals brings together.
const APART: i64 = -1_000_000;

impl Links {
    /// Adds the score of a proposal between two guests.
    pub(super) fn bring(&mut self, one: usize, other: usize, score: i64) {
        if one != other {
            *self.0.entry((one.min(other), one.max(other))).or_default() += score;
        }
    }

    /// Two competitors: same trade, same kind of offer or of need.
    pub(super) fn part(&mut self, one: usize, other: usize) {
        self.bring(one, other, APART);
    }

    fn between(&self, one: usize, other: usize) -> i64 {
        if one == other {
            // Two people of one company meet more people apart.
            return APART;
        }
        self.0
            .get(&(one.min(other), one.max(other)))
            .copied()
            .unwrap_or(0)
    }
}

/// A chair: whose it is, and where a hand put it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seat {
    pub(super) guest: usize,
    /// From 0; none lets the tables be composed.
    pub(super) kept: Option<usize>,
}

/// The table of each seat, from 0. Sizes differ by one at most, unless hands decided otherwise.
pub(super) fn compose(seats: &[Seat], links: &Links, tables: usize) -> Vec<usize> {
    let tables = tables.max(1);
    let mut plan = greedy(seats, links, tables);
    improve(seats, links, &mut plan);
    plan
}

/// What a plan is worth: what is said at every table.
pub(super) fn worth(seats: &[Seat], links: &Links, plan: &[usize]) -> i64 {
    let mut total = 0;
    for (one, seat) in seats.iter().enumerate() {
        for (other, neighbour) in seats.iter().enumerate().skip(one + 1) {
            if plan[one] == plan[other] {
                total += links.between(seat.guest, neighbour.guest);
            }
        }
    }
    total
}

/// How many tables such a company of people needs.
pub(super) fn tables_for(people: usize, size: usize) -> usize {
    people.div_ceil(size.max(2)).max(1)
}

fn greedy(seats: &[Seat], links: &Links, tables: usize) -> Vec<usize> {
    const FREE: usize = usize::MAX;
    let mut plan = vec![FREE; seats.len()];
    let mut filled = vec![0; tables];
    for (rank, seat) in seats.iter().enumerate() {
        if let Some(table) = seat.kept.filter(|table| *table < tables) {
            plan[rank] = table;
            filled[table] += 1;
        }
    }
    let mut waiting: Vec<usize> = (0..seats.len()).filter(|rank| plan[*rank] == FREE).collect();
    let drawn = |rank: usize| -> i64 {
        seats
            .iter()
            .map(|seat| links.between(seats[rank].guest, seat.guest).max(0))
            .sum()
    };
    waiting.sort_by_key(|rank| (-drawn(*rank), *rank));
    for rank in waiting {
        // Only the emptiest tables may take one more than the others: sizes stay level.
        let (least, room) = room(&filled, seats.len());
        let gain = |table: usize| -> i64 {
            (0..seats.len())
                .filter(|other| plan[*other] == table)
                .map(|other| links.between(seats[rank].guest, seats[other].guest))
                .sum()
        };
        let table = (0..tables)
            .filter(|table| filled[*table] < room)
            .max_by_key(|table| {
                (
                    gain(*table),
                    std::cmp::Reverse(filled[*table]),
                    std::cmp::Reverse(*table),
                )
            })
            .unwrap_or(least);
        plan[rank] = table;
        filled[table] += 1;
    }
    level(&mut plan, seats, links, tables);
    plan
}

/// The emptiest table, and how many people a table may hold.
fn room(filled: &[usize], people: usize) -> (usize, usize) {
    let least = (0..filled.len()).min_by_key(|table| filled[*table]).unwrap_or(0);
    (least, people.div_ceil(filled.len()))
}

/// Moves people from the fullest table to the emptiest until sizes differ by one at most.
fn level(plan: &mut [usize], seats: &[Seat], links: &Links, tables: usize) {
    loop {
        let count = |table: usize| plan.iter().filter(|at| **at == table).count();
        let full = (0..tables).max_by_key(|table| (count(*table), std::cmp::Reverse(*table)));
        let empty = (0..tables).min_by_key(|table| (count(*table), *table));
        let (Some(full), Some(empty)) = (full, empty) else {
            return;
        };
        if count(full) <= count(empty) + 1 {
            return;
        }
        let movable = (0..seats.len()).filter(|rank| plan[*rank] == full && seats[*rank].kept.is_none());
        let best = movable.max_by_key(|rank| {
            let mut moved = plan.to_vec();
            moved[*rank] = empty;
            (worth(seats, links, &moved), std::cmp::Reverse(*rank))
        });
        match best {
            Some(rank) => plan[rank] = empty,
            None => return,
        }
    }
}

/// Swaps as long as the whole gains; each swap gains something, so it ends.
fn improve(seats: &[Seat], links: &Links, plan: &mut [usize]) {
    let at_table = |plan: &[usize], rank: usize, table: usize, but: usize| -> i64 {
        (0..seats.len())
            .filter(|other| *other != rank && *other != but && plan[*other] == table)
            .map(|other| links.between(seats[rank].guest, seats[other].guest))
            .sum()
    };
    loop {
        let mut changed = false;
        for one in 0..seats.len() {
            for other in one + 1..seats.len() {
                let (here, there) = (plan[one], plan[other]);
                if here == there || seats[one].kept.is_some() || seats[other].kept.is_some() {
                    continue;
                }
                let now = at_table(plan, one, here, other) + at_table(plan, other, there, one);
                let then = at_table(plan, one, there, other) + at_table(plan, other, here, one);
                if then > now {
                    plan.swap(one, other);
                    changed = true;
                }
            }
        }
        if !changed {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Links, Seat, compose, greedy, tables_for, worth};
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    fn seats(count: usize) -> Vec<Seat> {
        (0..count).map(|guest| Seat { guest, kept: None }).collect()
    }

    fn sizes(plan: &[usize], tables: usize) -> Vec<usize> {
        (0..tables)
            .map(|table| plan.iter().filter(|at| **at == table).count())
            .collect()
    }

    /// 28 people, as in the workshop of Dieppe: 4 tables. Rank r gives to r + 1 in blocks of seven.
    #[test]
    fn twenty_eight_people_find_their_partners_and_not_their_competitors() {
        let mut links = Links::default();
        for block in 0..4 {
            for step in 0..7 {
                // Ranks of one circle of partners are far apart in the list.
                links.bring(block + 4 * step, block + 4 * ((step + 1) % 7), 60);
            }
        }
        for rank in 0..7 {
            links.part(4 * rank, 4 * rank + 1);
        }
        let (people, tables) = (seats(28), tables_for(28, 7));
        assert_eq!(tables, 4);
        let plan = compose(&people, &links, tables);
        assert_eq!(sizes(&plan, 4), [7, 7, 7, 7]);
        assert_eq!(worth(&people, &links, &plan), 28 * 60);
        for rank in 0..7 {
            assert_ne!(plan[4 * rank], plan[4 * rank + 1], "competitors");
        }
    }

    #[test]
    fn what_a_hand_moved_stays() {
        let mut people = seats(9);
        people[4].kept = Some(2);
        people[5].kept = Some(2);
        let mut links = Links::default();
        links.bring(4, 0, 90);
        let plan = compose(&people, &links, 3);
        assert_eq!((plan[4], plan[5]), (2, 2));
        assert_eq!(plan[0], 2, "the partner joins");
        assert_eq!(sizes(&plan, 3), [3, 3, 3]);
    }

    #[test]
    fn two_people_of_a_company_meet_more_people_apart() {
        let people: Vec<Seat> = (0..6)
            .map(|rank| Seat {
                guest: rank / 2,
                kept: None,
            })
            .collect();
        let plan = compose(&people, &Links::default(), 2);
        for pair in [0, 2, 4] {
            assert_ne!(plan[pair], plan[pair + 1]);
        }
    }

    proptest! {
        #[test]
        fn everyone_sits_once_and_swapping_never_loses(
            count in 1_usize..30,
            tables in 1_usize..6,
            ties in proptest::collection::vec((0_usize..30, 0_usize..30, 1_i64..100), 0..60),
            rivals in proptest::collection::vec((0_usize..30, 0_usize..30), 0..8),
        ) {
            let mut links = Links::default();
            for (one, other, score) in ties {
                links.bring(one, other, score);
            }
            for (one, other) in rivals {
                links.part(one, other);
            }
            let people = seats(count);
            let plan = compose(&people, &links, tables);
            prop_assert_eq!(plan.len(), count);
            prop_assert!(plan.iter().all(|table| *table < tables));
            let sizes = sizes(&plan, tables);
            let (least, most) = (sizes.iter().min().unwrap(), sizes.iter().max().unwrap());
            prop_assert!(most - least <= 1, "{:?}", sizes);
            let first = greedy(&people, &links, tables);
            prop_assert!(worth(&people, &links, &plan) >= worth(&people, &links, &first));
            prop_assert_eq!(&plan, &compose(&people, &links, tables));
        }
    }
}
