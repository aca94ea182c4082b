//! Finding an activity (NAF) while typing.

use crate::nomenclature::naf;
use crate::platform::access::Staff;
use crate::platform::web::Query;
use axum::Json;
use serde::{Deserialize, Serialize};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    q: String,
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
