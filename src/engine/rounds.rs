//! What a shared collection round saves against one journey per firm.
//!
//! From the most central member, through all the others and back: nearest insertion, then 2-opt until
//! nothing improves. Inserting a stop never costs more than a journey of its own, so the round is never
//! longer than the journeys it replaces. Same stops, same round, whatever their order.

use super::clusters::distances;
use super::outcome::Round;
use super::params::Haulage;
use crate::kernel::Position;

/// Share of the journeys that a round must save to be worth a sentence.
const WORTH_SAYING: f64 = 0.05;
/// Improvements below this are rounding.
const GAIN_KM: f64 = 1e-9;

/// The round through `stops` from `depot`, `turns` times a year. Nothing with fewer than two stops, or when
/// the round saves next to nothing.
pub(super) fn round(depot: Position, stops: &[Position], turns: f64, haulage: &Haulage) -> Option<Round> {
    if stops.len() < 2 {
        return None;
    }
    let shared_km = shortest(depot, stops) * haulage.detour[1];
    let journeys: f64 = stops.iter().map(|stop| 2.0 * depot.distance_km(*stop)).sum();
    let separate_km = journeys * haulage.detour[1];
    let saved_km = turns * (separate_km - shared_km).max(0.0);
    (saved_km > WORTH_SAYING * turns * separate_km).then_some(Round {
        shared_km,
        separate_km,
        turns,
        saved_km,
        saved_eur: saved_km * haulage.eur_per_km[1],
        saved_tco2e: saved_km * haulage.kgco2_per_km[1] / 1_000.0,
    })
}

/// Length of the round as the crow flies.
fn shortest(depot: Position, stops: &[Position]) -> f64 {
    let mut places = vec![depot];
    let mut sorted = stops.to_vec();
    sorted.sort_by(|a, b| a.lat().total_cmp(&b.lat()).then(a.lon().total_cmp(&b.lon())));
    places.extend(sorted);
    let km = distances(places.into_iter());
    let mut tour = insert_nearest(&km);
    untangle(&mut tour, &km);
    length(&tour, &km)
}

fn length(tour: &[usize], km: &[Vec<f64>]) -> f64 {
    let next = tour.iter().cycle().skip(1);
    tour.iter().zip(next).map(|(from, to)| km[*from][*to]).sum()
}

/// Adds the stop nearest to the tour, where it costs least, until none is left.
fn insert_nearest(km: &[Vec<f64>]) -> Vec<usize> {
    let mut tour = vec![0];
    let mut left: Vec<usize> = (1..km.len()).collect();
    // How far each stop is from the tour.
    let mut reach = km[0].clone();
    while !left.is_empty() {
        let rank = (0..left.len())
            .min_by(|a, b| reach[left[*a]].total_cmp(&reach[left[*b]]))
            .unwrap_or(0);
        let stop = left.remove(rank);
        for (reach, km) in reach.iter_mut().zip(&km[stop]) {
            *reach = reach.min(*km);
        }
        let cost = |place: usize| {
            let (from, to) = (tour[place], tour[(place + 1) % tour.len()]);
            km[from][stop] + km[stop][to] - km[from][to]
        };
        let place = (0..tour.len())
            .min_by(|a, b| cost(*a).total_cmp(&cost(*b)))
            .unwrap_or(0);
        tour.insert(place + 1, stop);
    }
    tour
}

/// 2-opt: turns a stretch of the tour round as long as that shortens it.
fn untangle(tour: &mut [usize], km: &[Vec<f64>]) {
    let count = tour.len();
    let mut better = true;
    while better {
        better = false;
        for first in 0..count.saturating_sub(1) {
            for last in first + 2..count {
                let (a, b) = (tour[first], tour[first + 1]);
                let (c, d) = (tour[last], tour[(last + 1) % count]);
                if a != d && km[a][c] + km[b][d] + GAIN_KM < km[a][b] + km[c][d] {
                    tour[first + 1..=last].reverse();
                    better = true;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{round, shortest};
    use crate::engine::Haulage;
    use crate::kernel::Position;
    use crate::nomenclature::Catalogue;
    use proptest::prelude::{Strategy, prop_assert, proptest};

    fn haulage() -> Haulage {
        Haulage::of(Catalogue::embedded().factors())
    }

    fn at(north_km: f64, east_km: f64) -> Position {
        Position::new(47.79 + north_km / 111.2, 1.06 + east_km / 74.7).expect("valid")
    }

    #[test]
    fn four_corners_are_a_square_not_a_cross() {
        let corners = [at(10.0, 10.0), at(0.0, 10.0), at(10.0, 0.0)];
        let km = shortest(at(0.0, 0.0), &corners);
        assert!((km - 40.0).abs() < 0.3, "{km}");
        let plain = Haulage {
            detour: [1.0; 3],
            ..haulage()
        };
        let shared = round(at(0.0, 0.0), &corners, 12.0, &plain).expect("three stops");
        assert!((shared.separate_km - 2.0 * (10.0 + 10.0 + 200.0_f64.sqrt())).abs() < 0.4);
        assert!((shared.saved_km - 12.0 * (shared.separate_km - shared.shared_km)).abs() < 1e-6);
        assert!(shared.saved_eur > 0.0 && shared.saved_tco2e > 0.0);
    }

    #[test]
    fn one_stop_shares_nothing() {
        assert_eq!(round(at(0.0, 0.0), &[at(1.0, 1.0)], 12.0, &haulage()), None);
    }

    fn places() -> impl Strategy<Value = Vec<Position>> {
        proptest::collection::vec((0.0..30.0_f64, 0.0..30.0_f64).prop_map(|(n, e)| at(n, e)), 2..14)
    }

    proptest! {
        #[test]
        fn a_round_is_never_longer_than_the_journeys_it_replaces(stops in places()) {
            let depot = at(5.0, 5.0);
            let journeys: f64 = stops.iter().map(|stop| 2.0 * depot.distance_km(*stop)).sum();
            prop_assert!(shortest(depot, &stops) <= journeys + 1e-6);
        }

        #[test]
        fn the_order_of_the_stops_changes_nothing(stops in places(), turn in 0_usize..14) {
            let mut turned = stops.clone();
            turned.rotate_left(turn % stops.len());
            turned.reverse();
            let same = shortest(at(5.0, 5.0), &stops).to_bits() == shortest(at(5.0, 5.0), &turned).to_bits();
            prop_assert!(same);
        }
    }
}
