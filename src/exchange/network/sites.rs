//! A row of `etablissements`.

use super::{Cells, Column, Fault, Locate};
use crate::kernel::{NotANumber, Position, Siret, fold, parse_decimal};

const fn column(name: &'static str, also: &'static [&'static str]) -> Column {
    Column {
        name,
        also,
        required: false,
    }
}

pub(super) const COLUMNS: [Column; 12] = [
    Column {
        name: "reference",
        also: &["ref", "identifiant", "id"],
        required: true,
    },
    Column {
        name: "nom",
        also: &["raison sociale", "établissement", "entreprise"],
        required: true,
    },
    column("siret", &["numéro siret"]),
    column("naf", &["code naf", "ape", "code ape"]),
    column("activite", &["activité principale"]),
    column("effectif", &["effectifs", "salariés"]),
    column("adresse", &["voie"]),
    column("code_postal", &["cp"]),
    column("commune", &["ville"]),
    column("zone", &["zone d'activités", "zone activite"]),
    column("latitude", &["lat"]),
    column("longitude", &["lon", "lng"]),
];

/// An establishment of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct SiteRow {
    pub reference: String,
    pub name: String,
    pub siret: Option<Siret>,
    /// As written: the official list is not required to know it.
    pub naf: Option<String>,
    pub headcount: Option<f64>,
    pub address: Option<String>,
    pub postal_code: Option<String>,
    pub commune: Option<String>,
    pub zone: Option<String>,
    pub position: Option<Position>,
    /// The position is that of the commune.
    pub approximate: bool,
}

impl SiteRow {
    pub(super) fn read(cells: &Cells<'_>, locate: &Locate<'_>) -> Result<Self, Fault> {
        let text = |name| cells.get(name).map(str::to_owned);
        let (postal_code, commune) = (text("code_postal"), text("commune"));
        let given = position(cells)?;
        let found = given.or_else(|| locate(commune.as_deref().unwrap_or_default(), postal_code.as_deref()));
        Ok(Self {
            reference: cells.required("reference")?.to_owned(),
            name: cells.required("nom")?.to_owned(),
            siret: cells.parse("siret", str::parse::<Siret>)?,
            naf: text("naf"),
            headcount: cells.parse("effectif", headcount)?,
            address: text("adresse"),
            zone: text("zone"),
            approximate: given.is_none() && found.is_some(),
            position: found,
            postal_code,
            commune,
        })
    }
}

/// A number, or the middle of a band as the official register writes it (« 10 à 19 salariés »).
fn headcount(text: &str) -> Result<f64, NotANumber> {
    parse_decimal(text).or_else(|refusal| {
        let folded = fold(text);
        let numbers: Vec<f64> = folded.split(' ').filter_map(|word| word.parse().ok()).collect();
        match numbers.as_slice() {
            [one] => Ok(*one),
            [low, high] if low <= high => Ok((low + high) / 2.0),
            _ => Err(refusal),
        }
    })
}

fn position(cells: &Cells<'_>) -> Result<Option<Position>, Fault> {
    let latitude = cells.parse("latitude", degrees)?;
    let longitude = cells.parse("longitude", degrees)?;
    match (latitude, longitude) {
        (Some(lat), Some(lon)) => Position::new(lat, lon)
            .map(Some)
            .map_err(|e| Fault::of("latitude", e)),
        (None, None) => Ok(None),
        (Some(_), None) => Err(Fault::of(
            "longitude",
            "La longitude manque\u{a0}: donnez les deux, ou aucune.",
        )),
        (None, Some(_)) => Err(Fault::of(
            "latitude",
            "La latitude manque\u{a0}: donnez les deux, ou aucune.",
        )),
    }
}

/// A decimal that may be negative, with a comma or a point.
fn degrees(text: &str) -> Result<f64, &'static str> {
    let text = text.trim().replace(',', ".").replace('−', "-");
    text.parse::<f64>()
        .ok()
        .filter(|value| value.is_finite())
        .ok_or("Ce n’est pas un nombre de degrés, par exemple 47,793.")
}
