//! PHP's dates: `date()` formats, the phrases that `strtotime` reads, intervals.

mod abbreviations;
mod civil;
mod cursor;
mod difference;
mod format;
mod phrase;
mod resolve;
mod tokens;
mod zone;

use crate::error::Failure;
pub(crate) use civil::Civil;
pub(crate) use phrase::Trouble;
pub(crate) use zone::Zone;

/// A moment, shown in a time zone.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DateTime {
    /// Seconds since 1970 (UTC).
    pub seconds: i64,
    /// Microseconds beyond them: 0 to 999,999.
    pub micros: i64,
    /// Where it is shown.
    pub zone: Zone,
}

/// A difference of two moments, as a calendar counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Interval {
    /// Whole years.
    pub years: i64,
    /// Whole months beyond them.
    pub months: i64,
    /// Whole days beyond them.
    pub days: i64,
    /// Hours beyond them.
    pub hours: i64,
    /// Minutes beyond them.
    pub minutes: i64,
    /// Seconds beyond them.
    pub seconds: i64,
    /// Microseconds beyond them.
    pub micros: i64,
    /// Whether the second moment was before the first.
    pub negative: bool,
    /// All whole days between the moments.
    pub total_days: i64,
}

impl DateTime {
    /// What calendar and clock of the zone show.
    pub(crate) fn civil(&self) -> Civil {
        Civil::from_seconds(self.seconds.saturating_add(self.zone.offset_at(self.seconds)))
    }
}

impl Trouble {
    /// The trouble as a failure that names the phrase and the place in it.
    pub(crate) fn into_failure(self, phrase: &str) -> Failure {
        let rest = phrase.get(self.at..).unwrap_or_default();
        let place = if self.at == 0 || rest.is_empty() { String::new() } else { format!(" at \"{rest}\"") };
        Failure::runtime(format!("invalid date \"{phrase}\": {}{place}", self.what))
            .help("write a date such as \"2026-11-23 10:00\", \"+1 day\" or \"first day of next month\"")
    }
}

impl Zone {
    /// The zone of that name, or a failure that names it.
    pub(crate) fn required(name: &str) -> Result<Zone, Failure> {
        Zone::parse(name).ok_or_else(|| {
            Failure::runtime(format!("\"{name}\" is not a time zone"))
                .help("write a name such as \"Europe/Berlin\" or an offset such as \"+02:00\"")
        })
    }
}
