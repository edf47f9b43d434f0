//! Passes a run's deliveries on to the reports and the terminal.

use std::io;

use super::progress::Progress;
use crate::delivery::{Delivery, Observer, Tally};
use crate::report::fire::Report;

/// Writes the reports and draws the progress.
pub(super) struct ReportObserver {
    /// The reports.
    pub report: Report,
    /// The live display on the terminal.
    pub progress: Progress,
}

impl Observer for ReportObserver {
    fn ended(&mut self, deliveries: &[Delivery]) -> io::Result<()> {
        self.progress.suspend(|| self.report.deliveries(deliveries))
    }

    fn frame(&mut self, tally: &Tally) {
        self.progress.update(tally);
    }

    fn is_abandoned(&self) -> bool {
        self.report.reader_gone()
    }
}

impl ReportObserver {
    /// Clears the progress and closes the reports.
    ///
    /// # Errors
    /// Writing fails.
    pub(super) fn finish(self, tally: &Tally) -> io::Result<()> {
        self.progress.finish();
        self.report.finish(tally)
    }
}
