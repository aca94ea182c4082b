//! The critical mass of a group: what its members committed to, against what the action needs. Pure.

use super::model::{MemberState, NotYet};
use super::proposal::{Explained, Proposal};
use crate::kernel::format_number;

/// Yearly quantities by how sure the members are.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Sums {
    pub(super) committed: f64,
    pub(super) interested: f64,
    pub(super) hoped: f64,
}

impl Sums {
    pub(super) fn of(members: impl IntoIterator<Item = (MemberState, Option<f64>)>) -> Self {
        let mut sums = Self::default();
        for (state, quantity) in members {
            let quantity = quantity.unwrap_or(0.0);
            match state {
                MemberState::Committed => sums.committed += quantity,
                MemberState::Interested => sums.interested += quantity,
                MemberState::Prospective => sums.hoped += quantity,
                MemberState::Withdrawn => {}
            }
        }
        sums
    }

    pub(super) fn total(self) -> f64 {
        self.committed + self.interested + self.hoped
    }
}

/// A group acts with two at least.
const FEWEST: usize = 2;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mass {
    unit: &'static str,
    needed: Option<f64>,
    committed: f64,
    firms: usize,
}

impl Mass {
    pub(super) fn of(explained: &Explained, members: Vec<(MemberState, Option<f64>)>) -> Self {
        let group = match &explained.proposal {
            Proposal::Group(group) => Some(group),
            Proposal::Pair(_) | Proposal::Relay(_) | Proposal::Hand(_) => None,
        };
        let committed = members
            .iter()
            .filter(|(state, _)| *state == MemberState::Committed);
        Self {
            unit: group.map_or("", |group| group.unit.symbol()),
            needed: group.and_then(|group| group.critical_mass),
            firms: committed.count(),
            committed: Sums::of(members).committed,
        }
    }

    fn amount(&self, value: f64) -> String {
        let number = format_number(value, usize::from(value < 20.0));
        format!("{number}\u{a0}{}", self.unit)
    }

    /// « 12 t engagées sur 16 t nécessaires par an, par 3 membres : il manque 4 t. »
    pub(super) fn sentence(&self) -> String {
        let members = match self.firms {
            0 => return "Aucun membre n’est engagé\u{a0}: notez leur position.".to_owned(),
            1 => "un seul membre engagé".to_owned(),
            n => format!("{n} membres engagés"),
        };
        let Some(needed) = self.needed else {
            return format!("{}.", super::view::capital(&members));
        };
        let missing = if self.committed < needed {
            format!("il manque {}", self.amount(needed - self.committed))
        } else {
            "la masse critique est atteinte".to_owned()
        };
        format!(
            "{}, pour {} par an sur {} nécessaires\u{a0}: {missing}.",
            super::view::capital(&members),
            self.amount(self.committed),
            self.amount(needed)
        )
    }

    pub(super) fn is_reached(&self) -> bool {
        self.firms >= FEWEST && self.needed.is_none_or(|needed| self.committed >= needed)
    }

    /// # Errors
    /// [`NotYet`] when too little is committed.
    pub(super) fn may_begin(&self) -> Result<(), NotYet> {
        if self.is_reached() {
            Ok(())
        } else {
            Err(NotYet::Mass(self.sentence()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Mass, Sums};
    use crate::synergies::model::MemberState as M;

    fn mass(needed: Option<f64>, committed: f64, firms: usize) -> Mass {
        Mass {
            unit: "t",
            needed,
            committed,
            firms,
        }
    }

    #[test]
    fn a_group_begins_with_two_members_and_its_mass() {
        assert!(mass(Some(16.0), 16.0, 2).may_begin().is_ok());
        assert!(mass(None, 0.0, 2).is_reached());
        assert!(!mass(None, 0.0, 1).is_reached());
        let short = mass(Some(16.0), 12.0, 3).may_begin().unwrap_err().to_string();
        assert!(
            short.contains("3 membres engagés, pour 12\u{a0}t par an sur 16\u{a0}t nécessaires\u{a0}: il manque 4\u{a0}t."),
            "{short}"
        );
    }

    #[test]
    fn whoever_withdrew_counts_for_nothing() {
        let sums = Sums::of([
            (M::Committed, Some(2.0)),
            (M::Withdrawn, Some(9.0)),
            (M::Prospective, None),
            (M::Interested, Some(1.5)),
        ]);
        assert_eq!((sums.committed, sums.total()), (2.0, 3.5));
    }
}
