//! Who is still free around a place, nearest first: a tree of points from which those taken go away.
//!
//! Gathering asks for the few nearest free members again and again, while most of a neighbourhood has been
//! taken already: branches count their free points, so that the others are never walked.

use super::clusters::Spot;
use super::index::{chord_squared, on_sphere};

/// Points of a leaf.
const LEAF: usize = 8;

/// A box of points of the unit sphere.
#[derive(Debug, Clone, Copy)]
struct Node {
    low: [f64; 3],
    high: [f64; 3],
    free: u32,
}

/// Spots by rank. Node `n` has children `2n + 1` and `2n + 2`, each with half of its points.
#[derive(Debug)]
pub(super) struct Crowd<'s> {
    spots: &'s [Spot],
    /// Points with the rank of their spot, in the order of the leaves.
    points: Vec<([f64; 3], usize)>,
    /// Where the point of a spot is.
    places: Vec<usize>,
    free: Vec<bool>,
    nodes: Vec<Node>,
}

impl<'s> Crowd<'s> {
    pub(super) fn new(spots: &'s [Spot]) -> Self {
        let points = spots.iter().enumerate();
        let mut crowd = Self {
            spots,
            points: points.map(|(rank, spot)| (on_sphere(spot.at), rank)).collect(),
            places: vec![0; spots.len()],
            free: vec![true; spots.len()],
            nodes: Vec::new(),
        };
        crowd.build(0, 0, spots.len());
        for (place, (_, rank)) in crowd.points.iter().enumerate() {
            crowd.places[*rank] = place;
        }
        crowd
    }

    fn build(&mut self, node: usize, first: usize, end: usize) {
        let points = &mut self.points[first..end];
        let (mut low, mut high) = ([f64::INFINITY; 3], [f64::NEG_INFINITY; 3]);
        for (point, _) in points.iter() {
            low = std::array::from_fn(|axis| low[axis].min(point[axis]));
            high = std::array::from_fn(|axis| high[axis].max(point[axis]));
        }
        let found = Node {
            low,
            high,
            free: super::column::number(points.len()),
        };
        if self.nodes.len() <= node {
            self.nodes.resize(node + 1, Node { free: 0, ..found });
        }
        self.nodes[node] = found;
        if end - first > LEAF {
            let width = |axis: &usize| high[*axis] - low[*axis];
            let axis = (0..3).max_by(|a, b| width(a).total_cmp(&width(b))).unwrap_or(0);
            let middle = (end - first) / 2;
            points.select_nth_unstable_by(middle, |a, b| a.0[axis].total_cmp(&b.0[axis]).then(a.1.cmp(&b.1)));
            self.build(2 * node + 1, first, first + middle);
            self.build(2 * node + 2, first + middle, end);
        }
    }

    pub(super) fn is_free(&self, rank: usize) -> bool {
        self.free[rank]
    }

    pub(super) fn take(&mut self, rank: usize) {
        if !std::mem::take(&mut self.free[rank]) {
            return;
        }
        let place = self.places[rank];
        let (mut node, mut first, mut end) = (0, 0, self.points.len());
        loop {
            self.nodes[node].free -= 1;
            if end - first <= LEAF {
                return;
            }
            let middle = first + (end - first) / 2;
            if place < middle {
                (node, end) = (2 * node + 1, middle);
            } else {
                (node, first) = (2 * node + 2, middle);
            }
        }
    }

    /// The nearest free spots within `km` of a spot, itself among them, at most so many; nearest first, then
    /// by rank.
    pub(super) fn nearest(&self, from: usize, km: f64, most: usize) -> Vec<usize> {
        let mut near = Near {
            crowd: self,
            from: &self.spots[from],
            centre: self.points[self.places[from]].0,
            most,
            km,
            chord: chord_squared(km),
            found: Vec::with_capacity(most.min(64) + 1),
        };
        near.visit(0, 0, self.points.len());
        near.found.into_iter().map(|(_, rank)| rank).collect()
    }
}

/// A walk around one spot.
struct Near<'c, 's> {
    crowd: &'c Crowd<'s>,
    from: &'c Spot,
    centre: [f64; 3],
    most: usize,
    /// Nothing farther is of interest, in kilometres and as the square of a chord.
    km: f64,
    chord: f64,
    found: Vec<(f64, usize)>,
}

impl Near<'_, '_> {
    fn visit(&mut self, node: usize, first: usize, end: usize) {
        if self.crowd.nodes[node].free == 0 || self.gap(node) > self.chord {
            return;
        }
        if end - first <= LEAF {
            let crowd = self.crowd;
            for (point, rank) in &crowd.points[first..end] {
                if crowd.free[*rank] && squared(self.centre, *point) <= self.chord {
                    self.meet(*rank);
                }
            }
            return;
        }
        let middle = first + (end - first) / 2;
        let (one, other) = (2 * node + 1, 2 * node + 2);
        if self.gap(one) <= self.gap(other) {
            self.visit(one, first, middle);
            self.visit(other, middle, end);
        } else {
            self.visit(other, middle, end);
            self.visit(one, first, middle);
        }
    }

    fn meet(&mut self, rank: usize) {
        let km = self.from.at.distance_km(self.crowd.spots[rank].at);
        if km > self.km {
            return;
        }
        let place = self
            .found
            .partition_point(|found| found.0.total_cmp(&km).then(found.1.cmp(&rank)).is_lt());
        self.found.insert(place, (km, rank));
        self.found.truncate(self.most);
        if let Some((last, _)) = self.found.last().filter(|_| self.found.len() == self.most) {
            (self.km, self.chord) = (*last, chord_squared(*last));
        }
    }

    /// Square of the chord to the box of a branch.
    fn gap(&self, node: usize) -> f64 {
        let node = &self.crowd.nodes[node];
        (0..3)
            .map(|axis| {
                let at = self.centre[axis];
                let gap = (node.low[axis] - at).max(at - node.high[axis]).max(0.0);
                gap * gap
            })
            .sum()
    }
}

fn squared(a: [f64; 3], b: [f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

#[cfg(test)]
mod tests {
    use super::{Crowd, Spot};
    use crate::kernel::Position;
    use proptest::prelude::{any, prop_assert_eq, proptest};

    fn spots(places: &[(f64, f64)]) -> Vec<Spot> {
        let spot = |(id, (lat, lon)): (usize, &(f64, f64))| Spot {
            id,
            site: id,
            at: Position::new(*lat, *lon).expect("valid degrees"),
            end: None,
            quantity: None,
        };
        places.iter().enumerate().map(spot).collect()
    }

    proptest! {
        #[test]
        fn the_nearest_free_are_those_of_a_scan(
            places in proptest::collection::vec((47.5..48.1_f64, 0.7..1.5_f64), 1..120),
            twins in 0_usize..4,
            taken in proptest::collection::vec(any::<bool>(), 120),
            km in 0.0..60.0_f64,
            most in 1_usize..12,
        ) {
            let mut places = places;
            let same = places[0];
            places.extend(std::iter::repeat_n(same, twins));
            let spots = spots(&places);
            let mut crowd = Crowd::new(&spots);
            for rank in (0..spots.len()).filter(|rank| taken[rank % taken.len()]) {
                crowd.take(rank);
            }
            for from in 0..spots.len().min(5) {
                let distance = |rank: &usize| spots[from].at.distance_km(spots[*rank].at);
                let mut near: Vec<usize> = (0..spots.len()).filter(|rank| crowd.is_free(*rank) && distance(rank) <= km).collect();
                near.sort_by(|a, b| distance(a).total_cmp(&distance(b)).then(a.cmp(b)));
                near.truncate(most);
                prop_assert_eq!(crowd.nearest(from, km, most), near);
            }
        }
    }
}
