//! `hookctl rules`

use super::{Exit, Output, ResultFile};
use crate::diagnostic::Problems;
use crate::report::rules;

const HELP: &str = "\
Examples:
  hookctl rules
  hookctl rules --format json --output rules.json
  hookctl explain HK103             one rule, with an example

Exit codes:
  0    shown
  2    usage, or an --output that can't be written";

/// Arguments of `rules`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    #[command(flatten)]
    result: ResultFile,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    /// One line per rule
    Text,
    /// A JSON document with all documentation
    Json,
    /// Markdown, as in docs/rules.md
    Markdown,
}

/// Lists the rules.
pub(super) fn run(args: &Args, output: &Output) -> Result<Exit, Problems> {
    let results = output.to_file(args.result.path());
    let text = match args.format {
        Format::Text => rules::table(results.stdout_terminal.then(|| results.width())),
        Format::Json => rules::json(),
        Format::Markdown => rules::document(),
    };
    results.result(&text, args.result.path())?;
    Ok(Exit::Clean)
}
