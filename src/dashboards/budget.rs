//! Screen: the budget. The funding plan as its founding document draws it, what is spent, and what a
//! company, a synergy and a public euro come to.

use super::model::{HIDDEN, UNKNOWN, grouped};
use crate::indicators::{self, Shown, YearFacts, catalogue, euros, figure};
use crate::kernel::{format_euros, format_number};
use crate::platform::access::Observer;
use crate::platform::web::charts::{Length, Svg, progress};
use crate::platform::web::{Page, Result, filters};
use crate::programmes::model::{Expense, ExpenseKind, FundingLine};
use crate::programmes::store::Piece;
use crate::programmes::{self, FundingPlan, paths};
use crate::synergies::store::times::{self, HourCost, InPlace};
use askama::Template;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// What one organisation spent on one thing.
struct Spent {
    payer: String,
    by_kind: Vec<i64>,
    total: i64,
}

/// A figure of the last table.
struct Ratio {
    label: &'static str,
    how: &'static str,
    value: String,
}

#[derive(Template)]
#[template(path = "dashboards/budget.html")]
struct Budget {
    on: NaiveDate,
    plan: FundingPlan,
    lines: Vec<FundingLine>,
    expenses: Vec<Expense>,
    spent: Vec<Spent>,
    facts: YearFacts,
    time: InPlace,
    hour: Option<HourCost>,
    staff: bool,
    may_edit: bool,
}

impl Budget {
    fn consumed(&self) -> i64 {
        self.expenses
            .iter()
            .map(|expense| i64::from(expense.amount_eur))
            .sum()
    }
    fn consumed_words(&self) -> String {
        grouped(self.consumed())
    }
    fn remaining(&self) -> String {
        grouped(self.plan.total - self.consumed())
    }
    fn amount(euros: &i32) -> String {
        grouped(i64::from(*euros))
    }
    fn consumed_share(&self) -> Option<f64> {
        let whole = euros(self.plan.total);
        (whole > 0.0).then(|| euros(self.consumed()) / whole)
    }
    fn bar(&self) -> Option<Svg> {
        Some(progress(Length::Share(self.consumed_share()?), None))
    }
    fn external(&self) -> Option<f64> {
        let external: i64 = self.plan.phases.iter().map(|phase| phase.external).sum();
        let whole = euros(self.plan.total);
        (whole > 0.0).then(|| euros(external) / whole)
    }
    fn acquired(&self) -> String {
        grouped(self.secured())
    }
    fn secured(&self) -> i64 {
        let acquired = self.lines.iter().filter(|line| line.is_acquired);
        acquired.map(|line| i64::from(line.amount_eur)).sum()
    }
    /// Spent beyond what is secured.
    fn beyond(&self) -> Option<String> {
        let beyond = self.consumed() - self.secured();
        (beyond > 0).then(|| grouped(beyond))
    }
    fn hours(&self) -> String {
        format_number(self.expenses.iter().filter_map(|expense| expense.hours).sum(), 0)
    }
    fn kinds() -> &'static [ExpenseKind] {
        ExpenseKind::ALL
    }

    fn ratios(&self) -> Vec<Ratio> {
        let mobilised = self.facts.people.mobilised;
        let spent = euros(self.facts.money.spent);
        let per_company = i32::try_from(mobilised)
            .ok()
            .filter(|count| *count > 0 && self.facts.money.spent > 0)
            .map(|count| format!("{}\u{a0}€", format_number(spent / f64::from(count), 0)));
        vec![
            Ratio {
                label: "Coût par entreprise mobilisée",
                how: "Dépenses depuis le début, divisées par les entreprises mobilisées.",
                value: per_company.unwrap_or_else(|| UNKNOWN.to_owned()),
            },
            self.ratio("C11"),
            self.time_per_synergy(),
            self.ratio("C05"),
            self.ratio("C01"),
        ]
    }

    /// Of the agents, on those in place whose time was noted.
    fn time_per_synergy(&self) -> Ratio {
        let synergies = self.time.synergies;
        let value = match (i32::try_from(synergies), self.hour) {
            (Ok(1..3), Some(_)) if !self.staff => HIDDEN.to_owned(),
            (Ok(count @ 1..), Some(hour)) => {
                let hours = f64::from(i32::try_from(self.time.minutes).unwrap_or(i32::MAX)) / 60.0;
                let each = hours / f64::from(count);
                format!(
                    "{} ({}\u{a0}h)",
                    format_euros(each * hour.cost_eur),
                    format_number(each, 1)
                )
            }
            _ => UNKNOWN.to_owned(),
        };
        Ratio {
            label: "Temps d’agent par synergie en place",
            how: "Heures notées sur les synergies en place, au coût d’une heure d’agent, divisées par celles qui en ont.",
            value,
        }
    }

    /// An indicator of the catalogue, as whoever looks may read it.
    fn ratio(&self, code: &str) -> Ratio {
        let Some(indicator) = catalogue::find(code) else {
            return Ratio {
                label: "",
                how: "",
                value: String::new(),
            };
        };
        let reading = indicator.read(&self.facts);
        let shown = match reading.value {
            Some(value) if self.staff => Shown::Value(value),
            _ => reading.shown(),
        };
        Ratio {
            label: indicator.title,
            how: indicator.formula,
            value: match shown {
                Shown::Unknown => UNKNOWN.to_owned(),
                Shown::Hidden => HIDDEN.to_owned(),
                Shown::Value(value) => {
                    format!("{}\u{a0}{}", figure(indicator, value), indicator.unit.symbol())
                }
            },
        }
    }
}

pub(super) async fn show(me: Observer) -> Result<Response> {
    let (scope, on) = (me.scope()?, me.today());
    let mut db = me.read().await?;
    let programme = programmes::store::current(&mut db, &scope, on).await?;
    let (lines, expenses) = match &programme {
        Some(programme) => (
            programmes::store::funding(&mut db, &scope, programme.id).await?,
            programmes::store::expenses(&mut db, &scope, programme.id).await?,
        ),
        None => Default::default(),
    };
    let time = times::in_place(&mut db, &scope).await?;
    let hour = times::hour_cost(&mut db, scope.territory()).await?;
    let facts = indicators::store::facts(&mut db, &scope, &[on]).await?;
    Ok(Page(Budget {
        on,
        plan: FundingPlan::of(&lines),
        lines,
        spent: by_payer(&expenses),
        expenses,
        facts: facts.into_iter().next().unwrap_or_default(),
        time,
        hour,
        staff: me.rows().is_some(),
        may_edit: me.is_manager() && programme.is_some(),
    })
    .into_response())
}

fn by_payer(expenses: &[Expense]) -> Vec<Spent> {
    let mut sums: BTreeMap<&str, BTreeMap<ExpenseKind, i64>> = BTreeMap::new();
    for expense in expenses {
        let own = sums.entry(&expense.payer).or_default();
        *own.entry(expense.kind).or_default() += i64::from(expense.amount_eur);
    }
    sums.into_iter()
        .map(|(payer, own)| Spent {
            payer: payer.to_owned(),
            total: own.values().sum(),
            by_kind: ExpenseKind::ALL
                .iter()
                .map(|kind| own.get(kind).copied().unwrap_or_default())
                .collect(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::by_payer;
    use crate::kernel::ids::ExpenseId;
    use crate::programmes::model::{Expense, ExpenseKind};
    use chrono::NaiveDate;

    #[test]
    fn expenses_add_up_by_who_pays_and_what_for() {
        let expense = |payer: &str, kind, amount_eur| Expense {
            id: ExpenseId::fresh(),
            kind,
            payer: payer.to_owned(),
            label: "Essai".to_owned(),
            spent_on: NaiveDate::MIN,
            hours: None,
            amount_eur,
            version: 1,
        };
        let spent = by_payer(&[
            expense("CMA", ExpenseKind::Travel, 100),
            expense("CCI", ExpenseKind::StaffTime, 900),
            expense("CCI", ExpenseKind::StaffTime, 50),
            expense("CCI", ExpenseKind::Other, 7),
        ]);
        let read: Vec<_> = spent.iter().map(|s| (s.payer.as_str(), s.total)).collect();
        assert_eq!(read, [("CCI", 957), ("CMA", 100)]);
        assert_eq!(spent[0].by_kind, [950, 0, 0, 7]);
    }
}
