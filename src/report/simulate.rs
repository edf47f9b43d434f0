//! `simulate`: the same scenario under the legacy wait and under the fixed limit, side by side.

mod v1;

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use colored::{Color, Colorize};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use crate::delivery::Percentiles;
use crate::policy::Settings;
use crate::simulate::{Comparison, Figures, MOST_TRIGGERS, Outcome, Scenario, ScriptFigures, Timeline};
use crate::text::duration;
use crate::text::quantity::{self, thousands};
use crate::text::wrap::paragraph;

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
        text += &paragraph(&sentence, width);
    }
    text
}

/// The document, pretty-printed.
pub fn json(comparison: &Comparison) -> String {
    // Only numbers and names: this can't fail.
    serde_json::to_string_pretty(&v1::Comparison::from(comparison)).unwrap_or_default() + "\n"
}

/// A row of figures: its name, and what one of the two rules gives.
type Row = (&'static str, fn(&Figures) -> String);

const ROWS: [Row; 21] = [
    ("Triggers", |f| thousands(f.triggers)),
    (CAUSED, |f| thousands(f.caused)),
    ("  throttled", |f| share(f.throttled, f.triggers)),
    ("Delivered", |f| share(f.delivered, f.delivered + f.failed)),
    ("  only on a retry", |f| share(f.delivered_on_retry, f.delivered + f.failed)),
    ("Failed", |f| share(f.failed, f.delivered + f.failed)),
    ("Attempts", |f| thousands(f.attempts)),
    ("  retries", |f| share(f.retries, f.attempts)),
    ("  timed out", |f| share(f.timed_out, f.attempts)),
    ("  per delivery", |f| f.amplification.map_or("–".to_owned(), |a| format!("{a:.2}"))),
    ("  duplicates", |f| thousands(f.repeated)),
    ("Band safe", |f| share(f.bands.safe, f.delivered + f.failed)),
    ("  at_risk", |f| share(f.bands.at_risk, f.delivered + f.failed)),
    ("  timed_out", |f| share(f.bands.timed_out, f.delivered + f.failed)),
    ("Latency p50", |f| time(f.latency.p50, &f.latency)),
    ("Latency p99", |f| time(f.latency.p99, &f.latency)),
    ("Trigger to end p50", |f| time(f.elapsed.p50, &f.elapsed)),
    ("Trigger to end p99", |f| time(f.elapsed.p99, &f.elapsed)),
    (QUEUED[0], |f| time(f.queue.p50, &f.queue)),
    (QUEUED[1], |f| time(f.queue.p99, &f.queue)),
    ("Most in flight", |f| thousands(f.in_flight)),
];
/// Only where a script causes another one.
const CAUSED: &str = "  caused by scripts";
/// Only where workers are limited.
const QUEUED: [&str; 2] = ["Worker wait p50", "Worker wait p99"];

/// The figures side by side; without room for their shares, the numbers alone.
fn totals(comparison: &Comparison, width: usize) -> String {
    let (legacy, fixed) = (&comparison.legacy.total, &comparison.fixed.total);
    let caused = legacy.caused + fixed.caused > 0;
    let queued = legacy.queue.max.is_some() || fixed.queue.max.is_some();
    let applies = |name: &str| (name != CAUSED || caused) && (!QUEUED.contains(&name) || queued);
    let rows = ROWS.iter().filter(|(name, _)| applies(name));
    let rows: Vec<_> = rows.map(|(name, show)| [(*name).to_owned(), show(legacy), show(fixed)]).collect();
    side_by_side("", &rows, width)
}

/// Rows of a name and what each of the two rules gives, under a title; without room for shares, the numbers alone.
fn side_by_side(title: &str, rows: &[[String; 3]], width: usize) -> String {
    let wide = align(table(usize::MAX).set_header([title, "Legacy wait", "Fixed limit"]).add_rows(rows));
    if fits(&wide, width) {
        return wide;
    }
    let number = |cell: &String| cell.split(" (").next().unwrap_or_default().to_owned();
    let rows = rows.iter().map(|row| row.each_ref().map(number));
    align(table(width).set_header([title, "Legacy", "Fixed"]).add_rows(rows))
}

fn fits(table: &str, width: usize) -> bool {
    table.lines().all(|line| console::measure_text_width(line) <= width)
}

/// The figures of each script.
const OF_SCRIPTS: [Row; 4] = [
    ("Triggers", |f| thousands(f.triggers)),
    ("Throttled", |f| thousands(f.throttled)),
    ("Delivered", |f| share(f.delivered, f.delivered + f.failed)),
    ("Attempts", |f| thousands(f.attempts)),
];

/// A row for each script, with one column where both rules give the same of every script; a small table for each where a row
/// does not fit.
fn scripts(comparison: &Comparison, width: usize) -> String {
    let pairs: Vec<_> = comparison.legacy.scripts.iter().zip(&comparison.fixed.scripts).collect();
    let name = |script: &ScriptFigures| super::printable::line(&script.script).into_owned();
    let mut columns: Vec<(String, Vec<String>)> = vec![("Script".into(), pairs.iter().map(|(s, _)| name(s)).collect())];
    for (title, show) in OF_SCRIPTS {
        let legacy: Vec<_> = pairs.iter().map(|(legacy, _)| show(&legacy.figures)).collect();
        let fixed: Vec<_> = pairs.iter().map(|(_, fixed)| show(&fixed.figures)).collect();
        if legacy == fixed {
            columns.push((title.into(), fixed));
        } else {
            columns.extend([(format!("{title}, legacy"), legacy), ("fixed".into(), fixed)]);
        }
    }
    let row = |index: usize| columns.iter().filter_map(move |(_, cells)| cells.get(index)).cloned();
    let mut wide = table(usize::MAX);
    wide.set_header(columns.iter().map(|(title, _)| title))
        .add_rows((0..pairs.len()).map(|index| row(index).collect::<Vec<_>>()));
    let wide = align(&mut wide);
    if fits(&wide, width) {
        return wide;
    }
    let each = |(legacy, fixed): &(&ScriptFigures, &ScriptFigures)| {
        let rows = OF_SCRIPTS.map(|(title, show)| [format!("  {title}"), show(&legacy.figures), show(&fixed.figures)]);
        let title = name(legacy);
        // A long name has lines of its own.
        let (above, title) =
            if title.len() <= 12 { (String::new(), title) } else { (paragraph(&title, width), String::new()) };
        above + &side_by_side(&title, &rows, width)
    };
    pairs.iter().map(each).collect()
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
    // Removes the padding of the first column, which is at the edge.
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

/// A percentile, with three digits, which are enough to compare by.
fn time(time: Option<Duration>, percentiles: &Percentiles) -> String {
    match time {
        Some(time) => {
            let ms = duration::millis(time);
            let step = 10f64.powf((ms.max(1.0).log10() - 2.0).floor());
            duration::show(Duration::from_secs_f64((ms / step).round() * step / 1_000.0))
        }
        None if percentiles.cut_off > 0 => "cut off".to_owned(),
        None => "–".to_owned(),
    }
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
    for (name, outcome, color) in outcomes {
        let mut plot = Plot::new(columns, 6, span, most);
        plot.bars(color, |x| per_minute(&outcome.timeline, x));
        plot.label(most, &label);
        text += &format!("{}: attempts a minute\n{}", name.color(color), plot.draw("", &marks));
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

/// Round times along an axis of `columns` columns, each with room for its label.
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

/// How many triggers the scripts themselves caused, and the loop that they run in.
fn caused_by_scripts(comparison: &Comparison, scenario: &Scenario) -> Option<String> {
    let share = |figures: &Figures, noun: &str| {
        let triggers =
            if noun.is_empty() { thousands(figures.triggers) } else { quantity::count(figures.triggers, noun) };
        format!("{} of {triggers}", thousands(figures.caused).yellow().bold())
    };
    let (legacy, fixed) = (&comparison.legacy.total, &comparison.fixed.total);
    if legacy.caused + fixed.caused == 0 {
        return None;
    }
    let were = if fixed.caused == 1 { "was" } else { "were" };
    let told = format!("{} {were} caused by the scripts themselves", share(fixed, "trigger"));
    let told = if (legacy.caused, legacy.triggers) == (fixed.caused, fixed.triggers) {
        told
    } else {
        format!("{told} under the fixed limit, {} under the legacy wait", share(legacy, ""))
    };
    let names = |path: &[usize]| {
        let name = |index: &usize| scenario.scripts.get(*index).map(|script| super::printable::line(&script.name));
        path.iter().filter_map(name).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" → ")
    };
    Some(match running_loop(comparison, scenario) {
        None => format!("{told}."),
        Some(path) if path.len() == 2 => {
            format!("{told}: {} is a loop, it triggers itself.", names(&path[..1]))
        }
        Some(path) => format!("{told}: {} is a loop.", names(&path)),
    })
}

/// The shortest way on which a script that others triggered triggers itself again, from it and back to it.
fn running_loop(comparison: &Comparison, scenario: &Scenario) -> Option<Vec<usize>> {
    let runs = |index: usize| {
        let of = |outcome: &Outcome| outcome.scripts.get(index).is_some_and(|script| script.figures.caused > 0);
        of(&comparison.fixed) || of(&comparison.legacy)
    };
    let loops = (0..scenario.scripts.len()).filter(|index| runs(*index)).filter_map(|index| way_back(scenario, index));
    loops.min_by_key(Vec::len)
}

/// The shortest way from a script back to it.
fn way_back(scenario: &Scenario, from: usize) -> Option<Vec<usize>> {
    let mut before: HashMap<usize, usize> = HashMap::new();
    let mut next = VecDeque::from([from]);
    while let Some(script) = next.pop_front() {
        for &caused in scenario.scripts.get(script).map_or(&[][..], |script| &script.causes) {
            if caused == from {
                let mut path: Vec<_> =
                    std::iter::successors(Some(script), |script| before.get(script).copied()).collect();
                path.reverse();
                path.push(from);
                return Some(path);
            }
            if caused != script && !before.contains_key(&caused) {
                before.insert(caused, script);
                next.push_back(caused);
            }
        }
    }
    None
}

/// What it comes to, and what it rests on.
fn sentences(comparison: &Comparison, scenario: &Scenario, settings: &Settings) -> Vec<String> {
    let mut sentences: Vec<String> = caused_by_scripts(comparison, scenario).into_iter().collect();
    let (legacy, fixed) = (&comparison.legacy.total, &comparison.fixed.total);
    let own = quantity::count(fixed.triggers - fixed.caused, "trigger");
    match comparison.moved.lost {
        0 if fixed.failed > 0 => sentences.push(format!(
            "No delivery that passed under the legacy wait fails under the fixed limit, but {} under it.",
            if fixed.failed == 1 {
                "1 other fails".to_owned()
            } else {
                thousands(fixed.failed).red().bold().to_string() + " others fail"
            }
        )),
        0 => sentences.push("No delivery that passed under the legacy wait fails under the fixed limit.".to_owned()),
        lost => sentences.push(format!(
            "Of {own}, {} delivered under the legacy wait {} under the fixed limit.",
            thousands(lost).red().bold(),
            if lost == 1 { "fails" } else { "fail" }
        )),
    }
    if comparison.moved.won > 0 {
        let won = comparison.moved.won;
        sentences.push(format!(
            "Of {own}, {} that failed under the legacy wait {} delivered under the fixed limit.",
            thousands(won).green().bold(),
            if won == 1 { "is" } else { "are" }
        ));
    }
    if fixed.repeated > legacy.repeated {
        let more = quantity::count(fixed.repeated - legacy.repeated, "more duplicate execution");
        sentences.push(format!(
            "{more}: the platform timed out and retried, though the endpoint went on to execute the request. Make the \
             receiver idempotent."
        ));
    }
    if comparison.stopped_early {
        let stopped = "Stopped".yellow();
        sentences.push(format!("{stopped} after {} triggers (`--triggers` changes that).", thousands(MOST_TRIGGERS)));
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
    let decides = |key: &&&str| !["redirects", "resend", "retry.obey_retry_after"].contains(*key);
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
    fn each_scripts_figures_are_a_table_at_every_width() {
        colored::control::set_override(false);
        let long = "a-script-whose-name-is-longer-than-its-column";
        let scenario = scenario(&["crm: latency=12s", &format!("{long}: latency=1s")]);
        let comparison = simulate(&scenario, &Settings::default());
        for width in [40, 60, 80] {
            let scripts = scripts(&comparison, width);
            let lines: Vec<_> = scripts.lines().collect();
            assert!(lines[0].starts_with("crm ") && lines[0].ends_with("Fixed limit"), "{scripts}");
            assert!(lines.contains(&long) || width < long.len(), "{scripts}");
            assert_eq!(lines.iter().filter(|line| line.starts_with("  Delivered ")).count(), 2, "{scripts}");
        }
        assert_eq!(scripts(&comparison, 160).lines().count(), 3);
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
        assert!(text.contains("Triggers") && text.contains("–") && !text.contains("NaN"), "{text}");
    }
}
