//! Workbooks: the archive is measured, then the cells of the first sheet are streamed.

use std::io::{Read, Seek, SeekFrom, Write, copy};
use std::ops::ControlFlow;

use calamine::{DataRef, Reader, Xlsx, XlsxError};
use zip::ZipArchive;

use super::{Limits, Meter, Row, TabularError};

/// The parts of a workbook that are streamed; the reader holds the others in memory.
const SHEETS: &str = "xl/worksheets/";
/// Pictures, which nobody reads here.
const MEDIA: &str = "xl/media/";
/// Bytes of the longest text between two tags: beyond, it is an attack.
const LONGEST_TEXT: usize = 1 << 20;
const WORKBOOK: &str = "xl/workbook.xml";

pub(super) fn read(
    source: impl Read + Seek,
    limits: &Limits,
    sheet: Option<&str>,
    visit: &mut dyn FnMut(Row<'_>) -> ControlFlow<()>,
) -> Result<(), TabularError> {
    let mut workbook = open(source, limits)?;
    let name = workbook
        .sheet_names()
        .iter()
        .find(|name| sheet.is_none_or(|wanted| *name == wanted))
        .cloned()
        .ok_or(TabularError::Empty)?;
    let mut reader = workbook
        .worksheet_cells_reader(&name)
        .map_err(|error| unreadable(&error))?;
    let mut rows = Rows {
        meter: Meter::new(limits),
        line: 0,
        cells: Vec::new(),
        visit,
    };
    while let Some(cell) = reader.next_cell().map_err(|error| unreadable(&error))? {
        let text = shown(cell.get_value());
        let text = text.trim();
        if text.is_empty() {
            rows.meter.cell(0, 0, "")?;
            continue;
        }
        let (row, column) = cell.get_position();
        let line = usize::try_from(row).unwrap_or(usize::MAX).saturating_add(1);
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        if rows.put(line, column, text)?.is_break() {
            return Ok(());
        }
    }
    let _stopped = rows.flush()?;
    Ok(())
}

pub(super) fn sheet_names(source: impl Read + Seek, limits: &Limits) -> Result<Vec<String>, TabularError> {
    Ok(open(source, limits)?.sheet_names().clone())
}

fn open<S: Read + Seek>(mut source: S, limits: &Limits) -> Result<Xlsx<S>, TabularError> {
    measure(&mut source, limits)?;
    source.seek(SeekFrom::Start(0))?;
    Xlsx::new(source).map_err(|error| unreadable(&error))
}

/// Refuses an archive that unpacks to more than the limits, whatever its directory claims.
fn measure(source: &mut (impl Read + Seek), limits: &Limits) -> Result<(), TabularError> {
    let mut archive = ZipArchive::new(source).map_err(|_| TabularError::NotATable)?;
    if archive.len() > limits.entries {
        return Err(TabularError::TooLarge);
    }
    if archive.index_for_name(WORKBOOK).is_none() {
        return Err(TabularError::NotATable);
    }
    let mut claimed = 0_u64;
    for rank in 0..archive.len() {
        let entry = archive.by_index_raw(rank).map_err(|_| TabularError::Damaged)?;
        if entry.encrypted() {
            return Err(TabularError::OldOrProtected);
        }
        claimed = claimed.saturating_add(entry.size());
    }
    if claimed > limits.unpacked {
        return Err(TabularError::TooLarge);
    }
    let mut left = limits.unpacked;
    for rank in 0..archive.len() {
        let entry = archive.by_index(rank).map_err(|_| TabularError::Damaged)?;
        let (is_xml, is_sheet) = entry.name().map_or((true, false), |name| {
            (!name.starts_with(MEDIA), name.starts_with(SHEETS))
        });
        let in_memory = is_xml && !is_sheet;
        let most = if in_memory { limits.texts.min(left) } else { left };
        let mut scale = Scale::default();
        let unpacked = copy(&mut entry.take(most + 1), &mut scale).map_err(|_| TabularError::Damaged)?;
        if unpacked > most || is_xml && scale.longest > LONGEST_TEXT {
            return Err(TabularError::TooLarge);
        }
        left -= unpacked;
    }
    Ok(())
}

/// Weighs a part as it is unpacked: the longest stretch without a tag, which the reader holds whole.
#[derive(Debug, Default)]
struct Scale {
    run: usize,
    longest: usize,
}

impl Write for Scale {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut stretches = bytes.split(|byte| *byte == b'<');
        self.run += stretches.next().map_or(0, <[u8]>::len);
        self.longest = self.longest.max(self.run);
        for stretch in stretches {
            self.run = stretch.len();
            self.longest = self.longest.max(self.run);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Cells put together into rows.
struct Rows<'a> {
    meter: Meter<'a>,
    line: usize,
    cells: Vec<String>,
    visit: &'a mut dyn FnMut(Row<'_>) -> ControlFlow<()>,
}

impl Rows<'_> {
    fn put(&mut self, line: usize, column: usize, text: &str) -> Result<ControlFlow<()>, TabularError> {
        let mut flow = ControlFlow::Continue(());
        if line != self.line {
            if line < self.line {
                return Err(TabularError::Damaged);
            }
            if line > self.meter.limits.rows + 1 {
                return Err(TabularError::TooManyRows(self.meter.limits.rows));
            }
            flow = self.flush()?;
            self.line = line;
        }
        self.meter.cell(line, column, text)?;
        if self.cells.len() <= column {
            self.cells.resize(column + 1, String::new());
        }
        text.clone_into(&mut self.cells[column]);
        Ok(flow)
    }

    fn flush(&mut self) -> Result<ControlFlow<()>, TabularError> {
        if self.cells.is_empty() {
            return Ok(ControlFlow::Continue(()));
        }
        self.meter.row()?;
        let flow = (self.visit)(Row {
            line: self.line,
            cells: &self.cells,
        });
        self.cells.clear();
        Ok(flow)
    }
}

/// A cell as its text; a date as the day in ISO form, a number without a useless « .0 ».
fn shown(value: &DataRef<'_>) -> String {
    match value {
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(value) => if *value { "oui" } else { "non" }.to_owned(),
        DataRef::DateTime(date) => {
            let (year, month, day, ..) = date.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Int(value) => value.to_string(),
        DataRef::Float(value) => value.to_string(),
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

fn unreadable(error: &XlsxError) -> TabularError {
    if matches!(error, XlsxError::Password) {
        TabularError::OldOrProtected
    } else {
        TabularError::Damaged
    }
}
