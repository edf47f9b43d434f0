//! Limits, bands and verdicts: what a latency means.

use std::time::Duration;

use super::{Band, FixedVerdict, LegacyVerdict, LoadRate, Policy};

/// How long an attempt took: from its start (DNS included) to the last byte of the response body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Latency {
    /// The whole response had come after this long.
    Complete(Duration),
    /// The attempt was cut off after this long; nobody knows how long it would have taken.
    CutOff(Duration),
    /// A response began but ended early, before any limit.
    Broken,
    /// Nothing was received and no limit was passed: refused, no such host …
    Nothing,
}

/// By which rule an attempt's limit is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum TimeoutRule {
    /// One fixed limit, as since release 2.74.09.
    Fixed,
    /// The legacy wait, which depends on the load.
    Legacy,
    /// The longer of the two, so that the real latency is seen.
    Both,
}

impl TimeoutRule {
    /// `fixed`, `legacy` or `both`.
    pub fn name(self) -> &'static str {
        match self {
            TimeoutRule::Fixed => "fixed",
            TimeoutRule::Legacy => "legacy",
            TimeoutRule::Both => "both",
        }
    }
}

impl Policy {
    /// The longest that an attempt may take under a regime at a load.
    pub fn limit_under(&self, regime: TimeoutRule, load: LoadRate) -> Duration {
        match regime {
            TimeoutRule::Fixed => self.limit,
            TimeoutRule::Legacy => self.legacy_wait(load),
            TimeoutRule::Both => self.limit.max(self.legacy_wait(load)),
        }
    }

    /// The legacy wait at a load: `max(min, min(max, max × (1 − load)))`, with min 5 s and max 80 s (published; in force
    /// before release 2.74.09). Never rises with the load.
    pub fn legacy_wait(&self, load: LoadRate) -> Duration {
        self.legacy.max.mul_f64(1.0 - load.get()).max(self.legacy.min)
    }

    /// The band of a latency: `safe` up to 5 s, `at_risk` up to 10 s, else `timed_out` (published: 5–10 s, of which 5 s is
    /// the shortest). No complete response is `timed_out` too; none where nothing was received and no limit was passed.
    pub fn band(&self, latency: Latency) -> Option<Band> {
        match latency {
            Latency::Complete(t) if t <= self.safe => Some(Band::Safe),
            Latency::Complete(t) if t <= self.limit => Some(Band::AtRisk),
            Latency::Complete(_) | Latency::CutOff(_) | Latency::Broken => Some(Band::TimedOut),
            Latency::Nothing => None,
        }
    }

    /// The highest load at which the legacy wait was long enough for a latency: 1 up to the minimum, `1 − t/max` up to the
    /// maximum, none beyond it (follows from the published wait).
    pub fn in_time_up_to(&self, latency: Duration) -> Option<LoadRate> {
        if latency <= self.legacy.min {
            return Some(LoadRate::FULL);
        }
        if latency > self.legacy.max {
            return None;
        }
        let spare = (self.legacy.max - latency).as_secs_f64();
        LoadRate::new(spare / self.legacy.max.as_secs_f64()).ok()
    }

    /// The verdict under the fixed limit (published).
    pub fn fixed_verdict(&self, latency: Latency) -> FixedVerdict {
        FixedVerdict { in_time: in_time(latency, self.limit), limit: self.limit }
    }

    /// The verdict under the legacy wait at a load (published).
    pub fn legacy_verdict(&self, latency: Latency, load: LoadRate) -> LegacyVerdict {
        let limit = self.legacy_wait(load);
        let up_to = match latency {
            Latency::Complete(t) => self.in_time_up_to(t),
            _ => None,
        };
        LegacyVerdict { in_time: in_time(latency, limit), limit, in_time_up_to_load_rate: up_to.map(LoadRate::get) }
    }
}

/// Whether a latency is within a limit, the limit included; none if that can't be known. What ended without a complete
/// response was in time for no limit.
fn in_time(latency: Latency, limit: Duration) -> Option<bool> {
    match latency {
        Latency::Complete(t) => Some(t <= limit),
        Latency::CutOff(after) if after < limit => None,
        Latency::CutOff(_) | Latency::Broken | Latency::Nothing => Some(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(rate: f64) -> LoadRate {
        LoadRate::new(rate).expect("a load rate")
    }

    fn seconds(s: f64) -> Duration {
        Duration::from_secs_f64(s)
    }

    #[test]
    fn the_legacy_wait_falls_from_80_s_to_5_s() {
        for (rate, wait) in [
            (0.0, 80.0),
            (0.1, 72.0),
            (0.25, 60.0),
            (0.3, 56.0),
            (0.5, 40.0),
            (0.7, 24.0),
            (0.9, 8.0),
            (0.9374, 5.008),
            (0.9375, 5.0),
            (0.95, 5.0),
            (1.0, 5.0),
        ] {
            assert_eq!(Policy::default().legacy_wait(load(rate)), seconds(wait), "at load {rate}");
        }
    }

    #[test]
    fn each_latency_has_its_band_and_both_verdicts() {
        use Band::{AtRisk, Safe, TimedOut};
        // latency, band, in time under fixed, in time under legacy at load 0 and 1, in time up to load
        for (t, band, fixed, idle, full, up_to) in [
            (0.0, Safe, true, true, true, Some(1.0)),
            (4.999, Safe, true, true, true, Some(1.0)),
            (5.0, Safe, true, true, true, Some(1.0)),
            (5.001, AtRisk, true, true, false, Some(0.937_487_5)),
            (10.0, AtRisk, true, true, false, Some(0.875)),
            (10.001, TimedOut, false, true, false, Some(0.874_987_5)),
            (79.9, TimedOut, false, true, false, Some(0.00125)),
            (80.0, TimedOut, false, true, false, Some(0.0)),
            (80.1, TimedOut, false, false, false, None),
        ] {
            let policy = Policy::default();
            let latency = Latency::Complete(seconds(t));
            assert_eq!(policy.band(latency), Some(band), "{t} s");
            assert_eq!(policy.fixed_verdict(latency).in_time, Some(fixed), "{t} s");
            let legacy = policy.legacy_verdict(latency, LoadRate::IDLE);
            assert_eq!(legacy.in_time, Some(idle), "{t} s");
            assert_eq!(policy.legacy_verdict(latency, LoadRate::FULL).in_time, Some(full), "{t} s");
            match (legacy.in_time_up_to_load_rate, up_to) {
                (Some(got), Some(want)) => assert!((got - want).abs() < 1e-12, "{t} s: {got} is not {want}"),
                (got, want) => assert_eq!(got, want, "{t} s"),
            }
        }
    }

    #[test]
    fn a_latency_that_was_cut_off_is_judged_only_as_far_as_it_is_known() {
        let policy = Policy::default();
        for (latency, band, fixed, legacy_at_half) in [
            (Latency::CutOff(seconds(10.0)), Some(Band::TimedOut), Some(false), None),
            (Latency::CutOff(seconds(40.0)), Some(Band::TimedOut), Some(false), Some(false)),
            (Latency::CutOff(seconds(2.0)), Some(Band::TimedOut), None, None),
            (Latency::Broken, Some(Band::TimedOut), Some(false), Some(false)),
            (Latency::Nothing, None, Some(false), Some(false)),
        ] {
            assert_eq!(policy.band(latency), band, "{latency:?}");
            assert_eq!(policy.fixed_verdict(latency).in_time, fixed, "{latency:?}");
            let legacy = policy.legacy_verdict(latency, load(0.5));
            assert_eq!((legacy.in_time, legacy.in_time_up_to_load_rate), (legacy_at_half, None), "{latency:?}");
            assert_eq!(legacy.limit, seconds(40.0));
        }
    }

    #[test]
    fn a_regime_sets_the_limit() {
        let policy = Policy::default();
        for (regime, rate, limit) in [
            (TimeoutRule::Fixed, 0.0, 10.0),
            (TimeoutRule::Fixed, 1.0, 10.0),
            (TimeoutRule::Legacy, 0.0, 80.0),
            (TimeoutRule::Legacy, 1.0, 5.0),
            (TimeoutRule::Both, 0.0, 80.0),
            (TimeoutRule::Both, 1.0, 10.0),
        ] {
            assert_eq!(policy.limit_under(regime, load(rate)), seconds(limit), "{} at {rate}", regime.name());
        }
    }

    proptest::proptest! {
        #[test]
        fn the_legacy_wait_never_rises_with_the_load(a in 0.0..=1.0f64, b in 0.0..=1.0f64) {
            let policy = Policy::default();
            let (low, high) = (load(a.min(b)), load(a.max(b)));
            proptest::prop_assert!(policy.legacy_wait(low) >= policy.legacy_wait(high));
            proptest::prop_assert!((policy.legacy.min..=policy.legacy.max).contains(&policy.legacy_wait(low)));
        }

        #[test]
        fn in_time_up_to_a_load_agrees_with_the_wait_there(t in 0.0..100.0f64, rate in 0.0..=1.0f64) {
            let policy = Policy::default();
            let in_time = seconds(t) <= policy.legacy_wait(load(rate));
            let up_to = policy.in_time_up_to(seconds(t)).map_or(-1.0, LoadRate::get);
            // Within rounding of the border either answer is right.
            if (up_to - rate).abs() > 1e-9 {
                proptest::prop_assert_eq!(in_time, rate <= up_to);
            }
        }
    }
}
