//! Screen: a block copied from a spreadsheet, or a filled workbook, shown row by row before anything is
//! recorded: new, updated, unchanged or refused. What cannot be understood comes into the grid too, to be
//! corrected there.

use super::autosave::may_record;
use super::cells::{Field, Patch, blank_row, digest, row_of};
use super::entry::{self, Writer, Written, same};
use super::table::{Column, MOST_ROWS, Table};
use super::{Visit, paths, show, store};
use crate::flows::{self, Certainty, Flow, FlowForm};
use crate::kernel::ids::{FlowId, VisitId};
use crate::kernel::{Direction, fold};
use crate::nomenclature::Catalogue;
use crate::platform::access::Staff;
use crate::platform::web::{Choice, Errors, Form, OptionExt, Page, Path, Result, filters};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
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
    /// What each row held when it was shown: what changed since is never overwritten unseen.
    bases: Vec<String>,
    keep: Vec<String>,
    again: String,
}

/// One row of the preview.
struct Line {
    id: Uuid,
    form: FlowForm,
    category: Option<&'static str>,
    faults: Vec<String>,
    fate: Fate,
    /// What the row held.
    before: FlowForm,
    kept: bool,
}

/// What recording a row would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    New,
    /// A flow of that direction and name is already there.
    Exists,
    Updates,
    Unchanged,
    /// Its key is that of another establishment's flow, or of a deleted one.
    Elsewhere,
}

impl Line {
    fn is(&self, fate: &str) -> bool {
        fate == match self.fate {
            Fate::New => "new",
            Fate::Exists => "exists",
            Fate::Updates => "updates",
            Fate::Unchanged => "unchanged",
            Fate::Elsewhere => "elsewhere",
        }
    }
    fn may_be_kept(&self) -> bool {
        !matches!(self.fate, Fate::Unchanged | Fate::Elsewhere)
    }
    fn changed(&self) -> Vec<Field> {
        let differs = |field: &Field| !same(Some(*field), field.of(&self.before), field.of(&self.form));
        Field::ALL.into_iter().filter(differs).collect()
    }
    /// What the row holds, to come back with it.
    fn base(&self) -> String {
        let cells = Field::ALL.map(|field| (field.name(), field.of(&self.before)));
        serde_json::to_string(&BTreeMap::from(cells)).unwrap_or_default()
    }
    /// « Quantité : 12 t/an → 14 t/an ».
    fn changes(&self) -> Vec<String> {
        let told = |field: Field| {
            let [before, after] = [&self.before, &self.form].map(|row| field.shown(field.of(row)));
            format!("{}\u{a0}: {before} → {after}", field.title())
        };
        self.changed().into_iter().map(told).collect()
    }
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
    table.without_blank_rows()
}

/// What a block meets in the inventory.
struct Met<'a> {
    visit: &'a Visit,
    inventory: &'a [Flow],
    elsewhere: BTreeSet<Uuid>,
}

impl Met<'_> {
    /// A row as the block says it; an empty cell leaves what was known when it was shown.
    fn read(&self, table: &Table, row: &[String], key: Option<Uuid>, seen: &Seen<'_>) -> Line {
        let known = key.and_then(|key| self.inventory.iter().find(|flow| flow.id.uuid() == key));
        let known = known.map(|flow| seen.over(row_of(flow)));
        let start = known
            .clone()
            .unwrap_or_else(|| blank_row(seen.by_default, self.visit.visit_on));
        let mut form = start.clone();
        if let Ok(direction) = Direction::parse(table.cell(row, Column::Direction)) {
            direction.word().clone_into(&mut form.direction);
        }
        let certainty = fold(table.cell(row, Column::Certainty));
        let certainty = Certainty::ALL.iter().find(|one| fold(one.label()) == certainty);
        let cells = [
            (Field::Label, table.cell(row, Column::Label).to_owned()),
            (Field::Quantity, table.quantity(row)),
            (
                Field::Certainty,
                certainty.map_or_else(String::new, |one| one.code().to_owned()),
            ),
            (Field::Outlet, table.cell(row, Column::Outlet).to_owned()),
        ];
        for (field, said) in cells.into_iter().filter(|(_, said)| !said.is_empty()) {
            if !same(Some(field), &said, field.of(&form)) {
                field.set(&mut form, &said);
            }
        }
        let read = digest(&form, &start);
        let category = read.entry.and_then(|entry| entry.category);
        let is_known = known.is_some();
        let before = known.unwrap_or_else(|| blank_row(Direction::Outbound, self.visit.visit_on));
        let mut line = Line {
            id: key.unwrap_or_else(|| FlowId::fresh().uuid()),
            category: category.map(|code| Catalogue::embedded().category(code).label.as_str()),
            faults: read.refused.into_values().collect(),
            fate: Fate::New,
            before,
            kept: false,
            form,
        };
        line.fate = self.fate(&line, is_known);
        if line.fate == Fate::Elsewhere {
            let words = "Cette ligne est celle d’un flux supprimé ou d’une autre fiche.";
            line.faults = vec![words.to_owned()];
        }
        line
    }

    fn fate(&self, line: &Line, is_known: bool) -> Fate {
        let named_alike = |flow: &Flow| {
            flow.direction.word() == line.form.direction && fold(&flow.label) == fold(&line.form.label)
        };
        if self.elsewhere.contains(&line.id) {
            Fate::Elsewhere
        } else if is_known && line.changed().is_empty() {
            Fate::Unchanged
        } else if is_known {
            Fate::Updates
        } else if self.inventory.iter().any(named_alike) {
            Fate::Exists
        } else {
            Fate::New
        }
    }
}

/// What the page showed of a row, and the direction of those that do not say it.
struct Seen<'a> {
    by_default: Direction,
    base: Option<&'a str>,
}

impl Seen<'_> {
    /// The row as it was shown.
    fn over(&self, mut row: FlowForm) -> FlowForm {
        let base = self
            .base
            .and_then(|base| serde_json::from_str::<BTreeMap<String, String>>(base).ok());
        for (name, value) in base.unwrap_or_default() {
            if let Some(field) = Field::parse(&name) {
                field.set(&mut row, &value);
            }
        }
        row
    }
}

async fn lines(
    me: &Staff,
    form: &PasteForm,
    table: &Table,
    (visit, inventory): (&Visit, &[Flow]),
) -> Result<Vec<Line>> {
    // A line copied in the workbook took the key of the first with it: it is a new one.
    let mut seen = BTreeSet::new();
    let keys: Vec<Option<Uuid>> = table
        .rows
        .iter()
        .map(|row| {
            table
                .cell(row, Column::Key)
                .parse()
                .ok()
                .filter(|key| seen.insert(*key))
        })
        .collect();
    let known: Vec<Uuid> = keys.iter().copied().flatten().collect();
    let elsewhere =
        store::entry::rows_elsewhere(&mut *me.read().await?, visit.establishment_id, &known).await?;
    let met = Met {
        visit,
        inventory,
        elsewhere,
    };
    let by_default = Direction::parse(&form.direction).unwrap_or(Direction::Outbound);
    let read = table
        .rows
        .iter()
        .zip(&keys)
        .enumerate()
        .map(|(rank, (row, key))| {
            let base = form.bases.get(rank).map(String::as_str);
            let mut line = met.read(table, row, *key, &Seen { by_default, base });
            if key.is_none()
                && let Some(id) = form.ids.get(rank).and_then(|id| id.parse().ok())
            {
                line.id = id;
            }
            line.kept = if form.ids.is_empty() {
                matches!(line.fate, Fate::New | Fate::Updates)
            } else {
                line.may_be_kept() && form.keep.contains(&line.id.to_string())
            };
            line
        });
    Ok(read.collect())
}

pub(super) async fn preview(
    me: Staff,
    Path(id): Path<VisitId>,
    Form(mut form): Form<PasteForm>,
) -> Result<Response> {
    // Shown again, the rows are compared with what is stored now.
    form.bases.clear();
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
    let lines = lines(&me, &form, &table, (&visit, &inventory)).await?;
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
    let (kept, lost): (Vec<_>, Vec<_>) = lines(&me, &form, &table(&form), (&visit, &inventory))
        .await?
        .into_iter()
        .filter(|line| form.keep.contains(&line.id.to_string()))
        .partition(|line| line.kept);
    let patches: Vec<_> = kept.iter().flat_map(patches).collect();
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
    let is_gone = |line: &&Line| written.gone.contains(&line.id);
    let lost: Vec<_> = lost.iter().chain(kept.iter().filter(is_gone)).collect();
    let message = words(&kept, &lost, &written);
    if !written.clashes.is_empty() {
        let typed = show::Typed {
            clashes: written.clashes,
            note: Some(message),
            ..show::Typed::default()
        };
        return show::page(&me, id, typed, StatusCode::CONFLICT).await;
    }
    let page = paths::show(&id);
    let href = match lost.first() {
        Some(line) => format!("{page}?supprime={}", line.id),
        None => format!("{page}#flux"),
    };
    Ok(me.done(message, href).into_response())
}

/// What was recorded, what waits, and what could not be because its row is no longer there.
fn words(kept: &[Line], lost: &[&Line], written: &Written) -> String {
    let clashing: BTreeSet<Uuid> = written.clashes.iter().map(|clash| clash.row).collect();
    let done = kept
        .iter()
        .filter(|line| !written.gone.contains(&line.id) && !clashing.contains(&line.id));
    let (updated, added): (Vec<_>, Vec<_>) = done.partition(|line| line.fate == Fate::Updates);
    let mut said = Vec::new();
    if !(added.is_empty() && updated.is_empty()) {
        said.push(done_words(added.len(), updated.len()));
    }
    if written.refused {
        said.push("Certaines cellules restent à corriger.".to_owned());
    }
    if !lost.is_empty() {
        let names: Vec<_> = lost
            .iter()
            .map(|line| format!("«\u{a0}{}\u{a0}»", line.form.label))
            .collect();
        said.push(format!(
            "Supprimé entre-temps, donc non enregistré\u{a0}: {}. Restaurez le flux, puis recommencez.",
            names.join(", ")
        ));
    }
    said.join(" ")
}

/// « 3 lignes ajoutées, une mise à jour. »
fn done_words(added: usize, updated: usize) -> String {
    let added_words = match added {
        0 => None,
        1 => Some("une ligne ajoutée".to_owned()),
        n => Some(format!("{n} lignes ajoutées")),
    };
    let updated_words = match updated {
        0 => None,
        1 => Some("une ligne mise à jour".to_owned()),
        n => Some(format!("{n} lignes mises à jour")),
    };
    let words: Vec<_> = [added_words, updated_words].into_iter().flatten().collect();
    let mut said = words.join(", ");
    if let Some(first) = said.get(..1).map(str::to_uppercase) {
        said.replace_range(..1, &first);
    }
    said + "."
}

fn patches(line: &Line) -> Vec<Patch> {
    let changed = line.changed().into_iter().zip(1..);
    changed
        .map(|(field, seq)| Patch {
            row: line.id,
            field: field.name().to_owned(),
            value: field.of(&line.form).to_owned(),
            base: field.of(&line.before).to_owned(),
            seq,
        })
        .collect()
}
