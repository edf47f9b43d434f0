//! The pieces that a date phrase is made of, each with the pattern by which it is recognized.
//!
//! PHP's scanner takes the longest piece that any pattern matches, and of equally long ones the first pattern's; so does this.

use std::sync::LazyLock;

use pcre2::bytes::{Regex, RegexBuilder};

/// A kind of piece, named after its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    Yesterday,
    Now,
    Noon,
    Today,
    Tomorrow,
    Timestamp,
    /// `first day of`, `last day of`
    EdgeOfMonth,
    /// `back of 7pm`, `front of 7pm`
    AroundHour,
    /// `first monday of`
    WeekdayOfMonth,
    /// A time with am or pm.
    Time12,
    Time24,
    /// `1430`: a time, or a year where there is a time already.
    TimeOrYear,
    /// `143000`
    TimeNoColon,
    /// `11/23/2026`
    American,
    /// Year, month, day; the year has a sign or all its digits.
    Iso,
    /// Year, month, day; the year may be short.
    IsoShort,
    YearMonth,
    /// Day, month, year with numbers.
    Pointed,
    /// `23 November 2026`
    DayMonthYear,
    /// `November 2026`
    MonthYear,
    /// `2026 November`
    YearMonthName,
    /// `November 23, 2026`, `November 23`
    MonthDay,
    /// `23 November`
    DayMonth,
    /// `20261123`
    Compact,
    /// Date and time in one, with a `T` between.
    DateTime,
    /// Year and day of the year.
    YearDay,
    WeekDate,
    /// `Nov-23-2026`
    MonthDayYearDashed,
    /// `2026-Nov-23`
    YearMonthDayDashed,
    /// `23/Nov/2026:10:00:00 +0100`
    LogFormat,
    Year,
    Ago,
    Weekday,
    /// `next week`
    RelativeWeek,
    /// `next month`
    RelativeText,
    Month,
    Zone,
    /// `Nov 23 10:00pm`
    MonthDayTime12,
    /// `Nov 23 10:00`
    MonthDayTime24,
    /// `+3 days`
    Relative,
    /// Points, commas, white space.
    Nothing,
}

/// The named parts of the patterns. A part is used as `<name>`; longer alternatives come first.
const PARTS: &[(&str, &str)] = &[
    ("space", r"(?:[ \t]+|(?:\xc2\xa0)+|(?:\xe2\x80\xaf)+)"),
    ("frac", r"\.[0-9]+"),
    ("hour24", "(?:2[0-4]|[01]?[0-9])"),
    ("hour24lz", "(?:2[0-4]|[01][0-9])"),
    ("hour12", "(?:1[0-2]|0?[1-9])"),
    ("minute", "(?:[0-5]?[0-9])"),
    ("minutelz", "(?:[0-5][0-9])"),
    ("second", "(?:60|[0-5]?[0-9])"),
    ("secondlz", "(?:60|[0-5][0-9])"),
    ("meridian", r"(?:[AaPp]\.?[Mm]\.?(?:[\t ]|\z))"),
    ("tz", r"(?:[A-Z][a-z]+(?:[_/-][A-Za-z]+)+|\(?[A-Za-z]{1,6}\)?)"),
    (
        "tzcorrection",
        "(?:(?:GMT)?[+-](?:<hour24lz>:<minutelz>:<secondlz>|<hour24lz><minutelz><secondlz>|<hour24>(?::?<minute>)?))",
    ),
    ("daysuf", "(?:st|nd|rd|th)"),
    ("month", "(?:1[0-2]|0?[0-9])"),
    ("day", "(?:(?:3[01]|[0-2]?[0-9])<daysuf>?)"),
    ("year", "[0-9]{1,4}"),
    ("year4", "[0-9]{4}"),
    ("monthlz", "(?:0[0-9]|1[0-2])"),
    ("daylz", "(?:0[0-9]|[1-2][0-9]|3[01])"),
    ("dayofyear", "(?:00[1-9]|0[1-9][0-9]|[1-2][0-9][0-9]|3[0-5][0-9]|36[0-6])"),
    ("weekofyear", "(?:0[1-9]|[1-4][0-9]|5[0-3])"),
    ("dayname", "(?i:(?:sunday|monday|tuesday|wednesday|thursday|friday|saturday)s?|sun|mon|tue|wed|thu|fri|sat)"),
    ("daytext", "(?i:<dayname>|weekdays?)"),
    ("monthabbr", "(?i:jan|feb|mar|apr|may|jun|jul|aug|sept|sep|oct|nov|dec)"),
    (
        "monthname",
        "(?i:january|february|march|april|may|june|july|august|september|october|november|december|<monthabbr>)",
    ),
    ("monthtext", "(?:<monthname>|VIII|VII|XII|III|IV|VI|IX|XI|II|I|V|X)"),
    ("reltextnumber", "(?i:first|second|third|fourth|fifth|sixth|seventh|eighth|eight|ninth|tenth|eleventh|twelfth)"),
    ("reltexttext", "(?i:next|last|previous|this)"),
    (
        "reltextunit",
        "(?i:(?:msec|millisecond|\u{b5}sec|microsecond|usec|second|sec|minute|min|hour|day|fortnight|forthnight|month|year)s?\
         |weeks|<daytext>|ms|\u{b5}s)",
    ),
    ("datenoyear", r"(?:<monthtext>[ .\t-]*<day>(?:[,.stndrh\t ]+|\z))"),
    ("timeshort12", "(?:<hour12>[:.]<minutelz><space>?<meridian>)"),
    ("timelong12", "(?:<hour12>[:.]<minute>[:.]<secondlz><space>?<meridian>)"),
    ("timeshort24", "(?:[tT]?<hour24>[:.]<minute>)"),
    ("timelong24", "(?:[tT]?<hour24>[:.]<minute>[:.]<second>)"),
];

/// Kinds and patterns, in the order that decides between matches of one length.
const PATTERNS: &[(Token, &str)] = &[
    (Token::Yesterday, "(?i:yesterday)"),
    (Token::Now, "(?i:now)"),
    (Token::Noon, "(?i:noon)"),
    (Token::Today, "(?i:midnight|today)"),
    (Token::Tomorrow, "(?i:tomorrow)"),
    (Token::Timestamp, r"@-?[0-9]+(?:\.[0-9]{0,6})?"),
    (Token::EdgeOfMonth, "(?i:(?:first|last) day of)"),
    (Token::AroundHour, "(?i:back of |front of )<hour24>(?:<space>?<meridian>)?"),
    (Token::WeekdayOfMonth, "(?:<reltextnumber>|<reltexttext>)<space><dayname><space>(?i:of)"),
    (Token::Time12, "<hour12><space>?<meridian>"),
    (Token::Time12, "<timeshort12>"),
    (Token::Time12, "<timelong12>"),
    (Token::Time12, "<hour12>:<minutelz>:<secondlz>[:.][0-9]+<meridian>"),
    (Token::Time24, "[tT]<hour24>"),
    (Token::Time24, "<timeshort24>"),
    (Token::Time24, "<timelong24>(?:<frac>)?"),
    (Token::TimeOrYear, "[tT]?<hour24lz><minutelz>"),
    (Token::TimeNoColon, "[tT]?<hour24lz><minutelz><secondlz>"),
    (Token::American, "<month>/<day>(?:/<year>)?"),
    (Token::Iso, "[+-]?<year4>-<monthlz>-<daylz>"),
    (Token::Iso, "<year4>/<monthlz>/<daylz>/?"),
    (Token::Iso, "<year4>/<month>/<day>"),
    (Token::IsoShort, "[0-9]{2}-<monthlz>-<daylz>"),
    (Token::Iso, "[+-][0-9]{5,19}-<monthlz>-<daylz>"),
    (Token::YearMonth, "<year4>-<month>"),
    (Token::IsoShort, "<year>-<month>-<day>"),
    (Token::DayMonthYear, r"<day>[ \t.-]*<monthtext>[ \t.-]*<year>"),
    (Token::Pointed, r"<day>[.\t-]<month>[.-]<year4>"),
    (Token::Pointed, r"<day>[.\t]<month>\.[0-9]{2}"),
    (Token::MonthYear, r"<monthtext>[ .\t-]*<year4>"),
    (Token::YearMonthName, r"<year4>[ .\t-]*<monthtext>"),
    (Token::MonthDay, r"<monthtext>[ .\t-]*<day>[,.stndrh\t ]+<year>"),
    (Token::MonthDay, "<datenoyear>"),
    (Token::DayMonth, r"<day>[ .\t-]*<monthtext>"),
    (Token::Compact, "<year4><monthlz><daylz>"),
    (Token::DateTime, "<year4><monthlz><daylz>T<hour24>:<minutelz>:<secondlz>"),
    (Token::DateTime, "<year4><monthlz><daylz>[tT]<hour24><minutelz><secondlz>"),
    (Token::DateTime, "<year4>-<monthlz>-<daylz>T<hour24lz>:<minutelz>:<secondlz><frac><tzcorrection>?"),
    (Token::DateTime, "<year4>-<month>-<day>T<hour24>:<minute>:<second>"),
    (Token::DateTime, "<year4>:<monthlz>:<daylz> <hour24lz>:<minutelz>:<secondlz>"),
    (Token::YearDay, "<year4>[.-]?<dayofyear>"),
    (Token::WeekDate, "<year4>-?W<weekofyear>(?:-?[0-7])?"),
    (Token::MonthDayYearDashed, "<monthabbr>-<daylz>-<year>"),
    (Token::YearMonthDayDashed, "<year>-<monthabbr>-<daylz>"),
    (Token::LogFormat, "<day>/<monthabbr>/<year4>:<hour24lz>:<minutelz>:<secondlz><space><tzcorrection>"),
    (Token::Year, "<year4>"),
    (Token::Ago, "(?i:ago)"),
    (Token::Weekday, "<daytext>"),
    (Token::RelativeWeek, "<reltexttext><space>(?i:week)"),
    (Token::RelativeText, "(?:<reltextnumber>|<reltexttext>)<space><reltextunit>"),
    (Token::Month, "<monthname>"),
    (Token::Zone, "<tzcorrection>"),
    (Token::Zone, "<tz>"),
    (Token::MonthDayTime12, "<datenoyear><timeshort12>"),
    (Token::MonthDayTime12, "<datenoyear><timelong12>"),
    (Token::MonthDayTime24, "<datenoyear><timeshort24>"),
    (Token::MonthDayTime24, "<datenoyear><timelong24>"),
    (Token::MonthDayTime24, "<datenoyear>[tT]?<hour24>[:.]<minute>[:.]<secondlz><space>?(?:<tzcorrection>|<tz>)"),
    (Token::Relative, r"[+-]*[ \t]*[0-9]{1,13}<space>?(?:<reltextunit>|(?i:week))"),
    (Token::Nothing, "[.,]"),
    (Token::Nothing, "<space>"),
    (Token::Nothing, r"[\0\n]"),
];

static COMPILED: LazyLock<Vec<(Token, Regex)>> = LazyLock::new(|| {
    PATTERNS
        .iter()
        .filter_map(|(token, pattern)| {
            let text = format!("^(?:{})", expanded(pattern));
            RegexBuilder::new().build(&text).ok().map(|regex| (*token, regex))
        })
        .collect()
});

/// A pattern with its `<parts>` put in.
fn expanded(pattern: &str) -> String {
    let mut text = pattern.to_owned();
    for (name, part) in PARTS.iter().rev() {
        text = text.replace(&format!("<{name}>"), part);
    }
    text
}

/// The piece that a text begins with, and its length in bytes.
pub(super) fn next(text: &str) -> Option<(Token, usize)> {
    let mut longest: Option<(Token, usize)> = None;
    for (token, regex) in COMPILED.iter() {
        if let Ok(Some(found)) = regex.find(text.as_bytes())
            && longest.is_none_or(|(_, length)| found.end() > length)
            && text.is_char_boundary(found.end())
        {
            longest = Some((*token, found.end()));
        }
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        assert_eq!(COMPILED.len(), PATTERNS.len());
        for (_, pattern) in PATTERNS {
            assert!(!regex_has_part(&expanded(pattern)), "{pattern}");
        }
    }

    fn regex_has_part(text: &str) -> bool {
        PARTS.iter().any(|(name, _)| text.contains(&format!("<{name}>")))
    }

    #[test]
    fn the_longest_piece_wins() {
        let cases = [
            ("2026-11-23", Token::Iso, 10),
            ("2026-11-23T10:00:00Z", Token::DateTime, 19),
            ("2026", Token::TimeOrYear, 4),
            ("1985", Token::Year, 4),
            ("monday next week", Token::Weekday, 6),
            ("first day of next month", Token::EdgeOfMonth, 12),
            ("first monday of", Token::WeekdayOfMonth, 15),
            ("+1 week 2 days", Token::Relative, 7),
            ("10:00 pm", Token::Time12, 8),
            ("10:00 Europe/Berlin", Token::Time24, 5),
            ("Europe/Berlin", Token::Zone, 13),
            ("Nov 23, 2026 10:00", Token::MonthDay, 12),
            ("sept 5", Token::MonthDay, 6),
            ("next month", Token::RelativeText, 10),
        ];
        for (text, token, length) in cases {
            assert_eq!(next(text), Some((token, length)), "{text}");
        }
    }
}
