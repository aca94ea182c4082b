//! Words of the territory. No SQL, no clock.

use crate::kernel::Position;
use crate::kernel::ids::ZoneId;

/// A commune of the reference list.
#[derive(Debug, Clone, PartialEq)]
pub struct Commune {
    pub insee: String,
    pub name: String,
    pub department: String,
    pub postal_codes: Vec<String>,
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
}

impl Commune {
    pub fn position(&self) -> Option<Position> {
        Position::new(self.latitude?, self.longitude?).ok()
    }
    /// « Vendôme (41100) ».
    pub fn title(&self) -> String {
        match self.postal_codes.first() {
            Some(code) => format!("{} ({code})", self.name),
            None => self.name.clone(),
        }
    }
}

/// An activity zone.
#[derive(Debug, Clone, PartialEq)]
pub struct Zone {
    pub id: ZoneId,
    pub name: String,
    pub latitude: f64,
    pub longitude: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type, serde::Serialize)]
#[sqlx(type_name = "organisation_kind", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum OrganisationKind {
    Cci,
    Cma,
    LocalAuthority,
    Club,
    Funder,
    Company,
    Other,
}

impl OrganisationKind {
    pub const ALL: [Self; 7] = [
        Self::Cci,
        Self::Cma,
        Self::LocalAuthority,
        Self::Club,
        Self::Funder,
        Self::Company,
        Self::Other,
    ];

    pub fn label(self) -> &'static str {
        match self {
            Self::Cci => "Chambre de commerce et d’industrie",
            Self::Cma => "Chambre de métiers et de l’artisanat",
            Self::LocalAuthority => "Collectivité",
            Self::Club => "Club d’entreprises",
            Self::Funder => "Financeur",
            Self::Company => "Entreprise",
            Self::Other => "Autre",
        }
    }
    pub fn code(self) -> &'static str {
        match self {
            Self::Cci => "cci",
            Self::Cma => "cma",
            Self::LocalAuthority => "local_authority",
            Self::Club => "club",
            Self::Funder => "funder",
            Self::Company => "company",
            Self::Other => "other",
        }
    }
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}
