//! Latency over the time of a run, in bounded memory: each delivery where it started, those that failed apart.

use serde::Serialize;

use super::scale::{Label, Scale, in_one_row, percent, px};
use crate::delivery::{Delivery, PolicySnapshot};
use crate::text::duration::{from_millis, measured, millis};
use crate::text::quantity;

/// Points of one kind on the plot; of more deliveries, each point is the slowest of several in a row.
const POINTS: usize = 600;
/// Height of the plot, px, and of the labels of the axis below it.
const HEIGHT: f64 = 190.0;
const AXIS: f64 = 24.0;
/// Above the highest and below the lowest point, px.
const MARGIN: f64 = 10.0;
/// Least distance of two levels, px.
const LEVELS: f64 = 24.0;

/// The deliveries of a run, added as they end.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    fine: Series,
    failed: Series,
    /// Among the fine ones are some that failed as their scripts expect.
    expected: bool,
}

/// Consecutive deliveries, each group of `every` reduced to its slowest.
#[derive(Debug)]
struct Series {
    points: Vec<Point>,
    every: u64,
    /// Deliveries in the last point.
    in_last: u64,
}

impl Default for Series {
    fn default() -> Self {
        Self { points: Vec::new(), every: 1, in_last: 0 }
    }
}

#[derive(Debug)]
struct Point {
    /// When the delivery started, ms of the Unix time.
    started_ms: f64,
    /// None: it ended without an answer.
    latency_ms: Option<f64>,
    /// The latency is only known to be longer than that.
    cut_off: bool,
    name: String,
}

/// The plot: places in percent of the width and px of the height, as text.
#[derive(Debug, Serialize)]
pub(super) struct TimelinePlot {
    /// One sentence for those who can't see it.
    description: String,
    height: String,
    bottom: String,
    /// Round latencies, labelled next to the plot.
    levels: Vec<Level>,
    ticks: Vec<Label>,
    tick_y: String,
    fine: Vec<Dot>,
    fine_name: &'static str,
    failed: Vec<Dot>,
    /// The limits that are on the axis, named in the plot.
    limits: Vec<Level>,
    note: String,
}

#[derive(Debug, Serialize)]
struct Level {
    y: String,
    label_y: String,
    label: String,
    class: &'static str,
}

#[derive(Debug, Serialize)]
struct Dot {
    x: String,
    y: String,
    title: String,
}

impl Timeline {
    /// Counts a delivery.
    pub(super) fn add(&mut self, delivery: &Delivery) {
        let cut_off = delivery.cut_off_at();
        if delivery.attempts.is_empty() {
            return;
        }
        let latency_ms = delivery.latency.or(cut_off).map(millis);
        let started_ms = delivery.started_at.as_nanosecond() as f64 / 1e6;
        self.expected |= delivery.failed_as_expected();
        let series = if delivery.is_failure() { &mut self.failed } else { &mut self.fine };
        series.add(latency_ms, || Point {
            started_ms,
            latency_ms,
            cut_off: cut_off.is_some(),
            name: format!("{} #{}", delivery.script, delivery.trigger),
        });
    }

    /// The plot; none of fewer than two deliveries.
    pub(super) fn plot(&self, policy: &PolicySnapshot) -> Option<TimelinePlot> {
        let points = || self.fine.points.iter().chain(&self.failed.points);
        if points().count() < 2 {
            return None;
        }
        let frame = Frame::around(points());
        let dots = |series: &Series| series.points.iter().map(|point| frame.dot(point)).collect();
        let limits = [(millis(policy.safe), "safe"), (millis(policy.limit), "limit")];
        let limits = limits.into_iter().filter(|(ms, _)| frame.vertical.holds(*ms));
        let times = time_ticks(frame.last_ms - frame.first_ms).into_iter();
        Some(TimelinePlot {
            description: self.describe(frame.last_ms - frame.first_ms),
            height: px(HEIGHT + AXIS),
            bottom: px(HEIGHT),
            levels: frame.levels(),
            limits: limits.map(|(ms, name)| frame.limit(ms, name)).collect(),
            ticks: in_one_row(times.map(|(ms, name)| (frame.x(frame.first_ms + ms), name))),
            tick_y: px(HEIGHT + 17.0),
            fine: dots(&self.fine),
            fine_name: self.fine_name(),
            failed: dots(&self.failed),
            note: self.note(&frame.vertical),
        })
    }

    fn fine_name(&self) -> &'static str {
        if self.expected { "succeeded, or failed as expected" } else { "succeeded" }
    }

    fn describe(&self, span_ms: f64) -> String {
        let drawn = |series: &Series| quantity::thousands(series.points.len() as u64);
        format!(
            "Latency of the deliveries by when they started, over {}: {} that {} and {} that failed are drawn.",
            measured(from_millis(span_ms)),
            drawn(&self.fine),
            self.fine_name(),
            drawn(&self.failed)
        )
    }

    fn note(&self, vertical: &Scale) -> String {
        let mut note = String::from(if vertical.is_logarithmic() { "Logarithmic axis." } else { "Linear axis." });
        for (series, what) in [(&self.fine, "dot"), (&self.failed, "cross")] {
            if series.every > 1 {
                note += &format!(" Each {what} is the slowest of {} consecutive deliveries.", series.every);
            }
        }
        note
    }
}

/// The two axes.
struct Frame {
    /// When the first and the last delivery started, ms.
    first_ms: f64,
    last_ms: f64,
    vertical: Scale,
}

impl Frame {
    fn around<'p>(points: impl Iterator<Item = &'p Point> + Clone) -> Self {
        let (first_ms, last_ms) = ends(points.clone().map(|point| point.started_ms));
        let (shortest, longest) = ends(points.filter_map(|point| point.latency_ms));
        // Where there is no latency at all, any axis will do.
        let longest = if longest.is_finite() { longest } else { 1.0 };
        Self { first_ms, last_ms, vertical: Scale::spanning(shortest.min(longest), longest).zero_based() }
    }

    /// A share of the width, a little inside the edges, so that no dot is cut off.
    fn x(&self, started_ms: f64) -> f64 {
        0.01 + (started_ms - self.first_ms) / (self.last_ms - self.first_ms).max(0.001) * 0.98
    }

    /// px
    fn y(&self, ms: f64) -> f64 {
        HEIGHT - MARGIN - self.vertical.share(ms) * (HEIGHT - 2.0 * MARGIN)
    }

    /// On the axis where there is no latency.
    fn dot(&self, point: &Point) -> Dot {
        Dot {
            x: percent(self.x(point.started_ms)),
            y: px(point.latency_ms.map_or(HEIGHT, |ms| self.y(ms))),
            title: point.title(self.first_ms),
        }
    }

    /// Named above its line.
    fn limit(&self, ms: f64, class: &'static str) -> Level {
        let y = self.y(ms);
        Level { y: px(y), label_y: px(y - 4.0), label: format!("{class} {}", measured(from_millis(ms))), class }
    }

    /// Round latencies, named beside the plot, as far apart as their names ask for.
    fn levels(&self) -> Vec<Level> {
        let mut free = f64::INFINITY;
        let mut clear = |ms: f64| {
            let clear = free - self.y(ms) > LEVELS;
            free = if clear { self.y(ms) } else { free };
            clear
        };
        let ticks = self.vertical.ticks().into_iter().filter(|(ms, _)| clear(*ms)).map(|(ms, label)| {
            let y = self.y(ms);
            Level { y: px(y), label_y: px(y + 4.0), label, class: "" }
        });
        ticks.collect()
    }
}

/// The least and the greatest; infinite where there are none.
fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), value| (least.min(value), most.max(value)))
}

/// Round times from the start of a run that took `span_ms`.
fn time_ticks(span_ms: f64) -> Vec<(f64, String)> {
    let step = super::scale::round_step((span_ms / 6.0).max(1e-3));
    let all = (0..=10).map(|n| f64::from(n) * step).take_while(|ms| *ms <= span_ms);
    all.map(|ms| (ms, if ms == 0.0 { "start".to_owned() } else { measured(from_millis(ms)) })).collect()
}

impl Series {
    fn add(&mut self, latency_ms: Option<f64>, point: impl FnOnce() -> Point) {
        match self.points.last_mut() {
            Some(last) if self.in_last < self.every => {
                self.in_last += 1;
                if latency_ms > last.latency_ms {
                    *last = point();
                }
            }
            _ => {
                self.points.push(point());
                self.in_last = 1;
            }
        }
        if self.points.len() > POINTS {
            self.halve();
        }
    }

    /// Of each two points the slower one stays.
    fn halve(&mut self) {
        // Their number is odd (one more than `POINTS`): the last one is left alone, and goes on to be filled.
        self.every *= 2;
        let mut points = std::mem::take(&mut self.points).into_iter();
        while let Some(one) = points.next() {
            self.points.push(match points.next() {
                Some(other) if other.latency_ms > one.latency_ms => other,
                _ => one,
            });
        }
    }
}

impl Point {
    fn title(&self, first_ms: f64) -> String {
        let latency = match self.latency_ms {
            Some(ms) if self.cut_off => format!("> {}", measured(from_millis(ms))),
            Some(ms) => measured(from_millis(ms)),
            None => "no answer".to_owned(),
        };
        format!("{}: {latency}, {} after the start", self.name, measured(from_millis(self.started_ms - first_ms)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{LoadRate, Settings, TimeoutRule};
    use crate::report::fire::tests::{attempt, cut_off, delivery};

    /// A delivery that started so many ms after the first one.
    fn started(ms: i64, delivery: Delivery) -> Delivery {
        Delivery { started_at: jiff::Timestamp::from_millisecond(1_795_000_000_000 + ms).expect("a time"), ..delivery }
    }

    fn policy() -> PolicySnapshot {
        PolicySnapshot::new(TimeoutRule::Fixed, LoadRate::IDLE, &Settings::default())
    }

    #[test]
    fn failures_are_seen_beside_the_others_where_they_started() {
        let mut timeline = Timeline::default();
        timeline.add(&started(500, delivery("a", 1, vec![attempt(1, 200, 12.0)])));
        timeline.add(&started(1_500, delivery("a", 2, vec![cut_off(1)])));
        timeline.add(&started(2_500, delivery("a", 3, vec![attempt(1, 503, 20.0)])));
        let plot = timeline.plot(&policy()).expect("a plot");
        let of = |dots: &[Dot]| -> Vec<(String, String)> {
            dots.iter().map(|dot| (dot.x.clone(), dot.title.clone())).collect()
        };
        assert_eq!(of(&plot.fine), [("1.00%".to_owned(), "a #1: 12 ms, 0 ms after the start".to_owned())]);
        assert_eq!(
            of(&plot.failed),
            [
                ("50.00%".to_owned(), "a #2: > 10 s, 1 s after the start".to_owned()),
                ("99.00%".to_owned(), "a #3: 20 ms, 2 s after the start".to_owned()),
            ]
        );
        assert_eq!(
            plot.limits.iter().map(|limit| limit.label.as_str()).collect::<Vec<_>>(),
            ["safe 5 s", "limit 10 s"]
        );
    }

    #[test]
    fn it_is_bounded_and_keeps_the_slowest() {
        let mut timeline = Timeline::default();
        for n in 0..5_000_u64 {
            let latency = if n == 3_333 { 4_000.0 } else { 10.0 };
            timeline.add(&started(n as i64, delivery("a", n, vec![attempt(1, 200, latency)])));
        }
        assert!(timeline.fine.points.len() <= POINTS && timeline.fine.points.len() > POINTS / 4);
        let plot = timeline.plot(&policy()).expect("a plot");
        assert!(plot.fine.iter().any(|dot| dot.title.starts_with("a #3333: 4 s")), "a spike stays");
        assert!(plot.note.contains("Each dot is the slowest of 16 consecutive deliveries."), "{}", plot.note);
        assert!(timeline.fine.points.len() as u64 * timeline.fine.every >= 5_000);
    }

    #[test]
    fn one_delivery_is_no_line() {
        let mut timeline = Timeline::default();
        timeline.add(&delivery("a", 1, vec![attempt(1, 200, 12.0)]));
        assert!(timeline.plot(&policy()).is_none());
    }
}
