//! Screen: the establishments of the territory, as a list or on a map, with one search for both.

use super::paths;
use super::search::{self, Column, Filter, Query as Search, Sort, store};
use crate::kernel::format_number;
use crate::kernel::ids::{BatchId, EstablishmentId};
use crate::lists::{self, Asked, Bar, BatchForm, Outcome};
use crate::nomenclature::{Family, naf};
use crate::platform::App;
use crate::platform::access::Staff;
use crate::platform::web::{
    Choice, Chosen, Column as _, Errors, OptionExt, Page, Picker, Query, Result, asset, filters,
};
use crate::territories::{self, Zone};
use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::NaiveDate;
use serde::Serialize;
use sqlx::PgConnection;
use std::collections::BTreeMap;

const PER_PAGE: usize = 50;

/// A filter in force, and the same search without it.
struct Chip {
    label: String,
    href: String,
}

/// A column's head, and where it sorts.
struct Head {
    label: &'static str,
    href: Option<String>,
    /// `aria-sort`, when sorted by it.
    order: &'static str,
    css: &'static str,
}

/// What the filters offer.
struct Choices {
    communes: Vec<Choice>,
    zones: Vec<Choice>,
    activities: Vec<Choice>,
    families: Vec<Choice>,
}

struct MapView {
    points: String,
    attrs: String,
    without_position: i64,
}

#[derive(Template)]
#[template(path = "companies/list.html")]
struct List {
    territory: String,
    /// Before any filter.
    in_territory: i64,
    rows: Vec<store::Row>,
    total: i64,
    total_words: String,
    page: i64,
    pages: i64,
    pager: String,
    heads: Vec<Head>,
    columns: Chosen<Column>,
    picker: Picker,
    bar: Bar,
    outcome: Option<Outcome>,
    tables: Vec<(String, &'static str)>,
    chips: Vec<Chip>,
    search: Search,
    choices: Choices,
    tabs: [(&'static str, String, bool); 2],
    map: Option<MapView>,
    exports: Vec<(String, &'static str)>,
    errors: Errors,
}

impl List {
    fn ids(&self) -> Vec<EstablishmentId> {
        self.rows.iter().map(|row| row.id).collect()
    }
    fn fresh(&self) -> String {
        BatchId::fresh().to_string()
    }
    fn asking(&self) -> BatchForm {
        BatchForm::default()
    }
}

pub(super) async fn show(
    me: Staff,
    State(app): State<App>,
    Query(search): Query<Search>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let scope = me.scope()?;
    let address = search.href(paths::LIST, &[]);
    let bar = Bar::of(&me, lists::List::Establishments, &address, &asked).await?;
    let outcome = Outcome::find(&me, lists::List::Establishments, &asked.lot).await?;
    let mut db = me.read().await?;
    let territory = territories::store::find(&mut db, scope.territory())
        .await?
        .or_not_found()?;
    let fresh_since = search::fresh_since(me.today(), territory.freshness_months);
    let filter = Filter::from_query(&search, fresh_since);
    let presence = store::presence(&mut db, &scope).await?;
    let zones = territories::store::zones(&mut db, &scope).await?;
    let ids = store::matching(&mut db, &scope, &filter).await?;
    let (page, pages) = (search.page(), ids.len().div_ceil(PER_PAGE).max(1));
    if page > pages {
        return Ok(Redirect::to(&search.href(paths::LIST, &[])).into_response());
    }
    let is_map = search.vue == "carte";
    let (mut rows, mut map) = (Vec::new(), None);
    if is_map {
        let placed = store::points(&mut db, &scope, &ids).await?.len();
        map = Some(map_view(&app, &search, count(ids.len() - placed)));
    } else {
        let of_page = &ids[(page - 1) * PER_PAGE..(page * PER_PAGE).min(ids.len())];
        rows = store::rows(&mut db, &scope, of_page, fresh_since).await?;
    }
    let columns = search.columns();
    Ok(Page(List {
        territory: territory.name,
        in_territory: presence.iter().map(|p| p.count).sum(),
        rows,
        total: count(ids.len()),
        total_words: total_words(ids.len(), (page - 1) * PER_PAGE),
        page: count(page),
        pages: count(pages),
        pager: pager(&search),
        heads: heads(&search, &filter, &columns),
        picker: picker(&search, &columns),
        bar,
        outcome,
        chips: chips(&search, &filter, &presence, &zones),
        choices: choices(&presence, &zones),
        tabs: [
            ("Liste", search.href(paths::LIST, &[("vue", "")]), !is_map),
            ("Carte", search.href(paths::LIST, &[("vue", "carte")]), is_map),
        ],
        map,
        tables: files(&search, paths::TABLES, &columns.codes()),
        exports: files(&search, paths::EXPORTS, ""),
        columns,
        search,
        errors: Errors::default(),
    })
    .into_response())
}

/// The same result as files.
fn files(search: &Search, paths: &[(&str, &'static str)], columns: &str) -> Vec<(String, &'static str)> {
    let changes = [("vue", ""), ("colonnes", columns)];
    paths
        .iter()
        .map(|(path, label)| (search.href(path, &changes), *label))
        .collect()
}

fn picker(search: &Search, columns: &Chosen<Column>) -> Picker {
    let usual = search.href(paths::LIST, &[("colonnes", "")]);
    columns.picker(paths::LIST, search.pairs().to_vec(), usual)
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// « Établissements 51 à 100 sur 1 234 ».
fn total_words(total: usize, skipped: usize) -> String {
    let number = |n: usize| format_number(f64::from(u32::try_from(n).unwrap_or(u32::MAX)), 0);
    let last = (skipped + PER_PAGE).min(total);
    match total {
        1 => "1 établissement".to_owned(),
        n if n <= PER_PAGE => format!("{} établissements", number(n)),
        n => format!(
            "Établissements {} à {} sur {}",
            number(skipped + 1),
            number(last),
            number(n)
        ),
    }
}

/// Ends where the page number goes.
fn pager(search: &Search) -> String {
    let href = search.href(paths::LIST, &[("page", "0")]);
    href.strip_suffix('0').unwrap_or(&href).to_owned()
}

fn map_view(app: &App, search: &Search, without_position: i64) -> MapView {
    MapView {
        points: search.href(paths::POINTS, &[("vue", ""), ("tri", ""), ("sens", "")]),
        attrs: map_background(app),
        without_position,
    }
}

/// What lies under the points: contours, and tiles when the instance has a server for them. Without
/// tiles one point is shown from far enough to see the communes around it.
pub(super) fn map_background(app: &App) -> String {
    let contours = format!(
        "{} {}",
        asset("map/communes_41.geojson"),
        asset("map/departements.geojson")
    );
    match &app.config.tiles {
        Some(tiles) => {
            let tiles = tiles.replace(['"', '<', '>', '&'], "");
            format!(r#"data-contours="{contours}" data-tiles="{tiles}""#)
        }
        None => format!(r#"data-contours="{contours}" data-zoom="11""#),
    }
}

/// By what a column sorts, if it does.
fn sort_of(column: Column) -> Option<Sort> {
    match column {
        Column::Commune => Some(Sort::Commune),
        Column::Headcount => Some(Sort::Headcount),
        Column::Flows => Some(Sort::Flows),
        Column::LastVisit => Some(Sort::LastVisit),
        Column::Siret
        | Column::Activity
        | Column::Zone
        | Column::Stale
        | Column::NextVisit
        | Column::Charter
        | Column::Families => None,
    }
}

/// That of the name, then those of the columns shown.
fn heads(search: &Search, filter: &Filter, columns: &Chosen<Column>) -> Vec<Head> {
    let chosen = columns.all().iter().map(|column| {
        let is_figure = matches!(column, Column::Flows | Column::Stale);
        let css = if is_figure { "num" } else { "" };
        (column.label(), sort_of(*column), css)
    });
    std::iter::once(("Établissement", Some(Sort::Name), ""))
        .chain(chosen)
        .map(|(label, sort, css)| Head {
            label,
            href: sort.map(|sort| sorted(search, filter, sort)),
            order: match (sort == Some(filter.sort), filter.descending) {
                (true, true) => "descending",
                (true, false) => "ascending",
                (false, _) => "none",
            },
            css,
        })
        .collect()
}

/// Figures and dates are first asked for by their greatest; a second click turns the order round.
fn sorted(search: &Search, filter: &Filter, sort: Sort) -> String {
    let descending = if filter.sort == sort {
        !filter.descending
    } else {
        matches!(sort, Sort::Headcount | Sort::Flows | Sort::LastVisit)
    };
    let changes = [
        ("tri", sort.word()),
        ("sens", if descending { "desc" } else { "" }),
    ];
    search.href(paths::LIST, &changes)
}

fn chips(search: &Search, filter: &Filter, presence: &[store::Presence], zones: &[Zone]) -> Vec<Chip> {
    let mut chips = Vec::new();
    let mut add = |field: &str, label: String| {
        chips.push(Chip {
            label,
            href: search.href(paths::LIST, &[(field, "")]),
        });
    };
    if !search.q.trim().is_empty() {
        add("q", format!("«\u{a0}{}\u{a0}»", search.q.trim()));
    }
    if let Some(insee) = &filter.commune {
        let known = presence
            .iter()
            .find(|p| p.insee.as_ref() == Some(insee))
            .and_then(|p| p.commune.clone());
        add("commune", known.unwrap_or_else(|| format!("commune {insee}")));
    }
    if let Some(id) = filter.zone {
        let known = zones
            .iter()
            .find(|zone| zone.id == id)
            .map(|zone| zone.name.clone());
        add("zone", known.unwrap_or_else(|| "zone inconnue".to_owned()));
    }
    if let Some(activity) = filter.activity {
        add("naf", activity.label.clone());
    }
    if let Some(family) = filter.family {
        add("famille", format!("{} {}", family.code(), family.label()));
    }
    if filter.stale_before.is_some() {
        add("a_confirmer", "Flux à confirmer".to_owned());
    }
    chips
}

fn choices(presence: &[store::Presence], zones: &[Zone]) -> Choices {
    let mut communes: Vec<(String, String)> = Vec::new();
    let mut divisions: BTreeMap<&str, i64> = BTreeMap::new();
    for place in presence {
        if let (Some(insee), Some(name)) = (&place.insee, &place.commune)
            && communes.last().is_none_or(|(last, _)| last != insee)
        {
            communes.push((insee.clone(), name.clone()));
        }
        if let Some(division) = &place.division {
            *divisions.entry(division).or_default() += place.count;
        }
    }
    Choices {
        communes: Choice::pairs(communes),
        zones: Choice::pairs(zones.iter().map(|zone| (zone.id.to_string(), zone.name.clone()))),
        activities: Choice::pairs(activities(divisions.keys().copied())),
        families: Choice::pairs(
            Family::ALL
                .into_iter()
                .map(|f| (f.code(), format!("{} {}", f.code(), f.label()))),
        ),
    }
}

/// The sections present, each followed by its divisions present.
fn activities<'a>(divisions: impl Iterator<Item = &'a str>) -> Vec<(String, String)> {
    let mut by_section: BTreeMap<&str, (&naf::Naf, Vec<&naf::Naf>)> = BTreeMap::new();
    for (section, division) in divisions.filter_map(|code| naf::section(code).zip(naf::division(code))) {
        by_section
            .entry(section.code.as_str())
            .or_insert_with(|| (section, Vec::new()))
            .1
            .push(division);
    }
    by_section
        .into_values()
        .flat_map(|(section, divisions)| {
            let head = (section.code.clone(), section.label.clone());
            let rest = divisions
                .into_iter()
                .map(|d| (d.code.clone(), format!("\u{a0}\u{a0}{} {}", d.code, d.label)));
            std::iter::once(head).chain(rest)
        })
        .collect()
}

/// A point as `static/map.js` reads it.
#[derive(Serialize)]
pub(super) struct Point {
    lat: f64,
    lon: f64,
    label: String,
    hint: String,
    href: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    family: Option<&'static str>,
}

pub(super) async fn points(me: Staff, Query(search): Query<Search>) -> Result<Json<Vec<Point>>> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let filter = Filter::from_query(&search, fresh_since(&mut db, &me).await?);
    let ids = store::matching(&mut db, &scope, &filter).await?;
    let found = store::points(&mut db, &scope, &ids).await?;
    Ok(Json(found.into_iter().map(|point| pin(point, &filter)).collect()))
}

async fn fresh_since(db: &mut PgConnection, me: &Staff) -> Result<NaiveDate> {
    let territory = territories::store::find(db, me.scope()?.territory())
        .await?
        .or_not_found()?;
    Ok(search::fresh_since(me.today(), territory.freshness_months))
}

fn pin(point: store::Point, filter: &Filter) -> Point {
    let flows = match point.flows {
        0 => "aucun flux".to_owned(),
        n => format!("{n}\u{a0}flux"),
    };
    let family = filter.family.or_else(|| Family::find(point.family.as_deref()?));
    Point {
        lat: point.latitude,
        lon: point.longitude,
        label: point.name,
        hint: point
            .commune
            .map_or_else(|| flows.clone(), |commune| format!("{commune} · {flows}")),
        href: paths::show(&point.id),
        family: family.map(Family::css),
    }
}

impl store::Row {
    /// In the company's words, else in the classification's.
    fn doing(&self) -> Option<&str> {
        self.activity.as_deref().or(self.naf_label.as_deref())
    }
    fn marks(&self) -> impl Iterator<Item = Family> {
        Family::ALL
            .into_iter()
            .filter(|family| self.families.iter().any(|code| code == family.code()))
    }
}

#[cfg(test)]
mod tests {
    use super::{activities, pager};
    use crate::companies::search::Query;

    #[test]
    fn sections_come_before_their_own_divisions() {
        let found = activities(["10", "17", "25", "38"].into_iter());
        let codes: Vec<_> = found.iter().map(|(code, _)| code.as_str()).collect();
        assert_eq!(codes, ["C", "10", "17", "25", "E", "38"]);
    }

    #[test]
    fn the_pager_ends_where_the_number_goes() {
        let query = Query {
            q: "bois".to_owned(),
            page: "4".to_owned(),
            ..Query::default()
        };
        assert_eq!(pager(&query), "/entreprises?q=bois&page=");
    }
}
