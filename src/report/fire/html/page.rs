//! What the page shows, as text that is ready for its templates. They escape every piece of it.

use serde::Serialize;

use super::distribution::Distribution;
use super::headline::Headline;
use super::observations::{Answer, Observations};
use super::request::RequestOfScript;
use super::row::Row;
use super::timeline::TimelinePlot;
use super::tone::{class, unless_failed};
use super::waits::Waits;
use crate::delivery::{
    Change, Compared, Comparison, Criterion, Endpoint, Latencies, PolicySnapshot, Quantile, Run, Summary, Tally,
};
use crate::report::fire::phrases;
use crate::report::printable;
use crate::text::duration::{measured, millis};
use crate::text::quantity;

/// The page.
#[derive(Debug, Serialize)]
pub(super) struct Page {
    headline: Headline,
    generated: String,
    /// What was fired, and under which limits.
    run: String,
    outcome: Vec<Part>,
    outcome_description: String,
    first_failure: Option<FirstFailure>,
    /// What there is to know about the counts.
    remarks: Vec<Sentence>,
    latency: Option<Figures>,
    /// Requests and bytes, and how fast. None of a single delivery.
    volume: Vec<(String, &'static str)>,
    from_intended_start: Option<Figures>,
    distribution: Option<Distribution>,
    timeline: Option<TimelinePlot>,
    waits: Option<Waits>,
    /// Under each limit: its name, and how many were in time. None of a single delivery.
    in_time: Vec<(&'static str, Sentence)>,
    /// What the move from the legacy wait to the fixed limit means. Of a single delivery only bad news, as it says the rest itself.
    change: Vec<Sentence>,
    /// None of a single delivery, as with the outcome and the scripts: its own lines say it all.
    answers: Vec<AnswerRow>,
    practices: Vec<Practice>,
    scripts: Option<ScriptTable>,
    requests: Vec<RequestOfScript>,
    comparison: Option<ComparisonTable>,
    deliveries: Vec<Row>,
    /// Kinds among them that most runs do not have.
    has_expected: bool,
    has_callback_failed: bool,
    /// Says what of the deliveries is not on the page; empty where all is.
    left_out: String,
    assumed: String,
}

#[derive(Debug, Serialize)]
struct Sentence {
    text: String,
    class: &'static str,
}

/// A part of the bar of outcomes.
#[derive(Debug, Serialize)]
struct Part {
    label: &'static str,
    number: String,
    class: &'static str,
    /// Start and width in percent of the bar.
    start: String,
    width: String,
}

#[derive(Debug, Serialize)]
struct FirstFailure {
    label: &'static str,
    place: u64,
    delivery: String,
    reason: String,
}

/// Figures about latency: the one that matters most, and the others.
#[derive(Debug, Serialize)]
struct Figures {
    label: &'static str,
    value: String,
    others: Vec<(&'static str, String)>,
}

/// How the last attempts of some deliveries ended.
#[derive(Debug, Serialize)]
struct AnswerRow {
    name: String,
    count: String,
    share: String,
    /// Width of its bar in percent of the longest.
    width: String,
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
struct ScriptTable {
    columns: Vec<&'static str>,
    rows: Vec<Script>,
}

#[derive(Debug, Serialize)]
struct Script {
    script: String,
    name: String,
    target: String,
    /// Figures with what they are sorted by.
    cells: Vec<Cell>,
}

#[derive(Debug, Serialize)]
struct Cell {
    text: String,
    sort: String,
    class: &'static str,
}

impl Page {
    /// The page of a run; `deliveries` are those of them that it shows.
    pub(super) fn new(
        run: &Run,
        tally: &Tally,
        observations: &Observations,
        deliveries: Vec<Row>,
        generated: String,
    ) -> Self {
        let summary = tally.summary(&run.fail_on);
        let policy = &run.policy;
        let found = tally.comparison(run);
        let regression = found.as_ref().is_some_and(Comparison::is_regression);
        let headline = Headline::new(run, &summary, regression);
        let wrong = headline.class == "bad" || summary.failures() > 0;
        let sentence =
            |(text, good): (String, Option<bool>)| Sentence { text, class: unless_failed(class(good), wrong) };
        let several = summary.deliveries > 1;
        Self {
            headline,
            generated,
            run: conditions(run, &summary),
            outcome: if several { outcome(&summary) } else { Vec::new() },
            outcome_description: describe(&summary),
            first_failure: FirstFailure::among(&deliveries),
            remarks: remarks(run, &summary).chain(phrases::notes(run, &summary).into_iter().map(sentence)).collect(),
            latency: figures(tally.latencies()),
            volume: if several { phrases::volume(&summary) } else { Vec::new() },
            from_intended_start: tally.latencies_from_intended_start().and_then(figures),
            distribution: Distribution::new(policy, tally.latencies(), &observations.failed),
            timeline: observations.timeline.plot(policy),
            waits: Waits::new(policy, &summary, tally.latencies()),
            in_time: in_time(&summary, policy).map(|(limit, text)| (limit, sentence(text))).collect(),
            change: change(run, &summary).map(sentence).collect(),
            answers: if several { answers(observations, summary.deliveries) } else { Vec::new() },
            practices: practices(run, tally),
            scripts: several.then(|| ScriptTable::new(run, tally, &summary)),
            requests: run.requests.iter().map(RequestOfScript::new).collect(),
            comparison: found.map(|found| comparison(found, wrong)),
            left_out: left_out(&deliveries, summary.deliveries),
            has_expected: deliveries.iter().any(|row| row.expected),
            has_callback_failed: deliveries.iter().any(|row| row.callback_failed),
            deliveries,
            assumed: phrases::keys(&policy.assumed),
        }
    }
}

/// What was fired, how, and what it is judged by.
fn conditions(run: &Run, summary: &Summary) -> String {
    let mut parts = vec![
        quantity::count(summary.deliveries, "delivery"),
        quantity::count(summary.attempts, "attempt"),
        quantity::count(summary.retries, "retry"),
    ];
    if run.requests.len() > 1 {
        parts.push(quantity::count(run.requests.len() as u64, "script"));
    }
    if run.concurrency > 1 && summary.deliveries > 1 {
        parts.push(format!("at most {} at once", quantity::thousands(run.concurrency as u64)));
    }
    parts.push(phrases::policy(&run.policy));
    parts.join(" · ")
}

/// The outcomes that there are, each delivery in one: what is zero takes no room.
fn outcome(summary: &Summary) -> Vec<Part> {
    let mut start = 0.0;
    let all = summary.deliveries.max(1) as f64;
    let mut part = |(label, number, class): (&'static str, u64, &'static str)| {
        let width = number as f64 / all * 100.0;
        let part = Part {
            label,
            number: quantity::thousands(number),
            class,
            start: format!("{start:.2}%"),
            // The smallest number can still be seen.
            width: format!("{:.2}%", width.max(0.5)),
        };
        start += width;
        part
    };
    [
        ("failed", summary.failed_unexpectedly(), "bad"),
        ("delivered, not as expected", summary.expect_failed, "unexpected"),
        ("failed, as expected", summary.failed_as_expected, "expected"),
        ("throttled", summary.throttled, "warning"),
        ("interrupted", summary.interrupted, "neutral"),
        ("delivered", summary.delivered_as_expected(), "good"),
    ]
    .into_iter()
    .filter(|(_, number, _)| *number > 0)
    .map(&mut part)
    .collect()
}

fn describe(summary: &Summary) -> String {
    let parts = outcome(summary).into_iter().map(|part| format!("{} {}", part.number, part.label));
    format!("Of {}: {}.", quantity::count(summary.deliveries, "delivery"), parts.collect::<Vec<_>>().join("; "))
}

impl FirstFailure {
    /// The first that failed, else the first for which the run fails: both have the first places on the page, so that it is
    /// among `rows`.
    fn among(rows: &[Row]) -> Option<Self> {
        let first = |wanted: fn(&Row) -> bool, one: &'static str, several: &'static str| {
            let mut found = rows.iter().filter(|row| wanted(row));
            found.next().map(|row| Self::new(row, if found.next().is_some() { several } else { one }))
        };
        first(|row| row.failed, "Failed:", "Failed first:")
            .or_else(|| first(|row| row.fails_run, "Fails the run:", "First to fail the run:"))
    }

    fn new(row: &Row, label: &'static str) -> Self {
        Self {
            label,
            place: row.place,
            delivery: format!("{} #{}", row.script, row.trigger),
            reason: row.reason.clone(),
        }
    }
}

/// What the counts mean, as far as the words of all reports do not say it.
fn remarks(run: &Run, summary: &Summary) -> impl Iterator<Item = Sentence> {
    // What --fail-on asks for is shown as the reason why the run fails.
    let unless_asked = |criterion, number| if run.fail_on.criteria().contains(&criterion) { 0 } else { number };
    let subject = |number: u64| match (number, summary.deliveries) {
        (_, 1) => "It was".to_owned(),
        (1, _) => "1 was".to_owned(),
        (number, _) => format!("{} were", quantity::thousands(number)),
    };
    let at_risk =
        format!("at risk: over {}, so in time only while the platform is not loaded.", measured(run.policy.safe));
    let all = [
        (summary.expect_failed, "bad", "delivered, but not as the script expects."),
        (
            summary.failed_as_expected,
            "warning",
            "answered with the status that the script expects; production counts that as failed.",
        ),
        (unless_asked(Criterion::AtRisk, summary.bands.at_risk), "warning", &at_risk),
        (unless_asked(Criterion::Retried, summary.delivered_on_retry), "warning", "delivered only on a retry."),
        (
            summary.duplicates,
            "warning",
            "sent to the receiver more than once and may have been executed more than once.",
        ),
        (
            summary.resent,
            "warning",
            "sent again within the attempt: the server had closed the connection, or did not process the request.",
        ),
        (summary.interrupted, "warning", "interrupted."),
    ];
    let sentences = all.into_iter().filter(|(number, ..)| *number > 0);
    let sentences =
        sentences.map(|(number, class, what)| Sentence { text: format!("{} {what}", subject(number)), class });
    sentences.collect::<Vec<_>>().into_iter()
}

fn in_time(summary: &Summary, policy: &PolicySnapshot) -> impl Iterator<Item = (&'static str, (String, Option<bool>))> {
    let verdicts = (summary.verdicts.sent > 1).then(|| phrases::verdicts(summary, policy));
    verdicts.into_iter().flatten().map(|(limit, text, good)| (limit, (text, good)))
}

fn change(run: &Run, summary: &Summary) -> impl Iterator<Item = (String, Option<bool>)> {
    let single = summary.deliveries == 1;
    phrases::change(run, summary).into_iter().filter(move |(_, good)| !single || *good != Some(true))
}

/// The median and the tail, or the latency itself where there is only one.
fn figures(latencies: &Latencies) -> Option<Figures> {
    let at = |quantile| phrases::rank(latencies.at(quantile));
    match latencies.measured() + latencies.cut_off_count() {
        0 => None,
        1 => Some(Figures { label: "latency", value: at(1.0), others: Vec::new() }),
        _ => {
            let others =
                [("fastest", 0.0), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99), ("p99.9", 0.999), ("slowest", 1.0)];
            let others = others.map(|(label, quantile)| (label, at(quantile))).into();
            Some(Figures { label: "median latency", value: at(0.5), others })
        }
    }
}

fn answers(observations: &Observations, deliveries: u64) -> Vec<AnswerRow> {
    let all = observations.answers.by_frequency();
    let most = all.first().map_or(1, |answer| answer.count).max(1) as f64;
    let row = |answer: &Answer| AnswerRow {
        name: answer.name.clone(),
        count: quantity::thousands(answer.count),
        share: format!("{:.1} %", answer.count as f64 / deliveries.max(1) as f64 * 100.0),
        width: format!("{:.2}%", (answer.count as f64 / most * 100.0).max(0.5)),
        class: if answer.failed > 0 { "bad" } else { "plain" },
    };
    all.into_iter().map(row).collect()
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

fn comparison(found: Comparison, failed: bool) -> ComparisonTable {
    let (text, good) = phrases::comparison(&found);
    let row = |script: &Compared| {
        let class = match script.change {
            _ if script.regression => "bad",
            Change::StillFailing => "warning",
            Change::Faster | Change::FailsLess | Change::RetriedLess => "good",
            _ => "muted",
        };
        (script.script.clone(), Sentence { text: phrases::compared(script), class })
    };
    ComparisonTable {
        scripts: found.scripts.iter().map(row).collect(),
        verdict: Sentence { text, class: unless_failed(class(good), failed) },
        with: found.with,
        differences: found.differences,
    }
}

/// A count of deliveries in the table of scripts: its column, the class of numbers that are not zero, and its number for a
/// script.
type Count = (&'static str, &'static str, fn(&Endpoint) -> u64);

/// The counts of the table; the kinds of failures are those of the bar, so that each adds up to the same number.
fn script_counts(summary: &Summary) -> Vec<Count> {
    let all: [(bool, Count); 6] = [
        (true, ("sent", "", |endpoint| endpoint.deliveries)),
        (true, ("failed", "bad", |endpoint| endpoint.failed)),
        (summary.expect_failed > 0, ("not as expected", "bad", |endpoint| endpoint.unexpected)),
        (summary.failed_as_expected > 0, ("failed, as expected", "warning", |endpoint| endpoint.failed_as_expected)),
        (true, ("on retry", "warning", |endpoint| endpoint.on_retry)),
        (summary.throttled > 0, ("throttled", "warning", |endpoint| endpoint.throttled)),
    ];
    all.into_iter().filter(|(there, _)| *there).map(|(_, count)| count).collect()
}

impl ScriptTable {
    fn new(run: &Run, tally: &Tally, summary: &Summary) -> Self {
        let counts = script_counts(summary);
        Self {
            columns: counts.iter().map(|(column, ..)| *column).chain(["p50", "p95", "p99", "max"]).collect(),
            rows: tally.endpoints().map(|(script, endpoint)| Script::new(run, script, endpoint, &counts)).collect(),
        }
    }
}

impl Script {
    fn new(run: &Run, script: &str, endpoint: &Endpoint, counts: &[Count]) -> Self {
        let request = run.request(script);
        let count = |(_, class, number): &Count| {
            let number = number(endpoint);
            let class = if number > 0 { *class } else { "muted" };
            Cell { text: quantity::thousands(number), sort: number.to_string(), class }
        };
        let time = |quantile| {
            let rank = endpoint.latencies.at(quantile);
            let sort = match rank {
                Quantile::Empty => "-1".to_owned(),
                Quantile::Measured(latency) => format!("{:.3}", millis(latency)),
                // After all that were measured.
                Quantile::Over(_) => "1e12".to_owned(),
            };
            Cell { text: phrases::rank(rank), sort, class: "" }
        };
        let cells = counts.iter().map(count).chain([0.5, 0.95, 0.99, 1.0].map(time)).collect();
        Self {
            script: script.to_owned(),
            name: request.map(|request| printable::line(&request.name).into_owned()).unwrap_or_default(),
            target: request.map(|r| format!("{} {}", r.method, printable::line(&r.url))).unwrap_or_default(),
            cells,
        }
    }
}

/// What of `all` deliveries is not on the page.
fn left_out(shown: &[Row], all: u64) -> String {
    let open = shown.iter().filter(|row| row.details.is_some()).count() as u64;
    let shown = shown.len() as u64;
    let mut text = String::new();
    if shown < all {
        text = format!(
            "{} of {} are listed; failed ones take priority over late or retried ones, and these over the others. ",
            quantity::thousands(shown),
            quantity::count(all, "delivery")
        );
    }
    if open < all {
        text += &format!(
            "{} of them can be opened, by the same priority; --format jsonl has every attempt of every delivery.",
            quantity::thousands(open)
        );
    }
    text
}
