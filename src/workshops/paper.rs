//! What the documents of a workshop have in common, to be printed on A4 before the day or after it.

use super::model::Workshop;
use super::paths;
use crate::platform::pdf::{Block, Document, Format, edited};
use crate::platform::web::Result;
use crate::platform::web::filters::{long_day, weekday};
use axum::response::Response;
use chrono::{DateTime, Datelike, Utc};

/// One of the documents.
pub(super) struct Paper {
    pub(super) name: &'static str,
    /// Of the file, before the date.
    pub(super) file: &'static str,
    pub(super) about: &'static str,
    /// After the date of edition, at the foot of each page.
    pub(super) note: &'static str,
}

impl Paper {
    pub(super) async fn answer(
        &self,
        workshop: &Workshop,
        now: DateTime<Utc>,
        blocks: Vec<Block>,
    ) -> Result<Response> {
        let document = Document {
            format: Format::Sheet,
            title: format!("{}, atelier «\u{a0}{}\u{a0}»", self.name, workshop.title),
            about: self.about.to_owned(),
            header: format!("{} · atelier du {}", self.name, long_day(workshop.held_on)),
            footer: format!("{} {}", edited(now), self.note),
            blocks,
        };
        let file = format!("{}-{}", self.file, workshop.held_on);
        Ok(document.answer(&file).await?)
    }
}

/// « mardi 24 novembre 2026, de 8 h 30 à 10 h 30, Salle des fêtes ».
pub(super) fn when_and_where(workshop: &Workshop) -> String {
    let (day, year) = (weekday(workshop.held_on), workshop.held_on.year());
    let mut words = format!("{day} {year}, {}", workshop.hours());
    if let Some(place) = &workshop.place {
        words = format!("{words}, {place}");
    }
    words
}

/// What there is to print of a workshop: label and address.
pub(super) fn offered(workshop: &Workshop) -> Vec<(&'static str, String)> {
    let id = &workshop.id;
    let mut papers = vec![
        ("Ordre du jour et tables", paths::agenda(id)),
        ("Chevalets", paths::place_cards(id)),
        ("Cartons ressource", paths::resource_cards(id)),
        ("Feuille de présence", paths::signatures(id)),
    ];
    if workshop.state.took_place() {
        papers.push(("Compte rendu", paths::report_pdf(id)));
    }
    papers
}
