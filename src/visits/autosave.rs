//! What an open diagnostic sends by itself: cells as they are typed, and a sign of life that tells
//! who else is there. Answers in JSON; the same rules as the form, see `entry`.

use super::cells::Patch;
use super::entry::{self, Clash, Writer, Written};
use super::loaded::load;
use super::progress::Progress;
use super::sheet::{Eye, Row};
use super::{Visit, store};
use crate::kernel::ids::VisitId;
use crate::platform::access::Staff;
use crate::platform::web::{AppError, OptionExt, Path, Result, filters};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A page never waits with more.
const LARGEST: usize = 2_000;

#[derive(Debug, Deserialize)]
pub(super) struct Batch {
    client: Uuid,
    cells: Vec<Patch>,
}

/// A clash as the page shows it: three values, as sent and as read.
#[derive(Serialize)]
struct ShownClash {
    row: Uuid,
    field: String,
    title: &'static str,
    stored: String,
    mine_shown: String,
    stored_shown: String,
    original_shown: String,
    author: String,
    at: Option<String>,
}

impl ShownClash {
    fn of(clash: Clash) -> Self {
        Self {
            mine_shown: clash.shown(&clash.mine),
            stored_shown: clash.shown(&clash.stored),
            original_shown: clash.shown(&clash.original),
            at: clash.at.map(filters::hour),
            row: clash.row,
            field: clash.field,
            title: clash.title,
            stored: clash.stored,
            author: clash.author,
        }
    }
}

#[derive(Serialize)]
struct Answer {
    /// « 14:32 ».
    at: String,
    rows: Vec<Row>,
    /// Answers of the questionnaire among those sent.
    answers: BTreeMap<String, String>,
    /// What cannot be understood of them.
    answer_errors: BTreeMap<String, String>,
    clashes: Vec<ShownClash>,
    gone: BTreeSet<Uuid>,
    faults: usize,
    /// « 8 flux · 3 entrants, 5 sortants ».
    inventory: String,
    progress: Progress,
    others: Vec<String>,
}

/// Says what a visit that records no more refuses.
pub(super) fn may_record(visit: &Visit, patches: &[Patch]) -> Result<()> {
    let touches_flows = patches.iter().any(|patch| patch.row != visit.id.uuid());
    if !touches_flows && visit.status.prepares() {
        return Ok(());
    }
    may_touch_flows(visit)
}

/// Flows are noted, confirmed and deleted once the visit has taken place.
pub(super) fn may_touch_flows(visit: &Visit) -> Result<()> {
    if visit.status.records() {
        return Ok(());
    }
    Err(AppError::Conflict(format!(
        "Cette visite est {} : les flux se notent quand elle a eu lieu.",
        visit.status.label()
    )))
}

/// An open page reads JSON only: what refuses its cells is told in a sentence, for it to show.
#[derive(Serialize)]
struct Refusal {
    refused: String,
}

pub(super) async fn save(
    me: Staff,
    Path(id): Path<VisitId>,
    batch: std::result::Result<Json<Batch>, JsonRejection>,
) -> Response {
    let saved = match batch {
        Ok(Json(batch)) => write(&me, id, &batch).await,
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => Err(AppError::TooLarge),
        Err(_) => Err(AppError::BadRequest("Cette saisie est illisible.".to_owned())),
    };
    saved.unwrap_or_else(told)
}

/// The refusals that sending again would not change, as a sentence; the others as they are.
fn told(error: AppError) -> Response {
    let (status, refused) = match error {
        AppError::NotFound => {
            let words = "Cette visite, ou ce flux, n’est plus accessible ici.";
            (StatusCode::NOT_FOUND, words.to_owned())
        }
        AppError::Conflict(words) | AppError::Past { message: words, .. } => (StatusCode::CONFLICT, words),
        AppError::BadRequest(words) => (StatusCode::BAD_REQUEST, words),
        AppError::TooLarge => {
            let words = "C’est trop à la fois\u{a0}: raccourcissez cette saisie.";
            (StatusCode::PAYLOAD_TOO_LARGE, words.to_owned())
        }
        AppError::Refused(errors) => {
            let words: Vec<_> = errors.summary().into_iter().map(|(_, words)| words).collect();
            (StatusCode::UNPROCESSABLE_ENTITY, words.join(" "))
        }
        other @ (AppError::Forbidden
        | AppError::SignIn { .. }
        | AppError::TooMany(_)
        | AppError::Unavailable
        | AppError::Internal(_)) => return other.into_response(),
    };
    (status, Json(Refusal { refused })).into_response()
}

async fn write(me: &Staff, id: VisitId, batch: &Batch) -> Result<Response> {
    let scope = me.scope()?;
    if batch.cells.len() > LARGEST {
        return Err(AppError::TooLarge);
    }
    let writer = Writer {
        user: me.user(),
        client: batch.client,
    };
    let written = me
        .transact(async |tx| -> Result<Written> {
            let visit = store::entry::lock(tx, &scope, id).await?.or_not_found()?;
            may_record(&visit, &batch.cells)?;
            store::entry::seen(tx, id, me.user()).await?;
            entry::write(tx, &scope, &visit, writer, &batch.cells).await
        })
        .await?;
    let status = if written.clashes.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::CONFLICT
    };
    let touched = batch.cells.iter().map(|patch| patch.row).collect();
    Ok((status, Json(answer(me, id, &touched, written).await?)).into_response())
}

/// The state of what was sent, read back.
async fn answer(me: &Staff, id: VisitId, touched: &BTreeSet<Uuid>, written: Written) -> Result<Answer> {
    let loaded = load(me, id).await?;
    let eye = Eye {
        visit: &loaded.visit,
        today: me.today(),
        freshness: loaded.freshness,
    };
    let rows = touched.iter().filter(|row| **row != id.uuid());
    let rows = rows.filter(|row| !written.gone.contains(row)).map(|row| {
        let cells: Vec<_> = loaded
            .cells
            .iter()
            .filter(|cell| cell.row_id == *row)
            .cloned()
            .collect();
        match loaded.inventory.iter().find(|flow| flow.id.uuid() == *row) {
            Some(flow) => eye.recorded(flow, &cells),
            None => eye.begun(*row, &cells),
        }
    });
    let questions = loaded.questions();
    Ok(Answer {
        at: filters::hour(me.now()),
        rows: rows.collect(),
        answers: questions.answers,
        answer_errors: questions.errors,
        clashes: written.clashes.into_iter().map(ShownClash::of).collect(),
        gone: written.gone,
        faults: super::sheet::faults(&loaded.cells),
        inventory: loaded.inventory_words(),
        progress: loaded.progress(),
        others: loaded.others,
    })
}

/// A sign of life.
pub(super) async fn present(me: Staff, Path(id): Path<VisitId>) -> Result<Response> {
    let scope = me.scope()?;
    let others = me
        .transact(async |tx| -> Result<Vec<String>> {
            store::find(tx, &scope, id).await?.or_not_found()?;
            store::entry::seen(tx, id, me.user()).await?;
            tx.nothing_to_record();
            Ok(store::entry::others(tx, id, me.user(), me.now()).await?)
        })
        .await?;
    Ok(Json(serde_json::json!({ "others": others })).into_response())
}
