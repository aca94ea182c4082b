//! Feasibility: what is looked at, how it is graded, and the grid that lets a synergy go on.

use crate::kernel::words::words;

words! {
    /// What feasibility looks at.
    Axis "feasibility_axis" {
        Technical "technical" "Technique",
        Economic "economic" "Économique",
        Regulatory "regulatory" "Réglementaire",
        Organisational "organisational" "Organisation",
        Geographic "geographic" "Géographique",
        Social "social" "Social",
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

words! {
    /// What was found on a point of law.
    Checked "regulatory_answer" {
        ToCheck "to_check" "à vérifier",
        Checked "checked" "vérifié",
        NotApplicable "not_applicable" "sans objet",
    }
}

words! {
    /// How near to the first exchange.
    Readiness "readiness" {
        Idea "idea" "idée à préciser",
        Data "data" "données réunies",
        Trial "trial" "essai fait",
        Ready "ready" "prête à démarrer",
    }
}

impl Axis {
    /// What to look at.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Technical => "Qualité, quantité, régularité, conditionnement, stockage.",
            Self::Economic => "Gain pour chaque site, transport, investissement, contrat en cours.",
            Self::Regulatory => "Statut du flux, ICPE, assurance, droit du travail.",
            Self::Organisational => "Interlocuteurs, calendrier, qui porte la démarche.",
            Self::Geographic => "Distance, accès, zone de passage, autres sites du parcours.",
            Self::Social => "Confiance, concurrence, personnel, voisinage.",
        }
    }
}

/// Which axes must be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Before companies are asked: what can be judged from the office.
    First,
    /// The whole study, with the companies.
    All,
}

impl Wanted {
    pub fn axes(self) -> &'static [Axis] {
        match self {
            Self::First => &[
                Axis::Technical,
                Axis::Economic,
                Axis::Regulatory,
                Axis::Organisational,
            ],
            Self::All => Axis::ALL,
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

/// A feasibility grid that lets a synergy go on: one grade per axis that must be judged, none blocking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid(Vec<(Axis, Grade, Option<String>)>);

/// An axis without a grade, or that forbids to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotFeasible {
    #[error("Donnez une note à l’axe «\u{a0}{}\u{a0}».", .0.label())]
    Missing(Axis),
    #[error("L’axe «\u{a0}{}\u{a0}» est bloquant\u{a0}: la synergie ne peut pas aller plus loin.", .0.label())]
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
    pub fn new(
        wanted: Wanted,
        grades: Vec<(Axis, Option<Grade>, Option<String>)>,
    ) -> Result<Self, Vec<NotFeasible>> {
        let given = |axis: Axis| {
            grades
                .iter()
                .find(|(a, ..)| *a == axis)
                .and_then(|(_, grade, _)| *grade)
        };
        let refused: Vec<_> = wanted
            .axes()
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
