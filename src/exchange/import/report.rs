//! Screen: what an import would do, or did, line by line; the refused lines as a file to correct.

use super::model::{Counts, Judged, Outcome, Report, State};
use super::store::{self, Import, Which};
use super::work;
use crate::exchange::cell::neutralised;
use crate::exchange::files::{self, Kind};
use crate::exchange::lines::Change;
use crate::exchange::network::Table;
use crate::exchange::paths;
use crate::kernel::ids::ImportId;
use crate::platform::access::Staff;
use crate::platform::jobs::{self, store::JobState};
use crate::platform::web::{OptionExt, Page, Path, Query, Result, filters};
use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use sqlx::PgConnection;

/// Lines of a page.
const SHOWN: u16 = 200;
/// Cells of a new line that its detail shows.
const CELLS: usize = 7;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::exchange) struct Filter {
    genre: String,
    fichier: String,
    page: u16,
}

/// A kind of line, as the page filters it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Genre {
    Refused,
    Warned,
    Updated,
    Created,
    Unchanged,
}

impl Genre {
    /// What needs an eye first.
    const ALL: [Self; 5] = [
        Self::Refused,
        Self::Warned,
        Self::Updated,
        Self::Created,
        Self::Unchanged,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Refused => "refuses",
            Self::Warned => "a_verifier",
            Self::Updated => "modifies",
            Self::Created => "crees",
            Self::Unchanged => "inchanges",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Refused => "Refusés",
            Self::Warned => "À vérifier",
            Self::Updated => "Modifiés",
            Self::Created => "Créés",
            Self::Unchanged => "Inchangés",
        }
    }

    fn count(self, counts: &Counts) -> i64 {
        match self {
            Self::Refused => counts.refused,
            Self::Warned => counts.warned,
            Self::Updated => counts.updated,
            Self::Created => counts.created,
            Self::Unchanged => counts.unchanged,
        }
    }

    fn which(self, table: Option<Table>) -> Which {
        let outcome = match self {
            Self::Refused => Some(Outcome::Refused),
            Self::Warned => None,
            Self::Updated => Some(Outcome::Updated),
            Self::Created => Some(Outcome::Created),
            Self::Unchanged => Some(Outcome::Unchanged),
        };
        Which {
            table,
            outcome,
            warned: self == Self::Warned,
            ..Which::default()
        }
    }
}

/// A filter of the page.
struct Chip {
    label: String,
    href: String,
    on: bool,
}

/// A line of the table.
struct Line {
    file: &'static str,
    number: i64,
    title: String,
    changes: Vec<Change>,
    remarks: Vec<String>,
    cells: Vec<(String, String)>,
}

/// The refused lines of one table, as a file.
struct Correction {
    href: String,
    label: String,
}

#[derive(Template)]
#[template(path = "exchange/report.html")]
struct ReportPage {
    import: Import,
    running: Option<Running>,
    genres: Vec<Chip>,
    tables: Vec<Chip>,
    genre: &'static str,
    lines: Vec<Line>,
    /// « Lignes 201 à 400 », the page before and the one after.
    range: String,
    before: Option<String>,
    after: Option<String>,
    corrections: Vec<Correction>,
}

/// A job at work, for the bar.
struct Running {
    percent: u8,
    words: String,
    /// Why it gave up, when it did.
    has_failed: bool,
}

pub(in crate::exchange) async fn show(
    me: Staff,
    Path(id): Path<ImportId>,
    Query(filter): Query<Filter>,
) -> Result<Response> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let import = store::find(&mut db, &scope, id).await?.or_not_found()?;
    if import.state == State::Mapping {
        return Ok(Redirect::to(&paths::columns(&id)).into_response());
    }
    let running = running(&mut db, &import).await?;
    let table = parse_table(&filter.fichier);
    let report = &import.report;
    let count = |genre: Genre| match table {
        Some(Table::Sites) => genre.count(&report.sites),
        Some(Table::Flows) => genre.count(&report.flows),
        None => genre.count(&report.sites) + genre.count(&report.flows),
    };
    let asked = Genre::ALL.into_iter().find(|genre| genre.word() == filter.genre);
    let first = Genre::ALL.into_iter().find(|genre| count(*genre) > 0);
    let genre = asked.or(first).unwrap_or(Genre::Created);
    let (number, total) = (filter.page.max(1), count(genre));
    let which = Which {
        offset: i64::from(number - 1) * i64::from(SHOWN),
        ..genre.which(table)
    };
    let lines = store::lines(&mut db, id, which, usize::from(SHOWN)).await?;
    let turn = |to: u16| format!("{}&page={to}#lignes", href(id, genre, table));
    let page = ReportPage {
        running,
        genres: genres(id, table, genre, count),
        tables: tables(id, &import, table, genre),
        genre: genre.label(),
        range: range(which.offset, lines.len(), total),
        before: (number > 1).then(|| turn(number - 1)),
        after: (which.offset + i64::from(SHOWN) < total).then(|| turn(number.saturating_add(1))),
        lines: lines
            .into_iter()
            .map(|judged| line(judged, &import.report))
            .collect(),
        corrections: corrections(id, &import),
        import,
    };
    Ok(Page(page).into_response())
}

fn range(offset: i64, shown: usize, total: i64) -> String {
    let last = offset + i64::try_from(shown).unwrap_or_default();
    if offset == 0 && last == total {
        let plural = if total > 1 { "s" } else { "" };
        return format!("{} ligne{plural}", grouped(total));
    }
    format!(
        "Lignes {} à {} sur {}",
        grouped(offset + 1),
        grouped(last),
        grouped(total)
    )
}

async fn running(db: &mut PgConnection, import: &Import) -> Result<Option<Running>> {
    if !import.state.is_running() {
        return Ok(None);
    }
    let job = jobs::store::last_with_key(db, &work::key_of(import.state, import.id)).await?;
    let waiting = "En attente d’un autre travail…".to_owned();
    Ok(Some(match job {
        None => Running {
            percent: 0,
            words: waiting,
            has_failed: false,
        },
        Some(job) => Running {
            percent: u8::try_from(job.progress).unwrap_or_default(),
            has_failed: job.state == JobState::Failed,
            words: match job.state {
                JobState::Queued => waiting,
                JobState::Running | JobState::Done | JobState::Failed => job
                    .message
                    .filter(|_| job.state == JobState::Running)
                    .unwrap_or_else(|| "Premières lignes…".to_owned()),
            },
        },
    }))
}

fn parse_table(word: &str) -> Option<Table> {
    Table::ALL.into_iter().find(|table| table_word(*table) == word)
}

fn table_word(table: Table) -> &'static str {
    match table {
        Table::Sites => "etablissements",
        Table::Flows => "flux",
    }
}

fn href(id: ImportId, genre: Genre, table: Option<Table>) -> String {
    let table = table
        .map(|table| format!("&fichier={}", table_word(table)))
        .unwrap_or_default();
    format!("{}?genre={}{table}", paths::report(&id), genre.word())
}

fn genres(id: ImportId, table: Option<Table>, current: Genre, count: impl Fn(Genre) -> i64) -> Vec<Chip> {
    Genre::ALL
        .into_iter()
        .filter(|genre| count(*genre) > 0 || *genre == current)
        .map(|genre| Chip {
            label: format!("{} {}", genre.label(), grouped(count(genre))),
            href: href(id, genre, table),
            on: genre == current,
        })
        .collect()
}

pub(super) fn grouped(count: i64) -> String {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    crate::kernel::format_number(f64::from(count), 0)
}

/// Only when there are lines of both.
fn tables(id: ImportId, import: &Import, current: Option<Table>, genre: Genre) -> Vec<Chip> {
    let both = import.report.sites.total() > 0 && import.report.flows.total() > 0;
    if !both && current.is_none() {
        return Vec::new();
    }
    [
        (None, "Les deux fichiers"),
        (Some(Table::Sites), "Établissements"),
        (Some(Table::Flows), "Flux"),
    ]
    .into_iter()
    .map(|(table, label)| Chip {
        label: label.to_owned(),
        href: href(id, genre, table),
        on: table == current,
    })
    .collect()
}

fn line(judged: Judged, report: &Report) -> Line {
    let is_new = judged.outcome == Outcome::Created;
    let said = ["nom", "libelle", "etablissement"];
    let cells = judged
        .row
        .cells
        .into_iter()
        .filter(|(column, _)| is_new && !said.contains(&column.as_str()))
        .map(|(column, text)| (report.title(judged.table, &column).to_owned(), text));
    let changes = judged.changes.into_iter().map(|change| Change {
        column: report.title(judged.table, &change.column).to_owned(),
        ..change
    });
    Line {
        file: table_word(judged.table),
        number: i64::try_from(judged.row.line).unwrap_or(i64::MAX),
        title: judged.title,
        changes: changes.collect(),
        remarks: judged.remarks,
        cells: cells.take(CELLS).collect(),
    }
}

fn corrections(id: ImportId, import: &Import) -> Vec<Correction> {
    let counts = [
        (Table::Sites, import.report.sites),
        (Table::Flows, import.report.flows),
    ];
    counts
        .into_iter()
        .filter(|(_, counts)| counts.refused > 0 && import.state != State::Abandoned)
        .map(|(table, counts)| Correction {
            href: format!("{}?fichier={}", paths::corrections(&id), table_word(table)),
            label: match counts.refused {
                1 => format!("La ligne refusée ({table})"),
                n => format!("Les {} lignes refusées ({table})", grouped(n)),
            },
        })
        .collect()
}

/// The refused lines with the reason: corrected, the file can be sent as it is.
pub(in crate::exchange) async fn corrections_file(
    me: Staff,
    Path(id): Path<ImportId>,
    Query(filter): Query<Filter>,
) -> Result<Response> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    store::find(&mut db, &scope, id).await?.or_not_found()?;
    let table = parse_table(&filter.fichier).or_not_found()?;
    let which = Genre::Refused.which(Some(table));
    let refused = store::lines(&mut db, id, which, usize::MAX).await?;
    let columns: Vec<_> = table
        .columns()
        .filter(|column| refused.iter().any(|line| line.row.get(column).is_some()))
        .collect();
    let title = ["ligne", "motif"]
        .into_iter()
        .chain(columns.iter().copied())
        .map(str::to_owned)
        .collect();
    let rows = refused.iter().map(|line| {
        let mut cells = vec![line.row.line.to_string(), neutralised(&line.remarks.join(" "))];
        cells.extend(
            columns
                .iter()
                .map(|column| neutralised(line.row.get(column).unwrap_or_default())),
        );
        cells
    });
    let content = files::csv_lines(std::iter::once(title).chain(rows));
    Ok(files::attachment(
        &format!("corrections-{}", table_word(table)),
        Some(me.today()),
        Kind::Csv,
        content,
    ))
}

impl Import {
    /// Whether something of the files is not read.
    fn has_unread(&self) -> bool {
        let report = &self.report;
        !(report.aside.is_empty() && report.unwanted.is_empty() && report.ignored.is_empty())
    }
    fn is_checked(&self) -> bool {
        self.state == State::Checked
    }
    fn is_abandoned(&self) -> bool {
        self.state == State::Abandoned
    }
    fn is_applying(&self) -> bool {
        self.state == State::Applying
    }

    /// Whether its lines are there to be seen.
    fn is_told(&self) -> bool {
        matches!(self.state, State::Checked | State::Applied)
    }

    fn heading(&self) -> &'static str {
        match self.state {
            State::Mapping | State::Reading => "Lecture avant import",
            State::Checked => "Vérification avant import",
            State::Applying => "Import en cours",
            State::Failed => "Fichier illisible",
            State::Applied | State::Abandoned => "Import",
        }
    }

    pub(super) fn refused(&self) -> i64 {
        self.report.sites.refused + self.report.flows.refused
    }

    /// « 12 établissements et 48 flux ».
    fn written_words(&self) -> String {
        let (sites, flows) = (self.report.sites.written(), self.report.flows.written());
        let sites = match sites {
            0 => None,
            1 => Some("un établissement".to_owned()),
            n => Some(format!("{} établissements", grouped(n))),
        };
        let flows = match flows {
            0 => None,
            1 => Some("un flux".to_owned()),
            n => Some(format!("{} flux", grouped(n))),
        };
        sites.into_iter().chain(flows).collect::<Vec<_>>().join(" et ")
    }
}
