//! The verdict of a run in one line, and the counts that every part of the page takes from here.

use serde::Serialize;

use crate::delivery::{Summary, Tally};
use crate::text::quantity;

/// The deliveries of a run, each counted once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    pub deliveries: u64,
    /// Neither of the others.
    pub succeeded: u64,
    /// They count against the run: not delivered, or not as their script expects.
    pub failed: u64,
    /// Over the trigger limit, not sent.
    pub throttled: u64,
    /// Ended by Ctrl-C.
    pub interrupted: u64,
}

impl Counts {
    /// Of what a tally has counted: failures as its endpoints have them, which the table of scripts shows.
    pub fn new(tally: &Tally, summary: &Summary) -> Self {
        let failed = tally.endpoints().map(|(_, endpoint)| endpoint.failures).sum();
        let Summary { deliveries, throttled, interrupted, .. } = *summary;
        let succeeded = deliveries.saturating_sub(failed).saturating_sub(throttled).saturating_sub(interrupted);
        Self { deliveries, succeeded, failed, throttled, interrupted }
    }
}

/// The verdict.
#[derive(Debug, PartialEq, Serialize)]
pub struct Headline {
    pub text: String,
    /// `✔`, `!` or `✘`
    pub mark: &'static str,
    /// `good`, `warning` or `bad`
    pub class: &'static str,
}

impl Headline {
    /// Of a run; `regression`: it is worse than an earlier one by more than is allowed.
    pub fn new(counts: &Counts, summary: &Summary, regression: bool) -> Self {
        let Counts { deliveries, succeeded, failed, .. } = *counts;
        let (mark, class) = match () {
            () if failed > 0 || regression => ("✘", "bad"),
            () if succeeded < deliveries || deliveries == 0 || reservations(summary).next().is_some() => {
                ("!", "warning")
            }
            () => ("✔", "good"),
        };
        let mut text = if failed > 0 { failures(counts, summary) } else { successes(counts) };
        let clauses: Vec<String> = clauses(counts, summary).collect();
        if !clauses.is_empty() {
            text += &format!(", {}", clauses.join(", "));
        }
        if regression {
            text += ", with a regression";
        }
        Self { text, mark, class }
    }
}

fn failures(counts: &Counts, summary: &Summary) -> String {
    let Counts { deliveries, failed, .. } = *counts;
    // Where each was delivered, it is their scripts that are not content.
    let what = match (failed == summary.expect_failed, failed) {
        (true, 1) => "was not as expected",
        (true, _) => "were not as expected",
        (false, _) => "failed",
    };
    match (failed, deliveries) {
        (1, 1) => format!("The delivery {what}"),
        (failed, all) if failed == all => format!("All {} {what}", quantity::count(all, "delivery")),
        (failed, all) => format!("{} of {} {what}", quantity::thousands(failed), quantity::count(all, "delivery")),
    }
}

fn successes(counts: &Counts) -> String {
    let Counts { deliveries, succeeded, .. } = *counts;
    match (succeeded, deliveries) {
        (_, 0) => "Nothing was fired".to_owned(),
        (1, 1) => "The delivery succeeded".to_owned(),
        (0, 1) => "The delivery did not take place".to_owned(),
        (some, all) if some == all => format!("All {} succeeded", quantity::count(all, "delivery")),
        (some, all) => format!("{} of {} succeeded", quantity::thousands(some), quantity::count(all, "delivery")),
    }
}

/// What became of those that neither succeeded nor failed, and what keeps a success from being a good one.
fn clauses<'c>(counts: &'c Counts, summary: &'c Summary) -> impl Iterator<Item = String> + 'c {
    let Counts { deliveries, failed, throttled, interrupted, .. } = *counts;
    let others = [(throttled, "throttled"), (interrupted, "interrupted")].into_iter().filter(|(number, _)| *number > 0);
    let others = others.map(|(number, what)| format!("{} {what}", quantity::thousands(number)));
    // Beside failures they would be too much for a line.
    let reservations = reservations(summary).filter(move |_| failed == 0);
    let reservations = reservations.map(move |(number, what)| match (number, deliveries) {
        (1, 1) => what.to_owned(),
        _ => format!("{} {what}", quantity::thousands(number)),
    });
    others.chain(reservations)
}

/// Successes that are not good ones.
fn reservations(summary: &Summary) -> impl Iterator<Item = (u64, &'static str)> {
    let all = [(summary.delivered_on_retry, "only on a retry"), (summary.bands.at_risk, "at risk of a timeout")];
    all.into_iter().filter(|(number, _)| *number > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::Bands;

    /// The headline of so many deliveries: succeeded, failed, throttled, interrupted.
    fn headline(counts: [u64; 4], summary: Summary) -> (String, &'static str) {
        let [succeeded, failed, throttled, interrupted] = counts;
        let counts = Counts { deliveries: counts.iter().sum(), succeeded, failed, throttled, interrupted };
        let Headline { text, mark, .. } = Headline::new(&counts, &summary, false);
        (text, mark)
    }

    #[test]
    fn each_says_what_came_of_the_run() {
        let retried = Summary { delivered_on_retry: 5, ..Summary::default() };
        let at_risk = Summary { bands: Bands { at_risk: 1, ..Bands::default() }, ..Summary::default() };
        let unexpected = Summary { expect_failed: 2, ..Summary::default() };
        for (counts, summary, text, mark) in [
            ([0, 0, 0, 0], Summary::default(), "Nothing was fired", "!"),
            ([1, 0, 0, 0], Summary::default(), "The delivery succeeded", "✔"),
            ([40, 0, 0, 0], Summary::default(), "All 40 deliveries succeeded", "✔"),
            ([40, 0, 0, 0], retried.clone(), "All 40 deliveries succeeded, 5 only on a retry", "!"),
            ([1, 0, 0, 0], at_risk, "The delivery succeeded, at risk of a timeout", "!"),
            ([28, 0, 12, 0], Summary::default(), "28 of 40 deliveries succeeded, 12 throttled", "!"),
            ([0, 1, 0, 0], Summary::default(), "The delivery failed", "✘"),
            ([37, 3, 0, 0], retried, "3 of 40 deliveries failed", "✘"),
            ([1_200, 34, 0, 6], Summary::default(), "34 of 1,240 deliveries failed, 6 interrupted", "✘"),
            ([0, 9, 0, 0], Summary::default(), "All 9 deliveries failed", "✘"),
            ([8, 2, 0, 0], unexpected.clone(), "2 of 10 deliveries were not as expected", "✘"),
            ([7, 3, 0, 0], unexpected, "3 of 10 deliveries failed", "✘"),
        ] {
            assert_eq!(headline(counts, summary), (text.to_owned(), mark), "{counts:?}");
        }
        let fine = Counts { deliveries: 2, succeeded: 2, failed: 0, throttled: 0, interrupted: 0 };
        let worse = Headline::new(&fine, &Summary::default(), true);
        assert_eq!((worse.text.as_str(), worse.class), ("All 2 deliveries succeeded, with a regression", "bad"));
    }
}
