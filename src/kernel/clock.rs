//! Where time comes from. Everything else receives it as an argument, so that tests travel in time.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

/// The application's clock: the system's, or shifted by a test.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    shift_seconds: Arc<AtomicI64>,
}

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the time is read")]
    pub fn now(&self) -> DateTime<Utc> {
        Utc::now() + Duration::seconds(self.shift_seconds.load(Ordering::Relaxed))
    }

    /// Moves every later reading forward.
    pub fn travel(&self, by: Duration) {
        self.shift_seconds.fetch_add(by.num_seconds(), Ordering::Relaxed);
    }
}

/// The calendar day in France at that instant.
pub fn day(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&chrono_tz::Europe::Paris).date_naive()
}

/// When the process first asked; used to tell static assets' age.
pub fn started() -> DateTime<Utc> {
    static STARTED: OnceLock<DateTime<Utc>> = OnceLock::new();
    *STARTED.get_or_init(|| Clock::default().now())
}
