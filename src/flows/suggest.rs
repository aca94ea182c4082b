//! Categories while typing: what the catalogue finds, then what the words may mean.

use crate::kernel::Direction;
use crate::nomenclature::{Catalogue, Category};
use crate::platform::access::SignedIn;
use crate::platform::web::Query;
use axum::Json;
use serde::{Deserialize, Serialize};

const LIMIT: usize = 12;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SuggestQuery {
    q: String,
    sens: String,
}

/// What a suggestion field expects.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Suggestion {
    value: &'static str,
    label: &'static str,
    hint: String,
}

pub(super) async fn categories(_: SignedIn, Query(query): Query<SuggestQuery>) -> Json<Vec<Suggestion>> {
    Json(suggestions(&query.q, Direction::parse(&query.sens).ok()))
}

fn suggestions(typed: &str, direction: Option<Direction>) -> Vec<Suggestion> {
    let catalogue = Catalogue::embedded();
    let mut found = catalogue.search(typed);
    for guess in catalogue.classify(typed, None, direction) {
        let category = catalogue.category(guess.code);
        if !found.iter().any(|known| known.code == category.code) {
            found.push(category);
        }
    }
    if let Some(direction) = direction {
        found.sort_by_key(|category| !category.allows(direction));
    }
    found.into_iter().take(LIMIT).map(suggestion).collect()
}

fn suggestion(category: &'static Category) -> Suggestion {
    Suggestion {
        value: category.code.as_str(),
        label: &category.label,
        hint: format!("{} · {}", category.code, category.unit),
    }
}

#[cfg(test)]
mod tests {
    use super::suggestions;
    use crate::kernel::Direction;

    #[test]
    fn a_synonym_is_enough() {
        let first = |typed, direction| suggestions(typed, direction).first().map(|s| s.value);
        assert_eq!(first("palet", None), Some("MAT-03"));
        assert_eq!(first("vieux cartons", Some(Direction::Outbound)), Some("MAT-01"));
        assert!(suggestions("", None).is_empty());
        assert!(suggestions("a", None).len() <= super::LIMIT);
    }
}
