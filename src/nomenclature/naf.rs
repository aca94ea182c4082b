//! The French classification of activities (NAF rév. 2), to name what a company does.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::kernel::fold;

/// One entry, from the section (`C`) to the sub-class (`17.21A`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Naf {
    pub code: String,
    pub level: Level,
    pub label: String,
    parent: String,
    folded: String,
}

/// The five levels of the classification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Section,
    Division,
    Group,
    Class,
    SubClass,
}

struct Table {
    entries: Vec<Naf>,
    by_compact_code: BTreeMap<String, usize>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut reader = csv::Reader::from_reader(include_str!("naf.csv").as_bytes());
    let entries: Vec<Naf> = reader
        .records()
        .map(|record| {
            let record = record.expect("the embedded list is well-formed");
            let level = match &record[1] {
                "1" => Level::Section,
                "2" => Level::Division,
                "3" => Level::Group,
                "4" => Level::Class,
                _ => Level::SubClass,
            };
            let label = record[3].replace('\'', "’");
            Naf {
                code: record[0].to_owned(),
                level,
                folded: fold(&label),
                label: if level == Level::Section {
                    sentence_case(&label)
                } else {
                    label
                },
                parent: record[2].to_owned(),
            }
        })
        .collect();
    let by_compact_code = entries
        .iter()
        .enumerate()
        .map(|(rank, naf)| (compact(&naf.code), rank))
        .collect();
    Table {
        entries,
        by_compact_code,
    }
});

fn compact(code: &str) -> String {
    code.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect()
}

fn sentence_case(text: &str) -> String {
    let lower = text.to_lowercase();
    let mut chars = lower.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// The entry of that code, written « 17.21A », « 1721A » or « 1721a »; any level.
#[must_use]
pub fn find(code: &str) -> Option<&'static Naf> {
    let rank = TABLE.by_compact_code.get(&compact(code))?;
    Some(&TABLE.entries[*rank])
}

/// The sub-classes, the level at which establishments are coded.
pub fn sub_classes() -> impl Iterator<Item = &'static Naf> {
    TABLE.entries.iter().filter(|naf| naf.level == Level::SubClass)
}

/// Sub-classes whose code starts with the query or whose label holds all its words (as starts of
/// words); for as-you-type suggestions.
#[must_use]
pub fn search(query: &str) -> Vec<&'static Naf> {
    const LIMIT: usize = 20;
    let (code, words) = (compact(query), fold(query));
    if words.is_empty() {
        return Vec::new();
    }
    TABLE
        .entries
        .iter()
        .filter(|naf| naf.level == Level::SubClass)
        .filter(|naf| {
            (!code.is_empty() && compact(&naf.code).starts_with(&code))
                || words
                    .split(' ')
                    .all(|word| naf.folded.split(' ').any(|other| other.starts_with(word)))
        })
        .take(LIMIT)
        .collect()
}

/// The label of the two-digit division a code belongs to.
#[must_use]
pub fn division_label(code: &str) -> Option<&'static str> {
    division(code).map(|naf| naf.label.as_str())
}

/// The label of the lettered section a code belongs to.
#[must_use]
pub fn section_label(code: &str) -> Option<&'static str> {
    section(code).map(|naf| naf.label.as_str())
}

/// The two-digit division a code belongs to.
#[must_use]
pub fn division(code: &str) -> Option<&'static Naf> {
    ancestor(code, Level::Division)
}

/// The lettered section a code belongs to.
#[must_use]
pub fn section(code: &str) -> Option<&'static Naf> {
    ancestor(code, Level::Section)
}

/// The 88 divisions, in order.
pub fn divisions() -> impl Iterator<Item = &'static Naf> {
    TABLE.entries.iter().filter(|naf| naf.level == Level::Division)
}

fn ancestor(code: &str, level: Level) -> Option<&'static Naf> {
    let mut current = find(code).or_else(|| find(compact(code).get(..2)?))?;
    while current.level > level {
        current = find(&current.parent)?;
    }
    (current.level == level).then_some(current)
}

#[cfg(test)]
mod tests {
    use super::{Level, TABLE, division_label, find, search, section_label};

    #[test]
    fn the_list_is_complete() {
        let count = |level| TABLE.entries.iter().filter(|naf| naf.level == level).count();
        assert_eq!(count(Level::Section), 21);
        assert_eq!(count(Level::Division), 88);
        assert_eq!(count(Level::Group), 272);
        assert_eq!(count(Level::Class), 615);
        assert_eq!(count(Level::SubClass), 732);
        assert_eq!(TABLE.by_compact_code.len(), TABLE.entries.len());
    }

    #[test]
    fn a_code_is_found_however_it_is_written() {
        let naf = find("17.21A").expect("exists");
        assert_eq!(naf.label, "Fabrication de carton ondulé");
        assert_eq!(naf.level, Level::SubClass);
        for writing in ["1721A", "1721a", " 17.21a ", "17 21 A"] {
            assert_eq!(find(writing), Some(naf), "{writing}");
        }
        assert_eq!(find("99.99Z"), None);
        assert_eq!(find(""), None);
    }

    #[test]
    fn the_levels_above_are_named() {
        assert_eq!(division_label("17.21A"), Some("Industrie du papier et du carton"));
        assert_eq!(section_label("17.21A"), Some("Industrie manufacturière"));
        assert_eq!(division_label("1799"), Some("Industrie du papier et du carton"));
        assert_eq!(division_label("C"), None);
        assert_eq!(section_label("0000Z"), None);
    }

    #[test]
    fn search_by_code_or_words() {
        let codes = |query| -> Vec<&str> { search(query).iter().map(|naf| naf.code.as_str()).collect() };
        assert_eq!(codes("17.21"), ["17.21A", "17.21B", "17.21C"]);
        assert_eq!(codes("carton ondul"), ["17.21A"]);
        assert!(codes("").is_empty() && codes("zzz").is_empty());
    }
}
