//! What one act on many synergies found of each, and how it is put back.

use super::lock;
use crate::kernel::ids::{SynergyId, UserId};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use crate::synergies::model::State;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

/// Everything that such an act may change.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::synergies) struct Before {
    state: State,
    state_since: DateTime<Utc>,
    assigned_to: Option<UserId>,
    motive: Option<String>,
    motive_comment: Option<String>,
    rejected_facts: Option<Value>,
    wake_on: Option<NaiveDate>,
    decided_at: Option<DateTime<Utc>>,
    silent_from: Option<State>,
}

/// Holds them all, in the order of their identifiers.
pub(in crate::synergies) async fn lock_all(tx: &mut Tx, scope: &Scope, ids: &[Uuid]) -> sqlx::Result<()> {
    sqlx::query!(
        "select id from synergies where id = any($1) and territory_id = any($2) order by id for update",
        ids,
        scope.territories()
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(())
}

pub(in crate::synergies) async fn before(tx: &mut Tx, id: SynergyId) -> sqlx::Result<Before> {
    sqlx::query_as!(
        Before,
        r#"select state as "state: State", state_since, assigned_to as "assigned_to: UserId", motive, motive_comment, rejected_facts,
                  wake_on, decided_at, silent_from as "silent_from: State" from synergies where id = $1"#,
        id.uuid()
    )
    .fetch_one(&mut **tx)
    .await
}

/// Gives `false` when it changed since that version.
pub(in crate::synergies) async fn restore(
    tx: &mut Tx,
    scope: &Scope,
    (id, version): (SynergyId, i32),
    before: &Before,
) -> sqlx::Result<bool> {
    let Some(now) = lock(tx, scope, id).await?.filter(|now| now.version == version) else {
        return Ok(false);
    };
    let at = tx.now();
    sqlx::query!(
        "update synergies set state = $2, state_since = $3, assigned_to = $4, motive = $5, motive_comment = $6, rejected_facts = $7,
                wake_on = $8, decided_at = $9, silent_from = $10, version = version + 1, updated_at = $11
         where id = $1",
        id.uuid(),
        before.state as State,
        before.state_since,
        before.assigned_to.map(UserId::uuid),
        before.motive,
        before.motive_comment,
        before.rejected_facts,
        before.wake_on,
        before.decided_at,
        before.silent_from as Option<State>,
        at
    )
    .execute(&mut **tx)
    .await?;
    let event = Event::on("synergy", id, "acte groupé annulé").within(now.territory_id);
    let (was, is) = (
        json!({ "state": now.state, "assigned_to": now.assigned_to }),
        json!({ "state": before.state, "assigned_to": before.assigned_to }),
    );
    tx.record(event.before(&was).after(&is)).await?;
    Ok(true)
}
