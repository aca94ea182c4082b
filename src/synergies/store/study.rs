//! The feasibility study, as it is filled.

use super::{Refused, lock, steps};
use crate::kernel::ids::SynergyId;
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use crate::synergies::model::{Axis, Grade};
use serde_json::json;

/// Records what is judged so far; the state does not change.
///
/// # Errors
/// [`Refused`] outside the scope.
pub(in crate::synergies) async fn judge(
    tx: &mut Tx,
    scope: &Scope,
    id: SynergyId,
    lines: &[(Axis, Grade, Option<String>)],
) -> Result<(), Refused> {
    let synergy = lock(tx, scope, id).await?.ok_or(Refused::Missing)?;
    let before = super::show::grid(tx, id).await?;
    steps::save_grid(tx, id, lines).await?;
    let event = Event::on("synergy", id, "étude de faisabilité complétée").within(synergy.territory_id);
    tx.record(
        event
            .before(&json!({ "grid": before }))
            .after(&json!({ "grid": lines })),
    )
    .await?;
    Ok(())
}
