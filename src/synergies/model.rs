//! The life of a synergy: its states, the steps between them, and the words for both.
//!
//! [`State::after`] is the whole drawing of the life cycle; screens draw their buttons from
//! [`State::allowed`] and acts go through `after`, so that they cannot differ. No SQL, no clock.
//! What a step carries is in `step`, the feasibility grid in `feasibility`.

mod feasibility;
mod step;

pub use feasibility::{Axis, Checked, Grade, Grid, NotFeasible, Readiness, Wanted};
pub use step::{Step, StepKind};

use crate::kernel::format_number;
use crate::kernel::words::words;
use chrono::NaiveDate;

words! {
    /// Where a synergy is in its life.
    State "synergy_state" {
        Proposed "proposed" "à étudier",
        UnderReview "under_review" "en étude",
        Prevalidated "prevalidated" "pré-validée",
        ContactProposed "contact_proposed" "mise en relation",
        Agreed "agreed" "accord des entreprises",
        Studied "studied" "faisabilité étudiée",
        Implementing "implementing" "mise en œuvre",
        Realised "realised" "en place",
        Durable "durable" "pérenne",
        Rejected "rejected" "écartée",
        Asleep "asleep" "en sommeil",
        Silent "silent" "sans nouvelles",
        Abandoned "abandoned" "abandonnée",
        Interrupted "interrupted" "interrompue",
        Duplicate "duplicate" "doublon",
    }
}

words! {
    /// The three shapes of a synergy.
    Kind "synergy_kind" {
        Substitution "substitution" "Substitution",
        Sharing "sharing" "Partage",
        Mutualisation "mutualisation" "Mutualisation",
    }
}

words! {
    /// Who had the idea.
    Origin "synergy_origin" {
        Engine "engine" "moteur",
        Workshop "workshop" "atelier",
        Advisor "advisor" "conseiller",
        Company "company" "entreprise",
    }
}

words! {
    /// The place of an establishment in a synergy.
    Side "member_side" {
        Outbound "outbound" "donneur",
        Relay "relay" "prestataire",
        Inbound "inbound" "receveur",
        Member "member" "membre",
    }
}

words! {
    /// Where a member of a group stands.
    MemberState "member_state" {
        Prospective "prospective" "pressenti",
        Interested "interested" "intéressé",
        Committed "committed" "engagé",
        Withdrawn "withdrawn" "retiré",
    }
}

words! {
    /// Where the idea of a company stands.
    IdeaState "idea_state" {
        Pending "pending" "à l’étude",
        Followed "followed" "suivie par un conseiller",
        Declined "declined" "non retenue",
    }
}

impl IdeaState {
    pub fn css(self) -> &'static str {
        match self {
            Self::Pending => "hot",
            Self::Followed => "ok",
            Self::Declined => "",
        }
    }
}

words! {
    /// What becomes of a material, the worst first.
    Treatment "treatment" {
        Disposal "disposal" "élimination",
        Energy "energy" "incinération avec énergie",
        Recycling "recycling" "recyclage",
        Reuse "reuse" "réemploi",
        Prevention "prevention" "prévention",
    }
}

words! {
    /// What the yearly quantity of a synergy counts as.
    YieldMeasure "yield_measure" {
        Diverted "diverted_t" "tonnes détournées de l’élimination",
        Energy "energy_mwh" "MWh économisés ou récupérés",
        Water "water_m3" "m³ d’eau économisés ou réutilisés",
        Other "other" "une autre unité",
    }
}

impl YieldMeasure {
    /// None for another unit, which is typed.
    pub fn symbol(self) -> Option<&'static str> {
        match self {
            Self::Diverted => Some("t"),
            Self::Energy => Some("MWh"),
            Self::Water => Some("m³"),
            Self::Other => None,
        }
    }
}

/// The step does not apply now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Cette synergie est «\u{a0}{}\u{a0}»\u{a0}: elle ne peut pas être {}.", .from.label(), .step.participle())]
pub struct NotAllowed {
    pub from: State,
    pub step: StepKind,
}

/// The state allows the step, something else does not yet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotYet {
    #[error("Écrivez d’abord la mise en relation\u{a0}: les entreprises ne se connaissent pas encore.")]
    Introduction,
    /// Points of law still to be checked.
    #[error("La mise en relation attend un contrôle réglementaire\u{a0}: {0}.")]
    Law(String),
    #[error("La mise en œuvre attend l’engagement des membres. {0}")]
    Mass(String),
    #[error("La pérennité se confirme douze mois après le premier échange\u{a0}: à partir du {}.", .0.format("%d/%m/%Y"))]
    Year(NaiveDate),
}

/// The day from which a synergy in place may be called durable.
pub fn anniversary(realised_on: NaiveDate) -> NaiveDate {
    realised_on
        .checked_add_months(chrono::Months::new(12))
        .unwrap_or(NaiveDate::MAX)
}

/// # Errors
/// [`NotYet`] before the year has passed.
pub fn sustainable(realised_on: Option<NaiveDate>, today: NaiveDate) -> Result<(), NotYet> {
    match realised_on.map(anniversary) {
        Some(day) if today < day => Err(NotYet::Year(day)),
        Some(_) | None => Ok(()),
    }
}

impl State {
    /// The whole life cycle.
    ///
    /// # Errors
    /// [`NotAllowed`] when the step does not apply in this state.
    pub fn after(self, step: StepKind) -> Result<Self, NotAllowed> {
        use State as S;
        use StepKind as K;
        Ok(match (self, step) {
            (S::Proposed, K::Take)
            | (S::Rejected | S::Asleep | S::Prevalidated | S::Abandoned | S::Duplicate, K::Resume) => {
                S::UnderReview
            }
            (S::Proposed | S::UnderReview, K::Prevalidate) => S::Prevalidated,
            (S::Prevalidated, K::ProposeContact) | (S::Silent, K::Hear) => S::ContactProposed,
            (S::ContactProposed, K::Agree) => S::Agreed,
            (S::Agreed, K::Withdraw) => S::ContactProposed,
            (S::Agreed, K::Study) => S::Studied,
            (S::Studied, K::Implement) => S::Implementing,
            (S::Implementing, K::Realise) => S::Realised,
            (S::Realised, K::Sustain) => S::Durable,
            (S::Proposed | S::UnderReview, K::Reject) => S::Rejected,
            (
                S::Proposed
                | S::UnderReview
                | S::Prevalidated
                | S::ContactProposed
                | S::Agreed
                | S::Studied
                | S::Implementing
                | S::Silent,
                K::Sleep,
            ) => S::Asleep,
            (S::ContactProposed | S::Agreed | S::Studied | S::Implementing, K::Silence) => S::Silent,
            (S::Rejected | S::Asleep, K::Return) => S::Proposed,
            (S::ContactProposed | S::Agreed | S::Studied | S::Implementing | S::Silent, K::Abandon) => {
                S::Abandoned
            }
            (S::Realised | S::Durable, K::Interrupt) => S::Interrupted,
            (S::Proposed | S::UnderReview | S::Prevalidated | S::Asleep, K::Merge) => S::Duplicate,
            (from, step) => return Err(NotAllowed { from, step }),
        })
    }

    /// Where companies heard of again go on: a study or a work begun before the silence goes on, else what they
    /// said counts anew.
    pub fn heard_again(before: Option<Self>) -> Self {
        match before {
            Some(state @ (Self::Studied | Self::Implementing)) => state,
            Some(_) | None => Self::ContactProposed,
        }
    }

    /// What may be done now, in the order of the buttons.
    pub fn allowed(self) -> impl Iterator<Item = StepKind> {
        StepKind::ALL
            .into_iter()
            .filter(move |step| self.after(*step).is_ok())
    }

    pub fn allows(self, step: StepKind) -> bool {
        self.after(step).is_ok()
    }

    /// Whether something was exchanged, so that results may be told.
    pub fn was_realised(self) -> bool {
        matches!(self, Self::Realised | Self::Durable | Self::Interrupted)
    }

    /// The badge that shows the state.
    pub fn css(self) -> &'static str {
        match self {
            Self::Proposed => "hot",
            Self::UnderReview | Self::ContactProposed | Self::Agreed | Self::Studied | Self::Implementing => {
                "info"
            }
            Self::Prevalidated | Self::Realised | Self::Durable => "ok",
            Self::Asleep | Self::Silent => "warn",
            Self::Rejected | Self::Abandoned | Self::Interrupted | Self::Duplicate => "",
        }
    }
}

/// Fewer proposals than that say nothing of a rule or of a month.
pub const FEW_REVIEWED: i64 = 5;

/// « 38 % » of the reviewed proposals; nothing when too few were reviewed.
pub fn share(accepted: i64, reviewed: i64) -> Option<String> {
    (reviewed >= FEW_REVIEWED).then(|| format!("{}\u{a0}%", format_number(percent(accepted, reviewed), 0)))
}

/// 0 to 100.
pub fn percent(part: i64, whole: i64) -> f64 {
    let number = |count: i64| i32::try_from(count).map_or(f64::from(i32::MAX), f64::from);
    if whole == 0 {
        0.0
    } else {
        100.0 * number(part) / number(whole)
    }
}

#[cfg(test)]
mod tests;
