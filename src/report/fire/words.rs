//! What every report that people read says in the same words.

use indexmap::IndexMap;

use crate::delivery::{
    Attempt, AttemptOutcome, Band, Change, Compared, Comparison, Delivery, DeliveryOutcome, LegacyChange, Rank,
    RunPolicy, Side, Verdicts,
};
use crate::duration::measured;
use crate::policy::Regime;
use crate::quantity;

/// `12.3 ms`, `> 10 s` where it was cut off, or `–` where there was none.
pub fn latency(attempt: &Attempt) -> String {
    match (attempt.latency_ms, attempt.cut_off_at()) {
        (Some(ms), _) => measured(ms),
        (None, Some(limit)) => format!("> {}", measured(limit)),
        (None, None) => "–".to_owned(),
    }
}

/// The band as people say it.
pub fn band(band: Band) -> &'static str {
    match band {
        Band::Safe => "safe",
        Band::AtRisk => "at risk",
        Band::TimedOut => "timed out",
    }
}

/// The phases of an attempt that happened: name, ms, and the time in words. The one in which the attempt was cut off took
/// longer than what was seen of it.
pub fn phases(attempt: &Attempt) -> Vec<(&'static str, f64, String)> {
    let phases = &attempt.phases;
    let all = [
        ("dns", phases.dns_ms),
        ("connect", phases.connect_ms),
        ("tls", phases.tls_ms),
        ("wait", phases.wait_ms),
        ("download", phases.download_ms),
    ];
    let mut all: Vec<_> = all.into_iter().filter_map(|(phase, ms)| ms.map(|ms| (phase, ms, measured(ms)))).collect();
    if let (Some(limit), Some((_, ms, words))) = (attempt.cut_off_at(), all.last_mut()) {
        *words = format!("> {}", measured(ms.min(limit)));
    }
    all
}

/// A failed expectation below the label `expect`.
pub fn expectation(failure: &str) -> &str {
    failure.strip_prefix("expected ").unwrap_or(failure)
}

/// The verdict of the fixed limit, in words, and its answer.
pub fn fixed(delivery: &Delivery) -> (String, Option<bool>) {
    let limit = measured(delivery.fixed.limit_ms);
    let words = match (delivery.fixed.in_time, delivery.latency_ms) {
        (Some(true), Some(ms)) => format!("in time: {} of {limit}", measured(ms)),
        (Some(true), None) => format!("in time, within {limit}"),
        (Some(false), Some(ms)) => format!("too late: {}, and the limit is {limit}", measured(ms)),
        (Some(false), None) => match delivery.cut_off_at() {
            Some(cut_off) if cut_off > delivery.fixed.limit_ms => {
                format!("too late: > {}, and the limit is {limit}", measured(cut_off))
            }
            Some(_) => format!("too late: cut off at the limit of {limit}"),
            None => "failed: no complete answer".to_owned(),
        },
        (None, _) => match delivery.cut_off_at() {
            Some(cut_off) => format!("not known: cut off at {}, before the limit of {limit}", measured(cut_off)),
            None => "not known: nothing was sent".to_owned(),
        },
    };
    (words, delivery.fixed.in_time)
}

/// The verdict of the legacy wait, in words, and its answer.
pub fn legacy(delivery: &Delivery, policy: &RunPolicy) -> (String, Option<bool>) {
    let verdict = &delivery.legacy;
    let wait = format!("waited {} at load {}", measured(verdict.limit_ms), policy.load_rate);
    let up_to = verdict.in_time_up_to_load_rate.map(quantity::load_rate);
    let words = match (verdict.in_time, up_to, delivery.cut_off_at()) {
        (Some(true), Some(load), _) if load == "1" => format!("in time: {wait}, and long enough at any load"),
        (Some(true), Some(load), _) => format!("in time: {wait}, long enough up to load {load}"),
        (Some(true), None, _) => format!("in time: {wait}"),
        (Some(false), Some(load), _) => format!("too late: {wait}, long enough only up to load {load}"),
        (Some(false), None, Some(_)) => format!("too late: {wait}"),
        (Some(false), None, None) if delivery.latency_ms.is_none() => "failed: no complete answer".to_owned(),
        (Some(false), None, None) => format!("too late at any load: waited at most {}", measured(policy.legacy_max_ms)),
        (None, _, Some(limit)) => {
            format!("not known: cut off at {}, but it {wait}; --policy both waits long enough to tell", measured(limit))
        }
        (None, _, None) => "not known: nothing was sent".to_owned(),
    };
    (words, verdict.in_time)
}

/// How many of a set were in time under the fixed limit, and under the legacy wait: in words, and whether all were.
pub fn verdicts(verdicts: &Verdicts, policy: &RunPolicy) -> [(&'static str, String, Option<bool>); 2] {
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
        unknown => format!(", {} not known", quantity::thousands(unknown)),
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
pub fn policy(policy: &RunPolicy) -> String {
    let legacy = format!("legacy wait {} at load {}", measured(policy.legacy_limit_ms), policy.load_rate);
    match policy.name {
        Regime::Fixed => format!("fixed limit {}", measured(policy.limit_ms)),
        Regime::Legacy => legacy,
        Regime::Both => format!("fixed limit {} and {legacy}, the longer one waited for", measured(policy.limit_ms)),
    }
}

/// `12.3 ms`, `> 10 s` where that rank was cut off, `–` where nothing was measured.
pub fn rank(rank: Rank) -> String {
    match rank {
        Rank::Empty => "–".to_owned(),
        Rank::Measured(ms) => measured(ms),
        Rank::Over(limit) => format!("> {}", measured(limit)),
    }
}

/// What a move from the legacy wait to the fixed limit means for the set: sentences, each with whether it is good news.
pub fn change(change: &LegacyChange, policy: &RunPolicy) -> Vec<(String, Option<bool>)> {
    let limit = measured(policy.limit_ms);
    let wait = format!("{} at load {}", measured(policy.legacy_limit_ms), policy.load_rate);
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
                "{cut_off} {were} cut off at {limit}: whether the legacy wait ({wait}) was long enough for {them} is not \
                known; --policy both waits long enough to tell."
            ),
            None,
        ));
    }
    sentences
}

/// What became of a script since the earlier run, and from what to what.
pub fn compared(script: &Compared) -> String {
    let what = match script.change {
        Change::StartedToFail if script.before.as_ref().is_some_and(|before| before.failures > 0) => "fails more",
        Change::StartedToFail => "started to fail",
        Change::Slower => "slower",
        Change::Same => "same",
        Change::Faster => "faster",
        Change::FailsLess if script.now.as_ref().is_some_and(|now| now.failures == 0) => "fails no more",
        Change::FailsLess => "fails less",
        Change::New => "new",
        Change::NotFired => "not fired now",
    };
    let (Some(before), Some(now)) = (&script.before, &script.now) else { return what.to_owned() };
    let time = |ms: Option<f64>| ms.map_or("not known".to_owned(), measured);
    let percent = |change: Option<f64>| change.map_or(String::new(), |c| format!(" ({:+.0} %)", c * 100.0));
    let mut parts = vec![format!("p50 {} → {}{}", time(before.p50), time(now.p50), percent(script.p50_change))];
    if let Some(change) = script.p90_change {
        parts.push(format!("p90 {} → {}{}", time(before.p90), time(now.p90), percent(Some(change))));
    }
    if before.failures + now.failures > 0 {
        let of =
            |side: &Side| format!("{} of {}", quantity::thousands(side.failures), quantity::thousands(side.deliveries));
        parts.push(format!("failed {} → {}", of(before), of(now)));
    }
    format!("{what}: {}", parts.join(", "))
}

/// The verdict of a comparison: a sentence, and whether it is good news.
pub fn comparison(comparison: &Comparison) -> (String, Option<bool>) {
    let both = comparison.scripts.iter().filter(|script| script.before.is_some() && script.now.is_some());
    let (both, worse) = both.fold((0, 0), |(both, worse), script| (both + 1, worse + u64::from(script.regression)));
    if both == 0 {
        return ("No script is in both runs.".to_owned(), None);
    }
    let all = quantity::count(both, "script");
    let allowed = comparison.max_regression.map(|share| format!(" by more than {} %", (share * 1e4).round() / 100.0));
    let allowed = allowed.unwrap_or_default();
    if worse == 0 {
        return (format!("None of {all} started to fail or got slower{allowed}."), Some(true));
    }
    (format!("{} of {all} started to fail or got slower{allowed}.", quantity::thousands(worse)), Some(false))
}

/// The outcome of an attempt as people say it.
pub fn attempt_outcome(attempt: &Attempt) -> String {
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

/// The outcome of a delivery as people say it, `expect` and retries included.
pub fn outcome(delivery: &Delivery) -> &'static str {
    match delivery.outcome {
        DeliveryOutcome::Delivered if !delivery.expect.passed => "delivered, not as expected",
        DeliveryOutcome::Delivered if delivery.delivered_on_retry() => "delivered on a retry",
        DeliveryOutcome::Delivered => "delivered",
        DeliveryOutcome::Failed => "failed",
        DeliveryOutcome::Throttled => "throttled",
        DeliveryOutcome::Interrupted => "interrupted",
    }
}

/// Why a delivery counts against the run, in one sentence.
pub fn failure(delivery: &Delivery) -> String {
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

/// Settings by their keys, those of one section together: `retry (min, max), redirects`.
pub fn keys(keys: &[String]) -> String {
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
