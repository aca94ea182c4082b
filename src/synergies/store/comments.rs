//! What the staff say to each other about a synergy, and who was named.

use super::Synergy;
use crate::kernel::ids::{CommentId, SynergyId, TerritoryId, UserId};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use crate::synergies::model::Kind;
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

/// One comment of a thread.
#[derive(Debug, Clone)]
pub(in crate::synergies) struct Comment {
    pub(in crate::synergies) id: CommentId,
    pub(in crate::synergies) synergy_id: SynergyId,
    pub(in crate::synergies) territory_id: TerritoryId,
    pub(in crate::synergies) author_id: UserId,
    pub(in crate::synergies) author: String,
    pub(in crate::synergies) body: String,
    pub(in crate::synergies) written_at: DateTime<Utc>,
    pub(in crate::synergies) edited_at: Option<DateTime<Utc>>,
    /// Who was named, or stands in for them that day, and has not said to have read it.
    pub(in crate::synergies) unread_by: Vec<uuid::Uuid>,
}

/// The thread of a synergy of the scope, oldest first; or one comment of it.
async fn read(
    db: &mut PgConnection,
    scope: &Scope,
    (synergy, comment): (Option<SynergyId>, Option<CommentId>),
    on: NaiveDate,
) -> sqlx::Result<Vec<Comment>> {
    sqlx::query_as!(
        Comment,
        r#"select c.id as "id: CommentId", c.synergy_id as "synergy_id: SynergyId", s.territory_id as "territory_id: TerritoryId",
                  c.author_id as "author_id: UserId", u.name as author, c.body, c.written_at, c.edited_at,
                  array(select unnest(array[m.user_id, acting(m.user_id, s.territory_id, $4)]) from synergy_mentions m
                        where m.comment_id = c.id and m.read_at is null) as "unread_by!"
           from synergy_comments c join synergies s on s.id = c.synergy_id join users u on u.id = c.author_id
           where s.territory_id = any($1) and ($2::uuid is null or s.id = $2) and ($3::uuid is null or c.id = $3)
           order by c.written_at, c.id"#,
        scope.territories(),
        synergy.map(SynergyId::uuid),
        comment.map(CommentId::uuid),
        on
    )
    .fetch_all(db)
    .await
}

pub(in crate::synergies) async fn thread(
    db: &mut PgConnection,
    scope: &Scope,
    synergy: SynergyId,
    on: NaiveDate,
) -> sqlx::Result<Vec<Comment>> {
    read(db, scope, (Some(synergy), None), on).await
}

pub(in crate::synergies) async fn find(
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
    synergy: &Synergy,
    id: CommentId,
    author: UserId,
    body: &str,
) -> sqlx::Result<bool> {
    let now = tx.now();
    let written = sqlx::query!(
        "insert into synergy_comments (id, synergy_id, author_id, body, written_at) values ($1, $2, $3, $4, $5)
         on conflict (id) do nothing",
        id.uuid(),
        synergy.id.uuid(),
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
    mark_read(tx, synergy.id, author).await?;
    record(
        tx,
        synergy.territory_id,
        id,
        &format!("commentaire ajouté à {}", synergy.code()),
    )
    .await?;
    Ok(true)
}

/// The journal says that something was written, never what: the words stay where they can be erased.
async fn record(tx: &mut Tx, territory: TerritoryId, id: CommentId, action: &str) -> sqlx::Result<()> {
    tx.record(Event::on("synergy_comment", id, action).within(territory))
        .await
}

pub(in crate::synergies) async fn edit(tx: &mut Tx, comment: &Comment, body: &str) -> sqlx::Result<()> {
    let now = tx.now();
    sqlx::query!(
        "update synergy_comments set body = $2, edited_at = $3 where id = $1",
        comment.id.uuid(),
        body,
        now
    )
    .execute(&mut **tx)
    .await?;
    record(tx, comment.territory_id, comment.id, "commentaire modifié").await
}

pub(in crate::synergies) async fn delete(tx: &mut Tx, comment: &Comment) -> sqlx::Result<()> {
    sqlx::query!("delete from synergy_comments where id = $1", comment.id.uuid())
        .execute(&mut **tx)
        .await?;
    record(tx, comment.territory_id, comment.id, "commentaire retiré").await
}

/// Names exactly these people; gives those who were not named yet.
pub async fn mention(tx: &mut Tx, comment: CommentId, people: &[UserId]) -> sqlx::Result<Vec<UserId>> {
    let people: Vec<_> = people.iter().map(|user| user.uuid()).collect();
    sqlx::query!(
        "delete from synergy_mentions where comment_id = $1 and user_id <> all($2)",
        comment.uuid(),
        &people
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query_scalar!(
        r#"insert into synergy_mentions (comment_id, user_id) select $1, unnest($2::uuid[])
           on conflict do nothing returning user_id as "user: UserId""#,
        comment.uuid(),
        &people
    )
    .fetch_all(&mut **tx)
    .await
}

/// Somebody has read what named them, or whoever they stand in for, about a synergy. Gives how many there were.
pub(in crate::synergies) async fn mark_read(
    tx: &mut Tx,
    synergy: SynergyId,
    reader: UserId,
) -> sqlx::Result<u64> {
    let (now, on) = (tx.now(), tx.today());
    let read = sqlx::query!(
        "update synergy_mentions m set read_at = $3 from synergy_comments c, synergies s
         where c.id = m.comment_id and c.synergy_id = $1 and s.id = $1 and m.read_at is null
           and (m.user_id = $2 or acting(m.user_id, s.territory_id, $4) = $2)",
        synergy.uuid(),
        reader.uuid(),
        now,
        on
    )
    .execute(&mut **tx)
    .await?;
    Ok(read.rows_affected())
}

/// A synergy where somebody is named and has not answered.
#[derive(Debug, Clone)]
pub struct Cited {
    pub synergy: SynergyId,
    pub number: i32,
    pub kind: Kind,
    pub title: String,
    pub author: String,
    pub written_at: DateTime<Utc>,
}

impl Cited {
    pub fn code(&self) -> String {
        super::code(self.kind, self.number)
    }
}

/// Where a person is waited for, the oldest first: one line per synergy.
pub async fn cited(
    db: &mut PgConnection,
    scope: &Scope,
    (reader, on): (UserId, NaiveDate),
) -> sqlx::Result<Vec<Cited>> {
    sqlx::query_as!(
        Cited,
        r#"select * from (
               select distinct on (s.id) s.id as "synergy: SynergyId", s.number, s.kind as "kind: Kind", s.title, u.name as author, c.written_at
               from synergy_mentions m join synergy_comments c on c.id = m.comment_id join synergies s on s.id = c.synergy_id
               join users u on u.id = c.author_id
               where (m.user_id = $1 or acting(m.user_id, s.territory_id, $3) = $1) and m.read_at is null and s.territory_id = $2 order by s.id, c.written_at desc) latest
           order by written_at limit 10"#,
        reader.uuid(),
        scope.territory().uuid(),
        on
    )
    .fetch_all(db)
    .await
}
