//! A run of deliveries: so many triggers of each script, so many at once, at a rate or as fast as they end.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::attempt::Deadline;
use super::client::Client;
use super::deliver::{Ends, Moment, Shot, Stop, deliver, stopped, throttled};
use super::plan::Rules;
use super::result::Delivery;
use super::workers;
use crate::diagnostic::Diagnostic;
use crate::policy::TriggerLimit;
use crate::text::duration::millis;

/// How much is fired.
#[derive(Debug, Clone)]
pub struct Volume {
    /// Triggers of each script.
    pub repeat: u64,
    /// Deliveries under way at once, at most.
    pub concurrency: NonZeroUsize,
    /// Triggers per second over all scripts: each has its intended start, whether or not those before it have ended (an
    /// open model). None: the next starts as soon as one ends.
    pub rate: Option<f64>,
    /// Triggers over `triggers_per_minute` are not sent.
    pub throttle: bool,
}

/// A run, ready to go.
pub struct Firing {
    client: Client,
    shots: Vec<Shot>,
    limits: Option<Vec<Mutex<TriggerLimit>>>,
    rules: Rules,
    volume: Volume,
    next: AtomicU64,
    watcher: Box<dyn Fn(Moment<'_>) + Send + Sync>,
}

impl Firing {
    /// A run of these shots. `watcher` is told what happens as it happens.
    pub fn new(
        client: Client,
        shots: Vec<Shot>,
        rules: Rules,
        volume: Volume,
        watcher: Box<dyn Fn(Moment<'_>) + Send + Sync>,
    ) -> Self {
        let per_minute = rules.policy.triggers_per_minute;
        let limits = volume.throttle.then(|| shots.iter().map(|_| Mutex::new(TriggerLimit::new(per_minute))).collect());
        Self { client, shots, limits, rules, volume, next: AtomicU64::new(0), watcher }
    }

    /// Triggers of all scripts together.
    pub fn total(&self) -> u64 {
        self.volume.repeat.saturating_mul(self.shots.len() as u64)
    }

    /// Starts the run; deliveries come out as they end, and the channel closes with the last. It holds few of them: whoever
    /// reads slowly slows the run down rather than filling the memory. After a stop, what is under way comes out as
    /// interrupted and nothing new begins.
    ///
    /// Runs on threads of its own.
    ///
    /// # Errors
    /// The system gives no threads or files.
    pub fn start(self, stop: &Stop) -> Result<mpsc::Receiver<Delivery>, Diagnostic> {
        let total = self.total();
        let (sender, receiver) = mpsc::channel(256);
        if *stop.borrow() {
            return Ok(receiver);
        }
        let workers = self.volume.concurrency.get().min(usize::try_from(total).unwrap_or(usize::MAX));
        let (firing, stop, started) = (Arc::new(self), stop.clone(), Instant::now());
        let client = firing.client.with_own_pool();
        workers::start(&client, workers, move |client| {
            let (firing, sender, stop) = (Arc::clone(&firing), sender.clone(), stop.clone());
            async move { firing.work(&client, started, total, &sender, stop).await }
        })?;
        Ok(receiver)
    }

    /// One of the deliveries under way at once: takes the next trigger as soon as its last has ended.
    async fn work(&self, client: &Client, started: Instant, total: u64, sender: &mpsc::Sender<Delivery>, stop: Stop) {
        let mut ends = Ends { stop: Box::pin(stopped(stop.clone())), deadline: Deadline::new() };
        loop {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            if index >= total || is_stopped(&stop) {
                return;
            }
            let mut due = None;
            if let Some(rate) = self.volume.rate {
                // Ten years from now is never; an instant can't be much further away.
                let at = started + Duration::from_secs_f64((index as f64 / rate).min(3.0e8));
                due = Some(at);
                tokio::select! {
                    () = tokio::time::sleep_until(at.into()) => {}
                    () = &mut ends.stop => return,
                }
            }
            let Some(delivery) = self.fire(client, index, started, due, &mut ends).await else { return };
            if sender.send(delivery).await.is_err() {
                return;
            }
        }
    }

    async fn fire(
        &self,
        client: &Client,
        index: u64,
        started: Instant,
        due: Option<Instant>,
        ends: &mut Ends<impl Future<Output = ()>>,
    ) -> Option<Delivery> {
        let scripts = self.shots.len() as u64;
        let position = usize::try_from(index.checked_rem(scripts)?).ok()?;
        let shot = self.shots.get(position)?;
        let trigger = index / scripts + 1;
        let now = Instant::now();
        let mut delivery = if self.admits(position, due.unwrap_or(now).saturating_duration_since(started)) {
            // Every trigger has a sequence of its own, whichever worker it falls to.
            let random = fastrand::Rng::with_seed(self.rules.seed ^ index.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            deliver(client, shot, trigger, &self.rules, ends, random, &*self.watcher).await
        } else {
            throttled(shot, &self.rules)
        };
        delivery.trigger = trigger;
        delivery.queued_ms = due.map(|due| millis(now.saturating_duration_since(due)));
        Some(delivery)
    }

    fn admits(&self, position: usize, at: Duration) -> bool {
        let Some(limit) = self.limits.as_ref().and_then(|limits| limits.get(position)) else { return true };
        limit.lock().unwrap_or_else(PoisonError::into_inner).admits(at)
    }
}

/// Most often it is known without the lock that all workers would have to take turns at: no run starts stopped, so that a
/// stop is always a change.
fn is_stopped(stop: &Stop) -> bool {
    stop.has_changed().unwrap_or(true) && *stop.borrow()
}
