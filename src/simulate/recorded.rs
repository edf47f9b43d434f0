//! Latencies from the results of `fire`.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use super::Answers;
use crate::delivery::AttemptOutcome;
use crate::diagnostic::{Diagnostic, Problems};
use crate::span::{Source, Span};

/// What a request met.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sample {
    /// An answer, after this long.
    Answer {
        /// Of service, without waiting for a worker.
        time: Duration,
        /// Of the response.
        status: u16,
    },
    /// Nothing, for longer than anybody waits.
    Never,
    /// No connection, at once.
    Refused,
}

/// The attempts of a run of `fire`, by script.
#[derive(Debug, Clone, Default)]
pub struct Recorded {
    scripts: HashMap<String, Arc<Vec<Sample>>>,
    all: Arc<Vec<Sample>>,
    /// Attempts that were cut off: nobody knows how long they would have taken, so they are taken as never answered.
    pub cut_off: u64,
}

#[derive(Deserialize)]
struct Document {
    deliveries: Vec<Delivery>,
}

#[derive(Deserialize)]
struct Delivery {
    script: String,
    attempts: Vec<Attempt>,
}

#[derive(Deserialize)]
struct Attempt {
    outcome: AttemptOutcome,
    status: Option<u16>,
    latency_ms: Option<f64>,
}

impl Recorded {
    /// Reads results as `fire --format json` or `--format jsonl` writes them; `path` is what messages call them.
    ///
    /// # Errors
    /// Text that is neither, with the place; results without a single attempt.
    pub fn read(path: &str, text: &str) -> Result<Self, Problems> {
        let deliveries = match serde_json::from_str::<Document>(text) {
            Ok(document) => document.deliveries,
            Err(error) => lines(text).ok_or_else(|| broken(path, text, &error))?,
        };
        let mut scripts: HashMap<String, Vec<Sample>> = HashMap::new();
        let mut all = Vec::new();
        let mut cut_off = 0;
        for delivery in deliveries {
            for attempt in &delivery.attempts {
                let sample = sample(attempt);
                cut_off += u64::from(attempt.outcome == AttemptOutcome::TimedOut && sample == Sample::Never);
                scripts.entry(delivery.script.clone()).or_default().push(sample);
                all.push(sample);
            }
        }
        if all.is_empty() {
            let help = "results come from `hookctl fire --policy both --format json --output results.json`";
            return Err(Diagnostic::error(format!("`{path}` has no attempt to learn from")).help(help).into());
        }
        let scripts = scripts.into_iter().map(|(script, samples)| (script, Arc::new(samples))).collect();
        Ok(Self { scripts, all: Arc::new(all), cut_off })
    }

    /// How a script's endpoint answers: as in its own attempts, or as in all of them where it has none.
    pub fn answers(&self, script: &str) -> Answers {
        Answers::Measured(Arc::clone(self.scripts.get(script).unwrap_or(&self.all)))
    }
}

/// The deliveries of `--format jsonl`: lines that have attempts; the last line is the summary.
fn lines(text: &str) -> Option<Vec<Delivery>> {
    let filled = || text.lines().filter(|line| !line.trim().is_empty());
    let deliveries: Vec<_> = filled().filter_map(|line| serde_json::from_str(line).ok()).collect();
    // One line may be something else: the summary, or a delivery that was being written when the run was ended.
    (filled().count() > 1 && deliveries.len() + 2 >= filled().count()).then_some(deliveries)
}

fn sample(attempt: &Attempt) -> Sample {
    let time = attempt.latency_ms.and_then(|ms| Duration::try_from_secs_f64(ms / 1_000.0).ok());
    match (attempt.outcome, time, attempt.status) {
        (AttemptOutcome::Success | AttemptOutcome::HttpError, Some(time), Some(status)) => {
            Sample::Answer { time, status }
        }
        (AttemptOutcome::TimedOut, ..) => Sample::Never,
        _ => Sample::Refused,
    }
}

fn broken(path: &str, text: &str, error: &serde_json::Error) -> Problems {
    let source = Arc::new(Source::new(path, text));
    let line = source.line_starts().get(error.line().saturating_sub(1)).copied().unwrap_or(0);
    // serde_json counts columns in bytes.
    let mut place = (line + error.column().saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(place) {
        place -= 1;
    }
    let words = error.to_string();
    let words = words.split(" at line ").next().unwrap_or_default();
    Diagnostic::error(format!("`{path}` is not a results file of `fire`: {words}"))
        .at(&source, Span::new(place, place), "")
        .help("write one with `hookctl fire --policy both --format json --output results.json`")
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DELIVERY: &str = r#"{"script": "crm", "trigger": 1, "attempts": [
        {"number": 1, "outcome": "timed_out", "status": null, "latency_ms": null},
        {"number": 2, "outcome": "connect_error", "status": null, "latency_ms": null},
        {"number": 3, "outcome": "http_error", "status": 503, "latency_ms": 20.5},
        {"number": 4, "outcome": "success", "status": 200, "latency_ms": 1000}]}"#;

    #[test]
    fn results_are_read_in_both_forms() {
        let one_line = DELIVERY.replace('\n', "");
        for text in [
            format!(r#"{{"version": 1, "deliveries": [{DELIVERY}], "summary": {{}}}}"#),
            format!("{one_line}\n{{\"summary\": {{}}}}\n"),
        ] {
            let recorded = Recorded::read("results.json", &text).expect("results");
            let expected = Answers::Measured(Arc::new(vec![
                Sample::Never,
                Sample::Refused,
                Sample::Answer { time: Duration::from_micros(20_500), status: 503 },
                Sample::Answer { time: Duration::from_secs(1), status: 200 },
            ]));
            assert_eq!(recorded.answers("crm"), expected);
            assert_eq!(recorded.answers("another"), expected, "what was not measured answers like the rest");
            assert_eq!(recorded.cut_off, 1);
        }
    }

    #[test]
    fn what_is_no_result_is_said() {
        for (text, words) in [
            ("{", "is not a results file of `fire`"),
            ("[]", "is not a results file"),
            (r#"{"deliveries": [{"script": "é", "attempts": 5}]}"#, "invalid type: integer `5`"),
            (r#"{"deliveries": []}"#, "has no attempt to learn from"),
            ("", "is not a results file"),
        ] {
            let Problems(problems) = Recorded::read("results.json", text).expect_err(text);
            assert!(problems[0].message.contains(words), "{text}: {}", problems[0].message);
        }
    }
}
