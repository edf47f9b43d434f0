//! How a receiver behaves, and what that means for the next request.

use std::ops::RangeInclusive;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;

/// How requests are answered; the default is 200 at once.
#[derive(Debug, Clone, PartialEq)]
pub struct Behaviour {
    /// From the last byte of the request to the head of the response: somewhere in this range.
    pub delay: RangeInclusive<Duration>,
    /// From the head of the response to its body: somewhere in this range.
    pub body_delay: RangeInclusive<Duration>,
    /// One after another; the last one stays. Never empty.
    pub statuses: Vec<u16>,
    /// The body.
    pub body: String,
    /// What a failing request meets instead of an answer; without one, a failing request gets a 500.
    pub fault: Option<Fault>,
    /// The share of requests that fail, 0 to 1; without one, all do where there is a fault, and none where there is not.
    pub fail_rate: Option<f64>,
    /// Makes the drawn delays and failures the same in every run.
    pub seed: Option<u64>,
    /// Requests without it (`Authorization: Bearer …` or `?token=…`) get a 401.
    pub token: Option<String>,
}

/// Instead of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Never answers, and keeps the connection open.
    Hang,
    /// Closes the connection with a reset.
    Reset,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            delay: Duration::ZERO..=Duration::ZERO,
            body_delay: Duration::ZERO..=Duration::ZERO,
            statuses: vec![200],
            body: "ok".to_owned(),
            fault: None,
            fail_rate: None,
            seed: None,
            token: None,
        }
    }
}

/// What the next request meets.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct NextReply {
    pub delay: Duration,
    pub reply: Reply,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Reply {
    Fault(Fault),
    Answer { status: u16, body: Bytes, body_delay: Duration },
}

/// A behaviour in use: how far its statuses are, and its source of randomness.
#[derive(Debug)]
pub(super) struct BehaviourState {
    behaviour: Behaviour,
    body: Bytes,
    answered: AtomicUsize,
    random: Mutex<fastrand::Rng>,
}

impl BehaviourState {
    pub(super) fn new(behaviour: Behaviour) -> Self {
        let random = behaviour.seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed);
        let body = Bytes::from(behaviour.body.clone().into_bytes());
        Self { behaviour, body, answered: AtomicUsize::new(0), random: Mutex::new(random) }
    }

    pub(super) fn behaviour(&self) -> &Behaviour {
        &self.behaviour
    }

    /// What the next request meets; `authorized` is whether it brought the token.
    pub(super) fn next(&self, authorized: bool) -> NextReply {
        let Behaviour { delay, body_delay, statuses, fault, fail_rate, .. } = &self.behaviour;
        let (delay, body_delay, luck) = {
            // Nothing panics while the lock is held, so it can't be poisoned.
            let mut random = self.random.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            (draw(delay, &mut random), draw(body_delay, &mut random), random.f64())
        };
        if !authorized {
            return NextReply {
                delay,
                reply: Reply::Answer { status: 401, body: Bytes::from_static(b"token?"), body_delay },
            };
        }
        let failing = luck < fail_rate.unwrap_or(if fault.is_some() { 1.0 } else { 0.0 });
        if let (true, Some(fault)) = (failing, fault) {
            return NextReply { delay, reply: Reply::Fault(*fault) };
        }
        let status = if failing {
            500
        } else {
            let turn = self.answered.fetch_add(1, Ordering::Relaxed);
            statuses.get(turn).or(statuses.last()).copied().unwrap_or(200)
        };
        NextReply { delay, reply: Reply::Answer { status, body: self.body.clone(), body_delay } }
    }
}

fn draw(range: &RangeInclusive<Duration>, random: &mut fastrand::Rng) -> Duration {
    if range.start() == range.end() {
        return *range.start();
    }
    let spread = range.end().saturating_sub(*range.start());
    *range.start() + spread.mul_f64(random.f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statuses(playing: &BehaviourState, count: usize) -> Vec<u16> {
        let status = |turn: NextReply| match turn.reply {
            Reply::Answer { status, .. } => status,
            Reply::Fault(_) => 0,
        };
        (0..count).map(|_| status(playing.next(true))).collect()
    }

    #[test]
    fn statuses_come_in_turn_and_the_last_one_stays() {
        let playing = BehaviourState::new(Behaviour { statuses: vec![500, 503, 200], ..Behaviour::default() });
        assert_eq!(statuses(&playing, 5), [500, 503, 200, 200, 200]);
    }

    #[test]
    fn a_request_without_the_token_takes_no_turn() {
        let playing = BehaviourState::new(Behaviour { statuses: vec![500, 200], ..Behaviour::default() });
        assert!(matches!(playing.next(false).reply, Reply::Answer { status: 401, .. }));
        assert_eq!(statuses(&playing, 2), [500, 200]);
    }

    #[test]
    fn a_share_fails_as_the_fault_says() {
        for (fault, failed) in [(None, 500), (Some(Fault::Reset), 0), (Some(Fault::Hang), 0)] {
            let behaviour = Behaviour { fault, fail_rate: Some(0.2), seed: Some(7), ..Behaviour::default() };
            let got = statuses(&BehaviourState::new(behaviour.clone()), 1000);
            let share = got.iter().filter(|s| **s == failed).count();
            assert!((150..250).contains(&share), "{fault:?}: {share} of 1000");
            assert_eq!(got, statuses(&BehaviourState::new(behaviour), 1000), "a seed gives the same run again");
        }
        let always = BehaviourState::new(Behaviour { fault: Some(Fault::Hang), ..Behaviour::default() });
        assert_eq!(statuses(&always, 3), [0, 0, 0]);
        let never = Behaviour { fault: Some(Fault::Hang), fail_rate: Some(0.0), ..Behaviour::default() };
        assert_eq!(statuses(&BehaviourState::new(never), 3), [200, 200, 200]);
    }

    #[test]
    fn delays_are_drawn_from_their_range() {
        let (low, high) = (Duration::from_secs(1), Duration::from_secs(9));
        let playing = BehaviourState::new(Behaviour { delay: low..=high, seed: Some(1), ..Behaviour::default() });
        let drawn: Vec<_> = (0..200).map(|_| playing.next(true).delay).collect();
        assert!(drawn.iter().all(|d| (low..=high).contains(d)));
        assert!(drawn.iter().any(|d| *d < Duration::from_secs(3)) && drawn.iter().any(|d| *d > Duration::from_secs(7)));
    }
}
