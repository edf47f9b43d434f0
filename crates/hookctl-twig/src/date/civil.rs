//! The calendar without zones: days, months and years as numbers (proleptic Gregorian).

/// Seconds of a day.
pub(super) const DAY: i64 = 86_400;

/// A date and a time of day as a calendar and a clock show them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Civil {
    /// The year; 0 and below are there.
    pub year: i64,
    /// 1 to 12.
    pub month: i64,
    /// 1 to 31.
    pub day: i64,
    /// 0 to 23.
    pub hour: i64,
    /// 0 to 59.
    pub minute: i64,
    /// 0 to 59.
    pub second: i64,
}

impl Civil {
    /// The calendar and clock values at a number of seconds since 1970.
    pub(crate) fn from_seconds(seconds: i64) -> Self {
        let (year, month, day) = civil_from_days(seconds.div_euclid(DAY));
        let second = seconds.rem_euclid(DAY);
        Self { year, month, day, hour: second / 3600, minute: second / 60 % 60, second: second % 60 }
    }

    /// Seconds after the start of 1970. Fields beyond their range carry over.
    pub(crate) fn seconds(&self) -> i64 {
        let days = days_from_civil(self.year, self.month, 1).saturating_add(self.day.saturating_sub(1));
        let clock = self.hour.saturating_mul(3600).saturating_add(self.minute.saturating_mul(60));
        days.saturating_mul(DAY).saturating_add(clock).saturating_add(self.second)
    }

    /// Days since the start of 1970.
    pub(crate) fn days(&self) -> i64 {
        days_from_civil(self.year, self.month, self.day)
    }

    /// The day of the week: 0 is Sunday.
    pub(crate) fn weekday(&self) -> i64 {
        self.days().saturating_add(4).rem_euclid(7)
    }

    /// The day of the year, from 0.
    pub(crate) fn day_of_year(&self) -> i64 {
        self.days() - days_from_civil(self.year, 1, 1)
    }

    /// The year and the week of ISO 8601.
    pub(crate) fn iso_week(&self) -> (i64, i64) {
        let weekday = (self.weekday() + 6) % 7;
        let thursday = civil_from_days(self.days() - weekday + 3);
        let first = days_from_civil(thursday.0, 1, 1);
        (thursday.0, (self.days() - weekday + 3 - first) / 7 + 1)
    }
}

/// Days from the start of 1970 to a date. Months beyond 1 to 12 and days beyond the month's carry over.
pub(super) fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = year.clamp(-200_000_000_000, 200_000_000_000);
    let month = month.clamp(-2_000_000_000_000, 2_000_000_000_000);
    let year = year + (month - 1).div_euclid(12);
    let month = (month - 1).rem_euclid(12) + 1;
    // The year is taken to start in March, so that the leap day is its last.
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (era * 146_097 + day_of_era - 719_468).saturating_add(day.saturating_sub(1))
}

/// The year, month and day of a number of days from the start of 1970.
pub(super) fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days.saturating_add(719_468);
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_year - (153 * shifted + 2) / 5 + 1)
}

/// Whether a year has 366 days.
pub(super) fn is_leap(year: i64) -> bool {
    (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
}

/// How many days a month (1 to 12) has.
pub(super) fn days_in_month(year: i64, month: i64) -> i64 {
    days_from_civil(year, month + 1, 1) - days_from_civil(year, month, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_agree() {
        for days in [-719_528, -1, 0, 58, 59, 11_016, 20_780, 2_932_896, -1_000_000, 900_000_000] {
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month, day), days);
        }
        assert_eq!(civil_from_days(0), (1970, 1, 1));
        assert_eq!(days_from_civil(2026, 14, 0), days_from_civil(2027, 1, 31));
    }

    #[test]
    fn weeks_of_the_year() {
        let week = |year, month, day| Civil { year, month, day, hour: 0, minute: 0, second: 0 }.iso_week();
        assert_eq!(week(2026, 1, 1), (2026, 1));
        assert_eq!(week(2027, 1, 1), (2026, 53));
        assert_eq!(week(2024, 12, 30), (2025, 1));
    }
}
