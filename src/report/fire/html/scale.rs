//! An axis of time that fits its data, and labels along it that never run into each other.
//!
//! Places are percentages of the plot's width, so that a plot is as wide as its page while its text keeps its size.

use serde::Serialize;

use crate::text::duration::{from_millis, measured};

/// From this ratio of the longest to the shortest on, the axis is logarithmic.
const LOGARITHMIC_FROM: f64 = 20.0;
/// The plot on a phone and on a desk, px, at the least.
const NARROW: f64 = 250.0;
const WIDE: f64 = 760.0;
/// The widest that a character of a label is on average, px.
const CHARACTER: f64 = 7.0;
/// Between two labels, px.
const GAP: f64 = 10.0;

/// A range of latencies, ms.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scale {
    from: f64,
    to: f64,
    logarithmic: bool,
}

impl Scale {
    /// An axis from about the shortest to about the longest, ms.
    pub(super) fn spanning(shortest: f64, longest: f64) -> Self {
        let longest = longest.max(0.001);
        // A microsecond is as exact as latencies are.
        let shortest = shortest.clamp(0.001, longest);
        if longest / shortest > LOGARITHMIC_FROM {
            return Self { from: shortest * 0.85, to: longest * 1.15, logarithmic: true };
        }
        let margin = ((longest - shortest) * 0.06).max(longest * 0.02);
        Self { from: (shortest - margin).max(0.0), to: longest + margin, logarithmic: false }
    }

    /// The same from zero, where it is linear: heights can be compared.
    pub(super) fn zero_based(self) -> Self {
        let from = if self.logarithmic { self.from } else { 0.0 };
        Self { from, ..self }
    }

    /// Whether it is logarithmic.
    pub(super) fn is_logarithmic(&self) -> bool {
        self.logarithmic
    }

    /// Where a latency is on the axis, 0 to 1.
    pub(super) fn share(&self, ms: f64) -> f64 {
        let share = if self.logarithmic {
            (ms.max(self.from) / self.from).ln() / (self.to / self.from).ln()
        } else {
            (ms - self.from) / (self.to - self.from)
        };
        share.clamp(0.0, 1.0)
    }

    /// Whether a latency is on the axis.
    pub(super) fn holds(&self, ms: f64) -> bool {
        (self.from..=self.to).contains(&ms)
    }

    /// Edges of `number` intervals of equal width, ms.
    pub(super) fn edges(&self, number: u32) -> Vec<f64> {
        let at = |n: u32| {
            let share = f64::from(n) / f64::from(number.max(1));
            if self.logarithmic {
                self.from * (self.to / self.from).powf(share)
            } else {
                self.from + (self.to - self.from) * share
            }
        };
        (0..=number).map(at).collect()
    }

    /// Round latencies along the axis with their names, ms.
    pub(super) fn ticks(&self) -> Vec<(f64, String)> {
        let ticks = if self.logarithmic { self.logarithmic_ticks() } else { self.linear_ticks() };
        let mut named: Vec<(f64, String)> = ticks.into_iter().map(|ms| (ms, measured(from_millis(ms)))).collect();
        named.dedup_by(|a, b| a.1 == b.1);
        named
    }

    fn logarithmic_ticks(&self) -> Vec<f64> {
        let (first, last) = (self.from.log10().floor() as i32, self.to.log10().ceil() as i32);
        let factors: &[f64] = if last - first > 4 { &[1.0] } else { &[1.0, 2.0, 5.0] };
        let all = (first..=last).flat_map(|power| factors.iter().map(move |factor| factor * 10_f64.powi(power)));
        all.filter(|ms| self.holds(*ms)).collect()
    }

    fn linear_ticks(&self) -> Vec<f64> {
        let step = round_step((self.to - self.from) / 5.0);
        let first = (self.from / step).ceil();
        // Multiplied, not added up: a sum of steps drifts.
        (0..20).map(|n| (first + f64::from(n)) * step).take_while(|ms| *ms <= self.to).collect()
    }
}

/// 1, 2 or 5 times a power of ten, at least `least`.
pub(super) fn round_step(least: f64) -> f64 {
    let power = 10_f64.powf(least.max(1e-9).log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * power >= least * 0.999).unwrap_or(10.0);
    factor * power
}

/// A text along the horizontal axis.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Label {
    /// Percent of the width.
    pub x: String,
    /// `text-anchor`
    pub anchor: &'static str,
    pub text: String,
    /// `wide`: only where the plot is as wide as on a desk.
    pub class: &'static str,
    /// From 0: those that would run into each other are in rows of their own.
    pub row: usize,
}

/// Labels in one row, at shares of the width: of those that would run into each other the first stays.
pub(super) fn in_one_row(labels: impl IntoIterator<Item = (f64, String)>) -> Vec<Label> {
    let labels: Vec<(f64, String)> = labels.into_iter().collect();
    let mut narrow: Vec<(f64, f64)> = Vec::new();
    let always: Vec<bool> = labels.iter().map(|(at, text)| claim(&mut narrow, *at, text, middle, NARROW)).collect();
    let mut wide: Vec<(f64, f64)> = Vec::new();
    for ((at, text), _) in labels.iter().zip(&always).filter(|(_, always)| **always) {
        claim(&mut wide, *at, text, middle, WIDE);
    }
    let place = |((at, text), always): ((f64, String), bool)| {
        let class = match always {
            true => "",
            false if claim(&mut wide, at, &text, middle, WIDE) => "wide",
            false => return None,
        };
        Some(Label { x: percent(at), anchor: middle(at), text, class, row: 0 })
    };
    labels.into_iter().zip(always).filter_map(place).collect()
}

/// Labels beside lines at shares of the width, each in the first row in which it is clear of the others on any screen, with
/// what they came with.
pub(super) fn in_rows<T>(mut labels: Vec<(f64, String, T)>) -> Vec<(Label, T)> {
    // From the edges to the middle, which is where a label is from its line: the lines of later rows, which begin below the
    // earlier ones, then cross none of those labels.
    let from_edge = |at: f64| at.min(1.0 - at);
    labels.sort_by(|a, b| from_edge(a.0).total_cmp(&from_edge(b.0)));
    let mut rows: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut place = |(at, text, with): (f64, String, T)| {
        let free = rows.iter_mut().position(|row| claim(row, at, &text, beside, NARROW));
        let row = free.unwrap_or_else(|| {
            let mut row = Vec::new();
            claim(&mut row, at, &text, beside, NARROW);
            rows.push(row);
            rows.len() - 1
        });
        (Label { x: percent(at), anchor: beside(at), text, class: "", row }, with)
    };
    labels.into_iter().map(&mut place).collect()
}

/// Takes the room of a label on a plot of `width` px; false where another one has some of it.
fn claim(taken: &mut Vec<(f64, f64)>, at: f64, text: &str, anchor: fn(f64) -> &'static str, width: f64) -> bool {
    let long = text.chars().count() as f64 * CHARACTER;
    let from = match anchor(at) {
        "start" => at * width,
        "end" => at * width - long,
        _ => at * width - long / 2.0,
    };
    let free = taken.iter().all(|(start, end)| from > end + GAP || from + long + GAP < *start);
    if free {
        taken.push((from, from + long));
    }
    free
}

/// Below its tick; at the edges to the inside.
fn middle(at: f64) -> &'static str {
    match at {
        at if at < 0.1 => "start",
        at if at > 0.9 => "end",
        _ => "middle",
    }
}

/// On the side of its line on which there is more room.
fn beside(at: f64) -> &'static str {
    if at < 0.5 { "start" } else { "end" }
}

/// A share as a percentage of the width.
pub(super) fn percent(share: f64) -> String {
    format!("{:.2}%", share * 100.0)
}

/// A height, px.
pub(super) fn px(value: f64) -> String {
    format!("{value:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_is_logarithmic_where_the_data_ask_for_it_and_spans_no_more_than_them() {
        for (shortest, longest, logarithmic) in [
            (1.0, 3.0, false),
            (2.0, 40.0, false),
            (2.0, 41.0, true),
            (5.0, 5.0, false),
            (0.001, 0.001, false),
            (0.0, 5.0, true),
        ] {
            let scale = Scale::spanning(shortest, longest);
            assert_eq!(scale.is_logarithmic(), logarithmic, "{shortest} to {longest}");
            assert!(scale.holds(shortest.max(0.001)) && scale.holds(longest), "{scale:?}");
            assert!(scale.share(longest) > 0.49, "{scale:?}");
            assert!(longest == shortest || scale.share(longest) - scale.share(shortest) > 0.8, "{scale:?}");
        }
    }

    #[test]
    fn ticks_are_round_and_differ() {
        let names = |shortest, longest| -> Vec<String> {
            Scale::spanning(shortest, longest).ticks().into_iter().map(|(_, name)| name).collect()
        };
        assert_eq!(names(1.0, 3.0), ["1 ms", "1.5 ms", "2 ms", "2.5 ms", "3 ms"]);
        assert_eq!(names(2.0, 900.0), ["2 ms", "5 ms", "10 ms", "20 ms", "50 ms", "100 ms", "200 ms", "500 ms", "1 s"]);
        for (shortest, longest) in [(0.001, 80_000.0), (12_345.6, 12_345.7), (0.02, 0.021), (0.0, 0.0)] {
            let ticks = names(shortest, longest);
            assert!((1..=20).contains(&ticks.len()), "{ticks:?}");
            assert!(ticks.windows(2).all(|pair| pair[0] != pair[1]), "{ticks:?}");
        }
    }

    /// Where a label is on a plot of that width, px.
    fn extent(label: &Label, width: f64) -> (f64, f64) {
        let at = label.x.trim_end_matches('%').parse::<f64>().unwrap() / 100.0 * width;
        let long = label.text.chars().count() as f64 * CHARACTER;
        let from = match label.anchor {
            "start" => at,
            "end" => at - long,
            _ => at - long / 2.0,
        };
        (from, from + long)
    }

    #[test]
    fn labels_never_run_into_each_other() {
        let near: Vec<(f64, String)> = (0..30).map(|n| (f64::from(n * n) / 900.0, format!("label {n}"))).collect();
        let in_rows = |labels: Vec<(f64, String)>| -> Vec<Label> {
            super::in_rows(labels.into_iter().map(|(at, text)| (at, text, ())).collect())
                .into_iter()
                .map(|(l, ())| l)
                .collect()
        };
        for labels in [in_one_row(near.clone()), in_rows(near.clone())] {
            for width in [NARROW, WIDE, 1_100.0] {
                let shown: Vec<&Label> =
                    labels.iter().filter(|label| width > NARROW || label.class != "wide").collect();
                for (index, one) in shown.iter().enumerate() {
                    for other in shown.iter().skip(index + 1).filter(|other| other.row == one.row) {
                        let ((a, b), (c, d)) = (extent(one, width), extent(other, width));
                        assert!(b < c || d < a, "{one:?} {other:?} at {width}");
                    }
                }
            }
        }
        assert_eq!(in_rows(near.clone()).len(), near.len(), "each has a row");
    }
}
