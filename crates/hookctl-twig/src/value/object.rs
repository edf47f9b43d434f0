//! Objects: dates, intervals and time zones as values.

use std::sync::{Mutex, PoisonError};

use super::{Array, Key, Value};
use crate::date::{DateTime, Interval, Zone};
use crate::error::Failure;

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
            Object::DateTime(_) => self.as_moment().map(|moment| moment_fields(&moment)).unwrap_or_default(),
            Object::Interval(interval) => interval_fields(interval),
            Object::Zone(zone) => zone_fields(zone),
        };
        fields.into_iter().map(|(name, value)| (Key::from(name), value)).collect()
    }
}

fn moment_fields(moment: &DateTime) -> Vec<(&'static str, Value)> {
    let mut fields = vec![("date", Value::from(moment.format("x-m-d H:i:s.u")))];
    fields.extend(zone_fields(&moment.zone));
    fields
}

fn interval_fields(interval: &Interval) -> Vec<(&'static str, Value)> {
    vec![
        ("y", Value::Int(interval.years)),
        ("m", Value::Int(interval.months)),
        ("d", Value::Int(interval.days)),
        ("h", Value::Int(interval.hours)),
        ("i", Value::Int(interval.minutes)),
        ("s", Value::Int(interval.seconds)),
        ("f", Value::Float(interval.micros as f64 / 1e6)),
        ("invert", Value::Int(i64::from(interval.negative))),
        ("days", Value::Int(interval.total_days)),
        ("from_string", Value::Bool(false)),
    ]
}

fn zone_fields(zone: &Zone) -> Vec<(&'static str, Value)> {
    let kind = match zone {
        Zone::Offset(_) => 1,
        Zone::Abbreviation { .. } => 2,
        Zone::Named(_) => 3,
    };
    vec![("timezone_type", Value::Int(kind)), ("timezone", Value::from(zone.name()))]
}
