//! Where results and messages go: stdout or a file for results, stderr for everything else; color by the usual rules.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use super::Color;
use crate::diagnostic::{Diagnostic, Problems, Severity};
use crate::report::diagnostic::{draw, fitted};
use crate::report::stream::{Growth, Stream, is_stdout};

/// Where a command's result goes.
#[derive(Debug, Clone, clap::Args)]
pub struct ResultFile {
    /// Write the result to this file; `-` is standard output [default: -]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl ResultFile {
    /// The file; none: standard output.
    pub fn path(&self) -> Option<&Path> {
        self.output.as_deref().filter(|file| !is_stdout(file))
    }
}

/// Properties of stdout and stderr.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    /// Color in results.
    pub stdout_color: bool,
    /// Color in messages.
    pub stderr_color: bool,
    /// Results go to a terminal.
    pub stdout_terminal: bool,
    /// Messages go to a terminal: progress may be drawn.
    pub stderr_terminal: bool,
}

impl Output {
    /// Reads the properties of the streams and the environment (`NO_COLOR`, `CLICOLOR_FORCE`, `TERM=dumb`).
    pub fn new(color: Color) -> Self {
        let stdout_terminal = io::stdout().is_terminal();
        let stderr_terminal = io::stderr().is_terminal();
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        // Any value of NO_COLOR turns color off; CLICOLOR_FORCE=0 has no effect.
        let forbidden = set("NO_COLOR").is_some();
        let forced = set("CLICOLOR_FORCE").is_some_and(|value| value != "0");
        let dumb = std::env::var_os("TERM").is_some_and(|kind| kind == "dumb");
        let color = |terminal: bool| match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => !forbidden && (terminal && !dumb || forced),
        };
        let output = Self {
            stdout_color: color(stdout_terminal),
            stderr_color: color(stderr_terminal),
            stdout_terminal,
            stderr_terminal,
        };
        colored::control::set_override(output.stdout_color);
        output
    }

    /// The same for a result that goes to `file`, if there is one: without color, as wide as without a terminal.
    pub fn to_file(self, file: Option<&Path>) -> Self {
        if file.is_none() {
            return self;
        }
        colored::control::set_override(false);
        Self { stdout_color: false, stdout_terminal: false, ..self }
    }

    /// Width to lay text out for, in columns: the terminal's, or 100.
    pub fn width(&self) -> usize {
        columns(self.stdout_terminal.then(console::Term::stdout))
    }

    /// The same for messages.
    fn message_width(&self) -> usize {
        columns(self.stderr_terminal.then(console::Term::stderr))
    }

    /// Prints what stopped a command.
    pub fn problems(&self, problems: &Problems) {
        for diagnostic in &problems.0 {
            self.message(diagnostic);
        }
    }

    /// Prints a note to stderr.
    pub fn note(&self, message: impl Into<String>) {
        self.message(&Diagnostic { severity: Severity::Info, ..Diagnostic::error(message) });
    }

    /// Prints one message to stderr.
    pub fn message(&self, diagnostic: &Diagnostic) {
        let (redacted, width) = (diagnostic.clone().redact_credentials(), self.message_width());
        let diagnostic = if self.stderr_terminal { fitted(redacted, width) } else { redacted };
        let _ = writeln!(io::stderr(), "{}\n", draw(&diagnostic, self.stderr_color, width));
    }

    /// Writes a command's result to stdout, or atomically to `file` (a temporary file next to it, then a rename). A reader that
    /// has gone away by then is not an error: the work is done, and the exit code tells its result.
    pub fn result(&self, text: &str, file: Option<&Path>) -> Result<(), Problems> {
        let write = || {
            let mut stream = Stream::open(file, Growth::Whole)?;
            stream.write_with(|out| out.write_all(text.as_bytes()))?;
            stream.finish()
        };
        write().map_err(unwritable)
    }
}

/// A terminal's width; 100 without a terminal or if it is unknown.
fn columns(terminal: Option<console::Term>) -> usize {
    let columns = terminal.and_then(|terminal| terminal.size_checked()).map_or(100, |(_, columns)| columns);
    usize::from(columns).max(20)
}

/// The problem of results that could not be written; `error` says which.
pub(super) fn unwritable(error: io::Error) -> Problems {
    Diagnostic::error(error.to_string()).into()
}
