//! A network in two tables: establishments and flows, as `maillage match` and the import screen read it.
//!
//! Headers are French words, whatever their case and accents. A row that cannot be read is refused with
//! its line and the reason, and the rest goes on; nothing is guessed silently. Categories are checked
//! here and labels are not classified: that is the reader's business.

mod columns;
mod facts;
mod flows;
mod format;
mod register;
mod sites;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{Read, Seek};
use std::ops::ControlFlow;

use chrono::NaiveDate;
use thiserror::Error;

use super::tabular::{self, Limits, TabularError};
use crate::kernel::Position;
use columns::Columns;
pub use facts::facts;
pub use flows::FlowRow;
pub use format::{Format, label};
pub use register::Register;
pub use sites::SiteRow;

/// Which of the two tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, sqlx::Type)]
#[sqlx(type_name = "import_table", rename_all = "snake_case")]
pub enum Table {
    Sites,
    Flows,
}

impl Table {
    pub const ALL: [Self; 2] = [Self::Sites, Self::Flows];

    fn format(self) -> &'static [Column] {
        match self {
            Self::Sites => Format::Sites.columns(),
            Self::Flows => Format::Flows.columns(),
        }
    }

    /// The columns that this table may have, in the order of the file format.
    pub fn columns(self) -> impl Iterator<Item = &'static str> {
        self.format().iter().map(|column| column.name)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sites => "établissements",
            Self::Flows => "flux",
        })
    }
}

/// A row that was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub table: Table,
    pub line: usize,
    /// The column at fault, as named in the file format.
    pub column: Option<&'static str>,
    /// The reason in French.
    pub reason: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, ligne {}", self.table, self.line)?;
        if let Some(column) = self.column {
            write!(f, ", colonne «\u{a0}{column}\u{a0}»")?;
        }
        write!(f, "\u{a0}: {}", self.reason)
    }
}

/// Why a whole table was not read.
#[derive(Debug, Error)]
pub enum NetworkError {
    #[error(transparent)]
    Table(#[from] TabularError),
    #[error("La colonne «\u{a0}{0}\u{a0}» manque dans la première ligne.")]
    MissingColumn(&'static str),
    #[error("La colonne «\u{a0}{0}\u{a0}» apparaît deux fois dans la première ligne.")]
    TwiceTheColumn(&'static str),
}

/// The rows taken, and those refused.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading<T> {
    pub rows: Vec<T>,
    pub refusals: Vec<Refusal>,
    /// Headers that mean nothing here; their cells are ignored.
    pub ignored: Vec<String>,
}

/// Why one row is refused.
#[derive(Debug, PartialEq, Eq)]
struct Fault {
    column: Option<&'static str>,
    reason: String,
}

impl Fault {
    fn of(column: &'static str, reason: impl fmt::Display) -> Self {
        Self {
            column: Some(column),
            reason: reason.to_string(),
        }
    }
}

/// What a commune and a postal code tell of a place.
pub type Locate<'a> = dyn Fn(&str, Option<&str>) -> Option<Position> + 'a;

/// Reads the establishments. `locate` finds a position from the commune and the postal code when the
/// row gives none.
///
/// # Errors
/// When the file is not a table or a required column is missing.
pub fn read_sites(
    source: impl Read + Seek,
    limits: &Limits,
    locate: &Locate<'_>,
) -> Result<Reading<SiteRow>, NetworkError> {
    let mut seen = BTreeSet::new();
    rows(source, limits, Table::Sites, &mut |cells| {
        let row = SiteRow::read(cells, locate)?;
        if seen.insert(row.reference.clone()) {
            Ok(row)
        } else {
            Err(Fault::of(
                "reference",
                "Cette référence est déjà celle d’une ligne précédente.",
            ))
        }
    })
}

/// Reads the flows of establishments already read.
///
/// # Errors
/// When the file is not a table or a required column is missing.
pub fn read_flows(
    source: impl Read + Seek,
    limits: &Limits,
    establishments: &BTreeSet<String>,
) -> Result<Reading<FlowRow>, NetworkError> {
    let mut seen = BTreeSet::new();
    rows(source, limits, Table::Flows, &mut |cells| {
        let row = FlowRow::read(cells)?;
        if !establishments.contains(&row.establishment) {
            return Err(Fault::of(
                "etablissement",
                "Aucun établissement lu ne porte cette référence.",
            ));
        }
        if seen.insert(row.reference.clone()) {
            Ok(row)
        } else {
            Err(Fault::of(
                "reference",
                "Cette référence est déjà celle d’une ligne précédente.",
            ))
        }
    })
}

/// Column of a format: its name, other names people use, and whether a table without it is refused.
#[derive(Debug, Clone, Copy)]
struct Column {
    name: &'static str,
    also: &'static [&'static str],
    required: bool,
}

/// One row as written: the texts of the known columns that hold something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawRow {
    pub line: usize,
    pub cells: BTreeMap<String, String>,
}

impl RawRow {
    #[must_use]
    pub fn get(&self, column: &str) -> Option<&str> {
        self.cells.get(column).map(String::as_str)
    }

    /// This row as an establishment; a place must be in it to be known.
    ///
    /// # Errors
    /// When a cell cannot be read.
    pub fn site(&self) -> Result<SiteRow, Refusal> {
        SiteRow::read(&self.cells(), &|_, _| None).map_err(|fault| self.refused(Table::Sites, fault))
    }

    /// This row as a flow, of an establishment that is not looked for.
    ///
    /// # Errors
    /// When a cell cannot be read.
    pub fn flow(&self) -> Result<FlowRow, Refusal> {
        FlowRow::read(&self.cells()).map_err(|fault| self.refused(Table::Flows, fault))
    }

    fn cells(&self) -> Cells<'_> {
        let texts = self.cells.iter();
        Cells {
            line: self.line,
            texts: texts.map(|(name, text)| (name.as_str(), text.as_str())).collect(),
        }
    }

    fn refused(&self, table: Table, fault: Fault) -> Refusal {
        Refusal {
            table,
            line: self.line,
            column: fault.column,
            reason: fault.reason,
        }
    }
}

/// Hands over the rows of a table as written, one by one, until told to stop. `fields` says what each
/// column of the file is, `sheet` names the sheet of a workbook; without it, the first one.
///
/// # Errors
/// When the file is not a table.
pub fn stream(
    source: impl Read + Seek,
    limits: &Limits,
    sheet: Option<&str>,
    fields: &[Option<&'static str>],
    visit: &mut dyn FnMut(RawRow) -> ControlFlow<()>,
) -> Result<(), TabularError> {
    let mut is_header = true;
    tabular::read_sheet(source, limits, sheet, &mut |row| {
        if std::mem::take(&mut is_header) {
            return ControlFlow::Continue(());
        }
        let named = fields.iter().zip(row.cells);
        let cells: BTreeMap<String, String> = named
            .filter_map(|(field, text)| Some(((*field)?.to_owned(), text.clone())))
            .filter(|(_, text)| !text.is_empty())
            .collect();
        if cells.is_empty() {
            return ControlFlow::Continue(());
        }
        visit(RawRow {
            line: row.line,
            cells,
        })
    })
}

/// A day, as spreadsheets and French people write it.
fn date(text: &str) -> Result<NaiveDate, &'static str> {
    ["%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y"]
        .iter()
        .find_map(|format| NaiveDate::parse_from_str(text, format).ok())
        .ok_or("Cette date n’est pas lisible\u{a0}: écrivez 30/06/2027.")
}

/// The cells of one row, by column name.
struct Cells<'a> {
    line: usize,
    texts: BTreeMap<&'a str, &'a str>,
}

impl Cells<'_> {
    /// The text of a column; `None` when it is empty or absent.
    fn get(&self, column: &'static str) -> Option<&str> {
        self.texts.get(column).copied()
    }

    fn required(&self, column: &'static str) -> Result<&str, Fault> {
        self.get(column)
            .ok_or_else(|| Fault::of(column, "Cette valeur est obligatoire."))
    }

    /// Reads a column if it holds something; an error names the column.
    fn parse<T, E: fmt::Display>(
        &self,
        column: &'static str,
        read: impl Fn(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Fault> {
        self.get(column)
            .map(|text| read(text).map_err(|error| Fault::of(column, error)))
            .transpose()
    }
}

fn rows<T>(
    source: impl Read + Seek,
    limits: &Limits,
    table: Table,
    take: &mut dyn FnMut(&Cells<'_>) -> Result<T, Fault>,
) -> Result<Reading<T>, NetworkError> {
    let mut reading = Reading {
        rows: Vec::new(),
        refusals: Vec::new(),
        ignored: Vec::new(),
    };
    let mut header: Option<Result<Columns, NetworkError>> = None;
    tabular::read(source, limits, &mut |row| match &header {
        None => {
            let found = Columns::of(row.cells, table.format());
            let readable = found.is_ok();
            header = Some(found);
            if readable {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        }
        Some(Ok(columns)) => {
            let cells = Cells {
                line: row.line,
                texts: columns.texts(row.cells).collect(),
            };
            match take(&cells) {
                Ok(taken) => reading.rows.push(taken),
                Err(Fault { column, reason }) => {
                    reading.refusals.push(Refusal {
                        table,
                        line: row.line,
                        column,
                        reason,
                    });
                }
            }
            ControlFlow::Continue(())
        }
        Some(Err(_)) => ControlFlow::Break(()),
    })?;
    reading.ignored = header.ok_or(TabularError::Empty)??.ignored;
    Ok(reading)
}

#[cfg(test)]
mod tests;
