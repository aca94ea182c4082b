//! Hours of a day as French people type them, and as they expect to read them.
//!
//! Depends on no other module.

use chrono::NaiveTime;

/// « 8 h 30 », « 14 h ».
#[must_use]
pub fn hour(at: NaiveTime) -> String {
    let whole = at.format("%-H\u{a0}h");
    if at.format("%M").to_string() == "00" {
        whole.to_string()
    } else {
        format!("{whole}\u{a0}{}", at.format("%M"))
    }
}

/// Reads « 8h30 », « 8 h », « 08:30 », « 14 ».
#[must_use]
pub fn parse_hour(typed: &str) -> Option<NaiveTime> {
    let parts: Vec<&str> = typed
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .collect();
    let is_hour = typed
        .chars()
        .all(|c| c.is_ascii_digit() || "hH:. \u{a0}\u{202f}".contains(c));
    match parts[..] {
        [hours] if is_hour => NaiveTime::from_hms_opt(hours.parse().ok()?, 0, 0),
        [hours, minutes] if is_hour => NaiveTime::from_hms_opt(hours.parse().ok()?, minutes.parse().ok()?, 0),
        _ => None,
    }
}
