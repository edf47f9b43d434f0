//! HK210

use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::super::{Basis, Check, Finding, Level, Rule, Sink, Visit};
use super::secrets::{Secret, known, masked, placeholder, random_word, shown, telling};
use super::{headers, params};
use crate::script::{Address, Script, Text, holes};
use crate::span::Span;

/// A credential written in the file.
pub static RULE: Rule = Rule {
    id: "HK210",
    name: "hard-coded-secret",
    level: Level::Error,
    summary: "a credential written in the file",
    what: "Looks for credentials in the URL, params, headers and the callback: tokens in the forms of well-known issuers, JSON \
           web tokens, private keys, `user:password@` in a URL, what follows `Bearer` or `Basic`, and long random text under a \
           telling name such as `api_key`. Only the first characters are ever shown.",
    why: "A script file is read by everybody who can read the repository, now and in its history. A credential that was pushed \
          once must be taken for known and be replaced.",
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

fn check(visit: &Visit<'_>, sink: &mut Sink) {
    for (text, secret) in credentials(visit.script) {
        let start = shown(&text.text[secret.place.clone()]);
        let place = Span::new(secret.place.start, secret.place.end);
        sink.in_text(text, place, format!("`{start}` is {}, written in the file", secret.kind))
            .label("known to everybody who can read the file")
            .help(
                "replace the credential, and write `{{ env.NAME }}` with its value in the environment or in `env_file`",
            );
    }
}

/// Takes the credentials of a script, but for their first characters, out of whatever shows lines of its file, and out of what
/// findings in it say. A fix that would have to repeat one is left to the person who replaces it.
pub(in super::super) fn hide(script: &Script, findings: &mut [Finding]) {
    let file = &script.source;
    let rest = |secret: &str| shown(secret).len() - '…'.len_utf8();
    for (text, Secret { place, .. }) in credentials(script) {
        let start = place.start + rest(&text.text[place.clone()]);
        file.hide(text.place(Span::new(start, place.end)));
    }
    // Also where YAML or the script's own form does not let them be read.
    let written = known(&file.text);
    for Secret { place, .. } in &written {
        file.hide(Span::new(place.start + rest(&file.text[place.clone()]), place.end));
    }
    if written.is_empty() {
        return;
    }
    for finding in findings {
        let Finding { message, label, help, .. } = finding;
        for text in [message, label].into_iter().chain(help) {
            *text = masked(text);
        }
        finding.fix.take_if(|fix| fix.edits.iter().any(|edit| !known(&edit.text).is_empty()));
    }
}

/// Every credential in what a script sends, each once, and the callback.
fn credentials(script: &Script) -> impl Iterator<Item = (&Text, Secret)> {
    let request = &script.request;
    let url = request.url.as_ref().map(|url| (url, in_url(&Address::new(&url.text))));
    let pairs = params(request).chain(headers(request)).map(|pair| {
        let (name, value) = (&pair.name.value, &pair.value.text);
        let mut found: Vec<Secret> = under(name, value, 0..value.len()).into_iter().collect();
        if value.contains("://") {
            found.extend(in_url(&Address::new(value)));
        }
        (&pair.value, found)
    });
    let callback = script.callback.as_ref().map(|callback| (callback, Vec::new()));
    let texts = url.into_iter().chain(pairs).chain(callback);
    texts.flat_map(|(text, found)| apart(text, found).into_iter().map(move |secret| (text, secret)))
}

/// Of secrets that overlap, the one of the more telling form.
fn apart(text: &Text, guessed: Vec<Secret>) -> Vec<Secret> {
    let mut apart: Vec<Secret> = Vec::new();
    for secret in known(&text.text).into_iter().chain(guessed) {
        if apart.iter().all(|other| secret.place.end <= other.place.start || other.place.end <= secret.place.start) {
            apart.push(secret);
        }
    }
    apart
}

/// `user:password@` or `token@`, and query values under telling names.
fn in_url(address: &Address<'_>) -> Vec<Secret> {
    let mut found = Vec::new();
    if let Some(user) = &address.userinfo {
        let colon = address.part(user).find(':').map(|colon| user.start + colon + 1);
        let place = colon.unwrap_or(user.start)..user.end;
        let secret = colon.is_some() || random_word(address.part(&place)).is_some();
        if secret && !place.is_empty() && !address.has_hole(&place) && !placeholder(address.part(&place)) {
            found.push(Secret { place, kind: if colon.is_some() { "a password" } else { "a token" } });
        }
    }
    for (name, _, value) in address.query_pairs() {
        found.extend(under(&name, address.text, value));
    }
    found
}

/// What the value at `place`, under that name, gives away.
fn under(name: &str, text: &str, place: Range<usize>) -> Option<Secret> {
    let value = text[place.clone()].trim_end();
    let is = |names: &[&str]| names.iter().any(|known| name.eq_ignore_ascii_case(known));
    let authorization = is(&["authorization", "proxy-authorization"])
        || value.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("bearer "));
    if !authorization && !telling(name) {
        return None;
    }
    let (scheme, rest) = value.split_once(' ').unwrap_or(("", value));
    let rest = rest.trim_start();
    let whole = place.start + value.len() - rest.len()..place.start + value.len();
    let plain = holes(value).is_empty() && !placeholder(rest);
    if authorization && plain && scheme.eq_ignore_ascii_case("basic") {
        return basic(rest).then_some(Secret { place: whole, kind: "a user and password in base64" });
    }
    if authorization && plain && !scheme.is_empty() && !rest.contains(' ') {
        let long = rest.len() >= 12 && rest.chars().any(|c| c.is_ascii_digit());
        return long.then_some(Secret { place: whole, kind: "a token" });
    }
    let password = ["password", "passwd", "pwd", "passphrase"].iter().any(|word| name.to_lowercase().ends_with(word));
    if password && plain && value.len() >= 6 && !value.contains(char::is_whitespace) {
        return Some(Secret { place: whole, kind: "a password" });
    }
    let word = random_word(value)?;
    let place = place.start + word.start..place.start + word.end;
    Some(Secret { place, kind: "what looks like a credential" })
}

/// Whether it is `user:password` in base64, with or without its padding.
fn basic(encoded: &str) -> bool {
    let decoded = STANDARD_NO_PAD.decode(encoded.trim_end_matches('=')).ok();
    let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    decoded.is_some_and(|pair| pair.split_once(':').is_some_and(|(_, password)| !placeholder(password)))
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
