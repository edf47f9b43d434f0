//! What every report that people read says in the same words.

use crate::delivery::{Attempt, AttemptOutcome, Delivery, DeliveryOutcome};
use crate::duration::measured;

/// `12.3 ms`, `> 10 s` where it was cut off, or `–` where there was none.
pub fn latency(attempt: &Attempt) -> String {
    match (attempt.latency_ms, attempt.cut_off_at()) {
        (Some(ms), _) => measured(ms),
        (None, Some(limit)) => format!("> {}", measured(limit)),
        (None, None) => "–".to_owned(),
    }
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
    let after = count(delivery.attempts.len() as u64, "attempt");
    if reasons.is_empty() {
        format!("{} after {after}: {last}", outcome(delivery))
    } else {
        format!("{} after {after}: {last}: {}", outcome(delivery), reasons.join("; "))
    }
}

/// `1 retry`, `2 deliveries`, `1,000 attempts`.
pub fn count(number: u64, noun: &str) -> String {
    let plural = match noun.strip_suffix('y') {
        _ if number == 1 => noun.to_owned(),
        Some(stem) => format!("{stem}ies"),
        None => format!("{noun}s"),
    };
    format!("{} {plural}", thousands(number))
}

/// `100,000`
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn counts() {
        let cases = [
            (0, "retry", "0 retries"),
            (1, "delivery", "1 delivery"),
            (999, "attempt", "999 attempts"),
            (1_234_567, "delivery", "1,234,567 deliveries"),
        ];
        for (number, noun, text) in cases {
            assert_eq!(super::count(number, noun), text);
        }
    }
}
