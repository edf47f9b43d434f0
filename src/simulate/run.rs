//! The run of a scenario: events in the order of virtual time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use super::arrivals::Triggers;
use super::figures::{Comparison, Outcome, OutcomeChange, Rules, ScriptFigures, Tally};
use super::recorded::Sample;
use super::timeline::Timeline;
use super::{MOST_TRIGGERS, Scenario, ScriptModel};
use crate::http::StatusPattern;
use crate::policy::{AttemptOutcome, Latency, Policy, Settings, Step, TimeoutRule, TriggerLimit};

/// Runs a scenario under the legacy wait and under the fixed limit.
pub(crate) fn simulate(scenario: &Scenario, settings: &Settings) -> Comparison {
    let policy = &settings.policy;
    let run = |regime| Simulation::new(scenario, policy, regime).run();
    let (fixed, legacy) = rayon::join(|| run(TimeoutRule::Fixed), || run(TimeoutRule::Legacy));
    let moved = moved(&fixed, &legacy);
    Comparison {
        seed: scenario.seed,
        stopped_early: fixed.stopped_early || legacy.stopped_early,
        policy: Rules {
            limit: policy.limit,
            safe: policy.safe,
            legacy_min: policy.legacy.min,
            legacy_max: policy.legacy.max,
            triggers_per_minute: scenario.trigger_limit.then_some(policy.triggers_per_minute),
            assumed: settings.assumed(),
        },
        legacy: legacy.outcome,
        fixed: fixed.outcome,
        moved,
    }
}

struct RunResult {
    outcome: Outcome,
    stopped_early: bool,
    /// For each script, whether each of its own triggers was delivered.
    delivered: Vec<Vec<bool>>,
}

fn moved(fixed: &RunResult, legacy: &RunResult) -> OutcomeChange {
    let mut moved = OutcomeChange::default();
    for (fixed, legacy) in fixed.delivered.iter().zip(&legacy.delivered) {
        for pair in fixed.iter().zip(legacy) {
            match pair {
                (false, true) => moved.lost += 1,
                (true, false) => moved.won += 1,
                _ => {}
            }
        }
    }
    moved
}

/// Something that happens at a moment. Earlier ones come first, of the same moment those that were planned first.
#[derive(Debug)]
struct Event {
    at: Duration,
    order: u64,
    what: EventKind,
}

#[derive(Debug)]
enum EventKind {
    /// A script's own trigger.
    Trigger { script: usize },
    /// A trigger that another script caused.
    Caused { script: usize },
    /// The next attempt of a delivery.
    Attempt(Delivery),
}

#[derive(Debug)]
struct Delivery {
    script: usize,
    /// The index among the script's own triggers, from 0; none if another script caused it.
    own: Option<usize>,
    triggered: Duration,
    attempts: u32,
    carried_out: u32,
    random: fastrand::Rng,
}

impl Ord for Event {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.order).cmp(&(other.at, other.order))
    }
}

impl PartialOrd for Event {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Event {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Event {}

struct Simulation<'a> {
    scenario: &'a Scenario,
    policy: &'a Policy,
    regime: TimeoutRule,
    scripts: Vec<Script<'a>>,
    events: BinaryHeap<Reverse<Event>>,
    planned: u64,
    triggers: u64,
    stopped_early: bool,
    total: Tally,
    timeline: Timeline,
    in_flight: Ends,
}

struct Script<'a> {
    model: &'a ScriptModel,
    triggers: Triggers<'a>,
    limit: TriggerLimit,
    /// When each worker is free again, where they are limited.
    workers: BinaryHeap<Reverse<Duration>>,
    caused: u64,
    delivered: Vec<bool>,
    tally: Tally,
    in_flight: Ends,
}

/// The ends of what is under way.
#[derive(Debug, Default)]
struct Ends(BinaryHeap<Reverse<Duration>>);

impl Ends {
    /// Counts one more, from `now` to `end`; gives how many are under way.
    fn add(&mut self, now: Duration, end: Duration) -> u64 {
        while self.0.peek().is_some_and(|Reverse(first)| *first <= now) {
            self.0.pop();
        }
        self.0.push(Reverse(end));
        self.0.len() as u64
    }
}

/// How an attempt ended.
struct Ended {
    outcome: AttemptOutcome,
    status: Option<u16>,
    latency: Latency,
    at: Duration,
    /// When the endpoint had executed the request, if it did; later than `at` if the platform had stopped waiting.
    carried_out: Option<Duration>,
    /// Waited for a worker.
    queued: Duration,
}

impl<'a> Simulation<'a> {
    fn new(scenario: &'a Scenario, policy: &'a Policy, regime: TimeoutRule) -> Self {
        let script = |(index, model): (usize, &'a ScriptModel)| Script {
            model,
            triggers: Triggers::new(&model.arrivals, random(scenario.seed, index as u64, u64::MAX)),
            limit: TriggerLimit::new(policy.triggers_per_minute),
            workers: (0..model.workers.unwrap_or(0)).map(|_| Reverse(Duration::ZERO)).collect(),
            caused: 0,
            delivered: Vec::new(),
            tally: Tally::default(),
            in_flight: Ends::default(),
        };
        Self {
            scenario,
            policy,
            regime,
            scripts: scenario.scripts.iter().enumerate().map(script).collect(),
            events: BinaryHeap::new(),
            planned: 0,
            triggers: 0,
            stopped_early: false,
            total: Tally::default(),
            timeline: Timeline::default(),
            in_flight: Ends::default(),
        }
    }

    fn run(mut self) -> RunResult {
        (0..self.scripts.len()).for_each(|script| self.plan_own(script));
        while let Some(Reverse(Event { at, what, .. })) = self.events.pop() {
            match what {
                EventKind::Trigger { script } => {
                    self.plan_own(script);
                    self.trigger(script, true, at);
                }
                EventKind::Caused { script } => self.trigger(script, false, at),
                EventKind::Attempt(delivery) => self.attempt(delivery, at),
            }
        }
        let figures =
            |script: &Script| ScriptFigures { script: script.model.name.clone(), figures: script.tally.figures() };
        let scripts: Vec<_> = self.scripts.iter().map(figures).collect();
        RunResult {
            outcome: Outcome { total: self.total.figures(), scripts, timeline: self.timeline },
            stopped_early: self.stopped_early,
            delivered: self.scripts.into_iter().map(|script| script.delivered).collect(),
        }
    }

    fn plan(&mut self, at: Duration, what: EventKind) {
        self.planned += 1;
        self.events.push(Reverse(Event { at, order: self.planned, what }));
    }

    fn plan_own(&mut self, script: usize) {
        if let Some(at) = self.scripts[script].triggers.next() {
            self.plan_trigger(at, EventKind::Trigger { script });
        }
    }

    fn plan_trigger(&mut self, at: Duration, what: EventKind) {
        if at >= self.scenario.until {
            return;
        }
        if self.triggers == self.scenario.triggers.unwrap_or(MOST_TRIGGERS) {
            self.stopped_early |= self.scenario.triggers.is_none();
            return;
        }
        self.triggers += 1;
        self.plan(at, what);
    }

    fn trigger(&mut self, index: usize, own: bool, now: Duration) {
        let script = &mut self.scripts[index];
        let number = if own { script.delivered.len() as u64 } else { script.caused };
        let admitted = !self.scenario.trigger_limit || script.limit.admits(now);
        let delivery = Delivery {
            script: index,
            own: own.then_some(script.delivered.len()),
            triggered: now,
            attempts: 0,
            carried_out: 0,
            // Own triggers draw alike in both runs, whatever else happens in them.
            random: random(self.scenario.seed, index as u64 * 2 + u64::from(own), number),
        };
        if own {
            script.delivered.push(false);
        } else {
            script.caused += 1;
        }
        for tally in [&mut script.tally, &mut self.total] {
            tally.counts.triggers += 1;
            tally.counts.caused += u64::from(!own);
            tally.counts.throttled += u64::from(!admitted);
        }
        let bucket = self.timeline.at(now);
        bucket.triggers += 1;
        bucket.throttled += u64::from(!admitted);
        if admitted {
            self.attempt(delivery, now);
        }
    }

    fn attempt(&mut self, mut delivery: Delivery, now: Duration) {
        delivery.attempts += 1;
        let limit = self.policy.limit_under(self.regime, self.scenario.load.at(now));
        let script = &mut self.scripts[delivery.script];
        let met = script.model.answers.draw(&mut delivery.random);
        let ended = script.serve(met, now, limit);
        let repeated = ended.carried_out.is_some() && delivery.carried_out > 0;
        delivery.carried_out += u32::from(ended.carried_out.is_some());
        let limited = !script.workers.is_empty();
        for (tally, in_flight) in [(&mut script.tally, &mut script.in_flight), (&mut self.total, &mut self.in_flight)] {
            tally.counts.attempts += 1;
            tally.counts.retries += u64::from(delivery.attempts > 1);
            tally.counts.timed_out += u64::from(ended.outcome == AttemptOutcome::TimedOut);
            tally.counts.repeated += u64::from(repeated);
            tally.counts.in_flight = tally.counts.in_flight.max(in_flight.add(now, ended.at));
            if limited {
                tally.queue.record(ended.queued);
            }
        }
        self.timeline.at(now).attempts += 1;
        if let Some(at) = ended.carried_out {
            for &caused in &self.scenario.scripts[delivery.script].causes {
                self.plan_trigger(at, EventKind::Caused { script: caused });
            }
        }
        let load = self.scenario.load.at(ended.at);
        let luck = delivery.random.f64();
        match self.policy.next_step(delivery.attempts, ended.outcome, ended.status, load, ended.at, luck) {
            Step::RetryAt(at) => self.plan(at, EventKind::Attempt(delivery)),
            step => self.end(&delivery, &ended, step == Step::Delivered),
        }
    }

    fn end(&mut self, delivery: &Delivery, ended: &Ended, delivered: bool) {
        let script = &mut self.scripts[delivery.script];
        if let Some(own) = delivery.own.and_then(|own| script.delivered.get_mut(own)) {
            *own = delivered;
        }
        for tally in [&mut script.tally, &mut self.total] {
            tally.counts.delivered += u64::from(delivered);
            tally.counts.delivered_on_retry += u64::from(delivered && delivery.attempts > 1);
            tally.counts.failed += u64::from(!delivered);
            tally.counts.bands.count(self.policy.band(ended.latency));
            match ended.latency {
                Latency::Complete(latency) => tally.latency.record(latency),
                Latency::CutOff(limit) => tally.latency.cut_off(limit),
                Latency::Broken | Latency::Nothing => {}
            }
            tally.elapsed.record(ended.at.saturating_sub(delivery.triggered));
        }
        self.timeline.at(ended.at).failed += u64::from(!delivered);
    }
}

impl Script<'_> {
    /// An attempt that starts now and may take so long.
    fn serve(&mut self, met: Sample, now: Duration, limit: Duration) -> Ended {
        if met == Sample::Refused {
            return Ended {
                outcome: AttemptOutcome::ConnectError,
                status: None,
                latency: Latency::Nothing,
                at: now,
                carried_out: None,
                queued: Duration::ZERO,
            };
        }
        let deadline = now.saturating_add(limit);
        // Without limited workers there is always a free one.
        let begin = self.workers.pop().map_or(now, |Reverse(free)| free.max(now));
        let done = match met {
            Sample::Answer { time, .. } => begin.saturating_add(time),
            // The endpoint only notices a closed connection.
            _ => begin.max(deadline),
        };
        if self.model.workers.is_some() {
            self.workers.push(Reverse(done));
        }
        let queued = begin - now;
        match met {
            Sample::Answer { status, .. } => {
                let success = StatusPattern::SUCCESS.covers(status);
                let carried_out = success.then_some(done);
                if done > deadline {
                    let latency = Latency::CutOff(limit);
                    let outcome = AttemptOutcome::TimedOut;
                    return Ended { outcome, status: None, latency, at: deadline, carried_out, queued };
                }
                let outcome = if success { AttemptOutcome::Success } else { AttemptOutcome::HttpError };
                let latency = Latency::Complete(done - now);
                Ended { outcome, status: Some(status), latency, at: done, carried_out, queued }
            }
            _ => Ended {
                outcome: AttemptOutcome::TimedOut,
                status: None,
                latency: Latency::CutOff(limit),
                at: deadline,
                carried_out: None,
                queued,
            },
        }
    }
}

/// A source of randomness of its own for each trigger, so that what one draws does not change another.
fn random(seed: u64, stream: u64, number: u64) -> fastrand::Rng {
    // Neighbouring seeds must not give neighbouring draws: mixed as SplitMix64 does it.
    let mut state = seed;
    for part in [stream, number] {
        state = state.wrapping_add(part).wrapping_add(0x9e37_79b9_7f4a_7c15);
        state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        state ^= state >> 31;
    }
    fastrand::Rng::with_seed(state)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::LoadRate;
    use crate::simulate::spec::{NamedSpec, Parts, Spec};
    use crate::simulate::{Answers, Arrivals, LoadCurve, Service};

    fn seconds(s: f64) -> Duration {
        Duration::from_secs_f64(s)
    }

    /// Scripts by their specifications, for an hour at load 0.
    fn scenario(scripts: &[&str]) -> Scenario {
        let read = |text: &&str| NamedSpec::parse("--script", text).expect(text);
        let parts = Parts {
            default: Spec::default(),
            scripts: scripts.iter().map(read).collect(),
            times: None,
            recorded: None,
            load: LoadCurve::constant(LoadRate::IDLE),
            span: None,
            triggers: None,
            trigger_limit: true,
            seed: 1,
        };
        parts.scenario().expect("a scenario")
    }

    fn run(scenario: &Scenario) -> Comparison {
        simulate(scenario, &Settings::default())
    }

    #[test]
    fn an_endpoint_of_12_s_passed_and_now_fails_after_every_retry() {
        let comparison = run(&scenario(&["slow: rate=30/m;latency=12s"]));
        let (legacy, fixed) = (&comparison.legacy.total, &comparison.fixed.total);
        assert_eq!((legacy.triggers, legacy.delivered, legacy.attempts), (1_800, 1_800, 1_800));
        assert_eq!((fixed.delivered, fixed.failed, fixed.attempts, fixed.timed_out), (0, 1_800, 7_200, 7_200));
        assert_eq!((fixed.amplification, legacy.amplification), (Some(4.0), Some(1.0)));
        // Every request is carried out, though nobody waits for it: three more than one for each delivery.
        assert_eq!((fixed.repeated, legacy.repeated), (5_400, 0));
        assert_eq!(comparison.moved, OutcomeChange { lost: 1_800, won: 0 });
        assert_eq!(fixed.bands.timed_out, 1_800);
        assert_eq!((fixed.latency.max, fixed.latency.cut_off), (None, 1_800));
        // Four limits of 10 s, and waits of 2, 4 and 8 s.
        assert_eq!(fixed.elapsed.max, Some(seconds(54.0)));
        assert_eq!((legacy.elapsed.max, legacy.in_flight), (Some(seconds(12.0)), 6));
    }

    #[test]
    fn the_trigger_limit_is_the_policys() {
        let scenario = scenario(&["busy: rate=120/m;latency=1s"]);
        let comparison = run(&scenario);
        let fixed = &comparison.fixed.total;
        // Every minute half of the 120: the minute slides, so the first 60 of each go through.
        assert_eq!((fixed.triggers, fixed.throttled, fixed.delivered), (7_200, 3_600, 3_600));
        let all = run(&Scenario { trigger_limit: false, ..scenario });
        assert_eq!((all.fixed.total.throttled, all.policy.triggers_per_minute), (0, None));
    }

    #[test]
    fn a_loop_runs_until_the_trigger_limit_trips() {
        let comparison = run(&scenario(&["loop: rate=1/h;latency=100ms;causes=loop"]));
        let fixed = &comparison.fixed.total;
        assert_eq!((fixed.triggers, fixed.caused, fixed.throttled), (61, 60, 1));
        assert!(!comparison.stopped_early);
        // Slower than the limit it never ends by itself: once every 2 s for an hour.
        let slow = run(&scenario(&["loop: rate=1/h;latency=2s;causes=loop"]));
        assert_eq!((slow.fixed.total.triggers, slow.fixed.total.throttled), (1_800, 0));
        let endless = scenario(&["a: rate=1/h;latency=0s;causes=b", "b: rate=none;latency=0s;causes=a,b"]);
        let endless = run(&Scenario { trigger_limit: false, triggers: Some(10_000), ..endless });
        assert_eq!((endless.fixed.total.triggers, endless.stopped_early), (10_000, false));
    }

    #[test]
    fn one_worker_makes_the_others_wait() {
        let scenario = scenario(&["queue: rate=5/h;burst=5;latency=2s;workers=1"]);
        let comparison = run(&scenario);
        let fixed = &comparison.fixed.total;
        // 2, 4, 6, 8 and 10 s from the trigger on: the last one just in time.
        assert_eq!((fixed.delivered, fixed.attempts), (5, 5));
        assert_eq!(
            (fixed.queue.min, fixed.queue.p50, fixed.queue.max),
            (Some(Duration::ZERO), Some(seconds(4.0)), Some(seconds(8.0)))
        );
        assert_eq!((fixed.latency.max, fixed.in_flight), (Some(seconds(10.0)), 5));
        assert_eq!((fixed.bands.safe, fixed.bands.at_risk), (2, 3));
    }

    #[test]
    fn failing_answers_are_retried_as_the_policy_says() {
        let comparison = run(&scenario(&["broken: rate=1/h;latency=1s;fail-rate=1"]));
        let fixed = &comparison.fixed.total;
        assert_eq!((fixed.failed, fixed.attempts, fixed.repeated), (1, 4, 0));
        // Four answers of 1 s, and waits of 2, 4 and 8 s.
        assert_eq!(fixed.elapsed.max, Some(seconds(18.0)));
        assert_eq!(fixed.bands.safe, 1, "the answer was in time, if no success");
    }

    #[test]
    fn load_changes_the_legacy_wait_on_the_way() {
        let mut scenario = scenario(&["slow: rate=60/h;latency=12s"]);
        scenario.load = "0s=0,30m=0,1801s=0.9".parse().expect("a curve");
        let comparison = run(&scenario);
        // Up to 30 min the legacy wait is 80 s, then 8 s; the retry count falls to none at the same time.
        assert_eq!((comparison.legacy.total.delivered, comparison.legacy.total.failed), (31, 29));
        assert_eq!(comparison.fixed.total.delivered, 0);
        assert_eq!(comparison.moved.lost, 31);
    }

    #[test]
    fn a_seed_gives_the_same_run_and_figures_add_up() {
        let mut scenario = scenario(&[
            "crm: rate=50/m;arrivals=poisson;latency=p50=4s,p99=20s;fail-rate=0.1",
            "desk: rate=20/m;burst=5;latency=1s..15s;workers=3;causes=crm",
        ]);
        scenario.load = "0.2".parse().expect("a load");
        let comparison = run(&scenario);
        assert_eq!(comparison, run(&scenario));
        assert_ne!(comparison, run(&Scenario { seed: 2, ..scenario.clone() }));
        for outcome in [&comparison.fixed, &comparison.legacy] {
            let total = &outcome.total;
            assert_eq!(total.triggers, total.throttled + total.delivered + total.failed);
            assert_eq!(total.attempts, total.delivered + total.failed + total.retries);
            let bands = total.bands.safe + total.bands.at_risk + total.bands.timed_out;
            assert_eq!(bands, total.delivered + total.failed);
            assert_eq!(outcome.scripts.iter().map(|s| s.figures.attempts).sum::<u64>(), total.attempts);
            assert_eq!(outcome.timeline.buckets.iter().map(|b| b.attempts).sum::<u64>(), total.attempts);
            assert_eq!(outcome.timeline.buckets.iter().map(|b| b.failed).sum::<u64>(), total.failed);
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
        #[test]
        fn one_trigger_ends_as_the_policy_alone_says(
            latency_ms in 0u64..100_000, rate in 0.0..=1.0f64, fails: bool, interval_ms in 0u64..5_000, limit_s in 1u64..20
        ) {
            let mut settings = Settings::default();
            settings.set("retry.interval", &format!("{interval_ms}ms")).expect("a duration");
            settings.set("limit", &format!("{limit_s}s")).expect("a duration");
            let load = LoadRate::new(rate).expect("a load rate");
            let service = Duration::from_millis(latency_ms);
            let mut scenario = scenario(&["one: rate=1/h"]);
            scenario.load = LoadCurve::constant(load);
            scenario.scripts[0].arrivals = Arrivals::Times(std::sync::Arc::new(vec![Duration::ZERO]));
            let fail_rate = f64::from(u8::from(fails));
            scenario.scripts[0].answers = Answers::Modelled { service: Service::Constant(service), fail_rate };
            let comparison = simulate(&scenario, &settings);
            for (regime, outcome) in [(TimeoutRule::Fixed, &comparison.fixed), (TimeoutRule::Legacy, &comparison.legacy)] {
                let limit = settings.policy.limit_under(regime, load);
                let (ended, status) = match (service <= limit, fails) {
                    (false, _) => (AttemptOutcome::TimedOut, None),
                    (true, true) => (AttemptOutcome::HttpError, Some(500)),
                    (true, false) => (AttemptOutcome::Success, Some(200)),
                };
                let (mut attempts, mut now) = (0, Duration::ZERO);
                let delivered = loop {
                    attempts += 1;
                    now += service.min(limit);
                    match settings.policy.next_step(attempts, ended, status, load, now, 0.5) {
                        Step::RetryAt(at) => now = at,
                        step => break step == Step::Delivered,
                    }
                };
                let total = &outcome.total;
                proptest::prop_assert_eq!((total.attempts, total.delivered == 1), (u64::from(attempts), delivered));
                proptest::prop_assert_eq!(total.elapsed.max, Some(now));
            }
        }
    }

    #[test]
    fn bursts_of_the_limit_pass_whole() {
        let comparison = run(&scenario(&["nightly: rate=60/h;burst=60;latency=1s"]));
        assert_eq!(comparison.fixed.total.throttled, 0);
        assert_eq!(comparison.fixed.total.elapsed.max, Some(seconds(1.0)));
    }
}
