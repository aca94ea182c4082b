//! What realised synergies bring, one by one and together. Pure.

use super::days_between;
use crate::flows::Certainty;
use crate::kernel::Position;
use chrono::{Datelike, Months, NaiveDate};
use std::collections::BTreeSet;
use uuid::Uuid;

/// How a synergy shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    Substitution,
    Sharing,
    Mutualisation,
}

/// What one realised synergy brings each year; what nobody estimated stays unknown.
#[derive(Debug, Clone, PartialEq)]
pub struct RealisedSynergy {
    pub id: Uuid,
    pub since: NaiveDate,
    /// When it was confirmed after some time, or stopped; both from the journal.
    pub durable_on: Option<NaiveDate>,
    pub interrupted_on: Option<NaiveDate>,
    pub shape: Shape,
    pub members: Vec<Uuid>,
    pub places: Vec<Position>,
    pub origin: Option<Certainty>,
    pub effects: Yearly,
}

impl RealisedSynergy {
    /// Savings from the first exchange to that day: each year as it was told, else as known that day.
    fn saved_by(&self, on: NaiveDate) -> Option<f64> {
        let known = self.effects.on(on).savings_eur;
        let years = (self.since.year()..=on.year()).map(|year| {
            let told = self.effects.told_of(year, on).and_then(|told| told.savings_eur);
            let (begins, ends) = (first_day(year), first_day(year + 1));
            Some(told.or(known)? * days_between(self.since.max(begins), on.min(ends)) / 365.25)
        });
        years.sum()
    }

    fn stopped_by(&self, on: NaiveDate) -> bool {
        self.interrupted_on.is_some_and(|day| day <= on)
    }
}

/// Yearly effects of one synergy from a day on: as estimated, then as each year told them once it was over.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Yearly(Vec<(NaiveDate, Effects)>);

impl Yearly {
    pub fn estimated(effects: Effects) -> Self {
        Self(vec![(NaiveDate::MIN, effects)])
    }

    /// In the order of days.
    pub fn tell(&mut self, from: NaiveDate, effects: Effects) {
        self.0.push((from, effects));
    }

    fn known(&self, day: NaiveDate) -> Option<&(NaiveDate, Effects)> {
        self.0.iter().rfind(|(from, _)| *from <= day)
    }

    fn on(&self, day: NaiveDate) -> Effects {
        self.known(day)
            .map_or_else(Effects::default, |(_, effects)| *effects)
    }

    /// Since when what is known that day is.
    fn since(&self, day: NaiveDate) -> NaiveDate {
        self.known(day).map_or(NaiveDate::MIN, |(from, _)| *from)
    }

    /// What was told of a year, when it was by that day.
    fn told_of(&self, year: i32, day: NaiveDate) -> Option<&Effects> {
        let from = first_day(year + 1);
        let told = self.0.iter().find(|(began, _)| *began == from && *began <= day);
        told.map(|(_, effects)| effects)
    }
}

fn first_day(year: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or(NaiveDate::MAX)
}

/// Yearly effects of one synergy.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Effects {
    pub diverted_t: Option<f64>,
    pub virgin_t: Option<f64>,
    pub energy_mwh: Option<f64>,
    pub water_m3: Option<f64>,
    pub freight_tkm: Option<f64>,
    pub car_km: Option<f64>,
    pub avoided_tco2e: Option<f64>,
    /// Tonnage whose treatment before and after is known, and the part that climbed.
    pub ranked_t: Option<f64>,
    pub improved_t: Option<f64>,
    pub savings_eur: Option<f64>,
    pub local_sales_eur: Option<f64>,
    pub investment_eur: Option<f64>,
    pub jobs_fte: Option<f64>,
    pub shared_jobs_fte: Option<f64>,
    pub trained_people: Option<f64>,
    pub new_activities: Option<f64>,
}

/// What the synergies realised by a day and still in place add up to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Realised {
    pub count: i64,
    pub substitutions: i64,
    pub mutualisations: i64,
    pub companies: i64,
    /// Realised for twelve months at least, and those of them confirmed in place.
    pub a_year_old: i64,
    pub durable: i64,
    pub diverted_t: Summed,
    pub virgin_t: Summed,
    pub energy_mwh: Summed,
    pub water_m3: Summed,
    pub freight_tkm: Summed,
    pub car_km: Summed,
    pub avoided_tco2e: Summed,
    pub ranked_t: Summed,
    pub improved_t: Summed,
    pub savings_eur: Summed,
    /// Savings of every year since each synergy began.
    pub saved_so_far_eur: Summed,
    pub local_sales_eur: Summed,
    pub investment_eur: Summed,
    pub jobs_fte: Summed,
    pub shared_jobs_fte: Summed,
    pub trained_people: Summed,
    pub new_activities: Summed,
    /// Median distance between participants, over how many synergies.
    pub distance_km: Option<f64>,
    pub located: i64,
}

impl Realised {
    /// Those of the list that were in place by that day.
    pub fn at(on: NaiveDate, synergies: &[RealisedSynergy]) -> Self {
        let begun: Vec<_> = synergies.iter().filter(|s| s.since <= on).collect();
        let then: Vec<_> = begun.iter().copied().filter(|s| !s.stopped_by(on)).collect();
        let a_year_before = on.checked_sub_months(Months::new(12)).unwrap_or(on);
        let old = |s: &&&RealisedSynergy| s.since <= a_year_before;
        let sum = |figure: fn(&Effects) -> Option<f64>| Summed::of(on, &then, |s| figure(&s.effects.on(on)));
        let (distance_km, located) = distances(&then);
        Self {
            count: size(then.len()),
            substitutions: size(then.iter().filter(|s| s.shape == Shape::Substitution).count()),
            mutualisations: size(then.iter().filter(|s| s.shape == Shape::Mutualisation).count()),
            companies: size(
                then.iter()
                    .flat_map(|s| &s.members)
                    .collect::<BTreeSet<_>>()
                    .len(),
            ),
            a_year_old: size(begun.iter().filter(old).count()),
            durable: size(
                begun
                    .iter()
                    .filter(old)
                    .filter(|s| !s.stopped_by(on) && s.durable_on.is_some_and(|day| day <= on))
                    .count(),
            ),
            diverted_t: sum(|e| e.diverted_t),
            virgin_t: sum(|e| e.virgin_t),
            energy_mwh: sum(|e| e.energy_mwh),
            water_m3: sum(|e| e.water_m3),
            freight_tkm: sum(|e| e.freight_tkm),
            car_km: sum(|e| e.car_km),
            avoided_tco2e: sum(|e| e.avoided_tco2e),
            ranked_t: sum(|e| e.ranked_t),
            improved_t: sum(|e| e.improved_t),
            savings_eur: sum(|e| e.savings_eur),
            saved_so_far_eur: Summed::of(on, &then, |s| s.saved_by(on)),
            local_sales_eur: sum(|e| e.local_sales_eur),
            investment_eur: sum(|e| e.investment_eur),
            jobs_fte: sum(|e| e.jobs_fte),
            shared_jobs_fte: sum(|e| e.shared_jobs_fte),
            trained_people: sum(|e| e.trained_people),
            new_activities: sum(|e| e.new_activities),
            distance_km,
            located,
        }
    }
}

/// The median of the distances between two participants of a same synergy.
fn distances(synergies: &[&RealisedSynergy]) -> (Option<f64>, i64) {
    let mut all = Vec::new();
    let mut located = 0;
    for synergy in synergies {
        let before = all.len();
        for (rank, place) in synergy.places.iter().enumerate() {
            all.extend(
                synergy.places[rank + 1..]
                    .iter()
                    .map(|other| place.distance_km(*other)),
            );
        }
        located += i64::from(all.len() > before);
    }
    all.sort_by(f64::total_cmp);
    let median = match all.len() {
        0 => None,
        n if n % 2 == 1 => Some(all[n / 2]),
        n => Some(f64::midpoint(all[n / 2 - 1], all[n / 2])),
    };
    (median, located)
}

fn size(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A synergy, and since when its figures are those that are counted: a figure that changes tells as much as one
/// that comes.
pub type Counted = (Uuid, NaiveDate);

/// A total over synergies, with what is needed to know whether it may be shown.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summed {
    /// None: no synergy has an estimate.
    pub total: Option<f64>,
    /// Those that have an estimate.
    pub synergies: BTreeSet<Counted>,
    pub companies: i64,
    pub largest: f64,
    pub weakest: Option<Certainty>,
}

impl Summed {
    fn of(
        on: NaiveDate,
        synergies: &[&RealisedSynergy],
        figure: impl Fn(&RealisedSynergy) -> Option<f64>,
    ) -> Self {
        let mut sum = Self::default();
        let mut companies = BTreeSet::new();
        for synergy in synergies {
            let Some(value) = figure(synergy) else { continue };
            sum.total = Some(sum.total.unwrap_or(0.0) + value);
            sum.synergies.insert((synergy.id, synergy.effects.since(on)));
            sum.largest = sum.largest.max(value.abs());
            sum.weakest = sum.weakest.max(synergy.origin);
            companies.extend(synergy.members.iter().copied());
        }
        sum.companies = size(companies.len());
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::{Effects, Realised, RealisedSynergy, Shape, Yearly};
    use crate::flows::Certainty;
    use crate::kernel::Position;
    use chrono::NaiveDate;
    use uuid::Uuid;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    fn synergy(since: NaiveDate, members: &[u128], mwh: Option<f64>) -> RealisedSynergy {
        RealisedSynergy {
            id: Uuid::from_u128(members.iter().sum()),
            since,
            durable_on: None,
            interrupted_on: None,
            shape: Shape::Substitution,
            members: members.iter().copied().map(Uuid::from_u128).collect(),
            places: vec![
                Position::new(47.79, 1.07).unwrap(),
                Position::new(47.79, 1.20).unwrap(),
            ],
            origin: Some(Certainty::Estimated),
            effects: Yearly::estimated(Effects {
                energy_mwh: mwh,
                savings_eur: Some(1_000.0),
                ..Effects::default()
            }),
        }
    }

    #[test]
    fn only_what_is_in_place_that_day_counts() {
        let interrupted = RealisedSynergy {
            interrupted_on: Some(day(2025, 6, 1)),
            ..synergy(day(2024, 1, 1), &[8, 9], Some(7.0))
        };
        let synergies = [
            synergy(day(2025, 1, 1), &[1, 2], Some(40.0)),
            synergy(day(2025, 2, 1), &[2, 3], None),
            synergy(day(2026, 9, 1), &[4, 5], Some(500.0)),
            interrupted,
        ];
        let then = Realised::at(day(2026, 1, 1), &synergies);
        assert_eq!((then.count, then.companies), (2, 3));
        assert_eq!(then.energy_mwh.total, Some(40.0));
        assert_eq!(
            (then.a_year_old, then.durable),
            (2, 0),
            "one begun in 2025, one interrupted"
        );
        let earlier = Realised::at(day(2025, 5, 1), &synergies);
        assert_eq!(earlier.count, 3, "not yet interrupted");
        assert!((then.saved_so_far_eur.total.unwrap() - 1_913.8).abs() < 1.0);
        assert!(
            (then.distance_km.unwrap() - 9.7).abs() < 0.2,
            "{:?}",
            then.distance_km
        );
    }

    #[test]
    fn a_year_that_was_told_counts_for_itself_and_from_its_end() {
        let mut told = synergy(day(2024, 1, 1), &[1, 2], Some(40.0));
        let year = |savings| Effects {
            savings_eur: Some(savings),
            ..Effects::default()
        };
        told.effects.tell(day(2025, 1, 1), year(400.0));
        told.effects.tell(day(2026, 1, 1), year(100.0));
        let at = |on| Realised::at(on, std::slice::from_ref(&told));
        let totals =
            [day(2024, 12, 31), day(2025, 12, 31), day(2026, 1, 1)].map(|on| at(on).savings_eur.total);
        assert_eq!(totals, [Some(1_000.0), Some(400.0), Some(100.0)]);
        assert!((at(day(2026, 1, 1)).saved_so_far_eur.total.unwrap() - 500.0).abs() < 2.0);
        assert_ne!(
            at(day(2025, 12, 31)).savings_eur.synergies,
            at(day(2026, 1, 1)).savings_eur.synergies
        );
    }
}
