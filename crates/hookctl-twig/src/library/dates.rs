//! Dates: the filters `date` and `date_modify`, and the function `date`.

use std::sync::Arc;

use super::arguments::text;
use super::{Callable, Param, ParamType, Returns, Runtime};
use crate::date::{DateTime, Zone};
use crate::error::Failure;
use crate::types::Kind;
use crate::value::{Object, ObjectKind, Value};

const NULL: fn() -> Value = || Value::Null;

/// The table of filters.
pub(super) const FILTERS: &[Callable] = &[
    Callable::new(
        "date",
        &[
            Param::required("date").typed(ParamType::Date),
            Param::optional("format", NULL).typed(ParamType::Text),
            Param::optional("timezone", NULL),
        ],
        Returns::Kind(Kind::Text),
        format,
    )
    .of_null(true)
    .doc("a date in a format of PHP's `date`", "{{ '2026-03-01 09:30'|date('j M Y, H:i') }}", "1 Mar 2026, 09:30"),
    Callable::new(
        "date_modify",
        &[Param::required("date").typed(ParamType::Date), Param::required("modifier").typed(ParamType::Text)],
        Returns::Kind(Kind::Moment),
        modify,
    )
    .of_null(true)
    .doc("a date changed by a phrase", "{{ '2026-03-01'|date_modify('+1 day')|date('Y-m-d') }}", "2026-03-02"),
];

/// The table of functions.
pub(super) const FUNCTIONS: &[Callable] = &[Callable::new(
    "date",
    &[Param::optional("date", NULL).typed(ParamType::Date), Param::optional("timezone", NULL)],
    Returns::Kind(Kind::Moment),
    |runtime, args| convert(runtime, &args[0], &args[1]).map(object),
)
.doc("a date to compare or format", "{{ date('2026-03-01') < date('2026-03-02') ? 'earlier' : 'later' }}", "earlier")];

fn modify(runtime: &mut dyn Runtime, args: &[Value]) -> Result<Value, Failure> {
    let moment = convert(runtime, &args[0], &Value::Bool(false))?;
    let phrase = text(&args[1], "the phrase of `date_modify`")?;
    if phrase.is_empty() {
        let failure = Failure::runtime("the phrase of `date_modify` is empty");
        return Err(failure.help("write how to change the date: `'+1 day'`"));
    }
    moment.modified(&phrase).map(object).map_err(|trouble| trouble.into_failure(&phrase))
}

fn object(moment: DateTime) -> Value {
    Value::Object(Arc::new(Object::moment(moment)))
}

fn format(runtime: &mut dyn Runtime, args: &[Value]) -> Result<Value, Failure> {
    let format = |default| match &args[1] {
        Value::Null => Ok(std::borrow::Cow::Borrowed(default)),
        other => text(other, "the format of `date`"),
    };
    if let Value::Object(object) = &args[0]
        && let ObjectKind::Interval(interval) = object.kind()
    {
        return Ok(Value::from(interval.format(&format("%d days")?)));
    }
    let moment = convert(runtime, &args[0], &args[2])?;
    Ok(Value::from(moment.format(&format("F j, Y H:i")?)))
}

/// What a template calls a date, as a moment: a date object, a timestamp, a phrase, or null for now. It is shown in the
/// time zone that is asked for: null is that of the render, false keeps the date's own.
fn convert(runtime: &mut dyn Runtime, date: &Value, zone: &Value) -> Result<DateTime, Failure> {
    let default = Zone::required(&runtime.options().timezone)?;
    let shown = match zone {
        Value::Bool(false) => None,
        Value::Null => Some(default.clone()),
        Value::Object(object) => match object.kind() {
            ObjectKind::Zone(zone) => Some(zone.clone()),
            _ => return Err(Failure::runtime(format!("a {} is not a time zone", object.type_name()))),
        },
        other => Some(Zone::required(&text(other, "the time zone of `date`")?)?),
    };
    let mut now = |zone: Zone| {
        let micros = runtime.now();
        DateTime { seconds: micros.div_euclid(1_000_000), micros: micros.rem_euclid(1_000_000), zone }
    };
    let mut moment = match date {
        Value::Object(object) => {
            object.as_moment().ok_or_else(|| Failure::runtime(format!("a {} is not a date", object.type_name())))?
        }
        Value::Null => return Ok(now(shown.unwrap_or(default))),
        other => {
            let phrase = text(other, "`date`")?;
            if phrase == "now" {
                return Ok(now(shown.unwrap_or(default)));
            }
            let digits = phrase.strip_prefix('-').unwrap_or(&phrase);
            let is_timestamp = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            let parsed = match is_timestamp {
                true => DateTime::parse(&format!("@{phrase}"), &now(default)),
                false => DateTime::parse(&phrase, &now(default)),
            };
            parsed.map_err(|trouble| trouble.into_failure(&phrase))?
        }
    };
    if let Some(zone) = shown {
        moment.zone = zone;
    }
    Ok(moment)
}
