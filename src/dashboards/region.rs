//! Screen: the same figures for several territories, side by side, for whoever observes them all. A
//! region's figure is given only when none of its parts is hidden: otherwise the hidden one could be found.

use super::figures::{Contract, Headline};
use super::model::cut::Cut;
use super::model::{HIDDEN, UNKNOWN, plain};
use super::paths;
use crate::indicators::Shown;
use crate::platform::access::Observer;
use crate::platform::web::{Page, Result, filters};
use askama::Template;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;

/// Where shares and means would be added.
const NONE: &str = "–";

#[derive(Template)]
#[template(path = "dashboards/region.html")]
struct Region {
    on: NaiveDate,
    names: Vec<String>,
    rows: Vec<Row>,
}

struct Row {
    title: &'static str,
    unit: &'static str,
    figures: Vec<String>,
    whole: String,
}

pub(super) async fn show(me: Observer) -> Result<Response> {
    let today = me.today();
    let mut db = me.read().await?;
    let mut sets = Vec::new();
    for scope in me.scopes() {
        sets.push(Contract::load(&mut db, &scope, &Cut::default(), today).await?);
    }
    Ok(Page(Region {
        on: today,
        names: sets.iter().map(|set| set.territory.clone()).collect(),
        rows: rows(&sets),
    })
    .into_response())
}

fn rows(sets: &[Contract]) -> Vec<Row> {
    let Some(first) = sets.first() else {
        return Vec::new();
    };
    let heads: Vec<Vec<Headline>> = sets.iter().map(Contract::headlines).collect();
    first
        .lines
        .iter()
        .filter_map(|line| {
            let own: Option<Vec<(Shown, String)>> = sets
                .iter()
                .zip(&heads)
                .map(|(set, heads)| {
                    let rank = set
                        .lines
                        .iter()
                        .position(|other| other.indicator.code == line.indicator.code)?;
                    Some((set.lines[rank].shown, heads[rank].figure.clone()))
                })
                .collect();
            let own = own?;
            Some(Row {
                title: line.indicator.title,
                unit: line.indicator.unit.symbol(),
                whole: if line.indicator.unit.adds_up() {
                    whole(own.iter().map(|(shown, _)| *shown))
                } else {
                    NONE.to_owned()
                },
                figures: own.into_iter().map(|(_, figure)| figure).collect(),
            })
        })
        .collect()
}

/// The sum of what is shown; unknown parts do not count, one hidden part hides it.
fn whole(parts: impl Iterator<Item = Shown>) -> String {
    let mut sum = None;
    for part in parts {
        match part {
            Shown::Value(value) => sum = Some(sum.unwrap_or(0.0) + value),
            Shown::Unknown => {}
            Shown::Hidden => return HIDDEN.to_owned(),
        }
    }
    sum.map_or_else(|| UNKNOWN.to_owned(), plain)
}

#[cfg(test)]
mod tests {
    use super::{HIDDEN, Shown, UNKNOWN, whole};

    #[test]
    fn one_hidden_part_hides_the_region() {
        assert_eq!(
            whole([Shown::Value(4.0), Shown::Unknown, Shown::Value(8.0)].into_iter()),
            "12"
        );
        assert_eq!(whole([Shown::Value(4.0), Shown::Hidden].into_iter()), HIDDEN);
        assert_eq!(whole([Shown::Unknown, Shown::Unknown].into_iter()), UNKNOWN);
    }
}
