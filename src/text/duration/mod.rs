//! Spans of time as users write and read them: `5s`, `250ms`, `1.5s`, `2m`, `1h`, `1m30s`.
//!
//! One notation for script files, hookctl.yaml and flags.

pub(crate) mod ms;

use std::fmt;
use std::time::Duration;

/// Why a text is no duration. Its words name the text and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DurationError {
    text: String,
    why: String,
}

impl fmt::Display for DurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a duration: {}", self.text, self.why)
    }
}

impl std::error::Error for DurationError {}

const UNITS: [(&str, u64); 6] = [
    ("us", 1_000),
    ("µs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Reads a duration: numbers with a unit each (`us`, `ms`, `s`, `m`, `h`), the largest unit first, exact to the nanosecond.
///
/// # Errors
/// No number, no unit, an unknown or repeated unit, a sign, or more than 10,000 hours.
pub fn parse(text: &str) -> Result<Duration, DurationError> {
    let fail = |why: &str| DurationError { text: text.to_owned(), why: why.to_owned() };
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(fail("it is empty; write a number and a unit, such as `5s`, `250ms` or `2m`"));
    }
    if rest.starts_with('-') {
        return Err(fail("it is negative; write a duration such as `5s`"));
    }
    let mut total: u64 = 0;
    let mut last_unit = u64::MAX;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let letters = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        if number.is_empty() {
            return Err(fail("it needs a number and a unit, such as `5s`, `250ms` or `2m`"));
        }
        if unit.is_empty() {
            return Err(fail(&without_unit(text.trim(), number)));
        }
        let Some((_, scale)) = UNITS.iter().find(|(name, _)| *name == unit.trim()) else {
            return Err(fail(&unknown_unit(text.trim(), unit)));
        };
        if *scale >= last_unit {
            return Err(fail("write each unit once, the largest first, such as `1m30s`"));
        }
        last_unit = *scale;
        let nanos =
            nanos(number, *scale).ok_or_else(|| fail("its number is not one; write for example `5s` or `1.5s`"))?;
        total = total
            .checked_add(nanos)
            .filter(|t| *t <= LONGEST)
            .ok_or_else(|| fail("it is longer than 10000h, the longest allowed"))?;
        rest = after;
    }
    Ok(Duration::from_nanos(total))
}

/// A number alone: seconds and milliseconds are both in use elsewhere.
fn without_unit(text: &str, number: &str) -> String {
    let before = text.strip_suffix(number).unwrap_or_default();
    format!("it has no unit; write `{before}{number}s` for seconds or `{before}{number}ms` for milliseconds")
}

/// A unit that is written otherwise here, or none.
fn unknown_unit(text: &str, unit: &str) -> String {
    let known = match unit.trim().to_lowercase().as_str() {
        "s" | "sec" | "secs" | "second" | "seconds" => "s",
        "ms" | "msec" | "msecs" | "millis" | "millisecond" | "milliseconds" => "ms",
        "m" | "min" | "mins" | "minute" | "minutes" => "m",
        "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        _ => return "its unit is unknown; the units are `us`, `ms`, `s`, `m` and `h`, as in `5s`".to_owned(),
    };
    // With the space before it.
    format!("its unit is unknown; write `{}`", text.replacen(unit, known, 1))
}

const LONGEST: u64 = 10_000 * 3_600_000_000_000;

/// `number` × `scale`, where the number is decimal digits with at most one point; saturates, and drops what is below 1 ns.
fn nanos(number: &str, scale: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
        return None;
    }
    let whole = whole.bytes().fold(0u64, |n, b| n.saturating_mul(10).saturating_add(u64::from(b - b'0')));
    let mut unit = u128::from(scale) * 1_000_000_000;
    let mut part: u128 = 0;
    for digit in fraction.bytes().take(20) {
        unit /= 10;
        part += unit * u128::from(digit - b'0');
    }
    Some(whole.saturating_mul(scale).saturating_add(u64::try_from(part / 1_000_000_000).ok()?))
}

/// A duration for people: `80 s`, `1.5 s`, `250 ms`, `12.3 ms`, `40 µs`; up to three digits behind the point.
///
/// Seconds are the field's unit for limits and waits, so minutes are not used: `120 s`.
pub fn show(duration: Duration) -> String {
    let nanos = duration.as_nanos();
    let (scale, unit) = match nanos {
        0 => return "0 s".to_owned(),
        1..1_000_000 => (1_000, "µs"),
        1_000_000..1_000_000_000 => (1_000_000, "ms"),
        _ => (1_000_000_000, "s"),
    };
    // Rounded down, so that 999.9996 ms is never shown as 1000 ms, nor a latency as the limit it stayed under.
    let thousandths = nanos * 1_000 / scale;
    let number = format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000);
    format!("{} {unit}", number.trim_end_matches('0').trim_end_matches('.'))
}

/// A measured time for people: `0.31 ms`, `12.3 ms`, `120 ms`, `7.123 s`, `120 s`.
///
/// Rounded down as in [`show`], and to the millisecond from a second on: the limits are in seconds, and how far a latency is
/// from one must be seen.
pub fn measured(time: Duration) -> String {
    let nanos = time.as_nanos();
    // The last digit that is shown, and how many of them make the unit.
    let (digit, scale, unit) = match nanos {
        ..1_000_000 => (10_000, 100, "ms"),
        1_000_000..100_000_000 => (100_000, 10, "ms"),
        100_000_000..1_000_000_000 => (1_000_000, 1, "ms"),
        _ => (1_000_000, 1_000, "s"),
    };
    let number = (nanos / digit) as f64 / f64::from(scale);
    format!("{number} {unit}")
}

/// The same duration in the notation that `parse` reads: `80s`, `1.5s`, `250ms`.
pub fn written(duration: Duration) -> String {
    show(duration).replace(' ', "").replace('µ', "u")
}

/// Milliseconds, for figures that are computed with.
pub fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

/// The time of so many milliseconds, to the nanosecond; none at all for what is no time.
pub fn from_millis(ms: f64) -> Duration {
    Duration::try_from_secs_f64(ms / 1_000.0).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measured_time_never_reaches_a_limit_that_it_stayed_under() {
        for (ms, text) in [
            (0.0, "0 ms"),
            (0.314, "0.31 ms"),
            (12.3, "12.3 ms"),
            (99.99, "99.9 ms"),
            (120.7, "120 ms"),
            (999.9, "999 ms"),
            (1_000.0, "1 s"),
            (4_999.9, "4.999 s"),
            (9_999.99, "9.999 s"),
            (9_999.999_999, "9.999 s"),
            (10_000.0, "10 s"),
            (10_001.0, "10.001 s"),
            (125_000.0, "125 s"),
        ] {
            assert_eq!(measured(from_millis(ms)), text, "{ms}");
        }
    }

    #[test]
    fn durations_are_read_to_the_nanosecond() {
        for (text, nanos) in [
            ("0s", 0),
            ("5s", 5_000_000_000),
            (" 5 s ", 5_000_000_000),
            ("10ms", 10_000_000),
            ("1.5s", 1_500_000_000),
            (".5s", 500_000_000),
            ("4.999s", 4_999_000_000),
            ("0.1s", 100_000_000),
            ("2m", 120_000_000_000),
            ("1m30s", 90_000_000_000),
            ("1h", 3_600_000_000_000),
            ("250us", 250_000),
            ("250µs", 250_000),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_nanos(nanos)), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_said_in_words() {
        for (text, words) in [
            ("", "it is empty"),
            ("5", "no unit; write `5s` for seconds or `5ms`"),
            ("1m30", "write `1m30s` for"),
            ("10sec", "write `10s`"),
            ("2 Minutes", "write `2m`"),
            ("s", "needs a number"),
            ("-5s", "it is negative"),
            ("5 parsecs", "unit is unknown"),
            ("5S", "unit is unknown; write `5s`"),
            ("1.2.3s", "its number is not one"),
            (".s", "its number is not one"),
            ("5s5s", "each unit once"),
            ("5ms1s", "each unit once"),
            ("NaN", "needs a number"),
            ("1e3s", "unit is unknown"),
            ("99999999999999999999h", "longer than 10000h"),
        ] {
            let error = parse(text).expect_err(text).to_string();
            assert!(error.contains(words) && error.starts_with(&format!("`{text}`")), "{text}: {error}");
        }
    }

    #[test]
    fn durations_are_shown_in_the_unit_that_fits() {
        for (nanos, text) in [
            (0, "0 s"),
            (40_000, "40 µs"),
            (12_300_000, "12.3 ms"),
            (250_000_000, "250 ms"),
            (999_999_999, "999.999 ms"),
            (1_500_000_000, "1.5 s"),
            (80_000_000_000, "80 s"),
            (120_000_000_000, "120 s"),
        ] {
            assert_eq!(show(Duration::from_nanos(nanos)), text);
            if nanos % 1_000_000 == 0 {
                assert_eq!(parse(&written(Duration::from_nanos(nanos))), Ok(Duration::from_nanos(nanos)));
            }
        }
    }
}
