use crate::kernel::ids::TerritoryId;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

#[derive(Debug, Default)]
pub(in crate::administration) struct JournalFilter {
    pub(in crate::administration) subject: Option<String>,
    /// One thing's whole history.
    pub(in crate::administration) thing: Option<Uuid>,
    pub(in crate::administration) territory: Option<TerritoryId>,
    /// Part of a name.
    pub(in crate::administration) author: String,
    /// Only lines older than this one.
    pub(in crate::administration) before: Option<i64>,
}

pub(in crate::administration) struct JournalLine {
    pub(in crate::administration) id: i64,
    pub(in crate::administration) at: DateTime<Utc>,
    pub(in crate::administration) author: String,
    pub(in crate::administration) territory: Option<String>,
    pub(in crate::administration) subject: String,
    pub(in crate::administration) subject_id: Uuid,
    /// What the thing is called, when the line or the account says so.
    pub(in crate::administration) thing: Option<String>,
    pub(in crate::administration) action: String,
    pub(in crate::administration) before: Option<serde_json::Value>,
    pub(in crate::administration) after: Option<serde_json::Value>,
    pub(in crate::administration) comment: Option<String>,
}

/// Lines of the journal, newest first.
pub(in crate::administration) async fn lines(
    db: &mut PgConnection,
    filter: &JournalFilter,
    limit: i64,
) -> sqlx::Result<Vec<JournalLine>> {
    sqlx::query_as!(
        JournalLine,
        r#"select j.id, j.at, coalesce(u.name, j.author) as "author!", t.name as "territory?", j.subject, j.subject_id, j.action,
                  coalesce(s.name, j.after->>'name', j.before->>'name', j.after->>'label', j.before->>'label') as thing,
                  j.before, j.after, j.comment
           from journal j left join users u on u.id = j.user_id left join users s on s.id = j.subject_id left join territories t on t.id = j.territory_id
           where ($1::text is null or j.subject = $1)
             and ($2::uuid is null or j.subject_id = $2)
             and ($3::uuid is null or j.territory_id = $3)
             and ($4 = '' or folded(coalesce(u.name, j.author)) like '%' || folded($4) || '%')
             and ($5::bigint is null or j.id < $5)
           order by j.id desc limit $6"#,
        filter.subject,
        filter.thing,
        filter.territory.map(|t| t.uuid()),
        filter.author,
        filter.before,
        limit
    )
    .fetch_all(db)
    .await
}
