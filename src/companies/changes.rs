//! The request to deduce again who is worth a visit and who is missing, queued by whatever changed an
//! establishment or the synergies of its flows; `prospects` answers it.

use crate::kernel::ids::TerritoryId;
use crate::platform::jobs::Job;
use serde::{Deserialize, Serialize};

/// Something that the deduction reads changed in the territory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SitesChanged {
    pub territory: TerritoryId,
}

impl Job for SitesChanged {
    const NAME: &'static str = "sites_changed";
    const LABEL: &'static str = "Prochaines visites et entreprises manquantes";

    fn unique_key(&self) -> Option<String> {
        Some(format!("{}:{}", Self::NAME, self.territory))
    }
    fn territory(&self) -> Option<TerritoryId> {
        Some(self.territory)
    }
}
