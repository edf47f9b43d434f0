//! Latencies counted in bounded memory (an HDR histogram), with those that a limit cut off ranked above all others.

use std::time::Duration;

use hdrhistogram::Histogram;

/// The longest latency that is counted, a day, in µs: longer than any attempt can take.
const LONGEST: u64 = 24 * 3600 * 1_000_000;
/// How many latencies are kept exactly; beyond that, all are counted in a histogram.
const FEW: usize = 1_000;
/// Significant digits of percentiles from the histogram.
const DIGITS: u8 = 3;

/// A growing set of latencies.
#[derive(Debug, Clone)]
pub struct Latencies {
    measured: Measured,
    min: Duration,
    max: Duration,
    sum: Duration,
    cut_off: u64,
    /// The shortest limit that cut one off.
    limit: Duration,
}

#[derive(Debug, Clone)]
enum Measured {
    /// Ascending.
    Few(Vec<Duration>),
    /// µs
    Many(Histogram<u32>),
}

impl Default for Latencies {
    fn default() -> Self {
        let measured = Measured::Few(Vec::new());
        let (min, limit) = (Duration::MAX, Duration::MAX);
        Self { measured, min, max: Duration::ZERO, sum: Duration::ZERO, cut_off: 0, limit }
    }
}

/// A percentile of [`Latencies`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Quantile {
    /// Nothing was measured.
    Empty,
    /// This long.
    Measured(Duration),
    /// Among those cut off: longer than this limit.
    Over(Duration),
}

impl Latencies {
    /// Counts a latency.
    pub fn record(&mut self, latency: Duration) {
        self.measured.record(latency);
        self.min = self.min.min(latency);
        self.max = self.max.max(latency);
        self.sum = self.sum.saturating_add(latency);
    }

    /// Counts a latency that is only known to be longer than `limit`.
    pub fn cut_off(&mut self, limit: Duration) {
        self.cut_off += 1;
        self.limit = self.limit.min(limit);
    }

    /// How many were measured.
    pub fn measured(&self) -> u64 {
        match &self.measured {
            Measured::Few(values) => values.len() as u64,
            Measured::Many(histogram) => histogram.len(),
        }
    }

    /// How many were cut off.
    pub fn cut_off_count(&self) -> u64 {
        self.cut_off
    }

    /// All of them, those that were cut off included.
    pub fn count(&self) -> u64 {
        self.measured() + self.cut_off
    }

    /// The mean; none where nothing was measured or one was cut off, so that nobody knows.
    pub fn mean(&self) -> Option<Duration> {
        let measured = self.measured();
        (measured > 0 && self.cut_off == 0).then(|| self.sum.div_f64(measured as f64))
    }

    /// Between which two values `quantile` (0 to 1) of what was sampled lies, at 95 % confidence: order statistics by the
    /// normal approximation of the binomial distribution, so that nothing is assumed about how latencies are distributed.
    /// Few latencies give the shortest and the longest of them.
    pub fn interval(&self, quantile: f64) -> (Quantile, Quantile) {
        let all = self.count() as f64;
        let (middle, spread) = (quantile * all, 1.96 * (quantile * (1.0 - quantile) * all).sqrt());
        let at = |rank: f64| self.ranked(rank.clamp(1.0, all.max(1.0)) as u64);
        (at((middle - spread).floor()), at((middle + spread).ceil() + 1.0))
    }

    /// The value that `quantile` (0 to 1) of all latencies, cut-off ones included, do not exceed.
    pub fn at(&self, quantile: f64) -> Quantile {
        self.ranked((quantile.clamp(0.0, 1.0) * self.count() as f64).ceil().max(1.0) as u64)
    }

    /// The latency of that rank, from 1, the shortest first.
    fn ranked(&self, rank: u64) -> Quantile {
        let measured = self.measured();
        if self.count() == 0 {
            return Quantile::Empty;
        }
        if rank > measured {
            return Quantile::Over(self.limit);
        }
        // The histogram gives the first and the last to its digits only.
        if rank == 1 {
            return Quantile::Measured(self.min);
        }
        if rank == measured {
            return Quantile::Measured(self.max);
        }
        let latency = match &self.measured {
            Measured::Few(values) => values.get(rank as usize - 1).copied().unwrap_or(self.max),
            // Half a rank less, so that rounding can't reach the next one.
            Measured::Many(all) => Duration::from_micros(all.value_at_quantile((rank as f64 - 0.5) / measured as f64)),
        };
        Quantile::Measured(latency.clamp(self.min, self.max))
    }

    /// How many were measured in each interval between neighbours of `edges` (ascending), an interval's upper edge
    /// included: `edges.len() + 1` counts, the first up to the first edge, the last above the last one.
    pub fn counts(&self, edges: &[Duration]) -> Vec<u64> {
        let mut counts = vec![0; edges.len() + 1];
        let mut add = |latency: Duration, number: u64| {
            if let Some(count) = counts.get_mut(edges.partition_point(|edge| *edge < latency)) {
                *count += number;
            }
        };
        match &self.measured {
            Measured::Few(values) => values.iter().for_each(|latency| add(*latency, 1)),
            Measured::Many(histogram) => {
                for step in histogram.iter_recorded() {
                    let micros = histogram.lowest_equivalent(step.value_iterated_to());
                    add(Duration::from_micros(micros), u64::from(step.count_at_value()));
                }
            }
        }
        counts
    }

    /// The figures of a summary.
    pub fn percentiles(&self) -> Percentiles {
        let at = |quantile| match self.at(quantile) {
            Quantile::Measured(latency) => Some(latency),
            Quantile::Empty | Quantile::Over(_) => None,
        };
        Percentiles {
            min: at(0.0),
            mean: self.mean(),
            p50: at(0.5),
            p90: at(0.9),
            p95: at(0.95),
            p99: at(0.99),
            p99_9: at(0.999),
            max: at(1.0),
            cut_off: self.cut_off,
        }
    }
}

impl Measured {
    fn record(&mut self, latency: Duration) {
        if let Measured::Few(values) = self
            && values.len() >= FEW
            && let Ok(mut histogram) = Histogram::new(DIGITS)
        {
            values.iter().for_each(|latency| count(&mut histogram, *latency));
            *self = Measured::Many(histogram);
        }
        match self {
            Measured::Few(values) => values.insert(values.partition_point(|value| *value <= latency), latency),
            Measured::Many(histogram) => count(histogram, latency),
        }
    }
}

fn count(histogram: &mut Histogram<u32>, latency: Duration) {
    let micros = u64::try_from((latency.as_nanos() + 500) / 1000).unwrap_or(LONGEST);
    // It grows with its largest value, and a day is well within what it can grow to.
    let counted = histogram.record(micros.clamp(1, LONGEST));
    debug_assert!(counted.is_ok());
}

/// Latencies of a run. None: nothing was measured, or the rank falls among those that a limit cut off.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Percentiles {
    /// The shortest.
    pub min: Option<Duration>,
    /// The mean; none, too, where one was cut off.
    pub mean: Option<Duration>,
    /// The median.
    pub p50: Option<Duration>,
    /// The 90th percentile.
    pub p90: Option<Duration>,
    /// The 95th percentile.
    pub p95: Option<Duration>,
    /// The 99th percentile.
    pub p99: Option<Duration>,
    /// The 99.9th percentile.
    pub p99_9: Option<Duration>,
    /// The longest.
    pub max: Option<Duration>,
    /// How many were cut off by their limit, so that nobody knows how long they would have taken.
    pub cut_off: u64,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::duration::{from_millis, millis};

    #[test]
    fn an_interval_is_narrower_the_more_was_measured() {
        let of = |count: u32| {
            let mut latencies = Latencies::default();
            (1..=count).for_each(|n| latencies.record(from_millis(f64::from(n) / f64::from(count))));
            match latencies.interval(0.5) {
                (Quantile::Measured(low), Quantile::Measured(high)) => (millis(low), millis(high)),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(of(1), (1.0, 1.0));
        assert_eq!(of(6), (0.166667, 1.0));
        assert_eq!(of(100), (0.4, 0.61));
        assert_eq!(of(900), (0.466667, 0.534444));
        assert_eq!(Latencies::default().interval(0.5), (Quantile::Empty, Quantile::Empty));
        let mut cut_off = Latencies::default();
        cut_off.record(from_millis(5.0));
        cut_off.cut_off(from_millis(10.0));
        assert_eq!(cut_off.interval(0.5), (Quantile::Measured(from_millis(5.0)), Quantile::Over(from_millis(10.0))));
        assert_eq!(cut_off.mean(), None);
    }

    #[test]
    fn cut_off_latencies_rank_above_all_others() {
        let mut latencies = Latencies::default();
        assert_eq!(latencies.at(0.5), Quantile::Empty);
        latencies.cut_off(from_millis(10_000.0));
        assert_eq!(latencies.at(0.5), Quantile::Over(from_millis(10_000.0)));
        for _ in 0..98 {
            latencies.record(from_millis(12.3));
        }
        latencies.record(from_millis(40.0));
        let cases = [
            (0.0, Quantile::Measured(from_millis(12.3))),
            (0.98, Quantile::Measured(from_millis(12.3))),
            (0.99, Quantile::Measured(from_millis(40.0))),
            (1.0, Quantile::Over(from_millis(10_000.0))),
        ];
        for (quantile, rank) in cases {
            assert_eq!(latencies.at(quantile), rank, "{quantile}");
        }
    }

    #[test]
    fn the_first_and_the_last_of_many_are_exact() {
        let mut latencies = Latencies::default();
        (0..3 * FEW as u64).for_each(|n| latencies.record(Duration::from_micros(1_234_567 + 1_000 * n)));
        let percentiles = latencies.percentiles();
        assert_eq!(
            (percentiles.min, percentiles.max),
            (Some(Duration::from_micros(1_234_567)), Some(Duration::from_micros(1_233_567 + 3_000 * FEW as u64)))
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn percentiles_stay_in_range_and_are_near_the_truth(
            mut values in prop::collection::vec(1u64..90_000_000, 1..30), times in 1usize..100, cut_off in 0u64..20, quantile in 0.0f64..=1.0
        ) {
            values = values.repeat(times);
            let mut latencies = Latencies::default();
            values.iter().for_each(|micros| latencies.record(Duration::from_micros(*micros)));
            (0..cut_off).for_each(|_| latencies.cut_off(Duration::from_secs(10)));
            values.sort_unstable();
            let rank = ((quantile * (values.len() as u64 + cut_off) as f64).ceil() as usize).max(1);
            match latencies.at(quantile) {
                Quantile::Measured(latency) => {
                    let (micros, truth) = (latency.as_micros() as u64, values[rank - 1]);
                    prop_assert!(values[0] <= micros && micros <= values[values.len() - 1]);
                    let error = if values.len() <= FEW { 0 } else { truth / 1000 + 1 };
                    prop_assert!(micros.abs_diff(truth) <= error, "{micros} is not {truth}");
                }
                Quantile::Over(_) => prop_assert!(rank > values.len()),
                Quantile::Empty => prop_assert!(false, "there are values"),
            }
            prop_assert_eq!(latencies.counts(&[1, 10, 5_000].map(Duration::from_millis)).iter().sum::<u64>(), values.len() as u64);
        }
    }
}
