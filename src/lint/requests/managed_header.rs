//! HK205

use super::super::{Basis, Check, Level, Reporter, Rule, ScriptContext};
use crate::http::header;

/// A header that the HTTP client manages.
pub(super) static RULE: Rule = Rule {
    id: "HK205",
    name: "managed-header",
    level: Level::Warning,
    summary: "a header that the HTTP client manages",
    what: "Reports headers that belong to the connection or are derived from the request: `Host`, `Content-Length`, `Connection`, \
           `Transfer-Encoding` and the like.",
    why: "The client sets them from the URL, the body and the connection. hookctl sends a script's `Host` and drops \
          the others; a client that sent them all would break the request with a wrong `Content-Length`.",
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

fn check(context: &ScriptContext<'_>, reporter: &mut Reporter) {
    for header in context.script.request.sent_headers() {
        let name = &header.name.value;
        let Some(by) = header::managed(name) else { continue };
        let (message, help) = if by.sends_scripts() {
            (
                format!("`{name}` is set from the URL, and this value overrides it"),
                "remove it, or put the host in the URL",
            )
        } else {
            (format!("`{name}` is set by the HTTP client"), "remove it: it is not sent")
        };
        reporter.at(header.name.span, message).help(help);
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
            ("Expect: 100-continue", &["Expect"]),
            ("HTTP2-Settings: AAMAAABk", &["HTTP2-Settings"]),
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
