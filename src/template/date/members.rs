//! What templates can ask a date object by a dot: `date(…).timestamp`, `date(…).diff(date(…)).days`.

use std::sync::{Arc, PoisonError};

use super::{DateTime, Interval, Object, Zone};
use crate::template::library::Failure;
use crate::template::value::Value;

impl Object {
    /// The property or method of that name, called with arguments; none where there is none.
    pub fn member(self: &Arc<Self>, name: &str, arguments: &[Value]) -> Option<Result<Value, Failure>> {
        match &**self {
            Object::DateTime(_) => self.moment_member(name, arguments),
            Object::Interval(interval) => interval.member(name, arguments),
            Object::Zone(zone) => matches!(method(name).as_str(), "name").then(|| Ok(Value::from(zone.name()))),
        }
    }

    fn moment_member(self: &Arc<Self>, name: &str, arguments: &[Value]) -> Option<Result<Value, Failure>> {
        let moment = self.as_moment()?;
        Some(match method(name).as_str() {
            "timestamp" => Ok(Value::Int(moment.seconds)),
            "offset" => Ok(Value::Int(moment.zone.offset_at(moment.seconds))),
            "timezone" if name.len() > "timezone".len() => Ok(object(Object::Zone(moment.zone))),
            "format" => text(arguments, name).map(|format| Value::from(moment.format(&format))),
            "diff" => match arguments.first() {
                Some(Value::Object(other)) => match other.as_moment() {
                    Some(other) => Ok(object(Object::Interval(moment.difference(&other)))),
                    None => Err(Failure::runtime("`diff` needs a date")),
                },
                _ => Err(Failure::runtime("`diff` needs a date").help("make one with the function `date(…)`")),
            },
            "modify" => text(arguments, name).and_then(|phrase| {
                let changed = moment.modified(&phrase).map_err(|trouble| trouble.into_failure(&phrase))?;
                self.replace(changed)
            }),
            "settimezone" => match arguments.first() {
                Some(Value::Object(zone)) if matches!(&**zone, Object::Zone(_)) => {
                    let Object::Zone(zone) = &**zone else { return None };
                    self.replace(DateTime { zone: zone.clone(), ..moment })
                }
                _ => Err(Failure::runtime("`setTimezone` needs a time zone object")
                    .help("write `|date('c', 'Europe/Berlin')`")),
            },
            _ => return None,
        })
    }

    /// Dates are changed in place, and give themselves back.
    fn replace(self: &Arc<Self>, moment: DateTime) -> Result<Value, Failure> {
        if let Object::DateTime(own) = &**self {
            *own.lock().unwrap_or_else(PoisonError::into_inner) = moment;
        }
        Ok(Value::Object(Arc::clone(self)))
    }
}

impl Interval {
    fn member(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, Failure>> {
        if name.eq_ignore_ascii_case("format") {
            return Some(text(arguments, name).map(|format| Value::from(self.format(&format))));
        }
        self.fields().into_iter().find(|(field, _)| *field == name).map(|(_, value)| Ok(value))
    }
}

/// A method's name in small letters without the `get` before it, as templates may leave it out.
fn method(name: &str) -> String {
    let small = name.to_ascii_lowercase();
    small.strip_prefix("get").map_or(small.clone(), str::to_owned)
}

fn object(object: Object) -> Value {
    Value::Object(Arc::new(object))
}

fn text(arguments: &[Value], name: &str) -> Result<String, Failure> {
    match arguments.first() {
        Some(value) => value.to_text().map(|text| text.into_owned()),
        None => Err(Failure::runtime(format!("`{name}` needs a text in its brackets"))),
    }
}

impl super::Trouble {
    /// The trouble as a failure that names the phrase and the place in it.
    pub fn into_failure(self, phrase: &str) -> Failure {
        let rest = phrase.get(self.at..).unwrap_or_default();
        let place = if self.at == 0 || rest.is_empty() { String::new() } else { format!(" at \"{rest}\"") };
        Failure::runtime(format!("\"{phrase}\" is no date: {}{place}", self.what))
            .help("write a date such as \"2026-11-23 10:00\", \"+1 day\" or \"first day of next month\"")
    }
}

impl Zone {
    /// The zone of that name; a failure that says so where there is none.
    pub fn required(name: &str) -> Result<Zone, Failure> {
        Zone::parse(name).ok_or_else(|| {
            Failure::runtime(format!("\"{name}\" is no time zone"))
                .help("write a name such as \"Europe/Berlin\" or an offset such as \"+02:00\"")
        })
    }
}
