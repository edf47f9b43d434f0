//! How long the platform waits by its load: the legacy wait against the fixed limit, and where this run's latencies are.

use std::time::Duration;

use serde::Serialize;

use super::distribution::percentiles;
use super::scale::{Label, Scale, in_one_row, percent, px};
use crate::delivery::{Latencies, PolicySnapshot, Quantile, Summary};
use crate::policy::TimeoutRule;
use crate::text::duration::{measured, millis};

/// Height of the plot, px, and of the labels of the axis below it.
const HEIGHT: f64 = 230.0;
const AXIS: f64 = 24.0;
/// Above the longest wait, for its label, px.
const TOP: f64 = 16.0;
/// Least distance of two labels, px.
const LINE: f64 = 15.0;

/// The plot. Lines and labels are placed in percent of the width and px of the height; the areas and the curve in a
/// square of 100 by 100 that is stretched over it.
#[derive(Debug, Serialize)]
pub(super) struct Waits {
    /// One sentence for those who can't see it.
    description: String,
    height: String,
    top: String,
    bottom: String,
    /// Height of the square when stretched.
    stretched: String,
    /// Points of the legacy curve.
    curve: String,
    /// Points of the area that the legacy wait allowed and the fixed limit does not.
    now_fails: String,
    /// Points of the area that only the fixed limit allows.
    now_passes: String,
    /// Limits, named on the left, and latencies, named on the right.
    levels: Vec<Level>,
    /// The load of this run.
    load_x: String,
    ticks: Vec<Label>,
    tick_y: String,
}

#[derive(Debug, Serialize)]
struct Level {
    y: String,
    label_y: String,
    label: String,
    /// `safe`, `limit`, `legacy` or `percentile`.
    class: &'static str,
    x: &'static str,
    anchor: &'static str,
}

impl Waits {
    /// The plot, where the two waits can differ for this run: it was judged by the legacy wait, or something took longer
    /// than is safe under both.
    pub(super) fn new(policy: &PolicySnapshot, summary: &Summary, latencies: &Latencies) -> Option<Self> {
        let beyond_safe = summary.bands.at_risk + summary.bands.timed_out > 0;
        if latencies.at(1.0) == Quantile::Empty || (policy.name == TimeoutRule::Fixed && !beyond_safe) {
            return None;
        }
        let longest = policy.legacy_max.max(policy.limit).max(latencies.percentiles().max.unwrap_or_default());
        let shortest = policy.safe.min(policy.legacy_min).min(policy.limit) / 2;
        let scale = Scale::spanning(millis(shortest), millis(longest));
        let curve: Vec<(f64, f64)> = (0..=100).map(f64::from).map(|load| (load, wait(policy, load / 100.0))).collect();
        let limit = millis(policy.limit);
        let loads = [0.0, 0.25, 0.5, 0.75, 1.0].map(|load: f64| (load, load.to_string()));
        Some(Self {
            description: describe(policy, latencies),
            height: px(HEIGHT + AXIS),
            top: px(TOP),
            bottom: px(HEIGHT),
            stretched: px(HEIGHT - TOP),
            curve: points(curve.iter().copied(), &scale),
            now_fails: area(&curve, limit, &scale, |ms| ms > limit),
            now_passes: area(&curve, limit, &scale, |ms| ms < limit),
            levels: levels(policy, latencies, &scale),
            load_x: percent(policy.load_rate),
            ticks: in_one_row(loads),
            tick_y: px(HEIGHT + 17.0),
        })
    }
}

/// The legacy wait at a load, ms, from the bounds in the results.
fn wait(policy: &PolicySnapshot, load: f64) -> f64 {
    (millis(policy.legacy_max) * (1.0 - load)).max(millis(policy.legacy_min))
}

fn y(scale: &Scale, ms: f64) -> f64 {
    TOP + (HEIGHT - TOP) * (1.0 - scale.share(ms))
}

fn levels(policy: &PolicySnapshot, latencies: &Latencies, scale: &Scale) -> Vec<Level> {
    let limits = [(policy.safe, "safe"), (policy.limit, "limit"), (policy.legacy_max, "legacy")];
    let limits = limits.map(|(limit, class)| (millis(limit), format!("{class} {}", measured(limit)), class));
    let percentiles = percentiles(latencies, &[("p50", 0.5), ("p95", 0.95), ("max", 1.0)]).into_iter();
    let percentiles =
        percentiles.filter(|(ms, _)| scale.holds(*ms)).map(|(ms, name)| (ms, name, "percentile")).collect();
    let mut levels = spread(limits.into(), scale, "4", "start");
    levels.extend(spread(percentiles, scale, "100%", "end"));
    levels
}

/// Each with its label above the one before it, clear of it.
fn spread(
    mut all: Vec<(f64, String, &'static str)>,
    scale: &Scale,
    x: &'static str,
    anchor: &'static str,
) -> Vec<Level> {
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut free = f64::INFINITY;
    let place = |(ms, label, class): (f64, String, &'static str)| {
        let at = y(scale, ms);
        free = (at - 4.0).min(free - LINE);
        Level { y: px(at), label_y: px(free.max(LINE - 4.0)), label, class, x, anchor }
    };
    all.into_iter().map(place).collect()
}

/// Between the curve and the limit, where `wanted` holds of the curve.
fn area(curve: &[(f64, f64)], limit: f64, scale: &Scale, wanted: impl Fn(f64) -> bool) -> String {
    let along: Vec<(f64, f64)> = curve.iter().copied().filter(|(_, ms)| wanted(*ms)).collect();
    let (Some((first, _)), Some((last, _))) = (along.first(), along.last()) else { return String::new() };
    let back = [(*last, limit), (*first, limit)];
    points(along.iter().copied().chain(back), scale)
}

fn points(all: impl Iterator<Item = (f64, f64)>, scale: &Scale) -> String {
    all.map(|(load, ms)| format!("{load},{:.2}", 100.0 * (1.0 - scale.share(ms)))).collect::<Vec<_>>().join(" ")
}

fn describe(policy: &PolicySnapshot, latencies: &Latencies) -> String {
    let figures = latencies.percentiles();
    let shown = |time: Option<Duration>| time.map_or("unknown".to_owned(), measured);
    format!(
        "The legacy wait falls from {} at load 0 to {} at load 1; the fixed limit is {}. The median latency is {}, the longest {}.",
        measured(policy.legacy_max),
        measured(policy.legacy_min),
        measured(policy.limit),
        shown(figures.p50),
        shown(figures.max),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::{Bands, PolicySnapshot};
    use crate::policy::{LoadRate, Settings};
    use crate::text::duration::from_millis;

    fn plot(regime: TimeoutRule, values: &[f64], bands: Bands) -> Option<Waits> {
        let policy = PolicySnapshot::new(regime, LoadRate::IDLE, &Settings::default());
        let mut latencies = Latencies::default();
        values.iter().for_each(|ms| latencies.record(from_millis(*ms)));
        Waits::new(&policy, &Summary { bands, ..Summary::default() }, &latencies)
    }

    #[test]
    fn it_is_there_where_the_waits_can_differ() {
        let safe = Bands { safe: 1, ..Bands::default() };
        let late = Bands { timed_out: 1, ..Bands::default() };
        assert!(plot(TimeoutRule::Fixed, &[20.0], safe).is_none());
        assert!(plot(TimeoutRule::Both, &[20.0], safe).is_some());
        assert!(plot(TimeoutRule::Fixed, &[12_000.0], late).is_some());
        assert!(plot(TimeoutRule::Both, &[], safe).is_none());
    }

    #[test]
    fn labels_keep_clear_of_each_other() {
        let plot = plot(TimeoutRule::Both, &[9_000.0, 9_002.0, 9_003.0], Bands::default()).expect("a plot");
        for side in ["start", "end"] {
            let labels: Vec<f64> =
                plot.levels.iter().filter(|l| l.anchor == side).map(|l| l.label_y.parse().unwrap()).collect();
            assert!(labels.len() > 1 && labels.windows(2).all(|pair| pair[0] - pair[1] >= LINE - 0.2), "{labels:?}");
        }
        assert!(!plot.now_fails.is_empty() && !plot.now_passes.is_empty());
    }
}
