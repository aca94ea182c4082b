//! How much two free labels say the same thing.
//!
//! A category is broad (« cendres, boues, résidus minéraux »), a label is precise: within a category
//! the words decide. A word counts the more the fewer categories use it, so « déchet » weighs little
//! and « lignine » much; the weights come from the catalogue alone, so that adding a flow changes
//! nothing for the others.

use std::collections::{BTreeMap, BTreeSet};

use super::column::number;
use crate::kernel::fold;
use crate::nomenclature::Catalogue;

/// Weight of a number: « 80 x 120 » tells pallets apart, « lot 3 » tells nothing.
const NUMBER_WEIGHT: f64 = 0.3;

/// Sum of weights from which a label is precise enough to stand for the thing itself.
const PRECISE: f64 = 0.5;

#[derive(Debug, Clone, PartialEq)]
struct Word {
    stem: String,
    weight: f64,
}

/// A label, read: the terms the catalogue makes of it (one name for caustic soda and its formula), and the words as they
/// are spelt, because an abbreviation may stand for several terms.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Words {
    terms: Vec<Word>,
    spelt: Vec<Word>,
    /// Number of what it says: labels with the same number say the same thing. None when it says nothing.
    pub identity: Option<u32>,
    /// Numbers of the stems that weigh enough to bring two flows together.
    pub telling: Vec<u32>,
}

impl Words {
    fn text(&self) -> String {
        let stems: Vec<&str> = self.terms.iter().map(|word| word.stem.as_str()).collect();
        stems.join(" ")
    }

    fn weighty(&self) -> impl Iterator<Item = &str> {
        self.terms
            .iter()
            .filter(|word| word.weight >= PRECISE)
            .map(|word| word.stem.as_str())
    }

    /// Whether the label speaks of one of these things, or of nothing precise.
    pub(super) fn may_be(&self, stems: &BTreeSet<String>) -> bool {
        let said = |word: &Word| stems.contains(&word.stem);
        stems.is_empty() || self.terms.iter().any(said) || self.weighty().next().is_none()
    }

    /// 0 to 1: whether the label is more than « divers » or « déchets ».
    pub(super) fn precision(&self) -> f64 {
        (total(&self.terms) / PRECISE).min(1.0)
    }

    /// 0 to 1: share of the weight of both labels that the other one repeats.
    pub(super) fn agreement(&self, other: &Self) -> f64 {
        if self.terms == other.terms {
            return if self.terms.is_empty() { 0.0 } else { 1.0 };
        }
        let terms = shared(&self.terms, &other.terms);
        if terms > 0.999 {
            terms
        } else {
            terms.max(shared(&self.spelt, &other.spelt))
        }
    }
}

fn total(words: &[Word]) -> f64 {
    words.iter().map(|word| word.weight).sum()
}

fn shared(a: &[Word], b: &[Word]) -> f64 {
    let whole = total(a) + total(b);
    if whole > 0.0 {
        (repeated(a, b) + repeated(b, a)) / whole
    } else {
        0.0
    }
}

/// Weight of the words of one label that the other repeats.
fn repeated(words: &[Word], others: &[Word]) -> f64 {
    let best = |word: &Word| {
        others
            .iter()
            .map(|other| likeness(&word.stem, &other.stem))
            .fold(0.0, f64::max)
    };
    words.iter().map(|word| word.weight * best(word)).sum()
}

/// The words of the catalogue and how common they are in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Vocabulary<'a> {
    catalogue: &'a Catalogue,
    categories: f64,
}

impl<'a> Vocabulary<'a> {
    pub(super) fn of(catalogue: &'a Catalogue) -> Self {
        let categories = u32::try_from(catalogue.categories().len()).unwrap_or(u32::MAX);
        Self {
            catalogue,
            categories: f64::from(categories),
        }
    }

    pub(super) fn read(&self, label: &str) -> Words {
        let word = |stem: String| Word {
            weight: self.weight(&stem),
            stem,
        };
        let folded = fold(label);
        let spelt: BTreeSet<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
        let spelt = spelt.into_iter().filter_map(|text| {
            // No term: a word that says nothing.
            let term = self.catalogue.terms(text).into_iter().next()?;
            Some(Word {
                weight: self.weight(&term),
                stem: text.to_owned(),
            })
        });
        Words {
            terms: self.catalogue.terms(label).into_iter().map(word).collect(),
            spelt: spelt.collect(),
            ..Words::default()
        }
    }

    fn weight(&self, stem: &str) -> f64 {
        if stem.chars().all(|c| c.is_ascii_digit()) {
            return NUMBER_WEIGHT;
        }
        let used_by = f64::from(self.catalogue.users_of(stem).unwrap_or(1));
        (1.0 + self.categories / used_by).ln() / (1.0 + self.categories).ln()
    }
}

/// The labels of a run, each distinct one read once and numbered.
#[derive(Debug)]
pub(super) struct Dictionary<'a> {
    vocabulary: Vocabulary<'a>,
    words: Vec<Words>,
    by_label: BTreeMap<String, u32>,
    identities: BTreeMap<String, u32>,
    stems: BTreeMap<String, u32>,
}

impl<'a> Dictionary<'a> {
    pub(super) fn of(catalogue: &'a Catalogue) -> Self {
        Self {
            vocabulary: Vocabulary::of(catalogue),
            words: Vec::new(),
            by_label: BTreeMap::new(),
            identities: BTreeMap::new(),
            stems: BTreeMap::new(),
        }
    }

    /// The number of a label, which is read the first time it is met.
    pub(super) fn learn(&mut self, label: &str) -> u32 {
        if let Some(known) = self.by_label.get(label) {
            return *known;
        }
        let mut words = self.vocabulary.read(label);
        let text = words.text();
        if !text.is_empty() {
            words.identity = Some(numbered(&mut self.identities, &text));
        }
        words.telling = words
            .weighty()
            .map(|stem| numbered(&mut self.stems, stem))
            .collect();
        let number = number(self.words.len());
        self.words.push(words);
        self.by_label.insert(label.to_owned(), number);
        number
    }

    pub(super) fn words(&self, label: u32) -> &Words {
        &self.words[label as usize]
    }
}

fn numbered(numbers: &mut BTreeMap<String, u32>, text: &str) -> u32 {
    if let Some(known) = numbers.get(text) {
        return *known;
    }
    let next = number(numbers.len());
    numbers.insert(text.to_owned(), next);
    next
}

/// 1 for the same stem, less for an abbreviation or a typing error, 0 for another word.
fn likeness(a: &str, b: &str) -> f64 {
    if a == b {
        return 1.0;
    }
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if short.len() >= 3 && long.starts_with(short) {
        return 0.85;
    }
    let allowed = match short.len() {
        0..=3 => return 0.0,
        4..=6 => 1,
        _ => 2,
    };
    match edits(short.as_bytes(), long.as_bytes()) {
        1 if allowed >= 1 => 0.9,
        2 if allowed >= 2 => 0.75,
        _ => 0.0,
    }
}

/// Insertions, deletions, substitutions and swaps of neighbours between two words, at most 3.
fn edits(a: &[u8], b: &[u8]) -> usize {
    if a.len().abs_diff(b.len()) > 2 {
        return 3;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut previous: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut cost = (previous[j] + usize::from(x != y))
                .min(previous[j + 1] + 1)
                .min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                cost = cost.min(before[j - 1] + 1);
            }
            row.push(cost);
        }
        before = previous;
        previous = row;
    }
    previous[b.len()].min(3)
}

#[cfg(test)]
mod tests {
    use super::{Vocabulary, edits, likeness};
    use crate::nomenclature::Catalogue;

    fn agreement(a: &str, b: &str) -> f64 {
        let vocabulary = Vocabulary::of(Catalogue::embedded());
        vocabulary.read(a).agreement(&vocabulary.read(b))
    }

    #[test]
    fn case_accents_plural_and_order_do_not_count() {
        assert!((agreement("Cendres volantes de charbon", "charbon, CENDRE VOLANTE") - 1.0).abs() < 1e-9);
    }

    #[test]
    fn typing_errors_and_abbreviations_cost_little() {
        assert!(agreement("Boue d’épuration", "boue d’épurtion") > 0.8);
        assert!(agreement("Gypse de désulfuration", "gypse désulf.") > 0.8);
        assert!(agreement("Eau de surface", "eau de surafce") > 0.8);
    }

    #[test]
    fn rare_words_tell_more_than_common_ones() {
        assert!(agreement("Granulés de lignine", "lignine") > agreement("Granulés de lignine", "granulés"));
        assert!(agreement("Boue d’épuration", "Palettes Europe") < 0.01);
        assert!(agreement("", "") < 0.01);
    }

    #[test]
    fn vague_labels_are_not_precise() {
        let vocabulary = Vocabulary::of(Catalogue::embedded());
        assert!(vocabulary.read("Gypse de désulfuration").precision() > 0.99);
        assert!(vocabulary.read("").precision() < 0.01);
    }

    #[test]
    fn edits_count_swaps_once() {
        assert_eq!(edits(b"surface", b"surafce"), 1);
        assert_eq!(edits(b"carton", b"carbone"), 2);
        assert_eq!(edits(b"", b"ab"), 2);
        assert_eq!(edits(b"a", b"abcdef"), 3);
        assert!(likeness("eau", "air") < 0.01);
    }
}
