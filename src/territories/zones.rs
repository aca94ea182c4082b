//! Screen: the activity zones of a territory, on its page.

use super::edit::Edit;
use super::model::{self, Commune, Zone};
use super::{paths, store};
use crate::kernel::Position;
use crate::kernel::ids::{TerritoryId, ZoneId};
use crate::platform::access::Administrator;
use crate::platform::journal::Event;
use crate::platform::web::{AppError, Errors, Form, OptionExt, Path, Result, clean};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sqlx::PgConnection;

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct ZoneForm {
    pub(super) zone_id: String,
    pub(super) zone_name: String,
    pub(super) zone_commune: String,
    pub(super) zone_commune_typed: String,
    pub(super) zone_latitude: String,
    pub(super) zone_longitude: String,
}

impl ZoneForm {
    pub(super) fn blank() -> Self {
        Self {
            zone_id: ZoneId::fresh().to_string(),
            ..Self::default()
        }
    }

    /// Where the zone is: as typed, else where its commune is.
    fn position(&self, commune: Option<&Commune>, errors: &mut Errors) -> Option<Position> {
        let typed = [&self.zone_latitude, &self.zone_longitude].map(|t| t.trim());
        if typed == ["", ""] {
            let position = commune.and_then(Commune::position);
            if position.is_none() && !errors.has("zone_commune") {
                errors.add(
                    "zone_commune",
                    "Indiquez la commune de la zone, ou ses coordonnées.",
                );
            }
            return position;
        }
        let [latitude, longitude] = typed.map(degrees);
        for (field, value) in [("zone_latitude", latitude), ("zone_longitude", longitude)] {
            if value.is_none() {
                errors.add(field, "Indiquez des degrés décimaux, par exemple 47,79.");
            }
        }
        let position = Position::new(latitude?, longitude?);
        errors.take("zone_latitude", position)
    }
}

/// Degrees as typed, with a comma or a point, west and south negative.
fn degrees(typed: &str) -> Option<f64> {
    typed.replace(',', ".").replace('−', "-").parse().ok()
}

async fn commune(db: &mut PgConnection, form: &ZoneForm, errors: &mut Errors) -> Result<Option<Commune>> {
    let words = if form.zone_commune.is_empty() {
        &form.zone_commune_typed
    } else {
        &form.zone_commune
    };
    let lines = model::commune_lines(words);
    let chosen = store::possible_communes(db, &lines).await?;
    if !form.zone_commune.is_empty() {
        return Ok(chosen.into_iter().find(|c| c.insee == form.zone_commune));
    }
    let (found, refusals) = model::resolve_communes(&lines, &chosen);
    match (found.as_slice(), refusals.first()) {
        ([], None) => Ok(None),
        ([one], None) => Ok(Some(one.clone())),
        ([_, _, ..], None) => {
            errors.add("zone_commune", "Indiquez une seule commune.");
            Ok(None)
        }
        (_, Some(_)) => {
            errors.add(
                "zone_commune",
                "Aucune commune, ou plusieurs, portent ce nom\u{a0}: ajoutez le code postal.",
            );
            Ok(None)
        }
    }
}

pub(super) async fn add(
    me: Administrator,
    Path(id): Path<TerritoryId>,
    Form(form): Form<ZoneForm>,
) -> Result<Response> {
    let mut db = me.read().await?;
    store::find(&mut db, id).await?.or_not_found()?;
    let zone_id: ZoneId = form.zone_id.parse().unwrap_or_else(|_| ZoneId::fresh());
    if store::has_zone(&mut db, zone_id).await? {
        return Ok(me
            .done("Cette zone est déjà ajoutée.", paths::territory(&id))
            .into_response());
    }
    let mut errors = Errors::default();
    let name = clean(&form.zone_name);
    if name.is_empty() || name.chars().count() > 120 {
        errors.add(
            "zone_name",
            "Indiquez le nom de la zone, en 120 caractères au plus.",
        );
    }
    let commune = commune(&mut db, &form, &mut errors).await?;
    let position = form.position(commune.as_ref(), &mut errors);
    let Some(position) = position.filter(|_| errors.is_empty()) else {
        return refused(&mut db, id, form, errors).await;
    };
    drop(db);
    let zone = Zone {
        id: zone_id,
        name,
        latitude: position.lat(),
        longitude: position.lon(),
    };
    let added = me
        .transact(async |tx| -> Result<()> {
            store::insert_zone(tx, id, &zone, commune.as_ref().map(|c| c.insee.as_str())).await?;
            let event = Event::on("territory", id, "zone d’activités ajoutée")
                .within(id)
                .after(&zone);
            Ok(tx.record(event).await?)
        })
        .await;
    let twice = "Une zone de ce territoire porte déjà ce nom.";
    match added.map_err(|e| e.on_constraint("activity_zones_name_key", "zone_name", twice)) {
        Ok(()) => Ok(me
            .done(
                format!("«\u{a0}{}\u{a0}» est ajoutée.", zone.name),
                paths::territory(&id),
            )
            .into_response()),
        Err(AppError::Refused(errors)) => refused(&mut *me.read().await?, id, form, errors).await,
        Err(other) => Err(other),
    }
}

async fn refused(db: &mut PgConnection, id: TerritoryId, zone: ZoneForm, errors: Errors) -> Result<Response> {
    let page = Edit::of(db, id).await?;
    Ok(Edit { zone, errors, ..page }.answer())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RemovalForm {
    zone: String,
}

pub(super) async fn remove(
    me: Administrator,
    Path(id): Path<TerritoryId>,
    Form(form): Form<RemovalForm>,
) -> Result<Response> {
    let zone_id: ZoneId = form.zone.parse().map_err(|_| AppError::NotFound)?;
    let removed = me
        .transact(async |tx| -> Result<Zone> {
            let zone = store::delete_zone(tx, id, zone_id).await?.or_not_found()?;
            let event = Event::on("territory", id, "zone d’activités retirée")
                .within(id)
                .before(&zone);
            tx.record(event).await?;
            Ok(zone)
        })
        .await;
    let used = "Des entreprises sont rattachées à cette zone\u{a0}: déplacez-les d’abord.";
    match removed.map_err(|e| e.on_constraint("establishments_zone_id_fkey", "", used)) {
        Ok(zone) => Ok(me
            .done(
                format!("«\u{a0}{}\u{a0}» est retirée.", zone.name),
                paths::territory(&id),
            )
            .into_response()),
        Err(AppError::Refused(errors)) => {
            refused(&mut *me.read().await?, id, ZoneForm::blank(), errors).await
        }
        Err(other) => Err(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_where_it_says_else_where_its_commune_is() {
        let at = |latitude: &str, longitude: &str| {
            let mut errors = Errors::default();
            let form = ZoneForm {
                zone_latitude: latitude.to_owned(),
                zone_longitude: longitude.to_owned(),
                ..ZoneForm::default()
            };
            let position = form.position(None, &mut errors);
            (
                position.map(|p| (p.lat(), p.lon())),
                errors.summary().into_iter().map(|e| e.0).collect::<Vec<_>>(),
            )
        };
        assert_eq!(at("47,79", "-1.07"), (Some((47.79, -1.07)), vec![]));
        assert_eq!(at("", "").1, ["zone_commune"]);
        assert_eq!(at("nord", "").1, ["zone_latitude", "zone_longitude"]);
        assert_eq!(at("95", "1").1, ["zone_latitude"]);
    }
}
