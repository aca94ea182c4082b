//! The order of the stops of a day: the shortest way through them, as the crow flies. Pure.
//!
//! Exact up to nine stops, which is more than a day holds; beyond, the nearest next stop from each start,
//! then pieces of the way turned round as long as it gets shorter.

use crate::kernel::Position;

/// Beyond, trying everything takes too long.
const EXACT: usize = 9;

/// Ranks of the stops in the order to go, `start` first when given; the way is open, nobody comes back.
pub(super) fn order(stops: &[Position], start: Option<usize>) -> Vec<usize> {
    let start = start.filter(|rank| *rank < stops.len());
    if stops.len() < 2 {
        return (0..stops.len()).collect();
    }
    let km = distances(stops);
    if stops.len() <= EXACT {
        exact(&km, start)
    } else {
        near(&km, start)
    }
}

/// Kilometres of each leg.
pub(super) fn legs(stops: &[Position], order: &[usize]) -> Vec<f64> {
    order
        .windows(2)
        .map(|leg| stops[leg[0]].distance_km(stops[leg[1]]))
        .collect()
}

fn distances(stops: &[Position]) -> Vec<Vec<f64>> {
    let from = |one: &Position| stops.iter().map(|other| one.distance_km(*other)).collect();
    stops.iter().map(from).collect()
}

fn length(km: &[Vec<f64>], order: &[usize]) -> f64 {
    order.windows(2).map(|leg| km[leg[0]][leg[1]]).sum()
}

/// For each set of stops seen and each last one: the shortest way, and the stop before.
fn exact(km: &[Vec<f64>], start: Option<usize>) -> Vec<usize> {
    let count = km.len();
    let mut best = vec![vec![(f64::INFINITY, count); count]; 1 << count];
    for first in (0..count).filter(|rank| start.is_none_or(|start| start == *rank)) {
        best[1 << first][first] = (0.0, count);
    }
    for seen in 1..1_usize << count {
        for last in (0..count).filter(|last| seen & (1 << last) != 0) {
            let so_far = best[seen][last].0;
            for next in (0..count).filter(|next| seen & (1 << next) == 0) {
                let way = so_far + km[last][next];
                let known = &mut best[seen | 1 << next][next];
                if way < known.0 {
                    *known = (way, last);
                }
            }
        }
    }
    let mut seen = (1 << count) - 1;
    let last = (0..count).min_by(|one, other| best[seen][*one].0.total_cmp(&best[seen][*other].0));
    let mut order = Vec::with_capacity(count);
    let mut at = last.unwrap_or(0);
    while at < count {
        order.push(at);
        let before = best[seen][at].1;
        seen &= !(1 << at);
        at = before;
    }
    order.reverse();
    order
}

fn near(km: &[Vec<f64>], start: Option<usize>) -> Vec<usize> {
    let starts: Vec<usize> = start.map_or_else(|| (0..km.len()).collect(), |start| vec![start]);
    let ways = starts.into_iter().map(|first| {
        let mut order = nearest(km, first);
        turn(km, &mut order, start.is_some());
        order
    });
    ways.min_by(|one, other| length(km, one).total_cmp(&length(km, other)))
        .unwrap_or_default()
}

fn nearest(km: &[Vec<f64>], first: usize) -> Vec<usize> {
    let mut order = vec![first];
    let mut left: Vec<usize> = (0..km.len()).filter(|rank| *rank != first).collect();
    let mut at = first;
    while let Some(place) =
        (0..left.len()).min_by(|one, other| km[at][left[*one]].total_cmp(&km[at][left[*other]]))
    {
        at = left.swap_remove(place);
        order.push(at);
        left.sort_unstable();
    }
    order
}

/// 2-opt: turns a piece of the way round when that is shorter.
fn turn(km: &[Vec<f64>], order: &mut [usize], holds_start: bool) {
    const ENOUGH: f64 = 1e-9;
    loop {
        let before = length(km, order);
        for from in usize::from(holds_start)..order.len() {
            for to in from + 1..order.len() {
                let now = length(km, order);
                order[from..=to].reverse();
                if length(km, order) > now - ENOUGH {
                    order[from..=to].reverse();
                }
            }
        }
        if length(km, order) > before - ENOUGH {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{distances, legs, length, near, order};
    use crate::kernel::Position;
    use proptest::prelude::{Strategy, prop_assert, prop_assert_eq, proptest};

    fn places(most: usize) -> impl Strategy<Value = Vec<Position>> {
        let place = (47.5_f64..48.2, 0.6_f64..1.6).prop_map(|(lat, lon)| Position::new(lat, lon).unwrap());
        proptest::collection::vec(place, 0..=most)
    }

    fn all_orders(count: usize) -> Vec<Vec<usize>> {
        let mut orders = vec![Vec::new()];
        for rank in 0..count {
            orders = orders
                .into_iter()
                .flat_map(|known| {
                    (0..=known.len()).map(move |place| {
                        let mut order = known.clone();
                        order.insert(place, rank);
                        order
                    })
                })
                .collect();
        }
        orders
    }

    #[test]
    fn a_round_goes_along_the_valley() {
        let at = |lon| Position::new(47.8, lon).unwrap();
        let stops = [at(1.0), at(1.3), at(1.1), at(1.2)];
        assert_eq!(order(&stops, Some(0)), [0, 2, 3, 1]);
        assert_eq!(order(&stops, Some(1)), [1, 3, 2, 0]);
        assert_eq!(legs(&stops, &[0, 2, 3, 1]).len(), 3);
        assert_eq!(order(&[], None), Vec::<usize>::new());
        assert_eq!(order(&stops[..1], Some(0)), [0]);
    }

    proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(40))]

        #[test]
        fn no_other_order_is_shorter(stops in places(8), start in proptest::option::of(0_usize..8)) {
            let start = start.filter(|rank| *rank < stops.len());
            let found = order(&stops, start);
            let km = distances(&stops);
            let shortest = all_orders(stops.len())
                .iter()
                .filter(|order| start.is_none_or(|start| order.first() == Some(&start)))
                .map(|order| length(&km, order))
                .fold(f64::INFINITY, f64::min);
            prop_assert!((length(&km, &found) - shortest).abs() < 1e-6);
        }

        #[test]
        fn a_long_round_passes_everywhere_once_and_beats_the_nearest_next_stop(stops in places(25)) {
            let km = distances(&stops);
            let found = near(&km, (!stops.is_empty()).then_some(0));
            let mut ranks = found.clone();
            ranks.sort_unstable();
            prop_assert_eq!(ranks, (0..stops.len()).collect::<Vec<_>>());
            if !stops.is_empty() {
                prop_assert!(length(&km, &found) <= length(&km, &super::nearest(&km, 0)) + 1e-9);
                prop_assert_eq!(found[0], 0);
            }
        }
    }
}
