//! The set of figures of a territory on a day: computed once, here, for the screen, the files, the letter,
//! the printed report and the public page, so that no two of them can differ.

use super::model::cut::Cut;
use super::model::{self, ContractLine, LackingLine, Milestones, PriorityLine, Stage, contract, grouped};
use super::store::{figures as store, sums};
use crate::indicators::{self, Judged, model::is_few};
use crate::platform::access::AggregateScope;
use crate::programmes::model::Goal;
use crate::programmes::{self, Programme};
use crate::synergies::store::precision::{self, Reviewed};
use crate::{prospects, synergies, territories};
use chrono::{Datelike, Months, NaiveDate};
use sqlx::PgConnection;

/// Kinds of missing company that a committee reads.
const LACKING: usize = 5;

/// What the contract counts on a day: all that the letter, the public page and the region say.
pub struct Contract {
    pub territory: String,
    pub on: NaiveDate,
    /// Ends of year that can be looked at, newest first.
    pub years: Vec<i32>,
    pub year: Option<i32>,
    pub programme: Option<Programme>,
    pub milestones: Milestones,
    pub lines: Vec<ContractLine>,
}

/// What a committee reads first.
pub struct Figures {
    pub contract: Contract,
    flows: i64,
    pub stages: Vec<Stage>,
    pub priorities: Vec<PriorityLine>,
    /// What became of the engine's proposals over the last year.
    reviewed: Reviewed,
    pub lacking: Vec<LackingLine>,
}

/// One figure in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headline {
    pub title: &'static str,
    /// « 86 », « < 3 », « masqué », « non estimé »: exactly as everywhere else.
    pub figure: String,
    pub unit: &'static str,
    /// The final one, when the contract sets it.
    pub target: Option<String>,
}

impl Headline {
    /// « Entreprises mobilisées : 86 (objectif 100) ».
    pub fn words(&self) -> String {
        let unit = if self.unit.is_empty() {
            String::new()
        } else {
            format!("\u{a0}{}", self.unit)
        };
        let target = self
            .target
            .as_ref()
            .map(|target| format!(" (objectif\u{a0}{target})"))
            .unwrap_or_default();
        format!("{}\u{a0}: {}{unit}{target}", self.title, self.figure)
    }
}

impl Contract {
    /// # Errors
    /// Those of the database.
    pub async fn load(
        db: &mut PgConnection,
        scope: &AggregateScope,
        cut: &Cut,
        today: NaiveDate,
    ) -> anyhow::Result<Self> {
        let territory = territories::store::find(db, scope.territory()).await?;
        let programme = programmes::store::current(db, scope, today).await?;
        let targets = match &programme {
            Some(programme) => programmes::store::targets(db, scope, programme.id).await?,
            None => Vec::new(),
        };
        let years: Vec<i32> = programme
            .as_ref()
            .map(|p| (p.starts_on.year()..today.year()).rev().collect())
            .unwrap_or_default();
        let year = cut.year().filter(|year| years.contains(year));
        let ends = years
            .iter()
            .filter_map(|year| NaiveDate::from_ymd_opt(*year, 12, 31));
        let mut days: Vec<_> = std::iter::once(today).chain(ends).collect();
        let place = year
            .and_then(|year| years.iter().position(|y| *y == year))
            .map_or(0, |found| found + 1);
        let on = days[place];
        days.push(on.checked_sub_months(Months::new(3)).unwrap_or(on));
        let mut series = indicators::store::facts(db, scope, &days).await?;
        let before = series
            .pop()
            .ok_or_else(|| anyhow::anyhow!("a figure for each day asked"))?;
        let told = Judged::told(&Judged::all(db, scope, today).await?);
        Ok(Self {
            territory: territory.map(|territory| territory.name).unwrap_or_default(),
            on,
            milestones: Milestones::of(&targets, on),
            lines: contract(&targets, &series, place, &before, &told),
            years,
            year,
            programme,
        })
    }

    /// What the contract counts, in words.
    pub fn headlines(&self) -> Vec<Headline> {
        self.lines.iter().map(headline).collect()
    }

    /// « Objectif 2022 », or the bare word without a date.
    pub fn head(&self, word: &str, day: Option<NaiveDate>) -> String {
        day.map_or_else(|| word.to_owned(), |day| format!("{word} {}", day.year()))
    }
}

impl Figures {
    /// # Errors
    /// Those of the database.
    pub async fn load(
        db: &mut PgConnection,
        scope: &AggregateScope,
        cut: &Cut,
        today: NaiveDate,
    ) -> anyhow::Result<Self> {
        let contract = Contract::load(db, scope, cut, today).await?;
        let since = today.checked_sub_months(Months::new(12)).unwrap_or(today);
        let delays = store::delays(db, scope, None, None).await?;
        Ok(Self {
            contract,
            flows: sums::flows(db, scope).await?,
            stages: model::funnel::stages(&store::funnel(db, scope).await?, &delays, &Cut::default()),
            priorities: sums::whole_categories(db, scope, None)
                .await?
                .iter()
                .filter(|one| one.rank.is_some())
                .map(|one| one.line(None))
                .collect(),
            reviewed: precision::reviewed_since(db, scope, since).await?,
            lacking: prospects::store::lacking(db, scope)
                .await?
                .iter()
                .filter_map(LackingLine::of)
                .take(LACKING)
                .collect(),
        })
    }

    pub fn flows(&self) -> String {
        if is_few(self.flows) {
            model::FEW.to_owned()
        } else {
            grouped(self.flows)
        }
    }

    /// « 34 % »; nothing under five cases.
    pub fn precision(&self) -> Option<String> {
        synergies::model::share(self.reviewed.accepted, self.reviewed.reviewed)
    }
}

fn headline(line: &ContractLine) -> Headline {
    let target = match line.last {
        Goal::Value(value) => Some(model::plain(value)),
        Goal::NotSet | Goal::NotApplicable => None,
    };
    Headline {
        title: line.indicator.title,
        figure: line.figure(),
        unit: line.indicator.unit.symbol(),
        target,
    }
}
