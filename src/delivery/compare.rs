//! Compares a run with an earlier one: what started to fail, needs more retries or got slower.
//!
//! Two runs are two samples, which differ by chance. What counts as a difference:
//!
//! - **Failures**: any, where there was none before. Where there was one before, the script is still failing, or fails more or
//!   less often where Fisher's exact test says so (one-sided, 5 %).
//! - **Retries and duplicates**: more often by the same test; also where no delivery took one before and each does now, even
//!   with too few deliveries for the test.
//! - **Latency** (the median; the 90th percentile from ten deliveries on; the median of whole deliveries, retries and waits
//!   included): the two differ by more than is allowed and by 5 ms, and their 95 % confidence intervals do not overlap. Where a
//!   side has fewer than six deliveries, no interval reaches 95 %: then one median has to be twice the other and 20 ms apart,
//!   and all latencies of one side longer than all of the other.

use std::time::Duration;

use super::{Endpoint, Latencies, PreviousRun, PreviousScript, Quantile, Run, Tally};
use crate::text::duration::{measured, millis};
use crate::text::quantity;

/// A difference below this is noise, ms: a thousandth of the safe limit.
const NOISE_MS: f64 = 5.0;
/// The same between samples of which one is small, ms.
const NOISE_OF_FEW_MS: f64 = 20.0;
/// Without `--max-regression`, a change of this share is reported.
const WORTH_A_WORD: f64 = 0.1;
/// The same between samples of which one is small: twice as long.
const WORTH_A_WORD_OF_FEW: f64 = 1.0;
/// The fewest deliveries whose shortest and longest latency enclose the median with 95 % confidence.
const FOR_MEDIAN: u64 = 6;
/// The fewest deliveries for a meaningful 90th percentile.
const FOR_P90: u64 = 10;
/// The significance level for differences of shares.
const SIGNIFICANT: f64 = 0.05;

/// What a run is compared with.
#[derive(Debug, Clone)]
pub struct Baseline {
    /// The earlier run.
    pub past: PreviousRun,
    /// How much slower a script may have become: 0.2 is 20 %. None: only shown.
    pub max_regression: Option<f64>,
}

/// The run against the earlier one.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// The earlier results' file.
    pub with: String,
    /// How much slower a script may have become.
    pub max_regression: Option<f64>,
    /// Where the two runs were made under different conditions: a sentence each.
    pub differences: Vec<String>,
    /// One a script, those of the earlier run that were not fired now included.
    pub scripts: Vec<Compared>,
}

/// One script's two sides.
#[derive(Debug, Clone)]
pub struct Compared {
    /// Its id.
    pub script: String,
    /// What became of it.
    pub change: Change,
    /// Slower than the run allows, or it fails, takes retries or is sent twice as it was not before.
    pub regression: bool,
    /// One side has too few deliveries to tell a difference of less than twice the latency from chance.
    pub few: bool,
    /// None: it was not fired then.
    pub before: Option<Sample>,
    /// None: it was not fired now.
    pub now: Option<Sample>,
    /// How much slower the median became: 0.2 is 20 %, less than 0 is faster. None where either is not known.
    pub p50_change: Option<f64>,
    /// The same of the 90th percentile, where both sides have at least ten deliveries.
    pub p90_change: Option<f64>,
    /// The same of the median of whole deliveries, retries and waits included.
    pub elapsed_p50_change: Option<f64>,
}

/// What became of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It did not fail before.
    StartedToFail,
    /// It failed before, and fails more often now.
    FailsMore,
    /// It takes retries, or is sent more than once, more often than before.
    RetriedMore,
    /// By more than is allowed, or by a tenth.
    Slower,
    /// It failed before, and about as often now.
    StillFailing,
    /// Nothing that could not be chance.
    Same,
    /// By a tenth at least.
    Faster,
    /// It takes retries less often than before.
    RetriedLess,
    /// It fails less often than before, or not at all.
    FailsLess,
    /// Not in the earlier run.
    New,
    /// Only in the earlier run, or not sent now.
    NotFired,
}

impl Change {
    /// As results spell it, such as `started_to_fail`.
    pub fn name(self) -> &'static str {
        match self {
            Change::StartedToFail => "started_to_fail",
            Change::FailsMore => "fails_more",
            Change::RetriedMore => "retried_more",
            Change::Slower => "slower",
            Change::StillFailing => "still_failing",
            Change::Same => "same",
            Change::Faster => "faster",
            Change::RetriedLess => "retried_less",
            Change::FailsLess => "fails_less",
            Change::New => "new",
            Change::NotFired => "not_fired",
        }
    }
}

/// A script in one of the runs.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Deliveries that were sent.
    pub deliveries: u64,
    /// Of those, failures.
    pub failures: u64,
    /// Of those, how many took a retry.
    pub retried: u64,
    /// Of those, how many the receiver got more than once.
    pub duplicates: u64,
    /// The median latency; none where it was cut off or nothing was measured.
    pub p50: Option<Duration>,
    /// The 90th percentile.
    pub p90: Option<Duration>,
    /// The median of whole deliveries, retries and waits included.
    pub elapsed_p50: Option<Duration>,
}

impl Comparison {
    /// Something is worse than the run allows.
    pub fn is_regression(&self) -> bool {
        self.max_regression.is_some() && self.scripts.iter().any(|script| script.regression)
    }
}

impl Tally {
    /// The run against the earlier one that it is held against.
    pub fn comparison(&self, run: &Run) -> Option<Comparison> {
        let Baseline { past, max_regression } = self.against.as_ref()?;
        let now = self.endpoints().map(|(script, endpoint)| {
            compare(
                script,
                past.scripts.get(script).map(Measured::of_past),
                Some(Measured::of(endpoint)),
                *max_regression,
            )
        });
        let mut scripts: Vec<Compared> = now.collect();
        let fired = |id: &String| scripts.iter().any(|script| script.script == *id);
        let missing = past.scripts.iter().filter(|(id, _)| !fired(id));
        let missing: Vec<Compared> =
            missing.map(|(id, past)| compare(id, Some(Measured::of_past(past)), None, *max_regression)).collect();
        scripts.extend(missing);
        Some(Comparison {
            with: past.path.clone(),
            max_regression: *max_regression,
            differences: differences(past, run),
            scripts,
        })
    }
}

/// One side, as it was measured.
#[derive(Clone, Copy)]
struct Measured<'a> {
    deliveries: u64,
    failures: u64,
    retried: u64,
    duplicates: u64,
    latencies: &'a Latencies,
    elapsed: &'a Latencies,
}

impl<'a> Measured<'a> {
    fn of(endpoint: &'a Endpoint) -> Self {
        Self {
            deliveries: endpoint.deliveries,
            failures: endpoint.failures,
            retried: endpoint.retried,
            duplicates: endpoint.duplicates,
            latencies: &endpoint.last_attempts,
            elapsed: &endpoint.elapsed,
        }
    }

    fn of_past(past: &'a PreviousScript) -> Self {
        Self {
            deliveries: past.deliveries,
            failures: past.failures,
            retried: past.retried,
            duplicates: past.duplicates,
            latencies: &past.latencies,
            elapsed: &past.elapsed,
        }
    }

    fn side(&self) -> Sample {
        let at = |latencies: &Latencies, quantile| match latencies.at(quantile) {
            Quantile::Measured(latency) => Some(latency),
            Quantile::Empty | Quantile::Over(_) => None,
        };
        Sample {
            deliveries: self.deliveries,
            failures: self.failures,
            retried: self.retried,
            duplicates: self.duplicates,
            p50: at(self.latencies, 0.5),
            p90: at(self.latencies, 0.9),
            elapsed_p50: at(self.elapsed, 0.5),
        }
    }
}

fn compare(script: &str, before: Option<Measured>, now: Option<Measured>, allowed: Option<f64>) -> Compared {
    let (before, fired) = (before.filter(|side| side.deliveries > 0), now);
    let now = now.filter(|side| side.deliveries > 0);
    let mut row = Compared {
        script: script.to_owned(),
        change: Change::New,
        regression: false,
        few: false,
        before: before.map(|side| side.side()),
        now: fired.map(|side| side.side()),
        p50_change: None,
        p90_change: None,
        elapsed_p50_change: None,
    };
    let (before, now) = match (before, now) {
        (Some(before), Some(now)) => (before, now),
        (_, None) => return Compared { change: Change::NotFired, ..row },
        (None, Some(_)) => return row,
    };
    row.set_change(before, now, allowed);
    row
}

impl Compared {
    /// What became of a script that both runs sent.
    fn set_change(&mut self, before: Measured, now: Measured, allowed: Option<f64>) {
        let fewest = before.deliveries.min(now.deliveries);
        self.few = fewest < FOR_MEDIAN;
        let times = Times { few: self.few, allowed };
        let p50 = times.between(before.latencies, now.latencies, 0.5);
        let p90 = (fewest >= FOR_P90).then(|| times.between(before.latencies, now.latencies, 0.9));
        let elapsed = times.between(before.elapsed, now.elapsed, 0.5);
        (self.p50_change, self.elapsed_p50_change) = (p50.change, elapsed.change);
        self.p90_change = p90.and_then(|p90| p90.change);
        let any = |trend| [Some(p50), p90, Some(elapsed)].iter().flatten().any(|time| time.trend == trend);
        let of = |then, today| trend(then, before.deliveries, today, now.deliveries);
        let failing = of(before.failures, now.failures);
        let retried = [of(before.retried, now.retried), of(before.duplicates, now.duplicates)];
        self.change = match () {
            () if now.failures > 0 && before.failures == 0 => Change::StartedToFail,
            () if failing == Trend::Up => Change::FailsMore,
            () if now.failures > 0 && failing == Trend::Flat => Change::StillFailing,
            () if retried.contains(&Trend::Up) => Change::RetriedMore,
            () if any(Trend::Up) => Change::Slower,
            () if failing == Trend::Down => Change::FailsLess,
            () if retried.contains(&Trend::Down) => Change::RetriedLess,
            () if any(Trend::Down) => Change::Faster,
            () => Change::Same,
        };
        // A script that still fails may also have become slower; if all of it fails, its latency is that of an error page.
        let worse = now.failures < now.deliveries && (retried.contains(&Trend::Up) || any(Trend::Up));
        self.regression = matches!(self.change, Change::StartedToFail | Change::FailsMore) || worse;
    }
}

/// Which way a figure went, chance aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trend {
    Up,
    Flat,
    Down,
}

/// Which way a share of deliveries went.
fn trend(before: u64, before_all: u64, now: u64, now_all: u64) -> Trend {
    match () {
        () if before == 0 && now == now_all => {
            if now > 0 {
                Trend::Up
            } else {
                Trend::Flat
            }
        }
        () if now == 0 && before == before_all => Trend::Down,
        () if by_chance(before, before_all, now, now_all) < SIGNIFICANT => Trend::Up,
        () if by_chance(now, now_all, before, before_all) < SIGNIFICANT => Trend::Down,
        () => Trend::Flat,
    }
}

/// Fisher's exact test: the chance that at least `more` of `more_all` have what `fewer` of `fewer_all` have, were both drawn
/// from the same lot.
fn by_chance(fewer: u64, fewer_all: u64, more: u64, more_all: u64) -> f64 {
    let (with, all) = (fewer + more, fewer_all + more_all);
    let most = with.min(more_all);
    // The first of the hypergeometric distribution's terms in logarithms, the others each from the one before.
    let mut term = (log_choose(more_all, more) + log_choose(fewer_all, fewer) - log_choose(all, with)).exp();
    let mut sum = term;
    for found in more..most {
        let (found, with, more_all, fewer_all) = (found as f64, with as f64, more_all as f64, fewer_all as f64);
        term *= (more_all - found) * (with - found) / ((found + 1.0) * (fewer_all - with + found + 1.0));
        sum += term;
        if term < sum * 1e-12 {
            break;
        }
    }
    sum
}

fn log_choose(all: u64, some: u64) -> f64 {
    log_factorial(all) - log_factorial(some) - log_factorial(all.saturating_sub(some))
}

/// Exact for few, Stirling's series from there on: right to ten digits.
fn log_factorial(n: u64) -> f64 {
    if n < 32 {
        return (2..=n).map(|factor| (factor as f64).ln()).sum();
    }
    let n = n as f64;
    (n + 0.5) * n.ln() - n + 0.5 * std::f64::consts::TAU.ln() + 1.0 / (12.0 * n) - 1.0 / (360.0 * n.powi(3))
}

/// How latencies are compared.
#[derive(Clone, Copy)]
struct Times {
    few: bool,
    allowed: Option<f64>,
}

/// How a latency changed: what is shown, and what counts.
#[derive(Clone, Copy)]
struct TimeChange {
    change: Option<f64>,
    trend: Trend,
}

impl Times {
    fn between(self, before: &Latencies, now: &Latencies, quantile: f64) -> TimeChange {
        let (then, today) = (before.at(quantile), now.at(quantile));
        let change = match (then, today) {
            (Quantile::Measured(then), Quantile::Measured(today)) if !then.is_zero() => {
                Some(today.div_duration_f64(then) - 1.0)
            }
            _ => None,
        };
        let allowed = self.allowed.unwrap_or(WORTH_A_WORD);
        let trend = match () {
            () if self.is_longer(before, now, quantile, allowed) => Trend::Up,
            () if self.is_longer(now, before, quantile, WORTH_A_WORD) => Trend::Down,
            () => Trend::Flat,
        };
        TimeChange { change, trend }
    }

    /// The one of `long` is longer than that of `short`, by more than the share and more than what may be chance. One that was
    /// cut off is longer than any other.
    fn is_longer(self, short: &Latencies, long: &Latencies, quantile: f64, share: f64) -> bool {
        let (share, noise) =
            if self.few { (share.max(WORTH_A_WORD_OF_FEW), NOISE_OF_FEW_MS) } else { (share, NOISE_MS) };
        let (Some(low), Some(high)) = (reach(short.at(quantile)), reach(long.at(quantile))) else { return false };
        let apart = reach(long.interval(quantile).0) > reach(short.interval(quantile).1);
        apart && high > low * (1.0 + share) && high - low > noise
    }
}

/// ms; without end for one that was cut off, nothing where there is none.
fn reach(rank: Quantile) -> Option<f64> {
    match rank {
        Quantile::Empty => None,
        Quantile::Measured(latency) => Some(millis(latency)),
        Quantile::Over(_) => Some(f64::INFINITY),
    }
}

fn differences(past: &PreviousRun, run: &Run) -> Vec<String> {
    let Some(before) = &past.policy else { return Vec::new() };
    let now = &run.policy;
    let mut all = Vec::new();
    if before.name != now.name {
        all.push(format!("the policy was {}, now it is {}", before.name.name(), now.name.name()));
    }
    if before.limit != now.limit {
        all.push(format!("the fixed limit was {}, now it is {}", measured(before.limit), measured(now.limit)));
    }
    if let Some(retries) = before.retries.filter(|retries| *retries != now.retries) {
        all.push(format!("the maximum was {}, now it is {}", quantity::count(retries.into(), "retry"), now.retries));
    }
    if before.load_rate != now.load_rate {
        all.push(format!("the load rate was {}, now it is {}", before.load_rate, now.load_rate));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::{FailOn, PolicySnapshot, PreviousPolicy};
    use crate::policy::{LoadRate, Settings, TimeoutRule};
    use crate::text::duration::from_millis;

    fn latencies(values: &[f64], cut_off: u64) -> Latencies {
        let mut all = Latencies::default();
        values.iter().for_each(|ms| all.record(from_millis(*ms)));
        (0..cut_off).for_each(|_| all.cut_off(Duration::from_secs(10)));
        all
    }

    fn side(latencies: &Latencies) -> Measured<'_> {
        let deliveries = latencies.count();
        Measured { deliveries, failures: 0, retried: 0, duplicates: 0, latencies, elapsed: latencies }
    }

    /// `count` latencies around `middle`, ± `spread` of it, in an order that is always the same.
    fn around(middle: f64, spread: f64, count: usize) -> Latencies {
        let share = |n: usize| (n as f64 + 0.5) / count as f64 * 2.0 - 1.0;
        latencies(&(0..count).map(|n| middle * (1.0 + spread * share(n))).collect::<Vec<_>>(), 0)
    }

    #[test]
    fn a_difference_of_latency_counts_where_it_is_no_noise() {
        use Change::{Faster, Same, Slower};
        for (name, then, today, allowed, change, regression) in [
            ("the same", around(100.0, 0.2, 50), around(100.0, 0.2, 50), None, Same, false),
            ("not yet a tenth", around(100.0, 0.01, 500), around(109.0, 0.01, 500), None, Same, false),
            ("over a tenth", around(100.0, 0.01, 50), around(112.0, 0.01, 50), None, Slower, true),
            ("within what is allowed", around(100.0, 0.01, 50), around(112.0, 0.01, 50), Some(0.2), Same, false),
            ("beyond what is allowed", around(100.0, 0.01, 50), around(122.0, 0.01, 50), Some(0.2), Slower, true),
            ("faster", around(100.0, 0.01, 50), around(80.0, 0.01, 50), Some(0.2), Faster, false),
            ("jitter of milliseconds", around(1.0, 0.3, 500), around(4.0, 0.3, 500), Some(0.2), Same, false),
            ("widely scattered", around(100.0, 0.9, 20), around(125.0, 0.9, 20), Some(0.2), Same, false),
            (
                "the same scatter, often enough",
                around(100.0, 0.9, 2_000),
                around(125.0, 0.9, 2_000),
                Some(0.2),
                Slower,
                true,
            ),
            (
                "one against one, half as slow again",
                latencies(&[100.0], 0),
                latencies(&[150.0], 0),
                Some(0.2),
                Same,
                false,
            ),
            ("one against one, over twice", latencies(&[100.0], 0), latencies(&[210.0], 0), Some(0.2), Slower, true),
            ("one against one, a few milliseconds", latencies(&[2.0], 0), latencies(&[9.0], 0), Some(0.2), Same, false),
            ("few that overlap", latencies(&[100.0, 300.0], 0), latencies(&[250.0, 290.0], 0), Some(0.2), Same, false),
            ("cut off", latencies(&[100.0], 0), latencies(&[], 1), Some(10.0), Slower, true),
            ("cut off before", latencies(&[], 1), latencies(&[100.0], 0), Some(0.1), Faster, false),
        ] {
            let row = compare("s", Some(side(&then)), Some(side(&today)), allowed);
            assert_eq!((row.change, row.regression), (change, regression), "{name}");
        }
    }

    #[test]
    fn a_tail_counts_where_there_are_deliveries_enough() {
        let then = latencies(&[100.0; 20], 0);
        let today = latencies(&[[100.0; 10], [300.0; 10]].concat(), 0);
        let row = compare("s", Some(side(&then)), Some(side(&today)), Some(0.2));
        assert_eq!((row.change, row.p50_change, row.p90_change), (Change::Slower, Some(0.0), Some(2.0)));
    }

    #[test]
    fn failures_retries_and_duplicates_are_seen() {
        use Change::{FailsLess, FailsMore, RetriedLess, RetriedMore, Same, StartedToFail, StillFailing};
        let same = latencies(&[100.0], 0);
        // failures, retried and duplicates before and now, each of so many.
        for (before, now, change, regression) in [
            ([0, 0, 0, 1], [1, 0, 0, 1], StartedToFail, true),
            ([0, 0, 0, 1_000], [1, 0, 0, 1_000], StartedToFail, true),
            ([1, 0, 0, 1], [1, 0, 0, 1], StillFailing, false),
            ([5, 0, 0, 100], [9, 0, 0, 100], StillFailing, false),
            ([5, 0, 0, 100], [30, 0, 0, 100], FailsMore, true),
            ([30, 0, 0, 100], [5, 0, 0, 100], FailsLess, false),
            ([1, 0, 0, 1], [0, 0, 0, 1], FailsLess, false),
            ([1, 0, 0, 1_000], [0, 0, 0, 5], Same, false),
            ([0, 0, 0, 1], [0, 1, 0, 1], RetriedMore, true),
            ([0, 0, 0, 3], [0, 1, 1, 3], Same, false),
            ([0, 5, 5, 1_000], [0, 6, 6, 1_000], Same, false),
            ([0, 5, 5, 1_000], [0, 60, 5, 1_000], RetriedMore, true),
            ([0, 9, 0, 9], [0, 9, 9, 9], RetriedMore, true),
            ([0, 9, 9, 9], [0, 0, 0, 9], RetriedLess, false),
            ([1, 0, 0, 1], [1, 1, 1, 1], StillFailing, false),
        ] {
            let side = |[failures, retried, duplicates, deliveries]: [u64; 4]| Measured {
                deliveries,
                failures,
                retried,
                duplicates,
                latencies: &same,
                elapsed: &same,
            };
            let row = compare("s", Some(side(before)), Some(side(now)), Some(0.2));
            assert_eq!((row.change, row.regression), (change, regression), "{before:?} {now:?}");
        }
    }

    #[test]
    fn the_time_of_whole_deliveries_counts() {
        let (attempt, quick, waited) = (latencies(&[10.0], 0), latencies(&[10.0], 0), latencies(&[4_000.0], 0));
        let sided = |elapsed| Measured { elapsed, ..side(&attempt) };
        let row = compare("s", Some(sided(&quick)), Some(sided(&waited)), None);
        assert_eq!((row.change, row.p50_change, row.elapsed_p50_change), (Change::Slower, Some(0.0), Some(399.0)));
    }

    #[test]
    fn a_script_in_one_of_the_runs_only() {
        let same = latencies(&[100.0], 0);
        assert_eq!(compare("s", None, Some(side(&same)), None).change, Change::New);
        assert_eq!(compare("s", Some(side(&same)), None, None).change, Change::NotFired);
        let none = latencies(&[], 0);
        let throttled = compare("s", Some(side(&same)), Some(side(&none)), None);
        assert_eq!((throttled.change, throttled.now.map(|side| side.deliveries)), (Change::NotFired, Some(0)));
    }

    #[test]
    fn the_conditions_of_two_runs_are_compared() {
        let policy = PolicySnapshot::new(TimeoutRule::Fixed, LoadRate::IDLE, &Settings::default());
        let past = |retries| PreviousRun {
            policy: Some(PreviousPolicy {
                name: TimeoutRule::Legacy,
                limit: Duration::from_secs(5),
                load_rate: 0.0,
                retries,
            }),
            ..PreviousRun::default()
        };
        let run = Run {
            policy,
            requests: Vec::new(),
            deliveries: 1,
            duration: None,
            concurrency: 1,
            fail_on: FailOn::default(),
        };
        let said = differences(&past(Some(0)), &run);
        let limit = "the fixed limit was 5 s, now it is 10 s";
        assert_eq!(said, ["the policy was legacy, now it is fixed", limit, "the maximum was 0 retries, now it is 3"]);
        assert_eq!(differences(&past(None), &run).len(), 2);
    }

    #[test]
    fn fishers_exact_test() {
        // The lady tasting tea, and two by R's fisher.test.
        for ([fewer, fewer_all, more, more_all], chance) in
            [([1, 4, 3, 4], 0.242_857), ([2, 15, 10, 12], 0.000_409_06), ([5, 1_000, 20, 1_000], 0.001_9)]
        {
            let found = by_chance(fewer, fewer_all, more, more_all);
            assert!((found / chance - 1.0).abs() < 0.02, "{found} is not {chance}");
        }
        assert!((by_chance(0, 10, 0, 10) - 1.0).abs() < 1e-9);
    }
}
