//! On the tablet, a company that nobody expected: its name is typed, then it speaks like the others, among
//! the themes of the day.

use super::capture::{self, Taps};
use super::model::Workshop;
use super::{category_labels, paths, store};
use crate::companies::{self, Establishment};
use crate::flows::Flow;
use crate::kernel::ids::{EstablishmentId, WorkshopId};
use crate::platform::access::{Scope, Staff};
use crate::platform::web::{Errors, Form, OptionExt, Path, Result, clean};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sqlx::PgConnection;

/// Why it is on the list.
pub(super) const NEWCOMER: &str = "Venue le jour même";
const THEMES: usize = 8;

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct NewcomerForm {
    pub(super) name: String,
}

/// A company that nobody invited has come: it is on the list, and speaks.
pub(super) async fn welcome(
    me: Staff,
    Path(id): Path<WorkshopId>,
    Form(form): Form<NewcomerForm>,
) -> Result<Response> {
    let name = clean(&form.name);
    if name.is_empty() || name.chars().count() > 120 {
        let errors = Errors::one(
            "name",
            "Donnez le nom de l’entreprise, en 120 caractères au plus.",
        );
        return capture::answer(&me, id, (Taps::default(), form), errors).await;
    }
    let scope = me.scope()?;
    let speaker = me
        .transact(async |tx| -> Result<EstablishmentId> {
            let workshop = store::lock(tx, &scope, id).await?.or_not_found()?;
            let known = store::guests::named(tx, &workshop, &name).await?;
            let establishment = match known {
                Some(known) => known,
                None => {
                    let new = Establishment::named(workshop.territory_id, name.as_str());
                    companies::store::insert(tx, &scope, &new).await?;
                    new.id
                }
            };
            store::guests::welcome(tx, &workshop, establishment, NEWCOMER).await?;
            Ok(establishment)
        })
        .await?;
    let message = format!("{name} est sur la liste.");
    Ok(me
        .done(message, paths::capture_of(&id, &speaker, "offre"))
        .into_response())
}

/// The themes of the workshop, else what most proposals are about, less what these flows are.
pub(super) async fn themes(
    db: &mut PgConnection,
    scope: &Scope,
    (workshop, flows): (&Workshop, &[Flow]),
) -> Result<Vec<(String, String)>> {
    let mut codes = workshop.categories.clone();
    if codes.is_empty() {
        let open = store::themes::themes(db, scope).await?;
        codes = open
            .into_iter()
            .map(|theme| theme.category)
            .take(THEMES)
            .collect();
    }
    codes.retain(|code| !flows.iter().any(|flow| flow.category.as_ref() == Some(code)));
    let labels = category_labels(&codes);
    Ok(codes.into_iter().zip(labels).collect())
}
