//! The tests, which follow `is`.

use super::{Callable, Cost, Param, ParamType, Returns, Runtime};
use crate::error::Failure;
use crate::types::Kind;
use crate::value::Value;

const VALUE: &[Param] = &[Param::required("value")];
const NUMBER: &[Param] = &[Param::required("value").typed(ParamType::Number)];
const BOOL: Returns = Returns::Kind(Kind::Bool);

/// The table.
pub(super) const TESTS: &[Callable] = &[
    Callable::new("even", NUMBER, BOOL, |_, args| Ok(Value::Bool(remainder("even", &args[0], &Value::Int(2))? == 0)))
        .of_null(true)
        .doc("whether it is an even number", "{{ 4 is even ? 'yes' : 'no' }}", "yes"),
    Callable::new("odd", NUMBER, BOOL, |_, args| Ok(Value::Bool(remainder("odd", &args[0], &Value::Int(2))? != 0)))
        .of_null(false)
        .doc("whether it is an odd number", "{{ 4 is odd ? 'yes' : 'no' }}", "no"),
    Callable::new(
        "divisible by",
        &[Param::required("value").typed(ParamType::Number), Param::required("num").typed(ParamType::Number)],
        BOOL,
        |_, args| Ok(Value::Bool(remainder("divisible by", &args[0], &args[1])? == 0)),
    )
    .doc("whether it is a multiple of a number", "{{ 9 is divisible by(3) ? 'yes' : 'no' }}", "yes"),
    Callable::new("same as", &[Param::required("value"), Param::required("other")], BOOL, |_, args| {
        Ok(Value::Bool(args[0].identical(&args[1])))
    })
    .costs(Cost::Everything)
    .doc("whether both have the same type and value", "{{ '1' is same as(1) ? 'yes' : 'no' }}", "no"),
    Callable::new("null", VALUE, BOOL, null).costs(Cost::Fixed).of_null(true).doc(
        "whether it is null",
        "{{ null is null ? 'yes' : 'no' }}",
        "yes",
    ),
    Callable::new("none", VALUE, BOOL, null).costs(Cost::Fixed).of_null(true).doc(
        "the same as `null`",
        "{{ 0 is none ? 'yes' : 'no' }}",
        "no",
    ),
    Callable::new("empty", VALUE, BOOL, |_, args| Ok(Value::Bool(is_empty(&args[0]))))
        .costs(Cost::Fixed)
        .of_null(true)
        .doc("whether it is null, false, an empty string or an empty list", "{{ [] is empty ? 'yes' : 'no' }}", "yes"),
    Callable::new("iterable", VALUE, BOOL, |_, args| Ok(Value::Bool(matches!(args[0], Value::Array(_)))))
        .costs(Cost::Fixed)
        .of_null(false)
        .doc("whether it is a list or mapping", "{{ 'abc' is iterable ? 'yes' : 'no' }}", "no"),
];

fn null(_: &mut dyn Runtime, args: &[Value]) -> Result<Value, Failure> {
    Ok(Value::Bool(matches!(args[0], Value::Null)))
}

fn remainder(test: &str, value: &Value, divisor: &Value) -> Result<i64, Failure> {
    value.remainder(test, divisor).map(|rest| rest.to_int())
}

/// Whether a value is empty, for `is empty` and `default`: null, false, an empty text or array. (0 is not.)
pub(crate) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Str(text) | Value::Markup(text) => text.is_empty(),
        Value::Array(array) => array.is_empty(),
        _ => false,
    }
}
