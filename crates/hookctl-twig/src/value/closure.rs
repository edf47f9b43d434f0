//! Arrow functions as values.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// An arrow function. What is in it is the evaluator's alone, which makes and calls it: values need not know programs.
#[derive(Clone)]
pub struct Closure(Arc<dyn Any + Send + Sync>);

impl Closure {
    /// A value of the evaluator's own function.
    pub(crate) fn new(function: impl Any + Send + Sync) -> Self {
        Self(Arc::new(function))
    }

    /// The evaluator's own function, where it is of that type.
    pub(crate) fn function<T: Any>(&self) -> Option<&T> {
        self.0.downcast_ref()
    }

    /// Whether both are the very same function.
    pub(crate) fn is(&self, other: &Closure) -> bool {
        std::ptr::addr_eq(Arc::as_ptr(&self.0), Arc::as_ptr(&other.0))
    }
}

impl fmt::Debug for Closure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Closure")
    }
}
