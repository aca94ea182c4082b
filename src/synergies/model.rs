//! The life of a synergy: its states, the steps between them, and the words for both.
//!
//! [`State::after`] is the whole drawing of the life cycle; screens draw their buttons from
//! [`State::allowed`] and acts go through `after`, so that they cannot differ. No SQL, no clock.

use super::motives::Motive;
use crate::kernel::format_number;
use crate::kernel::ids::SynergyId;
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
    /// What feasibility looks at.
    Axis "feasibility_axis" {
        Technical "technical" "Technique",
        Economic "economic" "Économique",
        Regulatory "regulatory" "Réglementaire",
        Organisational "organisational" "Organisation",
    }
}

words! {
    /// How feasible an axis is.
    Grade "feasibility_grade" {
        Green "green" "acquise",
        Orange "orange" "à vérifier",
        Red "red" "bloquante",
    }
}

/// What may happen to a synergy, without its data: what buttons are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StepKind {
    Take,
    Prevalidate,
    ProposeContact,
    Agree,
    Withdraw,
    Study,
    Implement,
    Realise,
    Sustain,
    Reject,
    Sleep,
    Resume,
    Return,
    Abandon,
    Interrupt,
    Merge,
}

impl StepKind {
    pub const ALL: [Self; 16] = [
        Self::Take,
        Self::Prevalidate,
        Self::ProposeContact,
        Self::Agree,
        Self::Withdraw,
        Self::Study,
        Self::Implement,
        Self::Realise,
        Self::Sustain,
        Self::Reject,
        Self::Sleep,
        Self::Resume,
        Self::Return,
        Self::Abandon,
        Self::Interrupt,
        Self::Merge,
    ];

    /// « elle ne peut pas être … ».
    fn participle(self) -> &'static str {
        match self {
            Self::Take => "prise en charge",
            Self::Prevalidate => "pré-validée",
            Self::ProposeContact => "proposée aux entreprises",
            Self::Agree => "acceptée par les entreprises",
            Self::Withdraw => "proposée de nouveau aux entreprises",
            Self::Study => "étudiée",
            Self::Implement => "mise en œuvre",
            Self::Realise => "déclarée en place",
            Self::Sustain => "déclarée pérenne",
            Self::Reject => "écartée",
            Self::Sleep => "mise en sommeil",
            Self::Resume => "reprise",
            Self::Return => "proposée à nouveau",
            Self::Abandon => "abandonnée",
            Self::Interrupt => "interrompue",
            Self::Merge => "fusionnée",
        }
    }
}

/// One step with what it needs to be taken: a rejection cannot be without its motive.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Someone answers for it from now on.
    Take,
    Prevalidate(Grid),
    ProposeContact,
    /// What the companies said calls for it.
    Agree,
    /// An agreement was taken back before the companies met.
    Withdraw,
    Study,
    Implement,
    Realise {
        on: NaiveDate,
    },
    Sustain,
    Reject {
        motive: &'static Motive,
        comment: Option<String>,
    },
    Sleep {
        until: NaiveDate,
        comment: Option<String>,
    },
    /// Back to study.
    Resume,
    /// Proposed again by the engine: a fact changed, or the date to wake it has come.
    Return {
        changed: Vec<String>,
    },
    Abandon {
        motive: &'static Motive,
        comment: Option<String>,
    },
    Interrupt {
        comment: Option<String>,
    },
    /// The same idea as another one, which is kept.
    Merge {
        into: SynergyId,
    },
}

impl Step {
    pub fn kind(&self) -> StepKind {
        match self {
            Self::Take => StepKind::Take,
            Self::Prevalidate(_) => StepKind::Prevalidate,
            Self::ProposeContact => StepKind::ProposeContact,
            Self::Agree => StepKind::Agree,
            Self::Withdraw => StepKind::Withdraw,
            Self::Study => StepKind::Study,
            Self::Implement => StepKind::Implement,
            Self::Realise { .. } => StepKind::Realise,
            Self::Sustain => StepKind::Sustain,
            Self::Reject { .. } => StepKind::Reject,
            Self::Sleep { .. } => StepKind::Sleep,
            Self::Resume => StepKind::Resume,
            Self::Return { .. } => StepKind::Return,
            Self::Abandon { .. } => StepKind::Abandon,
            Self::Interrupt { .. } => StepKind::Interrupt,
            Self::Merge { .. } => StepKind::Merge,
        }
    }

    /// What the timeline says of it.
    pub fn event(&self) -> String {
        match self {
            Self::Reject { motive, .. } => format!("écartée\u{a0}: {}", motive.label),
            Self::Abandon { motive, .. } => format!("abandonnée\u{a0}: {}", motive.label),
            Self::Sleep { until, .. } => format!("mise en sommeil jusqu’au {}", until.format("%d/%m/%Y")),
            Self::Realise { on } => format!("en place depuis le {}", on.format("%d/%m/%Y")),
            Self::Merge { .. } => "doublon d’une autre synergie".to_owned(),
            Self::Take
            | Self::Prevalidate(_)
            | Self::ProposeContact
            | Self::Agree
            | Self::Withdraw
            | Self::Study
            | Self::Implement
            | Self::Sustain
            | Self::Resume
            | Self::Return { .. }
            | Self::Interrupt { .. } => self.kind().participle().to_owned(),
        }
    }

    pub fn comment(&self) -> Option<String> {
        match self {
            Self::Reject { comment, .. }
            | Self::Abandon { comment, .. }
            | Self::Sleep { comment, .. }
            | Self::Interrupt { comment } => comment.clone(),
            Self::Return { changed } => Some(changed.join(" ")),
            Self::Take
            | Self::Prevalidate(_)
            | Self::ProposeContact
            | Self::Agree
            | Self::Withdraw
            | Self::Study
            | Self::Implement
            | Self::Realise { .. }
            | Self::Sustain
            | Self::Resume
            | Self::Merge { .. } => None,
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

impl State {
    /// The whole life cycle.
    ///
    /// # Errors
    /// [`NotAllowed`] when the step does not apply in this state.
    pub fn after(self, step: StepKind) -> Result<Self, NotAllowed> {
        use State as S;
        use StepKind as K;
        Ok(match (self, step) {
            (S::Proposed, K::Take) | (S::Rejected | S::Asleep | S::Prevalidated, K::Resume) => S::UnderReview,
            (S::Proposed | S::UnderReview, K::Prevalidate) => S::Prevalidated,
            (S::Prevalidated, K::ProposeContact) => S::ContactProposed,
            (S::ContactProposed, K::Agree) => S::Agreed,
            (S::Agreed, K::Withdraw) => S::ContactProposed,
            (S::Agreed, K::Study) => S::Studied,
            (S::Studied, K::Implement) => S::Implementing,
            (S::Implementing, K::Realise) => S::Realised,
            (S::Realised, K::Sustain) => S::Durable,
            (S::Proposed | S::UnderReview, K::Reject) => S::Rejected,
            (S::Proposed | S::UnderReview | S::Prevalidated | S::ContactProposed, K::Sleep) => S::Asleep,
            (S::Rejected | S::Asleep, K::Return) => S::Proposed,
            (S::ContactProposed | S::Agreed | S::Studied | S::Implementing, K::Abandon) => S::Abandoned,
            (S::Realised | S::Durable, K::Interrupt) => S::Interrupted,
            (S::Proposed | S::UnderReview | S::Prevalidated | S::Asleep, K::Merge) => S::Duplicate,
            (from, step) => return Err(NotAllowed { from, step }),
        })
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
            Self::Asleep => "warn",
            Self::Rejected | Self::Abandoned | Self::Interrupted | Self::Duplicate => "",
        }
    }
}

impl Grade {
    pub fn css(self) -> &'static str {
        match self {
            Self::Green => "ok",
            Self::Orange => "warn",
            Self::Red => "bad",
        }
    }
}

/// The short feasibility grid that goes with a pre-validation: one grade per axis, none blocking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid(Vec<(Axis, Grade, Option<String>)>);

/// An axis without a grade, or that forbids to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotFeasible {
    #[error("Donnez une note à l’axe «\u{a0}{}\u{a0}».", .0.label())]
    Missing(Axis),
    #[error("L’axe «\u{a0}{}\u{a0}» est bloquant\u{a0}: écartez la proposition ou mettez-la en sommeil.", .0.label())]
    Blocking(Axis),
}

impl NotFeasible {
    pub fn axis(self) -> Axis {
        match self {
            Self::Missing(axis) | Self::Blocking(axis) => axis,
        }
    }
}

impl Grid {
    /// # Errors
    /// Every axis that has no grade or blocks.
    pub fn new(grades: Vec<(Axis, Option<Grade>, Option<String>)>) -> Result<Self, Vec<NotFeasible>> {
        let given = |axis: Axis| {
            grades
                .iter()
                .find(|(a, ..)| *a == axis)
                .and_then(|(_, grade, _)| *grade)
        };
        let refused: Vec<_> = Axis::ALL
            .iter()
            .filter_map(|axis| match given(*axis) {
                None => Some(NotFeasible::Missing(*axis)),
                Some(Grade::Red) => Some(NotFeasible::Blocking(*axis)),
                Some(Grade::Green | Grade::Orange) => None,
            })
            .collect();
        if !refused.is_empty() {
            return Err(refused);
        }
        let lines = grades
            .into_iter()
            .filter_map(|(axis, grade, comment)| Some((axis, grade?, comment)));
        Ok(Self(lines.collect()))
    }

    /// Nothing stands in the way; for the demonstration and for imports.
    #[must_use]
    pub fn all_green() -> Self {
        Self(Axis::ALL.iter().map(|axis| (*axis, Grade::Green, None)).collect())
    }

    pub fn lines(&self) -> &[(Axis, Grade, Option<String>)] {
        &self.0
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
