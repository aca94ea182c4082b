//! Text with separators, as French spreadsheets write it: `;`, `,` or tab, UTF-8 or Windows-1252.

use std::borrow::Cow;
use std::io::Read;
use std::ops::ControlFlow;

use csv::{ByteRecord, ErrorKind, ReaderBuilder};

use super::{Limits, Meter, Row, TabularError};

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// The separator that the first line uses most, outside quotes.
pub(super) fn delimiter(start: &[u8]) -> u8 {
    let mut counts = [(b';', 0_u32), (b'\t', 0), (b',', 0)];
    let mut quoted = false;
    for byte in start.iter().skip_while(|byte| matches!(byte, b'\n' | b'\r')) {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            _ if quoted => {}
            byte => {
                if let Some((_, count)) = counts.iter_mut().find(|(separator, _)| separator == byte) {
                    *count += 1;
                }
            }
        }
    }
    // The first of equals: a semicolon in France.
    let mut best = counts[0];
    for count in counts {
        if count.1 > best.1 {
            best = count;
        }
    }
    best.0
}

pub(super) fn read(
    source: impl Read,
    delimiter: u8,
    limits: &Limits,
    visit: &mut dyn FnMut(Row<'_>) -> ControlFlow<()>,
) -> Result<(), TabularError> {
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(OneLineEnd { source }.chain(&b"\n"[..]));
    let mut meter = Meter::new(limits);
    let mut record = ByteRecord::new();
    let mut cells: Vec<String> = Vec::new();
    let mut first = true;
    while reader.read_byte_record(&mut record).map_err(unreadable)? {
        // The position is after the record; its line is where it began.
        let next = usize::try_from(reader.position().line()).unwrap_or(usize::MAX);
        let breaks = record.as_slice().iter().filter(|byte| **byte == b'\n').count();
        let line = next.saturating_sub(breaks + 1);
        let mut filled = 0;
        for (column, bytes) in record.iter().enumerate() {
            let bytes = if first && column == 0 {
                bytes.strip_prefix(BOM).unwrap_or(bytes)
            } else {
                bytes
            };
            let text = decode(bytes);
            let text = text.trim();
            // Spreadsheets pad short rows with empty cells: they are not a table that is too wide.
            if !text.is_empty() {
                meter.cell(line, column, text)?;
            }
            if column < limits.columns {
                // The texts of the row before make room for those of this one.
                if filled == cells.len() {
                    cells.push(String::new());
                }
                cells[filled].clear();
                cells[filled].push_str(text);
                filled += 1;
            }
        }
        let cells = &cells[..filled];
        first = false;
        if cells.iter().all(String::is_empty) {
            continue;
        }
        meter.row()?;
        if visit(Row { line, cells }).is_break() {
            break;
        }
    }
    Ok(())
}

/// Drops carriage returns: the reader counts lines differently for `\r\n` and `\n`, and the number of
/// the line is what people look for.
struct OneLineEnd<R> {
    source: R,
}

impl<R: Read> Read for OneLineEnd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        loop {
            let read = self.source.read(buffer)?;
            let mut kept = 0;
            for at in 0..read {
                if buffer[at] != b'\r' {
                    buffer[kept] = buffer[at];
                    kept += 1;
                }
            }
            if kept > 0 || read == 0 {
                return Ok(kept);
            }
        }
    }
}

fn unreadable(error: csv::Error) -> TabularError {
    if let ErrorKind::Io(error) = error.into_kind() {
        TabularError::Io(error)
    } else {
        TabularError::Damaged
    }
}

/// UTF-8, or Windows-1252 when it is not valid: what Excel writes in France by « CSV ».
fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().map(|byte| windows_1252(*byte)).collect()),
    }
}

/// The characters of Windows-1252 that Latin-1 does not have.
const UPPER: [char; 32] = [
    '€', '\u{fffd}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{fffd}', 'Ž', '\u{fffd}',
    '\u{fffd}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{fffd}', 'ž', 'Ÿ',
];

fn windows_1252(byte: u8) -> char {
    match byte {
        0x80..=0x9F => UPPER[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}
