//! Screen: who is on the list, who else would gain by coming and why, and what they answered.

use super::list::counted;
use super::model::{GuestAnswer, Workshop};
use super::store::guests::{Candidate, Guest, Said};
use super::{paths, store};
use crate::companies;
use crate::kernel::ids::{EstablishmentId, GuestId, WorkshopId};
use crate::platform::access::Staff;
use crate::platform::journal::Event;
use crate::platform::web::{
    AppError, Choice, Done, Errors, Form, OptionExt, Page, Path, Query, Result, clean, filters, optional,
};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "workshops/guests.html")]
struct Guests {
    workshop: Workshop,
    guests: Vec<Guest>,
    candidates: Vec<Candidate>,
    answering: Option<AnswerForm>,
    errors: Errors,
}

impl Guests {
    fn coming(&self) -> i64 {
        self.guests
            .iter()
            .filter(|guest| guest.comes())
            .map(|guest| i64::from(guest.people))
            .sum()
    }
    fn summary(&self) -> String {
        format!(
            "{} · {} à venir pour {}",
            counted(i64::try_from(self.guests.len()).unwrap_or(0), "entreprise"),
            counted(self.coming(), "personne"),
            counted(i64::from(self.workshop.capacity), "place")
        )
    }
    fn is_over(&self) -> bool {
        self.coming() > i64::from(self.workshop.capacity)
    }
    fn answers() -> Vec<Choice> {
        Choice::pairs(
            GuestAnswer::ALL
                .iter()
                .map(|answer| (answer.code(), answer.label())),
        )
    }
    fn href(&self, guest: &Guest) -> String {
        format!("{}?invite={}#reponse", paths::guests(&self.workshop.id), guest.id)
    }
    fn answered_guest(&self) -> Option<(&Guest, &AnswerForm)> {
        let form = self.answering.as_ref()?;
        let guest = self
            .guests
            .iter()
            .find(|guest| guest.id.to_string() == form.guest)?;
        Some((guest, form))
    }
    fn suggest() -> String {
        // A page of a neighbouring feature, by address only.
        "/visites/etablissements.json?q=".to_owned()
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct GuestsQuery {
    invite: String,
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct AnswerForm {
    guest: String,
    pub(super) answer: String,
    pub(super) person: String,
    pub(super) people: String,
    comment: String,
}

impl AnswerForm {
    fn of(guest: &Guest) -> Self {
        Self {
            guest: guest.id.to_string(),
            answer: guest.answer.code().to_owned(),
            person: guest.expected().unwrap_or_default().to_owned(),
            people: guest.people.to_string(),
            comment: guest.comment.clone().unwrap_or_default(),
        }
    }

    /// What the page of a letter shows again.
    pub(super) fn kept(answer: &str, person: Option<&str>, people: i32) -> Self {
        Self {
            answer: answer.to_owned(),
            person: person.unwrap_or_default().to_owned(),
            people: people.to_string(),
            ..Self::default()
        }
    }

    pub(super) fn parse(&self) -> Result<Said, Errors> {
        let mut errors = Errors::default();
        let answer = GuestAnswer::parse(&self.answer);
        if answer.is_none() {
            errors.add("answer", "Choisissez une réponse.");
        }
        let people = match self.people.trim() {
            "" => Some(1),
            typed => typed.parse().ok().filter(|people| (1..=4).contains(people)),
        };
        if people.is_none() {
            errors.add("people", "Indiquez de 1 à 4 personnes.");
        }
        let person = clean(&self.person);
        if person.chars().count() > 120 {
            errors.add("person", "Indiquez un nom en 120 caractères au plus.");
        }
        match (answer, people) {
            (Some(answer), Some(people)) if errors.is_empty() => Ok(Said {
                answer,
                people,
                person: optional(&person),
                comment: optional(&self.comment),
            }),
            _ => Err(errors),
        }
    }
}

async fn page(me: &Staff, id: WorkshopId, answering: Option<AnswerForm>, errors: Errors) -> Result<Response> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let workshop = store::find(&mut db, &scope, id).await?.or_not_found()?;
    let candidates = if workshop.state.prepares() {
        store::guests::candidates(&mut db, &workshop, None).await?
    } else {
        Vec::new()
    };
    let guests = store::guests::of_workshop(&mut db, &scope, id).await?;
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    Ok((
        status,
        Page(Guests {
            workshop,
            guests,
            candidates,
            answering,
            errors,
        }),
    )
        .into_response())
}

pub(super) async fn show(
    me: Staff,
    Path(id): Path<WorkshopId>,
    Query(query): Query<GuestsQuery>,
) -> Result<Response> {
    let guests = store::guests::of_workshop(&mut *me.read().await?, &me.scope()?, id).await?;
    let chosen = guests.iter().find(|guest| guest.id.to_string() == query.invite);
    page(&me, id, chosen.map(AnswerForm::of), Errors::default()).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AddForm {
    ticked: Vec<String>,
    establishment: String,
}

/// Adds the companies ticked, and the one looked for, each with what speaks for it.
pub(super) async fn add(
    me: Staff,
    Path(id): Path<WorkshopId>,
    Form(form): Form<AddForm>,
) -> Result<Response> {
    let scope = me.scope()?;
    let chosen: Vec<uuid::Uuid> = form
        .ticked
        .iter()
        .chain(std::iter::once(&form.establishment))
        .filter_map(|id| id.parse::<EstablishmentId>().ok())
        .map(EstablishmentId::uuid)
        .collect();
    if chosen.is_empty() {
        let errors = Errors::one(
            "establishment",
            "Cochez au moins une entreprise, ou choisissez-en une par son nom.",
        );
        return page(&me, id, None, errors).await;
    }
    let added = me
        .transact(async |tx| -> Result<i64> {
            let workshop = store::lock(tx, &scope, id).await?.or_not_found()?;
            let mut added = 0;
            for candidate in store::guests::candidates(tx, &workshop, Some(&chosen)).await? {
                let reason = candidate.interest.reason();
                if store::guests::add(tx, &workshop, candidate.id, &reason)
                    .await?
                    .is_some()
                {
                    added += 1;
                }
            }
            if added == 0 {
                tx.nothing_to_record();
            } else {
                let words = format!("liste des invités\u{a0}: {}", counted(added, "entreprise"));
                tx.record(Event::on("workshop", id, words).within(workshop.territory_id))
                    .await?;
            }
            Ok(added)
        })
        .await?;
    let message = match added {
        0 => "Ces entreprises sont déjà sur la liste.".to_owned(),
        1 => "Une entreprise ajoutée. Rien n’est envoyé avant votre relecture.".to_owned(),
        n => format!("{n} entreprises ajoutées. Rien n’est envoyé avant votre relecture."),
    };
    Ok(me.done(message, paths::guests(&id)).into_response())
}

/// What a guest said on the telephone.
pub(super) async fn answer(
    me: Staff,
    Path(id): Path<WorkshopId>,
    Form(form): Form<AnswerForm>,
) -> Result<Response> {
    let scope = me.scope()?;
    let said = match form.parse() {
        Ok(said) => said,
        Err(errors) => return page(&me, id, Some(form), errors).await,
    };
    let guest = form.guest.parse::<GuestId>().ok().or_not_found()?;
    me.transact(async |tx| -> Result<()> {
        let workshop = store::lock(tx, &scope, id).await?.or_not_found()?;
        if store::guests::answer(tx, &workshop, guest, &said).await? {
            Ok(())
        } else {
            Err(AppError::NotFound)
        }
    })
    .await?;
    Ok(me.done("Réponse notée.", paths::guests(&id)).into_response())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct OneGuest {
    guest: String,
}

pub(super) async fn remove(
    me: Staff,
    Path(id): Path<WorkshopId>,
    Form(form): Form<OneGuest>,
) -> Result<Done> {
    let scope = me.scope()?;
    let guest = form.guest.parse::<GuestId>().ok().or_not_found()?;
    me.transact(async |tx| -> Result<()> {
        let workshop = store::lock(tx, &scope, id).await?.or_not_found()?;
        if !store::guests::remove(tx, &workshop, guest).await? {
            return Err(AppError::Conflict(
                "Cette entreprise est déjà invitée\u{a0}: notez plutôt qu’elle ne vient pas.".to_owned(),
            ));
        }
        tx.record(Event::on("workshop", id, "invité retiré de la liste").within(workshop.territory_id))
            .await?;
        Ok(())
    })
    .await?;
    Ok(me.done("Entreprise retirée de la liste.", paths::guests(&id)))
}
