//! Words that look like a misspelt or shortened one.
//!
//! Candidates share letter triples with the word; an edit distance or a common start then decides.

use std::collections::BTreeMap;

use super::lexicon::{How, Reading, Term};

/// Beyond this many meanings, a shortened word says nothing.
const MAX_MEANINGS: usize = 4;
/// The shortest word that is looked up at all.
const SHORTEST: usize = 3;
/// What a shortened word is worth, the word itself being worth 1.
const SHORTENED: f64 = 0.8;

/// The known words, by their letter triples.
#[derive(Debug, Default)]
pub(super) struct Spelling {
    /// In alphabetical order.
    words: Vec<(Box<str>, Term)>,
    by_triple: BTreeMap<[u8; 3], Vec<u32>>,
}

impl Spelling {
    /// Indexes words given in alphabetical order.
    pub(super) fn over<'a>(words: impl Iterator<Item = (&'a str, Term)>) -> Self {
        let words: Vec<(Box<str>, Term)> = words
            .filter(|(word, _)| word.len() >= SHORTEST)
            .map(|(word, term)| (word.into(), term))
            .collect();
        let mut by_triple: BTreeMap<[u8; 3], Vec<u32>> = BTreeMap::new();
        for ((word, _), rank) in words.iter().zip(0..) {
            for triple in triples(word) {
                by_triple.entry(triple).or_default().push(rank);
            }
        }
        Self { words, by_triple }
    }

    /// The known words an unknown one may stand for, best first, one reading per meaning.
    pub(super) fn near<'a>(&'a self, word: &str) -> Vec<Reading<'a>> {
        if word.len() < SHORTEST {
            return Vec::new();
        }
        let mut readings = self.misspelt(word);
        if readings.is_empty() {
            readings = self.shortened(word);
        }
        readings.sort_by(|a, b| {
            b.similarity
                .total_cmp(&a.similarity)
                .then_with(|| a.word.cmp(b.word))
        });
        let mut meanings = Vec::with_capacity(MAX_MEANINGS);
        readings.retain(|reading| {
            let new = !meanings.contains(&reading.term);
            meanings.push(reading.term);
            new
        });
        readings.truncate(MAX_MEANINGS);
        readings
    }

    fn misspelt(&self, word: &str) -> Vec<Reading<'_>> {
        let mut shared = vec![0_u8; self.words.len()];
        let mut touched = Vec::new();
        let mut wanted = 0_usize;
        for triple in triples(word) {
            wanted += 1;
            for rank in self.by_triple.get(&triple).into_iter().flatten() {
                let count = &mut shared[*rank as usize];
                if *count == 0 {
                    touched.push(*rank);
                }
                *count = count.saturating_add(1);
            }
        }
        touched
            .into_iter()
            .filter(|rank| usize::from(shared[*rank as usize]) * 3 >= wanted)
            .filter_map(|rank| {
                let (known, term) = &self.words[rank as usize];
                Some(Reading {
                    term: *term,
                    similarity: likeness(word, known)?,
                    how: How::Near,
                    word: known,
                })
            })
            .collect()
    }

    /// Known words that the word begins: « plast » for « plastique ».
    fn shortened(&self, word: &str) -> Vec<Reading<'_>> {
        let start = self.words.partition_point(|(known, _)| &**known < word);
        let longer = self.words[start..]
            .iter()
            .take_while(|(known, _)| known.starts_with(word));
        let mut meanings: Vec<Term> = longer.clone().map(|(_, term)| *term).collect();
        meanings.sort_unstable();
        meanings.dedup();
        let similarity = match meanings.len() {
            0 => return Vec::new(),
            1 => SHORTENED,
            2..=MAX_MEANINGS => SHORTENED - 0.2,
            _ => return Vec::new(),
        };
        longer
            .map(|(known, term)| Reading {
                term: *term,
                similarity,
                how: How::Abbreviation,
                word: known,
            })
            .collect()
    }
}

/// Triples of letters, the start of the word counting as one letter.
fn triples(word: &str) -> impl Iterator<Item = [u8; 3]> {
    let bytes = word.as_bytes();
    let start = [b' ', bytes[0], *bytes.get(1).unwrap_or(&b' ')];
    let end = match bytes {
        [.., a, b] => [*a, *b, b' '],
        _ => [b' ', b' ', b' '],
    };
    std::iter::once(start)
        .chain(bytes.windows(3).map(|w| [w[0], w[1], w[2]]))
        .chain(std::iter::once(end))
}

/// How much two words look alike, when a slip of the keyboard can explain the difference.
fn likeness(word: &str, known: &str) -> Option<f64> {
    let longest = word.len().max(known.len());
    let allowed = match longest {
        0..4 => return None,
        4..8 => 1,
        8..12 => 2,
        _ => 3,
    };
    let distance = edits(word.as_bytes(), known.as_bytes(), allowed)?;
    let errors = f64::from(u32::try_from(distance).ok()?);
    let length = f64::from(u32::try_from(longest).ok()?);
    Some(1.0 - 1.2 * errors / length)
}

/// Insertions, deletions, replacements and swaps of neighbours between two words, when there are
/// no more than `allowed`.
fn edits(one: &[u8], other: &[u8], allowed: usize) -> Option<usize> {
    if one.len().abs_diff(other.len()) > allowed {
        return None;
    }
    let width = other.len() + 1;
    let mut before = vec![0; width];
    let mut above: Vec<usize> = (0..width).collect();
    let mut current = vec![0; width];
    for row in 1..=one.len() {
        current[0] = row;
        for column in 1..width {
            let differs = usize::from(one[row - 1] != other[column - 1]);
            let mut best = (above[column - 1] + differs)
                .min(above[column] + 1)
                .min(current[column - 1] + 1);
            let swapped = row > 1
                && column > 1
                && one[row - 1] == other[column - 2]
                && one[row - 2] == other[column - 1];
            if swapped {
                best = best.min(before[column - 2] + 1);
            }
            current[column] = best;
        }
        std::mem::swap(&mut before, &mut above);
        std::mem::swap(&mut above, &mut current);
    }
    let distance = above[other.len()];
    (distance <= allowed).then_some(distance)
}

#[cfg(test)]
mod tests {
    use super::{Spelling, edits};
    use proptest::prelude::{prop_assert_eq, proptest};

    fn spelling() -> Spelling {
        let words = [
            "carton",
            "chute",
            "palettes",
            "plaques",
            "plastique",
            "soude",
            "soudure",
        ];
        Spelling::over(words.into_iter().zip(0..))
    }

    #[test]
    fn slips_of_the_keyboard_are_understood() {
        let spelling = spelling();
        let cases = [
            ("palete", "palettes"),
            ("pallettes", "palettes"),
            ("chutte", "chute"),
            ("carotn", "carton"),
            ("cartn", "carton"),
            ("plastiqe", "plastique"),
            ("plast", "plastique"),
            ("pal", "palettes"),
        ];
        for (written, expected) in cases {
            let readings = spelling.near(written);
            let best = readings.first().map(|reading| reading.word);
            assert_eq!(best, Some(expected), "{written}");
            assert!(readings.iter().all(|r| (0.5..1.0).contains(&r.similarity)));
        }
    }

    #[test]
    fn unlike_words_are_not() {
        let spelling = spelling();
        for written in ["", "pl", "carburant", "xylophone", "sou"] {
            assert!(
                spelling.near(written).iter().all(|r| r.similarity < 0.7),
                "{written}"
            );
        }
        assert!(spelling.near("carburant").is_empty());
    }

    #[test]
    fn edit_distance() {
        let cases = [
            ("abc", "abc", 3, Some(0)),
            ("abc", "acb", 3, Some(1)),
            ("chute", "chutte", 3, Some(1)),
            ("kitten", "sitting", 3, Some(3)),
            ("kitten", "sitting", 2, None),
            ("", "abc", 3, Some(3)),
        ];
        for (one, other, allowed, expected) in cases {
            assert_eq!(
                edits(one.as_bytes(), other.as_bytes(), allowed),
                expected,
                "{one} {other}"
            );
        }
    }

    proptest! {
        #[test]
        fn edit_distance_is_symmetric(one in "[a-d]{0,8}", other in "[a-d]{0,8}") {
            let (a, b) = (one.as_bytes(), other.as_bytes());
            prop_assert_eq!(edits(a, b, 8), edits(b, a, 8));
        }
    }
}
