//! One-click acts on a flow, each a POST that returns to the page it was asked from.

use super::back::Back;
use super::changes::{announce, announce_all};
use super::{Flow, paths, store, words};
use crate::companies;
use crate::kernel::ids::{EstablishmentId, FlowId};
use crate::nomenclature::FlowCode;
use crate::platform::access::Staff;
use crate::platform::web::{AppError, Done, Form, OptionExt, Path, Result};
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct BackForm {
    back: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ClassifyForm {
    back: String,
    category: String,
}

fn back_to(given: &str, flow: &Flow) -> Back {
    Back::or(given, paths::of_establishment(&flow.establishment_id))
}

/// « Inchangé ».
pub(super) async fn confirm(me: Staff, Path(id): Path<FlowId>, Form(form): Form<BackForm>) -> Result<Done> {
    let flow = me
        .transact(async |tx| -> Result<Flow> {
            let scope = me.scope()?;
            store::lock(tx, &scope, &[id.uuid()]).await?;
            let flow = store::find(tx, &scope, id).await?.or_not_found()?;
            if !store::confirm(tx, &scope, &flow).await? {
                return Err(AppError::NotFound);
            }
            announce(tx, &flow).await?;
            Ok(flow)
        })
        .await?;
    let message = format!("Confirmé inchangé : {}.", flow.label);
    Ok(me.done(
        message,
        format!("{}#flux-{id}", back_to(&form.back, &flow).as_str()),
    ))
}

pub(super) async fn confirm_all(
    me: Staff,
    Path(id): Path<EstablishmentId>,
    Form(form): Form<BackForm>,
) -> Result<Done> {
    let scope = me.scope()?;
    let confirmed = me
        .transact(async |tx| -> Result<u64> {
            let establishment = companies::store::find(tx, &scope, id).await?.or_not_found()?;
            let confirmed = store::confirm_all(tx, &scope, id, establishment.territory_id).await?;
            if confirmed > 0 {
                announce_all(tx, establishment.territory_id, id).await?;
            }
            Ok(confirmed)
        })
        .await?;
    let message = match confirmed {
        0 => "Tous les flux étaient déjà à jour.".to_owned(),
        1 => "Un flux confirmé inchangé.".to_owned(),
        n => format!("{n} flux confirmés inchangés."),
    };
    let back = Back::or(&form.back, paths::of_establishment(&id));
    Ok(me.done(message, back.as_str()))
}

/// Takes one of the suggested categories.
pub(super) async fn classify(
    me: Staff,
    Path(id): Path<FlowId>,
    Form(form): Form<ClassifyForm>,
) -> Result<Done> {
    let scope = me.scope()?;
    let code = FlowCode::find(&form.category)
        .ok_or_else(|| AppError::BadRequest("Cette catégorie n’existe pas.".to_owned()))?;
    let flow = me
        .transact(async |tx| -> Result<Flow> {
            let before = store::find(tx, &scope, id).await?.or_not_found()?;
            let mut after = before.clone();
            after.category = Some(code.as_str().to_owned());
            after.normalise();
            if !store::save(tx, &scope, &before, &after).await? {
                return Err(AppError::Conflict(
                    "Ce flux vient d’être modifié par quelqu’un d’autre.".to_owned(),
                ));
            }
            announce(tx, &after).await?;
            words::learn(tx, &scope, &after).await?;
            Ok(after)
        })
        .await?;
    let message = format!("{} : {}.", flow.label, flow.category_label().unwrap_or_default());
    Ok(me.done(
        message,
        format!("{}#flux-{id}", back_to(&form.back, &flow).as_str()),
    ))
}

/// Copies everything but the quantity, which is to be given again, and opens the copy.
pub(super) async fn duplicate(me: Staff, Path(id): Path<FlowId>, Form(form): Form<BackForm>) -> Result<Done> {
    let scope = me.scope()?;
    let copy = me
        .transact(async |tx| -> Result<Flow> {
            let flow = store::find(tx, &scope, id).await?.or_not_found()?;
            let copy = flow.copy(tx.today());
            store::insert(tx, &scope, &copy).await?;
            announce(tx, &copy).await?;
            Ok(copy)
        })
        .await?;
    let back = back_to(&form.back, &copy);
    Ok(me.done(
        "Copie créée : indiquez ce qui la distingue.",
        paths::edit_from(&copy.id, back.as_str()),
    ))
}

pub(super) async fn delete(me: Staff, Path(id): Path<FlowId>, Form(form): Form<BackForm>) -> Result<Done> {
    let scope = me.scope()?;
    let flow = me
        .transact(async |tx| -> Result<Flow> {
            store::lock(tx, &scope, &[id.uuid()]).await?;
            let flow = store::find(tx, &scope, id).await?.or_not_found()?;
            if !store::delete(tx, &scope, &flow).await? {
                return Err(AppError::NotFound);
            }
            announce(tx, &flow).await?;
            Ok(flow)
        })
        .await?;
    let back = back_to(&form.back, &flow);
    Ok(me.done("Flux supprimé.", back.with("supprime", id)))
}

pub(super) async fn restore(me: Staff, Path(id): Path<FlowId>, Form(form): Form<BackForm>) -> Result<Done> {
    let scope = me.scope()?;
    let flow = me
        .transact(async |tx| -> Result<Option<Flow>> {
            let flow = store::restore(tx, &scope, id).await?;
            if let Some(flow) = &flow {
                announce(tx, flow).await?;
            }
            Ok(flow)
        })
        .await?
        .or_not_found()?;
    let message = format!("Flux rétabli : {}.", flow.label);
    Ok(me.done(
        message,
        format!("{}#flux-{id}", back_to(&form.back, &flow).as_str()),
    ))
}
