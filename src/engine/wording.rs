//! What a label says besides the matter: months, a temperature, a route, a technical class.
//!
//! People write « disponible en août » or « retour de Tours » and leave the boxes empty. A box that was
//! filled always wins; read once per flow, compared for every pair.

use chrono::NaiveDate;

use super::facts::Flow;
use super::readings::TRUSTED;
use crate::kernel::{Months, fold};
use crate::nomenclature::{Class, Family, FlowCode};

/// Where a journey comes from and goes to, as the label says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lane {
    pub from: Vec<String>,
    pub to: Vec<String>,
}

impl Lane {
    fn read(label: &str) -> Option<Self> {
        let mut lane = Self::default();
        let mut heading = None;
        for word in label.split(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')' | '’' | '\'')) {
            let folded = fold(word);
            match folded.as_str() {
                "vers" | "pour" | "destination" => heading = Some(Heading::To),
                "depuis" | "retour" | "retours" | "provenance" => heading = Some(Heading::From),
                "" | "a" | "de" | "d" | "et" | "ou" | "en" | "vide" | "la" | "le" | "les" | "l" => {}
                _ if word.chars().next().is_some_and(char::is_uppercase) => match heading {
                    Some(Heading::To) => lane.to.push(folded),
                    Some(Heading::From) => lane.from.push(folded),
                    None => {}
                },
                _ => heading = None,
            }
        }
        (!lane.from.is_empty() || !lane.to.is_empty()).then_some(lane)
    }

    /// Whether the two journeys share an end: without one in common, the lorry is not going there.
    pub(super) fn meets(&self, other: &Self) -> bool {
        let shares = |a: &[String], b: &[String]| a.iter().any(|place| b.contains(place));
        shares(&self.from, &other.from) || shares(&self.to, &other.to)
    }

    /// « de Tours », « vers Tours et Orléans ».
    pub(super) fn label(&self) -> String {
        let list = |places: &[String]| {
            let names: Vec<String> = places.iter().map(|place| capital(place)).collect();
            names.join(", ")
        };
        match (self.from.is_empty(), self.to.is_empty()) {
            (false, true) => format!("depuis {}", list(&self.from)),
            (true, _) => format!("vers {}", list(&self.to)),
            (false, false) => format!("depuis {} vers {}", list(&self.from), list(&self.to)),
        }
    }
}

fn capital(word: &str) -> String {
    let mut rest = word.chars();
    rest.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + rest.as_str()
    })
}

#[derive(Debug, Clone, Copy)]
enum Heading {
    From,
    To,
}

impl Flow {
    /// Completes what was left empty with what the label says; to be called once its category is known.
    #[must_use]
    pub fn with_its_words(mut self) -> Self {
        if self.months == Months::ALL
            && let Some(months) = months(&self.label)
        {
            self.months = months;
        }
        if self.temperature_c.is_none() {
            self.temperature_c = temperature(&self.label);
        }
        if self.window.is_none() {
            self.window = window(&self.label);
        }
        if let Some(code) = self.trusted_code() {
            self.class = Class::of(code, &self.label);
            if code.family() == Family::Log {
                self.lane = Lane::read(&self.label).map(Box::new);
            }
        }
        self
    }

    fn trusted_code(&self) -> Option<FlowCode> {
        let guess = self.guesses.first().filter(|(_, sure)| *sure >= TRUSTED);
        self.code.or_else(|| guess.map(|(code, _)| *code))
    }
}

const MONTHS: [&str; 12] = [
    "janvier",
    "fevrier",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "aout",
    "septembre",
    "octobre",
    "novembre",
    "decembre",
];
/// Seasons as trades use them, wider than the calendar's.
const SEASONS: [(&str, &str); 4] = [
    ("ete", "6-9"),
    ("hiver", "11-3"),
    ("printemps", "3-6"),
    ("automne", "9-12"),
];

/// The months a label names: « en août », « de mai à septembre », « l’hiver ».
fn months(label: &str) -> Option<Months> {
    let folded = fold(label);
    let words: Vec<&str> = folded.split(' ').collect();
    let number = |word: &str| MONTHS.iter().position(|name| *name == word).map(|rank| rank + 1);
    let mut parts: Vec<String> = Vec::new();
    let mut rank = 0;
    while let Some(word) = words.get(rank) {
        if let Some(first) = number(word) {
            let last = (words.get(rank + 1) == Some(&"a"))
                .then(|| words.get(rank + 2).and_then(|word| number(word)))
                .flatten();
            if let Some(last) = last {
                parts.push(format!("{first}-{last}"));
                rank += 2;
            } else {
                parts.push(first.to_string());
            }
        } else if let Some((_, months)) = SEASONS.iter().find(|(name, _)| name == word)
            && rank > 0
            && matches!(words[rank - 1], "l" | "d" | "en" | "au")
        {
            parts.push((*months).to_owned());
        }
        rank += 1;
    }
    Months::parse(&parts.join(",")).ok()
}

/// The days between which a one-off flow exists: « du 01/03/2027 au 30/04/2027 », « jusqu’au 30/06/2027 ».
fn window(label: &str) -> Option<(NaiveDate, NaiveDate)> {
    let words: Vec<&str> = label.split([' ', '\u{a0}', '’', '\'']).collect();
    let days: Vec<(usize, NaiveDate)> = words
        .iter()
        .enumerate()
        .filter_map(|(rank, word)| {
            let day = NaiveDate::parse_from_str(word.trim_matches([',', '.', '(', ')']), "%d/%m/%Y");
            Some((rank, day.ok()?))
        })
        .collect();
    match days.as_slice() {
        [(rank, day)] => match words[..*rank].last().map(|word| fold(word)).as_deref() {
            Some("au") => Some((NaiveDate::MIN, *day)),
            Some("le") => Some((*day, *day)),
            Some(_) | None => None,
        },
        [(_, one), (_, other)] => Some((*one.min(other), *one.max(other))),
        _ => None,
    }
}

/// « 75 °C » written in the label.
fn temperature(label: &str) -> Option<f64> {
    let (before, after) = label.split_once('°')?;
    if !after.trim_start().starts_with(['C', 'c']) {
        return None;
    }
    let before = before.trim_end();
    let start = before
        .char_indices()
        .rev()
        .take_while(|(_, c)| c.is_ascii_digit() || matches!(c, ',' | '.'))
        .last()?
        .0;
    let degrees: f64 = before[start..].replace(',', ".").parse().ok()?;
    // « -18 °C » is cold; the dash of « 60-80 °C » is not a sign.
    let sign = before[..start]
        .strip_suffix(['-', '−'])
        .filter(|rest| !rest.ends_with(|c: char| c.is_ascii_digit()))
        .map_or(1.0, |_| -1.0);
    (degrees < 2_000.0).then_some(sign * degrees)
}

#[cfg(test)]
mod tests {
    use super::{Lane, months, temperature, window};
    use crate::engine::Flow;
    use crate::kernel::{Direction, Months};
    use crate::nomenclature::FlowCode;
    use chrono::NaiveDate;

    #[test]
    fn months_are_read_as_people_write_them() {
        let cases = [
            ("Deux menuisiers disponibles en août", Some("8")),
            ("Cellule libre de mai à septembre", Some("5-9")),
            ("Saisonniers d’avril à juillet", Some("4-7")),
            ("Renfort novembre à février", Some("11-2")),
            ("Tracteur l’hiver", Some("11-3")),
            ("Remplacements d’été", Some("6-9")),
            ("Cartons", None),
            ("Étêtage", None),
        ];
        for (label, expected) in cases {
            let expected = expected.map(|text| Months::parse(text).expect("valid"));
            assert_eq!(months(label), expected, "{label}");
        }
    }

    #[test]
    fn a_one_off_flow_says_its_days() {
        let day = |month, day| NaiveDate::from_ymd_opt(2027, month, day).expect("a day");
        assert_eq!(
            window("Déblais du 01/03/2027 au 30/04/2027"),
            Some((day(3, 1), day(4, 30)))
        );
        assert_eq!(
            window("Bâche jusqu’au 30/06/2027"),
            Some((NaiveDate::MIN, day(6, 30)))
        );
        assert_eq!(
            window("Vide-atelier le 12/05/2027"),
            Some((day(5, 12), day(5, 12)))
        );
        assert_eq!(window("Facture 12/05/2027"), None);
        assert_eq!(window("Cartons"), None);
    }

    #[test]
    fn a_temperature_is_read_with_its_sign() {
        assert_eq!(
            temperature("Eau de refroidissement des presses, 28 °C"),
            Some(28.0)
        );
        assert_eq!(temperature("Fumées à 180,5°C"), Some(180.5));
        assert_eq!(temperature("Surgelés à -18 °C"), Some(-18.0));
        assert_eq!(temperature("Azote liquide (−196 °C)"), Some(-196.0));
        assert_eq!(temperature("Eau à 60-80 °C"), Some(80.0));
        assert_eq!(temperature("Lot n° 4"), None);
        assert_eq!(temperature("Chaleur fatale"), None);
    }

    #[test]
    fn a_way_back_from_a_town_does_not_go_there() {
        let lane = |label| Lane::read(label).expect("a route");
        let shipped = lane("Expéditions vers Tours et Orléans");
        assert_eq!(shipped.to, ["tours", "orleans"]);
        assert!(!lane("Camion à vide retour de Tours").meets(&shipped));
        assert!(!lane("Retours à vide depuis Paris").meets(&shipped));
        assert!(lane("Retours à vide depuis Tours").meets(&lane("Approvisionnements depuis Tours")));
        assert!(lane("À vide vers Orléans").meets(&shipped));
        assert_eq!(Lane::read("Livraisons de charpentes, plateau"), None);
    }

    #[test]
    fn a_box_that_was_filled_wins_over_the_label() {
        let mut flow = Flow::new("A1", "A", Direction::Outbound, "Carottes en août, 12 °C");
        flow.months = Months::parse("1-3").expect("valid");
        flow.temperature_c = Some(4.0);
        let read = flow.clone().with_its_words();
        assert_eq!((read.months, read.temperature_c), (flow.months, Some(4.0)));
        flow.code = FlowCode::find("RHC-05");
        flow.label = "Formation SST".to_owned();
        assert!(flow.with_its_words().class.is_some());
    }
}
