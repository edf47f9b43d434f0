//! PHP's array: an ordered map whose keys are integers or strings.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use foldhash::fast::RandomState;
use indexmap::{Equivalent, IndexMap};

use super::Value;

/// A key of a PHP array. `"1"` and `1` are one key; build keys from text with [`Key::from_str`], which knows.
///
/// ```
/// use hookctl_twig::Key;
///
/// assert_eq!(Key::from_str("7"), Key::Int(7));
/// assert_eq!(Key::from_str("07"), Key::Str("07".into()));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// An integer key.
    Int(i64),
    /// Any other key.
    Str(Arc<str>),
}

/// A [`Key`] that borrows its text: what look-ups take, so that none of them allocates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyRef<'a> {
    /// An integer key.
    Int(i64),
    /// Any other key.
    Str(&'a str),
}

impl Key {
    /// The key that PHP makes of a text: an integer where the text is one in canonical form (`"-5"`, not `"05"`).
    #[allow(clippy::should_implement_trait, reason = "never fails, unlike the trait's function")]
    pub fn from_str(text: &str) -> Key {
        KeyRef::of(text).to_owned()
    }

    /// The key that a value is in an array's brackets; none for those that PHP refuses.
    pub(crate) fn of(value: &Value) -> Option<Key> {
        match value {
            Value::Null => Some(Key::from_str("")),
            Value::Bool(value) => Some(Key::Int(i64::from(*value))),
            Value::Int(number) => Some(Key::Int(*number)),
            Value::Float(_) => Some(Key::Int(value.to_int())),
            Value::Str(text) => Some(Key::from_str(text)),
            Value::Bytes(bytes) => Some(Key::from_str(&String::from_utf8_lossy(bytes))),
            Value::Array(_) | Value::Markup(_) | Value::Closure(_) | Value::Object(_) => None,
        }
    }

    /// The same key, borrowed.
    pub fn as_ref(&self) -> KeyRef<'_> {
        match self {
            Key::Int(number) => KeyRef::Int(*number),
            Key::Str(text) => KeyRef::Str(text),
        }
    }

    /// The key as a value: an integer or a string.
    pub fn to_value(&self) -> Value {
        match self {
            Key::Int(number) => Value::Int(*number),
            Key::Str(text) => Value::Str(Arc::clone(text)),
        }
    }
}

impl<'a> KeyRef<'a> {
    /// The key's text.
    pub fn text(self) -> Cow<'a, str> {
        match self {
            KeyRef::Int(int) => Cow::Owned(int.to_string()),
            KeyRef::Str(text) => Cow::Borrowed(text),
        }
    }

    /// The key that PHP makes of a text; see [`Key::from_str`].
    pub fn of(text: &'a str) -> Self {
        match text.as_bytes() {
            [b'-' | b'0'..=b'9', ..] => match text.parse::<i64>() {
                Ok(number) if canonical(text) => KeyRef::Int(number),
                _ => KeyRef::Str(text),
            },
            _ => KeyRef::Str(text),
        }
    }

    /// The key, with a text of its own.
    pub fn to_owned(self) -> Key {
        match self {
            KeyRef::Int(number) => Key::Int(number),
            KeyRef::Str(text) => Key::Str(Arc::from(text)),
        }
    }

    /// The key as a value: an integer or a string.
    pub fn to_value(self) -> Value {
        match self {
            KeyRef::Int(number) => Value::Int(number),
            KeyRef::Str(text) => Value::str(text),
        }
    }
}

/// Whether an integer's text is the one that PHP would print for it: no leading zero, no `-0`.
fn canonical(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !(digits.starts_with('0') && text.len() > 1)
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_ref().hash(state);
    }
}

impl Equivalent<Key> for KeyRef<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        *self == key.as_ref()
    }
}

impl fmt::Display for KeyRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl From<i64> for Key {
    fn from(number: i64) -> Self {
        Key::Int(number)
    }
}

impl From<&str> for Key {
    fn from(text: &str) -> Self {
        Key::from_str(text)
    }
}

/// PHP's array: keys are integers or strings, order is that of insertion.
///
/// ```
/// use hookctl_twig::{Array, Value};
///
/// let mut array = Array::new();
/// array.set_path("user.tags.0", Value::str("vip"));
/// assert_eq!(array.get_path("user.tags.0"), Some(&Value::str("vip")));
/// assert_eq!(array.get_path("user.name"), None);
/// ```
#[derive(Debug, Clone)]
pub struct Array {
    entries: Entries,
    /// The key that the next pushed value gets.
    next: i64,
    /// The nesting depth of arrays, this one included; never too small.
    depth: usize,
    /// The work of going through all of it: see [`Array::weight`].
    weight: u64,
    /// Text keys are looked up in any case: see [`Array::in_any_case`].
    any_case: bool,
}

/// A list (keys 0, 1, 2 … in order) needs no map.
#[derive(Debug, Clone)]
enum Entries {
    List(Vec<Value>),
    Map(Map),
}

type Map = IndexMap<Key, Value, RandomState>;

impl Default for Array {
    fn default() -> Self {
        Self { entries: Entries::List(Vec::new()), next: 0, depth: 1, weight: 1, any_case: false }
    }
}

impl Array {
    /// An empty array.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty array with room for so many entries with explicit keys.
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            entries: Entries::Map(Map::with_capacity_and_hasher(capacity, RandomState::default())),
            next: 0,
            depth: 1,
            weight: 1,
            any_case: false,
        }
    }

    /// The same, with text keys that are found whatever case they are asked for in, as names of HTTP headers are. They have to
    /// be in small letters here.
    pub fn in_any_case(self) -> Self {
        Self { any_case: true, ..self }
    }

    /// How many entries.
    pub fn len(&self) -> usize {
        match &self.entries {
            Entries::List(values) => values.len(),
            Entries::Map(map) => map.len(),
        }
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the keys are 0, 1, 2 … in this order: what JSON writes as a list.
    pub fn is_list(&self) -> bool {
        match &self.entries {
            Entries::List(_) => true,
            Entries::Map(map) => map.keys().zip(0..).all(|(key, index)| *key == Key::Int(index)),
        }
    }

    /// The value under a key.
    pub fn get(&self, key: KeyRef<'_>) -> Option<&Value> {
        match (&self.entries, key) {
            (Entries::List(values), KeyRef::Int(index)) => values.get(usize::try_from(index).ok()?),
            (Entries::List(_), KeyRef::Str(_)) => None,
            (Entries::Map(map), KeyRef::Str(name)) if self.any_case => {
                map.get(&key).or_else(|| map.get(&KeyRef::Str(&name.to_ascii_lowercase())))
            }
            (Entries::Map(map), key) => map.get(&key),
        }
    }

    /// The value under the key that PHP makes of `name` (`"1"` is the integer key 1).
    pub fn get_name(&self, name: &str) -> Option<&Value> {
        self.get(KeyRef::of(name))
    }

    /// The value under a key, to be changed in place.
    pub fn get_mut(&mut self, key: KeyRef<'_>) -> Option<&mut Value> {
        match (&mut self.entries, key) {
            (Entries::List(values), KeyRef::Int(index)) => values.get_mut(usize::try_from(index).ok()?),
            (Entries::List(_), KeyRef::Str(_)) => None,
            (Entries::Map(map), key) => map.get_mut(&key),
        }
    }

    /// Whether there is an entry under the key, be it null.
    pub fn contains(&self, key: KeyRef<'_>) -> bool {
        self.get(key).is_some()
    }

    /// The nesting depth of arrays, this one included. After a change it can be too large, never too small.
    pub(crate) fn depth(&self) -> usize {
        self.depth
    }

    /// How much there is in it, at every depth: each value counts, long texts more. What stands in it twice counts twice, so
    /// that a small array can weigh more than any memory holds.
    pub(crate) fn weight(&self) -> u64 {
        self.weight
    }

    /// Puts a value under a key; an existing entry keeps its place.
    pub fn insert(&mut self, key: impl Into<Key>, value: Value) {
        let key = key.into();
        let weight = value.weight();
        self.depth = self.depth.max(value.depth() + 1);
        if let Key::Int(number) = key {
            if let Entries::List(values) = &mut self.entries {
                match usize::try_from(number) {
                    Ok(index) if index < values.len() => {
                        let before = std::mem::replace(&mut values[index], value).weight();
                        self.weight = self.weight.saturating_add(weight).saturating_sub(before);
                        return;
                    }
                    Ok(index) if index == values.len() => {
                        self.weight = self.weight.saturating_add(weight);
                        self.next = number + 1;
                        return values.push(value);
                    }
                    _ => {}
                }
            }
            self.next = self.next.max(number.saturating_add(1));
        }
        let of_key = key_weight(key.as_ref());
        let replaced = self.map().insert(key, value).map_or(0, |before| before.weight().saturating_add(of_key));
        self.weight = self.weight.saturating_add(weight).saturating_add(of_key).saturating_sub(replaced);
    }

    /// Appends a value under the next integer key.
    pub fn push(&mut self, value: Value) {
        self.depth = self.depth.max(value.depth() + 1);
        self.weight = self.weight.saturating_add(value.weight());
        match &mut self.entries {
            Entries::List(values) => values.push(value),
            Entries::Map(map) => {
                map.insert(Key::Int(self.next), value);
            }
        }
        self.next = self.next.saturating_add(1);
    }

    /// Takes an entry out; the others keep their keys and their order.
    pub fn remove(&mut self, key: KeyRef<'_>) -> Option<Value> {
        let value = self.take(key)?;
        let of_key = key_weight(key);
        self.weight = self.weight.saturating_sub(value.weight()).saturating_sub(of_key).max(1);
        Some(value)
    }

    fn take(&mut self, key: KeyRef<'_>) -> Option<Value> {
        match (&mut self.entries, key) {
            (Entries::List(values), KeyRef::Int(index)) => {
                let index = usize::try_from(index).ok().filter(|&index| index < values.len())?;
                if index + 1 == values.len() {
                    let value = values.pop();
                    self.map();
                    return value;
                }
                self.map().shift_remove(&key)
            }
            (Entries::List(_), KeyRef::Str(_)) => None,
            (Entries::Map(map), key) => map.shift_remove(&key),
        }
    }

    /// The entries as a map, turned into one where they were a list.
    fn map(&mut self) -> &mut Map {
        if let Entries::List(values) = &mut self.entries {
            let map = (0..).map(Key::Int).zip(std::mem::take(values)).collect();
            self.entries = Entries::Map(map);
        }
        match &mut self.entries {
            Entries::Map(map) => map,
            Entries::List(_) => unreachable!("turned into a map above"),
        }
    }

    /// The entries in order.
    pub fn iter(&self) -> Iter<'_> {
        Iter { array: self, front: 0, back: self.len() }
    }

    /// The keys in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = KeyRef<'_>> + ExactSizeIterator {
        self.iter().map(|(key, _)| key)
    }

    /// The values in order.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &Value> + ExactSizeIterator {
        self.iter().map(|(_, value)| value)
    }

    /// The entry at a place, counted from 0 in order.
    pub fn at(&self, index: usize) -> Option<(KeyRef<'_>, &Value)> {
        match &self.entries {
            Entries::List(values) => values.get(index).map(|value| (KeyRef::Int(index as i64), value)),
            Entries::Map(map) => map.get_index(index).map(|(key, value)| (key.as_ref(), value)),
        }
    }
}

/// A key's part of an array's weight: only long texts have one.
fn key_weight(key: KeyRef<'_>) -> u64 {
    match key {
        KeyRef::Int(_) => 0,
        KeyRef::Str(text) => text_weight(text),
    }
}

/// A text's weight, that of a value apart.
pub(super) fn text_weight(text: &str) -> u64 {
    const BYTES: usize = 8;
    (text.len() / BYTES) as u64
}

/// The entries of an [`Array`] in order.
#[derive(Debug, Clone)]
pub struct Iter<'a> {
    array: &'a Array,
    front: usize,
    back: usize,
}

impl<'a> Iterator for Iter<'a> {
    type Item = (KeyRef<'a>, &'a Value);

    fn next(&mut self) -> Option<Self::Item> {
        if self.front == self.back {
            return None;
        }
        let entry = self.array.at(self.front);
        self.front += 1;
        entry
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.back - self.front, Some(self.back - self.front))
    }
}

impl DoubleEndedIterator for Iter<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        if self.front == self.back {
            return None;
        }
        self.back -= 1;
        self.array.at(self.back)
    }
}

impl ExactSizeIterator for Iter<'_> {}

impl<'a> IntoIterator for &'a Array {
    type Item = (KeyRef<'a>, &'a Value);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl FromIterator<Value> for Array {
    fn from_iter<I: IntoIterator<Item = Value>>(values: I) -> Self {
        values.into_iter().collect::<Vec<Value>>().into()
    }
}

impl FromIterator<(Key, Value)> for Array {
    fn from_iter<I: IntoIterator<Item = (Key, Value)>>(entries: I) -> Self {
        let mut array = Array::new();
        for (key, value) in entries {
            array.insert(key, value);
        }
        array
    }
}

impl From<Vec<Value>> for Array {
    fn from(values: Vec<Value>) -> Self {
        let depth = values.iter().map(Value::depth).max().unwrap_or(0) + 1;
        let weight = values.iter().map(Value::weight).fold(1, u64::saturating_add);
        Self { next: values.len() as i64, entries: Entries::List(values), depth, weight, any_case: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_are_integers_are_integer_keys() {
        let cases = [
            ("1", Key::Int(1)),
            ("-5", Key::Int(-5)),
            ("0", Key::Int(0)),
            ("-0", Key::Str("-0".into())),
            ("05", Key::Str("05".into())),
            ("+1", Key::Str("+1".into())),
            ("1.0", Key::Str("1.0".into())),
            ("9223372036854775807", Key::Int(i64::MAX)),
            ("9223372036854775808", Key::Str("9223372036854775808".into())),
            ("-", Key::Str("-".into())),
            ("", Key::Str("".into())),
        ];
        for (text, key) in cases {
            assert_eq!(Key::from_str(text), key, "{text}");
        }
    }

    #[test]
    fn the_next_key_is_one_past_the_largest() {
        let mut array = Array::from(vec![Value::Int(1), Value::Int(2)]);
        array.insert("a", Value::Int(3));
        array.insert(9, Value::Int(4));
        array.push(Value::Int(5));
        let keys: Vec<String> = array.keys().map(|key| key.to_string()).collect();
        assert_eq!(keys, ["0", "1", "a", "9", "10"]);
        assert!(!array.is_list());
    }

    #[test]
    fn a_removed_entry_leaves_order_and_keys() {
        let mut array: Array = (0..4).map(Value::Int).collect();
        assert_eq!(array.remove(KeyRef::Int(1)), Some(Value::Int(1)));
        assert_eq!(array.remove(KeyRef::Int(3)), Some(Value::Int(3)));
        array.push(Value::Int(9));
        let keys: Vec<String> = array.keys().map(|key| key.to_string()).collect();
        assert_eq!(keys, ["0", "2", "4"]);
    }

    #[test]
    fn an_overwritten_entry_keeps_its_place() {
        let mut array = Array::new();
        array.insert("a", Value::Int(1));
        array.insert("b", Value::Int(2));
        array.insert("a", Value::Int(3));
        let values: Vec<_> = array.values().cloned().collect();
        assert_eq!(values, [Value::Int(3), Value::Int(2)]);
    }
}
