//! Screen: the list of synergies in rows and columns, to compare them, to act on several at once and to
//! take them out as a file. `queue` shows the same rows one by one.

use super::basket::Basket;
use super::filters::Filters;
use super::motives::{Motive, MotiveFamily};
use super::narrow::Above;
use super::paths;
use super::search::{Column, QueueRow, Sort};
use super::store::queue::{self, Slice};
use super::view::{self, FamilyMark};
use crate::accounts;
use crate::kernel::clock;
use crate::kernel::ids::{BatchId, SynergyId};
use crate::lists::{Asked, Bar, BatchForm, List, Outcome};
use crate::platform::access::Staff;
use crate::platform::web::{Choice, Chosen, Column as _, Errors, Page, Picker, Result, filters};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::NaiveDate;

const PAGE: i64 = 50;

/// An act on many synergies that was refused, to be asked again.
#[derive(Default)]
pub(super) struct Asking {
    pub(super) form: BatchForm,
    pub(super) errors: Errors,
}

/// A column's head, and where it sorts.
struct Head {
    label: &'static str,
    href: Option<String>,
    sorted: Option<&'static str>,
    is_numeric: bool,
}

#[derive(Template)]
#[template(path = "synergies/table.html")]
struct Table {
    basket: Basket,
    above: Above,
    bar: Bar,
    form: Filters,
    errors: Errors,
    rows: Vec<QueueRow>,
    columns: Chosen<Column>,
    heads: Vec<Head>,
    picker: Picker,
    outcome: Option<Outcome>,
    asking: Asking,
    colleagues: Vec<Choice>,
    tables: Vec<(String, &'static str)>,
    today: NaiveDate,
    total: i64,
    pages: i64,
}

impl Table {
    fn ids(&self) -> Vec<SynergyId> {
        self.rows.iter().map(|row| row.id).collect()
    }
    fn fresh(&self) -> String {
        BatchId::fresh().to_string()
    }
    fn motives(&self) -> Vec<(&'static str, Vec<&'static Motive>)> {
        let families = MotiveFamily::ALL.iter();
        families
            .map(|family| (family.label(), family.motives().collect()))
            .collect()
    }
    fn entrusted(&self) -> &str {
        self.asking.form.conseillers.first().map_or("", String::as_str)
    }
    fn sheet(&self, row: &QueueRow) -> String {
        self.form.carry(&paths::show(&row.id))
    }
    fn is_late(&self, row: &QueueRow) -> bool {
        row.next_on.is_some_and(|day| day < self.today)
    }
}

impl QueueRow {
    fn whole_score(&self) -> Option<u8> {
        self.score.map(view::whole)
    }
    fn dots(&self) -> u8 {
        view::dots(self.confidence)
    }
    fn family(&self) -> Option<FamilyMark> {
        view::family_mark(self.category.as_deref()?)
    }
    fn motive_words(&self) -> Option<&'static str> {
        Some(Motive::find(self.motive.as_deref()?)?.label)
    }
    fn since(&self) -> NaiveDate {
        clock::day(self.state_since)
    }
    fn proposed_on(&self) -> NaiveDate {
        clock::day(self.proposed_at)
    }
}

/// The list again, with what an act on many synergies refused.
pub(super) async fn refused(me: &Staff, filters: Filters, asking: Asking) -> Result<Response> {
    let page = page(me, filters, &Asked::default(), asking).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

pub(super) async fn show(me: &Staff, filters: Filters, asked: &Asked) -> Result<Response> {
    page(me, filters, asked, Asking::default()).await
}

async fn page(me: &Staff, filters: Filters, asked: &Asked, asking: Asking) -> Result<Response> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let wanted = filters.wanted(me.user(), me.today());
    let slice = Slice::Page {
        size: PAGE,
        before: (filters.page() - 1) * PAGE,
    };
    let rows = queue::list(&mut db, &scope, &wanted, slice).await?;
    if rows.is_empty() && filters.page() > 1 {
        return Ok(Redirect::to(&filters.page_before()).into_response());
    }
    let colleagues = accounts::store::colleagues(&mut db, scope.territory()).await?;
    drop(db);
    let columns = filters.columns();
    let total = rows.first().map_or(0, |row| row.total);
    let files = paths::TABLES.iter();
    Ok(Page(Table {
        basket: filters.basket(),
        above: Above::load(me, &filters).await?,
        bar: Bar::of(me, List::Synergies, &filters.view_address(), asked).await?,
        outcome: Outcome::find(me, List::Synergies, &asked.lot).await?,
        heads: heads(&filters, &columns),
        picker: columns.picker(paths::LIST, filters.pairs(), usual(&filters)),
        tables: files
            .map(|(path, label)| (filters.table_at(path, &columns.codes()), *label))
            .collect(),
        colleagues: Choice::pairs(colleagues.into_iter().map(|c| (c.id.to_string(), c.name))),
        errors: Errors::default(),
        today: me.today(),
        pages: (total + PAGE - 1) / PAGE,
        asking,
        rows,
        columns,
        total,
        form: filters,
    })
    .into_response())
}

/// The same list with its usual columns.
fn usual(filters: &Filters) -> String {
    let usual = Filters {
        columns: Vec::new(),
        ..filters.clone()
    };
    usual.list_href()
}

/// That of the title, then those of the columns shown.
fn heads(filters: &Filters, columns: &Chosen<Column>) -> Vec<Head> {
    let (current, backwards) = filters.sort();
    let next = |sort: Sort| match (sort == current, backwards) {
        (true, true) => sort.word().to_owned(),
        (true, false) => format!("-{}", sort.word()),
        (false, _) => sort.first(),
    };
    let head = |label: &'static str, sort: Option<Sort>, is_numeric: bool| Head {
        label,
        href: sort.map(|sort| filters.sorted_href(&next(sort))),
        sorted: (sort == Some(current)).then_some(if backwards { "descending" } else { "ascending" }),
        is_numeric,
    };
    let chosen = columns.all().iter();
    let chosen = chosen.map(|column| head(column.label(), column.sort(), column.is_numeric()));
    std::iter::once(head("Synergie", Some(Sort::Title), false))
        .chain(chosen)
        .collect()
}
