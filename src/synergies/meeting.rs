//! Screen: the meeting of the companies of a synergy: when, where, who, and what comes next.

use super::action::ActionForm;
use super::acts;
use super::filters::Filters;
use super::paths;
use super::store::actions::{self, NextAction};
use super::store::{self, Meeting};
use super::view::Detail;
use crate::accounts;
use crate::accounts::store::Colleague;
use crate::kernel::day::{parse_day, typed_day};
use crate::kernel::ids::SynergyId;
use crate::platform::access::Staff;
use crate::platform::web::{Choice, Errors, Form, OptionExt, Page, Path, Query, Result, clean, optional};
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
    /// What is decided there, which becomes the next action of the synergy.
    next_action: String,
    next_on: String,
    next_owner: String,
}

impl From<Meeting> for MeetingForm {
    fn from(m: Meeting) -> Self {
        Self {
            held_on: typed_day(m.held_on),
            hour: m.hour.unwrap_or_default(),
            place: m.place,
            attendees: m.attendees.unwrap_or_default(),
            ..Self::default()
        }
    }
}

impl MeetingForm {
    fn parse(&self, colleagues: &[Colleague]) -> Result<(Meeting, Option<NextAction>), Errors> {
        let mut errors = Errors::default();
        let held_on = errors.take("held_on", parse_day(&self.held_on));
        let place = clean(&self.place);
        if place.is_empty() {
            errors.add("place", "Indiquez le lieu, par exemple «\u{a0}chez la première entreprise\u{a0}» ou «\u{a0}visioconférence\u{a0}».");
        }
        let next = self.next(colleagues, &mut errors);
        let texts = [&self.hour, &self.place, &self.attendees];
        if texts.iter().any(|text| text.chars().count() > 2_000) {
            errors.add(
                "attendees",
                "Raccourcissez ce texte\u{a0}: 2\u{a0}000 caractères au plus.",
            );
        }
        match held_on {
            Some(held_on) if errors.is_empty() => Ok((
                Meeting {
                    held_on,
                    hour: optional(&self.hour),
                    place,
                    attendees: optional(&self.attendees),
                },
                next,
            )),
            _ => Err(errors),
        }
    }

    /// Nothing when nothing was decided.
    fn next(&self, colleagues: &[Colleague], errors: &mut Errors) -> Option<NextAction> {
        let asked = ActionForm {
            what: self.next_action.clone(),
            owner: self.next_owner.clone(),
            due_on: self.next_on.clone(),
        };
        if asked.what.trim().is_empty() && asked.due_on.trim().is_empty() {
            return None;
        }
        match asked.parse(colleagues) {
            Ok(next) => Some(next),
            Err(refused) => {
                for (field, sentence) in refused.summary() {
                    let own = match field.as_str() {
                        "what" => "next_action",
                        "due_on" => "next_on",
                        _ => "next_owner",
                    };
                    errors.add(own, sentence);
                }
                None
            }
        }
    }
}

#[derive(Template)]
#[template(path = "synergies/meeting.html")]
struct Meet {
    detail: Detail,
    action: String,
    colleagues: Vec<Choice>,
    form: MeetingForm,
    errors: Errors,
}

/// Nobody meets before both agreed to be named.
async fn load(me: &Staff, filters: &Filters, id: SynergyId) -> Result<(Meet, Vec<Colleague>)> {
    let detail = acts::detail(me, filters, id).await?;
    let mut db = me.read().await?;
    let planned = store::meeting(&mut db, id).await?;
    let talks = store::talks(&mut db, id).await?.or_not_found()?;
    let colleagues = accounts::store::colleagues(&mut db, detail.synergy.territory_id).await?;
    let next = actions::find(&mut db, id).await?;
    drop(db);
    if planned.is_none() && !talks.is_settled() {
        let sentence =
            "Les entreprises n’ont pas toutes donné leur accord\u{a0}: une rencontre les nommerait.";
        return Err(acts::past(me, &detail.synergy, sentence.to_owned()).await?);
    }
    let mut form = planned.map(MeetingForm::from).unwrap_or_default();
    form.next_owner = me.user().to_string();
    if let Some(next) = next {
        form.next_action = next.what;
        form.next_on = typed_day(next.due_on);
        form.next_owner = next.owner.to_string();
    }
    let choices = colleagues.iter().map(|c| (c.id.to_string(), c.name.clone()));
    let page = Meet {
        action: filters.carry(&paths::meeting(&id)),
        colleagues: Choice::pairs(choices),
        detail,
        form,
        errors: Errors::default(),
    };
    Ok((page, colleagues))
}

pub(super) async fn show(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
) -> Result<Page<impl Template>> {
    Ok(Page(load(&me, &filters, id).await?.0))
}

pub(super) async fn submit(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
    Form(form): Form<MeetingForm>,
) -> Result<Response> {
    let (page, colleagues) = load(&me, &filters, id).await?;
    let (meeting, next) = match form.parse(&colleagues) {
        Ok(read) => read,
        Err(errors) => {
            let page = Meet { form, errors, ..page };
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
        }
    };
    let scope = me.scope()?;
    me.transact(async |tx| -> Result<()> {
        store::plan_meeting(tx, &scope, id, &meeting).await?;
        if let Some(next) = &next {
            actions::plan(tx, &scope, id, next).await?;
        }
        Ok(())
    })
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
        let empty = MeetingForm::default().parse(&[]).unwrap_err();
        assert!(empty.has("held_on") && empty.has("place"));
        let form = MeetingForm {
            held_on: "3/12/2026".to_owned(),
            place: " chez  la première ".to_owned(),
            next_on: "bientôt".to_owned(),
            ..MeetingForm::default()
        };
        assert!(form.parse(&[]).unwrap_err().has("next_on"));
        let (kept, decided) = MeetingForm {
            next_on: String::new(),
            ..form
        }
        .parse(&[])
        .unwrap();
        assert_eq!(decided, None);
        assert_eq!(kept.place, "chez la première");
        assert_eq!(MeetingForm::from(kept).held_on, "03/12/2026");
    }
}
