//! Screen: the search for synergies, asked for by hand and watched while it runs.

use super::paths;
use crate::flows::FlowsChanged;
use crate::platform::access::Staff;
use crate::platform::jobs::{self, Job, store::JobRow, store::JobState};
use crate::platform::journal::Event;
use crate::platform::web::{Done, Page, Result};
use askama::Template;

#[derive(Template)]
#[template(path = "synergies/progress.html")]
struct Progress {
    job: Option<Running>,
}

struct Running {
    state: &'static str,
    css: &'static str,
    is_over: bool,
    has_failed: bool,
    percent: u8,
    message: String,
    asked_at: String,
}

impl Running {
    fn of(job: JobRow) -> Self {
        let waiting = matches!(job.state, JobState::Queued | JobState::Running);
        Self {
            state: job.state.label(),
            css: match job.state {
                JobState::Queued => "",
                JobState::Running => "info",
                JobState::Done => "ok",
                JobState::Failed => "bad",
            },
            is_over: !waiting,
            has_failed: job.state == JobState::Failed,
            percent: u8::try_from(job.progress.clamp(0, 100)).unwrap_or(0),
            message: match job.state {
                JobState::Failed => {
                    "La recherche n’a pas abouti. Rien n’a été changé ; relancez-la.".to_owned()
                }
                JobState::Queued => "La recherche va commencer.".to_owned(),
                JobState::Running | JobState::Done => job.message.unwrap_or_default(),
            },
            asked_at: super::view::moment(job.created_at),
        }
    }
}

pub(super) async fn show(me: Staff) -> Result<Page<impl Template>> {
    let territory = me.scope()?.territory();
    let job = jobs::store::last_of(&mut *me.read().await?, territory, FlowsChanged::NAME).await?;
    Ok(Page(Progress {
        job: job.map(Running::of),
    }))
}

/// Queues a search over the whole territory; one waiting is enough.
pub(super) async fn start(me: Staff) -> Result<Done> {
    let territory = me.scope()?.territory();
    me.transact(async |tx| -> Result<()> {
        jobs::enqueue(tx, &FlowsChanged { territory }).await?;
        tx.record(Event::on("territory", territory, "recherche de synergies demandée").within(territory))
            .await?;
        Ok(())
    })
    .await?;
    Ok(me.done("La recherche est lancée.", paths::SEARCH))
}
