//! What a programme is. No SQL, no clock.

use crate::kernel::ids::{ProgrammeId, TerritoryId};
use crate::nomenclature::FlowCode;
use chrono::NaiveDate;

/// One programme of a territory.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Programme {
    pub id: ProgrammeId,
    pub territory_id: TerritoryId,
    pub name: String,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
    pub version: i32,
}

/// What an indicator is to reach at a date, or where it stood at the start.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Target {
    /// A code of the catalogue of indicators.
    pub indicator: String,
    pub due_on: NaiveDate,
    /// None: the contract says « sans objet ».
    pub value: Option<f64>,
    pub is_baseline: bool,
}

/// Money promised by a funder for a period.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FundingLine {
    pub phase: String,
    pub funder: String,
    /// Paid by others than those who run the programme.
    pub is_external: bool,
    pub period: String,
    pub amount_eur: i32,
}

/// How firm a commitment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type, serde::Serialize)]
#[sqlx(type_name = "commitment_state", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum CommitmentState {
    Acquired,
    UnderWay,
    InDiscussion,
    ToDiscuss,
}

impl CommitmentState {
    pub const ALL: [Self; 4] = [
        Self::Acquired,
        Self::UnderWay,
        Self::InDiscussion,
        Self::ToDiscuss,
    ];

    pub fn label(self) -> &'static str {
        match self {
            Self::Acquired => "acquis",
            Self::UnderWay => "en cours",
            Self::InDiscussion => "en discussion",
            Self::ToDiscuss => "à discuter",
        }
    }
    /// The kind of badge that shows it.
    pub fn badge(self) -> &'static str {
        match self {
            Self::Acquired => "ok",
            Self::UnderWay => "info",
            Self::InDiscussion => "warn",
            Self::ToDiscuss => "",
        }
    }
}

/// What a partner does, and until when.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Commitment {
    pub partner: String,
    pub what: String,
    pub period: String,
    pub state: CommitmentState,
    pub next_step: Option<String>,
}

/// A category that the committee wants treated first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Priority {
    pub code: FlowCode,
    pub rank: i32,
    pub decided_on: NaiveDate,
}

/// The funding lines as the table that funders read: one per phase, funders by periods.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    use super::{FundingLine, FundingPlan};

    fn line(phase: &str, funder: &str, is_external: bool, period: &str, amount_eur: i32) -> FundingLine {
        FundingLine {
            phase: phase.to_owned(),
            funder: funder.to_owned(),
            is_external,
            period: period.to_owned(),
            amount_eur,
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
