//! Tables that people send: .csv and .xlsx, read row by row.
//!
//! A file comes from outside: the kind is told by its content, never by its name, and everything is
//! bounded before memory is. A workbook of 1.4 kB may claim a cell at row 1,048,576, and one of
//! 500 kB may unpack to 500 MB; so the archive is measured first and cells are streamed, never laid
//! out as a grid. Depends on nothing but the readers.

mod delimited;
mod workbook;

use std::io::{Read, Seek, SeekFrom};
use std::ops::ControlFlow;

use thiserror::Error;

/// How much of a file is read before it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub rows: usize,
    pub columns: usize,
    pub cells: usize,
    /// Characters in one cell.
    pub text: usize,
    /// Files inside a workbook.
    pub entries: usize,
    /// Bytes of a workbook once unpacked.
    pub unpacked: u64,
    /// Bytes of its table of texts, the only part that is held in memory.
    pub texts: u64,
}

impl Limits {
    /// For files sent over the network.
    pub const UPLOAD: Self = Self {
        rows: 100_000,
        columns: 64,
        cells: 2_000_000,
        text: 10_000,
        entries: 1_000,
        unpacked: 128 << 20,
        texts: 32 << 20,
    };

    /// For files an analyst reads on their own machine.
    pub const DESK: Self = Self {
        rows: 20_000_000,
        cells: 400_000_000,
        unpacked: 4 << 30,
        texts: 1 << 30,
        ..Self::UPLOAD
    };
}

/// Why a file was not read, as a sentence for who sent it.
#[derive(Debug, Error)]
pub enum TabularError {
    #[error("Ce fichier n’est pas un classeur .xlsx ni un .csv.")]
    NotATable,
    #[error(
        "Ce fichier est un classeur protégé par mot de passe ou un ancien .xls\u{a0}: enregistrez-le au format .xlsx, sans mot de passe."
    )]
    OldOrProtected,
    #[error("Ce fichier est vide.")]
    Empty,
    #[error(
        "Ce classeur contient trop de fichiers ou se décompresse en un volume trop grand\u{a0}: il est refusé."
    )]
    TooLarge,
    #[error(
        "Ce fichier dépasse {0} lignes\u{a0}: découpez-le, ou supprimez les cellules remplies loin sous le tableau."
    )]
    TooManyRows(usize),
    #[error(
        "Ce fichier dépasse {0} colonnes\u{a0}: supprimez les cellules remplies loin à droite du tableau."
    )]
    TooManyColumns(usize),
    #[error("Ce fichier dépasse {0} cellules\u{a0}: découpez-le.")]
    TooManyCells(usize),
    #[error("Ligne {line}\u{a0}: une cellule dépasse {limit} caractères.")]
    LongText { line: usize, limit: usize },
    #[error("Ce fichier est endommagé et n’a pas pu être lu.")]
    Damaged,
    #[error("Le fichier n’a pas pu être ouvert\u{a0}: {0}")]
    Io(#[from] std::io::Error),
}

/// One row that holds something.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// Its number in the file, from 1, as a spreadsheet or an editor shows it.
    pub line: usize,
    /// Trimmed texts.
    pub cells: &'a [String],
}

/// Reads a table, calling `visit` for every row that is not empty, header included, until it breaks.
///
/// # Errors
/// When the file is not a table, is damaged, or passes a limit.
pub fn read(
    source: impl Read + Seek,
    limits: &Limits,
    visit: &mut dyn FnMut(Row<'_>) -> ControlFlow<()>,
) -> Result<(), TabularError> {
    read_sheet(source, limits, None, visit)
}

/// Like [`read`], on the sheet of that name when the file is a workbook.
///
/// # Errors
/// Those of [`read`]; [`TabularError::Empty`] when there is no such sheet.
pub fn read_sheet(
    mut source: impl Read + Seek,
    limits: &Limits,
    sheet: Option<&str>,
    visit: &mut dyn FnMut(Row<'_>) -> ControlFlow<()>,
) -> Result<(), TabularError> {
    match Content::sniff(&mut source)? {
        Content::Workbook => workbook::read(source, limits, sheet, visit),
        Content::Delimited(delimiter) => delimited::read(source, delimiter, limits, visit),
    }
}

/// The names of a workbook's sheets; none for a text.
///
/// # Errors
/// When the file is not a table, is damaged, or passes a limit.
pub fn sheet_names(mut source: impl Read + Seek, limits: &Limits) -> Result<Vec<String>, TabularError> {
    match Content::sniff(&mut source)? {
        Content::Workbook => workbook::sheet_names(source, limits),
        Content::Delimited(_) => Ok(Vec::new()),
    }
}

/// Bytes looked at to tell what a file is.
const SNIFFED: usize = 64 * 1024;

enum Content {
    Workbook,
    Delimited(u8),
}

impl Content {
    fn sniff(source: &mut (impl Read + Seek)) -> Result<Self, TabularError> {
        let mut start = Vec::with_capacity(SNIFFED);
        source.by_ref().take(SNIFFED as u64).read_to_end(&mut start)?;
        source.seek(SeekFrom::Start(0))?;
        Self::of(&start)
    }

    fn of(start: &[u8]) -> Result<Self, TabularError> {
        if start.is_empty() {
            return Err(TabularError::Empty);
        }
        if start.starts_with(b"PK\x03\x04") {
            return Ok(Self::Workbook);
        }
        if start.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
            return Err(TabularError::OldOrProtected);
        }
        // A text has no control characters; every other kind of file shows some in its first kilobytes.
        let control = |byte: &u8| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0C);
        if start.iter().any(control) || start.starts_with(b"%PDF") {
            return Err(TabularError::NotATable);
        }
        Ok(Self::Delimited(delimited::delimiter(start)))
    }
}

/// Counts what has been read and refuses what passes a limit.
#[derive(Debug)]
struct Meter<'a> {
    limits: &'a Limits,
    rows: usize,
    cells: usize,
}

impl<'a> Meter<'a> {
    fn new(limits: &'a Limits) -> Self {
        Self {
            limits,
            rows: 0,
            cells: 0,
        }
    }

    fn row(&mut self) -> Result<(), TabularError> {
        self.rows += 1;
        // The header is not one of the rows.
        if self.rows > self.limits.rows + 1 {
            Err(TabularError::TooManyRows(self.limits.rows))
        } else {
            Ok(())
        }
    }

    fn cell(&mut self, line: usize, column: usize, text: &str) -> Result<(), TabularError> {
        self.cells += 1;
        if column >= self.limits.columns {
            Err(TabularError::TooManyColumns(self.limits.columns))
        } else if self.cells > self.limits.cells {
            Err(TabularError::TooManyCells(self.limits.cells))
        } else if text.len() > self.limits.text && text.chars().count() > self.limits.text {
            Err(TabularError::LongText {
                line,
                limit: self.limits.text,
            })
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests;
