//! Where a line of a file is: communes by name and postal code, activity zones by name. Pure.

use crate::kernel::Position;
use crate::kernel::fold;
use crate::kernel::ids::ZoneId;
use crate::territories::{Commune, Zone};
use std::collections::{BTreeMap, BTreeSet};

/// Every commune, those of the territory, and its zones.
pub(super) struct Places {
    communes: Vec<Commune>,
    by_insee: BTreeMap<String, usize>,
    by_name: BTreeMap<String, Vec<usize>>,
    by_postal_code: BTreeMap<String, Vec<usize>>,
    of_territory: BTreeSet<String>,
    zones: BTreeMap<String, (ZoneId, String)>,
}

/// What a name and a postal code can mean.
#[derive(Debug, PartialEq)]
pub(super) enum Found<'a> {
    One(&'a Commune),
    Several,
    Nobody,
}

impl Places {
    pub(super) fn new(communes: Vec<Commune>, of_territory: BTreeSet<String>, zones: Vec<Zone>) -> Self {
        let mut by_insee = BTreeMap::new();
        let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let mut by_postal_code: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (rank, commune) in communes.iter().enumerate() {
            by_insee.insert(commune.insee.clone(), rank);
            by_name.entry(spelt(&commune.name)).or_default().push(rank);
            for code in &commune.postal_codes {
                by_postal_code.entry(code.clone()).or_default().push(rank);
            }
        }
        let zones = zones
            .into_iter()
            .map(|zone| (fold(&zone.name), (zone.id, zone.name)));
        Self {
            by_insee,
            by_name,
            by_postal_code,
            of_territory,
            zones: zones.collect(),
            communes,
        }
    }

    /// One that the territory holds is preferred to its namesakes elsewhere.
    pub(super) fn commune(&self, name: &str, postal_code: Option<&str>) -> Found<'_> {
        let name = spelt(name);
        let none = Vec::new();
        let named = if name.is_empty() {
            postal_code.and_then(|code| self.by_postal_code.get(code))
        } else {
            self.by_name.get(&name)
        };
        let named = named.unwrap_or(&none).iter().map(|rank| &self.communes[*rank]);
        let candidates: Vec<&Commune> = match postal_code {
            None => named.collect(),
            Some(code) => {
                let (served, others): (Vec<_>, Vec<_>) =
                    named.partition(|commune| commune.postal_codes.iter().any(|known| known == code));
                if served.is_empty() {
                    // A postal code of its own (« cedex »): the department is enough.
                    others.into_iter().filter(|c| in_department(c, code)).collect()
                } else {
                    served
                }
            }
        };
        self.only(&candidates)
    }

    fn only<'a>(&self, candidates: &[&'a Commune]) -> Found<'a> {
        let ours: Vec<_> = candidates
            .iter()
            .filter(|commune| self.of_territory.contains(&commune.insee))
            .collect();
        match (candidates, ours.as_slice()) {
            ([], _) => Found::Nobody,
            ([one], _) => Found::One(one),
            (_, [one]) => Found::One(one),
            _ => Found::Several,
        }
    }

    /// The middle of a commune.
    pub(super) fn position(&self, insee: &str) -> Option<Position> {
        let rank = self.by_insee.get(insee)?;
        self.communes[*rank].position()
    }

    pub(super) fn zone(&self, name: &str) -> Option<&(ZoneId, String)> {
        self.zones.get(&fold(name))
    }
}

fn in_department(commune: &Commune, postal_code: &str) -> bool {
    // Corsica writes 2A and 2B, and its postal codes 20.
    let prefix = match commune.department.as_str() {
        "2A" | "2B" => "20",
        other => other,
    };
    postal_code.starts_with(prefix)
}

/// « ST-OUEN CEDEX 2 » and « Saint-Ouen » are spelt the same.
fn spelt(name: &str) -> String {
    let folded = fold(name);
    let words = folded.split(' ').take_while(|word| *word != "cedex");
    let words: Vec<&str> = words
        .map(|word| match word {
            "st" => "saint",
            "ste" => "sainte",
            other => other,
        })
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::{Found, Places};
    use crate::territories::Commune;
    use std::collections::BTreeSet;

    fn commune(insee: &str, name: &str, department: &str, codes: &[&str]) -> Commune {
        Commune {
            insee: insee.to_owned(),
            name: name.to_owned(),
            department: department.to_owned(),
            postal_codes: codes.iter().map(|&c| c.to_owned()).collect(),
            latitude: None,
            longitude: None,
        }
    }

    fn found(name: &str, postal_code: Option<&str>) -> String {
        let all = vec![
            commune("41269", "Vendôme", "41", &["41100"]),
            commune("41226", "Saint-Ouen", "41", &["41100"]),
            commune("80713", "Saint-Ouen", "80", &["80610"]),
            commune("17372", "Saint-Ouen-d’Aunis", "17", &["17230"]),
            commune("26001", "Beaufort", "26", &["26400"]),
            commune("73034", "Beaufort", "73", &["73270"]),
            commune("2A004", "Ajaccio", "2A", &["20000"]),
        ];
        let ours = BTreeSet::from(["41269".to_owned(), "41226".to_owned()]);
        match Places::new(all, ours, Vec::new()).commune(name, postal_code) {
            Found::One(commune) => commune.insee.clone(),
            Found::Several => "several".to_owned(),
            Found::Nobody => "nobody".to_owned(),
        }
    }

    #[test]
    fn a_commune_is_found_as_people_write_it() {
        assert_eq!(found("VENDOME", None), "41269");
        assert_eq!(found("Vendôme Cedex", Some("41106")), "41269");
        assert_eq!(found("st-ouen", Some("80610")), "80713");
        assert_eq!(found("St Ouen", None), "41226", "ours first");
        assert_eq!(found("Ajaccio cedex 1", Some("20179")), "2A004");
    }

    #[test]
    fn what_may_mean_several_is_said_so() {
        assert_eq!(found("Beaufort", None), "several");
        assert_eq!(found("", Some("41100")), "several");
        assert_eq!(found("Beaufort", Some("73270")), "73034");
        assert_eq!(found("Beaufort", Some("41100")), "nobody");
        assert_eq!(found("Ailleurs", None), "nobody");
    }
}
