//! The platform's rules for a run: how long an attempt may take, and what comes after it.

use std::time::Duration;

use super::result::Attempt;
use crate::policy::{AttemptOutcome, Latency, LoadRate, Policy, Step, TimeoutRule};
use crate::text::duration::show;

/// The platform's rules for one run.
#[derive(Debug, Clone)]
pub struct RunRules {
    /// Every number.
    pub policy: Policy,
    /// By which of them an attempt's limit is set.
    pub regime: TimeoutRule,
    /// The platform's load.
    pub load: LoadRate,
    /// Seeds the jitter.
    pub seed: u64,
}

impl RunRules {
    /// The longest that an attempt may take.
    pub fn limit(&self) -> Duration {
        self.policy.limit_under(self.regime, self.load)
    }

    /// Judges an attempt that was given the longer of two limits by the one that is in force: the fixed one. An answer that
    /// came after it, whatever its status, is a timeout whose latency is known.
    pub(super) fn judge(&self, attempt: &mut Attempt) {
        let Some(took) = attempt.latency else { return };
        if self.regime == TimeoutRule::Both && took > self.policy.limit {
            attempt.outcome = AttemptOutcome::TimedOut;
            let late =
                format!("the response took {}, longer than the fixed limit of {}", show(took), show(self.policy.limit));
            attempt.error = Some(attempt.error.take().map_or(late.clone(), |error| format!("{error}; {late}")));
        }
    }

    /// What comes after an attempt. `now` counts from the delivery's start.
    ///
    /// An answer that came after the fixed limit, waited for under `both`, is final: production would send the request
    /// again, but its latency is what was asked for, and it is known.
    pub(super) fn next(&self, attempt: &Attempt, now: Duration, random: f64) -> Step {
        if attempt.outcome == AttemptOutcome::TimedOut && attempt.latency.is_some() {
            return Step::Failed;
        }
        match self.policy.next_step(attempt.number, attempt.outcome, attempt.status, self.load, now, random) {
            Step::RetryAt(at) => Step::RetryAt(at.max(now + self.asked_for(attempt))),
            step => step,
        }
    }

    /// The wait that the endpoint asks for, where that is obeyed.
    fn asked_for(&self, attempt: &Attempt) -> Duration {
        let retry = &self.policy.retry;
        let asked = attempt.retry_after.filter(|_| retry.obey_retry_after).unwrap_or_default();
        asked.min(retry.max_interval)
    }
}

/// How long an attempt took.
pub(super) fn latency(attempt: &Attempt) -> Latency {
    match (attempt.latency, attempt.outcome) {
        (Some(took), _) => Latency::Complete(took),
        (None, AttemptOutcome::TimedOut) => Latency::CutOff(attempt.limit),
        (None, _) if attempt.response.is_some() => Latency::Broken,
        (None, _) => Latency::Nothing,
    }
}
