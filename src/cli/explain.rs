//! `hookctl explain RULE`

use super::{Exit, Output};
use crate::diagnostic::{Diagnostic, Problems};
use crate::lint;
use crate::report::rules;

const HELP: &str = "\
Examples:
  hookctl explain HK103
  hookctl explain unknown-field

Exit codes:
  0    shown
  2    usage, or no such rule";

/// Arguments of `explain`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    /// A rule's id or name, such as HK103 or unknown-field
    rule: String,
}

/// Prints one rule's page.
pub(super) fn run(args: &Args, output: &Output) -> Result<Exit, Problems> {
    let Some(rule) = lint::rule(args.rule.trim()) else {
        let error = Diagnostic::error(format!("there is no rule `{}`", args.rule));
        let help = match lint::nearest_rule(&args.rule) {
            Some(known) => format!("did you mean `{known}`? `hookctl rules` lists them all"),
            None => "`hookctl rules` lists them all".to_owned(),
        };
        return Err(error.help(help).into());
    };
    output.result(&rules::page(rule, output.width()), None)?;
    Ok(Exit::Clean)
}
