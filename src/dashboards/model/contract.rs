//! The indicators of the contract beside their targets. Pure.

use super::{FEW, HIDDEN, UNKNOWN, plain};
use crate::flows::Certainty;
use crate::indicators::model::Timeline;
use crate::indicators::{Indicator, Shown, Told, YearFacts, catalogue};
use crate::kernel::format_number;
use crate::platform::web::charts::Length;
use crate::programmes::Target;
use crate::programmes::model::Goal;
use chrono::NaiveDate;

/// The dates that make the columns: where it started, what is due next, what is due in the end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Milestones {
    pub baseline: Option<NaiveDate>,
    pub next: Option<NaiveDate>,
    pub last: Option<NaiveDate>,
}

impl Milestones {
    /// Once everything is due, the step before the last stays as the next one.
    pub fn of(targets: &[Target], on: NaiveDate) -> Self {
        let baseline = targets.iter().filter(|t| t.is_baseline).map(|t| t.due_on).min();
        let mut due: Vec<_> = targets
            .iter()
            .filter(|t| !t.is_baseline)
            .map(|t| t.due_on)
            .collect();
        due.sort_unstable();
        due.dedup();
        let last = due.pop();
        let next = due.iter().copied().find(|day| *day >= on).or(due.last().copied());
        Self { baseline, next, last }
    }
}

/// One indicator of the contract on a day.
pub struct ContractLine {
    pub indicator: &'static Indicator,
    pub baseline: Goal,
    pub next: Goal,
    pub last: Goal,
    pub shown: Shown,
    /// A hidden count is under three; a hidden sum is only hidden.
    pub is_count: bool,
    /// The real figure, for those who may read every company.
    pub exact: Option<f64>,
    pub origin: Option<Certainty>,
    /// Over the last three months.
    pub trend: Option<f64>,
}

impl ContractLine {
    pub fn figure(&self) -> String {
        match self.shown {
            Shown::Unknown => UNKNOWN.to_owned(),
            Shown::Hidden => if self.is_count { FEW } else { HIDDEN }.to_owned(),
            Shown::Value(value) => plain(value),
        }
    }

    /// The bar, from nothing to the final target.
    pub fn length(&self) -> Option<Length> {
        let target = self.last.value().filter(|target| *target > 0.0);
        match (self.shown, target) {
            (Shown::Hidden | Shown::Unknown, _) => Some(Length::Hatched),
            (Shown::Value(value), Some(target)) => Some(Length::Share(value / target)),
            (Shown::Value(_), None) => None,
        }
    }

    /// The bar, for those who do not see it.
    pub fn progress_words(&self) -> String {
        match self.length() {
            Some(Length::Share(share)) => format!("{}\u{a0}% de l’objectif", format_number(share * 100.0, 0)),
            Some(Length::Hatched) | None => "inconnu".to_owned(),
        }
    }

    pub fn baseline_share(&self) -> Option<f64> {
        let target = self.last.value().filter(|target| *target > 0.0)?;
        self.baseline.value().map(|start| start / target)
    }

    /// « + 6 », « − 2 », « = ».
    pub fn trend_words(&self) -> String {
        match self.trend {
            None => String::new(),
            Some(change) if change.abs() < f64::EPSILON => "=".to_owned(),
            Some(change) if change > 0.0 => format!("+\u{a0}{}", plain(change)),
            Some(change) => format!("−\u{a0}{}", plain(-change)),
        }
    }
}

/// The indicators on the chosen day. `series` starts with today and goes back; `on` is its place; `told` is what
/// the judged years say.
pub fn contract(
    targets: &[Target],
    series: &[YearFacts],
    on: usize,
    before: &YearFacts,
    told: &Told,
) -> Vec<ContractLine> {
    let Some(facts) = series.get(on) else {
        return Vec::new();
    };
    let milestones = Milestones::of(targets, facts.on);
    catalogue::contract(targets.iter().map(|target| target.indicator.as_str()))
        .into_iter()
        .map(|indicator| {
            let readings: Vec<_> = series.iter().map(|facts| indicator.read(facts)).collect();
            let now = &readings[on];
            let told = told.get(indicator.code).map_or(&[][..], Vec::as_slice);
            let series = Timeline::beside(told, &readings);
            let shown = series.shown()[on];
            let goal = |due| Goal::of(targets, indicator.code, due);
            ContractLine {
                indicator,
                baseline: goal(milestones.baseline),
                next: goal(milestones.next),
                last: goal(milestones.last),
                shown,
                is_count: now.is_count(),
                exact: now.value,
                origin: now.origin,
                trend: series.moved(on, &indicator.read(before)),
            }
        })
        .collect()
}
#[cfg(test)]
mod tests {
    use super::{Goal, Milestones, Told, contract};
    use crate::indicators::YearFacts;
    use crate::indicators::facts::{People, Steering};
    use crate::programmes::Target;
    use chrono::NaiveDate;

    fn day(year: i32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, 12, 31).unwrap()
    }

    fn target(code: &str, year: i32, value: Option<f64>, is_baseline: bool) -> Target {
        Target {
            indicator: code.to_owned(),
            due_on: day(year),
            value,
            is_baseline,
        }
    }

    fn founding() -> Vec<Target> {
        vec![
            target("A01", 2019, Some(70.0), true),
            target("A01", 2020, Some(80.0), false),
            target("A01", 2022, Some(100.0), false),
            target("B16", 2022, None, false),
        ]
    }

    #[test]
    fn columns_are_the_start_the_next_and_the_last_date() {
        let at = |year| {
            let found = Milestones::of(&founding(), day(year));
            [found.baseline, found.next, found.last]
        };
        assert_eq!(at(2019), [Some(day(2019)), Some(day(2020)), Some(day(2022))]);
        assert_eq!(at(2026), [Some(day(2019)), Some(day(2020)), Some(day(2022))]);
        assert_eq!(Milestones::of(&[], day(2026)), Milestones::default());
    }

    #[test]
    fn a_line_sets_what_was_done_beside_the_targets() {
        let facts = |on, mobilised| YearFacts {
            on,
            people: People {
                mobilised,
                ..People::default()
            },
            steering: Steering {
                workshops: 5,
                ..Steering::default()
            },
            ..YearFacts::default()
        };
        let (now, before) = (facts(day(2026), 86), facts(day(2025), 80));
        let lines = contract(&founding(), std::slice::from_ref(&now), 0, &before, &Told::new());
        let (companies, energy) = (&lines[0], &lines[3]);
        assert_eq!(
            (companies.figure(), companies.trend_words()),
            ("86".to_owned(), "+\u{a0}6".to_owned())
        );
        assert_eq!(companies.baseline_share(), Some(0.7));
        assert_eq!(
            (companies.next, companies.last),
            (Goal::Value(80.0), Goal::Value(100.0))
        );
        assert_eq!(
            (energy.last, energy.figure().as_str()),
            (Goal::NotApplicable, "non estimé")
        );
        assert_eq!(lines[2].trend_words(), "=");
    }
}
