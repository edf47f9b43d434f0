//! One delivery: attempts under the plan, the waits between them, and the result.

use std::pin::{Pin, pin};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::watch;

use crate::delivery::attempt::{Attempted, BODY_READ, Deadline, until};
use crate::delivery::client::Client;
use crate::delivery::expect::{Expectation, Received};
use crate::delivery::outgoing::Outgoing;
use crate::delivery::plan::{RunRules, latency};
use crate::delivery::result::{Attempt, Delivery, DeliveryOutcome, ExpectResult, Response};
use crate::policy::{Latency, Step};
use crate::secret::Redactor;
use crate::text::quantity;

/// Renders a script's `callback` over a status, a response and as much of its body as is read, or says why it can't.
pub type Callback = Box<dyn Fn(u16, &Response, &str) -> Result<String, String> + Send + Sync>;

/// Renders a script's request again for that trigger (from 1), with what knows its secrets, or says why it can't.
pub type Rerender = Box<dyn Fn(u64) -> Result<(Outgoing, Redactor), String> + Send + Sync>;

/// A script ready to be fired any number of times.
pub struct PreparedScript {
    /// The script's id.
    pub id: String,
    /// What is sent.
    pub request: Outgoing,
    /// Where each trigger sends a request of its own (it has the time or a random number in it): those after the first.
    pub rerender: Option<Rerender>,
    /// What is expected of the endpoint.
    pub expect: Expectation,
    /// What a conversation script does with the response.
    pub callback: Option<Callback>,
    /// Redacts the secrets in everything that leaves the delivery.
    pub redactor: Redactor,
}

/// What triggers a delivery.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trigger {
    /// Of this script in this run, from 1.
    pub number: u64,
    /// From the moment at which it was due to its start; none where the run has no rate.
    pub queued: Option<Duration>,
}

/// What happens during a delivery, for whoever shows it live.
#[derive(Debug, Clone, Copy)]
pub enum DeliveryEvent<'a> {
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

/// Cancels a run early: `true` once it should stop.
pub type Stop = watch::Receiver<bool>;

/// What cuts the waits of a worker short. Shared by all of its deliveries: subscribing to the stop signal for each of them
/// would cost more than the rest of the bookkeeping.
pub(super) struct Cancellation<S> {
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

/// Fires a script once. A stop cuts it off where it is. Retries send the same bytes again.
pub(super) async fn deliver(
    client: &Client,
    script: &PreparedScript,
    trigger: Trigger,
    rules: &RunRules,
    ends: &mut Cancellation<impl Future<Output = ()>>,
    mut random: fastrand::Rng,
    watcher: &(dyn Fn(DeliveryEvent<'_>) + Send + Sync),
) -> Delivery {
    let rerender = script.rerender.as_ref().filter(|_| trigger.number > 1);
    let rerendered = match rerender.map(|rerender| rerender(trigger.number)).transpose() {
        Ok(rerendered) => rerendered,
        Err(why) => return unsendable(script, trigger, rules, why),
    };
    let (request, redactor) =
        rerendered.as_ref().map_or((&script.request, &script.redactor), |(request, redactor)| (request, redactor));
    let (started, started_at) = (Instant::now(), Timestamp::now());
    // Most deliveries take one; a growing list would make room for four.
    let mut attempts: Vec<Attempt> = Vec::with_capacity(1);
    let mut last_whole = None;
    let mut wait_before = Duration::ZERO;
    let mut sent = 0;
    let outcome = loop {
        let attempted = {
            let attempt = pin!(client.attempt(request, rules.limit(), rules.policy.redirects, &mut ends.deadline));
            until(ends.stop.as_mut(), attempt).await
        };
        let Some(attempted) = attempted else { break DeliveryOutcome::Interrupted };
        let Attempted { mut attempt, sent: was_sent, long_body } = attempted;
        attempt.number = attempts.len() as u32 + 1;
        attempt.wait_before = wait_before;
        rules.judge(&mut attempt);
        sent += was_sent;
        last_whole = script.reads_response().then(|| (attempt.clone(), long_body));
        redact(&mut attempt, redactor);
        watcher(DeliveryEvent::Attempted(&attempt));
        let now = started.elapsed();
        let step = rules.next(&attempt, now, random.f64());
        let number = attempt.number;
        attempts.push(attempt);
        match step {
            Step::Delivered => break DeliveryOutcome::Delivered,
            Step::Failed => break DeliveryOutcome::Failed,
            Step::RetryAt(at) => {
                wait_before = at.saturating_sub(now);
                watcher(DeliveryEvent::Waiting { script: &script.id, attempt: number + 1, wait: wait_before });
                let wait = pin!(tokio::time::sleep_until((started + at).into()));
                let waited = until(ends.stop.as_mut(), wait).await;
                watcher(DeliveryEvent::Resumed);
                if waited.is_none() {
                    break DeliveryOutcome::Interrupted;
                }
            }
        }
    };
    let elapsed = started.elapsed();
    let received = last_whole.as_ref().and_then(|(attempt, body)| Received::of(attempt, body.as_deref(), BODY_READ));
    let expect = script.expect.check(outcome, attempts.last(), received.as_ref(), redactor);
    let called_back = received.as_ref().and_then(|received| script.call_back(&attempts, received, redactor));
    let (callback, callback_error) = match called_back {
        Some(Ok(text)) => (Some(text), None),
        Some(Err(error)) => (None, Some(error)),
        None => (None, None),
    };
    Delivery {
        elapsed,
        duplicate: sent > 1,
        callback,
        callback_error,
        started_at,
        body_read_up_to: received.filter(|_| script.reads_body()).and_then(|received| received.read_up_to),
        ..conclude(
            script,
            trigger,
            rules,
            outcome,
            attempts,
            expect,
            redactor.redact(request.url().as_str()).into_owned(),
        )
    }
}

/// A delivery that the trigger limit turned away.
pub(super) fn throttled(script: &PreparedScript, trigger: Trigger, rules: &RunRules) -> Delivery {
    let outcome = DeliveryOutcome::Throttled;
    let expect = script.expect.check(outcome, None, None, &script.redactor);
    conclude(script, trigger, rules, outcome, Vec::new(), expect, script.display_url())
}

/// A delivery whose request could not be rendered, though the first trigger's could.
fn unsendable(script: &PreparedScript, trigger: Trigger, rules: &RunRules, why: String) -> Delivery {
    let expect = ExpectResult { passed: false, failures: vec![format!("nothing was sent: {why}")] };
    conclude(script, trigger, rules, DeliveryOutcome::Failed, Vec::new(), expect, script.display_url())
}

fn conclude(
    script: &PreparedScript,
    trigger: Trigger,
    rules: &RunRules,
    outcome: DeliveryOutcome,
    attempts: Vec<Attempt>,
    expect: ExpectResult,
    url: String,
) -> Delivery {
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
        script: script.id.clone(),
        trigger: trigger.number,
        outcome,
        band: rules.policy.band(seen),
        latency: last.and_then(|attempt| attempt.latency),
        elapsed: Duration::ZERO,
        fixed,
        legacy,
        expect,
        callback: None,
        callback_error: None,
        method: script.request.method().to_owned(),
        url,
        started_at: Timestamp::now(),
        duplicate: false,
        queued: trigger.queued,
        body_read_up_to: None,
        attempts,
    }
}

impl PreparedScript {
    /// The URL of the first trigger's request, secrets redacted.
    fn display_url(&self) -> String {
        self.redactor.redact(self.request.url().as_str()).into_owned()
    }

    /// Its callback or its expectations look into the response.
    fn reads_response(&self) -> bool {
        self.callback.is_some() || self.expect.reads_response()
    }

    fn reads_body(&self) -> bool {
        self.callback.is_some() || self.expect.body.is_some()
    }

    /// The callback over the response of a delivery that ended in one: a success, or any other status in time.
    fn call_back(
        &self,
        attempts: &[Attempt],
        received: &Received<'_>,
        redactor: &Redactor,
    ) -> Option<Result<String, String>> {
        let callback = self.callback.as_ref()?;
        let rendered = callback(attempts.last()?.status?, received.response, received.body);
        Some(match (rendered, received.read_up_to) {
            (Ok(text), _) => Ok(redactor.redact(&text).into_owned()),
            (Err(error), None) => Err(redactor.redact_message(&error).into_owned()),
            (Err(error), Some(read)) => {
                let (read, all) = (quantity::thousands(read), quantity::thousands(received.response.bytes));
                let error = redactor.redact_message(&error);
                Err(format!("{error} (a callback reads only the first {read} of {all} bytes of the body)"))
            }
        })
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
    let whole = attempt.latency.is_some();
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
