//! The classifier on labels as companies write them: `labels_tuning.csv` may be looked at,
//! `labels_heldout.csv` is only scored, and no name of a label of it is ever printed.

use std::collections::{BTreeMap, BTreeSet};

use maillage::kernel::{Direction, fold};
use maillage::nomenclature::Catalogue;

use super::share;

const TUNING: &str = include_str!("labels_tuning.csv");
const HELD_OUT: &str = include_str!("labels_heldout.csv");

struct Label {
    text: String,
    direction: Direction,
    code: String,
}

fn labels(file: &str) -> Vec<Label> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b';')
        .comment(Some(b'#'))
        .has_headers(false)
        .from_reader(file.as_bytes());
    reader
        .records()
        .map(|row| row.expect("four cells"))
        .map(|row| Label {
            text: row[0].to_owned(),
            direction: Direction::parse(&row[1]).expect("a direction"),
            code: row[2].to_owned(),
        })
        .collect()
}

struct Score {
    first: f64,
    among_three: f64,
}

#[expect(clippy::print_stdout, reason = "the figures are the point of these tests")]
fn score(name: &str, labels: &[Label]) -> Score {
    let mut first = 0;
    let mut among_three = 0;
    for label in labels {
        let guesses = Catalogue::embedded().classify(&label.text, None, Some(label.direction));
        let place = guesses.iter().position(|guess| guess.code.as_str() == label.code);
        first += usize::from(place == Some(0));
        among_three += usize::from(place.is_some_and(|place| place < 3));
    }
    let score = Score {
        first: share(first, labels.len()),
        among_three: share(among_three, labels.len()),
    };
    println!(
        "Labels, {name}: {} cases, top-1 {:.3}, top-3 {:.3}",
        labels.len(),
        score.first,
        score.among_three
    );
    score
}

#[test]
fn labels_set_aside_are_classified() {
    let score = score("set aside", &labels(HELD_OUT));
    assert!(score.first >= 0.80, "top-1 {}", score.first);
    assert!(score.among_three >= 0.92, "top-3 {}", score.among_three);
}

#[test]
fn labels_one_may_look_at_are_classified() {
    let score = score("tuning", &labels(TUNING));
    assert!(score.first >= 0.90, "top-1 {}", score.first);
    assert!(score.among_three >= 0.95, "top-3 {}", score.among_three);
}

/// Which half a label falls into: FNV-1a of its lower-case bytes, folded to one bit.
fn is_set_aside(label: &str) -> bool {
    let hash = label
        .to_lowercase()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    hash.count_ones() % 2 == 1
}

/// Nobody can move a label to the other half, nor have the same one in both.
#[test]
fn the_halves_are_those_of_the_hash() {
    let halves = [(TUNING, false), (HELD_OUT, true)];
    let mut seen = BTreeSet::new();
    let mut by_code: BTreeMap<String, [usize; 2]> = BTreeMap::new();
    for (file, set_aside) in halves {
        for label in labels(file) {
            assert_eq!(is_set_aside(&label.text), set_aside, "{}", label.text);
            assert!(seen.insert(fold(&label.text)), "{} is there twice", label.text);
            by_code.entry(label.code).or_default()[usize::from(set_aside)] += 1;
        }
    }
    assert!(seen.len() >= 400, "{} labels", seen.len());
    for category in Catalogue::embedded().categories() {
        let cases = by_code.get(category.code.as_str()).copied().unwrap_or_default();
        assert!(
            cases.iter().all(|cases| *cases > 0),
            "{}: {cases:?}",
            category.code
        );
    }
}
