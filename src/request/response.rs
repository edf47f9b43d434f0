//! A response as a callback's template sees it.

use serde_json::{Map, Value as Json, json};

use crate::template::Value;

/// `response.status`, `response.headers` (names in small letters, repeats joined by `, `) and `response.body`, parsed when it
/// is JSON, else text (assumed: the platform publishes that a callback is a template over the response, not its variables).
pub fn response<'a>(status: u16, headers: impl Iterator<Item = (&'a str, &'a str)>, body: &str) -> Value {
    let mut fields = Map::new();
    for (name, value) in headers {
        match fields.get_mut(&name.to_ascii_lowercase()) {
            Some(Json::String(held)) => *held = format!("{held}, {value}"),
            _ => {
                fields.insert(name.to_ascii_lowercase(), json!(value));
            }
        }
    }
    let called_json = fields.get("content-type").and_then(Json::as_str).is_some_and(|kind| kind.contains("json"));
    let looks_so = body.trim_start().starts_with(['{', '[']);
    let parsed = (called_json || looks_so).then(|| serde_json::from_str(body).ok()).flatten();
    Value::from_json(&json!({"status": status, "headers": fields, "body": parsed.unwrap_or_else(|| json!(body))}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_parsed_where_they_are_json() {
        for (kind, body, parsed) in [
            ("application/json", r#"{"id": 12345678901234567890}"#, r#"{"id": 12345678901234567890}"#),
            ("application/problem+json", "7", "7"),
            ("text/plain", "[1, 2]", "[1, 2]"),
            ("text/plain", "7", r#""7""#),
            ("application/json", "{broken", r#""{broken""#),
            ("application/json", "", r#""""#),
        ] {
            let headers = [("Content-Type", kind), ("A", "1"), ("a", "2")].into_iter();
            let expected =
                format!(r#"{{"status": 201, "headers": {{"content-type": "{kind}", "a": "1, 2"}}, "body": {parsed}}}"#);
            let expected = Value::from_json(&serde_json::from_str(&expected).expect("JSON"));
            assert_eq!(response(201, headers, body).to_json(), expected.to_json(), "{kind}: {body}");
        }
    }
}
