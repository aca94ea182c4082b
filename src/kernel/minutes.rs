//! Durations as French people type them, and as they expect to read them.
//!
//! Depends on no other module.

use thiserror::Error;

/// The text is no duration of a day at most; the sentence shown beside the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("Indiquez une durée, par exemple «\u{a0}30\u{a0}min\u{a0}» ou «\u{a0}1\u{a0}h\u{a0}15\u{a0}».")]
pub struct NoDuration;

const DAY: f64 = 1_440.0;

/// Reads « 30 min », « 45 », « 1 h 15 », « 1h30 », « 1,5 h », « 2 heures » as minutes, from 1 to a whole day.
///
/// # Errors
/// When the text is anything else.
pub fn parse_minutes(text: &str) -> Result<i32, NoDuration> {
    let compact: String = text
        .to_lowercase()
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    let number = |digits: &str| super::parse_decimal(digits).map_err(|_| NoDuration);
    let minutes = match compact.split_once('h') {
        None => number(without(&compact, &["minutes", "minute", "mn", "min"]))?,
        Some((hours, rest)) => {
            let rest = without(
                rest.trim_start_matches("eures").trim_start_matches("eure"),
                &["mn", "min"],
            );
            let beside = if rest.is_empty() { 0.0 } else { number(rest)? };
            if beside >= 60.0 || (hours.contains([',', '.']) && beside > 0.0) {
                return Err(NoDuration);
            }
            60.0 * number(hours)? + beside
        }
    };
    let rounded = minutes.round();
    if !(1.0..=DAY).contains(&rounded) {
        return Err(NoDuration);
    }
    format!("{rounded:.0}").parse().map_err(|_| NoDuration)
}

fn without<'t>(text: &'t str, units: &[&str]) -> &'t str {
    units
        .iter()
        .find_map(|unit| text.strip_suffix(unit))
        .unwrap_or(text)
}

/// « 45 min », « 2 h », « 2 h 05 ».
#[must_use]
pub fn format_minutes(minutes: i64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, rest) => format!("{rest}\u{a0}min"),
        (hours, 0) => format!("{hours}\u{a0}h"),
        (hours, rest) => format!("{hours}\u{a0}h\u{a0}{rest:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{NoDuration, format_minutes, parse_minutes};

    #[test]
    fn durations_as_people_type_them() {
        for (typed, minutes) in [
            ("30 min", 30),
            ("45", 45),
            ("1 h 15", 75),
            ("1h30", 90),
            ("1,5 h", 90),
            ("2 heures", 120),
            ("1 h 5 min", 65),
            ("20mn", 20),
            ("24h", 1_440),
        ] {
            assert_eq!(parse_minutes(typed), Ok(minutes), "{typed}");
        }
        for refused in ["", "un moment", "0", "25 h", "1 h 75", "1,5 h 10", "-30", "h"] {
            assert_eq!(parse_minutes(refused), Err(NoDuration), "{refused}");
        }
        assert_eq!(
            [format_minutes(45), format_minutes(120), format_minutes(125)],
            ["45\u{a0}min", "2\u{a0}h", "2\u{a0}h\u{a0}05"]
        );
    }
}
