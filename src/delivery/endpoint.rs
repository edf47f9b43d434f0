//! What a run measured of one script's endpoint, in bounded memory: the base of its advice and its line in a digest.

use std::time::Duration;

use super::{Attempt, Delivery, Latencies, Phases};
use crate::policy::AttemptOutcome;

/// Figures of one script's deliveries.
#[derive(Debug, Clone, Default)]
pub struct Endpoint {
    /// Deliveries that were sent.
    pub deliveries: u64,
    /// Of those, counted against the run: `failed` and `unexpected` together.
    pub failures: u64,
    /// Failed, and not with a status that the script expects.
    pub failed: u64,
    /// Delivered, and not as the script expects.
    pub unexpected: u64,
    /// Failed with the status that the script expects.
    pub failed_as_expected: u64,
    /// Deliveries that took a retry.
    pub retried: u64,
    /// Over the trigger limit, not sent.
    pub throttled: u64,
    /// Delivered, but only on a retry.
    pub on_retry: u64,
    /// Deliveries whose request the receiver got more than once.
    pub duplicates: u64,
    /// Attempts answered 429 or 503: the receiver says that it is too busy.
    pub busy: u64,
    /// Attempts.
    pub attempts: u64,
    /// Attempts that ended without a complete answer.
    pub unanswered: u64,
    /// Attempts that followed a redirect.
    pub redirected: u64,
    /// Of every attempt, the first ones of retried deliveries included.
    pub latencies: Latencies,
    /// Of each delivery's last attempt, as results have them.
    pub last_attempts: Latencies,
    /// Of whole deliveries, retries and the waits before them included.
    pub elapsed: Latencies,
    /// Sums over the attempts that were answered.
    pub phases: PhaseSums,
    /// The mean latency over the run.
    pub trend: Trend,
}

/// Time spent in each phase, summed.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PhaseSums {
    /// DNS, TCP and TLS.
    pub connecting: Duration,
    /// Waiting for the first byte.
    pub wait: Duration,
    /// Receiving the body.
    pub download: Duration,
}

impl Endpoint {
    /// Counts one delivery of the script.
    pub(super) fn add(&mut self, delivery: &Delivery) {
        if delivery.attempts.is_empty() {
            self.throttled += u64::from(delivery.outcome == super::DeliveryOutcome::Throttled);
            return;
        }
        self.deliveries += 1;
        self.failures += u64::from(delivery.is_failure());
        self.unexpected += u64::from(delivery.delivered_unexpectedly());
        self.failed = self.failures - self.unexpected;
        self.failed_as_expected += u64::from(delivery.failed_as_expected());
        self.retried += u64::from(delivery.attempts.len() > 1);
        self.elapsed.record(delivery.elapsed);
        match (delivery.latency, delivery.cut_off_at()) {
            (Some(took), _) => self.last_attempts.record(took),
            (None, Some(limit)) => self.last_attempts.cut_off(limit),
            (None, None) => {}
        }
        self.on_retry += u64::from(delivery.delivered_on_retry());
        self.duplicates += u64::from(delivery.duplicate);
        delivery.attempts.iter().for_each(|attempt| self.attempt(attempt));
    }

    fn attempt(&mut self, attempt: &Attempt) {
        self.attempts += 1;
        self.busy += u64::from(matches!(attempt.status, Some(429 | 503)));
        let broken = matches!(attempt.outcome, AttemptOutcome::ConnectError | AttemptOutcome::ProtocolError);
        self.unanswered += u64::from(broken || attempt.cut_off_at().is_some());
        self.redirected += u64::from(!attempt.redirects.is_empty());
        if let Some(took) = attempt.latency {
            self.latencies.record(took);
            self.phases.add(&attempt.phases);
            self.trend.add(took);
        } else if let Some(limit) = attempt.cut_off_at() {
            self.latencies.cut_off(limit);
            // At least so long: without it, a receiver that has stopped answering would look no slower than before.
            self.trend.add(limit);
        }
    }
}

impl PhaseSums {
    fn add(&mut self, phases: &Phases) {
        let sum = |parts: &[Option<Duration>]| parts.iter().flatten().sum::<Duration>();
        self.connecting += sum(&[phases.dns, phases.connect, phases.tls]);
        self.wait += sum(&[phases.wait]);
        self.download += sum(&[phases.download]);
    }

    /// The share of `part` in all phases, 0 to 1.
    pub fn share(&self, part: Duration) -> f64 {
        let all = self.connecting + self.wait + self.download;
        if all.is_zero() { 0.0 } else { part.div_duration_f64(all) }
    }
}

/// Latencies in the order in which they ended, kept as the means of a bounded number of pieces of equal length.
#[derive(Debug, Clone, PartialEq)]
pub struct Trend {
    pieces: Vec<(Duration, u64)>,
    piece_length: u64,
}

impl Default for Trend {
    fn default() -> Self {
        Self { pieces: Vec::new(), piece_length: 1 }
    }
}

impl Trend {
    const PIECES: usize = 64;

    fn add(&mut self, latency: Duration) {
        match self.pieces.last_mut() {
            Some((sum, count)) if *count < self.piece_length => {
                *sum += latency;
                *count += 1;
            }
            _ => self.pieces.push((latency, 1)),
        }
        if self.pieces.len() > Self::PIECES {
            self.pieces = self.pieces.chunks(2).map(sum).collect();
            self.piece_length *= 2;
        }
    }

    /// The mean latencies of the first and the last quarter of the run, where it is long enough to have a trend.
    pub fn first_and_last(&self) -> Option<(Duration, Duration)> {
        let quarter = self.pieces.len() / 4;
        let count: u64 = self.pieces.iter().map(|(_, count)| count).sum();
        if quarter == 0 || count < 20 {
            return None;
        }
        let mean = |pieces: &[(Duration, u64)]| {
            let (sum, count) = sum(pieces);
            sum.div_f64(count as f64)
        };
        Some((mean(self.pieces.get(..quarter)?), mean(self.pieces.get(self.pieces.len() - quarter..)?)))
    }
}

/// Pieces as one.
fn sum(pieces: &[(Duration, u64)]) -> (Duration, u64) {
    pieces.iter().fold((Duration::ZERO, 0), |(sum, all), (piece, count)| (sum + *piece, all + count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trend_is_bounded_and_sees_a_run_get_slower() {
        let mut trend = Trend::default();
        assert_eq!(trend.first_and_last(), None);
        (0..100_000).for_each(|n| trend.add(Duration::from_millis(n)));
        assert!(trend.pieces.len() <= Trend::PIECES + 1);
        let (first, last) = trend.first_and_last().unwrap();
        assert!(first < Duration::from_secs(20) && last > Duration::from_secs(80), "{first:?} {last:?}");
    }
}
