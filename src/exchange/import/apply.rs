//! Acts: apply a checked import, stop what is at work, give an import up.

use super::model::State;
use super::store;
use super::work::ApplyImport;
use crate::exchange::paths;
use crate::kernel::ids::ImportId;
use crate::platform::access::Staff;
use crate::platform::jobs;
use crate::platform::journal::Event;
use crate::platform::web::{AppError, OptionExt, Path, Result};
use axum::response::{IntoResponse, Redirect, Response};

pub(in crate::exchange) async fn apply(me: Staff, Path(id): Path<ImportId>) -> Result<Response> {
    let scope = me.scope()?;
    me.transact(async |tx| -> Result<()> {
        let (state, _) = store::columns(tx, &scope, id).await?.or_not_found()?;
        tx.nothing_to_record();
        match state {
            State::Checked => {
                store::advance(tx, id, (State::Checked, State::Applying)).await?;
                let job = ApplyImport {
                    id,
                    territory: scope.territory(),
                    user: me.user(),
                    name: me.session().name().to_owned(),
                };
                Ok(jobs::enqueue(tx, &job).await?)
            }
            State::Applying | State::Applied => Ok(()),
            State::Abandoned => Err(AppError::Conflict(
                "Cet import a été abandonné. Envoyez le fichier à nouveau.".to_owned(),
            )),
            State::Mapping | State::Reading | State::Failed => Err(AppError::Conflict(
                "Cet import n’est pas encore vérifié\u{a0}: rien ne peut être importé.".to_owned(),
            )),
        }
    })
    .await?;
    Ok(Redirect::to(&paths::report(&id)).into_response())
}

pub(in crate::exchange) async fn abandon(me: Staff, Path(id): Path<ImportId>) -> Result<Response> {
    let scope = me.scope()?;
    let is_stopped = me
        .transact(async |tx| -> Result<bool> {
            let (state, _) = store::columns(tx, &scope, id).await?.or_not_found()?;
            match state {
                // What was written so far goes with the transaction of the job.
                State::Applying => {
                    store::advance(tx, id, (state, State::Checked)).await?;
                    tx.nothing_to_record();
                    Ok(true)
                }
                State::Mapping | State::Reading | State::Checked | State::Failed => {
                    store::advance(tx, id, (state, State::Abandoned)).await?;
                    tx.record(Event::on("import", id, "import abandonné").within(scope.territory()))
                        .await?;
                    Ok(false)
                }
                State::Abandoned => {
                    tx.nothing_to_record();
                    Ok(false)
                }
                State::Applied => Err(AppError::Conflict(
                    "Cet import est déjà fait\u{a0}: il ne peut plus être abandonné.".to_owned(),
                )),
            }
        })
        .await?;
    let (message, href) = if is_stopped {
        ("Écriture arrêtée\u{a0}: rien n’a été changé.", paths::report(&id))
    } else {
        (
            "Import abandonné\u{a0}: rien n’a été changé.",
            paths::IMPORT.to_owned(),
        )
    };
    Ok(me.done(message, href).into_response())
}
