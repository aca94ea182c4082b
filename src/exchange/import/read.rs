//! Reads the uploaded files on a thread of its own and hands their lines over by chunks: what is in
//! memory at once does not depend on how long they are.

use super::check::CHUNK;
use super::columns::{Part, SAMPLES};
use crate::exchange::cell::restored;
use crate::exchange::network::{self, Format, RawRow, Register, Table};
use crate::exchange::tabular::{self, Limits, TabularError};
use crate::kernel::fold;
use axum::body::Bytes;
use chrono::NaiveDate;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;

/// Chunks that wait to be judged.
const WAITING: usize = 2;

/// A file as it came.
#[derive(Debug, Clone)]
pub(super) struct Upload {
    pub(super) field: &'static str,
    /// What the field asks for; the content decides.
    pub(super) format: Format,
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
    fn of(field: &'static str, name: &str, reason: impl std::fmt::Display) -> Self {
        Self {
            field,
            sentence: format!("«\u{a0}{name}\u{a0}»\u{a0}: {reason}"),
        }
    }
}

/// What tables the files hold, from their first lines.
pub(super) fn parts(uploads: &[Upload]) -> Result<Vec<Part>, Fault> {
    let mut parts: Vec<Part> = Vec::new();
    for (rank, upload) in (0..).zip(uploads) {
        let found = parts_of(rank, upload).map_err(|error| Fault::of(upload.field, &upload.name, error))?;
        for part in found {
            if parts
                .iter()
                .any(|other| other.format.table() == part.format.table())
            {
                let reason = format!(
                    "ce fichier et un autre contiennent tous deux des {}.",
                    part.format.table()
                );
                return Err(Fault::of(upload.field, &upload.name, reason));
            }
            parts.push(part);
        }
    }
    parts.sort_by_key(|part| part.format.table());
    Ok(parts)
}

/// The tables of a file: the sheets that have their names, else its first sheet.
fn parts_of(file: i32, upload: &Upload) -> Result<Vec<Part>, TabularError> {
    let sheets = tabular::sheet_names(Cursor::new(&upload.content), &Limits::UPLOAD)?;
    let named: Vec<_> = sheets
        .into_iter()
        .filter_map(|sheet| {
            let format = match fold(&sheet).as_str() {
                "etablissements" => Format::Sites,
                "flux" => Format::Flows,
                _ => return None,
            };
            Some((Some(sheet), Some(format)))
        })
        .collect();
    let tables = if named.is_empty() {
        vec![(None, None)]
    } else {
        named
    };
    let mut parts = Vec::new();
    for (sheet, format) in tables {
        let mut rows: Vec<Vec<String>> = Vec::new();
        let source = Cursor::new(&upload.content);
        tabular::read_sheet(source, &Limits::UPLOAD, sheet.as_deref(), &mut |row| {
            rows.push(row.cells.to_vec());
            if rows.len() > SAMPLES {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })?;
        if rows.is_empty() {
            continue;
        }
        let header = rows.remove(0);
        let format = format.or_else(|| Format::of(&header)).unwrap_or(upload.format);
        parts.push(Part::found((file, sheet), format, header, rows));
    }
    if parts.is_empty() {
        Err(TabularError::Empty)
    } else {
        Ok(parts)
    }
}

/// How much of the files has been read, in thousandths.
#[derive(Debug, Clone, Default)]
pub(super) struct Gauge(Arc<AtomicU64>);

impl Gauge {
    pub(super) fn percent(&self) -> i32 {
        i32::try_from(self.0.load(Ordering::Relaxed) / 10)
            .unwrap_or(100)
            .min(99)
    }
}

/// A file that tells the gauge how far it is read. A workbook is measured before it is read.
struct Told<'a> {
    source: Cursor<&'a [u8]>,
    gauge: &'a Gauge,
    read: u64,
    /// Bytes that will be read in all, and where this file begins within the gauge.
    expected: u64,
    from: u64,
    span: u64,
}

impl Read for Told<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.read = self.read.saturating_add(u64::try_from(read).unwrap_or(0));
        let done = self.read.min(self.expected) * self.span / self.expected.max(1);
        self.gauge.0.fetch_max(self.from + done, Ordering::Relaxed);
        Ok(read)
    }
}

impl Seek for Told<'_> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.source.seek(to)
    }
}

/// What is to be read, and on which day.
pub(super) struct Reading {
    pub(super) uploads: Vec<Upload>,
    pub(super) parts: Vec<Part>,
    pub(super) today: NaiveDate,
}

/// Ends with what of the files was left aside, in words.
pub(super) type Task = JoinHandle<Result<Vec<String>, Fault>>;

/// Begins to read.
pub(super) fn start(reading: Reading) -> (Receiver<Chunk>, Gauge, Task) {
    let (sender, receiver) = channel(WAITING);
    let gauge = Gauge::default();
    let told = gauge.clone();
    let task = tokio::task::spawn_blocking(move || read_all(&reading, &told, &sender));
    (receiver, gauge, task)
}

fn read_all(reading: &Reading, gauge: &Gauge, sender: &Sender<Chunk>) -> Result<Vec<String>, Fault> {
    let mut aside = Vec::new();
    let span = 1_000 / u64::try_from(reading.parts.len().max(1)).unwrap_or(1);
    for (rank, part) in (0_u64..).zip(&reading.parts) {
        let upload = usize::try_from(part.file)
            .ok()
            .and_then(|file| reading.uploads.get(file));
        let Some(upload) = upload else { continue };
        let size = u64::try_from(upload.content.len()).unwrap_or(u64::MAX);
        let is_workbook = upload.content.starts_with(b"PK");
        let source = Told {
            source: Cursor::new(&upload.content),
            gauge,
            read: 0,
            expected: if is_workbook { size.saturating_mul(2) } else { size },
            from: rank * span,
            span,
        };
        let told = read_part(part, source, reading.today, sender)
            .map_err(|reason| Fault::of(upload.field, &upload.name, reason))?;
        aside.extend(told);
    }
    Ok(aside)
}

fn read_part(
    part: &Part,
    source: Told<'_>,
    today: NaiveDate,
    sender: &Sender<Chunk>,
) -> Result<Vec<String>, TabularError> {
    let table = part.format.table();
    let mut rows = Vec::with_capacity(CHUNK);
    let mut register = Register::default();
    let mut hand_over = |row: RawRow| {
        rows.push(row);
        if rows.len() < CHUNK {
            return ControlFlow::Continue(());
        }
        let rows = std::mem::replace(&mut rows, Vec::with_capacity(CHUNK));
        // Nobody listens any more when the judgement failed: its own error is told.
        match sender.blocking_send(Chunk { table, rows }) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    };
    network::stream(
        source,
        &Limits::UPLOAD,
        part.sheet.as_deref(),
        &part.names(),
        &mut |row| {
            let row = cleaned(row);
            let row = match part.format {
                Format::Sites | Format::Flows => Some(row),
                Format::Register => register.add(&row),
            };
            row.map_or(ControlFlow::Continue(()), &mut hand_over)
        },
    )?;
    let (flows, aside) = register.flows(today);
    for row in flows {
        if hand_over(row).is_break() {
            return Ok(aside);
        }
    }
    if !rows.is_empty() {
        let _told = sender.blocking_send(Chunk { table, rows });
    }
    Ok(aside)
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
