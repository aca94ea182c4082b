//! What is stored with a synergy: the engine's answer as it was, what changed since a rejection, and
//! what must be remembered of a rejection so that a later run can tell. Pure.

use super::motives::Motive;
use crate::engine::{Fact, Fingerprint, Group, Key, Pair, Relay};
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A contract that ends within these days can be prepared for.
const NOTICE: u64 = 90;

/// The reasons of a synergy; a row without any says nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Explained {
    /// « Ce qui a changé » since it was rejected; empty for a first proposal.
    pub changed: Vec<String>,
    /// Why, in the words of whoever proposed it.
    pub said: Option<String>,
    /// What would have stopped the engine, when a person proposed it all the same.
    pub warnings: Vec<String>,
    pub proposal: Proposal,
}

/// Where the idea comes from, with its reasons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proposal {
    Pair(Box<Pair>),
    Group(Box<Group>),
    /// With a treatment in between.
    Relay(Box<Relay>),
    /// Written by a person: a workshop's idea, an advisor's, a company's.
    Hand(Hand),
}

/// An idea that no computation explains.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hand {
    pub note: String,
}

impl Default for Explained {
    fn default() -> Self {
        Self::by_hand("")
    }
}

impl Explained {
    pub fn by_hand(note: impl Into<String>) -> Self {
        Self {
            changed: Vec::new(),
            said: None,
            warnings: Vec::new(),
            proposal: Proposal::Hand(Hand { note: note.into() }),
        }
    }

    pub fn pair(pair: Pair) -> Self {
        Self {
            changed: pair.explanation.changed.clone(),
            said: None,
            warnings: Vec::new(),
            proposal: Proposal::Pair(Box::new(pair)),
        }
    }

    pub fn group(group: Group) -> Self {
        Self {
            changed: Vec::new(),
            said: None,
            warnings: Vec::new(),
            proposal: Proposal::Group(Box::new(group)),
        }
    }

    pub fn relay(relay: Relay) -> Self {
        Self {
            changed: relay.explanation.changed.clone(),
            said: None,
            warnings: Vec::new(),
            proposal: Proposal::Relay(Box::new(relay)),
        }
    }

    /// The same, still saying what had changed when it came back, and why somebody proposed it.
    #[must_use]
    pub fn keeping(mut self, before: &Self) -> Self {
        if self.changed.is_empty() {
            self.changed.clone_from(&before.changed);
        }
        self.saying(before)
    }

    /// The same, in the words of whoever proposed it.
    #[must_use]
    pub fn saying(mut self, before: &Self) -> Self {
        self.said = self.said.or_else(|| before.reason().map(str::to_owned));
        self
    }

    /// Why somebody proposed it, in words.
    fn reason(&self) -> Option<&str> {
        let note = match &self.proposal {
            Proposal::Hand(hand) => Some(hand.note.as_str()),
            Proposal::Pair(_) | Proposal::Group(_) | Proposal::Relay(_) => self.said.as_deref(),
        };
        note.filter(|words| !words.is_empty())
    }

    /// What a rejection must remember.
    pub fn remembered(&self) -> Remembered {
        match &self.proposal {
            Proposal::Pair(pair) => Remembered::Pair(pair.fingerprint.clone()),
            Proposal::Relay(relay) => Remembered::Pair(relay.fingerprint.clone()),
            Proposal::Group(group) => Remembered::Group(group.flows()),
            Proposal::Hand(_) => Remembered::Nothing,
        }
    }
}

/// The facts of a proposal when it was rejected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remembered {
    Pair(Fingerprint),
    /// The member flows.
    Group(BTreeSet<Key>),
    Nothing,
}

impl Remembered {
    /// The sentence that brings back a pair rejected for a contract that is about to end.
    pub fn contract_ended(&self, motive: &Motive, today: NaiveDate) -> Option<String> {
        let Self::Pair(print) = self else { return None };
        if !motive.waits_for_contract() {
            return None;
        }
        let soon = today.checked_add_days(Days::new(NOTICE))?;
        [("donneur", &print.out), ("receveur", &print.into)]
            .into_iter()
            .find_map(|(who, facts)| {
                let written = facts.get(&Fact::Contract)?;
                let end = NaiveDate::parse_from_str(written, "%d/%m/%Y").ok()?;
                let verb = if end < today {
                    "s’est terminé"
                } else {
                    "se termine"
                };
                (end <= soon).then(|| format!("Le contrat du {who} {verb} le {written}."))
            })
    }

    /// What a group has that it had not when it was rejected.
    pub fn newcomers(&self, motive: &Motive, group: &Group) -> Option<String> {
        let Self::Group(then) = self else { return None };
        if motive.names.is_empty() {
            return None;
        }
        match group.flows().difference(then).count() {
            0 => None,
            1 => Some("Un établissement de plus a le même besoin.".to_owned()),
            n => Some(format!("{n} établissements de plus ont le même besoin.")),
        }
    }
}

/// « Chutes de carton (en balles), propres » → « Chutes de carton ».
fn short(label: &str) -> String {
    let head = label.split(['(', ',', ';', ':']).next().unwrap_or(label).trim();
    let head = if head.is_empty() { label.trim() } else { head };
    if head.chars().count() <= 42 {
        return head.to_owned();
    }
    let cut: String = head.chars().take(42).collect();
    let whole = cut.rsplit_once(' ').map_or(cut.as_str(), |(words, _)| words);
    format!("{whole}…")
}

/// « Cartons → calage », or one label when both sides say the same.
pub(super) fn pair_title(out: &str, into: &str) -> String {
    let (out, into) = (short(out), short(into));
    if crate::kernel::fold(&out) == crate::kernel::fold(&into) {
        return capitalised(&out);
    }
    let mut rest = into.chars();
    let lowered = match (rest.next(), into.chars().nth(1)) {
        // An acronym stays as it is.
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().collect::<String>() + rest.as_str()
        }
        _ => into,
    };
    format!("{} → {lowered}", capitalised(&out))
}

/// « Archives → calage, par déchiquetage ».
pub(super) fn relay_title(out: &str, into: &str, treatment: &str) -> String {
    let mut rest = treatment.chars();
    let lowered = rest.next().map_or_else(String::new, |first| {
        first.to_lowercase().collect::<String>() + rest.as_str()
    });
    format!("{}, par {lowered}", pair_title(out, into))
}

fn capitalised(words: &str) -> String {
    let mut rest = words.chars();
    rest.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + rest.as_str()
    })
}

#[cfg(test)]
mod tests {
    use super::{Remembered, pair_title, relay_title, short};
    use crate::engine::{Fact, Fingerprint};
    use crate::synergies::motives::Motive;
    use chrono::NaiveDate;

    #[test]
    fn titles_are_short_and_say_both_sides() {
        assert_eq!(
            pair_title("cartons (en balles)", "Calage, vrac"),
            "Cartons → calage"
        );
        assert_eq!(
            pair_title("Palettes Europe", "palettes europe"),
            "Palettes Europe"
        );
        assert_eq!(pair_title("Chaleur fatale", "ECS"), "Chaleur fatale → ECS");
        assert_eq!(
            relay_title("archives", "Calage", "Déchiquetage"),
            "Archives → calage, par déchiquetage"
        );
        assert_eq!(
            short("un libellé beaucoup trop long pour tenir dans une liste"),
            "un libellé beaucoup trop long pour tenir…"
        );
    }

    #[test]
    fn a_contract_brings_the_pair_back_when_it_ends() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
        let mut print = Fingerprint::default();
        print.into.insert(Fact::Contract, "30/06/2027".to_owned());
        let remembered = Remembered::Pair(print);
        let contract = Motive::find("contract").unwrap();
        assert_eq!(remembered.contract_ended(contract, day(2026, 11, 24)), None);
        assert_eq!(
            remembered.contract_ended(contract, day(2027, 5, 1)).unwrap(),
            "Le contrat du receveur se termine le 30/06/2027."
        );
        assert!(
            remembered
                .contract_ended(contract, day(2027, 8, 1))
                .unwrap()
                .contains("s’est terminé")
        );
        assert_eq!(
            remembered.contract_ended(Motive::find("gain").unwrap(), day(2027, 8, 1)),
            None
        );
    }
}
