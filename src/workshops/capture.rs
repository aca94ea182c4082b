//! Screen for a tablet, on the day: who speaks, what of theirs, for whom. Who speaks stays chosen, so the
//! next idea takes two taps; a company that was not expected types its name first, and taps among the
//! themes of the day. Every step is a link or a button, so it works without a script; an idea carries an
//! identifier made with the page, so a tap sent twice is one idea.

use super::changes::IdeasCaptured;
use super::model::Workshop;
use super::newcomer::{NEWCOMER, NewcomerForm, themes};
use super::seating::{Table, plan};
use super::store::guests::Guest;
use super::store::ideas::{Before, Capture, Captured, Idea, Undone};
use super::{paths, store};
use crate::flows::{self, Flow};
use crate::kernel::Direction;
use crate::kernel::ids::{EstablishmentId, FlowId, IdeaId, WorkshopId};
use crate::nomenclature::{CONFIDENT, Catalogue, FlowCode};
use crate::platform::access::Staff;
use crate::platform::jobs;
use crate::platform::web::{
    AppError, Done, Errors, Form, OptionExt, Page, Path, Query, Result, clean, encoded, filters,
};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct Taps {
    /// Who speaks.
    de: String,
    /// « offre » or « cherche ».
    sens: String,
    flux: String,
    label: String,
    category: String,
    category_typed: String,
}

impl Taps {
    fn direction(&self) -> Direction {
        if self.sens == "cherche" {
            Direction::Inbound
        } else {
            Direction::Outbound
        }
    }
    fn named(&self) -> bool {
        !clean(&self.label).is_empty() || !clean(&self.category_typed).is_empty()
    }
    /// What was typed, for a flow nobody recorded.
    fn words(&self) -> String {
        let label = clean(&self.label);
        if label.is_empty() {
            clean(&self.category_typed)
        } else {
            label
        }
    }
}

/// Companies at one table; those without a chair last, under no number.
struct Group {
    table: Option<i32>,
    guests: Vec<Guest>,
}

/// Which of the three questions the page asks.
enum Ask {
    Who,
    What {
        speaker: Guest,
        flows: Vec<Flow>,
        /// What the day is about and the company has not: code and label.
        themes: Vec<(String, String)>,
    },
    Whom {
        speaker: Guest,
        flow: Option<Box<Flow>>,
        id: IdeaId,
    },
}

#[derive(Template)]
#[template(path = "workshops/capture.html")]
struct CapturePage {
    workshop: Workshop,
    groups: Vec<Group>,
    ask: Ask,
    taps: Taps,
    newcomer: NewcomerForm,
    ideas: Vec<Idea>,
    errors: Errors,
}

impl CapturePage {
    fn sense(&self) -> &'static str {
        match self.taps.direction() {
            Direction::Outbound => "offre",
            Direction::Inbound => "cherche",
        }
    }
    fn here(&self) -> String {
        paths::capture(&self.workshop.id)
    }
    fn of(&self, guest: &Guest, sense: &str) -> String {
        paths::capture_of(&self.workshop.id, &guest.establishment_id, sense)
    }
    fn with_flow(&self, guest: &Guest, flow: &Flow) -> String {
        format!("{}&flux={}", self.of(guest, self.sense()), flow.id)
    }
    fn on_theme(&self, guest: &Guest, (code, label): &(String, String)) -> String {
        let theme = encoded(&[("category", code), ("category_typed", label)]);
        format!("{}&{theme}", self.of(guest, self.sense()))
    }
    fn live(&self) -> Vec<&Idea> {
        self.ideas.iter().filter(|idea| !idea.is_undone).collect()
    }
    fn others(&self, speaker: &Guest) -> Vec<(Option<i32>, Vec<&Guest>)> {
        self.groups
            .iter()
            .map(|group| {
                let guests = group
                    .guests
                    .iter()
                    .filter(|guest| guest.establishment_id != speaker.establishment_id);
                (group.table, guests.collect::<Vec<_>>())
            })
            .filter(|(_, guests)| !guests.is_empty())
            .collect()
    }
    fn suggest() -> String {
        flows::paths::suggest()
    }
}

async fn page(me: &Staff, id: WorkshopId, taps: Taps, errors: Errors) -> Result<Response> {
    answer(me, id, (taps, NewcomerForm::default()), errors).await
}

pub(super) async fn answer(
    me: &Staff,
    id: WorkshopId,
    (taps, newcomer): (Taps, NewcomerForm),
    errors: Errors,
) -> Result<Response> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let workshop = store::find(&mut db, &scope, id).await?.or_not_found()?;
    let guests = store::guests::of_workshop(&mut db, &scope, id).await?;
    let (tables, _) = plan(&mut db, id, &guests).await?;
    let speaker = guests
        .iter()
        .find(|guest| guest.establishment_id.to_string() == taps.de)
        .cloned();
    let ask = match speaker {
        None => Ask::Who,
        Some(speaker) => {
            let known = flows::store::of_establishment(&mut db, &scope, speaker.establishment_id).await?;
            let flow = known
                .iter()
                .find(|flow| flow.id.to_string() == taps.flux)
                .cloned();
            if flow.is_some() || taps.named() {
                Ask::Whom {
                    speaker,
                    flow: flow.map(Box::new),
                    id: IdeaId::fresh(),
                }
            } else {
                let direction = taps.direction();
                let flows: Vec<Flow> = known
                    .into_iter()
                    .filter(|flow| flow.direction == direction)
                    .collect();
                Ask::What {
                    themes: themes(&mut db, &scope, (&workshop, &flows)).await?,
                    speaker,
                    flows,
                }
            }
        }
    };
    let ideas = store::ideas::of_workshop(&mut db, &scope, id).await?;
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    Ok((
        status,
        Page(CapturePage {
            groups: grouped(guests, &tables),
            workshop,
            ask,
            taps,
            newcomer,
            ideas,
            errors,
        }),
    )
        .into_response())
}

/// Those in the room: whoever comes or came; everybody when nobody answered before the day.
fn grouped(guests: Vec<Guest>, tables: &[Table]) -> Vec<Group> {
    let anybody = guests
        .iter()
        .any(|guest| guest.reason != NEWCOMER && (guest.comes() || guest.is_present == Some(true)));
    let mut groups: Vec<Group> = Vec::new();
    for guest in guests {
        let is_here = match guest.is_present {
            Some(present) => present,
            None => guest.comes() || !anybody,
        };
        if !is_here {
            continue;
        }
        let table = tables
            .iter()
            .find(|table| table.people.iter().any(|person| person.guest == guest.id))
            .map(|table| table.number);
        match groups.iter_mut().find(|group| group.table == table) {
            Some(group) => group.guests.push(guest),
            None => groups.push(Group {
                table,
                guests: vec![guest],
            }),
        }
    }
    groups.sort_by_key(|group| (group.table.is_none(), group.table));
    groups
}

pub(super) async fn show(
    me: Staff,
    Path(id): Path<WorkshopId>,
    Query(taps): Query<Taps>,
) -> Result<Response> {
    page(&me, id, taps, Errors::default()).await
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct CaptureForm {
    id: String,
    a: String,
    de: String,
    sens: String,
    flux: String,
    label: String,
    category: String,
    category_typed: String,
}

impl CaptureForm {
    fn taps(&self) -> Taps {
        Taps {
            de: self.de.clone(),
            sens: self.sens.clone(),
            flux: self.flux.clone(),
            label: self.label.clone(),
            category: self.category.clone(),
            category_typed: self.category_typed.clone(),
        }
    }

    fn parse(&self) -> Result<Capture, Errors> {
        let taps = self.taps();
        let flow = self.flux.parse::<FlowId>().ok();
        let (label, direction) = (taps.words(), taps.direction());
        let read = (
            self.id.parse::<IdeaId>().ok(),
            self.de.parse::<EstablishmentId>().ok(),
            self.a.parse::<EstablishmentId>().ok(),
        );
        let (Some(id), Some(speaker), Some(other)) = read else {
            return Err(Errors::one("a", "Choisissez pour qui."));
        };
        if speaker == other {
            return Err(Errors::one(
                "a",
                "Choisissez une autre entreprise que celle qui parle.",
            ));
        }
        if flow.is_none() && (label.is_empty() || label.chars().count() > 120) {
            return Err(Errors::one(
                "label",
                "Dites de quoi il s’agit, en 120 caractères au plus.",
            ));
        }
        let category = FlowCode::find(&self.category).or_else(|| guessed(&label, direction));
        Ok(Capture {
            id,
            speaker,
            direction,
            flow,
            label,
            category: category.map(|code| code.to_string()),
            other,
        })
    }
}

/// What the words mean, when they are clear; else an advisor classifies the flow later.
fn guessed(label: &str, direction: Direction) -> Option<FlowCode> {
    Catalogue::embedded()
        .classify(label, None, Some(direction))
        .into_iter()
        .find(|guess| guess.confidence >= CONFIDENT)
        .map(|guess| guess.code)
}

pub(super) async fn submit(
    me: Staff,
    Path(id): Path<WorkshopId>,
    Form(form): Form<CaptureForm>,
) -> Result<Response> {
    let scope = me.scope()?;
    let said = match form.parse() {
        Ok(said) => said,
        Err(errors) => return page(&me, id, form.taps(), errors).await,
    };
    let captured = me
        .transact(async |tx| -> Result<Captured> {
            let workshop = store::lock(tx, &scope, id).await?.or_not_found()?;
            let guests = store::guests::of_workshop(tx, &scope, id).await?;
            let is_guest = |who: EstablishmentId| guests.iter().any(|guest| guest.establishment_id == who);
            if !is_guest(said.speaker) || !is_guest(said.other) {
                return Err(AppError::NotFound);
            }
            let captured = store::ideas::capture(tx, &scope, &workshop, &said).await?;
            match captured {
                Captured::New | Captured::Merged => {
                    announce(tx, &workshop, [said.speaker, said.other]).await?;
                }
                Captured::Again | Captured::NoFlow => {}
            }
            Ok(captured)
        })
        .await?;
    let message = match captured {
        Captured::New | Captured::Again => "Idée notée.",
        Captured::Merged => "Déjà dite pendant cet atelier\u{a0}: renforcée.",
        Captured::NoFlow => "Ce flux a été supprimé entre-temps\u{a0}: dites de quoi il s’agit.",
    };
    let sense = if said.direction == Direction::Inbound {
        "cherche"
    } else {
        "offre"
    };
    let href = paths::capture_of(&id, &said.speaker, sense);
    Ok(me.done(message, href).into_response())
}

/// The queue takes the idea, and the engine the flows of companies that it works on.
async fn announce(
    tx: &mut crate::platform::db::Tx,
    workshop: &Workshop,
    companies: [EstablishmentId; 2],
) -> sqlx::Result<()> {
    let job = IdeasCaptured {
        territory: workshop.territory_id,
        workshop: workshop.id,
    };
    jobs::enqueue(tx, &job).await?;
    for company in companies {
        flows::changes::announce_all(tx, workshop.territory_id, company).await?;
    }
    Ok(())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct UndoForm {
    idea: String,
}

pub(super) async fn undo(me: Staff, Path(id): Path<WorkshopId>, Form(form): Form<UndoForm>) -> Result<Done> {
    let scope = me.scope()?;
    let idea = form.idea.parse::<IdeaId>().ok().or_not_found()?;
    let undone = me
        .transact(async |tx| -> Result<Option<Undone>> {
            let workshop = store::lock(tx, &scope, id).await?.or_not_found()?;
            let undone = store::ideas::undo(tx, &scope, &workshop, idea).await?;
            if undone.is_some() {
                let job = IdeasCaptured {
                    territory: workshop.territory_id,
                    workshop: id,
                };
                jobs::enqueue(tx, &job).await?;
            }
            Ok(undone)
        })
        .await?;
    let message = match undone {
        None => "Cette idée était déjà retirée.".to_owned(),
        Some(Undone { label, before: None }) => format!("Idée retirée\u{a0}: {label}."),
        Some(Undone {
            label,
            before: Some((synergy, Before::Stays)),
        }) => format!("Idée retirée\u{a0}: {label}. {synergy} reste «\u{a0}à étudier\u{a0}»."),
        Some(Undone {
            label,
            before: Some((synergy, Before::GoesBack)),
        }) => format!("Idée retirée\u{a0}: {label}. {synergy} est de nouveau mise de côté, comme avant."),
    };
    Ok(me.done(message, paths::capture(&id)))
}
