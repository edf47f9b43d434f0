//! The results of a simulation.

use std::time::Duration;

use super::Timeline;
use crate::delivery::{Bands, Latencies, Percentiles};

/// The same scenario under both rules.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Gives the same run again.
    pub seed: u64,
    /// There were more triggers than a scenario without a number of them may have.
    pub stopped_early: bool,
    /// What decided.
    pub policy: Rules,
    /// Under the legacy wait.
    pub legacy: Outcome,
    /// Under the fixed limit.
    pub fixed: Outcome,
    /// Triggers whose delivery ended differently, of those that no script caused.
    pub moved: OutcomeChange,
}

/// The settings that decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// The fixed limit.
    pub limit: Duration,
    /// In time at any load up to here.
    pub safe: Duration,
    /// The shortest legacy wait.
    pub legacy_min: Duration,
    /// The longest legacy wait.
    pub legacy_max: Duration,
    /// The trigger limit; none where it was ignored.
    pub triggers_per_minute: Option<u32>,
    /// Keys below `policy` that are assumed and still at their defaults.
    pub assumed: Vec<&'static str>,
}

/// What happened under one rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Over all scripts.
    pub total: Figures,
    /// Each script, in the order of the scenario.
    pub scripts: Vec<ScriptFigures>,
    /// Over time.
    pub timeline: Timeline,
}

/// What happened to one script.
#[derive(Debug, Clone, PartialEq)]
pub struct ScriptFigures {
    /// Its name.
    pub script: String,
    /// Its figures.
    pub figures: Figures,
}

/// Deliveries that ended differently under the two rules.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OutcomeChange {
    /// Delivered under the legacy wait, failed under the fixed limit.
    pub lost: u64,
    /// Failed under the legacy wait, delivered under the fixed limit.
    pub won: u64,
}

/// Counts and times of deliveries.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Figures {
    /// All triggers.
    pub triggers: u64,
    /// Those of them that a script caused.
    pub caused: u64,
    /// Those of them that were over the trigger limit, and so not delivered.
    pub throttled: u64,
    /// Deliveries that ended with a success.
    pub delivered: u64,
    /// Those of them that needed a retry.
    pub delivered_on_retry: u64,
    /// Deliveries that ended without one.
    pub failed: u64,
    /// Requests sent.
    pub attempts: u64,
    /// Those of them after the first of a delivery.
    pub retries: u64,
    /// Attempts that timed out.
    pub timed_out: u64,
    /// Attempts per delivery; none if there was no delivery.
    pub amplification: Option<f64>,
    /// Duplicate executions: requests of a delivery that the endpoint had already executed.
    pub repeated: u64,
    /// Deliveries by the band of their last attempt.
    pub bands: Bands,
    /// Of each delivery's last attempt.
    pub latency: Percentiles,
    /// From the trigger to the end of the delivery, retry waits included.
    pub elapsed: Percentiles,
    /// Attempts' wait for a worker, where the workers are limited.
    pub queue: Percentiles,
    /// The most attempts that the platform was waiting for at one time.
    pub in_flight: u64,
}

/// Figures that grow: counts, and the times that percentiles are taken of.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub counts: Figures,
    pub latency: Latencies,
    pub elapsed: Latencies,
    pub queue: Latencies,
}

impl Tally {
    pub(super) fn figures(&self) -> Figures {
        let deliveries = self.counts.delivered + self.counts.failed;
        Figures {
            amplification: (deliveries > 0).then(|| self.counts.attempts as f64 / deliveries as f64),
            latency: self.latency.percentiles(),
            elapsed: self.elapsed.percentiles(),
            queue: self.queue.percentiles(),
            ..self.counts.clone()
        }
    }
}
