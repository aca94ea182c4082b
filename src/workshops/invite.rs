//! Screen: the letters of invitation, read before they leave; then the reminders.

use super::list::counted;
use super::model::{GuestAnswer, Workshop, WorkshopStep};
use super::store::guests::Guest;
use super::{letters, paths, show as life, store};
use crate::companies;
use crate::kernel::ids::WorkshopId;
use crate::platform::access::{Scope, Staff};
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use crate::platform::web::{AppError, Done, Form, OptionExt, Page, Path, Result, filters, optional};
use askama::Template;
use axum::response::{IntoResponse, Response};
use chrono::Days;
use filters::long_day;
use letters::Asking;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "workshops/invite.html")]
struct Invite {
    workshop: Workshop,
    guests: Vec<Guest>,
    preview: Vec<String>,
}

impl Invite {
    /// Guests not written to yet who can be.
    fn ready(&self) -> Vec<&Guest> {
        self.guests
            .iter()
            .filter(|guest| {
                guest.invited_at.is_none() && guest.email.is_some() && guest.answer == GuestAnswer::Waiting
            })
            .collect()
    }
    /// Guests to be called.
    fn unreachable(&self) -> Vec<&Guest> {
        self.guests.iter().filter(|guest| guest.email.is_none()).collect()
    }
    fn invited(&self) -> Vec<&Guest> {
        self.guests
            .iter()
            .filter(|guest| guest.invited_at.is_some())
            .collect()
    }
    fn silent(&self) -> i64 {
        i64::try_from(self.guests.iter().filter(|guest| is_silent(guest)).count()).unwrap_or(0)
    }
    /// « le 3 décembre 2026, relance des invités sans réponse »: what leaves by itself once invitations are out.
    fn by_itself(&self) -> Vec<String> {
        let w = &self.workshop;
        let line = |days: Option<i32>, what: &str| {
            let before = Days::new(u64::try_from(days?).ok()?);
            Some(format!(
                "le {}, {what}",
                long_day(w.held_on.checked_sub_days(before)?)
            ))
        };
        let lines = [
            line(w.chase_days, "relance des invités sans réponse"),
            line(w.recall_days, "rappel à ceux qui viennent"),
        ];
        lines.into_iter().flatten().collect()
    }
    fn ready_words(&self) -> String {
        counted(i64::try_from(self.ready().len()).unwrap_or(0), "invitation")
    }
}

fn is_silent(guest: &Guest) -> bool {
    guest.invited_at.is_some() && guest.answer == GuestAnswer::Waiting && guest.email.is_some()
}

pub(super) async fn show(me: Staff, Path(id): Path<WorkshopId>) -> Result<Response> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let workshop = store::find(&mut db, &scope, id).await?.or_not_found()?;
    let guests = store::guests::of_workshop(&mut db, &scope, id).await?;
    let first = guests.iter().find(|guest| guest.email.is_some());
    let preview = letters::preview(&workshop, first, me.session().name());
    Ok(Page(Invite {
        preview: preview
            .split("\n\n")
            .map(|paragraph| paragraph.trim().to_owned())
            .filter(|paragraph| !paragraph.is_empty())
            .collect(),
        workshop,
        guests,
    })
    .into_response())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct InviteForm {
    message: String,
    /// « J'enregistre le mot »: nothing leaves.
    keep: String,
}

pub(super) async fn send(
    me: Staff,
    Path(id): Path<WorkshopId>,
    Form(form): Form<InviteForm>,
) -> Result<Done> {
    let scope = me.scope()?;
    let message = optional(&form.message);
    let sends = form.keep.is_empty();
    let sent = me
        .transact(async |tx| -> Result<i64> {
            let mut workshop = store::lock(tx, &scope, id).await?.or_not_found()?;
            if workshop.message != message {
                let after = Workshop {
                    message,
                    ..workshop.clone()
                };
                store::save(tx, &scope, (&workshop, &after), "modifié").await?;
                workshop = store::find(tx, &scope, id).await?.or_not_found()?;
            }
            if !sends {
                tx.nothing_to_record();
                return Ok(0);
            }
            let workshop = match workshop.state.prepares() {
                true => life::advance(tx, &scope, id, (WorkshopStep::Invite, "annoncé")).await?,
                false => return Err(AppError::Conflict("Cet atelier a déjà eu lieu.".to_owned())),
            };
            write(tx, &scope, &workshop, Asking::First).await
        })
        .await?;
    let message = match (sends, sent) {
        (false, _) => "Le mot d’invitation est enregistré. Rien n’est parti.".to_owned(),
        (true, 0) => "Aucune invitation à envoyer\u{a0}: ajoutez des invités qui ont une adresse.".to_owned(),
        (true, 1) => "Une invitation part.".to_owned(),
        (true, n) => format!("{n} invitations partent."),
    };
    Ok(me.done(message, paths::invite(&id)))
}

pub(super) async fn remind(me: Staff, Path(id): Path<WorkshopId>) -> Result<Done> {
    let scope = me.scope()?;
    let sent = me
        .transact(async |tx| -> Result<i64> {
            let workshop = store::lock(tx, &scope, id).await?.or_not_found()?;
            if !workshop.state.prepares() {
                return Err(AppError::Conflict("Cet atelier a déjà eu lieu.".to_owned()));
            }
            write(tx, &scope, &workshop, Asking::Again).await
        })
        .await?;
    let message = match sent {
        0 => "Personne à relancer aujourd’hui.".to_owned(),
        1 => "Une relance part.".to_owned(),
        n => format!("{n} relances partent."),
    };
    Ok(me.done(message, paths::invite(&id)))
}

/// Writes to those concerned; nobody is reminded twice on one day.
async fn write(tx: &mut Tx, scope: &Scope, workshop: &Workshop, asking: Asking) -> Result<i64> {
    let today = tx.today();
    let guests = store::guests::of_workshop(tx, scope, workshop.id).await?;
    let mut sent = 0;
    for guest in &guests {
        let latest = guest.reminded_at.or(guest.invited_at);
        let is_due = match asking {
            Asking::First => {
                guest.invited_at.is_none() && guest.email.is_some() && guest.answer == GuestAnswer::Waiting
            }
            Asking::Again => {
                is_silent(guest) && latest.is_none_or(|at| crate::kernel::clock::day(at) < today)
            }
            Asking::Coming | Asking::Opinion => false,
        };
        if !is_due {
            continue;
        }
        let token = store::guests::link(tx, guest.id).await?;
        // Who refuses such letters stays among those to call.
        if letters::ask(tx, workshop, guest, (asking, &token)).await? {
            sent += 1;
            store::guests::invited(tx, guest.id).await?;
        }
    }
    if sent == 0 {
        tx.nothing_to_record();
    } else {
        let word = if asking == Asking::Again {
            "relance"
        } else {
            "invitation"
        };
        let event = Event::on("workshop", workshop.id, counted(sent, word));
        tx.record(event.within(workshop.territory_id)).await?;
    }
    Ok(sent)
}
