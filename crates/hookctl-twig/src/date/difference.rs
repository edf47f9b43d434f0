//! The difference of two moments, as PHP's `diff` counts it.

use super::civil::{DAY, days_in_month};
use super::{DateTime, Interval, Zone};

impl DateTime {
    /// From this moment to another.
    pub(crate) fn difference(&self, other: &DateTime) -> Interval {
        let same_zone = matches!((&self.zone, &other.zone), (Zone::Named(a), Zone::Named(b)) if a == b);
        let order = |moment: &DateTime| {
            let shown = if same_zone {
                moment.seconds.saturating_add(moment.zone.offset_at(moment.seconds))
            } else {
                moment.seconds
            };
            (shown, moment.micros)
        };
        let negative = order(self) > order(other);
        let (one, two) = if negative { (other, self) } else { (self, other) };
        let (first, second) = (one.zone.at(one.seconds), two.zone.at(two.seconds));
        let (a, b) = (one.civil(), two.civil());
        let mut interval = Interval {
            years: b.year - a.year,
            months: b.month - a.month,
            days: b.day - a.day,
            hours: b.hour - a.hour,
            minutes: b.minute - a.minute,
            seconds: b.second - a.second,
            micros: two.micros - one.micros,
            negative,
            total_days: total_days(one, two),
        };
        let shift = second.seconds - first.seconds;
        if !same_zone {
            interval.seconds -= shift;
            interval.normalize(if negative { (a.year, a.month) } else { (b.year, b.month) });
            return interval;
        }
        if two.seconds < one.seconds {
            // Within a repeated hour the later clock time can be the earlier moment.
            let flipped = (interval.minutes * 60 + interval.seconds - shift).abs();
            interval.hours = flipped / 3600;
            interval.minutes = flipped / 60 % 60;
            interval.seconds = flipped % 60;
            interval.negative = !interval.negative;
        }
        interval.normalize(if interval.negative { (a.year, a.month) } else { (b.year, b.month) });
        let elapsed = two.seconds.saturating_sub(one.seconds);
        let correct = |interval: &mut Interval| {
            interval.hours -= shift / 3600;
            interval.minutes -= shift % 3600 / 60;
        };
        match (first.dst, second.dst) {
            (true, false) if elapsed.saturating_add(shift) < DAY => correct(&mut interval),
            (true, false) => {}
            (false, true) => {
                if let Some(start) = two.zone.period(two.seconds).start {
                    let next_day = one.seconds.saturating_add(DAY);
                    let lands_in_gap = next_day > start && next_day <= start + shift;
                    if !lands_in_gap
                        && two.seconds >= start
                        && elapsed.saturating_add(shift) % DAY > two.seconds - start
                    {
                        correct(&mut interval);
                    }
                }
            }
            _ if elapsed >= DAY => {
                let before = two.zone.period(two.seconds.saturating_sub(second.seconds));
                let shift = first.seconds - before.offset;
                if before.start.is_some_and(|start| two.seconds >= start - shift && two.seconds < start) {
                    interval.days -= 1;
                    interval.hours = 24;
                }
            }
            _ => {}
        }
        interval
    }
}

/// Whole days between two moments: of the calendar in one zone, of 24 hours across zones.
fn total_days(one: &DateTime, two: &DateTime) -> i64 {
    let same = match (&one.zone, &two.zone) {
        (Zone::Named(a), Zone::Named(b)) => a == b,
        (Zone::Offset(a), Zone::Offset(b)) => a == b,
        (Zone::Abbreviation { offset: a, .. }, Zone::Abbreviation { offset: b, .. }) => a == b,
        _ => false,
    };
    if !same {
        return two.seconds.saturating_sub(one.seconds).saturating_abs() / DAY;
    }
    let (earliest, latest) =
        if (one.seconds, one.micros) < (two.seconds, two.micros) { (one, two) } else { (two, one) };
    let (a, b) = (earliest.civil(), latest.civil());
    let clock = |at: &super::Civil, micros: i64| (at.hour, at.minute, at.second, micros);
    let days = (b.days() - a.days()).abs();
    if clock(&b, latest.micros) < clock(&a, earliest.micros) && days > 0 { days - 1 } else { days }
}

impl Interval {
    /// Makes all parts positive: days are borrowed from the months around the base month.
    fn normalize(&mut self, (mut year, mut month): (i64, i64)) {
        let carry = |small: &mut i64, size: i64, large: &mut i64| {
            *large += small.div_euclid(size);
            *small = small.rem_euclid(size);
        };
        carry(&mut self.micros, 1_000_000, &mut self.seconds);
        carry(&mut self.seconds, 60, &mut self.minutes);
        carry(&mut self.minutes, 60, &mut self.hours);
        carry(&mut self.hours, 24, &mut self.days);
        carry(&mut self.months, 12, &mut self.years);
        while self.days < 0 {
            if !self.negative {
                month -= 1;
                if month == 0 {
                    (year, month) = (year - 1, 12);
                }
            }
            self.days += days_in_month(year, month);
            self.months -= 1;
            if self.negative {
                month += 1;
                if month == 13 {
                    (year, month) = (year + 1, 1);
                }
            }
        }
        carry(&mut self.months, 12, &mut self.years);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences() {
        let now = DateTime { seconds: 0, micros: 0, zone: Zone::utc() };
        let cases = [
            ("2026-11-23 10:00", "2026-10-01", "- 0 1 22 10 0 0 53"),
            ("2026-01-31", "2026-03-01", "+ 0 0 29 0 0 0 29"),
            ("2026-03-01", "2026-01-31", "- 0 1 1 0 0 0 29"),
            ("2024-02-29", "2025-02-28", "+ 0 11 30 0 0 0 365"),
            ("2026-01-01 12:00 +02:00", "2026-01-01 12:00 UTC", "+ 0 0 0 2 0 0 0"),
            ("2026-03-28 12:00 Europe/Berlin", "2026-03-29 12:00 Europe/Berlin", "+ 0 0 1 0 0 0 1"),
        ];
        for (one, two, expected) in cases {
            let moment = |text| DateTime::parse(text, &now).unwrap();
            let interval = moment(one).difference(&moment(two));
            assert_eq!(interval.format("%R %y %m %d %h %i %s %a"), expected, "{one} to {two}");
        }
    }
}
