//! Screen: the round of a day. The stops of one advisor in the order that makes the way shortest.

use super::round;
use super::store::calendar::{self, Appointed};
use super::{paths, plan};
use crate::kernel::Position;
use crate::kernel::ids::UserId;
use crate::kernel::parse_day;
use crate::platform::access::Staff;
use crate::platform::web::filters::weekday;
use crate::platform::web::{Choice, Page, Query, Result, filters};
use askama::Template;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TourQuery {
    jour: String,
    qui: String,
    /// The stop to begin with; none lets the way decide.
    depart: String,
}

/// A stop, with the leg that leads to it.
struct Stop {
    visit: Appointed,
    leg: Option<f64>,
}

#[derive(Template)]
#[template(path = "visits/tour.html")]
struct Tour {
    day: NaiveDate,
    who: String,
    start: String,
    advisors: Vec<Choice>,
    stops: Vec<Stop>,
    /// Stops whose place is unknown: they come last.
    lost: Vec<Appointed>,
    km: f64,
}

impl Tour {
    fn title(&self) -> String {
        weekday(self.day)
    }
    fn iso(day: &NaiveDate) -> String {
        day.format("%Y-%m-%d").to_string()
    }
    fn beside(&self, days: i64) -> String {
        let day = self.day + chrono::Duration::days(days);
        format!("{}?jour={}&qui={}", paths::TOUR, Self::iso(&day), self.who)
    }
    fn starts(&self) -> Vec<Choice> {
        self.stops
            .iter()
            .map(|stop| Choice::new(stop.visit.id.to_string(), stop.visit.establishment.clone()))
            .collect()
    }
}

pub(super) async fn show(me: Staff, Query(query): Query<TourQuery>) -> Result<Response> {
    let scope = me.scope()?;
    let day = parse_day(&query.jour).unwrap_or_else(|_| me.today());
    let advisors = plan::advisors(&me).await?;
    let known = advisors.iter().any(|choice| choice.value == query.qui);
    let who: UserId = query
        .qui
        .parse()
        .ok()
        .filter(|_| known)
        .unwrap_or_else(|| me.user());
    let visits = calendar::appointed(&mut *me.read().await?, &scope, (day, day), Some(who)).await?;
    let (placed, lost): (Vec<Appointed>, Vec<Appointed>) =
        visits.into_iter().partition(|visit| visit.position().is_some());
    let places: Vec<Position> = placed.iter().filter_map(Appointed::position).collect();
    let start = placed
        .iter()
        .position(|visit| visit.id.to_string() == query.depart);
    let order = round::order(&places, start);
    let legs = round::legs(&places, &order);
    let stops: Vec<Stop> = order
        .iter()
        .enumerate()
        .map(|(rank, place)| Stop {
            visit: placed[*place].clone(),
            leg: rank.checked_sub(1).and_then(|before| legs.get(before).copied()),
        })
        .collect();
    Ok(Page(Tour {
        day,
        who: who.to_string(),
        start: query.depart,
        advisors,
        km: legs.iter().sum(),
        stops,
        lost,
    })
    .into_response())
}
