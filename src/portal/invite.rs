//! Screen, for the staff: opening a company's space to one of its people, from its sheet.

use super::{paths, store};
use crate::accounts::store::{self as people, NewUser, User};
use crate::accounts::{Email, letters};
use crate::companies::{self, Establishment};
use crate::kernel::ids::{EstablishmentId, UserId};
use crate::platform::access::{Role, Staff};
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use crate::platform::web::{AppError, Errors, Form, OptionExt, Page, Path, Result, clean, filters};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct InviteForm {
    name: String,
    email: String,
}

#[derive(Template)]
#[template(path = "portal/invite.html")]
struct Invite {
    establishment: Establishment,
    company: String,
    accounts: Vec<store::SpaceAccount>,
    candidates: Vec<store::Candidate>,
    form: InviteForm,
    errors: Errors,
}

async fn load(me: &Staff, id: EstablishmentId, form: InviteForm, errors: Errors) -> Result<Invite> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let establishment = companies::store::find(&mut db, &scope, id)
        .await?
        .or_not_found()?;
    let company = store::company_name(&mut db, &scope, establishment.company_id)
        .await?
        .or_not_found()?;
    Ok(Invite {
        accounts: store::accounts(&mut db, &scope, establishment.company_id).await?,
        candidates: store::candidates(&mut db, &scope, id).await?,
        establishment,
        company,
        form,
        errors,
    })
}

pub(super) async fn show(me: Staff, Path(id): Path<EstablishmentId>) -> Result<Page<impl Template>> {
    Ok(Page(
        load(&me, id, InviteForm::default(), Errors::default()).await?,
    ))
}

impl InviteForm {
    fn parse(&self) -> Result<NewUser, Errors> {
        let mut errors = Errors::default();
        let name = clean(&self.name);
        if name.is_empty() || name.chars().count() > 120 {
            errors.add("name", "Indiquez le prénom et le nom, en 120 caractères au plus.");
        }
        match errors.take("email", Email::parse(&self.email)) {
            Some(email) if errors.is_empty() => Ok(NewUser {
                id: UserId::fresh(),
                email,
                name,
                organisation: None,
                specialities: Vec::new(),
                password_hash: None,
            }),
            _ => Err(errors),
        }
    }
}

pub(super) async fn submit(
    me: Staff,
    Path(id): Path<EstablishmentId>,
    Form(form): Form<InviteForm>,
) -> Result<Response> {
    let page = load(&me, id, form.clone(), Errors::default()).await?;
    let invited = match form.parse() {
        Ok(person) => {
            me.transact(async |tx| -> Result<()> {
                invite(tx, &page.establishment, &page.company, &person).await
            })
            .await
        }
        Err(errors) => Err(AppError::Refused(errors)),
    };
    let taken = "Cette personne vient d’être invitée\u{a0}: rechargez la page.";
    match invited.map_err(|error| error.on_constraint("users_email_key", "email", taken)) {
        Ok(()) => {
            let message = format!("L’invitation part à {}.", form.email.trim());
            Ok(me.done(message, paths::invite(&id)).into_response())
        }
        Err(AppError::Refused(errors)) => {
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(Invite { errors, ..page })).into_response())
        }
        Err(other) => Err(other),
    }
}

/// Somebody new gets an account; somebody of this very company gets another link. Anybody else's account
/// is not given a company by an advisor: whoever holds the other role might read what they should not.
async fn invite(tx: &mut Tx, establishment: &Establishment, company: &str, person: &NewUser) -> Result<()> {
    let role = (
        Role::Company,
        Some(establishment.territory_id),
        Some(establishment.company_id),
    );
    let known = people::find_by_email(tx, &person.email).await?;
    let id = match known {
        Some(id) => {
            let held = people::grants(tx, id).await?;
            let is_theirs = !held.is_empty()
                && held
                    .iter()
                    .all(|grant| grant.role == Role::Company && grant.company_id == role.2);
            if !is_theirs {
                let sentence = "Cette adresse a déjà un compte\u{a0}: un pilote peut lui donner le rôle «\u{a0}Entreprise\u{a0}».";
                return Err(AppError::Refused(Errors::one("email", sentence)));
            }
            id
        }
        None => {
            people::insert(tx, person).await?;
            people::grant(tx, person.id, role.0, role.1, role.2).await?;
            person.id
        }
    };
    let user: User = people::find(tx, id).await?.or_not_found()?;
    if user.suspended_at.is_some() || user.has_password {
        let sentence = "Cette personne entre déjà dans l’espace, ou son compte est suspendu.";
        return Err(AppError::Refused(Errors::one("email", sentence)));
    }
    let token = people::invite(tx, id).await?;
    letters::invited(tx, &user, Some(company), &token).await?;
    let event = Event::on(
        "establishment",
        establishment.id,
        "invitation dans son espace envoyée",
    );
    tx.record(event.within(establishment.territory_id)).await?;
    tx.record(
        Event::on("user", id, "invitation d’une entreprise envoyée").within(establishment.territory_id),
    )
    .await?;
    Ok(())
}
