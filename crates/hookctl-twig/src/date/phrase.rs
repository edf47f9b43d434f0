//! The phrases that PHP reads as dates: the meaning of each piece, gathered into one [`Phrase`].

use super::cursor::Cursor;
use super::tokens::{self, Token};
use super::zone::{self, Zone};

/// The meaning of a phrase. Fields that it does not mention are `None`.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Phrase {
    /// The year.
    pub year: Option<i64>,
    /// The month, 1 to 12; 0 is the one before.
    pub month: Option<i64>,
    /// The day of the month.
    pub day: Option<i64>,
    /// The hour.
    pub hour: Option<i64>,
    /// The minute.
    pub minute: Option<i64>,
    /// The second.
    pub second: Option<i64>,
    /// Microseconds.
    pub micros: Option<i64>,
    /// The time zone.
    pub zone: Option<Zone>,
    /// How often a zone was said on its own.
    pub zones: u32,
    /// Whether a date was said.
    pub has_date: bool,
    /// How often a time was said.
    pub times: u32,
    /// What is added to it.
    pub relative: Relative,
}

/// What a phrase adds to a moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Relative {
    /// Whether anything is added.
    pub any: bool,
    /// Years.
    pub years: i64,
    /// Months.
    pub months: i64,
    /// Days.
    pub days: i64,
    /// Hours.
    pub hours: i64,
    /// Minutes.
    pub minutes: i64,
    /// Seconds.
    pub seconds: i64,
    /// Microseconds.
    pub micros: i64,
    /// The day of the week to go to: 0 is Sunday; negative after "ago".
    pub weekday: Option<i64>,
    /// How the weekday is looked for: 0 after the day, 1 from the day on, 2 within the week.
    pub behavior: i64,
    /// Something that needs more than adding.
    pub special: Option<Special>,
    /// First (true) or last day of the month.
    pub edge: Option<bool>,
}

/// What can't be said by adding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Special {
    /// A number of working days: Saturdays and Sundays are not counted.
    Weekdays(i64),
    /// `first monday of`
    WeekdayInMonth,
    /// `last monday of`
    LastWeekdayInMonth,
}

/// Why a phrase is not a date: the byte at which it goes wrong, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// Offset in bytes.
    pub at: usize,
    /// What is wrong there.
    pub what: &'static str,
}

const DOUBLE_TIME: &str = "a second time of day";
const DOUBLE_DATE: &str = "a second date";
const DOUBLE_ZONE: &str = "a third time zone";
const UNKNOWN_ZONE: &str = "not a word for dates, nor a time zone";
const UNEXPECTED: &str = "unexpected here";
const OUT_OF_RANGE: &str = "a number out of range";

impl Phrase {
    /// Reads a phrase to its end.
    pub(super) fn parse(text: &str) -> Result<Phrase, Trouble> {
        let trimmed = text.trim_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}']);
        let start = text.len() - text.trim_start_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}']).len();
        let mut phrase = Phrase::default();
        let mut rest = trimmed;
        while !rest.is_empty() {
            let at = start + trimmed.len() - rest.len();
            let Some((token, length)) = tokens::next(rest) else {
                return Err(Trouble { at, what: UNEXPECTED });
            };
            phrase.take(token, &rest[..length]).map_err(|what| Trouble { at, what })?;
            rest = &rest[length..];
        }
        Ok(phrase)
    }

    /// Adds the meaning of one piece.
    fn take(&mut self, token: Token, text: &str) -> Result<(), &'static str> {
        let mut cursor = Cursor::new(text);
        match token {
            Token::Now | Token::Nothing => {}
            Token::Yesterday | Token::Tomorrow => {
                self.forget_time();
                self.relative.any = true;
                self.relative.days = if token == Token::Tomorrow { 1 } else { -1 };
            }
            Token::Noon => {
                self.forget_time();
                self.begin_time()?;
                self.hour = Some(12);
            }
            Token::Today => self.forget_time(),
            Token::Timestamp => self.timestamp(text)?,
            Token::EdgeOfMonth => {
                self.relative.any = true;
                self.relative.edge = Some(text.starts_with(['f', 'F']));
            }
            Token::AroundHour => {
                self.forget_time();
                self.begin_time()?;
                let hour = cursor.number(2).unwrap_or(0);
                let back = text.starts_with('b');
                let hour = if back { hour } else { hour - 1 };
                self.minute = Some(if back { 15 } else { 45 });
                self.hour = Some(hour + if cursor.is_done() { 0 } else { cursor.meridian(hour) });
            }
            Token::WeekdayOfMonth => {
                self.relative.any = true;
                let (amount, behavior) = cursor.relative_text();
                let (special, behavior) = match amount {
                    1.. => (Special::WeekdayInMonth, 1),
                    _ => (Special::LastWeekdayInMonth, behavior),
                };
                self.relative.special = Some(special);
                self.add(&mut cursor, amount, behavior, false)?;
            }
            Token::Time12 => self.time12(&mut cursor)?,
            Token::Time24 | Token::TimeNoColon => {
                self.begin_time()?;
                self.clock(&mut cursor);
                if !cursor.is_done() {
                    self.zone(&mut cursor)?;
                }
            }
            Token::TimeOrYear => {
                match self.times {
                    0 => {
                        self.hour = cursor.number(2);
                        self.minute = cursor.number(2);
                        self.second = Some(0);
                    }
                    1 => self.year = cursor.number(4),
                    _ => return Err(DOUBLE_TIME),
                }
                self.times += 1;
            }
            Token::Year => self.year = cursor.number(4),
            Token::Ago => self.relative.turn_round(),
            Token::Weekday => {
                self.relative.any = true;
                self.forget_time();
                if let Some((Unit::Weekday | Unit::Workdays, number)) = cursor.unit() {
                    self.relative.weekday = Some(number);
                }
                if self.relative.behavior != 2 {
                    self.relative.behavior = 1;
                }
            }
            Token::RelativeWeek | Token::RelativeText => {
                self.relative.any = true;
                let (amount, behavior) = cursor.relative_text();
                self.add(&mut cursor, amount, behavior, false)?;
                if token == Token::RelativeWeek {
                    self.relative.behavior = 2;
                    self.relative.weekday.get_or_insert(1);
                }
            }
            Token::Relative => {
                self.relative.any = true;
                let amount = cursor.signed(24).ok_or(OUT_OF_RANGE)?;
                self.add(&mut cursor, amount, 1, true)?;
            }
            Token::Zone => {
                if self.zones > 0 {
                    self.zones += 1;
                    return if self.zones > 2 { Err(DOUBLE_ZONE) } else { Ok(()) };
                }
                self.zones += 1;
                self.zone(&mut cursor)?;
            }
            _ => self.date(token, &mut cursor)?,
        }
        Ok(())
    }

    /// The pieces that hold a date.
    fn date(&mut self, token: Token, cursor: &mut Cursor<'_>) -> Result<(), &'static str> {
        if self.has_date {
            return Err(DOUBLE_DATE);
        }
        self.has_date = true;
        match token {
            Token::American => {
                self.month = cursor.number(2);
                self.day = cursor.number(2);
                if !cursor.is_done() {
                    self.year = cursor.year();
                }
            }
            Token::Iso => {
                self.year = Some(cursor.signed(19).ok_or(OUT_OF_RANGE)?);
                self.month = cursor.number(2);
                self.day = cursor.number(2);
            }
            Token::IsoShort => {
                self.year = cursor.year();
                self.month = cursor.number(2);
                self.day = cursor.number(2);
            }
            Token::YearMonth => {
                self.year = cursor.year();
                self.month = cursor.number(2);
                self.day = Some(1);
            }
            Token::Pointed => {
                self.day = cursor.number(2);
                self.month = cursor.number(2);
                self.year = cursor.year();
            }
            Token::DayMonthYear | Token::DayMonth => {
                self.day = cursor.number(2);
                cursor.skip_day_suffix();
                self.month = cursor.month();
                if token == Token::DayMonthYear {
                    self.year = cursor.year();
                }
            }
            Token::MonthYear => {
                self.month = cursor.month();
                self.year = cursor.year();
                self.day = Some(1);
            }
            Token::YearMonthName => {
                self.year = cursor.year();
                self.month = cursor.month();
                self.day = Some(1);
            }
            Token::MonthDay | Token::MonthDayYearDashed => {
                self.month = cursor.month();
                self.day = cursor.number(2);
                self.year = cursor.year().or(self.year);
            }
            Token::YearMonthDayDashed => {
                self.year = cursor.year();
                self.month = cursor.month();
                self.day = cursor.number(2);
            }
            Token::Month => self.month = cursor.month(),
            Token::Compact | Token::DateTime => {
                self.year = cursor.number(4);
                self.month = cursor.number(2);
                self.day = cursor.number(2);
                if token == Token::DateTime {
                    self.begin_time()?;
                    self.clock(cursor);
                    if !cursor.is_done() {
                        self.zone(cursor)?;
                    }
                }
            }
            Token::YearDay => {
                self.year = cursor.number(4);
                self.day = cursor.number(3);
                self.month = Some(1);
            }
            Token::WeekDate => self.week_date(cursor),
            Token::LogFormat => {
                self.day = cursor.number(2);
                self.month = cursor.month();
                self.year = cursor.number(4);
                self.begin_time()?;
                self.clock(cursor);
                self.zone(cursor)?;
            }
            _ => {
                self.month = cursor.month();
                self.day = cursor.number(2);
                if token == Token::MonthDayTime12 {
                    self.time12(cursor)?;
                } else {
                    self.begin_time()?;
                    self.clock(cursor);
                    if !cursor.is_done() {
                        self.zone(cursor)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// A week of a year counts from the Monday of the week that has the year's first Thursday.
    fn week_date(&mut self, cursor: &mut Cursor<'_>) {
        let year = cursor.number(4).unwrap_or(0);
        let week = cursor.number(2).unwrap_or(1);
        let day = cursor.number(1).unwrap_or(1);
        (self.year, self.month, self.day) = (Some(year), Some(1), Some(1));
        let first = (super::civil::days_from_civil(year, 1, 1) + 4).rem_euclid(7);
        let monday = if first > 4 { 7 - first } else { -first };
        self.relative.any = true;
        self.relative.days = monday + (week - 1) * 7 + day;
    }

    fn timestamp(&mut self, text: &str) -> Result<(), &'static str> {
        let (seconds, fraction) = match text[1..].split_once('.') {
            Some((seconds, fraction)) => (seconds, Some(fraction)),
            None => (&text[1..], None),
        };
        let seconds: i64 = seconds.parse().map_err(|_| OUT_OF_RANGE)?;
        self.forget_time();
        self.has_date = false;
        self.zones += 1;
        if self.zones > 1 {
            return if self.zones > 2 { Err(DOUBLE_ZONE) } else { Ok(()) };
        }
        (self.year, self.month, self.day) = (Some(1970), Some(1), Some(1));
        self.relative.any = true;
        self.relative.seconds = self.relative.seconds.checked_add(seconds).ok_or(OUT_OF_RANGE)?;
        if let Some(fraction) = fraction {
            let micros: i64 = format!("{fraction:0<6}").parse().unwrap_or(0);
            self.relative.micros = if text[1..].starts_with('-') { -micros } else { micros };
        }
        self.zone = Some(Zone::Offset(0));
        Ok(())
    }

    fn begin_time(&mut self) -> Result<(), &'static str> {
        if self.times > 0 {
            return Err(DOUBLE_TIME);
        }
        self.forget_time();
        self.times = 1;
        Ok(())
    }

    /// Midnight, until another time is said.
    fn forget_time(&mut self) {
        self.times = 0;
        (self.hour, self.minute, self.second, self.micros) = (Some(0), Some(0), Some(0), Some(0));
    }

    /// Hour, minute, second and fraction, as far as they are there.
    fn clock(&mut self, cursor: &mut Cursor<'_>) {
        self.hour = cursor.number(2);
        for part in [&mut self.minute, &mut self.second] {
            if cursor.is_at_digit_or(b":.") {
                *part = cursor.number(2);
            }
        }
        if cursor.is_at(b'.') {
            self.micros = Some(cursor.fraction());
        }
    }

    fn time12(&mut self, cursor: &mut Cursor<'_>) -> Result<(), &'static str> {
        self.begin_time()?;
        let hour = cursor.number(2).unwrap_or(0);
        for part in [&mut self.minute, &mut self.second] {
            if cursor.is_at_digit_or(b":.") {
                *part = cursor.number(2);
            }
        }
        if cursor.is_at_digit_or(b":.") {
            self.micros = Some(cursor.fraction());
        }
        self.hour = Some(hour + cursor.meridian(hour));
        Ok(())
    }

    fn zone(&mut self, cursor: &mut Cursor<'_>) -> Result<(), &'static str> {
        match zone::read(cursor.rest()) {
            Some((zone, _)) => self.zone = Some(zone),
            None => return Err(UNKNOWN_ZONE),
        }
        Ok(())
    }

    /// Adds an amount of the unit that comes next; going to a weekday means midnight there, unless `keep`.
    fn add(&mut self, cursor: &mut Cursor<'_>, amount: i64, behavior: i64, keep: bool) -> Result<(), &'static str> {
        let Some((unit, size)) = cursor.unit() else { return Ok(()) };
        let relative = &mut self.relative;
        let field = match unit {
            Unit::Microsecond => &mut relative.micros,
            Unit::Second => &mut relative.seconds,
            Unit::Minute => &mut relative.minutes,
            Unit::Hour => &mut relative.hours,
            Unit::Day => &mut relative.days,
            Unit::Month => &mut relative.months,
            Unit::Year => &mut relative.years,
            Unit::Weekday | Unit::Workdays => {
                if unit == Unit::Weekday {
                    let weeks = if amount > 0 { amount - 1 } else { amount };
                    relative.days = relative.days.saturating_add(weeks.saturating_mul(7));
                    relative.weekday = Some(size);
                    relative.behavior = behavior;
                } else {
                    relative.special = Some(Special::Weekdays(amount));
                }
                if !keep {
                    self.forget_time();
                }
                return Ok(());
            }
        };
        *field = amount.checked_mul(size).and_then(|amount| field.checked_add(amount)).ok_or(OUT_OF_RANGE)?;
        Ok(())
    }
}

impl Relative {
    /// "ago": everything the other way.
    fn turn_round(&mut self) {
        for field in
            [&mut self.years, &mut self.months, &mut self.days, &mut self.hours, &mut self.minutes, &mut self.seconds]
        {
            *field = field.wrapping_neg();
        }
        self.weekday = self.weekday.map(|day| if day == 0 { -7 } else { -day });
        if let Some(Special::Weekdays(amount)) = &mut self.special {
            *amount = amount.wrapping_neg();
        }
    }
}

/// What a relative phrase counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// Microseconds.
    Microsecond,
    /// Seconds.
    Second,
    /// Minutes.
    Minute,
    /// Hours.
    Hour,
    /// Days.
    Day,
    /// Months.
    Month,
    /// Years.
    Year,
    /// Days of a name.
    Weekday,
    /// Days but Saturdays and Sundays.
    Workdays,
}
