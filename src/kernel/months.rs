//! The months of a year in which a flow exists, as a set.
//!
//! Two flows that never exist in the same month cannot meet, so the set is compared thousands of
//! times per second: it is a mask. Depends on no other module.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

const NAMES: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

/// The list of months could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("Indiquez les mois par leur numéro, par exemple «\u{a0}3,4,9-11\u{a0}».")]
pub struct NotMonths;

/// A set of months; never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct Months(u16);

impl Months {
    pub const ALL: Self = Self(0x0FFF);

    /// Reads « 3,4,9-11 »; a range may pass the new year (« 11-2 »).
    ///
    /// # Errors
    /// When nothing is given or a number is not a month.
    pub fn parse(text: &str) -> Result<Self, NotMonths> {
        let mut mask = 0;
        for part in text.split([',', ';']) {
            let (first, last) = match part.split_once(['-', '–', '—']) {
                Some((first, last)) => (month(first)?, month(last)?),
                None => (month(part)?, month(part)?),
            };
            let mut current = first;
            mask |= 1 << current;
            while current != last {
                current = (current + 1) % 12;
                mask |= 1 << current;
            }
        }
        Self::from_bits(mask).ok_or(NotMonths)
    }

    /// The mask, bit 0 being January.
    #[must_use]
    pub fn bits(self) -> u16 {
        self.0
    }

    /// The set of that mask; `None` for an empty mask or a thirteenth month.
    #[must_use]
    pub fn from_bits(bits: u16) -> Option<Self> {
        (bits != 0 && bits & !Self::ALL.0 == 0).then_some(Self(bits))
    }

    /// How many months the set holds.
    #[must_use]
    pub fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// How many months both sets hold.
    #[must_use]
    pub fn common(self, other: Self) -> u32 {
        (self.0 & other.0).count_ones()
    }

    /// Whether the month (1 to 12) is in the set.
    #[must_use]
    pub fn contains(self, month: u8) -> bool {
        (1..=12).contains(&month) && self.0 & (1 << (month - 1)) != 0
    }

    /// The months (1 to 12), in order.
    pub fn iter(self) -> impl Iterator<Item = u8> {
        (1..=12).filter(move |month| self.contains(*month))
    }

    /// The set in words: « toute l’année », « mars, avril, septembre à novembre ».
    #[must_use]
    pub fn label(self) -> String {
        if self == Self::ALL {
            return "toute l’année".to_owned();
        }
        let parts: Vec<String> = self
            .runs()
            .map(|(first, last)| match last - first {
                0 => NAMES[first].to_owned(),
                1 => format!("{}, {}", NAMES[first], NAMES[last]),
                _ => format!("{} à {}", NAMES[first], NAMES[last]),
            })
            .collect();
        parts.join(", ")
    }

    /// Runs of consecutive months within the calendar year, as ranks from 0.
    fn runs(self) -> impl Iterator<Item = (usize, usize)> {
        let held = move |rank: usize| rank < 12 && self.0 & (1 << rank) != 0;
        (0..12)
            .filter(move |rank| held(*rank) && (*rank == 0 || !held(rank - 1)))
            .map(move |first| {
                let last = (first..12).take_while(|rank| held(*rank)).last();
                (first, last.unwrap_or(first))
            })
    }
}

fn month(text: &str) -> Result<u16, NotMonths> {
    match text.trim().parse::<u16>() {
        Ok(number @ 1..=12) => Ok(number - 1),
        Ok(_) | Err(_) => Err(NotMonths),
    }
}

impl fmt::Display for Months {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (rank, (first, last)) in self.runs().enumerate() {
            if rank > 0 {
                f.write_str(",")?;
            }
            match last - first {
                0 => write!(f, "{}", first + 1)?,
                1 => write!(f, "{},{}", first + 1, last + 1)?,
                _ => write!(f, "{}-{}", first + 1, last + 1)?,
            }
        }
        Ok(())
    }
}

impl FromStr for Months {
    type Err = NotMonths;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl TryFrom<u16> for Months {
    type Error = NotMonths;
    fn try_from(bits: u16) -> Result<Self, Self::Error> {
        Self::from_bits(bits).ok_or(NotMonths)
    }
}

impl From<Months> for u16 {
    fn from(months: Months) -> Self {
        months.bits()
    }
}

#[cfg(test)]
mod tests {
    use super::{Months, NotMonths};
    use proptest::prelude::{prop_assert_eq, proptest};

    #[test]
    fn reads_and_writes_lists_and_ranges() {
        let cases = [
            ("3,4,9-11", "3,4,9-11", 5),
            ("1-12", "1-12", 12),
            (" 7 ", "7", 1),
            ("11-2", "1,2,11,12", 4),
            ("4,3,3", "3,4", 2),
            ("1 – 3; 6", "1-3,6", 4),
        ];
        for (given, shown, count) in cases {
            let months = Months::parse(given).expect(given);
            assert_eq!(months.to_string(), shown);
            assert_eq!(months.count(), count);
        }
        for refused in ["", "0", "13", "mars", "1,,2", "-3", "3-"] {
            assert_eq!(Months::parse(refused), Err(NotMonths), "{refused:?}");
        }
    }

    #[test]
    fn common_months_are_counted() {
        let summer = Months::parse("5-9").expect("valid");
        let autumn = Months::parse("8-11").expect("valid");
        let winter = Months::parse("12,1").expect("valid");
        assert_eq!(summer.common(autumn), 2);
        assert_eq!(summer.common(winter), 0);
        assert_eq!(summer.common(Months::ALL), 5);
        assert!(summer.contains(5) && !summer.contains(4) && !summer.contains(0));
        assert_eq!(winter.iter().collect::<Vec<_>>(), [1, 12]);
    }

    #[test]
    fn labels_are_in_words() {
        assert_eq!(Months::ALL.label(), "toute l’année");
        assert_eq!(
            Months::parse("3,4,9-11").expect("valid").label(),
            "mars, avril, septembre à novembre"
        );
    }

    proptest! {
        #[test]
        fn what_is_written_can_be_read_back(bits in 1_u16..0x1000) {
            let months = Months::from_bits(bits).expect("in range");
            prop_assert_eq!(Months::parse(&months.to_string()), Ok(months));
        }
    }
}
