//! Exchanges that others made, published: shown beside the proposals that resemble them. The file is embedded
//! and read once.

use super::FlowCode;
use crate::kernel::fold;
use serde::Deserialize;
use std::sync::LazyLock;

/// One case.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Precedent {
    pub title: String,
    pub place: String,
    pub text: String,
    /// The flow that is given, and what it answers.
    out: Option<String>,
    into: Option<String>,
    /// The need that a group puts together.
    shared: Option<String>,
    pub source: String,
}

#[derive(Deserialize)]
struct File {
    precedent: Vec<Precedent>,
}

static PRECEDENTS: LazyLock<Vec<Precedent>> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("precedents.toml")).expect("a test reads the embedded file");
    file.precedent
});

/// What a proposal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    Exchange { out: FlowCode, into: FlowCode },
    Shared(FlowCode),
}

impl Precedent {
    /// Nothing when the file names a category that does not exist, which a test forbids.
    pub fn about(&self) -> Option<About> {
        let code = |code: &Option<String>| FlowCode::find(code.as_deref()?);
        match code(&self.shared) {
            Some(need) => Some(About::Shared(need)),
            None => Some(About::Exchange {
                out: code(&self.out)?,
                into: code(&self.into)?,
            }),
        }
    }

    /// No source was read for it.
    pub fn is_unsourced(&self) -> bool {
        self.source.starts_with("à vérifier")
    }

    /// Whether every word typed is in it.
    pub fn says(&self, typed: &str) -> bool {
        let all = fold(&format!("{} {} {}", self.title, self.place, self.text));
        fold(typed).split_whitespace().all(|word| all.contains(word))
    }

    /// 2 for the same categories, 1 for the flow that is given or for the one it answers; 0 for another case.
    fn likeness(&self, wanted: About) -> u8 {
        match (self.about(), wanted) {
            (Some(about), wanted) if about == wanted => 2,
            (Some(About::Exchange { out, .. }), About::Exchange { out: wanted, .. }) if out == wanted => 1,
            _ => 0,
        }
    }
}

/// All of them, in the order of the file.
pub fn precedents() -> &'static [Precedent] {
    &PRECEDENTS
}

/// Those that resemble a proposal, the nearest first, so many at most.
pub fn like(wanted: About, most: usize) -> Vec<&'static Precedent> {
    let mut found: Vec<_> = PRECEDENTS
        .iter()
        .map(|precedent| (precedent.likeness(wanted), precedent))
        .filter(|(likeness, _)| *likeness > 0)
        .collect();
    found.sort_by_key(|(likeness, _)| std::cmp::Reverse(*likeness));
    found
        .into_iter()
        .take(most)
        .map(|(_, precedent)| precedent)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{About, like, precedents};
    use crate::nomenclature::FlowCode;

    #[test]
    fn every_case_names_known_categories_and_its_source() {
        for case in precedents() {
            let is_one = case.shared.is_some() != (case.out.is_some() && case.into.is_some());
            assert!(case.about().is_some() && is_one, "{}", case.title);
            let words = [&case.title, &case.place, &case.text, &case.source];
            assert!(
                words.iter().all(|words| !words.trim().is_empty()),
                "{}",
                case.title
            );
            assert!(
                case.is_unsourced() || case.source.starts_with("S-"),
                "{}",
                case.title
            );
        }
    }

    #[test]
    fn the_nearest_case_comes_first() {
        let code = |code| FlowCode::find(code).unwrap();
        let exchange = |out, into| About::Exchange {
            out: code(out),
            into: code(into),
        };
        let found = like(exchange("MAT-18", "ENE-09"), 3);
        assert_eq!(found[0].title, "Coproduits vers la méthanisation");
        assert_eq!(found.len(), 3);
        assert_eq!(like(About::Shared(code("ENE-01")), 3).len(), 1);
        assert!(like(exchange("ESP-06", "ESP-06"), 3).is_empty());
        assert!(precedents()[0].says("electricite cergy") && !precedents()[0].says("vapeur"));
    }
}
