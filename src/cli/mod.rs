//! One file per command: arguments in, a call, a report out. Contains no logic.

mod explain;
mod fire;
mod interrupt;
mod limits;
mod mock;
mod output;
mod render;
mod rendering;
mod rules;
mod simulate;
mod usage;
mod validate;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ColorChoice, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::diagnostic::{Diagnostic, Problems};
use crate::project::Project;
pub use interrupt::Interrupts;
pub use output::{Output, ResultFile};
pub use rendering::Rendering;

const HELP: &str = "\
Start with:
  hookctl validate                      lint all scripts of the project
  hookctl render sync-contact --event fixtures/contact.created.json
                                        see the request that a script makes
  hookctl fire sync-contact --mock      send it to a receiver inside hookctl

`hookctl COMMAND --help` shows a command's examples and exit codes.

Exit codes:
  0    nothing wrong
  1    findings at the failing level, or a delivery that failed
  2    the command could not run: usage, or unreadable or invalid input
  130  interrupted: Ctrl-C, SIGTERM, SIGHUP or SIGQUIT; reports are finished
  141  a run ended because its results were no longer read (`| head`)";

/// The command line.
#[derive(Debug, Parser)]
#[command(name = "hookctl", version, about, after_help = HELP, max_term_width = 100, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// The project's settings file [default: hookctl.yaml in this folder or one above]
    #[arg(long, value_name = "FILE", global = true, help_heading = "Global options")]
    pub config: Option<PathBuf>,
    /// Override one setting, such as `-c policy.retry.interval=10ms`
    #[arg(short = 'c', value_name = "KEY.PATH=VALUE", global = true, help_heading = "Global options")]
    pub overrides: Vec<String>,
    /// When to print in color
    #[arg(
        long,
        alias = "colour",
        value_name = "WHEN",
        default_value = "auto",
        global = true,
        help_heading = "Global options"
    )]
    pub color: Color,
}

impl Global {
    /// Settings that are given must be valid, even for a command that doesn't use them.
    fn check(&self) -> Result<(), Problems> {
        if self.config.is_some() || !self.overrides.is_empty() {
            Project::open(self.config.as_deref(), &self.overrides)?;
        }
        Ok(())
    }
}

/// When to print in color.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set; anywhere with `CLICOLOR_FORCE`.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lint script files
    Validate(validate::Args),
    /// Explain a rule: what it finds, why that is bad, what to write instead
    Explain(explain::Args),
    /// List the rules of `validate`
    Rules(rules::Args),
    Render(render::Args),
    Fire(Box<fire::Args>),
    Mock(mock::Args),
    Limits(limits::Args),
    Simulate(simulate::Args),
}

/// The exit code after a signal to end: the one that shells use for Ctrl-C.
const INTERRUPTED: u8 = 130;
/// The exit code of a run that ended because its results were no longer read: that of a program ended by SIGPIPE.
const ABANDONED: u8 = 141;

/// How a command ended that did its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Nothing wrong: 0.
    Clean,
    /// Findings, a failed delivery, a failed test: 1.
    Failed,
    /// Ctrl-C, SIGTERM, SIGHUP or SIGQUIT: 130.
    Interrupted,
    /// The run ended because its results were no longer read (`| head`): 141.
    Abandoned,
}

/// The value of `--color`, for help and for errors about arguments.
fn color_of(args: &[OsString]) -> ColorChoice {
    let words: Vec<_> = args.iter().filter_map(|arg| arg.to_str()).collect();
    let apart = words.windows(2).find(|pair| ["--color", "--colour"].contains(&pair[0])).map(|pair| pair[1]);
    let joined = || ["--color=", "--colour="].iter().find_map(|flag| words.iter().find_map(|w| w.strip_prefix(flag)));
    match apart.or_else(joined) {
        Some("always") => ColorChoice::Always,
        Some("never") => ColorChoice::Never,
        _ => ColorChoice::Auto,
    }
}

/// Parses the arguments, runs the command, prints its problems; the code is the contract's.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    let mut command = Cli::command().color(color_of(&args));
    let words: Vec<String> = args.iter().map(|arg| arg.to_string_lossy().into_owned()).collect();
    let parsed = command.try_get_matches_from_mut(args);
    let cli = match parsed.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => {
            let error = usage::explained(error, &command, &words);
            // Help is buffered, and what is left of it is written when it is too late to tell.
            let printed = error.print().and_then(|()| io::stdout().flush());
            // A closed pipe is not an error.
            let failure = printed.err().filter(|error| error.kind() != io::ErrorKind::BrokenPipe);
            if let Some(failure) = &failure {
                let message = format!("can't write to standard output: {failure}");
                Output::new(Color::Auto).message(&Diagnostic::error(message));
            }
            return ExitCode::from(if failure.is_some() || error.use_stderr() { 2 } else { 0 });
        }
    };
    let output = Output::new(cli.global.color);
    let result: Result<Exit, Problems> = match cli.command {
        Command::Validate(args) => validate::run(&args, &cli.global, &output),
        Command::Explain(args) => cli.global.check().and_then(|()| explain::run(&args, &output)),
        Command::Rules(args) => cli.global.check().and_then(|()| rules::run(&args, &output)),
        Command::Render(args) => render::run(&args, &cli.global, &output),
        Command::Fire(args) => fire::run(&args, &cli.global, &output),
        Command::Mock(args) => cli.global.check().and_then(|()| mock::run(&args)),
        Command::Limits(args) => limits::run(&args, &cli.global, &output),
        Command::Simulate(args) => simulate::run(&args, &cli.global, &output),
    };
    match result {
        Ok(Exit::Clean) => ExitCode::SUCCESS,
        Ok(Exit::Failed) => ExitCode::from(1),
        Ok(Exit::Interrupted) => ExitCode::from(INTERRUPTED),
        Ok(Exit::Abandoned) => ExitCode::from(ABANDONED),
        Err(problems) => {
            output.problems(&problems);
            ExitCode::from(2)
        }
    }
}
