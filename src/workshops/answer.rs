//! Public page: what the link of a letter opens. It asks whether one comes; after the day, whether it was
//! useful. Opening it does nothing: answers are posted.

use super::guests::AnswerForm;
use super::model::{GuestAnswer, MARKS, Workshop, mark_label};
use super::store::guests::Linked;
use super::{paths, store};
use crate::platform::access::{Anyone, Token};
use crate::platform::web::{
    AppError, Choice, Errors, Form, OptionExt, Page, Path, Result, filters, optional,
};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "workshops/answer.html")]
struct Answer {
    token: String,
    linked: Linked,
    workshop: Workshop,
    form: AnswerForm,
    mark: String,
    comment: String,
    errors: Errors,
    /// The day has come: no more answers, but opinions.
    is_over: bool,
}

impl Answer {
    fn answers() -> Vec<Choice> {
        Choice::pairs([("yes", "Oui, nous venons"), ("no", "Non, pas cette fois")])
    }
    fn numbers() -> Vec<Choice> {
        Choice::pairs([("1", "1"), ("2", "2"), ("3", "3"), ("4", "4")])
    }
    fn marks() -> Vec<Choice> {
        Choice::pairs(MARKS.map(|(mark, label)| (mark.to_string(), label)))
    }
    fn given(&self) -> Option<&'static str> {
        self.linked.mark.map(mark_label)
    }
}

async fn load(me: &Anyone, token: &str) -> Result<Answer> {
    let (linked, workshop) =
        store::guests::linked(&mut *me.read().await?, &Token::from_text(token), me.today())
            .await?
            .or_not_found()?;
    let answer = match linked.answer {
        GuestAnswer::Waiting => "",
        GuestAnswer::Yes | GuestAnswer::No => linked.answer.code(),
    };
    let form = AnswerForm::kept(answer, linked.person.as_deref(), linked.people);
    Ok(Answer {
        token: token.to_owned(),
        is_over: workshop.state.took_place() || workshop.held_on < me.today(),
        linked,
        workshop,
        form,
        mark: String::new(),
        comment: String::new(),
        errors: Errors::default(),
    })
}

fn refused(page: Answer) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response()
}

pub(super) async fn show(me: Anyone, Path(token): Path<String>) -> Result<Response> {
    Ok(Page(load(&me, &token).await?).into_response())
}

pub(super) async fn submit(
    me: Anyone,
    Path(token): Path<String>,
    Form(form): Form<AnswerForm>,
) -> Result<Response> {
    let page = load(&me, &token).await?;
    if page.is_over {
        return Err(AppError::Conflict("Cet atelier a déjà eu lieu.".to_owned()));
    }
    let said = match form.parse() {
        Ok(said) if said.answer != GuestAnswer::Waiting => said,
        Ok(_) => {
            let errors = Errors::one("answer", "Choisissez une réponse.");
            return Ok(refused(Answer { form, errors, ..page }));
        }
        Err(errors) => return Ok(refused(Answer { form, errors, ..page })),
    };
    me.transact(async |tx| -> Result<()> {
        store::guests::answer(tx, &page.workshop, page.linked.guest, &said).await?;
        Ok(())
    })
    .await?;
    Ok(me
        .done("Votre réponse est enregistrée. Merci.", paths::answer(&token))
        .into_response())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct MarkForm {
    mark: String,
    comment: String,
}

pub(super) async fn opine(
    me: Anyone,
    Path(token): Path<String>,
    Form(form): Form<MarkForm>,
) -> Result<Response> {
    let page = load(&me, &token).await?;
    if !page.is_over {
        return Err(AppError::Conflict(
            "Cet atelier n’a pas encore eu lieu.".to_owned(),
        ));
    }
    let mark = form
        .mark
        .parse::<i16>()
        .ok()
        .filter(|mark| (1..=4).contains(mark));
    let Some(mark) = mark else {
        let errors = Errors::one("mark", "Choisissez l’une des quatre réponses.");
        return Ok(refused(Answer {
            mark: form.mark,
            comment: form.comment,
            errors,
            ..page
        }));
    };
    let comment = optional(&form.comment);
    me.transact(async |tx| -> Result<()> {
        store::after::opine(tx, &page.workshop, page.linked.guest, (mark, comment.as_deref())).await?;
        Ok(())
    })
    .await?;
    Ok(me
        .done("Votre avis est enregistré. Merci.", paths::answer(&token))
        .into_response())
}
