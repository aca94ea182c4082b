//! Screen: the first effective exchange, from which the synergy is in place.

use super::acts::{self, seen};
use super::filters::Filters;
use super::model::{Step, StepKind};
use super::paths;
use super::store;
use super::view::Detail;
use crate::kernel::day::parse_day;
use crate::kernel::ids::SynergyId;
use crate::platform::access::Staff;
use crate::platform::web::{Errors, Form, Page, Path, Query, Result};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use serde::Deserialize;

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct RealiseForm {
    on: String,
    version: String,
}

impl RealiseForm {
    fn parse(&self, today: NaiveDate) -> Result<NaiveDate, Errors> {
        match parse_day(&self.on) {
            Err(refusal) => Err(Errors::one("on", refusal.to_string())),
            Ok(day) if day > today => Err(Errors::one(
                "on",
                "Le premier échange a eu lieu\u{a0}: la date ne peut pas être à venir.",
            )),
            Ok(day) => Ok(day),
        }
    }
}

#[derive(Template)]
#[template(path = "synergies/realise.html")]
struct Realise {
    detail: Detail,
    action: String,
    form: RealiseForm,
    errors: Errors,
}

async fn load(me: &Staff, filters: &Filters, id: SynergyId, mut form: RealiseForm) -> Result<Realise> {
    let detail = acts::detail(me, filters, id).await?;
    if form.version.is_empty() {
        form.version = detail.synergy.version.to_string();
    }
    Ok(Realise {
        action: filters.carry(&paths::realise(&id)),
        detail,
        form,
        errors: Errors::default(),
    })
}

pub(super) async fn show(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
) -> Result<Response> {
    acts::stepping(&me, &filters, id, StepKind::Realise).await?;
    let page = load(&me, &filters, id, RealiseForm::default()).await?;
    Ok(Page(page).into_response())
}

pub(super) async fn submit(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
    Form(form): Form<RealiseForm>,
) -> Result<Response> {
    let page = load(&me, &filters, id, form.clone()).await?;
    let on = match form.parse(me.today()) {
        Ok(on) => on,
        Err(errors) => {
            let page = Realise { errors, ..page };
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
        }
    };
    let scope = me.scope()?;
    me.transact(async |tx| -> Result<()> {
        store::advance_seen(tx, &scope, id, seen(&form.version), Step::Realise { on }).await?;
        Ok(())
    })
    .await?;
    let message = "La synergie est en place. Relevez ce qu’elle apporte dès que vous le savez.";
    Ok(me.done(message, paths::results(&id)).into_response())
}
