//! The platform's rules as pure functions of load and latency. Reads no clock, opens no socket.
//!
//! `fire`, `simulate`, `limits` and the lint rules all ask here: there is one definition of each number. Time is passed in
//! (as the span since any fixed moment), and so is randomness; every function says whether the platform publishes its rule
//! or hookctl assumes it.
//!
//! ```
//! use std::time::Duration;
//!
//! use hookctl::policy::{Band, Latency, LoadRate, Policy};
//!
//! let policy = Policy::default();
//! let latency = Duration::from_secs(12);
//! // In time on a quiet day of the legacy wait, and never under the fixed limit.
//! assert_eq!(policy.legacy_wait(LoadRate::new(0.5)?), Duration::from_secs(40));
//! assert_eq!(policy.in_time_up_to(latency), Some(LoadRate::new(0.85)?));
//! assert_eq!(policy.band(Latency::Complete(latency)), Some(Band::TimedOut));
//! // Two retries at half load, each wait twice the one before.
//! assert_eq!(policy.retry.waits(LoadRate::new(0.5)?), [Duration::from_secs(3), Duration::from_secs(6)]);
//! # Ok::<(), hookctl::policy::LoadRateError>(())
//! ```

mod latency;
mod load;
mod retry;
mod settings;
mod table;
mod triggers;
mod verdict;

use std::time::Duration;

pub use latency::{Latency, TimeoutRule};
pub use load::{LoadRate, LoadRateError};
pub use retry::{AttemptOutcome, Resend, Step};
pub use settings::{Basis, SETTINGS, Setting, SettingError, Settings};
pub use table::{LimitsRow, LimitsTable, Standing};
pub use triggers::TriggerLimit;
pub use verdict::{Band, FixedVerdict, LegacyVerdict};

/// All settings under `policy:` in hookctl.yaml.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// The fixed response limit (published: 5–10 s; 10 s).
    pub limit: Duration,
    /// In time under any load (published: the shortest limit is 5 s).
    pub safe: Duration,
    /// The legacy wait's bounds (published: 5 s and 80 s).
    pub legacy: Legacy,
    /// The retry plan (assumed).
    pub retry: Retry,
    /// The most redirects within one attempt (assumed: 5).
    pub redirects: u32,
    /// When a request that was lost with a kept connection is sent again within its attempt (assumed).
    pub resend: Resend,
    /// Triggers of one script in any minute (published that there is a limit; assumed: 60).
    pub triggers_per_minute: u32,
}

/// The legacy wait's bounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Legacy {
    /// Shortest wait.
    pub min: Duration,
    /// Longest wait.
    pub max: Duration,
}

/// The retry plan (assumed; published only that count and interval follow the load).
#[derive(Debug, Clone, PartialEq)]
pub struct Retry {
    /// Retries at load 1.
    pub min: u32,
    /// Retries at load 0.
    pub max: u32,
    /// Wait before the first retry at load 0.
    pub interval: Duration,
    /// The factor from one wait to the next.
    pub multiplier: f64,
    /// No wait is longer than this (before the load's factor).
    pub max_interval: Duration,
    /// Share of a wait, 0 to 1, by which it may vary.
    pub jitter: f64,
    /// Statuses that are retried.
    pub statuses: Vec<crate::http::StatusPattern>,
    /// A retry waits as long as the response's `Retry-After` asks, up to `max_interval`, where that is longer.
    pub obey_retry_after: bool,
}

impl Default for Policy {
    fn default() -> Self {
        use crate::http::StatusPattern::{Class, Code};
        Self {
            limit: Duration::from_secs(10),
            safe: Duration::from_secs(5),
            legacy: Legacy { min: Duration::from_secs(5), max: Duration::from_secs(80) },
            retry: Retry {
                min: 0,
                max: 3,
                interval: Duration::from_secs(2),
                multiplier: 2.0,
                max_interval: Duration::from_secs(60),
                jitter: 0.0,
                statuses: vec![Code(408), Code(429), Class(5)],
                obey_retry_after: false,
            },
            redirects: 5,
            resend: Resend::Always,
            triggers_per_minute: 60,
        }
    }
}
