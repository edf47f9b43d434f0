//! A response as a callback's template sees it.

use hookctl_twig::{Array, Key, Value};
use indexmap::IndexMap;
use serde_json::Value as Json;

/// `response.status`, `response.headers` (names found in any case and listed in small letters, repeats joined by `, `) and
/// `response.body`, parsed when it is JSON, else text (assumed: the platform publishes that a callback is a template over the
/// response, not its variables).
pub fn response<'a>(status: u16, headers: impl Iterator<Item = (&'a str, &'a str)>, body: &str) -> Value {
    let mut fields: IndexMap<String, String> = IndexMap::new();
    for (name, value) in headers {
        let joined = fields.entry(name.to_ascii_lowercase());
        joined.and_modify(|held| *held = format!("{held}, {value}")).or_insert_with(|| value.to_owned());
    }
    let called_json = fields.get("content-type").is_some_and(|kind| kind.to_ascii_lowercase().contains("json"));
    let looks_so = body.trim_start().starts_with(['{', '[']);
    let parsed: Option<Json> = (called_json || looks_so).then(|| serde_json::from_str(body).ok()).flatten();
    let body = parsed.map_or_else(|| Value::str(body), |json| Value::from_json(&json));
    let fields: Vec<(Key, Value)> =
        fields.iter().map(|(name, value)| (Key::from_str(name), Value::str(value))).collect();
    let mut headers = Array::with_capacity(fields.len());
    fields.into_iter().for_each(|(name, value)| headers.insert(name, value));
    let response =
        [("status", Value::Int(status.into())), ("headers", Value::array(headers.in_any_case())), ("body", body)];
    Value::array(response.map(|(name, value)| (Key::from_str(name), value)).into_iter().collect::<Array>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use hookctl_twig::{Options, Template};

    #[test]
    fn bodies_are_parsed_where_they_are_json() {
        for (kind, body, parsed) in [
            ("application/json", r#"{"id": 12345678901234567890}"#, r#"{"id": 12345678901234567890}"#),
            ("application/problem+json", "7", "7"),
            ("Application/JSON", "7", "7"),
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

    #[test]
    fn names_of_headers_are_found_in_any_case() {
        let headers = [("X-Request-Id", "a1"), ("LOCATION", "/users/7"), ("200", "x")];
        let mut context = Array::new();
        context.insert("response", response(200, headers.into_iter(), ""));
        for (template, expected) in [
            ("{{ response.headers['X-Request-Id'] }}", "a1"),
            ("{{ response.headers['x-request-id'] }}", "a1"),
            ("{{ response.headers['x-REQUEST-iD'] }}", "a1"),
            ("{{ response.headers.Location }}", "/users/7"),
            ("{{ response.headers.location }}", "/users/7"),
            ("{{ response.headers.LOCATION ?? 'none' }}", "/users/7"),
            ("{{ response.headers.Location is defined ? 'yes' : 'no' }}", "yes"),
            ("{{ attribute(response.headers, 'Location') }}", "/users/7"),
            ("{{ response.headers['200'] }}", "x"),
            ("{{ response.headers['X-None'] ?? 'none' }}", "none"),
            ("{{ response.headers|keys|join(' ') }}", "x-request-id location 200"),
        ] {
            let rendered = Template::parse(template).expect("a template").render(&context, &Options::default());
            assert_eq!(rendered.map(|rendered| rendered.output), Ok(expected.to_owned()), "{template}");
        }
    }
}
