//! Screen: the people met in an establishment: adding, correcting, erasing one. Each must have been
//! told what their address is used for (RGPD): the day is kept, and the sheet asks for it.

pub mod store;

use super::{Establishment, paths, store as companies};
use crate::kernel::ids::{ContactId, EstablishmentId};
use crate::kernel::{parse_day, typed_day};
use crate::platform::access::Staff;
use crate::platform::web::{AppError, Done, Errors, Form, OptionExt, Page, Path, Result, clean, optional};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use serde::Deserialize;

/// A person of an establishment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    pub id: ContactId,
    pub establishment_id: EstablishmentId,
    pub name: String,
    pub job_title: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    /// When they were told what their data is used for.
    pub informed_on: Option<NaiveDate>,
    pub version: i32,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct ContactForm {
    id: String,
    version: String,
    name: String,
    job_title: String,
    email: String,
    phone: String,
    informed: String,
}

impl From<&Contact> for ContactForm {
    fn from(contact: &Contact) -> Self {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        Self {
            id: contact.id.to_string(),
            version: contact.version.to_string(),
            name: contact.name.clone(),
            job_title: text(&contact.job_title),
            email: text(&contact.email),
            phone: text(&contact.phone),
            informed: contact.informed_on.map(typed_day).unwrap_or_default(),
        }
    }
}

impl ContactForm {
    fn parse(&self, before: &Contact, today: NaiveDate) -> Result<Contact, Errors> {
        let mut errors = Errors::default();
        let name = clean(&self.name);
        if name.is_empty() {
            errors.add("name", "Indiquez le nom de la personne.");
        }
        let email = optional(&self.email).map(|typed| typed.to_lowercase());
        if email.as_deref().is_some_and(|typed| !is_address(typed)) {
            errors.add("email", "Indiquez une adresse comme prenom.nom@exemple.fr.");
        }
        let phone = optional(&clean(&self.phone));
        if phone.as_deref().is_some_and(|typed| !is_phone(typed)) {
            errors.add("phone", "Indiquez un numéro comme 02 54 00 00 00.");
        }
        let informed_on =
            optional(&self.informed).and_then(|typed| errors.take("informed", parse_day(&typed)));
        if informed_on.is_some_and(|day| day > today) {
            errors.add("informed", "Cette date n’est pas encore passée.");
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let job_title = optional(&clean(&self.job_title));
        Ok(Contact {
            name,
            job_title,
            email,
            phone,
            informed_on,
            ..before.clone()
        })
    }
}

fn is_address(typed: &str) -> bool {
    let Some((local, domain)) = typed.rsplit_once('@') else {
        return false;
    };
    !local.is_empty()
        && !typed.contains(char::is_whitespace)
        && domain.contains('.')
        && !domain.ends_with('.')
}

fn is_phone(typed: &str) -> bool {
    let digits = typed.chars().filter(char::is_ascii_digit).count();
    digits >= 6 && typed.chars().all(|c| c.is_ascii_digit() || " +.-()/".contains(c))
}

#[derive(Template)]
#[template(path = "companies/contact.html")]
struct ContactPage {
    establishment: Establishment,
    /// None while the contact is being added.
    current: Option<ContactForm>,
    /// Somebody saved meanwhile: `current` is what is stored.
    conflict: bool,
    form: ContactForm,
    errors: Errors,
    today: String,
}

impl ContactPage {
    /// What was typed beside what is stored, where they differ.
    fn differences(&self) -> Vec<(&'static str, &str, &str)> {
        let Some(stored) = &self.current else {
            return Vec::new();
        };
        let mine = &self.form;
        [
            ("Nom", &mine.name, &stored.name),
            ("Fonction", &mine.job_title, &stored.job_title),
            ("Adresse électronique", &mine.email, &stored.email),
            ("Téléphone", &mine.phone, &stored.phone),
            ("Informé le", &mine.informed, &stored.informed),
        ]
        .into_iter()
        .filter(|(_, mine, stored)| mine != stored)
        .map(|(label, mine, stored)| (label, or_empty(mine), or_empty(stored)))
        .collect()
    }
}

fn or_empty(text: &str) -> &str {
    if text.is_empty() { "vide" } else { text }
}

#[derive(Template)]
#[template(path = "companies/contact_removal.html")]
struct Removal {
    establishment: Establishment,
    contact: Contact,
}

pub(super) async fn new(me: Staff, Path(id): Path<EstablishmentId>) -> Result<Response> {
    let establishment = companies::find(&mut *me.read().await?, &me.scope()?, id)
        .await?
        .or_not_found()?;
    let form = ContactForm {
        id: ContactId::fresh().to_string(),
        ..ContactForm::default()
    };
    Ok(Page(page(&me, establishment, None, form, Errors::default())).into_response())
}

pub(super) async fn create(
    me: Staff,
    Path(id): Path<EstablishmentId>,
    Form(form): Form<ContactForm>,
) -> Result<Response> {
    let establishment = companies::find(&mut *me.read().await?, &me.scope()?, id)
        .await?
        .or_not_found()?;
    let lost = || {
        AppError::BadRequest("Ce formulaire a perdu son numéro. Rouvrez la page et recommencez.".to_owned())
    };
    let contact = form.parse(&blank(form.id.parse().map_err(|_| lost())?, id), me.today());
    match contact {
        Ok(contact) => {
            me.transact(async |tx| -> Result<bool> {
                Ok(store::insert(tx, &establishment, &contact).await?)
            })
            .await?;
            Ok(me
                .done(
                    format!("{} est parmi les contacts.", contact.name),
                    paths::show(&id),
                )
                .into_response())
        }
        Err(errors) => {
            let page = page(&me, establishment, None, form, errors);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
        }
    }
}

fn blank(id: ContactId, establishment_id: EstablishmentId) -> Contact {
    Contact {
        id,
        establishment_id,
        name: String::new(),
        job_title: None,
        email: None,
        phone: None,
        informed_on: None,
        version: 1,
    }
}

pub(super) async fn edit(me: Staff, Path(id): Path<ContactId>) -> Result<Response> {
    let (establishment, contact) = load(&me, id).await?;
    let form = ContactForm::from(&contact);
    Ok(Page(page(&me, establishment, Some(&contact), form, Errors::default())).into_response())
}

pub(super) async fn save(
    me: Staff,
    Path(id): Path<ContactId>,
    Form(form): Form<ContactForm>,
) -> Result<Response> {
    let (establishment, before) = load(&me, id).await?;
    let after = match form.parse(&before, me.today()) {
        Ok(after) => after,
        Err(errors) => {
            let page = page(&me, establishment, Some(&before), form, errors);
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
        }
    };
    let is_current = form.version == before.version.to_string();
    let saved = is_current
        && me
            .transact(async |tx| -> Result<bool> {
                Ok(store::save(tx, &establishment, &before, &after).await?)
            })
            .await?;
    if saved {
        return Ok(me
            .done("Contact mis à jour.", paths::show(&establishment.id))
            .into_response());
    }
    let (establishment, stored) = load(&me, id).await?;
    let form = ContactForm {
        version: stored.version.to_string(),
        ..form
    };
    let mut page = page(&me, establishment, Some(&stored), form, Errors::default());
    page.conflict = true;
    Ok((StatusCode::CONFLICT, Page(page)).into_response())
}

pub(super) async fn ask_removal(me: Staff, Path(id): Path<ContactId>) -> Result<Page<impl Template>> {
    let (establishment, contact) = load(&me, id).await?;
    Ok(Page(Removal {
        establishment,
        contact,
    }))
}

pub(super) async fn remove(me: Staff, Path(id): Path<ContactId>) -> Result<Done> {
    let (establishment, contact) = load(&me, id).await?;
    me.transact(async |tx| -> Result<()> { Ok(store::delete(tx, &establishment, &contact).await?) })
        .await?;
    Ok(me.done(
        format!("Les coordonnées de {} sont effacées.", contact.name),
        paths::show(&establishment.id),
    ))
}

async fn load(me: &Staff, id: ContactId) -> Result<(Establishment, Contact)> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let contact = store::find(&mut db, &scope, id).await?.or_not_found()?;
    let establishment = companies::find(&mut db, &scope, contact.establishment_id)
        .await?
        .or_not_found()?;
    Ok((establishment, contact))
}

fn page(
    me: &Staff,
    establishment: Establishment,
    current: Option<&Contact>,
    form: ContactForm,
    errors: Errors,
) -> ContactPage {
    let current = current.map(ContactForm::from);
    ContactPage {
        establishment,
        current,
        conflict: false,
        form,
        errors,
        today: typed_day(me.today()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Contact, ContactForm, blank, is_address, is_phone};
    use crate::kernel::ids::{ContactId, EstablishmentId};
    use chrono::NaiveDate;

    fn parse(form: &ContactForm) -> Result<Contact, Vec<String>> {
        let id = uuid::Uuid::from_u128(1);
        let today = NaiveDate::from_ymd_opt(2026, 11, 24).unwrap();
        form.parse(&blank(ContactId::from(id), EstablishmentId::from(id)), today)
            .map_err(|errors| errors.summary().into_iter().map(|(field, _)| field).collect())
    }

    #[test]
    fn only_a_name_is_compulsory() {
        let form = ContactForm {
            name: " Jeanne  Test ".to_owned(),
            ..ContactForm::default()
        };
        let contact = parse(&form).unwrap();
        assert_eq!(
            (contact.name.as_str(), contact.email, contact.informed_on),
            ("Jeanne Test", None, None)
        );
        assert_eq!(parse(&ContactForm::default()), Err(vec!["name".to_owned()]));
    }

    #[test]
    fn a_day_to_come_is_no_day_of_information() {
        let form = |informed: &str| ContactForm {
            name: "J".to_owned(),
            informed: informed.to_owned(),
            ..ContactForm::default()
        };
        assert!(parse(&form("24/11/2026")).is_ok());
        assert_eq!(parse(&form("25/11/2026")), Err(vec!["informed".to_owned()]));
        assert_eq!(parse(&form("hier")), Err(vec!["informed".to_owned()]));
    }

    #[test]
    fn addresses_and_numbers_are_looked_at_lightly() {
        assert!(is_address("jeanne@exemple.fr") && is_address("a.b+c@x.co.uk"));
        assert!(!is_address("jeanne") && !is_address("jeanne@exemple") && !is_address("je anne@exemple.fr"));
        assert!(is_phone("02 54 00 00 00") && is_phone("+33 (0)2.54.00.00.00"));
        assert!(!is_phone("12") && !is_phone("sur demande"));
    }
}
