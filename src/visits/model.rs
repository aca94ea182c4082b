//! A visit and its life. No SQL, no clock.

use crate::kernel::ids::{EstablishmentId, TerritoryId, UserId, VisitId};
use chrono::NaiveDate;

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, sqlx::Type, serde::Serialize, serde::Deserialize,
)]
#[sqlx(type_name = "visit_status", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum VisitStatus {
    Planned,
    Done,
    Validated,
    Cancelled,
}

/// What may happen to a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VisitStep {
    /// The meeting took place: recording may begin.
    Hold,
    /// The inventory is right: the engine may use it.
    Validate,
    /// Something is to be corrected.
    Reopen,
    Cancel,
}

impl VisitStep {
    pub fn leads_to(self) -> VisitStatus {
        match self {
            Self::Hold | Self::Reopen => VisitStatus::Done,
            Self::Validate => VisitStatus::Validated,
            Self::Cancel => VisitStatus::Cancelled,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Cette visite est {}.", .from.label())]
pub struct NotAllowed {
    pub from: VisitStatus,
    pub step: VisitStep,
}

impl VisitStatus {
    pub const ALL: [Self; 4] = [Self::Planned, Self::Done, Self::Validated, Self::Cancelled];

    /// # Errors
    /// [`NotAllowed`] when the step does not apply now.
    pub fn after(self, step: VisitStep) -> Result<Self, NotAllowed> {
        match (self, step) {
            (Self::Planned, VisitStep::Hold) | (Self::Validated, VisitStep::Reopen) => Ok(Self::Done),
            (Self::Done, VisitStep::Validate) => Ok(Self::Validated),
            (Self::Planned | Self::Done, VisitStep::Cancel) => Ok(Self::Cancelled),
            (from, step) => Err(NotAllowed { from, step }),
        }
    }

    pub fn allows(self, step: VisitStep) -> bool {
        self.after(step).is_ok()
    }

    /// Flows are recorded once the meeting took place.
    pub fn records(self) -> bool {
        matches!(self, Self::Done | Self::Validated)
    }

    /// Answers may be noted beforehand, on the phone.
    pub fn prepares(self) -> bool {
        matches!(self, Self::Planned | Self::Done | Self::Validated)
    }

    pub fn code(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Done => "done",
            Self::Validated => "validated",
            Self::Cancelled => "cancelled",
        }
    }
    pub fn label(self) -> &'static str {
        match self {
            Self::Planned => "prévue",
            Self::Done => "à valider",
            Self::Validated => "validée",
            Self::Cancelled => "annulée",
        }
    }
    /// The style of the badge: minium is for what waits for somebody.
    pub fn badge(self) -> &'static str {
        match self {
            Self::Planned => "info",
            Self::Done => "hot",
            Self::Validated => "ok",
            Self::Cancelled => "",
        }
    }
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }
}

/// One visit, whole.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Visit {
    pub id: VisitId,
    pub territory_id: TerritoryId,
    pub establishment_id: EstablishmentId,
    pub status: VisitStatus,
    pub visit_on: NaiveDate,
    pub duration_minutes: Option<i32>,
    pub contact_met: Option<String>,
    pub notes: Option<String>,
    pub advisors: Vec<UserId>,
    pub version: i32,
}

#[cfg(test)]
mod tests {
    use super::{VisitStatus, VisitStep};

    #[test]
    fn the_life_of_a_visit() {
        let mut lines = Vec::new();
        for from in VisitStatus::ALL {
            for step in [
                VisitStep::Hold,
                VisitStep::Validate,
                VisitStep::Reopen,
                VisitStep::Cancel,
            ] {
                if let Ok(to) = from.after(step) {
                    assert_eq!(to, step.leads_to());
                    lines.push(format!("{from:?} -{step:?}-> {to:?}"));
                }
            }
        }
        assert_eq!(
            lines,
            [
                "Planned -Hold-> Done",
                "Planned -Cancel-> Cancelled",
                "Done -Validate-> Validated",
                "Done -Cancel-> Cancelled",
                "Validated -Reopen-> Done",
            ]
        );
    }
}
