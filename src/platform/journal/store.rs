use super::{Author, Event};
use crate::kernel::ids::TerritoryId;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

pub(in crate::platform) async fn insert(
    db: &mut PgConnection,
    author: &Author,
    at: DateTime<Utc>,
    event: Event,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into journal (at, user_id, author, territory_id, subject, subject_id, action, before, after, comment)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        at,
        author.user.map(|u| u.uuid()),
        author.label,
        event.territory.map(|t| t.uuid()),
        event.subject,
        event.subject_id,
        event.action,
        event.before,
        event.after,
        event.comment,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Many events of one author at one instant, in one statement.
pub(in crate::platform) async fn insert_many(
    db: &mut PgConnection,
    author: &Author,
    at: DateTime<Utc>,
    events: &[Event],
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into journal (at, user_id, author, territory_id, subject, subject_id, action, before, after, comment)
         select $1, $2, $3, e.* from unnest($4::uuid[], $5::text[], $6::uuid[], $7::text[], $8::jsonb[], $9::jsonb[], $10::text[]) e",
        at,
        author.user.map(|u| u.uuid()),
        author.label,
        &events.iter().map(|e| e.territory.map(|t| t.uuid())).collect::<Vec<_>>() as &[Option<Uuid>],
        &events.iter().map(|e| e.subject.to_owned()).collect::<Vec<_>>(),
        &events.iter().map(|e| e.subject_id).collect::<Vec<_>>(),
        &events.iter().map(|e| e.action.clone()).collect::<Vec<_>>(),
        &events.iter().map(|e| e.before.clone()).collect::<Vec<_>>() as &[Option<serde_json::Value>],
        &events.iter().map(|e| e.after.clone()).collect::<Vec<_>>() as &[Option<serde_json::Value>],
        &events.iter().map(|e| e.comment.clone()).collect::<Vec<_>>() as &[Option<String>],
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A line as a timeline or the administrator's journal shows it.
#[derive(Debug, Clone)]
pub struct Line {
    pub id: i64,
    pub at: DateTime<Utc>,
    pub author: String,
    pub subject: String,
    pub subject_id: Uuid,
    pub action: String,
    pub before: Option<serde_json::Value>,
    pub after: Option<serde_json::Value>,
    pub comment: Option<String>,
}

/// The latest lines about one thing, newest first.
pub async fn about(db: &mut PgConnection, subject_id: Uuid, limit: i64) -> sqlx::Result<Vec<Line>> {
    sqlx::query_as!(
        Line,
        r#"select j.id, j.at, coalesce(u.name, j.author) as "author!", j.subject, j.subject_id, j.action, j.before, j.after, j.comment
           from journal j left join users u on u.id = j.user_id
           where j.subject_id = $1 order by j.id desc limit $2"#,
        subject_id,
        limit
    )
    .fetch_all(db)
    .await
}

/// The latest line about one thing that changed one of those fields.
pub async fn last_change(
    db: &mut PgConnection,
    subject_id: Uuid,
    fields: &[&str],
) -> sqlx::Result<Option<Line>> {
    sqlx::query_as!(
        Line,
        r#"select j.id, j.at, coalesce(u.name, j.author) as "author!", j.subject, j.subject_id, j.action, j.before, j.after, j.comment
           from journal j left join users u on u.id = j.user_id
           where j.subject_id = $1 and j.after ?| $2 order by j.id desc limit 1"#,
        subject_id,
        &fields.iter().map(|&field| field.to_owned()).collect::<Vec<_>>()
    )
    .fetch_optional(db)
    .await
}

/// The latest lines of a territory, or of the whole instance, newest first, older than `before_id`.
pub async fn latest(
    db: &mut PgConnection,
    territory: Option<TerritoryId>,
    subject: Option<&str>,
    before_id: Option<i64>,
    limit: i64,
) -> sqlx::Result<Vec<Line>> {
    sqlx::query_as!(
        Line,
        r#"select j.id, j.at, coalesce(u.name, j.author) as "author!", j.subject, j.subject_id, j.action, j.before, j.after, j.comment
           from journal j left join users u on u.id = j.user_id
           where ($1::uuid is null or j.territory_id = $1)
             and ($2::text is null or j.subject = $2)
             and ($3::bigint is null or j.id < $3)
           order by j.id desc limit $4"#,
        territory.map(|t| t.uuid()),
        subject,
        before_id,
        limit
    )
    .fetch_all(db)
    .await
}
