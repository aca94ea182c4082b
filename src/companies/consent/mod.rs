//! The other company of a synergy, as a company may see it: without a name until both agreed.
//!
//! [`reveal`] is the only function that makes a [`Party::Named`] for a company's eyes: a
//! [`CompanyCard`] cannot be built elsewhere. Without both consents only an [`Anonymous`] comes out,
//! made of words: its sector (widened when too few companies share it), a banded distance, a banded
//! quantity. No figure, name, number or place of the other company is in it, so no template can leak
//! one.

mod sectors;
pub mod store;

use crate::kernel::{Unit, format_number};

/// Fewer companies than this in a sector would point at one of them.
const ENOUGH_PEERS: i64 = 3;

/// One company's word about one synergy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    Given,
    Withheld,
}

/// The word of each side. Nothing is shown of one that the other has not also allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consents {
    pub viewer: Consent,
    pub other: Consent,
}

impl Consents {
    /// Nobody was asked yet.
    pub const NONE: Self = Self {
        viewer: Consent::Withheld,
        other: Consent::Withheld,
    };

    fn are_mutual(self) -> bool {
        matches!((self.viewer, self.other), (Consent::Given, Consent::Given))
    }
}

/// The other establishment, whole: what [`reveal`] is given and does not give back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Other {
    pub name: String,
    pub siret: Option<String>,
    pub commune: Option<String>,
    pub naf: Option<String>,
    /// Establishments of the territory in the same division, itself included.
    pub in_division: i64,
    /// And in the same section.
    pub in_section: i64,
}

/// What concerns both sides: how far, how much a year.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Link {
    pub distance_km: Option<f64>,
    pub amount: Option<Amount>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Amount {
    pub per_year: f64,
    pub unit: Unit,
}

/// The other company as its counterpart may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Party {
    Named(CompanyCard),
    Anonymous(Anonymous),
}

/// A company's name and number, for whom both sides allowed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanyCard {
    name: String,
    siret: Option<String>,
    commune: Option<String>,
}

impl CompanyCard {
    pub fn name(&self) -> &str {
        &self.name
    }
    pub fn siret(&self) -> Option<&str> {
        self.siret.as_deref()
    }
    pub fn commune(&self) -> Option<&str> {
        self.commune.as_deref()
    }
}

/// Words only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anonymous {
    /// « Une entreprise de l’industrie du papier et du carton ».
    pub sector: String,
    /// « à 6 km environ »; none when unknown.
    pub distance: Option<String>,
    /// « environ 25 t par an »; none when not estimated.
    pub quantity: Option<String>,
}

/// The other company: named only when both sides agreed.
pub fn reveal(other: &Other, link: &Link, consents: Consents) -> Party {
    if consents.are_mutual() {
        return Party::Named(CompanyCard {
            name: other.name.clone(),
            siret: other.siret.clone(),
            commune: other.commune.clone(),
        });
    }
    Party::Anonymous(Anonymous {
        sector: format!("Une entreprise {}", sector(other)),
        distance: link.distance_km.filter(|km| km.is_finite()).map(distance_words),
        quantity: link.amount.and_then(quantity_words),
    })
}

fn sector(other: &Other) -> &'static str {
    let naf = other.naf.as_deref().unwrap_or_default();
    let division = sectors::division(naf).filter(|_| other.in_division >= ENOUGH_PEERS);
    let section = || sectors::section(naf).filter(|_| other.in_section >= ENOUGH_PEERS);
    division.or_else(section).unwrap_or("du territoire")
}

/// By kilometres under ten, by fives beyond.
pub fn distance_words(km: f64) -> String {
    if km < 1.0 {
        return "à moins d’un kilomètre".to_owned();
    }
    let rounded = if km < 10.0 {
        km.round()
    } else {
        (km / 5.0).round() * 5.0
    };
    format!("à {}\u{a0}km environ", format_number(rounded, 0))
}

/// Two figures, the second a zero or a five, rounded downward: 27,4 t and 29 t are both « environ 25 t ».
pub fn quantity_words(amount: Amount) -> Option<String> {
    let value = amount.per_year;
    if !value.is_finite() || value <= 0.0 {
        return None;
    }
    let power = 10_f64.powf(value.log10().floor());
    // A hair more, so that a figure already round stays in its own band.
    let band = (value / power * 2.0 + 1e-9).floor() / 2.0 * power;
    Some(format!(
        "environ {}\u{a0}{} par an",
        format_number(band, 3),
        amount.unit.symbol()
    ))
}

#[cfg(test)]
mod tests;
