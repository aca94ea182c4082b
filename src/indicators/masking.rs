//! Which lines a reader of sums may not read. A year's page, its history, its scores and its export all
//! ask here, so that none tells what another hides. Pure.

use super::evaluation::Line;
use super::model::{Shown, shown_in_series};
use std::collections::{BTreeMap, BTreeSet};

/// Codes of the lines hidden in one year.
pub type Masked = BTreeSet<String>;

/// The lines hidden in each of these years, given newest first: those too few to be shown, and those
/// that would tell one synergy's figure by difference with a year shown after them.
pub fn masked(years: &[&[Line]]) -> Vec<Masked> {
    let mut hidden = vec![Masked::new(); years.len()];
    let mut by_code: BTreeMap<&str, Vec<(usize, &Line)>> = BTreeMap::new();
    for (rank, lines) in years.iter().enumerate() {
        for line in *lines {
            by_code.entry(&line.code).or_default().push((rank, line));
        }
    }
    for (code, series) in by_code {
        let readings: Vec<_> = series.iter().map(|(_, line)| line.reading()).collect();
        for ((rank, _), shown) in series.iter().zip(shown_in_series(&readings)) {
            if shown == Shown::Hidden {
                hidden[*rank].insert(code.to_owned());
            }
        }
    }
    hidden
}

#[cfg(test)]
mod tests {
    use super::masked;
    use crate::indicators::catalogue::Aspect;
    use crate::indicators::evaluation::{Answer, Line, aspect, lines};
    use crate::indicators::facts::{Realised, Summed, YearFacts};
    use std::collections::BTreeMap;
    use uuid::Uuid;

    fn year(total: f64, synergies: u128, answers: &BTreeMap<String, Answer>) -> Vec<Line> {
        let diverted_t = Summed {
            total: Some(total),
            synergies: (0..synergies)
                .map(|rank| (Uuid::from_u128(rank), chrono::NaiveDate::MIN))
                .collect(),
            companies: i64::try_from(synergies).unwrap() * 2,
            largest: total / 4.0,
            weakest: None,
        };
        let facts = YearFacts {
            realised: Realised {
                diverted_t,
                ..Realised::default()
            },
            ..YearFacts::default()
        };
        lines(&facts, answers, &BTreeMap::new(), |_| None)
    }

    #[test]
    fn a_year_hides_what_its_difference_with_the_next_would_tell() {
        let none = BTreeMap::new();
        let (now, before) = (year(300.0, 8, &none), year(280.0, 7, &none));
        let hidden = masked(&[&now, &before]);
        assert!(!hidden[0].contains("B14"));
        assert!(hidden[1].contains("B14"), "one synergy made the difference");
        assert!(!masked(&[&before])[0].contains("B14"), "alone it tells nobody");
    }

    #[test]
    fn a_score_leaves_out_what_is_hidden() {
        let one = BTreeMap::from([(
            "A14".to_owned(),
            Answer {
                value: Some(4.0),
                ..Answer::default()
            },
        )]);
        let lines = year(100.0, 1, &one);
        let hidden = masked(&[&lines]).remove(0);
        assert!(hidden.contains("B14"), "one synergy");
        let all = aspect(&lines, Aspect::Activities, &std::collections::BTreeSet::new());
        let read = aspect(&lines, Aspect::Activities, &hidden);
        assert_ne!(all.score, read.score);
        assert_eq!((all.answered, all.of), (read.answered, read.of));
    }
}
