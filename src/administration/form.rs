//! Screen: inviting a person, changing who they are and which roles they hold.

use super::desk::{Act, Desk, Keeper};
use super::person::{self, LAST_ADMINISTRATOR, Link, token};
use super::store::{self, CompanyRow, Person};
use crate::accounts::store::{self as accounts_store, NewUser};
use crate::accounts::{Email, Speciality};
use crate::kernel::ids::{CompanyId, OrganisationId, TerritoryId, UserId};
use crate::platform::App;
use crate::platform::access::{Grant, Role, Token};
use crate::platform::db::Tx;
use crate::platform::web::{
    AppError, Choice, Clash, Errors, Form, Merge, OptionExt, Page, Path, Result, clean, merged_set,
};
use crate::territories;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sqlx::PgConnection;

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
    roles: Vec<String>,
    company: String,
    company_typed: String,
    was_name: String,
    was_email: String,
    was_organisation: String,
    was_specialities: String,
    was_roles: String,
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

    fn company_ids(&self) -> Vec<CompanyId> {
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

/// What the form offers, and what its answers may name.
struct Offer {
    organisations: Vec<Choice>,
    territories: Vec<(TerritoryId, String)>,
    /// Companies named by the form, within reach.
    companies: Vec<CompanyRow>,
}

impl Offer {
    async fn load(db: &mut PgConnection, desk: &Desk, form: &PersonForm) -> Result<Self> {
        let organisations = territories::store::organisations(db).await?;
        let territories = match desk.place() {
            Some(place) => vec![(place.id, place.name.clone())],
            None => {
                let all = territories::store::all(db).await?;
                all.into_iter().map(|t| (t.id, t.name)).collect()
            }
        };
        Ok(Self {
            organisations: Choice::pairs(organisations.into_iter().map(|o| (o.id.to_string(), o.name))),
            territories,
            companies: store::companies(db, desk.reach(), &form.company_ids()).await?,
        })
    }

    /// The role that a token means, when it is one that this desk gives.
    fn grant(&self, desk: &Desk, token: &str) -> Option<Grant> {
        let grant = match token.split_once(':') {
            None => Grant {
                role: Role::parse(token).filter(|role| *role == Role::Admin)?,
                territory_id: None,
                company_id: None,
            },
            Some(("company", id)) => {
                let id: CompanyId = id.parse().ok()?;
                let company = self.companies.iter().find(|company| company.id == id)?;
                Grant {
                    role: Role::Company,
                    territory_id: Some(company.territory_id),
                    company_id: Some(id),
                }
            }
            Some((role, place)) => {
                let place: TerritoryId = place.parse().ok()?;
                let (territory, _) = self.territories.iter().find(|(id, _)| *id == place)?;
                Grant {
                    role: Role::parse(role).filter(|role| desk.offers().contains(role))?,
                    territory_id: Some(*territory),
                    company_id: None,
                }
            }
        };
        desk.reach().covers(&grant).then_some(grant)
    }

    /// The roles that the form asks for.
    fn grants(&self, desk: &Desk, form: &PersonForm, errors: &mut Errors) -> Vec<Grant> {
        let mut grants: Vec<Grant> = Vec::new();
        for token in &form.roles {
            match self.grant(desk, token) {
                Some(grant) if !grants.contains(&grant) => grants.push(grant),
                Some(_) => {}
                // A role that this desk shows but does not give stays as it is.
                None if form.was_roles.split(' ').any(|was| was == token) => {}
                None => {
                    let sentence = "Vous ne pouvez pas donner ce rôle\u{a0}: choisissez parmi ceux proposés.";
                    if !errors.has("roles") {
                        errors.add("roles", sentence);
                    }
                }
            }
        }
        if !form.company.is_empty() {
            match self.grant(desk, &format!("company:{}", form.company)) {
                Some(grant) if !grants.contains(&grant) => grants.push(grant),
                Some(_) => {}
                None => errors.add("company", "Choisissez une entreprise de la liste proposée."),
            }
        }
        grants
    }
}

/// A company typed but not chosen from the suggestions: found when only one is called so.
async fn find_company(
    db: &mut PgConnection,
    desk: &Desk,
    form: &mut PersonForm,
    errors: &mut Errors,
) -> Result<()> {
    let typed = clean(&form.company_typed);
    if typed.is_empty() {
        form.company.clear();
        return Ok(());
    }
    if !form.company.is_empty() {
        return Ok(());
    }
    let found = store::companies_called(db, desk.reach(), &typed).await?;
    match found.as_slice() {
        [one] => form.company = one.id.to_string(),
        [] => errors.add(
            "company",
            "Aucune entreprise ne porte ce nom\u{a0}: choisissez-la dans la liste proposée.",
        ),
        _ => errors.add(
            "company",
            "Plusieurs entreprises portent ce nom\u{a0}: indiquez le SIREN, ou choisissez dans la liste.",
        ),
    }
    Ok(())
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

/// Opens the account with its roles and its link; `None` when the form was sent twice.
async fn open(desk: &Desk, tx: &mut Tx, person: &NewUser, grants: &[Grant]) -> Result<Option<Token>> {
    if !accounts_store::insert(tx, person).await? {
        tx.nothing_to_record();
        return Ok(None);
    }
    for grant in grants {
        accounts_store::grant(tx, person.id, grant.role, grant.territory_id, grant.company_id).await?;
    }
    let token = accounts_store::invite(tx, person.id).await?;
    let after = store::snapshot(tx, person.id).await?;
    let event = person::event(desk, person.id, "compte créé, invitation à transmettre");
    tx.record(event.after(&after)).await?;
    Ok(Some(token))
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
        // Only roles are asked: who the person is stays as it is, whatever was sent.
        let roles = (
            form.roles,
            form.company,
            form.company_typed,
            form.version,
            form.was_roles,
        );
        form = PersonForm::of(&stored);
        (
            form.roles,
            form.company,
            form.company_typed,
            form.version,
            form.was_roles,
        ) = roles;
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
    let page = Edit {
        owned,
        desk,
        form,
        offer,
        errors,
        clashes,
        known: Some((id, stored.name.clone())),
    };
    let Some(person) = person.filter(|_| ready) else {
        return Ok(page.answer());
    };
    let desk = &page.desk;
    let change = Change {
        person,
        wanted,
        owned,
        version: stored.version,
    };
    match desk
        .transact(async |tx| change.apply(desk, tx).await)
        .await
        .map_err(taken)
    {
        Ok(still_here) => {
            let next = if still_here {
                page.back()
            } else {
                desk.list().to_owned()
            };
            Ok(desk.done("Le compte est enregistré.", next).into_response())
        }
        Err(AppError::Refused(errors)) => Ok(Edit { errors, ..page }.answer()),
        Err(other) => Err(other),
    }
}

/// An account as it will be.
struct Change {
    person: NewUser,
    wanted: Vec<Grant>,
    owned: bool,
    version: i32,
}

impl Change {
    /// Gives whether the person can still be seen from this desk.
    async fn apply(&self, desk: &Desk, tx: &mut Tx) -> Result<bool> {
        let id = self.person.id;
        let locked = person::lock(desk, tx, id).await?;
        if locked.version != self.version || self.owned != desk.reach().owns(&locked.grants) {
            let sentence = "Quelqu’un vient de modifier ce compte.";
            return Err(AppError::Conflict(sentence.to_owned()));
        }
        let before = store::snapshot(tx, id).await?;
        if self.owned {
            accounts_store::save(tx, &self.person).await?;
            if locked.email != self.person.email.as_str() {
                accounts_store::void_invitations(tx, id).await?;
            }
        } else {
            accounts_store::touch(tx, id).await?;
        }
        let next = desk.reach().replaced(&locked.grants, &self.wanted);
        let lost = locked.grants.iter().filter(|held| !next.contains(held));
        for grant in lost {
            if grant.role == Role::Admin && !person::keep_an_administrator(tx, id).await? {
                return Err(AppError::Refused(Errors::one("roles", LAST_ADMINISTRATOR)));
            }
            accounts_store::revoke(tx, id, grant).await?;
        }
        for grant in next.iter().filter(|grant| !locked.grants.contains(grant)) {
            accounts_store::grant(tx, id, grant.role, grant.territory_id, grant.company_id).await?;
        }
        let after = store::snapshot(tx, id).await?;
        let event = person::event(desk, id, "compte modifié");
        tx.record(event.before(&before).after(&after)).await?;
        let gone = desk.user() == id && before_was_administrator(&locked.grants, &next);
        Ok(!gone && store::person(tx, desk.reach(), id).await?.is_some())
    }
}

/// Whether the role of administrator goes away.
fn before_was_administrator(held: &[Grant], next: &[Grant]) -> bool {
    let is = |grants: &[Grant]| grants.iter().any(|grant| grant.role == Role::Admin);
    is(held) && !is(next)
}
