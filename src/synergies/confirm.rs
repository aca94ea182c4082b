//! Screen: a year after the first exchange, the companies say whether it goes on.

use super::acts::{self, seen};
use super::filters::Filters;
use super::model::{Step, StepKind, sustainable};
use super::paths;
use super::store;
use super::view::Detail;
use crate::kernel::ids::SynergyId;
use crate::platform::access::Staff;
use crate::platform::web::{Errors, Form, Page, Path, Query, Result, optional};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct ConfirmForm {
    proof: String,
    version: String,
}

#[derive(Template)]
#[template(path = "synergies/confirm.html")]
struct Confirm {
    detail: Detail,
    action: String,
    form: ConfirmForm,
    errors: Errors,
}

async fn load(me: &Staff, filters: &Filters, id: SynergyId, mut form: ConfirmForm) -> Result<Confirm> {
    let detail = acts::stepping(me, filters, id, StepKind::Sustain).await?;
    if let Err(rule) = sustainable(detail.synergy.realised_on, me.today()) {
        return Err(acts::past(me, &detail.synergy, rule.to_string()).await?);
    }
    if form.version.is_empty() {
        form.version = detail.synergy.version.to_string();
    }
    Ok(Confirm {
        action: filters.carry(&paths::confirm(&id)),
        detail,
        form,
        errors: Errors::default(),
    })
}

pub(super) async fn show(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
) -> Result<Page<impl Template>> {
    Ok(Page(load(&me, &filters, id, ConfirmForm::default()).await?))
}

pub(super) async fn submit(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
    Form(form): Form<ConfirmForm>,
) -> Result<Response> {
    let Some(proof) = optional(&form.proof) else {
        let sentence = "Dites qui l’a confirmé et comment, par exemple «\u{a0}la responsable logistique, au téléphone\u{a0}».";
        let page = Confirm {
            errors: Errors::one("proof", sentence),
            ..load(&me, &filters, id, form).await?
        };
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
    };
    let scope = me.scope()?;
    me.transact(async |tx| -> Result<()> {
        let step = Step::Sustain { proof: Some(proof) };
        store::advance_seen(tx, &scope, id, seen(&form.version), step).await?;
        Ok(())
    })
    .await?;
    Ok(me
        .done("La synergie est pérenne.", filters.look_at(&id))
        .into_response())
}
