//! Failed sign-ins slow the next ones down, per account and per address. No lock lasts over 15 minutes.

use chrono::{DateTime, Duration, Utc};

const LONGEST: Duration = Duration::minutes(15);
/// After this long without a failure the past is forgotten.
pub(super) const MEMORY: Duration = Duration::hours(1);

/// What failures are counted against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    pub(super) key: String,
    /// Failures that cost nothing: an address may be a whole office's.
    pub(super) free: i32,
}

impl Counter {
    pub fn account(email: &str) -> Self {
        Self {
            key: format!("account:{email}"),
            free: 4,
        }
    }
    /// Letters that somebody else could cause: few are free.
    pub fn reset(email: &str) -> Self {
        Self {
            key: format!("reset:{email}"),
            free: 3,
        }
    }
    pub fn address(address: &str) -> Self {
        Self {
            key: format!("address:{address}"),
            free: 30,
        }
    }
}

/// How long to wait after the `failures`-th failure in a row: nothing at first, then 2 s, 4 s, 8 s…
pub(super) fn penalty(failures: i32, free: i32) -> Duration {
    let beyond = failures - free;
    if beyond <= 0 {
        return Duration::zero();
    }
    let seconds = 1_i64 << beyond.min(10);
    Duration::seconds(seconds).min(LONGEST)
}

/// Refused for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blocked {
    pub until: DateTime<Utc>,
}

impl Blocked {
    pub fn seconds_left(self, now: DateTime<Utc>) -> i64 {
        (self.until - now).num_seconds().max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_penalty_doubles_and_stays_under_a_quarter_of_an_hour() {
        let waits: Vec<_> = (1..=16).map(|n| penalty(n, 4).num_seconds()).collect();
        assert_eq!(
            waits,
            [0, 0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]
        );
    }
}
