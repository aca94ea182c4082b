//! The request to match again, queued by whatever changed flows; `synergies` answers it.

use super::{Flow, store};
use crate::kernel::ids::{EstablishmentId, TerritoryId};
use crate::platform::db::Tx;
use crate::platform::jobs::{self, Job};
use serde::{Deserialize, Serialize};

/// Flows of a territory changed. The whole of it is searched again: what enters the queue depends on the
/// neighbours, and a search of thousands of flows takes less than a second.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowsChanged {
    pub territory: TerritoryId,
}

impl Job for FlowsChanged {
    const NAME: &'static str = "flows_changed";
    const LABEL: &'static str = "Recherche de synergies";

    fn unique_key(&self) -> Option<String> {
        Some(format!("{}:{}", Self::NAME, self.territory))
    }
    fn territory(&self) -> Option<TerritoryId> {
        Some(self.territory)
    }
}

/// Asks for the search again after a flow changed, once the engine knows the establishment.
///
/// # Errors
/// Those of the database.
pub async fn announce(tx: &mut Tx, flow: &Flow) -> sqlx::Result<()> {
    announce_all(tx, flow.territory_id, flow.establishment_id).await
}

/// The same after a whole inventory changed.
///
/// # Errors
/// Those of the database.
pub async fn announce_all(
    tx: &mut Tx,
    territory: TerritoryId,
    establishment: EstablishmentId,
) -> sqlx::Result<()> {
    if store::is_matched(tx, establishment).await? {
        jobs::enqueue(tx, &FlowsChanged { territory }).await?;
    }
    Ok(())
}
