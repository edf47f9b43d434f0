//! Media types, as a `Content-Type` header names them.

/// The value of a parameter, such as `charset`, without its quotes.
pub(crate) fn parameter<'t>(content_type: &'t str, wanted: &str) -> Option<&'t str> {
    let mut parameters = content_type.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
    let (_, value) = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted))?;
    Some(value.trim().trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

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
