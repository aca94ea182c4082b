//! What a workshop is. No SQL, no clock.

use crate::kernel::ids::{TerritoryId, WorkshopId};
use chrono::NaiveDate;

/// One workshop; it is held once its date has come.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Workshop {
    pub id: WorkshopId,
    pub territory_id: TerritoryId,
    pub title: String,
    pub held_on: NaiveDate,
    pub participants: i32,
    pub version: i32,
}
