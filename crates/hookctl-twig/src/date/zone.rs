//! Time zones as PHP knows them: named ones, plain offsets, abbreviations.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::abbreviations::ABBREVIATIONS;

/// A time zone.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Zone {
    /// A zone of the tz database, which is built in.
    Named(TimeZone),
    /// Seconds east of UTC.
    Offset(i64),
    /// An abbreviation such as `CET`.
    Abbreviation {
        /// The abbreviation in capitals.
        name: Arc<str>,
        /// Seconds east of UTC.
        offset: i64,
        /// Whether it means daylight saving time.
        dst: bool,
    },
}

/// What holds in a zone at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offset {
    /// Seconds east of UTC.
    pub seconds: i64,
    /// Whether it is daylight saving time.
    pub dst: bool,
    /// The abbreviation: `CET`, `GMT+0200`.
    pub abbreviation: String,
}

impl Zone {
    /// UTC, as a named zone.
    pub(crate) fn utc() -> Zone {
        Zone::Named(TimeZone::UTC)
    }

    /// The zone that a text names: a name of the tz database in any case, an abbreviation, or an offset (`+02:00`).
    pub(crate) fn parse(text: &str) -> Option<Zone> {
        read(text).filter(|(_, rest)| rest.is_empty()).map(|(zone, _)| zone)
    }

    /// The zone of the tz database of that name, in any case.
    pub(crate) fn named(name: &str) -> Option<Zone> {
        if name.eq_ignore_ascii_case("utc") {
            return Some(Zone::utc());
        }
        TimeZone::get(name).ok().filter(|zone| zone.iana_name().is_some()).map(Zone::Named)
    }

    /// The zone of an abbreviation, in upper or lower case.
    pub(crate) fn abbreviation(text: &str) -> Option<Zone> {
        let name = text.to_ascii_uppercase();
        let index = ABBREVIATIONS.binary_search_by_key(&name.as_str(), |entry| entry.0).ok()?;
        let (_, offset, dst) = ABBREVIATIONS[index];
        Some(Zone::Abbreviation { name: name.into(), offset: offset.into(), dst })
    }

    /// The zone's name as the format letter `e` gives it.
    pub(crate) fn name(&self) -> String {
        match self {
            Zone::Named(zone) => zone.iana_name().unwrap_or("UTC").to_owned(),
            Zone::Offset(seconds) => offset_text(*seconds, ":"),
            Zone::Abbreviation { name, .. } => name.to_string(),
        }
    }

    /// What holds at a moment, in seconds since 1970.
    pub(crate) fn at(&self, seconds: i64) -> Offset {
        match self {
            Zone::Named(zone) => {
                let info = zone.to_offset_info(timestamp(seconds));
                Offset {
                    seconds: info.offset().seconds().into(),
                    dst: info.dst().is_dst(),
                    abbreviation: info.abbreviation().to_owned(),
                }
            }
            Zone::Offset(offset) => {
                Offset { seconds: *offset, dst: false, abbreviation: format!("GMT{}", offset_text(*offset, "")) }
            }
            Zone::Abbreviation { name, offset, dst } => {
                Offset { seconds: *offset, dst: *dst, abbreviation: name.to_string() }
            }
        }
    }

    /// Seconds east of UTC at a moment.
    pub(crate) fn offset_at(&self, seconds: i64) -> i64 {
        match self {
            Zone::Named(zone) => zone.to_offset(timestamp(seconds)).seconds().into(),
            Zone::Offset(offset) | Zone::Abbreviation { offset, .. } => *offset,
        }
    }

    /// The offset at a moment, and since when it holds.
    pub(super) fn period(&self, seconds: i64) -> Period {
        let start = match self {
            Zone::Named(zone) => {
                zone.preceding(timestamp(seconds.saturating_add(1))).next().map(|change| change.timestamp().as_second())
            }
            _ => None,
        };
        Period { offset: self.offset_at(seconds), start }
    }
}

/// A time through which the offset of a zone does not change.
#[derive(Debug, Clone, Copy)]
pub(super) struct Period {
    /// Seconds east of UTC.
    pub offset: i64,
    /// Its first moment; none: it always was so.
    pub start: Option<i64>,
}

/// The zone that a text begins with, and the rest of the text. Brackets around it are skipped.
pub(super) fn read(text: &str) -> Option<(Zone, &str)> {
    let text = text.trim_start_matches([' ', '\t', '(']);
    let text = match text.strip_prefix("GMT") {
        Some(rest) if rest.starts_with(['+', '-']) => rest,
        _ => text,
    };
    if let Some(rest) = text.strip_prefix(['+', '-']) {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != ':').unwrap_or(rest.len());
        let seconds = offset_seconds(&rest[..end])?;
        let zone = Zone::Offset(if text.starts_with('-') { -seconds } else { seconds });
        return (seconds < 100 * 3600).then(|| (zone, rest[end..].trim_start_matches(')')));
    }
    let in_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | '+');
    let end = text.find(|c| !in_name(c)).unwrap_or(text.len());
    let word = &text[..end];
    let zone = if word == "UTC" { Zone::utc() } else { Zone::abbreviation(word).or_else(|| Zone::named(word))? };
    Some((zone, text[end..].trim_start_matches(')')))
}

/// The nearest moment that the tz database has an answer for.
fn timestamp(seconds: i64) -> Timestamp {
    let nearest = seconds.clamp(Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
    Timestamp::from_second(nearest).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// `+02:00`, with the given separator between hours and minutes.
pub(super) fn offset_text(seconds: i64, between: &str) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.abs() / 60;
    let rest = seconds.abs() % 60;
    let text = format!("{sign}{:02}{between}{:02}", minutes / 60, minutes % 60);
    if rest == 0 { text } else { format!("{text}{between}{rest:02}") }
}

/// Seconds of an offset without its sign: `2`, `02`, `0200`, `2:00`, `02:00`, `02:00:00`.
pub(super) fn offset_seconds(text: &str) -> Option<i64> {
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse::<i64>().ok()).flatten();
    let (hours, minutes, seconds) = match text.split(':').collect::<Vec<_>>()[..] {
        [all] => {
            let number = digits(all)?;
            match all.len() {
                1 | 2 => (number, 0, 0),
                3 | 4 => (number / 100, number % 100, 0),
                6 => (number / 10_000, number / 100 % 100, number % 100),
                _ => return None,
            }
        }
        [hours, minutes] if (1..=2).contains(&hours.len()) && (1..=2).contains(&minutes.len()) => {
            (digits(hours)?, digits(minutes)?, 0)
        }
        [hours, minutes, seconds] if [hours, minutes, seconds].iter().all(|part| part.len() == 2) => {
            (digits(hours)?, digits(minutes)?, digits(seconds)?)
        }
        _ => return None,
    };
    Some(hours * 3600 + minutes * 60 + seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_by_every_kind_of_name() {
        let cases = [
            ("europe/berlin", Some("Europe/Berlin")),
            ("utc", Some("UTC")),
            ("est", Some("EST")),
            ("+02:00", Some("+02:00")),
            ("-0530", Some("-05:30")),
            ("+2", Some("+02:00")),
            ("Mars/Base", None),
            ("", None),
            ("+", None),
        ];
        for (text, name) in cases {
            assert_eq!(Zone::parse(text).map(|zone| zone.name()).as_deref(), name, "{text}");
        }
    }
}
