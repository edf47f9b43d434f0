//! What the page shows, as text that is ready for its template. The template escapes every piece of it.

use serde::Serialize;

use super::plot::Plot;
use crate::delivery::{
    Attempt, AttemptOutcome, Band, Change, Compared, Comparison, Delivery, DeliveryOutcome, Endpoint, Latencies, Rank,
    Run, RunPolicy, Summary, Tally,
};
use crate::duration::measured;
use crate::quantity;
use crate::report::fire::words;
use crate::report::printable;

/// Of each body, at most so many characters are on the page: hundreds of deliveries are.
const BODY: usize = 4_096;

/// The page.
#[derive(Debug, Serialize)]
pub struct Page {
    title: String,
    generated: String,
    policy: String,
    assumed: String,
    verdicts: Vec<Sentence>,
    tiles: Vec<Tile>,
    /// The set under each limit: its name, and what is said of it. None of a single delivery.
    in_time: Vec<(&'static str, Sentence)>,
    percentiles: Vec<Tile>,
    from_intended_start: Vec<Tile>,
    plot: Option<Plot>,
    practices: Vec<Practice>,
    scripts: Vec<Script>,
    comparison: Option<ComparisonTable>,
    deliveries: Vec<Row>,
    /// Says how many are not on the page; empty where all are.
    left_out: String,
}

#[derive(Debug, Serialize)]
struct Sentence {
    text: String,
    class: &'static str,
}

#[derive(Debug, Serialize)]
struct Tile {
    label: &'static str,
    value: String,
    class: &'static str,
}

#[derive(Debug, Serialize)]
struct Practice {
    practice: &'static str,
    scripts: Vec<(String, String)>,
}

#[derive(Debug, Serialize)]
struct ComparisonTable {
    with: String,
    differences: Vec<String>,
    verdict: Sentence,
    scripts: Vec<(String, Sentence)>,
}

#[derive(Debug, Serialize)]
struct Script {
    script: String,
    name: String,
    target: String,
    sent: String,
    failed: String,
    unexpected: String,
    on_retry: String,
    throttled: String,
    figures: Vec<String>,
}

/// A delivery.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    script: String,
    trigger: u64,
    outcome: &'static str,
    /// `good`, `warning` or `bad`.
    class: &'static str,
    failed: bool,
    retried: bool,
    late: bool,
    status: String,
    latency: String,
    attempts_number: usize,
    band: &'static str,
    band_class: &'static str,
    fixed: Verdict,
    legacy: Verdict,
    passed_then: bool,
    duplicate: bool,
    queued: String,
    elapsed: String,
    expect: Vec<String>,
    callback: Option<String>,
    callback_error: Option<String>,
    request: Option<Message>,
    attempts: Vec<AttemptRow>,
}

#[derive(Debug, Clone, Serialize)]
struct Verdict {
    short: &'static str,
    words: String,
    class: &'static str,
}

/// A request or a response.
#[derive(Debug, Clone, Serialize)]
struct Message {
    first_line: String,
    headers: Vec<(String, String)>,
    body: String,
    note: String,
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

impl Page {
    /// The page of a run; `deliveries` are those of them that it shows.
    pub fn new(run: &Run, tally: &Tally, deliveries: Vec<Row>, generated: String) -> Self {
        let summary = tally.summary(&run.fail_on);
        let policy = &run.policy;
        let left_out = summary.deliveries.saturating_sub(deliveries.len() as u64);
        let measured_any = tally.latencies().at(1.0) != Rank::Empty;
        let failures = words::failures(&summary).map(|text| (text, Some(false)));
        let verdicts = failures.into_iter().chain(words::run(run, &summary));
        Self {
            title: quantity::count(summary.deliveries, "delivery"),
            generated,
            policy: words::policy(policy),
            assumed: words::keys(&policy.assumed),
            verdicts: verdicts.map(|(text, good)| Sentence { text, class: class(good) }).collect(),
            tiles: tiles(&summary),
            in_time: in_time(&summary, policy),
            percentiles: percentiles(tally.latencies()),
            from_intended_start: tally.latencies_from_intended_start().map(percentiles).unwrap_or_default(),
            plot: measured_any.then(|| Plot::new(policy, tally.latencies())),
            practices: practices(run, tally),
            scripts: scripts(run, tally),
            comparison: tally.comparison(run).map(comparison),
            left_out: match left_out {
                0 => String::new(),
                more => format!(
                    "{} of {} deliveries are shown, those that failed, came late or needed a retry before others; {} are left out. \
                     --format jsonl has each of them.",
                    quantity::thousands(deliveries.len() as u64),
                    quantity::thousands(summary.deliveries),
                    quantity::thousands(more)
                ),
            },
            deliveries,
        }
    }
}

fn tiles(summary: &Summary) -> Vec<Tile> {
    let tile = |label, number: u64, class| Tile { label, value: quantity::thousands(number), class };
    let mut tiles = vec![tile("delivered", summary.delivered_as_expected(), "good")];
    let failed = summary.failed_unexpectedly();
    tiles.push(tile("failed", failed, if failed > 0 { "bad" } else { "" }));
    for (label, number, class) in [
        ("failed, as expected", summary.failed_as_expected, "warning"),
        ("callback failed", summary.callback_failed, "bad"),
        ("not as expected", summary.expect_failed, "bad"),
        ("only on a retry", summary.delivered_on_retry, "warning"),
        ("sent more than once", summary.duplicates, "warning"),
        ("throttled", summary.throttled, "warning"),
        ("interrupted", summary.interrupted, "warning"),
    ] {
        if number > 0 {
            tiles.push(tile(label, number, class));
        }
    }
    tiles.extend([
        tile("safe", summary.bands.safe, "safe"),
        tile("at risk", summary.bands.at_risk, "at-risk"),
        tile("timed out", summary.bands.timed_out, "timed-out"),
        tile("attempts", summary.attempts, ""),
        tile("retries", summary.retries, ""),
    ]);
    tiles
}

fn in_time(summary: &Summary, policy: &RunPolicy) -> Vec<(&'static str, Sentence)> {
    if summary.verdicts.sent < 2 {
        return Vec::new();
    }
    let sentences = words::verdicts(summary, policy);
    sentences.map(|(limit, text, good)| (limit, Sentence { text, class: class(good) })).into()
}

fn percentiles(latencies: &Latencies) -> Vec<Tile> {
    [("min", 0.0), ("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99), ("p99.9", 0.999), ("max", 1.0)]
        .map(|(label, quantile)| Tile { label, value: words::rank(latencies.at(quantile)), class: "" })
        .into()
}

fn practices(run: &Run, tally: &Tally) -> Vec<Practice> {
    let mut practices: Vec<Practice> = Vec::new();
    for advice in tally.advice(run) {
        let entry = (advice.script, advice.measured);
        match practices.iter_mut().find(|practice| practice.practice == advice.practice) {
            Some(practice) => practice.scripts.push(entry),
            None => practices.push(Practice { practice: advice.practice, scripts: vec![entry] }),
        }
    }
    practices
}

fn comparison(found: Comparison) -> ComparisonTable {
    let (text, good) = words::comparison(&found);
    let row = |script: &Compared| {
        let good = match script.change {
            _ if script.regression => Some(false),
            Change::Faster | Change::FailsLess | Change::RetriedLess => Some(true),
            _ => None,
        };
        let class = if good.is_some() { class(good) } else { "muted" };
        (script.script.clone(), Sentence { text: words::compared(script), class })
    };
    ComparisonTable {
        scripts: found.scripts.iter().map(row).collect(),
        verdict: Sentence { text, class: class(good) },
        with: found.with,
        differences: found.differences,
    }
}

fn scripts(run: &Run, tally: &Tally) -> Vec<Script> {
    let row = |(script, endpoint): (&str, &Endpoint)| {
        let request = run.request(script);
        Script {
            script: script.to_owned(),
            name: request.map(|request| printable::line(&request.name).into_owned()).unwrap_or_default(),
            target: request.map(|r| format!("{} {}", r.method, printable::line(&r.url))).unwrap_or_default(),
            sent: quantity::thousands(endpoint.deliveries),
            failed: quantity::thousands(endpoint.failed),
            unexpected: quantity::thousands(endpoint.unexpected),
            on_retry: quantity::thousands(endpoint.on_retry),
            throttled: quantity::thousands(endpoint.throttled),
            figures: [0.5, 0.9, 0.99, 1.0].map(|quantile| words::rank(endpoint.latencies.at(quantile))).into(),
        }
    };
    tally.endpoints().map(row).collect()
}

impl Row {
    /// A delivery's row.
    pub fn new(run: &Run, delivery: &Delivery) -> Self {
        let last = delivery.attempts.last();
        let late = matches!(delivery.band, Some(Band::AtRisk | Band::TimedOut));
        let retried = delivery.attempts.len() > 1;
        let failed = delivery.is_failure();
        Self {
            script: delivery.script.clone(),
            trigger: delivery.trigger,
            outcome: words::outcome(delivery),
            class: match delivery.outcome {
                _ if failed => "bad",
                DeliveryOutcome::Delivered if !late && !retried => "good",
                _ => "warning",
            },
            failed,
            retried,
            late,
            status: last.map(words::attempt_outcome).unwrap_or_default(),
            latency: last.map(words::latency).unwrap_or_default(),
            attempts_number: delivery.attempts.len(),
            band: delivery.band.map(words::band).unwrap_or_default(),
            band_class: match delivery.band {
                Some(Band::Safe) => "safe",
                Some(Band::AtRisk) => "at-risk",
                Some(Band::TimedOut) => "timed-out",
                None => "",
            },
            fixed: verdict(words::fixed(delivery)),
            legacy: verdict(words::legacy(delivery, &run.policy)),
            passed_then: delivery.legacy.in_time == Some(true) && delivery.fixed.in_time == Some(false),
            duplicate: delivery.duplicate,
            queued: delivery.queued_ms.map(measured).unwrap_or_default(),
            elapsed: measured(delivery.elapsed_ms),
            expect: delivery
                .expect
                .failures
                .iter()
                .map(|text| printable::line(words::expectation(text)).into_owned())
                .collect(),
            callback: delivery.callback.as_deref().map(|text| printable::block(text).into_owned()),
            callback_error: delivery.callback_error.as_deref().map(|text| printable::line(text).into_owned()),
            request: run.request(&delivery.script).map(|request| {
                let (body, note) = body(request.body.as_deref().unwrap_or_default(), 0, false);
                Message {
                    first_line: format!("{} {}", request.method, printable::line(&request.url)),
                    headers: headers(request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()))),
                    body,
                    note,
                }
            }),
            attempts: delivery.attempts.iter().map(attempt).collect(),
        }
    }

    /// Worth a place on the page before others.
    pub fn is_notable(&self) -> bool {
        self.failed || self.retried || self.late
    }
}

fn verdict((words, in_time): (String, Option<bool>)) -> Verdict {
    let short = match in_time {
        Some(true) => "in time",
        Some(false) if words.starts_with("failed") => "failed",
        Some(false) => "too late",
        None => "not known",
    };
    Verdict { short, words, class: class(in_time) }
}

fn class(good: Option<bool>) -> &'static str {
    match good {
        Some(true) => "good",
        Some(false) => "bad",
        None => "warning",
    }
}

fn attempt(attempt: &Attempt) -> AttemptRow {
    let mut remote: Vec<&str> = attempt.remote.as_deref().into_iter().collect();
    remote.extend(attempt.http_version);
    AttemptRow {
        number: attempt.number,
        outcome: words::attempt_outcome(attempt),
        class: if attempt.outcome == AttemptOutcome::Success { "good" } else { "bad" },
        latency: words::latency(attempt),
        wait_before: if attempt.wait_before_ms > 0.0 { measured(attempt.wait_before_ms) } else { String::new() },
        retry_after: attempt.retry_after_ms.map(measured).unwrap_or_default(),
        remote: remote.join(", "),
        error: attempt.error.as_deref().map(|text| printable::line(text).into_owned()).unwrap_or_default(),
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
    let all = words::phases(attempt);
    let sum: f64 = all.iter().map(|(_, ms, _)| ms).sum();
    let mut start = 0.0;
    let percent = |ms: f64| if sum > 0.0 { ms / sum * 100.0 } else { 0.0 };
    all.into_iter()
        .map(|(name, ms, time)| {
            let phase =
                Phase { name, time, start: format!("{:.2}", percent(start)), width: format!("{:.2}", percent(ms)) };
            start += ms;
            phase
        })
        .collect()
}

fn headers<'a>(all: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<(String, String)> {
    all.map(|(name, value)| (printable::line(name).into_owned(), printable::line(value).into_owned())).collect()
}

/// The part of a body that is shown, and what is said of the rest.
fn body(text: &str, bytes: u64, truncated: bool) -> (String, String) {
    let shown: String = text.chars().take(BODY).collect();
    let cut = truncated || shown.len() < text.len();
    let note = match (cut, bytes) {
        (true, 0) => "the beginning".to_owned(),
        (true, bytes) => format!("the beginning of {}", quantity::count(bytes, "byte")),
        (false, _) => String::new(),
    };
    (printable::block(&shown).into_owned(), note)
}
