//! Latencies from the results of `fire`.

use std::collections::HashMap;
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use super::Answers;
use crate::delivery::{ReadAttempt, results};
use crate::diagnostic::{Diagnostic, Problems};
use crate::policy::AttemptOutcome;

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
    /// Nothing, for longer than any wait.
    Never,
    /// No connection, at once.
    Refused,
}

/// The attempts of a run of `fire`, by script.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recorded {
    scripts: HashMap<String, Arc<Vec<Sample>>>,
    all: Arc<Vec<Sample>>,
    /// Attempts that were cut off: nobody knows how long they would have taken, so they are taken as never answered.
    pub cut_off: u64,
}

impl Recorded {
    /// Takes the attempts of results as `fire --format json` or `--format jsonl` writes them; `name` is what messages call
    /// them.
    ///
    /// # Errors
    /// Those of [`results::read`]; results without a single attempt.
    pub(crate) fn read(name: &str, results: impl Read) -> Result<Self, Problems> {
        let mut scripts: HashMap<String, Vec<Sample>> = HashMap::new();
        let mut all = Vec::new();
        let mut cut_off = 0;
        results::read(name, results, |delivery| {
            let samples = delivery.attempts.iter().map(sample);
            all.extend(samples.clone());
            cut_off += delivery.attempts.iter().filter(|attempt| attempt.cut_off_at().is_some()).count() as u64;
            scripts.entry(delivery.script).or_default().extend(samples);
        })?;
        if all.is_empty() {
            let help = "results come from `hookctl fire --policy both --format json --output results.json`";
            return Err(Diagnostic::error(format!("`{name}` has no attempts")).help(help).into());
        }
        scripts.retain(|_, samples| !samples.is_empty());
        let scripts = scripts.into_iter().map(|(script, samples)| (script, Arc::new(samples))).collect();
        Ok(Self { scripts, all: Arc::new(all), cut_off })
    }

    /// How a script's endpoint answers: as in its own attempts, or as in all of them where it has none.
    pub(crate) fn answers(&self, script: &str) -> Answers {
        Answers::Measured(Arc::clone(self.scripts.get(script).unwrap_or(&self.all)))
    }
}

fn sample(attempt: &ReadAttempt) -> Sample {
    match (attempt.outcome, attempt.latency, attempt.status) {
        // A time out whose latency is known was waited for under `--policy both`.
        (AttemptOutcome::Success | AttemptOutcome::HttpError | AttemptOutcome::TimedOut, Some(time), Some(status)) => {
            Sample::Answer { time, status }
        }
        (AttemptOutcome::TimedOut, ..) => Sample::Never,
        _ => Sample::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DELIVERY: &str = r#"{"script": "crm", "trigger": 1, "attempts": [
        {"number": 1, "outcome": "timed_out", "status": null, "latency_ms": null},
        {"number": 2, "outcome": "connect_error", "status": null, "latency_ms": null},
        {"number": 3, "outcome": "http_error", "status": 503, "latency_ms": 20.5},
        {"number": 4, "outcome": "timed_out", "status": 200, "latency_ms": 12000},
        {"number": 5, "outcome": "success", "status": 200, "latency_ms": 1000}]}"#;

    #[test]
    fn results_are_read_in_both_forms() {
        let one_line = DELIVERY.replace('\n', "");
        for text in [
            format!(r#"{{"version": 1, "deliveries": [{DELIVERY}], "summary": {{}}}}"#),
            format!("{one_line}\n{{\"summary\": {{}}}}\n"),
        ] {
            let recorded = Recorded::read("results.json", text.as_bytes()).expect("results");
            let expected = Answers::Measured(Arc::new(vec![
                Sample::Never,
                Sample::Refused,
                Sample::Answer { time: Duration::from_micros(20_500), status: 503 },
                Sample::Answer { time: Duration::from_secs(12), status: 200 },
                Sample::Answer { time: Duration::from_secs(1), status: 200 },
            ]));
            assert_eq!(recorded.answers("crm"), expected);
            assert_eq!(recorded.answers("another"), expected, "what was not measured answers like the rest");
            assert_eq!(recorded.cut_off, 1);
        }
    }

    #[test]
    fn results_without_an_attempt_are_refused() {
        let Problems(problems) = Recorded::read("F", r#"{"deliveries": []}"#.as_bytes()).expect_err("no attempt");
        assert_eq!(problems[0].message, "`F` has no attempts");
    }
}
