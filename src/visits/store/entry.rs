//! What is typed during a visit, cell by cell: last writes, answers, who is there.

use super::super::cells::LastWrite;
use super::super::questionnaire::{CHARTER, SIGNED};
use super::super::{Visit, VisitStatus};
use crate::kernel::ids::{EstablishmentId, FlowId, UserId, VisitId};
use crate::kernel::{Direction, Period};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;
use std::collections::BTreeSet;
use uuid::Uuid;

/// One visit of the scope, for this transaction alone: writes of one diagnostic take turns.
pub(in crate::visits) async fn lock(tx: &mut Tx, scope: &Scope, id: VisitId) -> sqlx::Result<Option<Visit>> {
    let locked = sqlx::query_scalar!(
        "select 1 from visits where id = $1 and territory_id = any($2) for update",
        id.uuid(),
        scope.territories()
    )
    .fetch_optional(&mut **tx)
    .await?;
    if locked.is_none() {
        return Ok(None);
    }
    super::find(tx, scope, id).await
}

/// The last write of a cell, and what is to know about it.
#[derive(Debug, Clone)]
pub(in crate::visits) struct StoredCell {
    pub(in crate::visits) row_id: Uuid,
    pub(in crate::visits) field: String,
    /// Not in a flow: it could not be read, or the row has no name yet.
    pub(in crate::visits) is_pending: bool,
    /// Whether a flow of that identifier exists, deleted ones included.
    pub(in crate::visits) is_flow: bool,
    pub(in crate::visits) is_deleted: bool,
    pub(in crate::visits) author: String,
    pub(in crate::visits) typed_at: DateTime<Utc>,
    pub(in crate::visits) write: LastWrite,
}

/// The cells of a diagnostic that somebody typed in, in the order of the rows; of one row when given.
pub(in crate::visits) async fn cells(
    db: &mut PgConnection,
    visit: VisitId,
    row: Option<Uuid>,
) -> sqlx::Result<Vec<StoredCell>> {
    let rows = sqlx::query!(
        r#"select c.row_id, c.field, c.typed, c.is_pending, c.client_id, c.seq, c.typed_at, u.name as author,
                  f.id is not null as "is_flow!", coalesce(f.deleted_at is not null, false) as "is_deleted!"
           from visit_cells c join users u on u.id = c.user_id left join flows f on f.id = c.row_id
           where c.visit_id = $1 and ($2::uuid is null or c.row_id = $2)
           order by c.row_id, c.field"#,
        visit.uuid(),
        row
    )
    .fetch_all(db)
    .await?;
    let cells = rows.into_iter().map(|row| StoredCell {
        row_id: row.row_id,
        field: row.field,
        is_pending: row.is_pending,
        is_flow: row.is_flow,
        is_deleted: row.is_deleted,
        author: row.author,
        typed_at: row.typed_at,
        write: LastWrite {
            typed: row.typed,
            client: row.client_id,
            seq: row.seq,
        },
    });
    Ok(cells.collect())
}

/// A cell to remember.
#[derive(Debug, Clone, Copy)]
pub(in crate::visits) struct CellWrite<'a> {
    pub(in crate::visits) row: Uuid,
    pub(in crate::visits) field: &'a str,
    pub(in crate::visits) typed: &'a str,
    pub(in crate::visits) is_pending: bool,
    pub(in crate::visits) client: Uuid,
    pub(in crate::visits) seq: i64,
    pub(in crate::visits) user: UserId,
}

pub(in crate::visits) async fn put_cell(
    tx: &mut Tx,
    visit: VisitId,
    cell: CellWrite<'_>,
) -> sqlx::Result<()> {
    let now = tx.now();
    sqlx::query!(
        "insert into visit_cells (visit_id, row_id, field, typed, is_pending, client_id, seq, user_id, typed_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (visit_id, row_id, field) do update
         set typed = $4, is_pending = $5, client_id = $6, seq = $7, user_id = $8, typed_at = $9",
        visit.uuid(),
        cell.row,
        cell.field,
        cell.typed,
        cell.is_pending,
        cell.client,
        cell.seq,
        cell.user.uuid(),
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A cell that waited is in its flow now, and reads so.
pub(in crate::visits) async fn settle_cell(
    tx: &mut Tx,
    visit: VisitId,
    (row, field): (Uuid, &str),
    shown: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update visit_cells set is_pending = false, typed = $4 where visit_id = $1 and row_id = $2 and field = $3 and is_pending",
        visit.uuid(),
        row,
        field,
        shown
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Forgets what was typed in a row.
pub(in crate::visits) async fn forget_row(tx: &mut Tx, visit: VisitId, row: Uuid) -> sqlx::Result<u64> {
    let forgotten = sqlx::query!(
        "delete from visit_cells where visit_id = $1 and row_id = $2",
        visit.uuid(),
        row
    )
    .execute(&mut **tx)
    .await?;
    Ok(forgotten.rows_affected())
}

/// Question and answer, as given.
/// The answers of a visit. While it is not validated, a charter that the establishment's sheet says signed
/// needs no other answer.
pub(in crate::visits) async fn answers(
    db: &mut PgConnection,
    visit: VisitId,
) -> sqlx::Result<Vec<(String, String)>> {
    let rows = sqlx::query!(
        r#"select question as "question!", answer as "answer!" from (
               select question, answer from visit_answers where visit_id = $1
               union all
               select $2, $3 from visits v join establishments e on e.id = v.establishment_id
                where v.id = $1 and v.status in ('planned', 'done') and e.charter_signed_on is not null
                  and not exists (select 1 from visit_answers a where a.visit_id = v.id and a.question = $2)
           ) as said order by question"#,
        visit.uuid(),
        CHARTER,
        SIGNED
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.question, row.answer)).collect())
}

/// How many answers of the previous visit this one has not.
pub(in crate::visits) async fn to_take_up(
    db: &mut PgConnection,
    visit: VisitId,
    previous: VisitId,
) -> sqlx::Result<usize> {
    let known: BTreeSet<_> = answers(db, visit)
        .await?
        .into_iter()
        .map(|(question, _)| question)
        .collect();
    let old = answers(db, previous).await?;
    Ok(old
        .iter()
        .filter(|(question, _)| !known.contains(question))
        .count())
}

/// Keeps an answer; an empty one takes it back.
pub(in crate::visits) async fn put_answer(
    tx: &mut Tx,
    visit: VisitId,
    question: &str,
    answer: &str,
) -> sqlx::Result<()> {
    let now = tx.now();
    if answer.trim().is_empty() {
        sqlx::query!(
            "delete from visit_answers where visit_id = $1 and question = $2",
            visit.uuid(),
            question
        )
        .execute(&mut **tx)
        .await?;
        return Ok(());
    }
    sqlx::query!(
        "insert into visit_answers (visit_id, question, answer, answered_at) values ($1, $2, $3, $4)
         on conflict (visit_id, question) do update set answer = $3, answered_at = $4",
        visit.uuid(),
        question,
        answer,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Which of these rows are flows of somewhere else, or were deleted: a file may not write there.
pub(in crate::visits) async fn rows_elsewhere(
    db: &mut PgConnection,
    establishment: EstablishmentId,
    rows: &[Uuid],
) -> sqlx::Result<BTreeSet<Uuid>> {
    let found = sqlx::query_scalar!(
        "select id from flows where id = any($1) and (establishment_id <> $2 or deleted_at is not null)",
        rows,
        establishment.uuid()
    )
    .fetch_all(db)
    .await?;
    Ok(found.into_iter().collect())
}

// ---- who is there

/// How long after its last sign a page is still believed open.
const PRESENT: Duration = Duration::seconds(75);

pub(in crate::visits) async fn seen(tx: &mut Tx, visit: VisitId, user: UserId) -> sqlx::Result<()> {
    let now = tx.now();
    sqlx::query!(
        "insert into visit_presence (visit_id, user_id, seen_at) values ($1, $2, $3)
         on conflict (visit_id, user_id) do update set seen_at = $3",
        visit.uuid(),
        user.uuid(),
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The others who have this diagnostic open.
pub(in crate::visits) async fn others(
    db: &mut PgConnection,
    visit: VisitId,
    me: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        "select u.name from visit_presence p join users u on u.id = p.user_id
         where p.visit_id = $1 and p.user_id <> $2 and p.seen_at > $3 order by u.name",
        visit.uuid(),
        me.uuid(),
        now - PRESENT
    )
    .fetch_all(db)
    .await
}

// ---- the dated version

/// Keeps the inventory as it is now, as that of this visit.
pub async fn keep_inventory(tx: &mut Tx, visit: VisitId, establishment: EstablishmentId) -> sqlx::Result<()> {
    sqlx::query!("delete from visit_flows where visit_id = $1", visit.uuid())
        .execute(&mut **tx)
        .await?;
    sqlx::query!(
        "insert into visit_flows (visit_id, flow_id, direction, category, label, quantity, unit, period, annual_quantity, certainty, outlet)
         select $1, id, direction, category, label, quantity, unit, period, annual_quantity, certainty, outlet
         from flows where establishment_id = $2 and deleted_at is null",
        visit.uuid(),
        establishment.uuid()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The validated visit of the same establishment before this one.
pub(in crate::visits) async fn previous(
    db: &mut PgConnection,
    visit: &Visit,
) -> sqlx::Result<Option<(VisitId, chrono::NaiveDate)>> {
    let found = sqlx::query!(
        r#"select id as "id: VisitId", visit_on from visits
           where establishment_id = $1 and status = $2 and id <> $3 and visit_on <= $4
           order by visit_on desc, id desc limit 1"#,
        visit.establishment_id.uuid(),
        VisitStatus::Validated as VisitStatus,
        visit.id.uuid(),
        visit.visit_on
    )
    .fetch_optional(db)
    .await?;
    Ok(found.map(|row| (row.id, row.visit_on)))
}

/// A flow as a diagnostic recorded it.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::visits) struct DatedFlow {
    pub(in crate::visits) flow_id: FlowId,
    pub(in crate::visits) direction: Direction,
    pub(in crate::visits) category: Option<String>,
    pub(in crate::visits) label: String,
    pub(in crate::visits) quantity: Option<f64>,
    pub(in crate::visits) unit: Option<String>,
    pub(in crate::visits) period: Option<Period>,
    pub(in crate::visits) annual_quantity: Option<f64>,
    pub(in crate::visits) outlet: Option<String>,
}

/// The inventory of a validated visit.
pub(in crate::visits) async fn kept_inventory(
    db: &mut PgConnection,
    visit: VisitId,
) -> sqlx::Result<Vec<DatedFlow>> {
    sqlx::query_as!(
        DatedFlow,
        r#"select flow_id as "flow_id: FlowId", direction as "direction: Direction", category, label, quantity, unit,
                  period as "period: Period", annual_quantity, outlet
           from visit_flows where visit_id = $1 order by label, flow_id"#,
        visit.uuid()
    )
    .fetch_all(db)
    .await
}
