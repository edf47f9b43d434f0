//! `simulate`: the same scenario under the legacy wait and under the fixed limit, side by side.

use std::time::Duration;

use colored::{Color, Colorize};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use crate::delivery::Percentiles;
use crate::duration;
use crate::policy::Settings;
use crate::quantity::{self, thousands};
use crate::simulate::{Comparison, Figures, MOST_TRIGGERS, Scenario, Timeline};

use super::plot::Plot;

/// The figures of both rules, a plot over time and what it comes to; for a terminal of `width` columns.
pub fn text(comparison: &Comparison, scenario: &Scenario, settings: &Settings, width: usize) -> String {
    let mut text = totals(comparison, width);
    if comparison.fixed.scripts.len() > 1 {
        text.push('\n');
        text += &scripts(comparison, width);
    }
    text.push('\n');
    text += &plot(comparison, scenario, width);
    text.push('\n');
    for sentence in sentences(comparison, scenario, settings) {
        text += &super::limits::paragraph(&sentence, width);
    }
    text
}

/// The document, pretty-printed.
pub fn json(comparison: &Comparison) -> String {
    // Only numbers and names: this can't fail.
    serde_json::to_string_pretty(comparison).unwrap_or_default() + "\n"
}

/// A row of the totals: its name, and what each of the two rules gives.
type Row = (&'static str, fn(&Figures) -> String);

const ROWS: [Row; 18] = [
    ("Triggers", |f| thousands(f.triggers)),
    ("  caused by a script", |f| thousands(f.caused)),
    ("  throttled", |f| share(f.throttled, f.triggers)),
    ("Delivered", |f| share(f.delivered, f.delivered + f.failed)),
    ("  only on a retry", |f| share(f.delivered_on_retry, f.delivered + f.failed)),
    ("Failed", |f| share(f.failed, f.delivered + f.failed)),
    ("Attempts", |f| thousands(f.attempts)),
    ("  retries", |f| share(f.retries, f.attempts)),
    ("  given up by the platform", |f| share(f.timed_out, f.attempts)),
    ("  for each delivery", |f| f.amplification.map_or("–".to_owned(), |a| format!("{a:.2}"))),
    ("  carried out once more", |f| thousands(f.repeated)),
    ("Band safe", |f| share(f.bands.safe, f.delivered + f.failed)),
    ("  at_risk", |f| share(f.bands.at_risk, f.delivered + f.failed)),
    ("  timed_out", |f| share(f.bands.timed_out, f.delivered + f.failed)),
    ("Latency p50, p99", |f| pair(&f.latency_ms)),
    ("Trigger to end p50, p99", |f| pair(&f.elapsed_ms)),
    ("Wait for a worker p50, p99", |f| pair(&f.queue_ms)),
    ("In flight at most", |f| thousands(f.in_flight)),
];

/// The figures side by side; without room for their shares, the numbers alone.
fn totals(comparison: &Comparison, width: usize) -> String {
    let (legacy, fixed) = (&comparison.legacy.total, &comparison.fixed.total);
    let applies = |name: &str| match name {
        "  caused by a script" => legacy.caused + fixed.caused > 0,
        "Wait for a worker p50, p99" => legacy.queue_ms.max.is_some() || fixed.queue_ms.max.is_some(),
        _ => true,
    };
    let rows = ROWS.iter().filter(|(name, _)| applies(name));
    let rows: Vec<_> = rows.map(|(name, show)| [(*name).to_owned(), show(legacy), show(fixed)]).collect();
    let header = ["", "Legacy wait", "Fixed limit"];
    let wide = align(table(usize::MAX).set_header(header).add_rows(&rows));
    if wide.lines().all(|line| console::measure_text_width(line) <= width) {
        return wide;
    }
    let number = |cell: &String| cell.split(" (").next().unwrap_or_default().to_owned();
    align(table(width).set_header(header).add_rows(rows.iter().map(|row| row.each_ref().map(number))))
}

/// A row for each script; two lines where a row does not fit.
fn scripts(comparison: &Comparison, width: usize) -> String {
    const COLUMNS: [&str; 7] =
        ["Script", "Triggers", "Throttled", "Delivered, legacy", "fixed", "Attempts, legacy", "fixed"];
    let pairs = comparison.legacy.scripts.iter().zip(&comparison.fixed.scripts);
    let rows: Vec<[String; 7]> = pairs
        .map(|(legacy, fixed)| {
            let (name, legacy, fixed) = (&fixed.script, &legacy.figures, &fixed.figures);
            let delivered = |f: &Figures| share(f.delivered, f.delivered + f.failed);
            [
                super::printable::line(name).into_owned(),
                thousands(fixed.triggers),
                thousands(fixed.throttled),
                delivered(legacy),
                delivered(fixed),
                thousands(legacy.attempts),
                thousands(fixed.attempts),
            ]
        })
        .collect();
    let mut table = table(usize::MAX);
    table.set_header(COLUMNS).add_rows(&rows);
    let wide = align(&mut table);
    if wide.lines().all(|line| console::measure_text_width(line) <= width) {
        return wide;
    }
    let lines = |row: &[String; 7]| {
        let figures: Vec<_> =
            COLUMNS.iter().zip(row).skip(1).map(|(name, figure)| format!("{name} {figure}")).collect();
        super::limits::paragraph(&format!("{}: {}", row[0].bold(), figures.join(" · ")), width)
    };
    rows.iter().map(lines).collect()
}

fn table(width: usize) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
    table
}

/// Numbers to the right, and the table as text.
fn align(table: &mut Table) -> String {
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    // The padding of the first column is of no use at the edge.
    let lines = table.trim_fmt();
    lines.lines().map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line).trim_end())).collect()
}

fn share(part: u64, whole: u64) -> String {
    let number = thousands(part);
    match part as f64 * 100.0 / whole as f64 {
        _ if part == 0 || whole == 0 => number,
        _ if part == whole => format!("{number} (100 %)"),
        // Neither nothing nor all of it by rounding.
        ..0.05 => format!("{number} (<0.1 %)"),
        99.95.. => format!("{number} (>99.9 %)"),
        percent => format!("{number} ({percent:.1} %)"),
    }
}

fn pair(percentiles: &Percentiles) -> String {
    let show = |ms: Option<f64>| match ms {
        // Three digits are enough to compare by.
        Some(ms) => {
            let step = 10f64.powf((ms.max(1.0).log10() - 2.0).floor());
            duration::show(Duration::from_secs_f64((ms / step).round() * step / 1_000.0))
        }
        None if percentiles.cut_off > 0 => "cut off".to_owned(),
        None => "–".to_owned(),
    };
    format!("{}, {}", show(percentiles.p50), show(percentiles.p99))
}

/// Attempts a minute over time under each rule, and the load where it changes.
fn plot(comparison: &Comparison, scenario: &Scenario, width: usize) -> String {
    let outcomes = [("Legacy wait", &comparison.legacy, Color::Cyan), ("Fixed limit", &comparison.fixed, Color::Red)];
    let end = |timeline: &Timeline| timeline.every.as_secs_f64() * timeline.buckets.len() as f64;
    let span = outcomes.iter().map(|(_, outcome, _)| end(&outcome.timeline)).fold(0.0, f64::max);
    let most = outcomes.iter().map(|(_, outcome, _)| highest(&outcome.timeline)).fold(0.0, f64::max).ceil();
    let label = thousands(most as u64);
    let columns = width.saturating_sub(label.len() + 4).clamp(16, 100);
    let marks = marks(span, columns);
    let marks: Vec<_> = marks.iter().map(|(at, mark)| (*at, mark.as_str())).collect();
    let mut text = String::new();
    for (name, outcome, colour) in outcomes {
        let mut plot = Plot::new(columns, 6, span, most);
        plot.bars(colour, |x| per_minute(&outcome.timeline, x));
        plot.label(most, &label);
        text += &format!("{}: attempts a minute\n{}", name.color(colour), plot.draw("", &marks));
    }
    if !scenario.load.is_constant() {
        let mut plot = Plot::new(columns, 3, span, 1.0);
        plot.bars(Color::White, |x| scenario.load.at(Duration::try_from_secs_f64(x).unwrap_or_default()).get());
        plot.label(1.0, format!("{:>1$}", 1, label.len()));
        text += &format!("Load\n{}", plot.draw("", &marks));
    }
    text
}

fn highest(timeline: &Timeline) -> f64 {
    let most = timeline.buckets.iter().map(|bucket| bucket.attempts).max().unwrap_or(0);
    most as f64 * 60.0 / timeline.every.as_secs_f64()
}

fn per_minute(timeline: &Timeline, second: f64) -> f64 {
    let bucket = timeline.buckets.get((second / timeline.every.as_secs_f64()) as usize);
    bucket.map_or(0.0, |bucket| bucket.attempts as f64 * 60.0 / timeline.every.as_secs_f64())
}

/// Round times along an axis of so many columns, each with room for its label.
fn marks(span: f64, columns: usize) -> Vec<(f64, String)> {
    const STEPS: [f64; 16] = [
        0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0, 7_200.0, 14_400.0, 43_200.0,
        86_400.0,
    ];
    let most = (columns / 15).max(1) as f64;
    // Beyond days, as many days as it takes.
    let days = 86_400.0 * (span / 86_400.0 / most).ceil();
    let step = STEPS.into_iter().find(|step| (span / step).floor() <= most).unwrap_or(days).max(0.1);
    let marks = (1..).map(|n| f64::from(n) * step).take_while(|at| *at <= span);
    [(0.0, "0".to_owned())].into_iter().chain(marks.map(|at| (at, clock(at, step)))).collect()
}

/// A time on an axis whose marks are so far apart: `90 s`, `45 min`, `2 h`.
fn clock(seconds: f64, step: f64) -> String {
    let (unit, name) = match step {
        ..60.0 => (1.0, "s"),
        60.0..3_600.0 => (60.0, "min"),
        _ => (3_600.0, "h"),
    };
    format!("{} {name}", (seconds / unit * 10.0).round() / 10.0)
}

/// What it comes to, and what it rests on.
fn sentences(comparison: &Comparison, scenario: &Scenario, settings: &Settings) -> Vec<String> {
    let mut sentences = Vec::new();
    let (legacy, fixed) = (&comparison.legacy.total, &comparison.fixed.total);
    let own = thousands(fixed.triggers - fixed.caused);
    match comparison.moved.lost {
        0 => sentences.push("No delivery that passed under the legacy wait fails under the fixed limit.".to_owned()),
        lost => sentences.push(format!(
            "Of {own} triggers, {} that were delivered under the legacy wait fail under the fixed limit.",
            thousands(lost).red().bold()
        )),
    }
    if comparison.moved.won > 0 {
        let won = thousands(comparison.moved.won).green().bold();
        sentences.push(format!(
            "Of {own} triggers, {won} that failed under the legacy wait are delivered under the fixed limit."
        ));
    }
    if fixed.repeated > legacy.repeated {
        let more = fixed.repeated - legacy.repeated;
        let requests = if more == 1 { "request is" } else { "requests are" };
        sentences.push(format!(
            "{} more {requests} carried out that had been carried out before, because the platform gave up and sent them \
             again: an endpoint has to recognise a repetition.",
            thousands(more)
        ));
    }
    if comparison.stopped_early {
        let stopped = "Stopped".yellow();
        sentences
            .push(format!("{stopped} after {} triggers (`--triggers` sets another number).", thousands(MOST_TRIGGERS)));
    }
    let policy = &settings.policy;
    let limit = if scenario.trigger_limit {
        quantity::count(u64::from(policy.triggers_per_minute), "trigger") + " a minute"
    } else {
        "no trigger limit".to_owned()
    };
    sentences.push(format!(
        "Legacy wait {} to {}, fixed limit {}, {limit}; seed {}.",
        duration::show(policy.legacy.max),
        duration::show(policy.legacy.min),
        duration::show(policy.limit),
        scenario.seed
    ));
    // The others decide nothing here.
    let decides = |key: &&&str| !["redirects", "retry.obey_retry_after"].contains(*key);
    let assumed: Vec<_> = comparison.policy.assumed.iter().filter(decides).copied().collect();
    if !assumed.is_empty() {
        let assumed = assumed.join(", ");
        sentences.push(format!("{}: {assumed} (`policy` in hookctl.yaml changes them).", "Assumed".bold()));
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::LoadRate;
    use crate::simulate::spec::{NamedSpec, Parts, Spec};
    use crate::simulate::{LoadCurve, simulate};

    fn scenario(scripts: &[&str]) -> Scenario {
        let scripts = scripts.iter().map(|text| NamedSpec::parse("--script", text).expect(text)).collect();
        let load = LoadCurve::constant(LoadRate::IDLE);
        let (times, recorded, span, triggers) = (None, None, None, None);
        let default = Spec::default();
        Parts { default, scripts, times, recorded, load, span, triggers, trigger_limit: true, seed: 1 }
            .scenario()
            .expect("a scenario")
    }

    #[test]
    fn it_fits_the_terminal() {
        colored::control::set_override(false);
        let scenario = scenario(&["crm: latency=4s..20s;workers=3", "desk: latency=1s;rate=5/m;causes=crm"]);
        let settings = Settings::default();
        let comparison = simulate(&scenario, &settings);
        for width in [40, 60, 80, 100, 200] {
            let text = text(&comparison, &scenario, &settings, width);
            let longest = text.lines().map(console::measure_text_width).max().unwrap_or(0);
            assert!(longest <= width, "{longest} of {width}:\n{text}");
        }
    }

    #[test]
    fn a_share_is_never_nothing_or_all_by_rounding() {
        for (part, whole, text) in [
            (0, 0, "0"),
            (0, 10, "0"),
            (10, 10, "10 (100 %)"),
            (1, 3, "1 (33.3 %)"),
            (1, 100_000, "1 (<0.1 %)"),
            (99_999, 100_000, "99,999 (>99.9 %)"),
        ] {
            assert_eq!(share(part, whole), text);
        }
    }

    #[test]
    fn marks_stand_at_round_times() {
        for (span, columns, labels) in [
            (3_650.0, 95, "0, 10 min, 20 min, 30 min, 40 min, 50 min, 60 min"),
            (3_650.0, 36, "0, 30 min, 60 min"),
            (8.0, 95, "0, 5 s"),
            (604_800.0, 36, "0, 96 h"),
            (9_000.0, 36, "0, 1 h, 2 h"),
            (0.35, 95, "0, 0.1 s, 0.2 s, 0.3 s"),
            (0.0, 95, "0"),
        ] {
            let marks: Vec<_> = marks(span, columns).into_iter().map(|(_, label)| label).collect();
            assert_eq!(marks.join(", "), labels, "{span} s");
        }
    }

    #[test]
    fn nothing_at_all_is_shown_without_a_figure() {
        colored::control::set_override(false);
        let scenario = scenario(&["idle: rate=none"]);
        let settings = Settings::default();
        let text = text(&simulate(&scenario, &settings), &scenario, &settings, 80);
        assert!(text.contains("Triggers") && text.contains("–, –") && !text.contains("NaN"), "{text}");
    }
}
