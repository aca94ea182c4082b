//! What indicators are computed from: the state of a territory's programme at the end of a day,
//! gathered by `store::facts`. Pure: every formula of the catalogue is tried without a database.

use crate::flows::Certainty;
use crate::kernel::Position;
use crate::programmes::model::PartnerKind;
use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Everything known on a day.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct YearFacts {
    pub on: NaiveDate,
    pub people: People,
    pub steering: Steering,
    pub inventory: Inventory,
    pub leads: Leads,
    pub realised: Realised,
    pub money: Money,
}

/// Companies met, and what they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct People {
    pub mobilised: i64,
    /// Establishments of the perimeter, when the territory says how many.
    pub perimeter: Option<i64>,
    pub mobilised_in_year: i64,
    pub visits_in_year: i64,
    pub diagnosed: i64,
    pub active: i64,
    /// Mobilised establishments of each two-digit activity.
    pub divisions: Vec<i64>,
    pub headcount_known: i64,
    pub small: i64,
    pub chartered: i64,
}

/// Partners, meetings, workshops and what was told of the programme.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Steering {
    /// Each once.
    pub partner_kinds: Vec<PartnerKind>,
    pub committee: i64,
    pub committee_companies: i64,
    pub meetings_in_year: i64,
    pub invited_in_year: i64,
    pub present_in_year: i64,
    pub workshops: i64,
    pub workshop_people: i64,
    pub communications_in_year: i64,
    pub exchanges_in_year: i64,
}

/// Flows recorded and not deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inventory {
    pub flows: i64,
    pub quantified: i64,
    pub fresh: i64,
    /// Establishments that somebody vouched for lately.
    pub up_to_date: i64,
}

/// How far synergies went, whatever became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Leads {
    pub detected: i64,
    pub examined: i64,
    pub prevalidated: i64,
    /// Realised, were they interrupted since.
    pub reached: i64,
    /// Median of the days from pre-validation to the first exchange, and over how many synergies.
    pub delay_days: Option<f64>,
    pub delays: i64,
}

/// Money of the programme, in euros.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Money {
    pub spent_in_year: i64,
    pub spent: i64,
    pub hours_in_year: f64,
    /// Something was recorded in the year; else what was spent is unknown.
    pub has_expenses: bool,
    pub funding: Vec<Funding>,
}

/// A line of the funding plan that had begun or was promised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Funding {
    pub funder: String,
    pub is_external: bool,
    pub is_acquired: bool,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
    pub amount_eur: i64,
}

/// Hours worked in a year by one full-time job (the legal annual duration in France).
pub const FULL_TIME_HOURS: f64 = 1_607.0;

impl Money {
    fn begun(&self, on: NaiveDate) -> impl Iterator<Item = &Funding> {
        self.funding.iter().filter(move |line| line.starts_on <= on)
    }

    /// Of the lines begun by that day.
    pub fn plan(&self, on: NaiveDate) -> f64 {
        self.begun(on).map(|line| euros(line.amount_eur)).sum()
    }

    pub fn external_share(&self, on: NaiveDate) -> Option<f64> {
        let plan = self.plan(on);
        let external: f64 = self
            .begun(on)
            .filter(|line| line.is_external)
            .map(|line| euros(line.amount_eur))
            .sum();
        (plan > 0.0).then(|| external / plan)
    }

    /// One less the sum of the squared shares: 0 with one funder, near 1 with many equal ones.
    pub fn diversity(&self, on: NaiveDate) -> Option<f64> {
        let plan = self.plan(on);
        if plan <= 0.0 {
            return None;
        }
        let funders: BTreeSet<&str> = self.begun(on).map(|line| line.funder.as_str()).collect();
        let squares: f64 = funders
            .into_iter()
            .map(|funder| {
                let own: f64 = self
                    .begun(on)
                    .filter(|line| line.funder == funder)
                    .map(|line| euros(line.amount_eur))
                    .sum();
                (own / plan).powi(2)
            })
            .sum();
        Some(1.0 - squares)
    }

    /// Months covered without a gap by acquired lines, from that day on.
    pub fn months_ahead(&self, on: NaiveDate) -> f64 {
        let mut until = on;
        let mut lines: Vec<_> = self.funding.iter().filter(|line| line.is_acquired).collect();
        lines.sort_by_key(|line| line.starts_on);
        for line in lines {
            if line.starts_on <= until.succ_opt().unwrap_or(until) && line.ends_on > until {
                until = line.ends_on;
            }
        }
        days_between(on, until) / 30.437
    }
}

/// Euros as a number to compute with.
pub fn euros(amount: i64) -> f64 {
    i32::try_from(amount).map_or(f64::MAX, f64::from)
}

pub(super) fn days_between(from: NaiveDate, to: NaiveDate) -> f64 {
    i32::try_from((to - from).num_days()).map_or(0.0, f64::from)
}

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
    pub effects: Effects,
}

impl RealisedSynergy {
    fn stopped_by(&self, on: NaiveDate) -> bool {
        self.interrupted_on.is_some_and(|day| day <= on)
    }
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
        let sum = |figure: fn(&Effects) -> Option<f64>| Summed::of(&then, |s| figure(&s.effects));
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
            saved_so_far_eur: Summed::of(&then, |s| {
                Some(s.effects.savings_eur? * days_between(s.since, on) / 365.25)
            }),
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

/// A total over synergies, with what is needed to know whether it may be shown.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summed {
    /// None: no synergy has an estimate.
    pub total: Option<f64>,
    /// Those that have an estimate.
    pub synergies: BTreeSet<Uuid>,
    pub companies: i64,
    pub largest: f64,
    pub weakest: Option<Certainty>,
}

impl Summed {
    fn of(synergies: &[&RealisedSynergy], figure: impl Fn(&RealisedSynergy) -> Option<f64>) -> Self {
        let mut sum = Self::default();
        let mut companies = BTreeSet::new();
        for synergy in synergies {
            let Some(value) = figure(synergy) else { continue };
            sum.total = Some(sum.total.unwrap_or(0.0) + value);
            sum.synergies.insert(synergy.id);
            sum.largest = sum.largest.max(value.abs());
            sum.weakest = sum.weakest.max(synergy.origin);
            companies.extend(synergy.members.iter().copied());
        }
        sum.companies = size(companies.len());
        sum
    }
}

impl People {
    /// Normalised Shannon index: 0 when all are of one activity, 1 when they spread evenly.
    pub fn diversity(&self) -> Option<f64> {
        let counts: Vec<f64> = self
            .divisions
            .iter()
            .filter_map(|n| i32::try_from(*n).ok())
            .map(f64::from)
            .collect();
        let whole: f64 = counts.iter().sum();
        let kinds = i32::try_from(counts.len()).map_or(0.0, f64::from);
        match counts.len() {
            0 => None,
            1 => Some(0.0),
            _ => Some(
                counts
                    .iter()
                    .map(|n| n / whole)
                    .map(|share| -share * share.ln())
                    .sum::<f64>()
                    / kinds.ln(),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Effects, Funding, Money, People, Realised, RealisedSynergy, Shape};
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
            effects: Effects {
                energy_mwh: mwh,
                savings_eur: Some(1_000.0),
                ..Effects::default()
            },
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
    fn activities_spread_evenly_make_one() {
        let people = |divisions: &[i64]| People {
            divisions: divisions.to_vec(),
            ..People::default()
        };
        assert_eq!(people(&[]).diversity(), None);
        assert_eq!(people(&[7]).diversity(), Some(0.0));
        assert!((people(&[5, 5, 5]).diversity().unwrap() - 1.0).abs() < 1e-9);
        assert!(people(&[50, 1]).diversity().unwrap() < 0.2);
    }

    #[test]
    fn the_plan_tells_who_pays_and_how_far_ahead() {
        let line = |funder: &str, is_external, from: NaiveDate, to: NaiveDate, is_acquired| Funding {
            funder: funder.to_owned(),
            is_external,
            is_acquired,
            starts_on: from,
            ends_on: to,
            amount_eur: 100,
        };
        let money = Money {
            funding: vec![
                line("ADEME", true, day(2025, 1, 1), day(2025, 12, 31), true),
                line("CCI", false, day(2025, 1, 1), day(2025, 12, 31), true),
                line("CCI", false, day(2026, 1, 1), day(2026, 6, 30), true),
                line("CMA", false, day(2026, 7, 1), day(2026, 12, 31), false),
            ],
            ..Money::default()
        };
        let on = day(2025, 7, 1);
        assert!((money.external_share(on).unwrap() - 0.5).abs() < 1e-9);
        assert!((money.diversity(on).unwrap() - 0.5).abs() < 1e-9);
        assert!(
            (money.months_ahead(on) - 12.0).abs() < 0.1,
            "{}",
            money.months_ahead(on)
        );
        assert_eq!(Money::default().external_share(on), None);
    }
}
