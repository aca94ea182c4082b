//! What one cell of an exported file holds, and how it is written where a spreadsheet may read it as
//! a formula. Pure.

use chrono::{Datelike, NaiveDate};

#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Empty,
    Text(String),
    Number(f64),
    Day(NaiveDate),
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() {
            Self::Empty
        } else {
            Self::Text(text)
        }
    }

    pub fn maybe(text: Option<&str>) -> Self {
        text.map_or(Self::Empty, Self::text)
    }

    pub fn number(value: Option<f64>) -> Self {
        value.map_or(Self::Empty, Self::Number)
    }

    pub fn day(day: Option<NaiveDate>) -> Self {
        day.map_or(Self::Empty, Self::Day)
    }

    pub fn yes_no(answer: Option<bool>) -> Self {
        answer.map_or(Self::Empty, |yes| Self::text(if yes { "oui" } else { "non" }))
    }

    /// As a French person writes it; nothing is rounded.
    pub fn plain(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => text.clone(),
            Self::Number(value) => value.to_string().replace('.', ","),
            Self::Day(day) => format!("{:02}/{:02}/{:04}", day.day(), day.month(), day.year()),
        }
    }
}

/// One column of a file, the same in .csv, in .xlsx and in the comparison of an import.
pub struct Column<R> {
    /// As the import reads it.
    pub title: &'static str,
    pub value: fn(&R) -> Cell,
    pub role: Role,
}

impl<R> Clone for Column<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Column<R> {}

/// Whether an import reads the column back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Imported,
    /// For whoever reads the file; an import ignores it.
    Shown,
}

/// Whether a spreadsheet that opens this text may take it for a formula.
pub fn looks_like_formula(text: &str) -> bool {
    let is_wrapping = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '’' | '\u{feff}' | '\u{200b}');
    let starts_formula = |c: char| {
        matches!(
            c,
            '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '﹣' | '﹢' | '﹦' | '﹫' | '−'
        )
    };
    if text.starts_with(['\t', '\r', '\n']) {
        return true;
    }
    text.trim_start_matches(is_wrapping).starts_with(starts_formula) && !is_plain_number(text)
}

/// « -12,5 » is a number, not a formula.
fn is_plain_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+', '−']).unwrap_or(text);
    let marks = digits.chars().filter(|c| matches!(c, ',' | '.')).count();
    marks <= 1
        && digits.starts_with(|c: char| c.is_ascii_digit())
        && digits
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, ',' | '.'))
}

/// The text with an apostrophe before what looks like a formula.
pub fn neutralised(text: &str) -> String {
    if looks_like_formula(text) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// Takes away the apostrophe that [`neutralised`] put.
pub fn restored(text: &str) -> &str {
    text.strip_prefix('\'')
        .filter(|rest| looks_like_formula(rest))
        .unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::{Cell, looks_like_formula, neutralised, restored};

    #[test]
    fn what_could_run_is_neutralised_and_read_back() {
        let dangerous = [
            "=1+1",
            "=cmd|' /C calc'!A0",
            "+33 2 54 00 00 00",
            "-2+3",
            "@SUM(A1)",
            "\t=1",
            "\rA",
            " =1",
            "\u{a0}=1",
            "\"=1\"",
            "'=1",
            "' =1",
            "＝1+1",
            "＋1",
            "－1",
            "＠A1",
            "−2+3",
            "-",
            "--1",
            "-1,2,3",
            "=HYPERLINK(\"http://exemple.fr\";\"clic\")",
        ];
        for text in dangerous {
            assert!(looks_like_formula(text), "{text:?}");
            assert_eq!(neutralised(text), format!("'{text}"));
            assert_eq!(restored(&neutralised(text)), text);
        }
    }

    #[test]
    fn plain_texts_and_numbers_are_left_alone() {
        for text in [
            "-12,5", "-3", "+4.5", "−2", "12", "Cartons", "a=b", "l'eau", "'90s", "", "3 - 4", "1-2",
        ] {
            assert_eq!(neutralised(text), text);
            assert_eq!(restored(text), text);
        }
    }

    #[test]
    fn cells_are_written_in_french() {
        let day = chrono::NaiveDate::from_ymd_opt(2026, 3, 1);
        assert_eq!(Cell::day(day).plain(), "01/03/2026");
        assert_eq!(Cell::Number(-1234.5).plain(), "-1234,5");
        assert_eq!(Cell::Number(12.0).plain(), "12");
        assert_eq!(Cell::yes_no(Some(false)).plain(), "non");
        assert_eq!(Cell::text(""), Cell::Empty);
    }
}
