//! Screen: where everyone arrives. An advisor finds what waits; others are led to their own page.

use super::model::{ContractLine, contract, plain};
use super::news::{News, news};
use super::waiting::{Act, Waiting, WaitingVisit, week};
use super::{paths, store};
use crate::indicators;
use crate::platform::access::{AggregateScope, Observer, Role, Scope, SignedIn, Staff};
use crate::platform::db::Read;
use crate::platform::web::filters::weekday;
use crate::platform::web::{AppError, Page, Result, filters};
use crate::visits::VisitStatus;
use crate::workshops::Workshop;
use crate::{comments, companies, programmes, prospects, territories, visits, workshops};
use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{Datelike, Duration, Months, NaiveDate};

#[derive(Template)]
#[template(path = "dashboards/home.html")]
struct Home {
    today: NaiveDate,
    acts: Vec<Act>,
    /// The territory has a company.
    begun: bool,
    news: Vec<News>,
    agenda: Vec<Appointment>,
    goals: Vec<GoalBar>,
    next: Vec<NextVisit>,
}

/// An establishment worth a visit, in one line.
struct NextVisit {
    name: String,
    detail: String,
    href: String,
}

impl NextVisit {
    fn of(worth: prospects::store::Worth) -> Self {
        let reasons = worth
            .leads
            .0
            .iter()
            .map(|lead| prospects::model::label(lead.code));
        let mut seen = std::collections::BTreeSet::new();
        let reasons: Vec<_> = reasons.filter(|label| seen.insert(*label)).take(2).collect();
        Self {
            href: companies::paths::show(&worth.id),
            detail: [
                worth.commune,
                Some(reasons.join(", ")).filter(|words| !words.is_empty()),
            ]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" · "),
            name: worth.name,
        }
    }
}

impl Home {
    /// « Mardi 24 novembre · 5 actions, dont 2 urgentes ».
    fn summary(&self) -> String {
        let urgent = self.acts.iter().filter(|act| act.urgent).count();
        let acts = match self.acts.len() {
            0 => String::new(),
            1 => " · 1 action".to_owned(),
            n => format!(" · {n} actions"),
        };
        let urgency = match urgent {
            0 => String::new(),
            1 => ", dont 1 urgente".to_owned(),
            n => format!(", dont {n} urgentes"),
        };
        let day = weekday(self.today);
        let capital: String = day
            .chars()
            .take(1)
            .flat_map(char::to_uppercase)
            .chain(day.chars().skip(1))
            .collect();
        format!("{capital}{acts}{urgency}")
    }
}

/// What is in this week's calendar.
struct Appointment {
    on: NaiveDate,
    title: String,
    detail: String,
    href: Option<String>,
}

impl Appointment {
    /// « Mar. 24 ».
    fn when(&self) -> String {
        const DAYS: [&str; 7] = ["Lun.", "Mar.", "Mer.", "Jeu.", "Ven.", "Sam.", "Dim."];
        let rank = usize::try_from(self.on.weekday().num_days_from_monday()).unwrap_or(0);
        format!("{} {}", DAYS[rank], self.on.day())
    }

    fn visit(visit: &WaitingVisit) -> Self {
        Self {
            on: visit.on,
            title: format!("Visite, {}", visit.establishment),
            detail: visit.status.label().to_owned(),
            href: Some(visits::paths::show(&visit.id)),
        }
    }

    fn workshop(workshop: &Workshop) -> Self {
        let detail = match workshop.participants {
            0 => String::new(),
            1 => "1 participant".to_owned(),
            n => format!("{n} participants"),
        };
        Self {
            on: workshop.held_on,
            title: format!("Atelier «\u{a0}{}\u{a0}»", workshop.title),
            detail,
            href: Some(workshops::paths::show(&workshop.id)),
        }
    }
}

/// A target of the contract and how far it is.
struct GoalBar {
    title: &'static str,
    done: String,
    target: String,
    percent: u8,
}

impl GoalBar {
    fn of(line: &ContractLine) -> Option<Self> {
        let (done, target) = (line.exact?, line.last.value().filter(|target| *target > 0.0)?);
        let share = (done / target).clamp(0.0, 1.0) * 100.0;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and 100"
        )]
        let percent = share.round() as u8;
        Some(Self {
            title: line.indicator.title,
            done: plain(done),
            target: plain(target),
            percent,
        })
    }
}

pub(super) async fn home(me: SignedIn, staff: Result<Staff>, observer: Result<Observer>) -> Result<Response> {
    if me.session().territory().is_none() && me.has(Role::Admin) {
        return Ok(Redirect::to("/administration/utilisateurs").into_response());
    }
    if let (Ok(staff), Ok(observer)) = (staff, observer) {
        return Ok(Page(load(&staff, &observer).await?).into_response());
    }
    if me.has(Role::Partner) || me.has(Role::Committee) {
        return Ok(Redirect::to(paths::BOARD).into_response());
    }
    if me.has(Role::Company) {
        return Ok(Redirect::to("/mon-espace").into_response());
    }
    Err(AppError::Forbidden)
}

async fn load(me: &Staff, observer: &Observer) -> Result<Home> {
    let (scope, today) = (me.scope()?, me.today());
    let mut db = me.read().await?;
    let territory = territories::store::find(&mut db, scope.territory()).await?;
    let freshness_months = territory.map_or(24, |territory| territory.freshness_months);
    let limit = Months::new(freshness_months.unsigned_abs());
    let waiting = Waiting {
        visits: store::my_visits(&mut db, &scope, (me.user(), today)).await?,
        sheets: store::stale_sheets(&mut db, &scope, me.user(), today - limit).await?,
        proposals: store::proposals(&mut db, &scope, (me.user(), today), me.now() - Duration::days(7))
            .await?,
        actions: store::next_actions(&mut db, &scope, (me.user(), today)).await?,
        freshness_months,
    };
    let cited = comments::store::cited(&mut db, &scope, (me.user(), today)).await?;
    let happened = store::happened(&mut db, &scope, me.now() - Duration::days(30), 5_000).await?;
    Ok(Home {
        today,
        acts: cited.iter().map(answer).chain(waiting.acts(today)).collect(),
        begun: store::has_establishments(&mut db, &scope).await?,
        news: news(&happened, today, 6),
        agenda: agenda(&mut db, &scope, &waiting.visits, today).await?,
        goals: goals(&mut db, &observer.scope()?, today).await?,
        next: prospects::store::next(&mut db, &scope, 3)
            .await?
            .into_iter()
            .map(NextVisit::of)
            .collect(),
    })
}

/// Somebody asks for a word.
fn answer(cited: &comments::store::Cited) -> Act {
    Act {
        icon: "message-square-text",
        urgent: true,
        title: format!("{} vous cite", cited.author),
        detail: match &cited.topic.more {
            Some(more) => format!("{}, {more}", cited.topic.name),
            None => cited.topic.name.clone(),
        },
        href: comments::paths::sheet(cited.topic.subject),
        verb: "Je réponds",
    }
}

async fn agenda(
    db: &mut Read,
    scope: &Scope,
    mine: &[WaitingVisit],
    today: NaiveDate,
) -> Result<Vec<Appointment>> {
    let (monday, sunday) = week(today);
    let this_week =
        |visit: &&WaitingVisit| visit.status == VisitStatus::Planned && (monday..=sunday).contains(&visit.on);
    let mut agenda: Vec<_> = mine.iter().filter(this_week).map(Appointment::visit).collect();
    let held = workshops::store::between(db, scope, monday, sunday).await?;
    agenda.extend(held.iter().map(Appointment::workshop));
    agenda.sort_by_key(|appointment| appointment.on);
    Ok(agenda)
}

async fn goals(db: &mut Read, scope: &AggregateScope, today: NaiveDate) -> Result<Vec<GoalBar>> {
    let Some(programme) = programmes::store::current(db, scope, today).await? else {
        return Ok(Vec::new());
    };
    let targets = programmes::store::targets(db, scope, programme.id).await?;
    let facts = indicators::store::facts(db, scope, &[today]).await?;
    Ok(facts
        .first()
        .map(|now| contract(&targets, &facts, 0, now, &indicators::Told::new()))
        .unwrap_or_default()
        .iter()
        .filter_map(GoalBar::of)
        .collect())
}
