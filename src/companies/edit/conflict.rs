//! Two people corrected the same sheet: merging what differs apart, and the screen that puts the
//! rest to the second one, with three values per field.

use super::form::{self, References};
use super::{Establishment, commune_of, paths};
use crate::companies::model::PositionSource;
use crate::platform::access::Staff;
use crate::platform::journal;
use crate::platform::web::{AppError, Page, Result, filters};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};

/// One thing that can be changed alone.
pub(super) struct Field {
    /// The field of the form by which the choice is posted.
    name: &'static str,
    label: &'static str,
    same: fn(&Establishment, &Establishment) -> bool,
    copy: fn(&Establishment, &mut Establishment),
}

macro_rules! fields {
    ($($name:literal $label:literal [$($part:ident),+];)*) => {
        const FIELDS: &[Field] = &[$(Field {
            name: $name,
            label: $label,
            same: |one, other| $(one.$part == other.$part)&&+,
            copy: |from, to| { $(to.$part = from.$part.clone();)+ },
        },)*];
    };
}

fields! {
    "siret" "SIRET" [siret];
    "name" "Nom" [name];
    "naf_typed" "Activité (NAF)" [naf];
    "activity" "Activité en clair" [activity];
    "headcount" "Effectif" [headcount];
    "address" "Adresse" [address];
    "commune_typed" "Commune" [insee, postal_code];
    "zone" "Zone d’activités" [zone_id];
    "position" "Position" [latitude, longitude, position_source];
    "charter" "Charte signée le" [charter_signed_on];
    "notes" "Notes" [notes];
}

/// What the sheet was when the form was opened.
pub(super) struct Base {
    pub(super) establishment: Establishment,
    /// Who saved since, and when.
    saved_by: Option<(String, DateTime<Utc>)>,
}

/// The sheet of that version: the current one, or the one that the journal kept.
pub(super) async fn base(me: &Staff, current: &Establishment, version: &str) -> Result<Base> {
    if version == current.version.to_string() {
        return Ok(Base {
            establishment: current.clone(),
            saved_by: None,
        });
    }
    let lines = journal::store::about(&mut *me.read().await?, current.id.uuid(), 100).await?;
    let saved_by = lines.first().map(|line| (line.author.clone(), line.at));
    let mut kept = lines
        .into_iter()
        .filter_map(|line| serde_json::from_value::<Establishment>(line.before?).ok());
    match kept.find(|before| before.version.to_string() == version) {
        Some(establishment) => Ok(Base { establishment, saved_by }),
        None => Err(AppError::Conflict(
            "Cette fiche a trop changé depuis que vous l’avez ouverte. Revenez en arrière pour copier votre saisie, puis rouvrez la fiche.".to_owned(),
        )),
    }
}

/// The stored sheet with what only I changed, and what we both changed differently.
pub(super) fn merge(
    base: &Establishment,
    mine: &Establishment,
    stored: &Establishment,
) -> (Establishment, Vec<&'static Field>) {
    let mut merged = stored.clone();
    let mut differences = Vec::new();
    for field in FIELDS {
        let i_changed = !(field.same)(base, mine);
        let they_changed = !(field.same)(base, stored);
        if i_changed && they_changed && !(field.same)(mine, stored) {
            differences.push(field);
        }
        if i_changed {
            (field.copy)(mine, &mut merged);
        }
    }
    // A default position only follows from the zone and commune: a hand's wins, whoever's it is.
    if !is_placed(mine) || !is_placed(stored) {
        differences.retain(|field| field.name != "position");
    }
    if is_placed(stored) && !is_placed(mine) {
        (merged.latitude, merged.longitude) = (stored.latitude, stored.longitude);
        merged.position_source = stored.position_source;
    }
    (merged, differences)
}

fn is_placed(e: &Establishment) -> bool {
    matches!(
        e.position_source,
        Some(PositionSource::Manual | PositionSource::Import)
    )
}

/// One value, as posted and as read.
struct Value {
    typed: String,
    shown: String,
}

struct Difference {
    name: &'static str,
    label: &'static str,
    mine: Value,
    stored: Value,
    original: String,
}

#[derive(Template)]
#[template(path = "companies/conflict.html")]
struct Conflict {
    establishment: Establishment,
    saved_by: Option<(String, DateTime<Utc>)>,
    differences: Vec<Difference>,
    /// The rest of the form, posted as it is.
    kept: Vec<(&'static str, String)>,
}

/// 409: the values of each field changed twice, and the choice.
pub(super) async fn page(
    me: &Staff,
    base: &Base,
    mine: &Establishment,
    stored: &Establishment,
    fields: Vec<&'static Field>,
    references: &References,
) -> Result<Response> {
    let mut forms = Vec::new();
    for establishment in [mine, stored, &base.establishment] {
        let mut db = me.read().await?;
        let commune = commune_of(&mut db, establishment.insee.as_ref()).await?;
        forms.push(form::Form::of(establishment, commune.as_ref()));
    }
    let (merged, _) = merge(&base.establishment, mine, stored);
    let commune = commune_of(&mut *me.read().await?, merged.insee.as_ref()).await?;
    let rest = form::Form::of(&merged, commune.as_ref());
    let differences = fields
        .iter()
        .map(|field| Difference {
            name: field.name,
            label: field.label,
            mine: value(field.name, &forms[0], references),
            stored: value(field.name, &forms[1], references),
            original: value(field.name, &forms[2], references).shown,
        })
        .collect();
    let kept = FIELDS
        .iter()
        .filter(|field| !fields.iter().any(|chosen| chosen.name == field.name))
        // Left out, a default position is found again from the zone and commune chosen.
        .filter(|field| field.name != "position" || is_placed(&merged))
        .map(|field| (field.name, typed(field.name, &rest)))
        .collect();
    let page = Conflict {
        establishment: stored.clone(),
        saved_by: base.saved_by.clone(),
        differences,
        kept,
    };
    Ok((StatusCode::CONFLICT, Page(page)).into_response())
}

fn typed(field: &str, form: &form::Form) -> String {
    match field {
        "siret" => form.siret.clone(),
        "name" => form.name.clone(),
        "naf_typed" => form.naf_typed.clone(),
        "activity" => form.activity.clone(),
        "headcount" => form.headcount.clone(),
        "address" => form.address.clone(),
        "commune_typed" => form.commune_typed.clone(),
        "zone" => form.zone.clone(),
        "position" if form.lat.is_empty() => String::new(),
        "position" => format!("{} {}", form.lat, form.lon),
        "charter" => form.charter.clone(),
        _ => form.notes.clone(),
    }
}

fn value(field: &str, form: &form::Form, references: &References) -> Value {
    let typed = typed(field, form);
    let shown = match field {
        "headcount" => super::Headcount::parse(&typed).map(|band| band.label().to_owned()),
        "zone" => references
            .zones
            .iter()
            .find(|zone| zone.id.to_string() == typed)
            .map(|zone| zone.name.clone()),
        _ => Some(typed.clone()).filter(|text| !text.is_empty()),
    };
    Value {
        typed,
        shown: shown.unwrap_or_else(|| "non renseigné".to_owned()),
    }
}
