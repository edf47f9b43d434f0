//! A delivery on the page: its line in the list, and what opening it shows.

use std::time::Duration;

use serde::Serialize;

use super::tone::{class, unless_failed};
use crate::delivery::{Attempt, AttemptOutcome, Band, Criterion, Delivery, DeliveryOutcome, Run};
use crate::report::fire::phrases;
use crate::report::printable;
use crate::text::duration::{measured, millis};
use crate::text::quantity;

/// The most characters of a body on the page, which may have hundreds of deliveries.
const BODY: usize = 4_096;

/// A delivery.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Row {
    /// Its place among those that ended, from 1.
    pub place: u64,
    pub script: String,
    /// Its request's place on the page.
    pub request: Option<usize>,
    pub trigger: u64,
    pub outcome: &'static str,
    /// `good`, `warning` or `bad`.
    pub class: &'static str,
    pub failed: bool,
    /// The run fails for it, whether or not it failed itself.
    pub fails_run: bool,
    pub retried: bool,
    pub late: bool,
    /// Failed, as its script expects.
    pub expected: bool,
    pub callback_failed: bool,
    /// How the last attempt ended.
    answer: String,
    latency: String,
    /// What the list is sorted by, ms: one that was cut off is after all others, one without an answer before.
    sort_ms: String,
    attempts: usize,
    band: &'static str,
    band_class: &'static str,
    /// Why it failed or the run fails for it, or that its callback failed; empty where all is well.
    pub reason: String,
    /// None: left out of a page that has many.
    pub details: Option<Details>,
}

/// What opening a delivery shows.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Details {
    fixed: Verdict,
    legacy: Verdict,
    passed_then: bool,
    duplicate: bool,
    queued: String,
    elapsed: String,
    expect: Vec<String>,
    expected_failure: &'static str,
    callback: Option<String>,
    callback_error: String,
    /// How much of the body the callback was rendered over; empty where that was all of it.
    read_up_to: String,
    /// Method and URL, where they are not those of the script's request as the page has it.
    target: String,
    /// The script's request is another trigger's.
    renewed: bool,
    attempts: Vec<AttemptRow>,
}

#[derive(Debug, Clone, Serialize)]
struct Verdict {
    words: String,
    class: &'static str,
}

/// A request or a response.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Message {
    pub first_line: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
    /// Says how much of the body is left out.
    pub note: String,
}

#[derive(Debug, Clone, Serialize)]
struct AttemptRow {
    number: u32,
    outcome: String,
    class: &'static str,
    latency: String,
    wait_before: String,
    retry_after: String,
    remote: String,
    proxy: String,
    /// That the request went out again within the attempt, and why.
    resent: Vec<String>,
    not_decoded: String,
    error: String,
    redirects: Vec<String>,
    phases: Vec<Phase>,
    response: Option<Message>,
}

#[derive(Debug, Clone, Serialize)]
struct Phase {
    name: &'static str,
    time: String,
    /// Start and width in percent of the phases' sum.
    start: String,
    width: String,
}

/// In time only at some loads, or not at all.
pub(super) fn is_late(delivery: &Delivery) -> bool {
    matches!(delivery.band, Some(Band::AtRisk | Band::TimedOut))
}

impl Row {
    /// A delivery's line, without details.
    pub(super) fn new(place: u64, run: &Run, delivery: &Delivery) -> Self {
        let last = delivery.attempts.last();
        let (late, retried, failed) = (is_late(delivery), delivery.attempts.len() > 1, delivery.is_failure());
        let (criterion, expected) = (run.fail_on.covers(delivery), delivery.failed_as_expected());
        Self {
            place,
            script: delivery.script.clone(),
            request: run.requests.iter().position(|request| request.script == delivery.script),
            trigger: delivery.trigger,
            outcome: phrases::outcome(delivery),
            class: match delivery.outcome {
                _ if failed || criterion.is_some() => "bad",
                DeliveryOutcome::Delivered if !late && !retried => "good",
                _ => "warning",
            },
            failed,
            fails_run: criterion.is_some(),
            retried,
            late,
            expected,
            callback_failed: delivery.callback_error.is_some(),
            answer: last.map(phrases::attempt_outcome).unwrap_or_default(),
            latency: last.map(phrases::latency).unwrap_or_default(),
            sort_ms: match (delivery.latency, delivery.cut_off_at()) {
                (Some(latency), _) => format!("{:.3}", millis(latency)),
                (None, Some(_)) => "1e12".to_owned(),
                (None, None) => "-1".to_owned(),
            },
            attempts: delivery.attempts.len(),
            band: delivery.band.map(phrases::band).unwrap_or_default(),
            band_class: match delivery.band {
                Some(Band::AtRisk) => "warning",
                Some(Band::TimedOut) => "bad",
                // Being in time is not good news if the answer was wrong.
                Some(Band::Safe) | None => "",
            },
            reason: reason(run, criterion, delivery),
            details: None,
        }
    }

    /// The same with what opening it shows.
    pub(super) fn with_details(self, run: &Run, delivery: &Delivery) -> Self {
        Self { details: Some(Details::new(run, delivery)), ..self }
    }
}

/// Why it failed, or by which criterion the run fails for it; else that its callback failed.
fn reason(run: &Run, criterion: Option<&Criterion>, delivery: &Delivery) -> String {
    let text = match criterion {
        _ if delivery.is_failure() => {
            let error = delivery.attempts.last().and_then(|last| last.error.as_deref());
            let reasons = error.into_iter().chain(delivery.expect.failures.iter().map(String::as_str));
            reasons.collect::<Vec<_>>().join("; ")
        }
        Some(criterion) => phrases::failure(criterion, delivery, &run.policy),
        None => phrases::callback_error(delivery).unwrap_or_default(),
    };
    printable::line(&text).into_owned()
}

/// Method and URL of a delivery, where its script's request has others.
fn target(run: &Run, delivery: &Delivery) -> String {
    match run.request(&delivery.script) {
        Some(request) if (&request.method, &request.url) == (&delivery.method, &delivery.url) => String::new(),
        _ => printable::line(&format!("{} {}", delivery.method, delivery.url)).into_owned(),
    }
}

impl Details {
    fn new(run: &Run, delivery: &Delivery) -> Self {
        let failed = delivery.is_failure();
        let verdict =
            |(words, in_time): (String, Option<bool>)| Verdict { words, class: unless_failed(class(in_time), failed) };
        let expect = delivery.expect.failures.iter();
        Self {
            fixed: verdict(phrases::fixed(delivery)),
            legacy: verdict(phrases::legacy(delivery, &run.policy)),
            passed_then: delivery.legacy.in_time == Some(true) && delivery.fixed.in_time == Some(false),
            duplicate: delivery.duplicate,
            queued: delivery.queued.map(measured).unwrap_or_default(),
            elapsed: measured(delivery.elapsed),
            expect: expect.map(|text| line(phrases::expectation(text))).collect(),
            expected_failure: if delivery.failed_as_expected() { phrases::EXPECTED_FAILURE } else { "" },
            callback: delivery.callback.as_deref().map(|text| printable::block(text).into_owned()),
            callback_error: delivery.callback_error.as_deref().map(line).unwrap_or_default(),
            read_up_to: phrases::read_up_to(delivery).unwrap_or_default(),
            target: target(run, delivery),
            renewed: delivery.trigger > 1 && run.request(&delivery.script).is_some_and(|request| request.varies),
            attempts: delivery.attempts.iter().map(attempt).collect(),
        }
    }
}

/// A line of text that is safe to show.
fn line(text: &str) -> String {
    printable::line(text).into_owned()
}

fn attempt(attempt: &Attempt) -> AttemptRow {
    let mut remote: Vec<&str> = attempt.remote.as_deref().into_iter().collect();
    remote.extend(attempt.http_version);
    let not_decoded = attempt.response.as_ref().and_then(|response| response.not_decoded.as_deref());
    AttemptRow {
        number: attempt.number,
        outcome: phrases::attempt_outcome(attempt),
        class: if attempt.outcome == AttemptOutcome::Success { "good" } else { "bad" },
        latency: phrases::latency(attempt),
        wait_before: if !attempt.wait_before.is_zero() { measured(attempt.wait_before) } else { String::new() },
        retry_after: attempt.retry_after.map(measured).unwrap_or_default(),
        remote: remote.join(", "),
        proxy: attempt.proxy.as_ref().map(phrases::proxy).unwrap_or_default(),
        resent: attempt.resent.iter().map(|why| phrases::resent(why)).collect(),
        not_decoded: not_decoded.map(phrases::not_decoded).unwrap_or_default(),
        error: attempt.error.as_deref().map(line).unwrap_or_default(),
        redirects: attempt
            .redirects
            .iter()
            .map(|r| {
                let note = if r.credentials_dropped { " (another host, sent without credentials)" } else { "" };
                format!("{} {} {}{note}", r.status, r.method, printable::line(&r.url))
            })
            .collect(),
        phases: phases(attempt),
        response: attempt.response.as_ref().map(|response| {
            let (body, note) = body(&response.body, response.bytes, response.truncated);
            let status = attempt.status.map(|status| status.to_string()).unwrap_or_default();
            let version = attempt.http_version.unwrap_or("HTTP");
            Message { first_line: format!("{version} {status}"), headers: headers(response.headers.iter()), body, note }
        }),
    }
}

fn phases(attempt: &Attempt) -> Vec<Phase> {
    let all = phrases::phases(attempt);
    let sum: Duration = all.iter().map(|(_, time, _)| time).sum();
    let mut start = Duration::ZERO;
    let percent = |time: Duration| if sum.is_zero() { 0.0 } else { time.div_duration_f64(sum) * 100.0 };
    all.into_iter()
        .map(|(name, took, time)| {
            let phase =
                Phase { name, time, start: format!("{:.2}", percent(start)), width: format!("{:.2}", percent(took)) };
            start += took;
            phase
        })
        .collect()
}

/// Headers as they are shown.
pub(super) fn headers<'a>(all: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<(String, String)> {
    all.map(|(name, value)| (printable::line(name).into_owned(), printable::line(value).into_owned())).collect()
}

/// The part of a body that is shown, and a note about the rest. `bytes`: the full length, if the body is `truncated`.
pub(super) fn body(text: &str, bytes: u64, truncated: bool) -> (String, String) {
    let shown: String = text.chars().take(BODY).collect();
    let cut = truncated || shown.len() < text.len();
    let note = match (cut, bytes) {
        (true, 0) => "Only the beginning is shown.".to_owned(),
        (true, bytes) => format!("Only the beginning of {} is shown.", quantity::count(bytes, "byte")),
        (false, _) => String::new(),
    };
    (printable::block(&shown).into_owned(), note)
}
