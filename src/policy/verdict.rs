//! The verdicts on a latency: its band, and whether it was in time under either rule.

use std::time::Duration;

/// Where a latency falls (domain facts: safe ≤ 5 s < at_risk ≤ 10 s < timed_out).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Band {
    /// In time at any load.
    Safe,
    /// In time only while the platform is not loaded.
    AtRisk,
    /// A failure, retried.
    TimedOut,
}

impl Band {
    /// As results spell it, such as `at_risk`.
    pub fn name(self) -> &'static str {
        match self {
            Band::Safe => "safe",
            Band::AtRisk => "at_risk",
            Band::TimedOut => "timed_out",
        }
    }
}

/// In time under the fixed limit?
#[derive(Debug, Clone)]
pub struct FixedVerdict {
    /// The answer: no where no complete response came; none where nothing was tried, or was cut off before this limit.
    pub in_time: Option<bool>,
    /// The limit that it is held against.
    pub limit: Duration,
}

/// In time under the legacy wait?
#[derive(Debug, Clone)]
pub struct LegacyVerdict {
    /// The answer: no where no complete response came; none where nothing was tried, or the attempt was cut off before the
    /// legacy limit, so that it can't be known.
    pub in_time: Option<bool>,
    /// The legacy wait at the run's load rate.
    pub limit: Duration,
    /// 1.0 within the legacy minimum, `1 − t/max` up to the maximum, none beyond it or unknown.
    pub in_time_up_to_load_rate: Option<f64>,
}
