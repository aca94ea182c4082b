//! The piles into which the queue sorts synergies by their state.

use super::model::State;

/// A pile of work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Basket {
    #[default]
    ToStudy,
    UnderWay,
    Prevalidated,
    Introduced,
    Silent,
    InPlace,
    Discarded,
    Asleep,
    /// Everything that somebody follows: no tab of its own, the table of advisors leads to it.
    Open,
}

impl Basket {
    pub(super) const ALL: [Self; 8] = [
        Self::ToStudy,
        Self::UnderWay,
        Self::Prevalidated,
        Self::Introduced,
        Self::Silent,
        Self::InPlace,
        Self::Discarded,
        Self::Asleep,
    ];

    pub(super) fn code(self) -> &'static str {
        match self {
            Self::ToStudy => "a-etudier",
            Self::UnderWay => "en-cours",
            Self::Prevalidated => "pre-validees",
            Self::Introduced => "mises-en-relation",
            Self::Silent => "sans-nouvelles",
            Self::InPlace => "en-place",
            Self::Discarded => "ecartees",
            Self::Asleep => "en-sommeil",
            Self::Open => "suivies",
        }
    }

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::ToStudy => "À étudier",
            Self::UnderWay => "En cours",
            Self::Prevalidated => "Pré-validées",
            Self::Introduced => "Mises en relation",
            Self::Silent => "Sans nouvelles",
            Self::InPlace => "En place",
            Self::Discarded => "Écartées",
            Self::Asleep => "En sommeil",
            Self::Open => "Suivies",
        }
    }

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::ToStudy => "Synergies à étudier",
            Self::UnderWay => "Synergies en cours d’étude",
            Self::Prevalidated => "Synergies pré-validées",
            Self::Introduced => "Entreprises mises en relation",
            Self::Silent => "Synergies sans nouvelles",
            Self::InPlace => "Synergies en place",
            Self::Discarded => "Synergies écartées",
            Self::Asleep => "Synergies en sommeil",
            Self::Open => "Synergies suivies",
        }
    }

    /// What the pile holds, in one sentence.
    pub(super) fn definition(self) -> &'static str {
        match self {
            Self::ToStudy => {
                "Proposées par le moteur, un atelier ou une personne, et que personne n’a encore prises."
            }
            Self::UnderWay => "Prises en charge par un conseiller, qui en étudie l’intérêt.",
            Self::Prevalidated => {
                "Jugées réalistes par un conseiller\u{a0}: les entreprises n’ont pas encore été sollicitées."
            }
            Self::Introduced => "Proposées aux entreprises, puis étudiées et mises en œuvre avec elles.",
            Self::Silent => {
                "Les entreprises ne répondent plus\u{a0}: ni refus ni abandon, une réponse les fera revenir."
            }
            Self::InPlace => "Un premier échange a eu lieu\u{a0}; les résultats sont suivis.",
            Self::Discarded => "Écartées, abandonnées, interrompues ou en double, avec leur motif.",
            Self::Asleep => "Mises de côté jusqu’à une date, où elles reviendront d’elles-mêmes.",
            Self::Open => "Tout ce que quelqu’un suit aujourd’hui.",
        }
    }

    pub(super) fn states(self) -> &'static [State] {
        match self {
            Self::ToStudy => &[State::Proposed],
            Self::UnderWay => &[State::UnderReview],
            Self::Prevalidated => &[State::Prevalidated],
            Self::Introduced => &[
                State::ContactProposed,
                State::Agreed,
                State::Studied,
                State::Implementing,
            ],
            Self::Silent => &[State::Silent],
            Self::InPlace => &[State::Realised, State::Durable],
            Self::Discarded => &[
                State::Rejected,
                State::Abandoned,
                State::Interrupted,
                State::Duplicate,
            ],
            Self::Asleep => &[State::Asleep],
            Self::Open => &[
                State::UnderReview,
                State::Prevalidated,
                State::ContactProposed,
                State::Agreed,
                State::Studied,
                State::Implementing,
                State::Silent,
            ],
        }
    }

    /// Where a synergy of that state is.
    pub(super) fn of(state: State) -> Self {
        Self::ALL
            .into_iter()
            .find(|basket| basket.states().contains(&state))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Basket;
    use crate::synergies::model::State;

    #[test]
    fn every_state_is_in_one_basket() {
        for state in State::ALL {
            let holding = Basket::ALL
                .iter()
                .filter(|basket| basket.states().contains(state))
                .count();
            assert_eq!(holding, 1, "{state:?}");
            assert!(Basket::of(*state).states().contains(state));
        }
    }
}
