//! What may happen to a synergy, with what each step must carry.

use super::feasibility::Grid;
use crate::kernel::ids::SynergyId;
use crate::synergies::motives::Motive;
use chrono::NaiveDate;

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
    Silence,
    Hear,
}

impl StepKind {
    pub const ALL: [Self; 18] = [
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
        Self::Silence,
        Self::Hear,
    ];

    /// « elle ne peut pas être … ».
    pub(super) fn participle(self) -> &'static str {
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
            Self::Merge => "rattachée à une autre",
            Self::Silence => "laissée sans nouvelles",
            Self::Hear => "relancée",
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
    /// The study is over, every axis judged and none blocking.
    Study(Grid),
    Implement,
    Realise {
        on: NaiveDate,
    },
    /// A year later it still runs: who says so, and how.
    Sustain {
        proof: Option<String>,
    },
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
        motive: &'static Motive,
        comment: Option<String>,
    },
    /// The same idea as another one, which is kept.
    Merge {
        into: SynergyId,
        code: String,
    },
    /// The companies have not answered for so many days.
    Silence {
        days: i64,
    },
    /// They answer again.
    Hear,
}

impl Step {
    pub fn kind(&self) -> StepKind {
        match self {
            Self::Take => StepKind::Take,
            Self::Prevalidate(_) => StepKind::Prevalidate,
            Self::ProposeContact => StepKind::ProposeContact,
            Self::Agree => StepKind::Agree,
            Self::Withdraw => StepKind::Withdraw,
            Self::Study(_) => StepKind::Study,
            Self::Implement => StepKind::Implement,
            Self::Realise { .. } => StepKind::Realise,
            Self::Sustain { .. } => StepKind::Sustain,
            Self::Reject { .. } => StepKind::Reject,
            Self::Sleep { .. } => StepKind::Sleep,
            Self::Resume => StepKind::Resume,
            Self::Return { .. } => StepKind::Return,
            Self::Abandon { .. } => StepKind::Abandon,
            Self::Interrupt { .. } => StepKind::Interrupt,
            Self::Merge { .. } => StepKind::Merge,
            Self::Silence { .. } => StepKind::Silence,
            Self::Hear => StepKind::Hear,
        }
    }

    /// What the timeline says of it.
    pub fn event(&self) -> String {
        match self {
            Self::Reject { motive, .. } => format!("écartée\u{a0}: {}", motive.label),
            Self::Abandon { motive, .. } => format!("abandonnée\u{a0}: {}", motive.label),
            Self::Sleep { until, .. } => format!("mise en sommeil jusqu’au {}", until.format("%d/%m/%Y")),
            Self::Realise { on } => format!("en place depuis le {}", on.format("%d/%m/%Y")),
            Self::Interrupt { motive, .. } => format!("échanges interrompus\u{a0}: {}", motive.label),
            Self::Merge { code, .. } => format!("doublon de {code}"),
            Self::Silence { days: 0 | 1 } => "sans nouvelles des entreprises".to_owned(),
            Self::Silence { days } => format!("sans nouvelles des entreprises depuis {days} jours"),
            Self::Take
            | Self::Prevalidate(_)
            | Self::ProposeContact
            | Self::Agree
            | Self::Withdraw
            | Self::Study(_)
            | Self::Implement
            | Self::Sustain { .. }
            | Self::Resume
            | Self::Return { .. }
            | Self::Hear => self.kind().participle().to_owned(),
        }
    }

    pub fn comment(&self) -> Option<String> {
        match self {
            Self::Reject { comment, .. }
            | Self::Abandon { comment, .. }
            | Self::Sleep { comment, .. }
            | Self::Interrupt { comment, .. }
            | Self::Sustain { proof: comment } => comment.clone(),
            Self::Return { changed } => Some(changed.join(" ")),
            Self::Take
            | Self::Prevalidate(_)
            | Self::ProposeContact
            | Self::Agree
            | Self::Withdraw
            | Self::Study(_)
            | Self::Implement
            | Self::Realise { .. }
            | Self::Resume
            | Self::Merge { .. }
            | Self::Silence { .. }
            | Self::Hear => None,
        }
    }
}
