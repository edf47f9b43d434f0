//! Filters, functions and tests of Twig's core extension. Each is one entry of a table: its signature with its documentation, and the
//! function that runs it.

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
mod signature;
mod sorting;
mod special;
mod striptags;
#[cfg(test)]
mod tests;
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
pub use signature::{Escaping, Param, ParamType, Returns, SecretEffect, Signature};

/// What a filter, function or test can use of the render that it runs in.
pub trait Runtime {
    /// Calls an arrow function; fails if `callable` is something else.
    fn call(&mut self, callable: &Value, arguments: &[Value]) -> Result<Value, Failure>;
    /// The options of this render: time zone, limits.
    fn options(&self) -> &Options;
    /// What `now` is, in microseconds since 1970 (UTC).
    fn now(&mut self) -> i64;
    /// The seeded source of random numbers.
    fn random(&mut self) -> &mut fastrand::Rng;
    /// Counts steps of work against the limits.
    fn charge(&mut self, steps: u64) -> Result<(), Failure>;
}

/// A filter, function or test that the library runs.
#[derive(Debug)]
pub struct Callable {
    /// What is known of it without running it.
    pub signature: Signature,
    /// Its cost in steps.
    pub cost: Cost,
    /// Runs it, with a value for each parameter (defaults filled in) and what follows.
    pub run: Run,
}

/// The function behind a [`Callable`].
pub(crate) type Run = fn(&mut dyn Runtime, &[Value]) -> Result<Value, Failure>;

/// How much of its arguments a call reads, for the limit on steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// Strings, but of lists only an end or the length.
    Fixed,
    /// Strings and the entries of lists.
    Entries,
    /// Everything, at any depth.
    Everything,
}

/// The weight of a value that counts as one step.
const WEIGHT_OF_STEP: u64 = 8;

/// The steps of reading everything in a value.
pub(crate) fn steps(value: &Value) -> u64 {
    value.weight() / WEIGHT_OF_STEP
}

/// Steps of writing a string of so many bytes.
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

impl Callable {
    const fn new(name: &'static str, params: &'static [Param], returns: Returns, run: Run) -> Self {
        Self { signature: Signature::new(name, params, returns), cost: Cost::Entries, run }
    }

    const fn doc(self, about: &'static str, example: &'static str, output: &'static str) -> Self {
        Self { signature: self.signature.doc(about, example, output), ..self }
    }

    const fn costs(self, cost: Cost) -> Self {
        Self { cost, ..self }
    }

    const fn variadic(self) -> Self {
        Self { signature: Signature { variadic: true, ..self.signature }, ..self }
    }

    const fn of_null(self, truth: bool) -> Self {
        Self { signature: Signature { of_null: Some(truth), ..self.signature }, ..self }
    }

    const fn escaping(self, escaping: Escaping) -> Self {
        Self { signature: Signature { escaping, ..self.signature }, ..self }
    }

    const fn keeps_secrets_recognizable(self) -> Self {
        Self { signature: Signature { secret: SecretEffect::Recognizable, ..self.signature }, ..self }
    }

    const fn internal(self) -> Self {
        Self { signature: Signature { internal: true, ..self.signature }, ..self }
    }

    const fn random(self) -> Self {
        Self { signature: Signature { random: true, ..self.signature }, ..self }
    }
}

/// Every filter that the library runs.
static FILTERS: [&[Callable]; 8] = [
    text::FILTERS,
    escape::FILTERS,
    numbers::FILTERS,
    printf::FILTERS,
    lists::FILTERS,
    arrows::FILTERS,
    json::FILTERS,
    dates::FILTERS,
];
/// Every function that the library runs.
static FUNCTIONS: [&[Callable]; 2] = [functions::FUNCTIONS, dates::FUNCTIONS];
/// Every test that the library runs.
static TESTS: [&[Callable]; 1] = [predicates::TESTS];

/// Callables by name.
type Index = LazyLock<HashMap<&'static str, &'static Callable>>;

static FILTER_INDEX: Index = LazyLock::new(|| by_name(&FILTERS));
static FUNCTION_INDEX: Index = LazyLock::new(|| by_name(&FUNCTIONS));
static TEST_INDEX: Index = LazyLock::new(|| by_name(&TESTS));

fn by_name(tables: &[&'static [Callable]]) -> HashMap<&'static str, &'static Callable> {
    tables.iter().copied().flatten().map(|callable| (callable.signature.name, callable)).collect()
}

/// The filter of that name, except for `default`, which the evaluator has.
pub(crate) fn filter(name: &str) -> Option<&'static Callable> {
    FILTER_INDEX.get(name).copied()
}

/// The function of that name, except for `block` and `attribute`, which the evaluator has.
pub(crate) fn function(name: &str) -> Option<&'static Callable> {
    FUNCTION_INDEX.get(name).copied()
}

/// The test of that name, except for `defined`, which the evaluator has. A name of two words has one space between them.
pub(crate) fn test(name: &str) -> Option<&'static Callable> {
    TEST_INDEX.get(name).copied()
}

fn signatures(
    tables: &'static [&'static [Callable]],
    special: &'static [Signature],
) -> impl Iterator<Item = &'static Signature> {
    tables.iter().copied().flatten().map(|callable| &callable.signature).chain(special)
}

/// Every filter.
pub fn filters() -> impl Iterator<Item = &'static Signature> {
    signatures(&FILTERS, special::FILTERS)
}

/// Every function.
pub fn functions() -> impl Iterator<Item = &'static Signature> {
    signatures(&FUNCTIONS, special::FUNCTIONS)
}

/// Every test.
pub fn tests() -> impl Iterator<Item = &'static Signature> {
    signatures(&TESTS, special::TESTS)
}
