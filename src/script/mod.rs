//! A script file as typed values, each with its place in the text. Takes text, gives a [`Script`] and every problem found.

mod model;

pub use model::*;
