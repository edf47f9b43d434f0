//! What happened over time, in a bounded number of buckets.

use std::time::Duration;

/// Counts over time: as many buckets of one width as fit, wider the longer it goes on.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    /// How long a bucket is.
    pub every: Duration,
    /// From the start on.
    pub buckets: Vec<Bucket>,
}

/// What began, or ended, in a bucket's time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bucket {
    /// Triggers, throttled ones included.
    pub triggers: u64,
    /// Throttled.
    pub throttled: u64,
    /// Attempts that started.
    pub attempts: u64,
    /// Deliveries that failed.
    pub failed: u64,
}

const BUCKETS: usize = 144;

impl Default for Timeline {
    fn default() -> Self {
        Self { every: Duration::from_secs(1), buckets: Vec::new() }
    }
}

impl Timeline {
    /// The bucket of a moment.
    pub(super) fn at(&mut self, time: Duration) -> &mut Bucket {
        while self.index(time) >= BUCKETS {
            let pair = |pair: &[Bucket]| pair.iter().fold(Bucket::default(), |sum, bucket| sum.plus(bucket));
            self.buckets = self.buckets.chunks(2).map(pair).collect();
            self.every = self.every.saturating_mul(2);
        }
        let index = self.index(time);
        if self.buckets.len() <= index {
            self.buckets.resize(index + 1, Bucket::default());
        }
        &mut self.buckets[index]
    }

    fn index(&self, time: Duration) -> usize {
        usize::try_from(time.as_nanos() / self.every.as_nanos().max(1)).unwrap_or(usize::MAX)
    }
}

impl Bucket {
    fn plus(self, other: &Bucket) -> Bucket {
        Bucket {
            triggers: self.triggers + other.triggers,
            throttled: self.throttled + other.throttled,
            attempts: self.attempts + other.attempts,
            failed: self.failed + other.failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_grow_wider_and_lose_nothing() {
        let mut timeline = Timeline::default();
        for second in 0..1_000 {
            timeline.at(Duration::from_secs(second)).attempts += 1;
        }
        timeline.at(Duration::ZERO).triggers += 1;
        assert_eq!(timeline.every, Duration::from_secs(8));
        assert_eq!(timeline.buckets.len(), 125);
        assert!(timeline.buckets.iter().all(|bucket| bucket.attempts == 8));
        timeline.at(Duration::MAX).failed += 1;
        assert!(timeline.buckets.len() <= BUCKETS);
        assert_eq!(timeline.buckets.iter().map(|bucket| bucket.attempts).sum::<u64>(), 1_000);
    }
}
