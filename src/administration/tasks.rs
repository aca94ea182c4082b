//! Screen: background jobs, what they say, and trying again those that failed.

use super::people::Chip;
use super::{model::address, paths, store};
use crate::kernel::ids::JobId;
use crate::platform::App;
use crate::platform::access::Administrator;
use crate::platform::jobs::{self, store::JobState};
use crate::platform::journal::Event;
use crate::platform::web::{AppError, OptionExt, Page, Path, Query, Result, filters};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

const SHOWN: i64 = 100;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Search {
    etat: String,
}

/// The word of a state in the address.
fn code(state: JobState) -> &'static str {
    match state {
        JobState::Queued => "en-attente",
        JobState::Running => "en-cours",
        JobState::Done => "terminee",
        JobState::Failed => "en-echec",
    }
}

/// The tab of a state.
fn tab_label(state: JobState) -> &'static str {
    match state {
        JobState::Queued => "En attente",
        JobState::Running => "En cours",
        JobState::Done => "Terminées",
        JobState::Failed => "En échec",
    }
}

struct Row {
    task: store::TaskRow,
    label: &'static str,
}

impl Row {
    fn badge(&self) -> &'static str {
        match self.task.state {
            JobState::Queued => "",
            JobState::Running => "info",
            JobState::Done => "ok",
            JobState::Failed => "bad",
        }
    }
    fn percent(&self) -> u8 {
        u8::try_from(self.task.progress.clamp(0, 100)).unwrap_or(0)
    }
    /// It failed before and will try again.
    fn waits(&self) -> bool {
        self.task.state == JobState::Queued && self.task.attempts > 0
    }
}

#[derive(Template)]
#[template(path = "administration/tasks.html")]
struct Tasks {
    rows: Vec<Row>,
    tabs: Vec<(Chip, bool)>,
    filtered: bool,
    failed: i64,
    /// Something waits or runs: the page looks again by itself.
    busy: bool,
}

pub(super) async fn list(
    me: Administrator,
    State(app): State<App>,
    Query(search): Query<Search>,
) -> Result<Response> {
    let state = JobState::ALL
        .into_iter()
        .find(|state| code(*state) == search.etat);
    let mut db = me.read().await?;
    let tasks = store::tasks(&mut db, state, SHOWN).await?;
    let failed = store::failed(&mut db).await?;
    drop(db);
    let busy = tasks
        .iter()
        .any(|t| matches!(t.state, JobState::Queued | JobState::Running));
    let rows = tasks.into_iter().map(|task| Row {
        label: app.job_label(&task.name),
        task,
    });
    let tab = |label: &str, filter: Option<JobState>| {
        let href = address(paths::TASKS, &[("etat", filter.map_or("", code))]);
        let label = label.to_owned();
        (Chip { label, href }, filter == state)
    };
    let each = JobState::ALL.into_iter().map(|s| tab(tab_label(s), Some(s)));
    Ok(Page(Tasks {
        rows: rows.collect(),
        tabs: std::iter::once(tab("Toutes", None)).chain(each).collect(),
        filtered: state.is_some(),
        failed,
        busy,
    })
    .into_response())
}

pub(super) async fn retry(me: Administrator, Path(id): Path<JobId>) -> Result<Response> {
    let retried = me
        .transact(async |tx| -> Result<()> {
            jobs::store::retry(tx, id).await?.then_some(()).or_not_found()?;
            Ok(tx.record(Event::on("job", id, "tâche relancée")).await?)
        })
        .await;
    let copy = "Une copie de cette tâche attend déjà\u{a0}: elle fera le même travail.";
    match retried.map_err(|e| e.on_constraint("jobs_unique_key", "", copy)) {
        Ok(()) => Ok(me.done("La tâche est relancée.", paths::TASKS).into_response()),
        Err(AppError::Refused(_)) => Ok(me.done(copy, paths::TASKS).into_response()),
        Err(other) => Err(other),
    }
}
