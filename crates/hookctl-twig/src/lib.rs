#![doc = include_str!("../README.md")]
//!
//! # How it is built
//!
//! The stations: `lexer` → `parser` → `ast` → `eval`, with `value` (PHP's values and operators), `library` (filters,
//! functions and tests, as a table of signatures), `date` (PHP's formats and relative phrases) and [`analysis`] (static
//! knowledge) beside them. No two modules import each other: `tests/layers.rs` has their order, and keeps it.

pub mod analysis;
mod ast;
mod date;
mod error;
mod eval;
pub mod foreign;
mod host;
mod lexer;
mod library;
mod options;
mod parser;
#[cfg(test)]
mod robustness;
mod span;
mod suggest;
mod template;
#[cfg(test)]
mod tests;
mod token;
mod types;
mod value;

/// What is known of filters, functions and tests: for completion, documentation and redaction.
///
/// ```
/// use hookctl_twig::signatures;
///
/// let upper = signatures::filters().find(|filter| filter.name == "upper").expect("a filter");
/// assert_eq!((upper.returns.text(), upper.example, upper.output), ("string", "{{ 'Ann'|upper }}", "ANN"));
/// ```
pub mod signatures {
    pub use crate::library::{Escaping, Param, ParamType, Returns, SecretEffect, Signature, filters, functions, tests};
}

pub use analysis::{Read, Segment};
pub use error::{Error, ErrorKind, Failure};
pub use eval::Rendered;
pub use host::Host;
pub use options::{Limits, Options};
pub use span::Span;
pub use suggest::nearest;
pub use template::Template;
pub use value::{Array, Closure, Iter, Key, KeyRef, Object, Value};
