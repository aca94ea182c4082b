//! Acts: apply a checked import, or give it up.

use super::model::{Report, State};
use super::report::{self, Filter};
use super::store;
use super::write::{self, Refused};
use crate::exchange::paths;
use crate::kernel::ids::ImportId;
use crate::platform::access::Staff;
use crate::platform::journal::Event;
use crate::platform::web::{AppError, OptionExt, Path, Result};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

pub(in crate::exchange) async fn apply(me: Staff, Path(id): Path<ImportId>) -> Result<Response> {
    let scope = me.scope()?;
    let applied = me
        .transact(async |tx| -> Result<Option<Report>, Refused> {
            store::take_turn(tx, scope.territory()).await?;
            match store::lock(tx, &scope, id).await?.ok_or(Refused::Unknown)? {
                State::Checked => Ok(Some(Box::pin(write::apply(tx, &scope, id)).await?)),
                State::Applied => {
                    tx.nothing_to_record();
                    Ok(None)
                }
                State::Abandoned => Err(Refused::App(AppError::Conflict(
                    "Cet import a été abandonné. Envoyez le fichier à nouveau.".to_owned(),
                ))),
            }
        })
        .await;
    match applied {
        Ok(report) => {
            let message = report.map_or_else(|| "Cet import est déjà fait.".to_owned(), |r| done_words(&r));
            Ok(me.done(message, paths::report(&id)).into_response())
        }
        Err(Refused::Changed) => judge_again(&me, id).await,
        Err(Refused::Unknown) => Err(AppError::NotFound),
        Err(Refused::App(error)) => Err(error),
        Err(Refused::File(fault)) => Err(AppError::Internal(fault.into())),
    }
}

fn done_words(report: &Report) -> String {
    match report.written() {
        0 => "Rien n’était à changer.".to_owned(),
        1 => "Import fait\u{a0}: une ligne écrite.".to_owned(),
        n => format!("Import fait\u{a0}: {n} lignes écrites. La recherche de synergies suit."),
    }
}

/// Nothing was written: the new report replaces the old one, to be confirmed in its turn.
async fn judge_again(me: &Staff, id: ImportId) -> Result<Response> {
    let scope = me.scope()?;
    let ignored = {
        let mut db = me.read().await?;
        let import = store::find(&mut db, &scope, id).await?.or_not_found()?;
        import.report.0.ignored
    };
    let judged = me
        .transact(async |tx| -> Result<(), Refused> {
            if store::lock(tx, &scope, id).await? == Some(State::Checked) {
                Box::pin(write::judge_again(tx, &scope, id, ignored)).await?;
            }
            tx.nothing_to_record();
            Ok(())
        })
        .await;
    match judged {
        Ok(()) => report::page(me, id, &Filter::default(), StatusCode::CONFLICT).await,
        Err(Refused::App(error)) => Err(error),
        Err(refused) => Err(AppError::Internal(refused.into())),
    }
}

pub(in crate::exchange) async fn abandon(me: Staff, Path(id): Path<ImportId>) -> Result<Response> {
    let scope = me.scope()?;
    me.transact(async |tx| -> Result<()> {
        match store::lock(tx, &scope, id).await?.or_not_found()? {
            State::Checked => {
                store::close(tx, id, State::Abandoned).await?;
                tx.record(Event::on("import", id, "import abandonné").within(scope.territory()))
                    .await?;
                Ok(())
            }
            State::Abandoned => {
                tx.nothing_to_record();
                Ok(())
            }
            State::Applied => Err(AppError::Conflict(
                "Cet import est déjà fait\u{a0}: il ne peut plus être abandonné.".to_owned(),
            )),
        }
    })
    .await?;
    Ok(me
        .done("Import abandonné\u{a0}: rien n’a été changé.", paths::IMPORT)
        .into_response())
}
