//! Reads JSON that people wrote, or reports what is wrong with it and where.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;

use crate::diagnostic::Diagnostic;
use crate::span::{Source, Span};

/// What a fixture looks like, for help.
pub(super) const EXAMPLE: &str =
    r#"write an object such as {"event": "contact.created", "contact": {"first_name": "Ann"}}"#;

/// Reads the one value of a text, which may start with a byte order mark.
///
/// # Errors
/// Text that is not JSON, or an object that has one name twice: the first of the two would be lost.
pub(super) fn read(source: &Arc<Source>) -> Result<Json, Diagnostic> {
    let text = source.text.strip_prefix('\u{feff}').unwrap_or(&source.text);
    let value = serde_json::from_str(text).map_err(|error| not_json(source, &error))?;
    match serde_json::from_str::<EachNameOnce>(text) {
        Ok(_) => Ok(value),
        Err(error) => Err(twice(source, &error)),
    }
}

/// The offset in the source of a place that the parser names.
fn offset(source: &Source, error: &serde_json::Error) -> usize {
    // To the parser, only a line feed ends a line.
    let ends = source.text.match_indices('\n').map(|(end, _)| end + 1);
    let line = std::iter::once(0).chain(ends).nth(error.line().saturating_sub(1)).unwrap_or(0);
    // The parser counts bytes, and the byte order mark was not shown to it.
    let mark = if line == 0 && source.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    (line + mark + error.column()).min(source.text.len())
}

fn not_json(source: &Arc<Source>, error: &serde_json::Error) -> Diagnostic {
    let words = error.to_string();
    let words = words.rsplit_once(" at line ").map_or(words.as_str(), |(words, _)| words);
    let mut at = offset(source, error).saturating_sub(1);
    while !source.text.is_char_boundary(at) {
        at -= 1;
    }
    let control = words.starts_with("control character");
    if !control {
        // It stops in the middle of a word that it does not know.
        at -= source.text[..at].bytes().rev().take_while(u8::is_ascii_alphanumeric).count();
    }
    let rest = &source.text[at..];
    let next = rest.chars().next();
    let word = rest.find(|c: char| c.is_whitespace() || ",:[]{}".contains(c)).unwrap_or(0);
    let width = if control { 0 } else { word };
    let span =
        half_a_pair(source, words, at).unwrap_or_else(|| Span::new(at, at + width.max(next.map_or(0, char::len_utf8))));
    let (words, help) = put(words, next, source.text.trim_start_matches('\u{feff}').trim().is_empty());
    let error = Diagnostic::error(format!("`{}` is not JSON: {words}", source.path)).at(source, span, "");
    if help.is_empty() { error } else { error.help(help) }
}

/// The escape that is half of a pair: the last before the place where the parser stops, or the one before that where it has
/// read on to the next.
fn half_a_pair(source: &Source, words: &str, at: usize) -> Option<Span> {
    const ESCAPE: usize = r"\ud83d".len();
    let reads_on = match words {
        "unexpected end of hex escape" => 0,
        "lone leading surrogate in hex escape" => ESCAPE,
        _ => return None,
    };
    let start = source.text.get(..at)?.rfind('\\')?.checked_sub(reads_on)?;
    source.text.get(start..start + ESCAPE)?.starts_with(r"\u").then(|| Span::new(start, start + ESCAPE))
}

/// The parser's error in plain words, with help; `next` is the character that it stopped at.
fn put(words: &str, next: Option<char>, empty: bool) -> (&str, &'static str) {
    const QUOTES: &str = "names and strings need double quotes";
    match (words, next) {
        ("EOF while parsing a value", _) if empty => ("it is empty", EXAMPLE),
        ("EOF while parsing a value", _) => ("it ends before a value", ""),
        ("EOF while parsing a list", _) => ("it ends inside a list", "close the list with `]`"),
        ("EOF while parsing an object", _) => ("it ends inside an object", "close the object with `}`"),
        ("EOF while parsing a string", _) => ("it ends inside a string", "close the string with `\"`"),
        (_, Some('/' | '#')) => ("it contains a comment", "JSON has no comments: remove it"),
        ("key must be a string", _) => ("expected a name", QUOTES),
        ("expected value" | "expected ident", Some('\'')) => ("expected a value", QUOTES),
        ("expected value" | "expected ident", _) => (
            "expected a value",
            "a value is a string in double quotes, a number, `true`, `false`, `null`, a list or an object",
        ),
        ("trailing comma", _) => (words, "remove the comma before it"),
        ("trailing characters", _) => ("there is text after its end", "a fixture is one object, with nothing after it"),
        ("recursion limit exceeded", _) => ("it is nested too deeply", "at most 128 levels are allowed"),
        (control, Some('\n' | '\r')) if control.starts_with("control character") => {
            ("a string contains a line break", "close the string with `\"`, or write `\\n` for a line break in it")
        }
        (control, _) if control.starts_with("control character") => {
            ("a string contains a control character", "write it as an escape, such as `\\t` or `\\u0000`")
        }
        ("unexpected end of hex escape" | "lone leading surrogate in hex escape", _) => (
            "half of a surrogate pair: `\\ud800` to `\\udfff` form a character (such as an emoji) only in pairs",
            "write the character itself, or both escapes, such as `\\ud83d\\ude00`",
        ),
        _ => (words, ""),
    }
}

/// The parser stops right after the second of the two names.
fn twice(source: &Arc<Source>, error: &serde_json::Error) -> Diagnostic {
    let end = offset(source, error);
    let before = source.text.get(..end.saturating_sub(1)).unwrap_or_default();
    let start = before.rfind('"').unwrap_or(before.len());
    let name = source.text.get(start..end).unwrap_or_default().trim_matches('"');
    Diagnostic::error(format!("duplicate key `{name}` in an object of `{}`", source.path))
        .at(source, Span::new(start, end), "again here")
        .help("remove one of them: only one would be kept")
}

/// Any JSON value in which no object has a name twice.
struct EachNameOnce;

impl<'de> Deserialize<'de> for EachNameOnce {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EachNameOnce)
    }
}

impl<'de> Visitor<'de> for EachNameOnce {
    type Value = EachNameOnce;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if !names.insert(name) {
                return Err(de::Error::custom("twice"));
            }
            map.next_value::<EachNameOnce>()?;
        }
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<EachNameOnce>()?.is_some() {}
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_in_words_at_its_place() {
        for (text, words, place) in [
            ("", "it is empty", ""),
            ("\u{feff} \n", "it is empty", ""),
            ("{\n  \"a\": nope,\n}", "expected a value", "nope"),
            ("{\"a\": NaN}", "expected a value", "NaN"),
            ("{\"a\": 1,}", "trailing comma", "}"),
            ("{\"é\": 1 2}", "expected `,` or `}`", "2"),
            ("\u{feff}{\"a\" 1}", "expected `:`", "1"),
            ("{a: 1}", "expected a name", "a"),
            ("{'a': 1}", "expected a name", "'a'"),
            ("{\n  // why\n  \"a\": 1}", "a comment", "//"),
            ("{\"a\": \"b\n\"}", "a string contains a line break", "\n"),
            ("{\"a\": \"b\tc\"}", "a string contains a control character", "\t"),
            ("{\"a\": [1", "it ends inside a list", ""),
            ("{\"a\": 1", "it ends inside an object", ""),
            ("{\"a", "it ends inside a string", ""),
            ("{} {}", "there is text after its end", "{"),
            ("{\"a\": 1, \"b\": {\"é\": 1, \"é\": 2}}", "duplicate key `é`", "\"é\""),
            ("\u{feff}{\"a\": 1, \"a\": 2}", "duplicate key `a`", "\"a\""),
        ] {
            let source = Arc::new(Source::new("a.json", text));
            let error = read(&source).expect_err(text);
            assert!(error.message.contains(words), "{text}: {}", error.message);
            let span = error.labels[0].span;
            let shown = &text[span.start..span.end];
            assert!(shown == place || place.is_empty(), "{text}: {shown:?}");
        }
        let nested = Arc::new(Source::new("a.json", "[".repeat(100_000)));
        assert!(read(&nested).expect_err("nested").message.contains("nested too deep"));
    }

    #[test]
    fn names_of_different_objects_may_be_the_same() {
        let text = r#"{"a": {"a": [1.5, -1, 12345678901234567890123, {"a": null}, {"a": true}]}}"#;
        assert!(read(&Arc::new(Source::new("a.json", text))).is_ok());
    }
}
