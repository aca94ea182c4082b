//! What a word of the territory is, and when a choice teaches one. Pure.

use crate::flows::Flow;
use crate::kernel::ids::LocalWordId;
use crate::kernel::words::words;
use crate::nomenclature::{Catalogue, FlowCode};
use crate::platform::web::clean;
use chrono::{DateTime, Utc};

/// Longer, it is a description and no longer a name.
const LONGEST: usize = 60;

words! {
    /// What became of a word that somebody proposed.
    WordState "local_word_state" {
        Proposed "proposed" "proposé",
        Accepted "accepted" "accepté",
        Refused "refused" "refusé",
    }
}

/// A word and the category it names here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalWord {
    pub id: LocalWordId,
    pub label: String,
    /// A code of the nomenclature.
    pub category: String,
    pub state: WordState,
    /// How many times somebody chose this category for this word.
    pub uses: i32,
    pub proposed_by: Option<String>,
    pub proposed_at: DateTime<Utc>,
    /// Some flows of that name: « label, establishment ».
    pub examples: Vec<String>,
}

impl LocalWord {
    pub fn category_label(&self) -> &'static str {
        FlowCode::find(&self.category).map_or("", |code| &Catalogue::embedded().category(code).label)
    }

    /// What the nomenclature alone makes of the word.
    pub fn otherwise(&self) -> Option<String> {
        let catalogue = Catalogue::embedded();
        let best = catalogue.classify(&self.label, None, None).into_iter().next()?;
        let label = &catalogue.category(best.code).label;
        (best.code.as_str() != self.category).then(|| format!("{} {label}", best.code))
    }
}

/// The category that the choice made for this flow teaches for its label: another one than the
/// nomenclature makes of the label alone.
pub(super) fn lesson(flow: &Flow) -> Option<FlowCode> {
    let chosen = flow.code()?;
    let catalogue = Catalogue::embedded();
    let says_something = !catalogue.terms(&flow.label).is_empty();
    if !says_something || flow.label.chars().count() > LONGEST {
        return None;
    }
    let guesses = catalogue.classify(&flow.label, None, Some(flow.direction));
    let suggested = guesses.first().map(|guess| guess.code);
    (suggested != Some(chosen)).then_some(chosen)
}

pub(in crate::flows) fn word(typed: &str) -> Result<String, &'static str> {
    let word = clean(typed);
    if word.is_empty() || word.chars().count() > LONGEST {
        return Err("Indiquez le mot comme on le dit dans les entreprises, en 60 caractères au plus.");
    }
    if Catalogue::embedded().terms(&word).is_empty() {
        return Err("Ce mot ne dit rien d’un flux\u{a0}: ajoutez ce qui le distingue.");
    }
    Ok(word)
}

#[cfg(test)]
mod tests {
    use super::{lesson, word};
    use crate::flows::{Entry, Flow, FlowForm, FlowSource, Place};
    use crate::kernel::ids::{EstablishmentId, FlowId, TerritoryId};
    use chrono::NaiveDate;

    fn flow(label: &str, category: &str) -> Flow {
        let day = NaiveDate::from_ymd_opt(2026, 11, 17).expect("a day");
        let form = FlowForm {
            label: label.to_owned(),
            category: category.to_owned(),
            ..FlowForm::blank("sortant", day)
        };
        let entry: Entry = form.parse().expect("valid");
        entry.into_flow(Place {
            id: FlowId::fresh(),
            territory: TerritoryId::fresh(),
            establishment: EstablishmentId::fresh(),
            visit: None,
            source: FlowSource::Visit,
        })
    }

    #[test]
    fn only_another_choice_teaches() {
        let taught = |label, category| lesson(&flow(label, category)).map(|code| code.as_str());
        assert_eq!(taught("cartons", "MAT-01"), None);
        assert_eq!(taught("Zwiebelite", "MAT-18"), Some("MAT-18"));
        assert_eq!(taught("cartons", "MAT-09"), Some("MAT-09"));
        assert_eq!(taught("Zwiebelite", ""), None);
        assert_eq!(taught("de la", "MAT-18"), None);
        assert_eq!(taught(&"zwiebelite ".repeat(9), "MAT-18"), None);
    }

    #[test]
    fn a_word_says_something() {
        assert_eq!(word("  rafles   de vigne ").as_deref(), Ok("rafles de vigne"));
        assert!(word("").is_err() && word("de la").is_err() && word(&"x".repeat(61)).is_err());
    }
}
