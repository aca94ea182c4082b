//! Screen and document: the attendance sheet, ticked on screen or signed on paper. Two advisors at the door may
//! tick it together: each changes only what they touched.

use super::list::counted;
use super::model::Workshop;
use super::paper::{Paper, when_and_where};
use super::seating::people;
use super::store::guests::Guest;
use super::{paths, store};
use crate::kernel::ids::WorkshopId;
use crate::platform::access::Staff;
use crate::platform::pdf::{Block, Cell, Column, Table};
use crate::platform::web::{Done, Form, OptionExt, Page, Path, Result, filters};
use askama::Template;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "workshops/sheet.html")]
struct Sheet {
    workshop: Workshop,
    guests: Vec<Guest>,
}

impl Sheet {
    /// Before the sheet is filled, whoever said yes is ticked.
    fn is_ticked(guest: &Guest) -> bool {
        guest.is_present.unwrap_or_else(|| guest.comes())
    }
}

pub(super) async fn show(me: Staff, Path(id): Path<WorkshopId>) -> Result<Response> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    Ok(Page(Sheet {
        workshop: store::find(&mut db, &scope, id).await?.or_not_found()?,
        guests: store::guests::of_workshop(&mut db, &scope, id).await?,
    })
    .into_response())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AttendForm {
    /// The guests of the page, and those that it showed ticked.
    listed: Vec<String>,
    was: Vec<String>,
    present: Vec<String>,
}

impl AttendForm {
    /// Whether a guest came: as ticked here, but what was not touched here stays as a colleague noted it.
    fn came(&self, guest: &Guest) -> Option<bool> {
        let id = guest.id.to_string();
        if !self.listed.contains(&id) {
            return guest.is_present;
        }
        let (was, mine) = (self.was.contains(&id), self.present.contains(&id));
        match guest.is_present {
            Some(noted) if mine == was => Some(noted),
            Some(_) | None => Some(mine),
        }
    }
}

pub(super) async fn submit(
    me: Staff,
    Path(id): Path<WorkshopId>,
    Form(form): Form<AttendForm>,
) -> Result<Done> {
    let scope = me.scope()?;
    let (people, kept) = me
        .transact(async |tx| -> Result<(i32, usize)> {
            let workshop = store::lock(tx, &scope, id).await?.or_not_found()?;
            let guests = store::guests::of_workshop(tx, &scope, id).await?;
            let came: Vec<_> = guests
                .iter()
                .filter_map(|guest| Some((guest.id, form.came(guest)?)))
                .collect();
            let kept = came
                .iter()
                .filter(|(guest, came)| *came != form.present.contains(&guest.to_string()))
                .count();
            Ok((store::after::attend(tx, &workshop, &came).await?, kept))
        })
        .await?;
    let mut message = format!(
        "Présences enregistrées\u{a0}: {}.",
        counted(i64::from(people), "personne")
    );
    if kept > 0 {
        message.push_str(" Ce qu’un collègue a noté entre-temps est gardé.");
    }
    Ok(me.done(message, paths::after(&id)))
}

const PAPER: Paper = Paper {
    name: "Feuille de présence",
    file: "presences",
    about: "Qui est venu à un atelier, à signer",
    note: "Lue par les organisateurs de l’atelier seulement\u{a0}: elle porte des noms de personnes.",
};

/// Lines for those who were not expected.
const SPARE: usize = 4;

pub(super) async fn pdf(me: Staff, Path(id): Path<WorkshopId>) -> Result<Response> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let workshop = store::find(&mut db, &scope, id).await?.or_not_found()?;
    let guests = store::guests::of_workshop(&mut db, &scope, id).await?;
    drop(db);
    let blocks = vec![
        Block::Title {
            text: workshop.title.clone(),
            under: when_and_where(&workshop),
        },
        Block::Table(to_sign(&guests)),
    ];
    PAPER.answer(&workshop, me.now(), blocks).await
}

fn to_sign(guests: &[Guest]) -> Table {
    let mut rows: Vec<Vec<Cell>> = people(guests)
        .into_iter()
        .map(|person| {
            let name = if person.is_named {
                person.name
            } else {
                String::new()
            };
            vec![Cell::strong(person.company), Cell::text(name), Cell::text("")]
        })
        .collect();
    rows.extend((0..SPARE).map(|_| vec![Cell::text(""), Cell::text(""), Cell::text("")]));
    Table {
        columns: vec![
            Column::words("Entreprise"),
            Column::words("Personne"),
            Column::blank("Signature"),
        ],
        rows,
        ..Table::default()
    }
}
