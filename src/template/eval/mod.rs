//! The evaluator.

mod closure;

pub use closure::Closure;
