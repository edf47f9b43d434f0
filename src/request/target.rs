//! The URL: what a rendered `url` must be, and params in its query.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use url::{ParseError, Url};

use crate::http::UrlTemplate;

/// What stays as it is in a query: RFC 3986's unreserved characters.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A rendered URL that a request can go to.
#[derive(Debug)]
pub(super) struct Target {
    /// Without credentials and fragment.
    pub(super) url: Url,
    /// `user:password`, decoded, where the URL had them.
    pub(super) credentials: Option<String>,
    /// A fragment, which is never sent.
    pub(super) fragment: Option<String>,
}

/// Why a request can't go to a URL.
#[derive(Debug, PartialEq)]
pub(super) struct NoTarget {
    /// The end of "the URL …".
    pub(super) why: String,
    pub(super) help: &'static str,
}

/// Reads a rendered URL. Stricter than a browser, which would read the path in `https:///users` as a host.
pub(super) fn parse(rendered: &str) -> Result<Target, NoTarget> {
    let no = |why: &str, help| Err(NoTarget { why: why.into(), help });
    const WHOLE: &str = "write the full URL, such as https://api.example.com/users";
    const ENCODE: &str = "percent-encode the value, with `|url_encode`";
    if rendered.is_empty() {
        return no("is empty", WHOLE);
    }
    if let Some(control) = rendered.chars().find(|c| c.is_control()) {
        let name = match control {
            '\n' | '\r' => "a line break".to_string(),
            '\t' => "a tab".to_string(),
            other => format!("the control character U+{:04X}", u32::from(other)),
        };
        return no(&format!("contains {name}"), ENCODE);
    }
    let parts = UrlTemplate::rendered(rendered);
    let Some(scheme) = parts.scheme.as_ref().filter(|_| parts.part(&parts.separator) == "://") else {
        return no("has no scheme", "write https:// before the host");
    };
    let scheme = parts.part(scheme);
    if !["http", "https"].contains(&scheme.to_ascii_lowercase().as_str()) {
        return no(&format!("has the scheme `{scheme}`"), "use https:// (or http://)");
    }
    if parts.host.is_empty() {
        return no("has no host", WHOLE);
    }
    let host_and_port = parts.host_and_port();
    if host_and_port.contains(' ') {
        return no(&format!("has a space in its host `{host_and_port}`"), WHOLE);
    }
    let mut url = match parts.to_url() {
        Ok(url) => url,
        Err(ParseError::InvalidPort) => {
            return no("has an invalid port", "a port is a number from 1 to 65535");
        }
        Err(_) => return no(&format!("has an invalid host: `{host_and_port}`"), WHOLE),
    };
    if url.port() == Some(0) {
        return no("has the port 0", "a port is a number from 1 to 65535");
    }
    let credentials = (!url.username().is_empty() || url.password().is_some()).then(|| {
        let text = format!("{}:{}", url.username(), url.password().unwrap_or_default());
        percent_decode_str(&text).decode_utf8_lossy().into_owned()
    });
    let fragment = url.fragment().map(str::to_string);
    // Neither can fail on a URL with a host.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_fragment(None);
    Ok(Target { url, credentials, fragment })
}

/// Appends params to the URL's own query, which stays as it is.
pub(super) fn append_query<'p>(url: &mut Url, params: impl IntoIterator<Item = (&'p str, &'p str)>) {
    let mut query = url.query().unwrap_or_default().to_string();
    for (name, value) in params {
        if !query.is_empty() {
            query.push('&');
        }
        query.extend(utf8_percent_encode(name, QUERY));
        query.push('=');
        query.extend(utf8_percent_encode(value, QUERY));
    }
    url.set_query(Some(query.as_str()).filter(|query| !query.is_empty()));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::http::Host;

    #[test]
    fn urls_that_a_request_can_go_to() {
        let cases = [
            ("https://api.example.com/users", "https://api.example.com/users"),
            ("HTTPS://API.Example.COM", "https://api.example.com/"),
            ("http://127.0.0.1:8787/?a=b", "http://127.0.0.1:8787/?a=b"),
            ("https://[::1]:8443/x", "https://[::1]:8443/x"),
            ("https://müller.example/straße?q=ä b", "https://xn--mller-kva.example/stra%C3%9Fe?q=%C3%A4%20b"),
            ("https://h/a b\\c", "https://h/a%20b%5Cc"),
            ("https://u:p%40ss@h/x#part", "https://h/x"),
            ("https://h/x?next=https://other/", "https://h/x?next=https://other/"),
            ("https://h?", "https://h/?"),
            ("https://api.example.com\\@169.254.169.254/x", "https://api.example.com/%5C@169.254.169.254/x"),
            ("https://h./x", "https://h./x"),
            ("https://0x7f.1/{{x", "https://127.0.0.1/%7B%7Bx"),
        ];
        for (rendered, url) in cases {
            assert_eq!(parse(rendered).unwrap().url.as_str(), url, "{rendered}");
        }
        let target = parse("https://u:p%40ss@h/x#part").unwrap();
        assert_eq!(target.credentials.as_deref(), Some("u:p@ss"));
        assert_eq!(target.fragment.as_deref(), Some("part"));
    }

    /// Pieces of which confusing URLs are made.
    fn confusing_url() -> impl Strategy<Value = String> {
        const PIECES: [&str; 32] = [
            "https://",
            "http:",
            "//",
            "/",
            "\\",
            "@",
            ":",
            "?",
            "#",
            ".",
            "[",
            "]",
            "[::1]",
            "%40",
            "%2e",
            "%5c",
            "80",
            "a",
            "B.example",
            "169.254.169.254",
            "0x7f.1",
            "api.example.com",
            "ü",
            "。",
            "＠",
            "／",
            " ",
            "\u{a0}",
            "&",
            "=",
            "{",
            "}",
        ];
        let text = prop::collection::vec(prop::sample::select(&PIECES[..]), 0..8).prop_map(|pieces| pieces.concat());
        prop_oneof![text.clone().prop_map(|text| format!("https://{text}")), text]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        #[test]
        fn the_host_that_lint_reads_is_the_host_that_a_request_goes_to(text in confusing_url()) {
            prop_assume!(crate::http::placeholders(&text).is_empty());
            if let Ok(target) = parse(text.trim()) {
                prop_assert_eq!(UrlTemplate::new(&text).known_host(), Host::of(&target.url));
                // Whoever reads the URL again, as curl does, reads that host too.
                let again: Url = target.url.as_str().parse().expect("a URL");
                prop_assert_eq!(again.host(), target.url.host());
            }
        }
    }

    #[test]
    fn texts_that_are_none() {
        let cases = [
            ("", "is empty"),
            ("api.example.com/users", "has no scheme"),
            ("localhost:8080/x", "has no scheme"),
            ("/users?next=https://x/", "has no scheme"),
            ("https:/api.example.com", "has no scheme"),
            ("ftp://h/x", "has the scheme `ftp`"),
            ("https://", "has no host"),
            ("https:///users", "has no host"),
            ("https://?a=b", "has no host"),
            ("https://:443/x", "has no host"),
            ("https://u:p@/x", "has no host"),
            ("https://a b.example/x", "has a space in its host `a b.example`"),
            ("https://h:99999/x", "has an invalid port"),
            ("https://h:x/x", "has an invalid port"),
            ("https://h:0/x", "has the port 0"),
            ("https://ex%20ample/", "has an invalid host: `ex%20ample`"),
            ("https://[::1/", "has an invalid host: `[::1`"),
            ("https://h/a\nb", "contains a line break"),
            ("https://h/a\u{0}", "contains the control character U+0000"),
        ];
        for (rendered, why) in cases {
            assert_eq!(parse(rendered).unwrap_err().why, why, "{rendered}");
        }
    }

    #[test]
    fn params_follow_the_query_that_is_there() {
        let cases = [
            ("https://h/", &[][..], "https://h/"),
            ("https://h/", &[("a", "1")][..], "https://h/?a=1"),
            ("https://h/?", &[("a", "1")][..], "https://h/?a=1"),
            ("https://h/?x=%20y", &[("a", "1"), ("a", "2")][..], "https://h/?x=%20y&a=1&a=2"),
            ("https://h/", &[("n m", "ä&b=c+d/e#f%")][..], "https://h/?n%20m=%C3%A4%26b%3Dc%2Bd%2Fe%23f%25"),
            ("https://h/", &[("empty", "")][..], "https://h/?empty="),
        ];
        for (base, params, expected) in cases {
            let mut url = parse(base).unwrap().url;
            append_query(&mut url, params.iter().copied());
            assert_eq!(url.as_str(), expected);
        }
    }
}
