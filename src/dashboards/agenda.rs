//! Screen: the month, as a list that a telephone can show: visits and workshops, mine or everybody's; and
//! the address by which a calendar reads mine.

use super::paths;
use crate::accounts;
use crate::kernel::ids::UserId;
use crate::platform::App;
use crate::platform::access::{Anyone, Staff, Token};
use crate::platform::web::filters::weekday;
use crate::platform::web::{Choice, Done, Form, OptionExt, Page, Path, Query, Result};
use crate::visits::store::calendar::{self, Appointed};
use crate::workshops::{self, Workshop};
use crate::{kernel, visits};
use askama::Template;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use chrono::{Datelike, Days, Locale, Months, NaiveDate};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AgendaQuery {
    /// « 2026-11 ».
    mois: String,
    /// An advisor, or « tous ».
    qui: String,
}

/// What happens on a day.
#[derive(Default)]
struct Day {
    visits: Vec<Appointed>,
    workshops: Vec<Workshop>,
}

#[derive(Template)]
#[template(path = "dashboards/agenda.html")]
struct Agenda {
    month: NaiveDate,
    today: NaiveDate,
    /// None for everybody.
    who: Option<UserId>,
    advisors: Vec<Choice>,
    days: BTreeMap<NaiveDate, Day>,
    has_feed: bool,
    /// Shown once, when it was just made.
    link: Option<String>,
}

const EVERYBODY: &str = "tous";

impl Agenda {
    fn title(&self) -> String {
        self.month.format_localized("%B %Y", Locale::fr_FR).to_string()
    }
    fn who_code(&self) -> String {
        self.who
            .map_or_else(|| EVERYBODY.to_owned(), |who| who.to_string())
    }
    fn href(&self, month: Option<NaiveDate>) -> String {
        let month = month.unwrap_or(self.month);
        format!(
            "{}?mois={}&qui={}",
            paths::AGENDA,
            month.format("%Y-%m"),
            self.who_code()
        )
    }
    fn before(&self) -> String {
        self.href(self.month.checked_sub_months(Months::new(1)))
    }
    fn after(&self) -> String {
        self.href(self.month.checked_add_months(Months::new(1)))
    }
    fn weekday(day: NaiveDate) -> String {
        weekday(day)
    }
    fn is_selected(&self, choice: &Choice) -> bool {
        choice.value == self.who_code()
    }
    fn month_code(&self) -> String {
        self.month.format("%Y-%m").to_string()
    }
    /// The round of one advisor; nothing to arrange with one stop.
    fn tour(&self, on: NaiveDate, day: &Day) -> Option<String> {
        let who = self.who.filter(|_| day.visits.len() > 1)?;
        Some(visits::paths::tour(on, &who))
    }
}

pub(super) async fn show(me: Staff, Query(query): Query<AgendaQuery>) -> Result<Response> {
    Ok(Page(load(&me, &query, None).await?).into_response())
}

async fn load(me: &Staff, query: &AgendaQuery, link: Option<String>) -> Result<Agenda> {
    let (scope, today) = (me.scope()?, me.today());
    let month = NaiveDate::parse_from_str(&format!("{}-01", query.mois), "%Y-%m-%d")
        .ok()
        .filter(|month| (2000..2100).contains(&month.year()))
        .or_else(|| today.with_day(1))
        .unwrap_or(today);
    let last = month + Months::new(1) - Days::new(1);
    let mut db = me.read().await?;
    let advisors = advisors(me, accounts::store::colleagues(&mut db, scope.territory()).await?);
    let who = match query.qui.as_str() {
        EVERYBODY => None,
        code => Some(code)
            .filter(|code| advisors.iter().any(|choice| choice.value == **code))
            .and_then(|code| code.parse().ok())
            .or_else(|| Some(me.user())),
    };
    let mut days: BTreeMap<NaiveDate, Day> = BTreeMap::new();
    for visit in calendar::appointed(&mut db, &scope, (month, last), who).await? {
        days.entry(visit.on).or_default().visits.push(visit);
    }
    for workshop in workshops::store::between(&mut db, &scope, month, last).await? {
        days.entry(workshop.held_on).or_default().workshops.push(workshop);
    }
    Ok(Agenda {
        month,
        today,
        who,
        advisors,
        days,
        has_feed: calendar::has_feed(&mut db, me.user()).await?,
        link,
    })
}

fn advisors(me: &Staff, colleagues: Vec<accounts::store::Colleague>) -> Vec<Choice> {
    let myself = me.user().to_string();
    let mut choices = vec![
        Choice::new(EVERYBODY, "Toute l’équipe"),
        Choice::new(myself.clone(), "Moi"),
    ];
    let others = colleagues.into_iter().filter(|c| c.id.to_string() != myself);
    choices.extend(others.map(|c| Choice::new(c.id.to_string(), c.name)));
    choices
}

/// A new address, shown this once.
pub(super) async fn open(
    me: Staff,
    State(app): State<App>,
    Form(shown): Form<AgendaQuery>,
) -> Result<Response> {
    let scope = me.scope()?;
    let token = me
        .transact(async |tx| -> Result<Token> { Ok(calendar::open_feed(tx, &scope, me.user()).await?) })
        .await?;
    let base = app.config.base_url();
    let link = format!("{}{}", base.trim_end_matches('/'), paths::feed(token.reveal()));
    Ok(Page(load(&me, &shown, Some(link)).await?).into_response())
}

pub(super) async fn revoke(me: Staff) -> Result<Done> {
    me.transact(async |tx| -> Result<()> { Ok(calendar::close_feed(tx, me.user()).await?) })
        .await?;
    Ok(me.done(
        "Lien révoqué\u{a0}: les agendas abonnés ne liront plus rien.",
        paths::AGENDA,
    ))
}

/// What a calendar reads: names and addresses of companies, nothing of people.
pub(super) async fn feed(me: Anyone, Path(token): Path<String>) -> Result<Response> {
    let mut db = me.read().await?;
    let feed = calendar::feed(&mut db, &Token::from_text(&token))
        .await?
        .or_not_found()?;
    let span = (me.today() - Days::new(60), me.today() + Months::new(12));
    let visits = calendar::of_feed(&mut db, feed, span).await?;
    let mine = workshops::store::organised(&mut db, (feed.territory, feed.user), span).await?;
    let mut events: Vec<kernel::ical::Event> = visits
        .iter()
        .map(|visit| kernel::ical::Event {
            uid: format!("visite-{}", visit.id),
            on: visit.on,
            hours: visit.hours(),
            summary: format!("Visite, {}", visit.establishment),
            place: visit.place(),
            url: None,
        })
        .collect();
    events.extend(mine.iter().map(|workshop| kernel::ical::Event {
        uid: format!("atelier-{}", workshop.id),
        on: workshop.held_on,
        hours: Some((workshop.begins_at, workshop.ends_at)),
        summary: format!("Atelier «\u{a0}{}\u{a0}»", workshop.title),
        place: workshop.place.clone(),
        url: None,
    }));
    let body = kernel::ical::calendar("Maillage", me.now(), &events);
    Ok(([(CONTENT_TYPE, "text/calendar; charset=utf-8")], body).into_response())
}
