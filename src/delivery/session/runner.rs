//! A run of deliveries: a number of triggers per script, a number at once, at a rate or as fast as deliveries end.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use tokio::sync::mpsc;

use super::deliver::{Cancellation, DeliveryEvent, PreparedScript, Stop, Trigger, deliver, stopped, throttled};
use super::workers::Workers;
use crate::delivery::attempt::Deadline;
use crate::delivery::client::Client;
use crate::delivery::plan::RunRules;
use crate::delivery::result::Delivery;
use crate::diagnostic::Diagnostic;
use crate::policy::TriggerLimit;
use crate::threads;

/// Task polls of the reporting runtime between two checks of its timers.
const TURNS: u32 = 61;

/// How many triggers, for how long, how many at once.
#[derive(Debug, Clone)]
pub struct LoadProfile {
    /// Triggers of each script, at most.
    pub repeat: u64,
    /// No trigger comes later than this; what is under way then ends as it does.
    pub duration: Option<Duration>,
    /// Deliveries under way at once, at most.
    pub concurrency: NonZeroUsize,
    /// Triggers per second over all scripts: each has its intended start, whether or not those before it have ended (an
    /// open model). None: the next starts as soon as one ends.
    pub rate: Option<f64>,
    /// Triggers over `triggers_per_minute` are not sent.
    pub throttle: bool,
}

impl LoadProfile {
    /// A trigger at that time from the start would come too late.
    fn has_passed(&self, time: Duration) -> bool {
        self.duration.is_some_and(|duration| time >= duration)
    }
}

/// A run, ready to go.
pub struct Runner {
    client: Client,
    scripts: Vec<PreparedScript>,
    limits: Option<Vec<Mutex<TriggerLimit>>>,
    rules: RunRules,
    profile: LoadProfile,
    next: AtomicU64,
    watcher: Box<dyn Fn(DeliveryEvent<'_>) + Send + Sync>,
}

impl Runner {
    /// A run of these scripts. `watcher` receives each event as it happens.
    pub fn new(
        client: Client,
        scripts: Vec<PreparedScript>,
        rules: RunRules,
        profile: LoadProfile,
        watcher: Box<dyn Fn(DeliveryEvent<'_>) + Send + Sync>,
    ) -> Self {
        let per_minute = rules.policy.triggers_per_minute;
        let limits =
            profile.throttle.then(|| scripts.iter().map(|_| Mutex::new(TriggerLimit::new(per_minute))).collect());
        Self { client, scripts, limits, rules, profile, next: AtomicU64::new(0), watcher }
    }

    /// Triggers of all scripts together.
    pub fn total(&self) -> u64 {
        self.profile.repeat.saturating_mul(self.scripts.len() as u64)
    }

    /// Gets the threads ready that the run takes, so that whatever can keep it from starting does so before anything is sent
    /// or reported.
    ///
    /// # Errors
    /// The system refuses threads or files.
    pub fn ready(self, stop: &Stop) -> Result<Ready, Diagnostic> {
        let total = self.total();
        let (sender, deliveries) = mpsc::channel(256);
        let count = self.profile.concurrency.get().min(usize::try_from(total).unwrap_or(usize::MAX));
        let client = self.client.with_own_pool();
        let firing = Arc::new(self);
        let stop_workers = stop.clone();
        let workers = Workers::ready(&client, count, move |client, started| {
            let (firing, sender, stop) = (Arc::clone(&firing), sender.clone(), stop_workers.clone());
            async move { firing.work(&client, started, total, &sender, stop).await }
        })?;
        let reporting = threads::current_thread(TURNS).map_err(|error| threads::refused(&error))?;
        Ok(Ready { workers, deliveries, stop: stop.clone(), reporting })
    }

    /// One of the deliveries under way at once: takes the next trigger as soon as its last has ended.
    async fn work(&self, client: &Client, started: Instant, total: u64, sender: &mpsc::Sender<Delivery>, stop: Stop) {
        let mut ends = Cancellation { stop: Box::pin(stopped(stop.clone())), deadline: Deadline::new() };
        loop {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            if index >= total || is_stopped(&stop) || self.profile.has_passed(started.elapsed()) {
                return;
            }
            let mut due = None;
            if let Some(rate) = self.profile.rate {
                // Ten years from now stands for never: an instant can't be much further away.
                let at = started + Duration::from_secs_f64((index as f64 / rate).min(3.0e8));
                if self.profile.has_passed(at.saturating_duration_since(started)) {
                    return;
                }
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
        ends: &mut Cancellation<impl Future<Output = ()>>,
    ) -> Option<Delivery> {
        let scripts = self.scripts.len() as u64;
        let position = usize::try_from(index.checked_rem(scripts)?).ok()?;
        let script = self.scripts.get(position)?;
        let now = Instant::now();
        let queued = due.map(|due| now.saturating_duration_since(due));
        let trigger = Trigger { number: index / scripts + 1, queued };
        if !self.admits(position, due.unwrap_or(now).saturating_duration_since(started)) {
            return Some(throttled(script, trigger, &self.rules));
        }
        // Every trigger has a sequence of its own, whichever worker it falls to.
        let random = fastrand::Rng::with_seed(self.rules.seed ^ index.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        Some(deliver(client, script, trigger, &self.rules, ends, random, &*self.watcher).await)
    }

    fn admits(&self, position: usize, at: Duration) -> bool {
        let Some(limit) = self.limits.as_ref().and_then(|limits| limits.get(position)) else { return true };
        limit.lock().unwrap_or_else(PoisonError::into_inner).admits(at)
    }
}

/// A run whose threads wait to begin.
#[derive(Debug)]
pub struct Ready {
    workers: Workers,
    deliveries: mpsc::Receiver<Delivery>,
    stop: Stop,
    reporting: Runtime,
}

impl Ready {
    /// Begins; deliveries come out as they end, and the channel closes with the last. It holds few of them: whoever reads
    /// slowly slows the run down rather than filling the memory. After a stop, what is under way comes out as interrupted and
    /// nothing new begins.
    ///
    /// The runtime is for whoever takes them out.
    pub fn begin(self) -> (mpsc::Receiver<Delivery>, Runtime) {
        if !*self.stop.borrow() {
            self.workers.begin();
        }
        (self.deliveries, self.reporting)
    }
}

/// Most often it is known without the lock that all workers would have to take turns at: no run starts stopped, so that a
/// stop is always a change.
fn is_stopped(stop: &Stop) -> bool {
    stop.has_changed().unwrap_or(true) && *stop.borrow()
}
