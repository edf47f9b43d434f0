//! A run of `fire`, from scripts to a verdict: scripts are resolved against their data ([`resolve`]), triggered as the load
//! profile says ([`Runner`]), delivered under the platform's rules, counted and reported in batches as they end.

mod deliver;
mod prepare;
mod runner;
mod workers;

use std::io;
use std::time::Duration;

use tokio::sync::mpsc;

use super::{Baseline, Delivery, FailOn, Run, Tally};

pub use deliver::{Callback, DeliveryEvent, PreparedScript, Rerender, Stop};
pub use prepare::{Aim, ResolvedScripts, Selection, resolve};
pub use runner::{LoadProfile, Ready, Runner};

/// The most deliveries that are reported in one batch.
const BATCH: usize = 256;
/// A run with more deliveries than this is a long one: waking the reporting thread for each of them would cost more than
/// reporting them, so it waits for some to gather.
const FEW: usize = 100;
/// How long it waits.
const PAUSE: Duration = Duration::from_millis(2);
/// How often live figures are drawn.
const FRAME: Duration = Duration::from_millis(100);

/// Receives the deliveries of a run as they end: complete, with secrets redacted.
pub trait Observer {
    /// These deliveries have ended.
    ///
    /// # Errors
    /// They can't be written down: the run ends.
    fn ended(&mut self, deliveries: &[Delivery]) -> io::Result<()>;

    /// The tally so far.
    fn frame(&mut self, tally: &Tally);

    /// Whether the results are no longer read, so that the run can end.
    fn is_abandoned(&self) -> bool;
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing that the run is held to failed.
    Passed,
    /// A delivery, a threshold or the comparison with an earlier run failed.
    Failed,
    /// It was stopped.
    Interrupted,
    /// It was stopped because its results are no longer read.
    Abandoned,
}

/// Counts and judges the deliveries of a run.
#[derive(Debug)]
pub struct Session {
    run: Run,
    tally: Tally,
}

impl Session {
    /// A session that is held against an earlier run, where there is one.
    pub fn new(run: Run, against: Option<Baseline>) -> Self {
        let tally = against.map_or_else(Tally::default, Tally::held_against);
        Self { run, tally }
    }

    /// What is fired, and what it is judged by.
    pub fn about(&self) -> &Run {
        &self.run
    }

    /// What it came to so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Runs to the end, or until it is stopped, or until the observer is abandoned. What is under way when it is stopped is
    /// reported as interrupted.
    ///
    /// # Errors
    /// The observer can't write.
    pub fn run(&mut self, ready: Ready, observer: &mut dyn Observer) -> io::Result<()> {
        let (deliveries, reporting) = ready.begin();
        reporting.block_on(self.tell(deliveries, observer))
    }

    /// Tells the observer of deliveries until all have ended. The channel is dropped where it is abandoned, which ends the
    /// workers.
    async fn tell(&mut self, mut deliveries: mpsc::Receiver<Delivery>, observer: &mut dyn Observer) -> io::Result<()> {
        let mut frames = tokio::time::interval(FRAME);
        let (mut batch, mut ended) = (Vec::new(), 0);
        loop {
            tokio::select! {
                biased;
                count = deliveries.recv_many(&mut batch, BATCH) => {
                    if count == 0 {
                        return Ok(());
                    }
                    batch.iter().for_each(|delivery| self.tally.add(delivery));
                    observer.ended(&batch)?;
                    batch.clear();
                    if observer.is_abandoned() {
                        return Ok(());
                    }
                    ended += count;
                    if ended > FEW && count < BATCH {
                        std::thread::sleep(PAUSE);
                    }
                }
                _ = frames.tick() => observer.frame(&self.tally),
            }
        }
    }

    /// The verdict on a run that has ended.
    pub fn verdict(&self, stop: &Stop, abandoned: bool) -> Verdict {
        let regressed = || self.tally.comparison(&self.run).is_some_and(|comparison| comparison.is_regression());
        let fails = |fail_on: &FailOn| fail_on.fails(&self.tally.summary(fail_on));
        if abandoned {
            Verdict::Abandoned
        } else if *stop.borrow() {
            Verdict::Interrupted
        } else if fails(&self.run.fail_on) || regressed() {
            Verdict::Failed
        } else {
            Verdict::Passed
        }
    }
}
