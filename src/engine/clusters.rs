//! Gathering members around the most central one, so that a few good groups come out of many firms.
//!
//! Greedy: the place with most neighbours first, the nearest of them up to the limit, then the rest
//! again. Counts only shrink as members are taken, so a heap of old counts is enough, and to begin with the
//! most that a group may hold.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use chrono::{Months as Span, NaiveDate};

use super::crowd::Crowd;
use super::index::Nearby;
use crate::kernel::Position;

/// A candidate member.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot {
    pub id: usize,
    /// Its site: two flows of one site are one firm.
    pub site: usize,
    pub at: Position,
    /// End of contract, when it lies ahead.
    pub end: Option<NaiveDate>,
    pub quantity: Option<f64>,
}

/// When gathering is worth it, and how far it goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// No member farther than that from the centre.
    pub km: f64,
    pub min_sites: usize,
    pub max_members: usize,
    /// Quantity that makes even two firms a group.
    pub critical_mass: Option<f64>,
    /// Contracts of one group end within that many months.
    pub window_months: u32,
}

impl Limits {
    pub(super) fn viable(&self, members: &[Spot]) -> bool {
        let sites: BTreeSet<usize> = members.iter().map(|spot| spot.site).collect();
        let quantity: f64 = members.iter().filter_map(|spot| spot.quantity).sum();
        sites.len() >= self.min_sites.max(2)
            || sites.len() >= 2
                && self
                    .critical_mass
                    .is_some_and(|mass| mass > 0.0 && quantity >= mass)
    }
}

/// Groups worth proposing, and who is left.
pub(super) fn gather(spots: &[Spot], limits: &Limits) -> (Vec<Vec<Spot>>, Vec<Spot>) {
    let mut crowd = Crowd::new(spots);
    let neighbours = neighbours(spots, limits);
    let around = |centre: usize, crowd: &Crowd<'_>| -> Vec<usize> {
        let Some(neighbours) = &neighbours else {
            return crowd.nearest(centre, limits.km, limits.max_members);
        };
        let near = neighbours[centre]
            .iter()
            .copied()
            .filter(|rank| crowd.is_free(*rank));
        let mut near = in_step(near.collect(), spots, limits.window_months);
        near.truncate(limits.max_members);
        near
    };
    let most = limits.max_members.min(spots.len());
    let mut heap: BinaryHeap<(usize, Reverse<usize>)> =
        (0..spots.len()).map(|centre| (most, Reverse(centre))).collect();
    let mut groups = Vec::new();
    while let Some((claimed, Reverse(centre))) = heap.pop() {
        if !crowd.is_free(centre) {
            continue;
        }
        let members = around(centre, &crowd);
        if members.len() < claimed {
            if members.len() >= 2 {
                heap.push((members.len(), Reverse(centre)));
            }
            continue;
        }
        let group: Vec<Spot> = members.iter().map(|rank| spots[*rank]).collect();
        if limits.viable(&group) {
            for rank in members {
                crowd.take(rank);
            }
            groups.push(group);
        }
    }
    let left = (0..spots.len()).filter(|rank| crowd.is_free(*rank));
    let left = left.map(|rank| spots[rank]).collect();
    (groups, left)
}

/// All that are within reach of each, nearest first, when dates must be compared; else the nearest free ones
/// are enough.
fn neighbours(spots: &[Spot], limits: &Limits) -> Option<Vec<Vec<usize>>> {
    spots.iter().find(|spot| spot.end.is_some())?;
    let nearby = Nearby::new(spots.iter().enumerate().map(|(rank, spot)| (rank, spot.at)));
    let within = |spot: &Spot| {
        let near = nearby.within(spot.at, limits.km);
        near.into_iter().map(|(rank, _)| rank).collect()
    };
    Some(spots.iter().map(within).collect())
}

/// Keeps, in order, those without a date and those of the window that holds most of the others.
fn in_step(ranks: Vec<usize>, spots: &[Spot], months: u32) -> Vec<usize> {
    let mut ends: Vec<NaiveDate> = ranks.iter().filter_map(|rank| spots[*rank].end).collect();
    ends.sort_unstable();
    let Some((first, last)) = fullest_window(&ends, months) else {
        return ranks;
    };
    ranks
        .into_iter()
        .filter(|rank| spots[*rank].end.is_none_or(|end| (first..=last).contains(&end)))
        .collect()
}

/// The window of that many months that holds most of the dates; the earliest of equals.
fn fullest_window(ends: &[NaiveDate], months: u32) -> Option<(NaiveDate, NaiveDate)> {
    let mut best: Option<(usize, NaiveDate, NaiveDate)> = None;
    for (rank, first) in ends.iter().enumerate() {
        let last = first
            .checked_add_months(Span::new(months))
            .unwrap_or(NaiveDate::MAX);
        let held = ends[rank..].partition_point(|end| *end <= last);
        if best.is_none_or(|(most, _, _)| held > most) {
            best = Some((held, *first, last));
        }
    }
    best.map(|(_, first, last)| (first, last))
}

/// Adds to groups the lonely ones that are near enough and in step.
pub(super) fn adopt(groups: &mut [Vec<Spot>], left: Vec<Spot>, limits: &Limits) -> Vec<Spot> {
    let centres = groups.iter().map(|group| medoid(group).at);
    let centres = Nearby::new(centres.enumerate());
    let mut still = Vec::new();
    for spot in left {
        let near = centres.within(spot.at, limits.km).into_iter();
        match near
            .map(|(rank, _)| rank)
            .find(|rank| fits(&groups[*rank], spot, limits))
        {
            Some(rank) => groups[rank].push(spot),
            None => still.push(spot),
        }
    }
    still
}

/// Whether a group has room for one more, in step with its dates.
pub(super) fn fits(group: &[Spot], spot: Spot, limits: &Limits) -> bool {
    if group.len() >= limits.max_members {
        return false;
    }
    let Some(end) = spot.end else {
        return true;
    };
    let mut ends: Vec<NaiveDate> = group.iter().filter_map(|member| member.end).collect();
    ends.push(end);
    ends.sort_unstable();
    fullest_window(&ends, limits.window_months)
        .is_some_and(|(first, last)| ends.iter().all(|e| (first..=last).contains(e)))
}

/// The member with the shortest way to all the others; the first of equals.
///
/// # Panics
/// On an empty group, which [`gather`] never makes.
pub(super) fn medoid(group: &[Spot]) -> Spot {
    let km = distances(group.iter().map(|spot| spot.at));
    let totals: Vec<f64> = km.iter().map(|way| way.iter().sum()).collect();
    let rank = (0..group.len()).min_by(|a, b| {
        totals[*a]
            .total_cmp(&totals[*b])
            .then(group[*a].id.cmp(&group[*b].id))
    });
    group[rank.expect("a group has members")]
}

/// Kilometres from each place to each; as many one way as the other.
pub(super) fn distances(places: impl Iterator<Item = Position>) -> Vec<Vec<f64>> {
    let places: Vec<Position> = places.collect();
    let mut km = vec![vec![0.0; places.len()]; places.len()];
    for from in 0..places.len() {
        for to in 0..from {
            let way = places[from].distance_km(places[to]);
            km[from][to] = way;
            km[to][from] = way;
        }
    }
    km
}

#[cfg(test)]
mod tests {
    use super::{Limits, Spot, adopt, gather, medoid};
    use crate::kernel::Position;
    use chrono::NaiveDate;

    const LIMITS: Limits = Limits {
        km: 5.0,
        min_sites: 3,
        max_members: 30,
        critical_mass: Some(10.0),
        window_months: 6,
    };

    /// A spot `km` east of Vendôme.
    fn spot(id: usize, km: f64, end: Option<(i32, u32)>) -> Spot {
        let at = Position::new(47.79, 1.06 + km / 74.9).expect("valid");
        let end = end.map(|(year, month)| NaiveDate::from_ymd_opt(year, month, 1).expect("valid"));
        Spot {
            id,
            site: id,
            at,
            end,
            quantity: None,
        }
    }

    fn ids(group: &[Spot]) -> Vec<usize> {
        let mut ids: Vec<usize> = group.iter().map(|spot| spot.id).collect();
        ids.sort_unstable();
        ids
    }

    #[test]
    fn two_towns_make_two_groups_and_the_hermit_stays_alone() {
        let spots: Vec<Spot> = [0.0, 1.0, 2.0, 40.0, 41.0, 41.5, 100.0]
            .iter()
            .enumerate()
            .map(|(id, km)| spot(id, *km, None))
            .collect();
        let (groups, left) = gather(&spots, &LIMITS);
        assert_eq!(
            groups.iter().map(|group| ids(group)).collect::<Vec<_>>(),
            [vec![0, 1, 2], vec![3, 4, 5]]
        );
        assert_eq!(ids(&left), [6]);
    }

    #[test]
    fn two_firms_are_enough_with_the_critical_mass() {
        let mut spots = vec![spot(0, 0.0, None), spot(1, 1.0, None)];
        assert!(gather(&spots, &LIMITS).0.is_empty());
        spots[0].quantity = Some(9.0);
        spots[1].quantity = Some(2.0);
        assert_eq!(gather(&spots, &LIMITS).0.len(), 1);
        spots[1].site = 0;
        assert!(
            gather(&spots, &LIMITS).0.is_empty(),
            "two flows of one firm are no group"
        );
    }

    #[test]
    fn contracts_that_end_far_apart_do_not_go_together() {
        let spots = [
            spot(0, 0.0, Some((2027, 2))),
            spot(1, 1.0, Some((2027, 5))),
            spot(2, 1.5, None),
            spot(3, 2.0, Some((2028, 6))),
        ];
        let (groups, left) = gather(&spots, &LIMITS);
        assert_eq!(
            groups.iter().map(|group| ids(group)).collect::<Vec<_>>(),
            [vec![0, 1, 2]]
        );
        assert_eq!(ids(&left), [3]);
    }

    #[test]
    fn hundreds_of_firms_give_several_groups_of_bounded_size() {
        let spots: Vec<Spot> = (0..200)
            .map(|id| spot(id, f64::from(u32::try_from(id).unwrap()) / 5.0, None))
            .collect();
        let (groups, left) = gather(&spots, &LIMITS);
        assert!(
            groups.len() >= 5 && groups.iter().all(|group| group.len() <= 30),
            "{}",
            groups.len()
        );
        let total: usize = groups.iter().map(Vec::len).sum();
        assert_eq!(total + left.len(), 200);
        for group in &groups {
            let centre = medoid(group).at;
            assert!(
                group
                    .iter()
                    .all(|member| centre.distance_km(member.at) <= LIMITS.km * 2.0)
            );
        }
    }

    #[test]
    fn the_lonely_join_a_group_that_is_near() {
        let mut groups = vec![vec![spot(0, 0.0, None), spot(1, 1.0, None), spot(2, 2.0, None)]];
        let still = adopt(
            &mut groups,
            vec![spot(3, 4.0, None), spot(4, 30.0, None)],
            &LIMITS,
        );
        assert_eq!(ids(&groups[0]), [0, 1, 2, 3]);
        assert_eq!(ids(&still), [4]);
    }
}
