//! Days as French people type them, and as a form shows them back.
//!
//! Depends on no other module.

use chrono::{Datelike, NaiveDate};
use thiserror::Error;

/// The text is no day of the calendar; the sentence shown beside the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("Indiquez une date comme 24/11/2026.")]
pub struct NotADay;

/// Reads « 24/11/2026 », « 24-11-26 », « 24.11.2026 », « 24 11 2026 » and what browsers send, « 2026-11-24 ».
///
/// # Errors
/// When the text is anything else, or a day that no month has.
pub fn parse_day(text: &str) -> Result<NaiveDate, NotADay> {
    let parts: Vec<&str> = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .collect();
    let has_other_words = text
        .chars()
        .any(|c| !c.is_ascii_digit() && !"/-. \u{a0}\u{202f}".contains(c));
    let [first, month, last] = parts[..] else {
        return Err(NotADay);
    };
    if has_other_words {
        return Err(NotADay);
    }
    let (day, year) = if first.len() == 4 {
        (last, first)
    } else {
        (first, last)
    };
    let year = match (year.len(), year.parse::<i32>()) {
        (4, Ok(year)) => year,
        (2, Ok(year)) => 2000 + year,
        _ => return Err(NotADay),
    };
    let (Ok(month), Ok(day)) = (month.parse(), day.parse()) else {
        return Err(NotADay);
    };
    NaiveDate::from_ymd_opt(year, month, day).ok_or(NotADay)
}

/// The same, or « 24/11 » for the next such day from `today` on.
///
/// # Errors
/// When the text is anything else, or a day that no month has.
pub fn next_day(text: &str, today: NaiveDate) -> Result<NaiveDate, NotADay> {
    let of_year = |year: i32| parse_day(&format!("{}/{year}", text.trim().trim_end_matches('/')));
    parse_day(text).or_else(|refusal| match of_year(today.year()) {
        Ok(day) if day >= today => Ok(day),
        // The 29th of February may be years away.
        _ => (1..=8)
            .find_map(|later| of_year(today.year() + later).ok())
            .ok_or(refusal),
    })
}

/// « 24/11/2026 », for a field.
#[must_use]
pub fn typed_day(day: NaiveDate) -> String {
    format!("{:02}/{:02}/{:04}", day.day(), day.month(), day.year())
}

#[cfg(test)]
mod tests {
    use super::{NotADay, next_day, parse_day, typed_day};

    #[test]
    fn a_day_without_its_year_is_the_next_one() {
        let today = parse_day("30/11/2026").unwrap();
        for (typed, meant) in [
            ("30/11", "30/11/2026"),
            ("29/11", "29/11/2027"),
            ("1/12", "01/12/2026"),
            ("29/02", "29/02/2028"),
            ("30/11/2025", "30/11/2025"),
        ] {
            assert_eq!(
                next_day(typed, today).map(typed_day).as_deref(),
                Ok(meant),
                "{typed}"
            );
        }
        for refused in ["", "31/02", "demain", "12"] {
            assert_eq!(next_day(refused, today), Err(NotADay), "{refused}");
        }
    }

    #[test]
    fn days_as_people_type_them() {
        for typed in [
            "24/11/2026",
            " 24-11-2026",
            "24.11.26",
            "24 11 2026",
            "2026-11-24",
        ] {
            assert_eq!(
                parse_day(typed).map(typed_day).as_deref(),
                Ok("24/11/2026"),
                "{typed}"
            );
        }
        assert_eq!(parse_day("1/3/26").map(typed_day).as_deref(), Ok("01/03/2026"));
        for refused in [
            "",
            "demain",
            "31/02/2026",
            "24/11",
            "24 novembre 2026",
            "24/11/126",
            "0/1/2026",
        ] {
            assert_eq!(parse_day(refused), Err(NotADay), "{refused}");
        }
    }
}
