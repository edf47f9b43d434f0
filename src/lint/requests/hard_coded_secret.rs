//! HK210

use super::super::{Basis, Check, Level, Reporter, Rule, ScriptContext};
use crate::script::credentials::Credential;
use crate::secret::credential::display_start;
use crate::span::Span;

/// A hard-coded credential.
pub(super) static RULE: Rule = Rule {
    id: "HK210",
    name: "hard-coded-secret",
    level: Level::Error,
    summary: "a hard-coded credential",
    what: "Looks for credentials in the URL, params, headers and the callback: tokens of well-known issuers, JSON web tokens, \
           private keys, `user:password@` in a URL, values after `Bearer` or `Basic`, and long random text under a name such as \
           `api_key`. Only the first characters are ever shown.",
    why: "Anyone who can read the repository can read its script files, now and in its history. Treat a credential that was ever \
          pushed as leaked, and replace it.",
    example: Some(
        "request:\n  method: GET\n  url: https://api.example.com/users\n  headers:\n    Authorization: Bearer 9f86d081884c7d659a2feaa0\n",
    ),
    instead: Some(
        "request:\n  method: GET\n  url: https://api.example.com/users\n  headers:\n    Authorization: \"Bearer {{ env.CRM_TOKEN }}\"\n",
    ),
    fixable: false,
    basis: Basis::Hookctl,
    check: Check::Script(check),
};

fn check(context: &ScriptContext<'_>, reporter: &mut Reporter) {
    for Credential { text, secret, .. } in context.credentials.iter().filter(|credential| credential.sent) {
        let start = display_start(&text.text[secret.place.clone()]);
        let place = Span::new(secret.place.start, secret.place.end);
        reporter
            .in_text(text, place, format!("`{start}` looks like a hard-coded {}", secret.kind))
            .label("visible to anyone who can read this file")
            .help(
                "replace the credential, keep the new one in the environment or in `env_file`, and write `{{ env.NAME }}`",
            );
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::cases::{messages, places};

    const JWT: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl";

    /// Put together here, so that the file itself holds none.
    fn of(prefix: &str, length: usize) -> String {
        prefix.to_owned() + &"A1b2C3d4E5f6G7h8J9".repeat(4)[..length]
    }

    #[test]
    fn credentials_are_found_where_they_stand() {
        let long = "9f86d081884c7d659a2feaa0c55ad015";
        for (place, secret) in [
            ("headers: {Authorization: 'Bearer @'}", JWT.to_owned()),
            ("headers: {Authorization: 'Bearer @'}", long.to_owned()),
            ("params: {a: 'Bearer @'}", long.to_owned()),
            ("headers: {authorization: 'Basic @'}", "dXNlcjpwYXNzMTIz".to_owned()),
            ("headers: {X-Api-Key: '@'}", long.to_owned()),
            ("params: {key: '@'}", of("sk_live_", 24)),
            ("params: {a: 'x @ y'}", "AKIA".to_owned() + "Q3EGRWZ7T5KLMNO2"),
            ("params: {a: '@'}", of("xoxb-", 24)),
            ("params: {a: '@'}", of("ghp_", 36)),
            ("params: {a: '@'}", of("glpat-", 20)),
            ("params: {a: \"{{ '@' }}\"}", of("sk_live_", 24)),
            ("params: {password: '@'}", "hunter22".to_owned()),
            ("params: {a: 'postgres://u:@@db.example.com/x'}", "hunter22".to_owned()),
            ("headers: {Authorization: 'Basic @'}", "dXNlcjpodW50ZXIyMjI".to_owned()),
            ("headers: {Authorization: 'GenieKey @'}", long.to_owned()),
            ("headers: {Cookie: 'a=b; @'}", format!("sid={long}")),
            ("params: {token: \"{{ env.TOKEN ?? '@' }}\"}", long.to_owned()),
            ("params: {token: '@{{ contact.id }}'}", long.to_owned()),
            ("params: {client_secret: '@'}", long.to_owned()),
            ("callback: '@'", of("ghp_", 36)),
        ] {
            let request = if place.starts_with("callback") { String::new() } else { format!(", {place}") };
            let callback = if place.starts_with("callback") { format!("{place}\n") } else { String::new() };
            let script = format!("request: {{method: GET, url: 'https://a.example/'{request}}}\n{callback}");
            let script = script.replacen('@', &secret, 1);
            assert_eq!(places("HK210", &script), [secret.as_str()], "{place}");
            for message in messages("HK210", &script) {
                assert!(!message.contains(&secret[..6]), "{message}");
                assert!(message.contains("` looks like a hard-coded "), "{message}");
                assert!(!message.contains("hard-coded a "), "{message}");
            }
        }
        for (url, secret) in [
            ("https://user:s3cretPw@a.example/", "s3cretPw"),
            ("https://a.example/?token=9f86d081884c7d659a2feaa0", "9f86d081884c7d659a2feaa0"),
            ("https://9f86d081884c7d659a2feaa0@a.example/", "9f86d081884c7d659a2feaa0"),
            ("https://a.example/?x=1&api_key=9f86d081884c7d659a2feaa0#f", "9f86d081884c7d659a2feaa0"),
        ] {
            assert_eq!(places("HK210", &format!("request: {{method: GET, url: '{url}'}}\n")), [secret], "{url}");
        }
        let key = "request:\n  method: POST\n  url: https://a.example/\n  params:\n    k: |\n      -----BEGIN RSA PRIVATE KEY-----\n      \
                   MIIEow\n      -----END RSA PRIVATE KEY-----\n";
        assert_eq!(places("HK210", key).len(), 1);
    }

    #[test]
    fn what_is_none_is_left_alone() {
        for request in [
            "headers: {Authorization: 'Bearer {{ env.CRM_TOKEN }}'}",
            "headers: {Authorization: 'Basic {{ (env.A ~ env.B) | url_encode }}'}",
            "headers: {Authorization: 'Bearer YOUR_TOKEN_12345'}",
            "headers: {Authorization: 'Bearer <token>'}",
            "headers: {Authorization: 'Basic not-base64'}",
            "headers: {X-Api-Key: '{{ env.KEY }}', X-Request-Id: 9f86d081884c7d659a2feaa0c55ad015}",
            "headers: {Content-Type: application/vnd.api+json; charset=utf-8}",
            "params: {id: 9f86d081-884c-4d65-9a2f-eaa0c55ad015, token: short1}",
            "params: {password: '{{ contact.first_name }}', password_hint: the name of the dog}",
            "params: {password: changeme, api_key: xxxxxxxxxxxxxxxxxxxxxxxx}",
            "params: {password: required, token: 'user-{{ contact.id }}', key: contact-first-name-2024-updated}",
            "headers: {Authorization: 'Basic dXNlcjpwYXNz'}",
            "params: {text: 'task_live_in_the_moment sk_live_ AKIA ghp_x eyJ'}",
            "params: [{name: api_key, value: 9f86d081884c7d659a2feaa0, enabled: false}]",
        ] {
            let script = format!("request: {{method: GET, url: 'https://a.example/', {request}}}\n");
            assert_eq!(places("HK210", &script), [""; 0], "{request}");
        }
        for url in [
            "https://user:{{ env.PASSWORD }}@a.example/",
            "https://user@a.example/",
            "https://a.example/?token={{ env.TOKEN }}",
            "https://a.example/9f86d081884c7d659a2feaa0",
        ] {
            assert_eq!(places("HK210", &format!("request: {{method: GET, url: '{url}'}}\n")), [""; 0], "{url}");
        }
    }
}
