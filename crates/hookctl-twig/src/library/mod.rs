//! Filters, functions and tests of Twig's core extension, as tables of signatures.

mod arguments;
mod arrows;
mod dates;
mod encoding;
mod escape;
mod functions;
mod json;
mod lists;
mod members;
mod numbers;
mod predicates;
mod printf;
mod regex;
mod sorting;
mod striptags;
mod text;
mod wide;

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::error::Failure;
use crate::options::Options;
use crate::value::Value;
pub(crate) use arrows::{has_every, has_some, no_arrow};
pub(crate) use predicates::is_empty;
pub(crate) use regex::{check as check_regex, matches};

/// What a filter, function or test may ask of the render that it runs in.
pub trait Runtime {
    /// Calls an arrow function (or fails where `callable` is none).
    fn call(&mut self, callable: &Value, arguments: &[Value]) -> Result<Value, Failure>;
    /// How this render is done: time zone, limits.
    fn options(&self) -> &Options;
    /// What `now` is, in microseconds since 1970 (UTC).
    fn now(&mut self) -> i64;
    /// The seeded source of random numbers.
    fn random(&mut self) -> &mut fastrand::Rng;
    /// Counts work (steps) against the limits.
    fn charge(&mut self, steps: u64) -> Result<(), Failure>;
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
    /// The work that it is.
    pub cost: Cost,
    /// Runs it, with a value for each parameter (defaults filled in) and what follows.
    pub run: fn(&mut dyn Runtime, &[Value]) -> Result<Value, Failure>,
}

/// What a call does with its arguments, as far as it matters to the bound on steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// Looks at an end of lists, or at their length; goes through texts.
    Fixed,
    /// Goes through texts and through the entries of lists.
    Entries,
    /// Goes through everything in them, however deep.
    Everything,
}

/// So much of a value's weight is one step.
const WEIGHT_OF_STEP: u64 = 8;

/// Steps of going through everything in a value.
pub(crate) fn steps(value: &Value) -> u64 {
    value.weight() / WEIGHT_OF_STEP
}

/// Steps of writing a text of so many bytes.
pub(crate) fn steps_of_text(bytes: usize) -> u64 {
    bytes as u64 / 64
}

impl Cost {
    /// Steps of a call with these arguments.
    pub fn steps(self, arguments: &[Value]) -> u64 {
        let of = |value: &Value| match (self, value) {
            (Cost::Fixed, Value::Array(_)) => 0,
            (Cost::Entries, Value::Array(array)) => array.len() as u64 / WEIGHT_OF_STEP,
            _ => steps(value),
        };
        arguments.iter().map(of).fold(0, u64::saturating_add)
    }
}

/// A parameter.
#[derive(Debug)]
pub struct Param {
    /// Its name, in snake case.
    pub name: &'static str,
    /// What it is for, as far as types tell.
    pub ty: ParamType,
    /// Its default, made when the argument is not given; none: the argument is required.
    pub default: Option<fn() -> Value>,
}

impl Callable {
    const fn new(
        name: &'static str,
        params: &'static [Param],
        run: fn(&mut dyn Runtime, &[Value]) -> Result<Value, Failure>,
    ) -> Self {
        Self { name, params, variadic: false, cost: Cost::Entries, run }
    }

    const fn costs(self, cost: Cost) -> Self {
        Self { cost, ..self }
    }
}

impl Param {
    const fn required(name: &'static str) -> Self {
        Self { name, ty: ParamType::Anything, default: None }
    }

    const fn optional(name: &'static str, default: fn() -> Value) -> Self {
        Self { name, ty: ParamType::Anything, default: Some(default) }
    }

    const fn typed(self, ty: ParamType) -> Self {
        Self { ty, ..self }
    }
}

/// What a parameter is for: anything else fails, or gives what nobody wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParamType {
    /// Whatever there is.
    Anything,
    /// Texts, numbers, null.
    Text,
    /// Numbers, and texts that are numbers: others fail.
    Number,
    /// The same, but other texts are 0.
    Numeric,
    /// A date as a text, a number of seconds or an object; null is now.
    Date,
    /// Lists and mappings: anything else fails, null too.
    Array,
    /// Lists and mappings: of anything else little comes out.
    List,
    /// A mapping of what to what.
    Pairs,
    /// An arrow function.
    Arrow,
}

/// Callables by name.
type Table = LazyLock<HashMap<&'static str, &'static Callable>>;

static FILTERS: Table = LazyLock::new(|| {
    by_name(&[
        text::FILTERS,
        escape::FILTERS,
        numbers::FILTERS,
        printf::FILTERS,
        lists::FILTERS,
        arrows::FILTERS,
        json::FILTERS,
        dates::FILTERS,
    ])
});
static FUNCTIONS: Table = LazyLock::new(|| by_name(&[functions::FUNCTIONS, dates::FUNCTIONS]));
static TESTS: Table = LazyLock::new(|| by_name(&[predicates::TESTS]));

fn by_name(tables: &[&'static [Callable]]) -> HashMap<&'static str, &'static Callable> {
    tables.iter().copied().flatten().map(|callable| (callable.name, callable)).collect()
}

/// The filter of that name. (`default` looks at the expression before it, so the evaluator has it.)
pub(crate) fn filter(name: &str) -> Option<&'static Callable> {
    FILTERS.get(name).copied()
}

/// The function of that name. (`block`, `parent` and `attribute` look at the template, so the evaluator has them.)
pub(crate) fn function(name: &str) -> Option<&'static Callable> {
    FUNCTIONS.get(name).copied()
}

/// The test of that name; of a name of two words with one space between them.
pub(crate) fn test(name: &str) -> Option<&'static Callable> {
    TESTS.get(name).copied()
}

/// The names of all filters, in no order.
pub(crate) fn filter_names() -> impl Iterator<Item = &'static str> {
    FILTERS.keys().copied().chain(["default"])
}

/// The names of all functions, in no order.
pub(crate) fn function_names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.keys().copied().chain(["attribute", "block"])
}

/// The names of all tests, in no order.
pub(crate) fn test_names() -> impl Iterator<Item = &'static str> {
    TESTS.keys().copied().chain(["defined"])
}
