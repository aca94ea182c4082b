//! Screen: the words of the territory, which managers accept, refuse, add and remove.

use super::words::{self, LocalWord, WordState, store};
use super::{FlowsChanged, paths};
use crate::kernel::ids::LocalWordId;
use crate::nomenclature::{Catalogue, FlowCode};
use crate::platform::access::{Manager, Scope};
use crate::platform::db::Tx;
use crate::platform::jobs;
use crate::platform::journal::Event;
use crate::platform::web::{AppError, Done, Errors, Form, OptionExt, Page, Path, Result, clean, filters};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// The word typed by hand.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct WordForm {
    word: String,
    category: String,
    category_typed: String,
}

#[derive(Template)]
#[template(path = "flows/vocabulary.html")]
struct Vocabulary {
    proposed: Vec<LocalWord>,
    accepted: Vec<LocalWord>,
    refused: Vec<LocalWord>,
    form: WordForm,
    errors: Errors,
}

pub(super) async fn show(me: Manager) -> Result<Response> {
    page(&me, WordForm::default(), Errors::default()).await
}

async fn page(me: &Manager, form: WordForm, errors: Errors) -> Result<Response> {
    let words = store::list(&mut *me.read().await?, &me.scope()?).await?;
    let of = |state: WordState| words.iter().filter(|word| word.state == state).cloned().collect();
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let page = Vocabulary {
        proposed: of(WordState::Proposed),
        accepted: of(WordState::Accepted),
        refused: of(WordState::Refused),
        form,
        errors,
    };
    Ok((status, Page(page)).into_response())
}

/// Adds a word by hand: it serves at once.
pub(super) async fn add(me: Manager, Form(form): Form<WordForm>) -> Result<Response> {
    let scope = me.scope()?;
    let (word, code) = match form.parse() {
        Ok(read) => read,
        Err(errors) => return page(&me, form, errors).await,
    };
    let added = me
        .transact(async |tx| -> Result<()> {
            let id = store::insert(tx, &scope, &word, code).await?;
            let said = format!("mot ajouté au vocabulaire\u{a0}: {word} ({code})");
            tx.record(Event::on("local_word", id, said).within(scope.territory()))
                .await?;
            Ok(search_again(tx, &scope).await?)
        })
        .await
        .map_err(taken);
    match added {
        Ok(()) => {
            let message = format!("«\u{a0}{word}\u{a0}» se classe désormais en {code}.");
            Ok(me.done(message, paths::VOCABULARY).into_response())
        }
        Err(AppError::Refused(errors)) => page(&me, form, errors).await,
        Err(other) => Err(other),
    }
}

pub(super) async fn accept(me: Manager, Path(id): Path<LocalWordId>) -> Result<Response> {
    let decided = decide(&me, id, WordState::Accepted).await.map_err(taken);
    match decided {
        Ok(done) => Ok(done.into_response()),
        Err(AppError::Refused(errors)) => page(&me, WordForm::default(), errors).await,
        Err(other) => Err(other),
    }
}

pub(super) async fn refuse(me: Manager, Path(id): Path<LocalWordId>) -> Result<Done> {
    decide(&me, id, WordState::Refused).await
}

async fn decide(me: &Manager, id: LocalWordId, to: WordState) -> Result<Done> {
    let scope = me.scope()?;
    let word = me
        .transact(async |tx| -> Result<LocalWord> {
            let word = store::find(tx, &scope, id).await?.or_not_found()?;
            if !store::decide(tx, &scope, &word, to).await? {
                return Err(AppError::Conflict(
                    "Quelqu’un vient de décider de ce mot.".to_owned(),
                ));
            }
            let said = format!("mot {} au vocabulaire\u{a0}: {}", to.label(), word.label);
            tx.record(Event::on("local_word", id, said).within(scope.territory()))
                .await?;
            if word.state == WordState::Accepted || to == WordState::Accepted {
                search_again(tx, &scope).await?;
            }
            Ok(word)
        })
        .await?;
    let message = match to {
        WordState::Accepted => format!(
            "«\u{a0}{}\u{a0}» se classe désormais en {}.",
            word.label, word.category
        ),
        WordState::Refused | WordState::Proposed => {
            format!("«\u{a0}{}\u{a0}» ne sera plus proposé.", word.label)
        }
    };
    Ok(me.done(message, paths::VOCABULARY))
}

pub(super) async fn remove(me: Manager, Path(id): Path<LocalWordId>) -> Result<Done> {
    let scope = me.scope()?;
    let word = me
        .transact(async |tx| -> Result<LocalWord> {
            let word = store::find(tx, &scope, id).await?.or_not_found()?;
            store::delete(tx, &scope, id).await?;
            let said = format!(
                "mot retiré du vocabulaire\u{a0}: {} ({})",
                word.label, word.category
            );
            tx.record(Event::on("local_word", id, said).within(scope.territory()))
                .await?;
            if word.state == WordState::Accepted {
                search_again(tx, &scope).await?;
            }
            Ok(word)
        })
        .await?;
    Ok(me.done(
        format!("«\u{a0}{}\u{a0}» est retiré du vocabulaire.", word.label),
        paths::VOCABULARY,
    ))
}

/// A word may move any flow of the territory to another category.
async fn search_again(tx: &mut Tx, scope: &Scope) -> sqlx::Result<()> {
    let changed = FlowsChanged {
        territory: scope.territory(),
    };
    jobs::enqueue(tx, &changed).await?;
    Ok(())
}

fn taken(error: AppError) -> AppError {
    let sentence = "Ce mot désigne déjà une catégorie dans ce territoire\u{a0}: retirez-le d’abord.";
    error
        .on_constraint("local_words_accepted_key", "word", sentence)
        .on_constraint("local_words_key", "word", "Ce mot est déjà dans la liste.")
}

impl WordForm {
    fn parse(&self) -> std::result::Result<(String, FlowCode), Errors> {
        let mut errors = Errors::default();
        let word = errors.take("word", words::word(&self.word));
        let typed = clean(&self.category_typed);
        let code = FlowCode::find(&self.category)
            .or_else(|| FlowCode::find(&typed))
            .or_else(|| Some(Catalogue::embedded().search(&typed).first()?.code));
        let code = errors.take(
            "category",
            code.ok_or("Choisissez la catégorie que ce mot désigne."),
        );
        match (word, code) {
            (Some(word), Some(code)) if errors.is_empty() => Ok((word, code)),
            (Some(_) | None, _) => Err(errors),
        }
    }
}
