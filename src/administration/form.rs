//! Screen: inviting a person, changing who they are and which roles they hold.

use super::change::{Change, open};
use super::desk::{Act, Desk, Keeper};
use super::offer::{Offer, find_company};
use super::person::{Link, token};
use super::store::{self, Person};
use crate::accounts::store::NewUser;
use crate::accounts::{Email, Speciality};
use crate::kernel::ids::{CompanyId, OrganisationId, TerritoryId, UserId};
use crate::platform::App;
use crate::platform::access::Role;
use crate::platform::web::{
    AppError, Choice, Clash, Errors, Form, Merge, OptionExt, Page, Path, Result, clean, merged_set,
};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// `roles` holds tokens (`person::token`), companies included; `company` one more, found by typing.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct PersonForm {
    id: String,
    version: String,
    name: String,
    email: String,
    organisation: String,
    specialities: Vec<String>,
    pub(super) roles: Vec<String>,
    pub(super) company: String,
    pub(super) company_typed: String,
    was_name: String,
    was_email: String,
    was_organisation: String,
    was_specialities: String,
    pub(super) was_roles: String,
}

impl PersonForm {
    fn of(person: &Person) -> Self {
        let organisation = person
            .organisation_id
            .map(|id| id.to_string())
            .unwrap_or_default();
        let roles: Vec<_> = person.roles.iter().map(|held| token(&held.grant())).collect();
        Self {
            id: person.id.to_string(),
            version: person.version.to_string(),
            name: person.name.clone(),
            email: person.email.clone(),
            was_name: person.name.clone(),
            was_email: person.email.clone(),
            was_organisation: organisation.clone(),
            organisation,
            was_specialities: person.specialities.join(" "),
            specialities: person.specialities.clone(),
            was_roles: roles.join(" "),
            roles,
            ..Self::default()
        }
    }

    /// Who the person is, without their roles.
    fn parse(&self, id: UserId, organisations: &[Choice], errors: &mut Errors) -> Option<NewUser> {
        let name = clean(&self.name);
        match name.chars().count() {
            0 => errors.add("name", "Indiquez le prénom et le nom."),
            1..=120 => {}
            _ => errors.add("name", "Raccourcissez ce nom\u{a0}: 120 caractères au plus."),
        }
        let email = errors.take("email", Email::parse(&self.email));
        let organisation = self.organisation.trim();
        if !organisation.is_empty() && !organisations.iter().any(|choice| choice.value == organisation) {
            errors.add("organisation", "Choisissez une organisation de la liste.");
        }
        let specialities: Option<Vec<_>> = self.specialities.iter().map(|s| Speciality::parse(s)).collect();
        if specialities.is_none() {
            errors.add("specialities", "Choisissez des spécialités de la liste.");
        }
        Some(NewUser {
            id,
            email: email?,
            name,
            organisation: organisation.parse::<OrganisationId>().ok(),
            specialities: specialities?,
            password_hash: None,
        })
    }

    /// Takes in what somebody else saved since this form was shown; sets merge without clash.
    fn merge(&mut self, person: &Person, organisations: &[Choice]) -> Vec<Clash> {
        let now = Self::of(person);
        let mut merge = Merge::default();
        merge.text("Nom", &mut self.name, &now.name, &self.was_name);
        merge.text(
            "Adresse électronique",
            &mut self.email,
            &now.email,
            &self.was_email,
        );
        let named = |id: &str| {
            let known = organisations.iter().find(|choice| choice.value == id);
            known.map_or_else(|| "sans organisation".to_owned(), |choice| choice.label.clone())
        };
        merge.field(
            "Organisation",
            &mut self.organisation,
            &now.organisation,
            &self.was_organisation,
            named,
        );
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        self.specialities = merged_set(
            &self.specialities,
            &now.specialities,
            &words(&self.was_specialities),
        );
        self.roles = merged_set(&self.roles, &now.roles, &words(&self.was_roles));
        *self = Self {
            name: self.name.clone(),
            email: self.email.clone(),
            organisation: self.organisation.clone(),
            specialities: self.specialities.clone(),
            roles: self.roles.clone(),
            company: self.company.clone(),
            company_typed: self.company_typed.clone(),
            ..now
        };
        merge.clashes
    }

    /// Who the person is stays as stored, whatever was sent; only roles are asked.
    fn only_roles(self, stored: &Person) -> Self {
        Self {
            version: self.version,
            roles: self.roles,
            was_roles: self.was_roles,
            company: self.company,
            company_typed: self.company_typed,
            ..Self::of(stored)
        }
    }

    pub(super) fn company_ids(&self) -> Vec<CompanyId> {
        let ticked = self
            .roles
            .iter()
            .filter_map(|token| token.strip_prefix("company:"));
        ticked
            .chain([self.company.as_str()])
            .filter_map(|id| id.parse().ok())
            .collect()
    }
}

#[derive(Template)]
#[template(path = "administration/form.html")]
struct Edit {
    desk: Desk,
    form: PersonForm,
    offer: Offer,
    errors: Errors,
    clashes: Vec<Clash>,
    /// The person, once they have an account.
    known: Option<(UserId, String)>,
    /// The account itself may be changed from here, not only roles.
    owned: bool,
}

impl Edit {
    fn title(&self) -> &str {
        self.known.as_ref().map_or("Inviter quelqu’un", |(_, name)| name)
    }
    fn action(&self) -> String {
        let known = self.known.as_ref();
        known.map_or_else(
            || self.desk.fresh().to_owned(),
            |(id, _)| self.desk.path(Act::Edit, id),
        )
    }
    fn back(&self) -> String {
        let known = self.known.as_ref();
        known.map_or_else(
            || self.desk.list().to_owned(),
            |(id, _)| self.desk.path(Act::Show, id),
        )
    }
    fn specialities(&self) -> Vec<Choice> {
        let all = Speciality::ALL.into_iter();
        all.map(|s| Choice::new(s.code(), s.label())).collect()
    }
    fn token(role: &Role, territory: &TerritoryId) -> String {
        format!("{}:{territory}", role.code())
    }
    fn ticked(&self, token: &str) -> bool {
        self.form.roles.iter().any(|held| held == token)
    }
    /// Companies to keep or untick: those already held, not the one being typed.
    fn companies(&self) -> Vec<(String, String, bool)> {
        let listed = self.offer.companies.iter().map(|company| {
            let token = format!("company:{}", company.id);
            let label = match self.desk.place() {
                Some(_) => company.name.clone(),
                None => format!("{} ({})", company.name, company.territory),
            };
            let ticked = self.ticked(&token);
            let was = self.form.was_roles.split(' ').any(|held| held == token);
            (token, label, ticked, was)
        });
        listed
            .filter(|(_, _, ticked, was)| *ticked || *was)
            .map(|(token, label, ticked, _)| (token, label, ticked))
            .collect()
    }
    async fn apply(self, change: &Change) -> Result<Response> {
        let desk = &self.desk;
        let applied = desk.transact(async |tx| change.apply(desk, tx).await).await;
        match applied.map_err(taken) {
            Ok(still_here) => {
                let next = match (still_here, desk.user() == change.person.id) {
                    (true, _) => self.back(),
                    (false, true) => "/".to_owned(),
                    (false, false) => desk.list().to_owned(),
                };
                Ok(desk.done("Le compte est enregistré.", next).into_response())
            }
            Err(AppError::Refused(errors)) => Ok(Self { errors, ..self }.answer()),
            Err(other) => Err(other),
        }
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

pub(super) async fn start<K: Keeper>(me: K) -> Result<Response> {
    let desk = me.desk()?;
    let form = PersonForm {
        id: UserId::fresh().to_string(),
        ..PersonForm::default()
    };
    let offer = Offer::load(&mut *desk.read().await?, &desk, &form).await?;
    Ok(Edit {
        desk,
        form,
        offer,
        errors: Errors::default(),
        clashes: Vec::new(),
        known: None,
        owned: true,
    }
    .answer())
}

pub(super) async fn create<K: Keeper>(
    me: K,
    State(app): State<App>,
    Form(mut form): Form<PersonForm>,
) -> Result<Response> {
    let desk = me.desk()?;
    let mut errors = Errors::default();
    let mut db = desk.read().await?;
    form.was_roles.clear();
    find_company(&mut db, &desk, &mut form, &mut errors).await?;
    let offer = Offer::load(&mut db, &desk, &form).await?;
    drop(db);
    let id = form.id.parse().unwrap_or_else(|_| UserId::fresh());
    let person = form.parse(id, &offer.organisations, &mut errors);
    let grants = offer.grants(&desk, &form, &mut errors);
    if grants.is_empty() && !errors.has("roles") && !errors.has("company") {
        errors.add("roles", "Donnez au moins un rôle.");
    }
    let Some(person) = person.filter(|_| errors.is_empty()) else {
        return Ok(refused(desk, form, offer, errors));
    };
    let created = desk
        .transact(async |tx| open(&desk, tx, &person, &grants).await)
        .await;
    match created.map_err(taken) {
        Ok(Some(token)) => {
            let link = Link::new(desk, &app, (id, person.name), &token);
            Ok(Page(link.of_a_new_account()).into_response())
        }
        Ok(None) => {
            let message = "Ce compte est déjà créé. Si le lien est perdu, créez-en un autre ici.";
            Ok(desk.done(message, desk.path(Act::Show, &id)).into_response())
        }
        Err(AppError::Refused(errors)) => Ok(refused(desk, form, offer, errors)),
        Err(other) => Err(other),
    }
}

fn refused(desk: Desk, form: PersonForm, offer: Offer, errors: Errors) -> Response {
    let page = Edit {
        desk,
        form,
        offer,
        errors,
        clashes: Vec::new(),
        known: None,
        owned: true,
    };
    page.answer()
}

fn taken(error: AppError) -> AppError {
    error.on_constraint(
        "users_email_key",
        "email",
        "Un compte existe déjà pour cette adresse. Un administrateur peut lui donner d’autres rôles.",
    )
}

pub(super) async fn edit<K: Keeper>(me: K, Path(id): Path<UserId>) -> Result<Response> {
    let desk = me.desk()?;
    let mut db = desk.read().await?;
    let person = store::person(&mut db, desk.reach(), id).await?.or_not_found()?;
    let form = PersonForm::of(&person);
    let offer = Offer::load(&mut db, &desk, &form).await?;
    drop(db);
    Ok(Edit {
        owned: desk.reach().owns(&person.grants),
        desk,
        form,
        offer,
        errors: Errors::default(),
        clashes: Vec::new(),
        known: Some((id, person.name)),
    }
    .answer())
}

pub(super) async fn save<K: Keeper>(
    me: K,
    Path(id): Path<UserId>,
    Form(mut form): Form<PersonForm>,
) -> Result<Response> {
    let desk = me.desk()?;
    let mut errors = Errors::default();
    let mut db = desk.read().await?;
    let stored = store::person(&mut db, desk.reach(), id).await?.or_not_found()?;
    let owned = desk.reach().owns(&stored.grants);
    if !owned {
        form = form.only_roles(&stored);
    }
    find_company(&mut db, &desk, &mut form, &mut errors).await?;
    let mut offer = Offer::load(&mut db, &desk, &form).await?;
    let mut clashes = Vec::new();
    if form.version != stored.version.to_string() {
        clashes = form.merge(&stored, &offer.organisations);
        offer = Offer::load(&mut db, &desk, &form).await?;
    }
    drop(db);
    let person = form.parse(id, &offer.organisations, &mut errors);
    let wanted = offer.grants(&desk, &form, &mut errors);
    let ready = errors.is_empty() && clashes.is_empty();
    let version = stored.version;
    let page = Edit {
        owned,
        desk,
        form,
        offer,
        errors,
        clashes,
        known: Some((id, stored.name)),
    };
    let Some(person) = person.filter(|_| ready) else {
        return Ok(page.answer());
    };
    let change = Change {
        person,
        wanted,
        owned,
        version,
    };
    page.apply(&change).await
}
