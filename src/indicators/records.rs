//! Screen: what stands behind a figure. Rows for those who work with the companies; for the others,
//! groups of at least three.

use super::judged::last_day;
use super::model::{LEAST, is_few};
use super::paths;
use super::store;
use crate::companies;
use crate::kernel::{format_number, typed_day};
use crate::platform::access::{Observer, Scope};
use crate::platform::web::{AppError, Page, Path, Result, filters};
use crate::{synergies, visits, workshops};
use askama::Template;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use sqlx::PgConnection;

/// A table of records: heads, then rows of a linked first cell and the others.
struct Table {
    title: &'static str,
    heads: Vec<&'static str>,
    rows: Vec<Record>,
}

struct Record {
    name: String,
    href: Option<String>,
    cells: Vec<String>,
}

#[derive(Template)]
#[template(path = "indicators/records.html")]
struct Records {
    year: i32,
    on: NaiveDate,
    table: Table,
    anonymised: bool,
}

pub(super) async fn show(me: Observer, Path((year, sort)): Path<(i32, String)>) -> Result<Response> {
    let on = last_day(year, me.today());
    let rows_scope = me.rows();
    let mut db = me.read().await?;
    let table = match &rows_scope {
        Some(scope) => rows(&mut db, scope, (&sort, on)).await?,
        None => sums(&mut db, &me, (&sort, on)).await?,
    };
    Ok(Page(Records {
        year,
        on,
        table,
        anonymised: rows_scope.is_none(),
    })
    .into_response())
}

async fn rows(db: &mut PgConnection, scope: &Scope, (sort, on): (&str, NaiveDate)) -> Result<Table> {
    match sort {
        "etablissements" => Ok(established(&store::established(db, scope, on).await?)),
        "visites" => Ok(visited(&store::visited(db, scope, on).await?)),
        "synergies" => Ok(realised(&store::realised(db, scope, on).await?)),
        "ateliers" => Ok(held(&store::held(db, &scope.aggregate(), on).await?, true)),
        _ => Err(AppError::NotFound),
    }
}

fn maybe_day(on: Option<NaiveDate>) -> String {
    on.map_or_else(|| "–".to_owned(), typed_day)
}

fn figure(value: Option<f64>) -> String {
    value.map_or_else(|| "non estimé".to_owned(), |value| format_number(value, 2))
}

fn established(found: &[store::EstablishedRow]) -> Table {
    let rows = found.iter().map(|row| Record {
        name: row.name.clone(),
        href: Some(companies::paths::show(&row.id)),
        cells: vec![
            row.activity.clone().unwrap_or_else(|| "inconnue".to_owned()),
            typed_day(row.since),
            maybe_day(row.last_seen_on),
            maybe_day(row.charter_signed_on),
        ],
    });
    Table {
        title: "Entreprises mobilisées",
        heads: vec![
            "Entreprise",
            "Activité",
            "Mobilisée depuis le",
            "Dernière visite",
            "Charte signée le",
        ],
        rows: rows.collect(),
    }
}

fn visited(found: &[store::VisitedRow]) -> Table {
    let rows = found.iter().map(|row| Record {
        name: row.name.clone(),
        href: Some(visits::paths::show(&row.id)),
        cells: vec![
            typed_day(row.visit_on),
            row.status.label().to_owned(),
            row.organisations.join(", "),
        ],
    });
    Table {
        title: "Visites de l’année",
        heads: vec!["Entreprise", "Date", "État", "Organisme"],
        rows: rows.collect(),
    }
}

fn realised(found: &[store::RealisedRecord]) -> Table {
    let rows = found.iter().map(|row| Record {
        name: row.title.clone(),
        href: Some(synergies::paths::show(&row.id)),
        cells: vec![
            row.kind.label().to_owned(),
            row.state.label().to_owned(),
            typed_day(row.realised_on),
            row.members.to_string(),
            figure(row.diverted_t),
            figure(row.energy_mwh),
            figure(row.water_m3),
            figure(row.freight_tkm),
            figure(row.car_km),
            figure(row.avoided_tco2e),
            figure(row.savings_eur),
            figure(row.jobs_fte),
        ],
    });
    Table {
        title: "Synergies réalisées",
        heads: vec![
            "Synergie",
            "Type",
            "État",
            "Depuis le",
            "Participants",
            "Détourné, t",
            "Énergie, MWh",
            "Eau, m³",
            "Fret évité, t·km",
            "Voiture évitée, km",
            "GES évités, tCO₂e",
            "Gains, €",
            "Emplois, ETP",
        ],
        rows: rows.collect(),
    }
}

/// Named for those who may open them.
fn held(found: &[store::HeldRow], is_named: bool) -> Table {
    let people = |row: &store::HeldRow| {
        if is_named || !is_few(row.participants.into()) {
            row.participants.to_string()
        } else {
            "<\u{a0}3".to_owned()
        }
    };
    let rows = found.iter().map(|row| Record {
        name: if is_named {
            row.title.clone()
        } else {
            "Atelier".to_owned()
        },
        href: is_named.then(|| workshops::paths::show(&row.id)),
        cells: vec![typed_day(row.held_on), people(row)],
    });
    Table {
        title: "Ateliers et rencontres tenus",
        heads: vec!["Atelier", "Date", "Participants"],
        rows: rows.collect(),
    }
}

async fn sums(db: &mut PgConnection, me: &Observer, (sort, on): (&str, NaiveDate)) -> Result<Table> {
    let scope = me.scope()?;
    match sort {
        "etablissements" => Ok(Table {
            title: "Entreprises mobilisées, par activité",
            heads: vec!["Division d’activité (NAF)", "Établissements"],
            rows: groups(&store::groups(db, &scope, on).await?),
        }),
        "synergies" => Ok(Table {
            title: "Synergies en place, par type",
            heads: vec!["Type", "Synergies"],
            rows: groups(&store::kinds(db, &scope, on).await?),
        }),
        "ateliers" => Ok(held(&store::held(db, &scope, on).await?, false)),
        _ => Err(AppError::NotFound),
    }
}

/// Small groups are put together, and not shown when they stay small.
fn groups(found: &[store::Group]) -> Vec<Record> {
    let (shown, small): (Vec<_>, Vec<_>) = found.iter().partition(|group| group.count >= LEAST);
    let rest: i64 = small.iter().map(|group| group.count).sum();
    let mut rows: Vec<_> = shown
        .into_iter()
        .map(|group| Record {
            name: group.name.clone(),
            href: None,
            cells: vec![group.count.to_string()],
        })
        .collect();
    if rest > 0 {
        let count = if is_few(rest) {
            "<\u{a0}3".to_owned()
        } else {
            rest.to_string()
        };
        rows.push(Record {
            name: "autres".to_owned(),
            href: None,
            cells: vec![count],
        });
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::groups;
    use crate::indicators::store::Group;

    #[test]
    fn groups_under_three_are_put_together() {
        let group = |name: &str, count| Group {
            name: name.to_owned(),
            count,
        };
        let rows = groups(&[
            group("division 25", 7),
            group("division 10", 2),
            group("division 16", 1),
        ]);
        let read: Vec<_> = rows
            .iter()
            .map(|r| (r.name.as_str(), r.cells[0].as_str()))
            .collect();
        assert_eq!(read, [("division 25", "7"), ("autres", "3")]);
        assert_eq!(groups(&[group("division 10", 2)])[0].cells, ["<\u{a0}3"]);
    }
}
