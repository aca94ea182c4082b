//! The form of an establishment: what was typed, and what it means.

use super::commune::Typed as TypedCommune;
use crate::companies::directory::Listed;
use crate::companies::model::{Establishment, Headcount, PositionSource};
use crate::companies::suggest::naf_title;
use crate::kernel::{Position, Siret, parse_day, typed_day};
use crate::nomenclature::naf::{self, Naf};
use crate::platform::web::{Errors, clean, optional};
use crate::territories::{Commune, Zone};
use chrono::NaiveDate;
use serde::Deserialize;

const LONGEST_NAME: usize = 200;

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(in crate::companies) struct Form {
    pub(super) id: String,
    pub(super) version: String,
    pub(super) siret: String,
    pub(super) name: String,
    /// The code chosen in the list; `naf_typed` is what the field shows.
    pub(super) naf: String,
    pub(super) naf_typed: String,
    pub(super) activity: String,
    pub(super) headcount: String,
    pub(super) address: String,
    pub(super) commune: String,
    pub(super) commune_typed: String,
    pub(super) zone: String,
    pub(super) lat: String,
    pub(super) lon: String,
    /// « lat lon » in one field: the conflict screen's choice, stronger than the two others.
    pub(super) position: String,
    pub(super) charter: String,
    pub(super) notes: String,
}

/// What the form may refer to, loaded before it is read.
pub(super) struct References {
    pub(super) today: NaiveDate,
    /// Of the territory: where the map begins.
    pub(super) centre: (f64, f64),
    pub(super) zones: Vec<Zone>,
    /// The communes that what was typed may mean.
    pub(super) communes: Vec<Commune>,
}

/// The form, understood.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) siret: Option<Siret>,
    name: String,
    naf: Option<&'static Naf>,
    activity: Option<String>,
    headcount: Option<Headcount>,
    address: Option<String>,
    commune: Option<Commune>,
    postal_code: Option<String>,
    zone: Option<Zone>,
    position: Option<Position>,
    /// Where a geocoder finds the address.
    located: Option<Position>,
    charter_signed_on: Option<NaiveDate>,
    notes: Option<String>,
}

impl Form {
    /// What the fields show of an establishment.
    pub(super) fn of(e: &Establishment, commune: Option<&Commune>) -> Self {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let (lat, lon) = e.position().map(degrees).unwrap_or_default();
        Self {
            id: e.id.to_string(),
            version: e.version.to_string(),
            siret: e.siret.as_deref().map(siret_shown).unwrap_or_default(),
            name: e.name.clone(),
            naf: text(&e.naf),
            naf_typed: e
                .naf
                .as_deref()
                .and_then(naf::find)
                .map(naf_title)
                .unwrap_or_default(),
            activity: text(&e.activity),
            headcount: e.headcount.map(|band| band.code().to_owned()).unwrap_or_default(),
            address: text(&e.address),
            commune: text(&e.insee),
            commune_typed: commune
                .map(|c| commune_shown(c, e.postal_code.as_deref()))
                .unwrap_or_default(),
            zone: e.zone_id.map(|zone| zone.to_string()).unwrap_or_default(),
            lat,
            lon,
            position: String::new(),
            charter: e.charter_signed_on.map(typed_day).unwrap_or_default(),
            notes: text(&e.notes),
        }
    }

    /// What the fields show of an establishment of the directory.
    pub(super) fn from_directory(
        listed: &Listed,
        commune: Option<&Commune>,
        position: Option<Position>,
    ) -> Self {
        let (lat, lon) = position.map(degrees).unwrap_or_default();
        let naf = listed.naf.as_deref().and_then(sub_class);
        Self {
            siret: siret_shown(&listed.siret),
            name: listed.name.clone().unwrap_or_default(),
            naf: naf.map(|naf| naf.code.clone()).unwrap_or_default(),
            naf_typed: naf.map(naf_title).unwrap_or_default(),
            headcount: listed
                .headcount
                .map(|band| band.code().to_owned())
                .unwrap_or_default(),
            address: listed.address.clone().unwrap_or_default(),
            commune: commune.map(|commune| commune.insee.clone()).unwrap_or_default(),
            commune_typed: commune
                .map(|commune| commune_shown(commune, listed.postal_code.as_deref()))
                .unwrap_or_default(),
            lat,
            lon,
            ..Self::default()
        }
    }

    pub(super) fn typed_commune(&self) -> TypedCommune {
        TypedCommune::read(&self.commune_typed)
    }

    pub(super) fn parse(&self, references: &References) -> Result<Draft, Errors> {
        let mut errors = Errors::default();
        let siret = optional(&self.siret).and_then(|typed| errors.take("siret", Siret::parse(&typed)));
        let name = clean(&self.name);
        if name.is_empty() {
            errors.add(
                "name",
                "Indiquez le nom de l’entreprise, ou celui de l’établissement.",
            );
        } else if name.chars().count() > LONGEST_NAME {
            errors.add("name", "Ce nom dépasse 200 caractères\u{a0}: raccourcissez-le.");
        }
        let naf = self.parse_naf(&mut errors);
        let commune = self.parse_commune(references, &mut errors);
        let postal_code = commune.as_ref().and_then(|c| self.typed_commune().postal_code(c));
        let position = self.parse_position(&mut errors);
        let charter_signed_on = self.parse_charter(references.today, &mut errors);
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Draft {
            siret,
            name,
            naf,
            activity: optional(&clean(&self.activity)),
            headcount: Headcount::parse(&self.headcount),
            address: optional(&clean(&self.address)),
            commune,
            postal_code,
            zone: references
                .zones
                .iter()
                .find(|zone| zone.id.to_string() == self.zone)
                .cloned(),
            position,
            located: None,
            charter_signed_on,
            notes: optional(&self.notes.replace("\r\n", "\n")),
        })
    }

    fn parse_naf(&self, errors: &mut Errors) -> Option<&'static Naf> {
        let typed = optional(&self.naf_typed)?;
        let chosen = sub_class(&self.naf).filter(|naf| naf_title(naf) == typed);
        let first_word = typed.split_whitespace().next().unwrap_or_default();
        if let Some(naf) = chosen
            .or_else(|| sub_class(&typed))
            .or_else(|| sub_class(first_word))
        {
            return Some(naf);
        }
        match naf::search(&typed)[..] {
            [only] => return Some(only),
            [] => errors.add(
                "naf",
                format!("Aucune activité ne correspond à «\u{a0}{typed}\u{a0}»\u{a0}: essayez un autre mot, ou le code NAF."),
            ),
            ref several => {
                let titles: Vec<String> = several.iter().take(6).map(|naf| naf_title(naf)).collect();
                let end = if several.len() > titles.len() { "…" } else { "." };
                errors.add(
                    "naf",
                    format!("Plusieurs activités correspondent\u{a0}: {}{end} Saisissez le code.", titles.join("\u{202f}; ")),
                );
            }
        }
        None
    }

    fn parse_commune(&self, references: &References, errors: &mut Errors) -> Option<Commune> {
        optional(&self.commune_typed)?;
        let is_chosen = |commune: &&Commune| {
            commune.insee == self.commune && fold_eq(&commune_shown(commune, None), &self.commune_typed)
        };
        if let Some(chosen) = references.communes.iter().find(is_chosen) {
            return Some(chosen.clone());
        }
        errors.take("commune", self.typed_commune().pick(&references.communes))
    }

    fn parse_position(&self, errors: &mut Errors) -> Option<Position> {
        let (lat, lon) = match self.position.split_once(' ') {
            Some((lat, lon)) => (lat, lon),
            None => (self.lat.as_str(), self.lon.as_str()),
        };
        if lat.trim().is_empty() && lon.trim().is_empty() {
            return None;
        }
        let not_degrees = "Indiquez des degrés, par exemple 47,793 (ou cliquez sur la carte).";
        let (Some(lat), Some(lon)) = (parse_degrees(lat), parse_degrees(lon)) else {
            errors.add(
                if parse_degrees(lat).is_none() {
                    "lat"
                } else {
                    "lon"
                },
                not_degrees,
            );
            return None;
        };
        let field = if (-90.0..=90.0).contains(&lat) {
            "lon"
        } else {
            "lat"
        };
        errors.take(field, Position::new(lat, lon))
    }

    fn parse_charter(&self, today: NaiveDate, errors: &mut Errors) -> Option<NaiveDate> {
        let typed = optional(&self.charter)?;
        let day = errors.take("charter", parse_day(&typed))?;
        if day > today {
            errors.add(
                "charter",
                "Cette date n’est pas encore passée\u{a0}: laissez vide tant que la charte n’est pas signée.",
            );
        }
        Some(day)
    }
}

impl Draft {
    /// What the establishment becomes. A position left as it was follows its address, zone or commune,
    /// unless a hand placed it.
    pub(super) fn apply(self, before: &Establishment) -> Establishment {
        let mut after = before.clone();
        match self.position {
            Some(typed) if !self.is_as_shown(before) => after.place(typed, PositionSource::Manual),
            Some(_) if was_placed(before) || self.is_still_there(before) => {}
            _ => self.place_by_default(&mut after),
        }
        after.siret = self.siret.map(|siret| siret.as_str().to_owned());
        after.name = self.name;
        after.naf = self.naf.map(|naf| naf.code.clone());
        after.activity = self.activity;
        after.headcount = self.headcount;
        after.address = self.address;
        after.insee = self.commune.map(|commune| commune.insee);
        after.postal_code = self.postal_code;
        after.zone_id = self.zone.map(|zone| zone.id);
        after.charter_signed_on = self.charter_signed_on;
        after.notes = self.notes;
        after
    }

    fn is_as_shown(&self, before: &Establishment) -> bool {
        self.position.map(degrees) == before.position().map(degrees)
    }

    /// Whether its address was found, and has not moved since.
    fn is_still_there(&self, before: &Establishment) -> bool {
        before.position_source == Some(PositionSource::Address)
            && before.address == self.address
            && before.insee.as_ref() == self.commune.as_ref().map(|commune| &commune.insee)
    }

    /// The address to look for, with its commune, when no hand placed the establishment.
    pub(super) fn unplaced_address(&self, before: &Establishment) -> Option<(String, Option<&str>)> {
        let is_placed = match self.position {
            None => false,
            Some(_) => !self.is_as_shown(before) || was_placed(before) || self.is_still_there(before),
        };
        let address = self.address.as_deref().filter(|_| !is_placed)?;
        let commune = self.commune.as_ref();
        let name = commune.map(|commune| commune.name.as_str());
        let parts = [Some(address), self.postal_code.as_deref(), name];
        let place = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
        Some((place, commune.map(|commune| commune.insee.as_str())))
    }

    pub(super) fn located(self, located: Option<Position>) -> Self {
        Self { located, ..self }
    }

    fn place_by_default(&self, e: &mut Establishment) {
        if let Some(position) = self.located {
            return e.place(position, PositionSource::Address);
        }
        let zone = self
            .zone
            .as_ref()
            .and_then(|zone| Position::new(zone.latitude, zone.longitude).ok());
        let commune = self.commune.as_ref().and_then(Commune::position);
        match (zone, commune) {
            (Some(position), _) => e.place(position, PositionSource::Zone),
            (None, Some(position)) => e.place(position, PositionSource::Commune),
            (None, None) => {
                (e.latitude, e.longitude, e.position_source) = (None, None, None);
            }
        }
    }
}

fn was_placed(before: &Establishment) -> bool {
    matches!(
        before.position_source,
        Some(PositionSource::Manual | PositionSource::Import)
    )
}

fn sub_class(code: &str) -> Option<&'static Naf> {
    naf::find(code).filter(|naf| naf.level == naf::Level::SubClass)
}

fn siret_shown(siret: &str) -> String {
    Siret::parse(siret).map_or_else(|_| siret.to_owned(), |s| s.to_string())
}

/// « Vendôme (41100) », with the establishment's own postal code when the commune has several.
pub(super) fn commune_shown(commune: &Commune, postal_code: Option<&str>) -> String {
    match postal_code.filter(|code| commune.postal_codes.iter().any(|known| known == code)) {
        Some(code) => format!("{} ({code})", commune.name),
        None => commune.title(),
    }
}

fn fold_eq(one: &str, other: &str) -> bool {
    crate::kernel::fold(one) == crate::kernel::fold(other)
}

/// Five decimals: one metre.
pub(super) fn degrees(position: Position) -> (String, String) {
    (format!("{:.5}", position.lat()), format!("{:.5}", position.lon()))
}

/// Unlike quantities, degrees may be negative.
fn parse_degrees(typed: &str) -> Option<f64> {
    let plain = typed
        .trim()
        .trim_end_matches('°')
        .replace(',', ".")
        .replace('−', "-");
    plain.parse().ok().filter(|value: &f64| value.is_finite())
}
