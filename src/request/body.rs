//! Params as a body, by its Content-Type (assumed): JSON, a URL-encoded form, or `multipart/form-data`.

use std::borrow::Cow;

use crate::http::media_type::{essence, is_json, parameter};

/// How a body's params are encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Encoding {
    /// `application/json`, and every type that ends in `+json`.
    Json,
    /// `application/x-www-form-urlencoded`
    Form,
    /// `multipart/form-data`, with the boundary if the header names one.
    Multipart(Option<String>),
}

/// A Content-Type as far as it matters here.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ContentType {
    pub(super) encoding: Encoding,
    /// A `charset` other than UTF-8.
    pub(super) charset: Option<String>,
}

/// The Content-Type of a body where the script names none (assumed).
pub(super) const DEFAULT: &str = "application/json";

/// Reads a Content-Type header; the error is the type that params can't be encoded as.
pub(super) fn content_type(header: &str) -> Result<ContentType, String> {
    let essence = essence(header);
    let encoding = match essence.as_str() {
        _ if is_json(header) => Encoding::Json,
        "application/x-www-form-urlencoded" => Encoding::Form,
        "multipart/form-data" => Encoding::Multipart(parameter(header, "boundary").map(Cow::into_owned)),
        _ => return Err(essence),
    };
    let charset =
        parameter(header, "charset").filter(|name| !["utf-8", "utf8"].contains(&name.to_ascii_lowercase().as_str()));
    Ok(ContentType { encoding, charset: charset.map(Cow::into_owned) })
}

/// `a=1&b=2`, as a browser encodes a form: UTF-8, spaces as `+`.
pub(super) fn form<'p>(params: impl IntoIterator<Item = (&'p str, &'p str)>) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish()
}

/// The parts of a `multipart/form-data` body. In names, quotes and line breaks are escaped as a browser does it; values
/// go out as they are.
pub(super) fn multipart<'p>(params: impl IntoIterator<Item = (&'p str, &'p str)>, boundary: &str) -> String {
    let mut text = String::new();
    for (name, value) in params {
        let name = name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
        text += &format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    text + &format!("--{boundary}--\r\n")
}

/// A boundary that no value contains, the same for the same seed.
pub(super) fn boundary<'p>(values: impl Iterator<Item = &'p str> + Clone, seed: Option<u64>) -> String {
    let mut random = seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed);
    loop {
        let boundary = format!("hookctl-{:016x}", random.u64(..));
        if !values.clone().any(|value| value.contains(&boundary)) {
            return boundary;
        }
    }
}

/// May a multipart boundary be this text (RFC 2046)?
pub(super) fn is_boundary(text: &str) -> bool {
    (1..=70).contains(&text.len())
        && !text.ends_with(' ')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_types() {
        let json = |charset: Option<&str>| ContentType { encoding: Encoding::Json, charset: charset.map(Into::into) };
        let multipart = |boundary: Option<&str>| ContentType {
            encoding: Encoding::Multipart(boundary.map(Into::into)),
            charset: None,
        };
        let cases = [
            ("application/json", Ok(json(None))),
            ("Application/JSON; charset=UTF-8", Ok(json(None))),
            ("application/json;charset=\"big5\"", Ok(json(Some("big5")))),
            ("application/vnd.api+json", Ok(json(None))),
            ("application/x-www-form-urlencoded", Ok(ContentType { encoding: Encoding::Form, charset: None })),
            ("multipart/form-data", Ok(multipart(None))),
            ("multipart/form-data; boundary=\"a b\"", Ok(multipart(Some("a b")))),
            ("multipart/form-data; title=\"; boundary=x\"; boundary=y", Ok(multipart(Some("y")))),
            ("text/plain", Err("text/plain".into())),
            ("application/xml; charset=utf-8", Err("application/xml".into())),
            ("", Err(String::new())),
        ];
        for (header, expected) in cases {
            assert_eq!(content_type(header), expected, "{header}");
        }
    }

    #[test]
    fn forms() {
        let params = [("first name", "Änn"), ("tag", "a&b"), ("tag", "\"c\"\n"), ("tag", "d"), ("empty", "")];
        assert_eq!(form(params), "first+name=%C3%84nn&tag=a%26b&tag=%22c%22%0A&tag=d&empty=");
        assert_eq!(
            multipart([("a\"b", "1\n"), ("c", "")], "X"),
            "--X\r\nContent-Disposition: form-data; name=\"a%22b\"\r\n\r\n1\n\r\n\
             --X\r\nContent-Disposition: form-data; name=\"c\"\r\n\r\n\r\n--X--\r\n"
        );
    }

    #[test]
    fn boundaries() {
        let first = boundary(std::iter::empty(), Some(7));
        assert_eq!(first, boundary(std::iter::empty(), Some(7)));
        assert_ne!(first, boundary(std::iter::empty(), Some(8)));
        assert_ne!(first, boundary([first.as_str()].into_iter(), Some(7)));
        assert!(is_boundary(&first));
        for wrong in ["", "a b ", "ä", "a\"b", &"x".repeat(71)] {
            assert!(!is_boundary(wrong), "{wrong}");
        }
    }
}
