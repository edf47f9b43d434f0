//! JSON lines: each delivery when it ends, the summary last.

use std::io::{self, Write};

use serde::Serialize;

use super::{OutputFormat, v1};
use crate::delivery::{Delivery, Run, Tally};

/// What a delivery's line begins with.
const KIND: &[u8] = b"{\"type\":\"delivery\"";

/// `--format jsonl`
#[derive(Debug, Default)]
pub struct JsonLines {
    line: Vec<u8>,
}

/// The last line: the summary, with what a JSON document has besides.
#[derive(Serialize)]
struct Last<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    version: u32,
    policy: v1::Policy<'a>,
    #[serde(flatten)]
    summary: v1::Summary<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comparison: Option<v1::Comparison<'a>>,
}

impl OutputFormat for JsonLines {
    fn start(&mut self, _: &mut dyn Write, _: &Run) -> io::Result<()> {
        Ok(())
    }

    fn delivery(&mut self, out: &mut dyn Write, _: &Run, delivery: &Delivery) -> io::Result<()> {
        self.write(out, |line| {
            line.extend_from_slice(KIND);
            serde_json::to_writer(&mut *line, &v1::Delivery::from(delivery))?;
            // The delivery's members go on in the same object.
            if let Some(brace) = line.get_mut(KIND.len()) {
                *brace = b',';
            }
            Ok(())
        })
    }

    fn finish(&mut self, out: &mut dyn Write, run: &Run, tally: &Tally) -> io::Result<()> {
        let (summary, comparison) = (tally.summary(&run.fail_on), tally.comparison(run));
        let last = Last {
            kind: "summary",
            version: 1,
            policy: v1::Policy::from(&run.policy),
            summary: v1::Summary::from(&summary),
            comparison: comparison.as_ref().map(v1::Comparison::from),
        };
        self.write(out, |line| serde_json::to_writer(line, &last))
    }
}

impl JsonLines {
    fn write(
        &mut self,
        out: &mut dyn Write,
        put_together: impl FnOnce(&mut Vec<u8>) -> serde_json::Result<()>,
    ) -> io::Result<()> {
        // Put together first: a hundred small writes through `dyn Write` would cost more than all the rest.
        self.line.clear();
        put_together(&mut self.line)?;
        self.line.push(b'\n');
        out.write_all(&self.line)
    }
}
