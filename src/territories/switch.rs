//! Choosing the territory on screen, and finding a commune while typing.

use super::store;
use crate::kernel::ids::TerritoryId;
use crate::platform::access::{self, SignedIn, Staff};
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
    Ok(me.done(format!("Vous êtes maintenant sur « {} ».", territory.name), "/"))
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

pub(super) async fn communes(me: Staff, Query(query): Query<CommuneQuery>) -> Result<Json<Vec<Suggestion>>> {
    let typed = query.q.trim();
    if typed.chars().count() < 2 {
        return Ok(Json(Vec::new()));
    }
    let found = store::search_communes(&mut *me.read().await?, &me.scope()?, typed).await?;
    let suggestions = found.into_iter().map(|c| Suggestion {
        label: c.title(),
        hint: format!("département {}", c.department),
        value: c.insee,
    });
    Ok(Json(suggestions.collect()))
}
