//! Suggestions while a category is being typed: by code, label or synonym, from the first letters.

use super::catalogue::{Catalogue, Category};
use crate::kernel::fold;

const LIMIT: usize = 12;

impl Catalogue {
    /// Categories that hold every word of the query, the last ones perhaps unfinished; those whose
    /// code or label answers come first. When none does, the nearest by meaning or spelling.
    #[must_use]
    pub fn search(&self, query: &str) -> Vec<&Category> {
        let folded = fold(query);
        if folded.is_empty() {
            return Vec::new();
        }
        let words: Vec<&str> = folded.split(' ').collect();
        let mut found: Vec<(u8, &Category)> = self
            .categories()
            .iter()
            .filter_map(|category| Some((rank(category, &folded, &words)?, category)))
            .collect();
        // The sort is stable: within a rank, the order of the catalogue stays.
        found.sort_by_key(|(rank, _)| *rank);
        found.truncate(LIMIT);
        if found.is_empty() {
            let guesses = self.classify(query, None, None);
            return guesses.iter().map(|guess| self.category(guess.code)).collect();
        }
        found.into_iter().map(|(_, category)| category).collect()
    }
}

/// How directly the category answers: 0 by its code, then label, one synonym, several together.
fn rank(category: &Category, query: &str, words: &[&str]) -> Option<u8> {
    let code = fold(category.code.as_str());
    if code.starts_with(query) || code.replace(' ', "").starts_with(query) {
        return Some(0);
    }
    let label = fold(&category.label);
    if holds(&label, words) {
        return Some(if label.starts_with(query) { 1 } else { 2 });
    }
    let synonyms: Vec<String> = category.synonyms.iter().map(|text| fold(text)).collect();
    if synonyms.iter().any(|synonym| synonym.starts_with(query)) {
        return Some(3);
    }
    if synonyms.iter().any(|synonym| holds(synonym, words)) {
        return Some(4);
    }
    let all = format!("{label} {}", synonyms.join(" "));
    holds(&all, words).then_some(5)
}

fn holds(text: &str, words: &[&str]) -> bool {
    words
        .iter()
        .all(|word| text.split(' ').any(|other| other.starts_with(word)))
}

#[cfg(test)]
mod tests {
    use super::super::catalogue::Catalogue;

    fn codes(query: &str) -> Vec<&'static str> {
        let found = Catalogue::embedded().search(query);
        found.iter().map(|category| category.code.as_str()).collect()
    }

    #[test]
    fn first_letters_are_enough() {
        for (query, expected) in [
            ("mat-03", "MAT-03"),
            ("mat03", "MAT-03"),
            ("palet", "MAT-03"),
            ("pal bois", "MAT-03"),
            ("papier-carton", "MAT-01"),
            ("chaleur fat", "ENE-04"),
            ("CARTON ONDUL", "MAT-01"),
            ("covoit", "MOB-01"),
        ] {
            assert_eq!(codes(query).first(), Some(&expected), "{query}");
        }
    }

    #[test]
    fn a_misspelt_query_still_answers() {
        assert_eq!(codes("pallete europ").first(), Some(&"MAT-03"));
        assert!(codes("").is_empty() && codes(" - ").is_empty());
        assert!(codes("xylophone").is_empty());
    }
}
