//! Screen: the meeting of the companies of a synergy: when, where, who, and what comes next.

use super::acts;
use super::filters::Filters;
use super::paths;
use super::store::{self, Meeting};
use super::view::Detail;
use crate::kernel::day::parse_day;
use crate::kernel::ids::SynergyId;
use crate::platform::access::Staff;
use crate::platform::web::{Errors, Form, OptionExt, Page, Path, Query, Result, clean, optional};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct MeetingForm {
    held_on: String,
    hour: String,
    place: String,
    attendees: String,
    next_action: String,
    next_on: String,
}

impl From<Meeting> for MeetingForm {
    fn from(m: Meeting) -> Self {
        let day = |day: chrono::NaiveDate| day.format("%d/%m/%Y").to_string();
        Self {
            held_on: day(m.held_on),
            hour: m.hour.unwrap_or_default(),
            place: m.place,
            attendees: m.attendees.unwrap_or_default(),
            next_action: m.next_action.unwrap_or_default(),
            next_on: m.next_on.map(day).unwrap_or_default(),
        }
    }
}

impl MeetingForm {
    fn parse(&self) -> Result<Meeting, Errors> {
        let mut errors = Errors::default();
        let held_on = errors.take("held_on", parse_day(&self.held_on));
        let place = clean(&self.place);
        if place.is_empty() {
            errors.add("place", "Indiquez le lieu, par exemple «\u{a0}chez la première entreprise\u{a0}» ou «\u{a0}visioconférence\u{a0}».");
        }
        let next_on = if self.next_on.trim().is_empty() {
            None
        } else {
            errors.take("next_on", parse_day(&self.next_on))
        };
        let texts = [&self.hour, &self.place, &self.attendees, &self.next_action];
        if texts.iter().any(|text| text.chars().count() > 2_000) {
            errors.add(
                "attendees",
                "Raccourcissez ce texte\u{a0}: 2\u{a0}000 caractères au plus.",
            );
        }
        match held_on {
            Some(held_on) if errors.is_empty() => Ok(Meeting {
                held_on,
                hour: optional(&self.hour),
                place,
                attendees: optional(&self.attendees),
                next_action: optional(&self.next_action),
                next_on,
            }),
            _ => Err(errors),
        }
    }
}

#[derive(Template)]
#[template(path = "synergies/meeting.html")]
struct Meet {
    detail: Detail,
    action: String,
    form: MeetingForm,
    errors: Errors,
}

/// Nobody meets before both agreed to be named.
async fn load(me: &Staff, filters: &Filters, id: SynergyId) -> Result<Meet> {
    let detail = acts::detail(me, filters, id).await?;
    let mut db = me.read().await?;
    let planned = store::meeting(&mut db, id).await?;
    let talks = store::talks(&mut db, id).await?.or_not_found()?;
    drop(db);
    if planned.is_none() && !talks.is_settled() {
        let sentence =
            "Les entreprises n’ont pas toutes donné leur accord\u{a0}: une rencontre les nommerait.";
        return Err(acts::past(me, &detail.synergy, sentence.to_owned()).await?);
    }
    Ok(Meet {
        action: filters.carry(&paths::meeting(&id)),
        detail,
        form: planned.map(MeetingForm::from).unwrap_or_default(),
        errors: Errors::default(),
    })
}

pub(super) async fn show(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
) -> Result<Page<impl Template>> {
    Ok(Page(load(&me, &filters, id).await?))
}

pub(super) async fn submit(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
    Form(form): Form<MeetingForm>,
) -> Result<Response> {
    let page = load(&me, &filters, id).await?;
    let meeting = match form.parse() {
        Ok(meeting) => meeting,
        Err(errors) => {
            let page = Meet { form, errors, ..page };
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
        }
    };
    let scope = me.scope()?;
    me.transact(async |tx| -> Result<()> { Ok(store::plan_meeting(tx, &scope, id, &meeting).await?) })
        .await?;
    Ok(me
        .done("La rencontre est notée.", filters.look_at(&id))
        .into_response())
}

#[cfg(test)]
mod tests {
    use super::MeetingForm;

    #[test]
    fn a_meeting_needs_a_day_and_a_place() {
        let empty = MeetingForm::default().parse().unwrap_err();
        assert!(empty.has("held_on") && empty.has("place"));
        let form = MeetingForm {
            held_on: "3/12/2026".to_owned(),
            place: " chez  la première ".to_owned(),
            next_on: "bientôt".to_owned(),
            ..MeetingForm::default()
        };
        assert!(form.parse().unwrap_err().has("next_on"));
        let kept = MeetingForm {
            next_on: String::new(),
            ..form
        }
        .parse()
        .unwrap();
        assert_eq!(kept.place, "chez la première");
        assert_eq!(MeetingForm::from(kept).held_on, "03/12/2026");
    }
}
