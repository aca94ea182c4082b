//! How far a diagnostic is: each section complete, to complete or without object, and what is
//! missing. Pure.

use super::questionnaire::{self, SECTIONS, SKIPPED, Section};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    Complete,
    Partial,
    NotApplicable,
}

/// What is still to ask, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Missing {
    pub(super) label: String,
    pub(super) href: String,
}

/// One section of the rail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Part {
    pub(super) code: &'static str,
    pub(super) title: &'static str,
    pub(super) state: State,
    pub(super) words: String,
    pub(super) missing: Vec<Missing>,
    #[serde(skip)]
    known: usize,
    #[serde(skip)]
    asked: usize,
}

/// What the inventory says of its own completeness.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Inventory {
    pub(super) flows: usize,
    pub(super) unclassified: usize,
    pub(super) to_correct: usize,
}

/// All that is known, to say what is not.
pub(super) struct Known<'a> {
    pub(super) inventory: Inventory,
    /// Facts of the company's sheet: name, whether known; and the page where they are filled.
    pub(super) sheet: &'a [(&'static str, bool)],
    pub(super) sheet_href: &'a str,
    /// Answers and facts of the meeting, by question.
    pub(super) answers: &'a BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Progress {
    pub(super) percent: u8,
    pub(super) parts: Vec<Part>,
}

pub(super) const FLOWS: &str = "flux";

impl Progress {
    pub(super) fn of(known: &Known<'_>) -> Self {
        let mut parts = vec![flows(known.inventory)];
        parts.extend(SECTIONS.iter().map(|section| part(section, known)));
        let known: usize = parts.iter().map(|part| part.known).sum();
        let asked: usize = parts.iter().map(|part| part.asked).sum();
        Self {
            percent: u8::try_from(known * 100 / asked.max(1)).unwrap_or(100),
            parts,
        }
    }

    pub(super) fn missing(&self) -> usize {
        self.parts.iter().map(|part| part.missing.len()).sum()
    }
}

fn flows(inventory: Inventory) -> Part {
    let Inventory {
        flows,
        unclassified,
        to_correct,
    } = inventory;
    let many = |n: usize, words: &str| (n > 0).then(|| format!("{n} {words}"));
    let faults = [many(to_correct, "à corriger"), many(unclassified, "à classer")];
    let faults: Vec<_> = faults.into_iter().flatten().collect();
    let words = match (flows, &faults[..]) {
        (0, []) => "à compléter".to_owned(),
        (n, faults) => [vec![format!("{n} flux")], faults.to_vec()].concat().join(", "),
    };
    let missing = match (flows, &faults[..]) {
        (0, []) => vec!["Les flux entrants et sortants".to_owned()],
        (_, faults) => faults.iter().map(|fault| format!("Flux {fault}")).collect(),
    };
    let missing: Vec<_> = missing
        .into_iter()
        .map(|label| Missing {
            label,
            href: format!("#{FLOWS}"),
        })
        .collect();
    Part {
        code: FLOWS,
        title: "Flux",
        state: if missing.is_empty() {
            State::Complete
        } else {
            State::Partial
        },
        words,
        known: usize::from(flows > 0) + usize::from(missing.is_empty()),
        asked: 2,
        missing,
    }
}

fn part(section: &'static Section, known: &Known<'_>) -> Part {
    let skipped = known
        .answers
        .get(&questionnaire::skip(section))
        .map(String::as_str)
        == Some(SKIPPED);
    if skipped {
        return Part {
            code: section.code,
            title: section.title,
            state: State::NotApplicable,
            words: "sans objet".to_owned(),
            missing: Vec::new(),
            known: 0,
            asked: 0,
        };
    }
    let answered = |code: &str| {
        known
            .answers
            .get(code)
            .is_some_and(|answer| !answer.trim().is_empty())
    };
    let mut missing: Vec<_> = section
        .questions
        .iter()
        .filter(|question| !answered(question.code))
        .map(|question| Missing {
            label: question.label.to_owned(),
            href: format!("#f-q-{}", question.code),
        })
        .collect();
    let mut asked = section.questions.len();
    if section.code == "etablissement" {
        asked += known.sheet.len();
        let unknown = known.sheet.iter().filter(|(_, known)| !known);
        missing.extend(unknown.map(|(label, _)| Missing {
            label: (*label).to_owned(),
            href: known.sheet_href.to_owned(),
        }));
    }
    let (state, words) = match missing.len() {
        0 => (State::Complete, "complet".to_owned()),
        n if n == asked => (State::Partial, "à compléter".to_owned()),
        1 => (State::Partial, "une réponse manque".to_owned()),
        n => (State::Partial, format!("{n} réponses manquent")),
    };
    Part {
        code: section.code,
        title: section.title,
        state,
        words,
        known: asked - missing.len(),
        asked,
        missing,
    }
}

#[cfg(test)]
mod tests {
    use super::{Inventory, Known, Progress, State};
    use crate::visits::questionnaire::{SECTIONS, SKIPPED, skip};
    use std::collections::BTreeMap;

    fn progress(inventory: Inventory, answers: &BTreeMap<String, String>) -> Progress {
        Progress::of(&Known {
            inventory,
            sheet: &[("SIRET", true), ("Effectif", false)],
            sheet_href: "/entreprises/1",
            answers,
        })
    }

    #[test]
    fn nothing_asked_is_nothing_known() {
        let progress = progress(Inventory::default(), &BTreeMap::new());
        assert_eq!(progress.percent, 2);
        assert_eq!(progress.parts[0].words, "à compléter");
        let establishment = &progress.parts[1];
        assert_eq!(establishment.words, "5 réponses manquent");
        let last = establishment.missing.last().expect("the headcount");
        assert_eq!(
            (last.label.as_str(), last.href.as_str()),
            ("Effectif", "/entreprises/1")
        );
    }

    #[test]
    fn all_answered_or_without_object_is_complete() {
        let mut answers = BTreeMap::new();
        for section in SECTIONS {
            if section.may_not_apply {
                answers.insert(skip(section), SKIPPED.to_owned());
            }
            for question in section.questions {
                answers.insert(question.code.to_owned(), "réponse".to_owned());
            }
        }
        let inventory = Inventory {
            flows: 8,
            ..Inventory::default()
        };
        let progress = Progress::of(&Known {
            inventory,
            sheet: &[],
            sheet_href: "",
            answers: &answers,
        });
        assert_eq!((progress.percent, progress.missing()), (100, 0));
        let states: Vec<_> = progress.parts.iter().map(|part| part.state).collect();
        assert!(states.contains(&State::NotApplicable) && !states.contains(&State::Partial));
    }

    #[test]
    fn the_inventory_says_what_is_wrong_with_it() {
        let inventory = Inventory {
            flows: 8,
            unclassified: 1,
            to_correct: 2,
        };
        let progress = progress(inventory, &BTreeMap::new());
        assert_eq!(progress.parts[0].words, "8 flux, 2 à corriger, 1 à classer");
        assert_eq!(progress.parts[0].missing.len(), 2);
    }
}
