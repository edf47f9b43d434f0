//! Filters on numbers.

use super::arguments::{int, number, text};
use super::{Callable, Param, ParamType, Returns, Runtime};
use crate::error::Failure;
use crate::types::Kind;
use crate::value::{Number, Value};

/// The table.
pub(super) const FILTERS: &[Callable] = &[
    Callable::new("abs", &[Param::required("num").typed(ParamType::Number)], Returns::Number, |_, args| {
        Ok(match number(&args[0], "`abs`")? {
            Number::Int(number) => number.checked_abs().map_or(Value::Float(-(number as f64)), Value::Int),
            Number::Float(number) => Value::Float(number.abs()),
        })
    })
    .of_null(false)
    .internal()
    .doc("the number without its sign", "{{ (-5)|abs }}", "5"),
    Callable::new(
        "round",
        &[
            Param::required("value").typed(ParamType::Numeric),
            Param::optional("precision", || Value::Int(0)).typed(ParamType::Number),
            Param::optional("method", || Value::str("common")),
        ],
        Returns::Number,
        round,
    )
    .of_null(false)
    .doc("rounded; the methods are `common`, `ceil` and `floor`", "{{ 2.345|round(1) }}", "2.3"),
    Callable::new(
        "number_format",
        &[
            Param::required("number").typed(ParamType::Numeric),
            Param::optional("decimal", || Value::Null).typed(ParamType::Number),
            Param::optional("decimal_point", || Value::Null).typed(ParamType::Text),
            Param::optional("thousand_sep", || Value::Null).typed(ParamType::Text),
        ],
        Returns::Kind(Kind::Text),
        number_format,
    )
    .doc("a number with decimals and separators for people", "{{ 1234.5|number_format(2) }}", "1,234.50"),
];

/// PHP's `(float)`, which warns of objects.
fn double(value: &Value, what: &str) -> Result<f64, Failure> {
    match value {
        Value::Markup(_) | Value::Closure(_) | Value::Object(_) => {
            let failure = Failure::runtime(format!("{what} needs a number, but got {}", value.described()));
            Err(match value {
                Value::Markup(_) => failure
                    .help("captured text never counts as a number; write `(text ~ '')` to turn it into a string first"),
                _ => failure,
            })
        }
        other => Ok(other.to_float()),
    }
}

fn round(_: &mut dyn Runtime, args: &[Value]) -> Result<Value, Failure> {
    let value = double(&args[0], "`round`")?;
    let method = text(&args[2], "the method of `round`")?;
    let towards: fn(f64) -> f64 = match &*method {
        "common" => return Ok(Value::Float(rounded(value, int(&args[1], "the precision of `round`")?))),
        "ceil" => f64::ceil,
        "floor" => f64::floor,
        _ => {
            return Err(Failure::runtime(format!("`round` has no method \"{method}\""))
                .help("the methods are \"common\", \"ceil\" and \"floor\""));
        }
    };
    let factor = Value::Int(10).pow(&args[1])?;
    let scaled = Value::Float(value).mul(&factor)?.to_float();
    Value::Float(towards(scaled)).div(&factor)
}

/// Rounds half away from zero after so many decimals, as PHP 8.2 does: first to the 15 digits that a double holds for
/// sure, so that 1.005 becomes 1.01.
pub(super) fn rounded(value: f64, places: i64) -> f64 {
    const DIGITS: i64 = 15;
    if !value.is_finite() || value == 0.0 {
        return value;
    }
    let places = places.clamp(i64::from(i32::MIN) + 1, i64::from(i32::MAX));
    let certain = DIGITS - 1 - value.abs().log10().floor() as i64;
    let factor = power_of_ten(places.abs());
    let scaled = if certain > places && certain - DIGITS < places {
        let certain = certain.max(-4 * DIGITS);
        let digits = half_away(shifted(value, certain, power_of_ten(certain.abs())));
        digits / power_of_ten((places - certain).max(-4 * DIGITS).abs())
    } else {
        let scaled = shifted(value, places, factor);
        if scaled.abs() >= 1e15 {
            return value;
        }
        scaled
    };
    let whole = half_away(scaled);
    if places.abs() < 23 {
        return if places > 0 { whole / factor } else { whole * factor };
    }
    match format!("{whole:.6}e{}", -places).parse::<f64>() {
        Ok(result) if result.is_finite() => result,
        _ => value,
    }
}

fn shifted(value: f64, places: i64, factor: f64) -> f64 {
    if places >= 0 { value * factor } else { value / factor }
}

fn half_away(value: f64) -> f64 {
    if value >= 0.0 { (value + 0.5).floor() } else { (value - 0.5).ceil() }
}

fn power_of_ten(exponent: i64) -> f64 {
    10f64.powi(i32::try_from(exponent).unwrap_or(i32::MAX))
}

/// The most decimals that are written: no double has more.
const MOST_DECIMALS: i64 = 1100;

fn number_format(runtime: &mut dyn Runtime, args: &[Value]) -> Result<Value, Failure> {
    let decimals = match &args[1] {
        Value::Null => 0,
        other => int(other, "the decimals of `number_format`")?.clamp(0, MOST_DECIMALS),
    };
    let separator = |value: &Value, default: &'static str, what| match value {
        Value::Null => Ok(default.to_owned()),
        other => text(other, what).map(|text| text.into_owned()),
    };
    let point = separator(&args[2], ".", "the decimal point of `number_format`")?;
    let thousands = separator(&args[3], ",", "the thousands separator of `number_format`")?;
    let value = rounded(double(&args[0], "`number_format`")?, decimals);
    if !value.is_finite() {
        let sign = if value < 0.0 { "-" } else { "" };
        return Ok(Value::str(format!("{sign}{}", if value.is_nan() { "nan" } else { "inf" })));
    }
    let plain = format!("{:.*}", decimals as usize, value.abs());
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let longest = runtime.options().limits.output;
    if thousands.len().saturating_mul(whole.len() / 3) > longest {
        return Err(Failure::too_long("`number_format`", longest));
    }
    let mut formatted = String::with_capacity(plain.len() + plain.len() / 3 + 1);
    if value < 0.0 && plain.bytes().any(|b| (b'1'..=b'9').contains(&b)) {
        formatted.push('-');
    }
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            formatted.push_str(&thousands);
        }
        formatted.push(digit);
    }
    if !fraction.is_empty() {
        formatted.push_str(&point);
        formatted.push_str(fraction);
    }
    Ok(Value::from(formatted))
}

#[cfg(test)]
mod tests {
    use super::rounded;

    #[test]
    fn rounding_as_people_expect_it() {
        let cases = [
            (1.005, 2, 1.01),
            (1.955, 2, 1.96),
            (5.055, 2, 5.06),
            (285.015, 2, 285.02),
            (1234567.891, -3, 1235000.0),
            (2.5, 0, 3.0),
            (-2.5, 0, -3.0),
            (1e20, 2, 1e20),
            (0.0, 5, 0.0),
            (1.5, i64::MAX, 1.5),
            (1.5, i64::MIN, 0.0),
        ];
        for (value, places, expected) in cases {
            assert_eq!(rounded(value, places), expected, "{value} to {places}");
        }
    }
}
