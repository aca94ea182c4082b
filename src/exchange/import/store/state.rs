//! How an import goes from one state to the next, its files, and what its columns are.

use super::json;
use crate::exchange::import::columns::{Origin, Part};
use crate::exchange::import::model::{Report, State};
use crate::exchange::import::read::Upload;
use crate::exchange::network::Format;
use crate::kernel::ids::{ImportId, TerritoryId, UserId};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use sqlx::PgConnection;
use sqlx::types::Json;

pub(in crate::exchange::import) async fn state(
    db: &mut PgConnection,
    id: ImportId,
) -> sqlx::Result<Option<State>> {
    sqlx::query_scalar!(
        r#"select state as "state: State" from imports where id = $1"#,
        id.uuid()
    )
    .fetch_optional(db)
    .await
}

/// Moves an import on; gives `false` when it is not where it was thought to be.
pub(in crate::exchange::import) async fn advance(
    tx: &mut Tx,
    id: ImportId,
    (from, to): (State, State),
) -> sqlx::Result<bool> {
    let now = tx.now();
    let moved = sqlx::query!(
        "update imports set state = $3, is_changed = false, failure = null,
                applied_at = case when $3 = 'applied'::import_state then $4::timestamptz end
         where id = $1 and state = $2",
        id.uuid(),
        from as State,
        to as State,
        now
    )
    .execute(&mut **tx)
    .await?;
    let moved = moved.rows_affected() == 1;
    if moved && matches!(to, State::Applied | State::Abandoned) {
        sqlx::query!("delete from import_files where import_id = $1", id.uuid())
            .execute(&mut **tx)
            .await?;
    }
    if moved && to == State::Abandoned {
        super::forget_lines(tx, id).await?;
    }
    Ok(moved)
}

/// The files could not be read.
pub(in crate::exchange::import) async fn confess(
    tx: &mut Tx,
    id: ImportId,
    failure: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update imports set state = 'failed', failure = $2 where id = $1 and state = 'reading'",
        id.uuid(),
        failure
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The territory moved: a new report is to be confirmed.
pub(in crate::exchange::import) async fn mark_changed(tx: &mut Tx, id: ImportId) -> sqlx::Result<()> {
    sqlx::query!(
        "update imports set state = 'checked', is_changed = true where id = $1 and state = 'applying'",
        id.uuid()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What a job needs to know of an import.
pub(in crate::exchange::import) struct Asked {
    pub(in crate::exchange::import) state: State,
    pub(in crate::exchange::import) territory: TerritoryId,
    pub(in crate::exchange::import) user: UserId,
    pub(in crate::exchange::import) author: String,
    pub(in crate::exchange::import) parts: Json<Vec<Part>>,
    pub(in crate::exchange::import) report: Json<Report>,
}

pub(in crate::exchange::import) async fn asked(
    db: &mut PgConnection,
    id: ImportId,
) -> sqlx::Result<Option<Asked>> {
    sqlx::query_as!(
        Asked,
        r#"select i.state as "state: State", i.territory_id as "territory: TerritoryId", i.user_id as "user: UserId",
                  u.name as author, i.parts as "parts: Json<Vec<Part>>", i.report as "report: Json<Report>"
           from imports i join users u on u.id = i.user_id where i.id = $1"#,
        id.uuid()
    )
    .fetch_optional(db)
    .await
}

pub(in crate::exchange::import) async fn uploads(
    db: &mut PgConnection,
    id: ImportId,
) -> sqlx::Result<Vec<Upload>> {
    let files = sqlx::query!(
        "select name, content from import_files where import_id = $1 order by rank",
        id.uuid()
    )
    .fetch_all(db)
    .await?;
    let uploads = files.into_iter().map(|file| Upload {
        field: "sites",
        format: Format::Sites,
        name: file.name,
        content: file.content.into(),
    });
    Ok(uploads.collect())
}

/// The tables of an import of the territory on screen, held until the end of the transaction.
pub(in crate::exchange::import) async fn columns(
    db: &mut PgConnection,
    scope: &Scope,
    id: ImportId,
) -> sqlx::Result<Option<(State, Vec<Part>)>> {
    let found = sqlx::query!(
        r#"select state as "state: State", parts as "parts: Json<Vec<Part>>" from imports
           where id = $1 and territory_id = $2 for no key update"#,
        id.uuid(),
        scope.territory().uuid()
    )
    .fetch_optional(db)
    .await?;
    Ok(found.map(|row| (row.state, row.parts.0)))
}

pub(in crate::exchange::import) async fn set_parts(
    tx: &mut Tx,
    id: ImportId,
    parts: &[Part],
) -> sqlx::Result<()> {
    sqlx::query!(
        "update imports set parts = $2 where id = $1",
        id.uuid(),
        json(&parts)?
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What the same titles were told to be, when they were.
pub(in crate::exchange::import) async fn recall(
    db: &mut PgConnection,
    scope: &Scope,
    part: &mut Part,
) -> sqlx::Result<()> {
    let known = sqlx::query!(
        r#"select format, fields as "fields: Json<Vec<Option<String>>>" from import_mappings
           where territory_id = $1 and headers_hash = $2"#,
        scope.territory().uuid(),
        part.fingerprint()
    )
    .fetch_optional(db)
    .await?;
    let Some(known) = known else { return Ok(()) };
    let format = Format::ALL
        .into_iter()
        .find(|format| format.code() == known.format);
    if let Some(format) = format {
        part.format = format;
        part.tell(known.fields.0, Origin::Remembered);
    }
    Ok(())
}

pub(in crate::exchange::import) async fn remember(
    tx: &mut Tx,
    scope: &Scope,
    user: UserId,
    part: &Part,
) -> sqlx::Result<()> {
    let now = tx.now();
    sqlx::query!(
        "insert into import_mappings (territory_id, headers_hash, format, fields, user_id, saved_at) values ($1, $2, $3, $4, $5, $6)
         on conflict (territory_id, headers_hash) do update set format = excluded.format, fields = excluded.fields,
                user_id = excluded.user_id, saved_at = excluded.saved_at",
        scope.territory().uuid(),
        part.fingerprint(),
        part.format.code(),
        json(&part.fields)?,
        user.uuid(),
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
