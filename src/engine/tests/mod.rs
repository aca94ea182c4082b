//! The engine from outside: facts in, proposals out.

mod gates;
mod groups;
mod properties;
mod queue;
pub(super) mod random;
mod relays;
mod scores;
mod what_if;

use chrono::NaiveDate;

use super::{Facts, Flow, Outcome, Pair, Params, PartName, Site, propose};
use crate::kernel::{Direction, Position};
use crate::nomenclature::{Catalogue, FlowCode};

fn today() -> NaiveDate {
    day(2026, 11, 24)
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a day")
}

fn params() -> Params {
    Params::new(today())
}

fn code(text: &str) -> FlowCode {
    FlowCode::find(text).expect("in the catalogue")
}

/// A site `km` east of Vendôme.
fn site(key: &str, km: f64) -> Site {
    Site {
        position: Position::new(47.793, 1.066 + km / 74.75).ok(),
        ..Site::new(key)
    }
}

/// A flow of a category that a person chose, labelled like it.
fn flow(key: &str, site: &str, direction: Direction, category: &str) -> Flow {
    let code = code(category);
    let label = &Catalogue::embedded().category(code).label;
    Flow {
        code: Some(code),
        ..Flow::new(key, site, direction, label)
    }
}

fn out(key: &str, site: &str, category: &str) -> Flow {
    flow(key, site, Direction::Outbound, category)
}

fn into(key: &str, site: &str, category: &str) -> Flow {
    flow(key, site, Direction::Inbound, category)
}

/// A flow known by its label only.
fn labelled(key: &str, site: &str, direction: Direction, label: &str) -> Flow {
    Flow::new(key, site, direction, label)
}

/// Sites A at Vendôme and B some kilometres away.
fn two_sites(km: f64, flows: Vec<Flow>) -> Facts {
    Facts {
        sites: vec![site("A", 0.0), site("B", km)],
        flows,
        ..Facts::default()
    }
}

fn run(facts: &Facts) -> Outcome {
    propose(facts, Catalogue::embedded(), &params())
}

/// The only pair of the facts.
fn only(facts: &Facts) -> Pair {
    let outcome = run(facts);
    let [pair] = outcome.pairs.as_slice() else {
        panic!("one pair, not {}", outcome.pairs.len())
    };
    pair.clone()
}

fn part(pair: &Pair, name: PartName) -> (Option<f64>, String) {
    let part = pair
        .explanation
        .parts
        .iter()
        .find(|part| part.name == name)
        .expect("every part is there");
    (part.value, part.sentence.clone())
}
