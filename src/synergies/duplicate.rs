//! Screen: this one is the same idea as another, chosen by its number, which is kept.

use super::acts::{self, seen};
use super::filters::Filters;
use super::model::{State, Step, StepKind};
use super::paths;
use super::store::{self, Synergy};
use super::view::Detail;
use crate::kernel::ids::SynergyId;
use crate::platform::access::{Scope, Staff};
use crate::platform::db::Tx;
use crate::platform::web::{Errors, Form, Page, Path, Query, Result};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct DuplicateForm {
    kept: String,
    version: String,
}

#[derive(Template)]
#[template(path = "synergies/duplicate.html")]
struct Duplicate {
    detail: Detail,
    action: String,
    form: DuplicateForm,
    errors: Errors,
}

impl DuplicateForm {
    /// « S-0012 », « g 12 », « 12 ».
    fn number(&self) -> Option<i32> {
        let digits: String = self.kept.chars().filter(char::is_ascii_digit).collect();
        digits.parse().ok()
    }

    /// « S » or « G », when it is typed.
    fn letter(&self) -> Option<char> {
        let first = self.kept.trim().chars().next()?.to_ascii_uppercase();
        matches!(first, 'S' | 'G').then_some(first)
    }
}

/// The one that is kept, with its name in conversation.
async fn kept(
    tx: &mut Tx,
    scope: &Scope,
    this: &Synergy,
    form: &DuplicateForm,
) -> Result<Result<(SynergyId, String), Errors>> {
    let refused = |sentence: String| Ok(Err(Errors::one("kept", sentence)));
    let Some(number) = form.number() else {
        return refused(
            "Indiquez le numéro de la synergie à garder, par exemple «\u{a0}S-0012\u{a0}».".to_owned(),
        );
    };
    let found = match store::numbered(tx, this.territory_id, number).await? {
        Some(id) => store::find(tx, scope, id).await?,
        None => None,
    };
    let Some(other) = found else {
        return refused("Aucune synergie ne porte ce numéro sur ce territoire.".to_owned());
    };
    let code = other.code();
    if other.id == this.id {
        return refused("C’est le numéro de celle-ci\u{a0}: indiquez celui de l’autre.".to_owned());
    }
    if form.letter().is_some_and(|letter| !code.starts_with(letter)) {
        return refused(format!(
            "Le numéro {number} est celui de {code}\u{a0}: est-ce bien elle\u{a0}?"
        ));
    }
    match unfit(&other) {
        Some(sentence) => refused(sentence),
        None => Ok(Ok((other.id, code))),
    }
}

/// Why another synergy cannot be the one that is kept.
fn unfit(other: &Synergy) -> Option<String> {
    let code = other.code();
    match other.state {
        State::Duplicate => {
            Some("Celle-ci est elle-même un doublon\u{a0}: indiquez celle qui est gardée.".to_owned())
        }
        State::Rejected | State::Abandoned | State::Interrupted => Some(format!(
            "{code} est «\u{a0}{}\u{a0}»\u{a0}: reprenez-la d’abord, ou indiquez-en une autre.",
            other.state.label()
        )),
        State::Proposed if !other.is_current => Some(format!(
            "{code} n’est plus proposée\u{a0}: indiquez-en une autre."
        )),
        State::Proposed
        | State::UnderReview
        | State::Prevalidated
        | State::ContactProposed
        | State::Agreed
        | State::Studied
        | State::Implementing
        | State::Realised
        | State::Durable
        | State::Asleep
        | State::Silent => None,
    }
}

pub(super) async fn show(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
) -> Result<Response> {
    acts::stepping(&me, &filters, id, StepKind::Merge).await?;
    let page = load(&me, &filters, id, DuplicateForm::default()).await?;
    Ok(Page(page).into_response())
}

async fn load(me: &Staff, filters: &Filters, id: SynergyId, mut form: DuplicateForm) -> Result<Duplicate> {
    let detail = acts::detail(me, filters, id).await?;
    if form.version.is_empty() {
        form.version = detail.synergy.version.to_string();
    }
    Ok(Duplicate {
        action: filters.carry(&paths::merge(&id)),
        detail,
        form,
        errors: Errors::default(),
    })
}

pub(super) async fn submit(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
    Form(form): Form<DuplicateForm>,
) -> Result<Response> {
    let page = load(&me, &filters, id, form.clone()).await?;
    let scope = me.scope()?;
    let next = acts::next(&me, &filters, id).await?;
    let merged = me
        .transact(async |tx| -> Result<Result<String, Errors>> {
            // One merge at a time: of two made duplicates of each other, the second is told.
            store::hold_numbers(tx, page.detail.synergy.territory_id).await?;
            let (into, code) = match kept(tx, &scope, &page.detail.synergy, &form).await? {
                Ok(kept) => kept,
                Err(errors) => {
                    tx.nothing_to_record();
                    return Ok(Err(errors));
                }
            };
            let step = Step::Merge {
                into,
                code: code.clone(),
            };
            store::advance_seen(tx, &scope, id, seen(&form.version), step).await?;
            Ok(Ok(code))
        })
        .await?;
    match merged {
        Ok(code) => {
            let message = format!("Doublon de {code}\u{a0}: seule {code} reste dans la file.");
            Ok(acts::onward(&me, &filters, next, message))
        }
        Err(errors) => {
            let page = Duplicate { errors, ..page };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::DuplicateForm;

    #[test]
    fn a_number_is_read_as_people_type_it() {
        let read = |kept: &str| {
            let kept = kept.to_owned();
            DuplicateForm {
                kept,
                ..DuplicateForm::default()
            }
            .number()
        };
        assert_eq!([read("S-0012"), read(" g 12 "), read("12")], [Some(12); 3]);
        assert_eq!([read(""), read("la première")], [None; 2]);
    }
}
