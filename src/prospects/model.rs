//! From what is recorded to what the deduction reads, and from what it says to what pages show. Pure.

use crate::companies::Headcount;
use crate::engine::Key;
use crate::engine::deduction::{Case, Knowledge, Presumed, Prospect};
use crate::kernel::Direction;
use crate::kernel::ids::EstablishmentId;
use crate::nomenclature::FlowCode;
use crate::synergies::Inventory;
use std::collections::{BTreeMap, BTreeSet};

pub use crate::visits::model::{chance_words, label, span_words, two_figures};

/// Below this number of recorded flows, an establishment without a visit is still to discover.
const KNOWN_FROM: usize = 3;
/// A guessed category counts from this confidence.
const TRUSTED: f64 = 0.5;

/// A number of employees that stands for the band.
pub fn employees(band: Headcount) -> f64 {
    match band {
        Headcount::None => 1.0,
        Headcount::From1 => 1.5,
        Headcount::From3 => 4.0,
        Headcount::From6 => 7.5,
        Headcount::From10 => 14.0,
        Headcount::From20 => 32.0,
        Headcount::From50 => 70.0,
        Headcount::From100 => 140.0,
        Headcount::From200 => 225.0,
        Headcount::From250 => 350.0,
        Headcount::From500 => 700.0,
    }
}

/// What the deduction needs of an establishment.
#[derive(Debug, Clone)]
pub struct Place {
    pub id: EstablishmentId,
    pub naf: Option<String>,
    pub headcount: Option<Headcount>,
    /// A visit was validated.
    pub is_visited: bool,
    /// A visit took place and is being recorded: nothing to rank, everything still to confirm.
    pub is_open: bool,
}

/// A flow of a category in a direction.
pub type Line = (FlowCode, Direction);

/// The establishments of a territory, split into those that teach and those to discover.
#[derive(Debug, Clone, Default)]
pub struct Split {
    pub cases: Vec<Case>,
    pub prospects: Vec<Prospect>,
    /// Being recorded: what they probably have helps whoever types.
    pub open: Vec<Prospect>,
}

/// Learns from the known establishments what the others probably have; `dismissed` are the presumed
/// flows that somebody said do not exist.
pub fn split(
    places: &[Place],
    inventory: &Inventory,
    dismissed: &BTreeSet<(EstablishmentId, FlowCode, Direction)>,
) -> (Split, Knowledge) {
    let mut recorded: BTreeMap<&Key, Vec<(Line, Option<f64>)>> = BTreeMap::new();
    for flow in &inventory.facts.flows {
        let guess = flow.guesses.first().filter(|(_, sure)| *sure >= TRUSTED);
        if let Some(code) = flow.code.or(guess.map(|(code, _)| *code)) {
            let line = (code, flow.direction);
            recorded.entry(&flow.site).or_default().push((line, flow.annual));
        }
    }
    let mut split = Split::default();
    let mut unknown: Vec<(&Place, BTreeSet<Line>)> = Vec::new();
    for place in places {
        let key = Key::new(place.id.to_string());
        let flows = recorded.get(&key).map_or(&[][..], Vec::as_slice);
        if place.is_visited || !place.is_open && flows.len() >= KNOWN_FROM {
            split.cases.push(Case {
                naf: place.naf.clone(),
                employees: place.headcount.map(employees),
                flows: flows
                    .iter()
                    .map(|((code, direction), annual)| (*code, *direction, *annual))
                    .collect(),
            });
        } else {
            unknown.push((place, flows.iter().map(|(line, _)| *line).collect()));
        }
    }
    let knowledge = Knowledge::learn(&split.cases);
    let (open, prospects): (Vec<_>, Vec<_>) = unknown.into_iter().partition(|(place, _)| place.is_open);
    let presumed = |places: Vec<(&Place, BTreeSet<Line>)>| -> Vec<Prospect> {
        let one = |(place, recorded): (&Place, BTreeSet<Line>)| {
            let presumed = knowledge.presume(place.naf.as_deref(), place.headcount.map(employees));
            let stays = |one: &Presumed| {
                !recorded.contains(&(one.code, one.direction))
                    && !dismissed.contains(&(place.id, one.code, one.direction))
            };
            Prospect {
                site: Key::new(place.id.to_string()),
                presumed: presumed.into_iter().filter(stays).collect(),
            }
        };
        places.into_iter().map(one).collect()
    };
    split.prospects = presumed(prospects);
    split.open = presumed(open);
    (split, knowledge)
}

#[cfg(test)]
mod tests {
    use super::{Place, split};
    use crate::companies::Headcount;
    use crate::engine::{Facts, Flow};
    use crate::kernel::Direction;
    use crate::kernel::ids::EstablishmentId;
    use crate::nomenclature::FlowCode;
    use crate::synergies::Inventory;
    use std::collections::BTreeSet;

    fn place(is_visited: bool) -> Place {
        Place {
            id: EstablishmentId::fresh(),
            naf: Some("25.62B".to_owned()),
            headcount: Some(Headcount::From10),
            is_visited,
            is_open: false,
        }
    }

    fn flow(key: &str, of: &Place, code: &str) -> Flow {
        Flow {
            code: FlowCode::find(code),
            ..Flow::new(key, of.id.to_string(), Direction::Outbound, code)
        }
    }

    #[test]
    fn a_visit_or_a_few_flows_make_an_establishment_known() {
        let places = [place(true), place(false), place(false)];
        let facts = Facts {
            flows: vec![
                flow("a", &places[1], "MAT-10"),
                flow("b", &places[1], "MAT-11"),
                flow("c", &places[1], "MAT-01"),
                flow("d", &places[2], "MAT-10"),
            ],
            ..Facts::default()
        };
        let inventory = Inventory {
            facts,
            ..Inventory::default()
        };
        let gone = (
            places[2].id,
            FlowCode::find("MAT-01").unwrap(),
            Direction::Outbound,
        );
        let (split, _) = split(&places, &inventory, &BTreeSet::from([gone]));
        assert_eq!((split.cases.len(), split.prospects.len()), (2, 1));
        let mut recording = places.clone();
        recording[1].is_open = true;
        let (in_course, _) = super::split(&recording, &inventory, &BTreeSet::new());
        assert_eq!((in_course.cases.len(), in_course.prospects.len()), (1, 1));
        assert!(!in_course.open[0].presumed.is_empty(), "a visit begun still asks");
        let presumed = &split.prospects[0].presumed;
        let has = |code: &str| {
            presumed
                .iter()
                .any(|one| Some(one.code) == FlowCode::find(code) && one.direction == Direction::Outbound)
        };
        assert!(!has("MAT-10"), "what is recorded is not presumed");
        assert!(!has("MAT-01"), "what was dismissed stays away");
        assert!(has("MAT-11"));
    }
}
