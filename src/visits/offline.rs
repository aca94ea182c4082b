//! A visit prepared for where there is no network: the page is kept by the browser of the person who
//! asks, when the administrator of the territory allows it. What is typed there comes back through
//! `autosave`, under the same rules. The browser's part is `static/offline.js`.

use super::cells::Field;
use super::questionnaire::SECTIONS;
use super::store;
use crate::kernel::ids::VisitId;
use crate::nomenclature::Catalogue;
use crate::platform::App;
use crate::platform::access::Staff;
use crate::platform::journal::Event;
use crate::platform::web::{AppError, OptionExt, Path, Result, kept_for};
use crate::territories;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::collections::BTreeMap;

/// « Je prépare hors connexion »: noted in the journal, and in the browser for whom it keeps.
pub(super) async fn prepare(me: Staff, State(app): State<App>, Path(id): Path<VisitId>) -> Result<Response> {
    let scope = me.scope()?;
    me.transact(async |tx| -> Result<()> {
        let visit = store::find(tx, &scope, id).await?.or_not_found()?;
        let territory = territories::store::find(tx, visit.territory_id).await?;
        if !territory.or_not_found()?.allows_offline {
            return Err(AppError::Conflict(
                "La préparation hors connexion n’est pas permise sur ce territoire.".to_owned(),
            ));
        }
        let event = Event::on("visit", id, "visite préparée hors connexion");
        Ok(tx.record(event.within(visit.territory_id)).await?)
    })
    .await?;
    Ok(kept_for(&app, StatusCode::NO_CONTENT.into_response(), me.user()))
}

/// What each cell is called, for those that can no longer be recorded.
pub(super) fn titles() -> String {
    let fields = Field::ALL.map(|field| (field.name(), field.title()));
    let questions = SECTIONS.iter().flat_map(|section| section.questions);
    let questions = questions.map(|question| (question.code, question.label));
    let titles: BTreeMap<_, _> = fields.into_iter().chain(questions).collect();
    serde_json::to_string(&titles).unwrap_or_default()
}

/// A category as the field of a name proposes it, with every word that leads to it.
#[derive(Serialize)]
pub(super) struct Word {
    value: &'static str,
    label: &'static str,
    hint: String,
    words: &'static [String],
}

/// The nomenclature, for suggestions without a network.
pub(super) async fn nomenclature(_: Staff) -> Json<Vec<Word>> {
    let words = Catalogue::embedded().categories().iter().map(|category| Word {
        value: category.code.as_str(),
        label: &category.label,
        hint: format!("{} · {}", category.code, category.unit),
        words: &category.synonyms,
    });
    Json(words.collect())
}
