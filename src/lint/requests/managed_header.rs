//! HK205

use super::super::{Basis, Check, Level, Rule, Sink, Visit};
use super::headers;

/// A header that the client writes itself.
pub static RULE: Rule = Rule {
    id: "HK205",
    name: "managed-header",
    level: Level::Warning,
    summary: "a header that the HTTP client manages",
    what: "Reports headers that belong to the connection or follow from the request: `Host`, `Content-Length`, `Connection`, \
           `Transfer-Encoding` and their like.",
    why: "The client sets them from the URL, the body and the connection. One written by hand is ignored at best; a wrong \
          `Content-Length` or `Host` breaks the request or sends it to the wrong site, and only in production.",
    example: Some(
        "request:\n  method: POST\n  url: https://api.example.com/users\n  headers:\n    Content-Length: \"120\"\n",
    ),
    instead: Some(
        "request:\n  method: POST\n  url: https://api.example.com/users\n  headers:\n    Accept: application/json\n",
    ),
    fixable: false,
    basis: Basis::Published,
    check: Check::Script(check),
};

/// Headers of the connection or of the message's frame (RFC 9110, RFC 9112).
const MANAGED: [&str; 10] = [
    "host",
    "content-length",
    "connection",
    "transfer-encoding",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "upgrade",
    "expect",
];

fn check(visit: &Visit<'_>, sink: &mut Sink) {
    for header in headers(&visit.script.request) {
        let name = &header.name.value;
        if MANAGED.iter().any(|managed| name.eq_ignore_ascii_case(managed)) {
            sink.at(header.name.span, format!("`{name}` is set by the HTTP client itself")).help("leave it out");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::cases::places;

    #[test]
    fn managed_headers_are_found_in_any_case() {
        for (header, expected) in [
            ("Host: a", &["Host"][..]),
            ("content-length: 5", &["content-length"]),
            ("Connection: close", &["Connection"]),
            ("TRANSFER-ENCODING: chunked", &["TRANSFER-ENCODING"]),
            ("Upgrade: h2c", &["Upgrade"]),
            // Nothing to find.
            ("Content-Type: a/b", &[]),
            ("X-Host: a", &[]),
            ("Content-Language: de", &[]),
            ("User-Agent: a", &[]),
            ("Accept-Encoding: gzip", &[]),
        ] {
            let script = format!("request:\n  method: GET\n  url: https://a.example/\n  headers:\n    {header}\n");
            assert_eq!(places("HK205", &script), expected, "{header}");
        }
    }
}
