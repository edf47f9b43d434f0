//! The `escape` filter and its strategies.

use std::borrow::Cow;

use super::arguments::text;
use super::{Callable, Escaping, Param, ParamType, Returns, Runtime};
use crate::error::Failure;
use crate::types::Kind;
use crate::value::Value;

const PARAMS: &[Param] = &[
    Param::required("string").typed(ParamType::Text),
    Param::optional("strategy", || Value::str("html")),
    Param::optional("charset", || Value::Null),
    Param::optional("autoescape", || Value::Bool(false)).typed(ParamType::Flag),
];

/// The table.
pub(super) const FILTERS: &[Callable] = &[
    named("escape").doc("safe to put into HTML, JavaScript, CSS or a URL", "{{ '<b>'|escape }}", "&lt;b&gt;"),
    named("e").doc("short for `escape`", "{{ 'a b'|e('url') }}", "a%20b"),
];

const fn named(name: &'static str) -> Callable {
    Callable::new(name, PARAMS, Returns::Kind(Kind::Text), escape)
        .of_null(false)
        .escaping(Escaping::Argument)
        .keeps_secrets_recognizable()
}

fn escape(_: &mut dyn Runtime, args: &[Value]) -> Result<Value, Failure> {
    let safe = matches!(args[0], Value::Markup(_)) && args[3].is_true();
    if safe || args[0] == Value::str("") {
        return Ok(args[0].clone());
    }
    // PHP compares loosely: true is the first of the strategies.
    let strategy = match &args[1] {
        Value::Bool(true) => Cow::Borrowed("html"),
        other => text(other, "the strategy of `escape`")?,
    };
    let escaped: fn(&str) -> String = match &*strategy {
        "html" => html,
        "js" => js,
        "css" => css,
        "url" => super::text::raw_url_encode,
        "html_attr" => html_attribute,
        _ => {
            return Err(Failure::runtime(format!("`escape` has no strategy \"{strategy}\""))
                .help("the strategies are html, js, url, css and html_attr"));
        }
    };
    match &args[0] {
        Value::Str(text) | Value::Markup(text) => in_charset(text, &strategy, &args[2], escaped),
        bytes @ Value::Bytes(_) => escape_bytes(bytes, &strategy, &args[2], escaped),
        other => Ok(other.clone()),
    }
}

/// A string that is not UTF-8: HTML gets a replacement character, URLs can have any byte, JavaScript and CSS can have neither.
fn escape_bytes(value: &Value, strategy: &str, charset: &Value, escaped: fn(&str) -> String) -> Result<Value, Failure> {
    match strategy {
        "html" => in_charset(&value.to_text()?, strategy, charset, escaped),
        "url" => Ok(Value::from(super::text::percent_encoded(&value.to_bytes()?))),
        _ => {
            let from = if matches!(charset, Value::Null) { &Value::str("UTF-8") } else { charset };
            let value = super::encoding::convert(value, &Value::str("UTF-8"), from)?;
            Ok(Value::from(escaped(&value.to_text()?)))
        }
    }
}

/// Escapes a text of the given encoding: HTML stays in it, the other strategies make UTF-8 of it.
fn in_charset(value: &str, strategy: &str, charset: &Value, escaped: fn(&str) -> String) -> Result<Value, Failure> {
    let utf8 = Value::str("UTF-8");
    let whole = matches!(charset, Value::Null) || *charset == utf8 || strategy == "url";
    if whole || strategy == "html" && charset.as_str().is_some_and(|name| super::encoding::keeps_ascii(name)) {
        return Ok(Value::from(escaped(value)));
    }
    let value = super::encoding::convert(&Value::str(value), &utf8, charset)?;
    let value = Value::from(escaped(&value.to_text()?));
    if strategy == "html" { super::encoding::convert(&value, charset, &utf8) } else { Ok(value) }
}

fn html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#039;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

fn js(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | ',' | '.' | '_' => escaped.push(c),
            '\\' => escaped.push_str("\\\\"),
            '/' => escaped.push_str("\\/"),
            '\u{8}' => escaped.push_str("\\b"),
            '\u{c}' => escaped.push_str("\\f"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            _ => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    escaped.push_str(&format!("\\u{unit:04X}"));
                }
            }
        }
    }
    escaped
}

fn css(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' => escaped.push(c),
            _ => escaped.push_str(&format!("\\{:X} ", u32::from(c))),
        }
    }
    escaped
}

fn html_attribute(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | ',' | '.' | '-' | '_' => escaped.push(c),
            '"' => escaped.push_str("&quot;"),
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\t' | '\n' | '\r' => escaped.push_str(&format!("&#x{:02X};", u32::from(c))),
            '\0'..='\u{1f}' | '\u{7f}' => escaped.push_str("&#xFFFD;"),
            _ if c.is_ascii() => escaped.push_str(&format!("&#x{:02X};", u32::from(c))),
            _ => escaped.push_str(&format!("&#x{:04X};", u32::from(c))),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_strategy() {
        assert_eq!(html("<a b='&'>\""), "&lt;a b=&#039;&amp;&#039;&gt;&quot;");
        assert_eq!(js("ä/ \n😀"), "\\u00E4\\/\\u0020\\n\\uD83D\\uDE00");
        assert_eq!(css("a-ä"), "a\\2D \\E4 ");
        assert_eq!(html_attribute("<ä\t\u{1}="), "&lt;&#x00E4;&#x09;&#xFFFD;&#x3D;");
    }
}
