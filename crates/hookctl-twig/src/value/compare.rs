//! How PHP 8 compares values of any two types.

use std::cmp::Ordering;
use std::sync::Arc;

use super::{Array, Number, Value, float_text};
use crate::error::Failure;

impl Value {
    /// PHP's `===`: same type, same value; arrays also in the same order; captured text and objects only themselves.
    pub(crate) fn identical(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Float(a), Value::Float(b)) => a == b,
            (Value::Str(a), Value::Str(b)) => a == b,
            (Value::Bytes(a), Value::Bytes(b)) => a == b,
            (Value::Markup(a), Value::Markup(b)) => Arc::ptr_eq(a, b),
            (Value::Closure(a), Value::Closure(b)) => a.is(b),
            (Value::Object(a), Value::Object(b)) => Arc::ptr_eq(a, b),
            (Value::Array(a), Value::Array(b)) => {
                Arc::ptr_eq(a, b)
                    || (a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.0 == b.0 && a.1.identical(b.1)))
            }
            _ => false,
        }
    }

    /// PHP's `==`.
    pub(crate) fn loose_eq(&self, other: &Value) -> Result<bool, Failure> {
        match (self, other) {
            (Value::Str(a), Value::Str(b)) => Ok(texts_equal(a, b)),
            _ => Ok(self.spaceship(other)? == 0),
        }
    }

    /// PHP's `<`. (`a > b` is `b < a`.)
    pub(crate) fn less(&self, other: &Value) -> Result<bool, Failure> {
        Ok(self.spaceship(other)? < 0)
    }

    /// PHP's `<=`. (`a >= b` is `b <= a`.)
    pub(crate) fn less_or_equal(&self, other: &Value) -> Result<bool, Failure> {
        Ok(self.spaceship(other)? <= 0)
    }

    /// PHP's `<=>`: -1, 0 or 1; what can't be compared is 1. Fails for intervals, and objects against numbers.
    pub(crate) fn spaceship(&self, other: &Value) -> Result<i64, Failure> {
        Ok(match (self, other) {
            (Value::Int(a), Value::Int(b)) => sign(a.cmp(b)),
            (Value::Int(a), Value::Float(b)) => floats(*a as f64, *b),
            (Value::Float(a), Value::Int(b)) => floats(*a, *b as f64),
            (Value::Float(a), Value::Float(b)) => floats(*a, *b),
            (Value::Str(a), Value::Str(b)) => texts(a, b),
            (Value::Null, Value::Str(b)) => -i64::from(!b.is_empty()),
            (Value::Str(a), Value::Null) => i64::from(!a.is_empty()),
            (Value::Int(a), Value::Str(b)) => int_text(*a, b),
            (Value::Str(a), Value::Int(b)) => -int_text(*b, a),
            (Value::Float(a), Value::Str(b)) => float_to_text(*a, b, 1),
            (Value::Str(a), Value::Float(b)) => -float_to_text(*b, a, -1),
            (Value::Bytes(_), Value::Bytes(_) | Value::Str(_) | Value::Markup(_))
            | (Value::Str(_) | Value::Markup(_), Value::Bytes(_)) => sign(self.to_bytes()?.cmp(&other.to_bytes()?)),
            (Value::Bytes(_), _) => Value::str(self.to_text()?).spaceship(other)?,
            (_, Value::Bytes(_)) => self.spaceship(&Value::str(other.to_text()?))?,
            (Value::Array(a), Value::Array(b)) => arrays(a, b)?,
            (Value::Markup(_) | Value::Closure(_) | Value::Object(_), _)
            | (_, Value::Markup(_) | Value::Closure(_) | Value::Object(_)) => objects(self, other)?,
            (Value::Null | Value::Bool(_), _) | (_, Value::Null | Value::Bool(_)) => {
                sign(self.is_true().cmp(&other.is_true()))
            }
            (Value::Array(_), _) => 1,
            (_, Value::Array(_)) => -1,
        })
    }

    /// The comparison that `in` makes, which is nearly `<=>`: large numbers in texts are cut to integers first.
    fn compared_for_in(&self, other: &Value) -> Result<i64, Failure> {
        match (self, other) {
            (Value::Int(a), Value::Str(b)) => Ok(int_text_for_in(*a, b)),
            (Value::Str(a), Value::Int(b)) => Ok(-int_text_for_in(*b, a)),
            _ => self.spaceship(other),
        }
    }

    /// The dialect's `self in container`: part of a text, value of an array.
    pub(crate) fn is_in(&self, container: &Value) -> Result<bool, Failure> {
        let unwrapped;
        let needle = match self {
            Value::Markup(text) => {
                unwrapped = Value::Str(Arc::clone(text));
                &unwrapped
            }
            other => other,
        };
        match container {
            Value::Str(text) | Value::Markup(text) => Ok(match needle {
                Value::Str(part) => text.contains(&**part),
                Value::Int(_) | Value::Float(_) => text.contains(&*needle.to_text()?),
                _ => false,
            }),
            Value::Array(array) => {
                for item in array.values() {
                    let found = match needle {
                        Value::Object(_) => needle.identical(item),
                        _ => needle.compared_for_in(item)? == 0,
                    };
                    if found {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            _ => Ok(false),
        }
    }
}

fn sign(order: Ordering) -> i64 {
    order as i64
}

/// Not-a-number is greater than everything, and than itself.
fn floats(a: f64, b: f64) -> i64 {
    a.partial_cmp(&b).map_or(1, sign)
}

/// Two texts compare as numbers where both are numeric.
fn texts(a: &str, b: &str) -> i64 {
    match (numeric(a), numeric(b)) {
        (Some(x), Some(y)) => match (x, y) {
            (Number::Int(x), Number::Int(y)) => sign(x.cmp(&y)),
            // Both beyond the integers and equal only because a double can't tell them apart: compare the digits.
            (Number::Float(x), Number::Float(y)) if x == y && beyond_int(a) && beyond_int(b) => sign(a.cmp(b)),
            (Number::Float(x), Number::Int(_)) if beyond_int(a) => {
                if x > 0.0 {
                    1
                } else {
                    -1
                }
            }
            (Number::Int(_), Number::Float(y)) if beyond_int(b) => {
                if y > 0.0 {
                    -1
                } else {
                    1
                }
            }
            (x, y) => floats(x.as_float(), y.as_float()),
        },
        _ => sign(a.as_bytes().cmp(b.as_bytes())),
    }
}

fn texts_equal(a: &str, b: &str) -> bool {
    a == b || texts(a, b) == 0
}

/// The number that a text is, with a quick no for texts that begin as no number does.
fn numeric(text: &str) -> Option<Number> {
    match text.as_bytes().first()? {
        first if *first <= b'9' => Number::parse(text),
        _ => None,
    }
}

/// Whether a numeric text is an integer that is too large for one.
fn beyond_int(text: &str) -> bool {
    let digits = text.trim_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}']).trim_start_matches(['+', '-']);
    digits.len() >= 19 && digits.bytes().all(|b| b.is_ascii_digit())
}

fn int_text(a: i64, b: &str) -> i64 {
    match numeric(b) {
        Some(Number::Int(b)) => sign(a.cmp(&b)),
        Some(Number::Float(b)) => floats(a as f64, b),
        None => sign(a.to_string().as_str().cmp(b)),
    }
}

fn int_text_for_in(a: i64, b: &str) -> i64 {
    match numeric(b) {
        Some(Number::Float(number)) if number as i64 as f64 == number => sign(a.cmp(&(number as i64))),
        _ => int_text(a, b),
    }
}

fn float_to_text(a: f64, b: &str, for_nan: i64) -> i64 {
    if a.is_nan() {
        return for_nan;
    }
    match numeric(b) {
        Some(number) => floats(a, number.as_float()),
        None => sign(float_text(a).as_str().cmp(b)),
    }
}

/// The shorter array is less; otherwise the first differing value decides; a missing key can't be compared.
fn arrays(a: &Array, b: &Array) -> Result<i64, Failure> {
    match a.len().cmp(&b.len()) {
        Ordering::Equal => {}
        different => return Ok(sign(different)),
    }
    for (key, value) in a {
        match b.get(key) {
            Some(other) => match value.spaceship(other)? {
                0 => {}
                different => return Ok(different),
            },
            None => return Ok(1),
        }
    }
    Ok(0)
}

/// Comparisons in which at least one side is an object.
fn objects(a: &Value, b: &Value) -> Result<i64, Failure> {
    match (a, b) {
        (Value::Object(x), Value::Object(y)) if Arc::ptr_eq(x, y) => Ok(0),
        (Value::Object(x), Value::Object(y)) => x.compare(y),
        (Value::Markup(x), Value::Markup(y)) => Ok(sign(x.cmp(y))),
        (Value::Markup(x), Value::Str(y)) | (Value::Str(x), Value::Markup(y)) => Ok(texts(x, y)),
        (Value::Closure(x), Value::Closure(y)) if x.is(y) => Ok(0),
        (_, Value::Int(_) | Value::Float(_)) | (Value::Int(_) | Value::Float(_), _) => {
            let help = match (a, b) {
                (Value::Markup(_), _) | (_, Value::Markup(_)) => {
                    "to compare captured text with a number, write `(text ~ '')`"
                }
                _ => "compare it with another date, `date(…)`, or compare its `|date('U')` with a number",
            };
            Err(Failure::runtime(format!("{} can't be compared with {}", b.described(), a.described())).help(help))
        }
        (Value::Null | Value::Bool(_), other) => Ok(sign(a.is_true().cmp(&other.is_true()))),
        (other, Value::Null | Value::Bool(_)) => Ok(sign(other.is_true().cmp(&b.is_true()))),
        (Value::Array(_) | Value::Str(_), _) => Ok(-1),
        _ => Ok(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(values: &[i64]) -> Value {
        Value::array(values.iter().copied().map(Value::Int).collect())
    }

    fn map(key: &str) -> Value {
        Value::array([(Key::from(key), Value::Int(1))].into_iter().collect())
    }

    use super::super::Key;

    #[test]
    fn spaceship_of_all_kinds() {
        let cases = [
            (Value::Int(0), Value::str("a"), -1),
            (Value::Int(100), Value::str("1e2"), 0),
            (Value::str("1e3"), Value::str("1000"), 0),
            (Value::str("abc"), Value::str("abd"), -1),
            (Value::str("1"), Value::str("01"), 0),
            (Value::str("1 "), Value::Int(1), 0),
            (Value::Null, Value::Bool(false), 0),
            (Value::Null, Value::str(""), 0),
            (Value::Null, Value::str("0"), -1),
            (Value::Null, Value::Int(0), 0),
            (Value::Null, list(&[]), 0),
            (Value::Null, list(&[1]), -1),
            (Value::Bool(true), Value::str("a"), 0),
            (Value::Float(f64::NAN), Value::Float(f64::NAN), 1),
            (list(&[1, 2]), list(&[1, 3]), -1),
            (list(&[9]), list(&[1, 3]), -1),
            (map("a"), map("b"), 1),
            (map("b"), map("a"), 1),
            (list(&[]), Value::Int(9), 1),
            (Value::str("z"), list(&[]), -1),
            (Value::captured("5"), Value::str("5.0"), 0),
            (Value::captured("5"), list(&[1]), 1),
            (list(&[1]), Value::captured("5"), -1),
        ];
        for (a, b, expected) in cases {
            assert_eq!(a.spaceship(&b).unwrap(), expected, "{a:?} <=> {b:?}");
        }
        assert!(Value::captured("5").spaceship(&Value::Int(5)).is_err());
    }

    #[test]
    fn in_looks_into_texts_and_arrays() {
        let cases = [
            (Value::str("b"), Value::str("abc"), true),
            (Value::str(""), Value::str(""), true),
            (Value::Int(5), Value::str("1523"), true),
            (Value::Null, Value::str("abc"), false),
            (Value::str("1"), list(&[1, 2]), true),
            (Value::str("x"), list(&[0]), false),
            (Value::Null, list(&[0]), true),
            (Value::Int(1), Value::Int(1), false),
        ];
        for (needle, container, expected) in cases {
            assert_eq!(needle.is_in(&container).unwrap(), expected, "{needle:?} in {container:?}");
        }
    }
}
