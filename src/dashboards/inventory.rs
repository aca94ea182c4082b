//! Screen: what leaves and what enters, by family, outlet, category and zone. Sums only.

use super::model::Amount;
use super::model::cut::Cut;
use super::model::flows::{CategorySums, PriorityLine};
use super::model::outlets::{self, Stream};
use super::section::{self, Frame, Section};
use super::store::sums as store;
use super::tables::{Cell, Table};
use crate::flows;
use crate::indicators::Shown;
use crate::platform::access::{AggregateScope, Observer};
use crate::platform::web::charts::{Caption, Svg, sankey};
use crate::platform::web::{Page, Query, Result, filters};
use askama::Template;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use sqlx::PgConnection;

#[derive(Template)]
#[template(path = "dashboards/inventory.html")]
struct Flows {
    frame: Frame,
    on: NaiveDate,
    lines: Vec<Line>,
    streams: Vec<Stream>,
    twin: Table,
}

/// A category on screen.
struct Line {
    sums: PriorityLine,
    is_priority: bool,
    groups: i64,
    href: String,
}

impl Flows {
    fn chart(&self) -> Svg {
        let (left, right, bonds) = outlets::drawn(&self.streams);
        let told: Vec<_> = self
            .streams
            .iter()
            .map(|s| {
                format!(
                    "{} vers {}\u{a0}: environ {}",
                    s.family.label(),
                    s.outlet.label().to_lowercase(),
                    s.flows
                )
            })
            .collect();
        let caption = Caption {
            id: "sankey",
            title: "Où vont les flux sortants",
            description: &format!(
                "Rubans des familles vers les exutoires, en nombre de flux. {}.",
                told.join("\u{202f}; ")
            ),
        };
        sankey(caption, &left, &right, &bonds)
    }
}

pub(super) async fn show(me: Observer, Query(cut): Query<Cut>) -> Result<Response> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let frame = Frame::load(&mut db, &me, Section::Flows, &cut).await?;
    let zone = section::zone(&mut db, &scope, &cut).await?;
    let streams = outlets::told(&store::streams(&mut db, &scope, zone).await?, cut.family());
    let lines = categories(&mut db, &scope, &cut).await?;
    Ok(Page(Flows {
        frame,
        on: me.today(),
        twin: streams_table(&streams),
        streams,
        lines: lines.iter().map(|one| line(one, &cut)).collect(),
    })
    .into_response())
}

/// A zone is told by what all of them are.
async fn categories(
    db: &mut PgConnection,
    scope: &AggregateScope,
    cut: &Cut,
) -> sqlx::Result<Vec<CategorySums>> {
    match cut.zone() {
        Some(_) => store::categories(db, scope, cut.family()).await,
        None => store::whole_categories(db, scope, cut.family()).await,
    }
}

fn line(one: &CategorySums, cut: &Cut) -> Line {
    Line {
        sums: one.line(cut.zone()),
        is_priority: one.rank.is_some(),
        groups: one.groups,
        href: cut.rows(flows::paths::LIST, one.code.as_str()),
    }
}

/// The same as files.
pub(super) async fn tables(
    db: &mut PgConnection,
    scope: &AggregateScope,
    cut: &Cut,
) -> sqlx::Result<Vec<Table>> {
    let lines = categories(db, scope, cut).await?;
    let zone = section::zone(db, scope, cut).await?;
    let streams = outlets::told(&store::streams(db, scope, zone).await?, cut.family());
    let lines: Vec<_> = lines.iter().map(|one| line(one, cut)).collect();
    Ok(vec![categories_table(&lines), streams_table(&streams)])
}

fn streams_table(streams: &[Stream]) -> Table {
    let rows = streams.iter().map(|s| {
        vec![
            Cell::text(s.family.label()),
            Cell::text(s.outlet.label()),
            Cell::count(Some(s.flows), String::new),
        ]
    });
    Table::new(
        "Familles et exutoires",
        &["Famille", "Exutoire", "Flux, environ"],
        rows.collect(),
    )
    .between()
}

fn categories_table(lines: &[Line]) -> Table {
    let rows = lines.iter().map(|line| {
        let sums = &line.sums;
        vec![
            Cell::text(sums.code.as_str()),
            Cell::text(sums.label),
            Cell::text(sums.unit.symbol()),
            amount(sums, &sums.leaving),
            amount(sums, &sums.entering),
            Cell::count(sums.firms, || PriorityLine::count(&sums.firms)),
            Cell::count(sums.unsolved, || PriorityLine::count(&sums.unsolved)),
            Cell::count(Some(line.groups), String::new),
        ]
    });
    let head = [
        "Code",
        "Flux",
        "Unité",
        "Sortant par an",
        "Entrant par an",
        "Entreprises",
        "Sans solution",
        "Groupes ouverts",
    ];
    Table::new("Flux par catégorie", &head, rows.collect())
}

pub(super) fn amount(line: &PriorityLine, amount: &Amount) -> Cell {
    match amount {
        Amount::Shown(Shown::Value(value)) => Cell::Number(*value),
        Amount::Nobody | Amount::Shown(Shown::Hidden | Shown::Unknown) => Cell::Text(line.amount(amount)),
    }
}
