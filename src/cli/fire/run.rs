//! The run itself: deliveries go to the reports as they end, until all have ended or it is to stop.

use std::time::Duration;

use tokio::runtime::Builder;
use tokio::sync::mpsc;

use super::progress::Progress;
use crate::cli::output::unwritable;
use crate::cli::{Exit, Interrupts};
use crate::delivery::{Delivery, Ready};
use crate::diagnostic::{Diagnostic, Problems};
use crate::report::fire::Report;

/// Deliveries that are reported in one go, at most.
const BATCH: usize = 256;
/// A run of more deliveries than this is a long one: waking this thread for each of them would cost the run more than
/// reporting them. So it waits for some to gather.
const FEW: usize = 100;
/// As long as this. The thread sleeps: it has nothing else to do.
const PAUSE: Duration = Duration::from_millis(2);

/// Fires and tells the reports. A request to end, or a reader that goes away, ends what is under way; the reports are finished
/// with what is there.
pub fn fire(run: Ready, mut report: Report, progress: &Progress, interrupts: &Interrupts) -> Result<Exit, Problems> {
    let reporting = Builder::new_current_thread().enable_time().build();
    let reporting = reporting.map_err(|error| Diagnostic::error(format!("can't start: {error}")))?;
    let stop = interrupts.stop();
    let deliveries = run.begin();
    let failed = reporting.block_on(tell(deliveries, &mut report, progress, interrupts))?;
    progress.finish();
    let regressed = report.comparison().is_some_and(|comparison| comparison.is_regression());
    // A reader that leaves after the last delivery has not cut anything short.
    let abandoned = report.reader_gone();
    let summary = report.finish().map_err(unwritable)?;
    let above = summary.thresholds.iter().any(|threshold| !threshold.passed);
    Ok(match (abandoned, *stop.borrow(), failed || regressed || above) {
        (true, _, _) => Exit::Abandoned,
        (false, true, _) => Exit::Interrupted,
        (false, false, true) => Exit::Failed,
        (false, false, false) => Exit::Clean,
    })
}

/// Tells the reports of deliveries until all have ended. Has one failed?
async fn tell(
    mut deliveries: mpsc::Receiver<Delivery>,
    report: &mut Report,
    progress: &Progress,
    interrupts: &Interrupts,
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
                if report.reader_gone() {
                    interrupts.stop_now();
                }
                ended += count;
                if ended > FEW && count < BATCH {
                    std::thread::sleep(PAUSE);
                }
            }
            _ = frames.tick() => progress.update(report.tally()),
        }
    }
}
