//! Choosing the territory on screen, and finding a commune while typing.

use super::{Commune, store};
use crate::kernel::ids::TerritoryId;
use crate::platform::access::{self, Administrator, SignedIn, Staff};
use crate::platform::web::{AppError, Done, Form, OptionExt, Query, Result};
use axum::Json;
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
pub(super) struct ChooseForm {
    territory: String,
}

pub(super) async fn choose(me: SignedIn, Form(form): Form<ChooseForm>) -> Result<Done> {
    let id: TerritoryId = form.territory.parse().map_err(|_| AppError::NotFound)?;
    let territory = me
        .session()
        .territories()
        .iter()
        .find(|t| t.id == id)
        .or_not_found()?
        .clone();
    me.transact(async |tx| -> Result<()> {
        access::store::choose_territory(tx, me.session(), id).await?;
        tx.nothing_to_record();
        Ok(())
    })
    .await?;
    Ok(me.done(
        format!("Vous êtes maintenant sur «\u{a0}{}\u{a0}».", territory.name),
        "/",
    ))
}

#[derive(Deserialize)]
pub(super) struct CommuneQuery {
    #[serde(default)]
    q: String,
}

/// What a suggestion field expects.
#[derive(Serialize)]
pub(super) struct Suggestion {
    value: String,
    label: String,
    hint: String,
}

const ENOUGH: usize = 2;

pub(super) async fn communes(me: Staff, Query(query): Query<CommuneQuery>) -> Result<Json<Vec<Suggestion>>> {
    let typed = query.q.trim();
    if typed.chars().count() < ENOUGH {
        return Ok(Json(Vec::new()));
    }
    let found = store::search_communes(&mut *me.read().await?, &me.scope()?, typed).await?;
    Ok(Json(found.into_iter().map(suggestion).collect()))
}

/// The same over the whole country, even before there is any territory.
pub(super) async fn all_communes(
    me: Administrator,
    Query(query): Query<CommuneQuery>,
) -> Result<Json<Vec<Suggestion>>> {
    let typed = query.q.trim();
    if typed.chars().count() < ENOUGH {
        return Ok(Json(Vec::new()));
    }
    let found = store::search_all_communes(&mut *me.read().await?, typed).await?;
    Ok(Json(found.into_iter().map(suggestion).collect()))
}

fn suggestion(commune: Commune) -> Suggestion {
    Suggestion {
        label: commune.title(),
        hint: format!("département {}", commune.department),
        value: commune.insee,
    }
}
