//! Media types, as a `Content-Type` header names them (RFC 9110, 8.3.1).

use std::borrow::Cow;

/// The value of a parameter, such as `charset`, without its quotes.
pub fn parameter<'t>(content_type: &'t str, wanted: &str) -> Option<Cow<'t, str>> {
    let (_, parameters) = content_type.split_once(';')?;
    let mut parameters = pieces(parameters).filter_map(|parameter| parameter.split_once('='));
    let (_, value) = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted))?;
    Some(unquoted(value.trim()))
}

/// The type itself, without parameters, in small letters.
pub fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Is it JSON, such as `application/json` or `application/vnd.api+json`?
pub fn is_json(content_type: &str) -> bool {
    let essence = essence(content_type);
    matches!(essence.as_str(), "application/json" | "text/json") || essence.ends_with("+json")
}

/// The pieces between semicolons that are not in a quoted string.
fn pieces(parameters: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    parameters.split(move |c| {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ';' => return !quoted,
            _ => {}
        }
        false
    })
}

/// What a quoted string says: `\"` in it is a quote. Anything else is itself; a quote that is never closed ends with the text.
fn unquoted(value: &str) -> Cow<'_, str> {
    let Some(inside) = value.strip_prefix('"') else { return Cow::Borrowed(value) };
    let mut text = String::with_capacity(inside.len());
    let mut chars = inside.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => text.extend(chars.next()),
            c => text.push(c),
        }
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_has_several_types() {
        for (content_type, is) in [
            ("Application/JSON; charset=UTF-8", true),
            ("text/json", true),
            ("application/vnd.api+json", true),
            ("application/x-www-form-urlencoded", false),
            ("", false),
        ] {
            assert_eq!(is_json(content_type), is, "{content_type}");
        }
    }

    #[test]
    fn the_charset_of_a_content_type() {
        for (content_type, expected) in [
            ("text/html; charset=iso-8859-1", Some("iso-8859-1")),
            ("text/html;charset=\"iso-8859-1\"", Some("iso-8859-1")),
            ("text/html; Charset = iso-8859-1 ; boundary=x", Some("iso-8859-1")),
            ("text/html; level=1; charset=utf-8", Some("utf-8")),
            ("text/html; title=\"a; charset=big5\"; charset=utf-8", Some("utf-8")),
            ("text/html; title=\"a\\\"; charset=big5\"; charset=utf-8", Some("utf-8")),
            ("text/html; charset=\"a;b\\\"\\\\c\"", Some("a;b\"\\c")),
            ("text/html; charset=\"never closed", Some("never closed")),
            ("text/html; charset=\"\\", Some("")),
            ("text/html; xcharset=iso-8859-1", None),
            ("text/html; charset", None),
            ("text/html", None),
            ("charset=iso-8859-1", None),
            ("", None),
        ] {
            assert_eq!(parameter(content_type, "charset").as_deref(), expected, "{content_type}");
        }
    }
}
