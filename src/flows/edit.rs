//! Screen: one flow, everything about it. Saves that meet someone else's are merged, or asked.

use super::back::Back;
use super::changes::announce;
use super::entry::Entry;
use super::merge::{Conflict, merge};
use super::{Flow, FlowForm, paths, store, words};
use crate::comments::{Subject, Thread};
use crate::companies;
use crate::kernel::ids::FlowId;
use crate::platform::access::{Scope, Staff};
use crate::platform::db::Tx;
use crate::platform::journal::{self, store::Line};
use crate::platform::web::{AppError, Errors, Form, OptionExt, Page, Path, Query, Result, filters};
use crate::territories;
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct BackQuery {
    retour: String,
}

#[derive(Template)]
#[template(path = "flows/edit.html")]
struct Edit {
    id: FlowId,
    title: String,
    form: FlowForm,
    errors: Errors,
    focus: &'static str,
    establishment: String,
    establishment_href: String,
    known_on: NaiveDate,
    is_stale: bool,
    annual: Option<String>,
    thread: Thread,
    history: Vec<Line>,
}

#[derive(Template)]
#[template(path = "flows/conflict.html")]
struct ConflictPage {
    id: FlowId,
    label: String,
    conflicts: Vec<Conflict>,
    /// What is not in conflict, posted again as it is.
    rest: Vec<(String, String)>,
    version: i32,
    original: String,
    back: String,
    saved: Option<Line>,
}

pub(super) async fn show(
    me: Staff,
    Path(id): Path<FlowId>,
    Query(query): Query<BackQuery>,
) -> Result<Response> {
    let flow = store::find(&mut *me.read().await?, &me.scope()?, id)
        .await?
        .or_not_found()?;
    let form = FlowForm {
        original: original(&flow),
        back: query.retour,
        ..FlowForm::of(&flow)
    };
    page(&me, &flow, form, Errors::default()).await
}

/// What was on screen, to compare with later.
pub(super) fn original(flow: &Flow) -> String {
    serde_json::to_string(&FlowForm::of(flow)).unwrap_or_default()
}

pub(super) async fn page(me: &Staff, flow: &Flow, form: FlowForm, errors: Errors) -> Result<Response> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let establishment = companies::store::find(&mut db, &scope, flow.establishment_id)
        .await?
        .or_not_found()?;
    let territory = territories::store::find(&mut db, flow.territory_id)
        .await?
        .or_not_found()?;
    let history = journal::store::about(&mut db, flow.id.uuid(), 12).await?;
    drop(db);
    let thread = Thread::load(me, Subject::Flow(flow.id)).await?;
    let freshness = u32::try_from(territory.freshness_months).unwrap_or(u32::MAX);
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let back = Back::or(&form.back, paths::of_establishment(&flow.establishment_id));
    let page = Edit {
        id: flow.id,
        title: flow.label.clone(),
        form: FlowForm {
            back: back.as_str().to_owned(),
            ..form
        },
        errors,
        focus: "",
        establishment: establishment.name,
        establishment_href: companies::paths::show(&establishment.id),
        known_on: flow.known_on(),
        is_stale: flow.needs_confirmation(me.today(), freshness),
        annual: flow.annual_text(),
        thread,
        history,
    };
    Ok((status, Page(page)).into_response())
}

/// How saving went.
enum Outcome {
    Saved(Flow),
    /// Saved, together with what someone else had saved meanwhile.
    Merged(Flow),
    Contradicted(Box<(Flow, FlowForm, Vec<Conflict>)>),
}

pub(super) async fn submit(
    me: Staff,
    Path(id): Path<FlowId>,
    Form(form): Form<FlowForm>,
) -> Result<Response> {
    settle(me, id, form).await
}

/// Saves a whole form, or says why not.
pub(super) async fn settle(me: Staff, id: FlowId, form: FlowForm) -> Result<Response> {
    let scope = me.scope()?;
    let entry = match form.parse() {
        Ok(entry) => words::recognise(&mut *me.read().await?, &scope, &form, entry).await?,
        Err(errors) => {
            let flow = store::find(&mut *me.read().await?, &scope, id)
                .await?
                .or_not_found()?;
            return page(&me, &flow, form, errors).await;
        }
    };
    let outcome = me
        .transact(async |tx| save(tx, &scope, id, &form, &entry).await)
        .await?;
    let (flow, merged) = match outcome {
        Outcome::Saved(flow) => (flow, ""),
        Outcome::Merged(flow) => (
            flow,
            " Les modifications faites entre-temps par ailleurs sont gardées aussi.",
        ),
        Outcome::Contradicted(contradiction) => return contradicted(&me, &form, *contradiction).await,
    };
    let year = flow
        .annual_text()
        .map(|year| format!(", soit {year} par an"))
        .unwrap_or_default();
    let back = Back::or(&form.back, paths::of_establishment(&flow.establishment_id));
    let message = format!("Flux enregistré : {}{year}.{merged}", flow.label);
    Ok(me
        .done(message, format!("{}#flux-{id}", back.as_str()))
        .into_response())
}

async fn save(tx: &mut Tx, scope: &Scope, id: FlowId, form: &FlowForm, entry: &Entry) -> Result<Outcome> {
    // Each turn reads again: losing a race is only another reason to merge.
    for _ in 0..3 {
        let stored = store::find(tx, scope, id).await?.or_not_found()?;
        let mut mine = stored.clone();
        entry.clone().apply(&mut mine);
        let unseen = form.version != stored.version.to_string();
        if unseen {
            let was: FlowForm = serde_json::from_str(&form.original).unwrap_or_default();
            let merged = merge(&was, &FlowForm::of(&mine), &FlowForm::of(&stored));
            if !merged.conflicts.is_empty() {
                tx.nothing_to_record();
                return Ok(Outcome::Contradicted(Box::new((
                    stored,
                    merged.form,
                    merged.conflicts,
                ))));
            }
            mine = stored.clone();
            merged.form.parse().map_err(AppError::Refused)?.apply(&mut mine);
        }
        if store::save(tx, scope, &stored, &mine).await? {
            announce(tx, &mine).await?;
            if mine.category != stored.category || mine.label != stored.label {
                words::learn(tx, scope, &mine).await?;
            }
            return Ok(if unseen {
                Outcome::Merged(mine)
            } else {
                Outcome::Saved(mine)
            });
        }
    }
    Err(AppError::Conflict(
        "Ce flux change sans cesse : quelqu’un d’autre le modifie en ce moment.".to_owned(),
    ))
}

async fn contradicted(
    me: &Staff,
    form: &FlowForm,
    (stored, merged, conflicts): (Flow, FlowForm, Vec<Conflict>),
) -> Result<Response> {
    let saved = journal::store::about(&mut *me.read().await?, stored.id.uuid(), 1)
        .await?
        .into_iter()
        .next();
    let posted = serde_json::to_value(&merged).map_err(anyhow::Error::from)?;
    let rest = posted.as_object().into_iter().flatten();
    let rest = rest
        .filter(|(name, _)| !conflicts.iter().any(|conflict| conflict.field == name.as_str()))
        .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
        .collect();
    let page = ConflictPage {
        id: stored.id,
        label: stored.label.clone(),
        conflicts,
        rest,
        version: stored.version,
        original: original(&stored),
        back: form.back.clone(),
        saved,
    };
    Ok((StatusCode::CONFLICT, Page(page)).into_response())
}
