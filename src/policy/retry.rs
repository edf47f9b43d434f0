//! The retry plan: how often, after how long, and after what.

use std::time::Duration;

use serde::Deserialize;

use super::{LoadRate, Policy, Retry};

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptOutcome {
    /// A 2xx in time.
    Success,
    /// Any other status, in time.
    HttpError,
    /// The limit passed before the last byte of the body.
    TimedOut,
    /// No connection: DNS, refused, reset before a request could be sent …
    ConnectError,
    /// The handshake or the certificate failed.
    TlsError,
    /// The peer did not speak HTTP, or dropped the connection within its response.
    ProtocolError,
    /// More redirects than `policy.redirects`.
    TooManyRedirects,
}

impl AttemptOutcome {
    /// As results spell it, such as `http_error`.
    pub fn name(self) -> &'static str {
        match self {
            AttemptOutcome::Success => "success",
            AttemptOutcome::HttpError => "http_error",
            AttemptOutcome::TimedOut => "timed_out",
            AttemptOutcome::ConnectError => "connect_error",
            AttemptOutcome::TlsError => "tls_error",
            AttemptOutcome::ProtocolError => "protocol_error",
            AttemptOutcome::TooManyRedirects => "too_many_redirects",
        }
    }
}

/// When a request goes out again within its attempt, because the server closed a kept connection before it answered, or says
/// that it did not process the request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Resend {
    /// Whatever its method, as browsers and curl do.
    #[default]
    Always,
    /// Where its method is idempotent (RFC 9110, 9.2.2), or where the server says so.
    Idempotent,
    /// Not at all.
    Never,
}

impl Resend {
    /// As hookctl.yaml has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Idempotent => "idempotent",
            Self::Never => "never",
        }
    }
}

/// What comes after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It was a success: the delivery is done.
    Delivered,
    /// Nothing will be tried again: the delivery has failed.
    Failed,
    /// The next attempt starts at this moment (on the clock of `now`).
    RetryAt(Duration),
}

impl Policy {
    /// The next step of a delivery after its attempt number `attempt` (from 1) ended at `now`.
    ///
    /// All of a delivery's state is in the arguments, so real and virtual time run the same code. `now` counts from any
    /// fixed moment; `random` is in 0..1 and only matters where jitter is configured; the load is the one of this moment.
    pub fn next_step(
        &self,
        attempt: u32,
        outcome: AttemptOutcome,
        status: Option<u16>,
        load: LoadRate,
        now: Duration,
        random: f64,
    ) -> Step {
        if outcome == AttemptOutcome::Success {
            return Step::Delivered;
        }
        if attempt > self.retry.count(load) || !self.retry.retried(outcome, status) {
            return Step::Failed;
        }
        Step::RetryAt(now.saturating_add(self.retry.wait(attempt, load, random)))
    }
}

impl Retry {
    /// How many retries a delivery has at a load: `round(max − (max − min) × load)`, ties away from zero (assumed; published
    /// only that the load decides).
    pub fn count(&self, load: LoadRate) -> u32 {
        let (min, max) = (f64::from(self.min), f64::from(self.max));
        // `f64::round` takes ties away from zero; the cast saturates, and both ends are within u32.
        (max - (max - min) * load.get()).round() as u32
    }

    /// The wait before retry `number` (from 1): `min(max_interval, interval × multiplier^(number−1)) × (1 + load)`, varied by
    /// ± jitter as `random` (0..1) has it (assumed; published only that the load decides).
    pub fn wait(&self, number: u32, load: LoadRate, random: f64) -> Duration {
        let longest = self.max_interval.as_secs_f64();
        let exponent = i32::try_from(number.saturating_sub(1)).unwrap_or(i32::MAX);
        let grown = self.interval.as_secs_f64() * self.multiplier.powi(exponent);
        // A zero interval times an infinite power is NaN; `min` then gives the other operand, so zero is kept apart.
        let wait = if self.interval.is_zero() { 0.0 } else { grown.min(longest) };
        let varied = wait * (1.0 + load.get()) * (1.0 + self.jitter * (2.0 * random - 1.0));
        Duration::try_from_secs_f64(varied.max(0.0)).unwrap_or(Duration::MAX)
    }

    /// The waits of all retries at a load, without jitter (assumed). At most 1000 of them are listed.
    pub fn waits(&self, load: LoadRate) -> Vec<Duration> {
        // A `random` in the middle varies nothing.
        (1..=self.count(load).min(1000)).map(|number| self.wait(number, load, 0.5)).collect()
    }

    /// Whether an attempt that ended so is tried again: timeouts, connection failures and the statuses 408, 429 and 5xx are;
    /// every other status is not (assumed). A failed handshake and a broken response are connection failures; a redirect
    /// too many is a 3xx.
    pub fn retried(&self, outcome: AttemptOutcome, status: Option<u16>) -> bool {
        use AttemptOutcome::{ConnectError, HttpError, ProtocolError, Success, TimedOut, TlsError, TooManyRedirects};
        match outcome {
            TimedOut | ConnectError | TlsError | ProtocolError => true,
            HttpError => status.is_some_and(|status| self.statuses.iter().any(|pattern| pattern.covers(status))),
            Success | TooManyRedirects => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(rate: f64) -> LoadRate {
        LoadRate::new(rate).expect("a load rate")
    }

    fn retry() -> Retry {
        Policy::default().retry
    }

    #[test]
    fn retries_fall_with_the_load_and_ties_go_away_from_zero() {
        for (rate, count) in
            [(0.0, 3), (0.1, 3), (0.2, 2), (0.5, 2), (0.8, 1), (0.83, 1), (0.84, 0), (0.9, 0), (0.9375, 0), (1.0, 0)]
        {
            assert_eq!(retry().count(load(rate)), count, "at load {rate}");
        }
        // 2.5 becomes 3: away from zero, not to the even 2.
        let tie = Retry { min: 0, max: 5, ..retry() };
        assert_eq!(tie.count(load(0.5)), 3);
        let all = Retry { min: u32::MAX, max: u32::MAX, ..retry() };
        assert_eq!(all.count(load(0.3)), u32::MAX);
    }

    #[test]
    fn waits_double_up_to_the_longest_and_grow_with_the_load() {
        for (number, rate, seconds) in [
            (1, 0.0, 2.0),
            (2, 0.0, 4.0),
            (3, 0.0, 8.0),
            (5, 0.0, 32.0),
            (6, 0.0, 60.0),
            (7, 0.0, 60.0),
            (u32::MAX, 0.0, 60.0),
            (1, 0.5, 3.0),
            (2, 0.5, 6.0),
            (1, 1.0, 4.0),
            (6, 1.0, 120.0),
        ] {
            assert_eq!(retry().wait(number, load(rate), 0.5), Duration::from_secs_f64(seconds), "{number} at {rate}");
        }
        let none = Retry { interval: Duration::ZERO, ..retry() };
        assert_eq!(none.wait(u32::MAX, load(1.0), 0.5), Duration::ZERO);
    }

    #[test]
    fn jitter_varies_a_wait_by_its_share() {
        let retry = Retry { jitter: 0.25, ..retry() };
        for (random, seconds) in [(0.0, 1.5), (0.5, 2.0), (1.0, 2.5)] {
            assert_eq!(retry.wait(1, LoadRate::IDLE, random), Duration::from_secs_f64(seconds));
        }
        assert_eq!(retry.waits(load(0.5)), [Duration::from_secs(3), Duration::from_secs(6)], "a plan shows no jitter");
    }

    #[test]
    fn only_what_may_pass_next_time_is_retried() {
        use AttemptOutcome::{ConnectError, HttpError, ProtocolError, Success, TimedOut, TlsError, TooManyRedirects};
        for (outcome, status, retried) in [
            (Success, Some(200), false),
            (TimedOut, None, true),
            (TimedOut, Some(200), true),
            (ConnectError, None, true),
            (TlsError, None, true),
            (ProtocolError, Some(200), true),
            (TooManyRedirects, Some(302), false),
            (HttpError, Some(302), false),
            (HttpError, Some(400), false),
            (HttpError, Some(404), false),
            (HttpError, Some(408), true),
            (HttpError, Some(429), true),
            (HttpError, Some(500), true),
            (HttpError, Some(599), true),
            (HttpError, None, false),
        ] {
            assert_eq!(retry().retried(outcome, status), retried, "{outcome:?} {status:?}");
        }
    }

    #[test]
    fn a_delivery_goes_on_until_it_passes_or_the_plan_ends() {
        let policy = Policy::default();
        let after = |attempt, outcome, status, rate| {
            policy.next_step(attempt, outcome, status, load(rate), Duration::from_secs(100), 0.5)
        };
        use AttemptOutcome::{HttpError, Success, TimedOut};
        for (attempt, outcome, status, rate, step) in [
            (1, Success, Some(204), 0.0, Step::Delivered),
            (1, TimedOut, None, 0.0, Step::RetryAt(Duration::from_secs(102))),
            (3, TimedOut, None, 0.0, Step::RetryAt(Duration::from_secs(108))),
            (4, TimedOut, None, 0.0, Step::Failed),
            (4, Success, Some(200), 0.0, Step::Delivered),
            (2, HttpError, Some(503), 0.5, Step::RetryAt(Duration::from_secs(106))),
            (3, HttpError, Some(503), 0.5, Step::Failed),
            (1, HttpError, Some(404), 0.0, Step::Failed),
            (1, TimedOut, None, 1.0, Step::Failed),
        ] {
            assert_eq!(after(attempt, outcome, status, rate), step, "attempt {attempt}, {outcome:?}, load {rate}");
        }
    }

    proptest::proptest! {
        #[test]
        fn count_stays_within_its_ends_and_never_rises(a in 0.0..=1.0f64, b in 0.0..=1.0f64, min in 0u32..20, more in 0u32..20) {
            let retry = Retry { min, max: min + more, ..retry() };
            let (low, high) = (retry.count(load(a.min(b))), retry.count(load(a.max(b))));
            proptest::prop_assert!(low >= high && (min..=min + more).contains(&low));
        }

        #[test]
        fn no_wait_is_longer_than_the_longest_allows(number in 0u32.., rate in 0.0..=1.0f64, random in 0.0..1.0f64, jitter in 0.0..=1.0f64) {
            let retry = Retry { jitter, ..retry() };
            let longest = retry.max_interval.mul_f64((1.0 + rate) * (1.0 + jitter) + 1e-9);
            proptest::prop_assert!(retry.wait(number, load(rate), random) <= longest);
        }
    }
}
