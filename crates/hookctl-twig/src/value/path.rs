//! Entries by dotted path: `user.phone`, `items.0.id`.

use std::sync::Arc;

use super::{Array, Key, KeyRef, Value};

impl Array {
    /// The value at a dotted path; none where any step of it is missing.
    pub fn get_path(&self, path: &str) -> Option<&Value> {
        let (first, rest) = match path.split_once('.') {
            Some((first, rest)) => (first, Some(rest)),
            None => (path, None),
        };
        let value = self.get_name(first)?;
        match rest {
            Some(rest) => value.as_array()?.get_path(rest),
            None => Some(value),
        }
    }

    /// Puts a value at a dotted path. Steps that are missing or not arrays become mappings.
    pub fn set_path(&mut self, path: &str, value: Value) {
        match path.split_once('.') {
            None => self.insert(Key::from_str(path), value),
            Some((first, rest)) => {
                let key = KeyRef::of(first);
                let mut inner = match self.get_mut(key) {
                    Some(Value::Array(inner)) => std::mem::take(inner),
                    _ => Arc::default(),
                };
                Arc::make_mut(&mut inner).set_path(rest, value);
                self.insert(key.to_owned(), Value::Array(inner));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_and_written() {
        let json = serde_json::json!({"user": {"name": "Ann", "tags": ["a", "b"]}, "n": 1});
        let Value::Array(array) = Value::from_json(&json) else { panic!("an object is an array") };
        let mut array = Array::clone(&array);
        assert_eq!(array.get_path("user.tags.1"), Some(&Value::str("b")));
        assert_eq!(array.get_path("user.tags.2"), None);
        assert_eq!(array.get_path("n.x"), None);
        array.set_path("user.name", Value::Null);
        array.set_path("user.tags.0", Value::Int(7));
        array.set_path("new.deep.key", Value::Bool(true));
        assert_eq!(
            Value::array(array).to_json().to_string(),
            r#"{"user":{"name":null,"tags":[7,"b"]},"n":1,"new":{"deep":{"key":true}}}"#
        );
    }
}
