//! Twig 3: source text in; out come rendered text, or errors at spans, or what a template reads.
pub mod analysis;
mod ast;
mod date;
mod error;
mod eval;
pub mod foreign;
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
mod value;

pub use analysis::{Read, Segment};
pub use error::{Error, ErrorKind, Failure};
pub use eval::Rendered;
pub use options::{Limits, Options};
pub use span::Span;
pub use suggest::nearest;
pub use template::Template;
pub use value::{Array, Key, KeyRef, Value};
