//! Screen: an indicator that the territory adds to its contract, and what was counted of it.

use super::paths;
use super::store::{self, OwnIndicator};
use crate::kernel::ids::OwnIndicatorId;
use crate::kernel::{parse_day, parse_decimal, typed_day};
use crate::platform::access::Manager;
use crate::platform::web::{AppError, Errors, Form, OptionExt, Page, Path, Result, clean, filters};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct OwnForm {
    version: String,
    title: String,
    unit: String,
    help: String,
    counted_on: String,
    value: String,
}

/// What the form asks for.
struct Wish {
    title: String,
    unit: String,
    help: String,
    count: Option<(NaiveDate, f64)>,
}

impl OwnForm {
    fn of(own: &OwnIndicator) -> Self {
        Self {
            version: own.version.to_string(),
            title: own.title.clone(),
            unit: own.unit.clone(),
            help: own.help.clone(),
            ..Self::default()
        }
    }

    fn parse(&self) -> Result<Wish, Errors> {
        let mut errors = Errors::default();
        let title = clean(&self.title);
        if title.is_empty() || title.chars().count() > 120 {
            errors.add("title", "Indiquez un titre, en 120 caractères au plus.");
        }
        let help = clean(&self.help);
        if help.is_empty() {
            errors.add("help", "Dites ce qui est compté, et comment.");
        }
        let mut count = None;
        if !self.value.trim().is_empty() {
            let on = errors.take("counted_on", parse_day(&self.counted_on));
            let value = errors.take("value", parse_decimal(&self.value));
            count = on.zip(value);
        }
        if errors.is_empty() {
            Ok(Wish {
                title,
                unit: clean(&self.unit),
                help,
                count,
            })
        } else {
            Err(errors)
        }
    }
}

#[derive(Template)]
#[template(path = "indicators/own.html")]
struct Own {
    id: OwnIndicatorId,
    own: Option<OwnIndicator>,
    form: OwnForm,
    errors: Errors,
}

impl Own {
    fn title(&self) -> String {
        match &self.own {
            Some(own) => format!("{}, {}", own.code, own.title),
            None => "Nouvel indicateur du contrat".to_owned(),
        }
    }
}

pub(super) async fn start(me: Manager) -> Result<Response> {
    let form = OwnForm {
        version: "0".to_owned(),
        counted_on: typed_day(me.today()),
        ..OwnForm::default()
    };
    Ok(Page(Own {
        id: OwnIndicatorId::fresh(),
        own: None,
        form,
        errors: Errors::default(),
    })
    .into_response())
}

pub(super) async fn show(me: Manager, Path(id): Path<OwnIndicatorId>) -> Result<Response> {
    let scope = me.scope()?.aggregate();
    let own = store::find_own(&mut *me.read().await?, &scope, id)
        .await?
        .or_not_found()?;
    Ok(Page(Own {
        id,
        form: OwnForm::of(&own),
        own: Some(own),
        errors: Errors::default(),
    })
    .into_response())
}

/// The first code that the territory does not use.
fn free_code(known: &[OwnIndicator]) -> Option<String> {
    let codes = (1..=99).map(|n| format!("P{n:02}"));
    codes
        .into_iter()
        .find(|code| known.iter().all(|one| one.code != *code))
}

pub(super) async fn save(
    me: Manager,
    Path(id): Path<OwnIndicatorId>,
    Form(form): Form<OwnForm>,
) -> Result<Response> {
    let scope = me.scope()?;
    let known = store::own(&mut *me.read().await?, &scope.aggregate()).await?;
    let stored = known.iter().find(|one| one.id == id).cloned();
    let version: i32 = form.version.parse().unwrap_or_default();
    if stored.is_none() && version > 0 {
        return Err(AppError::NotFound);
    }
    let wish = match form.parse() {
        Ok(wish) => wish,
        Err(errors) => {
            let page = Own {
                id,
                own: stored,
                form,
                errors,
            };
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
        }
    };
    let code = match &stored {
        Some(stored) => stored.code.clone(),
        None => free_code(&known).ok_or_else(|| {
            AppError::Conflict("Ce territoire a déjà 99 indicateurs\u{a0}: c’est le plus.".to_owned())
        })?,
    };
    let one = OwnIndicator {
        id,
        code,
        title: wish.title,
        unit: wish.unit,
        help: wish.help,
        version,
        counts: BTreeMap::new(),
    };
    let saved = me
        .transact(async |tx| -> Result<bool> {
            let saved = store::save_own(tx, &scope, &one).await?;
            if let Some(count) = wish.count.filter(|_| saved) {
                store::save_own_value(tx, &scope, id, count).await?;
            }
            Ok(saved)
        })
        .await?;
    if !saved && version > 0 {
        return Err(AppError::Conflict(
            "Quelqu’un a changé cet indicateur pendant ce temps. Revenez à sa page pour lire sa version."
                .to_owned(),
        ));
    }
    let message = format!("«\u{a0}{}\u{a0}» est enregistré.", one.title);
    Ok(me.done(message, paths::CONTRACT).into_response())
}

#[cfg(test)]
mod tests {
    use super::{OwnForm, free_code};

    #[test]
    fn a_count_needs_its_date_and_an_indicator_its_meaning() {
        let form = |help: &str, on: &str, value: &str| OwnForm {
            title: "Salariés en covoiturage".to_owned(),
            help: help.to_owned(),
            counted_on: on.to_owned(),
            value: value.to_owned(),
            ..OwnForm::default()
        };
        assert!(form("", "", "").parse().err().unwrap().has("help"));
        assert!(form("Enquête", "", "12").parse().err().unwrap().has("counted_on"));
        assert!(
            form("Enquête", "1/3/2026", "x")
                .parse()
                .err()
                .unwrap()
                .has("value")
        );
        let read = form("Enquête", "1/3/2026", "12").parse().ok().unwrap().count;
        assert_eq!(read.map(|(_, value)| value), Some(12.0));
        assert_eq!(free_code(&[]).as_deref(), Some("P01"));
    }
}
