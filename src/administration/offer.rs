//! Which roles a desk may give: what the form of an account offers, and what its answer means.

use super::desk::Desk;
use super::form::PersonForm;
use super::store::{self, CompanyRow};
use crate::kernel::ids::{CompanyId, TerritoryId};
use crate::platform::access::{Grant, Role};
use crate::platform::web::{Choice, Errors, Result, clean};
use crate::territories;
use sqlx::PgConnection;

/// What the form offers, and what its answers may name.
pub(super) struct Offer {
    pub(super) organisations: Vec<Choice>,
    pub(super) territories: Vec<(TerritoryId, String)>,
    /// Companies named by the form, within reach.
    pub(super) companies: Vec<CompanyRow>,
}

impl Offer {
    pub(super) async fn load(db: &mut PgConnection, desk: &Desk, form: &PersonForm) -> Result<Self> {
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
    pub(super) fn grants(&self, desk: &Desk, form: &PersonForm, errors: &mut Errors) -> Vec<Grant> {
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
pub(super) async fn find_company(
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
