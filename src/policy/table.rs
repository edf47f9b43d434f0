//! The rules over load, laid out: what `hookctl limits` shows.

use std::time::Duration;

use super::{Band, Latency, LoadRate, Settings};

/// The legacy wait against the fixed limit over load, with the retry plan.
#[derive(Debug, Clone, PartialEq)]
pub struct LimitsTable {
    /// The verdict on a latency, if one was given.
    pub standing: Option<Standing>,
    /// One a load rate, ascending.
    pub rows: Vec<LimitsRow>,
    /// Keys below `policy` that are assumed and still at their defaults.
    pub assumed: Vec<&'static str>,
}

/// The verdict on a latency under any load.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// The latency.
    pub latency: Duration,
    /// Its band.
    pub band: Option<Band>,
    /// The highest load at which the legacy wait was long enough; none if it never was.
    pub in_time_up_to_load_rate: Option<f64>,
}

/// The rules at one load rate.
#[derive(Debug, Clone, PartialEq)]
pub struct LimitsRow {
    /// 0 to 1.
    pub load_rate: f64,
    /// The legacy wait.
    pub legacy: Duration,
    /// The fixed limit.
    pub fixed: Duration,
    /// Retries of a delivery.
    pub retries: u32,
    /// The wait before each retry; the first 1000.
    pub waits: Vec<Duration>,
    /// Whether the latency is in time under the fixed limit, where one was asked about.
    pub fixed_in_time: Option<bool>,
    /// Whether it is in time under the legacy wait at this load.
    pub legacy_in_time: Option<bool>,
}

impl LimitsTable {
    /// The rules at one load, or at 0 to 1 in steps of 0.1, and the verdict on a latency.
    pub fn new(settings: &Settings, load: Option<LoadRate>, latency: Option<Duration>) -> Self {
        let policy = &settings.policy;
        let loads = match load {
            Some(load) => vec![load],
            None => (0..=10).filter_map(|tenths| LoadRate::new(f64::from(tenths) / 10.0).ok()).collect(),
        };
        let row = |load: LoadRate| {
            let measured = latency.map(Latency::Complete);
            LimitsRow {
                load_rate: load.get(),
                legacy: policy.legacy_wait(load),
                fixed: policy.limit,
                retries: policy.retry.count(load),
                waits: policy.retry.waits(load),
                fixed_in_time: measured.and_then(|latency| policy.fixed_verdict(latency).in_time),
                legacy_in_time: measured.and_then(|latency| policy.legacy_verdict(latency, load).in_time),
            }
        };
        let standing = |latency| Standing {
            latency,
            band: policy.band(Latency::Complete(latency)),
            in_time_up_to_load_rate: policy.in_time_up_to(latency).map(LoadRate::get),
        };
        Self {
            standing: latency.map(standing),
            rows: loads.into_iter().map(row).collect(),
            assumed: settings.assumed(),
        }
    }
}
