//! What a check says of each line of the files, and of the whole. No SQL, no clock.

use crate::exchange::lines::Change;
use crate::exchange::network::{RawRow, Table, label};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "import_state", rename_all = "snake_case")]
pub enum State {
    /// Somebody must say what the columns are.
    Mapping,
    Reading,
    Checked,
    Applying,
    Applied,
    Abandoned,
    Failed,
}

impl State {
    pub const ALL: [Self; 7] = [
        Self::Mapping,
        Self::Reading,
        Self::Checked,
        Self::Applying,
        Self::Applied,
        Self::Abandoned,
        Self::Failed,
    ];

    pub fn label(self) -> &'static str {
        match self {
            Self::Mapping => "colonnes à préciser",
            Self::Reading => "lecture en cours",
            Self::Checked => "à confirmer",
            Self::Applying => "écriture en cours",
            Self::Applied => "importé",
            Self::Abandoned => "abandonné",
            Self::Failed => "illisible",
        }
    }

    /// Whether a job is at work on it.
    pub fn is_running(self) -> bool {
        matches!(self, Self::Reading | Self::Applying)
    }
}

/// What an import does with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, sqlx::Type)]
#[sqlx(type_name = "import_outcome", rename_all = "snake_case")]
pub enum Outcome {
    Created,
    Updated,
    Unchanged,
    Refused,
}

impl Outcome {
    pub const ALL: [Self; 4] = [Self::Created, Self::Updated, Self::Unchanged, Self::Refused];
}

/// One line and what was decided of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    pub table: Table,
    pub row: RawRow,
    pub outcome: Outcome,
    /// What the line is about, for whoever reads the report.
    pub title: String,
    pub changes: Vec<Change>,
    /// Why it is refused, or what to look at.
    pub remarks: Vec<String>,
}

impl Judged {
    pub fn refused(table: Table, row: RawRow, reason: String) -> Self {
        let named = row
            .get("nom")
            .or_else(|| row.get("libelle"))
            .or_else(|| row.get("reference"));
        Self {
            table,
            title: named.unwrap_or("(sans nom)").to_owned(),
            row,
            outcome: Outcome::Refused,
            changes: Vec::new(),
            remarks: vec![reason],
        }
    }

    /// Whether both say the same to whoever confirms.
    pub fn agrees_with(&self, other: &Self) -> bool {
        self.outcome == other.outcome && self.changes == other.changes && self.remarks == other.remarks
    }
}

/// What to do with a judged line.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Write<T> {
    Nothing,
    Insert(T),
    Update { before: T, after: T },
}

/// How many lines of one table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub created: i64,
    pub updated: i64,
    pub unchanged: i64,
    pub refused: i64,
    /// Taken, with something to look at.
    pub warned: i64,
}

impl Counts {
    pub fn add(&mut self, judged: &Judged) {
        match judged.outcome {
            Outcome::Created => self.created += 1,
            Outcome::Updated => self.updated += 1,
            Outcome::Unchanged => self.unchanged += 1,
            Outcome::Refused => self.refused += 1,
        }
        if judged.outcome != Outcome::Refused && !judged.remarks.is_empty() {
            self.warned += 1;
        }
    }

    pub fn written(&self) -> i64 {
        self.created + self.updated
    }

    /// Those that an application goes through.
    pub fn taken(&self) -> i64 {
        self.created + self.updated + self.unchanged
    }

    pub fn total(&self) -> i64 {
        self.created + self.updated + self.unchanged + self.refused
    }
}

/// The whole check.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub sites: Counts,
    pub flows: Counts,
    /// Titles that mean nothing here.
    pub ignored: Vec<String>,
    /// Titles that somebody chose not to take.
    #[serde(default)]
    pub unwanted: Vec<String>,
    /// What of the files is not read, in sentences.
    #[serde(default)]
    pub aside: Vec<String>,
    /// How the files call their columns, for each table.
    #[serde(default)]
    pub titles: BTreeMap<String, BTreeMap<String, String>>,
}

impl Report {
    /// The title that the file gives a column, else its name in French.
    pub fn title<'a>(&'a self, table: Table, column: &'a str) -> &'a str {
        let titles = self.titles.get(&table.to_string());
        let told = titles.and_then(|titles| titles.get(column));
        told.map_or_else(|| label(column), String::as_str)
    }

    pub fn add(&mut self, judged: &Judged) {
        match judged.table {
            Table::Sites => self.sites.add(judged),
            Table::Flows => self.flows.add(judged),
        }
    }

    pub fn written(&self) -> i64 {
        self.sites.written() + self.flows.written()
    }
}
