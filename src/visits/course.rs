//! What moves a visit along: held, validated, reopened, cancelled; and what is noted about the
//! meeting. The page is `show`'s.

use super::plan::{advisors, picked};
use super::show::{self, Typed};
use super::{Visit, VisitStep, paths, store};
use crate::flows::FlowsChanged;
use crate::kernel::ids::VisitId;
use crate::kernel::{parse_day, typed_day};
use crate::platform::access::{Scope, Staff};
use crate::platform::db::Tx;
use crate::platform::jobs;
use crate::platform::web::{AppError, Choice, Done, Errors, Form, OptionExt, Path, Result, clean, optional};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use serde::Deserialize;

/// What is noted about the meeting, as typed.
#[derive(Debug, Default, Clone, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct MeetingForm {
    pub(super) version: String,
    pub(super) visit_on: String,
    pub(super) duration: String,
    pub(super) contact_met: String,
    pub(super) notes: String,
    pub(super) advisors: Vec<String>,
}

impl MeetingForm {
    pub(super) fn of(visit: &Visit) -> Self {
        Self {
            version: visit.version.to_string(),
            visit_on: typed_day(visit.visit_on),
            duration: visit.duration_minutes.map(shown_duration).unwrap_or_default(),
            contact_met: visit.contact_met.clone().unwrap_or_default(),
            notes: visit.notes.clone().unwrap_or_default(),
            advisors: visit.advisors.iter().map(ToString::to_string).collect(),
        }
    }

    fn parse(&self, visit: &Visit, choices: &[Choice]) -> Result<Visit, Errors> {
        let mut errors = Errors::default();
        let visit_on = errors.take("visit_on", parse_day(&self.visit_on));
        let duration = errors.take("duration", duration(&self.duration)).flatten();
        // Someone who left the territory keeps the visits already made.
        let kept = visit
            .advisors
            .iter()
            .filter(|id| !choices.iter().any(|c| c.value == id.to_string()));
        let advisors: Vec<_> = kept.copied().chain(picked(&self.advisors, choices)).collect();
        if advisors.is_empty() {
            errors.add("advisors", "Cochez au moins une personne.");
        }
        let contact = clean(&self.contact_met);
        match (visit_on, errors.is_empty()) {
            (Some(visit_on), true) => Ok(Visit {
                visit_on,
                duration_minutes: duration,
                contact_met: optional(&contact),
                notes: optional(&self.notes),
                advisors,
                ..visit.clone()
            }),
            _ => Err(errors),
        }
    }

    /// What someone else saved since this form was opened, by the field.
    fn against(&self, stored: &Visit) -> Errors {
        let now = Self::of(stored);
        let mut errors = Errors::default();
        let fields = [
            ("visit_on", &self.visit_on, &now.visit_on),
            ("duration", &self.duration, &now.duration),
            ("contact_met", &self.contact_met, &now.contact_met),
            ("notes", &self.notes, &now.notes),
        ];
        for (field, _, now) in fields
            .into_iter()
            .filter(|(_, mine, now)| mine.trim() != now.trim())
        {
            let words = if now.is_empty() {
                "rien".to_owned()
            } else {
                format!("« {now} »")
            };
            errors.add(
                field,
                format!("Enregistré entre-temps : {words}. Votre saisie est gardée ci-dessous."),
            );
        }
        if errors.is_empty() {
            errors.add(
                "",
                "Cette visite a été modifiée entre-temps. Relisez, puis enregistrez à nouveau.",
            );
        }
        errors
    }
}

/// « 90 », « 90 min », « 1 h 30 », « 1h30 »; empty when unknown.
fn duration(typed: &str) -> Result<Option<i32>, &'static str> {
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

fn shown_duration(minutes: i32) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes:02}"),
    }
}

pub(super) async fn record(
    me: Staff,
    Path(id): Path<VisitId>,
    Form(form): Form<MeetingForm>,
) -> Result<Response> {
    let scope = me.scope()?;
    let before = store::find(&mut *me.read().await?, &scope, id)
        .await?
        .or_not_found()?;
    let refuse = async |form: MeetingForm, errors: Errors, status: StatusCode| {
        let typed = Typed {
            meeting: Some(form),
            meeting_errors: errors,
            ..Typed::default()
        };
        show::page(&me, id, typed, status).await
    };
    let after = match form.parse(&before, &advisors(&me).await?) {
        Ok(after) => after,
        Err(errors) => return refuse(form, errors, StatusCode::UNPROCESSABLE_ENTITY).await,
    };
    let saved = form.version == before.version.to_string()
        && me
            .transact(async |tx| -> Result<bool> {
                let saved = store::save(tx, &scope, &before, &after).await?;
                tx.nothing_to_record();
                Ok(saved)
            })
            .await?;
    if !saved {
        let stored = store::find(&mut *me.read().await?, &scope, id)
            .await?
            .or_not_found()?;
        let errors = form.against(&stored);
        let form = MeetingForm {
            version: stored.version.to_string(),
            ..form
        };
        return refuse(form, errors, StatusCode::CONFLICT).await;
    }
    Ok(me
        .done("Déroulement enregistré.", paths::show(&id))
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
    me.transact(async |tx| -> Result<()> {
        if let Some(visit) = advance(tx, &scope, id, VisitStep::Validate, None).await? {
            let changed = FlowsChanged {
                territory: visit.territory_id,
                establishments: vec![visit.establishment_id],
            };
            jobs::enqueue(tx, &changed).await?;
        }
        Ok(())
    })
    .await?;
    Ok(me.done(
        "Visite validée. La recherche de synergies est lancée.",
        paths::show(&id),
    ))
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
