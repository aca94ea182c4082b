//! The next thing to do for a synergy: one at a time, with who does it and before when.

use super::{Refused, lock};
use crate::kernel::ids::{ActionId, SynergyId, UserId};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use chrono::NaiveDate;
use serde_json::json;
use sqlx::PgConnection;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextAction {
    pub what: String,
    pub owner: UserId,
    pub owner_name: String,
    pub due_on: NaiveDate,
}

/// The caller checked the synergy's scope.
pub(in crate::synergies) async fn find(
    db: &mut PgConnection,
    id: SynergyId,
) -> sqlx::Result<Option<NextAction>> {
    sqlx::query_as!(
        NextAction,
        r#"select a.what, a.owner as "owner: UserId", u.name as owner_name, a.due_on
           from next_actions a join users u on u.id = a.owner where a.synergy_id = $1 and a.done_on is null"#,
        id.uuid()
    )
    .fetch_optional(db)
    .await
}

/// Plans it, in place of the one that was planned.
///
/// # Errors
/// [`Refused`] outside the scope.
pub async fn plan(tx: &mut Tx, scope: &Scope, id: SynergyId, next: &NextAction) -> Result<(), Refused> {
    let synergy = lock(tx, scope, id).await?.ok_or(Refused::Missing)?;
    sqlx::query!(
        "insert into next_actions (id, synergy_id, what, owner, due_on) values ($1, $2, $3, $4, $5)
         on conflict (synergy_id) where done_on is null
         do update set what = excluded.what, owner = excluded.owner, due_on = excluded.due_on",
        ActionId::fresh().uuid(),
        id.uuid(),
        next.what,
        next.owner.uuid(),
        next.due_on
    )
    .execute(&mut **tx)
    .await?;
    let words = format!(
        "prochaine action\u{a0}: {}, par {}, avant le {}",
        next.what,
        next.owner_name,
        next.due_on.format("%d/%m/%Y")
    );
    let after = json!({ "next_action": next.what, "owner": next.owner, "due_on": next.due_on });
    tx.record(
        Event::on("synergy", id, words)
            .within(synergy.territory_id)
            .after(&after),
    )
    .await?;
    Ok(())
}

/// It is done, and kept. Gives `false` when none was planned.
///
/// # Errors
/// [`Refused`] outside the scope.
pub(in crate::synergies) async fn finish(tx: &mut Tx, scope: &Scope, id: SynergyId) -> Result<bool, Refused> {
    let synergy = lock(tx, scope, id).await?.ok_or(Refused::Missing)?;
    let today = tx.today();
    let done = sqlx::query_scalar!(
        "update next_actions set done_on = $2 where synergy_id = $1 and done_on is null returning what",
        id.uuid(),
        today
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(what) = done else {
        tx.nothing_to_record();
        return Ok(false);
    };
    let event = Event::on("synergy", id, format!("fait\u{a0}: {what}")).within(synergy.territory_id);
    tx.record(event).await?;
    Ok(true)
}
