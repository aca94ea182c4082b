//! From files to the database: stage what was judged, apply what was staged, or import at once what
//! nobody has to confirm.

use super::check::{CHUNK, Checker};
use super::model::{Judged, Report, State, Write};
use super::read::{self, Chunk, Fault, Upload};
use super::store::{self, Which};
use crate::companies::Establishment;
use crate::exchange::network::{RawRow, Table};
use crate::flows::{Flow, FlowsChanged};
use crate::kernel::ids::ImportId;
use crate::platform::access::Scope;
use crate::platform::db::{Tx, Unjournalled};
use crate::platform::jobs;
use crate::platform::journal::Event;
use crate::platform::web::AppError;
use axum::body::Bytes;

/// Why a file was not staged or an import not applied.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    File(#[from] Fault),
    /// The territory changed since the check, in a way that changes the report.
    #[error("the territory changed since the check")]
    Changed,
    #[error("no such import")]
    Unknown,
    #[error(transparent)]
    App(#[from] AppError),
}

impl From<sqlx::Error> for Refused {
    fn from(error: sqlx::Error) -> Self {
        // Someone took a reference or a SIRET between our look and our write.
        match error.as_database_error() {
            Some(refusal) if refusal.is_unique_violation() => Self::Changed,
            _ => Self::App(error.into()),
        }
    }
}

impl From<Unjournalled> for Refused {
    fn from(error: Unjournalled) -> Self {
        Self::App(error.into())
    }
}

/// Judges the files and keeps every line with its judgement.
pub(super) async fn stage(
    tx: &mut Tx,
    scope: &Scope,
    id: ImportId,
    uploads: Vec<Upload>,
) -> Result<Report, Refused> {
    let today = tx.today();
    let mut checker = Checker::new(tx, scope, today).await?;
    let mut report = Report::default();
    let field = uploads.first().map_or("sites", |upload| upload.field);
    let (mut chunks, reading) = read::start(uploads);
    while let Some(chunk) = chunks.recv().await {
        let lines = match chunk.table {
            Table::Sites => judged(checker.sites(tx, scope, chunk.rows).await?),
            Table::Flows => judged(checker.flows(tx, scope, chunk.rows).await?),
        };
        lines.iter().for_each(|line| report.add(line));
        store::keep_lines(tx, id, &lines).await?;
    }
    report.ignored = finished(reading.await)?;
    if report.sites.total() + report.flows.total() == 0 {
        let sentence = "Ce fichier n’a aucune ligne sous ses titres.".to_owned();
        return Err(Fault { field, sentence }.into());
    }
    store::set_report(tx, id, &report).await?;
    Ok(report)
}

fn judged<T>(lines: Vec<(Judged, Write<T>)>) -> Vec<Judged> {
    lines.into_iter().map(|(judged, _)| judged).collect()
}

fn finished(
    outcome: Result<Result<Vec<String>, Fault>, tokio::task::JoinError>,
) -> Result<Vec<String>, Refused> {
    let ignored = outcome.map_err(|error| AppError::Internal(error.into()))??;
    Ok(ignored)
}

/// Judges every staged line again, in the light of what the territory holds now.
pub(super) async fn judge_again(
    tx: &mut Tx,
    scope: &Scope,
    id: ImportId,
    ignored: Vec<String>,
) -> Result<Report, Refused> {
    let today = tx.today();
    let mut checker = Checker::new(tx, scope, today).await?;
    let mut report = Report {
        ignored,
        ..Report::default()
    };
    let mut which = Which::default();
    loop {
        let lines = store::lines(tx, id, which, CHUNK).await?;
        let Some(last) = lines.last() else { break };
        which.after = Some((last.table, last.row.line));
        for (table, rows) in by_table(lines.into_iter().map(|line| (line.table, line.row))) {
            let lines = match table {
                Table::Sites => judged(checker.sites(tx, scope, rows).await?),
                Table::Flows => judged(checker.flows(tx, scope, rows).await?),
            };
            lines.iter().for_each(|line| report.add(line));
            store::keep_lines(tx, id, &lines).await?;
        }
    }
    store::set_report(tx, id, &report).await?;
    Ok(report)
}

/// Applies the staged lines, if each is still judged as it was told.
pub(super) async fn apply(tx: &mut Tx, scope: &Scope, id: ImportId) -> Result<Report, Refused> {
    let today = tx.today();
    let mut checker = Checker::new(tx, scope, today).await?;
    let mut report = Report::default();
    let mut which = Which::default();
    loop {
        let told = store::lines(tx, id, which, CHUNK).await?;
        let Some(last) = told.last() else { break };
        which.after = Some((last.table, last.row.line));
        let mut now = Vec::with_capacity(told.len());
        for (table, rows) in by_table(told.iter().map(|line| (line.table, line.row.clone()))) {
            now.extend(judge_and_write(tx, scope, &mut checker, Chunk { table, rows }).await?);
        }
        if now.len() != told.len() || !told.iter().zip(&now).all(|(told, now)| told.agrees_with(now)) {
            return Err(Refused::Changed);
        }
        now.iter().for_each(|line| report.add(line));
    }
    store::close(tx, id, State::Applied).await?;
    tell(tx, scope, Some(id), &report).await?;
    Ok(report)
}

fn by_table(rows: impl Iterator<Item = (Table, RawRow)>) -> Vec<(Table, Vec<RawRow>)> {
    let mut groups: Vec<(Table, Vec<RawRow>)> = Vec::new();
    for (table, row) in rows {
        match groups.last_mut() {
            Some((last, rows)) if *last == table => rows.push(row),
            _ => groups.push((table, vec![row])),
        }
    }
    groups
}

async fn judge_and_write(
    tx: &mut Tx,
    scope: &Scope,
    checker: &mut Checker,
    chunk: Chunk,
) -> Result<Vec<Judged>, Refused> {
    match chunk.table {
        Table::Sites => {
            let lines = checker.sites(tx, scope, chunk.rows).await?;
            let (judged, writes): (Vec<_>, Vec<_>) = lines.into_iter().unzip();
            let (new, changed) = sorted::<Establishment>(writes);
            store::insert_sites(tx, scope, &new).await?;
            whole(store::save_sites(tx, scope, &changed).await?)?;
            Ok(judged)
        }
        Table::Flows => {
            let lines = checker.flows(tx, scope, chunk.rows).await?;
            let (judged, writes): (Vec<_>, Vec<_>) = lines.into_iter().unzip();
            let (new, changed) = sorted::<Flow>(writes);
            store::insert_flows(tx, scope, &new).await?;
            whole(store::save_flows(tx, scope, &changed).await?)?;
            Ok(judged)
        }
    }
}

fn sorted<T>(writes: Vec<Write<T>>) -> (Vec<T>, Vec<(T, T)>) {
    let (mut new, mut changed) = (Vec::new(), Vec::new());
    for write in writes {
        match write {
            Write::Nothing => {}
            Write::Insert(thing) => new.push(thing),
            Write::Update { before, after } => changed.push((before, after)),
        }
    }
    (new, changed)
}

fn whole(saved: bool) -> Result<(), Refused> {
    if saved { Ok(()) } else { Err(Refused::Changed) }
}

/// Leaves a line about the whole, and asks for a match when something moved.
async fn tell(tx: &mut Tx, scope: &Scope, id: Option<ImportId>, report: &Report) -> sqlx::Result<()> {
    let id = id.unwrap_or_else(ImportId::fresh);
    let event = Event::on("import", id, "fichier importé").within(scope.territory());
    tx.record(event.after(report)).await?;
    if report.written() > 0 {
        let everywhere = FlowsChanged {
            territory: scope.territory(),
        };
        jobs::enqueue(tx, &everywhere).await?;
    }
    Ok(())
}

/// Imports two files at once, without a report to confirm: the demonstration and commands. Lines that
/// cannot be read are counted as refused, and the rest goes on.
///
/// # Errors
/// When a file is not a table, a required column is missing, or the database refuses.
pub async fn import_network(
    tx: &mut Tx,
    scope: &Scope,
    sites: &'static [u8],
    flows: &'static [u8],
) -> Result<Report, Refused> {
    let upload = |field, table, content| Upload {
        field,
        table,
        name: format!("{table}"),
        content: Bytes::from_static(content),
    };
    let uploads = vec![
        upload("sites", Table::Sites, sites),
        upload("flows", Table::Flows, flows),
    ];
    let today = tx.today();
    let mut checker = Checker::new(tx, scope, today).await?;
    let mut report = Report::default();
    let (mut chunks, reading) = read::start(uploads);
    while let Some(chunk) = chunks.recv().await {
        let lines = judge_and_write(tx, scope, &mut checker, chunk).await?;
        lines.iter().for_each(|line| report.add(line));
    }
    report.ignored = finished(reading.await)?;
    tell(tx, scope, None, &report).await?;
    Ok(report)
}
