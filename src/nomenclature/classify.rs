//! From what a company says (« chutes de carton », « 15 01 01 ») to the categories it may mean.

use std::collections::BTreeSet;

use super::catalogue::Catalogue;
use super::code::FlowCode;
use super::index::{Classifier, Evidence, Origin};
use super::lexicon::{How, Token};
use super::waste::WasteCode;
use crate::kernel::{Direction, fold};

/// From this confidence, the best guess may stand without a person's confirmation.
pub const CONFIDENT: f64 = 0.5;

/// Guesses below this confidence are noise.
const NOISE: f64 = 0.05;
const MAX_GUESSES: usize = 5;
/// What the score keeps when the category does not go that way.
const WRONG_WAY: f64 = 0.6;
/// What the score keeps when another category has exactly that label or synonym.
const NOT_NAMED: f64 = 0.7;
/// From this share of the best score, the next category makes the best one doubtful.
const RIVAL: f64 = 0.6;

/// One possible category, with the reason in French.
#[derive(Debug, Clone, PartialEq)]
pub struct Guess {
    pub code: FlowCode,
    /// From 0 to 1; low when another category is as likely.
    pub confidence: f64,
    pub why: String,
}

impl Catalogue {
    /// The categories a flow may belong to, best first; empty when nothing is recognised.
    #[must_use]
    pub fn classify(
        &self,
        label: &str,
        waste: Option<WasteCode>,
        direction: Option<Direction>,
    ) -> Vec<Guess> {
        let folded = fold(label);
        let mut tokens = self.classifier.lexicon.read(&folded);
        let waste = waste.or_else(|| {
            let code = waste_code_within(&folded)?;
            tokens.retain(|token| !is_number(token.surface));
            Some(code)
        });
        let evidence = self.classifier.evidence(&tokens);
        let mut scores: Vec<f64> = evidence.iter().map(|evidence| evidence.score).collect();
        let named = self.classifier.named(&folded);
        if !named.is_empty() {
            for (rank, score) in scores.iter_mut().enumerate() {
                *score *= if named.contains(&rank) { 1.0 } else { NOT_NAMED };
            }
        }
        for (rank, weight) in waste.map_or(&[][..], |code| self.classifier.of_waste(code)) {
            scores[*rank] = 1.0 - (1.0 - scores[*rank]) * (1.0 - weight);
        }
        if let Some(direction) = direction {
            for (score, category) in scores.iter_mut().zip(self.categories()) {
                *score *= if category.allows(direction) {
                    1.0
                } else {
                    WRONG_WAY
                };
            }
        }
        ranked(&scores)
            .into_iter()
            .map(|(rank, confidence)| Guess {
                code: self.classifier.codes[rank],
                confidence,
                why: self.classifier.why(rank, &evidence[rank], &tokens, waste),
            })
            .collect()
    }

    /// How many categories use a term, as [`Catalogue::terms`] gives it.
    #[must_use]
    pub fn users_of(&self, term: &str) -> Option<u32> {
        self.classifier.usage.get(term).copied()
    }

    /// The meaningful terms of a label, stemmed, misspellings mended, with one name for things that
    /// have several (`NaOH` is `soude`); to compare labels with each other.
    #[must_use]
    pub fn terms(&self, label: &str) -> BTreeSet<String> {
        self.classifier.lexicon.terms(&fold(label))
    }
}

/// A label that is, or holds, six digits in the shape of a waste code.
fn waste_code_within(folded: &str) -> Option<WasteCode> {
    if !folded.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits: String = folded.split(' ').filter(|word| is_number(word)).collect();
    WasteCode::find(&digits)
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

/// Ranks with their confidence, best first, ties by order of the catalogue.
fn ranked(scores: &[f64]) -> Vec<(usize, f64)> {
    let mut order: Vec<usize> = (0..scores.len()).filter(|rank| scores[*rank] > NOISE).collect();
    order.sort_unstable_by(|a, b| scores[*b].total_cmp(&scores[*a]).then_with(|| a.cmp(b)));
    order.truncate(MAX_GUESSES);
    let best = order.first().map_or(1.0, |rank| scores[*rank]);
    let next = order.get(1).map_or(0.0, |rank| scores[*rank]);
    let doubt = ((next / best - RIVAL) / (1.0 - RIVAL)).clamp(0.0, 1.0);
    order
        .into_iter()
        .enumerate()
        .map(|(place, rank)| {
            let score = scores[rank];
            let share = if place == 0 {
                1.0 - doubt / 2.0
            } else {
                score / best / 2.0
            };
            (rank, score * share)
        })
        .filter(|(_, confidence)| *confidence >= NOISE)
        .collect()
}

impl Classifier {
    fn why(
        &self,
        rank: usize,
        evidence: &Evidence,
        tokens: &[Token<'_>],
        waste: Option<WasteCode>,
    ) -> String {
        let mut reasons = Vec::with_capacity(2);
        if let Some(best) = evidence.best {
            let phrase = &self.phrases[best.phrase];
            let reading = &tokens[best.item].readings[best.reading];
            reasons.push(match (&reading.how, best.whole, phrase.origin) {
                (How::Abbreviation, _, _) => quoted("abréviation de", reading.word),
                (How::Near, _, _) => quoted("proche de", reading.word),
                (How::AsWritten, true, Origin::Synonym) => quoted("synonyme", &phrase.text),
                (How::AsWritten, true, Origin::Label) => quoted("libellé", &phrase.text),
                (How::AsWritten, false, _) => quoted("mots communs avec", &phrase.text),
            });
        }
        if let Some(code) = waste
            && self.of_waste(code).iter().any(|(listed, _)| *listed == rank)
        {
            reasons.push(format!("code déchet {code}"));
        }
        reasons.join(", ")
    }
}

fn quoted(reason: &str, text: &str) -> String {
    format!("{reason} «\u{a0}{text}\u{a0}»")
}

#[cfg(test)]
mod tests;
