//! What indicators are computed from: the state of a territory's programme at the end of a day,
//! gathered by `store::facts`. Pure: every formula of the catalogue is tried without a database.

mod realised;

pub use realised::{Counted, Effects, Realised, RealisedSynergy, Shape, Summed, Yearly};

use crate::programmes::model::PartnerKind;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

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
    /// Mobilised establishments of each two-digit activity.
    pub divisions: Vec<i64>,
    pub headcount_known: i64,
    pub small: i64,
    pub chartered: i64,
}

/// Partners, meetings, workshops and what was told of the programme.
#[derive(Debug, Clone, Default, PartialEq)]
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
    /// Establishments that came to a workshop of the year, and those that came to two.
    pub came_in_year: i64,
    pub loyal_in_year: i64,
    /// Opinions given in the year, and their mean, from 1 to 4.
    pub marks_in_year: i64,
    pub mark_in_year: Option<f64>,
}

/// Flows recorded and not deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inventory {
    pub flows: i64,
    pub quantified: i64,
    pub fresh: i64,
    /// Establishments that somebody vouched for lately, of all those followed.
    pub up_to_date: i64,
    pub followed: i64,
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
    use super::{Funding, Money, People};
    use chrono::NaiveDate;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
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
