//! The verdicts on a latency: its band, and whether it was in time under either rule.

use serde::Serialize;

use crate::text::duration::ms;

/// Where a latency falls (domain facts: safe ≤ 5 s < at_risk ≤ 10 s < timed_out).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Band {
    /// In time at any load.
    Safe,
    /// In time only while the platform is not loaded.
    AtRisk,
    /// A failure, retried.
    TimedOut,
}

/// In time under the fixed limit?
#[derive(Debug, Clone, Serialize)]
pub struct FixedVerdict {
    /// The answer: no where no complete response came; null where nothing was tried, or was cut off before this limit.
    pub in_time: Option<bool>,
    /// ms
    #[serde(serialize_with = "ms::exact")]
    pub limit_ms: f64,
}

/// In time under the legacy wait?
#[derive(Debug, Clone, Serialize)]
pub struct LegacyVerdict {
    /// The answer: no where no complete response came; null where nothing was tried, or the attempt was cut off before the
    /// legacy limit, so that it can't be known.
    pub in_time: Option<bool>,
    /// ms, at the run's load rate.
    #[serde(serialize_with = "ms::exact")]
    pub limit_ms: f64,
    /// 1.0 within the legacy minimum, `1 − t/max` up to the maximum, null beyond it or unknown.
    pub in_time_up_to_load_rate: Option<f64>,
}
