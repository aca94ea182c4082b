//! Screen: what follows the day: commitments, what people thought of it, closing.

use super::edit::owners;
use super::list::counted;
use super::model::{MARKS, Workshop, WorkshopStep, mark_label};
use super::store::after::NewPromise;
use super::store::guests::Guest;
use super::store::{self, Promise};
use super::{letters, paths};
use crate::kernel::ids::{ActionId, EstablishmentId, GuestId, UserId, WorkshopId};
use crate::kernel::parse_day;
use crate::platform::access::Staff;
use crate::platform::journal::Event;
use crate::platform::web::{
    AppError, Choice, Done, Errors, Form, OptionExt, Page, Path, Result, checked, clean, filters, optional,
};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use letters::Asking;
use serde::Deserialize;

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct PromiseForm {
    id: String,
    what: String,
    establishment: String,
    owner: String,
    due_on: String,
}

impl PromiseForm {
    fn parse(&self, owners: &[Choice]) -> Result<NewPromise, Errors> {
        let mut errors = Errors::default();
        let what = clean(&self.what);
        if what.is_empty() || what.chars().count() > 200 {
            errors.add("what", "Dites ce qui sera fait, en 200 caractères au plus.");
        }
        let owner = self
            .owner
            .parse::<UserId>()
            .ok()
            .filter(|_| owners.iter().any(|choice| choice.value == self.owner));
        if owner.is_none() {
            errors.add("owner", "Choisissez qui s’en charge.");
        }
        let due_on = errors.take("due_on", parse_day(&self.due_on));
        match (owner, due_on) {
            (Some(owner), Some(due_on)) if errors.is_empty() => Ok(NewPromise {
                id: self.id.parse().unwrap_or_else(|_| ActionId::fresh()),
                what,
                establishment: self.establishment.parse::<EstablishmentId>().ok(),
                owner,
                due_on,
            }),
            _ => Err(errors),
        }
    }
}

#[derive(Template)]
#[template(path = "workshops/after.html")]
struct After {
    workshop: Workshop,
    guests: Vec<Guest>,
    promises: Vec<Promise>,
    owners: Vec<Choice>,
    form: PromiseForm,
    opinion: OpinionForm,
    errors: Errors,
    today: NaiveDate,
}

impl After {
    fn companies(&self) -> Vec<Choice> {
        self.present()
            .iter()
            .map(|guest| Choice::new(guest.establishment_id.to_string(), guest.name.clone()))
            .collect()
    }
    fn voices(&self) -> Vec<Choice> {
        self.present()
            .iter()
            .map(|guest| Choice::new(guest.id.to_string(), guest.name.clone()))
            .collect()
    }
    /// What the button beside a commitment asks for.
    fn wanted(promise: &Promise) -> &'static str {
        if promise.done_on.is_none() { "oui" } else { "" }
    }
    fn present(&self) -> Vec<&Guest> {
        let sheet = self.guests.iter().any(|guest| guest.is_present.is_some());
        self.guests
            .iter()
            .filter(|guest| {
                if sheet {
                    guest.is_present == Some(true)
                } else {
                    guest.comes()
                }
            })
            .collect()
    }
    fn marks() -> Vec<Choice> {
        Choice::pairs(MARKS.map(|(mark, label)| (mark.to_string(), label)))
    }
    fn mark_words(mark: &i16) -> &'static str {
        mark_label(*mark)
    }
    fn given(&self) -> i64 {
        i64::try_from(self.guests.iter().filter(|guest| guest.mark.is_some()).count()).unwrap_or(0)
    }
    fn reachable(&self) -> usize {
        self.present()
            .iter()
            .filter(|guest| guest.email.is_some() && guest.mark.is_none())
            .count()
    }
}

async fn page(
    me: &Staff,
    id: WorkshopId,
    (form, opinion): (PromiseForm, OpinionForm),
    errors: Errors,
) -> Result<Response> {
    let scope = me.scope()?;
    let owners = owners(me).await?;
    let mut db = me.read().await?;
    let workshop = store::find(&mut db, &scope, id).await?.or_not_found()?;
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let page = After {
        guests: store::guests::of_workshop(&mut db, &scope, id).await?,
        promises: store::after::promises(&mut db, &scope, id).await?,
        workshop,
        owners,
        form,
        opinion,
        errors,
        today: me.today(),
    };
    Ok((status, Page(page)).into_response())
}

impl PromiseForm {
    fn blank(me: &Staff) -> Self {
        Self {
            id: ActionId::fresh().to_string(),
            owner: me.user().to_string(),
            ..Self::default()
        }
    }
}

pub(super) async fn show(me: Staff, Path(id): Path<WorkshopId>) -> Result<Response> {
    let forms = (PromiseForm::blank(&me), OpinionForm::default());
    page(&me, id, forms, Errors::default()).await
}

pub(super) async fn promise(
    me: Staff,
    Path(id): Path<WorkshopId>,
    Form(form): Form<PromiseForm>,
) -> Result<Response> {
    let scope = me.scope()?;
    let new = match form.parse(&owners(&me).await?) {
        Ok(new) => new,
        Err(errors) => return page(&me, id, (form, OpinionForm::default()), errors).await,
    };
    me.transact(async |tx| -> Result<()> {
        let workshop = store::lock(tx, &scope, id).await?.or_not_found()?;
        let guests = store::guests::of_workshop(tx, &scope, id).await?;
        let known = |who: EstablishmentId| guests.iter().any(|guest| guest.establishment_id == who);
        if new.establishment.is_some_and(|who| !known(who)) {
            return Err(AppError::NotFound);
        }
        Ok(store::after::promise(tx, &workshop, &new).await?)
    })
    .await?;
    Ok(me
        .done(
            "Engagement noté\u{a0}: il attend sur l’accueil de qui s’en charge.",
            paths::after(&id),
        )
        .into_response())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct KeepForm {
    action: String,
    /// The state wanted: pressed twice, it is the same.
    kept: String,
}

pub(super) async fn keep(me: Staff, Path(id): Path<WorkshopId>, Form(form): Form<KeepForm>) -> Result<Done> {
    let scope = me.scope()?;
    let action = form.action.parse::<ActionId>().ok().or_not_found()?;
    let kept = checked(&form.kept);
    me.transact(async |tx| -> Result<()> {
        let workshop = store::lock(tx, &scope, id).await?.or_not_found()?;
        if store::after::keep(tx, &workshop, (action, kept)).await? {
            Ok(())
        } else {
            Err(AppError::NotFound)
        }
    })
    .await?;
    let message = if kept {
        "Engagement tenu."
    } else {
        "Engagement rouvert."
    };
    Ok(me.done(message, paths::after(&id)))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct OpinionForm {
    guest: String,
    mark: String,
    comment: String,
}

impl OpinionForm {
    fn parse(&self) -> Result<(GuestId, i16), Errors> {
        let mut errors = Errors::default();
        let guest = self.guest.parse::<GuestId>().ok();
        if guest.is_none() {
            errors.add("guest", "Choisissez l’entreprise.");
        }
        let mark = self.mark.parse::<i16>().ok();
        let mark = mark.filter(|mark| MARKS.iter().any(|(known, _)| known == mark));
        if mark.is_none() {
            errors.add("mark", "Choisissez l’une des quatre réponses.");
        }
        guest.zip(mark).ok_or(errors)
    }
}

/// An answer given on paper.
pub(super) async fn opine(
    me: Staff,
    Path(id): Path<WorkshopId>,
    Form(form): Form<OpinionForm>,
) -> Result<Response> {
    let scope = me.scope()?;
    let (guest, mark) = match form.parse() {
        Ok(read) => read,
        Err(errors) => return page(&me, id, (PromiseForm::blank(&me), form), errors).await,
    };
    let comment = optional(&form.comment);
    me.transact(async |tx| -> Result<()> {
        let workshop = store::lock(tx, &scope, id).await?.or_not_found()?;
        if store::after::opine(tx, &workshop, guest, (mark, comment.as_deref())).await? {
            Ok(())
        } else {
            Err(AppError::NotFound)
        }
    })
    .await?;
    Ok(me.done("Avis noté.", paths::after(&id)).into_response())
}

/// The question by letter, to those who came, have an address and did not answer.
pub(super) async fn ask(me: Staff, Path(id): Path<WorkshopId>) -> Result<Done> {
    let scope = me.scope()?;
    let sent = me
        .transact(async |tx| -> Result<i64> {
            let workshop = store::lock(tx, &scope, id).await?.or_not_found()?;
            if !workshop.state.took_place() {
                return Err(AppError::Conflict(
                    "Cet atelier n’a pas encore eu lieu.".to_owned(),
                ));
            }
            let mut sent = 0;
            for guest in store::guests::of_workshop(tx, &scope, id).await? {
                if guest.is_present == Some(true) && guest.mark.is_none() && guest.email.is_some() {
                    let token = store::guests::link(tx, guest.id).await?;
                    sent += i64::from(letters::ask(tx, &workshop, &guest, (Asking::Opinion, &token)).await?);
                }
            }
            let words = format!("questionnaire\u{a0}: {}", counted(sent, "message"));
            tx.record(Event::on("workshop", id, words).within(workshop.territory_id))
                .await?;
            Ok(sent)
        })
        .await?;
    let message = match sent {
        0 => "Personne à qui écrire\u{a0}: notez les avis reçus sur papier.".to_owned(),
        1 => "Un questionnaire part.".to_owned(),
        n => format!("{n} questionnaires partent."),
    };
    Ok(me.done(message, paths::after(&id)))
}
