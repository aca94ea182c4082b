//! A year with its lines: kept ones when it is closed, read now when it is still open.

use super::evaluation::{self, Line};
use super::facts::YearFacts;
use super::masking::{self, Masked};
use super::model::Reading;
use super::store::{self, Evaluation};
use crate::platform::access::AggregateScope;
use crate::programmes::{self, Target};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use std::collections::BTreeMap;

pub struct Judged {
    pub evaluation: Evaluation,
    /// The day whose facts are read: the last of the year, or today.
    pub on: NaiveDate,
    pub lines: Vec<Line>,
    /// What a reader of sums may not read of it.
    /// What only those who read rows may read. It is left out of the scores for everybody, so that a year has one.
    pub masked: Masked,
}

impl Judged {
    /// The years of the territory, newest first.
    pub async fn all(
        db: &mut PgConnection,
        scope: &AggregateScope,
        today: NaiveDate,
    ) -> sqlx::Result<Vec<Self>> {
        let known = store::evaluations(db, scope).await?;
        if known.is_empty() {
            return Ok(Vec::new());
        }
        let days: Vec<_> = std::iter::once(today)
            .chain(known.iter().map(|one| last_day(one.year, today)))
            .collect();
        let facts = store::facts(db, scope, &days).await?;
        let mut all = Vec::new();
        for (evaluation, facts) in known.into_iter().zip(facts.iter().skip(1)) {
            let lines = match &evaluation.frozen {
                Some(frozen) => frozen.0.clone(),
                None => live(db, scope, &evaluation, facts).await?,
            };
            all.push(Self {
                evaluation,
                on: facts.on,
                lines,
                masked: Masked::new(),
            });
        }
        let now = facts.into_iter().next().unwrap_or_default();
        let now = evaluation::lines(&now, &BTreeMap::new(), &BTreeMap::new(), |_| None);
        // What the boards say of today comes first: no year may tell one synergy's figure beside it.
        let years: Vec<&[Line]> = std::iter::once(now.as_slice())
            .chain(all.iter().map(|one| one.lines.as_slice()))
            .collect();
        let masked = masking::masked(&years).into_iter().skip(1);
        for (one, masked) in all.iter_mut().zip(masked) {
            one.masked = masked;
        }
        Ok(all)
    }

    /// The year of the territory; none when it was never begun.
    pub async fn load(
        db: &mut PgConnection,
        scope: &AggregateScope,
        year: i32,
        today: NaiveDate,
    ) -> sqlx::Result<Option<Self>> {
        let all = Self::all(db, scope, today).await?;
        Ok(all.into_iter().find(|one| one.evaluation.year == year))
    }

    /// What these years say.
    pub fn told(years: &[Self]) -> Told {
        let mut told = Told::new();
        for line in years.iter().flat_map(|year| &year.lines) {
            told.entry(line.code.clone()).or_default().push(line.reading());
        }
        told
    }

    pub fn line(&self, code: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.code == code)
    }

    /// When it was closed, when it was.
    pub fn closed_at(&self) -> Option<DateTime<Utc>> {
        self.evaluation.closed_at
    }
}

/// What the judged years say of each indicator, newest first.
pub type Told = BTreeMap<String, Vec<Reading>>;

/// The last day of a year that has come.
pub(super) fn last_day(year: i32, today: NaiveDate) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, 12, 31).map_or(today, |end| end.min(today))
}

async fn live(
    db: &mut PgConnection,
    scope: &AggregateScope,
    evaluation: &Evaluation,
    facts: &YearFacts,
) -> sqlx::Result<Vec<Line>> {
    let on = facts.on;
    let answers = store::answers(db, scope, evaluation.id).await?;
    let wordings = store::wordings(db, scope).await?;
    let targets = match programmes::store::current(db, scope, on).await? {
        Some(programme) => programmes::store::targets(db, scope, programme.id).await?,
        None => Vec::new(),
    };
    Ok(evaluation::lines(facts, &answers, &wordings, |code| {
        target_at(&targets, code, on)
    }))
}

/// The first target due on that day or after, else the last one.
fn target_at(targets: &[Target], code: &str, on: NaiveDate) -> Option<f64> {
    let mut own: Vec<_> = targets
        .iter()
        .filter(|target| target.indicator == code && !target.is_baseline)
        .collect();
    own.sort_by_key(|target| target.due_on);
    let next = own.iter().find(|target| target.due_on >= on);
    next.or(own.last()).and_then(|target| target.value)
}

#[cfg(test)]
mod tests {
    use super::{last_day, target_at};
    use crate::programmes::Target;
    use chrono::NaiveDate;

    #[test]
    fn a_year_is_aimed_at_its_next_target() {
        let day = |year| NaiveDate::from_ymd_opt(year, 12, 31).unwrap();
        let target = |year, value, is_baseline| Target {
            indicator: "A01".to_owned(),
            due_on: day(year),
            value: Some(value),
            is_baseline,
        };
        let targets = [
            target(2019, 70.0, true),
            target(2022, 100.0, false),
            target(2020, 80.0, false),
        ];
        assert_eq!(target_at(&targets, "A01", day(2018)), Some(80.0));
        assert_eq!(target_at(&targets, "A01", day(2021)), Some(100.0));
        assert_eq!(
            target_at(&targets, "A01", day(2026)),
            Some(100.0),
            "the last stays"
        );
        assert_eq!(target_at(&targets, "B08", day(2021)), None);
        let today = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
        assert_eq!((last_day(2026, today), last_day(2025, today)), (today, day(2025)));
    }
}
