//! Errors with their places, and failures that get one from the evaluator.

use crate::span::Span;

/// What is wrong with a template, or with a render of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// Not a template.
    Syntax,
    /// A filter, function or test that does not exist, or wrong arguments for it.
    UnknownCallable,
    /// A construct of another engine, or a tag that needs files.
    NotInDialect,
    /// Strict mode: a variable or field that the data does not have.
    Undefined,
    /// Fails at run time: array to string, division by zero, unsupported operands …
    Runtime,
    /// A bound was passed: steps, output bytes, nesting, regex work.
    Bound,
}

/// An error at a place of the template's text.
#[derive(Debug, Clone, PartialEq)]
pub struct Error {
    /// What kind.
    pub kind: ErrorKind,
    /// Where, in bytes of the template's text.
    pub span: Span,
    /// What is wrong, naming the exact text.
    pub message: String,
    /// What to write instead, if that is known.
    pub help: Option<String>,
    /// The text that would fix it if put in the span's place ("did you mean"), if there is one clear answer.
    pub replacement: Option<String>,
}

/// Why a call failed; the evaluator adds the place.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// Mostly [`ErrorKind::Runtime`] or [`ErrorKind::Bound`].
    pub kind: ErrorKind,
    /// What is wrong, naming the values.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl Failure {
    /// A failure of the data: wrong type, nothing to divide by, not a date …
    pub(crate) fn runtime(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Runtime, message: message.into(), help: None }
    }

    /// A string longer than the limit of a render.
    pub(crate) fn too_long(what: &str, limit: usize) -> Self {
        let message = format!("{what} makes a string of more than {limit} bytes");
        Self { kind: ErrorKind::Bound, message, help: None }
    }

    /// The same failure with a help text.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
