//! Who works with whom, by trade and never by name. Pure.

use super::cut::Cut;
use super::secrecy::{Band, is_safe};
use crate::indicators::model::LEAST;
use crate::nomenclature::{Family, naf};
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
    pub family: Option<Family>,
    /// In which they were proposed.
    pub year: i32,
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
    /// Divisions of three companies at least stand alone; the others together. Under a filter, two trades are
    /// joined only when nothing outside of it could be guessed.
    pub fn of(trades: &[Trade], ties: &[Tie], cut: &Cut) -> Self {
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
        let mut pairs: BTreeMap<(String, String), Cells> = BTreeMap::new();
        for tie in ties {
            let mut ends = [name(tie.one.as_deref()), name(tie.other.as_deref())];
            ends.sort();
            let [one, other] = ends;
            let part = (cut.year().map(|_| tie.year), cut.family().map(|_| tie.family));
            let cell = pairs.entry((one, other)).or_default().entry(part).or_default();
            cell.0 += tie.under_way;
            cell.1 += tie.realised;
        }
        let mut sums: BTreeMap<(String, String), (i64, i64)> = pairs
            .into_iter()
            .filter_map(|(pair, cells)| Some((pair, told(&cells, cut)?)))
            .collect();
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

/// Synergies under way and realised, of each part that the filters cut.
type Cells = BTreeMap<(Option<i32>, Option<Option<Family>>), (i64, i64)>;

/// What two trades share under the filters; none when it is nothing, or would tell the other parts.
fn told(cells: &Cells, cut: &Cut) -> Option<(i64, i64)> {
    let is_cut = cut.year().is_some() || cut.family().is_some();
    if is_cut
        && !is_safe(
            cells
                .values()
                .flat_map(|(under_way, realised)| [*under_way, *realised]),
        )
    {
        return None;
    }
    let wanted = (cut.year(), cut.family().map(Some));
    cells.get(&wanted).copied().filter(|sums| *sums != (0, 0))
}

fn division(code: Option<&str>) -> String {
    code.and_then(naf::division)
        .map_or_else(|| OTHERS.to_owned(), |division| division.label.clone())
}

#[cfg(test)]
mod tests {
    use super::{Network, OTHERS, Tie, Trade};
    use crate::dashboards::model::cut::Cut;
    use crate::nomenclature::Family;

    #[test]
    fn a_trade_of_two_companies_is_not_told() {
        let trade = |naf: &str, firms| Trade {
            naf: Some(naf.to_owned()),
            firms,
        };
        let tie = |one: &str, other: &str| Tie {
            one: Some(one.to_owned()),
            other: Some(other.to_owned()),
            family: Some(Family::Mat),
            year: 2026,
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
            &Cut::default(),
        );
        let names: Vec<_> = seen.trades.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names.len(), 2);
        assert!(names.contains(&OTHERS), "{names:?}");
        let mut told: Vec<_> = seen.ties.iter().map(|(_, _, way, done)| (*way, *done)).collect();
        told.sort_unstable();
        assert_eq!(told, [(2, 1), (4, 2)], "two ties between the same trades are one");
        let cut = Cut {
            annee: "2026".to_owned(),
            ..Cut::default()
        };
        assert!(
            Network::of(&trades, &[tie("25.62B", "25.62B")], &cut)
                .ties
                .is_empty(),
            "two under way would be told by the other years"
        );
    }
}
