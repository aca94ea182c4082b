//! What an agreement opens, and what a match across a border tells. No SQL, no clock.

use crate::engine::{Facts, Flow, Key};
use crate::kernel::Direction;
use crate::kernel::ids::{AgreementId, TerritoryId};
use crate::kernel::words::words;
use crate::nomenclature::Family;
use chrono::NaiveDate;
use std::collections::BTreeSet;

words! {
    /// What one side said of a match across the border.
    BorderWord "border_word" {
        Waiting "waiting" "à étudier",
        Agreed "agreed" "accord donné",
        Declined "declined" "écartée",
    }
}

impl BorderWord {
    /// As the journal says it.
    pub fn said(self) -> &'static str {
        match self {
            Self::Waiting => "accord retiré",
            Self::Agreed => "accord donné",
            Self::Declined => "écartée",
        }
    }
}

/// Two territories open some families of flows to each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    pub id: AgreementId,
    pub asker: TerritoryId,
    pub asker_name: String,
    pub other: TerritoryId,
    pub other_name: String,
    pub families: Vec<String>,
    pub starts_on: NaiveDate,
    pub ends_on: Option<NaiveDate>,
    pub accepted_on: Option<NaiveDate>,
    pub ended_on: Option<NaiveDate>,
}

/// Where an agreement stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Asked, the other pilot has not answered.
    Asked,
    Coming,
    InForce,
    Over,
}

impl Standing {
    pub fn label(self) -> &'static str {
        match self {
            Self::Asked => "attend l’accord de l’autre pilote",
            Self::Coming => "à venir",
            Self::InForce => "en vigueur",
            Self::Over => "terminé",
        }
    }
}

impl Agreement {
    pub fn standing(&self, today: NaiveDate) -> Standing {
        let is_past = self.ends_on.is_some_and(|end| end < today);
        if self.ended_on.is_some() || is_past {
            Standing::Over
        } else if self.accepted_on.is_none() {
            Standing::Asked
        } else if self.starts_on > today {
            Standing::Coming
        } else {
            Standing::InForce
        }
    }

    pub fn families(&self) -> Vec<Family> {
        self.families
            .iter()
            .filter_map(|code| Family::find(code))
            .collect()
    }

    /// The territory across, and its name.
    pub fn across(&self, here: TerritoryId) -> (TerritoryId, &str) {
        if self.asker == here {
            (self.other, &self.other_name)
        } else {
            (self.asker, &self.asker_name)
        }
    }
}

/// What leaves one territory facing what enters the other: only flows of the opened families that may
/// cross, so that no pair of one territory can be found.
pub fn facing(giver: &Facts, receiver: &Facts, families: &[Family], may_cross: &BTreeSet<Key>) -> Facts {
    let opened = |flow: &&Flow| {
        let code = flow.code.or_else(|| flow.guesses.first().map(|(code, _)| *code));
        code.is_some_and(|code| families.contains(&code.family())) && may_cross.contains(&flow.key)
    };
    let leaving = giver
        .flows
        .iter()
        .filter(|flow| flow.direction == Direction::Outbound);
    let entering = receiver
        .flows
        .iter()
        .filter(|flow| flow.direction == Direction::Inbound);
    let flows: Vec<Flow> = leaving.chain(entering).filter(opened).cloned().collect();
    let used: BTreeSet<&Key> = flows.iter().map(|flow| &flow.site).collect();
    let sites = giver
        .sites
        .iter()
        .chain(&receiver.sites)
        .filter(|site| used.contains(&site.key))
        .cloned()
        .collect();
    Facts {
        sites,
        flows,
        ..Facts::default()
    }
}

#[cfg(test)]
mod tests {
    use super::{Agreement, Standing, facing};
    use crate::engine::{Facts, Flow, Key, Site};
    use crate::kernel::Direction;
    use crate::kernel::ids::{AgreementId, TerritoryId};
    use crate::nomenclature::{Family, FlowCode};
    use chrono::NaiveDate;
    use std::collections::BTreeSet;

    fn day(n: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, n).unwrap()
    }

    #[test]
    fn an_agreement_needs_both_and_its_dates() {
        let asked = Agreement {
            id: AgreementId::fresh(),
            asker: TerritoryId::fresh(),
            asker_name: "Ici".to_owned(),
            other: TerritoryId::fresh(),
            other_name: "Là".to_owned(),
            families: vec!["MAT".to_owned()],
            starts_on: day(10),
            ends_on: Some(day(20)),
            accepted_on: None,
            ended_on: None,
        };
        assert_eq!(asked.standing(day(12)), Standing::Asked);
        let accepted = Agreement {
            accepted_on: Some(day(2)),
            ..asked.clone()
        };
        let standings = [9, 10, 20, 21].map(|n| accepted.standing(day(n)));
        assert_eq!(
            standings,
            [
                Standing::Coming,
                Standing::InForce,
                Standing::InForce,
                Standing::Over
            ]
        );
        let ended = Agreement {
            ended_on: Some(day(12)),
            ..accepted
        };
        assert_eq!(ended.standing(day(12)), Standing::Over, "revocable at once");
        assert_eq!(asked.across(asked.asker).1, "Là");
        assert_eq!(asked.across(asked.other).1, "Ici");
    }

    #[test]
    fn only_open_families_cross_and_one_way_at_a_time() {
        let flow = |key: &str, site: &str, direction, code: &str| Flow {
            code: FlowCode::find(code),
            ..Flow::new(key, site, direction, "Palettes")
        };
        let here = Facts {
            sites: vec![Site::new("a")],
            flows: vec![
                flow("1", "a", Direction::Outbound, "MAT-03"),
                flow("2", "a", Direction::Inbound, "MAT-03"),
                flow("3", "a", Direction::Outbound, "ENE-04"),
            ],
            ..Facts::default()
        };
        let there = Facts {
            sites: vec![Site::new("b"), Site::new("c")],
            flows: vec![
                flow("4", "b", Direction::Inbound, "MAT-03"),
                flow("5", "c", Direction::Inbound, "MAT-01"),
            ],
            ..Facts::default()
        };
        let may_cross: BTreeSet<Key> = ["1", "2", "3", "4"].into_iter().map(Key::new).collect();
        let met = facing(&here, &there, &[Family::Mat], &may_cross);
        let keys: Vec<_> = met.flows.iter().map(|flow| flow.key.as_str()).collect();
        assert_eq!(
            keys,
            ["1", "4"],
            "not the other way, not energy, not what may not cross"
        );
        assert_eq!(met.sites.len(), 2);
    }
}
