use crate::kernel::ids::{JobId, TerritoryId};
use crate::platform::db::Tx;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "job_state", rename_all = "snake_case")]
pub enum JobState {
    Queued,
    Running,
    Done,
    Failed,
}

impl JobState {
    pub const ALL: [Self; 4] = [Self::Queued, Self::Running, Self::Done, Self::Failed];

    pub fn label(self) -> &'static str {
        match self {
            Self::Queued => "en attente",
            Self::Running => "en cours",
            Self::Done => "terminée",
            Self::Failed => "en échec",
        }
    }
}

/// Where a job stands among the others.
pub(super) struct Place {
    pub(super) unique_key: Option<String>,
    pub(super) territory: Option<TerritoryId>,
    pub(super) at: DateTime<Utc>,
}

pub(super) async fn insert(
    tx: &mut Tx,
    name: &str,
    payload: serde_json::Value,
    place: Place,
) -> sqlx::Result<()> {
    let now = tx.now();
    let inserted = sqlx::query!(
        "insert into jobs (id, name, payload, unique_key, territory_id, run_at, created_at) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (unique_key) where state = 'queued' and unique_key is not null do nothing",
        JobId::fresh().uuid(),
        name,
        payload,
        place.unique_key,
        place.territory.map(|t| t.uuid()),
        place.at,
        now
    )
    .execute(&mut **tx)
    .await?;
    if inserted.rows_affected() == 0 {
        // Only when it must be sooner: those who ask for the same work do not wait for each other.
        sqlx::query!(
            "update jobs set run_at = $2 where unique_key = $1 and state = 'queued' and run_at > $2",
            place.unique_key,
            place.at
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

pub(super) struct Taken {
    pub(super) id: JobId,
    pub(super) name: String,
    pub(super) payload: serde_json::Value,
    pub(super) attempts: i32,
}

/// Takes the oldest job whose time has come; two runners never take the same.
pub(super) async fn take(db: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<Option<Taken>> {
    sqlx::query_as!(
        Taken,
        r#"update jobs set state = 'running', attempts = attempts + 1, started_at = $1, progress = 0, message = null
           where id = (select id from jobs where state = 'queued' and run_at <= $1
                       order by run_at, id limit 1 for update skip locked)
           returning id as "id: JobId", name, payload, attempts"#,
        now
    )
    .fetch_optional(db)
    .await
}

pub(super) async fn progress(
    db: &mut PgConnection,
    job: JobId,
    percent: i32,
    message: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update jobs set progress = $2, message = $3 where id = $1",
        job.uuid(),
        percent.clamp(0, 100),
        message
    )
    .execute(db)
    .await?;
    Ok(())
}

pub(super) async fn finish(db: &mut PgConnection, job: JobId, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "update jobs set state = 'done', progress = 100, finished_at = $2 where id = $1",
        job.uuid(),
        now
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Keeps the failure; waits for `retry_at`, or stays failed.
pub(super) async fn fail(
    db: &mut PgConnection,
    job: JobId,
    reason: &str,
    now: DateTime<Utc>,
    retry_at: Option<DateTime<Utc>>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update jobs set state = case when $4::timestamptz is null then 'failed' else 'queued' end::job_state,
                message = $2, finished_at = $3, run_at = coalesce($4, run_at)
         where id = $1
           and ($4::timestamptz is null or unique_key is null
                or not exists (select from jobs other where other.unique_key = jobs.unique_key and other.state = 'queued'))",
        job.uuid(),
        reason,
        now,
        retry_at
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "update jobs set state = 'failed', message = $2, finished_at = $3 where id = $1 and state = 'running'",
        job.uuid(),
        reason,
        now
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Jobs that a dead process left running wait again, unless a copy already does.
pub(super) async fn revive(db: &mut PgConnection, before: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "update jobs set state = 'failed', message = 'interrompue, reprise par une autre' where state = 'running' and started_at <= $1
         and unique_key is not null
         and exists (select from jobs other where other.unique_key = jobs.unique_key and other.id <> jobs.id
                     and (other.state = 'queued' or (other.state = 'running' and other.id > jobs.id)))",
        before
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "update jobs set state = 'queued' where state = 'running' and started_at <= $1",
        before
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A job as the administrator and whoever waits for it see it.
pub struct JobRow {
    pub id: JobId,
    pub name: String,
    pub state: JobState,
    pub progress: i32,
    pub message: Option<String>,
    pub attempts: i32,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
}

pub async fn latest(db: &mut PgConnection, limit: i64) -> sqlx::Result<Vec<JobRow>> {
    sqlx::query_as!(
        JobRow,
        r#"select id as "id: JobId", name, state as "state: JobState", progress, message, attempts, created_at, finished_at
           from jobs order by created_at desc, id desc limit $1"#,
        limit
    )
    .fetch_all(db)
    .await
}

/// The latest job of that name in a territory.
pub async fn last_of(
    db: &mut PgConnection,
    territory: TerritoryId,
    name: &str,
) -> sqlx::Result<Option<JobRow>> {
    sqlx::query_as!(
        JobRow,
        r#"select id as "id: JobId", name, state as "state: JobState", progress, message, attempts, created_at, finished_at
           from jobs where territory_id = $1 and name = $2 order by created_at desc, id desc limit 1"#,
        territory.uuid(),
        name
    )
    .fetch_optional(db)
    .await
}

/// The latest job that has this unique key.
pub async fn last_with_key(db: &mut PgConnection, unique_key: &str) -> sqlx::Result<Option<JobRow>> {
    sqlx::query_as!(
        JobRow,
        r#"select id as "id: JobId", name, state as "state: JobState", progress, message, attempts, created_at, finished_at
           from jobs where unique_key = $1 order by created_at desc, id desc limit 1"#,
        unique_key
    )
    .fetch_optional(db)
    .await
}

/// The latest job of that name, whatever its territory.
pub async fn last_named(db: &mut PgConnection, name: &str) -> sqlx::Result<Option<JobRow>> {
    sqlx::query_as!(
        JobRow,
        r#"select id as "id: JobId", name, state as "state: JobState", progress, message, attempts, created_at, finished_at
           from jobs where name = $1 order by created_at desc, id desc limit 1"#,
        name
    )
    .fetch_optional(db)
    .await
}

/// Puts a failed job back in the queue.
pub async fn retry(tx: &mut Tx, job: JobId) -> sqlx::Result<bool> {
    let now = tx.now();
    let done = sqlx::query!(
        "update jobs set state = 'queued', run_at = $2, attempts = 0 where id = $1 and state = 'failed'",
        job.uuid(),
        now
    )
    .execute(&mut **tx)
    .await?;
    tx.ring();
    Ok(done.rows_affected() == 1)
}
