//! A number and its unit stay on one line.

/// A space at which no line ends; printed as a plain one.
pub const NO_BREAK: char = '\u{a0}';

const UNITS: [&str; 8] = ["%", "B", "KiB", "MiB", "h", "min", "ms", "s"];

/// The text with a [`NO_BREAK`] between each number and its unit: `10 s`, `99.9 %`.
pub fn keep(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for (index, word) in text.split(' ').enumerate() {
        if index > 0 {
            kept.push(if kept.ends_with(|c: char| c.is_ascii_digit()) && is_unit(word) { NO_BREAK } else { ' ' });
        }
        kept.push_str(word);
    }
    kept
}

/// Whether it is a unit, with a comma or the like behind it.
fn is_unit(word: &str) -> bool {
    let ends = word.find(|c: char| !c.is_alphanumeric() && c != '%').unwrap_or(word.len());
    word.get(..ends).is_some_and(|unit| UNITS.contains(&unit))
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_keep_their_units() {
        for (text, kept) in [
            ("a limit of 10 s, not 80 s.", "a limit of 10~s, not 80~s."),
            ("7 (99.9 %) at 12.5 ms", "7 (99.9~%) at 12.5~ms"),
            ("20 deliveries at load 0 · seed 1", "20 deliveries at load 0 · seed 1"),
            ("10 seconds  s", "10 seconds  s"),
            ("1 min 30 s\u{1b}[0m", "1~min 30~s\u{1b}[0m"),
        ] {
            assert_eq!(super::keep(text).replace(super::NO_BREAK, "~"), kept);
        }
    }
}
