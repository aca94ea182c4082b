//! Screen, for the staff: what companies ask in their space, and the answers.

use super::paths;
use super::requests::CorrectionState;
use super::store::requests::{self, Correction, Decision, Erasure, Undecided};
use crate::kernel::ids::{CompanyIdeaId, CorrectionId, ErasureId};
use crate::platform::access::{Role, Staff};
use crate::platform::web::{AppError, Done, Errors, Form, OptionExt, Page, Path, Result, filters, optional};
use crate::synergies::IdeaState;
use crate::synergies::store::asked::{self, CompanyIdea, Verdict};
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
    ideas: Vec<CompanyIdea>,
    erasures: Vec<Erasure>,
    /// May erase.
    is_manager: bool,
    /// The answer that was not sent.
    unsent: Unsent,
    errors: Errors,
}

/// What was typed, and to which request.
#[derive(Debug, Default)]
struct Unsent {
    request: String,
    words: String,
}

impl Desk {
    fn is_refused(&self, id: impl std::fmt::Display) -> bool {
        self.unsent.request == id.to_string()
    }

    /// What was typed there, kept.
    fn typed(&self, id: impl std::fmt::Display) -> &str {
        if self.is_refused(id) {
            &self.unsent.words
        } else {
            ""
        }
    }

    /// Words without a place any more: somebody answered that request meanwhile.
    fn orphan(&self) -> Option<&str> {
        let mut waiting = self
            .waiting
            .iter()
            .map(|correction| correction.id.to_string())
            .chain(
                self.ideas
                    .iter()
                    .filter(|idea| idea.state == IdeaState::Pending)
                    .map(|idea| idea.id.to_string()),
            )
            .chain(
                self.erasures
                    .iter()
                    .filter(|request| request.answered_at.is_none())
                    .map(|request| request.id.to_string()),
            );
        let words = Some(self.unsent.words.as_str()).filter(|words| !words.trim().is_empty())?;
        (!waiting.any(|id| id == self.unsent.request)).then_some(words)
    }
}

async fn load(me: &Staff, unsent: Unsent, errors: Errors) -> Result<Desk> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let all = requests::corrections(&mut db, &scope).await?;
    let (waiting, decided) = all
        .into_iter()
        .partition(|correction| correction.state == CorrectionState::Pending);
    Ok(Desk {
        waiting,
        decided,
        ideas: asked::of_territory(&mut db, &scope).await?,
        erasures: requests::erasures(&mut db, &scope).await?,
        is_manager: [Role::Admin, Role::Pilot].iter().any(|role| me.has(*role)),
        unsent,
        errors,
    })
}

pub(super) async fn show(me: Staff) -> Result<Page<impl Template>> {
    Ok(Page(load(&me, Unsent::default(), Errors::default()).await?))
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
        return unanswered(&me, id.to_string(), form).await;
    };
    match decide(&me, id, &Decision::Refuse { answer }).await {
        Ok(decided) => {
            let message = format!(
                "Correction refusée\u{a0}: {}. L’entreprise lit pourquoi.",
                decided.label
            );
            Ok(me.done(message, paths::DESK).into_response())
        }
        Err(AppError::Conflict(sentence)) => too_late(&me, id.to_string(), form, &sentence).await,
        Err(other) => Err(other),
    }
}

async fn decide(me: &Staff, id: CorrectionId, decision: &Decision) -> Result<Correction> {
    let scope = me.scope()?;
    me.transact(async |tx| -> Result<Correction> { Ok(requests::decide(tx, &scope, id, decision).await?) })
        .await
}

fn answer(form: &AnswerForm) -> Option<String> {
    optional(&form.answer).filter(|words| words.chars().count() <= 2_000)
}

async fn unanswered(me: &Staff, request: String, form: AnswerForm) -> Result<Response> {
    let errors = Errors::one(
        "answer",
        "Écrivez une réponse, en 2\u{a0}000 caractères au plus\u{a0}: l’entreprise la lit.",
    );
    let words = form.answer;
    let page = load(me, Unsent { request, words }, errors).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
}

/// Somebody answered first: what was typed stays on the page, to be copied or thrown away.
async fn too_late(me: &Staff, request: String, form: AnswerForm, sentence: &str) -> Result<Response> {
    let words = form.answer;
    let errors = Errors::one("", sentence);
    let page = load(me, Unsent { request, words }, errors).await?;
    Ok((StatusCode::CONFLICT, Page(page)).into_response())
}

pub(super) async fn decline_idea(
    me: Staff,
    Path(id): Path<CompanyIdeaId>,
    Form(form): Form<AnswerForm>,
) -> Result<Response> {
    let Some(words) = answer(&form) else {
        return unanswered(&me, id.to_string(), form).await;
    };
    let scope = me.scope()?;
    asked::find(&mut *me.read().await?, &scope, id)
        .await?
        .or_not_found()?;
    let declined = me
        .transact(async |tx| -> Result<bool> {
            Ok(asked::decide(tx, &scope, id, &Verdict::Decline(words)).await?)
        })
        .await?;
    if declined {
        let message = "La réponse est envoyée\u{a0}: l’entreprise la lit dans son espace.";
        return Ok(me.done(message, paths::DESK).into_response());
    }
    too_late(&me, id.to_string(), form, &Undecided::Decided.to_string()).await
}

pub(super) async fn answer_erasure(
    me: Staff,
    Path(id): Path<ErasureId>,
    Form(form): Form<AnswerForm>,
) -> Result<Response> {
    let Some(answer) = answer(&form) else {
        return unanswered(&me, id.to_string(), form).await;
    };
    let scope = me.scope()?;
    let known = requests::erasures(&mut *me.read().await?, &scope).await?;
    known.iter().find(|request| request.id == id).or_not_found()?;
    let answered = me
        .transact(async |tx| -> Result<bool> { Ok(requests::answer_erasure(tx, &scope, id, &answer).await?) })
        .await?;
    if answered {
        return Ok(me.done("La réponse est envoyée.", paths::DESK).into_response());
    }
    too_late(&me, id.to_string(), form, &Undecided::Decided.to_string()).await
}
