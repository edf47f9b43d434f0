//! Statuses as scripts and settings name them: `200`, or a whole class, `2xx`.

use std::fmt;
use std::str::FromStr;

/// `200` or `2xx`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusPattern {
    /// One status.
    Code(u16),
    /// A class, 1 to 5.
    Class(u8),
}

/// A text that is not a status pattern; displays as what is wrong with it.
#[derive(Debug, PartialEq, Eq)]
pub struct NotAStatus(String);

impl StatusPattern {
    /// What production counts as delivered.
    pub const SUCCESS: Self = Self::Class(2);

    /// Whether a status is meant by it.
    pub fn covers(self, status: u16) -> bool {
        match self {
            Self::Code(code) => code == status,
            Self::Class(class) => u16::from(class) == status / 100,
        }
    }

    /// Whether some status is meant by both.
    pub fn overlaps(self, other: Self) -> bool {
        match (self, other) {
            (Self::Code(code), pattern) | (pattern, Self::Code(code)) => pattern.covers(code),
            (Self::Class(one), Self::Class(other)) => one == other,
        }
    }
}

impl FromStr for StatusPattern {
    type Err = NotAStatus;

    /// Reads `200`, `2xx` or `2XX`.
    fn from_str(text: &str) -> Result<Self, NotAStatus> {
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        let pattern = match text.split_at_checked(1) {
            Some((class, xx)) if xx.eq_ignore_ascii_case("xx") && digits(class) => class.parse().ok().map(Self::Class),
            Some(_) if text.len() == 3 && digits(text) => text.parse().ok().map(Self::Code),
            _ => None,
        };
        let exists = |pattern: &Self| match pattern {
            Self::Code(code) => (100..=599).contains(code),
            Self::Class(class) => (1..=5).contains(class),
        };
        pattern.filter(exists).ok_or_else(|| NotAStatus(text.to_owned()))
    }
}

impl fmt::Display for StatusPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "{code}"),
            Self::Class(class) => write!(f, "{class}xx"),
        }
    }
}

impl fmt::Display for NotAStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a status", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use StatusPattern::{Class, Code};

    #[test]
    fn a_status_or_a_class_in_either_case() {
        for (text, pattern, shown) in [
            ("200", Code(200), "200"),
            ("599", Code(599), "599"),
            ("2xx", Class(2), "2xx"),
            ("5XX", Class(5), "5xx"),
            ("5Xx", Class(5), "5xx"),
        ] {
            assert_eq!(text.parse(), Ok(pattern), "{text}");
            assert_eq!(pattern.to_string(), shown);
        }
        for text in ["", "99", "600", "0xx", "6xx", "2x", "xx", "2xxx", "+20", "20 ", "äx", "2é"] {
            let error = text.parse::<StatusPattern>().expect_err(text);
            assert_eq!(error.to_string(), format!("`{text}` is not a status"));
        }
    }

    #[test]
    fn what_a_pattern_covers() {
        assert!(Class(4).covers(404) && Code(404).covers(404) && !Code(404).covers(405) && !Class(4).covers(500));
        assert!(Class(4).overlaps(Code(404)) && Code(404).overlaps(Class(4)) && !Class(4).overlaps(Class(5)));
        assert!(Class(4).overlaps(Class(4)) && !Code(404).overlaps(Code(405)));
    }
}
