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
    fn a_load_rate_is_rounded_down() {
        for (load, text) in [(0.85, "0.85"), (0.937_487_5, "0.9374"), (1.0, "1"), (0.0, "0")] {
            assert_eq!(super::load_rate(load), text);
        }
    }
}
