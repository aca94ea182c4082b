//! Categories while typing: the words of the territory, what the catalogue finds, then what the words may
//! mean, each with how sure it is and why.

use super::model::{is_measured, measured_in};
use super::words;
use crate::kernel::measure::{Measure, Typed};
use crate::kernel::{Direction, Unit, fold};
use crate::nomenclature::{CONFIDENT, Catalogue, FlowCode, Guess};
use crate::platform::access::SignedIn;
use crate::platform::web::{Query, Result};
use axum::Json;
use serde::{Deserialize, Serialize};

const LIMIT: usize = 12;
/// A guess less sure than this is noise beside a field.
const WORTH_SHOWING: f64 = 0.25;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SuggestQuery {
    q: String,
    sens: String,
    /// What is typed of the quantity, and its unit when it has a field of its own.
    quantite: String,
    unite: String,
}

impl SuggestQuery {
    fn unit(&self) -> Option<Unit> {
        let typed = Typed {
            quantity: &self.quantite,
            unit: &self.unite,
            ..Typed::default()
        };
        let measure = Measure::parse(typed, None).ok().flatten();
        measure.map(|measure| measure.unit)
    }
}

/// What a suggestion field expects.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Suggestion {
    value: &'static str,
    label: &'static str,
    /// All the rest in one line.
    hint: String,
    /// In hundredths; absent when the typed words are only the beginning of something.
    confidence: Option<u8>,
    why: String,
}

/// A category with what speaks for it.
struct Found {
    code: FlowCode,
    confidence: Option<f64>,
    why: String,
}

pub(super) async fn categories(
    me: SignedIn,
    Query(query): Query<SuggestQuery>,
) -> Result<Json<Vec<Suggestion>>> {
    let local = match me.staff_scope() {
        Some(scope) => words::store::accepted(&mut *me.read().await?, &scope).await?,
        None => Vec::new(),
    };
    Ok(Json(suggestions(
        &query.q,
        (Direction::parse(&query.sens).ok(), query.unit()),
        &local,
    )))
}

fn suggestions(
    typed: &str,
    (direction, unit): (Option<Direction>, Option<Unit>),
    words: &[(FlowCode, String)],
) -> Vec<Suggestion> {
    let catalogue = Catalogue::embedded();
    let mut found = local(typed, words);
    let (sure, unsure): (Vec<Guess>, Vec<Guess>) =
        measured_in(catalogue.classify(typed, None, direction), unit)
            .into_iter()
            .filter(|guess| guess.confidence >= WORTH_SHOWING)
            .partition(|guess| guess.confidence >= CONFIDENT);
    let mut begun = catalogue.search(typed);
    begun.sort_by_key(|category| unit.is_some_and(|unit| !is_measured(category, unit)));
    let begun = begun.into_iter().map(|category| Found {
        code: category.code,
        confidence: None,
        why: String::new(),
    });
    let named = |guess: Guess| Found {
        code: guess.code,
        confidence: Some(guess.confidence),
        why: guess.why,
    };
    // What is only begun comes before what is only guessed, and takes its reason.
    let mut rest: Vec<Found> = unsure.into_iter().map(named).collect();
    for more in sure.into_iter().map(named).chain(begun) {
        let guessed = rest.iter().position(|known| known.code == more.code);
        let more = guessed.map_or(more, |place| rest.remove(place));
        if !found.iter().any(|known| known.code == more.code) {
            found.push(more);
        }
    }
    rest.retain(|guess| !found.iter().any(|known| known.code == guess.code));
    found.extend(rest);
    if let Some(direction) = direction {
        found.sort_by_key(|found| !catalogue.category(found.code).allows(direction));
    }
    found.into_iter().take(LIMIT).map(suggestion).collect()
}

/// The words of the territory that begin like this.
fn local(typed: &str, words: &[(FlowCode, String)]) -> Vec<Found> {
    let typed = fold(typed);
    let mut found: Vec<Found> = Vec::new();
    for (code, word) in words {
        let begins = !typed.is_empty() && fold(word).starts_with(&typed);
        if begins && !found.iter().any(|known| known.code == *code) {
            found.push(Found {
                code: *code,
                confidence: (fold(word) == typed).then_some(1.0),
                why: format!("mot d’ici «\u{a0}{word}\u{a0}»"),
            });
        }
    }
    found
}

fn suggestion(found: Found) -> Suggestion {
    let category = Catalogue::embedded().category(found.code);
    let confidence = found
        .confidence
        .and_then(|share| (0..=100_u8).rev().find(|part| f64::from(*part) <= share * 100.0));
    let mut said = vec![category.code.to_string(), category.unit.to_string()];
    said.extend(confidence.map(|part| format!("{part}\u{a0}%")));
    if !found.why.is_empty() {
        said.push(found.why.clone());
    }
    Suggestion {
        value: category.code.as_str(),
        label: &category.label,
        hint: said.join(" · "),
        confidence,
        why: found.why,
    }
}

#[cfg(test)]
mod tests {
    use super::{measured_in, suggestions};
    use crate::kernel::{Direction, Unit};
    use crate::nomenclature::{Catalogue, FlowCode};

    #[test]
    fn a_synonym_is_enough() {
        let first = |typed, direction| {
            suggestions(typed, (direction, None), &[])
                .first()
                .map(|s| s.value)
        };
        assert_eq!(first("palet", None), Some("MAT-03"));
        assert_eq!(first("vieux cartons", Some(Direction::Outbound)), Some("MAT-01"));
        assert!(suggestions("", (None, None), &[]).is_empty());
        assert!(suggestions("a", (None, None), &[]).len() <= super::LIMIT);
    }

    #[test]
    fn each_suggestion_says_how_sure_it_is_and_why() {
        let found = suggestions("chutes d’inox", (Some(Direction::Outbound), None), &[]);
        assert_eq!(found[0].value, "MAT-11");
        assert_eq!(found[0].confidence, Some(100));
        assert_eq!(
            found[0].hint,
            "MAT-11 · t · 100\u{a0}% · synonyme «\u{a0}chutes d'inox\u{a0}»"
        );
    }

    #[test]
    fn the_unit_weighs_in_the_category_and_noise_is_not_shown() {
        let best = |unit| {
            let guesses = Catalogue::embedded().classify("gaz", None, Some(Direction::Inbound));
            measured_in(guesses, unit)[0].code.as_str()
        };
        assert_eq!(best(None), "MAT-21");
        assert_eq!(best(Some(Unit::MegawattHour)), "ENE-02");
        let shown = suggestions("gaz", (Some(Direction::Inbound), Some(Unit::MegawattHour)), &[]);
        assert_eq!(shown[0].value, "ENE-02");
        assert!(
            shown
                .iter()
                .all(|one| one.confidence.is_none_or(|part| part >= 25))
        );
    }

    #[test]
    fn the_words_of_the_territory_come_first() {
        let words = [(
            FlowCode::find("MAT-18").expect("known"),
            "Rafle de vigne".to_owned(),
        )];
        let found = suggestions("rafle de v", (None, None), &words);
        assert_eq!((found[0].value, found[0].confidence), ("MAT-18", None));
        assert!(
            found[0].hint.contains("mot d’ici «\u{a0}Rafle de vigne\u{a0}»"),
            "{}",
            found[0].hint
        );
        assert_eq!(
            suggestions("rafle de vigne", (None, None), &words)[0].confidence,
            Some(100)
        );
    }
}
