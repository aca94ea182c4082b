mod bulk;
mod state;

pub(super) use bulk::{insert_flows, insert_sites, save_flows, save_sites};
pub(super) use state::{
    Asked, advance, asked, columns, confess, mark_changed, recall, remember, set_parts, state, uploads,
};

use super::columns::Part;
use super::model::{Judged, Outcome, Report, State};
use super::places::Places;
use super::read::Upload;
use crate::exchange::lines::Change;
use crate::exchange::network::{RawRow, Table};
use crate::kernel::ids::{ImportId, TerritoryId, UserId};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::territories::{self, Commune};
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::PgConnection;
use sqlx::types::Json;
use std::collections::BTreeMap;

// ---- what the territory holds

pub(in crate::exchange::import) async fn places(
    db: &mut PgConnection,
    scope: &Scope,
) -> sqlx::Result<Places> {
    let communes = sqlx::query_as!(
        Commune,
        "select insee, name, department, postal_codes, latitude, longitude from communes order by insee"
    )
    .fetch_all(&mut *db)
    .await?;
    let ours = sqlx::query_scalar!(
        "select insee from territory_communes where territory_id = $1",
        scope.territory().uuid()
    )
    .fetch_all(&mut *db)
    .await?;
    let zones = territories::store::zones(db, scope).await?;
    Ok(Places::new(communes, ours.into_iter().collect(), zones))
}

/// What the establishments of the territory are called.
pub(in crate::exchange::import) async fn names(
    db: &mut PgConnection,
    scope: &Scope,
) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        "select name from establishments where territory_id = $1 and archived_at is null",
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await
}

// ---- imports and their lines

/// Imports of a territory are applied one after the other.
pub(in crate::exchange::import) async fn take_turn(tx: &mut Tx, territory: TerritoryId) -> sqlx::Result<()> {
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended($1, 0))",
        format!("import:{territory}")
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// An import, without its lines.
#[derive(Debug, Clone)]
pub(in crate::exchange::import) struct Import {
    pub(in crate::exchange::import) id: ImportId,
    pub(in crate::exchange::import) state: State,
    pub(in crate::exchange::import) author: String,
    pub(in crate::exchange::import) file_names: Vec<String>,
    pub(in crate::exchange::import) report: Json<Report>,
    pub(in crate::exchange::import) is_changed: bool,
    pub(in crate::exchange::import) failure: Option<String>,
    pub(in crate::exchange::import) created_at: DateTime<Utc>,
    pub(in crate::exchange::import) applied_at: Option<DateTime<Utc>>,
}

/// Adds an import and its files; sending the same form twice adds one, and gives `false`.
pub(in crate::exchange::import) async fn insert(
    tx: &mut Tx,
    scope: &Scope,
    (id, user): (ImportId, UserId),
    uploads: &[Upload],
    parts: &[Part],
) -> sqlx::Result<bool> {
    let now = tx.now();
    let names: Vec<_> = uploads.iter().map(|upload| upload.name.clone()).collect();
    let state = if parts.iter().all(Part::is_settled) {
        State::Reading
    } else {
        State::Mapping
    };
    let inserted = sqlx::query!(
        "insert into imports (id, territory_id, user_id, state, file_names, parts, report, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do nothing",
        id.uuid(),
        scope.territory().uuid(),
        user.uuid(),
        state as State,
        &names,
        json(&parts)?,
        json(&Report::default())?,
        now
    )
    .execute(&mut **tx)
    .await?;
    if inserted.rows_affected() == 0 {
        return Ok(false);
    }
    keep_files(tx, id, uploads).await?;
    Ok(true)
}

async fn keep_files(tx: &mut Tx, id: ImportId, uploads: &[Upload]) -> sqlx::Result<()> {
    for (rank, upload) in (0_i32..).zip(uploads) {
        sqlx::query!(
            "insert into import_files (import_id, rank, name, content) values ($1, $2, $3, $4)",
            id.uuid(),
            rank,
            upload.name,
            &upload.content[..]
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// Lines of imports that nobody applied for a month are not kept.
pub(in crate::exchange::import) async fn forget_old(tx: &mut Tx, scope: &Scope) -> sqlx::Result<()> {
    let month_ago = tx.now() - chrono::Duration::days(30);
    sqlx::query!(
        "delete from import_rows r using imports i
         where i.id = r.import_id and i.territory_id = $1 and i.created_at < $2 and i.state <> 'applied'",
        scope.territory().uuid(),
        month_ago
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "delete from import_files f using imports i where i.id = f.import_id and i.territory_id = $1 and i.created_at < $2",
        scope.territory().uuid(),
        month_ago
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "update imports set state = 'abandoned' where territory_id = $1 and created_at < $2 and state in ('checked', 'mapping', 'failed')",
        scope.territory().uuid(),
        month_ago
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(in crate::exchange::import) async fn set_report(
    tx: &mut Tx,
    id: ImportId,
    report: &Report,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update imports set report = $2 where id = $1",
        id.uuid(),
        json(report)?
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Before the files are read, or read again with other columns.
pub(in crate::exchange::import) async fn forget_lines(tx: &mut Tx, id: ImportId) -> sqlx::Result<()> {
    sqlx::query!("delete from import_rows where import_id = $1", id.uuid())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Keeps judged lines, or judges them again.
pub(in crate::exchange::import) async fn keep_lines(
    tx: &mut Tx,
    id: ImportId,
    lines: &[Judged],
) -> sqlx::Result<()> {
    let number = |line: &Judged| i32::try_from(line.row.line).unwrap_or(i32::MAX);
    let texts = lines.iter().map(|line| {
        serde_json::json!({
            "import_table": match line.table { Table::Sites => "sites", Table::Flows => "flows" },
            "line": number(line),
            "cells": line.row.cells,
            "outcome": outcome_word(line.outcome),
            "title": line.title,
            "changes": line.changes,
            "remarks": line.remarks,
        })
    });
    sqlx::query!(
        "insert into import_rows (import_id, import_table, line, cells, outcome, title, changes, remarks)
         select $1, r.import_table, r.line, r.cells, r.outcome, r.title, r.changes,
                array(select jsonb_array_elements_text(r.remarks))
         from jsonb_to_recordset($2) r (import_table import_table, line int, cells jsonb, outcome import_outcome, title text,
                changes jsonb, remarks jsonb)
         on conflict (import_id, import_table, line) do update set outcome = excluded.outcome, title = excluded.title,
                changes = excluded.changes, remarks = excluded.remarks",
        id.uuid(),
        json(&texts.collect::<Vec<_>>())?
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Created => "created",
        Outcome::Updated => "updated",
        Outcome::Unchanged => "unchanged",
        Outcome::Refused => "refused",
    }
}

/// An import of the territory on screen.
pub(in crate::exchange::import) async fn find(
    db: &mut PgConnection,
    scope: &Scope,
    id: ImportId,
) -> sqlx::Result<Option<Import>> {
    let found = sqlx::query_as!(
        Import,
        r#"select i.id as "id: ImportId", i.state as "state: State", u.name as author, i.file_names,
                  i.report as "report: Json<Report>", i.is_changed, i.failure, i.created_at, i.applied_at
           from imports i join users u on u.id = i.user_id where i.id = $1 and i.territory_id = $2"#,
        id.uuid(),
        scope.territory().uuid()
    )
    .fetch_optional(db)
    .await?;
    Ok(found)
}

pub(in crate::exchange::import) async fn latest(
    db: &mut PgConnection,
    scope: &Scope,
) -> sqlx::Result<Vec<Import>> {
    sqlx::query_as!(
        Import,
        r#"select i.id as "id: ImportId", i.state as "state: State", u.name as author, i.file_names,
                  i.report as "report: Json<Report>", i.is_changed, i.failure, i.created_at, i.applied_at
           from imports i join users u on u.id = i.user_id
           where i.territory_id = $1 order by i.created_at desc, i.id desc limit 20"#,
        scope.territory().uuid()
    )
    .fetch_all(db)
    .await
}

/// Which lines of an import.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::exchange::import) struct Which {
    pub(in crate::exchange::import) table: Option<Table>,
    pub(in crate::exchange::import) outcome: Option<Outcome>,
    /// Only those taken with something to look at.
    pub(in crate::exchange::import) warned: bool,
    /// Only those that an application goes through.
    pub(in crate::exchange::import) taken: bool,
    pub(in crate::exchange::import) offset: i64,
    /// After this line of this table, in the order of the files.
    pub(in crate::exchange::import) after: Option<(Table, usize)>,
}

/// Lines in the order of the files, establishments first.
pub(in crate::exchange::import) async fn lines(
    db: &mut PgConnection,
    id: ImportId,
    which: Which,
    limit: usize,
) -> sqlx::Result<Vec<Judged>> {
    let (after_table, after_line) = which.after.unzip();
    let rows = sqlx::query!(
        r#"select import_table as "table: Table", line, cells as "cells: Json<BTreeMap<String, String>>",
                  outcome as "outcome: Outcome", title, changes as "changes: Json<Vec<Change>>", remarks
           from import_rows
           where import_id = $1
             and ($2::import_table is null or import_table = $2)
             and ($3::import_outcome is null or outcome = $3)
             and (not $4 or (outcome <> 'refused' and cardinality(remarks) > 0))
             and ($5::import_table is null or (import_table, line) > ($5, $6))
             and (not $8 or outcome <> 'refused')
           order by import_table, line limit $7 offset $9"#,
        id.uuid(),
        which.table as Option<Table>,
        which.outcome as Option<Outcome>,
        which.warned,
        after_table as Option<Table>,
        after_line.map(|line| i32::try_from(line).unwrap_or(i32::MAX)),
        i64::try_from(limit).unwrap_or(i64::MAX),
        which.taken,
        which.offset
    )
    .fetch_all(db)
    .await?;
    let lines = rows.into_iter().map(|row| Judged {
        table: row.table,
        row: RawRow {
            line: usize::try_from(row.line).unwrap_or_default(),
            cells: row.cells.0,
        },
        outcome: row.outcome,
        title: row.title,
        changes: row.changes.0,
        remarks: row.remarks,
    });
    Ok(lines.collect())
}

fn json(rows: &impl Serialize) -> sqlx::Result<serde_json::Value> {
    serde_json::to_value(rows).map_err(|error| sqlx::Error::Encode(Box::new(error)))
}
