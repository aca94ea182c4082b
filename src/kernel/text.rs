//! Comparable text: the one way the product decides that two spellings are the same words.
//!
//! Labels come from phone calls, spreadsheets and scanned forms, so case, accents, ligatures and
//! punctuation carry no meaning. Nothing here knows about flows; depends on no other module.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Lowercases, strips accents and ligatures, and turns every run of other characters into a space.
///
/// « Œufs & Bœuf — 10 m³ » becomes `oeufs boeuf 10 m3`.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = Folded(String::with_capacity(text.len()));
    if text.is_ascii() {
        text.chars().for_each(|c| folded.push(c));
    } else {
        text.nfkd()
            .filter(|c| !is_combining_mark(*c))
            .for_each(|c| folded.push(c));
    }
    folded.finish()
}

struct Folded(String);

impl Folded {
    fn push(&mut self, c: char) {
        match c {
            'a'..='z' | '0'..='9' => self.0.push(c),
            'A'..='Z' => self.0.push(c.to_ascii_lowercase()),
            'œ' | 'Œ' => self.0.push_str("oe"),
            'æ' | 'Æ' => self.0.push_str("ae"),
            'ß' | 'ẞ' => self.0.push_str("ss"),
            'ø' | 'Ø' => self.0.push('o'),
            'ł' | 'Ł' => self.0.push('l'),
            _ if c.is_alphanumeric() => self.0.extend(c.to_lowercase()),
            _ if self.0.is_empty() || self.0.ends_with(' ') => {}
            _ => self.0.push(' '),
        }
    }

    fn finish(mut self) -> String {
        if self.0.ends_with(' ') {
            self.0.pop();
        }
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::fold;
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    #[test]
    fn accents_case_and_punctuation_do_not_count() {
        let cases = [
            ("Carton ondulé", "carton ondule"),
            ("  DÉCHETS   d’activité (vrac) ", "dechets d activite vrac"),
            ("Œufs & Bœuf — 10 m³", "oeufs boeuf 10 m3"),
            ("e\u{301}te\u{301}", "ete"),
            ("N° 4 : l'eau", "n 4 l eau"),
            ("\u{a0}—…", ""),
            ("", ""),
        ];
        for (given, expected) in cases {
            assert_eq!(fold(given), expected, "{given:?}");
        }
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn never_leaves_stray_spaces(text in "\\PC{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(once.trim(), once.as_str());
            prop_assert!(!once.contains("  "));
        }
    }
}
