//! HK201

use std::ops::Range;

use super::super::{Basis, Check, Level, Reporter, Rule, ScriptContext};
use crate::http::{Host, UrlTemplate};
use crate::script::Text;
use crate::span::Span;

/// A URL that can't be requested.
pub(super) static RULE: Rule = Rule {
    id: "HK201",
    name: "invalid-url",
    level: Level::Error,
    summary: "a URL without a host, or with an invalid scheme, port or character",
    what: "Checks the literal parts of `request.url`: the scheme must be `http` or `https`, there must be a host, the port must be \
           from 1 to 65535, and there must be no spaces. Placeholders may become anything.",
    why: "The request is never sent, and in production nobody is told: the contact is created, and the other system never hears of \
          it.",
    example: Some("request:\n  method: GET\n  url: api.example.com/users\n"),
    instead: Some("request:\n  method: GET\n  url: https://api.example.com/users\n"),
    fixable: false,
    basis: Basis::Published,
    check: Check::Script(check),
};

fn check(context: &ScriptContext<'_>, reporter: &mut Reporter) {
    let (Some(url), Some(parts)) = (&context.script.request.url, &context.url_parts) else { return };
    spaces(url, parts, reporter);
    if !scheme(url, parts, reporter) {
        return;
    }
    if parts.part(&parts.host) == "[" {
        reporter
            .in_text(url, Span::new(parts.host.start, parts.path.start), "the `[` of an IPv6 address is not closed")
            .help("write it as in `https://[2001:db8::1]/users`");
        return;
    }
    host(url, parts, reporter);
    if let Some(port) = parts.port.clone().filter(|port| !parts.has_placeholder(port)) {
        let written = parts.part(&port);
        if written.is_empty() {
            let colon = Span::new(port.start - 1, port.end);
            reporter.in_text(url, colon, "there is no port after the `:`").help("add a port, or remove the `:`");
        } else if !written.parse::<u16>().is_ok_and(|port| port > 0) || written.starts_with('+') {
            reporter
                .in_text(url, span(&port), format!("`{written}` is not a port"))
                .help("a port is a number from 1 to 65535");
        }
    }
}

/// Whether there is a scheme to go on with.
fn scheme(url: &Text, parts: &UrlTemplate<'_>, reporter: &mut Reporter) -> bool {
    let host = parts.part(&parts.host);
    // Only the host is shown: the rest of the URL may hold a credential.
    let whole_url =
        if host.is_empty() { "https://api.example.com/users".to_owned() } else { format!("https://{host}…") };
    let Some(scheme) = &parts.scheme else {
        // What begins with a placeholder may bring its scheme along.
        if !parts
            .placeholders
            .iter()
            .any(|placeholder| placeholder.start == url.text.len() - url.text.trim_start().len())
        {
            reporter
                .in_text(url, whole(url), "the URL has no scheme")
                .help(format!("write the full URL: `{whole_url}`"));
        }
        return false;
    };
    if parts.has_placeholder(scheme) {
        return true;
    }
    let written = parts.part(scheme);
    if !["http", "https"].iter().any(|known| written.trim_start().eq_ignore_ascii_case(known)) {
        reporter
            .in_text(url, span(scheme), format!("webhook scripts do not support the scheme `{written}`"))
            .help("use `https`");
        return false;
    }
    let separator = parts.part(&parts.separator);
    if separator != "://" {
        let message = format!("`{separator}` is not the separator between scheme and host");
        reporter.in_text(url, span(&parts.separator), message).help(format!("write `://`: `{whole_url}`"));
    }
    true
}

fn host(url: &Text, parts: &UrlTemplate<'_>, reporter: &mut Reporter) {
    if parts.host.is_empty() {
        let at = Span::new(0, parts.host.end.max(1).min(url.text.len()));
        reporter
            .in_text(url, at, "the URL has no host")
            .help("write the full URL, such as `https://api.example.com/users`");
        return;
    }
    let written = parts.part(&parts.host);
    // White space has its finding already.
    if parts.has_placeholder(&parts.host) || written.contains(char::is_whitespace) {
        return;
    }
    let sound = match parts.known_host() {
        None => false,
        Some(Host::Address(_)) => true,
        Some(Host::Name(name)) => name.len() <= 253 && name.split('.').all(is_label),
    };
    if !sound {
        let finding = reporter.in_text(url, span(&parts.host), format!("`{written}` is not a valid host"));
        if written.contains(['{', '}']) {
            finding.help("placeholders use two braces: `{{ env.API_HOST }}`");
        } else if written.starts_with('[') && written.contains('%') {
            finding.help("remove the zone after the `%`: it names a network interface of one machine");
        } else {
            finding.help("a host is a name such as `api.example.com`, or an IP address");
        }
    }
}

/// Whether DNS could have it as a part of a name (an underscore is forbidden there, and used).
fn is_label(label: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    (1..=63).contains(&label.len()) && label.bytes().all(allowed) && !label.starts_with('-') && !label.ends_with('-')
}

fn spaces(url: &Text, parts: &UrlTemplate<'_>, reporter: &mut Reporter) {
    let outside = |at: usize| !parts.placeholders.iter().any(|placeholder| placeholder.contains(&at));
    let bad = |c: char| c.is_whitespace() || c.is_control();
    let mut found = url.text.char_indices().filter(|(at, c)| bad(*c) && outside(*at)).peekable();
    while let Some((start, first)) = found.next() {
        let (mut end, mut count) = (start + first.len_utf8(), 1);
        while let Some((at, c)) = found.next_if(|(at, _)| *at == end) {
            (end, count) = (at + c.len_utf8(), count + 1);
        }
        let help = match (start, url.text[end..].is_empty()) {
            (_, true) if first == '\n' => {
                "remove the line break: write the URL on one line, or `|-` instead of `|`".to_owned()
            }
            (0, _) | (_, true) => "remove it".to_owned(),
            _ => format!("write `{}`", "%20".repeat(count)),
        };
        let what = match first {
            '\n' | '\r' => "line breaks",
            c if c.is_whitespace() => "spaces",
            _ => "control characters",
        };
        reporter.in_text(url, Span::new(start, end), format!("a URL can't contain {what}")).help(help);
    }
}

fn whole(url: &Text) -> Span {
    let start = url.text.len() - url.text.trim_start().len();
    Span::new(start, start + url.text.trim().len())
}

fn span(range: &Range<usize>) -> Span {
    Span::new(range.start, range.end)
}

#[cfg(test)]
mod tests {
    use super::super::super::cases::{messages, places};

    #[test]
    fn bad_parts_are_found_where_they_stand() {
        for (url, expected) in [
            ("api.example.com/users", &["api.example.com/users"][..]),
            ("//api.example.com/users", &["//api.example.com/users"]),
            ("/users", &["/users"]),
            ("https:/api.example.com", &[":/"]),
            ("https//api.example.com", &["//"]),
            ("https:api.example.com", &[":"]),
            ("mailto:ann", &["mailto"]),
            ("https://a.example:/", &[":"]),
            ("https://-a.example/", &["-a.example"]),
            ("https://[fe80::1%25eth0]/", &["[fe80::1%25eth0]"]),
            ("https://a.example/a b  c", &[" ", "  "]),
            ("ftp://api.example.com/x", &["ftp"]),
            ("https:///users", &["https://"]),
            ("https://:8080/users", &["https://"]),
            ("https://a.example:99999/", &["99999"]),
            ("https://a.example:0/", &["0"]),
            ("https://a.example:8o/", &["8o"]),
            ("https://a.example/a b", &[" "]),
            ("https://a .example/", &[" "]),
            ("https://{API_HOST}/", &["{API_HOST}"]),
            ("https://exa<mple/", &["exa<mple"]),
            ("https://a..example/", &["a..example"]),
            ("https://1.2.3.400/", &["1.2.3.400"]),
            ("https://[::1/", &["[::1"]),
            ("https://a.example/{{ contact.id }} x", &[" "]),
            // Nothing to find.
            ("https://a.example/users", &[]),
            ("HTTPS://a.example", &[]),
            ("http://[::1]:8080/x?y=z#f", &[]),
            ("https://bücher.example/ü", &[]),
            ("{{ env.BASE_URL }}/users", &[]),
            ("https://{{ env.HOST }}:{{ env.PORT }}/{{ contact.id | default('a b') }}", &[]),
            ("{{ env.SCHEME }}://a.example/", &[]),
            ("https://{{ env.TENANT }}.example.com/?q={{ contact.first_name ~ ' ' }}", &[]),
            ("https://user:pass@a.example/", &[]),
        ] {
            let script = format!("request:\n  method: GET\n  url: '{}'\n", url.replace('\'', "''"));
            assert_eq!(places("HK201", &script), expected, "{url}");
        }
        assert_eq!(places("HK201", "request:\n  method: GET\n  url: |\n    https://a.example/\n"), [""]);
        let long = format!("request:\n  method: GET\n  url: https://{}com/\n", "a.".repeat(130));
        assert_eq!(places("HK201", &long).len(), 1);
    }

    #[test]
    fn what_a_url_cannot_contain_is_named() {
        for (url, what) in [
            ("\"https://a.example/a b\"", "can't contain spaces"),
            ("\"https://a.example/\\n\"", "can't contain line breaks"),
            ("\"https://a.example/\\x01\"", "can't contain control characters"),
        ] {
            let message = messages("HK201", &format!("request:\n  method: GET\n  url: {url}\n")).concat();
            assert!(message.contains(what), "{url}: {message}");
        }
    }

    #[test]
    fn a_password_is_not_told_again() {
        for url in
            ["admin:s3cretPw1@api.example.com/x", "https:/admin:s3cretPw1@api.example.com/x", "/x?token=s3cretPw1"]
        {
            let told = messages("HK201", &format!("request:\n  method: GET\n  url: {url}\n")).concat();
            assert!(told.contains("https://api.example.com") && !told.contains("s3cretPw1"), "{told}");
        }
    }
}
