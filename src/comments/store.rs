//! Threads and mentions.

use super::{Kind, Subject};
use crate::kernel::ids::{CommentId, TerritoryId, UserId};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// What a thread is about, as its readers call it.
#[derive(Debug, Clone)]
pub struct Topic {
    pub subject: Subject,
    pub territory_id: TerritoryId,
    /// « S-0012 », « Cartonnerie Belle-Anse », « Chutes de carton ».
    pub name: String,
    /// The title of a synergy, the establishment of a flow.
    pub more: Option<String>,
}

impl Topic {
    /// « la synergie S-0012, Cartons → calage ».
    pub fn about(&self) -> String {
        let kind = self.subject.kind().label();
        match &self.more {
            Some(more) => format!("{kind} {}, {more}", self.name),
            None => format!("{kind} {}", self.name),
        }
    }
}

/// What is there to talk about in the scope.
pub async fn topic(db: &mut PgConnection, scope: &Scope, subject: Subject) -> sqlx::Result<Option<Topic>> {
    let [synergy, establishment, flow] = subject.columns();
    let row = sqlx::query!(
        r#"select s.territory_id as "territory!: TerritoryId",
                  (case s.kind when 'mutualisation' then 'G-' else 'S-' end) || lpad(s.number::text, 4, '0') as "name!", s.title as more
             from synergies s where s.id = $1 and s.territory_id = any($4)
           union all
           select e.territory_id, e.name, null from establishments e
             where e.id = $2 and e.territory_id = any($4) and e.archived_at is null
           union all
           select f.territory_id, f.label, e.name from flows f join establishments e on e.id = f.establishment_id
             where f.id = $3 and f.territory_id = any($4) and f.deleted_at is null"#,
        synergy,
        establishment,
        flow,
        scope.territories()
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Topic {
        subject,
        territory_id: row.territory,
        name: row.name,
        more: row.more,
    }))
}

/// One comment of a thread.
#[derive(Debug, Clone)]
pub(super) struct Comment {
    pub(super) id: CommentId,
    pub(super) subject: Subject,
    pub(super) territory_id: TerritoryId,
    pub(super) author_id: UserId,
    pub(super) author: String,
    pub(super) body: String,
    pub(super) written_at: DateTime<Utc>,
    pub(super) edited_at: Option<DateTime<Utc>>,
    /// Who was named, or stands in for them that day, and has not said to have read it.
    pub(super) unread_by: Vec<Uuid>,
}

/// Which of the three columns holds it.
fn subject([synergy, establishment, flow]: [Option<Uuid>; 3]) -> Option<Subject> {
    synergy
        .map(|id| Subject::new(Kind::Synergy, id))
        .or_else(|| establishment.map(|id| Subject::new(Kind::Establishment, id)))
        .or_else(|| flow.map(|id| Subject::new(Kind::Flow, id)))
}

/// The thread of a subject, oldest first; or one comment.
async fn read(
    db: &mut PgConnection,
    scope: &Scope,
    (about, comment): (Option<Subject>, Option<CommentId>),
    on: NaiveDate,
) -> sqlx::Result<Vec<Comment>> {
    let [synergy, establishment, flow] = about.map_or([None; 3], Subject::columns);
    let rows = sqlx::query!(
        r#"select c.id as "id: CommentId", c.synergy_id, c.establishment_id, c.flow_id, c.territory_id as "territory_id: TerritoryId",
                  c.author_id as "author_id: UserId", u.name as author, c.body, c.written_at, c.edited_at,
                  array(select unnest(array[m.user_id, acting(m.user_id, c.territory_id, $6)]) from mentions m
                        where m.comment_id = c.id and m.read_at is null) as "unread_by!"
           from comments c join users u on u.id = c.author_id
           where c.territory_id = any($1) and (c.id = $2 or c.synergy_id = $3 or c.establishment_id = $4 or c.flow_id = $5)
           order by c.written_at, c.id"#,
        scope.territories(),
        comment.map(CommentId::uuid),
        synergy,
        establishment,
        flow,
        on
    )
    .fetch_all(db)
    .await?;
    let comments = rows.into_iter().filter_map(|row| {
        Some(Comment {
            id: row.id,
            subject: subject([row.synergy_id, row.establishment_id, row.flow_id])?,
            territory_id: row.territory_id,
            author_id: row.author_id,
            author: row.author,
            body: row.body,
            written_at: row.written_at,
            edited_at: row.edited_at,
            unread_by: row.unread_by,
        })
    });
    Ok(comments.collect())
}

pub(super) async fn thread(
    db: &mut PgConnection,
    scope: &Scope,
    about: Subject,
    on: NaiveDate,
) -> sqlx::Result<Vec<Comment>> {
    read(db, scope, (Some(about), None), on).await
}

pub(super) async fn find(
    db: &mut PgConnection,
    scope: &Scope,
    id: CommentId,
    on: NaiveDate,
) -> sqlx::Result<Option<Comment>> {
    let found = read(db, scope, (None, Some(id)), on).await?;
    Ok(found.into_iter().next())
}

/// Adds a comment, once however often its form is sent; whoever answers has read what named them.
/// Gives `false` for one that is already there.
pub async fn insert(
    tx: &mut Tx,
    topic: &Topic,
    id: CommentId,
    author: UserId,
    body: &str,
) -> sqlx::Result<bool> {
    let now = tx.now();
    let [synergy, establishment, flow] = topic.subject.columns();
    let written = sqlx::query!(
        "insert into comments (id, territory_id, synergy_id, establishment_id, flow_id, author_id, body, written_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do nothing",
        id.uuid(),
        topic.territory_id.uuid(),
        synergy,
        establishment,
        flow,
        author.uuid(),
        body,
        now
    )
    .execute(&mut **tx)
    .await?;
    if written.rows_affected() == 0 {
        tx.nothing_to_record();
        return Ok(false);
    }
    mark_read(tx, topic.subject, author).await?;
    let words = match topic.subject {
        Subject::Synergy(_) => format!("commentaire ajouté à {}", topic.name),
        Subject::Establishment(_) => "commentaire ajouté à une entreprise".to_owned(),
        Subject::Flow(_) => "commentaire ajouté à un flux".to_owned(),
    };
    record(tx, topic.territory_id, id, &words).await?;
    Ok(true)
}

/// The journal says that something was written, never what: the words stay where they can be erased.
async fn record(tx: &mut Tx, territory: TerritoryId, id: CommentId, action: &str) -> sqlx::Result<()> {
    tx.record(Event::on("comment", id, action).within(territory))
        .await
}

pub(super) async fn edit(tx: &mut Tx, comment: &Comment, body: &str) -> sqlx::Result<()> {
    let now = tx.now();
    sqlx::query!(
        "update comments set body = $2, edited_at = $3 where id = $1",
        comment.id.uuid(),
        body,
        now
    )
    .execute(&mut **tx)
    .await?;
    record(tx, comment.territory_id, comment.id, "commentaire modifié").await
}

pub(super) async fn delete(tx: &mut Tx, comment: &Comment) -> sqlx::Result<()> {
    sqlx::query!("delete from comments where id = $1", comment.id.uuid())
        .execute(&mut **tx)
        .await?;
    record(tx, comment.territory_id, comment.id, "commentaire retiré").await
}

/// Names exactly these people; gives those who were not named yet.
pub async fn mention(tx: &mut Tx, comment: CommentId, people: &[UserId]) -> sqlx::Result<Vec<UserId>> {
    let people: Vec<_> = people.iter().map(|user| user.uuid()).collect();
    sqlx::query!(
        "delete from mentions where comment_id = $1 and user_id <> all($2)",
        comment.uuid(),
        &people
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query_scalar!(
        r#"insert into mentions (comment_id, user_id) select $1, unnest($2::uuid[])
           on conflict do nothing returning user_id as "user: UserId""#,
        comment.uuid(),
        &people
    )
    .fetch_all(&mut **tx)
    .await
}

/// Somebody has read what named them there, or whoever they stand in for. Gives how many there were.
pub(super) async fn mark_read(tx: &mut Tx, about: Subject, reader: UserId) -> sqlx::Result<u64> {
    let (now, on) = (tx.now(), tx.today());
    let [synergy, establishment, flow] = about.columns();
    let read = sqlx::query!(
        "update mentions m set read_at = $5 from comments c
         where c.id = m.comment_id and (c.synergy_id = $1 or c.establishment_id = $2 or c.flow_id = $3)
           and (m.user_id = $4 or acting(m.user_id, c.territory_id, $6) = $4) and m.read_at is null",
        synergy,
        establishment,
        flow,
        reader.uuid(),
        now,
        on
    )
    .execute(&mut **tx)
    .await?;
    Ok(read.rows_affected())
}

/// Where somebody is named and has not answered.
#[derive(Debug, Clone)]
pub struct Cited {
    pub topic: Topic,
    pub author: String,
}

/// Where a person is waited for, the oldest first: one line per thread.
pub async fn cited(
    db: &mut PgConnection,
    scope: &Scope,
    (reader, on): (UserId, NaiveDate),
) -> sqlx::Result<Vec<Cited>> {
    let rows = sqlx::query!(
        r#"select synergy_id, establishment_id, flow_id, author as "author!" from (
               select distinct on (c.synergy_id, c.establishment_id, c.flow_id) c.synergy_id, c.establishment_id, c.flow_id,
                      u.name as author, c.written_at
               from mentions m join comments c on c.id = m.comment_id join users u on u.id = c.author_id
               where (m.user_id = $1 or acting(m.user_id, c.territory_id, $3) = $1) and m.read_at is null and c.territory_id = $2
               order by c.synergy_id, c.establishment_id, c.flow_id, c.written_at desc) latest
           order by written_at limit 10"#,
        reader.uuid(),
        scope.territory().uuid(),
        on
    )
    .fetch_all(&mut *db)
    .await?;
    let mut found = Vec::new();
    for row in rows {
        let Some(about) = subject([row.synergy_id, row.establishment_id, row.flow_id]) else {
            continue;
        };
        if let Some(topic) = topic(db, scope, about).await? {
            found.push(Cited {
                topic,
                author: row.author,
            });
        }
    }
    Ok(found)
}
