//! The results of an earlier run of `fire`, script by script.

use std::path::Path;
use std::time::Duration;

use indexmap::IndexMap;

use super::result::failed_as_expected;
use super::{DeliveryOutcome, Latencies, ReadAttempt, ReadDelivery, results};
use crate::diagnostic::Problems;
use crate::policy::TimeoutRule;

/// What an earlier run came to.
#[derive(Debug, Clone, Default)]
pub struct PreviousRun {
    /// The file, as messages call it.
    pub path: String,
    /// What it was judged by.
    pub policy: Option<PreviousPolicy>,
    /// By the script's id, in the order in which they first ended.
    pub scripts: IndexMap<String, PreviousScript>,
}

/// What of its policy decides whether two runs can be compared.
#[derive(Debug, Clone, PartialEq)]
pub struct PreviousPolicy {
    /// Which wait decided.
    pub name: TimeoutRule,
    /// The fixed limit.
    pub limit: Duration,
    /// 0 to 1.
    pub load_rate: f64,
    /// Retries that the plan allowed; none where the results do not say.
    pub retries: Option<u32>,
}

/// What it measured of one script.
#[derive(Debug, Clone, Default)]
pub struct PreviousScript {
    /// Deliveries that were sent.
    pub deliveries: u64,
    /// Of those, counted against the run.
    pub failures: u64,
    /// Deliveries that took a retry.
    pub retried: u64,
    /// Deliveries whose request the receiver got more than once.
    pub duplicates: u64,
    /// Of their last attempts.
    pub latencies: Latencies,
    /// Of whole deliveries, retries and the waits before them included.
    pub elapsed: Latencies,
}

impl PreviousRun {
    /// Reads a results file, `-` for standard input.
    ///
    /// # Errors
    /// It can't be read, is not JSON, is of another version, or holds no deliveries.
    pub fn read(path: &Path) -> Result<Self, Problems> {
        let (name, file) = results::open(path)?;
        let mut past = Self { path: name.clone(), ..Self::default() };
        past.policy = results::read(&name, file, |delivery| past.add(delivery))?;
        Ok(past)
    }

    fn add(&mut self, delivery: ReadDelivery) {
        let script = self.scripts.entry(delivery.script).or_default();
        let met = delivery.expect.is_none_or(|expect| expect.passed);
        let expected = delivery.expect.is_some_and(|expect| expect.passed);
        let last = delivery.attempts.last().map(|last| last.outcome);
        match delivery.outcome {
            Some(DeliveryOutcome::Delivered) => script.failures += u64::from(!met),
            Some(DeliveryOutcome::Failed) => script.failures += u64::from(!failed_as_expected(last, expected)),
            Some(DeliveryOutcome::Throttled | DeliveryOutcome::Interrupted) | None => return,
        }
        script.deliveries += 1;
        script.retried += u64::from(delivery.attempts.len() > 1);
        script.duplicates += u64::from(delivery.duplicate);
        delivery.elapsed.into_iter().for_each(|elapsed| script.elapsed.record(elapsed));
        match (delivery.latency, delivery.attempts.last().and_then(ReadAttempt::cut_off_at)) {
            (Some(took), _) => script.latencies.record(took),
            (None, Some(limit)) => script.latencies.cut_off(limit),
            (None, None) => {}
        }
    }

    /// The ids of the scripts of which a delivery failed.
    pub fn failed(&self) -> impl Iterator<Item = &str> {
        self.scripts.iter().filter(|(_, script)| script.failures > 0).map(|(id, _)| id.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::Quantile;

    fn read(text: &str) -> Result<PreviousRun, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        PreviousRun::read(file.path())
            .map_err(|problems| problems.0[0].message.replace(&file.path().display().to_string(), "F"))
    }

    const FINE: &str = r#"{"script":"a","trigger":1,"outcome":"delivered","band":"safe","attempts":[{"outcome":"success","status":200,"latency_ms":12.3,"phases":{"x":[1]}}],
        "latency_ms":12.3,"expect":{"passed":true,"failures":[]}}"#;
    const FAILED: &str = r#"{"script":"b","outcome":"failed","band":"timed_out","attempts":[{"outcome":"timed_out","status":null,"latency_ms":null,"limit_ms":10000}],"latency_ms":null,"expect":{"passed":false}}"#;
    const POLICY: &str = r#"{"name":"fixed","limit_ms":10000,"load_rate":0.0,"retries":3}"#;

    #[test]
    fn a_document_and_lines_say_the_same() {
        let document =
            format!(r#"{{"version": 1, "policy": {POLICY}, "deliveries": [{FINE}, {FAILED}], "summary": {{}}}}"#);
        let fine = FINE.replace('\n', " ");
        let lines =
            format!("{fine}\n{FAILED}\n{{\"version\":1,\"policy\":{POLICY},\"deliveries\":2,\"latency_ms\":{{}}}}\n");
        for text in [document, lines.clone(), lines.trim_end().to_owned()] {
            let past = read(&text).unwrap();
            assert_eq!(past.scripts["a"].latencies.at(0.5), Quantile::Measured(Duration::from_micros(12_300)));
            assert_eq!(past.scripts["b"].latencies.cut_off_count(), 1);
            assert_eq!(past.failed().collect::<Vec<_>>(), ["b"]);
            assert_eq!(past.policy.map(|policy| policy.limit), Some(Duration::from_secs(10)));
        }
        assert_eq!(read(r#"{"version":1,"deliveries":[]}"#).unwrap().scripts.len(), 0);
    }

    #[test]
    fn retries_and_failures_that_were_expected_are_seen() {
        let attempt =
            |outcome, status| format!(r#"{{"outcome":"{outcome}","status":{status},"latency_ms":5,"limit_ms":10000}}"#);
        let delivery = |outcome, attempts: &[String], passed| {
            let attempts = attempts.join(",");
            format!(
                r#"{{"type":"delivery","script":"a","outcome":"{outcome}","attempts":[{attempts}],"latency_ms":5,"elapsed_ms":2005.5,"duplicate":true,"expect":{{"passed":{passed}}}}}"#
            )
        };
        let retried = delivery("delivered", &[attempt("http_error", 503), attempt("success", 200)], true);
        let expected = delivery("failed", &[attempt("http_error", 404)], true);
        let unexpected = delivery("failed", &[attempt("http_error", 404)], false);
        let late = delivery("failed", &[attempt("timed_out", 200)], true);
        let past = read(&[retried, expected, unexpected, late].join("\n")).unwrap();
        let script = &past.scripts["a"];
        assert_eq!((script.deliveries, script.failures, script.retried, script.duplicates), (4, 2, 1, 4));
        assert_eq!(script.elapsed.at(0.5), Quantile::Measured(Duration::from_micros(2_005_500)));
    }
}
