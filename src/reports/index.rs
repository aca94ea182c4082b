//! Screen: the reports, what each holds and whom it is for.

use super::paths;
use crate::dashboards::model::cut::Cut;
use crate::platform::access::Observer;
use crate::platform::web::{Page, Query, Result, filters};
use crate::programmes::{self, Programme};
use askama::Template;
use chrono::{Datelike, NaiveDate};

#[derive(Template)]
#[template(path = "reports/index.html")]
struct Index {
    on: NaiveDate,
    territory: String,
    programme: Option<Programme>,
    /// Ends of year that can be looked at, newest first.
    years: Vec<i32>,
    cut: Cut,
}

impl Index {
    fn is_chosen(&self, year: &i32) -> bool {
        self.cut.year() == Some(*year)
    }
    fn is_now(&self) -> bool {
        !self.years.iter().any(|year| self.is_chosen(year))
    }
}

pub(super) async fn show(me: Observer, Query(cut): Query<Cut>) -> Result<Page<impl Template>> {
    let (scope, on) = (me.scope()?, me.today());
    let programme = programmes::store::current(&mut *me.read().await?, &scope, on).await?;
    let here = me
        .session()
        .territories()
        .iter()
        .find(|t| t.id == scope.territory());
    Ok(Page(Index {
        on,
        territory: here.map(|t| t.name.clone()).unwrap_or_default(),
        years: programme
            .as_ref()
            .map(|p| (p.starts_on.year()..on.year()).rev().collect())
            .unwrap_or_default(),
        cut: Cut::default().with_year(cut.year()),
        programme,
    }))
}
