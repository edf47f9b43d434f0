//! The tests that stand behind `is`.

use super::{Callable, Cost, Param, ParamType, Runtime};
use crate::error::Failure;
use crate::value::Value;

const VALUE: &[Param] = &[Param::required("value")];
const NUMBER: &[Param] = &[Param::required("value").typed(ParamType::Number)];

/// The table. (`defined` looks at the expression, not at its value, so the evaluator has it.)
pub(super) const TESTS: &[Callable] = &[
    Callable::new("even", NUMBER, |_, args| Ok(Value::Bool(remainder("even", &args[0], &Value::Int(2))? == 0))),
    Callable::new("odd", NUMBER, |_, args| Ok(Value::Bool(remainder("odd", &args[0], &Value::Int(2))? != 0))),
    Callable::new(
        "divisible by",
        &[Param::required("value").typed(ParamType::Number), Param::required("num").typed(ParamType::Number)],
        |_, args| Ok(Value::Bool(remainder("divisible by", &args[0], &args[1])? == 0)),
    ),
    Callable::new("same as", &[Param::required("value"), Param::required("other")], |_, args| {
        Ok(Value::Bool(args[0].identical(&args[1])))
    })
    .costs(Cost::Everything),
    Callable::new("null", VALUE, null).costs(Cost::Fixed),
    Callable::new("none", VALUE, null).costs(Cost::Fixed),
    Callable::new("empty", VALUE, |_, args| Ok(Value::Bool(is_empty(&args[0])))).costs(Cost::Fixed),
    Callable::new("iterable", VALUE, |_, args| Ok(Value::Bool(matches!(args[0], Value::Array(_))))).costs(Cost::Fixed),
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
