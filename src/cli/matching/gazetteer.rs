//! Where communes are, for files that give an address instead of coordinates.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::kernel::{Position, fold};

/// The list of communes, read the first time a row needs it.
#[derive(Debug)]
pub struct Gazetteer<'a> {
    csv: &'a str,
    places: OnceLock<Places>,
}

#[derive(Debug, Default)]
struct Places {
    by_name: BTreeMap<String, Vec<Commune>>,
    /// The most populated commune of each postal code.
    by_postal_code: BTreeMap<String, Commune>,
}

#[derive(Debug, Clone, Deserialize)]
struct Commune {
    nom: String,
    population: Option<u32>,
    codes_postaux: String,
    lon: Option<f64>,
    lat: Option<f64>,
}

impl Commune {
    fn position(&self) -> Option<Position> {
        Position::new(self.lat?, self.lon?).ok()
    }
}

impl<'a> Gazetteer<'a> {
    /// `csv` has the columns `nom`, `population`, `codes_postaux`, `lon` and `lat`.
    #[must_use]
    pub fn new(csv: &'a str) -> Self {
        Self {
            csv,
            places: OnceLock::new(),
        }
    }

    /// The centre of a commune. A name shared by several communes needs the postal code; without a
    /// known name, the postal code gives its largest commune.
    pub fn locate(&self, commune: &str, postal_code: Option<&str>) -> Option<Position> {
        let places = self.places.get_or_init(|| Places::read(self.csv));
        let postal_code = postal_code.map(|code| code.replace(' ', ""));
        let named = places
            .by_name
            .get(&spelt_out(commune))
            .map(Vec::as_slice)
            .unwrap_or_default();
        let found = match (named, &postal_code) {
            ([], None) => None,
            ([], Some(code)) => places.by_postal_code.get(code),
            ([one], _) => Some(one),
            (several, Some(code)) => several
                .iter()
                .find(|commune| commune.codes_postaux.split(' ').any(|one| one == code)),
            (_, None) => None,
        };
        found?.position()
    }
}

impl Places {
    /// Rows that cannot be read are left out: the list is ours, and checked elsewhere.
    fn read(csv: &str) -> Self {
        let mut places = Self::default();
        for commune in csv::Reader::from_reader(csv.as_bytes())
            .deserialize::<Commune>()
            .flatten()
        {
            for code in commune.codes_postaux.split(' ').filter(|code| !code.is_empty()) {
                let largest = places
                    .by_postal_code
                    .entry(code.to_owned())
                    .or_insert_with(|| commune.clone());
                if largest.population < commune.population {
                    *largest = commune.clone();
                }
            }
            places
                .by_name
                .entry(spelt_out(&commune.nom))
                .or_default()
                .push(commune);
        }
        places
    }
}

/// « St-Ouen cedex » is « saint ouen ».
fn spelt_out(name: &str) -> String {
    let folded = fold(name);
    let words = folded
        .split(' ')
        .filter(|word| *word != "cedex")
        .map(|word| match word {
            "st" => "saint",
            "ste" => "sainte",
            word => word,
        });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::Gazetteer;

    const COMMUNES: &str = "insee,nom,population,codes_postaux,lon,lat\n\
        41269,Vendôme,15758,41100,1.06,47.79\n\
        41226,Saint-Ouen,3192,41100,1.08,47.81\n\
        80713,Saint-Ouen,2000,80610,2.12,50.03\n\
        97501,Nulle-Part,10,97500,,\n";

    #[test]
    fn communes_are_found_by_name_then_by_postal_code() {
        let gazetteer = Gazetteer::new(COMMUNES);
        let latitude = |name, code| gazetteer.locate(name, code).map(|at| at.lat());
        assert_eq!(latitude("VENDOME", None), Some(47.79));
        assert_eq!(latitude("St-Ouen", Some("80 610")), Some(50.03));
        assert_eq!(latitude("Saint-Ouen", None), None, "two communes of that name");
        assert_eq!(latitude("", Some("41100")), Some(47.79), "the largest");
        assert_eq!(latitude("Nulle-Part", None), None);
        assert_eq!(latitude("", None), None);
    }
}
