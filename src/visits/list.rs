//! Screen: the visits, mine or everybody's, by status.

use super::plan::advisors;
use super::search::{Column, EVERYBODY, ListQuery, MINE, word};
use super::store::{Counts, Listed, Sort};
use super::{VisitStatus, course, paths, store};
use crate::kernel::clock;
use crate::kernel::ids::{BatchId, VisitId};
use crate::lists::{self, Asked, Bar, BatchForm, Outcome};
use crate::platform::access::Staff;
use crate::platform::web::{Choice, Chosen, Column as _, Errors, Page, Picker, Query, Result, filters};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

const PER_PAGE: i64 = 50;

fn tab_label(status: VisitStatus) -> &'static str {
    match status {
        VisitStatus::Planned => "Prévues",
        VisitStatus::Done => "À valider",
        VisitStatus::Validated => "Validées",
        VisitStatus::Cancelled => "Annulées",
    }
}

/// By what a column sorts, if it does.
fn sort_of(column: Column) -> Option<Sort> {
    match column {
        Column::Date => Some(Sort::Date),
        Column::Commune => Some(Sort::Commune),
        Column::Flows => Some(Sort::Flows),
        Column::Advisors | Column::Duration | Column::ContactMet | Column::Validated | Column::Status => None,
    }
}

struct Tab {
    label: &'static str,
    href: String,
    count: i64,
    current: bool,
}

/// A column's head, and where it sorts.
struct Head {
    label: &'static str,
    href: Option<String>,
    sorted: Option<&'static str>,
    css: &'static str,
}

/// An act on many visits that was refused, to be asked again.
#[derive(Default)]
pub(super) struct Asking {
    pub(super) form: BatchForm,
    pub(super) errors: Errors,
}

#[derive(Template)]
#[template(path = "visits/list.html")]
struct List {
    query: ListQuery,
    status: VisitStatus,
    tabs: Vec<Tab>,
    mine_href: String,
    all_href: String,
    visits: Vec<Listed>,
    columns: Chosen<Column>,
    heads: Vec<Head>,
    picker: Picker,
    bar: Bar,
    outcome: Option<Outcome>,
    asking: Asking,
    advisors: Vec<Choice>,
    communes: Vec<Choice>,
    tables: Vec<(String, &'static str)>,
    /// In this tab, whoever visits and whatever the words.
    everybody: i64,
    total: i64,
    page: i64,
    pages: i64,
    pager_base: String,
}

impl List {
    fn is_mine(&self) -> bool {
        self.query.is_mine()
    }
    /// « Toutes », and not those of one colleague.
    fn is_everybody(&self) -> bool {
        self.query.qui == EVERYBODY
    }
    /// The filters that are on, in words, each with the address without it.
    fn filters(&self) -> Vec<(String, String)> {
        let without = |name: &str| self.query.href(paths::LIST, &[(name, "")]);
        let label = |choices: &[Choice], value: &str| {
            let known = choices.iter().find(|choice| choice.value == value);
            known.map_or_else(|| value.to_owned(), |choice| choice.label.clone())
        };
        let query = &self.query;
        let quoted = |words: &str| format!("«\u{a0}{}\u{a0}»", words.trim());
        let mut filters = vec![
            (quoted(&query.q), &query.q, "q"),
            (label(&self.communes, &query.commune), &query.commune, "commune"),
            (format!("depuis le {}", query.depuis), &query.depuis, "depuis"),
            (format!("jusqu’au {}", query.jusqua), &query.jusqua, "jusqua"),
        ];
        if query.colleague().is_some() {
            filters.push((label(&self.advisors, &query.qui), &query.qui, "qui"));
        }
        let on = filters
            .into_iter()
            .filter(|(_, value, _)| !value.trim().is_empty());
        on.map(|(words, _, name)| (words, without(name))).collect()
    }
    /// The rest of the address, beside what the form asks.
    fn kept(&self) -> Vec<(&'static str, String)> {
        let mut pairs = self.query.pairs().to_vec();
        let typed = ["q", "qui", "commune", "depuis", "jusqua"];
        pairs.retain(|(name, value)| !typed.contains(name) && !value.is_empty());
        pairs
    }
    fn total_words(&self) -> String {
        if self.total > 1 {
            format!("{} visites", self.total)
        } else {
            format!("{} visite", self.total)
        }
    }
    fn empty_title(&self) -> String {
        let words = match self.status {
            VisitStatus::Planned => "prévue",
            VisitStatus::Done => "à valider",
            VisitStatus::Validated => "validée",
            VisitStatus::Cancelled => "annulée",
        };
        format!("Aucune visite {words}")
    }
    fn empty_text(&self) -> &'static str {
        if self.query.is_narrowed() {
            return "Aucune ne répond à ces filtres : retirez-en un.";
        }
        match self.status {
            VisitStatus::Planned => "Choisissez une entreprise et une date : la visite apparaîtra ici.",
            VisitStatus::Done => {
                "Toutes les visites faites sont validées. Une visite vient ici dès qu’elle a eu lieu."
            }
            VisitStatus::Validated => "Valider une visite lance la recherche de synergies pour ses flux.",
            VisitStatus::Cancelled => "Les visites annulées restent ici, pour mémoire.",
        }
    }
    fn ids(&self) -> Vec<VisitId> {
        self.visits.iter().map(|visit| visit.id).collect()
    }
    fn fresh(&self) -> String {
        BatchId::fresh().to_string()
    }
    /// The address of what is shown, its tab included: without it, the tab would be guessed again.
    fn acted_on(&self) -> String {
        let address = self.query.href(paths::LIST, &[("statut", word(self.status))]);
        lists::List::Visits.kept(address.split_once('?').map_or("", |(_, query)| query))
    }
    fn may_be_postponed(&self) -> bool {
        self.status == VisitStatus::Planned
    }
    fn may_be_cancelled(&self) -> bool {
        matches!(self.status, VisitStatus::Planned | VisitStatus::Done)
    }
}

impl Listed {
    fn hour(&self) -> Option<String> {
        self.begins_at.map(crate::kernel::hour)
    }
    fn duration(&self) -> Option<String> {
        self.duration_minutes.map(course::shown_duration)
    }
    fn validated_on(&self) -> Option<chrono::NaiveDate> {
        self.validated_at.map(clock::day)
    }
}

pub(super) async fn show(
    me: Staff,
    Query(query): Query<ListQuery>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let query = query.as_read_by(&me.session().roles());
    list(&me, query, &asked, Asking::default()).await
}

/// The list again, with what an act on many visits refused.
pub(super) async fn page(me: &Staff, query: ListQuery, asking: Asking) -> Result<Response> {
    let page = list(me, query, &Asked::default(), asking).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// How many in each tab: as filtered, and everybody's.
async fn counts(me: &Staff, filter: &store::Filter) -> Result<(Counts, Counts)> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let everybody = store::counts(&mut db, &scope, &store::Filter::default()).await?;
    Ok((store::counts(&mut db, &scope, filter).await?, everybody))
}

async fn list(me: &Staff, query: ListQuery, asked: &Asked, asking: Asking) -> Result<Response> {
    let scope = me.scope()?;
    let filter = query.filter(me.user());
    let (counts, everybody) = counts(me, &filter).await?;
    let status = query.status(&counts);
    let total = counts.of(status);
    let pages = (total + PER_PAGE - 1) / PER_PAGE;
    let page = query.page.parse().unwrap_or(1).clamp(1, pages.max(1));
    let slice = query.slice(status, (PER_PAGE, (page - 1) * PER_PAGE));
    let visits = store::list(&mut *me.read().await?, &scope, status, &filter, slice).await?;
    let address = query.href(paths::LIST, &[]);
    let columns = query.columns();
    let whose = |qui: &str| query.href(paths::LIST, &[("qui", qui), ("statut", word(status))]);
    let list = List {
        status,
        tabs: tabs(&query, &counts, status),
        mine_href: whose(MINE),
        all_href: whose(EVERYBODY),
        visits,
        heads: heads(&query, status, &columns),
        picker: columns.picker(
            paths::LIST,
            query.pairs().to_vec(),
            query.href(paths::LIST, &[("colonnes", "")]),
        ),
        bar: Bar::of(me, lists::List::Visits, &address, asked).await?,
        outcome: Outcome::find(me, lists::List::Visits, &asked.lot).await?,
        asking,
        advisors: advisors(me).await?,
        communes: Choice::pairs(store::communes(&mut *me.read().await?, &scope).await?),
        tables: paths::TABLES
            .iter()
            .map(|(path, label)| {
                (
                    query.href(path, &[("statut", word(status)), ("colonnes", &columns.codes())]),
                    *label,
                )
            })
            .collect(),
        everybody: everybody.of(status),
        total,
        page,
        pages,
        pager_base: format!("{}&page=", query.href(paths::LIST, &[("statut", word(status))])),
        columns,
        query,
    };
    Ok(Page(list).into_response())
}

fn tabs(query: &ListQuery, counts: &Counts, current: VisitStatus) -> Vec<Tab> {
    let tab = |status: VisitStatus| Tab {
        label: tab_label(status),
        href: query.href(paths::LIST, &[("statut", word(status))]),
        count: counts.of(status),
        current: status == current,
    };
    VisitStatus::ALL.into_iter().map(tab).collect()
}

/// That of the establishment, then those of the columns shown.
fn heads(query: &ListQuery, status: VisitStatus, columns: &Chosen<Column>) -> Vec<Head> {
    let (current, descending) = query.sort(status);
    let head = |label: &'static str, sort: Option<Sort>, css: &'static str| {
        let next = |sort: Sort| {
            let mark = if sort == current && !descending { "-" } else { "" };
            format!("{mark}{}", sort.word())
        };
        Head {
            label,
            href: sort.map(|sort| query.href(paths::LIST, &[("tri", &next(sort))])),
            sorted: (sort == Some(current)).then_some(if descending { "descending" } else { "ascending" }),
            css,
        }
    };
    let chosen = columns.all().iter().map(|column| {
        let css = if *column == Column::Flows { "num" } else { "" };
        head(column.label(), sort_of(*column), css)
    });
    std::iter::once(head("Établissement", Some(Sort::Establishment), ""))
        .chain(chosen)
        .collect()
}
