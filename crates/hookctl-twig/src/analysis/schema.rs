//! What an embedding program knows of the data.

use crate::types::Type;

/// What is known of the data that a template will see.
pub trait Schema {
    /// The type at a path of names, the variable first; `None` if nothing is known of it. `nullable` is about the value itself,
    /// not about what it is a field of.
    fn type_of(&self, path: &[String]) -> Option<Type>;
}

/// The schema of data of which nothing is known.
#[derive(Debug)]
pub struct Unknown;

impl Schema for Unknown {
    fn type_of(&self, _path: &[String]) -> Option<Type> {
        None
    }
}
