//! Phrases that all reports for people share.

use std::time::Duration;

use indexmap::IndexMap;

use crate::delivery::{
    Attempt, AttemptOutcome, Band, Change, Compared, Comparison, Criterion, Delivery, DeliveryOutcome, LegacyChange,
    PolicySnapshot, Quantile, Run, Sample, Summary, ThresholdResult, UsedProxy,
};
use crate::policy::TimeoutRule;
use crate::report::printable;
use crate::text::duration::{from_millis, measured};
use crate::text::quantity;

/// `12.3 ms`, `> 10 s` where it was cut off, or `–` where there was none.
pub(super) fn latency(attempt: &Attempt) -> String {
    match (attempt.latency, attempt.cut_off_at()) {
        (Some(ms), _) => measured(ms),
        (None, Some(limit)) => format!("> {}", measured(limit)),
        (None, None) => "–".to_owned(),
    }
}

/// The band in words.
pub(super) fn band(band: Band) -> &'static str {
    match band {
        Band::Safe => "safe",
        Band::AtRisk => "at risk",
        Band::TimedOut => "timed out",
    }
}

/// The phases of an attempt that happened: name, time, and the time in words. The one in which the attempt was cut off took
/// longer than what was seen of it.
pub(super) fn phases(attempt: &Attempt) -> Vec<(&'static str, Duration, String)> {
    let phases = &attempt.phases;
    let all = [
        ("dns", phases.dns),
        ("connect", phases.connect),
        ("tls", phases.tls),
        ("wait", phases.wait),
        ("download", phases.download),
    ];
    let mut all: Vec<_> =
        all.into_iter().filter_map(|(phase, time)| time.map(|time| (phase, time, measured(time)))).collect();
    if let (Some(limit), Some((_, time, words))) = (attempt.cut_off_at(), all.last_mut()) {
        *words = format!("> {}", measured((*time).min(limit)));
    }
    all
}

/// A failed expectation below the label `expect`.
pub(super) fn expectation(failure: &str) -> &str {
    failure.strip_prefix("expected ").unwrap_or(failure)
}

/// The verdict of the fixed limit, in words, and its answer.
pub(super) fn fixed(delivery: &Delivery) -> (String, Option<bool>) {
    let limit = measured(delivery.fixed.limit);
    let words = match (delivery.fixed.in_time, delivery.latency) {
        (Some(true), Some(ms)) => format!("in time: {} of {limit}", measured(ms)),
        (Some(true), None) => format!("in time, within {limit}"),
        (Some(false), Some(ms)) => format!("too late: {}, over the limit of {limit}", measured(ms)),
        (Some(false), None) => match delivery.cut_off_at() {
            Some(cut_off) if cut_off > delivery.fixed.limit => {
                format!("too late: > {}, over the limit of {limit}", measured(cut_off))
            }
            Some(_) => format!("too late: cut off at the limit of {limit}"),
            None => "failed: no complete answer".to_owned(),
        },
        (None, _) => match delivery.cut_off_at() {
            Some(cut_off) => format!("unknown: cut off at {}, before the limit of {limit}", measured(cut_off)),
            None => "unknown: nothing was sent".to_owned(),
        },
    };
    (words, delivery.fixed.in_time)
}

/// The verdict of the legacy wait, in words, and its answer.
pub(super) fn legacy(delivery: &Delivery, policy: &PolicySnapshot) -> (String, Option<bool>) {
    let verdict = &delivery.legacy;
    let wait = format!("waited {} at load {}", measured(verdict.limit), policy.load_rate);
    let up_to = verdict.in_time_up_to_load_rate.map(quantity::load_rate);
    let words = match (verdict.in_time, up_to, delivery.cut_off_at()) {
        (Some(true), Some(load), _) if load == "1" => format!("in time: {wait}, long enough at any load"),
        (Some(true), Some(load), _) => format!("in time: {wait}, long enough up to load {load}"),
        (Some(true), None, _) => format!("in time: {wait}"),
        (Some(false), Some(load), _) => format!("too late: {wait}, long enough only up to load {load}"),
        (Some(false), None, Some(_)) => format!("too late: {wait}"),
        (Some(false), None, None) if delivery.latency.is_none() => "failed: no complete answer".to_owned(),
        (Some(false), None, None) => format!("too late at any load: waited at most {}", measured(policy.legacy_max)),
        (None, _, Some(limit)) => {
            format!("unknown: cut off at {}, but it {wait}; --policy both waits long enough to tell", measured(limit))
        }
        (None, _, None) => "unknown: nothing was sent".to_owned(),
    };
    (words, verdict.in_time)
}

/// How many of a set were in time under the fixed limit, and under the legacy wait: in words, and whether all were.
pub(super) fn verdicts(summary: &Summary, policy: &PolicySnapshot) -> [(&'static str, String, Option<bool>); 2] {
    let verdicts = &summary.verdicts;
    let in_time = |number: u64, unknown: u64| {
        let of = format!("{} of {} in time", quantity::thousands(number), quantity::thousands(verdicts.sent));
        match unknown {
            _ if number + unknown < verdicts.sent => (of, Some(false)),
            0 => (of, Some(true)),
            _ => (of, None),
        }
    };
    let not_known = |unknown| match unknown {
        0 => String::new(),
        unknown => format!(", {} unknown", quantity::thousands(unknown)),
    };
    let (fixed, fixed_good) = in_time(verdicts.fixed_in_time, verdicts.fixed_unknown);
    let (legacy, legacy_good) = in_time(verdicts.legacy_in_time, verdicts.legacy_unknown);
    let long_enough = match verdicts.legacy_in_time_up_to_load_rate {
        Some(1.0) => "; long enough for each complete answer at any load".to_owned(),
        Some(load) => format!("; long enough for each complete answer up to load {}", quantity::load_rate(load)),
        None => String::new(),
    };
    let load = policy.load_rate;
    [
        ("fixed", fixed + &not_known(verdicts.fixed_unknown), fixed_good),
        ("legacy", format!("{legacy} at load {load}{}{long_enough}", not_known(verdicts.legacy_unknown)), legacy_good),
    ]
}

/// The waits of a run, in words.
pub(super) fn policy(policy: &PolicySnapshot) -> String {
    let legacy = format!("legacy wait {} at load {}", measured(policy.legacy_limit), policy.load_rate);
    match policy.name {
        TimeoutRule::Fixed => format!("fixed limit {}", measured(policy.limit)),
        TimeoutRule::Legacy => legacy,
        TimeoutRule::Both => {
            format!("fixed limit {} and {legacy} (waits for the longer)", measured(policy.limit))
        }
    }
}

/// `12.3 ms`; `> 10 s` if that rank was cut off; `–` if nothing was measured.
pub(super) fn rank(rank: Quantile) -> String {
    match rank {
        Quantile::Empty => "–".to_owned(),
        Quantile::Measured(ms) => measured(ms),
        Quantile::Over(limit) => format!("> {}", measured(limit)),
    }
}

/// How many deliveries count against the run: a sentence without its full stop; none if none does.
pub(super) fn failures(summary: &Summary) -> Option<String> {
    let all = summary.deliveries;
    let were = |number: u64| if number == 1 { "was" } else { "were" };
    match (summary.failed_unexpectedly(), summary.expect_failed) {
        (0, 0) => None,
        (failed, 0) => Some(format!("{} failed", of_all(failed, all))),
        (0, 1) if all == 1 => Some("The delivery was not as expected".to_owned()),
        (0, unexpected) => Some(format!("{} {} delivered, not as expected", of_all(unexpected, all), were(unexpected))),
        (failed, unexpected) => Some(format!(
            "{} failed, and {} {} delivered, not as expected",
            of_all(failed, all),
            quantity::thousands(unexpected),
            were(unexpected)
        )),
    }
}

/// `The delivery`, `All 40 deliveries`, `3 of 40 deliveries`
pub(super) fn of_all(number: u64, all: u64) -> String {
    match (number, all) {
        (1, 1) => "The delivery".to_owned(),
        (some, all) if some == all => format!("All {}", quantity::count(all, "delivery")),
        (some, all) => format!("{} of {}", quantity::thousands(some), quantity::count(all, "delivery")),
    }
}

/// Notes on the whole run, apart from its failures and the move to the fixed limit: sentences, each with whether it is good
/// news.
pub(super) fn notes(run: &Run, summary: &Summary) -> Vec<(String, Option<bool>)> {
    let mut sentences: Vec<_> = throttled(summary, &run.policy).map(|text| (text, None)).into_iter().collect();
    sentences.extend(criteria(run, summary));
    if summary.callback_failed > 0 && !run.fail_on.criteria().contains(&Criterion::Callback) {
        let of = quantity::count(summary.callback_failed, "delivery");
        sentences.push((format!("The callback of {of} failed; --fail-on callback makes that fail the run."), None));
    }
    sentences
}

/// What the trigger limit rejected, and how to send it anyway.
fn throttled(summary: &Summary, policy: &PolicySnapshot) -> Option<String> {
    let (were, them) = match summary.throttled {
        0 => return None,
        1 => ("was", "it"),
        _ => ("were", "them"),
    };
    let number = quantity::count(summary.throttled, "delivery");
    let limit = trigger_limit(policy);
    Some(format!("{number} {were} over the {limit} and not sent; --ignore-trigger-limit sends {them} too."))
}

/// `limit of 60 triggers a minute`
pub(super) fn trigger_limit(policy: &PolicySnapshot) -> String {
    let assumed = policy.assumed.iter().any(|key| key == "triggers_per_minute");
    let note = if assumed { " (assumed)" } else { "" };
    format!("limit of {} a minute{note}", quantity::count(policy.triggers_per_minute.into(), "trigger"))
}

/// The criteria of `--fail-on` other than failures, and their results.
fn criteria(run: &Run, summary: &Summary) -> Vec<(String, Option<bool>)> {
    let each = run.fail_on.criteria().iter().filter_map(|criterion| {
        let number = criterion.deliveries(summary);
        let did = did(criterion, &run.policy).filter(|_| number > 0)?;
        Some((format!("{} {did} (--fail-on {criterion}).", quantity::count(number, "delivery")), Some(false)))
    });
    each.chain(summary.thresholds.iter().map(threshold)).collect()
}

/// Why deliveries fail the run though they did not fail themselves.
pub(super) fn did(criterion: &Criterion, policy: &PolicySnapshot) -> Option<String> {
    match criterion {
        Criterion::AtRisk => Some(format!("took longer than the safe {}", measured(policy.safe))),
        Criterion::Retried => Some("needed a retry".to_owned()),
        Criterion::Callback => Some("had a failed callback".to_owned()),
        Criterion::Failed | Criterion::Threshold(_) => None,
    }
}

/// The result of a threshold: a sentence, and whether it is good news.
pub(super) fn threshold(result: &ThresholdResult) -> (String, Option<bool>) {
    let (metric, limit) = result.threshold.split_once('>').unwrap_or((&result.threshold, ""));
    let show = |figure: f64| match metric {
        "error_rate" => format!("{} %", (figure * 1e4).round() / 1e2),
        _ => measured(from_millis(figure)),
    };
    let text = match (result.actual, result.passed) {
        (Some(actual), true) => format!("{metric} is {}, not over {limit}", show(actual)),
        (Some(actual), false) => format!("{metric} is {}, over {limit}", show(actual)),
        (None, true) => format!("{metric} is unknown: nothing was measured"),
        (None, false) => format!("{metric} is over {limit}: a delivery of that rank was cut off by its limit"),
    };
    let good = if result.passed { result.actual.map(|_| true) } else { Some(false) };
    (format!("{text} (--fail-on '{}').", result.threshold), good)
}

/// What the move from the legacy wait to the fixed limit means for the run: sentences, each with whether it is good news. If
/// anything failed, the good news is left out: such a run has nothing green.
pub(super) fn change(run: &Run, summary: &Summary) -> Vec<(String, Option<bool>)> {
    let wrong = summary.failures() > 0 || run.fail_on.fails(summary);
    let sentences = legacy_change(&summary.legacy, &run.policy).into_iter();
    sentences.filter(|(_, good)| !wrong || *good != Some(true)).collect()
}

fn legacy_change(change: &LegacyChange, policy: &PolicySnapshot) -> Vec<(String, Option<bool>)> {
    let limit = measured(policy.limit);
    let wait = format!("{} at load {}", measured(policy.legacy_limit), policy.load_rate);
    let waits = format!("(legacy wait {wait}, fixed limit {limit})");
    let mut sentences = Vec::new();
    let passed = format!("{} that passed under the legacy wait", quantity::count(change.passed, "delivery"));
    let one = "The one delivery that passed under the legacy wait";
    match (change.now_fail, change.passed) {
        (0, 0) => {}
        (0, 1) => sentences.push((format!("{one} passes now too {waits}."), Some(true))),
        (0, _) => sentences.push((format!("All {passed} pass now too {waits}."), Some(true))),
        (_, 1) => sentences.push((format!("{one} now fails {waits}."), Some(false))),
        (1, _) => sentences.push((format!("1 of {passed} now fails {waits}."), Some(false))),
        (fail, _) => {
            sentences.push((format!("{} of {passed} now fail {waits}.", quantity::thousands(fail)), Some(false)))
        }
    }
    if change.now_pass > 0 {
        let now_pass = quantity::count(change.now_pass, "delivery");
        sentences.push((format!("{now_pass} too late for the legacy wait ({wait}) would now pass."), Some(true)));
    }
    if change.unknown > 0 {
        let (were, them) = if change.unknown == 1 { ("was", "it") } else { ("were", "them") };
        let cut_off = quantity::count(change.unknown, "delivery");
        sentences.push((
            format!(
                "{cut_off} {were} cut off at {limit}: whether the legacy wait ({wait}) was long enough for {them} is \
                unknown; --policy both waits long enough to tell."
            ),
            None,
        ));
    }
    sentences
}

/// How a script changed since the earlier run, with the figures before and after.
pub(super) fn compared(script: &Compared) -> String {
    let what = what_became(script);
    let (Some(before), Some(now)) = (&script.before, &script.now) else { return what.to_owned() };
    let mut parts = compared_times(script, before, now);
    parts.extend(compared_counts(before, now));
    if script.few && script.change == Change::Same && script.p50_change.is_some_and(|change| change.abs() >= 0.1) {
        parts.push("too few deliveries to rule out chance".to_owned());
    }
    format!("{what}: {}", parts.join(", "))
}

fn what_became(script: &Compared) -> &'static str {
    match script.change {
        Change::StartedToFail => "started to fail",
        Change::FailsMore => "fails more often",
        Change::StillFailing if script.regression => "still failing, and worse",
        Change::StillFailing => "still failing",
        Change::RetriedMore => "needs more retries",
        Change::Slower => "slower",
        Change::Same => "no clear change",
        Change::Faster => "faster",
        Change::RetriedLess => "needs fewer retries",
        Change::FailsLess if script.now.as_ref().is_some_and(|now| now.failures == 0) => "no longer fails",
        Change::FailsLess => "fails less often",
        Change::New => "new",
        Change::NotFired if script.now.is_some() => "not sent this time",
        Change::NotFired => "not fired this time",
    }
}

fn compared_times(script: &Compared, before: &Sample, now: &Sample) -> Vec<String> {
    let time = |time: Option<Duration>| time.map_or("unknown".to_owned(), measured);
    let percent = |change: Option<f64>| change.map_or(String::new(), |c| format!(" ({:+.0} %)", c * 100.0));
    let mut parts = vec![format!("p50 {} → {}{}", time(before.p50), time(now.p50), percent(script.p50_change))];
    if let Some(change) = script.p90_change {
        parts.push(format!("p90 {} → {}{}", time(before.p90), time(now.p90), percent(Some(change))));
    }
    if let (Some(then), Some(today)) = (before.elapsed_p50, now.elapsed_p50)
        && before.retried + now.retried > 0
    {
        let change = percent(script.elapsed_p50_change);
        parts.push(format!("retries included {} → {}{change}", measured(then), measured(today)));
    }
    parts
}

/// Counts of deliveries that are not zero on both sides; otherwise the numbers of deliveries, if they differ.
fn compared_counts(before: &Sample, now: &Sample) -> Vec<String> {
    let counts = [
        ("failed", before.failures, now.failures),
        ("on a retry", before.retried, now.retried),
        ("received more than once", before.duplicates, now.duplicates),
    ];
    let of = |count: u64, side: &Sample| {
        format!("{} of {}", quantity::thousands(count), quantity::thousands(side.deliveries))
    };
    let counted = counts.iter().filter(|(_, then, today)| then + today > 0);
    let mut parts: Vec<String> =
        counted.map(|(name, then, today)| format!("{name} {} → {}", of(*then, before), of(*today, now))).collect();
    if parts.is_empty() && before.deliveries != now.deliveries {
        let then = quantity::thousands(before.deliveries);
        parts.push(format!("{then} → {}", quantity::count(now.deliveries, "delivery")));
    }
    parts
}

/// The verdict of a comparison: a sentence, and whether it is good news.
pub(super) fn comparison(comparison: &Comparison) -> (String, Option<bool>) {
    let both = || comparison.scripts.iter().filter(|script| !matches!(script.change, Change::New | Change::NotFired));
    let worse = both().filter(|script| script.regression).count() as u64;
    let still = both().filter(|script| script.change == Change::StillFailing && !script.regression).count() as u64;
    let all = match both().count() as u64 {
        0 => return ("No script is in both runs.".to_owned(), None),
        all => quantity::count(all, "script"),
    };
    let allowed = comparison.max_regression.map(|share| format!("{} %", (share * 1e4).round() / 100.0));
    let still = match still {
        0 => String::new(),
        1 => "; 1 is still failing".to_owned(),
        still => format!("; {} are still failing", quantity::thousands(still)),
    };
    if worse == 0 {
        let failing = both().any(|script| script.now.as_ref().is_some_and(|now| now.failures > 0));
        let good = (!failing).then_some(true);
        let allowed = allowed.map(|share| format!(" (up to {share} slower is allowed)")).unwrap_or_default();
        return (format!("No regressions in {all}{allowed}{still}."), good);
    }
    let worse = quantity::thousands(worse);
    let by = allowed.map(|share| format!(" by more than {share}")).unwrap_or_default();
    (format!("{worse} of {all} started to fail, needed more retries or got slower{by}{still}."), Some(false))
}

/// Requests and bytes, and how fast: each figure with its unit.
pub(super) fn volume(summary: &Summary) -> Vec<(String, &'static str)> {
    let rate = |per_second: f64| match per_second {
        few if few < 10.0 => format!("{few:.2}"),
        many => quantity::thousands(many.round() as u64),
    };
    let rates =
        [(summary.requests_per_second, "requests/s"), (summary.deliveries_per_second, "deliveries/s")].into_iter();
    let rates = rates.filter_map(|(per_second, unit)| per_second.map(|number| (rate(number), unit)));
    let unit = if summary.bytes == 1 { "byte received" } else { "bytes received" };
    rates.chain([(quantity::thousands(summary.bytes), unit)]).collect()
}

/// The proxy that an attempt went through.
pub(super) fn proxy(proxy: &UsedProxy) -> String {
    format!("through the proxy {} ({})", printable::line(&proxy.address), proxy.from)
}

/// Says that a request was sent again within its attempt, and why.
pub(super) fn resent(why: &str) -> String {
    format!("sent again over another connection: {}", printable::line(why))
}

/// Says that a body is shown undecoded, and why.
pub(super) fn not_decoded(why: &str) -> String {
    format!("the body is shown undecoded: {}", printable::line(why))
}

/// How much of a body the callback was rendered over, where that is not all of it.
pub(super) fn read_up_to(delivery: &Delivery) -> Option<String> {
    let read = delivery.body_read_up_to.filter(|_| delivery.callback_error.is_none())?;
    Some(format!("only over the first {} of the body", quantity::count(read, "byte")))
}

/// Beside the label `expect`, of a delivery that failed as its script expects.
pub(super) const EXPECTED_FAILURE: &str = "met; production counts the delivery as failed";

/// The outcome of an attempt in words.
pub(super) fn attempt_outcome(attempt: &Attempt) -> String {
    let words = match attempt.outcome {
        AttemptOutcome::Success | AttemptOutcome::HttpError => "",
        AttemptOutcome::TimedOut => "timed out",
        AttemptOutcome::ConnectError => "no connection",
        AttemptOutcome::TlsError => "TLS failed",
        AttemptOutcome::ProtocolError => "broken response",
        AttemptOutcome::TooManyRedirects => "too many redirects",
    };
    match (attempt.status, words) {
        (Some(status), "") => status.to_string(),
        (Some(status), words) => format!("{status}, {words}"),
        (None, "") => "no status".to_owned(),
        (None, words) => words.to_owned(),
    }
}

/// The outcome of a delivery in words, including `expect` and retries.
pub(super) fn outcome(delivery: &Delivery) -> &'static str {
    match delivery.outcome {
        DeliveryOutcome::Delivered if !delivery.expect.passed => "delivered, not as expected",
        DeliveryOutcome::Delivered if delivery.delivered_on_retry() => "delivered on a retry",
        DeliveryOutcome::Delivered => "delivered",
        DeliveryOutcome::Failed if delivery.failed_as_expected() => "failed, as expected",
        DeliveryOutcome::Failed => "failed",
        DeliveryOutcome::Throttled => "throttled",
        DeliveryOutcome::Interrupted => "interrupted",
    }
}

/// Why a delivery fails the run, in one sentence.
pub(super) fn failure(criterion: &Criterion, delivery: &Delivery, policy: &PolicySnapshot) -> String {
    let took = delivery.attempts.last().map(latency).unwrap_or_default();
    match criterion {
        Criterion::AtRisk => format!("took {took}, longer than the safe {}", measured(policy.safe)),
        Criterion::Retried => format!("took {}", quantity::count(delivery.attempts.len() as u64, "attempt")),
        Criterion::Callback => callback_error(delivery).unwrap_or_default(),
        Criterion::Failed | Criterion::Threshold(_) => failed(delivery),
    }
}

/// Why a delivery counts against the run, in one sentence.
fn failed(delivery: &Delivery) -> String {
    let last = match delivery.attempts.last() {
        Some(attempt) => format!("{} ({})", attempt_outcome(attempt), latency(attempt)),
        None => "not sent".to_owned(),
    };
    let mut reasons: Vec<&str> = delivery.attempts.last().and_then(|last| last.error.as_deref()).into_iter().collect();
    reasons.extend(delivery.expect.failures.iter().map(String::as_str));
    let after = quantity::count(delivery.attempts.len() as u64, "attempt");
    if reasons.is_empty() {
        format!("{} after {after}: {last}", outcome(delivery))
    } else {
        format!("{} after {after}: {last}: {}", outcome(delivery), reasons.join("; "))
    }
}

/// Remarks on a delivery that does not count against the run: failed as expected, a failed callback.
pub(super) fn remarks(delivery: &Delivery) -> Vec<String> {
    let mut remarks = Vec::new();
    if let Some(status) =
        delivery.attempts.last().and_then(|last| last.status).filter(|_| delivery.failed_as_expected())
    {
        remarks.push(format!("{status} is what the script expects; production counts the delivery as failed"));
    }
    remarks.extend(callback_error(delivery));
    remarks
}

/// Says that a delivery's callback failed, and why.
pub(super) fn callback_error(delivery: &Delivery) -> Option<String> {
    delivery.callback_error.as_ref().map(|error| format!("the callback failed: {error}"))
}

/// Settings by their keys, those of one section together: `retry (min, max), redirects`.
pub(super) fn keys(keys: &[String]) -> String {
    let mut sections: IndexMap<&str, Vec<&str>> = IndexMap::new();
    for key in keys {
        match key.split_once('.') {
            Some((section, rest)) => sections.entry(section).or_default().push(rest),
            None => drop(sections.entry(key).or_default()),
        }
    }
    let show = |(section, keys): (&str, Vec<&str>)| match keys.as_slice() {
        [] => section.to_owned(),
        keys => format!("{section} ({})", keys.join(", ")),
    };
    sections.into_iter().map(show).collect::<Vec<_>>().join(", ")
}
