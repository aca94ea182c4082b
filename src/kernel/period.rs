//! How often a quantity comes back, and how many times a year that makes.
//!
//! Depends only on [`super::text`].

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::text::fold;

/// The word is none of the known periods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "La période doit être «\u{a0}jour\u{a0}», «\u{a0}semaine\u{a0}», «\u{a0}mois\u{a0}», «\u{a0}trimestre\u{a0}», «\u{a0}semestre\u{a0}», «\u{a0}an\u{a0}» ou «\u{a0}ponctuel\u{a0}»."
)]
pub struct NotAPeriod;

/// The period a quantity is stated for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "flow_period", rename_all = "snake_case")]
pub enum Period {
    Day,
    Week,
    Month,
    Quarter,
    HalfYear,
    Year,
    Once,
}

impl Period {
    pub const ALL: [Self; 7] = [
        Self::Day,
        Self::Week,
        Self::Month,
        Self::Quarter,
        Self::HalfYear,
        Self::Year,
        Self::Once,
    ];

    /// Reads the word used in files and forms; the usual variants are understood.
    ///
    /// # Errors
    /// When the word is no known period.
    pub fn parse(text: &str) -> Result<Self, NotAPeriod> {
        let folded = fold(text);
        let word = folded.strip_prefix("par ").unwrap_or(&folded);
        match word {
            "jour" | "jours" | "j" | "jr" | "quotidien" | "journalier" => Ok(Self::Day),
            "semaine" | "semaines" | "sem" | "hebdo" | "hebdomadaire" => Ok(Self::Week),
            "mois" | "mensuel" => Ok(Self::Month),
            "trimestre" | "trimestres" | "trim" | "trimestriel" => Ok(Self::Quarter),
            "semestre" | "semestres" | "semestriel" => Ok(Self::HalfYear),
            "an" | "ans" | "annee" | "annees" | "annuel" => Ok(Self::Year),
            "ponctuel" | "ponctuelle" | "unique" | "une fois" => Ok(Self::Once),
            _ => Err(NotAPeriod),
        }
    }

    /// The word of the file format.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Day => "jour",
            Self::Week => "semaine",
            Self::Month => "mois",
            Self::Quarter => "trimestre",
            Self::HalfYear => "semestre",
            Self::Year => "an",
            Self::Once => "ponctuel",
        }
    }

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Day => "par jour",
            Self::Week => "par semaine",
            Self::Month => "par mois",
            Self::Quarter => "par trimestre",
            Self::HalfYear => "par semestre",
            Self::Year => "par an",
            Self::Once => "ponctuel",
        }
    }

    /// Times a year: days are working days; a one-off counts in the year it happens.
    #[must_use]
    pub fn per_year(self) -> f64 {
        match self {
            Self::Day => 250.0,
            Self::Week => 52.0,
            Self::Month => 12.0,
            Self::Quarter => 4.0,
            Self::HalfYear => 2.0,
            Self::Year | Self::Once => 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{NotAPeriod, Period};

    #[test]
    fn reads_the_words_of_files_and_its_own_labels() {
        for period in Period::ALL {
            assert_eq!(Period::parse(period.word()), Ok(period));
            assert_eq!(Period::parse(period.label()), Ok(period));
        }
        assert_eq!(Period::parse("Année"), Ok(Period::Year));
        assert_eq!(Period::parse("hebdomadaire"), Ok(Period::Week));
        assert_eq!(Period::parse("siècle"), Err(NotAPeriod));
    }
}
