//! JSON lines: each delivery when it ends, the summary last.

use std::io::{self, Write};

use serde::Serialize;

use super::Sink;
use crate::delivery::{Comparison, Delivery, Run, RunPolicy, Summary, Tally};

/// `--format jsonl`
#[derive(Debug, Default)]
pub struct JsonLines;

/// The last line: the summary, with what a JSON document has besides.
#[derive(Serialize)]
struct Last<'a> {
    version: u32,
    policy: &'a RunPolicy,
    #[serde(flatten)]
    summary: Summary,
    #[serde(skip_serializing_if = "Option::is_none")]
    comparison: Option<Comparison>,
}

impl Sink for JsonLines {
    fn start(&mut self, _: &mut dyn Write, _: &Run) -> io::Result<()> {
        Ok(())
    }

    fn delivery(&mut self, out: &mut dyn Write, _: &Run, delivery: &Delivery) -> io::Result<()> {
        line(out, delivery)
    }

    fn finish(&mut self, out: &mut dyn Write, run: &Run, tally: &Tally) -> io::Result<()> {
        line(
            out,
            &Last { version: 1, policy: &run.policy, summary: tally.summary(), comparison: tally.comparison(run) },
        )
    }
}

fn line(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    // Put together first: a hundred small writes through `dyn Write` would cost more than all the rest.
    let mut line = Vec::with_capacity(1024);
    serde_json::to_writer(&mut line, value)?;
    line.push(b'\n');
    out.write_all(&line)
}
