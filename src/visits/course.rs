//! What moves a visit along: held, validated, reopened, cancelled; who makes it; and how the facts
//! of the meeting are read. The page is `show`'s.

use super::plan::{advisors, picked};
use super::show::{self, Typed};
use super::{Visit, VisitStep, meeting, paths, questionnaire, sheet, store};
use crate::flows::FlowsChanged;
use crate::kernel::ids::VisitId;
use crate::kernel::{parse_day, typed_day};
use crate::platform::access::{Scope, Staff};
use crate::platform::db::Tx;
use crate::platform::jobs;
use crate::platform::web::{
    AppError, Done, Errors, Form, OptionExt, Path, Result, clean, merged_set, optional,
};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use serde::Deserialize;

/// The facts of the meeting, as typed.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct MeetingForm {
    visit_on: String,
    duration: String,
    contact_met: String,
    notes: String,
}

impl MeetingForm {
    pub(super) fn of(visit: &Visit) -> Self {
        Self {
            visit_on: typed_day(visit.visit_on),
            duration: visit.duration_minutes.map(shown_duration).unwrap_or_default(),
            contact_met: visit.contact_met.clone().unwrap_or_default(),
            notes: visit.notes.clone().unwrap_or_default(),
        }
    }

    /// The fact that a question of the questionnaire asks for.
    pub(super) fn fact(&mut self, question: &str) -> Option<&mut String> {
        match question {
            questionnaire::VISIT_ON => Some(&mut self.visit_on),
            questionnaire::DURATION => Some(&mut self.duration),
            questionnaire::CONTACT_MET => Some(&mut self.contact_met),
            questionnaire::NOTES => Some(&mut self.notes),
            _ => None,
        }
    }

    /// The visit with these facts; what cannot be read stays as it was, with a sentence.
    pub(super) fn read(&self, visit: &Visit) -> (Visit, Errors) {
        let mut errors = Errors::default();
        let visit_on = errors.take(questionnaire::VISIT_ON, parse_day(&self.visit_on));
        let duration = errors.take(questionnaire::DURATION, duration(&self.duration));
        let read = Visit {
            visit_on: visit_on.unwrap_or(visit.visit_on),
            duration_minutes: duration.unwrap_or(visit.duration_minutes),
            contact_met: optional(&clean(&self.contact_met)),
            notes: optional(&self.notes),
            ..visit.clone()
        };
        (read, errors)
    }
}

/// « 90 », « 90 min », « 1 h 30 », « 1h30 »; empty when unknown.
pub(super) fn duration(typed: &str) -> Result<Option<i32>, &'static str> {
    const REFUSAL: &str = "Indiquez la durée en minutes ou en heures, par exemple 90 ou 1 h 30.";
    let compact: String = typed
        .to_lowercase()
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    if compact.is_empty() {
        return Ok(None);
    }
    let body = compact
        .trim_end_matches("minutes")
        .trim_end_matches("min")
        .trim_end_matches("mn");
    let number = |digits: &str| digits.parse::<u16>().map(i32::from).map_err(|_| REFUSAL);
    let minutes = match body.split_once('h') {
        Some((hours, "")) => number(hours)? * 60,
        Some((hours, minutes)) => number(hours)? * 60 + number(minutes)?,
        None => number(body)?,
    };
    if (1..=1440).contains(&minutes) {
        Ok(Some(minutes))
    } else {
        Err(REFUSAL)
    }
}

pub(super) fn shown_duration(minutes: i32) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes:02}"),
    }
}

/// Who visits: those ticked, and those that were ticked when the page was opened.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct AdvisorsForm {
    pub(super) advisors: Vec<String>,
    pub(super) original: Vec<String>,
}

/// Two people who tick different colleagues do not undo each other.
pub(super) async fn assign(
    me: Staff,
    Path(id): Path<VisitId>,
    Form(form): Form<AdvisorsForm>,
) -> Result<Response> {
    let scope = me.scope()?;
    let choices = advisors(&me).await?;
    let (ticked, original) = (picked(&form.advisors, &choices), picked(&form.original, &choices));
    let saved = me
        .transact(async |tx| -> Result<bool> {
            let before = store::entry::lock(tx, &scope, id).await?.or_not_found()?;
            let after = Visit {
                advisors: merged_set(&ticked, &before.advisors, &original),
                ..before.clone()
            };
            if after.advisors.is_empty() {
                tx.nothing_to_record();
                return Ok(false);
            }
            if after.advisors == before.advisors {
                tx.nothing_to_record();
            } else if !store::save(tx, &scope, &before, &after).await? {
                return Err(AppError::Conflict(
                    "Cette visite vient d’être modifiée.".to_owned(),
                ));
            }
            Ok(true)
        })
        .await?;
    if !saved {
        let typed = Typed {
            advisors: Some(form.advisors),
            advisors_errors: Errors::one("advisors", "Cochez au moins une personne."),
            ..Typed::default()
        };
        return show::page(&me, id, typed, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    Ok(me
        .done("Conseillers enregistrés.", paths::show(&id))
        .into_response())
}

/// Takes a step, dated when it gives the day of the visit. A step already taken changes nothing.
async fn advance(
    tx: &mut Tx,
    scope: &Scope,
    id: VisitId,
    step: VisitStep,
    on: Option<NaiveDate>,
) -> Result<Option<Visit>> {
    let before = store::find(tx, scope, id).await?.or_not_found()?;
    if before.status == step.leads_to() {
        tx.nothing_to_record();
        return Ok(None);
    }
    let status = before
        .status
        .after(step)
        .map_err(|refusal| AppError::Conflict(refusal.to_string()))?;
    let after = Visit {
        status,
        visit_on: on.unwrap_or(before.visit_on),
        ..before.clone()
    };
    if !store::save(tx, scope, &before, &after).await? {
        return Err(AppError::Conflict(
            "Cette visite vient d’être modifiée.".to_owned(),
        ));
    }
    Ok(Some(after))
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct HoldForm {
    pub(super) held_on: String,
}

/// « La visite a eu lieu ».
pub(super) async fn hold(me: Staff, Path(id): Path<VisitId>, Form(form): Form<HoldForm>) -> Result<Response> {
    let scope = me.scope()?;
    let future = "La visite ne peut pas avoir eu lieu dans le futur : indiquez le jour où vous y étiez.";
    let held_on = parse_day(&form.held_on).map_err(|refusal| refusal.to_string());
    let held_on = held_on.and_then(|day| {
        if day > me.today() {
            Err(future.to_owned())
        } else {
            Ok(day)
        }
    });
    let held_on = match held_on {
        Ok(day) => day,
        Err(sentence) => {
            let hold_errors = Errors::one("held_on", sentence);
            let typed = Typed {
                held_on: Some(form.held_on),
                hold_errors,
                ..Typed::default()
            };
            return show::page(&me, id, typed, StatusCode::UNPROCESSABLE_ENTITY).await;
        }
    };
    me.transact(async |tx| advance(tx, &scope, id, VisitStep::Hold, Some(held_on)).await)
        .await?;
    Ok(me
        .done(
            "La visite a eu lieu. Notez maintenant ce qui entre et ce qui sort.",
            paths::show(&id),
        )
        .into_response())
}

/// « Je valide la visite »: the search of synergies is asked for in the same transaction.
pub(super) async fn validate(me: Staff, Path(id): Path<VisitId>) -> Result<Done> {
    let scope = me.scope()?;
    let closed = me.transact(async |tx| close(tx, &scope, id).await).await?;
    if let Closed::ToCorrect(faults) = closed {
        return Err(AppError::Conflict(sheet::faults_words(faults)));
    }
    Ok(me.done(VALIDATED, paths::show(&id)))
}

pub(super) const VALIDATED: &str = "Visite validée. La recherche de synergies est lancée.";

/// Whether a visit could be validated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closed {
    Done,
    /// That many cells wait to be corrected first.
    ToCorrect(usize),
}

/// Validates a visit where nothing waits to be corrected: its inventory becomes a dated version.
pub(super) async fn close(tx: &mut Tx, scope: &Scope, id: VisitId) -> Result<Closed> {
    let before = store::entry::lock(tx, scope, id).await?.or_not_found()?;
    let cells = store::entry::cells(tx, id, None).await?;
    let faults = sheet::faults(&cells);
    if faults > 0 {
        tx.nothing_to_record();
        return Ok(Closed::ToCorrect(faults));
    }
    if before.status.allows(VisitStep::Validate) {
        meeting::teach(tx, scope, &before).await?;
    }
    if let Some(visit) = advance(tx, scope, id, VisitStep::Validate, None).await? {
        store::keep_inventory(tx, id, visit.establishment_id).await?;
        let changed = FlowsChanged {
            territory: visit.territory_id,
        };
        jobs::enqueue(tx, &changed).await?;
    }
    Ok(Closed::Done)
}

pub(super) async fn reopen(me: Staff, Path(id): Path<VisitId>) -> Result<Done> {
    let scope = me.scope()?;
    me.transact(async |tx| advance(tx, &scope, id, VisitStep::Reopen, None).await)
        .await?;
    Ok(me.done(
        "Visite rouverte : corrigez, puis validez à nouveau.",
        paths::show(&id),
    ))
}

pub(super) async fn cancel(me: Staff, Path(id): Path<VisitId>) -> Result<Done> {
    let scope = me.scope()?;
    me.transact(async |tx| advance(tx, &scope, id, VisitStep::Cancel, None).await)
        .await?;
    Ok(me.done("Visite annulée.", paths::show(&id)))
}

#[cfg(test)]
mod tests {
    use super::{duration, shown_duration};

    #[test]
    fn durations_as_people_type_them() {
        for (typed, minutes) in [
            ("90", 90),
            ("90 min", 90),
            ("1 h 30", 90),
            ("1h30", 90),
            ("2 h", 120),
            ("45 minutes", 45),
        ] {
            assert_eq!(duration(typed), Ok(Some(minutes)), "{typed}");
            assert_eq!(duration(&shown_duration(minutes)), Ok(Some(minutes)));
        }
        assert_eq!(duration("  "), Ok(None));
        for refused in ["longtemps", "0", "25 h", "1 h 30 h", "-5"] {
            assert!(duration(refused).is_err(), "{refused}");
        }
    }
}
