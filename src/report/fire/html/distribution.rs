//! How the latencies of a run are distributed: columns over an axis that spans what was measured, with the limits that are
//! near it.

use std::time::Duration;

use serde::Serialize;

use super::scale::{Label, Scale, in_one_row, in_rows, percent, px, round_step};
use crate::delivery::{Latencies, PolicySnapshot, Quantile};
use crate::report::fire::phrases;
use crate::text::duration::{from_millis, measured, millis};
use crate::text::quantity;

/// Height of the tallest column, px.
const COLUMNS: f64 = 170.0;
/// Of a row of labels, px.
const ROW: f64 = 17.0;
/// Of the labels of the axis, px.
const AXIS: f64 = 24.0;
/// Limits up to this factor from the measured latencies are on the axis; those farther off would squeeze the columns together.
const NEAR_ABOVE: f64 = 2.5;
const NEAR_BELOW: f64 = 1.6;
/// The share of the width for the axis if there is a column for cut-off deliveries next to it.
const BESIDE_CUT_OFF: f64 = 0.84;

/// The plot: places in percent of the width and px of the height, as text.
#[derive(Debug, Serialize)]
pub(super) struct Distribution {
    /// One sentence for those who can't see it.
    description: String,
    height: String,
    /// Where the columns end and begin.
    top: String,
    bottom: String,
    /// Where the axis ends.
    right: String,
    columns: Vec<Column>,
    /// The classes of the columns' parts that there are, with their names.
    key: Vec<(&'static str, &'static str)>,
    levels: Vec<Level>,
    ticks: Vec<Label>,
    tick_y: String,
    marks: Vec<Mark>,
    /// About the axis, and the limits that are not on it.
    note: String,
}

#[derive(Debug, Serialize)]
struct Column {
    x: String,
    width: String,
    /// From the bottom up: the deliveries that failed, then the others.
    parts: Vec<Part>,
    /// What it says when it is pointed at.
    title: String,
}

#[derive(Debug, Serialize)]
struct Part {
    y: String,
    height: String,
    class: &'static str,
}

/// A number of deliveries as a horizontal line.
#[derive(Debug, Serialize)]
struct Level {
    y: String,
    label_y: String,
    label: String,
}

/// A vertical line at a latency.
#[derive(Debug, Serialize)]
struct Mark {
    label: Label,
    y: String,
    label_y: String,
    /// `limit`, `safe`, `legacy` or `percentile`.
    class: &'static str,
}

impl Distribution {
    /// The plot of `all` latencies, `failed` of them of deliveries that count against the run. None of fewer than two.
    pub(super) fn new(policy: &PolicySnapshot, all: &Latencies, failed: &Latencies) -> Option<Self> {
        if all.measured() + all.cut_off_count() < 2 || all.measured() == 0 {
            return None;
        }
        let (scale, far) = axis(policy, all);
        let cut_off = cut_off(all);
        let room = if cut_off.is_some() { BESIDE_CUT_OFF } else { 1.0 };
        let marks = in_rows(marks(policy, all, &scale, room));
        let rows = marks.iter().map(|(label, _)| label.row + 1).max().unwrap_or(0);
        let top = rows as f64 * ROW + 8.0;
        let bottom = top + COLUMNS;
        let bins = bins(policy, all, failed, &scale);
        let most = bins.iter().map(|bin| bin.all).max().unwrap_or(0).max(all.cut_off_count()).max(1);
        let mut columns: Vec<Column> = bins.iter().map(|bin| bin.column(&scale, room, most, bottom)).collect();
        columns.extend(cut_off.map(|cut_off| cut_off_column(cut_off, most, bottom)));
        // The label of the column next to the axis comes first, since it must not be dropped.
        let beside = cut_off.map(|(_, limit)| (1.0, format!("> {}", measured(limit))));
        let along = scale.ticks().into_iter().map(|(ms, name)| (scale.share(ms) * room, name));
        let ticks = in_one_row(beside.into_iter().chain(along));
        Some(Self {
            description: describe(all),
            height: px(bottom + AXIS),
            top: px(top),
            bottom: px(bottom),
            right: percent(room),
            key: key(&columns),
            columns,
            levels: levels(most, bottom),
            ticks,
            tick_y: px(bottom + 17.0),
            marks: marks.into_iter().map(|(label, class)| Mark::new(label, class)).collect(),
            note: note(&scale, &far),
        })
    }
}

impl Mark {
    fn new(label: Label, class: &'static str) -> Self {
        let row = label.row as f64 * ROW;
        Self { y: px(row + 2.0), label_y: px(row + 13.0), label, class }
    }
}

/// The limits of a run by their names, ms.
fn limits(policy: &PolicySnapshot) -> [(f64, String, &'static str); 3] {
    [
        (millis(policy.safe), format!("safe {}", measured(policy.safe)), "safe"),
        (millis(policy.limit), format!("limit {}", measured(policy.limit)), "limit"),
        (millis(policy.legacy_limit), format!("legacy {}", measured(policy.legacy_limit)), "legacy"),
    ]
}

/// The axis, and the limits that are not on it.
fn axis(policy: &PolicySnapshot, all: &Latencies) -> (Scale, Vec<String>) {
    let measured_at = |quantile| match all.at(quantile) {
        Quantile::Measured(latency) => Some(millis(latency)),
        Quantile::Over(limit) => Some(millis(limit)),
        Quantile::Empty => None,
    };
    let (shortest, longest) = (measured_at(0.0).unwrap_or(0.0), measured_at(1.0).unwrap_or(0.0));
    let is_near = |ms: f64| (shortest / NEAR_BELOW..=longest * NEAR_ABOVE).contains(&ms);
    let (near, far): (Vec<_>, Vec<_>) = limits(policy).into_iter().partition(|(ms, ..)| is_near(*ms));
    let near = || near.iter().map(|(ms, ..)| *ms);
    let scale = Scale::spanning(near().fold(shortest, f64::min), near().fold(longest, f64::max));
    (scale, far.into_iter().map(|(_, name, _)| name).collect())
}

/// Limits and percentiles at shares of the width, with their classes.
fn marks(policy: &PolicySnapshot, all: &Latencies, scale: &Scale, room: f64) -> Vec<(f64, String, &'static str)> {
    let percentiles = percentiles(all, &[("p50", 0.5), ("p95", 0.95), ("p99", 0.99)]);
    let percentiles = percentiles.into_iter().map(|(ms, name)| (ms, name, "percentile"));
    let marks = limits(policy).into_iter().chain(percentiles).filter(|(ms, ..)| scale.holds(*ms));
    marks.map(|(ms, name, class)| (scale.share(ms) * room, name, class)).collect()
}

/// The percentiles that were measured, ms, ascending: those that look the same under one name.
pub(super) fn percentiles(latencies: &Latencies, wanted: &[(&str, f64)]) -> Vec<(f64, String)> {
    let mut found: Vec<(Duration, &str, String)> = Vec::new();
    for (name, quantile) in wanted {
        let Quantile::Measured(latency) = latencies.at(*quantile) else { continue };
        match found.last_mut() {
            Some((last, first, label)) if measured(*last) == measured(latency) => {
                *label = format!("{first}–{name} {}", measured(latency));
            }
            _ => found.push((latency, name, format!("{name} {}", measured(latency)))),
        }
    }
    found.into_iter().map(|(latency, _, label)| (millis(latency), label)).collect()
}

/// The deliveries between two latencies, ms.
struct Bin {
    from: f64,
    to: f64,
    all: u64,
    failed: u64,
    class: &'static str,
}

fn bins(policy: &PolicySnapshot, all: &Latencies, failed: &Latencies, scale: &Scale) -> Vec<Bin> {
    // As many as the numbers of deliveries fill (twice the root, as usual), and as a phone can show.
    let number = (2.0 * (all.measured() as f64).sqrt()).clamp(8.0, 48.0) as u32;
    // The limits are edges too, so that each column is in one band; those of the others that are too near to one are not.
    let limits: Vec<f64> =
        [millis(policy.safe), millis(policy.limit)].into_iter().filter(|ms| scale.holds(*ms)).collect();
    let close = |a: f64, b: f64| (scale.share(a) - scale.share(b)).abs() < 0.5 / f64::from(number);
    let mut edges = scale.edges(number);
    edges.retain(|edge| limits.iter().all(|limit| !close(*edge, *limit)));
    edges.extend(limits);
    edges.sort_by(f64::total_cmp);
    let ends: Vec<Duration> = edges.iter().copied().map(from_millis).collect();
    let counts = all.counts(&ends).into_iter().zip(failed.counts(&ends)).skip(1);
    let bin = |(ends, (all, failed)): (&[f64], (u64, u64))| {
        let [from, to] = *ends else { return None };
        let class = match to {
            to if to <= millis(policy.safe) => "in-time",
            to if to <= millis(policy.limit) => "at-risk",
            _ => "late",
        };
        (all > 0).then_some(Bin { from, to, all, failed: failed.min(all), class })
    };
    edges.windows(2).zip(counts).filter_map(bin).collect()
}

impl Bin {
    fn column(&self, scale: &Scale, room: f64, most: u64, bottom: f64) -> Column {
        let (left, right) = (scale.share(self.from) * room, scale.share(self.to) * room);
        let mut title = format!(
            "{} from {} to {}",
            quantity::count(self.all, "delivery"),
            measured(from_millis(self.from)),
            measured(from_millis(self.to))
        );
        if self.failed > 0 {
            title += &format!(", {} of them failed", quantity::thousands(self.failed));
        }
        let parts = parts([(self.failed, "failed"), (self.all - self.failed, self.class)], most, bottom);
        Column { x: percent(left), width: percent((right - left) * 0.94), parts, title }
    }
}

/// The parts of a column, one upon the other.
fn parts<const N: usize>(counts: [(u64, &'static str); N], most: u64, bottom: f64) -> Vec<Part> {
    let mut y = bottom;
    let mut part = |(count, class): (u64, &'static str)| {
        // The smallest number can still be seen.
        let height = (count as f64 / most as f64 * COLUMNS).max(2.0);
        y -= height;
        Part { y: px(y), height: px(height), class }
    };
    counts.into_iter().filter(|(count, _)| *count > 0).map(&mut part).collect()
}

/// Those that a limit cut off: how many, and the limit.
fn cut_off(all: &Latencies) -> Option<(u64, Duration)> {
    match all.at(1.0) {
        Quantile::Over(limit) => Some((all.cut_off_count(), limit)),
        Quantile::Empty | Quantile::Measured(_) => None,
    }
}

/// A column next to the axis: how much longer than the limit they would have taken is unknown.
fn cut_off_column((count, limit): (u64, Duration), most: u64, bottom: f64) -> Column {
    Column {
        x: percent(BESIDE_CUT_OFF + 0.06),
        width: percent(1.0 - BESIDE_CUT_OFF - 0.06),
        parts: parts([(count, "cut-off")], most, bottom),
        title: format!("{} cut off at {}, so longer than that", quantity::count(count, "delivery"), measured(limit)),
    }
}

fn key(columns: &[Column]) -> Vec<(&'static str, &'static str)> {
    let classes = || columns.iter().flat_map(|column| &column.parts).map(|part| part.class);
    let all = [
        ("in-time", "safe"),
        ("at-risk", "at risk"),
        ("failed", "failed"),
        ("late", "too late"),
        ("cut-off", "cut off"),
    ];
    all.into_iter().filter(|(class, _)| classes().any(|found| found == *class)).collect()
}

/// The levels of up to four round numbers of deliveries.
fn levels(most: u64, bottom: f64) -> Vec<Level> {
    let step = round_step((most as f64 / 4.0).max(1.0));
    let level = |n: u32| {
        let number = step * f64::from(n);
        let y = bottom - number / most as f64 * COLUMNS;
        (number <= most as f64).then(|| Level {
            y: px(y),
            label_y: px(y + 4.0),
            label: quantity::thousands(number as u64),
        })
    };
    (1..=4).filter_map(level).collect()
}

fn note(scale: &Scale, far: &[String]) -> String {
    let mut note = String::from(if scale.is_logarithmic() { "Logarithmic axis." } else { "Linear axis." });
    if !far.is_empty() {
        note += &format!(" Not on the axis: {}.", far.join(", "));
    }
    note
}

fn describe(all: &Latencies) -> String {
    let mut text = format!(
        "Distribution of {}: the median is {}, the 99th percentile {}, the longest {}",
        quantity::count(all.measured() + all.cut_off_count(), "latency"),
        phrases::rank(all.at(0.5)),
        phrases::rank(all.at(0.99)),
        phrases::rank(all.at(1.0))
    );
    if all.cut_off_count() > 0 {
        text += &format!("; {} cut off", quantity::thousands(all.cut_off_count()));
    }
    text + "."
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{LoadRate, Settings, TimeoutRule};

    fn plot(values: &[f64], cut_off: u64, failed: &[f64]) -> Distribution {
        let policy = PolicySnapshot::new(TimeoutRule::Fixed, LoadRate::IDLE, &Settings::default());
        let (mut all, mut failures) = (Latencies::default(), Latencies::default());
        values.iter().for_each(|ms| all.record(from_millis(*ms)));
        failed.iter().for_each(|ms| failures.record(from_millis(*ms)));
        (0..cut_off).for_each(|_| all.cut_off(Duration::from_secs(10)));
        Distribution::new(&policy, &all, &failures).expect("a plot")
    }

    fn number(text: &str) -> f64 {
        text.trim_end_matches('%').parse().unwrap()
    }

    #[test]
    fn the_columns_use_the_width_whatever_the_latencies() {
        for values in [vec![0.4, 0.5, 0.9, 2.0], (1..300).map(f64::from).collect(), vec![12_000.0, 12_001.0, 13_000.0]]
        {
            let plot = plot(&values, 0, &[]);
            let marks = plot.marks.iter().map(|mark| (number(&mark.label.x), number(&mark.label.x)));
            let columns =
                plot.columns.iter().map(|column| (number(&column.x), number(&column.x) + number(&column.width)));
            let (first, last) =
                marks.chain(columns).fold((100.0, 0.0), |(a, b), (c, d)| (f64::min(a, c), f64::max(b, d)));
            assert!(last - first > 75.0, "{first} to {last} of {values:?}");
            assert!(last <= 100.0);
        }
    }

    #[test]
    fn limits_are_on_the_axis_where_they_are_near_and_named_where_not() {
        let names = |plot: &Distribution| -> Vec<String> {
            let limits = plot.marks.iter().filter(|mark| mark.class != "percentile");
            let mut names: Vec<String> = limits.map(|mark| mark.label.text.clone()).collect();
            names.sort();
            names
        };
        let fast = plot(&[10.0, 11.0, 12.0], 0, &[]);
        assert!(names(&fast).is_empty());
        assert_eq!(fast.note, "Linear axis. Not on the axis: safe 5 s, limit 10 s, legacy 80 s.");
        let slow = plot(&[4_500.0, 6_000.0], 0, &[]);
        assert_eq!(names(&slow), ["limit 10 s", "safe 5 s"]);
        let too_late = plot(&[12_000.0, 12_001.0], 0, &[]);
        assert_eq!(names(&too_late), ["limit 10 s"], "the limit that all are over");
        let late = plot(&[20.0, 40_000.0], 0, &[]);
        assert_eq!(names(&late), ["legacy 80 s", "limit 10 s", "safe 5 s"]);
        assert_eq!(late.note, "Logarithmic axis.");
    }

    #[test]
    fn percentiles_that_look_the_same_share_a_name() {
        let mut latencies = Latencies::default();
        [9.1, 9.1, 9.1001, 20.0].into_iter().for_each(|ms| latencies.record(from_millis(ms)));
        let names = percentiles(&latencies, &[("p25", 0.25), ("p50", 0.5), ("p75", 0.75), ("max", 1.0)]);
        assert_eq!(names.into_iter().map(|(_, name)| name).collect::<Vec<_>>(), ["p25–p75 9.1 ms", "max 20 ms"]);
    }

    #[test]
    fn failures_and_those_cut_off_can_be_told_from_the_others() {
        let plot = plot(&[10.0, 10.0, 200.0, 7_000.0], 3, &[10.0]);
        let classes: Vec<Vec<&str>> =
            plot.columns.iter().map(|column| column.parts.iter().map(|part| part.class).collect()).collect();
        assert_eq!(classes, [vec!["failed", "in-time"], vec!["in-time"], vec!["at-risk"], vec!["cut-off"]]);
        assert!(plot.columns[0].title.ends_with("1 of them failed"), "{}", plot.columns[0].title);
        let names: Vec<&str> = plot.ticks.iter().map(|tick| tick.text.as_str()).collect();
        assert!(names.contains(&"> 10 s"), "{names:?}");
        assert_eq!(plot.columns[3].title, "3 deliveries cut off at 10 s, so longer than that");
    }
}
