//! The template dialect (Twig 3): source text in; out come rendered text, or errors at spans, or what a template reads.
//!
//! The stations: `lexer` → `parser` → `ast` → `eval`, with `value` (PHP's values and operators), `library` (filters,
//! functions and tests, as a table of signatures), `date` (PHP's formats and relative phrases) and `reads` (static knowledge)
//! beside them. Nothing here knows what a contact is.

pub mod analysis;
mod ast;
pub mod date;
mod eval;
pub mod foreign;
mod lexer;
pub mod library;
mod parser;
#[cfg(test)]
mod robustness;
#[cfg(test)]
mod tests;
pub mod value;

use crate::span::Span;
pub use value::{Array, Key, KeyRef, Value};

/// What is wrong with a template, or with a render of it. Lint rules map kinds to rule ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// Not a template (HK101).
    Syntax,
    /// A filter, function or test that does not exist, or wrong arguments for it (HK105).
    UnknownCallable,
    /// A construct of another engine, or a tag that needs files (HK106).
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
    /// The one text that would repair it if put in the span's place ("did you mean"), if there is one clear answer.
    pub replacement: Option<String>,
}

/// How to render.
#[derive(Debug, Clone)]
pub struct Options {
    /// An undefined variable or field is an error (otherwise it is blank, and listed in [`Rendered::undefined`]).
    pub strict: bool,
    /// The default time zone, as an IANA name.
    pub timezone: String,
    /// What `now` is, in microseconds since 1970 (UTC); the clock's time where none.
    pub now: Option<i64>,
    /// Seed of `random`, `shuffle` …; unpredictable where none.
    pub seed: Option<u64>,
    /// What a render may use.
    pub limits: Limits,
}

/// What a render may use before it is ended with [`ErrorKind::Bound`].
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Evaluated nodes.
    pub steps: u64,
    /// Bytes of output and of any string made on the way.
    pub output: usize,
    /// Depth of calls, of nested data, of expressions.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { steps: 2_000_000, output: 4 << 20, depth: 128 }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self { strict: true, timezone: "UTC".into(), now: None, seed: None, limits: Limits::default() }
    }
}

/// A finished render.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rendered {
    /// The text.
    pub output: String,
    /// Lenient mode: what was undefined and went out blank, as the errors that strict mode would have given.
    pub undefined: Vec<Error>,
    /// It asked the clock or drew a random number: another render may come out otherwise.
    pub varies: bool,
}

/// A parsed template. Renders as often as one likes, from any thread.
#[derive(Debug)]
pub struct Template {
    program: ast::Program,
    late: Vec<Error>,
}

impl Template {
    /// Parses a template.
    ///
    /// # Errors
    /// Every error that can be found in one go, in the order of the text.
    pub fn parse(source: &str) -> Result<Template, Vec<Error>> {
        parser::template(source).map(Self::from)
    }

    /// Parses an expression alone, such as a trigger's condition.
    ///
    /// # Errors
    /// Every error that can be found in one go, in the order of the text.
    pub fn expression(source: &str) -> Result<Template, Vec<Error>> {
        parser::expression(source).map(Self::from)
    }

    /// Renders it over an event's data.
    ///
    /// # Errors
    /// The first thing that fails; in strict mode also what is undefined.
    pub fn render(&self, context: &Array, options: &Options) -> Result<Rendered, Error> {
        eval::render(&self.program, context, options)
    }

    /// The value of an expression (or of a template that is one `{{ … }}`), with what was undefined in lenient mode.
    ///
    /// # Errors
    /// As [`Template::render`].
    pub fn evaluate(&self, context: &Array, options: &Options) -> Result<(Value, Vec<Error>), Error> {
        match self.program.body.as_slice() {
            [ast::Node::Print(expr)] => eval::evaluate(&self.program, expr, context, options),
            _ => self.render(context, options).map(|r| (Value::from(r.output), r.undefined)),
        }
    }

    /// Whether a condition holds, as far as it is known of its parts: what `and`, `or`, `not` and `? :` join. `part` is asked
    /// for the truth of what stands at a span of the text.
    pub fn truth(&self, part: &dyn Fn(Span) -> Option<bool>) -> Option<bool> {
        match self.program.body.as_slice() {
            [ast::Node::Print(condition)] => condition.truth(part),
            _ => None,
        }
    }

    /// No tags at all: it renders to its own text.
    pub fn is_plain(&self) -> bool {
        matches!(self.program.body.as_slice(), [] | [ast::Node::Text(_)])
    }

    /// Calls that cannot work and that production finds only when it reaches them: too few or too many arguments.
    pub fn late_errors(&self) -> &[Error] {
        &self.late
    }

    /// Every variable path that it can read, in the order of the text.
    pub fn reads(&self) -> Vec<Read> {
        self.analysis(&analysis::Unknown).reads
    }

    /// What it reads, and what must fail or surprise given what is known of the data.
    pub fn analysis(&self, schema: &dyn analysis::Schema) -> analysis::Analysis {
        analysis::of_template(&self.program, schema)
    }

    /// The same of an expression that is tested, not printed.
    pub fn analysis_of_condition(&self, schema: &dyn analysis::Schema) -> analysis::Analysis {
        analysis::of_condition(&self.program, schema)
    }
}

impl From<parser::Parsed> for Template {
    fn from(parsed: parser::Parsed) -> Self {
        Self { program: parsed.program, late: parsed.late }
    }
}

/// A variable path that a template can read, known without running it.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// The root and the constant fields below it: `["contact", "first_name"]`.
    pub path: Vec<Segment>,
    /// Guarded by `??`, `default` or `is defined`: never complains when it is missing.
    pub guarded: bool,
    /// Printed as it is by `{{ … }}` (no filter, no operator around it).
    pub printed: bool,
}

/// One name of a [`Read`]'s path with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// The name.
    pub name: String,
    /// Just the name's text.
    pub span: Span,
}
