//! HK202

use super::super::{Basis, Check, Level, Reporter, Rule, ScriptContext};
use crate::http::Internal;
use crate::span::Span;

/// `http://` to another machine.
pub(super) static RULE: Rule = Rule {
    id: "HK202",
    name: "insecure-url",
    level: Level::Warning,
    summary: "`http://` to a host that is not loopback",
    what: "Reports a URL with the scheme `http`, unless the host is the local machine.",
    why: "Names, phone numbers and the token in the headers are sent unencrypted: every network on the way can read and change them.",
    example: Some("request:\n  method: POST\n  url: http://api.example.com/users\n"),
    instead: Some("request:\n  method: POST\n  url: https://api.example.com/users\n"),
    fixable: false,
    basis: Basis::Published,
    check: Check::Script(check),
};

fn check(context: &ScriptContext<'_>, reporter: &mut Reporter) {
    let (Some(url), Some(parts)) = (&context.script.request.url, &context.url_parts) else { return };
    let Some(scheme) = parts.scheme.clone().filter(|scheme| !parts.has_placeholder(scheme)) else { return };
    if !parts.part(&scheme).trim_start().eq_ignore_ascii_case("http") || parts.host.is_empty() {
        return;
    }
    if parts.internal() == Some(Internal::Loopback) {
        return;
    }
    let host = parts.part(&parts.host);
    reporter
        .in_text(url, Span::new(scheme.start, scheme.end), format!("`http` sends the request to `{host}` unencrypted"))
        .help("use `https`");
}

#[cfg(test)]
mod tests {
    use super::super::super::cases::places;

    #[test]
    fn only_plain_http_to_another_machine_is_found() {
        for (url, expected) in [
            ("http://api.example.com/", &["http"][..]),
            ("HTTP://api.example.com/", &["HTTP"]),
            ("http://{{ env.HOST }}/", &["http"]),
            ("http://10.0.0.1/", &["http"]),
            ("http://localhost.example.com/", &["http"]),
            // Whoever owns the name decides where it leads.
            ("http://lvh.me/", &["http"]),
            ("http://127.0.0.1.nip.io/", &["http"]),
            // Nothing to find.
            ("https://api.example.com/", &[]),
            ("http://localhost:8080/", &[]),
            ("http://127.0.0.1/", &[]),
            ("http://[::1]/", &[]),
            ("http://2130706433/", &[]),
            ("http://{{ env.NAME }}.localhost/", &[]),
            ("http://localhost:{{ env.PORT }}/", &[]),
            ("{{ env.BASE_URL }}/", &[]),
            ("{{ env.SCHEME }}://a.example/", &[]),
            ("http:///", &[]),
        ] {
            assert_eq!(places("HK202", &format!("request:\n  method: GET\n  url: '{url}'\n")), expected, "{url}");
        }
    }
}
