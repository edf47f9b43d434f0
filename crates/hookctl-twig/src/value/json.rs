//! Values from JSON and to JSON.

use serde_json::Value as Json;

use super::{Array, Key, Value, shortest_float_text};

impl Value {
    /// The value of a JSON document, as PHP would decode it, but for one thing: an integer beyond 64 bits stays the text
    /// of its digits, so that no id is ever rounded.
    ///
    /// ```
    /// use hookctl_twig::Value;
    ///
    /// let value = Value::from_json(&serde_json::json!({"items": [{"id": 7}]}));
    /// assert_eq!(value.to_json().to_string(), r#"{"items":[{"id":7}]}"#);
    /// ```
    pub fn from_json(json: &Json) -> Value {
        match json {
            Json::Null => Value::Null,
            Json::Bool(value) => Value::Bool(*value),
            Json::Number(number) => from_number(number.as_str()),
            Json::String(text) => Value::str(text),
            Json::Array(items) => Value::array(items.iter().map(Value::from_json).collect()),
            Json::Object(fields) => {
                let mut array = Array::with_capacity(fields.len());
                for (name, value) in fields {
                    array.insert(Key::from_str(name), Value::from_json(value));
                }
                Value::array(array)
            }
        }
    }

    /// The value as JSON. Dates become what `json_encode` makes of them; numbers that JSON can't write become null.
    pub fn to_json(&self) -> Json {
        match self {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Int(number) => Json::Number((*number).into()),
            Value::Float(number) => shortest_float_text(*number, 'e').parse().map_or(Json::Null, Json::Number),
            Value::Str(text) | Value::Markup(text) => Json::String(text.to_string()),
            Value::Bytes(bytes) => Json::String(String::from_utf8_lossy(bytes).into_owned()),
            Value::Array(array) if array.is_list() => Json::Array(array.values().map(Value::to_json).collect()),
            Value::Array(array) => fields_to_json(array),
            Value::Closure(_) => Json::Object(serde_json::Map::new()),
            Value::Object(object) => fields_to_json(&object.fields()),
        }
    }
}

fn fields_to_json(array: &Array) -> Json {
    Json::Object(array.iter().map(|(key, value)| (key.to_string(), value.to_json())).collect())
}

fn from_number(text: &str) -> Value {
    if text.contains(['.', 'e', 'E']) {
        return Value::Float(text.parse().unwrap_or(f64::NAN));
    }
    text.parse().map_or_else(|_| Value::str(text), Value::Int)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_there_and_back() {
        let cases = [
            (r#"{"a":[1,2.5,"x",null,true],"1":{"b":{}}}"#, r#"{"a":[1,2.5,"x",null,true],"1":{"b":[]}}"#),
            ("12345678901234567890123", r#""12345678901234567890123""#),
            ("9223372036854775807", "9223372036854775807"),
            ("-0", "0"),
            ("1.0", "1"),
            ("1e30", "1.0e+30"),
        ];
        for (json, back) in cases {
            let value = Value::from_json(&serde_json::from_str(json).unwrap());
            assert_eq!(value.to_json().to_string(), back);
        }
    }
}
