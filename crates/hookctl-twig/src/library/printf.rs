//! The `format` filter: PHP's `sprintf`.

use super::arguments::{bytes, text};
use super::{Callable, Param, ParamType, Returns};
use crate::error::Failure;
use crate::types::Kind;
use crate::value::{Value, float_text, shortest_float_text};

/// The table.
pub(super) const FILTERS: &[Callable] = &[Callable::new(
    "format",
    &[Param::required("format").typed(ParamType::Text)],
    Returns::Kind(Kind::Text),
    |runtime, args| {
        let format = text(&args[0], "`format`")?;
        sprintf(runtime.options().limits.output, &format, &args[1..])
    },
)
.variadic()
.of_null(false)
.doc("values put into a format, as PHP's `sprintf` does", "{{ '%05d: %s'|format(42, 'Ann') }}", "00042: Ann")];

/// The options between `%` and the letter.
#[derive(Debug)]
struct Spec {
    left: bool,
    plus: bool,
    pad: u8,
    width: usize,
    precision: Option<Precision>,
}

/// The precision after the point.
#[derive(Debug, Clone, Copy)]
enum Precision {
    /// So many decimals, digits or bytes.
    Digits(usize),
    /// `*` with -1: the fewest digits that identify the number.
    Shortest,
}

/// The most decimals of a double.
const MOST_DECIMALS: usize = 53;

fn sprintf(limit: usize, format: &str, values: &[Value]) -> Result<Value, Failure> {
    let mut reader = Reader { bytes: format.as_bytes(), at: 0, format, values, next: 0 };
    let mut out = Vec::with_capacity(format.len() + 16);
    while let Some(byte) = reader.take() {
        if byte != b'%' {
            out.push(byte);
        } else if reader.peek() == Some(b'%') {
            reader.at += 1;
            out.push(b'%');
        } else {
            reader.directive(&mut out, limit)?;
        }
        if out.len() > limit {
            return Err(too_long(limit));
        }
    }
    Ok(Value::bytes(&out))
}

fn too_long(limit: usize) -> Failure {
    Failure::too_long("`format`", limit)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    format: &'a str,
    values: &'a [Value],
    /// The value that the next directive without a number takes.
    next: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    /// Digits as a number; `None` if there is no digit.
    fn digits(&mut self) -> Result<Option<usize>, Failure> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if start == self.at {
            return Ok(None);
        }
        let text = std::str::from_utf8(&self.bytes[start..self.at]).unwrap_or_default();
        match text.parse::<i32>() {
            Ok(number) => Ok(Some(number as usize)),
            Err(_) => Err(self.wrong(&format!("the number {text} is too large"))),
        }
    }

    fn wrong(&self, what: &str) -> Failure {
        Failure::runtime(format!("invalid format \"{}\": {what}", self.format))
    }

    fn value(&mut self, number: Option<usize>) -> Result<Value, Failure> {
        let index = number.unwrap_or_else(|| {
            self.next += 1;
            self.next - 1
        });
        self.values.get(index).cloned().ok_or_else(|| {
            let given = self.values.len();
            self.wrong(&format!("it needs at least {} values, but got {given}", index + 1))
                .help("pass `format` one value per `%`; write `%%` for a percent sign")
        })
    }

    /// A number, or `*` for one of the values, which is at least `least`.
    fn number_or_value(&mut self, least: i64) -> Result<Option<i64>, Failure> {
        if self.peek() != Some(b'*') {
            return Ok(self.digits()?.map(|number| number as i64));
        }
        self.at += 1;
        let start = self.at;
        let number = match self.digits()? {
            Some(number) if self.peek() == Some(b'$') && number > 0 => {
                self.at += 1;
                Some(number - 1)
            }
            _ => {
                self.at = start;
                None
            }
        };
        match self.value(number)? {
            Value::Int(number) if (least..=2_147_483_646).contains(&number) => Ok(Some(number)),
            other => {
                Err(self.wrong(&format!("the value for `*` must be a whole number, but got {}", other.described())))
            }
        }
    }

    fn directive(&mut self, out: &mut Vec<u8>, limit: usize) -> Result<(), Failure> {
        let start = self.at;
        let number = match self.digits()? {
            Some(0) if self.peek() == Some(b'$') => return Err(self.wrong("values are numbered from 1")),
            Some(number) if self.peek() == Some(b'$') => {
                self.at += 1;
                Some(number - 1)
            }
            _ => {
                self.at = start;
                None
            }
        };
        let mut spec = Spec { left: false, plus: false, pad: b' ', width: 0, precision: None };
        loop {
            match self.peek() {
                Some(pad @ (b'0' | b' ')) => spec.pad = pad,
                Some(b'-') => spec.left = true,
                Some(b'+') => spec.plus = true,
                Some(b'\'') => {
                    self.at += 1;
                    spec.pad = self.peek().ok_or_else(|| self.wrong("the padding character is missing"))?;
                }
                _ => break,
            }
            self.at += 1;
        }
        spec.width = self.number_or_value(0)?.map_or(0, |width| width as usize);
        if spec.width > limit {
            return Err(too_long(limit));
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            spec.precision = self.number_or_value(-1)?.map(|digits| match usize::try_from(digits) {
                Ok(digits) => Precision::Digits(digits),
                Err(_) => Precision::Shortest,
            });
        }
        if self.peek() == Some(b'l') {
            self.at += 1;
        }
        let Some(letter) = self.take() else {
            return Err(self.wrong("it ends inside a directive").help("write `%%` for a percent sign"));
        };
        let value = self.value(number)?;
        let short = matches!(letter, b'g' | b'G' | b'h' | b'H');
        match spec.precision {
            Some(Precision::Shortest) if !short => {
                Err(self.wrong("a precision of -1 works only with %g, %G, %h and %H"))
            }
            Some(Precision::Shortest) => {
                let exponent = if letter.is_ascii_uppercase() { 'E' } else { 'e' };
                let text = shortest_float_text(numeric(&value)?.to_float(), exponent);
                pad(out, &spec, spec.signed(text).as_bytes(), true);
                Ok(())
            }
            Some(Precision::Digits(digits)) => self.write(out, &spec, Some(digits), letter, &value),
            None => self.write(out, &spec, None, letter, &value),
        }
    }

    fn write(
        &self,
        out: &mut Vec<u8>,
        spec: &Spec,
        precision: Option<usize>,
        letter: u8,
        value: &Value,
    ) -> Result<(), Failure> {
        let number = || numeric(value);
        // PHP cuts these to no digit where there is a precision.
        let bits = |out: &mut Vec<u8>, text: String| {
            pad(out, spec, if precision.is_some() { b"" } else { text.as_bytes() }, false);
        };
        match letter {
            b'%' => out.push(b'%'),
            b's' => {
                let text = bytes(value, "`format`")?;
                let length = precision.map_or(text.len(), |precision| precision.min(text.len()));
                pad(out, spec, &text[..length], false);
            }
            b'd' => {
                let number = number()?.to_int();
                let sign = if spec.plus && number >= 0 { "+" } else { "" };
                pad(out, &spec.without_trailing_zeros(), format!("{sign}{number}").as_bytes(), true);
            }
            b'u' => {
                let text = (number()?.to_int() as u64).to_string();
                pad(out, &spec.without_trailing_zeros(), text.as_bytes(), false);
            }
            b'x' => bits(out, format!("{:x}", number()?.to_int())),
            b'X' => bits(out, format!("{:X}", number()?.to_int())),
            b'o' => bits(out, format!("{:o}", number()?.to_int())),
            b'b' => bits(out, format!("{:b}", number()?.to_int())),
            b'c' => out.push(number()?.to_int() as u8),
            b'e' | b'E' | b'f' | b'F' | b'g' | b'G' | b'h' | b'H' => {
                if precision.is_some_and(|precision| precision > MOST_DECIMALS) {
                    return Err(self.wrong(&format!("at most {MOST_DECIMALS} decimals are possible")));
                }
                let text = double(number()?.to_float(), letter, precision);
                pad(out, spec, spec.signed(text).as_bytes(), true);
            }
            _ => {
                let rest = &self.bytes[self.at.saturating_sub(1)..];
                let shown = String::from_utf8_lossy(rest);
                let shown = shown.chars().next().unwrap_or('?');
                return Err(self.wrong(&format!("`%{shown}` is not a directive")).help(
                    "directives are %s, %d, %f, %e, %g, %x, %X, %o, %b, %c and %u; write `%%` for a percent sign",
                ));
            }
        }
        Ok(())
    }
}

impl Spec {
    /// With the `+` that is asked for.
    fn signed(&self, text: String) -> String {
        if self.plus && !text.starts_with('-') && text != "NaN" { format!("+{text}") } else { text }
    }

    /// Padding a whole number with zeros on the right would change it.
    fn without_trailing_zeros(&self) -> Spec {
        Spec { pad: if self.left && self.pad == b'0' { b' ' } else { self.pad }, ..*self }
    }
}

/// Values in the place of a number: arrays count as 1 or 0, texts as the number that they begin with.
fn numeric(value: &Value) -> Result<Value, Failure> {
    match value {
        Value::Object(_) | Value::Closure(_) | Value::Markup(_) => {
            Err(Failure::runtime(format!("`format` needs a number, but got {}", value.described())))
        }
        other => Ok(other.clone()),
    }
}

/// Fills up to the width; zeros go between a number's sign and its digits.
fn pad(out: &mut Vec<u8>, spec: &Spec, text: &[u8], signed: bool) {
    let missing = spec.width.saturating_sub(text.len());
    let fill = std::iter::repeat_n(spec.pad, missing);
    if spec.left {
        out.extend_from_slice(text);
        out.extend(fill);
        return;
    }
    match text {
        [sign @ (b'-' | b'+'), digits @ ..] if signed && spec.pad == b'0' => {
            out.push(*sign);
            out.extend(fill);
            out.extend_from_slice(digits);
        }
        _ => {
            out.extend(fill);
            out.extend_from_slice(text);
        }
    }
}

fn double(number: f64, letter: u8, precision: Option<usize>) -> String {
    if !number.is_finite() {
        return match number {
            n if n.is_nan() => "NaN".into(),
            n if n > 0.0 => "Inf".into(),
            _ => "-Inf".into(),
        };
    }
    let decimals = precision.unwrap_or(6);
    let short = !matches!(letter, b'e' | b'E' | b'f' | b'F');
    // Only the short forms know a negative zero.
    let number = if number == 0.0 && !short { 0.0 } else { number };
    match letter {
        b'f' | b'F' => format!("{number:.decimals$}"),
        b'e' | b'E' => {
            let text = format!("{number:.decimals$e}");
            let text = if text.contains("e-") { text } else { text.replace('e', "e+") };
            if letter == b'E' { text.to_uppercase() } else { text }
        }
        _ => {
            let text = general(number, decimals.max(1));
            if matches!(letter, b'g' | b'h') { text.replace('E', "e") } else { text }
        }
    }
}

/// The shorter of the plain and the exponent form, with so many digits.
fn general(number: f64, digits: usize) -> String {
    if number == 0.0 {
        return float_text(number);
    }
    let scientific = format!("{:.*e}", digits - 1, number);
    let exponent: i32 = scientific.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0);
    let rounded: f64 = scientific.parse().unwrap_or(number);
    if (-4..digits as i32).contains(&exponent) {
        let decimals = usize::try_from(digits as i32 - 1 - exponent).unwrap_or(0);
        let plain = format!("{rounded:.decimals$}");
        return if plain.contains('.') { plain.trim_end_matches('0').trim_end_matches('.').to_owned() } else { plain };
    }
    let (mantissa, _) = scientific.split_once('e').unwrap_or((&scientific, ""));
    let mantissa = if mantissa.contains('.') { mantissa.trim_end_matches('0').trim_end_matches('.') } else { mantissa };
    let mantissa = if mantissa.contains('.') { mantissa.to_owned() } else { format!("{mantissa}.0") };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}E{sign}{}", exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(format: &str, values: &[Value]) -> String {
        match sprintf(1 << 20, format, values) {
            Ok(value) => value.to_text().unwrap().into_owned(),
            Err(failure) => failure.message,
        }
    }

    #[test]
    fn directives() {
        let text = |text: &str| Value::str(text);
        let cases: [(&str, &[Value], &str); 28] = [
            ("%s|%5s|%-5s|", &[text("a"), text("b"), text("c")], "a|    b|c    |"),
            (
                "%05d|%-5d|%+d|% d",
                &[Value::Int(-42), Value::Int(-42), Value::Int(5), Value::Int(5)],
                "-0042|-42  |+5|5",
            ),
            ("%-010d|", &[Value::Int(42)], "42        |"),
            ("%-05s|%05s", &[text("ab"), text("ab")], "ab000|000ab"),
            ("%5.1f|%.0f|%F", &[Value::Float(3.1234), Value::Float(2.5), Value::Float(1.5)], "  3.1|2|1.500000"),
            ("%05.1f", &[Value::Float(-3.16)], "-03.2"),
            ("%x %X %o %b %c", &[255, 255, 8, 5, 65].map(Value::Int), "ff FF 10 101 A"),
            ("%x", &[Value::Int(-1)], "ffffffffffffffff"),
            ("%u", &[Value::Int(-1)], "18446744073709551615"),
            ("%e %E", &[Value::Float(12345.678), Value::Float(0.00012)], "1.234568e+4 1.200000E-4"),
            ("%g %G", &[Value::Float(0.00001234), Value::Float(123456789.0)], "1.234e-5 1.23457E+8"),
            ("%g %G %g", &[Value::Float(0.0001), Value::Float(1e6), Value::Int(100_000)], "0.0001 1.0E+6 100000"),
            ("%.3g %.10g", &[Value::Float(1234.567), Value::Float(1234.567)], "1.23e+3 1234.567"),
            ("%'*10s", &[text("x")], "*********x"),
            ("%2$s %1$s %s", &[text("a"), text("b")], "b a a"),
            ("%4.1x|", &[Value::Int(5)], "    |"),
            ("%*d", &[Value::Int(5), Value::Int(42)], "   42"),
            ("%.2s|%5.2s|", &[text("abc"), text("abc")], "ab|   ab|"),
            ("100%% %5%", &[Value::Null], "100% %"),
            ("%.f %.s", &[Value::Float(2.5), text("abc")], "2.500000 abc"),
            ("%.*g %.*H", &[-1, 65, -1, 5].map(Value::Int), "65 5"),
            (
                "%.*f",
                &[-1, 65].map(Value::Int),
                "invalid format \"%.*f\": a precision of -1 works only with %g, %G, %h and %H",
            ),
            ("%d %d", &[text("12abc"), Value::Null], "12 0"),
            ("%s %s", &[text("a")], "invalid format \"%s %s\": it needs at least 2 values, but got 1"),
            ("%y", &[text("a")], "invalid format \"%y\": `%y` is not a directive"),
            ("%", &[], "invalid format \"%\": it ends inside a directive"),
            ("%0$s", &[text("a")], "invalid format \"%0$s\": values are numbered from 1"),
            ("%99999999d", &[Value::Int(1)], "`format` makes a string of more than 1048576 bytes"),
        ];
        for (format, values, expected) in cases {
            assert_eq!(run(format, values), expected, "{format}");
        }
    }
}
