//! The page of `--report`: one self-contained file for a browser or a printer. Everything can be read without JavaScript, which
//! adds searching, sorting and copying.

mod distribution;
mod headline;
mod observations;
mod page;
mod request;
mod row;
mod scale;
mod timeline;
mod tone;
mod waits;

use std::error::Error;
use std::io::{self, Write};

use tera::{Context, Tera};

use super::OutputFormat;
use crate::delivery::{Delivery, Run, Tally};
use observations::Observations;
use page::Page;
use row::{Row, is_late};

/// Deliveries on the page: those of the first rank before the others.
const ROWS: usize = 5_000;
/// Of each rank, deliveries that can be opened: those that failed or fail the run, late or retried ones, and all others.
const DETAILS: [usize; RANKS] = [300, 150, 50];
const RANKS: usize = 3;

/// `--report FILE.html`
#[derive(Debug)]
pub struct Html {
    generated: String,
    /// By rank, each in the order in which they ended.
    rows: [Vec<Row>; RANKS],
    seen: u64,
    observations: Observations,
}

impl Html {
    /// A page that says when it was made.
    pub fn new(now: jiff::Timestamp) -> Self {
        Self {
            generated: now.strftime("%Y-%m-%d %H:%M UTC").to_string(),
            rows: Default::default(),
            seen: 0,
            observations: Observations::default(),
        }
    }

    /// The rows of the page in the order in which they ended.
    fn take_rows(&mut self) -> Vec<Row> {
        let mut rows: Vec<Row> = std::mem::take(&mut self.rows).into_iter().flatten().take(ROWS).collect();
        rows.sort_by_key(|row| row.place);
        rows
    }
}

/// Which deliveries have a place on the page before others: an index into what is kept.
fn rank(run: &Run, delivery: &Delivery) -> usize {
    match () {
        () if delivery.is_failure() || run.fail_on.covers(delivery).is_some() => 0,
        () if is_late(delivery) || delivery.attempts.len() > 1 => 1,
        () => 2,
    }
}

impl OutputFormat for Html {
    fn start(&mut self, _: &mut dyn Write, _: &Run) -> io::Result<()> {
        Ok(())
    }

    fn delivery(&mut self, _: &mut dyn Write, run: &Run, delivery: &Delivery) -> io::Result<()> {
        self.seen += 1;
        self.observations.add(delivery);
        let rank = rank(run, delivery);
        let (Some(kept), Some(details)) = (self.rows.get_mut(rank), DETAILS.get(rank)) else { return Ok(()) };
        if kept.len() == ROWS {
            return Ok(());
        }
        let row = Row::new(self.seen, run, delivery);
        let row = if kept.len() < *details { row.with_details(run, delivery) } else { row };
        kept.push(row);
        Ok(())
    }

    fn finish(&mut self, out: &mut dyn Write, run: &Run, tally: &Tally) -> io::Result<()> {
        let rows = self.take_rows();
        let generated = std::mem::take(&mut self.generated);
        let page = Page::new(run, tally, &self.observations, rows, generated);
        render(&page, out).map_err(|error| match error.source().and_then(|source| source.downcast_ref::<io::Error>()) {
            // In its own words, which Tera's have not.
            Some(written) => io::Error::new(written.kind(), written.to_string()),
            None => io::Error::other(error),
        })
    }
}

/// What searches, sorts and copies.
const SCRIPT: &str = include_str!("templates/report.js");
/// Its digest: the page's Content-Security-Policy lets nothing else run, whatever got into the page.
const SCRIPT_HASH: &str = "sha256-DtXmny+lBvw/SvGiindHxW0bfIea2PobKYunvoXqGF8=";

fn render(page: &Page, out: &mut dyn Write) -> tera::TeraResult<()> {
    let mut tera = Tera::new();
    // By their names those of the page are escaped as HTML.
    tera.add_raw_templates([
        ("report.html", include_str!("templates/report.html")),
        ("plots.html", include_str!("templates/plots.html")),
        ("deliveries.html", include_str!("templates/deliveries.html")),
        ("report.css", include_str!("templates/report.css")),
        ("report.js", SCRIPT),
    ])?;
    let mut context = Context::from_serialize(page)?;
    context.insert("script_hash", SCRIPT_HASH);
    tera.render_to("report.html", &context, out)
}

#[cfg(test)]
mod tests;
