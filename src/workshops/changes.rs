//! The request to bring the ideas of a workshop into the queue, made by whoever captured or took back
//! one; `synergies` answers it.

use crate::kernel::ids::{TerritoryId, WorkshopId};
use crate::platform::jobs::Job;
use serde::{Deserialize, Serialize};

/// Ideas of a workshop changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdeasCaptured {
    pub territory: TerritoryId,
    pub workshop: WorkshopId,
}

impl Job for IdeasCaptured {
    const NAME: &'static str = "ideas_captured";
    const LABEL: &'static str = "Idées d’un atelier";

    fn unique_key(&self) -> Option<String> {
        Some(format!("{}:{}", Self::NAME, self.workshop))
    }
    fn territory(&self) -> Option<TerritoryId> {
        Some(self.territory)
    }
}
