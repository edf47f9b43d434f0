//! The report for people at a terminal: a block for each delivery when it ends, then what the run came to. A long run shows
//! the first failures only, and a line for each script at the end.

mod block;
mod paragraph;
mod strip;
mod summary;

use std::io::{self, Write};

use super::{OutputFormat, phrases};
use crate::delivery::{Delivery, Run, Tally};
use crate::text::duration::show;
use crate::text::quantity;

pub use paragraph::Layout;
use paragraph::{Paint, Paragraph, together};

/// A run of more deliveries than this shows only its first failures.
const EACH: u64 = 20;
/// How many failures of a long run are shown.
const FAILURES: u64 = 5;

/// `--format text`
#[derive(Debug)]
pub struct Text {
    layout: Layout,
    failures_shown: u64,
}

impl Text {
    /// A report laid out for a width, in color or not.
    pub fn new(layout: Layout) -> Self {
        Self { layout, failures_shown: 0 }
    }
}

impl OutputFormat for Text {
    fn start(&mut self, out: &mut dyn Write, run: &Run) -> io::Result<()> {
        let policy = &run.policy;
        let deliveries = match run.duration.map(show) {
            None => quantity::count(run.deliveries, "delivery"),
            Some(duration) if run.deliveries == u64::MAX => format!("Deliveries for {duration}"),
            Some(duration) => format!("At most {} in {duration}", quantity::count(run.deliveries, "delivery")),
        };
        let of = if run.requests.len() > 1 { format!(" of {} scripts", run.requests.len()) } else { String::new() };
        let waits = phrases::policy(policy);
        let mut head = Paragraph::default().item(&format!("{deliveries}{of}"), Paint::Bold).item(&waits, Paint::Plain);
        let most =
            if policy.retries == 0 { "no retries".into() } else { format!("at most {}", retries(policy.retries)) };
        head = head.item(&together(&most), Paint::Plain);
        if run.concurrency > 1 {
            head = head.item(&together(&format!("{} at once", run.concurrency)), Paint::Plain);
        }
        head.write(out, self.layout, "", 2)?;
        if !policy.assumed.is_empty() {
            let text = format!("assumed (not published by the platform): {}", phrases::keys(&policy.assumed));
            Paragraph::default().add(&text, Paint::Dim).write(out, self.layout, "", 2)?;
        }
        writeln!(out)
    }

    fn delivery(&mut self, out: &mut dyn Write, run: &Run, delivery: &Delivery) -> io::Result<()> {
        if run.deliveries > EACH {
            if !delivery.is_failure() || self.failures_shown == FAILURES {
                return Ok(());
            }
            self.failures_shown += 1;
        }
        block::write(out, self.layout, run, delivery)?;
        writeln!(out)?;
        out.flush()
    }

    fn finish(&mut self, out: &mut dyn Write, run: &Run, tally: &Tally) -> io::Result<()> {
        let summary = tally.summary(&run.fail_on);
        if run.deliveries > EACH {
            let more = summary.failures().saturating_sub(self.failures_shown);
            if more > 0 {
                writeln!(out, "… and {}; --format jsonl has them all\n", quantity::count(more, "more failure"))?;
            }
        }
        summary::write(out, self.layout, run, tally)
    }
}

fn retries(number: u32) -> String {
    quantity::count(u64::from(number), "retry")
}
