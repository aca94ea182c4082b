//! From a proposal to a realised synergy: how many reached each step, and how long it took. Pure.

use super::cut::Cut;
use super::secrecy::is_safe;
use super::{FEW, HIDDEN, grouped, ratio};
use crate::indicators::model::{LEAST, is_few};
use crate::kernel::format_number;
use crate::nomenclature::Family;
use crate::platform::web::charts::{FunnelStep, Length};
use std::collections::BTreeMap;

pub const STEPS: [&str; 6] = [
    "Propositions",
    "Examinées",
    "Pré-validées",
    "Mises en relation",
    "Accord trouvé",
    "Réalisées",
];

/// How many of a year and of a family reached each step, at least.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Part {
    /// In which they were proposed.
    pub year: i32,
    pub family: Option<Family>,
    pub reached: [i64; 6],
}

/// Days from each step to the next, for those that made it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Delay {
    pub counted: i64,
    pub median_days: Option<f64>,
}

/// What may be told of a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    Count(i64),
    /// One or two.
    Few,
    /// It, or what is left without it, could be one or two.
    Withheld,
}

/// A step and what may be shown of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    pub label: &'static str,
    pub told: Told,
    /// Of a hundred at this step, how many go on.
    pub passing: Option<i64>,
    /// Days to the next step, the middle one.
    pub days: Option<f64>,
}

/// The steps under a filter.
pub fn stages(parts: &[Part], delays: &[Delay; 5], cut: &Cut) -> Vec<Stage> {
    let told: Vec<Told> = (0..STEPS.len()).map(|step| told(parts, step, cut)).collect();
    STEPS
        .iter()
        .enumerate()
        .map(|(step, label)| {
            let passing = match (told[step], told.get(step + 1)) {
                (Told::Count(count), Some(Told::Count(next))) if count > 0 => {
                    Some((next * 100 + count / 2) / count)
                }
                _ => None,
            };
            let delay = delays
                .get(step)
                .filter(|delay| delay.counted >= LEAST && passing.is_some());
            Stage {
                label,
                told: told[step],
                passing,
                days: delay.and_then(|delay| delay.median_days),
            }
        })
        .collect()
}

fn told(parts: &[Part], step: usize, cut: &Cut) -> Told {
    let (year, family) = (cut.year(), cut.family());
    let mut cells: BTreeMap<(Option<i32>, Option<Option<Family>>), i64> = BTreeMap::new();
    for part in parts {
        let cell = (year.map(|_| part.year), family.map(|_| part.family));
        *cells.entry(cell).or_default() += part.reached[step];
    }
    let count = cells.get(&(year, family.map(Some))).copied().unwrap_or_default();
    let is_cut = year.is_some() || family.is_some();
    if is_cut && !is_safe(cells.values().copied()) {
        Told::Withheld
    } else if is_few(count) {
        Told::Few
    } else {
        Told::Count(count)
    }
}

impl Stage {
    pub fn count(&self) -> Option<i64> {
        match self.told {
            Told::Count(count) => Some(count),
            Told::Few | Told::Withheld => None,
        }
    }
    pub fn figure(&self) -> String {
        match self.told {
            Told::Count(count) => grouped(count),
            Told::Few => FEW.to_owned(),
            Told::Withheld => HIDDEN.to_owned(),
        }
    }
    /// « 12 j », « même jour ».
    pub fn delay_words(&self) -> Option<String> {
        self.days.map(|days| {
            if days < 0.5 {
                "le jour même".to_owned()
            } else {
                format!("{}\u{a0}j", format_number(days, 0))
            }
        })
    }

    /// As the chart draws it, the longest bar being `longest`.
    pub fn step(&self, longest: i64) -> FunnelStep {
        let length = match self.count() {
            None => Length::Hatched,
            Some(0) => Length::Share(0.0),
            Some(count) => Length::Share(ratio(count, longest).max(0.02)),
        };
        let passing = self.passing.map(|percent| match self.delay_words() {
            Some(delay) => format!("{percent}\u{a0}% passent, {delay}"),
            None => format!("{percent}\u{a0}% passent"),
        });
        FunnelStep {
            label: self.label.to_owned(),
            length,
            figure: self.figure(),
            passing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Cut, Delay, Part, Told, stages};
    use crate::nomenclature::Family;

    fn part(year: i32, family: Family, reached: [i64; 6]) -> Part {
        Part {
            year,
            family: Some(family),
            reached,
        }
    }

    #[test]
    fn a_few_synergies_are_not_counted_out_loud() {
        let parts = [part(2026, Family::Mat, [212, 148, 61, 4, 2, 0])];
        let shown: Vec<_> = stages(&parts, &[Delay::default(); 5], &Cut::default())
            .into_iter()
            .map(|s| (s.figure(), s.passing))
            .collect();
        let expected = [
            ("212", Some(70)),
            ("148", Some(41)),
            ("61", Some(7)),
            ("4", None),
            ("<\u{a0}3", None),
            ("0", None),
        ];
        assert_eq!(
            shown,
            expected.map(|(figure, passing)| (figure.to_owned(), passing))
        );
    }

    #[test]
    fn a_year_is_told_only_when_the_other_years_cannot_be_guessed() {
        let parts = [
            part(2025, Family::Mat, [9, 4, 3, 0, 0, 0]),
            part(2026, Family::Mat, [8, 2, 3, 0, 0, 0]),
        ];
        let cut = Cut {
            annee: "2025".to_owned(),
            ..Cut::default()
        };
        let told: Vec<_> = stages(&parts, &[Delay::default(); 5], &cut)
            .iter()
            .map(|s| s.told)
            .collect();
        assert_eq!(
            told[..3],
            [Told::Count(9), Told::Withheld, Told::Count(3)],
            "2 = 6 − 4"
        );
        let cut = Cut {
            famille: "ENE".to_owned(),
            ..Cut::default()
        };
        assert_eq!(
            stages(&parts, &[Delay::default(); 5], &cut)[0].told,
            Told::Count(0)
        );
    }

    #[test]
    fn a_delay_needs_three_cases() {
        let parts = [part(2026, Family::Mat, [10, 5, 5, 5, 5, 5])];
        let delay = |counted| Delay {
            counted,
            median_days: Some(12.4),
        };
        let shown = stages(
            &parts,
            &[delay(3), delay(2), delay(0), delay(9), delay(3)],
            &Cut::default(),
        );
        let words: Vec<_> = shown.iter().map(super::Stage::delay_words).collect();
        assert_eq!(
            words,
            [
                Some("12\u{a0}j".to_owned()),
                None,
                None,
                Some("12\u{a0}j".to_owned()),
                Some("12\u{a0}j".to_owned()),
                None
            ]
        );
    }
}
