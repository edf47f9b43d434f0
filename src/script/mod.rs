//! A script file as typed values, each with its place in the text. Takes text, gives a [`Script`] and every problem found.

pub mod credentials;
mod matcher;
mod model;
mod read;
pub(crate) mod reader;

pub use matcher::Matcher;
pub use model::*;
pub use read::read;
