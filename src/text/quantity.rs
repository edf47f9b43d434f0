//! Numbers of things as people read them.

/// `1 retry`, `2 deliveries`, `1,000 attempts`.
pub fn count(number: u64, noun: &str) -> String {
    let plural = match noun.strip_suffix('y') {
        _ if number == 1 => noun.to_owned(),
        Some(stem) => format!("{stem}ies"),
        None => format!("{noun}s"),
    };
    format!("{} {plural}", thousands(number))
}

/// `100,000`
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A share, from `0.5` or `50%`. Not checked for its range.
pub fn share(text: &str) -> Option<f64> {
    match text.trim().strip_suffix('%') {
        Some(percent) => percent.trim().parse().ok().map(|percent: f64| percent / 100.0),
        None => text.trim().parse().ok(),
    }
}

/// What to write instead of a number that has separators, a decimal comma or an exponent: `1000` for `1,000` and `1e3`.
pub fn plain(text: &str) -> Option<String> {
    let digits: String = text.trim().chars().filter(|c| !matches!(c, ',' | '_' | '\'' | ' ')).collect();
    let number: f64 = digits.parse().ok()?;
    let whole = number.fract() == 0.0 && (0.0..1e15).contains(&number);
    whole.then(|| format!("{number:.0}"))
}

/// A number of triggers in a unit of time, per second: `500/s`, `30/m`, `10/h`.
///
/// # Errors
/// No number, no unit, or an unknown one, with what to write; the range is not checked.
pub fn rate(text: &str) -> Result<f64, String> {
    let wrong =
        || format!("`{text}` is not a rate; write a number and a unit of time, such as `500/s`, `30/m` or `10/h`");
    let Some((number, unit)) = text.split_once('/') else {
        let number = text.trim();
        return Err(match number.parse::<f64>() {
            Ok(_) => format!("`{text}` has no unit of time; write `{number}/s`, `{number}/m` or `{number}/h`"),
            Err(_) => wrong(),
        });
    };
    let seconds = match unit.trim() {
        "s" | "sec" | "second" => 1.0,
        "m" | "min" | "minute" => 60.0,
        "h" | "hour" => 3_600.0,
        _ => return Err(wrong()),
    };
    number.trim().parse::<f64>().map(|number| number / seconds).map_err(|_| wrong())
}

/// A load rate with at most four digits behind the point, rounded down: never one at which a wait that was long enough up
/// to it was too short.
pub fn load_rate(load: f64) -> String {
    // A little is added first, since 0.85 × 10000 comes out as 8499.999….
    ((load * 10_000.0 + 1e-6).floor() / 10_000.0).to_string()
}

#[cfg(test)]
mod tests {
    #[test]
    fn counts() {
        let cases = [
            (0, "retry", "0 retries"),
            (1, "delivery", "1 delivery"),
            (999, "attempt", "999 attempts"),
            (1_234_567, "delivery", "1,234,567 deliveries"),
        ];
        for (number, noun, text) in cases {
            assert_eq!(super::count(number, noun), text);
        }
    }
    #[test]
    fn shares_rates_and_plain_numbers_are_read() {
        for (text, share) in [("0.5", Some(0.5)), ("50%", Some(0.5)), ("93.75 %", Some(0.9375)), ("half", None)] {
            assert_eq!(super::share(text), share, "{text}");
        }
        for (text, plain) in [("1,000", Some("1000")), ("1e3", Some("1000")), ("1_000", Some("1000")), ("1.5", None)] {
            assert_eq!(super::plain(text).as_deref(), plain, "{text}");
        }
        for (text, rate) in [("5/s", 5.0), ("30 / min", 0.5), ("36/hour", 0.01)] {
            assert_eq!(super::rate(text), Ok(rate), "{text}");
        }
        for (text, words) in [
            ("100", "`100` has no unit of time; write `100/s`, `100/m` or `100/h`"),
            ("5/day", "`5/day` is not a rate"),
            ("fast", "such as `500/s`"),
        ] {
            let error = super::rate(text).expect_err(text);
            assert!(error.contains(words), "{text}: {error}");
        }
    }

    #[test]
    fn a_load_rate_is_rounded_down() {
        for (load, text) in [(0.85, "0.85"), (0.937_487_5, "0.9374"), (1.0, "1"), (0.0, "0")] {
            assert_eq!(super::load_rate(load), text);
        }
    }
}
