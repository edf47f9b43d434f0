//! The run itself: deliveries go to the reports as they end, until all have ended or Ctrl-C comes.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::sync::{mpsc, watch};

use super::progress::Progress;
use crate::cli::output::unwritable;
use crate::cli::{Exit, INTERRUPTED};
use crate::delivery::{Delivery, Firing};
use crate::diagnostic::{Diagnostic, Problems};
use crate::report::fire::Report;

/// Deliveries that are reported in one go, at most.
const BATCH: usize = 256;
/// A run of more deliveries than this is a long one: waking this thread for each of them would cost the run more than
/// reporting them. So it waits for some to gather.
const FEW: usize = 100;
/// As long as this. The thread sleeps: it has nothing else to do.
const PAUSE: Duration = Duration::from_millis(2);

/// Fires and tells the reports. Ctrl-C ends what is under way and finishes the reports.
pub fn fire(firing: Firing, mut report: Report, progress: &Progress) -> Result<Exit, Problems> {
    let reporting = Builder::new_current_thread().enable_time().build();
    let reporting = reporting.map_err(|error| Diagnostic::error(format!("can't start: {error}")))?;
    let (stopper, stop) = watch::channel(false);
    watch_for_interrupts(stopper, report.temporaries());
    let deliveries = firing.start(&stop)?;
    let failed = reporting.block_on(tell(deliveries, &mut report, progress))?;
    progress.finish();
    let regressed = report.comparison().is_some_and(|comparison| comparison.is_regression());
    let summary = report.finish().map_err(unwritable)?;
    let above = summary.thresholds.iter().any(|threshold| !threshold.passed);
    Ok(match (*stop.borrow(), failed || regressed || above) {
        (true, _) => Exit::Interrupted,
        (false, true) => Exit::Failed,
        (false, false) => Exit::Clean,
    })
}

/// Tells the reports of deliveries until all have ended. Has one failed?
async fn tell(
    mut deliveries: mpsc::Receiver<Delivery>,
    report: &mut Report,
    progress: &Progress,
) -> Result<bool, Problems> {
    let mut frames = tokio::time::interval(Duration::from_millis(100));
    let (mut batch, mut ended, mut failed) = (Vec::new(), 0, false);
    loop {
        tokio::select! {
            biased;
            count = deliveries.recv_many(&mut batch, BATCH) => {
                if count == 0 {
                    return Ok(failed);
                }
                failed |= batch.iter().any(|delivery| report.run().fail_on.covers(delivery).is_some());
                progress.suspend(|| report.deliveries(batch.drain(..))).map_err(unwritable)?;
                ended += count;
                if ended > FEW && count < BATCH {
                    std::thread::sleep(PAUSE);
                }
            }
            _ = frames.tick() => progress.update(report.tally()),
        }
    }
}

/// The first Ctrl-C (or the system's request to end, which a pipeline's time limit sends) stops the run. A second one leaves
/// at once, from here, and leaves nothing half-written behind: whoever reads the results may have stopped reading, so that
/// the thread that writes them waits for ever.
///
/// So all of it is on a thread of its own. It listens once this returns.
fn watch_for_interrupts(stopper: watch::Sender<bool>, temporaries: Vec<PathBuf>) {
    let (listening, listens) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build();
        if let Ok(runtime) = runtime {
            let _ = runtime.block_on(interrupts(stopper, temporaries, listening));
        }
    });
    // Where it can't listen, a signal does what it does to any program.
    let _ = listens.recv();
}

async fn interrupts(
    stopper: watch::Sender<bool>,
    temporaries: Vec<PathBuf>,
    listening: std::sync::mpsc::Sender<()>,
) -> io::Result<()> {
    let mut requests = StopRequests::listen()?;
    let _ = listening.send(());
    requests.next().await;
    stopper.send_replace(true);
    requests.next().await;
    for half_written in temporaries {
        // One that has got its name meanwhile is not there any more.
        let _ = std::fs::remove_file(half_written);
    }
    std::process::exit(INTERRUPTED.into());
}

/// Ctrl-C and, where there is such a thing, the system's request to end.
struct StopRequests {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(windows)]
    interrupt: tokio::signal::windows::CtrlC,
}

impl StopRequests {
    #[cfg(unix)]
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    #[cfg(windows)]
    fn listen() -> io::Result<Self> {
        Ok(Self { interrupt: tokio::signal::windows::ctrl_c()? })
    }

    #[cfg(unix)]
    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }

    #[cfg(windows)]
    async fn next(&mut self) {
        self.interrupt.recv().await;
    }
}
