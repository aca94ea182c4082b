//! The committee's figures, ready to be shown: targets beside what was done, the way from flows to
//! realised synergies, the priority flows. No SQL, no clock, and no name of a company anywhere.

pub mod contract;
pub mod cut;
pub mod flows;
pub mod funnel;
pub mod ground;
pub mod network;
pub mod outlets;
pub mod secrecy;

pub use contract::{ContractLine, Milestones, contract};
pub use flows::{Amount, LackingLine, PriorityLine, PrioritySums, Side};
pub use funnel::Stage;
pub use secrecy::{FEW, HIDDEN, UNKNOWN};

use crate::indicators::model::is_few;
use crate::kernel::format_number;

/// At most one decimal, none from ten on.
pub fn plain(value: f64) -> String {
    format_number(value, usize::from(value.abs() < 10.0))
}

fn unless_few(count: i64) -> Option<i64> {
    (!is_few(count)).then_some(count)
}
fn ratio(part: i64, whole: i64) -> f64 {
    match (i32::try_from(part), i32::try_from(whole)) {
        (Ok(part), Ok(whole)) if whole > 0 => f64::from(part) / f64::from(whole),
        _ => 0.0,
    }
}

/// « 1 234 ».
pub fn grouped(count: i64) -> String {
    i32::try_from(count).map_or_else(|_| count.to_string(), |count| format_number(f64::from(count), 0))
}

/// Three significant figures: enough to decide, too few to subtract.
fn rounded(value: f64) -> f64 {
    if value <= 0.0 {
        return 0.0;
    }
    let scale = 10_f64.powf(value.log10().floor() - 2.0);
    (value / scale).round() * scale
}

#[cfg(test)]
mod tests {
    use super::rounded;

    #[test]
    fn sums_keep_three_figures() {
        for (given, kept) in [(18_249.0, 18_200.0), (0.123_4, 0.123), (96.0, 96.0), (0.0, 0.0)] {
            assert!((rounded(given) - kept).abs() < 1e-9, "{given}");
        }
    }
}
