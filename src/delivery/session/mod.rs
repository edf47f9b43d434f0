//! A run of `fire`, from scripts to a verdict: scripts are resolved against their data ([`resolve`]), triggered as the load
//! profile says ([`Runner`]), delivered under the platform's rules, counted and told in batches as they end.

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

/// Deliveries that are told in one go, at most.
const BATCH: usize = 256;
/// A run of more deliveries than this is a long one: waking this thread for each of them would cost the run more than
/// reporting them. So it waits for some to gather.
const FEW: usize = 100;
/// For so long. The thread sleeps: it has nothing else to do.
const PAUSE: Duration = Duration::from_millis(2);
/// Live figures are drawn so often.
const FRAME: Duration = Duration::from_millis(100);

/// Who is told of a run while it goes on. Deliveries are complete, and their secrets redacted.
pub trait Observer {
    /// These deliveries have ended.
    ///
    /// # Errors
    /// They can't be written down: the run ends.
    fn ended(&mut self, deliveries: &[Delivery]) -> io::Result<()>;

    /// So far it has come to this.
    fn frame(&mut self, tally: &Tally);

    /// Nobody reads what is written any more, so that the rest of the run would be for nothing.
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
    /// It was stopped since nobody reads its results any more.
    Abandoned,
}

/// Counts what a run comes to, and judges it.
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
    /// told as interrupted.
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
