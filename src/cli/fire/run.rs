//! The run itself: deliveries go to the reports as they end, until all have ended or Ctrl-C comes.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::watch;

use super::FailOn;
use super::progress::Progress;
use crate::cli::{Exit, INTERRUPTED};
use crate::delivery::Firing;
use crate::diagnostic::{Diagnostic, Problems};
use crate::report::fire::Report;

/// Deliveries that are reported in one go, at most.
const BATCH: usize = 256;
/// A run of more deliveries than this is a long one: waking this thread for each of them would cost the run more than
/// reporting them. So it waits for some to gather.
const FEW: usize = 100;
/// As long as this.
const PAUSE: Duration = Duration::from_millis(2);

/// Fires and tells the reports. Ctrl-C ends what is under way and finishes the reports.
pub async fn fire(
    firing: Firing,
    mut report: Report,
    progress: &Progress,
    fail_on: &[FailOn],
) -> Result<Exit, Problems> {
    let (stopper, stop) = watch::channel(false);
    tokio::spawn(interrupts(stopper, report.temporaries()));
    let mut deliveries = firing.start(&stop);
    let mut frames = tokio::time::interval(Duration::from_millis(100));
    let (mut batch, mut ended, mut failed) = (Vec::new(), 0, false);
    loop {
        tokio::select! {
            biased;
            count = deliveries.recv_many(&mut batch, BATCH) => {
                if count == 0 {
                    break;
                }
                failed |= batch.iter().any(|delivery| fail_on.iter().any(|what| what.covers(delivery)));
                progress.suspend(|| report.deliveries(batch.drain(..))).map_err(unwritable)?;
                ended += count;
                if ended > FEW && count < BATCH {
                    tokio::time::sleep(PAUSE).await;
                }
            }
            _ = frames.tick() => progress.update(report.tally()),
        }
    }
    progress.finish();
    failed |= report.comparison().is_some_and(|comparison| comparison.is_regression());
    report.finish().map_err(unwritable)?;
    Ok(match (*stop.borrow(), failed) {
        (true, _) => Exit::Interrupted,
        (false, true) => Exit::Failed,
        (false, false) => Exit::Clean,
    })
}

/// The first Ctrl-C (or the system's request to end, which a pipeline's time limit sends) stops the run. A second one leaves
/// at once, from here, and leaves nothing half-written behind: whoever reads the results may have stopped reading, so that
/// the thread that writes them waits for ever.
async fn interrupts(stopper: watch::Sender<bool>, temporaries: Vec<PathBuf>) {
    if asked_to_stop().await.is_err() {
        return;
    }
    stopper.send_replace(true);
    if asked_to_stop().await.is_ok() {
        for half_written in temporaries {
            // One that has got its name meanwhile is not there any more.
            let _ = std::fs::remove_file(half_written);
        }
        std::process::exit(INTERRUPTED.into());
    }
}

#[cfg(unix)]
async fn asked_to_stop() -> io::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn asked_to_stop() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}

/// Results that could not be written; the error says which.
pub fn unwritable(error: io::Error) -> Problems {
    Diagnostic::error(error.to_string()).into()
}
