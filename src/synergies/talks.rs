//! What the companies of a synergy said, and what follows from it. Pure: no SQL, no clock.
//!
//! [`Talks::consents`] is where the words become the two consents that `companies::consent::reveal`
//! asks for: there is no other way from a word to a name. A word may be changed until the companies
//! are introduced; a synergy that goes back to study forgets what was said of its former self.

use super::model::{Kind, NotAllowed, State, Step, StepKind};
use crate::companies::consent::{Consent, Consents};
use crate::kernel::ids::CompanyId;
use crate::kernel::words::words;
use std::collections::BTreeMap;

words! {
    /// What a company says of a synergy.
    Word "consent_word" {
        Agreed "agreed" "d’accord",
        Later "later" "pas maintenant",
        Declined "declined" "pas intéressée",
        Withdrawn "withdrawn" "accord retiré",
    }
}

words! {
    /// How it was said.
    Channel "consent_channel" {
        Portal "portal" "espace entreprise",
        Phone "phone" "téléphone",
        Meeting "meeting" "de vive voix",
        Email "email" "courriel",
        Paper "paper" "écrit signé",
    }
}

impl Word {
    pub fn css(self) -> &'static str {
        match self {
            Self::Agreed => "ok",
            Self::Later => "warn",
            Self::Declined | Self::Withdrawn => "bad",
        }
    }
}

/// Why a company says no, or not now: a motive of the list, in its own words.
pub const REASONS: &[(&str, &str)] = &[
    ("contract", "Nous avons un contrat en cours"),
    ("gain", "Le gain nous paraît trop faible"),
    ("quantity", "Les quantités ne conviennent pas"),
    ("quality", "La qualité ne convient pas"),
    ("transport", "C’est trop loin, ou trop cher à transporter"),
    ("no_time", "Nous n’avons pas le temps en ce moment"),
    ("confidentiality", "Nous ne voulons pas être nommés"),
    ("in_place", "Nous le faisons déjà"),
    ("off_topic", "Cela ne nous concerne pas"),
];

/// The code of a reason of that list.
pub fn reason(code: &str) -> Option<&'static str> {
    REASONS
        .iter()
        .map(|(known, _)| *known)
        .find(|known| *known == code)
}

/// The words on one synergy, each company's last one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Talks {
    kind: Kind,
    state: State,
    is_introduced: bool,
    words: BTreeMap<CompanyId, Option<Word>>,
}

/// The word cannot be taken now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotNow {
    #[error("Cette entreprise ne prend pas part à la synergie.")]
    Stranger,
    #[error("Les entreprises sont déjà mises en relation\u{a0}: la réponse ne change plus.")]
    Introduced,
    #[error("Cette synergie est «\u{a0}{}\u{a0}»\u{a0}: la réponse des entreprises n’est pas attendue.", .0.label())]
    Closed(State),
    #[error("Il n’y a pas d’accord à retirer.")]
    NothingToWithdraw,
}

impl Talks {
    pub fn new(
        kind: Kind,
        state: State,
        is_introduced: bool,
        words: impl IntoIterator<Item = (CompanyId, Option<Word>)>,
    ) -> Self {
        Self {
            kind,
            state,
            is_introduced,
            words: words.into_iter().collect(),
        }
    }

    /// Whether words may be taken now.
    ///
    /// # Errors
    /// [`NotNow`] when nothing was asked yet, or when it is too late.
    pub fn open(&self) -> Result<(), NotNow> {
        if self.is_introduced {
            return Err(NotNow::Introduced);
        }
        match self.state {
            State::Prevalidated | State::ContactProposed | State::Agreed | State::Silent => Ok(()),
            State::Studied | State::Implementing | State::Realised | State::Durable | State::Interrupted => {
                Err(NotNow::Introduced)
            }
            State::Proposed
            | State::UnderReview
            | State::Rejected
            | State::Asleep
            | State::Abandoned
            | State::Duplicate => Err(NotNow::Closed(self.state)),
        }
    }

    /// Takes a company's word.
    ///
    /// # Errors
    /// [`NotNow`] when it may not be said now.
    pub fn hear(&mut self, company: CompanyId, word: Word) -> Result<(), NotNow> {
        self.open()?;
        let said = self.words.get_mut(&company).ok_or(NotNow::Stranger)?;
        if word == Word::Withdrawn && *said != Some(Word::Agreed) {
            return Err(NotNow::NothingToWithdraw);
        }
        *said = Some(word);
        Ok(())
    }

    /// The step that the words call for, if any; taken, it may call for another.
    pub fn called_for(&self) -> Option<Step> {
        match (self.state, self.is_settled()) {
            (State::Prevalidated, true) if !self.is_introduced => Some(Step::ProposeContact),
            (State::ContactProposed, true) => Some(Step::Agree),
            // Those who know each other were not parted by an interruption of the study.
            (State::ContactProposed, false) if self.is_introduced => Some(Step::Agree),
            (State::Agreed, false) if !self.is_introduced => Some(Step::Withdraw),
            _ => None,
        }
    }

    /// Takes a step of the life cycle; going back to study forgets the words.
    ///
    /// # Errors
    /// [`NotAllowed`] when the step does not apply in this state.
    pub fn step(&mut self, step: StepKind) -> Result<(), NotAllowed> {
        self.state = self.state.after(step)?;
        if forgets(step) && !self.is_introduced {
            self.words.values_mut().for_each(|word| *word = None);
        }
        Ok(())
    }

    /// The names were exchanged: from now on nobody takes a word back.
    ///
    /// # Errors
    /// [`NotNow`] when the companies did not all agree.
    pub fn introduce(&mut self) -> Result<(), NotNow> {
        self.open()?;
        if !self.is_settled() {
            return Err(NotNow::Closed(self.state));
        }
        self.is_introduced = true;
        Ok(())
    }

    pub fn is_introduced(&self) -> bool {
        self.is_introduced
    }

    /// Both companies of a pair agreed; of a group, everybody answered and two at least agreed.
    pub fn is_settled(&self) -> bool {
        let agreed = self.agreed().count();
        match self.kind {
            Kind::Substitution | Kind::Sharing => agreed > 0 && agreed == self.words.len(),
            Kind::Mutualisation => agreed >= 2 && self.words.values().all(Option::is_some),
        }
    }

    pub fn agreed(&self) -> impl Iterator<Item = CompanyId> {
        let said = self.words.iter();
        said.filter(|(_, word)| **word == Some(Word::Agreed))
            .map(|(company, _)| *company)
    }

    pub fn word(&self, company: CompanyId) -> Option<Word> {
        self.words.get(&company).copied().flatten()
    }

    /// What two companies allow about each other.
    pub fn consents(&self, viewer: CompanyId, other: CompanyId) -> Consents {
        let consent = |company| match self.word(company) {
            Some(Word::Agreed) => Consent::Given,
            Some(Word::Later | Word::Declined | Word::Withdrawn) | None => Consent::Withheld,
        };
        Consents {
            viewer: consent(viewer),
            other: consent(other),
        }
    }
}

/// Steps after which companies that were not introduced are asked anew.
pub(super) fn forgets(step: StepKind) -> bool {
    matches!(
        step,
        StepKind::Resume | StepKind::Return | StepKind::Reject | StepKind::Merge
    )
}

#[cfg(test)]
mod tests;
