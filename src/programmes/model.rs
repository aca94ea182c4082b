//! What a programme is made of. No SQL, no clock.

mod calendar;
mod plan;

pub use calendar::{Calendar, Cell, Quarter, Row};
pub use plan::{FunderRow, FundingPlan, Phase};

use crate::kernel::ids::{
    CommitmentId, DecisionId, ExpenseId, FundingLineId, MeetingId, OutreachId, PartnerId, ProgrammeId,
    TaskId, TerritoryId,
};
use crate::kernel::words::words;
use crate::nomenclature::FlowCode;
use chrono::NaiveDate;

/// One programme of a territory.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Programme {
    pub id: ProgrammeId,
    pub territory_id: TerritoryId,
    pub name: String,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
    pub version: i32,
}

/// What an indicator is to reach at a date, or where it stood at the start.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Target {
    /// A code of the catalogue of indicators.
    pub indicator: String,
    pub due_on: NaiveDate,
    /// None: the contract says « sans objet ».
    pub value: Option<f64>,
    pub is_baseline: bool,
}

/// What a target says of one indicator at one date.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Goal {
    NotSet,
    /// « sans objet ».
    NotApplicable,
    Value(f64),
}

impl Goal {
    pub fn of(targets: &[Target], code: &str, due: Option<NaiveDate>) -> Self {
        let found = targets
            .iter()
            .find(|t| t.indicator == code && Some(t.due_on) == due);
        match found.map(|target| target.value) {
            None => Self::NotSet,
            Some(None) => Self::NotApplicable,
            Some(Some(value)) => Self::Value(value),
        }
    }
    pub fn value(self) -> Option<f64> {
        match self {
            Self::Value(value) => Some(value),
            Self::NotSet | Self::NotApplicable => None,
        }
    }
}

/// Money promised by a funder for a period.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FundingLine {
    pub id: FundingLineId,
    pub phase: String,
    pub funder: String,
    /// Paid by others than those who run the programme.
    pub is_external: bool,
    /// The period as the founding document names it, then its days.
    pub period: String,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
    /// Agreed and signed.
    pub is_acquired: bool,
    pub amount_eur: i32,
    pub version: i32,
}

words! {
    /// How firm a commitment is.
    CommitmentState "commitment_state" {
        Acquired "acquired" "acquis",
        UnderWay "under_way" "en cours",
        InDiscussion "in_discussion" "en discussion",
        ToDiscuss "to_discuss" "à discuter",
    }
}

impl CommitmentState {
    /// The kind of badge that shows it.
    pub fn badge(self) -> &'static str {
        match self {
            Self::Acquired => "ok",
            Self::UnderWay => "info",
            Self::InDiscussion => "warn",
            Self::ToDiscuss => "",
        }
    }
}

words! {
    /// What a partner is.
    PartnerKind "partner_kind" {
        Company "company" "entreprise",
        LocalAuthority "local_authority" "collectivité",
        Chamber "chamber" "chambre consulaire",
        Club "club" "club ou association",
        Education "education" "enseignement, recherche",
        Agriculture "agriculture" "agriculture",
        Funder "funder" "financeur",
        Other "other" "autre",
    }
}

words! {
    /// Who meets.
    MeetingKind "meeting_kind" {
        Steering "steering" "Comité de pilotage",
        Technical "technical" "Comité technique",
    }
}

words! {
    /// What became of a decision.
    DecisionState "decision_state" {
        ToDo "to_do" "à faire",
        UnderWay "under_way" "en cours",
        Done "done" "faite",
        Dropped "dropped" "abandonnée",
    }
}

impl DecisionState {
    pub fn badge(self) -> &'static str {
        match self {
            Self::ToDo => "hot",
            Self::UnderWay => "info",
            Self::Done => "ok",
            Self::Dropped => "",
        }
    }
    pub fn is_open(self) -> bool {
        matches!(self, Self::ToDo | Self::UnderWay)
    }
}

words! {
    /// Whom an action of communication is for.
    OutreachKind "outreach_kind" {
        Communication "communication" "Communication",
        Exchange "exchange" "Partage avec d’autres territoires",
    }
}

words! {
    /// What money is spent on.
    ExpenseKind "expense_kind" {
        StaffTime "staff_time" "Temps des agents",
        Travel "travel" "Déplacements",
        Operations "operations" "Fonctionnement",
        Other "other" "Autre",
    }
}

/// What a partner does, and until when.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Commitment {
    pub id: CommitmentId,
    pub partner: String,
    pub what: String,
    pub period: String,
    pub state: CommitmentState,
    pub next_step: Option<String>,
    pub version: i32,
}

/// A line of the calendar.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Task {
    pub id: TaskId,
    pub title: String,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
    /// Done from the start up to this day.
    pub done_until: Option<NaiveDate>,
    pub rank: i32,
    pub version: i32,
}

/// Who takes part in the programme, and who sits on its committee.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Partner {
    pub id: PartnerId,
    pub name: String,
    pub kind: PartnerKind,
    pub is_on_committee: bool,
    pub version: i32,
}

/// A meeting of a committee, planned or held.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Meeting {
    pub id: MeetingId,
    pub kind: MeetingKind,
    pub held_on: NaiveDate,
    pub is_held: bool,
    pub agenda: String,
    pub version: i32,
}

/// Whether a partner who was invited came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Attendance {
    pub partner: PartnerId,
    pub is_present: bool,
}

/// What a meeting decided, as an action.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Decision {
    pub id: DecisionId,
    pub meeting: MeetingId,
    pub what: String,
    pub owner: Option<String>,
    pub due_on: Option<NaiveDate>,
    pub state: DecisionState,
    pub version: i32,
}

/// What made the programme known.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Outreach {
    pub id: OutreachId,
    pub kind: OutreachKind,
    pub title: String,
    pub held_on: NaiveDate,
    pub detail: Option<String>,
    pub version: i32,
}

/// Money spent, or the time of an agent.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Expense {
    pub id: ExpenseId,
    pub kind: ExpenseKind,
    pub payer: String,
    pub label: String,
    pub spent_on: NaiveDate,
    /// Of agents only.
    pub hours: Option<f64>,
    pub amount_eur: i32,
    pub version: i32,
}

/// A category that the committee wants treated first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Priority {
    pub code: FlowCode,
    pub rank: i32,
    pub decided_on: NaiveDate,
}
