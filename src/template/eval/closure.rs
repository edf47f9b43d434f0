//! Arrow functions as values.

use std::sync::Arc;

use crate::template::Array;
use crate::template::ast::Arrow;

/// An arrow function together with the variables that it saw when it was made.
#[derive(Debug)]
pub struct Closure {
    /// Its parameters and body.
    pub(super) arrow: Arc<Arrow>,
    /// What it saw.
    pub(super) variables: Arc<Array>,
}
