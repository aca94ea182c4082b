//! The words of the nomenclature: how a label is cut into terms that can be compared.
//!
//! A term is a stem, or the common name of things with several names (`NaOH` is `soude`).
//! Words the nomenclature does not know are brought to the nearest ones it knows.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use rust_stemmers::{Algorithm, Stemmer};
use serde::Deserialize;

use super::spelling::Spelling;
use crate::kernel::fold;

/// A term of the lexicon.
pub(super) type Term = u32;

/// How a word of a label was understood.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum How {
    AsWritten,
    Abbreviation,
    Near,
}

/// One way to understand a word of a label.
#[derive(Debug, Clone)]
pub(super) struct Reading<'a> {
    pub term: Term,
    /// 1 for the word itself, less for a word that only looks like it.
    pub similarity: f64,
    pub how: How,
    /// The known word, as the nomenclature spells it.
    pub word: &'a str,
}

/// A meaningful word of a label; without any reading when nothing known looks like it.
#[derive(Debug)]
pub(super) struct Token<'a> {
    pub surface: &'a str,
    /// It comes after « de », « pour », « en »…: it qualifies the thing and does not name it.
    pub linked: bool,
    pub readings: Vec<Reading<'a>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WordsFile {
    stop: Vec<String>,
    links: Vec<String>,
    common: Vec<String>,
    apart: Vec<String>,
    weak: Vec<String>,
    actions: Vec<String>,
    aliases: Vec<Vec<String>>,
    abbreviations: BTreeMap<String, String>,
}

#[derive(Debug)]
enum Word {
    Ignored,
    /// Ignored, and what follows qualifies what came before.
    Link,
    /// A word of every day that names no flow: never a slip of another one.
    Common,
    Known(Term),
    Short(Term, Box<str>),
}

#[derive(Debug)]
struct Alias {
    rest: Vec<Term>,
    kept: Vec<Term>,
}

/// Known words, stems and names.
#[derive(Debug)]
pub(super) struct Lexicon {
    words: BTreeMap<Box<str>, Word>,
    stems: Vec<Box<str>>,
    by_stem: BTreeMap<Box<str>, Term>,
    /// Words that the stemmer would take for another one.
    apart: BTreeSet<Box<str>>,
    weak: BTreeSet<Term>,
    actions: BTreeSet<Term>,
    /// By first term, longest first.
    aliases: BTreeMap<Term, Vec<Alias>>,
    spelling: Spelling,
}

impl Lexicon {
    /// The words of general use; those of the nomenclature are added by [`Self::learn`].
    pub(super) fn embedded() -> Self {
        let file: WordsFile =
            toml::from_str(include_str!("words.toml")).expect("the embedded words are well-formed");
        let mut lexicon = Self {
            words: BTreeMap::new(),
            stems: Vec::new(),
            by_stem: BTreeMap::new(),
            apart: file.apart.into_iter().map(String::into_boxed_str).collect(),
            weak: BTreeSet::new(),
            actions: BTreeSet::new(),
            aliases: BTreeMap::new(),
            spelling: Spelling::default(),
        };
        for word in file.stop {
            lexicon.words.insert(word.into(), Word::Ignored);
        }
        for word in file.links {
            lexicon.words.insert(word.into(), Word::Link);
        }
        for word in file.common {
            lexicon.words.insert(word.into(), Word::Common);
        }
        for word in file.weak {
            let term = lexicon.term_of(&word);
            lexicon.weak.insert(term);
        }
        for word in file.actions {
            let term = lexicon.term_of(&word);
            lexicon.actions.insert(term);
        }
        for names in &file.aliases {
            lexicon.alias(names);
        }
        for (short, full) in file.abbreviations {
            let term = lexicon.term_of(&full);
            lexicon.words.insert(short.into(), Word::Short(term, full.into()));
        }
        lexicon
    }

    fn alias(&mut self, names: &[String]) {
        let sequences: Vec<Vec<Term>> = names.iter().map(|name| self.sequence(name)).collect();
        let Some((kept, others)) = sequences.split_first() else {
            return;
        };
        for name in others {
            if let Some((first, rest)) = name.split_first() {
                let same_start = self.aliases.entry(*first).or_default();
                same_start.push(Alias {
                    rest: rest.to_vec(),
                    kept: kept.clone(),
                });
                same_start.sort_by_key(|alias| Reverse(alias.rest.len()));
            }
        }
    }

    /// Adds the words of a phrase of the nomenclature; returns its terms in order, each once.
    pub(super) fn learn(&mut self, phrase: &str) -> Vec<Term> {
        let terms = self.sequence(phrase);
        let mut seen = BTreeSet::new();
        let mut renamed = Vec::with_capacity(terms.len());
        let mut at = 0;
        while let Some(term) = terms.get(at) {
            let alias = self.alias_at(&terms[at..], |term| Some(*term));
            let kept = alias.map_or(std::slice::from_ref(term), |alias| &alias.kept);
            renamed.extend(kept.iter().copied().filter(|term| seen.insert(*term)));
            at += alias.map_or(1, |alias| alias.rest.len() + 1);
        }
        renamed
    }

    /// To be called once every phrase is learnt, before reading labels.
    pub(super) fn index_spellings(&mut self) {
        let known = self.words.iter().filter_map(|(word, meaning)| match meaning {
            Word::Known(term) => Some((&**word, *term)),
            Word::Ignored | Word::Link | Word::Common | Word::Short(..) => None,
        });
        self.spelling = Spelling::over(known);
    }

    /// How many terms there are; terms are numbered from zero.
    pub(super) fn len(&self) -> usize {
        self.stems.len()
    }

    /// Whether the term goes with anything (« déchet », « divers »).
    pub(super) fn is_weak(&self, term: Term) -> bool {
        self.weak.contains(&term)
    }

    /// Whether the term, coming first, says what is wanted (« lavage », « transport »).
    pub(super) fn is_action(&self, term: Term) -> bool {
        self.actions.contains(&term)
    }

    /// The meaningful words of a folded label, understood.
    pub(super) fn read<'a>(&'a self, folded: &'a str) -> Vec<Token<'a>> {
        let tokens = self.tokens(folded);
        if self.has_alias(&tokens) {
            self.renamed(&tokens)
        } else {
            tokens
        }
    }

    /// The label as terms in words, to compare two labels outside the catalogue's categories.
    pub(super) fn terms(&self, folded: &str) -> BTreeSet<String> {
        self.read(folded)
            .into_iter()
            .map(|token| match token.readings.first() {
                Some(reading) => self.stems[reading.term as usize].to_string(),
                None => self.stem(token.surface),
            })
            .collect()
    }

    fn tokens<'a>(&'a self, folded: &'a str) -> Vec<Token<'a>> {
        let mut tokens = Vec::with_capacity(8);
        let mut linked = false;
        let mut words = folded.split(' ').peekable();
        while let Some(word) = words.next() {
            let meaning = self.words.get(word);
            let whole = match (meaning, words.peek()) {
                (Some(Word::Known(_) | Word::Short(..) | Word::Link), _) | (_, None) => None,
                (Some(Word::Ignored | Word::Common) | None, Some(next)) => self.joined(word, next),
            };
            if whole.is_some() {
                words.next();
            }
            linked |= matches!(meaning, Some(Word::Link)) && !tokens.is_empty();
            tokens.extend(
                whole
                    .or_else(|| self.token(word))
                    .map(|token| Token { linked, ..token }),
            );
        }
        tokens
    }

    /// One word that was written as two: « co-voiturage ».
    fn joined<'a>(&'a self, word: &'a str, next: &str) -> Option<Token<'a>> {
        let (known, meaning) = self.words.get_key_value(format!("{word}{next}").as_str())?;
        let Word::Known(term) = meaning else {
            return None;
        };
        Some(Token {
            surface: word,
            linked: false,
            readings: vec![as_written(*term, known)],
        })
    }

    fn token<'a>(&'a self, word: &'a str) -> Option<Token<'a>> {
        let readings = match self.words.get_key_value(word) {
            Some((_, Word::Ignored | Word::Link)) => return None,
            Some((_, Word::Common)) => Vec::new(),
            Some((known, Word::Known(term))) => vec![as_written(*term, known)],
            Some((_, Word::Short(term, full))) => vec![Reading {
                how: How::Abbreviation,
                ..as_written(*term, full)
            }],
            None if word.len() < 2 || word.starts_with(|c: char| c.is_ascii_digit()) => return None,
            None => match self.by_stem.get_key_value(self.stem(word).as_str()) {
                Some((known, term)) => vec![as_written(*term, known)],
                None => self.spelling.near(word),
            },
        };
        Some(Token {
            surface: word,
            linked: false,
            readings,
        })
    }

    fn has_alias(&self, tokens: &[Token<'_>]) -> bool {
        tokens
            .iter()
            .filter_map(first_term)
            .any(|term| self.aliases.contains_key(&term))
    }

    fn renamed<'a>(&'a self, tokens: &[Token<'a>]) -> Vec<Token<'a>> {
        let mut renamed = Vec::with_capacity(tokens.len());
        let mut skipped = 0;
        for at in 0..tokens.len() {
            if skipped > 0 {
                skipped -= 1;
                continue;
            }
            let token = &tokens[at];
            match (self.alias_at(&tokens[at..], first_term), token.readings.first()) {
                (Some(alias), Some(reading)) => {
                    skipped = alias.rest.len();
                    renamed.extend(alias.kept.iter().map(|term| Token {
                        surface: token.surface,
                        linked: token.linked,
                        readings: vec![Reading {
                            term: *term,
                            ..reading.clone()
                        }],
                    }));
                }
                _ => renamed.push(Token {
                    surface: token.surface,
                    linked: token.linked,
                    readings: token.readings.clone(),
                }),
            }
        }
        renamed
    }

    fn alias_at<T>(&self, items: &[T], term_of: impl Fn(&T) -> Option<Term>) -> Option<&Alias> {
        let (first, following) = items.split_first()?;
        let candidates = self.aliases.get(&term_of(first)?)?;
        candidates.iter().find(|alias| {
            alias.rest.len() <= following.len()
                && alias
                    .rest
                    .iter()
                    .zip(following)
                    .all(|(term, item)| term_of(item) == Some(*term))
        })
    }

    fn sequence(&mut self, phrase: &str) -> Vec<Term> {
        let folded = fold(phrase);
        let mut terms = Vec::new();
        for word in folded.split(' ').filter(|word| !word.is_empty()) {
            match self.words.get(word) {
                Some(Word::Ignored | Word::Link) => {}
                Some(Word::Known(term)) => terms.push(*term),
                Some(Word::Short(..) | Word::Common) | None => {
                    let term = self.term_of(word);
                    self.words.insert(word.into(), Word::Known(term));
                    terms.push(term);
                }
            }
        }
        terms
    }

    fn term_of(&mut self, word: &str) -> Term {
        let stem = self.stem(word);
        if let Some(term) = self.by_stem.get(stem.as_str()) {
            return *term;
        }
        let term = Term::try_from(self.stems.len()).expect("a lexicon has thousands of words");
        self.stems.push(stem.clone().into());
        self.by_stem.insert(stem.into(), term);
        term
    }

    fn stem(&self, word: &str) -> String {
        if self.apart.contains(word) || word.strip_suffix('s').is_some_and(|one| self.apart.contains(one)) {
            return word.trim_end_matches('s').to_owned();
        }
        stem(word)
    }
}

fn as_written(term: Term, word: &str) -> Reading<'_> {
    Reading {
        term,
        similarity: 1.0,
        how: How::AsWritten,
        word,
    }
}

fn first_term(token: &Token<'_>) -> Option<Term> {
    token.readings.first().map(|reading| reading.term)
}

/// The stem of a folded word. Plurals and participles go first, because the stemmer expects the
/// accents that folding removed.
fn stem(word: &str) -> String {
    thread_local! {
        static FRENCH: Stemmer = Stemmer::create(Algorithm::French);
    }
    let singular = singular(word);
    let bare = singular.trim_end_matches('e');
    if bare.len() < 3 {
        let ending = if bare.len() < singular.len() { "e" } else { "" };
        return format!("{bare}{ending}");
    }
    FRENCH.with(|stemmer| stemmer.stem(bare).trim_end_matches('e').to_owned())
}

fn singular(word: &str) -> String {
    const PLURALS: [(&str, &str); 4] = [("eaux", "eau"), ("yaux", "yau"), ("iau", "ial"), ("aux", "al")];
    if word.len() < 4 || word.ends_with("ss") {
        return word.to_owned();
    }
    for (plural, singular) in PLURALS {
        if let Some(root) = word.strip_suffix(plural) {
            return format!("{root}{singular}");
        }
    }
    word.strip_suffix(['s', 'x']).unwrap_or(word).to_owned()
}

#[cfg(test)]
mod tests;
