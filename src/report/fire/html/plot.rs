//! The plot of the page: the legacy wait over the load with the fixed limit on the left, how the measured latencies are
//! distributed on the right, on one logarithmic axis of time.

use serde::Serialize;

use crate::delivery::{Latencies, Rank, RunPolicy};
use crate::duration::measured;
use crate::quantity;

const WIDTH: f64 = 980.0;
const HEIGHT: f64 = 430.0;
/// Edges of the left panel.
const LEFT: f64 = 64.0;
const MIDDLE: f64 = 590.0;
/// Left edge of the right panel, and its longest bar's end.
const BARS: f64 = 712.0;
const BARS_END: f64 = 910.0;
const TOP: f64 = 46.0;
const BOTTOM: f64 = 372.0;
/// Least distance of two labels.
const LINE: f64 = 13.0;
/// Bars over the whole axis.
const BINS: u32 = 26;

/// Shapes and labels in the coordinates of a `viewBox`, written as text.
#[derive(Debug, Serialize)]
pub struct Plot {
    width: String,
    height: String,
    left: String,
    middle: String,
    bars: String,
    top: String,
    bottom: String,
    /// One sentence for those who can't see it.
    description: String,
    ticks: Vec<Mark>,
    loads: Vec<Mark>,
    /// Points of the legacy curve.
    curve: String,
    /// Points of the area that the legacy wait allowed and the fixed limit does not.
    now_fails: String,
    /// Points of the area that only the fixed limit allows.
    now_passes: String,
    fixed: Mark,
    safe: Mark,
    run_load: Mark,
    percentiles: Vec<Mark>,
    histogram: Vec<Bar>,
    cut_off: Option<Bar>,
}

/// A line or a label at a place on one of the axes.
#[derive(Debug, Serialize)]
struct Mark {
    at: String,
    /// Where its text stands, clear of its neighbours.
    label_at: String,
    label: String,
}

#[derive(Debug, Serialize)]
struct Bar {
    y: String,
    height: String,
    length: String,
    #[serde(skip)]
    middle: f64,
    /// Where its count stands.
    count_at: String,
    text_y: String,
    band: &'static str,
    count: String,
    /// What it says when it is pointed at.
    title: String,
}

/// A logarithmic axis of time, ms.
struct Axis {
    from: f64,
    to: f64,
}

impl Axis {
    fn new(policy: &RunPolicy, latencies: &Latencies) -> Self {
        let ends = |quantile| match latencies.at(quantile) {
            Rank::Measured(ms) => Some(ms),
            Rank::Empty | Rank::Over(_) => None,
        };
        let longest = policy.legacy_max_ms.max(policy.limit_ms).max(ends(1.0).unwrap_or(0.0));
        let shortest = ends(0.0).unwrap_or(longest).min(policy.safe_ms / 10.0).max(longest / 1e6);
        Self { from: shortest * 0.7, to: longest * 1.25 }
    }

    fn y(&self, ms: f64) -> f64 {
        let share = (ms.max(self.from) / self.from).ln() / (self.to / self.from).ln();
        BOTTOM - share.clamp(0.0, 1.0) * (BOTTOM - TOP)
    }

    /// The powers of ten, which the limits are labelled beside.
    fn ticks(&self, taken: &[f64]) -> Vec<Mark> {
        let first = self.from.log10().ceil() as i32;
        let last = self.to.log10().floor() as i32;
        let free = |ms: &f64| taken.iter().all(|other| (self.y(*other) - self.y(*ms)).abs() > LINE);
        (first..=last).map(|power| 10_f64.powi(power)).filter(free).map(|ms| self.mark(ms, measured(ms))).collect()
    }

    fn mark(&self, ms: f64, label: String) -> Mark {
        Mark { at: px(self.y(ms)), label_at: px(self.y(ms) + 4.0), label }
    }
}

impl Plot {
    /// The plot of a run.
    pub fn new(policy: &RunPolicy, latencies: &Latencies) -> Self {
        let axis = Axis::new(policy, latencies);
        let curve: Vec<(f64, f64)> =
            (0..=200).map(|step| f64::from(step) / 200.0).map(|l| (l, wait(policy, l))).collect();
        let limit = policy.limit_ms;
        let taken = [policy.safe_ms, limit, policy.legacy_max_ms];
        let mut ticks = axis.ticks(&taken);
        if (axis.y(policy.legacy_max_ms) - axis.y(limit)).abs() > LINE {
            ticks.push(axis.mark(policy.legacy_max_ms, measured(policy.legacy_max_ms)));
        }
        Self {
            width: px(WIDTH),
            height: px(HEIGHT),
            left: px(LEFT),
            middle: px(MIDDLE),
            bars: px(BARS),
            top: px(TOP),
            bottom: px(BOTTOM),
            description: describe(policy, latencies),
            ticks,
            loads: [0.0, 0.25, 0.5, 0.75, 1.0].map(|load| load_mark(load, load.to_string())).into(),
            curve: points(curve.iter().map(|(load, ms)| (x(*load), axis.y(*ms)))),
            now_fails: area(&curve, limit, &axis, |ms| ms > limit),
            now_passes: area(&curve, limit, &axis, |ms| ms < limit),
            fixed: axis.mark(limit, measured(limit)),
            safe: axis.mark(policy.safe_ms, measured(policy.safe_ms)),
            run_load: load_mark(policy.load_rate, format!("this run: load {}", policy.load_rate)),
            percentiles: percentiles(latencies, &axis),
            histogram: histogram(policy, latencies, &axis),
            cut_off: cut_off(latencies),
        }
    }
}

/// The legacy wait at a load, ms, from the bounds that the results carry.
fn wait(policy: &RunPolicy, load: f64) -> f64 {
    (policy.legacy_max_ms * (1.0 - load)).max(policy.legacy_min_ms)
}

fn x(load: f64) -> f64 {
    LEFT + load * (MIDDLE - LEFT)
}

fn load_mark(load: f64, label: String) -> Mark {
    // The first and the last label stay within the panel.
    Mark { at: px(x(load)), label_at: px(x(load)), label }
}

/// Between the curve and the limit, where `wanted` holds of the curve.
fn area(curve: &[(f64, f64)], limit: f64, axis: &Axis, wanted: impl Fn(f64) -> bool) -> String {
    let along: Vec<(f64, f64)> = curve.iter().copied().filter(|(_, ms)| wanted(*ms)).collect();
    let (Some((first, _)), Some((last, _))) = (along.first(), along.last()) else { return String::new() };
    let back = [(x(*last), axis.y(limit)), (x(*first), axis.y(limit))];
    points(along.iter().map(|(load, ms)| (x(*load), axis.y(*ms))).chain(back))
}

fn percentiles(latencies: &Latencies, axis: &Axis) -> Vec<Mark> {
    let mut marks: Vec<(f64, &str, Mark)> = Vec::new();
    let mut free = f64::INFINITY;
    for (name, quantile) in [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("max", 1.0)] {
        let Rank::Measured(ms) = latencies.at(quantile) else { continue };
        if let Some((_, first, mark)) = marks.last_mut().filter(|(last, ..)| *last == ms) {
            mark.label = format!("{first}–{name} {}", measured(ms));
            continue;
        }
        let mut mark = axis.mark(ms, format!("{name} {}", measured(ms)));
        // Each stands above the one before it, clear of it.
        free = axis.y(ms).min(free - LINE);
        mark.label_at = px(free + 4.0);
        marks.push((ms, name, mark));
    }
    marks.into_iter().map(|(.., mark)| mark).collect()
}

fn histogram(policy: &RunPolicy, latencies: &Latencies, axis: &Axis) -> Vec<Bar> {
    let step = (axis.to / axis.from).powf(1.0 / f64::from(BINS));
    let mut edges: Vec<f64> = (0..=BINS as i32).map(|n| axis.from * step.powi(n)).collect();
    // The limits are edges too, so that each bar is in one band.
    edges.extend([policy.safe_ms, policy.limit_ms]);
    edges.sort_by(f64::total_cmp);
    let counts = latencies.counts(&edges);
    let most = counts.iter().copied().max().unwrap_or(0).max(latencies.cut_off_count()).max(1);
    let mut bars: Vec<Bar> = edges
        .windows(2)
        .zip(counts.iter().skip(1))
        .filter(|(_, count)| **count > 0)
        .filter_map(|(ends, count)| {
            let [from, to] = ends else { return None };
            let band = match *to {
                to if to <= policy.safe_ms => "safe",
                to if to <= policy.limit_ms => "at-risk",
                _ => "timed-out",
            };
            let title =
                format!("{} from {} to {}", quantity::count(*count, "delivery"), measured(*from), measured(*to));
            Some(bar(axis.y(*to), axis.y(*from), *count, most, band, title))
        })
        .collect();
    // From below: a count that would stand on the one before it is left to the title.
    let mut free = f64::INFINITY;
    for bar in &mut bars {
        let y = bar.middle;
        if free - y < LINE {
            bar.count.clear();
        } else {
            free = y;
        }
    }
    bars
}

/// Those that the limit cut off: somewhere above it, nobody knows where.
fn cut_off(latencies: &Latencies) -> Option<Bar> {
    let count = latencies.cut_off_count();
    let Rank::Over(limit) = latencies.at(1.0) else { return None };
    let most = latencies.measured().max(count);
    let title = format!("{} cut off at {}: longer than that", quantity::count(count, "delivery"), measured(limit));
    // On top of the panel, since nobody knows how much longer.
    let mut bar = bar(TOP - 15.0, TOP - 1.0, count, most, "cut-off", title);
    bar.count = format!("{} longer than {}", bar.count, measured(limit));
    if count * 3 > most {
        // Upon the bar, which can be seen through: beside a long one there is no room.
        bar.count_at = px(BARS + 6.0);
    }
    Some(bar)
}

fn bar(top: f64, bottom: f64, count: u64, most: u64, band: &'static str, title: String) -> Bar {
    let height = (bottom - top - 1.0).max(1.5);
    // The smallest count can still be seen.
    let length = (count as f64 / most as f64 * (BARS_END - BARS)).max(2.0);
    Bar {
        y: px(top),
        height: px(height),
        length: px(length),
        count_at: px(BARS + length + 6.0),
        middle: top + height / 2.0,
        text_y: px(top + height / 2.0 + 4.0),
        band,
        count: quantity::thousands(count),
        title,
    }
}

fn describe(policy: &RunPolicy, latencies: &Latencies) -> String {
    let figures = latencies.percentiles();
    let shown = |ms: Option<f64>| ms.map_or("not known".to_owned(), measured);
    format!(
        "The legacy wait falls from {} at load 0 to {} at load 1; the fixed limit is {}. The median of {} measured is {}, \
         the longest {}; {} cut off.",
        measured(policy.legacy_max_ms),
        measured(policy.legacy_min_ms),
        measured(policy.limit_ms),
        quantity::thousands(latencies.measured()),
        shown(figures.p50),
        shown(figures.max),
        quantity::thousands(figures.cut_off),
    )
}

fn points(all: impl Iterator<Item = (f64, f64)>) -> String {
    all.map(|(x, y)| format!("{},{}", px(x), px(y))).collect::<Vec<_>>().join(" ")
}

fn px(value: f64) -> String {
    format!("{value:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{LoadRate, Regime, Settings};

    #[test]
    fn labels_of_percentiles_keep_clear_of_each_other() {
        let policy = RunPolicy::new(Regime::Fixed, LoadRate::IDLE, &Settings::default());
        let marks = |values: &[f64]| {
            let mut latencies = Latencies::default();
            values.iter().for_each(|ms| latencies.record(*ms));
            percentiles(&latencies, &Axis::new(&policy, &latencies))
        };
        let one = marks(&[9.1]);
        assert_eq!(one.iter().map(|mark| mark.label.as_str()).collect::<Vec<_>>(), ["p50–max 9.1 ms"]);
        let close: Vec<f64> = (0..200).map(|n| 50.0 + f64::from(n) / 100.0).collect();
        let close = marks(&close);
        assert_eq!(close.len(), 4);
        let at: Vec<f64> = close.iter().map(|mark| mark.label_at.parse().unwrap()).collect();
        assert!(at.windows(2).all(|pair| pair[0] - pair[1] >= LINE - 0.1), "{at:?}");
    }
}
