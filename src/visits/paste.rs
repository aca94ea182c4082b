//! Screen: a block copied from a spreadsheet, shown row by row before anything is recorded. What
//! cannot be understood comes into the grid too, to be corrected there.

use super::autosave::may_record;
use super::cells::{Field, Patch, blank_row, digest};
use super::entry::{self, Writer, Written};
use super::table::{Column, MOST_ROWS, Table};
use super::{Visit, paths, store};
use crate::flows::{self, Flow, FlowForm};
use crate::kernel::ids::{FlowId, VisitId};
use crate::kernel::{Direction, fold};
use crate::nomenclature::Catalogue;
use crate::platform::access::Staff;
use crate::platform::web::{Choice, Errors, Form, OptionExt, Page, Path, Result, filters};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::collections::BTreeSet;
use uuid::Uuid;

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct PasteForm {
    text: String,
    /// What the columns hold, when the page was corrected.
    columns: Vec<String>,
    direction: String,
    /// One identifier by row, so that sending twice adds once.
    ids: Vec<String>,
    keep: Vec<String>,
    again: String,
}

/// One row of the preview.
struct Line {
    id: Uuid,
    form: FlowForm,
    category: Option<&'static str>,
    faults: Vec<String>,
    /// A flow of that direction and name is already there.
    exists: bool,
    kept: bool,
}

#[derive(Template)]
#[template(path = "visits/paste.html")]
struct Paste {
    visit: Visit,
    form: PasteForm,
    errors: Errors,
    table: Option<Table>,
    lines: Vec<Line>,
}

impl Paste {
    fn columns(&self) -> Vec<Choice> {
        Choice::pairs(Column::ALL.iter().map(|column| (column.code(), column.label())))
    }
    fn directions(&self) -> Vec<Choice> {
        super::sheet::directions()
    }
    fn to_correct(&self) -> usize {
        self.lines.iter().filter(|line| !line.faults.is_empty()).count()
    }
}

async fn visit_of(me: &Staff, id: VisitId) -> Result<(Visit, Vec<Flow>)> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let visit = store::find(&mut db, &scope, id).await?.or_not_found()?;
    let inventory = flows::store::of_establishment(&mut db, &scope, visit.establishment_id).await?;
    Ok((visit, inventory))
}

pub(super) async fn show(me: Staff, Path(id): Path<VisitId>) -> Result<Response> {
    let (visit, _) = visit_of(&me, id).await?;
    let page = Paste {
        visit,
        form: PasteForm::default(),
        errors: Errors::default(),
        table: None,
        lines: Vec::new(),
    };
    Ok(Page(page).into_response())
}

/// The block with its columns as guessed, or as corrected.
fn table(form: &PasteForm) -> Table {
    let mut table = Table::read(&form.text);
    if form.columns.len() == table.columns.len() {
        let columns = form
            .columns
            .iter()
            .map(|code| Column::parse(code).unwrap_or(Column::Ignored));
        table.columns = columns.collect();
    }
    table
}

fn lines(form: &PasteForm, table: &Table, visit: &Visit, inventory: &[Flow]) -> Vec<Line> {
    let known: BTreeSet<(Direction, String)> = inventory
        .iter()
        .map(|flow| (flow.direction, fold(&flow.label)))
        .collect();
    let by_default = Direction::parse(&form.direction).unwrap_or(Direction::Outbound);
    let row_id = |rank: usize| form.ids.get(rank).and_then(|id| id.parse().ok());
    let rows = table.rows.iter().enumerate();
    rows.map(|(rank, row)| {
        let blank = blank_row(by_default, visit.visit_on);
        let mut typed = blank.clone();
        if let Ok(direction) = Direction::parse(table.cell(row, Column::Direction)) {
            direction.word().clone_into(&mut typed.direction);
        }
        Field::Label.set(&mut typed, table.cell(row, Column::Label));
        Field::Quantity.set(&mut typed, &table.quantity(row));
        Field::Outlet.set(&mut typed, table.cell(row, Column::Outlet));
        let read = digest(&typed, &blank);
        let direction = Direction::parse(&typed.direction).unwrap_or(by_default);
        let id = row_id(rank).unwrap_or_else(|| FlowId::fresh().uuid());
        let exists = known.contains(&(direction, fold(&typed.label)));
        let category = read.entry.and_then(|entry| entry.category);
        Line {
            id,
            category: category.map(|code| Catalogue::embedded().category(code).label.as_str()),
            faults: read.refused.into_values().collect(),
            exists,
            kept: if form.ids.is_empty() {
                !exists
            } else {
                form.keep.contains(&id.to_string())
            },
            form: typed,
        }
    })
    .collect()
}

pub(super) async fn preview(
    me: Staff,
    Path(id): Path<VisitId>,
    Form(form): Form<PasteForm>,
) -> Result<Response> {
    let (visit, inventory) = visit_of(&me, id).await?;
    let table = table(&form);
    if table.rows.is_empty() {
        let page = Paste {
            visit,
            form,
            errors: Errors::one("text", "Collez au moins une ligne copiée de votre tableur."),
            table: None,
            lines: Vec::new(),
        };
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
    }
    let lines = lines(&form, &table, &visit, &inventory);
    let page = Paste {
        visit,
        form,
        errors: Errors::default(),
        lines,
        table: Some(table),
    };
    Ok(Page(page).into_response())
}

/// Adds the rows kept, each once.
pub(super) async fn add(me: Staff, Path(id): Path<VisitId>, Form(form): Form<PasteForm>) -> Result<Response> {
    if !form.again.is_empty() || form.keep.is_empty() {
        return preview(me, Path(id), Form(form)).await;
    }
    let scope = me.scope()?;
    let (visit, inventory) = visit_of(&me, id).await?;
    let kept: Vec<_> = lines(&form, &table(&form), &visit, &inventory)
        .into_iter()
        .filter(|line| line.kept)
        .collect();
    let patches: Vec<_> = kept.iter().flat_map(|line| patches(line, &visit)).collect();
    let writer = Writer {
        user: me.user(),
        client: FlowId::fresh().uuid(),
    };
    let written = me
        .transact(async |tx| -> Result<Written> {
            let visit = store::entry::lock(tx, &scope, id).await?.or_not_found()?;
            may_record(&visit, &patches)?;
            entry::write(tx, &scope, &visit, writer, &patches).await
        })
        .await?;
    let added = match kept.len() {
        1 => "Une ligne ajoutée.".to_owned(),
        n => format!("{n} lignes ajoutées."),
    };
    let message = if written.refused {
        format!("{added} Certaines cellules restent à corriger.")
    } else {
        added
    };
    Ok(me
        .done(message, format!("{}#flux", paths::show(&id)))
        .into_response())
}

fn patches(line: &Line, visit: &Visit) -> Vec<Patch> {
    let blank = blank_row(Direction::Outbound, visit.visit_on);
    let typed = Field::ALL.into_iter().zip(1..);
    typed
        .filter(|(field, _)| field.of(&line.form) != field.of(&blank))
        .map(|(field, seq)| Patch {
            row: line.id,
            field: field.name().to_owned(),
            value: field.of(&line.form).to_owned(),
            base: field.of(&blank).to_owned(),
            seq,
        })
        .collect()
}
