//! Two people saved the same form. What only one of them changed is kept; what both changed
//! differently is a [`Clash`], shown with its three values by `ui/conflict.html`.

use std::borrow::Cow;

/// A field that two people changed differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    pub label: Cow<'static, str>,
    pub mine: String,
    pub stored: String,
    pub original: String,
}

/// The clashes met while merging a form into what was stored meanwhile.
#[derive(Debug, Default)]
pub struct Merge {
    pub clashes: Vec<Clash>,
}

impl Merge {
    /// Merges one field into `mine`, as typed; `shown` says how a value reads.
    pub fn field(
        &mut self,
        label: impl Into<Cow<'static, str>>,
        mine: &mut String,
        stored: &str,
        original: &str,
        shown: impl Fn(&str) -> String,
    ) {
        if mine == original {
            stored.clone_into(mine);
        } else if stored != original && stored != mine {
            self.clashes.push(Clash {
                label: label.into(),
                mine: shown(mine),
                stored: shown(stored),
                original: shown(original),
            });
        }
    }

    /// Merges one field that reads as it is typed.
    pub fn text(
        &mut self,
        label: impl Into<Cow<'static, str>>,
        mine: &mut String,
        stored: &str,
        original: &str,
    ) {
        self.field(label, mine, stored, original, str::to_owned);
    }
}

/// What both added, less what either removed. Sets never clash.
pub fn merged_set<T: PartialEq + Clone>(mine: &[T], stored: &[T], original: &[T]) -> Vec<T> {
    let kept = stored
        .iter()
        .filter(|one| mine.contains(one) || !original.contains(one));
    let added = mine
        .iter()
        .filter(|one| !original.contains(one) && !stored.contains(one));
    kept.chain(added).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::{Merge, merged_set};

    #[test]
    fn only_what_both_changed_differently_clashes() {
        let mut merge = Merge::default();
        for (typed, stored, original, expected) in [
            ("a", "a", "a", "a"),
            ("a", "b", "a", "b"),
            ("b", "a", "a", "b"),
            ("b", "b", "a", "b"),
        ] {
            let mut mine = typed.to_owned();
            merge.text("Nom", &mut mine, stored, original);
            assert_eq!(mine, expected);
        }
        assert!(merge.clashes.is_empty());
        let mut mine = "c".to_owned();
        merge.text("Nom", &mut mine, "b", "a");
        assert_eq!(mine, "c");
        assert_eq!(merge.clashes[0].stored, "b");
    }

    #[test]
    fn sets_merge_without_clash() {
        assert_eq!(merged_set(&[1, 2, 4], &[2, 3, 5], &[2, 3]), [2, 5, 1, 4]);
    }
}
