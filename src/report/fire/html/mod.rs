//! The page of `--report`: one self-contained file without scripts, for a browser or a printer.

mod page;
mod plot;

use std::error::Error;
use std::io::{self, Write};

use tera::{Context, Tera};

use super::Sink;
use crate::delivery::{Delivery, Run, Tally};
use page::{Page, Row};

/// Deliveries on the page: of those that failed, came late or were retried, and of the others.
const NOTABLE: usize = 300;
const ORDINARY: usize = 200;

/// `--report FILE.html`
#[derive(Debug)]
pub struct Html {
    generated: String,
    /// Each with its place in the run.
    notable: Vec<(u64, Row)>,
    ordinary: Vec<(u64, Row)>,
    seen: u64,
}

impl Html {
    /// A page that says when it was made.
    pub fn new(now: jiff::Timestamp) -> Self {
        let generated = now.strftime("%Y-%m-%d %H:%M UTC").to_string();
        Self { generated, notable: Vec::new(), ordinary: Vec::new(), seen: 0 }
    }
}

impl Sink for Html {
    fn start(&mut self, _: &mut dyn Write, _: &Run) -> io::Result<()> {
        Ok(())
    }

    fn delivery(&mut self, _: &mut dyn Write, run: &Run, delivery: &Delivery) -> io::Result<()> {
        self.seen += 1;
        if self.notable.len() == NOTABLE && self.ordinary.len() == ORDINARY {
            return Ok(());
        }
        let row = Row::new(run, delivery);
        let (kept, most) = if row.is_notable() { (&mut self.notable, NOTABLE) } else { (&mut self.ordinary, ORDINARY) };
        if kept.len() < most {
            kept.push((self.seen, row));
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut dyn Write, run: &Run, tally: &Tally) -> io::Result<()> {
        let mut rows = std::mem::take(&mut self.notable);
        rows.append(&mut self.ordinary);
        rows.sort_by_key(|(place, _)| *place);
        let rows = rows.into_iter().map(|(_, row)| row).collect();
        let page = Page::new(run, tally, rows, std::mem::take(&mut self.generated));
        render(&page, out).map_err(|error| match error.source().and_then(|source| source.downcast_ref::<io::Error>()) {
            // In its own words, which Tera's have not.
            Some(written) => io::Error::new(written.kind(), written.to_string()),
            None => io::Error::other(error),
        })
    }
}

fn render(page: &Page, out: &mut dyn Write) -> tera::TeraResult<()> {
    let mut tera = Tera::new();
    // By its name it is escaped as HTML.
    tera.add_raw_template("report.html", include_str!("templates/report.html"))?;
    tera.render_to("report.html", &Context::from_serialize(page)?, out)
}
