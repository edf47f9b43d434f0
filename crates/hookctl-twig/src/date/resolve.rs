//! From a phrase to a moment, as PHP does it step by step.

use super::civil::{Civil, days_from_civil};
use super::phrase::{Phrase, Relative, Special};
use super::zone::Zone;
use super::{DateTime, Trouble};

/// A calendar and a clock whose fields may lie beyond their ranges.
#[derive(Debug, Clone)]
struct Fields {
    at: Civil,
    micros: i64,
}

/// What is known of daylight saving time, to choose between the two instances of a repeated hour.
#[derive(Debug, Clone, Copy)]
struct Dst {
    /// Whether the zone is known to be meant.
    zone: bool,
    /// Whether daylight saving time is taken to hold.
    dst: bool,
}

impl DateTime {
    /// The moment that a phrase names; what it leaves open is taken from `now`, which also has the time zone.
    pub(crate) fn parse(text: &str, now: &DateTime) -> Result<DateTime, Trouble> {
        if text.is_empty() || text == "now" {
            return Ok(now.clone());
        }
        let phrase = Phrase::parse(text)?;
        let today = now.civil();
        let all_open = [phrase.year, phrase.month, phrase.day, phrase.hour, phrase.minute, phrase.second]
            .iter()
            .all(Option::is_none);
        let midnight = phrase.has_date && phrase.times == 0;
        let clock = |said: Option<i64>, now: i64| if midnight { 0 } else { said.unwrap_or(now) };
        let fields = Fields {
            at: Civil {
                year: phrase.year.unwrap_or(today.year),
                month: phrase.month.unwrap_or(today.month),
                day: phrase.day.unwrap_or(today.day),
                hour: clock(phrase.hour, today.hour),
                minute: clock(phrase.minute, today.minute),
                second: clock(phrase.second, today.second),
            },
            micros: match phrase.micros {
                _ if midnight => 0,
                Some(micros) => micros,
                None if all_open => now.micros,
                None => 0,
            },
        };
        let said_zone = phrase.zones > 0;
        let zone = phrase.zone.unwrap_or_else(|| now.zone.clone());
        Ok(fields.resolved(&phrase.relative, zone, Dst { zone: said_zone, dst: true }))
    }

    /// The moment at which calendar and clock show something else; fields beyond their ranges carry over.
    pub(crate) fn with(&self, at: Civil, micros: i64) -> DateTime {
        let dst = self.zone.at(self.seconds).dst;
        Fields { at, micros }.resolved(&Relative::default(), self.zone.clone(), Dst { zone: true, dst })
    }

    /// The moment changed as a phrase says.
    pub(crate) fn modified(&self, text: &str) -> Result<DateTime, Trouble> {
        let phrase = Phrase::parse(text)?;
        let now = self.civil();
        let (minute, second) = match phrase.hour {
            Some(_) => (phrase.minute.unwrap_or(0), phrase.minute.and(phrase.second).unwrap_or(0)),
            None => (now.minute, now.second),
        };
        let fields = Fields {
            at: Civil {
                year: phrase.year.unwrap_or(now.year),
                month: phrase.month.unwrap_or(now.month),
                day: phrase.day.unwrap_or(now.day),
                hour: phrase.hour.unwrap_or(now.hour),
                minute,
                second,
            },
            micros: phrase.micros.unwrap_or(self.micros),
        };
        let zone = if phrase.is_timestamp() { Zone::Offset(0) } else { self.zone.clone() };
        let dst = self.zone.at(self.seconds).dst;
        Ok(fields.resolved(&phrase.relative, zone, Dst { zone: true, dst }))
    }
}

impl Phrase {
    /// Whether it starts from 1970 in UTC and adds the rest, as `@1795392000` does.
    fn is_timestamp(&self) -> bool {
        let clock = [self.hour, self.minute, self.second, self.micros];
        let date = [self.year, self.month, self.day];
        self.zone == Some(Zone::Offset(0))
            && self.zones > 0
            && date == [Some(1970), Some(1), Some(1)]
            && clock.iter().all(|part| *part == Some(0))
    }
}

impl Fields {
    /// Carries fields beyond their ranges over to the next larger ones.
    fn normalize(&mut self) {
        let at = &mut self.at;
        carry(&mut self.micros, 1_000_000, &mut at.second);
        carry(&mut at.second, 60, &mut at.minute);
        carry(&mut at.minute, 60, &mut at.hour);
        carry(&mut at.hour, 24, &mut at.day);
        let day = super::civil::civil_from_days(
            days_from_civil(at.year, at.month, 1).saturating_add(at.day.saturating_sub(1)),
        );
        (at.year, at.month, at.day) = day;
    }

    fn weekday(&self) -> i64 {
        self.at.weekday()
    }

    fn resolved(mut self, relative: &Relative, zone: Zone, dst: Dst) -> DateTime {
        let mut relative = relative.clone();
        self.special_before(&mut relative);
        self.add(&relative);
        if let Some(Special::Weekdays(amount)) = relative.special {
            self.add_workdays(amount);
        }
        self.normalize();
        let seconds = moment(self.at.seconds(), &zone, dst);
        DateTime { seconds, micros: self.micros, zone }
    }

    /// What goes to the start of a month before anything is added.
    fn special_before(&mut self, relative: &mut Relative) {
        let months = match relative.special {
            Some(Special::WeekdayInMonth) => Some(relative.months),
            Some(Special::LastWeekdayInMonth) => Some(relative.months.saturating_add(1)),
            _ => None,
        };
        if let Some(months) = months {
            self.at.day = 1;
            self.at.month = self.at.month.saturating_add(months);
            relative.months = 0;
        }
        self.go_to_edge(relative.edge);
        self.normalize();
    }

    fn go_to_edge(&mut self, edge: Option<bool>) {
        match edge {
            Some(true) => self.at.day = 1,
            Some(false) => {
                self.at.day = 0;
                self.at.month = self.at.month.saturating_add(1);
            }
            None => {}
        }
    }

    fn add(&mut self, relative: &Relative) {
        if let Some(weekday) = relative.weekday {
            self.go_to_weekday(weekday, relative);
        }
        self.normalize();
        if relative.any {
            let at = &mut self.at;
            for (field, amount) in [
                (&mut self.micros, relative.micros),
                (&mut at.second, relative.seconds),
                (&mut at.minute, relative.minutes),
                (&mut at.hour, relative.hours),
                (&mut at.day, relative.days),
                (&mut at.month, relative.months),
                (&mut at.year, relative.years),
            ] {
                *field = field.saturating_add(amount);
            }
        }
        self.go_to_edge(relative.edge);
        self.normalize();
    }

    fn go_to_weekday(&mut self, mut weekday: i64, relative: &Relative) {
        let today = self.weekday();
        if relative.behavior == 2 {
            // The week is Monday to Sunday.
            match (today, weekday) {
                (0, day) if day != 0 => weekday -= 7,
                (1.., 0) => weekday = 7,
                _ => {}
            }
            self.at.day = self.at.day.saturating_add(weekday - today);
            return;
        }
        let mut difference = weekday - today;
        if (relative.days < 0 && difference < 0) || (relative.days >= 0 && difference <= -relative.behavior) {
            difference += 7;
        }
        self.at.day += if weekday >= 0 { difference } else { -(7 - (weekday.abs() - today)) };
    }

    /// Goes on by days that are neither Saturday nor Sunday.
    fn add_workdays(&mut self, amount: i64) {
        let today = self.weekday();
        let day = &mut self.at.day;
        *day = day.saturating_add((amount / 5).saturating_mul(7));
        let rest = amount % 5;
        *day += match (amount > 0, rest, today) {
            (true, 0, 0) => -2,
            (true, 0, 6) => -1,
            (true, 0, _) => 0,
            (true, _, 6) => 1,
            (true, rest, today) if today + rest > 5 => 2,
            (false, 0, 6) => 2,
            (false, 0, 0) => 1,
            (false, 0, _) => 0,
            (false, _, 0) => -1,
            (false, rest, today) if today + rest < 1 => -2,
            _ => 0,
        };
        *day += rest;
    }
}

fn carry(small: &mut i64, size: i64, large: &mut i64) {
    *large = large.saturating_add(small.div_euclid(size));
    *small = small.rem_euclid(size);
}

/// The moment of a local time. A skipped hour moves on; which one of a repeated hour is meant follows what the reference
/// knows at this point, be it little.
fn moment(local: i64, zone: &Zone, known: Dst) -> i64 {
    const TWO_HOURS: i64 = 7200;
    let Zone::Named(_) = zone else { return local.saturating_sub(zone.offset_at(local)) };
    let current = zone.at(local);
    let mut actual = zone.period(local.saturating_sub(current.seconds));
    if current.seconds == actual.offset && known.zone {
        if current.seconds >= 0 && known.dst && !current.dst {
            let earlier = zone.period(local.saturating_sub(current.seconds + TWO_HOURS));
            if earlier.offset != actual.offset
                && actual.start.is_some_and(|start| local.saturating_sub(earlier.offset) < start)
            {
                actual = earlier;
            }
        } else if current.seconds <= 0 && current.dst && !known.dst {
            let later = zone.period(local.saturating_sub(current.seconds - TWO_HOURS));
            if later.offset != actual.offset
                && later.start.is_some_and(|start| local.saturating_sub(later.offset) >= start)
            {
                actual = later;
            }
        }
    }
    let utc = local.saturating_sub(actual.offset);
    let in_transition =
        actual.start.is_some_and(|start| utc >= start + (current.seconds - actual.offset) && utc < start);
    let offset = if current.seconds != actual.offset && !in_transition { actual.offset } else { current.seconds };
    local.saturating_sub(offset)
}
