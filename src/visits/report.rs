//! Document: what a visit gathered, to be read again, signed or sent to whoever was met. It is about one
//! company only, and says nothing of the others.

use super::loaded::{Loaded, identity, load};
use super::questionnaire::{CONTACT_MET, DURATION, NOTES, SECTIONS, Section, VISIT_ON};
use crate::flows::Flow;
use crate::kernel::ids::VisitId;
use crate::nomenclature::Family;
use crate::platform::access::Staff;
use crate::platform::pdf::{Block, Cell, Column, Document, Format, Table, Words, edited};
use crate::platform::web::filters::long_day;
use crate::platform::web::{Path, Result};
use axum::response::Response;
use std::collections::BTreeMap;

/// Said elsewhere in the document.
const ELSEWHERE: [&str; 4] = [CONTACT_MET, VISIT_ON, DURATION, NOTES];

pub(super) async fn pdf(me: Staff, Path(id): Path<VisitId>) -> Result<Response> {
    let loaded = load(&me, id).await?;
    let name = format!("compte-rendu-{}", loaded.visit.visit_on);
    let document = Document {
        format: Format::Sheet,
        title: format!(
            "Compte rendu de visite, {}, {}",
            loaded.establishment.name,
            long_day(loaded.visit.visit_on)
        ),
        about: "Ce qui a été relevé pendant une visite".to_owned(),
        header: format!("Compte rendu de visite · {}", loaded.establishment.name),
        footer: format!(
            "{} Confidentiel\u{a0}: l’entreprise et les conseillers du territoire. Quantités par an, dans l’unité du flux\u{202f}; leur origine (mesuré, déclaré, estimé) est écrite à côté.",
            edited(me.now())
        ),
        blocks: blocks(&loaded),
    };
    Ok(document.answer(&name).await?)
}

fn blocks(loaded: &Loaded) -> Vec<Block> {
    let mut blocks = vec![
        Block::Title {
            text: loaded.establishment.name.clone(),
            under: identity(&loaded.establishment, &loaded.around),
        },
        Block::Facts(meeting(loaded)),
        Block::Heading("Flux relevés".to_owned()),
    ];
    if loaded.inventory.is_empty() {
        blocks.push(Block::Soft("Aucun flux n’a été relevé.".to_owned()));
    } else {
        blocks.push(Block::Soft(loaded.inventory_words()));
        blocks.push(Block::Table(inventory(&loaded.inventory)));
    }
    let answers = loaded.questions().answers;
    blocks.extend(
        SECTIONS
            .iter()
            .filter_map(|section| said(section, &answers))
            .flatten(),
    );
    if let Some(notes) = &loaded.visit.notes {
        blocks.push(Block::Heading("Notes".to_owned()));
        blocks.push(Block::Text(notes.as_str().into()));
    }
    let missing: Vec<_> = loaded
        .progress()
        .parts
        .into_iter()
        .flat_map(|part| part.missing)
        .map(|one| one.label)
        .collect();
    if !missing.is_empty() {
        blocks.push(Block::Heading("Reste à demander".to_owned()));
        blocks.push(Block::Text(format!("{}.", missing.join(" · ")).into()));
    }
    blocks
}

fn meeting(loaded: &Loaded) -> Vec<(String, Words)> {
    let visit = &loaded.visit;
    let advisors = &loaded.around.advisors;
    let known = [
        (
            "Visite",
            Some(format!("{}, {}", long_day(visit.visit_on), visit.status.label())),
        ),
        ("Conseillers", (!advisors.is_empty()).then(|| advisors.join(", "))),
        ("Personne rencontrée", visit.contact_met.clone()),
        (
            "Durée",
            visit
                .duration_minutes
                .map(|minutes| format!("{minutes}\u{a0}minutes")),
        ),
    ];
    known
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), Words::from(value?))))
        .collect()
}

fn inventory(flows: &[Flow]) -> Table {
    let mut sorted: Vec<&Flow> = flows.iter().collect();
    let family = |flow: &Flow| flow.code().map(|code| code.family());
    sorted.sort_by_key(|flow| (family(flow).is_none(), family(flow)));
    let rows = sorted
        .into_iter()
        .map(|flow| {
            vec![
                Cell::strong(flow.label.clone()),
                Cell::Soft(family(flow).map_or("à classer", Family::label).to_owned()),
                Cell::text(flow.direction.label()),
                flow.annual_text()
                    .map_or_else(|| Cell::Soft("non estimé".to_owned()), Cell::text),
                Cell::text(flow.certainty.label()),
                Cell::text(flow.outlet.clone().unwrap_or_default()),
            ]
        })
        .collect();
    Table {
        columns: vec![
            Column::words("Flux"),
            Column::words("Famille"),
            Column::words("Sens"),
            Column::number("Par an"),
            Column::words("Origine"),
            Column::words("Exutoire ou fournisseur"),
        ],
        rows,
        ..Table::default()
    }
}

/// A section of the questionnaire, when something of it was answered.
fn said(section: &Section, answers: &BTreeMap<String, String>) -> Option<[Block; 2]> {
    let facts: Vec<_> = section
        .questions
        .iter()
        .filter(|question| !ELSEWHERE.contains(&question.code))
        .filter_map(|question| {
            let answer = answers.get(question.code).map(|answer| answer.trim())?;
            (!answer.is_empty()).then(|| (question.label.to_owned(), Words::from(answer)))
        })
        .collect();
    (!facts.is_empty()).then(|| [Block::Heading(section.title.to_owned()), Block::Facts(facts)])
}
