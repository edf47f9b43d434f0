//! Numbers in texts, and the texts of numbers, as PHP reads and writes them.

use super::Value;

/// A number: PHP has two kinds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Number {
    /// A 64-bit integer.
    Int(i64),
    /// A double.
    Float(f64),
}

impl Number {
    /// The number as a double.
    pub(crate) fn as_float(self) -> f64 {
        match self {
            Number::Int(number) => number as f64,
            Number::Float(number) => number,
        }
    }

    /// The number that a text begins with after white space, and whether nothing but white space follows it.
    pub(crate) fn parse_prefix(text: &str) -> Option<(Number, bool)> {
        let body = text.trim_start_matches(is_space);
        let bytes = body.as_bytes();
        let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
        let sign = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
        let whole = digits(sign);
        let mut end = sign + whole;
        let mut integer = true;
        if bytes.get(end) == Some(&b'.') {
            let fraction = digits(end + 1);
            if whole + fraction == 0 {
                return None;
            }
            end += 1 + fraction;
            integer = false;
        } else if whole == 0 {
            return None;
        }
        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            let exponent = digits(end + 1 + sign);
            if exponent > 0 {
                end += 1 + sign + exponent;
                integer = false;
            }
        }
        let (number, rest) = body.split_at(end);
        let whole_text = rest.trim_start_matches(is_space).is_empty();
        let parsed = match number.parse::<i64>() {
            Ok(int) if integer => Number::Int(int),
            _ => Number::Float(number.parse().unwrap_or(0.0)),
        };
        Some((parsed, whole_text))
    }

    /// The number that a whole text is, white space around it allowed (PHP's `is_numeric`).
    pub(crate) fn parse(text: &str) -> Option<Number> {
        Number::parse_prefix(text).filter(|(_, whole)| *whole).map(|(number, _)| number)
    }
}

/// White space around numbers.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}')
}

/// Two to the 64th: the modulus of PHP's conversion of doubles to integers.
const WRAP: f64 = 18_446_744_073_709_551_616.0;

/// PHP's `(int)` of a double: cut towards zero, wrapped around beyond 64 bits, 0 for NaN and infinity.
pub(super) fn float_to_int(number: f64) -> i64 {
    if !number.is_finite() {
        return 0;
    }
    let cut = number.trunc();
    if fits_int(cut) {
        return cut as i64;
    }
    let rest = cut % WRAP;
    let positive = if rest < 0.0 { rest + WRAP } else { rest };
    positive as u64 as i64
}

/// Whether a whole double lies within the integers.
pub(crate) fn fits_int(number: f64) -> bool {
    (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&number)
}

impl Value {
    /// PHP's `(int)`. Never fails; objects give 1, as arrays with entries do.
    pub(crate) fn to_int(&self) -> i64 {
        match self {
            Value::Null => 0,
            Value::Bool(value) => i64::from(*value),
            Value::Int(number) => *number,
            Value::Float(number) => float_to_int(*number),
            Value::Str(text) | Value::Markup(text) => match Number::parse_prefix(text) {
                Some((Number::Int(number), _)) => number,
                Some((Number::Float(number), _)) => number as i64,
                None => 0,
            },
            Value::Array(array) => i64::from(!array.is_empty()),
            Value::Bytes(bytes) => Value::str(String::from_utf8_lossy(bytes)).to_int(),
            Value::Closure(_) | Value::Object(_) => 1,
        }
    }

    /// PHP's `(float)`. Never fails; objects give 1, as arrays with entries do.
    pub(crate) fn to_float(&self) -> f64 {
        match self {
            Value::Float(number) => *number,
            Value::Str(text) | Value::Markup(text) => match Number::parse_prefix(text) {
                Some((Number::Int(0), _)) if text.trim_start_matches(is_space).starts_with('-') => -0.0,
                number => number.map_or(0.0, |(number, _)| number.as_float()),
            },
            Value::Bytes(bytes) => Value::str(String::from_utf8_lossy(bytes)).to_float(),
            other => other.to_int() as f64,
        }
    }
}

/// The text of a double as printing gives it: 14 significant digits.
pub(crate) fn float_text(number: f64) -> String {
    const PRECISION: i32 = 14;
    if number == number.trunc() && number.abs() < 1e14 && (number != 0.0 || number.is_sign_positive()) {
        return (number as i64).to_string();
    }
    if !number.is_finite() {
        return not_finite(number).to_owned();
    }
    laid_out(&format!("{:.*e}", PRECISION as usize - 1, number), PRECISION, 'E')
}

/// The shortest text that reads back as the same double, as `json_encode` writes it; `exponent` is `e` or `E`.
pub(crate) fn shortest_float_text(number: f64, exponent: char) -> String {
    const PRECISION: i32 = 17;
    if !number.is_finite() {
        return not_finite(number).to_owned();
    }
    laid_out(&shortest_digits(number), PRECISION, exponent)
}

/// The shortest digits of a double, as `1.234e5`. Where two are as near to it, PHP's end in an even digit.
fn shortest_digits(number: f64) -> String {
    /// Only with this many digits or more can two neighbouring decimals read back as the same double.
    const LONG: usize = 15;
    /// If this many digits after the 5 are all 0, it is a tie: no other double comes that near to one.
    const ZEROS: usize = 40;
    let shortest = format!("{number:e}");
    let digits = shortest.split('e').next().map_or(0, |mantissa| mantissa.bytes().filter(u8::is_ascii_digit).count());
    if digits < LONG {
        return shortest;
    }
    let exact = format!("{number:.*e}", digits + ZEROS);
    let (mantissa, exponent) = exact.split_once('e').unwrap_or((&exact, "0"));
    let (kept, rest) = mantissa.split_at(mantissa.len() - 1 - ZEROS);
    let tie = rest.starts_with('5') && rest.bytes().skip(1).all(|b| b == b'0');
    let below = format!("{kept}e{exponent}");
    let even = kept.bytes().last().is_some_and(|b| b % 2 == 0);
    if tie && even && below.parse() == Ok(number) { below } else { shortest }
}

fn not_finite(number: f64) -> &'static str {
    match number {
        n if n.is_nan() => "NAN",
        n if n > 0.0 => "INF",
        _ => "-INF",
    }
}

/// Lays the digits of `1.234e5` out as PHP does: plain within the precision, otherwise with an exponent (`1.0E+25`).
fn laid_out(scientific: &str, precision: i32, exponent_sign: char) -> String {
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let all: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = match all.trim_end_matches('0') {
        "" => "0",
        rest => rest,
    };
    let point = exponent + 1;
    if point > precision || point < -3 {
        let (first, rest) = digits.split_at(1);
        let rest = if rest.is_empty() { "0" } else { rest };
        let direction = if exponent < 0 { '-' } else { '+' };
        return format!("{sign}{first}.{rest}{exponent_sign}{direction}{}", exponent.abs());
    }
    if point <= 0 {
        let zeros = "0".repeat(point.unsigned_abs() as usize);
        return if digits == "0" { format!("{sign}0") } else { format!("{sign}0.{zeros}{digits}") };
    }
    let point = point as usize;
    if digits.len() <= point {
        format!("{sign}{digits}{}", "0".repeat(point - digits.len()))
    } else {
        format!("{sign}{}.{}", &digits[..point], &digits[point..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_doubles() {
        let cases = [
            (0.1 + 0.2, "0.3", "0.30000000000000004"),
            (1.0, "1", "1"),
            (-0.0, "-0", "-0"),
            (1e25, "1.0E+25", "1.0E+25"),
            (1.5e-7, "1.5E-7", "1.5E-7"),
            (0.0001, "0.0001", "0.0001"),
            (0.00001, "1.0E-5", "1.0E-5"),
            (1e14, "1.0E+14", "100000000000000"),
            (123456789012345680.0, "1.2345678901235E+17", "1.2345678901234568E+17"),
            (1.0 / 3.0, "0.33333333333333", "0.3333333333333333"),
            (f64::INFINITY, "INF", "INF"),
            (f64::NEG_INFINITY, "-INF", "-INF"),
            (100.5, "100.5", "100.5"),
            (2f64.powi(63), "9.2233720368548E+18", "9.223372036854776E+18"),
            (3_602_879_701_896_397.0 / 4.0, "9.007199254741E+14", "900719925474099.2"),
            (-3_602_879_701_896_399.0 / 4.0, "-9.007199254741E+14", "-900719925474099.8"),
        ];
        for (number, printed, shortest) in cases {
            assert_eq!(float_text(number), printed);
            assert_eq!(shortest_float_text(number, 'E'), shortest);
        }
    }

    #[test]
    fn numbers_in_texts() {
        let int = |n| Some(Number::Int(n));
        let float = |n| Some(Number::Float(n));
        let cases = [
            ("5", int(5), int(5)),
            (" 5", int(5), int(5)),
            ("5 ", int(5), int(5)),
            ("+5", int(5), int(5)),
            ("-5.5", float(-5.5), float(-5.5)),
            (".5", float(0.5), float(0.5)),
            ("5.", float(5.0), float(5.0)),
            (".", None, None),
            ("1e3", float(1000.0), float(1000.0)),
            ("1e", int(1), None),
            ("5 apples", int(5), None),
            ("0x1A", int(0), None),
            ("", None, None),
            ("-", None, None),
            ("abc", None, None),
            ("9223372036854775808", float(9223372036854775808.0), float(9223372036854775808.0)),
        ];
        for (text, prefix, whole) in cases {
            assert_eq!(Number::parse_prefix(text).map(|(n, _)| n), prefix, "{text:?}");
            assert_eq!(Number::parse(text), whole, "{text:?}");
        }
    }

    #[test]
    fn doubles_wrap_into_integers() {
        assert_eq!(float_to_int(1.9), 1);
        assert_eq!(float_to_int(-1.9), -1);
        assert_eq!(float_to_int(f64::NAN), 0);
        assert_eq!(float_to_int(18446744073709555712.0), 4096);
        assert_eq!(Value::str("1e30").to_int(), i64::MAX);
    }
}
