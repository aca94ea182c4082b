//! Who is near a place: an R-tree over the sites.
//!
//! Positions are kept as points of the unit sphere, so that the antimeridian and the poles are
//! places like any other; the order of the chords is the order of the great circles. The rest of the
//! engine asks [`Nearby::within`] or walks [`Nearby::nearest`] and never sees the tree.

use rstar::RTree;
use rstar::primitives::GeomWithData;

use crate::kernel::Position;

/// Mean radius of the Earth, the one [`Position::distance_km`] uses.
pub(super) const EARTH_KM: f64 = 6_371.008_8;

/// Rounding of the chord against the haversine, as a share; the exact distance decides afterwards.
const SLACK: f64 = 1e-6;

type Spot = GeomWithData<[f64; 3], (usize, Position)>;

/// Numbered things at known places.
#[derive(Debug, Clone, Default)]
pub struct Nearby {
    tree: RTree<Spot>,
}

impl Nearby {
    /// Indexes things by the number the caller gives them.
    #[must_use]
    pub fn new(places: impl IntoIterator<Item = (usize, Position)>) -> Self {
        let spots = places
            .into_iter()
            .map(|(id, at)| Spot::new(on_sphere(at), (id, at)))
            .collect();
        Self {
            tree: RTree::bulk_load(spots),
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tree.size() == 0
    }

    /// What lies within `km` of a place, with its distance; nearest first, then by number.
    #[must_use]
    pub fn within(&self, from: Position, km: f64) -> Vec<(usize, f64)> {
        let centre = on_sphere(from);
        let mut found: Vec<(usize, f64)> = self
            .tree
            .locate_within_distance(centre, chord_squared(km))
            .map(|spot| (spot.data.0, from.distance_km(spot.data.1)))
            .filter(|(_, distance)| *distance <= km)
            .collect();
        found.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        found
    }

    /// Everything, in no order.
    pub fn all(&self) -> impl Iterator<Item = (usize, Position)> {
        self.tree.iter().map(|spot| spot.data)
    }

    /// Everything, by growing distance (to within a rounding): stop when it is far enough.
    pub fn nearest(&self, from: Position) -> impl Iterator<Item = (usize, f64)> {
        self.tree
            .nearest_neighbor_iter(&on_sphere(from))
            .map(move |spot| (spot.data.0, from.distance_km(spot.data.1)))
    }
}

/// A place as a point of the unit sphere.
pub(super) fn on_sphere(at: Position) -> [f64; 3] {
    let (lat, lon) = (at.lat().to_radians(), at.lon().to_radians());
    [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()]
}

/// Kilometres along the great circle between two points of the unit sphere.
pub(super) fn arc_km(a: [f64; 3], b: [f64; 3]) -> f64 {
    let chord = a
        .iter()
        .zip(b)
        .map(|(a, b)| (a - b) * (a - b))
        .sum::<f64>()
        .sqrt();
    2.0 * EARTH_KM * (chord / 2.0).min(1.0).asin()
}

/// The square of a chord that no place within `km` exceeds.
pub(super) fn chord_squared(km: f64) -> f64 {
    let half_angle = (km.max(0.0) / (2.0 * EARTH_KM)).min(std::f64::consts::FRAC_PI_2);
    let chord = 2.0 * half_angle.sin();
    let generous = chord * (1.0 + SLACK) + SLACK * 1e-3;
    generous * generous
}

#[cfg(test)]
mod tests {
    use super::{Nearby, Spot, chord_squared, on_sphere};
    use crate::kernel::Position;
    use proptest::prelude::{Strategy, prop_assert, prop_assert_eq, proptest};
    use rstar::PointDistance;

    fn at(lat: f64, lon: f64) -> Position {
        Position::new(lat, lon).expect("valid degrees")
    }

    fn scan(places: &[Position], from: Position, km: f64) -> Vec<(usize, f64)> {
        let mut found: Vec<(usize, f64)> = places
            .iter()
            .enumerate()
            .map(|(id, place)| (id, from.distance_km(*place)))
            .filter(|(_, distance)| *distance <= km)
            .collect();
        found.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        found
    }

    fn index(places: &[Position]) -> Nearby {
        Nearby::new(places.iter().copied().enumerate())
    }

    fn anywhere() -> impl Strategy<Value = Position> {
        (-90.0..=90.0, -180.0..=180.0).prop_map(|(lat, lon)| at(lat, lon))
    }

    fn around_vendome() -> impl Strategy<Value = Position> {
        (47.5..=48.1, 0.7..=1.5).prop_map(|(lat, lon)| at(lat, lon))
    }

    #[test]
    fn nothing_and_one_place() {
        assert!(Nearby::default().within(at(47.8, 1.06), 1e6).is_empty());
        assert!(Nearby::default().is_empty());
        let one = index(&[at(47.8, 1.06)]);
        assert_eq!(one.within(at(47.8, 1.06), 0.0), [(0, 0.0)]);
        assert!(one.within(at(48.8, 1.06), 100.0).is_empty());
        assert_eq!(one.within(at(-47.8, -178.94), 30_000.0).len(), 1);
    }

    #[test]
    fn identical_places_are_all_found() {
        let same = vec![at(47.8, 1.06); 50];
        let found = index(&same).within(at(47.8, 1.06), 0.0);
        assert_eq!(
            found.iter().map(|(id, _)| *id).collect::<Vec<_>>(),
            (0..50).collect::<Vec<_>>()
        );
    }

    #[test]
    fn the_antimeridian_is_a_place_like_any_other() {
        let places = [at(-16.8, 179.95), at(-16.8, -179.95), at(-16.8, 178.0)];
        let mut near: Vec<usize> = index(&places)
            .within(at(-16.8, 180.0), 20.0)
            .into_iter()
            .map(|(id, _)| id)
            .collect();
        near.sort_unstable();
        assert_eq!(near, [0, 1]);
    }

    proptest! {
        #[test]
        fn the_tree_finds_what_a_scan_finds(
            places in proptest::collection::vec(around_vendome(), 0..200),
            from in around_vendome(),
            km in 0.0..60.0_f64,
        ) {
            prop_assert_eq!(index(&places).within(from, km), scan(&places, from, km));
        }

        #[test]
        fn also_over_the_whole_globe(
            places in proptest::collection::vec(anywhere(), 0..80),
            from in anywhere(),
            km in 0.0..21_000.0_f64,
        ) {
            prop_assert_eq!(index(&places).within(from, km), scan(&places, from, km));
        }

        #[test]
        fn the_walk_goes_outwards(
            places in proptest::collection::vec(around_vendome(), 0..100),
            from in around_vendome(),
        ) {
            let walked: Vec<f64> = index(&places).nearest(from).map(|(_, distance)| distance).collect();
            prop_assert_eq!(walked.len(), places.len());
            prop_assert!(walked.windows(2).all(|pair| pair[0] <= pair[1] + 1e-6));
        }

        #[test]
        fn a_chord_never_hides_a_neighbour(a in anywhere(), b in anywhere()) {
            let chord = Spot::new(on_sphere(a), (0, a)).distance_2(&on_sphere(b));
            prop_assert!(chord <= chord_squared(a.distance_km(b)));
        }
    }
}
