//! A line of `etablissements`.

use crate::companies::{Establishment, Headcount};
use crate::exchange::cell::{Cell, Column, Role};

/// An establishment with the names that its identifiers stand for.
#[derive(Debug, Clone, PartialEq)]
pub struct SiteLine {
    pub site: Establishment,
    pub commune: Option<String>,
    pub zone: Option<String>,
}

impl SiteLine {
    /// What a file calls it: its reference, or our identifier, which an import understands too.
    pub fn reference(&self) -> String {
        self.site
            .reference
            .clone()
            .unwrap_or_else(|| self.site.id.to_string())
    }
}

const fn imported(title: &'static str, value: fn(&SiteLine) -> Cell) -> Column<SiteLine> {
    Column {
        title,
        value,
        role: Role::Imported,
    }
}

const fn shown(title: &'static str, value: fn(&SiteLine) -> Cell) -> Column<SiteLine> {
    Column {
        title,
        value,
        role: Role::Shown,
    }
}

pub const SITE_COLUMNS: &[Column<SiteLine>] = &[
    imported("reference", |l| Cell::text(l.reference())),
    imported("nom", |l| Cell::text(&*l.site.name)),
    imported("siret", |l| Cell::maybe(l.site.siret.as_deref())),
    imported("naf", |l| Cell::maybe(l.site.naf.as_deref())),
    imported("activite", |l| Cell::maybe(l.site.activity.as_deref())),
    imported("effectif", |l| l.site.headcount.map_or(Cell::Empty, headcount)),
    imported("adresse", |l| Cell::maybe(l.site.address.as_deref())),
    imported("code_postal", |l| Cell::maybe(l.site.postal_code.as_deref())),
    imported("commune", |l| Cell::maybe(l.commune.as_deref())),
    imported("zone", |l| Cell::maybe(l.zone.as_deref())),
    imported("latitude", |l| Cell::number(l.site.latitude)),
    imported("longitude", |l| Cell::number(l.site.longitude)),
    shown("position", |l| {
        Cell::maybe(
            l.site
                .position_source
                .map(crate::companies::PositionSource::label),
        )
    }),
    shown("charte_signee_le", |l| Cell::day(l.site.charter_signed_on)),
];

/// The band in words that hold its numbers, so that the import finds the band again.
fn headcount(band: Headcount) -> Cell {
    Cell::text(if band == Headcount::None {
        "0 salarié"
    } else {
        band.label()
    })
}
