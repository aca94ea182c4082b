//! The other company, without a name.

use crate::kernel::{Unit, format_number};
use crate::nomenclature::naf;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnonymousParty {
    pub sector: String,
    pub distance: String,
    pub quantity: Option<String>,
}

pub fn anonymous(
    naf: Option<&str>,
    distance_km: Option<f64>,
    quantity: Option<f64>,
    unit: Option<Unit>,
) -> AnonymousParty {
    AnonymousParty {
        sector: naf
            .and_then(naf::division_label)
            .unwrap_or("activité non précisée")
            .to_owned(),
        distance: distance_km.map_or_else(
            || "à une distance inconnue".to_owned(),
            |km| format!("à {}\u{a0}km environ", format_number(km.max(1.0), 0)),
        ),
        quantity: quantity
            .zip(unit)
            .map(|(q, u)| format!("environ {}\u{a0}{}", format_number(q, 0), u.symbol())),
    }
}
