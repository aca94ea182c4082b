//! What a line of `etablissements` makes of an establishment. An empty cell changes nothing. Pure.

use super::places::{Found, Places};
use crate::companies::{Establishment, Headcount, PositionSource};
use crate::exchange::lines::SiteLine;
use crate::exchange::network::{RawRow, SiteRow};
use crate::kernel::fold;
use crate::kernel::ids::TerritoryId;
use crate::nomenclature::naf;

/// Two positions nearer than this are the same: what a spreadsheet rounds.
const SAME_DEGREES: f64 = 1e-6;

/// The establishment after the import, and what to look at.
pub(super) fn overlay(
    raw: &RawRow,
    row: &SiteRow,
    known: Option<&SiteLine>,
    territory: TerritoryId,
    places: &Places,
) -> (SiteLine, Vec<String>) {
    let mut remarks = Vec::new();
    let mut line = known.cloned().unwrap_or_else(|| SiteLine {
        site: Establishment::named(territory, &*row.name),
        commune: None,
        zone: None,
    });
    let site = &mut line.site;
    site.name.clone_from(&row.name);
    if row.reference != site.id.to_string() {
        site.reference = Some(row.reference.clone());
    }
    if let Some(siret) = row.siret {
        site.siret = Some(siret.as_str().to_owned());
    }
    if let Some(employees) = row.headcount {
        site.headcount = Some(Headcount::holding(whole(employees)));
    }
    if row.address.is_some() {
        site.address.clone_from(&row.address);
    }
    if let Some(activity) = raw.get("activite") {
        site.activity = Some(activity.to_owned());
    }
    set_naf(site, row.naf.as_deref(), &mut remarks);
    set_commune(&mut line, row, places, &mut remarks);
    set_zone(&mut line, row.zone.as_deref(), places, &mut remarks);
    set_position(&mut line.site, row, known, places, &mut remarks);
    (line, remarks)
}

fn whole(employees: f64) -> u32 {
    let text = format!("{:.0}", employees.floor());
    text.parse().unwrap_or(u32::MAX)
}

/// The sub-class, when the code has or implies one; else the words of its division, as an activity.
fn set_naf(site: &mut Establishment, code: Option<&str>, remarks: &mut Vec<String>) {
    let Some(code) = code else { return };
    if let Some(sub_class) = sub_class(code) {
        site.naf = Some(sub_class.code.clone());
        return;
    }
    remarks.push(format!(
        "Le code NAF «\u{a0}{code}\u{a0}» n’est pas dans la liste\u{a0}: il n’est pas repris."
    ));
    if site.activity.is_none() {
        site.activity = naf::division_label(code).map(str::to_owned);
    }
}

fn sub_class(code: &str) -> Option<&'static naf::Naf> {
    let found = naf::find(code)?;
    if found.level == naf::Level::SubClass {
        return Some(found);
    }
    let mut within = naf::sub_classes().filter(|sub_class| sub_class.code.starts_with(&found.code));
    let first = within.next().filter(|_| found.level == naf::Level::Class)?;
    within.next().is_none().then_some(first)
}

fn set_commune(line: &mut SiteLine, row: &SiteRow, places: &Places, remarks: &mut Vec<String>) {
    let is_known = |name: &str| {
        line.commune
            .as_deref()
            .is_some_and(|known| fold(known) == fold(name))
    };
    let same_name = row.commune.as_deref().is_none_or(is_known);
    let same_code = row.postal_code.is_none() || row.postal_code == line.site.postal_code;
    if same_name && same_code {
        return;
    }
    let name = row.commune.as_deref().unwrap_or_default();
    let typed = [row.postal_code.as_deref().unwrap_or_default(), name].join(" ");
    let typed = typed.trim();
    let found = places.commune(name, row.postal_code.as_deref());
    if row.postal_code.is_some() {
        line.site.postal_code.clone_from(&row.postal_code);
    }
    match found {
        Found::One(commune) => {
            line.site.insee = Some(commune.insee.clone());
            line.commune = Some(commune.name.clone());
            return;
        }
        Found::Several => remarks.push(format!(
            "Plusieurs communes répondent à «\u{a0}{typed}\u{a0}»\u{a0}: précisez le nom et le code postal."
        )),
        Found::Nobody => remarks.push(format!("Aucune commune ne répond à «\u{a0}{typed}\u{a0}».")),
    }
    line.site.insee = None;
    line.commune = None;
}

fn set_zone(line: &mut SiteLine, name: Option<&str>, places: &Places, remarks: &mut Vec<String>) {
    let Some(name) = name else { return };
    match places.zone(name) {
        Some((id, name)) => {
            line.site.zone_id = Some(*id);
            line.zone = Some(name.clone());
        }
        None => remarks.push(format!(
            "La zone d’activités «\u{a0}{name}\u{a0}» n’existe pas dans ce territoire\u{a0}: elle n’est pas reprise."
        )),
    }
}

/// A position given by hand beats a file, a file beats the middle of the commune.
fn set_position(
    site: &mut Establishment,
    row: &SiteRow,
    known: Option<&SiteLine>,
    places: &Places,
    remarks: &mut Vec<String>,
) {
    if let Some(given) = row.position {
        let here = site.position().is_some_and(|known| {
            (known.lat() - given.lat()).abs() < SAME_DEGREES
                && (known.lon() - given.lon()).abs() < SAME_DEGREES
        });
        if here {
            return;
        }
        if site.position_source == Some(PositionSource::Manual) {
            remarks.push("La position placée à la main sur la carte est gardée.".to_owned());
        } else {
            site.place(given, PositionSource::Import);
        }
        return;
    }
    let moved = known.is_some_and(|known| known.site.insee != site.insee);
    let follows_commune = matches!(site.position_source, None | Some(PositionSource::Commune));
    if follows_commune && (moved || site.position_source.is_none()) {
        let insee = site.insee.as_deref();
        match insee.and_then(|insee| places.position(insee)) {
            Some(position) => site.place(position, PositionSource::Commune),
            None if site.position_source.is_none() => remarks.push(
                "Sans position\u{a0}: ni latitude et longitude, ni commune reconnue. Ses flux n’auront pas de synergie.".to_owned(),
            ),
            None => {}
        }
    }
}
