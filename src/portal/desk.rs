//! Screen, for the staff: what companies ask in their space, and the answers.

use super::paths;
use super::requests::CorrectionState;
use super::store::requests::{self, Correction, Decision, Erasure, Undecided};
use crate::kernel::ids::{CorrectionId, ErasureId};
use crate::platform::access::Staff;
use crate::platform::web::{AppError, Done, Errors, Form, OptionExt, Page, Path, Result, filters, optional};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

impl From<Undecided> for AppError {
    fn from(refusal: Undecided) -> Self {
        match refusal {
            Undecided::Missing => Self::NotFound,
            Undecided::Decided | Undecided::Changed => Self::Conflict(refusal.to_string()),
            Undecided::Database(error) => error.into(),
        }
    }
}

#[derive(Template)]
#[template(path = "portal/desk.html")]
struct Desk {
    waiting: Vec<Correction>,
    decided: Vec<Correction>,
    erasures: Vec<Erasure>,
    /// The request that was answered without words.
    refused: String,
    errors: Errors,
}

async fn load(me: &Staff, refused: String, errors: Errors) -> Result<Desk> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let all = requests::corrections(&mut db, &scope).await?;
    let (waiting, decided) = all
        .into_iter()
        .partition(|correction| correction.state == CorrectionState::Pending);
    Ok(Desk {
        waiting,
        decided,
        erasures: requests::erasures(&mut db, &scope).await?,
        refused,
        errors,
    })
}

pub(super) async fn show(me: Staff) -> Result<Page<impl Template>> {
    Ok(Page(load(&me, String::new(), Errors::default()).await?))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AcceptForm {
    version: String,
}

pub(super) async fn accept(
    me: Staff,
    Path(id): Path<CorrectionId>,
    Form(form): Form<AcceptForm>,
) -> Result<Done> {
    let decision = Decision::Accept {
        flow_version: form.version.parse().ok(),
    };
    let decided = decide(&me, id, &decision).await?;
    let message = format!("Correction acceptée\u{a0}: {}.", decided.label);
    Ok(me.done(message, paths::DESK))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AnswerForm {
    answer: String,
}

pub(super) async fn refuse(
    me: Staff,
    Path(id): Path<CorrectionId>,
    Form(form): Form<AnswerForm>,
) -> Result<Response> {
    let Some(answer) = answer(&form) else {
        return unanswered(&me, id.to_string()).await;
    };
    let decided = decide(&me, id, &Decision::Refuse { answer }).await?;
    let message = format!(
        "Correction refusée\u{a0}: {}. L’entreprise lit pourquoi.",
        decided.label
    );
    Ok(me.done(message, paths::DESK).into_response())
}

async fn decide(me: &Staff, id: CorrectionId, decision: &Decision) -> Result<Correction> {
    let scope = me.scope()?;
    me.transact(async |tx| -> Result<Correction> { Ok(requests::decide(tx, &scope, id, decision).await?) })
        .await
}

fn answer(form: &AnswerForm) -> Option<String> {
    optional(&form.answer).filter(|words| words.chars().count() <= 2_000)
}

async fn unanswered(me: &Staff, refused: String) -> Result<Response> {
    let errors = Errors::one(
        "answer",
        "Écrivez une réponse, en 2\u{a0}000 caractères au plus\u{a0}: l’entreprise la lit.",
    );
    let page = load(me, refused, errors).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
}

pub(super) async fn answer_erasure(
    me: Staff,
    Path(id): Path<ErasureId>,
    Form(form): Form<AnswerForm>,
) -> Result<Response> {
    let Some(answer) = answer(&form) else {
        return unanswered(&me, id.to_string()).await;
    };
    let scope = me.scope()?;
    me.transact(async |tx| -> Result<()> {
        requests::answer_erasure(tx, &scope, id, &answer)
            .await?
            .then_some(())
            .or_not_found()
    })
    .await?;
    Ok(me.done("La réponse est envoyée.", paths::DESK).into_response())
}
