//! What a change would do to the proposals, as a page shows it.

use super::whole;
use crate::companies;
use crate::engine::{Difference, Key, Pair, gain};
use crate::kernel::format_number;
use crate::kernel::ids::SynergyId;
use crate::platform::access::Scope;
use crate::platform::web::Result;
use crate::synergies::paths;
use crate::synergies::proposal::pair_title;
use crate::synergies::store::names;
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// Proposals listed of those that come or go.
const LISTED: usize = 20;
/// Largest changes listed.
const LARGEST: usize = 10;

pub(in crate::synergies) struct Effects {
    pub(in crate::synergies) totals: Vec<TotalRow>,
    pub(in crate::synergies) comings: [Comings; 2],
    pub(in crate::synergies) moved: Vec<MovedRow>,
    pub(in crate::synergies) moved_count: usize,
    /// In one sentence.
    pub(in crate::synergies) summary: String,
}

/// A total before and after.
pub(in crate::synergies) struct TotalRow {
    pub(in crate::synergies) label: &'static str,
    pub(in crate::synergies) before: String,
    pub(in crate::synergies) after: String,
    pub(in crate::synergies) change: String,
}

/// The proposals that would enter, or leave.
pub(in crate::synergies) struct Comings {
    pub(in crate::synergies) title: &'static str,
    pub(in crate::synergies) count: usize,
    pub(in crate::synergies) rows: Vec<Row>,
}

pub(in crate::synergies) struct Row {
    pub(in crate::synergies) title: String,
    pub(in crate::synergies) who: String,
    pub(in crate::synergies) href: String,
    pub(in crate::synergies) score: u8,
    pub(in crate::synergies) gain: Option<String>,
}

pub(in crate::synergies) struct MovedRow {
    pub(in crate::synergies) row: Row,
    pub(in crate::synergies) was: u8,
    pub(in crate::synergies) change: Option<String>,
}

impl Effects {
    /// Puts names on a difference; `labels` are those of the flows.
    pub(in crate::synergies) async fn read(
        db: &mut PgConnection,
        scope: &Scope,
        difference: &Difference,
        labels: &BTreeMap<String, String>,
    ) -> Result<Self> {
        let sites = names::establishments(db, scope).await?;
        let moved = difference.moved.iter().take(LARGEST);
        let pairs = difference.entered.iter().chain(&difference.left);
        let keys: Vec<String> = pairs
            .chain(moved.map(|moved| &moved.after))
            .map(|pair| pair.key.to_string())
            .collect();
        let known = names::known(db, scope, &keys).await?;
        let words = Words { sites, labels, known };
        Ok(Self::new(difference, &words))
    }

    fn new(difference: &Difference, words: &Words<'_>) -> Self {
        let listed = |pairs: &[Pair]| pairs.iter().take(LISTED).map(|pair| words.row(pair)).collect();
        Self {
            totals: totals(difference),
            comings: [
                Comings {
                    title: "Entreraient",
                    count: difference.entered.len(),
                    rows: listed(&difference.entered),
                },
                Comings {
                    title: "Sortiraient",
                    count: difference.left.len(),
                    rows: listed(&difference.left),
                },
            ],
            moved: difference
                .moved
                .iter()
                .take(LARGEST)
                .map(|moved| MovedRow {
                    row: words.row(&moved.after),
                    was: whole(moved.before.score),
                    change: moved.gain().map(|euros| signed(euros, 0, "€")),
                })
                .collect(),
            moved_count: difference.moved.len(),
            summary: summary(difference),
        }
    }
}

fn summary(difference: &Difference) -> String {
    let counts = [
        (difference.moved.len(), "change", "changent"),
        (difference.entered.len(), "entre", "entrent"),
        (difference.left.len(), "sort", "sortent"),
    ];
    let said: Vec<String> = counts
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, many)| format!("{count}\u{a0}{}", if count == 1 { one } else { many }))
        .collect();
    if said.is_empty() {
        "Aucune proposition ne change.".to_owned()
    } else {
        format!("Propositions\u{a0}: {}.", said.join(", "))
    }
}

/// What is needed to name a pair.
struct Words<'a> {
    sites: BTreeMap<String, String>,
    labels: &'a BTreeMap<String, String>,
    known: BTreeMap<String, SynergyId>,
}

impl Words<'_> {
    fn row(&self, pair: &Pair) -> Row {
        let label = |flow: &Key| self.labels.get(flow.as_str()).map_or("", String::as_str);
        let site = |site: &Key| {
            self.sites
                .get(site.as_str())
                .map_or("Nouvel établissement", String::as_str)
        };
        let known = self.known.get(pair.key.as_str());
        let href = known.map(paths::show).or_else(|| {
            // Not proposed yet: the firm that exists already is what can be looked at.
            let sites = [&pair.out_site, &pair.in_site];
            let id = sites.into_iter().find_map(|site| site.as_str().parse().ok())?;
            Some(companies::paths::show(&id))
        });
        Row {
            title: pair_title(label(&pair.out_flow), label(&pair.in_flow)),
            who: format!("{} → {}", site(&pair.out_site), site(&pair.in_site)),
            href: href.unwrap_or_default(),
            score: whole(pair.score),
            gain: gain(pair).map(|euros| format!("{}\u{a0}€", format_number(euros, 0))),
        }
    }
}

fn totals(difference: &Difference) -> Vec<TotalRow> {
    let (before, after) = (difference.before, difference.after);
    let count = |value: usize| Some(u32::try_from(value).map_or(f64::INFINITY, f64::from));
    let row = |label, (before, after): (Option<f64>, Option<f64>), decimals, unit: &str| {
        let written = |value: Option<f64>| {
            value.map_or_else(
                || "non estimé".to_owned(),
                |value| spaced(&format_number(value, decimals), unit),
            )
        };
        let change = after.zip(before).map(|(after, before)| after - before);
        TotalRow {
            label,
            before: written(before),
            after: written(after),
            change: change.map_or_else(|| "–".to_owned(), |change| signed(change, decimals, unit)),
        }
    };
    vec![
        row(
            "Propositions",
            (count(before.proposals), count(after.proposals)),
            0,
            "",
        ),
        row(
            "Gains par an des propositions",
            (before.gain_eur, after.gain_eur),
            0,
            "€",
        ),
        row("CO₂ évité par an", (before.tco2e, after.tco2e), 1, "t"),
        row("Groupes", (count(before.groups), count(after.groups)), 0, ""),
        row(
            "Économies par an des groupes",
            (before.saving_eur, after.saving_eur),
            0,
            "€",
        ),
    ]
}

/// « +420 € », « −3 », « = ».
fn signed(value: f64, decimals: usize, unit: &str) -> String {
    let written = format_number(value, decimals);
    match written.as_str() {
        "0" => "=".to_owned(),
        number if number.starts_with('−') => spaced(number, unit),
        number => spaced(&format!("+{number}"), unit),
    }
}

fn spaced(number: &str, unit: &str) -> String {
    if unit.is_empty() {
        number.to_owned()
    } else {
        format!("{number}\u{a0}{unit}")
    }
}

#[cfg(test)]
mod tests {
    use super::signed;

    #[test]
    fn changes_carry_their_sign() {
        assert_eq!(signed(420.4, 0, "€"), "+420\u{a0}€");
        assert_eq!(signed(-3.0, 0, ""), "−3");
        assert_eq!(signed(0.02, 1, "t"), "=");
    }
}
