use crate::kernel::ids::JobId;
use crate::platform::jobs::store::JobState;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// A job as the administrator sees it.
pub(in crate::administration) struct TaskRow {
    pub(in crate::administration) id: JobId,
    pub(in crate::administration) name: String,
    pub(in crate::administration) territory: Option<String>,
    pub(in crate::administration) state: JobState,
    pub(in crate::administration) progress: i32,
    pub(in crate::administration) message: Option<String>,
    pub(in crate::administration) attempts: i32,
    pub(in crate::administration) run_at: DateTime<Utc>,
    pub(in crate::administration) created_at: DateTime<Utc>,
    pub(in crate::administration) finished_at: Option<DateTime<Utc>>,
}

/// The latest jobs, newest first.
pub(in crate::administration) async fn tasks(
    db: &mut PgConnection,
    state: Option<JobState>,
    limit: i64,
) -> sqlx::Result<Vec<TaskRow>> {
    sqlx::query_as!(
        TaskRow,
        r#"select j.id as "id: JobId", j.name, t.name as "territory?", j.state as "state: JobState", j.progress, j.message,
                  j.attempts, j.run_at, j.created_at, j.finished_at
           from jobs j left join territories t on t.id = j.territory_id
           where $1::job_state is null or j.state = $1
           order by j.created_at desc, j.id desc limit $2"#,
        state as Option<JobState>,
        limit
    )
    .fetch_all(db)
    .await
}

/// How many jobs failed and wait for somebody.
pub(in crate::administration) async fn failed(db: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar!(r#"select count(*) as "count!" from jobs where state = 'failed'"#)
        .fetch_one(db)
        .await
}
