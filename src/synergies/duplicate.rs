//! Screen: this one is the same idea as another, chosen by its number, which is kept.

use super::acts::{self, seen};
use super::filters::Filters;
use super::model::{State, Step, StepKind};
use super::paths;
use super::store;
use super::view::Detail;
use crate::kernel::ids::SynergyId;
use crate::platform::access::Staff;
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
}

/// The one that is kept, with its name in conversation.
async fn kept(
    me: &Staff,
    form: &DuplicateForm,
    this: SynergyId,
) -> Result<Result<(SynergyId, String), Errors>> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let refused = |sentence: &str| Ok(Err(Errors::one("kept", sentence)));
    let Some(number) = form.number() else {
        return refused("Indiquez le numéro de la synergie à garder, par exemple «\u{a0}S-0012\u{a0}».");
    };
    let found = match store::numbered(&mut db, &scope, number).await? {
        Some(id) => store::find(&mut db, &scope, id).await?,
        None => None,
    };
    match found {
        None => refused("Aucune synergie ne porte ce numéro sur ce territoire."),
        Some(other) if other.id == this => {
            refused("C’est le numéro de celle-ci\u{a0}: indiquez celui de l’autre.")
        }
        Some(other) if other.state == State::Duplicate => {
            refused("Celle-ci est elle-même un doublon\u{a0}: indiquez celle qui est gardée.")
        }
        Some(other) => Ok(Ok((other.id, other.code()))),
    }
}

pub(super) async fn show(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
) -> Result<Response> {
    let page = load(&me, &filters, id, DuplicateForm::default()).await?;
    page.detail.synergy.state.after(StepKind::Merge)?;
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
    let (into, code) = match kept(&me, &form, id).await? {
        Ok(kept) => kept,
        Err(errors) => {
            let page = Duplicate { errors, ..page };
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
        }
    };
    let scope = me.scope()?;
    let next = acts::next(&me, &filters, id).await?;
    let message = format!("Doublon de {code}\u{a0}: seule {code} reste dans la file.");
    me.transact(async |tx| -> Result<()> {
        let step = Step::Merge { into, code };
        store::advance_seen(tx, &scope, id, seen(&form.version), step).await?;
        Ok(())
    })
    .await?;
    Ok(acts::onward(&me, &filters, next, message))
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
