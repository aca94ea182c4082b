//! The name of a category (`MAT-01`) and of its family.
//!
//! A [`FlowCode`] can only be obtained from the embedded catalogue, so that holding one proves the
//! category exists.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

use super::catalogue::Catalogue;

/// The text is not the code of a category.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("Le code «\u{a0}{0}\u{a0}» n’existe pas dans la nomenclature.")]
pub struct UnknownFlowCode(pub String);

/// The code of a category of the embedded catalogue.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlowCode(&'static str);

impl FlowCode {
    /// The code of that exact name (case and surrounding spaces are ignored).
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        let catalogue = Catalogue::embedded();
        catalogue
            .code(text)
            .or_else(|| catalogue.code(&text.trim().to_ascii_uppercase()))
    }

    /// Only the loading of a catalogue may name a code.
    pub(super) fn interned(text: &'static str) -> Self {
        Self(text)
    }

    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.0
    }

    #[must_use]
    pub fn family(self) -> Family {
        Family::of(self.0).expect("codes are checked when the catalogue is loaded")
    }
}

impl fmt::Display for FlowCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for FlowCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::str::FromStr for FlowCode {
    type Err = UnknownFlowCode;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::find(text).ok_or_else(|| UnknownFlowCode(text.to_owned()))
    }
}

impl Serialize for FlowCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for FlowCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// The nine families of flows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Family {
    Mat,
    Ene,
    Eau,
    Eqp,
    Esp,
    Log,
    Srv,
    Rhc,
    Mob,
}

impl Family {
    pub const ALL: [Self; 9] = [
        Self::Mat,
        Self::Ene,
        Self::Eau,
        Self::Eqp,
        Self::Esp,
        Self::Log,
        Self::Srv,
        Self::Rhc,
        Self::Mob,
    ];

    /// The family of that three-letter code, in upper case.
    #[must_use]
    pub fn find(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|family| family.code() == code)
    }

    /// The family named by the start of a category's code.
    pub(super) fn of(code: &str) -> Option<Self> {
        code.split_once('-').and_then(|(family, _)| Self::find(family))
    }

    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Mat => "MAT",
            Self::Ene => "ENE",
            Self::Eau => "EAU",
            Self::Eqp => "EQP",
            Self::Esp => "ESP",
            Self::Log => "LOG",
            Self::Srv => "SRV",
            Self::Rhc => "RHC",
            Self::Mob => "MOB",
        }
    }

    /// The class name that carries the family's colour.
    #[must_use]
    pub fn css(self) -> &'static str {
        match self {
            Self::Mat => "mat",
            Self::Ene => "ene",
            Self::Eau => "eau",
            Self::Eqp => "eqp",
            Self::Esp => "esp",
            Self::Log => "log",
            Self::Srv => "srv",
            Self::Rhc => "rhc",
            Self::Mob => "mob",
        }
    }

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Mat => "Matières et produits",
            Self::Ene => "Énergie",
            Self::Eau => "Eau",
            Self::Eqp => "Équipements",
            Self::Esp => "Espaces",
            Self::Log => "Logistique et transport",
            Self::Srv => "Services et achats",
            Self::Rhc => "Ressources humaines et compétences",
            Self::Mob => "Mobilité",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Family, FlowCode};

    #[test]
    fn codes_come_from_the_catalogue() {
        let code = FlowCode::find("MAT-01").expect("in the catalogue");
        assert_eq!(code.as_str(), "MAT-01");
        assert_eq!(code.family(), Family::Mat);
        assert_eq!(FlowCode::find(" mat-01 "), Some(code));
        assert_eq!(FlowCode::find("MAT-99"), None);
        assert_eq!(FlowCode::find(""), None);
    }

    #[test]
    fn serde_goes_through_the_catalogue() {
        let code: FlowCode = serde_json::from_str("\"MAT-01\"").expect("known");
        assert_eq!(serde_json::to_string(&code).expect("json"), "\"MAT-01\"");
        let refusal = serde_json::from_str::<FlowCode>("\"XYZ-01\"").expect_err("unknown");
        assert!(refusal.to_string().contains("n’existe pas"));
    }

    #[test]
    fn families_are_found_by_code() {
        for family in Family::ALL {
            assert_eq!(Family::find(family.code()), Some(family));
            assert_eq!(family.css(), family.code().to_lowercase());
        }
        assert_eq!(Family::find("mat"), None);
    }
}
