//! A script file as typed values, each with its place in the text. Takes text, gives a [`Script`] and every problem found.

mod address;
mod model;

pub use address::{Address, Host, Internal, holes};
pub use model::*;
