//! French formats for templates: numbers, dates, distances, money. Thousands are grouped by U+00A0.

use crate::kernel::clock;
use crate::kernel::{format_euros, format_km, format_number};
use askama::Values;
use chrono::{DateTime, Datelike, Locale, NaiveDate, Utc};

/// « 1 234,5 », at most one decimal.
#[askama::filter_fn]
pub fn number(value: &f64, _: &dyn Values) -> askama::Result<String> {
    Ok(format_number(*value, decimals(*value)))
}

/// Fewer decimals as the number grows: three significant figures are enough to read.
fn decimals(value: f64) -> usize {
    match value.abs() {
        v if v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        _ => 2,
    }
}

/// « 1 234 ».
#[askama::filter_fn]
pub fn count(value: &i64, _: &dyn Values) -> askama::Result<String> {
    Ok(grouped(*value))
}

fn grouped(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('\u{a0}');
        }
        out.push(digit);
    }
    if value < 0 { format!("−{out}") } else { out }
}

/// « 6,4 km », « 0,3 km », « 120 km ».
#[askama::filter_fn]
pub fn km(value: &f64, _: &dyn Values) -> askama::Result<String> {
    Ok(format_km(*value))
}

/// « 2 600 € ».
#[askama::filter_fn]
pub fn euros(value: &f64, _: &dyn Values) -> askama::Result<String> {
    Ok(format_euros(*value))
}

/// « 38,4 t ».
#[askama::filter_fn]
pub fn tonnes(value: &f64, _: &dyn Values) -> askama::Result<String> {
    Ok(format!("{}\u{a0}t", format_number(*value, decimals(*value))))
}

/// 0.74 → « 74 % ».
#[askama::filter_fn]
pub fn percent(value: &f64, _: &dyn Values) -> askama::Result<String> {
    Ok(format!("{}\u{a0}%", format_number(value * 100.0, 0)))
}

/// A score without decimals.
#[askama::filter_fn]
pub fn score(value: &f64, _: &dyn Values) -> askama::Result<String> {
    Ok(format_number(*value, 0))
}

/// « 24 novembre 2026 », « 1er mars 2026 ».
#[askama::filter_fn]
pub fn day(date: &NaiveDate, _: &dyn Values) -> askama::Result<String> {
    Ok(long_day(*date))
}

/// « 24 nov. 2026 ».
#[askama::filter_fn]
pub fn short_day(date: &NaiveDate, _: &dyn Values) -> askama::Result<String> {
    Ok(date.format_localized("%-d %b %Y", Locale::fr_FR).to_string())
}

/// « 24 novembre 2026 à 14 h 32 », at the hour of Paris.
#[askama::filter_fn]
pub fn moment(at: &DateTime<Utc>, _: &dyn Values) -> askama::Result<String> {
    let paris = at.with_timezone(&chrono_tz::Europe::Paris);
    Ok(format!(
        "{} à {}",
        long_day(clock::day(*at)),
        paris.format("%-H\u{a0}h\u{a0}%M")
    ))
}

/// « 14:32 », at the hour of Paris.
pub fn hour(at: DateTime<Utc>) -> String {
    at.with_timezone(&chrono_tz::Europe::Paris)
        .format("%H:%M")
        .to_string()
}

/// « mardi 24 novembre ».
pub fn weekday(date: NaiveDate) -> String {
    let number = if date.day() == 1 {
        "1er".to_owned()
    } else {
        date.day().to_string()
    };
    format!(
        "{} {number} {}",
        date.format_localized("%A", Locale::fr_FR),
        date.format_localized("%B", Locale::fr_FR)
    )
}

/// « 24 novembre 2026 ».
pub fn long_day(date: NaiveDate) -> String {
    let number = if date.day() == 1 {
        "1er".to_owned()
    } else {
        date.day().to_string()
    };
    format!("{number} {}", date.format_localized("%B %Y", Locale::fr_FR))
}

/// `s` beyond one: « 2 flux », « 3 visites ».
#[askama::filter_fn]
pub fn plural(value: &i64, _: &dyn Values) -> askama::Result<&'static str> {
    Ok(if *value > 1 { "s" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_counts_are_french() {
        let date = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
        assert_eq!(long_day(date(2026, 11, 24)), "24 novembre 2026");
        assert_eq!(long_day(date(2026, 3, 1)), "1er mars 2026");
        assert_eq!(weekday(date(2026, 11, 24)), "mardi 24 novembre");
        assert_eq!(grouped(1_234_567), "1\u{a0}234\u{a0}567");
        assert_eq!(grouped(-12), "−12");
        assert_eq!(grouped(0), "0");
    }
}
