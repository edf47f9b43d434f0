//! The run itself: deliveries go to the reports as they end, until all have ended or Ctrl-C comes.

use std::io;
use std::pin::pin;
use std::time::Duration;

use tokio::sync::watch;

use super::FailOn;
use super::progress::Progress;
use crate::cli::Exit;
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

/// Fires and tells the reports. Ctrl-C ends what is under way and finishes the reports; a second one leaves at once.
pub async fn fire(
    firing: Firing,
    mut report: Report,
    progress: &Progress,
    fail_on: &[FailOn],
) -> Result<Exit, Problems> {
    let (stopper, stop) = watch::channel(false);
    let mut deliveries = firing.start(&stop);
    let mut interrupt = pin!(tokio::signal::ctrl_c());
    let mut frames = tokio::time::interval(Duration::from_millis(100));
    let (mut batch, mut ended, mut failed) = (Vec::new(), 0, false);
    loop {
        tokio::select! {
            biased;
            _ = &mut interrupt => {
                if *stop.borrow() {
                    progress.finish();
                    return Ok(Exit::Interrupted);
                }
                stopper.send_replace(true);
                interrupt.set(tokio::signal::ctrl_c());
            }
            count = deliveries.recv_many(&mut batch, BATCH) => {
                if count == 0 {
                    break;
                }
                failed |= batch.iter().any(|delivery| fail_on.iter().any(|what| what.covers(delivery)));
                progress.suspend(|| batch.drain(..).try_for_each(|d| report.delivery(&d))).map_err(unwritable)?;
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

/// Results that could not be written.
pub fn unwritable(error: io::Error) -> Problems {
    Diagnostic::error(format!("can't write the results: {error}")).into()
}
