//! What makes a run fail: `--fail-on`.

use std::fmt;
use std::str::FromStr;

use super::{Delivery, Latencies, Quantile, Summary};
use crate::policy::Band;
use crate::text::duration::{millis, parse};
use crate::text::quantity;

/// One entry of `--fail-on`.
#[derive(Debug, Clone, PartialEq)]
pub enum Criterion {
    /// A delivery that failed, or that its script's `expect` does not accept.
    Failed,
    /// A delivery that took longer than the safe limit.
    AtRisk,
    /// A delivery that took a retry.
    Retried,
    /// A delivery whose `callback` could not be rendered.
    Callback,
    /// A figure of the whole run.
    Threshold(Threshold),
}

/// A figure of a run that must not be above a bound, such as `p95>5s`.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    /// As it was written, without spaces.
    pub written: String,
    /// Which figure.
    pub metric: Metric,
    /// The run fails above this: ms for a latency, a share from 0 to 1 for the error rate.
    pub limit: f64,
}

/// A figure of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Metric {
    /// The latency that this share of the deliveries does not exceed, from 0 to 1.
    Quantile(f64),
    /// The mean latency.
    Mean,
    /// The share of the deliveries sent that count against the run.
    ErrorRate,
}

/// The result of a threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct ThresholdResult {
    /// As it was written, such as `p95>5s`.
    pub threshold: String,
    /// The bound: ms for a latency, a share from 0 to 1 for `error_rate`.
    pub limit: f64,
    /// The run's figure in the same unit; none where nothing was measured, or a limit cut the latency off.
    pub actual: Option<f64>,
    /// The figure is not above the bound. A latency that was cut off is above every bound.
    pub passed: bool,
}

/// All that makes a run fail.
#[derive(Debug, Clone, PartialEq)]
pub struct FailOn(Vec<Criterion>);

impl Default for FailOn {
    fn default() -> Self {
        Self(vec![Criterion::Failed])
    }
}

impl FailOn {
    /// These. `failed` is always among them, unless `error_rate` says how many failures are too many.
    pub fn new(mut criteria: Vec<Criterion>) -> Self {
        let tolerant = |criterion: &Criterion| {
            matches!(criterion, Criterion::Threshold(Threshold { metric: Metric::ErrorRate, .. }))
        };
        if !criteria.contains(&Criterion::Failed) && !criteria.iter().any(tolerant) {
            criteria.insert(0, Criterion::Failed);
        }
        Self(criteria)
    }

    /// In the order given.
    pub fn criteria(&self) -> &[Criterion] {
        &self.0
    }

    /// The first of them by which this delivery fails the run.
    pub fn covers(&self, delivery: &Delivery) -> Option<&Criterion> {
        self.0.iter().find(|criterion| criterion.covers(delivery))
    }

    /// Whether a run with this summary fails.
    pub fn fails(&self, summary: &Summary) -> bool {
        self.0.iter().any(|criterion| criterion.deliveries(summary) > 0)
            || summary.thresholds.iter().any(|threshold| !threshold.passed)
    }

    /// The results of the thresholds, in the order given; `failures` of the `sent` deliveries count against the run.
    pub fn thresholds(&self, latencies: &Latencies, failures: u64, sent: u64) -> Vec<ThresholdResult> {
        let thresholds = self.0.iter().filter_map(|criterion| match criterion {
            Criterion::Threshold(threshold) => Some(threshold.check(latencies, failures, sent)),
            _ => None,
        });
        thresholds.collect()
    }
}

impl Criterion {
    /// How many deliveries fail the run by it: those that it covers. None by a threshold, which is about all of them.
    pub fn deliveries(&self, summary: &Summary) -> u64 {
        match self {
            Criterion::Failed => summary.failures(),
            Criterion::AtRisk => summary.bands.at_risk + summary.bands.timed_out,
            Criterion::Retried => summary.retried,
            Criterion::Callback => summary.callback_failed,
            Criterion::Threshold(_) => 0,
        }
    }

    fn covers(&self, delivery: &Delivery) -> bool {
        match self {
            Criterion::Failed => delivery.is_failure(),
            Criterion::AtRisk => matches!(delivery.band, Some(Band::AtRisk | Band::TimedOut)),
            Criterion::Retried => delivery.attempts.len() > 1,
            Criterion::Callback => delivery.callback_error.is_some(),
            Criterion::Threshold(_) => false,
        }
    }
}

impl fmt::Display for Criterion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Criterion::Failed => "failed",
            Criterion::AtRisk => "at_risk",
            Criterion::Retried => "retried",
            Criterion::Callback => "callback",
            Criterion::Threshold(threshold) => &threshold.written,
        })
    }
}

impl FromStr for Criterion {
    type Err = String;

    /// `failed`, `at_risk`, `retried`, `callback`, or a threshold such as `p95>5s` or `error_rate>1%`.
    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim() {
            "failed" => Ok(Self::Failed),
            "at_risk" => Ok(Self::AtRisk),
            "retried" => Ok(Self::Retried),
            "callback" => Ok(Self::Callback),
            other => Threshold::parse(other).map(Self::Threshold),
        }
    }
}

impl Threshold {
    fn parse(text: &str) -> Result<Self, String> {
        let Some((metric, limit)) = text.split_once('>') else {
            return Err(match text.find(['<', '=', ':']) {
                Some(_) => "write what makes the run fail with `>`, such as `p95>5s` or `error_rate>1%`".to_owned(),
                None => "write `failed`, `at_risk`, `retried`, `callback`, or a threshold such as `p95>5s` or \
                    `error_rate>1%`"
                    .to_owned(),
            });
        };
        let (metric, limit) = (metric.trim(), limit.trim());
        if limit.starts_with('=') {
            return Err(format!("write `{metric}>` and the highest acceptable value, without `=`"));
        }
        let parsed = Metric::parse(metric)?;
        let number = match parsed {
            Metric::ErrorRate => share(limit)?,
            Metric::Quantile(_) | Metric::Mean => millis(parse(limit).map_err(|error| {
                format!("`{limit}` is not a latency ({error}): write a number and its unit, such as `{metric}>5s`")
            })?),
        };
        Ok(Self { written: format!("{metric}>{limit}"), metric: parsed, limit: number })
    }

    fn check(&self, latencies: &Latencies, failures: u64, sent: u64) -> ThresholdResult {
        let (actual, passed) = match self.metric {
            Metric::Quantile(quantile) => match latencies.at(quantile) {
                Quantile::Measured(latency) => (Some(millis(latency)), millis(latency) <= self.limit),
                Quantile::Empty => (None, true),
                Quantile::Over(_) => (None, false),
            },
            Metric::Mean => {
                let mean = latencies.mean().map(millis);
                (mean, mean.map_or(latencies.cut_off_count() == 0, |ms| ms <= self.limit))
            }
            Metric::ErrorRate => {
                let rate = if sent == 0 { 0.0 } else { failures as f64 / sent as f64 };
                (Some(rate), rate <= self.limit)
            }
        };
        // A latency to the microsecond, as everywhere.
        let actual = actual.map(|figure| match self.metric {
            Metric::ErrorRate => figure,
            Metric::Quantile(_) | Metric::Mean => (figure * 1e3).round() / 1e3,
        });
        ThresholdResult { threshold: self.written.clone(), limit: self.limit, actual, passed }
    }
}

impl Metric {
    fn parse(name: &str) -> Result<Self, String> {
        let quantile = |number: &str| {
            let percent: f64 = number.parse().ok().filter(|percent| *percent > 0.0 && *percent < 100.0)?;
            number.starts_with(|c: char| c.is_ascii_digit()).then_some(Self::Quantile((percent * 1e7).round() / 1e9))
        };
        let unknown = || {
            format!(
                "there is no metric `{name}`: write `p50`, `p90`, `p95`, `p99`, `p99.9`, `max`, `mean` or `error_rate`"
            )
        };
        match name {
            "max" => Ok(Self::Quantile(1.0)),
            "mean" => Ok(Self::Mean),
            "error_rate" => Ok(Self::ErrorRate),
            _ => name.strip_prefix('p').and_then(quantile).ok_or_else(unknown),
        }
    }
}

/// A share from 0 to 1, from `1%`.
fn share(text: &str) -> Result<f64, String> {
    let share = text.ends_with('%').then(|| quantity::share(text)).flatten();
    share.filter(|share| (0.0..1.0).contains(share)).ok_or_else(|| {
        format!("`{text}` is not an error rate: write 0% or more, but less than 100%, such as `error_rate>1%`")
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn threshold(text: &str) -> Threshold {
        match text.parse() {
            Ok(Criterion::Threshold(threshold)) => threshold,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn thresholds_are_read() {
        for (text, metric, limit) in [
            ("p95>5s", Metric::Quantile(0.95), 5_000.0),
            ("p99.9 > 250ms", Metric::Quantile(0.999), 250.0),
            ("max>10s", Metric::Quantile(1.0), 10_000.0),
            ("mean>1s", Metric::Mean, 1_000.0),
            ("error_rate>1%", Metric::ErrorRate, 0.01),
            ("error_rate>0 %", Metric::ErrorRate, 0.0),
        ] {
            let read = threshold(text);
            assert_eq!((read.metric, read.limit), (metric, limit), "{text}");
        }
    }

    #[test]
    fn what_is_no_criterion_is_said() {
        for (text, words) in [
            ("timeout", "write `failed`, `at_risk`, `retried`, `callback`, or a threshold such as `p95>5s`"),
            ("", "write `failed`"),
            ("p95<5s", "write what makes the run fail with `>`"),
            ("p95=5s", "with `>`"),
            ("p95>=5s", "without `=`"),
            ("p95>5", "`5` is not a latency"),
            ("p95>", "`` is not a latency"),
            ("p0>5s", "there is no metric `p0`"),
            ("p100>5s", "there is no metric `p100`"),
            ("p>5s", "there is no metric `p`"),
            ("p+5>5s", "there is no metric `p+5`"),
            ("latency>5s", "there is no metric `latency`: write `p50`"),
            ("error_rate>0.01", "`0.01` is not an error rate: write 0% or more"),
            ("error_rate>100%", "`100%` is not an error rate"),
            ("error_rate>-1%", "`-1%` is not an error rate"),
        ] {
            let error = text.parse::<Criterion>().expect_err(text);
            assert!(error.contains(words), "{text}: {error}");
        }
    }

    #[test]
    fn figures_are_held_against_their_bounds() {
        let mut latencies = Latencies::default();
        (1..=99).for_each(|ms| latencies.record(Duration::from_millis(ms)));
        latencies.cut_off(Duration::from_secs(10));
        for (text, actual, passed) in [
            ("p95>95ms", Some(95.0), true),
            ("p95>94ms", Some(95.0), false),
            ("max>20s", None, false),
            ("mean>20s", None, false),
            ("error_rate>3%", Some(0.03), true),
            ("error_rate>2%", Some(0.03), false),
        ] {
            let result = threshold(text).check(&latencies, 3, 100);
            assert_eq!((result.actual, result.passed), (actual, passed), "{text}");
        }
        let nothing = threshold("p95>1s").check(&Latencies::default(), 0, 0);
        assert_eq!((nothing.actual, nothing.passed), (None, true));
    }

    #[test]
    fn failures_always_count_unless_a_rate_of_them_is_fine() {
        let criteria = |list: &str| list.split(',').map(|one| one.parse().expect(one)).collect::<Vec<Criterion>>();
        for (list, failed_counts) in [
            ("failed", true),
            ("at_risk", true),
            ("p95>5s", true),
            ("error_rate>1%", false),
            ("error_rate>1%,failed", true),
            ("at_risk,error_rate>1%", false),
        ] {
            let fail_on = FailOn::new(criteria(list));
            assert_eq!(fail_on.criteria().contains(&Criterion::Failed), failed_counts, "{list}");
        }
    }
}
