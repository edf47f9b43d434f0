//! Functions on plain values.

use super::arguments::{array, int};
use super::{Callable, Cost, Param, Returns, Runtime};
use crate::error::Failure;
use crate::types::Kind;
use crate::value::{Array, KeyRef, Value};

const ANY: Returns = Returns::Kind(Kind::Any);

/// The table.
pub(super) const FUNCTIONS: &[Callable] = &[
    Callable::new("max", &[Param::required("value")], ANY, |_, args| extreme("max", args, 1))
        .variadic()
        .costs(Cost::Everything)
        .internal()
        .doc("the greatest of a list, or of its arguments", "{{ max(3, 7, 5) }}", "7"),
    Callable::new("min", &[Param::required("value")], ANY, |_, args| extreme("min", args, -1))
        .variadic()
        .costs(Cost::Everything)
        .internal()
        .doc("the least of a list, or of its arguments", "{{ min([3, 7, 5]) }}", "3"),
    Callable::new(
        "range",
        &[Param::required("low"), Param::required("high"), Param::optional("step", || Value::Int(1))],
        Returns::Kind(Kind::List),
        |runtime, args| {
            let range = args[0].range(&args[1], &args[2])?;
            runtime.charge(range.as_array().map_or(0, |entries| entries.len()) as u64)?;
            Ok(range)
        },
    )
    .internal()
    .doc("the numbers or letters from one to another, both included", "{{ range(0, 10, 5)|join(',') }}", "0,5,10"),
    Callable::new("cycle", &[Param::required("values"), Param::required("position")], ANY, cycle)
        .costs(Cost::Fixed)
        .doc("the entry at a position, counted round and round", "{{ cycle(['a', 'b'], 2) }}", "a"),
    Callable::new(
        "random",
        &[Param::optional("values", || Value::Null), Param::optional("max", || Value::Null)],
        ANY,
        random,
    )
    .random()
    .doc("a random number, entry or character", "{{ random(['a']) }}", "a"),
];

fn cycle(_: &mut dyn Runtime, args: &[Value]) -> Result<Value, Failure> {
    let Value::Array(values) = &args[0] else { return Ok(args[0].clone()) };
    let length = Value::Int(values.len() as i64);
    let index = args[1].remainder("%", &length).map_err(|failure| no_position(&args[1], values, failure))?.to_int();
    values.get(KeyRef::Int(index)).cloned().ok_or_else(|| {
        Failure::runtime(format!("`cycle` found no entry {index} in {}", args[0].described()))
            .help("write `cycle(list, position)`, with positions from 0")
    })
}

/// `cycle` with a position that is not a number, or with an empty list.
fn no_position(position: &Value, values: &Array, failure: Failure) -> Failure {
    let message = match values.is_empty() {
        true => "`cycle` can't pick from an empty list".to_owned(),
        false => format!("the `position` of `cycle` must be a number, but got {}", position.described()),
    };
    Failure { message, help: Some("write `cycle(list, position)`, with positions from 0".into()), ..failure }
}

/// The greatest (`side` 1) or least (-1) value, of equals the first. Where values can't be compared it matters which is
/// asked: of several arguments it is the later one, within an array the best so far.
fn extreme(name: &str, args: &[Value], side: i64) -> Result<Value, Failure> {
    if let [only] = args {
        let what = format!("`{name}` with one argument");
        return best(array(only, &what)?.values(), |best, value| Ok(best.spaceship(value)? == -side))?
            .ok_or_else(|| Failure::runtime(format!("`{name}` needs at least one entry, but the list is empty")));
    }
    best(args.iter(), |best, value| Ok(value.spaceship(best)? == side)).map(Option::unwrap_or_default)
}

fn best<'a>(
    values: impl Iterator<Item = &'a Value>,
    better: impl Fn(&Value, &Value) -> Result<bool, Failure>,
) -> Result<Option<Value>, Failure> {
    let mut best: Option<&Value> = None;
    for value in values {
        match best {
            Some(so_far) if !better(so_far, value)? => {}
            _ => best = Some(value),
        }
    }
    Ok(best.cloned())
}

/// The greatest number that `random()` gives, as in PHP.
const GREATEST: i64 = 2_147_483_647;

fn random(runtime: &mut dyn Runtime, args: &[Value]) -> Result<Value, Failure> {
    let (values, max) = (&args[0], &args[1]);
    let (low, high) = match (values, max) {
        (Value::Null, Value::Null) => (0, GREATEST),
        (Value::Null, max) => (0, max.to_int()),
        (Value::Int(_) | Value::Float(_), Value::Null) => {
            let number = values.to_int();
            if values.to_float() < 0.0 { (number, 0) } else { (0, number) }
        }
        (Value::Int(_) | Value::Float(_), max) => (values.to_int(), int(max, "the greatest number of `random`")?),
        (Value::Str(text), _) => {
            let characters: Vec<char> = text.chars().collect();
            if characters.is_empty() {
                return Ok(Value::str(""));
            }
            let index = runtime.random().usize(..characters.len());
            return Ok(Value::from(characters[index].to_string()));
        }
        (Value::Array(array), _) => {
            if array.is_empty() {
                return Err(Failure::runtime("`random` can't pick from an empty list"));
            }
            let index = runtime.random().usize(..array.len());
            return Ok(array.at(index).map(|(_, value)| value.clone()).unwrap_or_default());
        }
        (other, _) => return Ok(other.clone()),
    };
    if low > high {
        return Err(Failure::runtime(format!("`random` can't pick a number from {low} to {high}")));
    }
    Ok(Value::Int(runtime.random().i64(low..=high)))
}
