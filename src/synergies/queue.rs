//! Screen: the review queue: the list, and the chosen proposal beside it. `table` shows the same rows in
//! columns.

use super::acts;
use super::assignment::model::Suggestion;
use super::assignment::suggestion::suggestion;
use super::basket::Basket;
use super::filters::Filters;
use super::model::{Kind, State};
use super::motives::Motive;
use super::narrow::Above;
use super::paths;
use super::search::Sort;
use super::store::queue::{self, QueueRow, Slice};
use super::table;
use super::triage::Triage;
use super::view::{self, Detail, Shape};
use crate::flows::FlowsChanged;
use crate::kernel::ids::SynergyId;
use crate::lists::{Asked, Bar, List};
use crate::platform::access::Staff;
use crate::platform::jobs::{self, Job, store::JobState};
use crate::platform::web::{AppError, Errors, Page, Query, Result};
use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{DateTime, Duration, Utc};

const PAGE: i64 = 20;
/// A proposal is new for that long.
const NEW: Duration = Duration::days(3);

#[derive(Template)]
#[template(path = "synergies/queue.html")]
struct Queue {
    basket: Basket,
    above: Above,
    bar: Bar,
    form: Filters,
    errors: Errors,
    /// How the list is sorted, in one sentence.
    order: String,
    /// The other orders offered.
    orders: Vec<(&'static str, String)>,
    rows: Vec<Row>,
    total: i64,
    pages: i64,
    detail: Option<Detail>,
    /// The acts done beside the list, when the chosen one can be sorted.
    triage: Option<Triage>,
    suggestion: Option<Suggestion>,
    /// A line was clicked: a narrow screen shows it instead of the list.
    is_picked: bool,
    is_running: bool,
    was_searched: bool,
}

struct Row {
    href: String,
    is_current: bool,
    title: String,
    score: Option<u8>,
    who: String,
    place: String,
    dots: u8,
    badges: Vec<(&'static str, String)>,
    next: Option<Next>,
}

/// The next action of a line.
struct Next {
    what: String,
    /// « Camille Roy, avant le 4 décembre 2026 ».
    who: String,
    is_late: bool,
}

pub(super) async fn list(
    me: Staff,
    Query(filters): Query<Filters>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    if filters.is_table() {
        return table::show(&me, filters, &asked).await;
    }
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let wanted = filters.wanted(me.user(), me.today());
    let slice = Slice::Page {
        size: PAGE,
        before: (filters.page() - 1) * PAGE,
    };
    let found = queue::list(&mut db, &scope, &wanted, slice).await?;
    if found.is_empty() && filters.page() > 1 {
        return Ok(Redirect::to(&filters.page_before()).into_response());
    }
    let job = jobs::store::last_of(&mut db, scope.territory(), FlowsChanged::NAME).await?;
    drop(db);
    let detail = chosen(&me, &filters, &found).await?;
    let suggestion = match &detail {
        Some(detail) => suggestion(&me, &detail.synergy).await?,
        None => None,
    };
    let total = found.first().map_or(0, |row| row.total);
    let shown = detail.as_ref().map(|detail| detail.synergy.id);
    Ok(Page(Queue {
        basket: filters.basket(),
        above: Above::load(&me, &filters).await?,
        bar: Bar::of(&me, List::Synergies, &filters.view_address(), &asked).await?,
        errors: Errors::default(),
        order: order(filters.sort().0, &found),
        orders: orders(&filters),
        rows: found
            .iter()
            .map(|row| line(&filters, row, shown, me.now()))
            .collect(),
        total,
        pages: (total + PAGE - 1) / PAGE,
        is_picked: filters.chosen().is_some() && detail.is_some(),
        is_running: job
            .as_ref()
            .is_some_and(|job| matches!(job.state, JobState::Queued | JobState::Running)),
        was_searched: job.is_some(),
        triage: detail
            .as_ref()
            .and_then(|detail| Triage::of(&detail.synergy, &filters, me.today())),
        suggestion,
        detail,
        form: filters,
    })
    .into_response())
}

fn order(sort: Sort, found: &[QueueRow]) -> String {
    let lifted = found
        .iter()
        .map(|row| row.weight)
        .max()
        .filter(|weight| *weight > 0);
    match (sort, lifted) {
        (Sort::Worth, None) => {
            "D’abord ce qui vaut le plus un appel\u{a0}: score, chances d’aboutir et gain annuel.".to_owned()
        }
        (Sort::Worth, Some(weight)) => format!(
            "D’abord ce qui vaut le plus un appel\u{a0}: score, chances d’aboutir et gain annuel, comptés {weight}\u{a0}% de plus pour les priorités du COPIL."
        ),
        (Sort::Due, _) => {
            "D’abord la prochaine action la plus proche\u{a0}; sans action, à la fin.".to_owned()
        }
        (Sort::Score, _) => "D’abord le meilleur score, sans compter le gain ni les priorités.".to_owned(),
        _ => "Dans l’ordre choisi dans le tableau.".to_owned(),
    }
}

fn orders(filters: &Filters) -> Vec<(&'static str, String)> {
    [
        ("par intérêt", Sort::Worth),
        ("par score", Sort::Score),
        ("par échéance", Sort::Due),
    ]
    .into_iter()
    .filter(|(_, sort)| *sort != filters.sort().0)
    .map(|(label, sort)| (label, filters.sorted_href(&sort.first())))
    .collect()
}

/// The line chosen in the address, else the first of the page.
async fn chosen(me: &Staff, filters: &Filters, found: &[QueueRow]) -> Result<Option<Detail>> {
    let here = Filters {
        view: "liste".to_owned(),
        chosen: String::new(),
        ..filters.clone()
    };
    if let Some(id) = filters.chosen() {
        match acts::detail(me, &here, id).await {
            Ok(detail) => return Ok(Some(detail)),
            Err(AppError::NotFound) => {}
            Err(other) => return Err(other),
        }
    }
    match found.first() {
        Some(row) => Ok(Some(acts::detail(me, &here, row.id).await?)),
        None => Ok(None),
    }
}

fn line(filters: &Filters, row: &QueueRow, shown: Option<SynergyId>, now: DateTime<Utc>) -> Row {
    Row {
        href: filters.chosen_href(&row.id),
        is_current: shown == Some(row.id),
        title: row.title.clone(),
        score: row.score.map(view::whole),
        who: row.who(),
        place: row.place(),
        dots: view::dots(row.confidence),
        badges: badges(row, now),
        next: next(row, now),
    }
}

fn next(row: &QueueRow, now: DateTime<Utc>) -> Option<Next> {
    let (what, on) = (row.next_what.clone()?, row.next_on?);
    let day = on.format("%d/%m/%Y");
    Some(Next {
        what,
        who: match &row.next_owner {
            Some(name) => format!("{name}, avant le {day}"),
            None => format!("avant le {day}"),
        },
        is_late: on < crate::kernel::clock::day(now),
    })
}

fn badges(row: &QueueRow, now: DateTime<Utc>) -> Vec<(&'static str, String)> {
    let mut badges = Vec::new();
    let is_open = matches!(row.state, State::Proposed | State::UnderReview);
    if is_open && row.has_changed {
        badges.push(("warn", "Un fait a changé".to_owned()));
    } else if row.state == State::Proposed && now - row.proposed_at < NEW {
        badges.push(("info", "Nouvelle".to_owned()));
    }
    if is_open && row.is_exploration {
        badges.push(("", "Exploration".to_owned()));
    }
    if row.kind == Kind::Mutualisation {
        badges.push(("", "Groupe".to_owned()));
    }
    if row.is_relay {
        badges.push(("", "Filière".to_owned()));
    }
    if row.is_priority {
        let words = match row.weight {
            0 => "Priorité COPIL".to_owned(),
            weight => format!("Priorité COPIL +{weight}\u{a0}%"),
        };
        badges.push(("ok", words));
    }
    if matches!(
        Basket::of(row.state),
        Basket::Introduced | Basket::Silent | Basket::InPlace | Basket::Discarded
    ) {
        badges.push((row.state.css(), view::capital(row.state.label())));
    }
    if let Some(motive) = row.motive.as_deref().and_then(Motive::find) {
        badges.push(("", motive.label.to_owned()));
    }
    if let Some(day) = row.wake_on {
        let css = if day <= crate::kernel::clock::day(now) {
            "hot"
        } else {
            "warn"
        };
        badges.push((css, format!("Réveil le {}", day.format("%d/%m/%Y"))));
    }
    if let Some(name) = row
        .assigned_name
        .as_ref()
        .filter(|_| row.state != State::Proposed)
    {
        badges.push(("", name.clone()));
    }
    badges
}
