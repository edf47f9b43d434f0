//! Filters and operators that call an arrow function, and sorting.

use std::borrow::Cow;

use super::arguments::array;
use super::{Callable, Cost, Param, ParamType, Returns, Runtime};
use crate::error::Failure;
use crate::types::Kind;
use crate::value::{Array, Key, Value};

/// The arrow function of `map` and `filter`: its first parameter gets the entries.
const ARROW: Param = Param::required("arrow").typed(ParamType::Arrow(&[0]));
const SUBJECT: Param = Param::required("array").typed(ParamType::Array);

/// The table.
pub(super) const FILTERS: &[Callable] = &[
    Callable::new("filter", &[SUBJECT, ARROW], Returns::Entries, filter).doc(
        "the entries for which the arrow function is true",
        "{{ [1, 2, 3]|filter(n => n > 1)|join(',') }}",
        "2,3",
    ),
    Callable::new("map", &[SUBJECT, ARROW.hint("write `|map(v => v.name)`")], Returns::Collection, map).doc(
        "what the arrow function makes of each entry",
        "{{ [1, 2]|map(n => n * 2)|join(',') }}",
        "2,4",
    ),
    Callable::new(
        "reduce",
        &[SUBJECT, Param::required("arrow").typed(ParamType::Arrow(&[1])), Param::optional("initial", || Value::Null)],
        Returns::Kind(Kind::Any),
        reduce,
    )
    .doc("one value of all entries", "{{ [1, 2, 3]|reduce((sum, n) => sum + n, 0) }}", "6"),
    Callable::new(
        "sort",
        &[SUBJECT, Param::optional("arrow", || Value::Null).typed(ParamType::Arrow(&[0, 1]))],
        Returns::Entries,
        sort,
    )
    .costs(Cost::Everything)
    .doc("the entries in order", "{{ [3, 1, 2]|sort|join(',') }}", "1,2,3"),
];

fn filter(runtime: &mut dyn Runtime, args: &[Value]) -> Result<Value, Failure> {
    let mut kept = Array::new();
    let entries = array(&args[0], "`filter`")?;
    check_arrow(&args[1])?;
    for (key, value) in entries {
        let keep = match &args[1] {
            Value::Null => value.is_true(),
            arrow => runtime.call(arrow, &[value.clone(), key.to_value()])?.is_true(),
        };
        if keep {
            kept.insert(key.to_owned(), value.clone());
        }
    }
    Ok(Value::array(kept))
}

fn map(runtime: &mut dyn Runtime, args: &[Value]) -> Result<Value, Failure> {
    let mut mapped = Array::new();
    for (key, value) in &*each(&args[0], "`map`")? {
        let value = runtime.call(&args[1], &[value.clone(), key.to_value()])?;
        mapped.insert(key.to_owned(), value);
    }
    Ok(Value::array(mapped))
}

fn reduce(runtime: &mut dyn Runtime, args: &[Value]) -> Result<Value, Failure> {
    let mut accumulator = args[2].clone();
    for (key, value) in array(&args[0], "`reduce`")? {
        accumulator = runtime.call(&args[1], &[accumulator, value.clone(), key.to_value()])?;
    }
    Ok(accumulator)
}

fn sort(runtime: &mut dyn Runtime, args: &[Value]) -> Result<Value, Failure> {
    let entries = array(&args[0], "`sort`")?;
    check_arrow(&args[1])?;
    let mut sorted: Vec<Entry> = entries
        .iter()
        .enumerate()
        .map(|(place, (key, value))| Entry { place, key: key.to_owned(), value: value.clone() })
        .collect();
    super::sorting::sort(&mut sorted, &mut |a: &Entry, b: &Entry| {
        runtime.charge(1)?;
        let order = match &args[1] {
            Value::Null => a.value.spaceship(&b.value)?,
            arrow => by_arrow(runtime, arrow, &a.value, &b.value)?,
        };
        Ok(if order == 0 { a.place.cmp(&b.place) as i64 } else { order })
    })?;
    Ok(Value::array(sorted.into_iter().map(|entry| (entry.key, entry.value)).collect()))
}

/// Checks that it is null or an arrow function, even if there is nothing to call it with.
fn check_arrow(arrow: &Value) -> Result<(), Failure> {
    match arrow {
        Value::Null | Value::Closure(_) => Ok(()),
        other => Err(no_arrow(other)),
    }
}

/// A value that is called like an arrow function but is something else.
pub(crate) fn no_arrow(value: &Value) -> Failure {
    Failure::runtime(format!("{} is not an arrow function", value.shown())).help("write one, for example `v => v.name`")
}

/// What PHP's `foreach` iterates over: objects have no visible fields.
fn each<'a>(value: &'a Value, what: &str) -> Result<Cow<'a, Array>, Failure> {
    match value {
        Value::Object(_) | Value::Markup(_) | Value::Closure(_) => Ok(Cow::Owned(Array::new())),
        other => array(other, what).map(Cow::Borrowed),
    }
}

/// An entry with its original place, so that equal entries keep their order.
struct Entry {
    place: usize,
    key: Key,
    value: Value,
}

/// An arrow function's order of two values. If it answers false, it is called again with the values swapped, as in the reference.
fn by_arrow(runtime: &mut dyn Runtime, arrow: &Value, a: &Value, b: &Value) -> Result<i64, Failure> {
    match runtime.call(arrow, &[a.clone(), b.clone()])? {
        Value::Bool(false) => Ok(-i64::from(runtime.call(arrow, &[b.clone(), a.clone()])?.is_true())),
        order => Ok(order.to_int().signum()),
    }
}

/// `value has some arrow`
pub(crate) fn has_some(runtime: &mut dyn Runtime, value: &Value, arrow: &Value) -> Result<bool, Failure> {
    for (key, item) in &*each(value, "`has some`")? {
        if runtime.call(arrow, &[item.clone(), key.to_value()])?.is_true() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// `value has every arrow`
pub(crate) fn has_every(runtime: &mut dyn Runtime, value: &Value, arrow: &Value) -> Result<bool, Failure> {
    for (key, item) in &*each(value, "`has every`")? {
        if !runtime.call(arrow, &[item.clone(), key.to_value()])?.is_true() {
            return Ok(false);
        }
    }
    Ok(true)
}
