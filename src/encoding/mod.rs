//! How params become a nested body: `encoding:` of hookctl.yaml. The platform does not publish any of it (assumed).
//!
//! Takes the names and the rendered values of params, gives the structure that they make. Knows nothing of scripts.

mod name;
mod tree;

pub use name::{Name, form_name};
pub use tree::{Conflict, Tree};

/// `encoding:` of hookctl.yaml (assumed).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BodyEncoding {
    /// `json_values`
    pub json_values: JsonValues,
    /// `names`
    pub names: NameStyle,
}

/// What a param's value becomes in a JSON body (assumed).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum JsonValues {
    /// Always a string.
    #[default]
    String,
    /// JSON where the text is JSON (an object, a list, a number, true, false, null or a quoted string), exactly as it is
    /// written; otherwise a string.
    Json,
}

/// What brackets and dots in a param's name do (assumed).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NameStyle {
    /// Nothing: names are sent as they are.
    #[default]
    Flat,
    /// `a[b]`, `a[]` and `a[0]` make objects and lists, as PHP reads them.
    Brackets,
    /// `a.b` and `a.0` make objects and lists.
    Dots,
}

impl JsonValues {
    /// All of them.
    pub const ALL: [JsonValues; 2] = [JsonValues::String, JsonValues::Json];

    /// As hookctl.yaml writes it.
    pub fn word(self) -> &'static str {
        match self {
            JsonValues::String => "string",
            JsonValues::Json => "json",
        }
    }

    /// The piece of a JSON body that a value becomes: JSON text.
    pub fn encode(self, value: &str) -> String {
        match self.as_json(value) {
            Some(json) => json.to_owned(),
            None => serde_json::Value::from(value).to_string(),
        }
    }

    /// The value without the white space around it, if it goes in as JSON. It does so as it is written, so that every digit of
    /// a number is kept, and a secret in it is found again. What is nested more than 127 levels deep is taken for text.
    pub fn as_json(self, value: &str) -> Option<&str> {
        const WHITE_SPACE: [char; 4] = [' ', '\t', '\r', '\n'];
        let is_json = self == JsonValues::Json && serde_json::from_str::<serde_json::Value>(value).is_ok();
        is_json.then(|| value.trim_matches(WHITE_SPACE))
    }
}

impl NameStyle {
    /// All of them.
    pub const ALL: [NameStyle; 3] = [NameStyle::Flat, NameStyle::Brackets, NameStyle::Dots];

    /// How a name is written that nests something.
    pub fn rule(self) -> &'static str {
        match self {
            NameStyle::Flat => "`encoding.names: flat` doesn't nest names",
            NameStyle::Brackets => "a nested name is a name followed by brackets, as in `a[b]` or `a[b][0]`",
            NameStyle::Dots => "a nested name has a name on both sides of each dot, as in `a.b`",
        }
    }

    /// As hookctl.yaml writes it.
    pub fn word(self) -> &'static str {
        match self {
            NameStyle::Flat => "flat",
            NameStyle::Brackets => "brackets",
            NameStyle::Dots => "dots",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_is_json_goes_in_as_it_is_written() {
        for (value, json) in [
            ("{\"a\": [1, null]}", "{\"a\": [1, null]}"),
            (" {\"a\":1}\n", "{\"a\":1}"),
            ("[]", "[]"),
            ("18446744073709551617", "18446744073709551617"),
            ("0.10", "0.10"),
            ("1E+400", "1E+400"),
            ("-0", "-0"),
            ("true", "true"),
            ("null", "null"),
            ("\"quoted \\u00e9\"", "\"quoted \\u00e9\""),
            // Text.
            ("", "\"\""),
            ("Ann", "\"Ann\""),
            ("00123", "\"00123\""),
            ("+1", "\"+1\""),
            ("1.", "\"1.\""),
            ("True", "\"True\""),
            ("NaN", "\"NaN\""),
            ("{\"a\": 1", "\"{\\\"a\\\": 1\""),
            ("{'a': 1}", "\"{'a': 1}\""),
            ("1 2", "\"1 2\""),
            ("\u{a0}1", "\"\u{a0}1\""),
        ] {
            assert_eq!(JsonValues::Json.encode(value), json, "{value}");
            assert_eq!(JsonValues::String.encode(value), serde_json::Value::from(value).to_string(), "{value}");
        }
        let deep = "[".repeat(100_000);
        assert_eq!(JsonValues::Json.as_json(&deep), None);
    }
}
