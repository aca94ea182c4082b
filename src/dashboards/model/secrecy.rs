//! What may be shown of a count or of a breakdown. Pure.
//!
//! One rule for everybody, because a board is projected: nothing shown may let a reader find the value of
//! one or two companies, alone or by subtracting one page from another. So a count of one or two is
//! replaced; a figure under a filter is shown only when every part of that breakdown is empty or holds at
//! least three; a map gives classes, never a count.

use crate::indicators::model::is_few;

/// What stands for a number under three.
pub const FEW: &str = "<\u{a0}3";
/// What stands for a sum that would tell a company's figure.
pub const HIDDEN: &str = "masqué";
/// What stands for a figure that nobody has.
pub const UNKNOWN: &str = "non estimé";

/// The rule, as pages and files write it.
pub const SECRECY: &str = "Un effectif de un ou deux est remplacé par «\u{a0}<\u{a0}3\u{a0}» ou masqué, comme tout \
    nombre qui permettrait de le retrouver par différence. Une quantité est masquée quand moins de trois entreprises \
    la composent, ou quand une seule pèse plus de 80\u{a0}%. Les gisements sont arrondis à trois chiffres. Sous un \
    filtre, une ligne n’est montrée que si toutes les parts du découpage sont vides ou comptent au moins trois \
    entreprises ou synergies. Les cartes donnent des classes d’effectifs.";

/// Whether a breakdown may be told part by part: no part can be found from the others.
pub fn is_safe(parts: impl IntoIterator<Item = i64>) -> bool {
    !parts.into_iter().any(is_few)
}

/// A class of numbers, for a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Band {
    Few,
    Some,
    Several,
    Many,
    Crowd,
}

impl Band {
    /// None of nothing.
    pub fn of(count: i64) -> Option<Self> {
        Some(match count {
            ..=0 => return None,
            1..=2 => Self::Few,
            3..=5 => Self::Some,
            6..=10 => Self::Several,
            11..=30 => Self::Many,
            _ => Self::Crowd,
        })
    }
    pub fn label(self) -> &'static str {
        match self {
            Self::Few => FEW,
            Self::Some => "3 à 5",
            Self::Several => "6 à 10",
            Self::Many => "11 à 30",
            Self::Crowd => "plus de 30",
        }
    }
    /// The disc of a map.
    pub fn radius(self) -> f64 {
        match self {
            Self::Few => 4.0,
            Self::Some => 7.0,
            Self::Several => 10.0,
            Self::Many => 14.0,
            Self::Crowd => 20.0,
        }
    }
}

/// To the nearest multiple of five, five at least: a difference of two such numbers tells of nobody.
pub fn about(count: i64) -> i64 {
    if count <= 0 {
        0
    } else {
        ((count + 2) / 5 * 5).max(5)
    }
}

#[cfg(test)]
mod tests {
    use super::{Band, about, is_safe};
    use proptest::prelude::*;

    #[test]
    fn a_breakdown_with_one_small_part_is_not_told() {
        assert!(is_safe([3, 0, 12]));
        assert!(!is_safe([3, 2, 12]), "2 = the whole less the others");
        assert!(is_safe([]));
    }

    #[test]
    fn classes_are_in_order_and_the_first_hides() {
        let labels: Vec<_> = [0, 1, 3, 10, 11, 400]
            .map(|n| Band::of(n).map_or("", Band::label))
            .to_vec();
        assert_eq!(
            labels,
            ["", "<\u{a0}3", "3 à 5", "6 à 10", "11 à 30", "plus de 30"]
        );
    }

    proptest! {
        /// Whatever unions a reader makes of the parts of a safe breakdown, and however they subtract them,
        /// what is left is empty or three at least.
        #[test]
        fn no_difference_of_told_parts_is_one_or_two(parts in prop::collection::vec(0_i64..9, 1..7), picks in any::<(u8, u8)>()) {
            prop_assume!(is_safe(parts.iter().copied()));
            let union = |picked: u8| -> i64 { parts.iter().enumerate().filter(|(rank, _)| picked & (1 << rank) != 0).map(|(_, n)| n).sum() };
            let (larger, smaller) = (picks.0, picks.0 & picks.1);
            let left = union(larger) - union(smaller);
            prop_assert!(left == 0 || left >= 3, "{left}");
        }

        #[test]
        fn what_is_about_is_near(count in 1_i64..10_000) {
            prop_assert!((about(count) - count).abs() <= 4 && about(count) % 5 == 0 && about(count) > 0);
        }
    }
}
