use super::batch::{Made, Refusal};
use super::model::List;
use super::views::View;
use crate::kernel::ids::{BatchId, TerritoryId, UserId, ViewId};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use chrono::{DateTime, Duration, Utc};
use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

/// Views and batches stay restorable for thirty days.
const KEPT_DAYS: i64 = 30;

/// Which views.
#[derive(Debug, Clone, Copy)]
enum Which {
    Of(List),
    One(ViewId),
    /// Deleted since, to its owner; or, when it was shared, to who `runs` the territory.
    Deleted(ViewId, DateTime<Utc>, bool),
}

/// Those that this person may open: their own, and those shared in the territory.
async fn opened(
    db: &mut PgConnection,
    territories: &[Uuid],
    user: UserId,
    which: Which,
) -> sqlx::Result<Vec<View>> {
    let (list, id, since, runs) = match which {
        Which::Of(list) => (Some(list), None, None, true),
        Which::One(id) => (None, Some(id), None, true),
        Which::Deleted(id, since, runs) => (None, Some(id), Some(since), runs),
    };
    sqlx::query_as!(
        View,
        r#"select v.id as "id: ViewId", v.territory_id as "territory_id: TerritoryId", v.list as "list: List", v.name, v.query, v.is_shared,
                  v.owner_id as "owner_id: UserId", u.name as owner
           from saved_views v join users u on u.id = v.owner_id
           where v.territory_id = any($1) and ($2::list_kind is null or v.list = $2) and ($3::uuid is null or v.id = $3)
             and (v.owner_id = $4 or (v.is_shared and $5))
             and case when $6::timestamptz is null then v.deleted_at is null else v.deleted_at > $6 end
           order by folded(v.name), v.id"#,
        territories,
        list as Option<List>,
        id.map(ViewId::uuid),
        user.uuid(),
        runs,
        since
    )
    .fetch_all(db)
    .await
}

pub(super) async fn views(
    db: &mut PgConnection,
    scope: &Scope,
    user: UserId,
    list: List,
) -> sqlx::Result<Vec<View>> {
    opened(db, &[scope.territory().uuid()], user, Which::Of(list)).await
}

pub(super) async fn view(
    db: &mut PgConnection,
    scope: &Scope,
    user: UserId,
    id: ViewId,
) -> sqlx::Result<Option<View>> {
    let found = opened(db, scope.territories(), user, Which::One(id)).await?;
    Ok(found.into_iter().next())
}

/// A view deleted lately.
pub(super) async fn deleted_view(
    db: &mut PgConnection,
    scope: &Scope,
    (user, runs): (UserId, bool),
    (id, now): (ViewId, DateTime<Utc>),
) -> sqlx::Result<Option<View>> {
    let which = Which::Deleted(id, now - Duration::days(KEPT_DAYS), runs);
    let found = opened(db, scope.territories(), user, which).await?;
    Ok(found.into_iter().next())
}

/// Adds a view. Adding the same identifier twice (a form sent again) changes nothing.
pub(super) async fn add_view(tx: &mut Tx, view: &View) -> sqlx::Result<()> {
    let now = tx.now();
    let added = sqlx::query!(
        "insert into saved_views (id, territory_id, owner_id, list, name, query, is_shared, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do nothing",
        view.id.uuid(),
        view.territory_id.uuid(),
        view.owner_id.uuid(),
        view.list as List,
        view.name,
        view.query,
        view.is_shared,
        now
    )
    .execute(&mut **tx)
    .await?;
    if added.rows_affected() == 0 {
        tx.nothing_to_record();
        return Ok(());
    }
    let event = Event::on("saved_view", view.id, format!("vue enregistrée : {}", view.name));
    tx.record(event.within(view.territory_id).after(view)).await
}

/// Gives `false` when somebody deleted it first.
pub(super) async fn save_view(tx: &mut Tx, before: &View, after: &View) -> sqlx::Result<bool> {
    let saved = sqlx::query!(
        "update saved_views set name = $2, query = $3, is_shared = $4 where id = $1 and deleted_at is null",
        after.id.uuid(),
        after.name,
        after.query,
        after.is_shared
    )
    .execute(&mut **tx)
    .await?;
    if saved.rows_affected() == 0 {
        return Ok(false);
    }
    let event = Event::on("saved_view", after.id, format!("vue modifiée : {}", after.name));
    tx.record(event.within(after.territory_id).before(before).after(after))
        .await?;
    Ok(true)
}

/// Gives `false` when somebody deleted it first.
pub(super) async fn delete_view(tx: &mut Tx, view: &View) -> sqlx::Result<bool> {
    let now = tx.now();
    let deleted = sqlx::query!(
        "update saved_views set deleted_at = $2 where id = $1 and deleted_at is null",
        view.id.uuid(),
        now
    )
    .execute(&mut **tx)
    .await?;
    if deleted.rows_affected() == 0 {
        return Ok(false);
    }
    let event = Event::on("saved_view", view.id, format!("vue supprimée : {}", view.name));
    tx.record(event.within(view.territory_id).before(view)).await?;
    Ok(true)
}

pub(super) async fn restore_view(tx: &mut Tx, view: &View) -> sqlx::Result<()> {
    sqlx::query!(
        "update saved_views set deleted_at = null where id = $1",
        view.id.uuid()
    )
    .execute(&mut **tx)
    .await?;
    let event = Event::on("saved_view", view.id, format!("vue rétablie : {}", view.name));
    tx.record(event.within(view.territory_id).after(view)).await
}

// ---- acts on many rows

/// Opens a batch, unless the same form already did; forgets those that are too old to be undone.
pub(super) async fn open_batch(tx: &mut Tx, made: &Made, list: List) -> sqlx::Result<bool> {
    let now = tx.now();
    sqlx::query!(
        "delete from batches where made_at < $1",
        now - Duration::days(KEPT_DAYS)
    )
    .execute(&mut **tx)
    .await?;
    let opened = sqlx::query!(
        "insert into batches (id, territory_id, user_id, list, act, words, made_at) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (id) do nothing",
        made.id.uuid(),
        made.territory.uuid(),
        made.user.uuid(),
        list as List,
        made.act,
        made.words,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(opened.rows_affected() > 0)
}

/// What became of each row: refused, or changed from `before` to that version.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) ids: Vec<Uuid>,
    pub(super) labels: Vec<String>,
    pub(super) before: Vec<Option<Value>>,
    pub(super) versions: Vec<Option<i32>>,
    pub(super) refusals: Vec<Option<String>>,
}

impl Rows {
    pub(super) fn done(&self) -> usize {
        self.versions.iter().flatten().count()
    }
}

pub(super) async fn add_rows(tx: &mut Tx, batch: BatchId, rows: &Rows) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into batch_rows (batch_id, row_id, rank, label, before, version, refusal)
         select $1, r.id, r.rank, r.label, r.before, r.version, r.refusal
         from unnest($2::uuid[], $3::text[], $4::jsonb[], $5::integer[], $6::text[])
              with ordinality as r (id, label, before, version, refusal, rank)",
        batch.uuid(),
        &rows.ids,
        &rows.labels,
        &rows.before as &[Option<Value>],
        &rows.versions as &[Option<i32>],
        &rows.refusals as &[Option<String>]
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A batch as its list tells it.
pub(super) struct Told {
    pub(super) act: String,
    pub(super) words: String,
    pub(super) done: i64,
    pub(super) undone_at: Option<DateTime<Utc>>,
    pub(super) left: i64,
}

/// A batch of that person.
pub(super) async fn batch(
    db: &mut PgConnection,
    scope: &Scope,
    user: UserId,
    (id, list): (BatchId, List),
) -> sqlx::Result<Option<Told>> {
    sqlx::query_as!(
        Told,
        r#"select b.act, b.words, b.undone_at, b.left_count as "left!",
                  (select count(*) from batch_rows r where r.batch_id = b.id and r.refusal is null) as "done!"
           from batches b where b.id = $1 and b.territory_id = any($2) and b.user_id = $3 and b.list = $4"#,
        id.uuid(),
        scope.territories(),
        user.uuid(),
        list as List
    )
    .fetch_optional(db)
    .await
}

pub(super) async fn refusals(db: &mut PgConnection, batch: BatchId) -> sqlx::Result<Vec<Refusal>> {
    sqlx::query_as!(
        Refusal,
        r#"select label, refusal as "why!" from batch_rows where batch_id = $1 and refusal is not null order by rank"#,
        batch.uuid()
    )
    .fetch_all(db)
    .await
}

/// A row that a batch changed.
pub struct Changed {
    pub row: Uuid,
    pub before: Value,
    pub version: i32,
}

impl Changed {
    /// What the act kept of it.
    ///
    /// # Errors
    /// When it is something else.
    pub fn before<T: DeserializeOwned>(&self) -> anyhow::Result<T> {
        Ok(T::deserialize(&self.before)?)
    }
}

/// The rows of a batch that is not undone yet, last first; the batch is held until the end.
pub(super) async fn to_undo(
    tx: &mut Tx,
    scope: &Scope,
    user: UserId,
    (id, list): (BatchId, List),
) -> sqlx::Result<Option<Vec<Changed>>> {
    let held = sqlx::query_scalar!(
        r#"select id as "id: BatchId" from batches
           where id = $1 and territory_id = any($2) and user_id = $3 and list = $4 and undone_at is null for update"#,
        id.uuid(),
        scope.territories(),
        user.uuid(),
        list as List
    )
    .fetch_optional(&mut **tx)
    .await?;
    if held.is_none() {
        return Ok(None);
    }
    let rows = sqlx::query_as!(
        Changed,
        r#"select row_id as row, coalesce(before, 'null') as "before!", version as "version!" from batch_rows
           where batch_id = $1 and refusal is null order by rank desc"#,
        id.uuid()
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(Some(rows))
}

/// `left` rows were changed since, and stay as they are.
pub(super) async fn close(tx: &mut Tx, id: BatchId, left: i32) -> sqlx::Result<()> {
    let now = tx.now();
    sqlx::query!(
        "update batches set undone_at = $2, left_count = $3 where id = $1",
        id.uuid(),
        now,
        left
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
