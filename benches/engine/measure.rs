//! Seconds, seconds of processor, megabytes.

use std::fmt;
use std::time::Instant;

/// What something cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) seconds: f64,
    /// On all processors; nothing where the system does not tell.
    pub(crate) cpu: f64,
}

impl Cost {
    /// Begins to count.
    pub(crate) fn start() -> Started {
        Started {
            since: Instant::now(),
            cpu: cpu(),
        }
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            seconds: self.seconds + other.seconds,
            cpu: self.cpu + other.cpu,
        }
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3} s (CPU {:.2})", self.seconds, self.cpu)
    }
}

/// Something that is being measured.
pub(crate) struct Started {
    since: Instant,
    cpu: f64,
}

impl Started {
    pub(crate) fn so_far(&self) -> Cost {
        Cost {
            seconds: self.since.elapsed().as_secs_f64(),
            cpu: cpu() - self.cpu,
        }
    }
}

pub(crate) fn measured<T>(work: impl FnOnce() -> T) -> (T, Cost) {
    let started = Cost::start();
    let done = work();
    (done, started.so_far())
}

/// Seconds of processor so far, in user and in system mode: hundredths in `/proc`.
fn cpu() -> f64 {
    seconds_of(&std::fs::read_to_string("/proc/self/stat").unwrap_or_default())
}

/// The seconds in a line of `/proc/…/stat`.
pub(crate) fn seconds_of(stat: &str) -> f64 {
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2);
    ticks.filter_map(|text| text.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// A line of `/proc/self/status`.
pub(crate) fn megabytes(what: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(what));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    kilobytes.unwrap_or(0.0) / 1_024.0
}
