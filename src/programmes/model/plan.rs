//! The funding lines as tables, to the euro.

use super::FundingLine;

/// The funding lines as the table that funders read: one per phase, funders by periods.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FundingPlan {
    pub phases: Vec<Phase>,
    pub total: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phase {
    pub name: String,
    pub periods: Vec<String>,
    pub rows: Vec<FunderRow>,
    /// One per period.
    pub totals: Vec<i64>,
    pub total: i64,
    /// Paid by others than those who run the programme.
    pub external: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunderRow {
    pub funder: String,
    pub is_external: bool,
    /// One per period; none when the funder gives nothing then.
    pub amounts: Vec<Option<i64>>,
    pub total: i64,
}

impl FundingPlan {
    /// Phases, periods and funders stay in the order of the lines.
    pub fn of(lines: &[FundingLine]) -> Self {
        let names = distinct(lines.iter().map(|line| &line.phase));
        let phases: Vec<_> = names
            .into_iter()
            .map(|name| {
                let own: Vec<_> = lines.iter().filter(|line| line.phase == name).collect();
                Phase::of(name, &own)
            })
            .collect();
        let total = phases.iter().map(|phase| phase.total).sum();
        Self { phases, total }
    }
}

impl Phase {
    fn of(name: String, lines: &[&FundingLine]) -> Self {
        let periods = distinct(lines.iter().map(|line| &line.period));
        let rows: Vec<_> = distinct(lines.iter().map(|line| &line.funder))
            .into_iter()
            .map(|funder| FunderRow::of(funder, lines, &periods))
            .collect();
        let totals = periods
            .iter()
            .map(|period| sum(lines.iter().filter(|line| line.period == *period)))
            .collect();
        let external = sum(lines.iter().filter(|line| line.is_external));
        Self {
            name,
            rows,
            totals,
            total: sum(lines.iter()),
            external,
            periods,
        }
    }

    /// Share of the money that does not come from those who run the programme.
    pub fn external_share(&self) -> Option<f64> {
        let (part, whole) = (
            i32::try_from(self.external).ok()?,
            i32::try_from(self.total).ok()?,
        );
        (whole > 0).then(|| f64::from(part) / f64::from(whole))
    }
}

impl FunderRow {
    fn of(funder: String, lines: &[&FundingLine], periods: &[String]) -> Self {
        let own: Vec<_> = lines.iter().filter(|line| line.funder == funder).collect();
        let amounts = periods
            .iter()
            .map(|period| {
                let mut given = own.iter().filter(|line| line.period == *period).peekable();
                given
                    .peek()
                    .is_some()
                    .then(|| given.map(|line| i64::from(line.amount_eur)).sum())
            })
            .collect();
        Self {
            is_external: own.iter().any(|line| line.is_external),
            total: own.iter().map(|line| i64::from(line.amount_eur)).sum(),
            amounts,
            funder,
        }
    }
}

fn sum<'a>(lines: impl Iterator<Item = &'a &'a FundingLine>) -> i64 {
    lines.map(|line| i64::from(line.amount_eur)).sum()
}

fn distinct<'a>(words: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for word in words {
        if !seen.contains(word) {
            seen.push(word.clone());
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::FundingPlan;
    use crate::kernel::ids::FundingLineId;
    use crate::programmes::model::FundingLine;
    use chrono::NaiveDate;

    fn line(phase: &str, funder: &str, is_external: bool, period: &str, amount_eur: i32) -> FundingLine {
        FundingLine {
            id: FundingLineId::fresh(),
            phase: phase.to_owned(),
            funder: funder.to_owned(),
            is_external,
            period: period.to_owned(),
            starts_on: NaiveDate::MIN,
            ends_on: NaiveDate::MAX,
            is_acquired: true,
            amount_eur,
            version: 1,
        }
    }

    #[test]
    fn lines_become_a_table_with_its_totals() {
        let plan = FundingPlan::of(&[
            line("Expérimentation", "ADEME", true, "2018", 6_437),
            line("Expérimentation", "ADEME", true, "2019", 12_874),
            line("Expérimentation", "CCI", false, "2019", 19_161),
            line("Déploiement", "CCI", false, "2021", 10_000),
        ]);
        assert_eq!(plan.total, 48_472);
        let first = &plan.phases[0];
        assert_eq!(
            (first.name.as_str(), &first.periods),
            ("Expérimentation", &vec!["2018".to_owned(), "2019".to_owned()])
        );
        assert_eq!(first.rows[1].amounts, [None, Some(19_161)]);
        assert_eq!(first.totals, [6_437, 32_035]);
        assert_eq!((first.total, first.external), (38_472, 19_311));
        assert!((first.external_share().unwrap() - 0.501_95).abs() < 1e-4);
        assert_eq!(plan.phases[1].external_share(), Some(0.0));
    }
}
