//! Decimal numbers as French people type them and as they expect to read them.
//!
//! Depends on no other module.

use thiserror::Error;

/// The text is not a positive number; the sentence shown beside the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("Indiquez un nombre, par exemple «\u{a0}1\u{a0}234,5\u{a0}».")]
pub struct NotANumber;

/// Reads « 1 234,5 », « 1234.5 », « 1.234,5 », with any kind of space; refuses negatives.
///
/// A lone comma or point is the decimal mark. When several are typed, only the last may be one:
/// the others must group thousands.
///
/// # Errors
/// When the text is anything else than a positive number or zero.
pub fn parse_decimal(text: &str) -> Result<f64, NotANumber> {
    let compact: String = text.trim().chars().filter(|c| !is_group_space(*c)).collect();
    let has_digits_and_marks_only = compact
        .chars()
        .all(|c| c.is_ascii_digit() || c == ',' || c == '.');
    if !has_digits_and_marks_only || !compact.contains(|c: char| c.is_ascii_digit()) {
        return Err(NotANumber);
    }
    let number = plain(&compact).ok_or(NotANumber)?;
    let value: f64 = number.parse().map_err(|_| NotANumber)?;
    if value.is_finite() {
        Ok(value)
    } else {
        Err(NotANumber)
    }
}

fn is_group_space(c: char) -> bool {
    c.is_whitespace() || c == '\'' || c == '’'
}

/// The number with a point as decimal mark and no group mark, when the marks make sense.
fn plain(compact: &str) -> Option<String> {
    let is_mark = |c: char| c == ',' || c == '.';
    let Some(last) = compact.rfind(is_mark) else {
        return Some(compact.to_owned());
    };
    let (whole, fraction) = (&compact[..last], &compact[last + 1..]);
    if !whole.contains(is_mark) {
        return Some(format!("{whole}.{fraction}"));
    }
    let same_mark = whole.contains(&compact[last..=last]);
    let other_marks = whole.contains(if compact[last..].starts_with(',') {
        '.'
    } else {
        ','
    });
    let groups: Vec<&str> = whole.split(is_mark).collect();
    let grouped = groups.first().is_some_and(|g| (1..=3).contains(&g.len()))
        && groups[1..].iter().all(|g| g.len() == 3);
    match (grouped, same_mark, other_marks) {
        (true, false, true) => Some(format!("{}.{fraction}", groups.concat())),
        (true, true, false) if fraction.len() == 3 => Some(format!("{}{fraction}", groups.concat())),
        _ => None,
    }
}

/// « 6,4 km », « 120 km ».
#[must_use]
pub fn format_km(value: f64) -> String {
    format!("{}\u{a0}km", format_number(value, usize::from(value < 10.0)))
}

/// « 2 600 € ».
#[must_use]
pub fn format_euros(value: f64) -> String {
    format!("{}\u{a0}€", format_number(value, 0))
}

/// Writes a number the French way: « 1 234,5 », at most `max_decimals` decimals, no useless zero.
#[must_use]
pub fn format_number(value: f64, max_decimals: usize) -> String {
    if !value.is_finite() {
        return "—".to_owned();
    }
    let rounded = format!("{:.*}", max_decimals, value.abs());
    let (whole, fraction) = rounded.split_once('.').unwrap_or((&rounded, ""));
    let fraction = fraction.trim_end_matches('0');
    let is_zero = fraction.is_empty() && whole.bytes().all(|b| b == b'0');
    let mut text = String::with_capacity(rounded.len() + 4);
    if value.is_sign_negative() && !is_zero {
        text.push('−');
    }
    for (rank, digit) in whole.chars().enumerate() {
        if rank > 0 && (whole.len() - rank).is_multiple_of(3) {
            text.push('\u{a0}');
        }
        text.push(digit);
    }
    if !fraction.is_empty() {
        text.push(',');
        text.push_str(fraction);
    }
    text
}

/// The name of a synergy in conversation: « S-0012 »; « G-0007 » for a group.
pub fn synergy_code(is_group: bool, number: i32) -> String {
    let letter = if is_group { 'G' } else { 'S' };
    format!("{letter}-{number:04}")
}

#[cfg(test)]
mod tests {
    use super::{NotANumber, format_number, parse_decimal};
    use proptest::prelude::{prop_assert, proptest};

    #[test]
    fn numbers_as_people_type_them() {
        let cases = [
            ("12", 12.0),
            ("0", 0.0),
            ("1234.5", 1234.5),
            ("1234,5", 1234.5),
            ("1 234,5", 1234.5),
            ("1\u{a0}234,5", 1234.5),
            ("1\u{202f}234\u{202f}567", 1_234_567.0),
            (" 3,2 ", 3.2),
            (",5", 0.5),
            ("5,", 5.0),
            ("1.234,5", 1234.5),
            ("1,234.5", 1234.5),
            ("1.234.567", 1_234_567.0),
            ("1.234", 1.234),
            ("12 000 000", 12_000_000.0),
        ];
        for (given, expected) in cases {
            let value = parse_decimal(given).expect(given);
            assert!((value - expected).abs() < 1e-9, "{given:?} gave {value}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        let refused = [
            "", " ", "douze", "-3", "−3", "inf", "NaN", "1e5", "3 t", "1,2,3", "1.2.3,4", ",", ".", "+4",
            "12 %", "1,23.4,5", "٣",
        ];
        for given in refused {
            assert_eq!(parse_decimal(given), Err(NotANumber), "{given:?}");
        }
        assert_eq!(parse_decimal(&"9".repeat(400)), Err(NotANumber));
    }

    #[test]
    fn numbers_as_people_read_them() {
        let cases = [
            (4_500.0, 0, "4\u{a0}500"),
            (1_234_567.891, 2, "1\u{a0}234\u{a0}567,89"),
            (38.40, 2, "38,4"),
            (0.0, 1, "0"),
            (-0.01, 1, "0"),
            (-1_500.5, 1, "−1\u{a0}500,5"),
            (999.96, 1, "1\u{a0}000"),
            (f64::NAN, 1, "—"),
        ];
        for (value, decimals, expected) in cases {
            assert_eq!(format_number(value, decimals), expected);
        }
    }

    proptest! {
        #[test]
        fn what_is_written_can_be_read_back(value in 0.0_f64..1e9) {
            let back = parse_decimal(&format_number(value, 3)).expect("readable");
            prop_assert!((back - value).abs() <= 0.000_6);
        }
    }
}
