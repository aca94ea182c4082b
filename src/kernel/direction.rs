//! Which way a flow goes, seen from the establishment.
//!
//! Both the nomenclature (which directions a category allows) and the flows themselves need it, so
//! it lives here. Depends only on [`super::text`].

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::text::fold;

/// The word was neither `sortant` nor `entrant`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("Le sens doit être «\u{a0}sortant\u{a0}» ou «\u{a0}entrant\u{a0}».")]
pub struct NotADirection;

/// An offer (what leaves) or a need (what comes in).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "flow_direction", rename_all = "snake_case")]
pub enum Direction {
    Outbound,
    Inbound,
}

impl Direction {
    pub const ALL: [Self; 2] = [Self::Outbound, Self::Inbound];

    /// Reads the word used in files and forms; the usual variants are understood.
    ///
    /// # Errors
    /// When the word says neither direction.
    pub fn parse(text: &str) -> Result<Self, NotADirection> {
        match fold(text).as_str() {
            "sortant" | "sortants" | "sortante" | "sortie" | "s" | "offre" => Ok(Self::Outbound),
            "entrant" | "entrants" | "entrante" | "entree" | "e" | "besoin" => Ok(Self::Inbound),
            _ => Err(NotADirection),
        }
    }

    /// The word of the file format.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Outbound => "sortant",
            Self::Inbound => "entrant",
        }
    }

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Outbound => "Sortant",
            Self::Inbound => "Entrant",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Direction, NotADirection};

    #[test]
    fn reads_the_words_of_files() {
        for direction in Direction::ALL {
            assert_eq!(Direction::parse(direction.word()), Ok(direction));
            assert_eq!(Direction::parse(direction.label()), Ok(direction));
        }
        assert_eq!(Direction::parse(" ENTRÉE "), Ok(Direction::Inbound));
        assert_eq!(Direction::parse("transit"), Err(NotADirection));
        assert_eq!(Direction::parse(""), Err(NotADirection));
    }
}
