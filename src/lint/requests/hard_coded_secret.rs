//! HK210

use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::super::{Basis, Check, Level, Rule, Sink, Visit};
use super::secrets::{Secret, known, placeholder, random, shown, telling};
use super::{headers, params};
use crate::script::{Address, Text, holes};
use crate::span::{Source, Span};

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
    let request = &visit.script.request;
    let file = &visit.script.source;
    if let Some(url) = &request.url {
        let address = Address::new(&url.text);
        let mut found = in_url(&address);
        found.extend(known(&url.text));
        report(file, url, found, sink);
    }
    for pair in params(request).chain(headers(request)) {
        let mut found = known(&pair.value.text);
        found.extend(under(&pair.name.value, &pair.value.text, 0..pair.value.text.len()));
        report(file, &pair.value, found, sink);
    }
    if let Some(callback) = &visit.script.callback {
        report(file, callback, known(&callback.text), sink);
    }
}

/// `user:password@`, and query values under telling names.
fn in_url(address: &Address<'_>) -> Vec<Secret> {
    let mut found = Vec::new();
    if let Some(user) = &address.userinfo
        && let Some(colon) = address.part(user).find(':')
    {
        let place = user.start + colon + 1..user.end;
        if !place.is_empty() && !address.has_hole(&place) && !placeholder(address.part(&place)) {
            found.push(Secret { place, kind: "a password" });
        }
    }
    for (name, _, value) in address.query_pairs() {
        found.extend(under(&name, address.text, value));
    }
    found
}

/// What the value at `place`, under that name, gives away.
fn under(name: &str, text: &str, place: Range<usize>) -> Option<Secret> {
    let value = &text[place.clone()];
    if holes(value).iter().any(|hole| hole.start == 0) {
        return None;
    }
    let scheme = value.split_once(' ').filter(|(scheme, _)| {
        ["bearer", "basic", "token", "digest", "apikey"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
    });
    let authorization = ["authorization", "proxy-authorization"].iter().any(|known| name.eq_ignore_ascii_case(known));
    let (value, start) = match scheme.filter(|_| authorization || telling(name)) {
        Some((_, rest)) => (rest.trim_start(), place.end - rest.trim_start().len()),
        None => (value, place.start),
    };
    if value.is_empty() || !holes(value).is_empty() || placeholder(value) {
        return None;
    }
    let place = start..start + value.trim_end().len();
    if scheme.is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("basic")) && authorization {
        let decoded = STANDARD.decode(value.trim_end()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let password = decoded.filter(|pair| pair.contains(':') && !placeholder(pair));
        return password.map(|_| Secret { place, kind: "a user and password in base64" });
    }
    if authorization && scheme.is_some() {
        let long = value.len() >= 12 && !value.contains(' ') && value.chars().any(|c| c.is_ascii_digit());
        return long.then_some(Secret { place, kind: "a token" });
    }
    let password = ["password", "passwd", "pwd", "passphrase"].iter().any(|word| name.to_lowercase().ends_with(word));
    if password && value.len() >= 6 && !value.contains(char::is_whitespace) {
        return Some(Secret { place, kind: "a password" });
    }
    (telling(name) && random(value.trim_end())).then_some(Secret { place, kind: "what looks like a credential" })
}

fn report(file: &Source, text: &Text, mut found: Vec<Secret>, sink: &mut Sink) {
    // Of two that overlap, the one of the more telling form was put in last.
    found.reverse();
    let mut told: Vec<Range<usize>> = Vec::new();
    found.sort_by_key(|secret| secret.kind.contains("looks like") || secret.kind == "a token");
    for Secret { place, kind } in found {
        if told.iter().any(|other| place.start < other.end && other.start < place.end) {
            continue;
        }
        let start = shown(&text.text[place.clone()]);
        let rest = place.start + start.len() - '…'.len_utf8();
        file.hide(text.place(Span::new(rest, place.end)));
        sink.in_text(text, Span::new(place.start, place.end), format!("`{start}` is {kind}, written in the file"))
            .label("known to everybody who can read the file")
            .help(
                "replace the credential, and write `{{ env.NAME }}` with its value in the environment or in `env_file`",
            );
        told.push(place);
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
            ("headers: {authorization: 'Basic @'}", "dXNlcjpwYXNzMTIz".to_owned()),
            ("headers: {X-Api-Key: '@'}", long.to_owned()),
            ("params: {key: '@'}", of("sk_live_", 24)),
            ("params: {a: 'x @ y'}", "AKIA".to_owned() + "Q3EGRWZ7T5KLMNO2"),
            ("params: {a: '@'}", of("xoxb-", 24)),
            ("params: {a: '@'}", of("ghp_", 36)),
            ("params: {a: '@'}", of("glpat-", 20)),
            ("params: {a: \"{{ '@' }}\"}", of("sk_live_", 24)),
            ("params: {password: '@'}", "hunter22".to_owned()),
            ("params: {client_secret: '@'}", long.to_owned()),
            ("callback: '@'", of("ghp_", 36)),
        ] {
            let request = if place.starts_with("callback") { String::new() } else { format!(", {place}") };
            let callback = if place.starts_with("callback") { format!("{place}\n") } else { String::new() };
            let script = format!("request: {{method: GET, url: 'https://a.example/'{request}}}\n{callback}");
            let script = script.replace('@', &secret);
            assert_eq!(places("HK210", &script), [secret.as_str()], "{place}");
            for message in messages("HK210", &script) {
                assert!(!message.contains(&secret[..6]), "{message}");
            }
        }
        for (url, secret) in [
            ("https://user:s3cretPw@a.example/", "s3cretPw"),
            ("https://a.example/?token=9f86d081884c7d659a2feaa0", "9f86d081884c7d659a2feaa0"),
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
