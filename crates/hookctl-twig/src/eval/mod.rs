//! The evaluator: a [`Program`] and data in, text out, within bounds.

mod attribute;
mod call;
mod expression;
mod node;
mod scope;

use std::sync::Arc;

use crate::ast::{Arrow, Body, Expr, Program};
use crate::error::{Error, ErrorKind, Failure};
use crate::library::{self, Callable};
use crate::options::Options;
use crate::span::Span;
use crate::value::{Array, MAX_RANGE, Value};
use scope::Scope;

/// Most undefined places that a lenient render lists.
const MOST_UNDEFINED: usize = 100;

/// How deep evaluation may recurse, all calls together: what fits a thread's stack.
const MOST_LEVELS: u32 = 600;

type Eval<T> = Result<T, Box<Error>>;

/// An arrow function together with the variables that it saw when it was made.
struct BoundArrow {
    arrow: Arc<Arrow>,
    variables: Arc<Array>,
}

/// One render.
struct Render<'a> {
    program: &'a Program,
    options: &'a Options,
    scope: Scope<'a>,
    out: String,
    undefined: Vec<Error>,
    steps: u64,
    levels: u32,
    calls: usize,
    random: Option<fastrand::Rng>,
    /// The clock was asked.
    timed: bool,
    imports: Vec<bool>,
    captured: Value,
    /// The error inside of an arrow function, while the filter that called it returns.
    pending: Option<Box<Error>>,
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

/// Renders a template over data.
pub(crate) fn render(program: &Program, context: &Array, options: &Options) -> Result<Rendered, Error> {
    let mut render = Render::new(program, context, options);
    match render.body(&program.body) {
        Ok(()) => {
            let varies = render.timed || render.random.is_some();
            Ok(Rendered { output: render.out, undefined: render.undefined, varies })
        }
        Err(error) => Err(*error),
    }
}

/// Runs a filter, function or test with these arguments, outside of a render.
///
/// # Errors
/// What fails there.
pub(crate) fn try_call(
    program: &Program,
    callable: &Callable,
    arguments: &[Value],
    options: &Options,
) -> Result<Value, Failure> {
    let nothing = Array::new();
    (callable.run)(&mut Render::new(program, &nothing, options), arguments)
}

/// The value of an expression.
pub(crate) fn evaluate(
    program: &Program,
    expr: &Expr,
    context: &Array,
    options: &Options,
) -> Result<(Value, Vec<Error>), Error> {
    let mut render = Render::new(program, context, options);
    match render.eval(expr) {
        Ok(value) => Ok((value, render.undefined)),
        Err(error) => Err(*error),
    }
}

impl<'a> Render<'a> {
    fn new(program: &'a Program, context: &'a Array, options: &'a Options) -> Self {
        Self {
            program,
            options,
            scope: Scope::Data(context),
            out: String::new(),
            undefined: Vec::new(),
            steps: 0,
            levels: 0,
            calls: 0,
            random: None,
            timed: false,
            imports: vec![false; program.imports],
            captured: Value::Null,
            pending: None,
        }
    }

    /// A failure of the library or of a value, at the expression that it happened in.
    fn at(&mut self, span: Span, failure: Failure) -> Box<Error> {
        if let Some(inner) = self.pending.take() {
            return inner;
        }
        Box::new(Error { kind: failure.kind, span, message: failure.message, help: failure.help, replacement: None })
    }

    fn error(&self, kind: ErrorKind, span: Span, message: impl Into<String>, help: Option<String>) -> Box<Error> {
        Box::new(Error { kind, span, message: message.into(), help, replacement: None })
    }

    fn step(&mut self, span: Span) -> Eval<()> {
        self.charge_steps(1).map_err(|failure| self.at(span, failure))
    }

    fn charge_steps(&mut self, steps: u64) -> Result<(), Failure> {
        self.steps = self.steps.saturating_add(steps);
        if self.steps <= self.options.limits.steps {
            return Ok(());
        }
        Err(bound(format!("this takes more than {} steps", self.options.limits.steps), "loop over less"))
    }

    fn charge_text(&mut self, bytes: usize, span: Span) -> Eval<()> {
        self.charge_steps(library::steps_of_text(bytes)).map_err(|failure| self.at(span, failure))
    }

    /// Variables that are kept as they are now are copied when the next one is set.
    fn charge_scope(&mut self, span: Span) -> Eval<()> {
        let variables = self.scope.array().len() as u64;
        self.charge_steps(variables / 8).map_err(|failure| self.at(span, failure))
    }

    fn check_output(&mut self, length: usize, span: Span) -> Eval<()> {
        if length <= self.options.limits.output {
            return Ok(());
        }
        let failure = bound(
            format!("this makes more than {} bytes of text", self.options.limits.output),
            "write less, or loop over less",
        );
        Err(self.at(span, failure))
    }

    /// Lists may be as long as a range, and no longer.
    fn check_entries(&mut self, array: &Array, span: Span) -> Eval<()> {
        if array.len() <= MAX_RANGE {
            return Ok(());
        }
        Err(self.at(span, bound(format!("this makes a list of more than {MAX_RANGE} entries"), "loop over less")))
    }

    /// Data is nested no deeper than calls: whatever goes through it goes down the stack.
    fn check_depth(&mut self, value: &Value, span: Span) -> Eval<()> {
        let deepest = self.options.limits.depth;
        if value.depth() <= deepest {
            return Ok(());
        }
        let failure = bound(format!("this data is nested more than {deepest} levels deep"), "nest less");
        Err(self.at(span, failure))
    }

    /// Runs `inside`, one level further in.
    fn deeper<T>(&mut self, span: Span, inside: impl FnOnce(&mut Self) -> Eval<T>) -> Eval<T> {
        if self.levels >= MOST_LEVELS {
            let failure = bound("this is nested too deeply to be rendered".into(), "nest fewer macro calls");
            return Err(self.at(span, failure));
        }
        self.levels += 1;
        let result = inside(self);
        self.levels -= 1;
        result
    }

    /// Runs a macro's, a block's or an arrow's body, which must end somewhere.
    fn called<T>(&mut self, span: Span, inside: impl FnOnce(&mut Self) -> Eval<T>) -> Eval<T> {
        if self.calls >= self.options.limits.depth {
            let limit = self.options.limits.depth;
            let failure = bound(format!("calls nest more than {limit} deep"), "end the recursion with an `{% if %}`");
            return Err(self.at(span, failure));
        }
        self.calls += 1;
        let result = inside(self);
        self.calls -= 1;
        result
    }

    /// What `body` prints.
    fn capture(&mut self, body: &Body) -> Eval<String> {
        let outer = std::mem::take(&mut self.out);
        let result = self.body(body);
        let text = std::mem::replace(&mut self.out, outer);
        result.map(|()| text)
    }
}

fn bound(message: String, help: &str) -> Failure {
    Failure { kind: ErrorKind::Bound, message, help: Some(help.to_owned()) }
}
