//! Numbers instead of names: how flows and sites are held, found by key and ordered.
//!
//! A run compares millions of pairs, so everything that is compared has a small number. What a caller
//! lends is borrowed, what an edit brings is owned, and both read the same.

use std::collections::BTreeMap;
use std::ops::Deref;

use rayon::prelude::ParallelSliceMut;

use super::facts::Key;

/// Something lent for the time of a run, or brought by an edit.
#[derive(Debug)]
pub(super) enum Held<'a, T> {
    Lent(&'a T),
    Own(Box<T>),
}

impl<T> Deref for Held<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        match self {
            Self::Lent(value) => value,
            Self::Own(value) => value,
        }
    }
}

/// A number that fits: a run holds fewer than four billion things of a kind.
///
/// # Panics
/// Past four billion.
pub(super) fn number(count: usize) -> u32 {
    u32::try_from(count).expect("fewer than four billion")
}

/// The first bytes of a key, which order like it: most comparisons need no more.
fn opening(key: &Key) -> u128 {
    let bytes = key.as_str().as_bytes();
    let mut first = [0; 16];
    let length = bytes.len().min(16);
    first[..length].copy_from_slice(&bytes[..length]);
    u128::from_be_bytes(first)
}

/// Things in the order of their keys, one of each.
pub(super) fn in_order<T: Sync>(things: &[T], key: impl Fn(&T) -> &Key + Sync) -> Vec<&T> {
    let mut order: Vec<(u128, u32)> = (0..)
        .zip(things)
        .map(|(rank, thing)| (opening(key(thing)), rank))
        .collect();
    let thing = |rank: u32| &things[rank as usize];
    // The first given of equals stays, whatever the sort does with them.
    order.par_sort_unstable_by(|a, b| {
        a.0.cmp(&b.0)
            .then_with(|| key(thing(a.1)).cmp(key(thing(b.1))))
            .then(a.1.cmp(&b.1))
    });
    order.dedup_by(|a, b| a.0 == b.0 && key(thing(a.1)) == key(thing(b.1)));
    order.into_iter().map(|(_, rank)| thing(rank)).collect()
}

/// Finds things by key.
#[derive(Debug, Default)]
pub(super) struct Directory<'k> {
    ranks: BTreeMap<&'k Key, u32>,
}

impl<'k> Directory<'k> {
    pub(super) fn of(keys: impl Iterator<Item = &'k Key>) -> Self {
        Self {
            ranks: keys.zip(0..).collect(),
        }
    }

    /// The rank of a key.
    pub(super) fn find(&self, wanted: &Key) -> Option<u32> {
        self.ranks.get(wanted).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::{Directory, in_order};
    use crate::engine::Key;
    use proptest::prelude::{prop_assert_eq, proptest};

    proptest! {
        #[test]
        fn keys_are_ordered_and_found_like_texts(texts in proptest::collection::vec("[ab]{0,3}|0193aaaa-aaaa-7aaa-[0-9a-c]{1,3}", 0..40), wanted in "[ab]{0,3}") {
            let keys: Vec<Key> = texts.iter().map(|text| Key::from(text.as_str())).collect();
            let sorted = in_order(&keys, |key| key);
            let mut expected: Vec<&Key> = keys.iter().collect();
            expected.sort();
            expected.dedup();
            prop_assert_eq!(&sorted, &expected);
            let directory = Directory::of(sorted.iter().copied());
            let found = |key: &Key| directory.find(key).map(|rank| rank as usize);
            for (rank, key) in sorted.iter().enumerate() {
                prop_assert_eq!(found(key), Some(rank));
            }
            let absent = Key::from(wanted.as_str());
            prop_assert_eq!(found(&absent), expected.binary_search(&&absent).ok());
        }
    }
}
