//! One delivery: attempts under the plan, the waits between them, and what is made of it all.

use std::pin::{Pin, pin};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::attempt::{Attempted, Deadline, until};
use super::client::Client;
use super::outgoing::Outgoing;
use super::plan::{Expectation, Rules, latency};
use super::result::{Attempt, Delivery, DeliveryOutcome, Response};
use crate::duration::millis;
use crate::policy::{AttemptOutcome, Latency, Step};
use crate::secret::Redactor;

/// Renders a script's `callback` over a status and a response, or says why it can't.
pub type Callback = Box<dyn Fn(u16, &Response) -> Result<String, String> + Send + Sync>;

/// Renders a script's request anew for that trigger (from 1), with what knows its secrets, or says why it can't.
pub type Renewal = Box<dyn Fn(u64) -> Result<(Outgoing, Redactor), String> + Send + Sync>;

/// A script ready to be fired any number of times.
pub struct Shot {
    /// The script's id.
    pub script: String,
    /// What is sent.
    pub request: Outgoing,
    /// Where each trigger sends a request of its own (it has the time or a random number in it): those after the first.
    pub renewal: Option<Renewal>,
    /// What the endpoint is held to.
    pub expect: Expectation,
    /// What a conversation script does with the response.
    pub callback: Option<Callback>,
    /// Takes the secrets out of whatever leaves the delivery.
    pub redactor: Redactor,
}

/// What happens during a delivery, for whoever shows it live.
#[derive(Debug, Clone, Copy)]
pub enum Moment<'a> {
    /// An attempt has ended.
    Attempted(&'a Attempt),
    /// A retry of `script` comes after this wait.
    Waiting {
        /// The script's id.
        script: &'a str,
        /// The number of the attempt to come.
        attempt: u32,
        /// From now.
        wait: Duration,
    },
    /// The wait is over.
    Resumed,
}

/// Ends a run early: `true` once it is to stop.
pub type Stop = watch::Receiver<bool>;

/// What cuts the waits of a worker short. Both serve all of its deliveries: to be told of a stop anew for each of them would
/// cost more than the rest of its bookkeeping.
pub(super) struct Ends<S> {
    /// The run is to stop: [`stopped`].
    pub stop: Pin<Box<S>>,
    /// An attempt's limit has passed.
    pub deadline: Deadline,
}

/// The wait for a stop; where nobody can say stop any more, it never ends.
pub(super) async fn stopped(mut stop: Stop) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        std::future::pending().await
    }
}

/// Fires a shot once. A stop cuts it off where it is. Retries send the same bytes again.
pub(super) async fn deliver(
    client: &Client,
    shot: &Shot,
    trigger: u64,
    rules: &Rules,
    ends: &mut Ends<impl Future<Output = ()>>,
    mut random: fastrand::Rng,
    watcher: &(dyn Fn(Moment<'_>) + Send + Sync),
) -> Delivery {
    let renewal = shot.renewal.as_ref().filter(|_| trigger > 1);
    let renewed = match renewal.map(|renew| renew(trigger)).transpose() {
        Ok(renewed) => renewed,
        Err(why) => return unsendable(shot, rules, why),
    };
    let (request, redactor) =
        renewed.as_ref().map_or((&shot.request, &shot.redactor), |(request, redactor)| (request, redactor));
    let started = Instant::now();
    // Most deliveries take one; a growing list would make room for four.
    let mut attempts: Vec<Attempt> = Vec::with_capacity(1);
    let mut last_response = None;
    let mut wait_before = Duration::ZERO;
    let mut sent = 0;
    let outcome = loop {
        let attempted = {
            let attempt = pin!(client.attempt(request, rules.limit(), rules.policy.redirects, &mut ends.deadline));
            until(ends.stop.as_mut(), attempt).await
        };
        let Some(attempted) = attempted else { break DeliveryOutcome::Interrupted };
        let Attempted { mut attempt, sent: was_sent } = attempted;
        attempt.number = attempts.len() as u32 + 1;
        attempt.wait_before_ms = millis(wait_before);
        rules.judge(&mut attempt);
        sent += was_sent;
        last_response = shot.callback.is_some().then(|| attempt.response.clone()).flatten();
        redact(&mut attempt, redactor);
        watcher(Moment::Attempted(&attempt));
        let now = started.elapsed();
        let step = rules.next(&attempt, now, random.f64());
        let number = attempt.number;
        attempts.push(attempt);
        match step {
            Step::Delivered => break DeliveryOutcome::Delivered,
            Step::Failed => break DeliveryOutcome::Failed,
            Step::RetryAt(at) => {
                wait_before = at.saturating_sub(now);
                watcher(Moment::Waiting { script: &shot.script, attempt: number + 1, wait: wait_before });
                let wait = pin!(tokio::time::sleep_until((started + at).into()));
                let waited = until(ends.stop.as_mut(), wait).await;
                watcher(Moment::Resumed);
                if waited.is_none() {
                    break DeliveryOutcome::Interrupted;
                }
            }
        }
    };
    let callback = last_response.and_then(|response| shot.call_back(&attempts, &response, redactor));
    let mut delivery = conclude(shot, rules, outcome, attempts);
    delivery.elapsed_ms = millis(started.elapsed());
    delivery.duplicate = sent > 1;
    delivery.callback = callback;
    delivery
}

/// A delivery that the trigger limit turned away.
pub(super) fn throttled(shot: &Shot, rules: &Rules) -> Delivery {
    conclude(shot, rules, DeliveryOutcome::Throttled, Vec::new())
}

/// A delivery whose request could not be rendered, though the first trigger's could.
fn unsendable(shot: &Shot, rules: &Rules, why: String) -> Delivery {
    let mut delivery = conclude(shot, rules, DeliveryOutcome::Failed, Vec::new());
    delivery.expect.failures = vec![format!("nothing was sent: {why}")];
    delivery
}

fn conclude(shot: &Shot, rules: &Rules, outcome: DeliveryOutcome, attempts: Vec<Attempt>) -> Delivery {
    let last = attempts.last();
    let seen = last.map_or(Latency::Nothing, latency);
    let mut fixed = rules.policy.fixed_verdict(seen);
    let mut legacy = rules.policy.legacy_verdict(seen, rules.load);
    if last.is_none() {
        // Nothing was tried, so there is nothing to judge.
        fixed.in_time = None;
        legacy.in_time = None;
    }
    Delivery {
        script: shot.script.clone(),
        trigger: 1,
        outcome,
        band: rules.policy.band(seen),
        latency_ms: last.and_then(|attempt| attempt.latency_ms),
        elapsed_ms: 0.0,
        fixed,
        legacy,
        expect: shot.expect.check(outcome, last),
        callback: None,
        duplicate: false,
        queued_ms: None,
        attempts,
    }
}

impl Shot {
    /// The callback over the response of a delivery that ended in one: a success, or any other status in time.
    fn call_back(&self, attempts: &[Attempt], response: &Response, redactor: &Redactor) -> Option<String> {
        let last = attempts.last()?;
        let answered = matches!(last.outcome, AttemptOutcome::Success | AttemptOutcome::HttpError);
        let callback = self.callback.as_ref().filter(|_| answered)?;
        let text = match callback(last.status?, response) {
            Ok(text) => text,
            Err(error) => format!("error: {error}"),
        };
        Some(redactor.redact(&text).into_owned())
    }
}

fn redact(attempt: &mut Attempt, redactor: &Redactor) {
    if redactor.is_empty() {
        return;
    }
    let clean = |text: &mut String| {
        if let std::borrow::Cow::Owned(redacted) = redactor.redact(text) {
            *text = redacted;
        }
    };
    attempt.error.iter_mut().for_each(clean);
    attempt.redirects.iter_mut().for_each(|redirect| clean(&mut redirect.url));
    let whole = attempt.latency_ms.is_some();
    if let Some(response) = &mut attempt.response {
        if whole && !response.truncated {
            clean(&mut response.body);
        } else {
            response.body = redactor.redact_beginning(&response.body).into_owned();
        }
        let redacted = |text| redactor.redact(text);
        let headers = response.headers.iter().map(|(name, value)| (redacted(name), redacted(value)));
        response.headers = headers.collect();
    }
}
