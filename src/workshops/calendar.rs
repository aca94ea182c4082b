//! A workshop as an event for a calendar: for the team, and for whoever holds a letter's link.

use super::model::Workshop;
use super::store;
use crate::kernel::ical::{Event, calendar};
use crate::kernel::ids::WorkshopId;
use crate::platform::access::{Anyone, Staff, Token};
use crate::platform::web::{OptionExt, Path, Result};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};

fn file(workshop: &Workshop, now: DateTime<Utc>) -> Response {
    let event = Event {
        uid: format!("atelier-{}", workshop.id),
        on: workshop.held_on,
        hours: Some((workshop.begins_at, workshop.ends_at)),
        summary: format!("Atelier «\u{a0}{}\u{a0}»", workshop.title),
        place: workshop.place.clone(),
        url: None,
    };
    let headers = [
        (CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"atelier.ics\""),
    ];
    (headers, calendar(&workshop.title, now, &[event])).into_response()
}

pub(super) async fn staff(me: Staff, Path(id): Path<WorkshopId>) -> Result<Response> {
    let workshop = store::find(&mut *me.read().await?, &me.scope()?, id)
        .await?
        .or_not_found()?;
    Ok(file(&workshop, me.now()))
}

pub(super) async fn guest(me: Anyone, Path(token): Path<String>) -> Result<Response> {
    let linked = store::guests::linked(&mut *me.read().await?, &Token::from_text(&token), me.today()).await?;
    let (_, workshop) = linked.or_not_found()?;
    Ok(file(&workshop, me.now()))
}
