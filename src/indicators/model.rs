//! A figure on a day, and what may be shown of it. No SQL, no clock.

use super::facts::{Counted, Summed};
use crate::flows::Certainty;
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Under this number of companies or synergies a figure is hidden.
pub const LEAST: i64 = 3;
/// A figure of which one contributor makes more than this share is hidden.
pub const LARGEST_SHARE: f64 = 0.8;

/// The end of the last quarter that is over.
pub fn quarter_end(today: NaiveDate) -> NaiveDate {
    NaiveDate::from_ymd_opt(today.year(), today.month0() / 3 * 3 + 1, 1)
        .and_then(|day| day.pred_opt())
        .unwrap_or(today)
}

/// What a figure is made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Nobody can be recognised in it.
    Open,
    /// So many companies or synergies.
    Counted(i64),
    /// So many of a whole: neither these nor the others may be one or two.
    Part { of: i64, counted: i64 },
    Summed {
        /// Which: one begun and one stopped leave as many.
        synergies: BTreeSet<Counted>,
        companies: i64,
        /// Of the contributions, whatever their sign.
        largest: f64,
    },
}

/// An indicator's figure on a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// Nothing tells it yet.
    pub const UNKNOWN: Self = Self {
        value: None,
        basis: Basis::Open,
        origin: None,
    };

    pub fn open(count: i64) -> Self {
        Self::plain(number(count))
    }
    /// A figure in which nobody can be recognised.
    pub fn plain(value: Option<f64>) -> Self {
        Self {
            value,
            ..Self::UNKNOWN
        }
    }
    pub fn count(count: i64) -> Self {
        Self::over(count, number(count))
    }
    /// A figure drawn from so many companies or synergies.
    pub fn over(counted: i64, value: Option<f64>) -> Self {
        Self {
            value,
            basis: Basis::Counted(counted),
            origin: None,
        }
    }
    /// Whether the figure is the number of those counted itself.
    pub fn is_count(&self) -> bool {
        matches!(self.basis, Basis::Counted(counted) if self.value == number(counted))
    }
    /// So many of a whole, in percent; unknown of nothing.
    pub fn share(counted: i64, of: i64) -> Self {
        Self {
            value: ratio(counted, of).map(|share| share * 100.0),
            basis: Basis::Part { of, counted },
            origin: None,
        }
    }
    pub fn sum(sum: &Summed) -> Self {
        Self::derived(sum, sum.total)
    }
    /// A figure computed from a sum: known by it, hidden with it.
    pub fn derived(sum: &Summed, value: Option<f64>) -> Self {
        let weight = sum.total.filter(|total| *total != 0.0);
        let scale = match (weight, value) {
            (Some(total), Some(value)) => (value / total).abs(),
            _ => 1.0,
        };
        let basis = Basis::Summed {
            synergies: sum.synergies.clone(),
            companies: sum.companies,
            largest: sum.largest * scale,
        };
        Self {
            value,
            basis,
            origin: sum.weakest,
        }
    }

    /// Hides what would tell one company's figure, gain or loss. Nothing at all may be said: zero names
    /// nobody, unless a gain and a loss make it.
    pub fn shown(&self) -> Shown {
        let Some(value) = self.value else {
            return Shown::Unknown;
        };
        let hidden = match &self.basis {
            Basis::Open => false,
            Basis::Counted(count) => is_few(*count),
            Basis::Part { of, counted } => is_few(*counted) || is_few(of - counted),
            Basis::Summed {
                companies, largest, ..
            } => *largest > 0.0 && (*companies < LEAST || *largest > LARGEST_SHARE * value.abs()),
        };
        if hidden {
            Shown::Hidden
        } else {
            Shown::Value(value)
        }
    }
}

pub(super) fn number(count: i64) -> Option<f64> {
    i32::try_from(count).ok().map(f64::from)
}

/// Unknown when there is nothing to divide by.
pub(super) fn ratio(part: i64, whole: i64) -> Option<f64> {
    Some(number(part)? / number(whole).filter(|whole| *whole > 0.0)?)
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
    let tells = match (&now.basis, &before.basis) {
        (
            Basis::Summed { synergies: now, .. },
            Basis::Summed {
                synergies: before, ..
            },
        ) => is_few(i64::try_from(now.symmetric_difference(before).count()).unwrap_or(i64::MAX)),
        _ => false,
    };
    (!tells).then_some(now_shown - before_shown)
}

/// The same indicator at several dates, newest first: hides the dates that would tell one synergy's
/// figure by difference with any date already shown.
pub fn shown_in_series(readings: &[Reading]) -> Vec<Shown> {
    let mut kept: Vec<&Reading> = Vec::new();
    readings
        .iter()
        .map(|reading| {
            let shown = reading.shown();
            if matches!(shown, Shown::Value(_)) {
                if kept.iter().any(|one| trend(one, reading).is_none()) {
                    return Shown::Hidden;
                }
                kept.push(reading);
            }
            shown
        })
        .collect()
}

/// How much a figure of a series moved since a date that is not in it; none when that date, given back
/// by the difference, would tell one synergy's figure beside any date of the series that is shown.
pub fn moved(series: &[Reading], on: usize, before: &Reading) -> Option<f64> {
    let shown = shown_in_series(series);
    shown.get(on)?.value()?;
    for (reading, shown) in series.iter().zip(&shown) {
        if shown.value().is_some() {
            trend(reading, before)?;
        }
    }
    trend(series.get(on)?, before)
}

/// The same indicator at several dates, today first, beside what the judged years say of it: a year that is
/// closed and the same year counted anew may differ by what was corrected since.
pub struct Timeline {
    all: Vec<Reading>,
    told: usize,
}

impl Timeline {
    /// Today, then the judged years, then the other dates: the order of every page, so that all hide the same.
    pub fn beside(told: &[Reading], dates: &[Reading]) -> Self {
        let (today, others) = dates.split_at(dates.len().min(1));
        Self {
            all: [today, told, others].concat(),
            told: told.len(),
        }
    }

    /// Of the dates only.
    pub fn shown(&self) -> Vec<Shown> {
        let mut shown = shown_in_series(&self.all);
        let first = shown.len().min(1);
        shown.drain(first..first + self.told);
        shown
    }

    /// How much it moved at a date since another, as [`moved`] says.
    pub fn moved(&self, on: usize, before: &Reading) -> Option<f64> {
        let place = if on == 0 { 0 } else { on + self.told };
        moved(&self.all, place, before)
    }
}

#[cfg(test)]
mod tests {
    use super::{Basis, Counted, Reading, Shown, Timeline, moved, shown_in_series, trend};
    use chrono::NaiveDate;
    use std::collections::BTreeSet;
    use uuid::Uuid;

    #[test]
    fn few_companies_or_a_dominant_one_are_hidden_but_zero_is_not() {
        assert_eq!(Reading::count(0).shown(), Shown::Value(0.0));
        assert_eq!(Reading::count(2).shown(), Shown::Hidden);
        assert_eq!(Reading::count(3).shown(), Shown::Value(3.0));
        assert_eq!(Reading::open(1).shown(), Shown::Value(1.0));
        let sum = |companies, largest| Reading {
            value: Some(100.0),
            basis: Basis::Summed {
                synergies: ids(0..2),
                companies,
                largest,
            },
            origin: None,
        };
        assert_eq!(sum(2, 50.0).shown(), Shown::Hidden);
        assert_eq!(sum(3, 81.0).shown(), Shown::Hidden);
        assert_eq!(sum(3, 80.0).shown(), Shown::Value(100.0));
        let loss = Reading {
            value: Some(-100.0),
            ..sum(2, 50.0)
        };
        assert_eq!(loss.shown(), Shown::Hidden, "a loss tells as much as a gain");
        assert_eq!(
            sum(2, 0.0).shown(),
            Shown::Value(100.0),
            "nothing but zeroes in it"
        );
        assert_eq!(Reading::share(4, 8).shown(), Shown::Value(50.0));
        assert_eq!(
            Reading::share(7, 8).shown(),
            Shown::Hidden,
            "the last one could be guessed"
        );
        assert_eq!(Reading::share(0, 0).shown(), Shown::Unknown);
    }

    fn ids(ranks: std::ops::Range<u128>) -> BTreeSet<Counted> {
        ranks
            .map(|rank| (Uuid::from_u128(rank), NaiveDate::MIN))
            .collect()
    }

    fn sum(total: f64, synergies: u128) -> Reading {
        over(total, 0..synergies)
    }

    fn over(total: f64, synergies: std::ops::Range<u128>) -> Reading {
        let basis = Basis::Summed {
            synergies: ids(synergies.clone()),
            companies: i64::try_from(synergies.end - synergies.start).unwrap() * 2,
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
        assert_eq!(
            trend(&over(130.0, 1..6), &over(100.0, 0..5)),
            None,
            "one begun and one stopped"
        );
        assert_eq!(trend(&over(130.0, 3..8), &over(100.0, 0..5)), Some(30.0));
        let up_and_down = shown_in_series(&[sum(300.0, 8), sum(400.0, 12), sum(280.0, 7)]);
        assert_eq!(up_and_down[2], Shown::Hidden, "seven beside eight");
        let corrected = shown_in_series(&[sum(300.0, 8), Reading::plain(Some(290.0)), sum(280.0, 7)]);
        assert_eq!(
            corrected[2],
            Shown::Hidden,
            "an answer in between changes nothing"
        );
        let closed = Timeline::beside(&[sum(280.0, 4)], &[sum(300.0, 8), sum(280.0, 4)]);
        assert_eq!(closed.shown(), [Shown::Value(300.0), Shown::Value(280.0)]);
        let corrected = Timeline::beside(&[sum(200.0, 4)], &[sum(300.0, 8), sum(280.0, 5)]);
        assert_eq!(
            corrected.shown(),
            [Shown::Value(300.0), Shown::Hidden],
            "one synergy recorded since the year was closed"
        );
        let years = [sum(300.0, 8), sum(150.0, 4)];
        assert_eq!(
            moved(&years, 0, &sum(200.0, 5)),
            None,
            "five beside the four of last year"
        );
        assert_eq!(moved(&years, 0, &sum(150.0, 4)), Some(150.0));
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
