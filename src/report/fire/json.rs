//! One JSON document, written as deliveries end: one line a delivery, nothing kept.

use std::io::{self, Write};

use super::{OutputFormat, v1};
use crate::delivery::{Delivery, Run, Tally};

/// `--format json`
#[derive(Debug, Default)]
pub struct Json {
    begun: bool,
    item: Vec<u8>,
}

impl OutputFormat for Json {
    fn start(&mut self, out: &mut dyn Write, run: &Run) -> io::Result<()> {
        write!(out, "{{\"version\": 1,\n \"policy\": ")?;
        serde_json::to_writer(&mut *out, &v1::Policy::from(&run.policy))?;
        write!(out, ",\n \"deliveries\": [")
    }

    fn delivery(&mut self, out: &mut dyn Write, _: &Run, delivery: &Delivery) -> io::Result<()> {
        self.item.clear();
        self.item.extend_from_slice(if self.begun { b",\n  " } else { b"\n  " });
        self.begun = true;
        serde_json::to_writer(&mut self.item, &v1::Delivery::from(delivery))?;
        out.write_all(&self.item)
    }

    fn finish(&mut self, out: &mut dyn Write, run: &Run, tally: &Tally) -> io::Result<()> {
        write!(out, "],\n \"summary\": ")?;
        serde_json::to_writer(&mut *out, &v1::Summary::from(&tally.summary(&run.fail_on)))?;
        if let Some(comparison) = tally.comparison(run) {
            write!(out, ",\n \"comparison\": ")?;
            serde_json::to_writer(&mut *out, &v1::Comparison::from(&comparison))?;
        }
        writeln!(out, "}}")
    }
}
