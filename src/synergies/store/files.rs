//! Documents attached to a synergy. The content is read with the rights of the synergy, each time.

use super::{Refused, lock};
use crate::kernel::ids::{FileId, SynergyId, TerritoryId};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;

/// A line of the list.
#[derive(Debug, Clone)]
pub(in crate::synergies) struct Attached {
    pub(in crate::synergies) id: FileId,
    pub(in crate::synergies) name: String,
    pub(in crate::synergies) size: i32,
    pub(in crate::synergies) author: String,
    pub(in crate::synergies) added_at: DateTime<Utc>,
}

/// The caller checked the synergy's scope.
pub(in crate::synergies) async fn list(db: &mut PgConnection, id: SynergyId) -> sqlx::Result<Vec<Attached>> {
    sqlx::query_as!(
        Attached,
        r#"select f.id as "id: FileId", f.name, octet_length(f.content) as "size!", u.name as author, f.added_at
           from synergy_files f join users u on u.id = f.added_by where f.synergy_id = $1 order by f.added_at desc, f.id"#,
        id.uuid()
    )
    .fetch_all(db)
    .await
}

/// A file to be sent.
#[derive(Debug)]
pub(in crate::synergies) struct Content {
    pub(in crate::synergies) name: String,
    pub(in crate::synergies) media_type: String,
    pub(in crate::synergies) content: Vec<u8>,
}

/// Nothing outside the scope.
pub(in crate::synergies) async fn read(
    db: &mut PgConnection,
    scope: &Scope,
    id: FileId,
) -> sqlx::Result<Option<Content>> {
    sqlx::query_as!(
        Content,
        "select f.name, f.media_type, f.content from synergy_files f join synergies s on s.id = f.synergy_id
         where f.id = $1 and s.territory_id = any($2)",
        id.uuid(),
        scope.territories()
    )
    .fetch_optional(db)
    .await
}

/// # Errors
/// [`Refused`] outside the scope.
pub(in crate::synergies) async fn attach(
    tx: &mut Tx,
    scope: &Scope,
    id: SynergyId,
    file: &Content,
) -> Result<(), Refused> {
    let synergy = lock(tx, scope, id).await?.ok_or(Refused::Missing)?;
    let (author, now) = (tx.author().user_id(), tx.now());
    let fresh = FileId::fresh();
    sqlx::query!(
        "insert into synergy_files (id, synergy_id, name, media_type, content, added_by, added_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        fresh.uuid(),
        id.uuid(),
        file.name,
        file.media_type,
        file.content,
        author.map(|user| user.uuid()),
        now
    )
    .execute(&mut **tx)
    .await?;
    let event = Event::on("synergy", id, format!("pièce jointe\u{a0}: {}", file.name));
    tx.record(
        event
            .within(synergy.territory_id)
            .after(&json!({ "file": fresh })),
    )
    .await?;
    Ok(())
}

/// Gives the synergy it was attached to; nothing outside the scope.
pub(in crate::synergies) async fn remove(
    tx: &mut Tx,
    scope: &Scope,
    id: FileId,
) -> sqlx::Result<Option<SynergyId>> {
    let gone = sqlx::query!(
        r#"delete from synergy_files f using synergies s
           where f.id = $1 and s.id = f.synergy_id and s.territory_id = any($2)
           returning f.name, s.id as "synergy: SynergyId", s.territory_id as "territory: TerritoryId""#,
        id.uuid(),
        scope.territories()
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(gone) = gone else {
        tx.nothing_to_record();
        return Ok(None);
    };
    let event = Event::on(
        "synergy",
        gone.synergy,
        format!("pièce retirée\u{a0}: {}", gone.name),
    );
    tx.record(event.within(gone.territory)).await?;
    Ok(Some(gone.synergy))
}
