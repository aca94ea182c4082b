//! A visit and its life, and the words of what is presumed before it. No SQL, no clock.

use crate::kernel::ids::{EstablishmentId, TerritoryId, UserId, VisitId};
use crate::nomenclature::{Catalogue, FlowCode};
use chrono::{NaiveDate, NaiveTime};

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
    /// When it is agreed; none for « sometime that day ».
    pub begins_at: Option<NaiveTime>,
    pub duration_minutes: Option<i32>,
    pub contact_met: Option<String>,
    pub notes: Option<String>,
    pub advisors: Vec<UserId>,
    pub version: i32,
}

// ---- what is presumed

/// « Palettes bois »: the name of a category.
pub fn label(code: FlowCode) -> &'static str {
    Catalogue::embedded().category(code).label.as_str()
}

/// The order of magnitude of a yearly quantity: « entre 20 et 180 t par an ».
pub fn span_words(code: FlowCode, span: Option<(f64, f64)>) -> Option<String> {
    let (low, high) = span?;
    let unit = Catalogue::embedded().category(code).unit.symbol();
    Some(format!(
        "entre {} et {}\u{a0}{unit} par an",
        two_figures(low),
        two_figures(high)
    ))
}

/// A presumed figure has no more than two.
pub fn two_figures(value: f64) -> String {
    if value <= 0.0 {
        return "0".to_owned();
    }
    let scale = 10_f64.powf(value.log10().floor() - 1.0);
    let rounded = (value / scale).round() * scale;
    let decimals = match rounded {
        r if r >= 10.0 => 0,
        r if r >= 1.0 => 1,
        r if r >= 0.1 => 2,
        _ => 3,
    };
    crate::kernel::format_number(rounded, decimals)
}

/// « 4 chances sur 5 » is what a person understands of a probability.
pub fn chance_words(probability: f64) -> &'static str {
    match probability {
        p if p >= 0.85 => "très probable",
        p if p >= 0.6 => "probable",
        p if p >= 0.35 => "possible",
        _ => "peu probable",
    }
}

#[cfg(test)]
mod tests {
    use super::{VisitStatus, VisitStep, chance_words, span_words, two_figures};

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

    #[test]
    fn presumed_figures_have_two_figures() {
        assert_eq!(two_figures(1_234.0), "1\u{a0}200");
        assert_eq!(two_figures(0.1234), "0,12");
        assert_eq!(two_figures(0.0), "0");
        let code = crate::nomenclature::FlowCode::find("MAT-01").unwrap();
        assert_eq!(
            span_words(code, Some((1.26, 11.4))).unwrap(),
            "entre 1,3 et 11\u{a0}t par an"
        );
        assert_eq!(
            [chance_words(0.9), chance_words(0.2)],
            ["très probable", "peu probable"]
        );
    }
}
