//! The request to look again across the borders of a territory, queued by whatever changed its flows or
//! its agreements; `neighbours` answers it.

use crate::kernel::ids::TerritoryId;
use crate::platform::jobs::Job;
use serde::{Deserialize, Serialize};

/// Something that a neighbour may meet changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BordersChanged {
    pub territory: TerritoryId,
}

impl Job for BordersChanged {
    const NAME: &'static str = "borders_changed";
    const LABEL: &'static str = "Correspondances avec les territoires voisins";

    fn unique_key(&self) -> Option<String> {
        Some(format!("{}:{}", Self::NAME, self.territory))
    }
    fn territory(&self) -> Option<TerritoryId> {
        Some(self.territory)
    }
}
