//! A form kept as its fields by name, each with what it was when the page was shown (`was_…`): two people who
//! fill in the same page lose nothing, and what both changed differently is shown to the second.

use crate::platform::web::{Clash, Merge};
use std::collections::BTreeMap;

#[derive(Debug, Default, Clone, PartialEq, Eq, serde::Deserialize)]
pub(super) struct Typed {
    #[serde(flatten)]
    fields: BTreeMap<String, String>,
}

const WAS: &str = "was_";

impl Typed {
    pub(super) fn get(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    pub(super) fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.fields.insert(name.into(), value.into());
    }

    /// What was typed, without what was shown.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&String, &String)> {
        self.fields.iter().filter(|(name, _)| !name.starts_with(WAS))
    }

    /// From now on the page shows what is stored.
    pub(super) fn rebase(&mut self, stored: &Self, names: &[(String, String)]) {
        for (name, _) in names {
            self.set(format!("{WAS}{name}"), stored.get(name));
        }
    }

    /// The hidden fields that say what the page shows.
    pub(super) fn bases(&self) -> impl Iterator<Item = (&String, &String)> {
        self.fields.iter().filter(|(name, _)| name.starts_with(WAS))
    }

    /// Takes in what was stored since the page was shown; the fields of `names` are merged, in that order.
    /// A page that did not say what it showed wins. `read` says how a value reads.
    pub(super) fn merge(
        &mut self,
        stored: &Self,
        names: &[(String, String)],
        read: impl Fn(&str) -> String,
    ) -> Vec<Clash> {
        let mut merge = Merge::default();
        for (name, label) in names {
            let Some(original) = self.fields.get(&format!("{WAS}{name}")).cloned() else {
                continue;
            };
            let mut mine = self.get(name).to_owned();
            merge.field(label.clone(), &mut mine, stored.get(name), &original, &read);
            self.set(name.clone(), mine);
        }
        merge.clashes
    }
}

#[cfg(test)]
mod tests {
    use super::Typed;

    fn typed(fields: &[(&str, &str)]) -> Typed {
        let mut typed = Typed::default();
        for (name, value) in fields {
            typed.set(*name, *value);
        }
        typed
    }

    #[test]
    fn what_a_colleague_changed_is_kept_and_what_both_changed_is_told() {
        let names = ["a", "b", "c"].map(|name| (name.to_owned(), name.to_uppercase()));
        let mut mine = typed(&[
            ("a", "1"),
            ("was_a", "1"),
            ("b", "mine"),
            ("was_b", ""),
            ("c", "said"),
        ]);
        let stored = typed(&[("a", "2"), ("b", "theirs"), ("c", "other")]);
        let clashes = mine.merge(&stored, &names, str::to_owned);
        assert_eq!(
            [mine.get("a"), mine.get("b"), mine.get("c")],
            ["2", "mine", "said"]
        );
        let told: Vec<_> = clashes
            .iter()
            .map(|c| (c.label.as_ref(), c.stored.as_str()))
            .collect();
        assert_eq!(told, [("B", "theirs")]);
    }
}
