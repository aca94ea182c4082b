//! Who works with whom, by trade and never by name. Pure.

use super::secrecy::Band;
use crate::indicators::model::LEAST;
use crate::nomenclature::naf;
use crate::platform::web::charts::{Bond, Knot};
use std::collections::BTreeMap;

/// Companies of one class of activity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trade {
    pub naf: Option<String>,
    pub firms: i64,
}

/// Synergies between two classes of activity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tie {
    pub one: Option<String>,
    pub other: Option<String>,
    pub under_way: i64,
    pub realised: i64,
}

/// The trades that may be told, and what joins them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Network {
    pub trades: Vec<(String, Band)>,
    /// Ranks of two trades, the lower first, and how many synergies join them.
    pub ties: Vec<(usize, usize, i64, i64)>,
}

/// What gathers the trades of one or two companies.
pub const OTHERS: &str = "Autres activités";

impl Network {
    /// Divisions of three companies at least stand alone; the others together.
    pub fn of(trades: &[Trade], ties: &[Tie]) -> Self {
        let mut divisions: BTreeMap<String, i64> = BTreeMap::new();
        for trade in trades {
            *divisions.entry(division(trade.naf.as_deref())).or_default() += trade.firms;
        }
        let name = |naf: Option<&str>| {
            let own = division(naf);
            if divisions.get(&own).is_some_and(|firms| *firms >= LEAST) {
                own
            } else {
                OTHERS.to_owned()
            }
        };
        let mut sums: BTreeMap<(String, String), (i64, i64)> = BTreeMap::new();
        for tie in ties {
            let mut ends = [name(tie.one.as_deref()), name(tie.other.as_deref())];
            ends.sort();
            let [one, other] = ends;
            let sum = sums.entry((one, other)).or_default();
            sum.0 += tie.under_way;
            sum.1 += tie.realised;
        }
        let others: i64 = divisions.values().filter(|firms| **firms < LEAST).sum();
        if others < LEAST {
            sums.retain(|(one, other), _| one != OTHERS && other != OTHERS);
        }
        let mut names: Vec<String> = sums
            .keys()
            .flat_map(|(one, other)| [one.clone(), other.clone()])
            .collect();
        names.sort();
        names.dedup();
        let firms = |told: &String| divisions.get(told).copied().unwrap_or(others);
        let rank = |told: &String| names.binary_search(told).unwrap_or(0);
        Self {
            trades: names
                .iter()
                .map(|told| (told.clone(), Band::of(firms(told)).unwrap_or(Band::Few)))
                .collect(),
            ties: sums
                .iter()
                .map(|((one, other), (under_way, realised))| (rank(one), rank(other), *under_way, *realised))
                .collect(),
        }
    }

    /// As a drawing asks for it.
    pub fn drawn(&self) -> (Vec<Knot>, Vec<Bond>) {
        let weight = |count: i64| i32::try_from(count).map_or(0.0, f64::from);
        let knots = self.trades.iter().map(|(label, _)| Knot {
            label: label.clone(),
            css: "",
        });
        let bonds = self.ties.iter().map(|(from, to, under_way, realised)| Bond {
            from: *from,
            to: *to,
            // One, two and three are drawn alike.
            weight: weight((under_way + realised).max(LEAST)),
        });
        (knots.collect(), bonds.collect())
    }
}

fn division(code: Option<&str>) -> String {
    code.and_then(naf::division)
        .map_or_else(|| OTHERS.to_owned(), |division| division.label.clone())
}

#[cfg(test)]
mod tests {
    use super::{Network, OTHERS, Tie, Trade};

    #[test]
    fn a_trade_of_two_companies_is_not_told() {
        let trade = |naf: &str, firms| Trade {
            naf: Some(naf.to_owned()),
            firms,
        };
        let tie = |one: &str, other: &str| Tie {
            one: Some(one.to_owned()),
            other: Some(other.to_owned()),
            under_way: 2,
            realised: 1,
        };
        let trades = [trade("25.62B", 3), trade("17.21A", 2), trade("23.13Z", 1)];
        let seen = Network::of(
            &trades,
            &[
                tie("25.62B", "17.21A"),
                tie("23.13Z", "25.62B"),
                tie("17.21A", "23.13Z"),
            ],
        );
        let names: Vec<_> = seen.trades.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names.len(), 2);
        assert!(names.contains(&OTHERS), "{names:?}");
        let mut told: Vec<_> = seen.ties.iter().map(|(_, _, way, done)| (*way, *done)).collect();
        told.sort_unstable();
        assert_eq!(told, [(2, 1), (4, 2)], "two ties between the same trades are one");
    }
}
