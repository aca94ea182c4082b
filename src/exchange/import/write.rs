//! From files to the database: stage what was judged, apply what was staged, or import at once what
//! nobody has to confirm.

use super::check::{CHUNK, Checker};
use super::columns::Part;
use super::model::{Counts, Judged, Report, State, Write};
use super::read::{self, Chunk, Fault, Reading, Upload};
use super::report::grouped;
use super::store::{self, Which};
use crate::companies::Establishment;
use crate::exchange::network::{Format, RawRow, Table};
use crate::flows::{Flow, FlowsChanged};
use crate::kernel::ids::ImportId;
use crate::platform::access::Scope;
use crate::platform::db::{Tx, Unjournalled};
use crate::platform::jobs::{self, Context};
use crate::platform::journal::Event;
use crate::platform::web::AppError;
use axum::body::Bytes;
use std::collections::BTreeMap;

/// Why a file was not staged or an import not applied.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    File(#[from] Fault),
    /// The territory changed since the check, in a way that changes the report.
    #[error("the territory changed since the check")]
    Changed,
    #[error("someone stopped the import")]
    Stopped,
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

/// Who is told how far the work is, and may ask for it to stop.
pub(super) struct Watch<'a> {
    pub(super) context: &'a Context,
    pub(super) id: ImportId,
    /// What is done to the lines, in the words of the page: « lues », « écrites ».
    pub(super) verb: &'static str,
    pub(super) done: usize,
    told: usize,
}

/// Lines between two looks.
const STEP: usize = 5_000;

impl<'a> Watch<'a> {
    pub(super) fn new(context: &'a Context, id: ImportId, verb: &'static str) -> Self {
        Self {
            context,
            id,
            verb,
            done: 0,
            told: 0,
        }
    }

    /// Tells the page, and stops when someone asked for it.
    async fn step(&mut self, lines: usize, percent: impl FnOnce(usize) -> i32) -> Result<(), Refused> {
        self.done += lines;
        if self.done < self.told + STEP {
            return Ok(());
        }
        self.told = self.done;
        let done = grouped(i64::try_from(self.done).unwrap_or(i64::MAX));
        let words = format!("{done} lignes {}", self.verb);
        let percent = percent(self.done);
        self.context
            .progress(percent, &words)
            .await
            .map_err(AppError::Internal)?;
        let mut db = self.context.system.read().await?;
        match store::state(&mut db, self.id).await? {
            Some(state) if state.is_running() => Ok(()),
            _ => Err(Refused::Stopped),
        }
    }
}

/// Judges the files and keeps every line with its judgement.
pub(super) async fn stage(
    tx: &mut Tx,
    scope: &Scope,
    id: ImportId,
    reading: Reading,
    watch: &mut Watch<'_>,
) -> Result<Report, Refused> {
    let today = tx.today();
    let mut checker = Checker::new(tx, scope, today).await?;
    let mut report = Report {
        ignored: reading.parts.iter().flat_map(Part::ignored).cloned().collect(),
        unwanted: reading.parts.iter().flat_map(Part::unwanted).cloned().collect(),
        titles: titles(&reading.parts),
        ..Report::default()
    };
    let field = reading.uploads.first().map_or("sites", |upload| upload.field);
    store::forget_lines(tx, id).await?;
    let (mut chunks, gauge, task) = read::start(reading);
    while let Some(chunk) = chunks.recv().await {
        let read = chunk.rows.len();
        let lines = match chunk.table {
            Table::Sites => judged(checker.sites(tx, scope, chunk.rows).await?),
            Table::Flows => judged(checker.flows(tx, scope, chunk.rows).await?),
        };
        lines.iter().for_each(|line| report.add(line));
        store::keep_lines(tx, id, &lines).await?;
        watch.step(read, |_| gauge.percent()).await?;
    }
    report.aside = finished(task.await)?;
    if report.sites.total() + report.flows.total() == 0 {
        let sentence = "Ce fichier n’a aucune ligne sous ses titres.".to_owned();
        return Err(Fault { field, sentence }.into());
    }
    store::set_report(tx, id, &report).await?;
    Ok(report)
}

/// A register becomes lines of flows, whose columns are not its own.
fn titles(parts: &[Part]) -> BTreeMap<String, BTreeMap<String, String>> {
    let own = parts.iter().filter(|part| part.format != Format::Register);
    own.map(|part| {
        let titles = part
            .titles()
            .map(|(name, title)| (name.to_owned(), title.to_owned()));
        (part.format.table().to_string(), titles.collect())
    })
    .collect()
}

fn judged<T>(lines: Vec<(Judged, Write<T>)>) -> Vec<Judged> {
    lines.into_iter().map(|(judged, _)| judged).collect()
}

fn finished<T>(outcome: Result<Result<T, Fault>, tokio::task::JoinError>) -> Result<T, Refused> {
    Ok(outcome.map_err(|error| AppError::Internal(error.into()))??)
}

/// Judges every staged line again, in the light of what the territory holds now.
pub(super) async fn judge_again(
    tx: &mut Tx,
    scope: &Scope,
    id: ImportId,
    told: Report,
) -> Result<Report, Refused> {
    let today = tx.today();
    let mut checker = Checker::new(tx, scope, today).await?;
    let mut report = Report {
        sites: Counts::default(),
        flows: Counts::default(),
        ..told
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

/// Applies the staged lines, if each is still judged as it was told. Lines that were refused are left
/// aside whatever became of their reason.
pub(super) async fn apply(
    tx: &mut Tx,
    scope: &Scope,
    told_report: &Report,
    watch: &mut Watch<'_>,
) -> Result<(), Refused> {
    let (id, today) = (watch.id, tx.today());
    let total = told_report.sites.taken() + told_report.flows.taken();
    let total = usize::try_from(total).unwrap_or(usize::MAX).max(1);
    let mut checker = Checker::new(tx, scope, today).await?;
    let mut which = Which {
        taken: true,
        ..Which::default()
    };
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
        let percent = |done: usize| i32::try_from(done.saturating_mul(100) / total).unwrap_or(100);
        watch.step(told.len(), percent).await?;
    }
    if !store::advance(tx, id, (State::Applying, State::Applied)).await? {
        return Err(Refused::Stopped);
    }
    tell(tx, scope, Some(id), told_report).await?;
    Ok(())
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
    let upload = |field, format: Format, content| Upload {
        field,
        format,
        name: format.code().to_owned(),
        content: Bytes::from_static(content),
    };
    let uploads = vec![
        upload("sites", Format::Sites, sites),
        upload("flows", Format::Flows, flows),
    ];
    let today = tx.today();
    let parts = read::parts(&uploads)?;
    let mut checker = Checker::new(tx, scope, today).await?;
    let mut report = Report::default();
    let reading = Reading {
        uploads,
        parts,
        today,
    };
    let (mut chunks, _, task) = read::start(reading);
    while let Some(chunk) = chunks.recv().await {
        let lines = judge_and_write(tx, scope, &mut checker, chunk).await?;
        lines.iter().for_each(|line| report.add(line));
    }
    finished(task.await)?;
    tell(tx, scope, None, &report).await?;
    Ok(report)
}
