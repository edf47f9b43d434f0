//! JUnit XML: a suite for each script, a test case for each delivery; delivered on a retry is a flaky test.

use std::io::{self, Write};

use indexmap::IndexMap;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestRerun, TestSuite};

use super::{OutputFormat, phrases};
use crate::delivery::{
    Attempt, AttemptOutcome, Comparison, Criterion, Delivery, DeliveryOutcome, Run, Tally, ThresholdResult,
};
use crate::report::junit::document;
use crate::report::printable;
use crate::text::quantity;

/// Test cases kept: a CI server shows no more, and the document needs its counts before its cases.
const CASES: usize = 20_000;

/// `--format junit`
#[derive(Debug, Default)]
pub struct Junit {
    suites: IndexMap<String, TestSuite>,
    cases: usize,
    left_out: u64,
}

impl OutputFormat for Junit {
    fn start(&mut self, _: &mut dyn Write, _: &Run) -> io::Result<()> {
        Ok(())
    }

    fn delivery(&mut self, _: &mut dyn Write, run: &Run, delivery: &Delivery) -> io::Result<()> {
        if self.cases == CASES {
            self.left_out += 1;
            return Ok(());
        }
        self.cases += 1;
        let script = &delivery.script;
        let suite = self.suites.entry(script.clone()).or_insert_with(|| TestSuite::new(script.as_str()));
        let time = suite.time.unwrap_or_default() + delivery.elapsed;
        suite.set_time(time);
        suite.add_test_case(case(run, delivery));
        Ok(())
    }

    fn finish(&mut self, out: &mut dyn Write, run: &Run, tally: &Tally) -> io::Result<()> {
        let mut report = Report::new("hookctl fire");
        if self.left_out > 0 {
            let note = format!("The first {}; {} more are left out.", quantity::thousands(CASES as u64), self.left_out);
            if let Some((_, suite)) = self.suites.last_mut() {
                suite.set_system_out(note);
            }
        }
        report.add_test_suites(std::mem::take(&mut self.suites).into_values());
        let thresholds = tally.summary(&run.fail_on).thresholds;
        if !thresholds.is_empty() {
            report.add_test_suite(held_against(&thresholds));
        }
        if let Some(comparison) = tally.comparison(run) {
            report.add_test_suite(compared(&comparison));
        }
        out.write_all(document(&report).as_bytes())
    }
}

fn case(run: &Run, delivery: &Delivery) -> TestCase {
    let mut remarks = phrases::remarks(delivery);
    let mut status = match delivery.outcome {
        DeliveryOutcome::Throttled => {
            let limit = phrases::trigger_limit(&run.policy);
            skipped(&format!("over the {limit}, not sent; --ignore-trigger-limit sends it too"))
        }
        DeliveryOutcome::Interrupted => skipped("interrupted"),
        DeliveryOutcome::Delivered | DeliveryOutcome::Failed => match run.fail_on.covers(delivery) {
            Some(criterion) => {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                let message = phrases::failure(criterion, delivery, &run.policy);
                status.set_type(kind(criterion, delivery)).set_message(printable::line(&message));
                status
            }
            None => {
                // One of those that `error_rate` puts up with.
                let tolerated = delivery.is_failure();
                remarks.extend(tolerated.then(|| phrases::failure(&Criterion::Failed, delivery, &run.policy)));
                TestCaseStatus::success()
            }
        },
    };
    if let Some((_, earlier)) = delivery.attempts.split_last() {
        status.add_reruns(earlier.iter().map(rerun));
    }
    let mut case = TestCase::new(format!("trigger {}", delivery.trigger), status);
    case.set_classname(delivery.script.as_str()).set_time(delivery.elapsed);
    if !remarks.is_empty() {
        let lines: Vec<_> = remarks.iter().map(|remark| printable::line(remark)).collect();
        case.set_system_out(lines.join("\n"));
    }
    case
}

/// By what a delivery fails the run, in a word.
fn kind(criterion: &Criterion, delivery: &Delivery) -> String {
    match (criterion, delivery.outcome) {
        (Criterion::Failed, DeliveryOutcome::Delivered) => "expect".to_owned(),
        (Criterion::Failed, _) => reason(delivery.attempts.last()).to_owned(),
        (other, _) => other.to_string(),
    }
}

/// A test case for each threshold of `--fail-on`.
fn held_against(thresholds: &[ThresholdResult]) -> TestSuite {
    let mut suite = TestSuite::new("thresholds");
    for threshold in thresholds {
        let (text, _) = phrases::threshold(threshold);
        let mut status = TestCaseStatus::success();
        if !threshold.passed {
            status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_type("threshold").set_message(text);
        }
        let mut case = TestCase::new(threshold.threshold.as_str(), status);
        case.set_classname("thresholds");
        suite.add_test_case(case);
    }
    suite
}

/// A test case for each script of a comparison: it fails where the script is worse than the run allows.
fn compared(comparison: &Comparison) -> TestSuite {
    let mut suite = TestSuite::new(format!("compared with {}", comparison.with));
    for script in &comparison.scripts {
        let status = if script.regression && comparison.max_regression.is_some() {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_type("regression").set_message(phrases::compared(script));
            status
        } else {
            TestCaseStatus::success()
        };
        let mut case = TestCase::new(script.script.as_str(), status);
        case.set_classname("comparison");
        suite.add_test_case(case);
    }
    suite
}

fn skipped(message: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(message);
    status
}

fn rerun(attempt: &Attempt) -> TestRerun {
    let mut rerun = TestRerun::new(NonSuccessKind::Failure);
    let what = format!("{} ({})", phrases::attempt_outcome(attempt), phrases::latency(attempt));
    rerun.set_type(reason(Some(attempt))).set_message(match &attempt.error {
        Some(error) => format!("attempt {}: {what}: {}", attempt.number, printable::line(error)),
        None => format!("attempt {}: {what}", attempt.number),
    });
    if let Some(latency) = attempt.latency {
        rerun.set_time(latency);
    }
    rerun
}

fn reason(attempt: Option<&Attempt>) -> &'static str {
    match attempt.map(|attempt| attempt.outcome) {
        Some(AttemptOutcome::Success) | None => "failed",
        Some(outcome) => outcome.name(),
    }
}
