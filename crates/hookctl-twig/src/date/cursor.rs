//! Reads numbers and words out of one piece of a date phrase.

use super::phrase::Unit;

/// A place in a piece.
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

const MONTHS: [&[&str]; 12] = [
    &["jan", "january", "i"],
    &["feb", "february", "ii"],
    &["mar", "march", "iii"],
    &["apr", "april", "iv"],
    &["may", "v"],
    &["jun", "june", "vi"],
    &["jul", "july", "vii"],
    &["aug", "august", "viii"],
    &["sep", "sept", "september", "ix"],
    &["oct", "october", "x"],
    &["nov", "november", "xi"],
    &["dec", "december", "xii"],
];

const ORDINALS: &[(&str, i64)] = &[
    ("first", 1),
    ("next", 1),
    ("second", 2),
    ("third", 3),
    ("fourth", 4),
    ("fifth", 5),
    ("sixth", 6),
    ("seventh", 7),
    ("eight", 8),
    ("eighth", 8),
    ("ninth", 9),
    ("tenth", 10),
    ("eleventh", 11),
    ("twelfth", 12),
    ("last", -1),
    ("previous", -1),
    ("this", 0),
];

/// Units without their plural `s`, with their length in the counted unit; a weekday has its number, 0 for Sunday.
const UNITS: &[(&str, Unit, i64)] = &[
    ("ms", Unit::Microsecond, 1000),
    ("msec", Unit::Microsecond, 1000),
    ("millisecond", Unit::Microsecond, 1000),
    ("µs", Unit::Microsecond, 1),
    ("usec", Unit::Microsecond, 1),
    ("µsec", Unit::Microsecond, 1),
    ("microsecond", Unit::Microsecond, 1),
    ("sec", Unit::Second, 1),
    ("second", Unit::Second, 1),
    ("min", Unit::Minute, 1),
    ("minute", Unit::Minute, 1),
    ("hour", Unit::Hour, 1),
    ("day", Unit::Day, 1),
    ("week", Unit::Day, 7),
    ("fortnight", Unit::Day, 14),
    ("forthnight", Unit::Day, 14),
    ("month", Unit::Month, 1),
    ("year", Unit::Year, 1),
    ("monday", Unit::Weekday, 1),
    ("mon", Unit::Weekday, 1),
    ("tuesday", Unit::Weekday, 2),
    ("tue", Unit::Weekday, 2),
    ("wednesday", Unit::Weekday, 3),
    ("wed", Unit::Weekday, 3),
    ("thursday", Unit::Weekday, 4),
    ("thu", Unit::Weekday, 4),
    ("friday", Unit::Weekday, 5),
    ("fri", Unit::Weekday, 5),
    ("saturday", Unit::Weekday, 6),
    ("sat", Unit::Weekday, 6),
    ("sunday", Unit::Weekday, 0),
    ("sun", Unit::Weekday, 0),
    ("weekday", Unit::Workdays, 1),
];

impl<'a> Cursor<'a> {
    /// The start of a piece.
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// What has not been read.
    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Whether all is read.
    pub(super) fn is_done(&self) -> bool {
        self.rest().is_empty()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Whether this byte comes next.
    pub(super) fn is_at(&self, byte: u8) -> bool {
        self.peek() == Some(byte)
    }

    /// Whether a digit or one of these bytes comes next.
    pub(super) fn is_at_digit_or(&self, bytes: &[u8]) -> bool {
        self.peek().is_some_and(|next| next.is_ascii_digit() || bytes.contains(&next))
    }

    fn skip_while(&mut self, skipped: impl Fn(u8) -> bool) -> &'a str {
        let start = self.at;
        while self.peek().is_some_and(&skipped) {
            self.at += 1;
        }
        self.text.get(start..self.at).unwrap_or_default()
    }

    fn digits(&mut self, most: usize) -> &'a str {
        self.skip_while(|byte| !byte.is_ascii_digit());
        let start = self.at;
        while self.at - start < most && self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// The next number, with at most so many digits; anything before it is skipped.
    pub(super) fn number(&mut self, most: usize) -> Option<i64> {
        self.digits(most).parse().ok()
    }

    /// The next number as a year: one of fewer than four digits is of the years 1970 to 2069.
    pub(super) fn year(&mut self) -> Option<i64> {
        let digits = self.digits(4);
        let year = digits.parse().ok()?;
        Some(match year {
            _ if digits.len() >= 4 => year,
            0..70 => year + 2000,
            70..100 => year + 1900,
            _ => year,
        })
    }

    /// The next number with its signs, of which an odd count of minus makes it negative. None: too large.
    pub(super) fn signed(&mut self, most: usize) -> Option<i64> {
        self.skip_while(|byte| !byte.is_ascii_digit() && !matches!(byte, b'+' | b'-'));
        let signs = self.skip_while(|byte| matches!(byte, b'+' | b'-'));
        let negative = signs.matches('-').count() % 2 == 1;
        let digits = self.digits(most);
        if negative { format!("-{digits}").parse().ok() } else { digits.parse().ok() }
    }

    /// `.123456` as microseconds.
    pub(super) fn fraction(&mut self) -> i64 {
        let text = self.skip_while(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b':'));
        let digits: String = text.chars().skip(1).take_while(char::is_ascii_digit).take(6).collect();
        format!("{digits:0<6}").parse().unwrap_or(0)
    }

    /// What am or pm adds to an hour.
    pub(super) fn meridian(&mut self, hour: i64) -> i64 {
        self.skip_while(|byte| !matches!(byte, b'A' | b'a' | b'P' | b'p'));
        match self.peek() {
            Some(b'a' | b'A') if hour == 12 => -12,
            Some(b'p' | b'P') if hour != 12 => 12,
            _ => 0,
        }
    }

    /// Skips the `rd` of `23rd`.
    pub(super) fn skip_day_suffix(&mut self) {
        let suffix = self.rest().get(..2).unwrap_or_default();
        if ["st", "nd", "rd", "th"].iter().any(|known| suffix.eq_ignore_ascii_case(known)) {
            self.at += 2;
        }
    }

    /// The month that the next word names, from 1.
    pub(super) fn month(&mut self) -> Option<i64> {
        self.skip_while(|byte| matches!(byte, b' ' | b'\t' | b'-' | b'.' | b'/'));
        let word = self.skip_while(|byte| byte.is_ascii_alphabetic()).to_ascii_lowercase();
        MONTHS.iter().zip(1..).find(|(names, _)| names.contains(&word.as_str())).map(|(_, number)| number)
    }

    /// What a word such as `next` counts, and how it looks for a weekday.
    pub(super) fn relative_text(&mut self) -> (i64, i64) {
        self.skip_while(|byte| matches!(byte, b' ' | b'\t' | b'-' | b'/'));
        let word = self.skip_while(|byte| byte.is_ascii_alphabetic());
        let amount = ORDINALS.iter().find(|(name, _)| word.eq_ignore_ascii_case(name)).map_or(0, |(_, value)| *value);
        (amount, i64::from(amount == 0))
    }

    /// The unit that comes next, and its size.
    pub(super) fn unit(&mut self) -> Option<(Unit, i64)> {
        let spaces = [' ', '\t', '\u{a0}', '\u{202f}'];
        let rest = self.rest().trim_start_matches(spaces);
        let end = rest.find([' ', ',', '\t', ';', ':', '/', '.', '-', '(', ')', '\u{a0}', '\u{202f}']);
        let word = rest[..end.unwrap_or(rest.len())].to_lowercase();
        self.at = self.text.len() - rest.len() + word.len().min(rest.len());
        let find = |name: &str| UNITS.iter().find(|(unit, ..)| *unit == name).map(|(_, unit, size)| (*unit, *size));
        find(&word).or_else(|| find(word.strip_suffix('s')?))
    }
}
