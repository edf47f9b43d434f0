//! Hard-coded credentials in a script file: where they are, and redacting them wherever the file is displayed.

use std::collections::BTreeSet;
use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::{Pair, Script, Text};
use crate::http::{UrlTemplate, placeholders};
use crate::secret::credential::{Secret, display_start, hints, known, placeholder, random_word, telling};
use crate::span::{Source, Span, line_around};

/// A credential in one of a script's texts.
#[derive(Debug)]
pub struct Credential<'s> {
    /// The text that it is a part of.
    pub text: &'s Text,
    /// Where in the text, and what it is.
    pub secret: Secret,
    /// It is not in a disabled pair.
    pub sent: bool,
}

/// Every credential in a script's request and its callback, each once. `address` is the script's URL.
pub fn credentials<'s>(script: &'s Script, address: Option<&UrlTemplate<'_>>) -> Vec<Credential<'s>> {
    let request = &script.request;
    let url = request.url.as_ref().zip(address).map(|(url, address)| (url, in_url(address), true));
    let pair = |pair: &'_ Pair| in_pair(&pair.name.value, &pair.value.text);
    let pairs = request.params.iter().chain(&request.headers).map(move |p| (&p.value, pair(p), p.enabled));
    let callback = script.callback.as_ref().map(|callback| (callback, Vec::new(), true));
    let texts = url.into_iter().chain(pairs).chain(callback);
    let found = texts.flat_map(|(text, guessed, sent)| {
        apart(&text.text, guessed).into_iter().map(move |secret| Credential { text, secret, sent })
    });
    found.collect()
}

/// Redacts the credentials of a script, except for their first characters, wherever lines of its file are displayed:
/// also where the YAML or the script is invalid.
pub fn redact(script: &Script) {
    redact_found(&script.source, &credentials(script, script.request.url_parts().as_ref()));
}

/// The same, where the [`credentials`] of the file's script are known already.
pub fn redact_found(file: &Source, found: &[Credential<'_>]) {
    for Credential { text, secret, .. } in found {
        file.redact(text.place(rest(&text.text, &secret.place)));
    }
    for Secret { place, .. } in known(&file.text).into_iter().chain(in_lines(file)) {
        file.redact(rest(&file.text, &place));
    }
    // Wherever a credential is repeated. Anything shorter may be part of an ordinary word.
    const LONG: usize = 8;
    let again = file.redacted().into_iter().filter(|piece| piece.len() >= LONG).collect::<BTreeSet<_>>();
    for (at, piece) in again.into_iter().flat_map(|piece| file.text.match_indices(piece)) {
        file.redact(Span::new(at, at + piece.len()));
    }
}

/// The part of a credential that is redacted.
fn rest(text: &str, place: &Range<usize>) -> Span {
    let shown = display_start(&text[place.clone()]).len() - '…'.len_utf8();
    Span::new(place.start + shown, place.end)
}

/// Credentials after what looks like a name and a colon, line by line.
fn in_lines(file: &Source) -> Vec<Secret> {
    let mut found = Vec::new();
    let mut done = 0;
    for hint in hints(&file.text) {
        if hint >= done {
            let line = line_around(&file.text, hint);
            in_line(file, line, &mut found);
            done = line.end;
        }
    }
    found
}

/// How many times over a line is searched at most: values in a line rarely overlap, unless one value is full of colons.
const TIMES_OVER: usize = 16;

fn in_line(file: &Source, line: Span, found: &mut Vec<Secret>) {
    let mut left = TIMES_OVER * (line.end - line.start);
    for (colon, _) in file.text[line.start..line.end].match_indices(": ") {
        let colon = line.start + colon;
        let (before, after) = (&file.text[line.start..colon], &file.text[colon + 1..line.end]);
        let name = before.trim_end_matches(['"', '\'']);
        let start = name.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').map_or(0, |at| at + 1);
        let name = name.get(start..).unwrap_or_default();
        let value = after.trim_start().trim_start_matches(['"', '\'']);
        let begins = line.end - value.len();
        let value = value.split(['"', '\'', '}', ',']).next().unwrap_or_default().trim_end();
        let Some(remaining) = left.checked_sub(value.len()) else {
            // What is not searched is redacted.
            return found.push(Secret { place: begins..line.end, kind: "credential" });
        };
        left = remaining;
        let secrets = in_pair(name, value).into_iter();
        found.extend(
            secrets.map(|Secret { place, kind }| Secret { place: begins + place.start..begins + place.end, kind }),
        );
    }
}

/// The credentials in the value of that name.
fn in_pair(name: &str, value: &str) -> Vec<Secret> {
    let mut found: Vec<Secret> = under(name, value, 0..value.len()).into_iter().collect();
    if value.contains("://") {
        found.extend(in_url(&UrlTemplate::new(value)));
    }
    found
}

/// The secrets without overlaps: known forms win over guesses.
fn apart(text: &str, guessed: Vec<Secret>) -> Vec<Secret> {
    let mut apart: Vec<Secret> = Vec::new();
    for secret in known(text).into_iter().chain(guessed) {
        if apart.iter().all(|other| secret.place.end <= other.place.start || other.place.end <= secret.place.start) {
            apart.push(secret);
        }
    }
    apart
}

/// `user:password@` or `token@`, and query values under telling names.
fn in_url(address: &UrlTemplate<'_>) -> Vec<Secret> {
    let mut found = Vec::new();
    if let Some(user) = &address.userinfo {
        let colon = address.part(user).find(':').map(|colon| user.start + colon + 1);
        let place = colon.unwrap_or(user.start)..user.end;
        let secret = colon.is_some() || random_word(address.part(&place)).is_some();
        if secret && !place.is_empty() && !address.has_placeholder(&place) && !placeholder(address.part(&place)) {
            found.push(Secret { place, kind: if colon.is_some() { "password" } else { "token" } });
        }
    }
    for (name, _, value) in address.query_pairs() {
        found.extend(under(&name, address.text, value));
    }
    found
}

/// The credential in the value at `place`, if its name suggests one.
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
    let plain = placeholders(value).is_empty() && !placeholder(rest);
    if authorization && plain && scheme.eq_ignore_ascii_case("basic") {
        return basic(rest).then_some(Secret { place: whole, kind: "user name and password in base64" });
    }
    if authorization && plain && !scheme.is_empty() && !rest.contains(' ') {
        let long = rest.len() >= 12 && rest.chars().any(|c| c.is_ascii_digit());
        return long.then_some(Secret { place: whole, kind: "token" });
    }
    let password = ["password", "passwd", "pwd", "passphrase"].iter().any(|word| name.to_lowercase().ends_with(word));
    if password && plain && value.len() >= 6 && !value.contains(char::is_whitespace) {
        return Some(Secret { place: whole, kind: "password" });
    }
    let word = random_word(value)?;
    let place = place.start + word.start..place.start + word.end;
    Some(Secret { place, kind: "credential" })
}

/// Whether it is `user:password` in base64, with or without its padding.
fn basic(encoded: &str) -> bool {
    let decoded = STANDARD_NO_PAD.decode(encoded.trim_end_matches('=')).ok();
    let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    decoded.is_some_and(|pair| pair.split_once(':').is_some_and(|(_, password)| !placeholder(password)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_full_of_colons_is_not_searched_for_ever_and_shows_nothing_that_was_not() {
        for colons in [1, 10, 20_000] {
            let secret = "9f86d081884c7d659a2feaa0";
            let line = format!("a: x\nt: {}token: {secret}\nb: y\n", "key: v ".repeat(colons));
            let file = Source::new("a", line);
            redact_found(&file, &[]);
            let shown = file.shown(Span::new(0, file.text.len()));
            assert!(!shown.contains(&secret[4..]), "{colons}: {shown}");
            assert!(shown.starts_with("a: x\nt: key: v ") && shown.ends_with("\nb: y\n"), "{colons}: {shown}");
        }
    }
}
