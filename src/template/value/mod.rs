//! PHP's values, as far as JSON data and Twig templates can have them.

use std::sync::Arc;

use indexmap::IndexMap;

pub use super::eval::Closure;

/// A value of the dialect. Cloning is cheap.
#[derive(Debug, Clone, Default)]
pub enum Value {
    /// `null`
    #[default]
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A 64-bit integer.
    Int(i64),
    /// A double.
    Float(f64),
    /// A string.
    Str(Arc<str>),
    /// PHP's array: an ordered map.
    Array(Arc<Array>),
    /// Text that a template made (`Twig\Markup`): what a macro returns and what a block `set` or `apply` captures, unless it
    /// is empty. Prints and compares as its text, but PHP sees an object: always true in a condition, no string for
    /// `starts with` and `same as`, and arithmetic on it fails.
    Markup(Arc<str>),
    /// An arrow function; only filters, operators and functions can take one.
    Closure(Arc<Closure>),
}

/// A key of a PHP array. `"1"` and `1` are one key; build keys with [`Key::from_str`], which knows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    /// An integer key.
    Int(i64),
    /// Any other key.
    Str(Arc<str>),
}

/// PHP's array: keys are integers or strings, order is that of insertion.
#[derive(Debug, Clone, Default)]
pub struct Array {
    entries: IndexMap<Key, Value>,
    next: i64,
}

impl Array {
    /// An empty array.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many elements.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// No elements.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Appends under the next free integer key.
    pub fn push(&mut self, value: Value) {
        self.entries.insert(Key::Int(self.next), value);
        self.next += 1;
    }
}

impl Value {
    /// A string value.
    pub fn str(text: impl AsRef<str>) -> Self {
        Value::Str(Arc::from(text.as_ref()))
    }
}
