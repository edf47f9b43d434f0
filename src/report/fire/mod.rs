//! The reports of `fire`. They receive each delivery when it ends, so that none needs a whole long run in memory.

mod csv;
mod html;
mod json;
mod jsonl;
mod junit;
mod phrases;
mod text;
pub(super) mod v1;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::stream::{Growth, Stream};
use crate::delivery::{Delivery, Run, Tally};

pub use csv::Csv;
pub use html::Html;
pub use json::Json;
pub use jsonl::JsonLines;
pub use junit::Junit;
pub use text::{Layout, Text};

/// `--format`
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// A JSON document
    Json,
    /// One line per delivery as it ends, then the summary; the file can be followed while it grows
    Jsonl,
    /// For CI: one test case per delivery
    Junit,
    /// One row per delivery
    Csv,
}

impl Format {
    /// Lines are of use one by one, so that their file can be followed; a document only when it is complete.
    pub fn growth(self) -> Growth {
        match self {
            Format::Jsonl | Format::Csv => Growth::Followed,
            Format::Text | Format::Json | Format::Junit => Growth::Whole,
        }
    }
}

/// One report of a run. It receives only data whose secrets are redacted.
pub trait OutputFormat: Send {
    /// The run is about to begin.
    ///
    /// # Errors
    /// Those of writing to `out`, as everywhere here.
    fn start(&mut self, out: &mut dyn Write, run: &Run) -> io::Result<()>;

    /// A delivery has ended.
    ///
    /// # Errors
    /// Those of writing to `out`.
    fn delivery(&mut self, out: &mut dyn Write, run: &Run, delivery: &Delivery) -> io::Result<()>;

    /// The run has ended.
    ///
    /// # Errors
    /// Those of writing to `out`.
    fn finish(&mut self, out: &mut dyn Write, run: &Run, tally: &Tally) -> io::Result<()>;
}

/// All reports of a run.
pub struct Report {
    run: Run,
    sinks: Vec<(Box<dyn OutputFormat>, Stream)>,
}

impl Report {
    /// Opens the reports.
    ///
    /// # Errors
    /// Writing fails.
    pub fn start(run: Run, mut sinks: Vec<(Box<dyn OutputFormat>, Stream)>) -> io::Result<Self> {
        for (sink, stream) in &mut sinks {
            stream.write_with(|out| sink.start(out, &run))?;
        }
        Ok(Self { run, sinks })
    }

    /// Tells them of deliveries that have ended. What they write of them is out afterwards, so that who follows a run
    /// sees each delivery whole.
    ///
    /// # Errors
    /// Writing fails.
    pub fn deliveries(&mut self, ended: &[Delivery]) -> io::Result<()> {
        for delivery in ended {
            for (sink, stream) in &mut self.sinks {
                stream.write_with(|out| sink.delivery(out, &self.run, delivery))?;
            }
        }
        self.sinks.iter_mut().try_for_each(|(_, stream)| stream.write_with(|out| out.flush()))
    }

    /// Whether the reader of one of them went away, so that the rest of the run would go nowhere.
    pub fn reader_gone(&self) -> bool {
        self.sinks.iter().any(|(_, stream)| stream.reader_gone())
    }

    /// The files that are there until the reports are closed; who ends the process before has to remove them.
    pub fn temporaries(&self) -> Vec<PathBuf> {
        self.sinks.iter().filter_map(|(_, stream)| stream.temporary().map(Path::to_owned)).collect()
    }

    /// Closes the reports, also those of a run that was interrupted; files get their names now. One that can't be written
    /// leaves the others whole.
    ///
    /// # Errors
    /// The first of those of writing and renaming.
    pub fn finish(self, tally: &Tally) -> io::Result<()> {
        let close = |(mut sink, mut stream): (Box<dyn OutputFormat>, Stream)| {
            stream.write_with(|out| sink.finish(out, &self.run, tally))?;
            stream.finish()
        };
        self.sinks.into_iter().map(close).fold(Ok(()), io::Result::and)
    }
}

#[cfg(test)]
mod tests;
