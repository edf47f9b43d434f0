//! `limits`: the table of the rules over load, and its plot.

mod v1;

use std::time::Duration;

use colored::{Color, Colorize};
use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

use crate::diagnostic::{Diagnostic, Problems};
use crate::policy::{Band, Basis, LimitsRow, LimitsTable, LoadRate, Policy, SETTINGS, Setting, Settings, Standing};
use crate::text::duration::show;

use super::plot::Plot;
use crate::text::quantity;
use crate::text::wrap::paragraph;

/// The table, the plot, the verdict on the latency, and what is assumed; for a terminal of `width` columns.
pub fn text(table: &LimitsTable, settings: &Settings, width: usize) -> String {
    let mut text = rows(table, width);
    text.push('\n');
    text += &plot(table, &settings.policy, width);
    if let Some(standing) = &table.standing {
        text.push('\n');
        for sentence in stands(standing, &table.rows, &settings.policy) {
            text += &paragraph(&sentence, width);
        }
    }
    text.push('\n');
    text += &paragraph(&basis(settings), width);
    text
}

/// The document of the contract, pretty-printed.
pub fn json(table: &LimitsTable) -> String {
    // Only numbers and fixed names: this can't fail.
    serde_json::to_string_pretty(&v1::Limits::from(table)).unwrap_or_default() + "\n"
}

/// The table, with short columns where those of the wide one do not fit.
fn rows(limits: &LimitsTable, width: usize) -> String {
    let wide = wide_rows(limits).trim_fmt();
    let fits = wide.lines().all(|line| console::measure_text_width(line) <= width);
    let table = if fits { wide } else { narrow_rows(limits, width) };
    // Removes the padding of the first column, which is at the edge.
    table.lines().map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line).trim_end())).collect()
}

fn wide_rows(limits: &LimitsTable) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let mut header = vec!["Load", "Legacy wait", "Fixed limit", "Retries", "Wait before each retry"];
    let latency = limits.standing.as_ref().map(|standing| show(standing.latency));
    let verdicts = latency.map(|latency| [format!("{latency}, legacy"), format!("{latency}, fixed")]);
    header.splice(3..3, verdicts.iter().flatten().map(String::as_str));
    table.set_header(header);
    let in_time = |in_time| if in_time { "in time" } else { "too late" }.to_owned();
    for row in &limits.rows {
        let mut cells = vec![row.load_rate.to_string(), show(row.legacy), show(row.fixed)];
        cells.extend([row.legacy_in_time, row.fixed_in_time].into_iter().flatten().map(in_time));
        cells.extend([row.retries.to_string(), waits(row)]);
        table.add_row(cells);
    }
    table
}

/// The waits before the first retries.
fn waits(row: &LimitsRow) -> String {
    let mut waits: Vec<_> = row.waits.iter().take(8).map(|wait| show(*wait)).collect();
    if row.retries > 8 {
        waits.push("…".to_owned());
    }
    if waits.is_empty() { "–".to_owned() } else { waits.join(", ") }
}

/// A narrow table: verdicts are signs after the limits, and the waits imply the number of retries.
fn narrow_rows(limits: &LimitsTable, width: usize) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
    table.set_header(["Load", "Legacy", "Fixed", "Retries after"]);
    let sign = |in_time| match in_time {
        Some(true) => " ✔",
        Some(false) => " ✘",
        None => "",
    };
    for row in &limits.rows {
        let legacy = show(row.legacy) + sign(row.legacy_in_time);
        let fixed = show(row.fixed) + sign(row.fixed_in_time);
        table.add_row([row.load_rate.to_string(), legacy, fixed, waits(row)]);
    }
    let latency = limits.standing.as_ref().map(|standing| show(standing.latency));
    let key = latency.map_or(String::new(), |latency| format!("\n✔ {latency} is in time, ✘ too late"));
    table.trim_fmt() + &key
}

/// The legacy wait over load, the fixed limit, what is safe, and the latency.
fn plot(table: &LimitsTable, policy: &Policy, width: usize) -> String {
    let seconds = |time: Duration| time.as_secs_f64();
    let latency = drawn(table, policy);
    let highest = policy.legacy.max.max(policy.limit).max(latency.unwrap_or_default());
    let mut plot = Plot::new(width.saturating_sub(12).clamp(16, 72), 16, 1.0, seconds(highest));
    let mut legend = vec![
        ("⠉⠒⠤".color(Color::Cyan), "legacy wait"),
        ("───".color(Color::Red), "fixed limit"),
        ("┄┄┄".color(Color::Green), "safe under any load"),
    ];
    if let [row] = table.rows.as_slice() {
        plot.upright(row.load_rate, '│', Color::White);
        legend.push((" │ ".color(Color::White), "this load"));
    }
    plot.level(seconds(policy.safe), '┄', Color::Green);
    plot.level(seconds(policy.limit), '─', Color::Red);
    if let Some(latency) = latency {
        plot.level(seconds(latency), '═', Color::Yellow);
        plot.label(seconds(latency), show(latency));
        legend.push(("═══".color(Color::Yellow), "this latency"));
    }
    plot.curve(Color::Cyan, |x| LoadRate::new(x.min(1.0)).map_or(0.0, |load| seconds(policy.legacy_wait(load))));
    for time in [policy.limit, policy.safe, policy.legacy.max, policy.legacy.max / 2] {
        plot.label(seconds(time), show(time));
    }
    let mut text = plot.draw("load", &[(0.0, "0"), (0.25, "0.25"), (0.5, "0.5"), (0.75, "0.75"), (1.0, "1")]);
    let mut column = 0;
    for (line, name) in legend {
        let length = 6 + name.chars().count();
        if column > 0 && column + length > width {
            text.push('\n');
            column = 0;
        }
        text += &format!("  {line} {name}");
        column += length;
    }
    text + "\n"
}

/// The latency, unless it is so long that it would squeeze the waits to the bottom of the plot.
fn drawn(table: &LimitsTable, policy: &Policy) -> Option<Duration> {
    let latency = table.standing.as_ref()?.latency;
    (latency <= 2 * policy.legacy.max.max(policy.limit)).then_some(latency)
}

/// The verdict on a latency, in sentences.
fn stands(standing: &Standing, rows: &[LimitsRow], policy: &Policy) -> Vec<String> {
    let latency = show(standing.latency);
    let (limit, safe) = (show(policy.limit), show(policy.safe));
    let (min, max) = (show(policy.legacy.min), show(policy.legacy.max));
    let fixed = match standing.band {
        Some(Band::Safe) => format!("{latency} is in time under any load (band safe: up to {safe})."),
        Some(Band::AtRisk) => format!(
            "{latency} is within the fixed limit of {limit}, but over the {safe} that are safe under any load (band at_risk)."
        ),
        _ => {
            let retried = retried(rows);
            format!("{latency} is over the fixed limit of {limit} at any load: a failure, {retried} (band timed_out).")
        }
    };
    let legacy = match standing.in_time_up_to_load_rate {
        Some(1.0) => format!("The legacy wait, never shorter than {min}, was always long enough for it."),
        Some(load) if standing.band == Some(Band::TimedOut) => format!(
            "The legacy wait was long enough up to load {}: an endpoint that takes this long passed on a quiet day and fails now.",
            quantity::load_rate(load)
        ),
        Some(load) => format!("The legacy wait was long enough up to load {}.", quantity::load_rate(load)),
        None => format!("The legacy wait, never longer than {max}, was not long enough either."),
    };
    vec![fixed, legacy]
}

/// Whether a failure is retried at the loads that are shown.
fn retried(rows: &[LimitsRow]) -> &'static str {
    let times = |row: &&LimitsRow| row.retries > 0;
    match (rows.iter().filter(times).count(), rows.len()) {
        (0, 1) => "not retried at this load",
        (0, _) => "not retried",
        (some, all) if some == all => "retried",
        _ => "retried where the load allows it",
    }
}

/// Settings that decide nothing of what is shown here.
const ELSEWHERE: [&str; 5] = ["retry.statuses", "retry.obey_retry_after", "redirects", "resend", "triggers_per_minute"];

/// Which values are published, which assumed, which a user's.
fn basis(settings: &Settings) -> String {
    let assumed = settings.assumed();
    let list = |wanted: &dyn Fn(&&Setting) -> bool| {
        let shown = |s: &Setting| format!("{} {}", s.key, s.show(&settings.policy));
        SETTINGS.iter().filter(|s| !ELSEWHERE.contains(&s.key)).filter(wanted).map(shown).collect::<Vec<_>>().join(", ")
    };
    // A bound that gave way to a shorter limit is no longer what is published.
    let configured = |s: &&Setting| settings.is_set(s.key) || s.show(&settings.policy) != s.show(&Policy::default());
    let published = list(&|s| s.basis == Basis::Published && !configured(s));
    let configured = list(&configured);
    let open = list(&|s| assumed.contains(&s.key));
    let mut lines = Vec::new();
    for (name, values) in [
        ("Published by the platform", published),
        ("Configured", configured),
        ("Assumed (not published; `policy` in hookctl.yaml changes them)", open),
    ] {
        if !values.is_empty() {
            lines.push(format!("{}: {values}.", name.bold()));
        }
    }
    lines.join("\n")
}

#[derive(Serialize)]
struct Drawing {
    legacy: String,
    limit: Level,
    safe: Level,
    latency: Option<Level>,
    load: Option<Load>,
    ticks: Vec<Level>,
    retries: Vec<Count>,
    sentences: Vec<String>,
}

#[derive(Serialize)]
struct Level {
    y: f64,
    text: String,
}

#[derive(Serialize)]
struct Load {
    x: f64,
    text: String,
}

#[derive(Serialize)]
struct Count {
    x: f64,
    load: String,
    count: u32,
}

const LEFT: f64 = 64.0;
const TOP: f64 = 64.0;
const WIDE: f64 = 600.0;
const HIGH: f64 = 280.0;

/// The plot as a self-contained SVG image.
///
/// # Errors
/// Never for a template that renders in the tests; said rather than hidden.
pub fn svg(table: &LimitsTable, settings: &Settings) -> Result<String, Problems> {
    let policy = &settings.policy;
    let latency = drawn(table, policy);
    let highest = policy.legacy.max.max(policy.limit).max(latency.unwrap_or_default()).as_secs_f64();
    let round = |n: f64| (n * 10.0).round() / 10.0;
    let x = |load: f64| round(LEFT + WIDE * load);
    let y = |time: Duration| round(TOP + HIGH * (1.0 - time.as_secs_f64() / highest));
    let level = |time: Duration| Level { y: y(time), text: show(time) };
    let point = |hundredths: u32| {
        let load = LoadRate::new(f64::from(hundredths) / 100.0).unwrap_or(LoadRate::FULL);
        format!("{},{}", x(load.get()), y(policy.legacy_wait(load)))
    };
    let one = match table.rows.as_slice() {
        [row] => Some(Load { x: x(row.load_rate), text: row.load_rate.to_string() }),
        _ => None,
    };
    let all = LimitsTable::new(settings, None, None);
    let sentences = table.standing.as_ref().map(|standing| stands(standing, &table.rows, policy)).unwrap_or_default();
    let drawing = Drawing {
        legacy: (0..=100).map(point).collect::<Vec<_>>().join(" "),
        limit: level(policy.limit),
        safe: level(policy.safe),
        latency: latency.map(level),
        load: one,
        ticks: (1..=4).map(|quarter| level(Duration::from_secs_f64(highest * f64::from(quarter) / 4.0))).collect(),
        retries: all
            .rows
            .iter()
            .map(|r| Count { x: x(r.load_rate), load: r.load_rate.to_string(), count: r.retries })
            .collect(),
        sentences: sentences
            .iter()
            .flat_map(|s| paragraph(s, 90).lines().map(str::to_owned).collect::<Vec<_>>())
            .collect(),
    };
    let render = || {
        let context = tera::Context::from_serialize(&drawing)?;
        tera::Tera::one_off(include_str!("templates/limits.svg"), &context, true)
    };
    render().map_err(|error| Diagnostic::error(format!("can't draw the plot: {error}")).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(latency: Option<f64>) -> LimitsTable {
        LimitsTable::new(&Settings::default(), None, latency.map(Duration::from_secs_f64))
    }

    #[test]
    fn it_fits_the_terminal() {
        colored::control::set_override(false);
        for width in [20, 40, 60, 100, 200] {
            let text = text(&table(Some(12.0)), &Settings::default(), width);
            let longest = text.lines().map(console::measure_text_width).max().unwrap_or(0);
            // A table has to leave its columns a character or two each, and a plot some room.
            assert!(longest <= width.max(40), "{longest} of {width}:\n{text}");
        }
    }

    #[test]
    fn it_says_where_a_latency_stands() {
        for (latency, fixed, legacy) in [
            (4.999, "4.999 s is in time under any load", "was always long enough"),
            (5.0, "5 s is in time under any load", "was always long enough"),
            (5.001, "over the 5 s that are safe", "up to load 0.9374."),
            (10.0, "within the fixed limit of 10 s", "up to load 0.875."),
            (
                12.0,
                "over the fixed limit of 10 s",
                "up to load 0.85: an endpoint that takes this long passed on a quiet day",
            ),
            (80.0, "over the fixed limit", "up to load 0:"),
            (80.1, "over the fixed limit", "never longer than 80 s, was not long enough either"),
        ] {
            let table = table(Some(latency));
            let sentences = stands(table.standing.as_ref().expect("a latency"), &table.rows, &Policy::default());
            assert!(sentences[0].contains(fixed) && sentences[1].contains(legacy), "{latency}: {sentences:?}");
        }
    }

    #[test]
    fn it_says_retried_only_where_there_are_retries() {
        let mut never = Settings::default();
        never.set("retry.max", "0").expect("a count");
        let mut always = Settings::default();
        always.set("retry.min", "1").expect("a count");
        for (settings, load, words) in [
            (&Settings::default(), None, "a failure, retried where the load allows it"),
            (&Settings::default(), Some("0"), "a failure, retried (band"),
            (&Settings::default(), Some("1"), "a failure, not retried at this load"),
            (&never, None, "a failure, not retried (band"),
            (&always, None, "a failure, retried (band"),
        ] {
            let load = load.map(|load| load.parse().expect("a load rate"));
            let table = LimitsTable::new(settings, load, Some(Duration::from_secs(12)));
            let standing = table.standing.as_ref().expect("a latency");
            let told = &stands(standing, &table.rows, &settings.policy)[0];
            assert!(told.contains(words), "{load:?}: {told}");
        }
    }

    #[test]
    fn it_says_what_is_assumed() {
        colored::control::set_override(false);
        let mut settings = Settings::default();
        settings.set("retry.max", "5").expect("a count");
        settings.set("limit", "8s").expect("a duration");
        let text = basis(&settings);
        assert!(text.starts_with("Published by the platform: safe 5s, legacy.min 5s, legacy.max 80s."), "{text}");
        assert!(text.contains("\nConfigured: limit 8s, retry.max 5.\nAssumed"), "{text}");
        assert!(!text.contains("retry.max 3") && text.contains("retry.min 0, retry.interval 2s"), "{text}");
    }

    #[test]
    fn a_latency_far_beyond_every_wait_is_not_drawn() {
        for (latency, is_drawn) in [(12.0, true), (160.0, true), (161.0, false), (36e6, false)] {
            let table = table(Some(latency));
            assert_eq!(drawn(&table, &Policy::default()).is_some(), is_drawn, "{latency} s");
            assert!(text(&table, &Settings::default(), 80).contains("┤"));
        }
    }

    #[test]
    fn the_image_is_drawn_to_scale() {
        let image = svg(&table(Some(12.0)), &Settings::default()).expect("an image");
        assert!(image.starts_with("<svg ") && image.trim_end().ends_with("</svg>"));
        // From 80 s at load 0 (the top left) to 5 s at load 1.
        assert!(image.contains(r#"points="64,64 70,66.8"#) && image.contains(r#"664,326.5""#), "{image}");
        assert!(image.contains("this latency 12 s") && image.contains("up to load 0.85"));
        assert!(!image.contains("http://") || image.matches("http").count() == 1, "only the name of the format");
    }
}
