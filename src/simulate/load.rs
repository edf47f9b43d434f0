//! The platform's load over time.

use std::str::FromStr;
use std::time::Duration;

use crate::policy::LoadRate;
use crate::text::duration;

/// Load rates at points in time, with straight lines between them.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadCurve {
    /// Ascending by time; never empty.
    points: Vec<(Duration, LoadRate)>,
}

impl LoadCurve {
    /// The same load all the time.
    pub fn constant(load: LoadRate) -> Self {
        Self { points: vec![(Duration::ZERO, load)] }
    }

    /// Whether it never changes.
    pub fn is_constant(&self) -> bool {
        self.points.iter().all(|(_, load)| self.points.first().is_some_and(|(_, first)| first == load))
    }

    /// The load at a moment: before the first point its load, after the last one that one's.
    pub fn at(&self, time: Duration) -> LoadRate {
        let next = self.points.partition_point(|(at, _)| *at <= time);
        match (next.checked_sub(1).and_then(|last| self.points.get(last)), self.points.get(next)) {
            (Some((from, a)), Some((to, b))) => {
                let share = (time - *from).as_secs_f64() / (*to - *from).as_secs_f64();
                LoadRate::new(a.get() + (b.get() - a.get()) * share).unwrap_or(*b)
            }
            (Some((_, load)), None) | (None, Some((_, load))) => *load,
            (None, None) => LoadRate::IDLE,
        }
    }
}

impl FromStr for LoadCurve {
    type Err = String;

    /// `0.3`, or points in time such as `0s=0.1,30m=0.9,1h=0.2`.
    fn from_str(text: &str) -> Result<Self, String> {
        if !text.contains('=') {
            return text.parse().map(Self::constant).map_err(|error: crate::policy::LoadRateError| error.to_string());
        }
        let mut points: Vec<(Duration, LoadRate)> = Vec::new();
        for point in text.split(',') {
            let Some((time, load)) = point.split_once('=') else {
                return Err(format!("`{}` is not a point in time; write `TIME=RATE`, such as `30m=0.9`", point.trim()));
            };
            let time = duration::parse(time).map_err(|error| error.to_string())?;
            let load = load.parse().map_err(|error: crate::policy::LoadRateError| error.to_string())?;
            if points.last().is_some_and(|(last, _)| *last >= time) {
                return Err(format!("`{}` is not after the previous point; write the points in order", point.trim()));
            }
            points.push((time, load));
        }
        Ok(Self { points })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_runs_straight_between_its_points() {
        let curve: LoadCurve = "10s=0.2, 20s=0.6, 20001ms=1".parse().expect("a curve");
        for (seconds, load) in [(0.0, 0.2), (10.0, 0.2), (15.0, 0.4), (20.0, 0.6), (20.001, 1.0), (1e6, 1.0)] {
            let got = curve.at(Duration::from_secs_f64(seconds)).get();
            assert!((got - load).abs() < 1e-9, "{seconds} s: {got}");
        }
        let constant: LoadCurve = "0.3".parse().expect("a load");
        assert_eq!(constant.at(Duration::from_secs(9)).get(), 0.3);
    }

    #[test]
    fn a_wrong_load_is_said_in_words() {
        for (text, words) in [
            ("1.5", "above 1"),
            ("NaN", "not a number"),
            ("10s=2", "`2` is not a load rate"),
            ("10=0.5", "no unit"),
            ("0s=0,0.5", "`0.5` is not a point in time"),
            ("10s=0,5s=1", "`5s=1` is not after"),
            ("10s=0,10s=1", "`10s=1` is not after"),
        ] {
            let error = text.parse::<LoadCurve>().expect_err(text);
            assert!(error.contains(words), "{text}: {error}");
        }
    }
}
