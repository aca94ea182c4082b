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
    /// « 41269 Vendôme », which a list of communes reads back without doubt.
    pub fn line(&self) -> String {
        format!("{} {}", self.insee, self.name)
    }
    /// « Vendôme (41100) ».
    pub fn title(&self) -> String {
        match self.postal_codes.first() {
            Some(code) => format!("{} ({code})", self.name),
            None => self.name.clone(),
        }
    }
}

/// One line of a list of communes as typed: a name, a postal or INSEE code, or several of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommuneLine {
    typed: String,
    pub name: String,
    pub codes: Vec<String>,
}

/// Reads a list typed or pasted, one commune per line.
pub fn commune_lines(text: &str) -> Vec<CommuneLine> {
    text.split(['\n', ';'])
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| {
            let words = line.split(|c: char| c.is_whitespace() || "(),".contains(c));
            let (codes, words): (Vec<_>, Vec<_>) = words.filter(|w| !w.is_empty()).partition(|w| is_code(w));
            CommuneLine {
                typed: line.to_owned(),
                name: name_key(&words.join(" ")),
                codes: codes.into_iter().map(str::to_uppercase).collect(),
            }
        })
        .collect()
}

/// Five digits, or a Corsican INSEE code.
fn is_code(word: &str) -> bool {
    let corsican = word.get(1..2).is_some_and(|c| "ABab".contains(c));
    word.len() == 5
        && word
            .chars()
            .enumerate()
            .all(|(i, c)| c.is_ascii_digit() || (i == 1 && corsican))
}

/// A name without case, accents, hyphens, « St » written in full.
fn name_key(name: &str) -> String {
    let words = crate::kernel::fold(name);
    let full = words.split(' ').map(|word| match word {
        "st" => "saint",
        "ste" => "sainte",
        other => other,
    });
    full.collect::<Vec<_>>().join(" ")
}

/// The communes that the lines mean, each once, and a sentence per line that means none or several.
pub fn resolve_communes(lines: &[CommuneLine], known: &[Commune]) -> (Vec<Commune>, Vec<String>) {
    let mut found: Vec<Commune> = Vec::new();
    let mut refusals = Vec::new();
    for (i, line) in lines.iter().enumerate() {
        match line.resolve(known) {
            Ok(communes) => {
                for commune in communes {
                    if !found.iter().any(|c| c.insee == commune.insee) {
                        found.push(commune.clone());
                    }
                }
            }
            Err(refusal) => refusals.push(format!("Ligne {}\u{a0}: {refusal}", i + 1)),
        }
    }
    (found, refusals)
}

impl CommuneLine {
    fn resolve<'k>(&self, known: &'k [Commune]) -> Result<Vec<&'k Commune>, String> {
        let meant: Vec<_> = known.iter().filter(|commune| self.matches(commune)).collect();
        let by_code = |c: &&Commune| self.codes.iter().all(|code| *code == c.insee);
        match meant.as_slice() {
            [] => Err(format!(
                "aucune commune ne correspond à «\u{a0}{}\u{a0}».",
                self.typed
            )),
            [one] => Ok(vec![one]),
            several if !self.name.is_empty() => Err(format!(
                "plusieurs communes s’appellent ainsi ({})\u{202f}; ajoutez le code postal à «\u{a0}{}\u{a0}».",
                titles(several),
                self.typed
            )),
            several if several.iter().any(by_code) => Err(format!(
                "«\u{a0}{}\u{a0}» est à la fois un code postal et un code INSEE ({})\u{202f}; ajoutez le nom.",
                self.typed,
                titles(several)
            )),
            several => Ok(several.to_vec()),
        }
    }

    fn matches(&self, commune: &Commune) -> bool {
        let named = self.name.is_empty() || name_key(&commune.name) == self.name;
        named
            && self
                .codes
                .iter()
                .all(|code| *code == commune.insee || commune.postal_codes.contains(code))
    }
}

fn titles(communes: &[&Commune]) -> String {
    let shown: Vec<_> = communes.iter().take(4).map(|c| c.title()).collect();
    let more = if communes.len() > 4 { "…" } else { "" };
    format!("{}{more}", shown.join(", "))
}

/// The middle of the communes whose position is known.
pub fn centre(communes: &[Commune]) -> Option<Position> {
    let places: Vec<_> = communes.iter().filter_map(Commune::position).collect();
    let count = f64::from(u32::try_from(places.len()).ok()?);
    if places.is_empty() {
        return None;
    }
    let lat = places.iter().map(|p| p.lat()).sum::<f64>() / count;
    let lon = places.iter().map(|p| p.lon()).sum::<f64>() / count;
    Position::new(lat, lon).ok()
}

/// An activity zone.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
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

#[cfg(test)]
mod tests {
    use super::*;

    fn commune(insee: &str, name: &str, postal: &str, latitude: f64) -> Commune {
        Commune {
            insee: insee.to_owned(),
            name: name.to_owned(),
            department: insee[..2].to_owned(),
            postal_codes: vec![postal.to_owned()],
            latitude: Some(latitude),
            longitude: Some(1.0),
        }
    }

    fn known() -> Vec<Commune> {
        vec![
            commune("41269", "Vendôme", "41100", 47.0),
            commune("41003", "Areines", "41100", 48.0),
            commune("41100", "Gombergean", "41310", 47.5),
            commune("41226", "Saint-Ouen", "41100", 47.1),
            commune("80713", "Saint-Ouen", "80610", 50.0),
            commune("41243", "Selommes", "41360", 47.7),
            commune("2A004", "Ajaccio", "20000", 41.9),
        ]
    }

    fn resolved(text: &str) -> Result<Vec<String>, Vec<String>> {
        let (found, refusals) = resolve_communes(&commune_lines(text), &known());
        if refusals.is_empty() {
            Ok(found.into_iter().map(|c| c.insee).collect())
        } else {
            Err(refusals)
        }
    }

    #[test]
    fn communes_are_found_by_name_postal_or_insee_code() {
        for (typed, expected) in [
            ("Vendôme", "41269"),
            ("vendome (41100)", "41269"),
            ("41269 Vendôme", "41269"),
            ("41269 Vendôme (41100)", "41269"),
            ("41243", "41243"),
            ("41360", "41243"),
            ("St Ouen 41100", "41226"),
            ("41100 Gombergean", "41100"),
            ("2a004", "2A004"),
        ] {
            assert_eq!(resolved(typed), Ok(vec![expected.to_owned()]), "{typed}");
        }
        assert_eq!(
            resolved("Selommes\r\n\n41243 ; Areines").unwrap(),
            ["41243", "41003"],
            "each once, empty lines skipped"
        );
    }

    #[test]
    fn what_means_nothing_or_several_is_refused_by_line() {
        let refusals = resolved("Vendôme\nVandome\nSaint-Ouen\n41100").unwrap_err();
        assert_eq!(refusals.len(), 3);
        assert!(refusals[0].starts_with("Ligne 2") && refusals[0].contains("Vandome"));
        assert!(refusals[1].contains("Saint-Ouen (41100), Saint-Ouen (80610)"));
        assert!(refusals[2].contains("à la fois"), "{refusals:?}");
    }

    #[test]
    fn the_centre_is_the_middle_of_what_is_placed() {
        let mut communes = known()[..2].to_vec();
        communes.push(Commune {
            latitude: None,
            longitude: None,
            ..communes[0].clone()
        });
        assert_eq!(centre(&communes).map(|p| p.lat()), Some(47.5));
        assert_eq!(centre(&[]), None);
    }
}
