//! Finding an activity (NAF) or an address while typing.

use super::directory;
use crate::nomenclature::naf;
use crate::platform::App;
use crate::platform::access::Staff;
use crate::platform::web::Query;
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    q: String,
    /// Of an address: the INSEE code of its commune.
    commune: String,
}

/// What a suggestion field expects.
#[derive(Debug, Serialize)]
pub(super) struct Suggestion {
    value: String,
    label: String,
    hint: String,
}

pub(super) async fn activities(_: Staff, Query(typed): Query<Typed>) -> Json<Vec<Suggestion>> {
    Json(naf::search(&typed.q).into_iter().map(suggestion).collect())
}

/// The street alone when the commune has its own field filled, else the whole address.
pub(super) async fn addresses(
    _: Staff,
    State(app): State<App>,
    Query(typed): Query<Typed>,
) -> Json<Vec<Suggestion>> {
    let insee = Some(typed.commune.trim()).filter(|insee| !insee.is_empty());
    let found = directory::addresses(&app.config, typed.q.trim(), insee).await;
    let suggestions = found.into_iter().map(|address| Suggestion {
        value: String::new(),
        label: if insee.is_some() {
            address.street
        } else {
            address.whole
        },
        hint: address.city,
    });
    Json(suggestions.collect())
}

fn suggestion(naf: &naf::Naf) -> Suggestion {
    Suggestion {
        value: naf.code.clone(),
        label: naf_title(naf),
        hint: String::new(),
    }
}

/// « 17.21A Fabrication de carton ondulé »: what the field shows and understands.
pub(super) fn naf_title(naf: &naf::Naf) -> String {
    format!("{} {}", naf.code, naf.label)
}
