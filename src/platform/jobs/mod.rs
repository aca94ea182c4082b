//! Work done outside requests: a table, a runner that takes one job at a time, visible progress and
//! kept failures. A job is queued in the transaction that causes it and may run twice: it is idempotent.

pub mod store;

use super::App;
use super::config::Config;
use super::db::{System, Tx};
use crate::kernel::ids::{JobId, TerritoryId};
use anyhow::Context as _;
use chrono::{DateTime, Utc};
use serde::{Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const POLL: Duration = Duration::from_secs(3);
const ATTEMPTS: i32 = 4;

/// One kind of work, described. What it does is said in `app`, so that a low floor can ask for the
/// work of a higher one. `unique_key` names copies of the same work: only one waits at a time.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    const NAME: &'static str;
    /// What the administrator reads in the list of jobs.
    const LABEL: &'static str;
    fn unique_key(&self) -> Option<String>;
    fn territory(&self) -> Option<TerritoryId>;
}

/// What a running job holds.
pub struct Context {
    pub system: System,
    pub config: Arc<Config>,
    job: JobId,
}

impl Context {
    /// Says how far the job is, for whoever watches.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn progress(&self, percent: i32, message: &str) -> anyhow::Result<()> {
        let mut db = self.system.read().await?;
        store::progress(&mut db, self.job, percent, message).await?;
        Ok(())
    }
}

/// Queues a job in the transaction that causes it.
///
/// # Errors
/// Those of the database.
pub async fn enqueue<J: Job>(tx: &mut Tx, job: &J) -> sqlx::Result<()> {
    let now = tx.now();
    enqueue_at(tx, job, now).await
}

/// Queues a job for later. A copy that already waits keeps the earlier of both hours.
///
/// # Errors
/// Those of the database.
pub async fn enqueue_at<J: Job>(tx: &mut Tx, job: &J, at: DateTime<Utc>) -> sqlx::Result<()> {
    let payload = serde_json::to_value(job).map_err(|e| sqlx::Error::Encode(Box::new(e)))?;
    let place = store::Place {
        unique_key: job.unique_key(),
        territory: job.territory(),
        at,
    };
    store::insert(tx, J::NAME, payload, place).await?;
    tx.ring();
    Ok(())
}

type RunFuture = Pin<Box<dyn Future<Output = anyhow::Result<()>> + Send>>;
type RunFn = Arc<dyn Fn(serde_json::Value, Context) -> RunFuture + Send + Sync>;

/// The kinds of jobs that the application knows, filled by `app`.
#[derive(Clone, Default)]
pub struct Registry {
    kinds: BTreeMap<&'static str, (&'static str, RunFn)>,
}

impl Registry {
    #[must_use]
    pub fn with<J, F>(mut self, run: fn(J, Context) -> F) -> Self
    where
        J: Job,
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        let run: RunFn = Arc::new(move |payload, context| {
            Box::pin(async move { run(serde_json::from_value(payload)?, context).await })
        });
        self.kinds.insert(J::NAME, (J::LABEL, run));
        self
    }

    /// The French name of a kind of job.
    pub fn label(&self, name: &str) -> &'static str {
        self.kinds.get(name).map_or("Travail inconnu", |(label, _)| label)
    }
}

/// Runs the next waiting job, if any; gives whether there was one.
///
/// # Errors
/// Those of the database; a job's own failure is kept with the job.
pub async fn run_next(app: &App, registry: &Registry) -> anyhow::Result<bool> {
    let system = app.system("tâche de fond");
    let Some(taken) = store::take(&mut *system.read().await?, system.now()).await? else {
        return Ok(false);
    };
    let outcome = run_taken(app, &system, registry, &taken).await;
    settle(&system, &taken, outcome).await?;
    Ok(true)
}

async fn run_taken(
    app: &App,
    system: &System,
    registry: &Registry,
    taken: &store::Taken,
) -> anyhow::Result<()> {
    let (_, run) = registry.kinds.get(taken.name.as_str()).context("no such job")?;
    let context = Context {
        system: system.clone(),
        config: Arc::clone(&app.config),
        job: taken.id,
    };
    // A task of its own: a panic of the job stays a failure of the job.
    tokio::spawn(run(taken.payload.clone(), context)).await?
}

async fn settle(system: &System, taken: &store::Taken, outcome: anyhow::Result<()>) -> anyhow::Result<()> {
    let mut db = system.read().await?;
    let Err(error) = outcome else {
        return Ok(store::finish(&mut db, taken.id, system.now()).await?);
    };
    let reason = format!("{error:#}");
    tracing::error!(job_id = %taken.id, name = taken.name, error = reason, "job.failed");
    let wait = chrono::Duration::seconds(5_i64 << taken.attempts.clamp(0, 6));
    let next = (taken.attempts < ATTEMPTS).then(|| system.now() + wait);
    Ok(store::fail(&mut db, taken.id, &reason, system.now(), next).await?)
}

/// Runs jobs until told to stop: woken by the bell, and now and then for what other instances queued.
pub struct Runner {
    pub app: App,
    pub registry: Registry,
    /// No other process works on this database: what was running when the last one died is taken up again.
    pub alone: bool,
}

impl Runner {
    pub async fn run_until(self, stop: CancellationToken) {
        if let Err(error) = self.revive().await {
            tracing::warn!(%error, "jobs.not_revived");
        }
        while !stop.is_cancelled() {
            if !self.work().await {
                self.wait(&stop).await;
            }
        }
    }

    /// Runs one job; gives whether there may be another at once.
    async fn work(&self) -> bool {
        run_next(&self.app, &self.registry).await.unwrap_or_else(|error| {
            tracing::warn!(error = format!("{error:#}"), "jobs.not_read");
            false
        })
    }

    async fn wait(&self, stop: &CancellationToken) {
        tokio::select! {
            () = self.app.db.bell().notified() => {}
            () = tokio::time::sleep(POLL) => {}
            () = stop.cancelled() => {}
        }
    }

    async fn revive(&self) -> sqlx::Result<()> {
        let system = self.app.system("reprise des tâches");
        let patience = if self.alone {
            chrono::Duration::zero()
        } else {
            chrono::Duration::minutes(10)
        };
        store::revive(&mut *system.read().await?, system.now() - patience).await
    }
}
