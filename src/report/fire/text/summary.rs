//! What the run came to: counts, latencies, bands, the set's verdict, a line for each script, and what the figures advise.

use std::io::{self, Write};

use indexmap::IndexMap;
use unicode_width::UnicodeWidthStr;

use super::paragraph::{Layout, Paint, Paragraph, together};
use super::retries;
use crate::delivery::{Advice, Change, Comparison, Endpoint, Latencies, Rank, Run, Summary, Tally};
use crate::quantity;
use crate::report::fire::words;

/// Writes it.
pub fn write(out: &mut dyn Write, layout: Layout, run: &Run, tally: &Tally) -> io::Result<()> {
    let summary = tally.summary();
    counts(&summary).write(out, layout, "", 2)?;
    // Of a single delivery, the block above has said it all.
    if summary.deliveries > 1 {
        line(out, layout, "latency", latencies(tally.latencies()))?;
        if let Some(due) = tally.latencies_from_intended_start() {
            let text = latencies(due).item("from the moment each was due, so that no queueing is hidden", Paint::Dim);
            line(out, layout, "when due", text)?;
        }
        bands(out, layout, &summary)?;
    }
    if summary.verdicts.sent > 1 {
        for (limit, words, good) in words::verdicts(&summary.verdicts, &run.policy) {
            line(out, layout, limit, Paragraph::default().add(&words, news(good)))?;
        }
    }
    if tally.endpoints().count() > 1 {
        writeln!(out)?;
        scripts(out, layout, tally)?;
        if summary.retries > 0 {
            let note = "latencies of every attempt, also of those that were retried";
            Paragraph::default().add(note, Paint::Dim).write(out, layout, "  ", 4)?;
        }
    }
    advice(out, layout, &tally.advice(run))?;
    if let Some(found) = tally.comparison(run) {
        comparison(out, layout, &found)?;
    }
    let mut change = words::change(&summary.legacy, &run.policy);
    change.retain(|(_, good)| summary.deliveries > 1 || *good != Some(true));
    if !change.is_empty() {
        writeln!(out)?;
    }
    for (sentence, good) in change {
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
            Change::Faster | Change::FailsLess => Paint::Good,
            _ => Paint::Dim,
        };
        Paragraph::default()
            .add(&format!("{}:", script.script), Paint::Bold)
            .add(&words::compared(script), paint)
            .write(out, layout, "  ", 4)?;
    }
    let (sentence, good) = words::comparison(comparison);
    Paragraph::default().add(&sentence, news(good)).write(out, layout, "  ", 4)
}

/// Scripts named below one practice; a run of a hundred scripts must not become a wall.
const NAMED: usize = 5;

/// Each practice once, below it what was measured of each script that needs it.
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
    line = line.add("=", Paint::Dim).add(&count(summary.delivered, "delivered"), Paint::Good);
    for (number, what, paint) in [
        (summary.failed, "failed", Paint::Bad),
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
    if summary.duplicates > 0 {
        line = line.item(&count(summary.duplicates, "received more than once"), Paint::Warning);
    }
    if summary.expect_failed > 0 {
        line = line.item(&count(summary.expect_failed, "delivered, not as expected"), Paint::Bad);
    }
    line = line.item(&together(&quantity::count(summary.attempts, "attempt")), Paint::Plain);
    line.item(&together(&retries(u32::try_from(summary.retries).unwrap_or(u32::MAX))), Paint::Plain)
}

fn latencies(latencies: &Latencies) -> Paragraph {
    if latencies.at(0.5) == Rank::Empty {
        return Paragraph::default().add("none measured", Paint::Dim);
    }
    let named = [("min", 0.0), ("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("max", 1.0)];
    named.iter().fold(Paragraph::default(), |line, (name, quantile)| {
        line.item(&together(&format!("{name} {}", words::rank(latencies.at(*quantile)))), Paint::Plain)
    })
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
        ("safe", bands.safe, Paint::Good),
        ("at risk", bands.at_risk, Paint::Warning),
        ("timed out", bands.timed_out, Paint::Bad),
    ] {
        // Any at all is worth a block.
        let length = (number as f64 / all as f64 * room as f64).ceil() as usize;
        let bar = "█".repeat(length);
        line_text = line_text.add(&together(format!("{name} {} {bar}", quantity::thousands(number)).trim_end()), paint);
    }
    line(out, layout, "bands", line_text)
}

const COLUMNS: [&str; 8] = ["script", "sent", "failed", "on retry", "p50", "p90", "p99", "max"];

/// A table with a row for each script; without room for that, two lines a script.
fn scripts(out: &mut dyn Write, layout: Layout, tally: &Tally) -> io::Result<()> {
    let mut rows = vec![COLUMNS.map(str::to_owned)];
    rows.extend(tally.endpoints().map(|(script, endpoint)| row(script, endpoint)));
    let widths: Vec<usize> =
        (0..COLUMNS.len()).map(|column| rows.iter().map(|row| row[column].width()).max().unwrap_or(0)).collect();
    if 2 + widths.iter().sum::<usize>() + 2 * (widths.len() - 1) > layout.width {
        for row in rows.iter().skip(1) {
            Paragraph::default().add(&row[0], Paint::Bold).write(out, layout, "  ", 4)?;
            let figures = COLUMNS.iter().zip(row).skip(1);
            let text = figures.fold(Paragraph::default(), |text, (name, figure)| {
                text.item(&together(&format!("{name} {figure}")), Paint::Plain)
            });
            text.write(out, layout, "    ", 4)?;
        }
        return Ok(());
    }
    for (index, row) in rows.iter().enumerate() {
        let mut line = format!("  {}{}", row[0], " ".repeat(widths[0] - row[0].width()));
        for (cell, width) in row.iter().zip(&widths).skip(1) {
            line.push_str(&format!("  {}{cell}", " ".repeat(width - cell.width())));
        }
        writeln!(out, "{}", layout.paint(&line, if index == 0 { Paint::Dim } else { Paint::Plain }))?;
    }
    Ok(())
}

fn row(script: &str, endpoint: &Endpoint) -> [String; 8] {
    let at = |quantile| words::rank(endpoint.latencies.at(quantile));
    [
        script.to_owned(),
        quantity::thousands(endpoint.deliveries),
        quantity::thousands(endpoint.failures),
        quantity::thousands(endpoint.on_retry),
        at(0.5),
        at(0.9),
        at(0.99),
        at(1.0),
    ]
}
