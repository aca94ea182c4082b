//! The catalogue, one constant per indicator: 61 in the full framework, 29 of them in the short one,
//! 19 of those mandatory to close a year.
//!
//! The official lists are not public: titles and bounds are proposals, which each territory may
//! replace by the official wording (`settings`). Pages, scores, closing and exports loop over the
//! catalogue; none knows an indicator by name. To add one: a constant here, and a field of
//! [`YearFacts`] when it needs a fact that nobody gathers yet.

mod cooperation;
mod local_wealth;
mod loops;
mod words;

pub use words::{Aspect, Part, Quantity, Records, Scale, Theme};

use super::facts::YearFacts;
use super::model::Reading;
use std::sync::LazyLock;

/// How a value comes.
#[derive(Clone, Copy)]
pub enum Measure {
    Computed(fn(&YearFacts) -> Reading),
    /// A level from 0 to 4.
    Asked(&'static Scale),
    AskedNumber,
}

/// What gives 0 and what gives 100; the first may be the greater.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bounds {
    /// Followed, never scored.
    Unscored,
    Between(f64, f64),
    /// From nothing to the year's target, or to this when the contract sets none.
    ToTarget(f64),
}

/// One indicator.
pub struct Indicator {
    pub code: &'static str,
    pub theme: Theme,
    /// Proposed wording.
    pub title: &'static str,
    /// Definition, for the reader.
    pub help: &'static str,
    /// How it is counted, in words.
    pub formula: &'static str,
    pub unit: Quantity,
    pub measure: Measure,
    pub bounds: Bounds,
    /// Its place in the short framework.
    pub aspect: Option<Aspect>,
    pub mandatory: bool,
    /// What is behind the figure.
    pub records: Records,
    /// What supports the idea: a public source, or our proposal.
    pub source: &'static str,
}

impl Indicator {
    /// The figure of that day; unknown for what has to be asked.
    pub fn read(&self, facts: &YearFacts) -> Reading {
        match self.measure {
            Measure::Computed(formula) => formula(facts),
            Measure::Asked(_) | Measure::AskedNumber => Reading::UNKNOWN,
        }
    }

    pub fn is_computed(&self) -> bool {
        matches!(self.measure, Measure::Computed(_))
    }

    pub fn scale(&self) -> Option<&'static Scale> {
        match self.measure {
            Measure::Asked(scale) => Some(scale),
            Measure::Computed(_) | Measure::AskedNumber => None,
        }
    }
}

static ALL: LazyLock<Vec<&'static Indicator>> = LazyLock::new(|| {
    let parts = [
        cooperation::INDICATORS,
        loops::INDICATORS,
        local_wealth::INDICATORS,
    ];
    parts.into_iter().flatten().collect()
});

/// Every indicator, in the order of the framework.
pub fn all() -> &'static [&'static Indicator] {
    &ALL
}

/// The indicator of this code.
pub fn find(code: &str) -> Option<&'static Indicator> {
    all().iter().copied().find(|indicator| indicator.code == code)
}

/// The six of the founding document, in its order.
const CONTRACT: [&str; 6] = ["A01", "B08", "A17", "B16", "B19", "C12"];

/// The indicators of a contract: those of the founding document, then the others that it targets.
pub fn contract<'a>(targeted: impl IntoIterator<Item = &'a str>) -> Vec<&'static Indicator> {
    let mut codes = CONTRACT.to_vec();
    for code in targeted {
        if let Some(indicator) = find(code).filter(|i| !codes.contains(&i.code)) {
            codes.push(indicator.code);
        }
    }
    codes.into_iter().filter_map(find).collect()
}

#[cfg(test)]
mod tests {
    use super::{Bounds, Measure, all, contract, find};
    use std::collections::BTreeSet;
    use std::fmt::Write;

    #[test]
    fn sixty_one_indicators_twenty_nine_in_short_nineteen_mandatory() {
        let codes: BTreeSet<_> = all().iter().map(|i| i.code).collect();
        assert_eq!((all().len(), codes.len()), (61, 61));
        assert_eq!(all().iter().filter(|i| i.aspect.is_some()).count(), 29);
        assert_eq!(all().iter().filter(|i| i.mandatory).count(), 19);
        assert!(all().iter().all(|i| !i.mandatory || i.aspect.is_some()));
        for letter in [("A", 24), ("B", 21), ("C", 16)] {
            assert_eq!(codes.iter().filter(|c| c.starts_with(letter.0)).count(), letter.1);
        }
    }

    #[test]
    fn every_indicator_explains_itself_and_its_bounds_differ() {
        for i in all() {
            assert!(i.code.starts_with(i.theme.part().code()), "{}", i.code);
            assert!(i.help.ends_with('.') && i.formula.ends_with('.'), "{}", i.code);
            assert!(!i.help.contains("  ") && !i.formula.contains("  "), "{}", i.code);
            assert!(!i.source.is_empty(), "{}", i.code);
            if let Bounds::Between(low, high) = i.bounds {
                assert!((low - high).abs() > f64::EPSILON, "{}", i.code);
            }
        }
    }

    #[test]
    fn what_is_not_computed_is_known_and_why() {
        let mut table = String::new();
        for i in all().iter().filter(|i| !i.is_computed()) {
            writeln!(table, "{} {}\u{a0}: {}", i.code, i.title, i.formula).unwrap();
        }
        assert_eq!(all().iter().filter(|i| i.is_computed()).count(), 56);
        insta::assert_snapshot!(table);
    }

    #[test]
    fn the_catalogue_as_a_table() {
        let mut table = String::new();
        for i in all() {
            let how = match i.measure {
                Measure::Computed(_) => "calculé",
                Measure::Asked(_) => "niveau",
                Measure::AskedNumber => "saisi",
            };
            let bounds = match i.bounds {
                Bounds::Unscored => "suivi".to_owned(),
                Bounds::Between(low, high) => format!("{low} → {high}"),
                Bounds::ToTarget(high) => format!("0 → objectif ({high})"),
            };
            let aspect = i.aspect.map_or("", |a| a.label());
            let mandatory = if i.mandatory { "obligatoire" } else { "" };
            let unit = i.unit.label();
            writeln!(
                table,
                "{} | {} | {} | {unit} | {how} | {bounds} | {aspect} | {mandatory}",
                i.code,
                i.theme.code(),
                i.title
            )
            .unwrap();
        }
        insta::assert_snapshot!(table);
    }

    #[test]
    fn a_contract_keeps_its_six_and_adds_what_it_targets() {
        let codes: Vec<_> = contract(["C01", "A01", "P01"]).iter().map(|i| i.code).collect();
        assert_eq!(codes, ["A01", "B08", "A17", "B16", "B19", "C12", "C01"]);
        assert!(find("Z99").is_none());
    }
}
