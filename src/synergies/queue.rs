//! Screen: the review queue. Baskets, filters, the list, and the chosen proposal beside it.

use super::acts;
use super::assignment::model::Suggestion;
use super::assignment::suggestion::suggestion;
use super::basket::Basket;
use super::filters::{Chip, DUE, Filters};
use super::model::{Kind, State};
use super::motives::Motive;
use super::paths;
use super::store::queue::{self, Offered, QueueRow, Slice};
use super::triage::Triage;
use super::view::{self, Detail, Shape};
use crate::accounts;
use crate::accounts::store::Colleague;
use crate::flows::FlowsChanged;
use crate::kernel::format_km;
use crate::kernel::ids::SynergyId;
use crate::nomenclature::Family;
use crate::platform::access::Staff;
use crate::platform::jobs::{self, Job, store::JobState};
use crate::platform::web::{AppError, Choice, Errors, Page, Query, Result};
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
    tabs: Vec<Tab>,
    chips: Vec<Chip>,
    form: Filters,
    choices: Choices,
    errors: Errors,
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

struct Tab {
    definition: &'static str,
    label: &'static str,
    href: String,
    count: i64,
    is_current: bool,
}

/// What the filters offer.
struct Choices {
    families: Vec<Choice>,
    categories: Vec<Choice>,
    kinds: Vec<Choice>,
    people: Vec<Choice>,
    communes: Vec<Choice>,
    due: Vec<Choice>,
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

pub(super) async fn list(me: Staff, Query(filters): Query<Filters>) -> Result<Response> {
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
    let counts = queue::counts(&mut db, &scope).await?;
    let offered = queue::offered(&mut db, scope.territory()).await?;
    let colleagues = accounts::store::colleagues(&mut db, scope.territory()).await?;
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
        tabs: Basket::ALL
            .into_iter()
            .map(|basket| tab(&filters, basket, &counts))
            .collect(),
        chips: filters.chips(&offered, &colleagues),
        choices: choices(offered, &colleagues),
        errors: Errors::default(),
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

fn tab(filters: &Filters, basket: Basket, counts: &[(State, i64)]) -> Tab {
    let inside = counts.iter().filter(|(state, _)| basket.states().contains(state));
    Tab {
        definition: basket.definition(),
        label: basket.label(),
        href: filters.basket_href(basket),
        count: inside.map(|(_, count)| count).sum(),
        is_current: filters.basket() == basket,
    }
}

fn choices(offered: Offered, colleagues: &[Colleague]) -> Choices {
    let people = [Choice::new("moi", "Moi"), Choice::new("personne", "Personne")];
    let colleagues = colleagues
        .iter()
        .map(|c| Choice::new(c.id.to_string(), c.name.clone()));
    let categories = offered.categories.into_iter();
    Choices {
        families: Family::ALL
            .iter()
            .map(|f| Choice::new(f.code(), f.label()))
            .collect(),
        categories: categories
            .map(|(code, label)| Choice::new(code.clone(), format!("{code} {label}")))
            .collect(),
        kinds: Kind::ALL
            .iter()
            .map(|kind| Choice::new(kind.code(), kind.label()))
            .collect(),
        due: Choice::pairs(DUE),
        people: people.into_iter().chain(colleagues).collect(),
        communes: offered
            .communes
            .into_iter()
            .map(|(insee, name)| Choice::new(insee, name))
            .collect(),
    }
}

fn line(filters: &Filters, row: &QueueRow, shown: Option<SynergyId>, now: DateTime<Utc>) -> Row {
    let place = match (row.kind, &row.zone, row.distance_km) {
        (Kind::Mutualisation, Some(zone), _) => zone.clone(),
        (Kind::Mutualisation, None, Some(radius)) => format!("rayon de {}", format_km(radius)),
        (Kind::Substitution | Kind::Sharing, _, Some(distance)) => format_km(distance),
        (_, _, None) => "distance inconnue".to_owned(),
    };
    Row {
        href: filters.chosen_href(&row.id),
        is_current: shown == Some(row.id),
        title: row.title.clone(),
        score: row.score.map(view::whole),
        who: view::who(row.kind, &row.names),
        place,
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
        Basket::Introduced | Basket::InPlace | Basket::Discarded
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
