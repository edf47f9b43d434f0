//! The per-minute trigger limit.

use std::collections::VecDeque;
use std::time::Duration;

const WINDOW: Duration = Duration::from_secs(60);

/// Limits the triggers of one script in any minute (published that there is a limit, so that nobody uses
/// up the system; assumed: 60 a script, counted over a sliding minute, and that a trigger it turns away does not count).
#[derive(Debug, Clone)]
pub struct TriggerLimit {
    per_minute: usize,
    passed: VecDeque<Duration>,
}

impl TriggerLimit {
    /// A limit that nothing has counted against yet.
    pub fn new(per_minute: u32) -> Self {
        Self { per_minute: usize::try_from(per_minute).unwrap_or(usize::MAX), passed: VecDeque::new() }
    }

    /// Whether a trigger at `now` passes; one that does counts for the minute that follows. `now` is the span since any
    /// fixed moment and should not go backwards.
    pub fn admits(&mut self, now: Duration) -> bool {
        while self.passed.front().is_some_and(|first| now.saturating_sub(*first) >= WINDOW) {
            self.passed.pop_front();
        }
        let admitted = self.passed.len() < self.per_minute;
        if admitted {
            self.passed.push_back(now);
        }
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_minute_slides() {
        let mut limit = TriggerLimit::new(2);
        for (seconds, admitted) in [
            (0.0, true),
            (30.0, true),
            (59.999, false),
            (60.0, true),
            (60.001, false),
            (89.999, false),
            (90.0, true),
            (90.0, false),
            (1000.0, true),
        ] {
            assert_eq!(limit.admits(Duration::from_secs_f64(seconds)), admitted, "at {seconds} s");
        }
    }

    #[test]
    fn a_limit_of_none_lets_nothing_through() {
        assert!(!TriggerLimit::new(0).admits(Duration::ZERO));
    }

    proptest::proptest! {
        #[test]
        fn no_minute_holds_more_than_the_limit(gaps in proptest::collection::vec(0u64..5_000, 1..400), per_minute in 1u32..80) {
            let mut limit = TriggerLimit::new(per_minute);
            let mut now = Duration::ZERO;
            let mut passed = Vec::new();
            for gap in gaps {
                now += Duration::from_millis(gap);
                if limit.admits(now) {
                    passed.push(now);
                }
            }
            for (index, start) in passed.iter().enumerate() {
                let inside = passed[index..].iter().filter(|t| **t - *start < WINDOW).count();
                proptest::prop_assert!(inside <= per_minute as usize);
            }
        }
    }
}
