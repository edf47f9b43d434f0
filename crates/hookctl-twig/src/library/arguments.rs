//! Arguments converted as PHP's own functions do it: numbers to strings, numeric strings to numbers, null to empty.

use std::borrow::Cow;

use crate::error::Failure;
use crate::value::{Array, Number, Value};

/// A text. Null is empty; lists, mappings and objects fail.
pub(super) fn text<'a>(value: &'a Value, what: &str) -> Result<Cow<'a, str>, Failure> {
    value.to_text().map_err(|failure| Failure { message: format!("{what}: {}", failure.message), ..failure })
}

/// The bytes of a text, which need not be UTF-8.
pub(super) fn bytes<'a>(value: &'a Value, what: &str) -> Result<Cow<'a, [u8]>, Failure> {
    value.to_bytes().map_err(|failure| Failure { message: format!("{what}: {}", failure.message), ..failure })
}

/// A whole number: a double without its fraction, the value of a numeric string, 0 for null.
pub(super) fn int(value: &Value, what: &str) -> Result<i64, Failure> {
    match number(value, what)? {
        Number::Int(number) => Ok(number),
        Number::Float(number) if crate::value::fits_int(number) => Ok(number as i64),
        Number::Float(_) => Err(no_number(value, what, "a whole number")),
    }
}

/// A number: the value of a numeric string, 0 for null.
pub(super) fn number(value: &Value, what: &str) -> Result<Number, Failure> {
    match value {
        Value::Null => Ok(Number::Int(0)),
        Value::Bool(value) => Ok(Number::Int(i64::from(*value))),
        Value::Int(number) => Ok(Number::Int(*number)),
        Value::Float(number) => Ok(Number::Float(*number)),
        Value::Str(text) => Number::parse(text).ok_or_else(|| no_number(value, what, "a number")),
        _ => Err(no_number(value, what, "a number")),
    }
}

/// A boolean: any scalar value counts as one.
pub(super) fn flag(value: &Value, what: &str) -> Result<bool, Failure> {
    match value {
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Str(_) | Value::Bytes(_) => {
            Ok(value.is_true())
        }
        _ => Err(no_number(value, what, "true or false")),
    }
}

/// An array to go through.
pub(super) fn array<'a>(value: &'a Value, what: &str) -> Result<&'a Array, Failure> {
    value.as_array().map(|array| &**array).ok_or_else(|| {
        Failure::runtime(format!("{what} needs a list or mapping, but got {}", value.described()))
            .help("to turn a string into a list, write `|split(',')`")
    })
}

fn no_number(value: &Value, what: &str, wanted: &str) -> Failure {
    Failure::runtime(format!("{what} must be {wanted}, but got {}", value.described()))
}
