//! Media types, as a `Content-Type` header names them.

/// The value of a parameter, such as `charset`, without its quotes.
pub(crate) fn parameter<'t>(content_type: &'t str, wanted: &str) -> Option<&'t str> {
    let mut parameters = content_type.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
    let (_, value) = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted))?;
    Some(value.trim().trim_matches('"'))
}

/// The type itself, without parameters, in small letters.
pub(crate) fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Is it JSON, such as `application/json` or `application/vnd.api+json`?
pub(crate) fn is_json(content_type: &str) -> bool {
    let essence = essence(content_type);
    matches!(essence.as_str(), "application/json" | "text/json") || essence.ends_with("+json")
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
            ("text/html; xcharset=iso-8859-1", None),
            ("text/html; charset", None),
            ("text/html", None),
            ("charset=iso-8859-1", None),
            ("", None),
        ] {
            assert_eq!(parameter(content_type, "charset"), expected, "{content_type}");
        }
    }
}
