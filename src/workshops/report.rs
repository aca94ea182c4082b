//! Page and document: the report of a workshop.

use super::list::counted;
use super::model::{MARKS, Workshop};
use super::paper::{Paper, when_and_where};
use super::store::guests::Guest;
use super::store::ideas::Idea;
use super::store::{self, Promise};
use super::{category_labels, paths};
use crate::kernel::format_number;
use crate::kernel::ids::WorkshopId;
use crate::platform::access::Staff;
use crate::platform::pdf::{Block, Bullet, Cell, Column, Table, Words};
use crate::platform::web::filters::long_day;
use crate::platform::web::{OptionExt, Page, Path, Result, filters};
use askama::Template;
use axum::response::{IntoResponse, Response};

#[derive(Template)]
#[template(path = "workshops/report.html")]
struct Report {
    workshop: Workshop,
    guests: Vec<Guest>,
    ideas: Vec<Idea>,
    promises: Vec<Promise>,
}

impl Report {
    /// What it is, and its value: as on the page, so on paper.
    fn figures(&self) -> Vec<(&'static str, String)> {
        let themes = category_labels(&self.workshop.categories);
        vec![
            (
                "Thèmes",
                if themes.is_empty() {
                    "Tous".to_owned()
                } else {
                    themes.join(", ")
                },
            ),
            ("Présents", self.present_words()),
            ("Idées", self.ideas_words()),
            ("Engagements", self.promises.len().to_string()),
            (
                "Satisfaction",
                self.satisfaction().unwrap_or_else(|| "non mesurée".to_owned()),
            ),
        ]
    }
    /// « 21 personnes, de 18 entreprises sur 28 invitées ».
    fn present_words(&self) -> String {
        let people = counted(i64::from(self.workshop.participants), "personne");
        let firms = self.present().len();
        if firms == 0 {
            return people;
        }
        let invited = self.guests.len();
        format!(
            "{people}, de {} sur {invited} invitée{}",
            number(firms, "entreprise"),
            if invited > 1 { "s" } else { "" }
        )
    }
    /// « 12 : 9 nouvelles, 3 déjà proposées et renforcées ; dites 15 fois en tout ».
    fn ideas_words(&self) -> String {
        let all = self.ideas.len();
        if all == 0 {
            return "aucune".to_owned();
        }
        let fresh = self.ideas.iter().filter(|idea| !idea.is_reinforcement).count();
        let s = |count: usize| if count > 1 { "s" } else { "" };
        let mut words = format!("{all}\u{a0}: {fresh}\u{a0}nouvelle{}", s(fresh));
        let again = all - fresh;
        if again > 0 {
            words = format!("{words}, {again}\u{a0}déjà proposée{0} et renforcée{0}", s(again));
        }
        let said: i64 = self.ideas.iter().map(|idea| idea.times).sum();
        format!(
            "{words}\u{202f}; {said} prise{} de parole",
            if said > 1 { "s" } else { "" }
        )
    }
    fn present(&self) -> Vec<&Guest> {
        self.guests
            .iter()
            .filter(|guest| guest.is_present == Some(true))
            .collect()
    }
    fn marks(&self) -> Vec<(&'static str, usize)> {
        MARKS
            .iter()
            .rev()
            .map(|(mark, label)| {
                let count = self
                    .guests
                    .iter()
                    .filter(|guest| guest.mark == Some(*mark))
                    .count();
                (*label, count)
            })
            .collect()
    }
    /// « 3,4 sur 4 pour 12 réponses »; none without any.
    fn satisfaction(&self) -> Option<String> {
        let marks: Vec<i32> = self
            .guests
            .iter()
            .filter_map(|guest| guest.mark)
            .map(i32::from)
            .collect();
        let count = i32::try_from(marks.len()).ok().filter(|count| *count > 0)?;
        let mean = f64::from(marks.iter().sum::<i32>()) / f64::from(count);
        Some(format!(
            "{} sur 4 pour {}",
            format_number(mean, 1),
            counted(i64::from(count), "réponse")
        ))
    }
    fn words(&self) -> Vec<&str> {
        self.guests
            .iter()
            .filter_map(|guest| guest.mark_comment.as_deref())
            .collect()
    }
}

fn number(count: usize, word: &str) -> String {
    counted(i64::try_from(count).unwrap_or(0), word)
}

async fn load(me: &Staff, id: WorkshopId) -> Result<Report> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let ideas = store::ideas::of_workshop(&mut db, &scope, id).await?;
    Ok(Report {
        workshop: store::find(&mut db, &scope, id).await?.or_not_found()?,
        guests: store::guests::of_workshop(&mut db, &scope, id).await?,
        ideas: ideas.into_iter().filter(|idea| !idea.is_undone).collect(),
        promises: store::after::promises(&mut db, &scope, id).await?,
    })
}

pub(super) async fn show(me: Staff, Path(id): Path<WorkshopId>) -> Result<Response> {
    Ok(Page(load(&me, id).await?).into_response())
}

const PAPER: Paper = Paper {
    name: "Compte rendu d’atelier",
    file: "compte-rendu-atelier",
    about: "Ce qui s’est dit et promis pendant un atelier",
    note: "Réservé aux conseillers du territoire\u{a0}: il nomme les entreprises de chaque idée.",
};

pub(super) async fn pdf(me: Staff, Path(id): Path<WorkshopId>) -> Result<Response> {
    let report = load(&me, id).await?;
    let blocks = report.blocks();
    PAPER.answer(&report.workshop, me.now(), blocks).await
}

impl Report {
    fn blocks(&self) -> Vec<Block> {
        let figures = self
            .figures()
            .into_iter()
            .map(|(name, value)| (name.to_owned(), Words::from(value)));
        let mut blocks = vec![
            Block::Title {
                text: self.workshop.title.clone(),
                under: when_and_where(&self.workshop),
            },
            Block::Facts(figures.collect()),
        ];
        if !self.ideas.is_empty() {
            blocks.push(Block::Heading("Idées".to_owned()));
            blocks.push(Block::Table(ideas(&self.ideas)));
        }
        if !self.promises.is_empty() {
            blocks.push(Block::Heading("Qui fait quoi".to_owned()));
            blocks.push(Block::Table(promises(&self.promises)));
        }
        if self.satisfaction().is_some() {
            blocks.push(Block::Heading("Ce qu’en disent les participants".to_owned()));
            let marks = self.marks().into_iter();
            let said = marks.map(|(label, count)| format!("{label}\u{a0}: {count}"));
            let words = self
                .words()
                .into_iter()
                .map(|words| format!("«\u{a0}{words}\u{a0}»"));
            let items = said.chain(words).map(|line| (Bullet::Dot, line.into()));
            blocks.push(Block::List(items.collect()));
        }
        if !self.present().is_empty() {
            blocks.push(Block::Heading("Entreprises présentes".to_owned()));
            let names: Vec<_> = self.present().iter().map(|guest| guest.name.as_str()).collect();
            blocks.push(Block::Text(format!("{}.", names.join(", ")).into()));
        }
        blocks
    }
}

fn ideas(ideas: &[Idea]) -> Table {
    let row = |idea: &Idea| {
        let mut reference = idea.reference().unwrap_or_else(|| "–".to_owned());
        if idea.is_reinforcement {
            reference.push_str(", renforcée");
        }
        vec![
            Cell::strong(idea.label.clone()),
            Cell::text(idea.giver.clone()),
            Cell::text(idea.taker.clone()),
            Cell::Soft(reference),
        ]
    };
    Table {
        columns: ["Idée", "Qui donne", "À qui", "Proposition"]
            .map(Column::words)
            .into(),
        rows: ideas.iter().map(row).collect(),
        ..Table::default()
    }
}

fn promises(promises: &[Promise]) -> Table {
    let row = |promise: &Promise| {
        let mut due = long_day(promise.due_on);
        if promise.done_on.is_some() {
            due.push_str(", tenu");
        }
        vec![
            Cell::strong(promise.what.clone()),
            Cell::text(promise.owner.clone()),
            Cell::text(promise.establishment.clone().unwrap_or_else(|| "–".to_owned())),
            Cell::text(due),
        ]
    };
    Table {
        columns: ["Quoi", "Suivi par", "Avec", "Pour le"].map(Column::words).into(),
        rows: promises.iter().map(row).collect(),
        ..Table::default()
    }
}
