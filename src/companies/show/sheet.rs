//! Document: the sheet of an establishment on paper, for the advisor who goes there.

use super::{Group, Show, load, state_words};
use crate::companies::show::store::{FlowRow, VisitRow};
use crate::kernel::Direction;
use crate::kernel::ids::EstablishmentId;
use crate::platform::App;
use crate::platform::access::Staff;
use crate::platform::pdf::{Block, Bullet, Cell, Column, Document, Format, Table, Words, edited};
use crate::platform::web::filters::long_day;
use crate::platform::web::{Path, Result};
use axum::extract::State;
use axum::response::Response;

/// Partners of a group that are named.
const PARTNERS: usize = 4;

pub(in crate::companies) async fn pdf(
    me: Staff,
    State(app): State<App>,
    Path(id): Path<EstablishmentId>,
) -> Result<Response> {
    let show = load(&me, &app, id).await?;
    let name = show.establishment.siret.clone().unwrap_or_else(|| id.to_string());
    let document = Document {
        format: Format::Sheet,
        title: format!("Fiche de {}", show.establishment.name),
        about: "Fiche d’un établissement, pour les conseillers du territoire".to_owned(),
        header: "Fiche entreprise · réservée aux conseillers du territoire".to_owned(),
        footer: format!(
            "{} Quantités telles que relevées en visite ou déclarées\u{202f}; une case vide se lit «\u{a0}non estimé\u{a0}».",
            edited(me.now())
        ),
        blocks: show.blocks(),
    };
    Ok(document.answer(&format!("fiche-{name}")).await?)
}

impl Show {
    fn blocks(&self) -> Vec<Block> {
        let mut blocks = vec![
            Block::Title {
                text: self.establishment.name.clone(),
                under: self.summary(),
            },
            Block::Facts(self.identity()),
        ];
        blocks.push(Block::Heading("Contacts".to_owned()));
        blocks.push(self.people());
        blocks.push(Block::Heading("Flux".to_owned()));
        if self.groups.is_empty() {
            blocks.push(Block::Soft("Aucun flux relevé.".to_owned()));
        } else {
            blocks.push(Block::Table(self.inventory()));
        }
        if !self.presumed.is_empty() {
            blocks.push(Block::Subheading(
                "Flux présumés, à vérifier sur place".to_owned(),
            ));
            blocks.push(self.questions());
        }
        blocks.push(Block::Heading("Synergies".to_owned()));
        blocks.push(self.outcomes());
        blocks.push(Block::Heading("Visites".to_owned()));
        blocks.push(self.meetings());
        if let Some(notes) = &self.establishment.notes {
            blocks.push(Block::Heading("Notes".to_owned()));
            blocks.push(Block::Text(notes.as_str().into()));
        }
        blocks
    }

    fn identity(&self) -> Vec<(String, Words)> {
        let e = &self.establishment;
        let place = [
            e.address.clone(),
            e.postal_code.clone(),
            self.names.commune.clone(),
        ];
        let place = place.into_iter().flatten().collect::<Vec<_>>().join(", ");
        let company = (self.names.company != e.name).then(|| self.names.company.clone());
        let charter = e.charter_signed_on.map_or_else(
            || "pas encore signée".to_owned(),
            |on| format!("signée le {}", long_day(on)),
        );
        let known = [
            ("Entreprise", company),
            ("Activité", self.activity().or_else(|| e.activity.clone())),
            ("Adresse", Some(place).filter(|place| !place.is_empty())),
            ("Zone d’activités", self.names.zone.clone()),
            ("Charte", Some(charter)),
            ("Référence", e.reference.clone()),
        ];
        known
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), Words::from(value?))))
            .collect()
    }

    fn people(&self) -> Block {
        if self.contacts.is_empty() {
            return Block::Soft("Aucun contact pour l’instant.".to_owned());
        }
        let line = |contact: &crate::companies::contacts::Contact| {
            let rest = [&contact.job_title, &contact.phone, &contact.email];
            let rest: Vec<_> = rest.into_iter().flatten().map(String::as_str).collect();
            let words = Words::default().strong(contact.name.clone());
            (Bullet::Dot, words.then(format!(" {}", rest.join(" · "))))
        };
        Block::List(self.contacts.iter().map(line).collect())
    }

    fn inventory(&self) -> Table {
        let rows = self
            .groups
            .iter()
            .flat_map(|group| group.flows.iter().map(move |flow| self.flow(group, flow)))
            .collect();
        Table {
            columns: vec![
                Column::words("Flux"),
                Column::words("Famille"),
                Column::words("Sens"),
                Column::number("Quantité"),
                Column::words("Exutoire ou fournisseur"),
                Column::number("Vu le"),
            ],
            rows,
            ..Table::default()
        }
    }

    fn flow(&self, group: &Group, flow: &FlowRow) -> Vec<Cell> {
        let stale = if self.is_stale(flow) {
            " (à confirmer)"
        } else {
            ""
        };
        vec![
            Cell::strong(flow.label.clone()),
            Cell::Soft(
                group
                    .family
                    .map_or("à classer", |family| family.label())
                    .to_owned(),
            ),
            Cell::text(flow.direction.label()),
            flow.amount()
                .map_or_else(|| Cell::Soft("non estimé".to_owned()), Cell::text),
            Cell::text(flow.outlet.clone().unwrap_or_default()),
            Cell::text(format!("{}{stale}", flow.known_on.format("%d/%m/%Y"))),
        ]
    }

    fn questions(&self) -> Block {
        let line = |row: &super::store::PresumedRow| {
            let way = match row.direction {
                Direction::Outbound => "sortant",
                Direction::Inbound => "entrant",
            };
            let span = row.span().map(|span| format!(", {span}")).unwrap_or_default();
            let words = Words::default().strong(row.label());
            (
                Bullet::Ask,
                words.then(format!(", {way}, {} de chances{span}", row.percent())),
            )
        };
        Block::List(self.presumed.iter().map(line).collect())
    }

    fn outcomes(&self) -> Block {
        if self.steps.is_empty() {
            return Block::Soft("Aucune synergie proposée avec ces flux pour l’instant.".to_owned());
        }
        let rows = self
            .steps
            .iter()
            .flat_map(|step| &step.synergies)
            .map(|one| {
                vec![
                    Cell::strong(one.title.clone()),
                    Cell::text(partners(one.others.as_deref().unwrap_or_default())),
                    Cell::text(state_words(&one.state).0),
                    Cell::Soft(one.code()),
                ]
            })
            .collect();
        let columns = ["Synergie", "Avec", "État", "Numéro"].map(Column::words);
        Block::Table(Table {
            columns: columns.into(),
            rows,
            ..Table::default()
        })
    }

    fn meetings(&self) -> Block {
        if self.visits.is_empty() {
            return Block::Soft("Pas encore visitée.".to_owned());
        }
        let line = |visit: &VisitRow| {
            let who = visit
                .advisors
                .as_deref()
                .map(|who| format!(", {who}"))
                .unwrap_or_default();
            let plural = if visit.flows > 1 { "s" } else { "" };
            let rest = format!(
                ", {}{who}, {} flux relevé{plural}",
                visit.status_words().0,
                visit.flows
            );
            (
                Bullet::Dot,
                Words::default().strong(long_day(visit.visit_on)).then(rest),
            )
        };
        Block::List(self.visits.iter().map(line).collect())
    }
}

/// The first names of a long list.
fn partners(names: &str) -> String {
    let all: Vec<_> = names.split(", ").collect();
    match all.len().checked_sub(PARTNERS) {
        Some(left) if left > 1 => format!("{} et {left} autres", all[..PARTNERS].join(", ")),
        _ => names.to_owned(),
    }
}
