//! The end of the report: counts, latencies, bands, verdicts, a line per script, and advice.

use std::io::{self, Write};

use indexmap::IndexMap;
use unicode_width::UnicodeWidthStr;

use super::paragraph::{Layout, Paint, Paragraph, together};
use super::retries;
use crate::delivery::{Advice, Change, Comparison, Endpoint, Latencies, Quantile, Run, Summary, Tally};
use crate::report::fire::phrases;
use crate::text::duration::measured;
use crate::text::quantity;

/// Writes it.
pub(super) fn write(out: &mut dyn Write, layout: Layout, run: &Run, tally: &Tally) -> io::Result<()> {
    let summary = tally.summary(&run.fail_on);
    counts(&summary).write(out, layout, "", 2)?;
    // For a single delivery, the block above has said it all.
    if summary.deliveries > 1 {
        line(out, layout, "latency", latencies(tally.latencies()))?;
        if let Some(due) = tally.latencies_from_intended_start() {
            let text = latencies(due).item("from when each was due, so queueing is included", Paint::Dim);
            line(out, layout, "when due", text)?;
        }
        bands(out, layout, &summary)?;
        line(out, layout, "volume", volume(&summary))?;
    }
    if summary.verdicts.sent > 1 {
        for (limit, words, good) in phrases::verdicts(&summary, &run.policy) {
            // An answer in time is not good news if others failed.
            let paint = if good == Some(true) && summary.failures() > 0 { Paint::Plain } else { news(good) };
            line(out, layout, limit, Paragraph::default().add(&words, paint))?;
        }
    }
    if tally.endpoints().count() > 1 {
        writeln!(out)?;
        scripts(out, layout, tally, &summary)?;
        if summary.retries > 0 {
            let note = "latencies of every attempt, including retried ones";
            Paragraph::default().add(note, Paint::Dim).write(out, layout, "  ", 4)?;
        }
    }
    advice(out, layout, &tally.advice(run))?;
    if let Some(found) = tally.comparison(run) {
        comparison(out, layout, &found)?;
    }
    let mut sentences: Vec<(String, Option<bool>)> = Vec::new();
    if summary.deliveries > 1 {
        sentences.extend(phrases::failures(&summary).map(|text| (text + ".", Some(false))));
    }
    sentences.extend(phrases::notes(run, &summary));
    sentences.extend(phrases::change(run, &summary));
    // For a single delivery that is fine under both limits, its verdicts have said so.
    sentences.retain(|(text, good)| summary.deliveries > 1 || *good != Some(true) || text.contains("--fail-on"));
    if !sentences.is_empty() {
        writeln!(out)?;
    }
    for (sentence, good) in sentences {
        Paragraph::default().add(&sentence, news(good)).write(out, layout, "", 2)?;
    }
    Ok(())
}

fn news(good: Option<bool>) -> Paint {
    match good {
        Some(true) => Paint::Good,
        Some(false) => Paint::Bad,
        None => Paint::Warning,
    }
}

/// The run against the earlier one: a line for each script, the verdict last.
fn comparison(out: &mut dyn Write, layout: Layout, comparison: &Comparison) -> io::Result<()> {
    writeln!(out)?;
    Paragraph::default()
        .add("compared with", Paint::Dim)
        .add(&comparison.with, Paint::Bold)
        .write(out, layout, "", 2)?;
    for difference in &comparison.differences {
        Paragraph::default().add(difference, Paint::Warning).write(out, layout, "  ", 4)?;
    }
    for script in &comparison.scripts {
        let paint = match script.change {
            _ if script.regression => Paint::Bad,
            Change::StillFailing => Paint::Warning,
            Change::Faster | Change::FailsLess | Change::RetriedLess => Paint::Good,
            _ => Paint::Dim,
        };
        Paragraph::default()
            .add(&format!("{}:", script.script), Paint::Bold)
            .add(&phrases::compared(script), paint)
            .write(out, layout, "  ", 4)?;
    }
    let (sentence, good) = phrases::comparison(comparison);
    Paragraph::default().add(&sentence, news(good)).write(out, layout, "  ", 4)
}

/// Scripts named below one practice; a run of a hundred scripts must not become a wall.
const NAMED: usize = 5;

/// Each practice once, followed by the measurements of each script that needs it.
fn advice(out: &mut dyn Write, layout: Layout, all: &[Advice]) -> io::Result<()> {
    let mut practices: IndexMap<&str, Vec<&Advice>> = IndexMap::new();
    for advice in all {
        practices.entry(advice.practice).or_default().push(advice);
    }
    if !practices.is_empty() {
        writeln!(out)?;
    }
    for (practice, scripts) in practices {
        Paragraph::default().add(practice, Paint::Plain).write(out, layout, "→ ", 2)?;
        for advice in scripts.iter().take(NAMED) {
            let text =
                Paragraph::default().add(&format!("{}:", advice.script), Paint::Bold).add(&advice.measured, Paint::Dim);
            text.write(out, layout, "    ", 6)?;
        }
        if scripts.len() > NAMED {
            writeln!(out, "    … and {}", quantity::count((scripts.len() - NAMED) as u64, "more script"))?;
        }
    }
    Ok(())
}

fn line(out: &mut dyn Write, layout: Layout, label: &str, text: Paragraph) -> io::Result<()> {
    if layout.is_wide() {
        text.write(out, layout, &format!("  {label:<11}"), 13)
    } else {
        text.write(out, layout, &format!("  {label} "), 4)
    }
}

fn counts(summary: &Summary) -> Paragraph {
    let count = |number: u64, what: &str| together(&format!("{} {what}", quantity::thousands(number)));
    let mut line = Paragraph::default().add(&together(&quantity::count(summary.deliveries, "delivery")), Paint::Bold);
    line = line.add("=", Paint::Dim).add(&count(summary.delivered_as_expected(), "delivered"), Paint::Good);
    for (number, what, paint) in [
        (summary.expect_failed, "delivered, not as expected", Paint::Bad),
        (summary.failed_unexpectedly(), "failed", Paint::Bad),
        (summary.failed_as_expected, "failed, as expected", Paint::Warning),
        (summary.throttled, "throttled", Paint::Warning),
        (summary.interrupted, "interrupted", Paint::Warning),
    ] {
        if number > 0 {
            line = line.add("+", Paint::Dim).add(&count(number, what), paint);
        }
    }
    if summary.delivered_on_retry > 0 {
        line = line.item(&count(summary.delivered_on_retry, "delivered only on a retry"), Paint::Warning);
    }
    if summary.resent > 0 {
        line = line.item(&count(summary.resent, "sent again within the attempt"), Paint::Dim);
    }
    if summary.duplicates > 0 {
        line = line.item(&count(summary.duplicates, "received more than once"), Paint::Warning);
    }
    if summary.callback_failed > 0 {
        line = line.item(&count(summary.callback_failed, "with a failed callback"), Paint::Bad);
    }
    line = line.item(&together(&quantity::count(summary.attempts, "attempt")), Paint::Plain);
    line.item(&together(&retries(u32::try_from(summary.retries).unwrap_or(u32::MAX))), Paint::Plain)
}

fn latencies(latencies: &Latencies) -> Paragraph {
    if latencies.at(0.5) == Quantile::Empty {
        return Paragraph::default().add("none measured", Paint::Dim);
    }
    let named =
        [("min", 0.0), ("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99), ("p99.9", 0.999), ("max", 1.0)];
    named.iter().fold(Paragraph::default(), |line, (name, quantile)| {
        line.item(&together(&format!("{name} {}", phrases::rank(latencies.at(*quantile)))), Paint::Plain)
    })
}

/// Requests and bytes, and how fast.
fn volume(summary: &Summary) -> Paragraph {
    let figures = phrases::volume(summary).into_iter().map(|(number, unit)| format!("{number} {unit}"));
    let all = figures.chain([format!("in {}", measured(summary.elapsed))]);
    all.fold(Paragraph::default(), |line, text| line.item(&together(&text), Paint::Plain))
}

fn bands(out: &mut dyn Write, layout: Layout, summary: &Summary) -> io::Result<()> {
    let bands = &summary.bands;
    let all = bands.safe + bands.at_risk + bands.timed_out;
    if all == 0 {
        return Ok(());
    }
    let room = layout.width.saturating_sub(30).clamp(6, 40);
    let mut line_text = Paragraph::default();
    for (name, number, paint) in [
        ("safe", bands.safe, if summary.failures() > 0 { Paint::Plain } else { Paint::Good }),
        ("at risk", bands.at_risk, Paint::Warning),
        ("timed out", bands.timed_out, Paint::Bad),
    ] {
        // Anything above zero gets at least one block.
        let length = (number as f64 / all as f64 * room as f64).ceil() as usize;
        let bar = "█".repeat(length);
        line_text = line_text.add(&together(format!("{name} {} {bar}", quantity::thousands(number)).trim_end()), paint);
    }
    line(out, layout, "bands", line_text)
}

/// A table with a row for each script; without room for that, two lines a script.
fn scripts(out: &mut dyn Write, layout: Layout, tally: &Tally, summary: &Summary) -> io::Result<()> {
    let columns = columns(summary);
    let names: Vec<String> =
        std::iter::once("script").chain(columns.iter().map(|(name, _)| *name)).map(str::to_owned).collect();
    let mut rows = vec![names];
    rows.extend(tally.endpoints().map(|(script, endpoint)| {
        std::iter::once(script.to_owned()).chain(columns.iter().map(|(_, figure)| figure(endpoint))).collect()
    }));
    let widest = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell: &String| cell.width()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..=columns.len()).map(widest).collect();
    if 2 + widths.iter().sum::<usize>() + 2 * columns.len() > layout.width {
        return narrow_scripts(out, layout, &rows);
    }
    for (index, row) in rows.iter().enumerate() {
        let mut line = String::from(" ");
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let room = " ".repeat(width.saturating_sub(cell.width()));
            line.push_str(&if column == 0 { format!(" {cell}{room}") } else { format!("  {room}{cell}") });
        }
        writeln!(out, "{}", layout.paint(&line, if index == 0 { Paint::Dim } else { Paint::Plain }))?;
    }
    Ok(())
}

fn narrow_scripts(out: &mut dyn Write, layout: Layout, rows: &[Vec<String>]) -> io::Result<()> {
    let Some((names, rows)) = rows.split_first() else { return Ok(()) };
    for row in rows {
        let Some((script, figures)) = row.split_first() else { continue };
        Paragraph::default().add(script, Paint::Bold).write(out, layout, "  ", 4)?;
        let text = names.iter().skip(1).zip(figures).fold(Paragraph::default(), |text, (name, figure)| {
            text.item(&together(&format!("{name} {figure}")), Paint::Plain)
        });
        text.write(out, layout, "    ", 4)?;
    }
    Ok(())
}

/// A column's name, and its figure for a script.
type Column = (&'static str, fn(&Endpoint) -> String);

/// The columns; the classes of deliveries are those of the run's counts, so that each adds up to the same number.
fn columns(summary: &Summary) -> Vec<Column> {
    let mut columns: Vec<Column> = vec![
        ("sent", |endpoint| quantity::thousands(endpoint.deliveries)),
        ("failed", |endpoint| quantity::thousands(endpoint.failed)),
    ];
    if summary.expect_failed > 0 {
        columns.push(("not as expected", |endpoint| quantity::thousands(endpoint.unexpected)));
    }
    if summary.failed_as_expected > 0 {
        columns.push(("failed, as expected", |endpoint| quantity::thousands(endpoint.failed_as_expected)));
    }
    if summary.throttled > 0 {
        columns.push(("throttled", |endpoint| quantity::thousands(endpoint.throttled)));
    }
    columns.extend::<[Column; 5]>([
        ("on retry", |endpoint| quantity::thousands(endpoint.on_retry)),
        ("p50", |endpoint| phrases::rank(endpoint.latencies.at(0.5))),
        ("p90", |endpoint| phrases::rank(endpoint.latencies.at(0.9))),
        ("p99", |endpoint| phrases::rank(endpoint.latencies.at(0.99))),
        ("max", |endpoint| phrases::rank(endpoint.latencies.at(1.0))),
    ]);
    columns
}
