//! `hookctl limits`: the platform's rules over load.

use std::time::Duration;

use clap::ValueEnum;

use super::{Exit, Global, Output, ResultFile};
use crate::diagnostic::Problems;
use crate::policy::{LimitsTable, LoadRate};
use crate::project::Project;
use crate::report;
use crate::text::duration;

const HELP: &str = "\
Examples:
  hookctl limits
  hookctl limits --latency 12s      was that in time, and is it now?
  hookctl limits --load-rate 50% --format json
  hookctl limits --format svg --output limits.svg

Exit codes:
  0    shown
  2    usage, or invalid settings";

/// Show how long the platform waits at each load, and how it retries
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    /// Only this load: 0 (idle) to 1 (fully loaded), or a percentage [default: 0 to 1 in steps of 0.1]
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    load_rate: Option<LoadRate>,
    /// Check a response that takes this long, such as `12s`
    #[arg(long, value_name = "DURATION", value_parser = duration::parse, allow_hyphen_values = true)]
    latency: Option<Duration>,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    #[command(flatten)]
    result: ResultFile,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table and a plot
    Text,
    /// A JSON document
    Json,
    /// The plot as an image
    Svg,
}

/// Prints the rules.
pub(super) fn run(args: &Args, global: &Global, output: &Output) -> Result<Exit, Problems> {
    let project = Project::open(global.config.as_deref(), &global.overrides)?;
    let settings = &project.config.policy;
    let table = LimitsTable::new(settings, args.load_rate, args.latency);
    let results = output.to_file(args.result.path());
    let text = match args.format {
        Format::Text => report::limits::text(&table, settings, results.width()),
        Format::Json => report::limits::json(&table),
        Format::Svg => report::limits::svg(&table, settings)?,
    };
    results.result(&text, args.result.path())?;
    Ok(Exit::Clean)
}
