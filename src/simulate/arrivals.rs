//! When a script is triggered.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use crate::text::quantity;

/// So many triggers in a span of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// Triggers in a second; above zero and finite.
    per_second: f64,
}

impl Rate {
    /// So many in a minute; none for zero.
    pub fn per_minute(count: u32) -> Option<Self> {
        (count > 0).then(|| Self { per_second: f64::from(count) / 60.0 })
    }

    /// The mean time between two triggers.
    pub fn gap(self) -> Duration {
        Duration::try_from_secs_f64(1.0 / self.per_second).unwrap_or(Duration::MAX)
    }
}

impl FromStr for Rate {
    type Err = String;

    /// `5/s`, `30/m` or `1000/h`.
    fn from_str(text: &str) -> Result<Self, String> {
        let per_second = quantity::rate(text)?;
        if !(1e-9..=1e6).contains(&per_second) {
            return Err(format!("`{text}` is not a rate above zero and at most 1000000/s"));
        }
        Ok(Self { per_second })
    }
}

/// When triggers come.
#[derive(Debug, Clone, PartialEq)]
pub enum Arrivals {
    /// Only what other scripts cause.
    None,
    /// `burst` of them at once, evenly spaced, so that the rate is kept.
    Constant {
        /// Triggers in a span of time.
        rate: Rate,
        /// Above zero.
        burst: u32,
    },
    /// `burst` of them at once, independently of each other (a Poisson process), so that the rate is kept on average.
    Poisson {
        /// Triggers in a span of time.
        rate: Rate,
        /// Above zero.
        burst: u32,
    },
    /// At these times after the start, ascending.
    Times(Arc<Vec<Duration>>),
}

/// The triggers of a script, one after another.
#[derive(Debug)]
pub(super) struct Triggers<'a> {
    arrivals: &'a Arrivals,
    random: fastrand::Rng,
    given: u64,
    at: Duration,
}

impl<'a> Triggers<'a> {
    pub(super) fn new(arrivals: &'a Arrivals, random: fastrand::Rng) -> Self {
        Self { arrivals, random, given: 0, at: Duration::ZERO }
    }
}

impl Iterator for Triggers<'_> {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let index = self.given;
        self.given += 1;
        match self.arrivals {
            Arrivals::None => None,
            Arrivals::Times(times) => times.get(usize::try_from(index).ok()?).copied(),
            Arrivals::Constant { rate, burst } => {
                // Multiplied, not added up: a million roundings would show.
                let bursts = index / u64::from(*burst);
                let gap = rate.gap().as_secs_f64() * f64::from(*burst);
                Duration::try_from_secs_f64(gap * bursts as f64).ok()
            }
            Arrivals::Poisson { rate, burst } => {
                if index.is_multiple_of(u64::from(*burst)) {
                    let gap = rate.gap().as_secs_f64() * f64::from(*burst) * exponential(&mut self.random);
                    self.at = self.at.saturating_add(Duration::try_from_secs_f64(gap).ok()?);
                }
                Some(self.at)
            }
        }
    }
}

/// A draw from the exponential distribution of mean 1.
fn exponential(random: &mut fastrand::Rng) -> f64 {
    // `1 − x` is never zero, as x is below 1.
    -(1.0 - random.f64()).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(text: &str) -> Rate {
        text.parse().expect(text)
    }

    fn first(arrivals: &Arrivals, count: usize) -> Vec<f64> {
        let triggers = Triggers::new(arrivals, fastrand::Rng::with_seed(1));
        triggers.take(count).map(|at| at.as_secs_f64()).collect()
    }

    #[test]
    fn a_rate_is_a_count_in_a_time() {
        for (text, gap) in [("5/s", 0.2), ("30/m", 2.0), ("3600/h", 1.0), ("0.5/s", 2.0), (" 1 / m ", 60.0)] {
            assert_eq!(rate(text).gap(), Duration::from_secs_f64(gap), "{text}");
        }
        for text in ["", "5", "5/", "5/day", "x/s", "0/s", "-1/s", "NaN/s", "inf/s", "1e9/s"] {
            let error = text.parse::<Rate>().expect_err(text);
            assert!(error.contains("is not a rate") || error.contains("has no unit of time"), "{text}: {error}");
        }
    }

    #[test]
    fn triggers_come_evenly_or_in_bursts() {
        assert_eq!(first(&Arrivals::Constant { rate: rate("2/s"), burst: 1 }, 4), [0.0, 0.5, 1.0, 1.5]);
        assert_eq!(first(&Arrivals::Constant { rate: rate("2/s"), burst: 3 }, 4), [0.0, 0.0, 0.0, 1.5]);
        let times = Arrivals::Times(Arc::new(vec![Duration::from_secs(1), Duration::from_secs(5)]));
        assert_eq!(first(&times, 4), [1.0, 5.0]);
        assert_eq!(first(&Arrivals::None, 4), [0.0; 0]);
    }

    #[test]
    fn a_poisson_process_keeps_its_rate() {
        for burst in [1, 10] {
            let times = first(&Arrivals::Poisson { rate: rate("10/s"), burst }, 100_000);
            let last = times.last().copied().unwrap_or_default();
            assert!((9_700.0..10_300.0).contains(&last), "100000 triggers at 10/s took {last} s");
            assert!(times.is_sorted());
        }
    }
}
