//! Flows summed without a name: priorities, what is missing. Pure.

use super::{HIDDEN, UNKNOWN, grouped, plain, rounded, unless_few};
use crate::indicators::Shown;
use crate::indicators::model::{LARGEST_SHARE, LEAST, is_few};
use crate::kernel::ids::ZoneId;
use crate::kernel::{Direction, Unit};
use crate::nomenclature::{Catalogue, FlowCode};
use crate::prospects::store::Lacking;
use std::collections::BTreeMap;

/// The flows of one category, summed over companies.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PrioritySums {
    pub firms: i64,
    /// Those of which a flow of the category is in a realised synergy.
    pub solved: i64,
    pub leaving: Side,
    pub entering: Side,
}

/// One direction of a category.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Side {
    pub firms: i64,
    pub quantified: i64,
    pub total: Option<f64>,
    pub largest: Option<f64>,
}

/// A category over the territory, and zone by zone (None: out of any zone).
#[derive(Debug, Clone, PartialEq)]
pub struct CategorySums {
    pub code: FlowCode,
    /// Its rank among the committee's priorities.
    pub rank: Option<i32>,
    /// Groups waiting or under study.
    pub groups: i64,
    pub whole: PrioritySums,
    pub zones: BTreeMap<Option<ZoneId>, PrioritySums>,
}

impl CategorySums {
    /// The line of a zone is told only as far as no zone could be guessed from the others.
    pub fn line(&self, zone: Option<ZoneId>) -> PriorityLine {
        let Some(zone) = zone else {
            return PriorityLine::of(self.code, &self.whole);
        };
        let nobody = PrioritySums::default();
        let mut line = PriorityLine::of(self.code, self.zones.get(&Some(zone)).unwrap_or(&nobody));
        let lines: Vec<_> = self
            .zones
            .values()
            .map(|sums| PriorityLine::of(self.code, sums))
            .collect();
        if lines.iter().any(|one| one.firms.is_none()) {
            line.firms = None;
        }
        if lines.iter().any(|one| one.unsolved.is_none()) {
            line.unsolved = None;
        }
        let hides = |amount: &Amount| *amount == Amount::Shown(Shown::Hidden);
        if lines.iter().any(|one| hides(&one.leaving)) {
            line.leaving = Amount::Shown(Shown::Hidden);
        }
        if lines.iter().any(|one| hides(&one.entering)) {
            line.entering = Amount::Shown(Shown::Hidden);
        }
        line
    }
}

/// A yearly quantity, as a page without names shows it.
#[derive(Debug, Clone, PartialEq)]
pub enum Amount {
    /// Nobody has such a flow.
    Nobody,
    Shown(Shown),
}

impl Side {
    fn amount(&self, row_hidden: bool) -> Amount {
        if self.firms == 0 {
            return Amount::Nobody;
        }
        let Some(total) = self.total else {
            return Amount::Shown(Shown::Unknown);
        };
        let outweighs = self
            .largest
            .is_some_and(|largest| largest > LARGEST_SHARE * total);
        if row_hidden || self.quantified < LEAST || outweighs {
            return Amount::Shown(Shown::Hidden);
        }
        Amount::Shown(Shown::Value(rounded(total)))
    }
}

/// One priority flow.
#[derive(Debug, Clone, PartialEq)]
pub struct PriorityLine {
    pub code: FlowCode,
    pub label: &'static str,
    pub unit: Unit,
    pub leaving: Amount,
    pub entering: Amount,
    /// None: one or two.
    pub firms: Option<i64>,
    /// None: it, or its complement, is one or two.
    pub unsolved: Option<i64>,
}

impl PriorityLine {
    pub fn of(code: FlowCode, sums: &PrioritySums) -> Self {
        let category = Catalogue::embedded().category(code);
        let few = is_few(sums.firms);
        let unsolved = sums.firms - sums.solved;
        let tells = few || is_few(unsolved) || is_few(sums.solved);
        Self {
            code,
            label: &category.label,
            unit: category.unit,
            leaving: sums.leaving.amount(few),
            entering: sums.entering.amount(few),
            firms: unless_few(sums.firms),
            unsolved: (!tells).then_some(unsolved),
        }
    }

    pub fn amount(&self, amount: &Amount) -> String {
        match amount {
            Amount::Nobody => "–".to_owned(),
            Amount::Shown(Shown::Unknown) => UNKNOWN.to_owned(),
            Amount::Shown(Shown::Hidden) => HIDDEN.to_owned(),
            Amount::Shown(Shown::Value(value)) => format!("{}\u{a0}{}", plain(*value), self.unit.symbol()),
        }
    }

    pub fn count(count: &Option<i64>) -> String {
        count.map_or_else(|| HIDDEN.to_owned(), grouped)
    }
}

/// A kind of partner that the territory lacks, as the committee reads it.
#[derive(Debug, Clone, PartialEq)]
pub struct LackingLine {
    pub code: FlowCode,
    pub label: &'static str,
    /// Something leaves and nobody takes it, rather than the reverse.
    pub is_receiver: bool,
    pub sites: String,
    pub quantity: String,
}

impl LackingLine {
    /// None when so few establishments are concerned that they could be guessed.
    pub fn of(lacking: &Lacking) -> Option<Self> {
        if is_few(lacking.sites) {
            return None;
        }
        let category = Catalogue::embedded().category(lacking.code);
        let tells = lacking.largest_share.is_none_or(|share| share > LARGEST_SHARE);
        let quantity = match lacking.quantity {
            None => UNKNOWN.to_owned(),
            Some(_) if tells => HIDDEN.to_owned(),
            Some(sum) => format!("{}\u{a0}{}", plain(rounded(sum)), category.unit.symbol()),
        };
        Some(Self {
            code: lacking.code,
            label: &category.label,
            is_receiver: lacking.direction == Direction::Inbound,
            sites: grouped(lacking.sites),
            quantity,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Amount, CategorySums, PriorityLine, PrioritySums, Side};
    use crate::indicators::Shown;
    use crate::kernel::ids::ZoneId;
    use crate::nomenclature::FlowCode;
    use std::collections::BTreeMap;

    fn line(firms: i64, solved: i64, leaving: Side) -> PriorityLine {
        let code = FlowCode::find("MAT-01").unwrap();
        PriorityLine::of(
            code,
            &PrioritySums {
                firms,
                solved,
                leaving,
                entering: Side::default(),
            },
        )
    }

    #[test]
    fn one_company_cannot_be_read_in_a_sum_nor_in_a_difference() {
        let side = |quantified, total, largest| Side {
            firms: 5,
            quantified,
            total: Some(total),
            largest: Some(largest),
        };
        let open = line(5, 0, side(5, 1_243.7, 600.0));
        assert_eq!(open.leaving, Amount::Shown(Shown::Value(1_240.0)));
        assert_eq!((open.firms, open.unsolved), (Some(5), Some(5)));
        assert_eq!(open.amount(&open.leaving), "1\u{a0}240\u{a0}t");
        assert_eq!(
            line(5, 0, side(5, 1_000.0, 900.0)).leaving,
            Amount::Shown(Shown::Hidden),
            "one outweighs"
        );
        assert_eq!(
            line(5, 0, side(2, 1_000.0, 500.0)).leaving,
            Amount::Shown(Shown::Hidden),
            "two quantified"
        );
        assert_eq!(
            line(5, 4, side(5, 1_000.0, 300.0)).unsolved,
            None,
            "one without solution"
        );
        assert_eq!(
            line(5, 1, side(5, 1_000.0, 300.0)).unsolved,
            None,
            "the one with a solution"
        );
        let two = line(2, 0, side(5, 1_000.0, 300.0));
        assert_eq!(
            (two.firms, two.unsolved, two.leaving),
            (None, None, Amount::Shown(Shown::Hidden))
        );
        assert_eq!(open.entering, Amount::Nobody);
    }

    #[test]
    fn a_zone_is_told_only_when_no_zone_could_be_guessed() {
        let sums = |firms, total| PrioritySums {
            firms,
            leaving: Side {
                firms,
                quantified: firms,
                total: Some(total),
                largest: Some(total * 0.4),
            },
            ..PrioritySums::default()
        };
        let here = ZoneId::fresh();
        let category = |elsewhere| CategorySums {
            code: FlowCode::find("MAT-01").unwrap(),
            rank: None,
            groups: 0,
            whole: sums(5 + elsewhere, 900.0),
            zones: BTreeMap::from([(Some(here), sums(5, 600.0)), (None, sums(elsewhere, 300.0))]),
        };
        let told = category(3).line(Some(here));
        assert_eq!(
            (told.firms, told.leaving),
            (Some(5), Amount::Shown(Shown::Value(600.0)))
        );
        let kept = category(1).line(Some(here));
        assert_eq!(
            (kept.firms, kept.leaving),
            (None, Amount::Shown(Shown::Hidden)),
            "the one elsewhere has 300"
        );
        assert_eq!(category(1).line(None).firms, Some(6));
    }
}
