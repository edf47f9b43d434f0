//! PHP's dates: `date()` formats, the phrases that `strtotime` reads, intervals.

mod abbreviations;
mod civil;
mod cursor;
mod difference;
mod format;
mod members;
mod phrase;
mod resolve;
mod tokens;
mod zone;

use std::sync::{Mutex, PoisonError};

use crate::template::library::Failure;
use crate::template::value::{Array, Key, Value};
pub use civil::Civil;
pub use phrase::Trouble;
pub use zone::{Offset, Zone};

/// An object that templates can hold.
#[derive(Debug)]
pub enum Object {
    /// A moment in a time zone. Its methods change it in place, as in the reference.
    DateTime(Mutex<DateTime>),
    /// The difference of two moments.
    Interval(Interval),
    /// A time zone.
    Zone(Zone),
}

/// A moment, shown in a time zone.
#[derive(Debug, Clone, PartialEq)]
pub struct DateTime {
    /// Seconds since 1970 (UTC).
    pub seconds: i64,
    /// Microseconds beyond them: 0 to 999,999.
    pub micros: i64,
    /// Where it is shown.
    pub zone: Zone,
}

/// A difference of two moments, as a calendar counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Interval {
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

impl Object {
    /// A moment as an object.
    pub fn moment(moment: DateTime) -> Self {
        Object::DateTime(Mutex::new(moment))
    }

    /// The name of the type, for messages.
    pub fn type_name(&self) -> &'static str {
        match self {
            Object::DateTime(_) => "date",
            Object::Interval(_) => "date interval",
            Object::Zone(_) => "time zone",
        }
    }

    /// The moment, where the object is one.
    pub fn as_moment(&self) -> Option<DateTime> {
        match self {
            Object::DateTime(moment) => Some(moment.lock().unwrap_or_else(PoisonError::into_inner).clone()),
            _ => None,
        }
    }

    /// `<=>`: of two moments. Fails for intervals, whose length depends on where they start.
    pub fn compare(&self, other: &Object) -> Result<i64, Failure> {
        match (self.as_moment(), other.as_moment()) {
            (Some(a), Some(b)) => Ok((a.seconds, a.micros).cmp(&(b.seconds, b.micros)) as i64),
            _ if matches!((self, other), (Object::Interval(_), Object::Interval(_))) => {
                Err(Failure::runtime("date intervals can't be compared").help("compare their `days`, or the dates"))
            }
            _ => Ok(1),
        }
    }

    /// What `json_encode` writes of it.
    pub fn fields(&self) -> Array {
        let fields: Vec<(&str, Value)> = match self {
            Object::DateTime(_) => self.as_moment().map(|moment| moment.fields()).unwrap_or_default(),
            Object::Interval(interval) => interval.fields(),
            Object::Zone(zone) => zone.fields(),
        };
        fields.into_iter().map(|(name, value)| (Key::from(name), value)).collect()
    }
}

impl DateTime {
    /// What calendar and clock of the zone show.
    pub fn civil(&self) -> Civil {
        Civil::from_seconds(self.seconds.saturating_add(self.zone.offset_at(self.seconds)))
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        let mut fields = vec![("date", Value::from(self.format("x-m-d H:i:s.u")))];
        fields.extend(self.zone.fields());
        fields
    }
}

impl Interval {
    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("y", Value::Int(self.years)),
            ("m", Value::Int(self.months)),
            ("d", Value::Int(self.days)),
            ("h", Value::Int(self.hours)),
            ("i", Value::Int(self.minutes)),
            ("s", Value::Int(self.seconds)),
            ("f", Value::Float(self.micros as f64 / 1e6)),
            ("invert", Value::Int(i64::from(self.negative))),
            ("days", Value::Int(self.total_days)),
            ("from_string", Value::Bool(false)),
        ]
    }
}
