//! The inverted index behind classification: which phrases of which categories hold a word.
//!
//! A label is explained word by word by the phrases of a category (its label and synonyms): a
//! whole phrase found explains its words fully, a part of one explains them less. Rare words weigh
//! more than common ones, and the first word, which in French names the thing, more than those
//! that qualify it.

use std::collections::{BTreeMap, BTreeSet};

use super::catalogue::Category;
use super::code::FlowCode;
use super::lexicon::{Lexicon, Term, Token};
use super::waste::WasteCode;
use crate::kernel::fold;

/// The first word names the thing.
const HEAD: f64 = 1.25;
/// More so when it is a service that the other words only qualify.
const ACTION: f64 = 2.5;
/// What a word keeps when it only qualifies the thing.
const LINKED: f64 = 0.85;
/// What a word that goes with anything keeps of its weight.
const WEAK: f64 = 0.25;
/// What a word nobody knows weighs, as a share of the mean weight.
const UNKNOWN: f64 = 0.4;
/// What a part of the category's label is worth alone.
const LABEL_PART: f64 = 0.85;
/// What a word explains when it starts a longer phrase of a single category, or follows in one.
const STARTS_PHRASE: f64 = 0.7;
const WITHIN_PHRASE: f64 = 0.4;
/// The weight of a waste code that one category lists.
const LISTED: f64 = 0.85;
/// What the last codes of a long list keep of that weight.
const LEAST_USUAL: f64 = 0.72;
/// The weight of the nearest listed codes, when no category lists the code itself.
const SAME_SECTION: f64 = 0.4;
const SAME_CHAPTER: f64 = 0.15;
/// What the official label of a waste code is worth, against a company's own words.
const OFFICIAL_LABEL: f64 = 0.6;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    Label,
    Synonym,
}

/// A label or synonym of a category.
#[derive(Debug)]
pub(super) struct Phrase {
    pub origin: Origin,
    pub text: String,
    category: usize,
    /// What the phrase is worth when all its words are found.
    strength: f64,
    weight: f64,
    terms: Vec<Term>,
}

/// A word of the label that a phrase holds.
struct Hit {
    phrase: usize,
    term: Term,
    item: usize,
    reading: usize,
    similarity: f64,
}

/// The phrase that explains most of a label.
#[derive(Debug, Clone, Copy)]
pub(super) struct Best {
    pub phrase: usize,
    pub whole: bool,
    /// The word that was understood with least certainty, and its reading.
    pub item: usize,
    pub reading: usize,
    value: f64,
}

/// What the words of a label say of one category.
#[derive(Debug, Clone, Default)]
pub(super) struct Evidence {
    pub score: f64,
    pub best: Option<Best>,
}

/// The index over a catalogue.
#[derive(Debug)]
pub(super) struct Classifier {
    pub lexicon: Lexicon,
    pub phrases: Vec<Phrase>,
    pub codes: Vec<FlowCode>,
    /// Categories by folded phrase.
    exact: BTreeMap<String, Vec<usize>>,
    /// Phrases by term.
    postings: Vec<Vec<usize>>,
    /// By term, how much it says.
    weights: Vec<f64>,
    /// By term, how many categories use it.
    spread: Vec<f64>,
    unknown_weight: f64,
    by_waste: BTreeMap<WasteCode, Vec<(usize, f64)>>,
    /// By stem, how many categories use it in their label or synonyms.
    pub usage: BTreeMap<String, u32>,
}

impl Classifier {
    pub(super) fn over(categories: &[Category]) -> Self {
        let mut lexicon = Lexicon::embedded();
        let mut phrases = Vec::new();
        for (rank, category) in categories.iter().enumerate() {
            for (text, origin, strength) in texts(category) {
                phrases.push(Phrase {
                    origin,
                    text: text.to_owned(),
                    category: rank,
                    strength,
                    weight: 0.0,
                    terms: lexicon.learn(text),
                });
            }
        }
        phrases.retain(|phrase| !phrase.terms.is_empty());
        lexicon.index_spellings();
        let mut exact: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for phrase in &phrases {
            let categories = exact.entry(fold(&phrase.text)).or_default();
            if !categories.contains(&phrase.category) {
                categories.push(phrase.category);
            }
        }
        let mut classifier = Self {
            exact,
            postings: vec![Vec::new(); lexicon.len()],
            weights: Vec::new(),
            spread: Vec::new(),
            unknown_weight: 0.0,
            codes: categories.iter().map(|category| category.code).collect(),
            by_waste: BTreeMap::new(),
            usage: usage(&lexicon, categories),
            lexicon,
            phrases,
        };
        classifier.weigh();
        classifier.by_waste = classifier.waste_table(categories);
        classifier
    }

    /// Inverse frequency of terms among categories, then the weight of each phrase.
    fn weigh(&mut self) {
        for (rank, phrase) in self.phrases.iter().enumerate() {
            for term in &phrase.terms {
                self.postings[*term as usize].push(rank);
            }
        }
        let categories = count(self.codes.len());
        for (term, postings) in (0..).zip(&self.postings) {
            let users: BTreeSet<usize> = postings.iter().map(|rank| self.phrases[*rank].category).collect();
            let spread = count(users.len());
            let rarity = (1.0 + categories / spread.max(1.0)).ln();
            let weak = if self.lexicon.is_weak(term) { WEAK } else { 1.0 };
            self.spread.push(spread);
            self.weights.push(rarity * weak);
        }
        let mean = self.weights.iter().sum::<f64>() / count(self.weights.len()).max(1.0);
        self.unknown_weight = UNKNOWN * mean;
        for phrase in &mut self.phrases {
            let weights = phrase.terms.iter().map(|term| self.weights[*term as usize]);
            phrase.weight = weights.sum();
        }
    }

    /// What each listed code says, then what the others can be inferred to say.
    fn waste_table(&self, categories: &[Category]) -> BTreeMap<WasteCode, Vec<(usize, f64)>> {
        let mut listed: BTreeMap<WasteCode, Vec<(usize, f64)>> = BTreeMap::new();
        for (rank, category) in categories.iter().enumerate() {
            for (place, code) in category.waste_codes.iter().enumerate() {
                let importance = (1.0 / (1.0 + 0.05 * count(place))).max(LEAST_USUAL);
                listed.entry(*code).or_default().push((rank, importance));
            }
        }
        WasteCode::all()
            .map(|code| (code, self.waste_evidence(code, &listed)))
            .collect()
    }

    fn waste_evidence(
        &self,
        code: WasteCode,
        listed: &BTreeMap<WasteCode, Vec<(usize, f64)>>,
    ) -> Vec<(usize, f64)> {
        let official = fold(code.label());
        let tokens = self.lexicon.read(&official);
        let said = self.evidence(&tokens);
        if let Some(users) = listed.get(&code) {
            let share = LISTED / count(users.len()).powf(0.35);
            return users
                .iter()
                .map(|(rank, importance)| {
                    let agrees = 0.85 + 0.15 * said[*rank].score;
                    (*rank, share * importance * agrees)
                })
                .collect();
        }
        let near = |length: usize, weight: f64| {
            let prefix = &code.as_str()[..length];
            let mut votes = vec![0.0; self.codes.len()];
            for users in listed
                .iter()
                .filter(|(other, _)| other.hazardous() == code.hazardous())
                .filter_map(|(other, users)| other.as_str().starts_with(prefix).then_some(users))
            {
                for (rank, importance) in users {
                    votes[*rank] += importance;
                }
            }
            let total: f64 = votes.iter().sum::<f64>().max(1.0);
            votes.into_iter().map(move |votes| weight * votes / total)
        };
        near(4, SAME_SECTION)
            .zip(near(2, SAME_CHAPTER))
            .zip(said)
            .enumerate()
            .map(|(rank, ((section, chapter), said))| (rank, section + chapter + OFFICIAL_LABEL * said.score))
            .filter(|(_, weight)| *weight > 0.05)
            .collect()
    }

    /// The categories a waste code points to, each with a weight from 0 to 1.
    pub(super) fn of_waste(&self, code: WasteCode) -> &[(usize, f64)] {
        self.by_waste.get(&code).map_or(&[], Vec::as_slice)
    }

    /// The categories that have exactly this label or synonym.
    pub(super) fn named(&self, folded: &str) -> &[usize] {
        self.exact.get(folded).map_or(&[], Vec::as_slice)
    }

    /// What the words of a label say, by category.
    pub(super) fn evidence(&self, tokens: &[Token<'_>]) -> Vec<Evidence> {
        let mut evidence = vec![Evidence::default(); self.codes.len()];
        let mut hits = self.hits(tokens);
        hits.sort_unstable_by(|a, b| {
            (a.phrase, a.term)
                .cmp(&(b.phrase, b.term))
                .then_with(|| b.similarity.total_cmp(&a.similarity))
                .then_with(|| a.item.cmp(&b.item))
        });
        let mut explained = vec![0.0_f64; self.codes.len() * tokens.len()];
        for found in hits.chunk_by(|a, b| a.phrase == b.phrase) {
            let phrase = &self.phrases[found[0].phrase];
            let start = phrase.category * tokens.len();
            let words = &mut explained[start..start + tokens.len()];
            let best = self.explain(phrase, found, words);
            let so_far = &mut evidence[phrase.category].best;
            if so_far.is_none_or(|so_far| best.value > so_far.value) {
                *so_far = Some(best);
            }
        }
        let weights = self.item_weights(tokens);
        let total: f64 = weights.iter().sum();
        for (evidence, words) in evidence.iter_mut().zip(explained.chunks(tokens.len().max(1))) {
            let sum: f64 = words
                .iter()
                .zip(&weights)
                .map(|(share, weight)| share * weight)
                .sum();
            evidence.score = if total > 0.0 { sum / total } else { 0.0 };
        }
        evidence
    }

    fn hits(&self, tokens: &[Token<'_>]) -> Vec<Hit> {
        let mut hits = Vec::with_capacity(64);
        for (item, token) in tokens.iter().enumerate() {
            for (rank, reading) in token.readings.iter().enumerate() {
                hits.extend(self.postings[reading.term as usize].iter().map(|phrase| Hit {
                    phrase: *phrase,
                    term: reading.term,
                    item,
                    reading: rank,
                    similarity: reading.similarity,
                }));
            }
        }
        hits
    }

    /// Credits the words that one phrase explains.
    fn explain(&self, phrase: &Phrase, found: &[Hit], words: &mut [f64]) -> Best {
        let matched: f64 = found
            .chunk_by(|a, b| a.term == b.term)
            .map(|same| self.weights[same[0].term as usize])
            .sum();
        let coverage = (matched / phrase.weight).min(1.0);
        let mut least_certain = &found[0];
        for hit in found {
            let place = if phrase.terms.first() == Some(&hit.term) {
                STARTS_PHRASE
            } else {
                WITHIN_PHRASE
            };
            let alone = place / self.spread[hit.term as usize];
            let credit = phrase.strength * hit.similarity * alone.max(coverage.powf(1.5));
            words[hit.item] = words[hit.item].max(credit);
            if hit.similarity < least_certain.similarity {
                least_certain = hit;
            }
        }
        Best {
            phrase: found[0].phrase,
            whole: coverage > 0.999,
            item: least_certain.item,
            reading: least_certain.reading,
            value: matched * coverage * phrase.strength,
        }
    }

    /// How much each word of a label says. The first one that is not a word for anything names the
    /// thing; those after « de » or « pour » qualify it.
    fn item_weights(&self, tokens: &[Token<'_>]) -> Vec<f64> {
        let known = |token: &Token<'_>| {
            let term = token.readings.first()?.term;
            (self.spread[term as usize] > 0.0).then_some(term)
        };
        let strong = |token: &Token<'_>| known(token).is_some_and(|term| !self.lexicon.is_weak(term));
        let head = tokens.iter().position(strong).unwrap_or(0);
        let weigh = |(item, token): (usize, &Token<'_>)| {
            let used = known(token);
            let weight = used.map_or(self.unknown_weight, |term| self.weights[term as usize]);
            match used {
                Some(term) if item == 0 && self.lexicon.is_action(term) => ACTION * weight,
                Some(_) | None if item == head => HEAD * weight,
                Some(_) | None if token.linked && item > head => LINKED * weight,
                Some(_) | None => weight,
            }
        };
        tokens.iter().enumerate().map(weigh).collect()
    }
}

fn usage(lexicon: &Lexicon, categories: &[Category]) -> BTreeMap<String, u32> {
    let mut usage = BTreeMap::new();
    for category in categories {
        let texts = category.synonyms.iter().chain([&category.label]);
        let terms: BTreeSet<String> = texts.flat_map(|text| lexicon.terms(&fold(text))).collect();
        for term in terms {
            *usage.entry(term).or_insert(0) += 1;
        }
    }
    usage
}

/// The phrases of a category: its label whole, the parts of its label, its synonyms.
fn texts(category: &Category) -> Vec<(&str, Origin, f64)> {
    let label = category.label.as_str();
    let mut texts = vec![(label, Origin::Label, 1.0)];
    // A lone word between brackets qualifies the label; several are examples of it.
    let (outside, inside) = label.split_once('(').unwrap_or((label, ""));
    let examples = if inside.contains(',') { inside } else { "" };
    let parts = [outside, examples]
        .into_iter()
        .flat_map(|part| part.split([':', ',', ';', '(', ')', '/']).map(str::trim));
    texts.extend(
        parts
            .filter(|part| !part.is_empty() && *part != label)
            .map(|part| (part, Origin::Label, LABEL_PART)),
    );
    let synonyms = category.synonyms.iter();
    texts.extend(synonyms.map(|synonym| (synonym.as_str(), Origin::Synonym, 1.0)));
    texts
}

fn count(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::INFINITY, f64::from)
}
