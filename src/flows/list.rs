//! Screen: the flows of the territory. Filters, sort and page are in the address.

use super::model::annual_text;
use super::search::{self, Column, ListQuery, TO_CLASSIFY, TO_CONFIRM};
use super::store::{Filter, Listed, Slice, Sort};
use super::{Visibility, paths, store};
use crate::companies;
use crate::kernel::Direction;
use crate::kernel::ids::{BatchId, FlowId};
use crate::lists::{self, Asked, Bar, BatchForm, Outcome};
use crate::nomenclature::{Catalogue, Family, FlowCode};
use crate::platform::access::{Role, Scope, Staff};
use crate::platform::web::{
    Choice, Chosen, Column as _, Errors, OptionExt, Page, Picker, Query, Result, filters,
};
use crate::territories;
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use sqlx::PgConnection;

const PER_PAGE: i64 = 50;

/// By what a column sorts, if it does.
fn sort_of(column: Column) -> Option<Sort> {
    match column {
        Column::Establishment => Some(Sort::Establishment),
        Column::Category => Some(Sort::Category),
        Column::Quantity => Some(Sort::Quantity),
        Column::Known => Some(Sort::Known),
        Column::Direction
        | Column::Commune
        | Column::Certainty
        | Column::Outlet
        | Column::Quality
        | Column::Cost
        | Column::ContractEnd
        | Column::WasteCode
        | Column::Visibility
        | Column::Source => None,
    }
}

/// A column's head: where a click leads, when it sorts, and how it is sorted now.
struct Head {
    label: &'static str,
    href: Option<String>,
    numeric: bool,
    sorted: Option<&'static str>,
}

/// A filter in use, and the list without it.
struct Chip {
    label: String,
    href: String,
}

struct Row {
    href: String,
    code: Option<FlowCode>,
    annual: Option<String>,
    is_stale: bool,
    of: Listed,
}

impl Row {
    fn css(&self) -> &'static str {
        self.code.map_or("", |code| code.family().css())
    }
    fn category(&self) -> &'static str {
        self.code
            .map_or("", |code| &Catalogue::embedded().category(code).label)
    }
}

/// An act on many flows that was refused, to be asked again.
#[derive(Default)]
pub(super) struct Asking {
    pub(super) form: BatchForm,
    pub(super) errors: Errors,
}

#[derive(Template)]
#[template(path = "flows/list.html")]
struct List {
    query: ListQuery,
    address: String,
    total: i64,
    rows: Vec<Row>,
    columns: Chosen<Column>,
    heads: Vec<Head>,
    picker: Picker,
    bar: Bar,
    outcome: Option<Outcome>,
    asking: Asking,
    chips: Vec<Chip>,
    families: Vec<Choice>,
    communes: Vec<Choice>,
    page: i64,
    pages: i64,
    pager_base: String,
    undo: Option<(FlowId, String)>,
    tables: Vec<(String, &'static str)>,
    exports: Vec<(String, &'static str)>,
    /// Whether this reader decides of the vocabulary.
    manages: bool,
}

impl List {
    fn total_words(&self) -> String {
        format!(
            "{} flux",
            crate::kernel::format_number(f64::from(i32::try_from(self.total).unwrap_or(i32::MAX)), 0)
        )
    }
    fn directions(&self) -> Vec<Choice> {
        Choice::pairs(Direction::ALL.iter().map(|d| (d.word(), d.label())))
    }
    fn states(&self) -> Vec<Choice> {
        Choice::pairs([(TO_CLASSIFY, "À classer"), (TO_CONFIRM, "À confirmer")])
    }
    fn ids(&self) -> Vec<FlowId> {
        self.rows.iter().map(|row| row.of.id).collect()
    }
    fn fresh(&self) -> String {
        BatchId::fresh().to_string()
    }
    fn visibilities(&self) -> &'static [Visibility] {
        Visibility::ALL
    }
}

pub(super) async fn show(
    me: Staff,
    Query(query): Query<ListQuery>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    list(&me, query, &asked, Asking::default()).await
}

/// The list again, with what an act on many flows refused.
pub(super) async fn page(me: &Staff, query: ListQuery, asking: Asking) -> Result<Response> {
    let page = list(me, query, &Asked::default(), asking).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// The page asked for, else the first: filters may have narrowed the list since.
async fn found(me: &Staff, query: &ListQuery, filter: &Filter) -> Result<(i64, Vec<Listed>)> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let (sort, descending) = query.sort();
    let slice = |page: i64| Slice {
        sort,
        descending,
        limit: PER_PAGE,
        offset: (page - 1) * PER_PAGE,
    };
    let page = query.page();
    let found = store::list(&mut db, &scope, filter, slice(page)).await?;
    if found.is_empty() && page > 1 {
        return Ok((1, store::list(&mut db, &scope, filter, slice(1)).await?));
    }
    Ok((page, found))
}

async fn list(me: &Staff, query: ListQuery, asked: &Asked, asking: Asking) -> Result<Response> {
    let scope = me.scope()?;
    let outcome = Outcome::find(me, lists::List::Flows, &asked.lot).await?;
    let address = query.address();
    let bar = Bar::of(me, lists::List::Flows, &address, asked).await?;
    let mut db = me.read().await?;
    let territory = territories::store::find(&mut db, scope.territory())
        .await?
        .or_not_found()?;
    let stale_before = search::stale_before(me.today(), territory.freshness_months);
    let filter = query.filter(stale_before);
    let communes = store::communes(&mut db, &scope).await?;
    let undo = match query.supprime.parse() {
        Ok(id) => store::just_deleted(&mut db, &scope, id)
            .await?
            .map(|label| (id, label)),
        Err(_) => None,
    };
    let establishment = match filter.establishment {
        Some(id) => companies::store::find(&mut db, &scope, id).await?.map(|e| e.name),
        None => None,
    };
    let zone = zone_name(&mut db, &scope, &filter).await?;
    drop(db);
    let (page, found) = found(me, &query, &filter).await?;
    let total = found.first().map_or(0, |row| row.total);
    let columns = query.columns();
    let files = |paths: &[(&str, &'static str)], columns: &str| {
        let file = |(path, label): &(&str, &'static str)| (query.at(path, "colonnes", columns), *label);
        paths.iter().map(file).collect()
    };
    let list = List {
        chips: chips(&query, &filter, &communes, (establishment, zone)),
        heads: heads(&query, &columns),
        picker: columns.picker(paths::LIST, query.pairs(), query.with("colonnes", "")),
        bar,
        outcome,
        asking,
        pager_base: query.pager_base(),
        manages: me.has(Role::Admin) || me.has(Role::Pilot),
        tables: files(paths::TABLES, &columns.codes()),
        exports: files(paths::EXPORTS, ""),
        columns,
        rows: found
            .into_iter()
            .map(|row| listed(row, &address, stale_before))
            .collect(),
        families: Choice::pairs(Family::ALL.iter().map(|family| (family.code(), family.label()))),
        pages: (total + PER_PAGE - 1) / PER_PAGE,
        query,
        address,
        total,
        communes: Choice::pairs(communes),
        page,
        undo,
    };
    Ok(Page(list).into_response())
}

async fn zone_name(db: &mut PgConnection, scope: &Scope, filter: &Filter) -> sqlx::Result<Option<String>> {
    let Some(id) = filter.zone else {
        return Ok(None);
    };
    let zones = territories::store::zones(db, scope).await?;
    Ok(zones.into_iter().find(|zone| zone.id == id).map(|zone| zone.name))
}

fn listed(row: Listed, address: &str, stale_before: Option<NaiveDate>) -> Row {
    let code = row.category.as_deref().and_then(FlowCode::find);
    Row {
        href: paths::edit_from(&row.id, address),
        code,
        annual: annual_text(code, row.annual_quantity),
        is_stale: stale_before.is_some_and(|limit| row.known_on < limit),
        of: row,
    }
}

/// That of the flow's name, then those of the columns shown.
fn heads(query: &ListQuery, columns: &Chosen<Column>) -> Vec<Head> {
    let (current, descending) = query.sort();
    let head = |label: &'static str, sort: Option<Sort>| {
        let next = |sort: Sort| {
            let mark = if sort == current && !descending { "-" } else { "" };
            format!("{mark}{}", sort.word())
        };
        Head {
            label,
            href: sort.map(|sort| query.with("tri", &next(sort))),
            numeric: false,
            sorted: (sort == Some(current)).then_some(if descending { "descending" } else { "ascending" }),
        }
    };
    let chosen = columns.all().iter().map(|column| Head {
        numeric: matches!(column, Column::Quantity | Column::Cost),
        ..head(column.label(), sort_of(*column))
    });
    std::iter::once(head("Flux", Some(Sort::Label)))
        .chain(chosen)
        .collect()
}

fn chips(
    query: &ListQuery,
    filter: &Filter,
    communes: &[(String, String)],
    (establishment, zone): (Option<String>, Option<String>),
) -> Vec<Chip> {
    let commune = filter
        .insee
        .as_ref()
        .and_then(|insee| communes.iter().find(|(code, _)| code == insee));
    let category = filter.category.as_deref().and_then(FlowCode::find);
    let category = category.map(|code| format!("{code} {}", Catalogue::embedded().category(code).label));
    let state = match query.etat.as_str() {
        TO_CLASSIFY => Some("à classer"),
        TO_CONFIRM => Some("à confirmer"),
        _ => None,
    };
    let given = [
        ("q", filter.words.as_ref().map(|words| format!("« {words} »"))),
        ("etablissement", establishment),
        ("zone", zone),
        (
            "famille",
            filter
                .family
                .as_deref()
                .and_then(Family::find)
                .map(|f| f.label().to_owned()),
        ),
        ("categorie", category),
        ("sens", filter.direction.map(|d| d.label().to_owned())),
        ("etat", state.map(ToOwned::to_owned)),
        ("commune", commune.map(|(_, name)| name.clone())),
    ];
    given
        .into_iter()
        .filter_map(|(name, label)| {
            Some(Chip {
                label: label?,
                href: query.with(name, ""),
            })
        })
        .collect()
}
