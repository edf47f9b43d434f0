//! PHP's values, as far as JSON data and Twig templates can have them, with PHP 8's conversions and operators.

mod array;
mod closure;
mod compare;
mod json;
mod number;
mod object;
mod operators;
mod path;

use std::borrow::Cow;
use std::sync::Arc;

pub use array::{Array, Iter, Key, KeyRef};
pub use closure::Closure;
pub(crate) use number::{Number, fits_int, float_text, shortest_float_text};
pub use object::Object;
pub(crate) use object::ObjectKind;
pub(crate) use operators::MAX_RANGE;

use crate::error::Failure;

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
    /// A string that is not UTF-8, such as a text in another encoding. Read as text, its invalid bytes become U+FFFD.
    Bytes(Arc<[u8]>),
    /// PHP's array: an ordered map.
    Array(Arc<Array>),
    /// Text that a template made (`Twig\Markup`): what a macro returns and what a block `set` or `apply` captures, unless it
    /// is empty. Prints and compares as its text, but PHP sees an object: always true in a condition, no string for
    /// `starts with` and `same as`, and arithmetic on it fails.
    Markup(Arc<str>),
    /// An arrow function; only filters, operators and functions can take one.
    Closure(Closure),
    /// A date, an interval or a time zone.
    Object(Arc<Object>),
}

impl Value {
    /// A string value.
    pub fn str(text: impl AsRef<str>) -> Self {
        Value::Str(Arc::from(text.as_ref()))
    }

    /// An array value.
    pub fn array(array: Array) -> Self {
        Value::Array(Arc::new(array))
    }

    /// A string value of bytes.
    pub(crate) fn bytes(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Value::str(text),
            Err(_) => Value::Bytes(Arc::from(bytes)),
        }
    }

    /// Captured output: an empty one is a plain empty string, as in the reference.
    pub(crate) fn captured(text: &str) -> Self {
        if text.is_empty() { Value::str("") } else { Value::Markup(Arc::from(text)) }
    }

    /// The nesting depth of arrays: 0 for anything but an array.
    pub(crate) fn depth(&self) -> usize {
        self.as_array().map_or(0, |array| array.depth())
    }

    /// How much there is in it: 1 for a number, more for a long text, for an array all of its values together.
    pub(crate) fn weight(&self) -> u64 {
        match self {
            Value::Str(text) | Value::Markup(text) => 1 + array::text_weight(text),
            Value::Array(array) => array.weight(),
            _ => 1,
        }
    }

    /// The name of the value's type, in the words of PHP's messages.
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Float(_) => "float",
            Value::Str(_) | Value::Bytes(_) => "string",
            Value::Array(_) => "array",
            Value::Markup(_) => "captured text",
            Value::Closure(_) => "arrow function",
            Value::Object(object) => object.type_name(),
        }
    }

    /// Whether `if` and the logical operators take it as true.
    pub fn is_true(&self) -> bool {
        match self {
            Value::Null => false,
            Value::Bool(value) => *value,
            Value::Int(number) => *number != 0,
            Value::Float(number) => *number != 0.0,
            Value::Str(text) => !matches!(&**text, "" | "0"),
            Value::Array(array) => !array.is_empty(),
            Value::Bytes(_) | Value::Markup(_) | Value::Closure(_) | Value::Object(_) => true,
        }
    }

    /// The text that printing gives. Fails for arrays and objects.
    pub fn to_text(&self) -> Result<Cow<'_, str>, Failure> {
        Ok(match self {
            Value::Null | Value::Bool(false) => Cow::Borrowed(""),
            Value::Bool(true) => Cow::Borrowed("1"),
            Value::Int(number) => Cow::Owned(number.to_string()),
            Value::Float(number) => Cow::Owned(float_text(*number)),
            Value::Str(text) | Value::Markup(text) => Cow::Borrowed(text),
            Value::Bytes(bytes) => String::from_utf8_lossy(bytes),
            Value::Array(array) => return Err(array_to_text(array)),
            Value::Closure(_) => return Err(Failure::runtime("an arrow function can't be printed as text")),
            Value::Object(object) => {
                return Err(Failure::runtime(format!("a {} can't be printed as text", object.type_name()))
                    .help("format it with the `date` filter, for example `|date('Y-m-d')`"));
            }
        })
    }

    /// The bytes that printing would give if it could print any. Fails for arrays and objects.
    pub(crate) fn to_bytes(&self) -> Result<Cow<'_, [u8]>, Failure> {
        if let Value::Bytes(bytes) = self {
            return Ok(Cow::Borrowed(bytes));
        }
        Ok(match self.to_text()? {
            Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
            Cow::Owned(text) => Cow::Owned(text.into_bytes()),
        })
    }

    /// The text that printing gives, shared if the value is a string.
    pub(crate) fn to_arc(&self) -> Result<Arc<str>, Failure> {
        match self {
            Value::Str(text) | Value::Markup(text) => Ok(Arc::clone(text)),
            other => other.to_text().map(Arc::from),
        }
    }

    /// The value as it is shown in a message: JSON, cut after a while.
    pub fn shown(&self) -> String {
        const LONGEST: usize = 40;
        let text = match self {
            Value::Closure(_) | Value::Object(_) => return self.type_name().to_owned(),
            Value::Str(text) | Value::Markup(text) => format!("\"{text}\""),
            Value::Bytes(bytes) => format!("\"{}\"", String::from_utf8_lossy(bytes)),
            Value::Float(number) => float_text(*number),
            other => other.to_json().to_string(),
        };
        // What closes it is there after the cut as well.
        let (mut cut, closing) = (text.char_indices().skip(LONGEST), text.chars().next_back());
        match (cut.next(), cut.next(), closing) {
            (Some((end, _)), Some(_), Some(closing)) => format!("{}…{closing}", &text[..end]),
            _ => text,
        }
    }

    /// The value with its type, for messages: `the string "5 apples"`.
    pub(crate) fn described(&self) -> String {
        match self {
            Value::Null => "null".into(),
            Value::Array(array) if array.is_list() => format!("the list {}", self.shown()),
            Value::Array(_) => format!("the mapping {}", self.shown()),
            Value::Closure(_) => "an arrow function".into(),
            Value::Object(object) => format!("a {}", object.type_name()),
            other => format!("the {} {}", other.type_name(), other.shown()),
        }
    }

    /// The text of a string or of captured output, where the value is one.
    pub fn as_str(&self) -> Option<&Arc<str>> {
        match self {
            Value::Str(text) | Value::Markup(text) => Some(text),
            _ => None,
        }
    }

    /// The array, where the value is one.
    pub fn as_array(&self) -> Option<&Arc<Array>> {
        match self {
            Value::Array(array) => Some(array),
            _ => None,
        }
    }
}

fn array_to_text(array: &Array) -> Failure {
    let what = if array.is_list() { "a list" } else { "a mapping" };
    Failure::runtime(format!("{what} can't be printed as text"))
        .help("pick one entry, or write `|join(', ')` or `|json_encode`")
}

impl PartialEq for Value {
    /// PHP's `===`.
    fn eq(&self, other: &Self) -> bool {
        self.identical(other)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Value::Int(number)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Value::Float(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::str(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Str(Arc::from(text))
    }
}

impl From<Array> for Value {
    fn from(array: Array) -> Self {
        Value::array(array)
    }
}

impl From<Number> for Value {
    fn from(number: Number) -> Self {
        match number {
            Number::Int(number) => Value::Int(number),
            Number::Float(number) => Value::Float(number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_truth() {
        let cases = [
            (Value::Null, Some(""), false),
            (Value::Bool(true), Some("1"), true),
            (Value::Bool(false), Some(""), false),
            (Value::Int(0), Some("0"), false),
            (Value::Float(-0.0), Some("-0"), false),
            (Value::Float(f64::NAN), Some("NAN"), true),
            (Value::str("0"), Some("0"), false),
            (Value::str("0.0"), Some("0.0"), true),
            (Value::str(" "), Some(" "), true),
            (Value::array(Array::new()), None, false),
            (Value::captured("0"), Some("0"), true),
            (Value::captured(""), Some(""), false),
        ];
        for (value, text, truth) in cases {
            assert_eq!(value.to_text().ok().as_deref(), text, "{value:?}");
            assert_eq!(value.is_true(), truth, "{value:?}");
        }
    }

    #[test]
    fn what_is_cut_is_closed() {
        let list = Value::array(Array::from((0..30).map(Value::Int).collect::<Vec<_>>()));
        for (value, shown) in [
            (Value::str("a".repeat(39)), format!("\"{}\"", "a".repeat(39))),
            (Value::str("ö".repeat(40)), format!("\"{}…\"", "ö".repeat(39))),
            (list, "[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,1…]".to_owned()),
        ] {
            assert_eq!(value.shown(), shown);
        }
    }

    #[test]
    fn an_array_as_text_is_told_with_what_to_write() {
        let failure = Value::array(Array::from(vec![Value::Int(1)])).to_text().unwrap_err();
        assert_eq!(failure.message, "a list can't be printed as text");
        assert!(failure.help.unwrap().contains("join"));
    }
}
