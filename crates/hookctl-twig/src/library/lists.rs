//! Filters on lists, mappings, and what texts have in common with them.

use super::arguments::{array, bytes, flag, int, text};
use super::{Callable, Cost, Param, ParamType, Returns, Runtime};
use crate::error::Failure;
use crate::types::Kind;
use crate::value::{Array, Key, KeyRef, Value};

const NULL: fn() -> Value = || Value::Null;
const FALSE: fn() -> Value = || Value::Bool(false);

/// The table.
pub(super) const FILTERS: &[Callable] = &[
    Callable::new("first", &[Param::required("item")], Returns::Entry, |_, args| edge(&args[0], 0))
        .costs(Cost::Fixed)
        .of_null(false)
        .doc("the first entry or character", "{{ ['a', 'b']|first }}", "a"),
    Callable::new("last", &[Param::required("item")], Returns::Entry, |_, args| edge(&args[0], -1))
        .costs(Cost::Fixed)
        .of_null(false)
        .doc("the last entry or character", "{{ ['a', 'b']|last }}", "b"),
    Callable::new(
        "slice",
        &[
            Param::required("item"),
            Param::required("start").typed(ParamType::Number),
            Param::optional("length", NULL).typed(ParamType::Number),
            Param::optional("preserve_keys", FALSE).typed(ParamType::Flag),
        ],
        Returns::Part,
        |_, args| slice(&args[0], &args[1], &args[2], &args[3]),
    )
    .costs(Cost::Fixed)
    .of_null(false)
    .doc("a part of a list or string, also written `[start:length]`", "{{ 'Taipei'|slice(0, 3) }}", "Tai"),
    Callable::new("length", &[Param::required("thing")], Returns::Kind(Kind::Int), |_, args| length(&args[0]))
        .costs(Cost::Fixed)
        .of_null(false)
        .doc("the number of entries or characters", "{{ ['a', 'b']|length }}", "2"),
    Callable::new("keys", &[Param::required("array").typed(ParamType::List)], Returns::Kind(Kind::List), |_, args| {
        let keys = args[0].as_array().map(|array| array.keys().map(KeyRef::to_value).collect());
        Ok(Value::array(keys.unwrap_or_default()))
    })
    .of_null(false)
    .doc("the keys of a mapping", "{{ {a: 1, b: 2}|keys|join(',') }}", "a,b"),
    Callable::new(
        "reverse",
        &[Param::required("item"), Param::optional("preserve_keys", FALSE).typed(ParamType::Flag)],
        Returns::Part,
        reverse,
    )
    .of_null(false)
    .doc("the last entry or character first", "{{ 'abc'|reverse }}", "cba"),
    Callable::new(
        "join",
        &[
            Param::required("value").typed(ParamType::List).hint("remove `|join`, or split the string first"),
            Param::optional("glue", || Value::str("")).typed(ParamType::Text),
            Param::optional("and", NULL).typed(ParamType::Text),
        ],
        Returns::Kind(Kind::Text),
        join,
    )
    .costs(Cost::Everything)
    .of_null(false)
    .doc("the entries in one string", "{{ ['a', 'b', 'c']|join(', ', ' and ') }}", "a, b and c"),
    Callable::new(
        "merge",
        &[Param::required("arr1").typed(ParamType::Array), Param::required("arr2").typed(ParamType::Array)],
        Returns::Collection,
        |_, args| Ok(Value::array(merged(array(&args[0], "`merge`")?, array(&args[1], "`merge`")?))),
    )
    .costs(Cost::Fixed)
    .doc("the entries of both", "{{ ['a']|merge(['b'])|join(',') }}", "a,b"),
    Callable::new(
        "batch",
        &[
            Param::required("items").typed(ParamType::Array),
            Param::required("size").typed(ParamType::Number),
            Param::optional("fill", NULL),
            Param::optional("preserve_keys", || Value::Bool(true)).typed(ParamType::Flag),
        ],
        Returns::Kind(Kind::List),
        batch,
    )
    .doc("lists of so many entries each", "{{ [1, 2, 3]|batch(2)|length }}", "2"),
    Callable::new(
        "column",
        &[Param::required("array").typed(ParamType::Array), Param::required("name"), Param::optional("index", NULL)],
        Returns::Kind(Kind::List),
        column,
    )
    .doc("one field of each entry", "{{ [{id: 1}, {id: 2}]|column('id')|join(',') }}", "1,2"),
];

/// Puts a value under its text key, or under the next integer key unless `keep` keeps those too.
fn put(target: &mut Array, key: KeyRef<'_>, value: Value, keep: bool) {
    match key {
        KeyRef::Int(_) if !keep => target.push(value),
        key => target.insert(key.to_owned(), value),
    }
}

/// Both, with number keys counted anew. The first is mostly what a loop has gathered, in order: copied as it is.
fn merged(first: &Array, second: &Array) -> Array {
    let mut numbers = 0..;
    let in_order = first.keys().all(|key| match key {
        KeyRef::Int(number) => numbers.next() == Some(number),
        KeyRef::Str(_) => true,
    });
    let mut merged = if in_order { first.clone() } else { Array::with_capacity(first.len() + second.len()) };
    let again = first.iter().filter(|_| !in_order);
    for (key, value) in again.chain(second) {
        put(&mut merged, key, value.clone(), false);
    }
    merged
}

/// Where a slice starts and ends, of `count` things: negative numbers count from the end.
fn bounds(count: usize, start: i64, length: Option<i64>) -> (usize, usize) {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let from = if start < 0 { count.saturating_add(start).max(0) } else { start.min(count) };
    let to = match length {
        None => count,
        Some(length) if length < 0 => count.saturating_add(length).max(from),
        Some(length) => from.saturating_add(length).min(count),
    };
    (from as usize, to as usize)
}

/// `slice`, which is also `value[start:length]`.
pub(super) fn slice(value: &Value, start: &Value, length: &Value, keep: &Value) -> Result<Value, Failure> {
    let start = int(start, "the start of `slice`")?;
    let length = match length {
        Value::Null => None,
        other => Some(int(other, "the length of `slice`")?),
    };
    let Value::Array(array) = value else {
        let text = text(value, "`slice`")?;
        let count = if text.is_ascii() { text.len() } else { text.chars().count() };
        let (from, to) = bounds(count, start, length);
        let piece: String = text.chars().skip(from).take(to - from).collect();
        return Ok(Value::from(piece));
    };
    let keep = flag(keep, "`preserve_keys` of `slice`")?;
    let (from, to) = bounds(array.len(), start, length);
    let mut part = Array::new();
    for (key, value) in array.iter().skip(from).take(to - from) {
        put(&mut part, key, value.clone(), keep);
    }
    Ok(Value::array(part))
}

/// The first (0) or last (-1) entry or character; false where there is none, as in the reference.
fn edge(value: &Value, start: i64) -> Result<Value, Failure> {
    if let Value::Array(array) = value {
        let entry = if start == 0 { array.values().next() } else { array.values().next_back() };
        return Ok(entry.cloned().unwrap_or(Value::Bool(false)));
    }
    slice(value, &Value::Int(start), &Value::Int(1), &Value::Bool(false))
}

fn length(value: &Value) -> Result<Value, Failure> {
    let length = match value {
        Value::Array(array) => array.len(),
        Value::Object(_) | Value::Closure(_) => 1,
        other => text(other, "`length`")?.chars().count(),
    };
    Ok(Value::Int(length as i64))
}

fn reverse(_: &mut dyn Runtime, args: &[Value]) -> Result<Value, Failure> {
    let Value::Array(array) = &args[0] else {
        return Ok(Value::from(text(&args[0], "`reverse`")?.chars().rev().collect::<String>()));
    };
    let keep = flag(&args[1], "`preserve_keys` of `reverse`")?;
    let mut reversed = Array::new();
    for (key, value) in array.iter().rev() {
        put(&mut reversed, key, value.clone(), keep);
    }
    Ok(Value::array(reversed))
}

fn join(runtime: &mut dyn Runtime, args: &[Value]) -> Result<Value, Failure> {
    let fields;
    let charset = Value::str("UTF-8");
    let items: Vec<&Value> = match &args[0] {
        Value::Array(array) => array.values().collect(),
        Value::Null => Vec::new(),
        Value::Object(object) => {
            fields = object.fields();
            fields.values().collect()
        }
        // PHP reads the object's properties as a list: the text and its encoding.
        captured @ Value::Markup(_) => vec![captured, &charset],
        other => vec![other],
    };
    let Some((last, rest)) = items.split_last() else { return Ok(Value::str("")) };
    let and = match &args[2] {
        Value::Null => None,
        and if and.identical(&args[1]) => None,
        and => Some(and),
    };
    if and.is_some() && rest.is_empty() {
        return Ok((*last).clone());
    }
    let glue = bytes(&args[1], "the glue of `join`")?;
    let and = match and {
        Some(and) => bytes(and, "the last glue of `join`")?,
        None => glue.clone(),
    };
    let longest = runtime.options().limits.output;
    let mut joined = Vec::new();
    for (index, item) in items.iter().enumerate() {
        match index {
            0 => {}
            _ if index + 1 == items.len() => joined.extend_from_slice(&and),
            _ => joined.extend_from_slice(&glue),
        }
        joined.extend_from_slice(&bytes(item, "`join`")?);
        if joined.len() > longest {
            return Err(Failure::too_long("`join`", longest));
        }
    }
    Ok(Value::bytes(&joined))
}

/// The most entries that a fill may add.
const MOST_FILL: i64 = 1_000_000;

fn batch(runtime: &mut dyn Runtime, args: &[Value]) -> Result<Value, Failure> {
    let items = array(&args[0], "`batch`")?;
    let size = super::arguments::number(&args[1], "the size of `batch`")?.as_float().ceil();
    if size < 1.0 || size > MOST_FILL as f64 {
        return Err(Failure::runtime(format!("the size of `batch` must be from 1 to {MOST_FILL}, but is {size}")));
    }
    let (size, keep) = (size as usize, flag(&args[3], "`preserve_keys` of `batch`")?);
    let entries: Vec<(KeyRef<'_>, &Value)> = items.iter().collect();
    let mut batches: Vec<Array> = Vec::with_capacity(entries.len() / size + 1);
    for chunk in entries.chunks(size) {
        let mut batch = Array::new();
        for &(key, value) in chunk {
            if keep {
                batch.insert(key.to_owned(), value.clone());
            } else {
                batch.push(value.clone());
            }
        }
        batches.push(batch);
    }
    if let Some(last) = batches.last_mut().filter(|_| !matches!(args[2], Value::Null)) {
        runtime.charge((size - last.len()) as u64)?;
        while last.len() < size {
            last.push(args[2].clone());
        }
    }
    Ok(Value::array(batches.into_iter().map(Value::array).collect()))
}

fn column(_: &mut dyn Runtime, args: &[Value]) -> Result<Value, Failure> {
    let rows = array(&args[0], "`column`")?;
    let key = |value: &Value, what| match value {
        Value::Null => Ok(None),
        Value::Bool(_) | Value::Int(_) | Value::Float(_) => Ok(Some(Key::Int(value.to_int()))),
        other => text(other, what).map(|text| Some(Key::from_str(&text))),
    };
    let name = key(&args[1], "the name of `column`")?;
    let index = key(&args[2], "the index of `column`")?;
    let mut column = Array::new();
    for row in rows.values() {
        let field = |key: &Key| row.as_array().and_then(|fields| fields.get(key.as_ref()));
        let value = match &name {
            None => Some(row),
            Some(name) => field(name),
        };
        let Some(value) = value.cloned() else { continue };
        match index.as_ref().and_then(field) {
            Some(Value::Null) => column.insert(Key::from_str(""), value),
            Some(Value::Int(number)) => column.insert(*number, value),
            Some(Value::Bool(flag)) => column.insert(i64::from(*flag), value),
            Some(number @ Value::Float(_)) => column.insert(number.to_int(), value),
            Some(captured @ Value::Markup(_)) => {
                let failure = Failure::runtime(format!("`column` can't use {} as an index", captured.described()));
                return Err(failure.help("captured text can't be a key; write `(text ~ '')`"));
            }
            Some(other) => column.insert(Key::from_str(&text(other, "an index of `column`")?), value),
            None => column.push(value),
        }
    }
    Ok(Value::array(column))
}
