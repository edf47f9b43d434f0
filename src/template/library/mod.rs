//! Filters, functions and tests of Twig's core extension, as tables of signatures.

use super::{ErrorKind, Options, Value};

/// What a filter, function or test may ask of the render that it runs in.
pub trait Runtime {
    /// Calls an arrow function (or fails where `callable` is none).
    fn call(&mut self, callable: &Value, arguments: &[Value]) -> Result<Value, Failure>;
    /// How this render is done: time zone, `now`, limits.
    fn options(&self) -> &Options;
    /// The seeded source of random numbers.
    fn random(&mut self) -> &mut fastrand::Rng;
    /// Counts work (steps) against the limits.
    fn charge(&mut self, steps: u64) -> Result<(), Failure>;
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
    pub fn runtime(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Runtime, message: message.into(), help: None }
    }

    /// The same, saying what to write instead.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// A filter, function or test.
#[derive(Debug)]
pub struct Callable {
    /// As templates write it.
    pub name: &'static str,
    /// Its parameters by the names that named arguments use; a filter's and a test's first one is the value that it stands behind.
    pub params: &'static [Param],
    /// More arguments than `params` may follow.
    pub variadic: bool,
    /// Runs it, with a value for each parameter (defaults filled in) and what follows.
    pub run: fn(&mut dyn Runtime, &[Value]) -> Result<Value, Failure>,
}

/// A parameter.
#[derive(Debug)]
pub struct Param {
    /// Its name, in snake case.
    pub name: &'static str,
    /// Its default, made when the argument is not given; none: the argument is required.
    pub default: Option<fn() -> Value>,
}

/// The filters, by name.
pub static FILTERS: &[Callable] = &[];

/// The functions, by name.
pub static FUNCTIONS: &[Callable] = &[];

/// The tests, by name.
pub static TESTS: &[Callable] = &[];

/// The filter of that name. `default` is the evaluator's own.
pub fn filter(name: &str) -> Option<&'static Callable> {
    FILTERS.iter().find(|c| c.name == name)
}

/// The function of that name. `block` and `attribute` are the evaluator's own.
pub fn function(name: &str) -> Option<&'static Callable> {
    FUNCTIONS.iter().find(|c| c.name == name)
}

/// The test of that name. `defined` is the evaluator's own.
pub fn test(name: &str) -> Option<&'static Callable> {
    TESTS.iter().find(|c| c.name == name)
}
