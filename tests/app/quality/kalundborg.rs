//! The engine on a real network: how many of the exchanges known at Kalundborg it finds.
//!
//! Nothing is tuned to this network: it is one sample. An exchange that is not listed is unreported, not
//! proven false, so that the precision printed is a lower bound. Figures: `--nocapture`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Cursor;
use std::path::PathBuf;

use chrono::NaiveDate;
use maillage::engine::{Key, Pair, Params, propose};
use maillage::exchange::network::{facts, read_flows, read_sites};
use maillage::exchange::tabular::Limits;
use maillage::nomenclature::Catalogue;

use super::share;

fn file(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("src/cli/demo/kalundborg")
        .join(name);
    fs::read_to_string(path).expect("the network is in the repository")
}

fn exchanges() -> BTreeSet<(Key, Key)> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b';')
        .from_reader(Cursor::new(file("attendu.csv")));
    reader
        .records()
        .map(|row| row.expect("a row"))
        .map(|row| (Key::from(&row[0]), Key::from(&row[1])))
        .collect()
}

/// The pairs proposed when `flux.csv` is as given.
fn pairs(flows: String) -> Vec<Pair> {
    let sites = read_sites(
        Cursor::new(file("etablissements.csv")),
        &Limits::UPLOAD,
        &|_, _| None,
    )
    .expect("a table");
    let known = sites.rows.iter().map(|row| row.reference.clone()).collect();
    let flows = read_flows(Cursor::new(flows), &Limits::UPLOAD, &known).expect("a table");
    assert_eq!((sites.refusals, &flows.refusals), (vec![], &vec![]));
    assert_eq!((sites.rows.len(), flows.rows.len()), (19, 59));
    let catalogue = Catalogue::embedded();
    let today = NaiveDate::from_ymd_opt(2026, 11, 24).expect("a day");
    propose(
        &facts(sites.rows, flows.rows, catalogue),
        catalogue,
        &Params::new(today),
    )
    .pairs
}

struct Figures {
    recall: f64,
    precision: f64,
}

#[expect(clippy::print_stdout, reason = "the figures are the point of these tests")]
fn measure(name: &str, pairs: &[Pair]) -> Figures {
    let exchanges = exchanges();
    let mut rank: BTreeMap<&Key, usize> = BTreeMap::new();
    let mut in_top = 0;
    let mut retained = 0;
    let mut right = 0;
    for pair in pairs {
        let rank = rank.entry(&pair.out_flow).or_insert(0);
        *rank += 1;
        let known = exchanges.contains(&(pair.out_flow.clone(), pair.in_flow.clone()));
        in_top += usize::from(known && *rank <= 10);
        retained += usize::from(pair.retained);
        right += usize::from(known && pair.retained);
    }
    let figures = Figures {
        recall: share(in_top, exchanges.len()),
        precision: share(right, retained),
    };
    println!(
        "Kalundborg, {name}: recall@10 {:.2} ({in_top} of {} known exchanges), precision ≥ {:.2} ({right} of {retained} above the threshold)",
        figures.recall,
        exchanges.len(),
        figures.precision
    );
    figures
}

/// Rewrites the labels of `flux.csv`; the change gets the cells of a row and its number.
fn with_labels(change: impl Fn(usize, &[String]) -> String) -> String {
    let mut lines = Vec::new();
    for (rank, line) in file("flux.csv").lines().enumerate() {
        let mut cells: Vec<String> = line.split(';').map(str::to_owned).collect();
        if rank > 0 {
            cells[3] = change(rank, &cells);
        }
        lines.push(cells.join(";"));
    }
    lines.join("\n")
}

/// One typing error in every second long word, another in each row.
fn misspelt(rank: usize, label: &str) -> String {
    let words = label.split(' ').enumerate().map(|(place, word)| {
        let letters: Vec<char> = word.chars().collect();
        if letters.len() < 6 || (rank + place).is_multiple_of(2) {
            return word.to_owned();
        }
        let at = 1 + (rank * 7 + place * 3) % (letters.len() - 3);
        let mut typed = letters.clone();
        match rank % 3 {
            0 => drop(typed.remove(at)),
            1 => typed.swap(at, at + 1),
            _ => typed.insert(at, letters[at]),
        }
        typed.into_iter().collect()
    });
    words.collect::<Vec<_>>().join(" ")
}

fn abbreviated(label: &str) -> String {
    let words = label.split(' ').map(|word| match word.char_indices().nth(6) {
        Some((cut, _)) if word.chars().count() > 8 => format!("{}.", &word[..cut]),
        Some(_) | None => word.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn known_exchanges_are_in_the_top_ten_with_their_reasons() {
    let pairs = pairs(file("flux.csv"));
    let figures = measure("as written", &pairs);
    assert!(figures.recall >= 0.90, "recall {}", figures.recall);
    assert!(figures.precision >= 0.70, "precision {}", figures.precision);
    let gypsum = pairs
        .iter()
        .find(|pair| pair.key.as_str() == "K032>K033")
        .expect("desulphurisation gypsum");
    assert!(gypsum.retained);
    assert!(
        gypsum.explanation.strengths[0].contains("plâtre"),
        "{:?}",
        gypsum.explanation.strengths
    );
}

#[test]
fn misspelt_and_abbreviated_labels_are_understood() {
    let misspelt = with_labels(|rank, cells| misspelt(rank, &cells[3]));
    assert!(measure("misspelt", &pairs(misspelt)).recall >= 0.90);
    let abbreviated = with_labels(|rank, cells| {
        if rank.is_multiple_of(2) {
            abbreviated(&cells[3])
        } else {
            cells[3].to_uppercase()
        }
    });
    assert!(measure("abbreviated", &pairs(abbreviated)).recall >= 0.90);
}

#[test]
fn a_waste_code_is_enough() {
    let coded = with_labels(|_, cells| {
        if cells[5].is_empty() {
            cells[3].clone()
        } else {
            "Déchet".to_owned()
        }
    });
    let figures = measure("waste codes only", &pairs(coded));
    assert!(figures.recall >= 0.90, "recall {}", figures.recall);
    assert!(figures.precision >= 0.70, "precision {}", figures.precision);
}
