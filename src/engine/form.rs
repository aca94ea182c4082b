//! How matter presents itself: what a flow looks like on the loading bay.

use serde::{Deserialize, Serialize};

use crate::kernel::fold;

/// How the matter presents itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    Bulk,
    Baled,
    Chips,
    Pieces,
    Powder,
    Paste,
    Liquid,
    Gas,
}

/// State of matter, which no handling changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Solid,
    Paste,
    Liquid,
    Gas,
}

impl Form {
    pub const ALL: [Self; 8] = [
        Self::Bulk,
        Self::Baled,
        Self::Chips,
        Self::Pieces,
        Self::Powder,
        Self::Paste,
        Self::Liquid,
        Self::Gas,
    ];

    /// The word of the file format and of the database.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Bulk => "vrac",
            Self::Baled => "balle",
            Self::Chips => "copeaux",
            Self::Pieces => "pieces",
            Self::Powder => "poudre",
            Self::Paste => "pateux",
            Self::Liquid => "liquide",
            Self::Gas => "gaz",
        }
    }

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Bulk => "Vrac",
            Self::Baled => "Balles",
            Self::Chips => "Copeaux, broyat",
            Self::Pieces => "Pièces, barres, plaques",
            Self::Powder => "Poudre, granulés",
            Self::Paste => "Pâteux, boue",
            Self::Liquid => "Liquide",
            Self::Gas => "Gaz, vapeur",
        }
    }

    /// Reads a word of the file format, whatever its case, accents and plural.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let word = fold(text);
        let word = word.trim_end_matches('s');
        Self::ALL
            .into_iter()
            .find(|form| form.word().trim_end_matches('s') == word)
            .or(match word {
                "barre" | "plaque" | "unite" => Some(Self::Pieces),
                "broyat" | "copeau" => Some(Self::Chips),
                "boue" | "pate" => Some(Self::Paste),
                "granule" | "poussiere" => Some(Self::Powder),
                "vapeur" => Some(Self::Gas),
                "solide" => Some(Self::Bulk),
                _ => None,
            })
    }

    pub(super) fn state(self) -> State {
        match self {
            Self::Bulk | Self::Baled | Self::Chips | Self::Pieces | Self::Powder => State::Solid,
            Self::Paste => State::Paste,
            Self::Liquid => State::Liquid,
            Self::Gas => State::Gas,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Form;

    #[test]
    fn forms_are_read_as_people_write_them() {
        for form in Form::ALL {
            assert_eq!(Form::parse(form.word()), Some(form));
        }
        assert_eq!(Form::parse("Balles"), Some(Form::Baled));
        assert_eq!(Form::parse("Pâteux"), Some(Form::Paste));
        assert_eq!(Form::parse("éthéré"), None);
    }
}
