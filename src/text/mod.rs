//! How text is read and written for people: durations, quantities, suggestions, lists, lines of a width.

pub mod duration;
pub mod list;
pub mod quantity;
pub mod suggest;
pub(crate) mod wrap;
