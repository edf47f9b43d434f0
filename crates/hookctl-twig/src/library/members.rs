//! What templates can ask a date object by a dot: `date(…).timestamp`, `date(…).diff(date(…)).days`.

use std::sync::{Arc, PoisonError};

use crate::date::{Civil, DateTime};
use crate::error::Failure;
use crate::value::{KeyRef, Number, Object, ObjectKind, Value};

impl Object {
    /// The property or method of that name, called with arguments; `None` if it does not exist.
    pub fn member(self: &Arc<Self>, name: &str, arguments: &[Value]) -> Option<Result<Value, Failure>> {
        match self.kind() {
            ObjectKind::DateTime(_) => self.moment_member(name, arguments),
            ObjectKind::Interval(interval) if name.eq_ignore_ascii_case("format") => {
                Some(text(arguments, name).map(|format| Value::from(interval.format(&format))))
            }
            ObjectKind::Interval(_) => self.fields().get(KeyRef::Str(name)).cloned().map(Ok),
            ObjectKind::Zone(zone) => {
                let small = name.to_ascii_lowercase();
                matches!(&*small, "name" | "getname").then(|| Ok(Value::from(zone.name())))
            }
        }
    }

    fn moment_member(self: &Arc<Self>, name: &str, arguments: &[Value]) -> Option<Result<Value, Failure>> {
        let moment = self.as_moment()?;
        let small = name.to_ascii_lowercase();
        Some(match small.strip_prefix("get").unwrap_or(&small) {
            "timestamp" => Ok(Value::Int(moment.seconds)),
            "offset" => Ok(Value::Int(moment.zone.offset_at(moment.seconds))),
            // The reference looks for fields of these names, and finds none.
            "date" | "timezone_type" | "timezone" if !small.starts_with("get") => {
                Err(Failure::runtime(format!("a date has no field `{name}`"))
                    .help("write `.getTimezone().getName()` for its time zone, `|date('…')` for the rest"))
            }
            "timezone" => Ok(object(Object::zone(moment.zone))),
            "format" => text(arguments, name).map(|format| Value::from(moment.format(&format))),
            "diff" => match arguments.first() {
                Some(Value::Object(other)) => match other.as_moment() {
                    Some(other) => Ok(object(Object::interval(moment.difference(&other)))),
                    None => Err(Failure::runtime("`diff` needs a date")),
                },
                _ => Err(Failure::runtime("`diff` needs a date").help("create one with `date(…)`")),
            },
            "modify" => text(arguments, name).and_then(|phrase| {
                let changed = moment.modified(&phrase).map_err(|trouble| trouble.into_failure(&phrase))?;
                self.replace(changed)
            }),
            "settimestamp" => numbers(arguments, name).and_then(|numbers| match numbers[..] {
                [seconds] => self.replace(DateTime { seconds, micros: 0, ..moment }),
                _ => Err(wrong_count(name, "the seconds since 1970")),
            }),
            "settime" => numbers(arguments, name).and_then(|numbers| {
                let at = moment.civil();
                let (hour, minute, second, micros) = match numbers[..] {
                    [hour, minute] => (hour, minute, 0, 0),
                    [hour, minute, second] => (hour, minute, second, 0),
                    [hour, minute, second, micros] => (hour, minute, second, micros),
                    _ => return Err(wrong_count(name, "hour and minute")),
                };
                self.replace(moment.with(Civil { hour, minute, second, ..at }, micros))
            }),
            "setdate" => numbers(arguments, name).and_then(|numbers| match numbers[..] {
                [year, month, day] => {
                    self.replace(moment.with(Civil { year, month, day, ..moment.civil() }, moment.micros))
                }
                _ => Err(wrong_count(name, "year, month and day")),
            }),
            "settimezone" => {
                let zone = match arguments.first() {
                    Some(Value::Object(object)) => match object.kind() {
                        ObjectKind::Zone(zone) => Some(zone.clone()),
                        _ => None,
                    },
                    _ => None,
                };
                match zone {
                    Some(zone) => self.replace(DateTime { zone, ..moment }),
                    None => Err(Failure::runtime("`setTimezone` needs a time zone object")
                        .help("write `|date('c', 'Europe/Berlin')`")),
                }
            }
            _ => return None,
        })
    }

    /// Dates are changed in place, and give themselves back.
    fn replace(self: &Arc<Self>, moment: DateTime) -> Result<Value, Failure> {
        if let ObjectKind::DateTime(own) = self.kind() {
            *own.lock().unwrap_or_else(PoisonError::into_inner) = moment;
        }
        Ok(Value::Object(Arc::clone(self)))
    }
}

/// Whole numbers in the brackets of a method.
fn numbers(arguments: &[Value], name: &str) -> Result<Vec<i64>, Failure> {
    arguments
        .iter()
        .map(|argument| match argument {
            Value::Int(number) => Ok(*number),
            other => match Number::parse(&other.to_text()?) {
                Some(number) => Ok(Value::from(number).to_int()),
                None => Err(Failure::runtime(format!("`{name}` needs whole numbers, but got {}", other.described()))),
            },
        })
        .collect()
}

fn wrong_count(name: &str, wanted: &str) -> Failure {
    Failure::runtime(format!("`{name}` needs {wanted} as arguments"))
}

fn object(object: Object) -> Value {
    Value::Object(Arc::new(object))
}

fn text(arguments: &[Value], name: &str) -> Result<String, Failure> {
    match arguments.first() {
        Some(value) => value.to_text().map(|text| text.into_owned()),
        None => Err(Failure::runtime(format!("`{name}` needs a string as its argument"))),
    }
}
