//! Screen: what each organisation did, and how up to date the inventory is.

use super::model::cut::Cut;
use super::model::secrecy::is_safe;
use super::model::{FEW, HIDDEN, grouped};
use super::section::{self, Frame, Section};
use super::store::figures::{self as store, Activity};
use super::store::sums::{self, Freshness};
use super::tables::{Cell, Table};
use crate::indicators::model::{LEAST, is_few};
use crate::kernel::ids::ZoneId;
use crate::nomenclature::Family;
use crate::platform::access::{AggregateScope, Observer};
use crate::platform::web::{Page, Query, Result, filters};
use askama::Template;
use axum::response::{IntoResponse, Response};
use chrono::{Days, Months, NaiveDate};
use sqlx::PgConnection;

#[derive(Template)]
#[template(path = "dashboards/activity.html")]
struct Board {
    frame: Frame,
    on: NaiveDate,
    period: String,
    done: Table,
    fresh: Table,
}

/// The year asked for, else the last twelve months: the first day, and the day after the last.
fn period(cut: &Cut, today: NaiveDate) -> (NaiveDate, NaiveDate, String) {
    let first = |year| NaiveDate::from_ymd_opt(year, 1, 1);
    match cut
        .year()
        .and_then(|year| Some((first(year)?, first(year + 1)?, year)))
    {
        Some((since, until, year)) => (since, until, format!("en {year}")),
        None => {
            let since = today.checked_sub_months(Months::new(12)).unwrap_or(today);
            (since, today + Days::new(1), "sur douze mois".to_owned())
        }
    }
}

pub(super) async fn show(me: Observer, Query(cut): Query<Cut>) -> Result<Response> {
    let (scope, today) = (me.scope()?, me.today());
    let mut db = me.read().await?;
    let frame = Frame::load(&mut db, &me, Section::Activity, &cut).await?;
    let (since, until, period) = period(&cut, today);
    let zone = section::zone(&mut db, &scope, &cut).await?;
    Ok(Page(Board {
        frame,
        on: today,
        period,
        done: activity_table(&store::activity(&mut db, &scope, since, until).await?),
        fresh: freshness_table(&sums::freshness(&mut db, &scope, today).await?, zone),
    })
    .into_response())
}

/// The same as files.
pub(super) async fn tables(
    db: &mut PgConnection,
    scope: &AggregateScope,
    cut: &Cut,
    today: NaiveDate,
) -> sqlx::Result<Vec<Table>> {
    let (since, until, _) = period(cut, today);
    let zone = section::zone(db, scope, cut).await?;
    let done = store::activity(db, scope, since, until).await?;
    Ok(vec![
        activity_table(&done),
        freshness_table(&sums::freshness(db, scope, today).await?, zone),
    ])
}

fn activity_table(done: &[Activity]) -> Table {
    let count = |n: i64| Cell::count(Some(n), String::new);
    // One or two visits, and what was noted then, would be one company's.
    let told = |n: i64, of: i64| Cell::count((!is_few(of)).then_some(n), || FEW.to_owned());
    let rows = done.iter().map(|one| {
        vec![
            Cell::text(one.organisation.as_str()),
            count(one.people),
            told(one.visits, one.visits),
            told(one.flows, one.visits),
            told(one.decisions, one.decisions),
        ]
    });
    let head = [
        "Organisation",
        "Personnes",
        "Visites faites",
        "Flux relevés en visite",
        "Synergies instruites",
    ];
    Table::new("Activité par organisation", &head, rows.collect())
}

/// Shares only, of three companies at least: a flow cannot be counted out of them. In a zone, no zone may be of
/// so few that the others would tell it.
fn freshness_table(all: &[Freshness], zone: Option<ZoneId>) -> Table {
    let is_told = |one: &Freshness| match zone {
        None => one.firms >= LEAST,
        Some(_) => is_safe(
            all.iter()
                .filter(|other| !other.is_whole && other.family == one.family)
                .map(|other| other.firms),
        ),
    };
    let share = |part: i64, of: &Freshness| {
        if is_told(of) {
            Cell::Text(format!(
                "{}\u{a0}%",
                grouped((part * 100 + of.flows / 2) / of.flows.max(1))
            ))
        } else {
            Cell::text(HIDDEN)
        }
    };
    let here = all.iter().filter(|one| match zone {
        None => one.is_whole,
        Some(_) => !one.is_whole && one.zone == zone,
    });
    let rows = here.filter_map(|one| {
        let family = Family::find(&one.family)?;
        Some(vec![
            Cell::text(family.label()),
            share(one.fresh, one),
            share(one.quantified, one),
        ])
    });
    Table::new(
        "Fraîcheur par famille",
        &["Famille", "Flux à jour", "Flux quantifiés"],
        rows.collect(),
    )
}
