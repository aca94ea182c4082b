//! What is written when an advisor composes a group.

use super::Synergy;
use super::recording::{NewSynergy, fingerprint, insert_members};
use crate::kernel::ids::FlowId;
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use crate::synergies::proposal::Explained;
use serde_json::json;
use sqlx::PgConnection;
use sqlx::types::Json;

/// The establishment of a flow of the scope.
pub(in crate::synergies) async fn flow_owner(
    db: &mut PgConnection,
    scope: &Scope,
    flow: FlowId,
) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        "select e.name from flows f join establishments e on e.id = f.establishment_id
         where f.id = $1 and f.territory_id = any($2)",
        flow.uuid(),
        scope.territories()
    )
    .fetch_optional(db)
    .await
}

/// The group with its new members and figures; a search keeps these members from now on.
pub(in crate::synergies) async fn members(
    tx: &mut Tx,
    synergy: &Synergy,
    new: &NewSynergy,
    (name, adds): (&str, bool),
) -> sqlx::Result<()> {
    save(tx, synergy, new).await?;
    let stay: Vec<_> = new
        .members
        .iter()
        .map(|member| member.establishment.uuid())
        .collect();
    sqlx::query!(
        "delete from synergy_members where synergy_id = $1 and establishment_id <> all ($2)",
        synergy.id.uuid(),
        &stay
    )
    .execute(&mut **tx)
    .await?;
    insert_members(tx, synergy.id, &new.members).await?;
    let words = if adds {
        format!("{name} ajouté au groupe")
    } else {
        format!("{name} retiré du groupe")
    };
    let event = Event::on("synergy", synergy.id, words).within(synergy.territory_id);
    tx.record(event.after(&json!({ "members": new.members.len(), "score": new.score })))
        .await?;
    Ok(())
}

async fn save(tx: &mut Tx, synergy: &Synergy, new: &NewSynergy) -> sqlx::Result<()> {
    let now = tx.now();
    let kept = new.explained.clone().keeping(&synergy.explained);
    sqlx::query!(
        "update synergies set title = $2, score = $3, confidence = $4, distance_km = $5, explanation = $6, fingerprint = $7,
                params_version = $8, priority = $9, is_fixed = true, is_current = true, version = version + 1, updated_at = $10
         where id = $1",
        synergy.id.uuid(),
        new.title,
        new.score,
        new.confidence,
        new.distance_km,
        Json(&kept) as Json<&Explained>,
        fingerprint(new),
        new.params_version,
        new.priority,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
