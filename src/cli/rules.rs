//! `hookctl rules`

use super::{Exit, Output, ResultFile};
use crate::diagnostic::Problems;
use crate::report::rules;

/// Arguments of `rules`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How to print them
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    #[command(flatten)]
    result: ResultFile,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    /// A line each
    Text,
    /// One document, with all documentation
    Json,
    /// The rules' pages, as docs/rules.md has them
    Markdown,
}

/// Lists the rules.
pub fn run(args: &Args, output: &Output) -> Result<Exit, Problems> {
    let results = output.to_file(args.result.path());
    let text = match args.format {
        Format::Text => rules::table(results.stdout_terminal.then(|| results.width())),
        Format::Json => rules::json(),
        Format::Markdown => rules::document(),
    };
    results.result(&text, args.result.path())?;
    Ok(Exit::Clean)
}
