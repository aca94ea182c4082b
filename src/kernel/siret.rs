//! SIREN and SIRET numbers, the identity of French companies and establishments.
//!
//! Checked once at the door so that no other module handles a raw number. The error texts are the
//! sentences shown beside the field. Depends on no other module.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// La Poste numbers its thousands of establishments without the usual check digit.
const LA_POSTE: &str = "356000000";

/// Why a SIRET was refused, as a sentence for the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SiretError {
    #[error("Un SIRET ne contient que des chiffres.")]
    NotDigits,
    #[error("Un SIRET compte 14 chiffres\u{202f}; vous en avez saisi {0}.")]
    Length(usize),
    #[error("Ce SIRET n’existe pas\u{a0}: un des chiffres est faux, vérifiez-les.")]
    CheckDigit,
}

/// Why a SIREN was refused, as a sentence for the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SirenError {
    #[error("Un SIREN ne contient que des chiffres.")]
    NotDigits,
    #[error("Un SIREN compte 9 chiffres\u{202f}; vous en avez saisi {0}.")]
    Length(usize),
    #[error("Ce SIREN n’existe pas\u{a0}: un des chiffres est faux, vérifiez-les.")]
    CheckDigit,
}

/// A company (nine digits), known to pass its check.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Siren([u8; 9]);

/// An establishment (fourteen digits), known to pass its check.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Siret([u8; 14]);

impl Siren {
    /// Reads nine digits, spaces allowed.
    ///
    /// # Errors
    /// When a character is not a digit, the count is wrong, or the check fails.
    pub fn parse(text: &str) -> Result<Self, SirenError> {
        let digits = digits(text).ok_or(SirenError::NotDigits)?;
        let siren = <[u8; 9]>::try_from(digits.as_slice()).map_err(|_| SirenError::Length(digits.len()))?;
        if luhn(&siren) {
            Ok(Self(siren))
        } else {
            Err(SirenError::CheckDigit)
        }
    }

    /// The nine digits without spaces.
    #[must_use]
    pub fn as_str(&self) -> &str {
        ascii(&self.0)
    }
}

impl Siret {
    /// Reads fourteen digits, spaces allowed.
    ///
    /// # Errors
    /// When a character is not a digit, the count is wrong, or the check fails.
    pub fn parse(text: &str) -> Result<Self, SiretError> {
        let digits = digits(text).ok_or(SiretError::NotDigits)?;
        let siret =
            Self(<[u8; 14]>::try_from(digits.as_slice()).map_err(|_| SiretError::Length(digits.len()))?);
        let valid =
            luhn(&siret.0) || (siret.as_str().starts_with(LA_POSTE) && digit_sum(&siret.0).is_multiple_of(5));
        if valid {
            Ok(siret)
        } else {
            Err(SiretError::CheckDigit)
        }
    }

    /// The fourteen digits without spaces.
    #[must_use]
    pub fn as_str(&self) -> &str {
        ascii(&self.0)
    }

    /// The company this establishment belongs to.
    #[must_use]
    pub fn siren(&self) -> Siren {
        let mut siren = [0; 9];
        siren.copy_from_slice(&self.0[..9]);
        Siren(siren)
    }
}

fn digits(text: &str) -> Option<Vec<u8>> {
    text.chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| u8::try_from(c).ok().filter(u8::is_ascii_digit))
        .collect()
}

fn ascii(digits: &[u8]) -> &str {
    std::str::from_utf8(digits).expect("only ASCII digits are stored")
}

fn digit_sum(digits: &[u8]) -> u32 {
    digits.iter().map(|d| u32::from(d - b'0')).sum()
}

fn luhn(digits: &[u8]) -> bool {
    let total: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(rank, digit)| {
            let value = u32::from(digit - b'0') * if rank % 2 == 1 { 2 } else { 1 };
            if value > 9 { value - 9 } else { value }
        })
        .sum();
    total.is_multiple_of(10)
}

impl fmt::Display for Siren {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = self.as_str();
        write!(f, "{}\u{a0}{}\u{a0}{}", &s[..3], &s[3..6], &s[6..])
    }
}

impl fmt::Display for Siret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\u{a0}{}", self.siren(), &self.as_str()[9..])
    }
}

impl fmt::Debug for Siren {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Siren({})", self.as_str())
    }
}

impl fmt::Debug for Siret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Siret({})", self.as_str())
    }
}

impl FromStr for Siren {
    type Err = SirenError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl FromStr for Siret {
    type Err = SiretError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Siren {
    type Error = SirenError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl TryFrom<String> for Siret {
    type Error = SiretError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Siren> for String {
    fn from(siren: Siren) -> Self {
        siren.as_str().to_owned()
    }
}

impl From<Siret> for String {
    fn from(siret: Siret) -> Self {
        siret.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::{Siren, SirenError, Siret, SiretError};
    use proptest::prelude::{prop_assert, proptest};

    #[test]
    fn a_good_number_is_read_with_or_without_spaces() {
        let plain = Siret::parse("73282932000074").expect("valid");
        assert_eq!(Siret::parse(" 732 829 320\u{a0}00074 "), Ok(plain));
        assert_eq!(plain.as_str(), "73282932000074");
        assert_eq!(plain.to_string(), "732\u{a0}829\u{a0}320\u{a0}00074");
        assert_eq!(plain.siren().to_string(), "732\u{a0}829\u{a0}320");
        assert_eq!(Siren::parse("732829320"), Ok(plain.siren()));
    }

    #[test]
    fn refusals_say_what_is_wrong() {
        let cases = [
            ("73282932000075", SiretError::CheckDigit),
            ("7328293200007", SiretError::Length(13)),
            ("", SiretError::Length(0)),
            ("7328293200007A", SiretError::NotDigits),
            ("732829320-00074", SiretError::NotDigits),
        ];
        for (given, expected) in cases {
            assert_eq!(Siret::parse(given), Err(expected), "{given}");
        }
        assert_eq!(Siren::parse("732829321"), Err(SirenError::CheckDigit));
        assert_eq!(
            SiretError::Length(13).to_string(),
            "Un SIRET compte 14 chiffres\u{202f}; vous en avez saisi 13."
        );
    }

    #[test]
    fn la_poste_follows_its_own_check() {
        // Digit sum 20; not a Luhn number.
        assert!(Siret::parse("35600000000105").is_ok());
        assert_eq!(Siret::parse("35600000000106"), Err(SiretError::CheckDigit));
    }

    #[test]
    fn serde_refuses_a_wrong_number() {
        let siret: Siret = serde_json::from_str("\"73282932000074\"").expect("valid");
        assert_eq!(serde_json::to_string(&siret).expect("json"), "\"73282932000074\"");
        assert!(serde_json::from_str::<Siret>("\"73282932000075\"").is_err());
    }

    proptest! {
        #[test]
        fn one_wrong_digit_is_always_caught(rank in 0_usize..14, shift in 1_u8..10) {
            let mut digits = *b"73282932000074";
            digits[rank] = b'0' + (digits[rank] - b'0' + shift) % 10;
            let text: String = digits.iter().map(|d| char::from(*d)).collect();
            prop_assert!(Siret::parse(&text).is_err());
        }
    }
}
