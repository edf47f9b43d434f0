//! PHP's operators: arithmetic, bits, concatenation, ranges, and the text tests of the dialect.

use super::number::{fits_int, float_to_int};
use super::{Array, Number, Value, float_text};
use crate::error::{ErrorKind, Failure};

/// The most entries that a range may have.
pub(crate) const MAX_RANGE: usize = 1_000_000;

/// An operator's result.
type Outcome = Result<Value, Failure>;

impl Value {
    /// `a + b`; the union of two arrays.
    pub(crate) fn add(&self, other: &Value) -> Outcome {
        if let (Value::Array(a), Value::Array(b)) = (self, other) {
            let mut union = Array::clone(a);
            for (key, value) in b.iter().filter(|(key, _)| !a.contains(*key)) {
                union.insert(key.to_owned(), value.clone());
            }
            return Ok(Value::array(union));
        }
        arithmetic(self, "+", other, i64::checked_add, |a, b| a + b)
    }

    /// `a - b`
    pub(crate) fn sub(&self, other: &Value) -> Outcome {
        arithmetic(self, "-", other, i64::checked_sub, |a, b| a - b)
    }

    /// `a * b`
    pub(crate) fn mul(&self, other: &Value) -> Outcome {
        arithmetic(self, "*", other, i64::checked_mul, |a, b| a * b)
    }

    /// `a / b`: an integer where it is one exactly.
    pub(crate) fn div(&self, other: &Value) -> Outcome {
        self.quotient("/", other)
    }

    fn quotient(&self, operator: &str, other: &Value) -> Outcome {
        let (a, b) = operands(self, operator, other)?;
        if b.as_float() == 0.0 {
            return Err(by_zero(self, operator, other));
        }
        if let (Number::Int(a), Number::Int(b)) = (a, b)
            && a.checked_rem(b) == Some(0)
        {
            return Ok(Value::Int(a / b));
        }
        Ok(Value::Float(a.as_float() / b.as_float()))
    }

    /// `a // b`: divided and rounded down, by way of a double even where the quotient is whole.
    pub(crate) fn floor_div(&self, other: &Value) -> Outcome {
        Ok(Value::Int(float_to_int(self.quotient("//", other)?.to_float().floor())))
    }

    /// `a % b`, of integers; the sign is the first operand's.
    pub(crate) fn modulo(&self, other: &Value) -> Outcome {
        self.remainder("%", other)
    }

    /// The same for a filter or test, named in the error if a side is not a number.
    pub(crate) fn remainder(&self, asked_by: &str, other: &Value) -> Outcome {
        let a = integer_operand(self, asked_by, self, other)?;
        match integer_operand(other, asked_by, self, other)? {
            0 => Err(by_zero(self, "%", other)),
            b => Ok(Value::Int(a.wrapping_rem(b))),
        }
    }

    /// `a ** b`
    pub(crate) fn pow(&self, other: &Value) -> Outcome {
        let (a, b) = operands(self, "**", other)?;
        if let (Number::Int(a), Number::Int(b)) = (a, b)
            && b >= 0
        {
            return Ok(integer_power(a, b));
        }
        Ok(Value::Float(a.as_float().powf(b.as_float())))
    }

    /// `-a`
    pub(crate) fn neg(&self) -> Outcome {
        arithmetic(self, "-", &Value::Int(-1), i64::checked_mul, |a, b| a * b)
    }

    /// `+a`: the value as a number.
    pub(crate) fn plus(&self) -> Outcome {
        self.mul(&Value::Int(1))
    }

    /// `a b-and b`
    pub(crate) fn bit_and(&self, other: &Value) -> Outcome {
        bitwise(self, "b-and", other, |a, b| a & b, |a, b| a.iter().zip(b).map(|(a, b)| a & b).collect())
    }

    /// `a b-or b`
    pub(crate) fn bit_or(&self, other: &Value) -> Outcome {
        bitwise(
            self,
            "b-or",
            other,
            |a, b| a | b,
            |a, b| {
                let byte = |bytes: &[u8], index| bytes.get(index).copied().unwrap_or(0);
                (0..a.len().max(b.len())).map(|index| byte(a, index) | byte(b, index)).collect()
            },
        )
    }

    /// `a b-xor b`
    pub(crate) fn bit_xor(&self, other: &Value) -> Outcome {
        bitwise(self, "b-xor", other, |a, b| a ^ b, |a, b| a.iter().zip(b).map(|(a, b)| a ^ b).collect())
    }

    /// `a starts with b`: of two strings; false for anything else.
    pub(crate) fn starts_with(&self, other: &Value) -> bool {
        sides(self, other).is_some_and(|(a, b)| a.starts_with(b))
    }

    /// `a ends with b`: of two strings; false for anything else.
    pub(crate) fn ends_with(&self, other: &Value) -> bool {
        sides(self, other).is_some_and(|(a, b)| a.ends_with(b))
    }

    /// `range(a, b, step)`, and `a..b` with a step of 1: of integers, doubles, or the first letters of texts.
    pub(crate) fn range(&self, end: &Value, step: &Value) -> Outcome {
        let ends = [self, end, step];
        if let Some(object) = ends.iter().find(|v| matches!(v, Value::Markup(_) | Value::Closure(_) | Value::Object(_)))
        {
            return Err(Failure::runtime(format!("a range needs numbers or letters, but got {}", object.described())));
        }
        if matches!(step, Value::Array(_)) {
            return Err(Failure::runtime(format!(
                "the step of a range must be a number, but got {}",
                step.described()
            )));
        }
        let letters = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(|text| Number::parse(text));
        let is_double = |kind: Option<Number>| matches!(kind, Some(Number::Float(_)));
        let texts = letters(self).zip(letters(end));
        let doubles = ends.iter().any(|value| matches!(value, Value::Float(_)))
            || is_double(letters(step).flatten())
            || texts.is_some_and(|(low, high)| is_double(low) || is_double(high));
        let width = step.to_float().abs();
        if doubles {
            return float_range(self.to_float(), end.to_float(), width);
        }
        if texts == Some((None, None)) {
            let first = |value: &Value| value.to_text().ok().and_then(|text| text.bytes().next()).unwrap_or(0);
            let codes = int_range(first(self).into(), first(end).into(), width)?;
            return Ok(Value::array(codes.map(|code| Value::bytes(&[code as u8])).collect()));
        }
        Ok(Value::array(int_range(self.to_int(), end.to_int(), width)?.map(Value::Int).collect()))
    }
}

/// What a value is in arithmetic; none where it is nothing.
fn operand(value: &Value) -> Option<(Number, bool)> {
    match value {
        Value::Int(number) => Some((Number::Int(*number), true)),
        Value::Float(number) => Some((Number::Float(*number), true)),
        Value::Null => Some((Number::Int(0), true)),
        Value::Bool(value) => Some((Number::Int(i64::from(*value)), true)),
        Value::Str(text) => Number::parse_prefix(text),
        Value::Bytes(bytes) => Number::parse_prefix(&String::from_utf8_lossy(bytes)),
        Value::Array(_) | Value::Markup(_) | Value::Closure(_) | Value::Object(_) => None,
    }
}

fn operands(a: &Value, operator: &str, b: &Value) -> Result<(Number, Number), Failure> {
    match (operand(a), operand(b)) {
        (Some((x, true)), Some((y, true))) => Ok((x, y)),
        _ => Err(unsupported(a, operator, b)),
    }
}

fn arithmetic(
    a: &Value,
    operator: &str,
    b: &Value,
    exact: fn(i64, i64) -> Option<i64>,
    double: fn(f64, f64) -> f64,
) -> Outcome {
    let (x, y) = match (a, b) {
        (Value::Int(x), Value::Int(y)) => (Number::Int(*x), Number::Int(*y)),
        _ => operands(a, operator, b)?,
    };
    if let (Number::Int(x), Number::Int(y)) = (x, y)
        && let Some(result) = exact(x, y)
    {
        return Ok(Value::Int(result));
    }
    Ok(Value::Float(double(x.as_float(), y.as_float())))
}

/// A power by squaring, as PHP makes it: what passes 64 bits goes on as a double from there, so the last digit is PHP's.
fn integer_power(mut base: i64, mut exponent: i64) -> Value {
    let mut power = 1_i64;
    while exponent > 0 {
        if exponent % 2 == 1 {
            exponent -= 1;
            match power.checked_mul(base) {
                Some(product) => power = product,
                None => return Value::Float(power as f64 * base as f64 * (base as f64).powf(exponent as f64)),
            }
        } else {
            exponent /= 2;
            match base.checked_mul(base) {
                Some(square) => base = square,
                None => return Value::Float(power as f64 * (base as f64 * base as f64).powf(exponent as f64)),
            }
        }
    }
    Value::Int(power)
}

/// An operand of `%` and of the bit operators.
fn integer_operand(value: &Value, operator: &str, a: &Value, b: &Value) -> Result<i64, Failure> {
    match (value, operand(value)) {
        (_, Some((Number::Int(number), true))) => Ok(number),
        (Value::Str(_), Some((Number::Float(number), true))) => Ok(number as i64),
        (_, Some((Number::Float(number), true))) => Ok(float_to_int(number)),
        _ => Err(unsupported(a, operator, b)),
    }
}

/// The bytes of two strings.
fn sides<'a>(a: &'a Value, b: &'a Value) -> Option<(&'a [u8], &'a [u8])> {
    fn bytes(value: &Value) -> Option<&[u8]> {
        match value {
            Value::Str(text) => Some(text.as_bytes()),
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }
    bytes(a).zip(bytes(b))
}

fn bitwise(
    a: &Value,
    operator: &str,
    b: &Value,
    integers: fn(i64, i64) -> i64,
    texts: fn(&[u8], &[u8]) -> Vec<u8>,
) -> Outcome {
    if let Some((a, b)) = sides(a, b) {
        return Ok(Value::bytes(&texts(a, b)));
    }
    Ok(Value::Int(integers(integer_operand(a, operator, a, b)?, integer_operand(b, operator, a, b)?)))
}

fn unsupported(a: &Value, operator: &str, b: &Value) -> Failure {
    let failure =
        |culprit: &Value| Failure::runtime(format!("`{operator}` needs numbers, but got {}", culprit.described()));
    let culprit = if matches!(operand(a), Some((_, true))) { b } else { a };
    let failure = failure(culprit);
    match (operator, culprit) {
        ("+", Value::Str(_) | Value::Markup(_)) => failure.help("to join strings, use `~` instead of `+`"),
        (_, Value::Markup(_)) => {
            failure.help("captured text never counts as a number; write `(text ~ '')` to turn it into a string first")
        }
        _ => failure,
    }
}

fn by_zero(a: &Value, operator: &str, b: &Value) -> Failure {
    Failure::runtime(format!("division by zero: {} {operator} {}", a.shown(), b.shown()))
}

fn too_large() -> Failure {
    Failure { kind: ErrorKind::Bound, message: format!("a range may have at most {MAX_RANGE} entries"), help: None }
}

fn bad_step(low: f64, high: f64, step: f64) -> Failure {
    let [from, to, step] = [low, high, step].map(float_text);
    Failure::runtime(format!("a range from {from} to {to} can't have a step of {step}"))
        .help("the step must be greater than 0 and no greater than the distance")
}

fn int_range(low: i64, high: i64, step: f64) -> Result<Box<dyn Iterator<Item = i64>>, Failure> {
    let distance = low.abs_diff(high);
    let width = float_to_int(step);
    if step <= 0.0 || width <= 0 || (distance > 0 && distance < width as u64) || !fits_int(step) {
        return Err(bad_step(low as f64, high as f64, step));
    }
    if distance / width as u64 >= MAX_RANGE as u64 {
        return Err(too_large());
    }
    let count = (distance / width as u64) as i64;
    let direction = if low <= high { width } else { -width };
    Ok(Box::new((0..=count).map(move |index| low.wrapping_add(index.wrapping_mul(direction)))))
}

fn float_range(low: f64, high: f64, step: f64) -> Outcome {
    let distance = (high - low).abs();
    if distance == 0.0 {
        return Ok(Value::array(Array::from(vec![Value::Float(low)])));
    }
    if !distance.is_finite() || step <= 0.0 || distance < step {
        return Err(bad_step(low, high, step));
    }
    // The reference rounds the quotient to the nearest whole number of steps that a double can tell.
    let count = (distance / step + 1e-9).floor();
    if count >= MAX_RANGE as f64 {
        return Err(too_large());
    }
    let direction = if low <= high { step } else { -step };
    Ok(Value::array((0..=count as i64).map(|index| Value::Float(low + index as f64 * direction)).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(outcome: Outcome) -> String {
        match outcome {
            Ok(value) => format!("{} {}", value.type_name(), value.shown()),
            Err(failure) => failure.message,
        }
    }

    #[test]
    fn arithmetic_as_in_php() {
        let int = Value::Int;
        let text = |text: &str| Value::str(text);
        let cases = [
            (text("5").add(&int(3)), "int 8"),
            (int(i64::MAX).add(&int(1)), "float 9.2233720368548E+18"),
            (int(4).div(&int(2)), "int 2"),
            (int(1).div(&int(4)), "float 0.25"),
            (int(1).div(&text("0.0")), "division by zero: 1 / \"0.0\""),
            (int(-7).floor_div(&int(2)), "int -4"),
            (int(i64::MAX).floor_div(&int(7)), "int 1317624576693539328"),
            (int(-7).modulo(&int(3)), "int -1"),
            (Value::Float(7.9).modulo(&int(3)), "int 1"),
            (int(i64::MIN).modulo(&int(-1)), "int 0"),
            (int(2).pow(&int(62)), "int 4611686018427387904"),
            (int(2).pow(&int(63)), "float 9.2233720368548E+18"),
            (int(2).pow(&int(-1)), "float 0.5"),
            (Value::Null.add(&Value::Bool(true)), "int 1"),
            (Value::Null.neg(), "int 0"),
            (Value::Float(0.0).neg(), "float -0"),
            (text("5 apples").add(&int(1)), "`+` needs numbers, but got the string \"5 apples\""),
            (int(1).mul(&Value::array(Array::new())), "`*` needs numbers, but got the list []"),
            (text("abc").bit_or(&int(1)), "`b-or` needs numbers, but got the string \"abc\""),
            (int(6).bit_and(&text("3")), "int 2"),
            (text("ab").bit_xor(&text("  ")), "string \"AB\""),
        ];
        for (outcome, expected) in cases {
            assert_eq!(shown(outcome), expected);
        }
    }

    #[test]
    fn ranges() {
        let cases = [
            (Value::Int(1), Value::Int(3), Value::Int(1), "[1,2,3]"),
            (Value::Int(10), Value::Int(1), Value::Int(3), "[10,7,4,1]"),
            (Value::Int(1), Value::Int(10), Value::Int(-4), "[1,5,9]"),
            (Value::str("a"), Value::str("e"), Value::Int(2), r#"["a","c","e"]"#),
            (Value::str("c"), Value::Int(1), Value::Int(1), "[0,1]"),
            (Value::str("1"), Value::str("3"), Value::Int(1), "[1,2,3]"),
            (Value::Int(0), Value::Int(1), Value::Float(0.25), "[0,0.25,0.5,0.75,1]"),
            (Value::Int(3), Value::Int(3), Value::Int(5), "[3]"),
        ];
        for (low, high, step, expected) in cases {
            assert_eq!(low.range(&high, &step).unwrap().to_json().to_string(), expected, "{low:?}..{high:?}");
        }
        for (low, high, step) in [(1, 3, 5), (1, 3, 0), (0, i64::MAX, 1), (i64::MIN, i64::MAX, 1)] {
            assert!(Value::Int(low).range(&Value::Int(high), &Value::Int(step)).is_err());
        }
    }
}
