//! Screen: an advisor notes what a company said, by telephone or face to face.

use super::acts;
use super::filters::Filters;
use super::paths;
use super::store::{self, Said, Voice};
use super::talks::{Channel, REASONS, Word, reason};
use super::view::{Detail, capital};
use crate::kernel::ids::{CompanyId, SynergyId};
use crate::platform::access::Staff;
use crate::platform::web::{
    AppError, Choice, Errors, Form, OptionExt, Page, Path, Query, Result, clean, optional,
};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct AnswerForm {
    company: String,
    word: String,
    channel: String,
    person: String,
    reason: String,
    comment: String,
}

const LONGEST: usize = 2_000;

impl AnswerForm {
    fn parse(&self, voices: &[Voice]) -> Result<(CompanyId, Said), Errors> {
        let mut errors = Errors::default();
        let company = voices
            .iter()
            .map(|voice| voice.company)
            .find(|id| id.to_string() == self.company);
        if company.is_none() {
            errors.add("company", "Dites quelle entreprise a répondu.");
        }
        let word = Word::parse(&self.word);
        if word.is_none() {
            errors.add("word", "Choisissez sa réponse.");
        }
        let channel = Channel::parse(&self.channel).filter(|channel| *channel != Channel::Portal);
        if channel.is_none() {
            errors.add("channel", "Dites comment elle a répondu.");
        }
        let person = clean(&self.person);
        if person.is_empty() {
            errors.add("person", "Indiquez qui a répondu\u{a0}: l’accord porte son nom.");
        }
        if !self.reason.is_empty() && reason(&self.reason).is_none() {
            errors.add("reason", "Choisissez une raison de la liste.");
        }
        if person.chars().count() > 200 || self.comment.chars().count() > LONGEST {
            errors.add(
                "comment",
                "Raccourcissez ce texte\u{a0}: 2\u{a0}000 caractères au plus.",
            );
        }
        match (company, word, channel) {
            (Some(company), Some(word), Some(channel)) if errors.is_empty() => Ok((
                company,
                Said {
                    word,
                    channel,
                    person,
                    motive: reason(&self.reason).filter(|_| word != Word::Agreed),
                    comment: optional(&self.comment),
                },
            )),
            _ => Err(errors),
        }
    }
}

#[derive(Template)]
#[template(path = "synergies/answer.html")]
struct Answer {
    detail: Detail,
    action: String,
    companies: Vec<Choice>,
    words: Vec<Choice>,
    channels: Vec<Choice>,
    reasons: Vec<Choice>,
    form: AnswerForm,
    errors: Errors,
}

pub(super) async fn show(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
) -> Result<Response> {
    let page = load(&me, &filters, id, (AnswerForm::default(), Errors::default())).await?;
    let talks = store::talks(&mut *me.read().await?, id).await?.or_not_found()?;
    if let Err(rule) = talks.open() {
        return Err(acts::past(&me, &page.detail.synergy, rule.to_string()).await?);
    }
    Ok(Page(page).into_response())
}

async fn load(
    me: &Staff,
    filters: &Filters,
    id: SynergyId,
    (form, errors): (AnswerForm, Errors),
) -> Result<Answer> {
    let detail = acts::detail(me, filters, id).await?;
    let voices = store::talks::voices(&mut *me.read().await?, id).await?;
    let may_withdraw = voices.iter().any(|voice| voice.word == Some(Word::Agreed));
    let words = Word::ALL
        .iter()
        .filter(|word| **word != Word::Withdrawn || may_withdraw);
    let channels = Channel::ALL.iter().filter(|channel| **channel != Channel::Portal);
    Ok(Answer {
        action: filters.carry(&paths::answer(&id)),
        companies: Choice::pairs(
            voices
                .iter()
                .map(|v| (v.company.to_string(), v.establishment.clone())),
        ),
        words: Choice::pairs(words.map(|word| (word.code(), capital(word.label())))),
        channels: Choice::pairs(channels.map(|channel| (channel.code(), capital(channel.label())))),
        reasons: Choice::pairs(REASONS.iter().map(|(code, words)| (*code, *words))),
        detail,
        form,
        errors,
    })
}

pub(super) async fn submit(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
    Form(form): Form<AnswerForm>,
) -> Result<Response> {
    let scope = me.scope()?;
    // Outside the scope the synergy does not exist, before anything is said of the form.
    let page = load(&me, &filters, id, (form.clone(), Errors::default())).await?;
    let voices = store::talks::voices(&mut *me.read().await?, id).await?;
    let (company, said) = match form.parse(&voices) {
        Ok(answer) => answer,
        Err(errors) => {
            let page = Answer { errors, ..page };
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
        }
    };
    let synergy = me
        .transact(async |tx| -> Result<_, AppError> {
            Ok(store::note(tx, &scope, id, company, &said).await?)
        })
        .await?;
    Ok(me
        .done("La réponse est notée.", filters.follow(&id, synergy.state))
        .into_response())
}
