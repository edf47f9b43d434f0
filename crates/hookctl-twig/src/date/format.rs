//! PHP's formats: the letters of `date()`, and those of intervals.

use super::zone::offset_text;
use super::{Civil, DateTime, Interval};

const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl DateTime {
    /// The moment in a format. Characters that are not format letters, or that follow a backslash, are copied.
    pub(crate) fn format(&self, format: &str) -> String {
        let offset = self.zone.at(self.seconds);
        let at = Civil::from_seconds(self.seconds.saturating_add(offset.seconds));
        let mut out = String::with_capacity(format.len() * 2);
        let mut letters = format.chars();
        while let Some(letter) = letters.next() {
            match letter {
                // Behind the last one PHP finds the byte that ends its text.
                '\\' => out.push(letters.next().unwrap_or('\0')),
                'e' => out.push_str(&self.zone.name()),
                'T' => out.push_str(&offset.abbreviation),
                'I' => out.push(if offset.dst { '1' } else { '0' }),
                'Z' => out.push_str(&offset.seconds.to_string()),
                'O' => out.push_str(&minutes_text(offset.seconds, "")),
                'p' if matches!(&*offset.abbreviation, "UTC" | "GMT+0000" | "Z") => out.push('Z'),
                'P' | 'p' => out.push_str(&minutes_text(offset.seconds, ":")),
                'U' => out.push_str(&self.seconds.to_string()),
                'u' => out.push_str(&format!("{:06}", self.micros)),
                'v' => out.push_str(&format!("{:03}", self.micros / 1000)),
                'B' => out.push_str(&format!("{:03}", swatch_beats(self.seconds))),
                // Years before 0 are a digit shorter in these two than in `Y`.
                'c' => out.push_str(&format!("{:04}{}", at.year, self.format("-m-d\\TH:i:sP"))),
                'r' => {
                    let (day, time) = (self.format("D, d M "), self.format(" H:i:s O"));
                    out.push_str(&format!("{day}{:04}{time}", at.year));
                }
                other => match calendar(other, &at).or_else(|| clock(other, &at)) {
                    Some(text) => out.push_str(&text),
                    None => out.push(other),
                },
            }
        }
        out
    }
}

/// The value of a format letter for the calendar.
fn calendar(letter: char, at: &Civil) -> Option<String> {
    let weekday = at.weekday();
    let day_name = || DAYS.get(weekday as usize).copied().unwrap_or_default();
    let month_name = || MONTHS.get((at.month - 1) as usize).copied().unwrap_or_default();
    Some(match letter {
        'd' => format!("{:02}", at.day),
        'D' => day_name()[..3].to_owned(),
        'j' => at.day.to_string(),
        'l' => day_name().to_owned(),
        'N' => (if weekday == 0 { 7 } else { weekday }).to_string(),
        'S' => ordinal(at.day).to_owned(),
        'w' => weekday.to_string(),
        'z' => at.day_of_year().to_string(),
        'W' => format!("{:02}", at.iso_week().1),
        'o' => at.iso_week().0.to_string(),
        'F' => month_name().to_owned(),
        'M' => month_name()[..3].to_owned(),
        'm' => format!("{:02}", at.month),
        'n' => at.month.to_string(),
        't' => super::civil::days_in_month(at.year, at.month).to_string(),
        'L' => u8::from(super::civil::is_leap(at.year)).to_string(),
        'Y' => year_text(at.year),
        'y' => format!("{:02}", at.year % 100),
        'x' if (0..10_000).contains(&at.year) => year_text(at.year),
        'x' | 'X' if at.year >= 0 => format!("+{}", year_text(at.year)),
        'x' | 'X' => year_text(at.year),
        _ => return None,
    })
}

/// The value of a format letter for the clock.
fn clock(letter: char, at: &Civil) -> Option<String> {
    let hour12 = if at.hour % 12 == 0 { 12 } else { at.hour % 12 };
    Some(match letter {
        'a' => (if at.hour < 12 { "am" } else { "pm" }).to_owned(),
        'A' => (if at.hour < 12 { "AM" } else { "PM" }).to_owned(),
        'g' => hour12.to_string(),
        'G' => at.hour.to_string(),
        'h' => format!("{hour12:02}"),
        'H' => format!("{:02}", at.hour),
        'i' => format!("{:02}", at.minute),
        's' => format!("{:02}", at.second),
        _ => return None,
    })
}

fn year_text(year: i64) -> String {
    let sign = if year < 0 { "-" } else { "" };
    format!("{sign}{:04}", year.unsigned_abs())
}

fn ordinal(day: i64) -> &'static str {
    match (day / 10, day % 10) {
        (1, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    }
}

/// An offset to the minute.
fn minutes_text(seconds: i64, between: &str) -> String {
    offset_text(seconds - seconds % 60, between)
}

/// Thousandths of the day in Biel, which is an hour east of UTC.
fn swatch_beats(seconds: i64) -> i64 {
    (seconds.rem_euclid(86_400) + 3600) * 10 / 864 % 1000
}

impl Interval {
    /// The interval in a format. An unknown letter is copied with its percent sign.
    pub(crate) fn format(&self, format: &str) -> String {
        let mut out = String::with_capacity(format.len() * 2);
        let mut letters = format.chars();
        while let Some(letter) = letters.next() {
            if letter != '%' {
                out.push(letter);
                continue;
            }
            match letters.next() {
                Some('Y') => out.push_str(&format!("{:02}", self.years)),
                Some('y') => out.push_str(&self.years.to_string()),
                Some('M') => out.push_str(&format!("{:02}", self.months)),
                Some('m') => out.push_str(&self.months.to_string()),
                Some('D') => out.push_str(&format!("{:02}", self.days)),
                Some('d') => out.push_str(&self.days.to_string()),
                Some('H') => out.push_str(&format!("{:02}", self.hours)),
                Some('h') => out.push_str(&self.hours.to_string()),
                Some('I') => out.push_str(&format!("{:02}", self.minutes)),
                Some('i') => out.push_str(&self.minutes.to_string()),
                Some('S') => out.push_str(&format!("{:02}", self.seconds)),
                Some('s') => out.push_str(&self.seconds.to_string()),
                Some('F') => out.push_str(&format!("{:06}", self.micros)),
                Some('f') => out.push_str(&self.micros.to_string()),
                Some('a') => out.push_str(&self.total_days.to_string()),
                Some('R') => out.push(if self.negative { '-' } else { '+' }),
                Some('r') => out.push_str(if self.negative { "-" } else { "" }),
                Some('%') | None => out.push('%'),
                Some(other) => out.extend(['%', other]),
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::super::Zone;
    use super::*;

    #[test]
    fn letters() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        let moment = DateTime { seconds: 1_795_392_000 + 7 * 3600 + 5 * 60 + 9, micros: 123_456, zone: berlin };
        let cases = [
            ("d D j l N S w z", "23 Mon 23 Monday 1 rd 1 326"),
            ("W o F m M n t L Y y x X", "48 2026 November 11 Nov 11 30 0 2026 26 2026 +2026"),
            ("a A g G h H i s u v B", "am AM 8 8 08 08 05 09 123456 123 336"),
            ("e T I O P p Z U", "Europe/Berlin CET 0 +0100 +01:00 +01:00 3600 1795417509"),
            ("c", "2026-11-23T08:05:09+01:00"),
            ("r", "Mon, 23 Nov 2026 08:05:09 +0100"),
            ("\\Y\\e\\a\\r: Y \\", "Year: 2026 \0"),
        ];
        for (format, expected) in cases {
            assert_eq!(moment.format(format), expected, "{format}");
        }
    }

    #[test]
    fn intervals() {
        let interval = Interval { months: 1, days: 2, hours: 3, total_days: 33, negative: true, ..Interval::default() };
        assert_eq!(interval.format("%R%a %Y-%M-%D %H:%I:%S %y %m %d %h %z %%"), "-33 00-01-02 03:00:00 0 1 2 3 %z %");
    }
}
