//! The committee's figures, ready to be shown: targets beside what was done, the way from flows to
//! realised synergies, the priority flows. No SQL, no clock, and no name of a company anywhere.

use crate::flows::Certainty;
use crate::indicators::model::{LARGEST_SHARE, LEAST, is_few, shown_in_series};
use crate::indicators::{Basis, Indicator, Shown, YearFacts, catalogue, trend};
use crate::kernel::{Direction, Unit, format_number};
use crate::nomenclature::{Catalogue, FlowCode};
use crate::platform::web::charts::{FunnelStep, Length};
use crate::programmes::Target;
use crate::programmes::model::Goal;
use crate::prospects::store::Lacking;
use chrono::NaiveDate;

/// What stands for a number under three.
pub const FEW: &str = "<\u{a0}3";
/// What stands for a sum that would tell a company's figure.
pub const HIDDEN: &str = "masqué";
/// What stands for a figure that nobody has.
pub const UNKNOWN: &str = "non estimé";

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

/// At most one decimal, none from ten on.
pub fn plain(value: f64) -> String {
    format_number(value, usize::from(value.abs() < 10.0))
}

/// The indicators on the chosen day. `series` starts with today and goes back; `on` is its place.
pub fn contract(
    targets: &[Target],
    series: &[YearFacts],
    on: usize,
    before: &YearFacts,
) -> Vec<ContractLine> {
    let Some(facts) = series.get(on) else {
        return Vec::new();
    };
    let milestones = Milestones::of(targets, facts.on);
    catalogue::contract(targets.iter().map(|target| target.indicator.as_str()))
        .into_iter()
        .map(|indicator| {
            let readings: Vec<_> = series.iter().map(|facts| indicator.read(facts)).collect();
            let now = readings[on];
            let shown = shown_in_series(&readings)[on];
            let goal = |due| Goal::of(targets, indicator.code, due);
            ContractLine {
                indicator,
                baseline: goal(milestones.baseline),
                next: goal(milestones.next),
                last: goal(milestones.last),
                shown,
                is_count: matches!(now.basis, Basis::Counted(_)),
                exact: now.value,
                origin: now.origin,
                trend: shown.value().and_then(|_| trend(&now, &indicator.read(before))),
            }
        })
        .collect()
}

/// How many synergies reached each step, at least.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FunnelCounts {
    pub flows: i64,
    pub proposed: i64,
    pub examined: i64,
    pub prevalidated: i64,
    pub introduced: i64,
    pub agreed: i64,
    pub realised: i64,
}

/// A step and what may be shown of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    pub label: &'static str,
    /// None: one or two.
    pub count: Option<i64>,
    /// Of a hundred at this step, how many go on.
    pub passing: Option<i64>,
}

impl FunnelCounts {
    pub fn stages(&self) -> Vec<Stage> {
        let steps = [
            ("Propositions", self.proposed),
            ("Examinées", self.examined),
            ("Pré-validées", self.prevalidated),
            ("Mises en relation", self.introduced),
            ("Accord trouvé", self.agreed),
            ("Réalisées", self.realised),
        ];
        let following = steps.iter().skip(1).map(|(_, count)| Some(*count)).chain([None]);
        steps
            .iter()
            .zip(following)
            .map(|((label, count), next)| Stage {
                label,
                count: unless_few(*count),
                passing: passing(*count, next),
            })
            .collect()
    }
}

fn passing(count: i64, next: Option<i64>) -> Option<i64> {
    let next = next.filter(|next| !is_few(*next) && !is_few(count))?;
    (count > 0).then(|| (next * 100 + count / 2) / count)
}

fn unless_few(count: i64) -> Option<i64> {
    (!is_few(count)).then_some(count)
}

impl Stage {
    pub fn figure(&self) -> String {
        self.count.map_or_else(|| FEW.to_owned(), grouped)
    }
    /// As the chart draws it, the longest bar being `longest`.
    pub fn step(&self, longest: i64) -> FunnelStep {
        let length = match self.count {
            None => Length::Hatched,
            Some(0) => Length::Share(0.0),
            Some(count) => Length::Share(ratio(count, longest).max(0.02)),
        };
        let passing = self.passing.map(|percent| format!("{percent}\u{a0}% passent"));
        FunnelStep {
            label: self.label.to_owned(),
            length,
            figure: self.figure(),
            passing,
        }
    }
}

fn ratio(part: i64, whole: i64) -> f64 {
    match (i32::try_from(part), i32::try_from(whole)) {
        (Ok(part), Ok(whole)) if whole > 0 => f64::from(part) / f64::from(whole),
        _ => 0.0,
    }
}

/// « 1 234 ».
pub fn grouped(count: i64) -> String {
    i32::try_from(count).map_or_else(|_| count.to_string(), |count| format_number(f64::from(count), 0))
}

/// The flows of one category, summed over establishments.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PrioritySums {
    pub sites: i64,
    /// Those of which a flow of the category is in a realised synergy.
    pub solved: i64,
    pub leaving: Side,
    pub entering: Side,
}

/// One direction of a category.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Side {
    pub sites: i64,
    pub quantified: i64,
    pub total: Option<f64>,
    pub largest: Option<f64>,
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
        if self.sites == 0 {
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

/// Three significant figures: enough to decide, too few to subtract.
fn rounded(value: f64) -> f64 {
    if value <= 0.0 {
        return 0.0;
    }
    let scale = 10_f64.powf(value.log10().floor() - 2.0);
    (value / scale).round() * scale
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
    pub sites: Option<i64>,
    /// None: it, or its complement, is one or two.
    pub unsolved: Option<i64>,
}

impl PriorityLine {
    pub fn of(code: FlowCode, sums: &PrioritySums) -> Self {
        let category = Catalogue::embedded().category(code);
        let few = is_few(sums.sites);
        let unsolved = sums.sites - sums.solved;
        let tells = few || is_few(unsolved) || is_few(sums.solved);
        Self {
            code,
            label: &category.label,
            unit: category.unit,
            leaving: sums.leaving.amount(few),
            entering: sums.entering.amount(few),
            sites: unless_few(sums.sites),
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
    use super::{
        Amount, FunnelCounts, Goal, Milestones, PriorityLine, PrioritySums, Side, contract, rounded,
    };
    use crate::indicators::facts::{People, Steering};
    use crate::indicators::{Shown, YearFacts};
    use crate::nomenclature::FlowCode;
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
        let lines = contract(&founding(), std::slice::from_ref(&now), 0, &before);
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

    #[test]
    fn a_few_synergies_are_not_counted_out_loud() {
        let counts = FunnelCounts {
            proposed: 212,
            examined: 148,
            prevalidated: 61,
            introduced: 4,
            agreed: 2,
            ..FunnelCounts::default()
        };
        let shown: Vec<_> = counts
            .stages()
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

    fn line(sites: i64, solved: i64, leaving: Side) -> PriorityLine {
        let code = FlowCode::find("MAT-01").unwrap();
        PriorityLine::of(
            code,
            &PrioritySums {
                sites,
                solved,
                leaving,
                entering: Side::default(),
            },
        )
    }

    #[test]
    fn one_company_cannot_be_read_in_a_sum_nor_in_a_difference() {
        let side = |quantified, total, largest| Side {
            sites: 5,
            quantified,
            total: Some(total),
            largest: Some(largest),
        };
        let open = line(5, 0, side(5, 1_243.7, 600.0));
        assert_eq!(open.leaving, Amount::Shown(Shown::Value(1_240.0)));
        assert_eq!((open.sites, open.unsolved), (Some(5), Some(5)));
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
            (two.sites, two.unsolved, two.leaving),
            (None, None, Amount::Shown(Shown::Hidden))
        );
        assert_eq!(open.entering, Amount::Nobody);
    }

    #[test]
    fn sums_keep_three_figures() {
        for (given, kept) in [(18_249.0, 18_200.0), (0.123_4, 0.123), (96.0, 96.0), (0.0, 0.0)] {
            assert!((rounded(given) - kept).abs() < 1e-9, "{given}");
        }
    }
}
