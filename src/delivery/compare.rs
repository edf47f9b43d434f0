//! A run held against an earlier one: what got slower, what started to fail.

use serde::{Serialize, Serializer};

use super::{Latencies, Past, Rank, Run, Tally};
use crate::duration::{measured, ms};

/// A difference below this is noise, ms.
const NOISE_MS: f64 = 1.0;
/// Without a limit of the user's, so much slower or faster is worth a word.
const WORTH_A_WORD: f64 = 0.1;
/// A 90th percentile says something from so many deliveries on.
const FOR_P90: u64 = 10;

/// What a run is held against.
#[derive(Debug, Clone)]
pub struct Against {
    /// The earlier run.
    pub past: Past,
    /// How much slower a script may have become: 0.2 is 20 %. None: only shown.
    pub max_regression: Option<f64>,
}

/// The run against the earlier one.
#[derive(Debug, Clone, Serialize)]
pub struct Comparison {
    /// The earlier results' file.
    pub with: String,
    /// How much slower a script may have become.
    pub max_regression: Option<f64>,
    /// Where the two runs were made under different conditions: a sentence each.
    pub differences: Vec<String>,
    /// One a script, those of the earlier run that were not fired now included.
    pub scripts: Vec<Compared>,
}

/// One script's two sides.
#[derive(Debug, Clone, Serialize)]
pub struct Compared {
    /// Its id.
    pub script: String,
    /// What became of it.
    pub change: Change,
    /// Slower than the run allows, or fails as it did not before.
    pub regression: bool,
    /// Null: it was not fired then.
    pub before: Option<Side>,
    /// Null: it was not fired now.
    pub now: Option<Side>,
    /// How much slower the median became: 0.2 is 20 %, less than 0 is faster. Null where either is not known.
    #[serde(serialize_with = "share")]
    pub p50_change: Option<f64>,
    /// The same of the 90th percentile, where both sides have at least ten deliveries.
    #[serde(serialize_with = "share")]
    pub p90_change: Option<f64>,
}

/// What became of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It failed less often before, or not at all.
    StartedToFail,
    /// By more than is allowed, or by a tenth.
    Slower,
    /// Neither slower nor faster.
    Same,
    /// By a tenth at least.
    Faster,
    /// It fails less often than before, or not at all.
    FailsLess,
    /// Not in the earlier run.
    New,
    /// Only in the earlier run.
    NotFired,
}

/// A script in one of the runs.
#[derive(Debug, Clone, Serialize)]
pub struct Side {
    /// Deliveries that were sent.
    pub deliveries: u64,
    /// Of those, failures.
    pub failures: u64,
    /// The median latency, ms; null where it was cut off or nothing was measured.
    #[serde(serialize_with = "ms::optional")]
    pub p50: Option<f64>,
    /// The 90th percentile, ms.
    #[serde(serialize_with = "ms::optional")]
    pub p90: Option<f64>,
}

fn share<S: Serializer>(share: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    match share {
        Some(share) => serializer.serialize_f64((share * 1e4).round() / 1e4),
        None => serializer.serialize_none(),
    }
}

impl Comparison {
    /// Something is worse than the run allows.
    pub fn is_regression(&self) -> bool {
        self.max_regression.is_some() && self.scripts.iter().any(|script| script.regression)
    }
}

impl Tally {
    /// The run against the earlier one that it is held against.
    pub fn comparison(&self, run: &Run) -> Option<Comparison> {
        let Against { past, max_regression } = self.against.as_ref()?;
        let mut scripts: Vec<Compared> = self
            .endpoints()
            .map(|(script, endpoint)| {
                let now = Measured {
                    deliveries: endpoint.deliveries,
                    failures: endpoint.failures,
                    latencies: &endpoint.last_attempts,
                };
                let before = past.scripts.get(script).map(|past| Measured {
                    deliveries: past.deliveries,
                    failures: past.failures,
                    latencies: &past.latencies,
                });
                compare(script, before, now, *max_regression)
            })
            .collect();
        let fired = |id: &String| scripts.iter().any(|script| script.script == *id);
        let missing: Vec<Compared> = past
            .scripts
            .iter()
            .filter(|(id, _)| !fired(id))
            .map(|(id, past)| Compared {
                script: id.clone(),
                change: Change::NotFired,
                regression: false,
                before: Some(
                    Measured { deliveries: past.deliveries, failures: past.failures, latencies: &past.latencies }
                        .side(),
                ),
                now: None,
                p50_change: None,
                p90_change: None,
            })
            .collect();
        scripts.extend(missing);
        Some(Comparison {
            with: past.path.clone(),
            max_regression: *max_regression,
            differences: differences(past, run),
            scripts,
        })
    }
}

/// One side, as it was measured.
#[derive(Clone, Copy)]
struct Measured<'a> {
    deliveries: u64,
    failures: u64,
    latencies: &'a Latencies,
}

impl Measured<'_> {
    fn side(&self) -> Side {
        let at = |quantile| match self.latencies.at(quantile) {
            Rank::Measured(ms) => Some(ms),
            Rank::Empty | Rank::Over(_) => None,
        };
        Side { deliveries: self.deliveries, failures: self.failures, p50: at(0.5), p90: at(0.9) }
    }

    fn failing(&self) -> f64 {
        if self.deliveries == 0 { 0.0 } else { self.failures as f64 / self.deliveries as f64 }
    }
}

fn compare(script: &str, before: Option<Measured>, now: Measured, allowed: Option<f64>) -> Compared {
    let side = now.side();
    let row = |change, before: Option<Side>, p50_change, p90_change| Compared {
        script: script.to_owned(),
        change,
        regression: false,
        before,
        now: Some(side.clone()),
        p50_change,
        p90_change,
    };
    let Some(before) = before.filter(|before| before.deliveries > 0) else { return row(Change::New, None, None, None) };
    if now.deliveries == 0 {
        return row(Change::Same, Some(before.side()), None, None);
    }
    let many = before.deliveries.min(now.deliveries) >= FOR_P90;
    let (p50, p50_worse) = slower(before.latencies.at(0.5), now.latencies.at(0.5));
    let (p90, p90_worse) =
        if many { slower(before.latencies.at(0.9), now.latencies.at(0.9)) } else { (None, f64::NEG_INFINITY) };
    let worst = p50_worse.max(p90_worse);
    let failing = now.failing() - before.failing();
    let over = worst > allowed.unwrap_or(WORTH_A_WORD);
    let change = match () {
        () if failing > 0.0 => Change::StartedToFail,
        () if over => Change::Slower,
        () if failing < 0.0 => Change::FailsLess,
        () if worst < -WORTH_A_WORD => Change::Faster,
        () => Change::Same,
    };
    Compared { regression: failing > 0.0 || over, ..row(change, Some(before.side()), p50, p90) }
}

/// How much slower, as a share: what is shown, and what counts. A latency that was cut off is slower than any other.
fn slower(before: Rank, now: Rank) -> (Option<f64>, f64) {
    match (before, now) {
        (Rank::Measured(before), Rank::Measured(now)) => {
            let change = if before > 0.0 { now / before - 1.0 } else { 0.0 };
            (Some(change), if (now - before).abs() < NOISE_MS { 0.0 } else { change })
        }
        (Rank::Measured(_), Rank::Over(_)) => (None, f64::INFINITY),
        (Rank::Over(_), Rank::Measured(_)) => (None, f64::NEG_INFINITY),
        _ => (None, 0.0),
    }
}

fn differences(past: &Past, run: &Run) -> Vec<String> {
    let Some(before) = &past.policy else { return Vec::new() };
    let now = &run.policy;
    let mut all = Vec::new();
    if before.name != now.name {
        all.push(format!("the policy was {}, now it is {}", before.name.name(), now.name.name()));
    }
    if before.limit_ms != now.limit_ms {
        all.push(format!("the fixed limit was {}, now it is {}", measured(before.limit_ms), measured(now.limit_ms)));
    }
    if before.load_rate != now.load_rate {
        all.push(format!("the load rate was {}, now it is {}", before.load_rate, now.load_rate));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn latencies(values: &[f64], cut_off: u64) -> Latencies {
        let mut all = Latencies::default();
        values.iter().for_each(|ms| all.record(*ms));
        (0..cut_off).for_each(|_| all.cut_off(10_000.0));
        all
    }

    #[test]
    fn what_became_of_a_script() {
        use Change::{FailsLess, Faster, Same, Slower, StartedToFail};
        // before, now, failures before and now, allowed, change, regression
        for (before, now, failures, allowed, change, regression) in [
            (100.0, 100.0, (0, 0), None, Same, false),
            (100.0, 109.0, (0, 0), None, Same, false),
            (100.0, 111.0, (0, 0), None, Slower, true),
            (100.0, 111.0, (0, 0), Some(0.2), Same, false),
            (100.0, 120.1, (0, 0), Some(0.2), Slower, true),
            (100.0, 80.0, (0, 0), Some(0.2), Faster, false),
            (0.4, 0.9, (0, 0), Some(0.2), Same, false),
            (100.0, 100.0, (0, 1), Some(0.2), StartedToFail, true),
            (100.0, 100.0, (1, 0), Some(0.2), FailsLess, false),
            (100.0, 900.0, (1, 0), Some(0.2), Slower, true),
        ] {
            let (then, today) = (latencies(&[before], 0), latencies(&[now], 0));
            let side = |failures, latencies| Measured { deliveries: 1, failures, latencies };
            let row = compare("s", Some(side(failures.0, &then)), side(failures.1, &today), allowed);
            assert_eq!((row.change, row.regression), (change, regression), "{before} {now} {failures:?} {allowed:?}");
        }
    }

    #[test]
    fn a_latency_that_was_cut_off_is_slower_than_any_other() {
        let (fast, cut_off) = (latencies(&[100.0], 0), latencies(&[], 1));
        let side = |latencies| Measured { deliveries: 1, failures: 0, latencies };
        assert_eq!(compare("s", Some(side(&fast)), side(&cut_off), Some(10.0)).change, Change::Slower);
        assert_eq!(compare("s", Some(side(&cut_off)), side(&fast), Some(0.1)).change, Change::Faster);
        assert_eq!(compare("s", None, side(&fast), Some(0.1)).change, Change::New);
    }

    #[test]
    fn a_tail_counts_where_there_are_deliveries_enough() {
        let then = latencies(&[100.0; 20], 0);
        let today = latencies(&[[100.0; 10], [300.0; 10]].concat(), 0);
        let side = |latencies| Measured { deliveries: 20, failures: 0, latencies };
        let row = compare("s", Some(side(&then)), side(&today), Some(0.2));
        assert_eq!((row.change, row.p50_change, row.p90_change), (Change::Slower, Some(0.0), Some(2.0)));
    }
}
