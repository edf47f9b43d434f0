//! The verdict of a run in one line, which agrees with the exit code.

use serde::Serialize;

use crate::delivery::{Criterion, Run, Summary};
use crate::report::fire::phrases;
use crate::text::quantity;

/// The verdict.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Headline {
    pub text: String,
    /// `✔`, `!` or `✘`
    pub mark: &'static str,
    /// `good`, `warning` or `bad`
    pub class: &'static str,
}

impl Headline {
    /// Of a run; `regression`: it is worse than an earlier one by more than is allowed.
    pub(super) fn new(run: &Run, summary: &Summary, regression: bool) -> Self {
        let failures = phrases::failures(summary);
        let fails = run.fail_on.fails(summary) || regression;
        let fine = summary.delivered_as_expected() == summary.deliveries && summary.deliveries > 0;
        let (mark, class) = match () {
            () if fails => ("✘", "bad"),
            () if !fine || reservations(run, summary).next().is_some() => ("!", "warning"),
            () => ("✔", "good"),
        };
        let clauses: Vec<String> = clauses(run, summary).collect();
        let reasons = reasons(run, summary);
        let mut text = failures.clone().unwrap_or_else(|| successes(summary));
        if !clauses.is_empty() {
            text += &format!(", {}", clauses.join(", "));
        }
        if !reasons.is_empty() {
            let but = if failures.is_some() { "and" } else { "but" };
            text += &format!(", {but} {}", reasons.join(" and "));
        }
        if failures.is_some() && !fails {
            text += ", within the error rate allowed";
        }
        if regression {
            text += ", with a regression";
        }
        Self { text, mark, class }
    }
}

fn successes(summary: &Summary) -> String {
    let (succeeded, expected, all) = (summary.delivered_as_expected(), summary.failed_as_expected, summary.deliveries);
    match (succeeded, all) {
        (_, 0) => "Nothing was fired".to_owned(),
        _ if expected == all => format!("{} failed, as expected", phrases::of_all(all, all)),
        (0, 1) if summary.throttled > 0 => "The delivery was throttled".to_owned(),
        (0, 1) => "The delivery was interrupted".to_owned(),
        (some, all) => format!("{} succeeded", phrases::of_all(some, all)),
    }
}

/// What became of those that neither succeeded nor failed, and what keeps a success from being a good one.
fn clauses<'r>(run: &'r Run, summary: &'r Summary) -> impl Iterator<Item = String> + 'r {
    let Summary { deliveries, failed_as_expected, throttled, interrupted, .. } = *summary;
    let failed = summary.failures() > 0;
    // Beside failures they would be too much for a line, as are reservations.
    let expected = if failed || failed_as_expected == deliveries { 0 } else { failed_as_expected };
    let others = [(expected, "failed as expected"), (throttled, "throttled"), (interrupted, "interrupted")];
    let others = others.into_iter().filter(move |(number, _)| *number > 0 && deliveries > 1);
    let others = others.map(|(number, what)| format!("{} {what}", quantity::thousands(number)));
    let reservations = reservations(run, summary).filter(move |_| !failed);
    let reservations = reservations.map(move |(number, what)| match (number, deliveries) {
        (1, 1) => what.to_owned(),
        _ => format!("{} {what}", quantity::thousands(number)),
    });
    others.chain(reservations)
}

/// Successes that are not good ones, as far as they do not fail the run.
fn reservations<'r>(run: &'r Run, summary: &'r Summary) -> impl Iterator<Item = (u64, &'static str)> + 'r {
    let all = [
        (Criterion::Retried, summary.delivered_on_retry, "only on a retry"),
        (Criterion::AtRisk, summary.bands.at_risk, "at risk of a timeout"),
        (Criterion::Callback, summary.callback_failed, "with a failed callback"),
    ];
    let all =
        all.into_iter().filter(|(criterion, number, _)| *number > 0 && !run.fail_on.criteria().contains(criterion));
    all.map(|(_, number, what)| (number, what))
}

/// Why the run fails, where it is not for its failures.
fn reasons(run: &Run, summary: &Summary) -> Vec<String> {
    let criteria = run.fail_on.criteria();
    if summary.failures() > 0 && criteria.contains(&Criterion::Failed) {
        return Vec::new();
    }
    let counted = criteria.iter().filter_map(|criterion| {
        let number = criterion.deliveries(summary);
        let did = phrases::did(criterion, &run.policy).filter(|_| number > 0)?;
        let subject = if summary.deliveries == 1 { "it".to_owned() } else { quantity::thousands(number) };
        Some(format!("{subject} {did}"))
    });
    let above = summary.thresholds.iter().filter(|threshold| !threshold.passed);
    let above = above.filter_map(|result| result.threshold.split_once('>')).map(|(metric, limit)| {
        let metric = if metric == "error_rate" { "the error rate" } else { metric };
        format!("{metric} is over {limit}")
    });
    counted.chain(above).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::{Bands, FailOn, ThresholdResult};

    /// The headline of a run that fails on these: its text and its mark.
    fn headline(fail_on: &str, summary: &Summary, regression: bool) -> (String, &'static str) {
        let criteria = fail_on.split(',').map(|criterion| criterion.parse().expect("a criterion")).collect();
        let run = Run { fail_on: FailOn::new(criteria), ..crate::report::fire::tests::run(summary.deliveries) };
        let Headline { text, mark, .. } = Headline::new(&run, summary, regression);
        (text, mark)
    }

    /// The numbers of deliveries that were delivered, failed, throttled and interrupted.
    fn summary([delivered, failed, throttled, interrupted]: [u64; 4]) -> Summary {
        let deliveries = delivered + failed + throttled + interrupted;
        Summary { deliveries, delivered, failed, throttled, interrupted, ..Summary::default() }
    }

    #[test]
    fn each_says_what_came_of_the_run() {
        let retried = |summary| Summary { delivered_on_retry: 5, retried: 5, ..summary };
        let at_risk = |summary| Summary { bands: Bands { at_risk: 1, ..Bands::default() }, ..summary };
        let unexpected = |summary| Summary { expect_failed: 2, ..summary };
        let one = |summary| Summary { expect_failed: 1, ..summary };
        let expected = |summary| Summary { failed_as_expected: 9, ..summary };
        let callback = |summary| Summary { callback_failed: 1, ..summary };
        for (summary, text, mark) in [
            (summary([0, 0, 0, 0]), "Nothing was fired", "!"),
            (summary([1, 0, 0, 0]), "The delivery succeeded", "✔"),
            (summary([40, 0, 0, 0]), "All 40 deliveries succeeded", "✔"),
            (retried(summary([40, 0, 0, 0])), "All 40 deliveries succeeded, 5 only on a retry", "!"),
            (at_risk(summary([1, 0, 0, 0])), "The delivery succeeded, at risk of a timeout", "!"),
            (callback(summary([1, 0, 0, 0])), "The delivery succeeded, with a failed callback", "!"),
            (callback(summary([2, 0, 0, 0])), "All 2 deliveries succeeded, 1 with a failed callback", "!"),
            (summary([28, 0, 12, 0]), "28 of 40 deliveries succeeded, 12 throttled", "!"),
            (summary([0, 0, 1, 0]), "The delivery was throttled", "!"),
            (summary([0, 0, 0, 1]), "The delivery was interrupted", "!"),
            (summary([0, 1, 0, 0]), "The delivery failed", "✘"),
            (retried(summary([37, 3, 0, 0])), "3 of 40 deliveries failed", "✘"),
            (summary([1_200, 34, 0, 6]), "34 of 1,240 deliveries failed, 6 interrupted", "✘"),
            (summary([0, 9, 0, 0]), "All 9 deliveries failed", "✘"),
            (one(summary([1, 0, 0, 0])), "The delivery was not as expected", "✘"),
            (unexpected(summary([10, 0, 0, 0])), "2 of 10 deliveries were delivered, not as expected", "✘"),
            (
                unexpected(summary([9, 1, 0, 0])),
                "1 of 10 deliveries failed, and 2 were delivered, not as expected",
                "✘",
            ),
            (expected(summary([0, 9, 0, 0])), "All 9 deliveries failed, as expected", "!"),
            (expected(summary([3, 9, 1, 0])), "3 of 13 deliveries succeeded, 9 failed as expected, 1 throttled", "!"),
            (expected(summary([3, 10, 0, 0])), "1 of 13 deliveries failed", "✘"),
        ] {
            assert_eq!(headline("failed", &summary, false), (text.to_owned(), mark), "{summary:?}");
        }
        let worse = headline("failed", &summary([2, 0, 0, 0]), true);
        assert_eq!(worse, ("All 2 deliveries succeeded, with a regression".to_owned(), "✘"));
    }

    #[test]
    fn what_fails_the_run_is_in_it() {
        let threshold = |threshold: &str, passed| ThresholdResult {
            threshold: threshold.to_owned(),
            limit: 0.0,
            actual: Some(1.0),
            passed,
        };
        let some = Summary {
            retried: 3,
            delivered_on_retry: 2,
            callback_failed: 1,
            bands: Bands { safe: 2, at_risk: 1, timed_out: 1 },
            ..summary([4, 0, 0, 0])
        };
        let slow = Summary { thresholds: vec![threshold("p95>5s", false)], ..summary([1, 0, 0, 0]) };
        let few = Summary { thresholds: vec![threshold("error_rate>30%", true)], ..summary([3, 1, 0, 0]) };
        let many = Summary { thresholds: vec![threshold("error_rate>20%", false)], ..summary([3, 1, 0, 0]) };
        for (fail_on, summary, text, mark) in [
            (
                "at_risk",
                &some,
                "All 4 deliveries succeeded, 2 only on a retry, 1 with a failed callback, but 2 took longer than the safe 5 s",
                "✘",
            ),
            (
                "retried,callback",
                &some,
                "All 4 deliveries succeeded, 1 at risk of a timeout, but 3 needed a retry and 1 had a failed callback",
                "✘",
            ),
            ("p95>5s", &slow, "The delivery succeeded, but p95 is over 5s", "✘"),
            ("error_rate>30%", &few, "1 of 4 deliveries failed, within the error rate allowed", "!"),
            ("error_rate>20%", &many, "1 of 4 deliveries failed, and the error rate is over 20%", "✘"),
            ("failed,error_rate>30%", &few, "1 of 4 deliveries failed", "✘"),
        ] {
            assert_eq!(headline(fail_on, summary, false), (text.to_owned(), mark), "{fail_on}");
        }
    }
}
