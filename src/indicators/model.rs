//! The facts that indicators read, and what may be shown of a figure. No SQL, no clock.

use crate::flows::Certainty;
use chrono::NaiveDate;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Under this number of companies or synergies a figure is hidden.
pub const LEAST: i64 = 3;
/// A figure of which one contributor makes more than this share is hidden.
pub const LARGEST_SHARE: f64 = 0.8;

/// The state of a territory's programme at the end of a day.
#[derive(Debug, Clone, PartialEq)]
pub struct YearFacts {
    pub on: NaiveDate,
    pub mobilised: i64,
    pub realised: i64,
    pub workshops: i64,
    pub energy_mwh: Summed,
    pub avoided_tco2e: Summed,
    pub jobs_fte: Summed,
}

/// What one realised synergy brings each year; what nobody estimated stays unknown.
#[derive(Debug, Clone, PartialEq)]
pub struct RealisedSynergy {
    pub since: NaiveDate,
    pub members: Vec<Uuid>,
    pub origin: Option<Certainty>,
    pub energy_mwh: Option<f64>,
    pub avoided_tco2e: Option<f64>,
    pub jobs_fte: Option<f64>,
}

impl YearFacts {
    /// What the synergies realised by that day add up to.
    pub fn at(on: NaiveDate, mobilised: i64, workshops: i64, synergies: &[RealisedSynergy]) -> Self {
        let then: Vec<_> = synergies.iter().filter(|synergy| synergy.since <= on).collect();
        Self {
            on,
            mobilised,
            workshops,
            realised: i64::try_from(then.len()).unwrap_or(i64::MAX),
            energy_mwh: Summed::of(&then, |s| s.energy_mwh),
            avoided_tco2e: Summed::of(&then, |s| s.avoided_tco2e),
            jobs_fte: Summed::of(&then, |s| s.jobs_fte),
        }
    }
}

/// A total over synergies, with what is needed to know whether it may be shown.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summed {
    /// None: no synergy has an estimate.
    pub total: Option<f64>,
    pub synergies: i64,
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
            sum.synergies += 1;
            sum.largest = sum.largest.max(value);
            sum.weakest = sum.weakest.max(synergy.origin);
            companies.extend(synergy.members.iter().copied());
        }
        sum.companies = i64::try_from(companies.len()).unwrap_or(i64::MAX);
        sum
    }
}

/// What a figure is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Basis {
    /// Nobody can be recognised in it.
    Open,
    /// So many companies or synergies.
    Counted(i64),
    Summed {
        synergies: i64,
        companies: i64,
        largest: f64,
    },
}

/// An indicator's figure on a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// None: not estimated.
    pub value: Option<f64>,
    pub basis: Basis,
    /// The weakest origin of a sum; a count has none.
    pub origin: Option<Certainty>,
}

/// What a page without names shows of a figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shown {
    Unknown,
    /// Too few companies, or one that outweighs the others.
    Hidden,
    Value(f64),
}

impl Shown {
    pub fn value(self) -> Option<f64> {
        match self {
            Self::Value(value) => Some(value),
            Self::Unknown | Self::Hidden => None,
        }
    }
}

impl Reading {
    pub fn open(count: i64) -> Self {
        Self {
            value: number(count),
            basis: Basis::Open,
            origin: None,
        }
    }
    pub fn count(count: i64) -> Self {
        Self {
            value: number(count),
            basis: Basis::Counted(count),
            origin: None,
        }
    }
    pub fn sum(sum: &Summed) -> Self {
        let basis = Basis::Summed {
            synergies: sum.synergies,
            companies: sum.companies,
            largest: sum.largest,
        };
        Self {
            value: sum.total,
            basis,
            origin: sum.weakest,
        }
    }

    /// Hides what would tell one company's figure. Nothing at all may be said: zero names nobody.
    pub fn shown(&self) -> Shown {
        let Some(value) = self.value else {
            return Shown::Unknown;
        };
        let hidden = match self.basis {
            Basis::Open => false,
            Basis::Counted(count) => is_few(count),
            Basis::Summed {
                companies, largest, ..
            } => value > 0.0 && (companies < LEAST || largest > LARGEST_SHARE * value),
        };
        if hidden {
            Shown::Hidden
        } else {
            Shown::Value(value)
        }
    }
}

fn number(count: i64) -> Option<f64> {
    i32::try_from(count).ok().map(f64::from)
}

/// One or two: who they are could be guessed.
pub fn is_few(count: i64) -> bool {
    (1..LEAST).contains(&count)
}

/// How much a figure moved; none when the difference would tell one synergy's figure.
pub fn trend(now: &Reading, before: &Reading) -> Option<f64> {
    let (Shown::Value(now_shown), Shown::Value(before_shown)) = (now.shown(), before.shown()) else {
        return None;
    };
    let tells = match (now.basis, before.basis) {
        (
            Basis::Summed { synergies: now, .. },
            Basis::Summed {
                synergies: before, ..
            },
        ) => is_few((now - before).abs()),
        _ => false,
    };
    (!tells).then_some(now_shown - before_shown)
}

/// The same indicator at several dates, newest first: hides the dates that would tell one synergy's
/// figure by difference with the date shown just after.
pub fn shown_in_series(readings: &[Reading]) -> Vec<Shown> {
    let mut last: Option<Reading> = None;
    readings
        .iter()
        .map(|reading| {
            let shown = reading.shown();
            if let (Some(later), Shown::Value(_)) = (&last, shown)
                && trend(later, reading).is_none()
            {
                return Shown::Hidden;
            }
            if matches!(shown, Shown::Value(_)) {
                last = Some(*reading);
            }
            shown
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Basis, Reading, RealisedSynergy, Shown, YearFacts, shown_in_series, trend};
    use crate::flows::Certainty;
    use crate::indicators::CONTRACT;
    use chrono::NaiveDate;
    use uuid::Uuid;

    fn day(year: i32, month: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, 1).unwrap()
    }

    fn synergy(since: NaiveDate, members: &[u128], mwh: Option<f64>, origin: Certainty) -> RealisedSynergy {
        RealisedSynergy {
            since,
            members: members.iter().copied().map(Uuid::from_u128).collect(),
            origin: Some(origin),
            energy_mwh: mwh,
            avoided_tco2e: None,
            jobs_fte: None,
        }
    }

    #[test]
    fn the_contract_is_read_from_the_facts_of_a_day() {
        let synergies = [
            synergy(day(2026, 1), &[1, 2], Some(40.0), Certainty::Measured),
            synergy(day(2026, 2), &[2, 3], Some(60.0), Certainty::Estimated),
            synergy(day(2026, 3), &[4, 5, 6], None, Certainty::Declared),
            synergy(day(2026, 9), &[7, 8], Some(500.0), Certainty::Measured),
        ];
        let facts = YearFacts::at(day(2026, 6), 71, 2, &synergies);
        let read: Vec<_> = CONTRACT
            .iter()
            .map(|i| ((i.measure)(&facts).value, (i.measure)(&facts).shown()))
            .collect();
        assert_eq!(
            read,
            [
                (Some(71.0), Shown::Value(71.0)),
                (Some(3.0), Shown::Value(3.0)),
                (Some(2.0), Shown::Value(2.0)),
                (Some(100.0), Shown::Value(100.0)),
                (None, Shown::Unknown),
                (None, Shown::Unknown),
            ]
        );
        assert_eq!(facts.energy_mwh.weakest, Some(Certainty::Estimated));
        assert_eq!(facts.energy_mwh.companies, 3);
    }

    #[test]
    fn few_companies_or_a_dominant_one_are_hidden_but_zero_is_not() {
        assert_eq!(Reading::count(0).shown(), Shown::Value(0.0));
        assert_eq!(Reading::count(2).shown(), Shown::Hidden);
        assert_eq!(Reading::count(3).shown(), Shown::Value(3.0));
        assert_eq!(Reading::open(1).shown(), Shown::Value(1.0));
        let sum = |companies, largest| Reading {
            value: Some(100.0),
            basis: Basis::Summed {
                synergies: 2,
                companies,
                largest,
            },
            origin: None,
        };
        assert_eq!(sum(2, 50.0).shown(), Shown::Hidden);
        assert_eq!(sum(3, 81.0).shown(), Shown::Hidden);
        assert_eq!(sum(3, 80.0).shown(), Shown::Value(100.0));
    }

    fn sum(total: f64, synergies: i64) -> Reading {
        let basis = Basis::Summed {
            synergies,
            companies: synergies * 2,
            largest: total / 4.0,
        };
        Reading {
            value: Some(total),
            basis,
            origin: None,
        }
    }

    #[test]
    fn a_difference_never_tells_the_figure_of_one_synergy() {
        assert_eq!(trend(&Reading::count(76), &Reading::count(70)), Some(6.0));
        assert_eq!(trend(&Reading::count(3), &Reading::count(2)), None);
        assert_eq!(trend(&sum(120.0, 5), &sum(100.0, 4)), None);
        assert_eq!(trend(&sum(160.0, 7), &sum(100.0, 4)), Some(60.0));
        assert_eq!(trend(&sum(120.0, 5), &sum(120.0, 5)), Some(0.0));
        let series = shown_in_series(&[sum(300.0, 8), sum(280.0, 7), sum(200.0, 5), sum(190.0, 5)]);
        assert_eq!(
            series,
            [
                Shown::Value(300.0),
                Shown::Hidden,
                Shown::Value(200.0),
                Shown::Value(190.0)
            ]
        );
    }
}
