//! Objects: dates, intervals and time zones as values.

use std::sync::{Mutex, PoisonError};

use super::{Array, Key, Value};
use crate::date::{DateTime, Interval, Zone};
use crate::error::Failure;

/// An object that templates can hold: a date, a date interval or a time zone.
#[derive(Debug)]
pub struct Object(ObjectKind);

/// What an [`Object`] is.
#[derive(Debug)]
pub(crate) enum ObjectKind {
    /// A moment in a time zone. Its methods change it in place, as in the reference.
    DateTime(Mutex<DateTime>),
    /// The difference of two moments.
    Interval(Interval),
    /// A time zone.
    Zone(Zone),
}

impl Object {
    /// A moment as an object.
    pub(crate) fn moment(moment: DateTime) -> Self {
        Self(ObjectKind::DateTime(Mutex::new(moment)))
    }

    /// An interval as an object.
    pub(crate) fn interval(interval: Interval) -> Self {
        Self(ObjectKind::Interval(interval))
    }

    /// A time zone as an object.
    pub(crate) fn zone(zone: Zone) -> Self {
        Self(ObjectKind::Zone(zone))
    }

    /// What it is.
    pub(crate) fn kind(&self) -> &ObjectKind {
        &self.0
    }

    /// The name of the type, for messages.
    pub(crate) fn type_name(&self) -> &'static str {
        match &self.0 {
            ObjectKind::DateTime(_) => "date",
            ObjectKind::Interval(_) => "date interval",
            ObjectKind::Zone(_) => "time zone",
        }
    }

    /// The moment, where the object is one.
    pub(crate) fn as_moment(&self) -> Option<DateTime> {
        match &self.0 {
            ObjectKind::DateTime(moment) => Some(moment.lock().unwrap_or_else(PoisonError::into_inner).clone()),
            _ => None,
        }
    }

    /// `<=>`: of two moments. Fails for intervals, whose length depends on where they start.
    pub(crate) fn compare(&self, other: &Object) -> Result<i64, Failure> {
        match (self.as_moment(), other.as_moment()) {
            (Some(a), Some(b)) => Ok((a.seconds, a.micros).cmp(&(b.seconds, b.micros)) as i64),
            _ if matches!((&self.0, &other.0), (ObjectKind::Interval(_), ObjectKind::Interval(_))) => {
                Err(Failure::runtime("date intervals can't be compared").help("compare their `days`, or the dates"))
            }
            _ => Ok(1),
        }
    }

    /// What `json_encode` writes of it.
    pub(crate) fn fields(&self) -> Array {
        let fields: Vec<(&str, Value)> = match &self.0 {
            ObjectKind::DateTime(_) => self.as_moment().map(|moment| moment_fields(&moment)).unwrap_or_default(),
            ObjectKind::Interval(interval) => interval_fields(interval),
            ObjectKind::Zone(zone) => zone_fields(zone),
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
