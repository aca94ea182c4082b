//! Gathering members around the most central one, so that a few good groups come out of many firms.
//!
//! Greedy: the place with most neighbours first, the nearest of them up to the limit, then the rest
//! again. Counts only shrink as members are taken, so a heap of old counts is enough.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use chrono::{Months as Span, NaiveDate};

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
    let nearby = Nearby::new(spots.iter().enumerate().map(|(rank, spot)| (rank, spot.at)));
    let neighbours: Vec<Vec<usize>> = spots
        .iter()
        .map(|spot| {
            nearby
                .within(spot.at, limits.km)
                .into_iter()
                .map(|(rank, _)| rank)
                .collect()
        })
        .collect();
    let mut free = vec![true; spots.len()];
    let around = |centre: usize, free: &[bool]| -> Vec<usize> {
        let near = neighbours[centre].iter().copied().filter(|rank| free[*rank]);
        let mut near: Vec<usize> = in_step(near.collect(), spots, limits.window_months);
        near.truncate(limits.max_members);
        near
    };
    let mut heap: BinaryHeap<(usize, Reverse<usize>)> = neighbours
        .iter()
        .enumerate()
        .map(|(centre, near)| (near.len().min(limits.max_members), Reverse(centre)))
        .collect();
    let mut groups = Vec::new();
    while let Some((claimed, Reverse(centre))) = heap.pop() {
        if !free[centre] {
            continue;
        }
        let members = around(centre, &free);
        if members.len() < claimed {
            if members.len() >= 2 {
                heap.push((members.len(), Reverse(centre)));
            }
            continue;
        }
        let group: Vec<Spot> = members.iter().map(|rank| spots[*rank]).collect();
        if limits.viable(&group) {
            for rank in members {
                free[rank] = false;
            }
            groups.push(group);
        }
    }
    let left = spots
        .iter()
        .zip(free)
        .filter(|(_, free)| *free)
        .map(|(spot, _)| *spot)
        .collect();
    (groups, left)
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
    let centres: Vec<Position> = groups.iter().map(|group| medoid(group).at).collect();
    let mut still = Vec::new();
    for spot in left {
        let mut near: Vec<(f64, usize)> = centres
            .iter()
            .enumerate()
            .map(|(rank, centre)| (centre.distance_km(spot.at), rank))
            .filter(|(km, rank)| *km <= limits.km && fits(&groups[*rank], spot, limits))
            .collect();
        near.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        match near.first() {
            Some((_, rank)) => groups[*rank].push(spot),
            None => still.push(spot),
        }
    }
    still
}

fn fits(group: &[Spot], spot: Spot, limits: &Limits) -> bool {
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
    let total = |from: &Spot| group.iter().map(|to| from.at.distance_km(to.at)).sum::<f64>();
    let totals: BTreeMap<usize, f64> = group.iter().map(|spot| (spot.id, total(spot))).collect();
    *group
        .iter()
        .min_by(|a, b| totals[&a.id].total_cmp(&totals[&b.id]).then(a.id.cmp(&b.id)))
        .expect("a group has members")
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
