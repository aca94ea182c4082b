//! Screen: one workshop, where it stands and what comes next; and what moves it along.

use super::list::counted;
use super::model::{GuestAnswer, Workshop, WorkshopState, WorkshopStep};
use super::store::guests::Guest;
use super::store::{self, Promise};
use super::{category_labels, paper, paths};
use crate::kernel::ids::WorkshopId;
use crate::platform::access::{Scope, Staff};
use crate::platform::db::Tx;
use crate::platform::web::{AppError, Done, OptionExt, Page, Path, Result, filters};
use askama::Template;
use axum::response::{IntoResponse, Response};

#[derive(Template)]
#[template(path = "workshops/show.html")]
struct Show {
    workshop: Workshop,
    guests: Vec<Guest>,
    ideas: usize,
    promises: Vec<Promise>,
    seated: usize,
    tables: usize,
    owner: Option<String>,
}

/// One line of « où en est l'atelier ».
struct Step {
    css: &'static str,
    title: &'static str,
    detail: String,
    href: String,
    verb: &'static str,
}

impl Show {
    fn themes(&self) -> String {
        category_labels(&self.workshop.categories).join(", ")
    }
    fn answered(&self, answer: GuestAnswer) -> usize {
        self.guests.iter().filter(|guest| guest.answer == answer).count()
    }
    fn coming(&self) -> i64 {
        self.guests
            .iter()
            .filter(|guest| guest.comes())
            .map(|guest| i64::from(guest.people))
            .sum()
    }
    fn opinions(&self) -> usize {
        self.guests.iter().filter(|guest| guest.mark.is_some()).count()
    }

    /// The steps of a workshop, with the one that comes next.
    fn steps(&self) -> Vec<Step> {
        let mut steps = vec![
            self.listed(),
            self.written(),
            self.placed(),
            self.said(),
            self.followed(),
        ];
        let next = if self.workshop.state.took_place() {
            4
        } else {
            steps.iter().position(|step| step.css.is_empty()).unwrap_or(3)
        };
        if self.workshop.state != WorkshopState::Closed {
            steps[next].css = "now";
        }
        steps
    }

    fn listed(&self) -> Step {
        Step {
            css: passed(!self.guests.is_empty()),
            title: "Invités",
            detail: format!("{} sur la liste", number(self.guests.len(), "entreprise")),
            href: paths::guests(&self.workshop.id),
            verb: "Je choisis les invités",
        }
    }

    fn written(&self) -> Step {
        let invited = self
            .guests
            .iter()
            .filter(|guest| guest.invited_at.is_some())
            .count();
        Step {
            css: passed(invited > 0),
            title: "Invitations",
            detail: format!(
                "{} · {} oui · {} sans réponse",
                number(invited, "envoyée"),
                self.answered(GuestAnswer::Yes),
                self.answered(GuestAnswer::Waiting)
            ),
            href: paths::invite(&self.workshop.id),
            verb: "Je relis et j’envoie",
        }
    }

    fn placed(&self) -> Step {
        let detail = if self.seated == 0 {
            format!("{} à placer", counted(self.coming(), "personne"))
        } else {
            format!(
                "{} à {}",
                number(self.seated, "personne"),
                number(self.tables, "table")
            )
        };
        Step {
            css: passed(self.seated > 0),
            title: "Tables",
            detail,
            href: paths::tables(&self.workshop.id),
            verb: "Je compose les tables",
        }
    }

    fn said(&self) -> Step {
        Step {
            css: passed(self.ideas > 0),
            title: "Saisie en séance",
            detail: number(self.ideas, "idée"),
            href: paths::capture(&self.workshop.id),
            verb: "Je note les idées",
        }
    }

    fn followed(&self) -> Step {
        let open = self.promises.iter().filter(|promise| promise.done_on.is_none());
        Step {
            css: passed(self.workshop.state == WorkshopState::Closed),
            title: "Suites",
            detail: format!(
                "{} à tenir · {}\u{a0}avis",
                number(open.count(), "engagement"),
                self.opinions()
            ),
            href: paths::after(&self.workshop.id),
            verb: "Je note les suites",
        }
    }
}

fn passed(is_done: bool) -> &'static str {
    if is_done { "past" } else { "" }
}

fn number(count: usize, word: &str) -> String {
    counted(i64::try_from(count).unwrap_or(0), word)
}

pub(super) async fn show(me: Staff, Path(id): Path<WorkshopId>) -> Result<Response> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let workshop = store::find(&mut db, &scope, id).await?.or_not_found()?;
    let guests = store::guests::of_workshop(&mut db, &scope, id).await?;
    let seats = store::seats::of_workshop(&mut db, id).await?;
    let ideas = store::ideas::of_workshop(&mut db, &scope, id).await?;
    let owner = match workshop.owner {
        Some(owner) => crate::accounts::store::find(&mut db, owner).await?,
        None => None,
    };
    Ok(Page(Show {
        promises: store::after::promises(&mut db, &scope, id).await?,
        ideas: ideas.iter().filter(|idea| !idea.is_undone).count(),
        seated: seats.len(),
        tables: seats
            .iter()
            .map(|seat| seat.table)
            .collect::<std::collections::BTreeSet<_>>()
            .len(),
        owner: owner.map(|user| user.name),
        workshop,
        guests,
    })
    .into_response())
}

/// Moves a workshop along.
pub(super) async fn advance(
    tx: &mut Tx,
    scope: &Scope,
    id: WorkshopId,
    (step, said): (WorkshopStep, &str),
) -> Result<Workshop> {
    let before = store::lock(tx, scope, id).await?.or_not_found()?;
    let state = before
        .state
        .after(step)
        .map_err(|refusal| AppError::Conflict(refusal.to_string()))?;
    let after = Workshop {
        state,
        ..before.clone()
    };
    if before.state == state {
        tx.nothing_to_record();
        return Ok(before);
    }
    store::save(tx, scope, (&before, &after), said).await?;
    Ok(after)
}

pub(super) async fn hold(me: Staff, Path(id): Path<WorkshopId>) -> Result<Done> {
    let scope = me.scope()?;
    let today = me.today();
    me.transact(async |tx| {
        let held = advance(tx, &scope, id, (WorkshopStep::Hold, "tenu")).await?;
        if held.held_on > today {
            return Err(AppError::Conflict(
                "Cet atelier n’a pas encore eu lieu\u{a0}: corrigez sa date s’il a été avancé.".to_owned(),
            ));
        }
        Ok(())
    })
    .await?;
    Ok(me.done("L’atelier a eu lieu. Notez qui est venu.", paths::sheet(&id)))
}

pub(super) async fn close(me: Staff, Path(id): Path<WorkshopId>) -> Result<Done> {
    let scope = me.scope()?;
    me.transact(async |tx| advance(tx, &scope, id, (WorkshopStep::Close, "clos")).await)
        .await?;
    Ok(me.done("Atelier clos. Voici son compte rendu.", paths::report(&id)))
}

pub(super) async fn reopen(me: Staff, Path(id): Path<WorkshopId>) -> Result<Done> {
    let scope = me.scope()?;
    me.transact(async |tx| advance(tx, &scope, id, (WorkshopStep::Reopen, "rouvert")).await)
        .await?;
    Ok(me.done("Atelier rouvert.", paths::after(&id)))
}
