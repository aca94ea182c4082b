//! Finding, while typing, the company that somebody answers for.

use super::desk::Keeper;
use super::store::{self, CompanyRow};
use crate::platform::web::{Query, Result};
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

pub(super) async fn companies<K: Keeper>(me: K, Query(typed): Query<Typed>) -> Result<Json<Vec<Suggestion>>> {
    let desk = me.desk()?;
    let typed = typed.q.trim();
    if typed.chars().count() < 2 {
        return Ok(Json(Vec::new()));
    }
    let found = store::search_companies(&mut *desk.read().await?, desk.reach(), typed).await?;
    let everywhere = desk.place().is_none();
    let suggestion = |company: CompanyRow| {
        let mut hints = Vec::new();
        hints.extend(everywhere.then_some(company.territory));
        hints.extend(company.siren.map(|siren| format!("SIREN {siren}")));
        Suggestion {
            value: company.id.to_string(),
            label: company.name,
            hint: hints.join(" · "),
        }
    };
    Ok(Json(found.into_iter().map(suggestion).collect()))
}
