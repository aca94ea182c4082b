//! Screen: a territory's name, communes and settings, for the administrator; its zones are `zones`.

use super::model::{self, Commune, Zone};
use super::store::{self, Territory};
use super::{paths, zones::ZoneForm};
use crate::kernel::Position;
use crate::kernel::ids::TerritoryId;
use crate::platform::access::Administrator;
use crate::platform::journal::Event;
use crate::platform::web::{
    AppError, Clash, Errors, Form, Merge, OptionExt, Page, Path, Result, clean, filters, merged_set,
};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct TerritoryForm {
    id: String,
    version: String,
    name: String,
    communes: String,
    freshness: String,
    establishments: String,
    /// « true » when ticked.
    offline: String,
    was_name: String,
    was_communes: String,
    was_freshness: String,
    was_establishments: String,
    was_offline: String,
}

/// What the form asks for.
struct Wish {
    name: String,
    freshness_months: i32,
    establishments: Option<i32>,
    allows_offline: bool,
}

/// A territory as the journal keeps it.
#[derive(Serialize)]
struct Snapshot<'t> {
    #[serde(flatten)]
    territory: &'t Territory,
    communes: Vec<String>,
}

impl<'t> Snapshot<'t> {
    fn new(territory: &'t Territory, communes: &[Commune]) -> Self {
        let communes = communes.iter().map(Commune::line).collect();
        Self { territory, communes }
    }
}

impl TerritoryForm {
    pub(super) fn of(stored: &Territory, communes: &[Commune]) -> Self {
        let establishments = stored.establishments.map(|n| n.to_string()).unwrap_or_default();
        let offline = if stored.allows_offline { "true" } else { "" };
        Self {
            id: stored.id.to_string(),
            version: stored.version.to_string(),
            communes: lines(communes),
            was_communes: codes(communes).join(" "),
            freshness: stored.freshness_months.to_string(),
            was_freshness: stored.freshness_months.to_string(),
            was_establishments: establishments.clone(),
            establishments,
            offline: offline.to_owned(),
            was_offline: offline.to_owned(),
            name: stored.name.clone(),
            was_name: stored.name.clone(),
        }
    }

    fn parse(&self, errors: &mut Errors) -> Option<Wish> {
        let name = clean(&self.name);
        match name.chars().count() {
            0 => errors.add(
                "name",
                "Indiquez le nom du territoire, par exemple Pays Vendômois.",
            ),
            1..=120 => {}
            _ => errors.add("name", "Raccourcissez ce nom\u{a0}: 120 caractères au plus."),
        }
        let freshness_months = whole(&self.freshness).filter(|months| (1..=120).contains(months));
        if freshness_months.is_none() {
            errors.add(
                "freshness",
                "Indiquez un nombre de mois de 1 à 120, par exemple 24.",
            );
        }
        let establishments = whole(&self.establishments).filter(|number| *number > 0);
        if establishments.is_none() && !self.establishments.trim().is_empty() {
            errors.add(
                "establishments",
                "Indiquez un nombre entier, par exemple 1 900, ou laissez vide.",
            );
        }
        Some(Wish {
            name,
            freshness_months: freshness_months?,
            establishments,
            allows_offline: self.offline == "true",
        })
    }

    /// Takes in what somebody else saved since this form was shown; communes merge as a set.
    fn merge(&mut self, stored: &Territory, theirs: &[Commune], mine: &mut Vec<Commune>) -> Vec<Clash> {
        let now = Self::of(stored, theirs);
        let mut merge = Merge::default();
        merge.text("Nom", &mut self.name, &now.name, &self.was_name);
        merge.text(
            "Fraîcheur, mois",
            &mut self.freshness,
            &now.freshness,
            &self.was_freshness,
        );
        merge.text(
            "Établissements du périmètre",
            &mut self.establishments,
            &now.establishments,
            &self.was_establishments,
        );
        let original: Vec<_> = self.was_communes.split(' ').map(str::to_owned).collect();
        merge.text(
            "Saisie hors connexion",
            &mut self.offline,
            &now.offline,
            &self.was_offline,
        );
        let kept = merged_set(&codes(mine), &codes(theirs), &original);
        let known = theirs.iter().chain(mine.iter()).cloned().collect::<Vec<_>>();
        *mine = kept
            .iter()
            .filter_map(|insee| known.iter().find(|c| c.insee == *insee).cloned())
            .collect();
        *self = Self {
            name: self.name.clone(),
            freshness: self.freshness.clone(),
            establishments: self.establishments.clone(),
            offline: self.offline.clone(),
            communes: lines(mine),
            ..now
        };
        merge.clashes
    }
}

fn lines(communes: &[Commune]) -> String {
    communes.iter().map(Commune::line).collect::<Vec<_>>().join("\n")
}

fn codes(communes: &[Commune]) -> Vec<String> {
    communes.iter().map(|c| c.insee.clone()).collect()
}

/// A whole number, spaces allowed.
fn whole(typed: &str) -> Option<i32> {
    let digits: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    digits.parse().ok()
}

/// The communes of the form, and what is wrong with them by the field.
async fn communes(db: &mut PgConnection, form: &TerritoryForm, errors: &mut Errors) -> Result<Vec<Commune>> {
    let lines = model::commune_lines(&form.communes);
    let known = store::possible_communes(db, &lines).await?;
    let (found, refusals) = model::resolve_communes(&lines, &known);
    if lines.is_empty() {
        errors.add("communes", "Indiquez au moins une commune.");
    }
    for refusal in refusals {
        errors.add("communes", refusal);
    }
    Ok(found)
}

fn centre(communes: &[Commune], errors: &mut Errors) -> Option<Position> {
    let centre = model::centre(communes);
    if centre.is_none() && errors.is_empty() {
        errors.add(
            "communes",
            "La position d’aucune de ces communes n’est connue\u{a0}: ajoutez-en une autre.",
        );
    }
    centre
}

/// What the page shows beside the form once the territory exists.
pub(super) struct Stored {
    pub(super) territory: Territory,
    pub(super) zones: Vec<Zone>,
}

#[derive(Template)]
#[template(path = "territories/edit.html")]
pub(super) struct Edit {
    pub(super) form: TerritoryForm,
    pub(super) errors: Errors,
    pub(super) clashes: Vec<Clash>,
    pub(super) stored: Option<Stored>,
    pub(super) zone: ZoneForm,
}

impl Edit {
    fn title(&self) -> &str {
        self.stored
            .as_ref()
            .map_or("Nouveau territoire", |stored| &stored.territory.name)
    }
    fn action(&self) -> String {
        let stored = self.stored.as_ref();
        stored.map_or_else(
            || paths::NEW_TERRITORY.to_owned(),
            |stored| paths::territory(&stored.territory.id),
        )
    }
    pub(super) fn answer(self) -> Response {
        let status = match (self.errors.is_empty(), self.clashes.is_empty()) {
            (false, _) => StatusCode::UNPROCESSABLE_ENTITY,
            (true, false) => StatusCode::CONFLICT,
            (true, true) => StatusCode::OK,
        };
        (status, Page(self)).into_response()
    }
    fn fresh(form: TerritoryForm, errors: Errors) -> Self {
        Self {
            form,
            errors,
            clashes: Vec::new(),
            stored: None,
            zone: ZoneForm::default(),
        }
    }
    /// The page of a territory as stored, with a blank zone.
    pub(super) async fn of(db: &mut PgConnection, id: TerritoryId) -> Result<Self> {
        let territory = store::find(db, id).await?.or_not_found()?;
        let communes = store::communes_of(db, id).await?;
        let zones = store::zones_of(db, id).await?;
        Ok(Self {
            form: TerritoryForm::of(&territory, &communes),
            errors: Errors::default(),
            clashes: Vec::new(),
            stored: Some(Stored { territory, zones }),
            zone: ZoneForm::blank(),
        })
    }
}

pub(super) async fn start(_: Administrator) -> Result<Response> {
    let form = TerritoryForm {
        id: TerritoryId::fresh().to_string(),
        freshness: "24".to_owned(),
        ..TerritoryForm::default()
    };
    Ok(Edit::fresh(form, Errors::default()).answer())
}

pub(super) async fn create(me: Administrator, Form(form): Form<TerritoryForm>) -> Result<Response> {
    let mut errors = Errors::default();
    let wish = form.parse(&mut errors);
    let communes = communes(&mut *me.read().await?, &form, &mut errors).await?;
    let centre = centre(&communes, &mut errors);
    let Some((wish, centre)) = wish.zip(centre).filter(|_| errors.is_empty()) else {
        return Ok(Edit::fresh(form, errors).answer());
    };
    let territory = Territory {
        id: form.id.parse().unwrap_or_else(|_| TerritoryId::fresh()),
        name: wish.name,
        is_demo: false,
        freshness_months: wish.freshness_months,
        latitude: centre.lat(),
        longitude: centre.lon(),
        establishments: wish.establishments,
        allows_offline: wish.allows_offline,
        version: 1,
    };
    let added = me
        .transact(async |tx| -> Result<()> {
            if !store::insert(tx, &territory, &codes(&communes)).await? {
                tx.nothing_to_record();
                return Ok(());
            }
            let event = Event::on("territory", territory.id, "territoire ajouté")
                .within(territory.id)
                .after(&Snapshot::new(&territory, &communes));
            Ok(tx.record(event).await?)
        })
        .await;
    match added.map_err(taken) {
        Ok(()) => Ok(me
            .done(
                format!(
                    "«\u{a0}{}\u{a0}» est ajouté. Donnez-lui ses zones d’activités.",
                    territory.name
                ),
                paths::territory(&territory.id),
            )
            .into_response()),
        Err(AppError::Refused(errors)) => Ok(Edit::fresh(form, errors).answer()),
        Err(other) => Err(other),
    }
}

fn taken(error: AppError) -> AppError {
    error.on_constraint("territories_name_key", "name", "Un territoire porte déjà ce nom.")
}

pub(super) async fn show(me: Administrator, Path(id): Path<TerritoryId>) -> Result<Response> {
    Ok(Edit::of(&mut *me.read().await?, id).await?.answer())
}

pub(super) async fn save(
    me: Administrator,
    Path(id): Path<TerritoryId>,
    Form(mut form): Form<TerritoryForm>,
) -> Result<Response> {
    let mut db = me.read().await?;
    let stored = store::find(&mut db, id).await?.or_not_found()?;
    let before = store::communes_of(&mut db, id).await?;
    let mut page = Edit::of(&mut db, id).await?;
    let mut errors = Errors::default();
    let mut communes = communes(&mut db, &form, &mut errors).await?;
    drop(db);
    if errors.is_empty() && form.version != stored.version.to_string() {
        page.clashes = form.merge(&stored, &before, &mut communes);
    }
    let wish = form.parse(&mut errors);
    let centre = centre(&communes, &mut errors);
    page.form = form;
    page.errors = errors;
    let ready = page.errors.is_empty() && page.clashes.is_empty();
    let Some((wish, centre)) = wish.zip(centre).filter(|_| ready) else {
        return Ok(page.answer());
    };
    let territory = Territory {
        name: wish.name,
        freshness_months: wish.freshness_months,
        latitude: centre.lat(),
        longitude: centre.lon(),
        establishments: wish.establishments,
        allows_offline: wish.allows_offline,
        ..stored.clone()
    };
    let saved = me
        .transact(async |tx| -> Result<()> {
            if store::save(tx, &territory).await? == 0 {
                let sentence = "Quelqu’un vient d’enregistrer ce territoire.";
                return Err(AppError::Conflict(sentence.to_owned()));
            }
            store::set_communes(tx, id, &codes(&communes)).await?;
            let event = Event::on("territory", id, "territoire modifié")
                .within(id)
                .before(&Snapshot::new(&stored, &before))
                .after(&Snapshot::new(&territory, &communes));
            Ok(tx.record(event).await?)
        })
        .await;
    match saved.map_err(taken) {
        Ok(()) => Ok(me
            .done(
                format!("«\u{a0}{}\u{a0}» est enregistré.", territory.name),
                paths::territory(&id),
            )
            .into_response()),
        Err(AppError::Refused(errors)) => Ok(Edit { errors, ..page }.answer()),
        Err(other) => Err(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wrong_field_is_told() {
        let mut errors = Errors::default();
        let form = TerritoryForm {
            freshness: "deux ans".to_owned(),
            establishments: "0".to_owned(),
            ..TerritoryForm::default()
        };
        assert!(form.parse(&mut errors).is_none());
        assert!(errors.has("name") && errors.has("freshness") && errors.has("establishments"));
        assert_eq!(whole("1\u{a0}900"), Some(1_900));
        assert_eq!(whole(""), None);
    }
}
