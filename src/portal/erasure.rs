//! Screen, for those who run the programme: a company's request for erasure. What goes, what stays and why; one act
//! carries it out.

use super::paths;
use super::store::erasure::{self, Waiting};
use super::store::requests::Undecided;
use crate::kernel::ids::ErasureId;
use crate::platform::access::Manager;
use crate::platform::web::{AppError, Done, OptionExt, Page, Path, Result, filters};
use askama::Template;

/// What the company reads once it is done.
const ANSWER: &str = "Vos données sont effacées. Restent, sans votre nom, le nombre de visites et les résultats des \
    synergies déjà réalisées, que des financements publics obligent à garder.";

#[derive(Template)]
#[template(path = "portal/erasure.html")]
struct Erase {
    request: Waiting,
}

async fn found(me: &Manager, id: ErasureId) -> Result<Waiting> {
    erasure::waiting(&mut *me.read().await?, &me.scope()?, id)
        .await?
        .or_not_found()
}

pub(super) async fn show(me: Manager, Path(id): Path<ErasureId>) -> Result<Page<impl Template>> {
    let request = found(&me, id).await?;
    Ok(Page(Erase { request }))
}

pub(super) async fn submit(me: Manager, Path(id): Path<ErasureId>) -> Result<Done> {
    let (request, scope) = (found(&me, id).await?, me.scope()?);
    let done = me
        .transact(async |tx| -> Result<bool> { Ok(erasure::erase(tx, &scope, &request, ANSWER).await?) })
        .await?;
    if !done {
        return Err(AppError::Conflict(Undecided::Decided.to_string()));
    }
    Ok(me.done(
        "Les données sont effacées\u{a0}; l’entreprise en est informée.",
        paths::DESK,
    ))
}
