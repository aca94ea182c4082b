//! The European list of waste, in French: which six-digit codes exist and what they mean.

use std::fmt;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::kernel::fold;

/// Why a waste code was refused, as a sentence for the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WasteCodeError {
    #[error("Un code déchet compte 6 chiffres, par exemple «\u{a0}15\u{a0}01\u{a0}01\u{a0}».")]
    Format,
    #[error("Ce code déchet n’existe pas dans la liste européenne.")]
    Unknown,
}

struct Entry {
    code: String,
    hazardous: bool,
    label: String,
}

/// Six-digit entries in ascending order, then the titles of chapters and sections.
struct List {
    entries: Vec<Entry>,
    titles: Vec<Entry>,
}

static LIST: LazyLock<List> = LazyLock::new(|| {
    let mut reader = csv::Reader::from_reader(include_str!("waste_codes.csv").as_bytes());
    let (mut entries, mut titles): (Vec<Entry>, Vec<Entry>) = reader
        .records()
        .map(|record| {
            let record = record.expect("the embedded list is well-formed");
            Entry {
                code: record[0].to_owned(),
                hazardous: &record[3] == "1",
                label: record[4].replace('\'', "’"),
            }
        })
        .partition(|entry| entry.code.len() == 6);
    entries.sort_by(|a, b| a.code.cmp(&b.code));
    titles.sort_by(|a, b| a.code.cmp(&b.code));
    List { entries, titles }
});

/// A waste code of the official list.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WasteCode(u16);

impl WasteCode {
    /// Reads « 15 01 01* », « 15.01.01 » or « 150101 ». The asterisk is not checked: the list
    /// says what is hazardous.
    ///
    /// # Errors
    /// When the text has not six digits, or the list has no such code.
    pub fn parse(text: &str) -> Result<Self, WasteCodeError> {
        let body = text.trim().trim_end_matches('*');
        let is_separator = |c: char| c.is_whitespace() || matches!(c, '.' | '-' | '/');
        let digits: String = body.chars().filter(|c| !is_separator(*c)).collect();
        if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(WasteCodeError::Format);
        }
        LIST.entries
            .binary_search_by(|entry| entry.code.as_str().cmp(&digits))
            .ok()
            .and_then(|rank| u16::try_from(rank).ok())
            .map(Self)
            .ok_or(WasteCodeError::Unknown)
    }

    /// The code written in any of those ways, when it exists.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }

    /// Every code, in ascending order.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..LIST.entries.len()).filter_map(|rank| u16::try_from(rank).ok().map(Self))
    }

    /// Codes whose digits start with the query, or whose label holds all its words; for
    /// as-you-type suggestions.
    #[must_use]
    pub fn search(query: &str, limit: usize) -> Vec<Self> {
        let query = fold(query);
        let digits = query.replace(' ', "");
        if query.is_empty() {
            return Vec::new();
        }
        let by_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
        Self::all()
            .filter(|code| {
                if by_digits {
                    return code.as_str().starts_with(&digits);
                }
                let label = fold(code.label());
                query.split(' ').all(|word| label.contains(word))
            })
            .take(limit)
            .collect()
    }

    /// The six digits.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        &self.entry().code
    }

    #[must_use]
    pub fn hazardous(self) -> bool {
        self.entry().hazardous
    }

    #[must_use]
    pub fn label(self) -> &'static str {
        &self.entry().label
    }

    /// The title of the two-digit chapter.
    #[must_use]
    pub fn chapter_label(self) -> &'static str {
        let chapter = &self.as_str()[..2];
        LIST.titles
            .binary_search_by(|entry| entry.code.as_str().cmp(chapter))
            .map_or("", |rank| &LIST.titles[rank].label)
    }

    fn entry(self) -> &'static Entry {
        &LIST.entries[usize::from(self.0)]
    }
}

impl fmt::Display for WasteCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.as_str();
        let star = if self.hazardous() { "*" } else { "" };
        write!(f, "{}\u{a0}{}\u{a0}{}{star}", &code[..2], &code[2..4], &code[4..])
    }
}

impl fmt::Debug for WasteCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WasteCode({})", self.as_str())
    }
}

impl TryFrom<String> for WasteCode {
    type Error = WasteCodeError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<WasteCode> for String {
    fn from(code: WasteCode) -> Self {
        code.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::{WasteCode, WasteCodeError};

    #[test]
    fn the_list_is_complete() {
        assert_eq!(WasteCode::all().count(), 842);
        assert_eq!(WasteCode::all().filter(|code| code.hazardous()).count(), 408);
        assert!(WasteCode::all().all(|code| !code.label().is_empty()));
        assert!(WasteCode::all().all(|code| !code.chapter_label().is_empty()));
    }

    #[test]
    fn every_writing_of_a_code_is_read() {
        let code = WasteCode::parse("150101").expect("exists");
        for writing in ["15 01 01", "15 01 01*", " 15.01.01 ", "15\u{a0}01\u{a0}01 *"] {
            assert_eq!(WasteCode::parse(writing), Ok(code), "{writing}");
        }
        assert_eq!(code.as_str(), "150101");
        assert_eq!(code.to_string(), "15\u{a0}01\u{a0}01");
        assert!(!code.hazardous());
        let solvent = WasteCode::find("140603").expect("exists");
        assert!(solvent.hazardous());
        assert_eq!(solvent.to_string(), "14\u{a0}06\u{a0}03*");
    }

    #[test]
    fn wrong_codes_are_refused() {
        assert_eq!(WasteCode::parse("999999"), Err(WasteCodeError::Unknown));
        for malformed in ["", "15 01", "15 01 0A", "1501011"] {
            assert_eq!(WasteCode::parse(malformed), Err(WasteCodeError::Format));
        }
    }

    #[test]
    fn search_by_digits_or_words() {
        let by_digits = WasteCode::search("15 01 0", 20);
        assert!(by_digits.iter().all(|code| code.as_str().starts_with("15010")));
        assert_eq!(by_digits.len(), 8);
        let by_words = WasteCode::search("emballages carton", 5);
        assert_eq!(by_words.first().map(|code| code.as_str()), Some("150101"));
        assert!(WasteCode::search("", 5).is_empty());
    }
}
