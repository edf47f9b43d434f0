//! HK211

use std::ops::Range;

use super::super::{Basis, Check, Level, Reporter, Rule, ScriptContext};
use crate::http::placeholders;
use crate::script::ParamsIn;
use crate::secret::credential::{known, random_word, telling};
use crate::span::Span;

/// A secret in a query string.
pub(super) static RULE: Rule = Rule {
    id: "HK211",
    name: "secret-in-url",
    level: Level::Warning,
    summary: "a secret in a query string",
    what: "Reports credentials in the URL's query and in params sent there: every `env.*` placeholder, since that is where secrets \
           are kept, and text that looks like a credential.",
    why: "URLs are logged: by the receiver, by every proxy on the way, in error reports. Headers usually aren't. The platform's own API \
          accepts its token either way, as `?token=` or `Authorization: Bearer`.",
    example: Some("request:\n  method: GET\n  url: \"https://api.example.com/users?token={{ env.CRM_TOKEN }}\"\n"),
    instead: Some(
        "request:\n  method: GET\n  url: https://api.example.com/users\n  headers:\n    Authorization: \"Bearer {{ env.CRM_TOKEN }}\"\n",
    ),
    fixable: false,
    basis: Basis::Hookctl,
    check: Check::Script(check),
};

fn check(context: &ScriptContext<'_>, reporter: &mut Reporter) {
    let request = &context.script.request;
    if let (Some(url), Some(parts)) = (&request.url, &context.url_parts) {
        for (name, _, value) in parts.query_pairs() {
            if secret(&name, parts.part(&value)) {
                let finding =
                    reporter.in_text(url, place(&value), format!("the secret `{name}` is sent in the URL's query"));
                finding.help("send it in a header, such as `Authorization: \"Bearer {{ env.NAME }}\"`");
            }
        }
    }
    if request.place_of_params() != Some(ParamsIn::Query) {
        return;
    }
    for param in request.sent_params() {
        if secret(&param.name.value, &param.value.text) {
            let name = &param.name.value;
            reporter
                .at(param.value.span, format!("the secret `{name}` is sent in the URL's query"))
                .help("send it in a header, such as `Authorization: \"Bearer {{ env.NAME }}\"`");
        }
    }
}

fn place(range: &Range<usize>) -> Span {
    Span::new(range.start, range.end)
}

fn secret(name: &str, value: &str) -> bool {
    placeholders(value).into_iter().any(|placeholder| reads_env(&value[placeholder]))
        || !known(value).is_empty()
        || (telling(name) && random_word(value).is_some())
}

/// Whether a placeholder has `env.NAME` or `env['NAME']` in it.
fn reads_env(placeholder: &str) -> bool {
    placeholder.match_indices("env").any(|(at, found)| {
        let begins = !placeholder[..at].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '\'' | '"'));
        begins && placeholder[at + found.len()..].trim_start().starts_with(['.', '['])
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::cases::places;

    #[test]
    fn only_secrets_in_the_query_are_found() {
        for (request, expected) in [
            ("method: GET, url: 'https://a.example/?token={{ env.CRM }}'", &["{{ env.CRM }}"][..]),
            ("method: POST, url: 'https://a.example/?a={{ env.API_KEY }}&b=1'", &["{{ env.API_KEY }}"]),
            ("method: GET, url: 'https://a.example/?key=9f86d081884c7d659a2feaa0'", &["9f86d081884c7d659a2feaa0"]),
            ("method: GET, url: 'https://a.example/', params: {access_token: '{{ env.X }}'}", &["'{{ env.X }}'"]),
            (
                "method: POST, params_in: query, url: 'https://a.example/', params: {a: '{{ env.SECRET }}'}",
                &["'{{ env.SECRET }}'"],
            ),
            ("method: GET, url: 'https://a.example/?shop={{ env.SHOP_ID }}'", &["{{ env.SHOP_ID }}"]),
            ("method: GET, url: \"https://a.example/?a={{ env['X'] | upper }}\"", &["{{ env['X'] | upper }}"]),
            ("method: GET, url: 'https://a.example/', params: {a: 'b {{ 1 ~ env.X }}'}", &["'b {{ 1 ~ env.X }}'"]),
            // Nothing to find.
            ("method: GET, url: 'https://a.example/?a={{ contact.env.x }}&b={{ envelope.x }}'", &[]),
            ("method: GET, url: \"https://a.example/?a={{ contact['env.x'] }}\"", &[]),
            ("method: GET, url: 'https://a.example/{{ env.TOKEN }}'", &[]),
            ("method: POST, url: 'https://a.example/', params: {token: '{{ env.TOKEN }}'}", &[]),
            ("method: GET, url: 'https://a.example/', headers: {X-Token: '{{ env.TOKEN }}'}", &[]),
            ("method: GET, url: 'https://a.example/', params: {token: '{{ contact.id }}', page_token: next}", &[]),
        ] {
            assert_eq!(places("HK211", &format!("request: {{{request}}}\n")), expected, "{request}");
        }
    }
}
