//! What is simulated.

use std::time::Duration;

use super::{Answers, Arrivals, LoadCurve};

/// A scenario: scripts, their triggers and endpoints, and the platform's load.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// At least one.
    pub scripts: Vec<ScriptModel>,
    /// The platform's load over time.
    pub load: LoadCurve,
    /// Triggers come before this moment; what they began runs to its end.
    pub until: Duration,
    /// No more triggers than this, those that scripts cause included; none: [`MOST_TRIGGERS`].
    pub triggers: Option<u64>,
    /// Whether the per-minute trigger limit is in force.
    pub trigger_limit: bool,
    /// Gives the same run again.
    pub seed: u64,
}

/// A scenario without a number of triggers stops after so many: loops may have no end of their own.
pub(crate) const MOST_TRIGGERS: u64 = 5_000_000;

/// A script with what triggers it and what answers it.
#[derive(Debug, Clone)]
pub struct ScriptModel {
    /// The script's id, or any other name.
    pub name: String,
    /// Its own triggers.
    pub arrivals: Arrivals,
    /// What its endpoint answers.
    pub answers: Answers,
    /// How many requests the endpoint works on at once; none: any number.
    pub workers: Option<u32>,
    /// The scripts (their indexes in the scenario) that each executed request triggers.
    pub causes: Vec<usize>,
}
