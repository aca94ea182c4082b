//! The grid as it is shown, and as it is sent to an open page: one view of a row for both. Pure.

use super::Visit;
use super::cells::{Field, digest, row_of};
use super::entry::standing_row;
use super::store::entry::StoredCell;
use crate::flows::{self, Certainty, Flow, FlowForm};
use crate::kernel::Direction;
use crate::kernel::ids::FlowId;
use crate::nomenclature::{Catalogue, Family};
use crate::platform::web::Choice;
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Below this confidence, a category is not worth a question.
const WORTH_ASKING: f64 = 0.15;

/// One line of the grid.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Row {
    pub(super) id: Uuid,
    /// What each cell holds, by the name of its field: what a page sends back as its base.
    pub(super) cells: BTreeMap<&'static str, String>,
    pub(super) annual: Option<String>,
    pub(super) category: Option<&'static str>,
    #[serde(skip)]
    pub(super) family: Option<Family>,
    /// What cannot be understood, by the name of its field.
    pub(super) errors: BTreeMap<String, String>,
    /// Why its quantity is kept in words, without an estimate.
    pub(super) note: Option<String>,
    /// Over what is stored: sent, and not saved.
    #[serde(skip)]
    typed: BTreeMap<String, String>,
    /// What it may be, while it is not classified.
    pub(super) guesses: Vec<Guess>,
    /// Whether there is a flow of it yet.
    pub(super) recorded: bool,
    #[serde(skip)]
    pub(super) is_stale: bool,
    /// Known from before this visit: « inchangé » makes sense.
    #[serde(skip)]
    pub(super) known_on: Option<NaiveDate>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Guess {
    pub(super) value: &'static str,
    pub(super) label: String,
}

impl Row {
    pub(super) fn cell(&self, field: &str) -> &str {
        let typed = self.typed.get(field).or_else(|| self.cells.get(field));
        typed.map_or("", String::as_str)
    }
    /// What a message calls it.
    pub(super) fn name(&self) -> &str {
        match self.cell(Field::Label.name()).trim() {
            "" => "Ligne sans nom",
            label => label,
        }
    }
    pub(super) fn clash(&mut self, field: &str, mine: &str, sentence: String) {
        self.typed.insert(field.to_owned(), mine.to_owned());
        self.errors.insert(field.to_owned(), sentence);
    }
    pub(super) fn error(&self, field: &str) -> &str {
        self.errors.get(field).map_or("", String::as_str)
    }
    pub(super) fn base(&self) -> String {
        serde_json::to_string(&self.cells).unwrap_or_default()
    }
    /// « déclaré ».
    pub(super) fn certainty_label(&self) -> String {
        Field::Certainty.shown(self.cell(Field::Certainty.name()))
    }
    /// The flow's own page, which comes back here.
    pub(super) fn details(&self, back: &str) -> String {
        flows::paths::edit_from(&FlowId::from(self.id), back)
    }
}

/// A family's rows.
pub(super) struct Group {
    pub(super) css: &'static str,
    pub(super) code: &'static str,
    pub(super) label: &'static str,
    pub(super) rows: Vec<Row>,
}

/// From where the inventory is looked at.
pub(super) struct Eye<'a> {
    pub(super) visit: &'a Visit,
    pub(super) today: NaiveDate,
    pub(super) freshness: u32,
}

impl Eye<'_> {
    /// A flow of the inventory, with what is still to be understood of it.
    pub(super) fn recorded(&self, flow: &Flow, cells: &[StoredCell]) -> Row {
        let text = standing_row(self.visit, Some(flow), cells);
        let mut row = row(flow.id.uuid(), &text, &row_of(flow));
        row.recorded = true;
        row.annual = flow
            .annual_text()
            .filter(|_| !row.errors.contains_key("quantity") && row.note.is_none());
        row.category = flow.category_label();
        row.family = flow.code().map(|code| code.family());
        row.is_stale = flow.needs_confirmation(self.today, self.freshness);
        row.known_on = Some(flow.known_on()).filter(|on| *on < self.visit.visit_on);
        if flow.category.is_none() {
            row.guesses = guesses(flow);
        }
        row
    }

    /// A row that has no name yet.
    pub(super) fn begun(&self, id: Uuid, cells: &[StoredCell]) -> Row {
        let text = standing_row(self.visit, None, cells);
        row(
            id,
            &text,
            &super::cells::blank_row(Direction::Outbound, self.visit.visit_on),
        )
    }

    /// Every row, by family; those without a family last.
    pub(super) fn groups(&self, inventory: &[Flow], cells: &[StoredCell]) -> Vec<Group> {
        let mut families: BTreeMap<Family, Vec<Row>> = BTreeMap::new();
        let mut unclassified = Vec::new();
        for flow in inventory {
            let row = self.recorded(flow, &of_row(cells, flow.id.uuid()));
            match row.family {
                Some(family) => families.entry(family).or_default().push(row),
                None => unclassified.push(row),
            }
        }
        let begun: BTreeSet<Uuid> = cells
            .iter()
            .filter(|cell| is_begun(self.visit, cell))
            .map(|cell| cell.row_id)
            .collect();
        let begun = begun
            .into_iter()
            .map(|id| self.begun(id, &of_row(cells, id)))
            .filter(|row| !is_empty(row));
        unclassified.extend(begun);
        let mut groups: Vec<_> = families
            .into_iter()
            .map(|(family, rows)| Group {
                css: family.css(),
                code: family.code(),
                label: family.label(),
                rows,
            })
            .collect();
        if !unclassified.is_empty() {
            groups.push(Group {
                css: "",
                code: "",
                label: "À classer",
                rows: unclassified,
            });
        }
        groups
    }
}

fn of_row(cells: &[StoredCell], row: Uuid) -> Vec<StoredCell> {
    cells.iter().filter(|cell| cell.row_id == row).cloned().collect()
}

/// Typed in a row of the grid that is no flow yet.
fn is_begun(visit: &Visit, cell: &StoredCell) -> bool {
    cell.is_pending && !cell.is_flow && cell.row_id != visit.id.uuid()
}

/// A row of which nothing but the choices is filled.
fn is_empty(row: &Row) -> bool {
    [Field::Label, Field::Category, Field::Quantity, Field::Outlet]
        .iter()
        .all(|field| row.cell(field.name()).trim().is_empty())
}

fn row(id: Uuid, text: &FlowForm, before: &FlowForm) -> Row {
    let cells: BTreeMap<_, _> = Field::ALL
        .iter()
        .map(|field| (field.name(), field.of(text).to_owned()))
        .collect();
    let mut refused = digest(text, before).refused;
    let mut row = Row {
        id,
        cells,
        annual: None,
        category: None,
        family: None,
        errors: BTreeMap::new(),
        note: None,
        typed: BTreeMap::new(),
        guesses: Vec::new(),
        recorded: false,
        is_stale: false,
        known_on: None,
    };
    if !Field::Quantity.holds_back(&text.quantity) && !refused.contains_key(&Field::Label) {
        row.note = refused
            .remove(&Field::Quantity)
            .map(|why| format!("Quantité gardée telle quelle, sans estimation. {why}"));
    }
    if !is_empty(&row) {
        row.errors = refused
            .into_iter()
            .map(|(field, sentence)| (field.name().to_owned(), sentence))
            .collect();
    }
    row
}

/// An untouched row, whose identifier makes its creation happen once. The direction is a proposal:
/// it is not in the row's base, so that it is sent with the first words.
pub(super) fn empty_row(id: Uuid, direction: Direction, visit_on: NaiveDate) -> Row {
    proposed(id, &super::cells::blank_row(direction, visit_on), visit_on)
}

/// A row like that flow, whose quantity is to be said again.
pub(super) fn copied_row(id: Uuid, flow: &Flow, visit_on: NaiveDate) -> Row {
    proposed(id, &row_of(&flow.copy(visit_on)), visit_on)
}

fn proposed(id: Uuid, text: &FlowForm, visit_on: NaiveDate) -> Row {
    let blank = super::cells::blank_row(Direction::Outbound, visit_on);
    let mut row = row(id, &blank, &blank);
    for field in Field::ALL
        .into_iter()
        .filter(|field| field.of(text) != field.of(&blank))
    {
        row.typed
            .insert(field.name().to_owned(), field.of(text).to_owned());
    }
    row
}

fn guesses(flow: &Flow) -> Vec<Guess> {
    let catalogue = Catalogue::embedded();
    let found = catalogue.classify(&flow.label, None, Some(flow.direction));
    flows::model::measured_in(found, flow.typed_unit())
        .into_iter()
        .filter(|guess| guess.confidence >= WORTH_ASKING)
        .take(3)
        .map(|guess| Guess {
            value: guess.code.as_str(),
            label: format!("{} {}", guess.code, catalogue.category(guess.code).label),
        })
        .collect()
}

/// How many cells wait to be corrected.
pub(super) fn faults(cells: &[StoredCell]) -> usize {
    let waits = |cell: &&StoredCell| {
        let is_choice = matches!(
            Field::parse(&cell.field),
            Some(Field::Direction | Field::Certainty)
        );
        let typed = cell.write.typed.trim();
        let holds_back = Field::parse(&cell.field).is_none_or(|field| field.holds_back(typed));
        let waits_here = if cell.is_flow {
            holds_back
        } else {
            !is_choice && !typed.is_empty()
        };
        cell.is_pending && !cell.is_deleted && waits_here
    };
    cells.iter().filter(waits).count()
}

/// Why the visit is not validated.
pub(super) fn faults_words(faults: usize) -> String {
    match faults {
        1 => "Une saisie reste à corriger avant de valider la visite.".to_owned(),
        n => format!("{n} saisies restent à corriger avant de valider la visite."),
    }
}

// ---- what the cells offer

pub(super) fn directions() -> Vec<Choice> {
    Choice::pairs(Direction::ALL.iter().map(|d| (d.word(), d.label())))
}

pub(super) fn certainties() -> Vec<Choice> {
    Choice::pairs(Certainty::ALL.iter().map(|c| (c.code(), c.label())))
}
