//! Latencies counted in bounded memory (an HDR histogram), with those that a limit cut off ranked above all others.

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use crate::text::duration::ms;

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
    min_ms: f64,
    max_ms: f64,
    sum_ms: f64,
    cut_off: u64,
    /// The shortest limit that cut one off, ms.
    limit_ms: f64,
}

#[derive(Debug, Clone)]
enum Measured {
    /// ms, ascending.
    Few(Vec<f64>),
    /// µs
    Many(Histogram<u32>),
}

impl Default for Latencies {
    fn default() -> Self {
        let measured = Measured::Few(Vec::new());
        Self { measured, min_ms: f64::INFINITY, max_ms: 0.0, sum_ms: 0.0, cut_off: 0, limit_ms: f64::INFINITY }
    }
}

/// A percentile of [`Latencies`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Quantile {
    /// Nothing was measured.
    Empty,
    /// ms
    Measured(f64),
    /// Among those cut off: longer than this limit, ms.
    Over(f64),
}

impl Latencies {
    /// Counts a latency in ms.
    pub fn record(&mut self, ms: f64) {
        self.measured.record(ms);
        self.min_ms = self.min_ms.min(ms);
        self.max_ms = self.max_ms.max(ms);
        self.sum_ms += ms;
    }

    /// Counts a latency that is only known to be longer than `limit_ms`.
    pub fn cut_off(&mut self, limit_ms: f64) {
        self.cut_off += 1;
        self.limit_ms = self.limit_ms.min(limit_ms);
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

    /// The mean, ms; none where nothing was measured or one was cut off, so that nobody knows.
    pub fn mean(&self) -> Option<f64> {
        let measured = self.measured();
        (measured > 0 && self.cut_off == 0).then(|| self.sum_ms / measured as f64)
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
            return Quantile::Over(self.limit_ms);
        }
        // The histogram gives the first and the last to its digits only.
        if rank == 1 {
            return Quantile::Measured(self.min_ms);
        }
        if rank == measured {
            return Quantile::Measured(self.max_ms);
        }
        let ms = match &self.measured {
            Measured::Few(values) => values.get(rank as usize - 1).copied().unwrap_or(self.max_ms),
            // Half a rank less, so that rounding can't reach the next one.
            Measured::Many(all) => all.value_at_quantile((rank as f64 - 0.5) / measured as f64) as f64 / 1000.0,
        };
        Quantile::Measured(ms.clamp(self.min_ms, self.max_ms))
    }

    /// How many were measured in each interval between neighbours of `edges_ms` (ascending), an interval's upper edge
    /// included: `edges_ms.len() + 1` counts, the first up to the first edge, the last above the last one.
    pub fn counts(&self, edges_ms: &[f64]) -> Vec<u64> {
        let mut counts = vec![0; edges_ms.len() + 1];
        let mut add = |ms: f64, number: u64| {
            if let Some(count) = counts.get_mut(edges_ms.partition_point(|edge| *edge < ms)) {
                *count += number;
            }
        };
        match &self.measured {
            Measured::Few(values) => values.iter().for_each(|ms| add(*ms, 1)),
            Measured::Many(histogram) => {
                for step in histogram.iter_recorded() {
                    let micros = histogram.lowest_equivalent(step.value_iterated_to());
                    add(micros as f64 / 1000.0, u64::from(step.count_at_value()));
                }
            }
        }
        counts
    }

    /// The figures of a summary.
    pub fn percentiles(&self) -> Percentiles {
        let at = |quantile| match self.at(quantile) {
            Quantile::Measured(ms) => Some(ms),
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
    fn record(&mut self, ms: f64) {
        if let Measured::Few(values) = self
            && values.len() >= FEW
            && let Ok(mut histogram) = Histogram::new(DIGITS)
        {
            values.iter().for_each(|ms| count(&mut histogram, *ms));
            *self = Measured::Many(histogram);
        }
        match self {
            Measured::Few(values) => values.insert(values.partition_point(|value| *value <= ms), ms),
            Measured::Many(histogram) => count(histogram, ms),
        }
    }
}

fn count(histogram: &mut Histogram<u32>, ms: f64) {
    let micros = (ms.max(0.0) * 1000.0).round() as u64;
    // It grows with its largest value, and a day is well within what it can grow to.
    let counted = histogram.record(micros.clamp(1, LONGEST));
    debug_assert!(counted.is_ok());
}

/// Latencies of a run in ms. Null: nothing was measured, or the rank falls among those that a limit cut off.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Percentiles {
    /// The shortest.
    #[serde(serialize_with = "ms::optional")]
    pub min: Option<f64>,
    /// The mean; null, too, where one was cut off.
    #[serde(default, serialize_with = "ms::optional")]
    pub mean: Option<f64>,
    /// The median.
    #[serde(serialize_with = "ms::optional")]
    pub p50: Option<f64>,
    /// The 90th percentile.
    #[serde(serialize_with = "ms::optional")]
    pub p90: Option<f64>,
    /// The 95th percentile.
    #[serde(default, serialize_with = "ms::optional")]
    pub p95: Option<f64>,
    /// The 99th percentile.
    #[serde(serialize_with = "ms::optional")]
    pub p99: Option<f64>,
    /// The 99.9th percentile.
    #[serde(default, rename = "p99.9", serialize_with = "ms::optional")]
    pub p99_9: Option<f64>,
    /// The longest.
    #[serde(serialize_with = "ms::optional")]
    pub max: Option<f64>,
    /// How many were cut off by their limit, so that nobody knows how long they would have taken.
    pub cut_off: u64,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_interval_is_narrower_the_more_was_measured() {
        let of = |count: u32| {
            let mut latencies = Latencies::default();
            (1..=count).for_each(|n| latencies.record(f64::from(n) / f64::from(count)));
            match latencies.interval(0.5) {
                (Quantile::Measured(low), Quantile::Measured(high)) => (low, high),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(of(1), (1.0, 1.0));
        assert_eq!(of(6), (1.0 / 6.0, 1.0));
        assert_eq!(of(100), (0.4, 0.61));
        assert_eq!(of(900), (420.0 / 900.0, 481.0 / 900.0));
        assert_eq!(Latencies::default().interval(0.5), (Quantile::Empty, Quantile::Empty));
        let mut cut_off = Latencies::default();
        cut_off.record(5.0);
        cut_off.cut_off(10.0);
        assert_eq!(cut_off.interval(0.5), (Quantile::Measured(5.0), Quantile::Over(10.0)));
        assert_eq!(cut_off.mean(), None);
    }

    #[test]
    fn cut_off_latencies_rank_above_all_others() {
        let mut latencies = Latencies::default();
        assert_eq!(latencies.at(0.5), Quantile::Empty);
        latencies.cut_off(10_000.0);
        assert_eq!(latencies.at(0.5), Quantile::Over(10_000.0));
        for _ in 0..98 {
            latencies.record(12.3);
        }
        latencies.record(40.0);
        let cases = [
            (0.0, Quantile::Measured(12.3)),
            (0.98, Quantile::Measured(12.3)),
            (0.99, Quantile::Measured(40.0)),
            (1.0, Quantile::Over(10_000.0)),
        ];
        for (quantile, rank) in cases {
            assert_eq!(latencies.at(quantile), rank, "{quantile}");
        }
    }

    #[test]
    fn the_first_and_the_last_of_many_are_exact() {
        let mut latencies = Latencies::default();
        (0..3 * FEW).for_each(|n| latencies.record(1_234.567 + n as f64));
        let percentiles = latencies.percentiles();
        assert_eq!((percentiles.min, percentiles.max), (Some(1_234.567), Some(1_233.567 + 3.0 * FEW as f64)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn percentiles_stay_in_range_and_are_near_the_truth(
            mut values in prop::collection::vec(0.001f64..90_000.0, 1..30), times in 1usize..100, cut_off in 0u64..20, quantile in 0.0f64..=1.0
        ) {
            values = values.repeat(times);
            let mut latencies = Latencies::default();
            values.iter().for_each(|ms| latencies.record(*ms));
            (0..cut_off).for_each(|_| latencies.cut_off(10_000.0));
            values.sort_by(f64::total_cmp);
            let rank = ((quantile * (values.len() as u64 + cut_off) as f64).ceil() as usize).max(1);
            match latencies.at(quantile) {
                Quantile::Measured(ms) => {
                    let truth = values[rank - 1];
                    prop_assert!(values[0] <= ms && ms <= values[values.len() - 1]);
                    let error = if values.len() <= FEW { 0.0 } else { truth * 1e-3 + 0.001 };
                    prop_assert!((ms - truth).abs() <= error, "{ms} is not {truth}");
                }
                Quantile::Over(_) => prop_assert!(rank > values.len()),
                Quantile::Empty => prop_assert!(false, "there are values"),
            }
            prop_assert_eq!(latencies.counts(&[1.0, 10.0, 5_000.0]).iter().sum::<u64>(), values.len() as u64);
        }
    }
}
