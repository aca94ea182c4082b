//! Reads the uploaded files on a thread of its own and hands their lines over by chunks: what is in
//! memory at once does not depend on how long they are.

use super::check::CHUNK;
use crate::exchange::cell::restored;
use crate::exchange::network::{self, NetworkError, RawRow, Table};
use crate::exchange::tabular::{self, Limits, TabularError};
use crate::kernel::fold;
use axum::body::Bytes;
use std::io::Cursor;
use std::ops::ControlFlow;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;

/// Chunks that wait to be judged.
const WAITING: usize = 2;

/// A file as it came.
#[derive(Debug, Clone)]
pub(super) struct Upload {
    pub(super) field: &'static str,
    /// What the field asks for; the content decides.
    pub(super) table: Table,
    pub(super) name: String,
    pub(super) content: Bytes,
}

/// Lines of one table.
#[derive(Debug)]
pub(super) struct Chunk {
    pub(super) table: Table,
    pub(super) rows: Vec<RawRow>,
}

/// Why a file is refused, by its field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {sentence}")]
pub struct Fault {
    pub field: &'static str,
    pub sentence: String,
}

impl Fault {
    fn of(upload: &Upload, reason: impl std::fmt::Display) -> Self {
        let name = &upload.name;
        Self {
            field: upload.field,
            sentence: format!("«\u{a0}{name}\u{a0}»\u{a0}: {reason}"),
        }
    }
}

/// One table within a file.
struct Part<'a> {
    table: Table,
    upload: &'a Upload,
    sheet: Option<String>,
}

/// Begins to read; the task gives the headers that mean nothing here.
pub(super) fn start(uploads: Vec<Upload>) -> (Receiver<Chunk>, JoinHandle<Result<Vec<String>, Fault>>) {
    let (sender, receiver) = channel(WAITING);
    let task = tokio::task::spawn_blocking(move || read_all(&uploads, &sender));
    (receiver, task)
}

fn read_all(uploads: &[Upload], sender: &Sender<Chunk>) -> Result<Vec<String>, Fault> {
    let mut parts = Vec::new();
    for upload in uploads {
        parts.extend(parts_of(upload).map_err(|error| Fault::of(upload, error))?);
    }
    parts.sort_by_key(|part: &Part<'_>| part.table);
    if let Some(twice) = parts.windows(2).find(|pair| pair[0].table == pair[1].table) {
        let reason = format!(
            "ce fichier et un autre contiennent tous deux des {}.",
            twice[1].table
        );
        return Err(Fault::of(twice[1].upload, reason));
    }
    let mut ignored = Vec::new();
    for part in &parts {
        ignored.extend(read_part(part, sender).map_err(|reason| Fault::of(part.upload, reason))?);
    }
    // Columns that our own files add.
    let ours = |title: &String| ["motif", "ligne"].contains(&fold(title).as_str()) || is_shown(title);
    ignored.retain(|title| !ours(title));
    Ok(ignored)
}

fn is_shown(title: &str) -> bool {
    use crate::exchange::cell::Role;
    use crate::exchange::lines::{FLOW_COLUMNS, SITE_COLUMNS};
    let sites = SITE_COLUMNS.iter().map(|column| (column.title, column.role));
    let flows = FLOW_COLUMNS.iter().map(|column| (column.title, column.role));
    sites
        .chain(flows)
        .any(|(known, role)| role == Role::Shown && fold(known) == fold(title))
}

/// The tables of a file: the sheets that have their names, else its first sheet.
fn parts_of(upload: &Upload) -> Result<Vec<Part<'_>>, TabularError> {
    let sheets = tabular::sheet_names(Cursor::new(&upload.content), &Limits::UPLOAD)?;
    let named: Vec<_> = sheets
        .into_iter()
        .filter_map(|sheet| {
            let table = match fold(&sheet).as_str() {
                "etablissements" => Table::Sites,
                "flux" => Table::Flows,
                _ => return None,
            };
            Some(Part {
                table,
                upload,
                sheet: Some(sheet),
            })
        })
        .collect();
    if !named.is_empty() {
        return Ok(named);
    }
    let mut table = upload.table;
    tabular::read(Cursor::new(&upload.content), &Limits::UPLOAD, &mut |header| {
        table = network::table_of(header.cells).unwrap_or(table);
        ControlFlow::Break(())
    })?;
    let sheet = None;
    Ok(vec![Part { table, upload, sheet }])
}

fn read_part(part: &Part<'_>, sender: &Sender<Chunk>) -> Result<Vec<String>, NetworkError> {
    let table = part.table;
    let mut rows = Vec::with_capacity(CHUNK);
    let source = Cursor::new(&part.upload.content);
    let ignored = network::stream(
        source,
        &Limits::UPLOAD,
        table,
        part.sheet.as_deref(),
        &mut |row| {
            rows.push(cleaned(row));
            if rows.len() < CHUNK {
                return ControlFlow::Continue(());
            }
            let rows = std::mem::replace(&mut rows, Vec::with_capacity(CHUNK));
            match sender.blocking_send(Chunk { table, rows }) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            }
        },
    )?;
    if !rows.is_empty() {
        // Nobody listens any more when the judgement failed: its own error is told.
        let _told = sender.blocking_send(Chunk { table, rows });
    }
    Ok(ignored)
}

/// Without the apostrophe that an export puts before what looks like a formula, and without control
/// characters, which no database keeps.
fn cleaned(mut row: RawRow) -> RawRow {
    for text in row.cells.values_mut() {
        let kept = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
        let clean: String = restored(text).chars().filter(kept).collect();
        *text = clean.trim().to_owned();
    }
    row.cells.retain(|_, text| !text.is_empty());
    row
}
