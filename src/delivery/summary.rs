//! The summary of a run, counted as deliveries end, in memory that does not grow with their number.

use std::time::Duration;

use indexmap::IndexMap;

use super::{Baseline, Delivery, DeliveryOutcome, Endpoint, FailOn, Latencies, Percentiles, Response, ThresholdResult};
use crate::policy::Band;

/// What a run came to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summary {
    /// All of them, throttled ones included.
    pub deliveries: u64,
    /// A 2xx in time.
    pub delivered: u64,
    /// No attempt that the plan allows succeeded.
    pub failed: u64,
    /// Over the trigger limit, not sent.
    pub throttled: u64,
    /// Attempts of all deliveries.
    pub attempts: u64,
    /// Attempts after the first of a delivery.
    pub retries: u64,
    /// How many fell in each band.
    pub bands: Bands,
    /// Of the deliveries' last attempts.
    pub latency: Percentiles,
    /// Stopped by Ctrl-C.
    pub interrupted: u64,
    /// Delivered, but only on a retry: production resent a request that may have been executed.
    pub delivered_on_retry: u64,
    /// The receiver was sent the same request more than once and may have executed it more than once.
    pub duplicates: u64,
    /// Requests that were sent again within their attempt, since a server had closed the kept connection or left them alone.
    pub resent: u64,
    /// Delivered, but not as the script's `expect` asks.
    pub expect_failed: u64,
    /// Failed, with the status that the script's `expect` asks for: counted as failed, but not against the run.
    pub failed_as_expected: u64,
    /// Deliveries that took a retry, whatever came of them.
    pub retried: u64,
    /// Deliveries whose `callback` could not be rendered over the response.
    pub callback_failed: u64,
    /// From the start of the first delivery to the end of the last one.
    pub elapsed: Duration,
    /// Deliveries that were sent, by that time; none where it is none.
    pub deliveries_per_second: Option<f64>,
    /// Attempts, by that time; none where it is none.
    pub requests_per_second: Option<f64>,
    /// Bytes of all response bodies, decoded.
    pub bytes: u64,
    /// What the thresholds of `--fail-on` came to.
    pub thresholds: Vec<ThresholdResult>,
    /// What moving from the legacy wait to the fixed limit changes.
    pub legacy: LegacyChange,
    /// How many were in time under each of the two.
    pub verdicts: Verdicts,
    /// Under `--rate`, from the moment at which a delivery was due: hides no queueing while the receiver is slow.
    pub from_intended_start: Option<Percentiles>,
}

impl Summary {
    /// Deliveries that count against the run.
    pub fn failures(&self) -> u64 {
        self.failed_unexpectedly() + self.expect_failed
    }

    /// Failed, and not with a status that the script's `expect` asks for.
    pub fn failed_unexpectedly(&self) -> u64 {
        self.failed.saturating_sub(self.failed_as_expected)
    }

    /// Delivered as the script's `expect` asks.
    pub fn delivered_as_expected(&self) -> u64 {
        self.delivered.saturating_sub(self.expect_failed)
    }
}

/// Deliveries in each band.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bands {
    /// In time at any load.
    pub safe: u64,
    /// In time only while the platform is not loaded.
    pub at_risk: u64,
    /// Failures.
    pub timed_out: u64,
}

impl Bands {
    /// Counts a delivery in its band, where it has one.
    pub fn count(&mut self, band: Option<Band>) {
        match band {
            Some(Band::Safe) => self.safe += 1,
            Some(Band::AtRisk) => self.at_risk += 1,
            Some(Band::TimedOut) => self.timed_out += 1,
            None => {}
        }
    }
}

/// The legacy wait at the run's load against the fixed limit, over deliveries that the receiver answered with a 2xx or
/// whose answer was not waited for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LegacyChange {
    /// In time under the legacy wait.
    pub passed: u64,
    /// Of those, too late for the fixed limit.
    pub now_fail: u64,
    /// Too late for the legacy wait, in time under the fixed limit.
    pub now_pass: u64,
    /// Cut off by the fixed limit, so that nobody knows whether the legacy wait would have been long enough.
    pub unknown: u64,
}

/// The verdicts over all deliveries that were sent. Those that are neither in time nor unknown were too late, or ended
/// without a complete answer.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Verdicts {
    /// Deliveries with an attempt.
    pub sent: u64,
    /// In time under the fixed limit.
    pub fixed_in_time: u64,
    /// Cut off before the fixed limit, so that nobody knows.
    pub fixed_unknown: u64,
    /// In time under the legacy wait at the run's load.
    pub legacy_in_time: u64,
    /// Cut off before the legacy wait had passed, so that nobody knows.
    pub legacy_unknown: u64,
    /// The highest load at which the legacy wait was long enough for every complete answer; none where there was none, or
    /// one took longer than the legacy wait ever was.
    pub legacy_in_time_up_to_load_rate: Option<f64>,
    /// A complete answer took longer than the legacy wait ever was.
    beyond_legacy: bool,
}

/// Counts deliveries as they end.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// The counts of the summary; its times are below.
    counts: Summary,
    latencies: Latencies,
    from_intended_start: Option<Latencies>,
    endpoints: IndexMap<String, Endpoint>,
    /// The start of the first delivery and the end of the last one, ns of the Unix time.
    span: Option<(i128, i128)>,
    pub(super) against: Option<Baseline>,
}

impl Tally {
    /// One whose run is held against an earlier one.
    pub fn held_against(against: Baseline) -> Self {
        Self { against: Some(against), ..Self::default() }
    }

    /// Counts one delivery.
    pub fn add(&mut self, delivery: &Delivery) {
        let counts = &mut self.counts;
        counts.deliveries += 1;
        match delivery.outcome {
            DeliveryOutcome::Delivered => counts.delivered += 1,
            DeliveryOutcome::Failed => counts.failed += 1,
            DeliveryOutcome::Throttled => counts.throttled += 1,
            DeliveryOutcome::Interrupted => counts.interrupted += 1,
        }
        let attempts = delivery.attempts.len() as u64;
        counts.attempts += attempts;
        counts.retries += attempts.saturating_sub(1);
        counts.delivered_on_retry += u64::from(delivery.delivered_on_retry());
        counts.duplicates += u64::from(delivery.duplicate);
        counts.resent += delivery.attempts.iter().map(|attempt| attempt.resent.len() as u64).sum::<u64>();
        counts.expect_failed += u64::from(delivery.delivered_unexpectedly());
        counts.failed_as_expected += u64::from(delivery.failed_as_expected());
        counts.retried += u64::from(attempts > 1);
        counts.callback_failed += u64::from(delivery.callback_error.is_some());
        let bodies = delivery.attempts.iter().filter_map(|attempt| attempt.response.as_ref());
        counts.bytes += bodies.map(|response: &Response| response.bytes).sum::<u64>();
        let start = delivery.started_at.as_nanosecond();
        let end = start + delivery.elapsed.as_nanos() as i128;
        self.span = Some(self.span.map_or((start, end), |(first, last)| (first.min(start), last.max(end))));
        counts.bands.count(delivery.band);
        counts.legacy.add(delivery);
        counts.verdicts.add(delivery);
        count(&mut self.latencies, delivery, Duration::ZERO);
        if let Some(queued) = delivery.queued {
            count(self.from_intended_start.get_or_insert_default(), delivery, queued);
        }
        if let Some(endpoint) = self.endpoints.get_mut(&delivery.script) {
            endpoint.add(delivery);
        } else {
            let mut endpoint = Endpoint::default();
            endpoint.add(delivery);
            self.endpoints.insert(delivery.script.clone(), endpoint);
        }
    }

    /// The summary of what was counted so far; `fail_on` has the thresholds that it is held against.
    pub fn summary(&self, fail_on: &FailOn) -> Summary {
        let span = self.span.map_or(0, |(first, last)| last - first);
        let elapsed = Duration::from_nanos(u64::try_from(span).unwrap_or(u64::MAX));
        let per_second = |number: u64| (!elapsed.is_zero()).then(|| number as f64 / elapsed.as_secs_f64());
        let sent = self.counts.verdicts.sent;
        Summary {
            elapsed,
            deliveries_per_second: per_second(sent),
            requests_per_second: per_second(self.counts.attempts),
            thresholds: fail_on.thresholds(&self.latencies, self.counts.failures(), sent),
            latency: self.latencies.percentiles(),
            from_intended_start: self.from_intended_start.as_ref().map(Latencies::percentiles),
            ..self.counts.clone()
        }
    }

    /// The latencies of the deliveries' last attempts.
    pub fn latencies(&self) -> &Latencies {
        &self.latencies
    }

    /// The same from the moment at which each delivery was due, where the run has a rate.
    pub fn latencies_from_intended_start(&self) -> Option<&Latencies> {
        self.from_intended_start.as_ref()
    }

    /// What was measured of each script's endpoint, by the script's id, in the order in which they first ended.
    pub fn endpoints(&self) -> impl Iterator<Item = (&str, &Endpoint)> {
        self.endpoints.iter().map(|(script, endpoint)| (script.as_str(), endpoint))
    }
}

/// Counts a delivery's latency, which began `queued` after it was due.
fn count(latencies: &mut Latencies, delivery: &Delivery, queued: Duration) {
    match (delivery.latency, delivery.cut_off_at()) {
        (Some(took), _) => latencies.record(queued + took),
        (None, Some(limit)) => latencies.cut_off(queued + limit),
        (None, None) => {}
    }
}

impl LegacyChange {
    fn add(&mut self, delivery: &Delivery) {
        let accepted = delivery.is_accepted();
        match (delivery.legacy.in_time, delivery.fixed.in_time) {
            (Some(true), fixed) if accepted => {
                self.passed += 1;
                self.now_fail += u64::from(fixed == Some(false));
            }
            (Some(false), Some(true)) if accepted => self.now_pass += 1,
            (None, Some(false)) => self.unknown += 1,
            _ => {}
        }
    }
}

impl Verdicts {
    fn add(&mut self, delivery: &Delivery) {
        if delivery.attempts.is_empty() {
            return;
        }
        self.sent += 1;
        self.fixed_in_time += u64::from(delivery.fixed.in_time == Some(true));
        self.fixed_unknown += u64::from(delivery.fixed.in_time.is_none());
        self.legacy_in_time += u64::from(delivery.legacy.in_time == Some(true));
        self.legacy_unknown += u64::from(delivery.legacy.in_time.is_none());
        let up_to = delivery.legacy.in_time_up_to_load_rate;
        self.beyond_legacy |= delivery.latency.is_some() && up_to.is_none();
        self.legacy_in_time_up_to_load_rate = match (self.legacy_in_time_up_to_load_rate, up_to) {
            _ if self.beyond_legacy => None,
            (Some(before), Some(now)) => Some(before.min(now)),
            (before, now) => before.or(now),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::Attempt;
    use crate::policy::{FixedVerdict, LegacyVerdict};

    #[test]
    fn the_load_up_to_which_the_legacy_wait_was_long_enough_is_that_of_the_slowest() {
        let attempt = Attempt::answered(200, Duration::from_millis(1), Duration::from_secs(80));
        let delivery = |fixed, legacy, up_to: Option<f64>, ms: Option<u64>| Delivery {
            script: "a".to_owned(),
            trigger: 1,
            outcome: DeliveryOutcome::Delivered,
            band: None,
            attempts: vec![attempt.clone()],
            latency: ms.map(Duration::from_millis),
            elapsed: Duration::ZERO,
            fixed: FixedVerdict { in_time: fixed, limit: Duration::from_secs(10) },
            legacy: LegacyVerdict { in_time: legacy, limit: Duration::from_secs(80), in_time_up_to_load_rate: up_to },
            expect: Default::default(),
            callback: None,
            callback_error: None,
            method: "POST".to_owned(),
            url: "https://api.example.com/".to_owned(),
            started_at: jiff::Timestamp::UNIX_EPOCH,
            duplicate: false,
            queued: None,
            body_read_up_to: None,
        };
        let mut verdicts = Verdicts::default();
        verdicts.add(&delivery(Some(true), Some(true), Some(1.0), Some(20)));
        verdicts.add(&delivery(Some(false), Some(true), Some(0.85), Some(12_000)));
        verdicts.add(&delivery(Some(false), None, None, None));
        verdicts.add(&Delivery { attempts: Vec::new(), ..delivery(None, None, None, None) });
        assert_eq!((verdicts.sent, verdicts.fixed_in_time, verdicts.fixed_unknown), (3, 1, 0));
        assert_eq!((verdicts.legacy_in_time, verdicts.legacy_unknown), (2, 1));
        assert_eq!(verdicts.legacy_in_time_up_to_load_rate, Some(0.85));
        verdicts.add(&delivery(Some(false), Some(false), None, Some(81_000)));
        verdicts.add(&delivery(Some(true), Some(true), Some(1.0), Some(20)));
        assert_eq!(verdicts.legacy_in_time_up_to_load_rate, None);
    }
}
