//! Screen: the organisations of the instance, and the form of one.

use super::model::OrganisationKind;
use super::paths;
use super::store::{self, Organisation};
use crate::kernel::ids::OrganisationId;
use crate::platform::access::Administrator;
use crate::platform::journal::Event;
use crate::platform::web::{
    AppError, Choice, Clash, Errors, Form, Merge, OptionExt, Page, Path, Result, clean,
};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "territories/organisations.html")]
struct List {
    organisations: Vec<Organisation>,
}

pub(super) async fn list(me: Administrator) -> Result<Response> {
    let organisations = store::organisations(&mut *me.read().await?).await?;
    Ok(Page(List { organisations }).into_response())
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct OrganisationForm {
    id: String,
    version: String,
    name: String,
    kind: String,
    was_name: String,
    was_kind: String,
}

impl From<&Organisation> for OrganisationForm {
    fn from(stored: &Organisation) -> Self {
        Self {
            id: stored.id.to_string(),
            version: stored.version.to_string(),
            name: stored.name.clone(),
            kind: stored.kind.code().to_owned(),
            was_name: stored.name.clone(),
            was_kind: stored.kind.code().to_owned(),
        }
    }
}

impl OrganisationForm {
    fn parse(&self, id: OrganisationId) -> Result<Organisation, Errors> {
        let mut errors = Errors::default();
        let name = clean(&self.name);
        match name.chars().count() {
            0 => errors.add("name", "Indiquez le nom de l’organisation."),
            1..=120 => {}
            _ => errors.add("name", "Raccourcissez ce nom\u{a0}: 120 caractères au plus."),
        }
        let kind = OrganisationKind::parse(&self.kind);
        if kind.is_none() {
            errors.add("kind", "Choisissez la nature de l’organisation.");
        }
        match kind.filter(|_| errors.is_empty()) {
            Some(kind) => Ok(Organisation {
                id,
                name,
                kind,
                version: self.version.parse().unwrap_or(0),
            }),
            None => Err(errors),
        }
    }

    /// Takes in what somebody else saved since this form was shown.
    fn merge(&mut self, stored: &Organisation) -> Vec<Clash> {
        let mut merge = Merge::default();
        let (kind, was_kind) = (stored.kind.code(), self.was_kind.clone());
        merge.text("Nom", &mut self.name, &stored.name, &self.was_name);
        merge.field("Nature", &mut self.kind, kind, &was_kind, |code| {
            OrganisationKind::parse(code).map_or_else(String::new, |k| k.label().to_owned())
        });
        self.version = stored.version.to_string();
        self.was_name.clone_from(&stored.name);
        kind.clone_into(&mut self.was_kind);
        merge.clashes
    }
}

#[derive(Template)]
#[template(path = "territories/organisation.html")]
struct Edit {
    form: OrganisationForm,
    errors: Errors,
    clashes: Vec<Clash>,
    title: String,
    action: String,
}

impl Edit {
    fn new(form: OrganisationForm, errors: Errors) -> Self {
        Self {
            title: "Nouvelle organisation".to_owned(),
            action: paths::NEW_ORGANISATION.to_owned(),
            form,
            errors,
            clashes: Vec::new(),
        }
    }
    fn of(stored: &Organisation, form: OrganisationForm, errors: Errors, clashes: Vec<Clash>) -> Self {
        Self {
            title: stored.name.clone(),
            action: paths::organisation(&stored.id),
            form,
            errors,
            clashes,
        }
    }
    fn kinds(&self) -> Vec<Choice> {
        let kinds = OrganisationKind::ALL.into_iter();
        kinds.map(|kind| Choice::new(kind.code(), kind.label())).collect()
    }
    fn answer(self) -> Response {
        let status = match (self.errors.is_empty(), self.clashes.is_empty()) {
            (false, _) => StatusCode::UNPROCESSABLE_ENTITY,
            (true, false) => StatusCode::CONFLICT,
            (true, true) => StatusCode::OK,
        };
        (status, Page(self)).into_response()
    }
}

pub(super) async fn start(_: Administrator) -> Result<Response> {
    let form = OrganisationForm {
        id: OrganisationId::fresh().to_string(),
        ..OrganisationForm::default()
    };
    Ok(Edit::new(form, Errors::default()).answer())
}

pub(super) async fn create(me: Administrator, Form(form): Form<OrganisationForm>) -> Result<Response> {
    let id = form.id.parse().unwrap_or_else(|_| OrganisationId::fresh());
    let organisation = match form.parse(id) {
        Ok(organisation) => organisation,
        Err(errors) => return Ok(Edit::new(form, errors).answer()),
    };
    let added = me
        .transact(async |tx| -> Result<()> {
            if !store::insert_organisation(tx, &organisation).await? {
                tx.nothing_to_record();
                return Ok(());
            }
            let event = Event::on("organisation", id, "organisation ajoutée").after(&organisation);
            Ok(tx.record(event).await?)
        })
        .await;
    match added.map_err(taken) {
        Ok(()) => Ok(me
            .done(
                format!("«\u{a0}{}\u{a0}» est ajoutée.", organisation.name),
                paths::ORGANISATIONS,
            )
            .into_response()),
        Err(AppError::Refused(errors)) => Ok(Edit::new(form, errors).answer()),
        Err(other) => Err(other),
    }
}

fn taken(error: AppError) -> AppError {
    error.on_constraint(
        "organisations_name_key",
        "name",
        "Une organisation porte déjà ce nom.",
    )
}

pub(super) async fn show(me: Administrator, Path(id): Path<OrganisationId>) -> Result<Response> {
    let stored = store::find_organisation(&mut *me.read().await?, id)
        .await?
        .or_not_found()?;
    let form = OrganisationForm::from(&stored);
    Ok(Edit::of(&stored, form, Errors::default(), Vec::new()).answer())
}

pub(super) async fn save(
    me: Administrator,
    Path(id): Path<OrganisationId>,
    Form(mut form): Form<OrganisationForm>,
) -> Result<Response> {
    let stored = store::find_organisation(&mut *me.read().await?, id)
        .await?
        .or_not_found()?;
    let clashes = if form.version == stored.version.to_string() {
        Vec::new()
    } else {
        form.merge(&stored)
    };
    let organisation = match form.parse(id) {
        Ok(organisation) if clashes.is_empty() => organisation,
        Ok(_) => return Ok(Edit::of(&stored, form, Errors::default(), clashes).answer()),
        Err(errors) => return Ok(Edit::of(&stored, form, errors, clashes).answer()),
    };
    let saved = me
        .transact(async |tx| -> Result<()> {
            if store::save_organisation(tx, &organisation).await? == 0 {
                return Err(AppError::Conflict(
                    "Quelqu’un vient d’enregistrer cette organisation.".to_owned(),
                ));
            }
            let event = Event::on("organisation", id, "organisation modifiée")
                .before(&stored)
                .after(&organisation);
            Ok(tx.record(event).await?)
        })
        .await;
    match saved.map_err(taken) {
        Ok(()) => Ok(me
            .done(
                format!("«\u{a0}{}\u{a0}» est enregistrée.", organisation.name),
                paths::ORGANISATIONS,
            )
            .into_response()),
        Err(AppError::Refused(errors)) => Ok(Edit::of(&stored, form, errors, clashes).answer()),
        Err(other) => Err(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_a_kind_are_needed() {
        let id = OrganisationId::fresh();
        let errors = OrganisationForm::default().parse(id).unwrap_err();
        assert!(errors.has("name") && errors.has("kind"));
        let form = OrganisationForm {
            name: "  Chambre   d’essai ".to_owned(),
            kind: "cci".to_owned(),
            ..OrganisationForm::default()
        };
        assert_eq!(form.parse(id).unwrap().name, "Chambre d’essai");
    }
}
