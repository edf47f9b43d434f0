//! What looks like a credential: the forms of well-known issuers, and long random text under a telling name.

use std::ops::Range;

/// A credential in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// Where, in bytes of the text.
    pub place: Range<usize>,
    /// What it is, for messages.
    pub kind: &'static str,
}

/// A form that an issuer documents: what it begins with, how many characters follow at least, and which.
struct Form {
    kind: &'static str,
    prefix: &'static str,
    least: usize,
    allowed: fn(char) -> bool,
}

fn word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

fn capitals(c: char) -> bool {
    c.is_ascii_uppercase() || c.is_ascii_digit()
}

const fn form(kind: &'static str, prefix: &'static str, least: usize) -> Form {
    Form { kind, prefix, least, allowed: word }
}

const FORMS: [Form; 24] = [
    form("a Stripe live key", "sk_live_", 10),
    form("a Stripe live key", "rk_live_", 10),
    form("a Stripe webhook secret", "whsec_", 20),
    Form { kind: "an AWS access key id", prefix: "AKIA", least: 16, allowed: capitals },
    Form { kind: "an AWS access key id", prefix: "ASIA", least: 16, allowed: capitals },
    form("a Slack token", "xoxb-", 10),
    form("a Slack token", "xoxp-", 10),
    form("a Slack token", "xoxa-", 10),
    form("a Slack token", "xoxr-", 10),
    form("a Slack token", "xoxs-", 10),
    form("a Slack token", "xapp-", 10),
    form("a GitHub token", "ghp_", 30),
    form("a GitHub token", "gho_", 30),
    form("a GitHub token", "ghu_", 30),
    form("a GitHub token", "ghs_", 30),
    form("a GitHub token", "ghr_", 30),
    form("a GitHub token", "github_pat_", 22),
    form("a GitLab token", "glpat-", 20),
    form("a Google API key", "AIza", 35),
    form("a Google OAuth token", "ya29.", 20),
    form("an npm token", "npm_", 36),
    form("a Shopify token", "shpat_", 32),
    form("an OpenAI key", "sk-proj-", 20),
    form("a SendGrid key", "SG.", 40),
];

/// The credentials of known forms in a text, in order.
pub fn known(text: &str) -> Vec<Secret> {
    let mut found = Vec::new();
    let mut inside = false;
    for (start, c) in text.char_indices() {
        if word(c) && !inside {
            found.extend(form_at(text, start));
        }
        inside = word(c);
    }
    found.extend(tokens(text));
    found.extend(private_keys(text));
    found.sort_by_key(|secret| secret.place.start);
    found
}

/// The credential that begins with a word of the text.
fn form_at(text: &str, start: usize) -> Option<Secret> {
    let form = FORMS.iter().find(|form| text[start..].starts_with(form.prefix))?;
    let rest = &text[start + form.prefix.len()..];
    let dotted = |c: char| (form.allowed)(c) || (form.prefix == "SG." && c == '.');
    let length = rest.find(|c: char| !dotted(c)).unwrap_or(rest.len());
    (length >= form.least).then(|| Secret { place: start..start + form.prefix.len() + length, kind: form.kind })
}

/// JSON web tokens: three parts of base64url, the first of which begins as `{"` does.
fn tokens(text: &str) -> impl Iterator<Item = Secret> {
    text.match_indices("eyJ").filter_map(|(start, _)| {
        if text[..start].chars().next_back().is_some_and(|c| word(c) || c == '.') {
            return None;
        }
        let length = text[start..].find(|c: char| !word(c) && c != '.').unwrap_or(text.len() - start);
        let mut parts = text[start..start + length].split('.');
        let long = |part: Option<&str>| part.is_some_and(|part| part.len() >= 8);
        (long(parts.next()) && long(parts.next()) && parts.next().is_some())
            .then(|| Secret { place: start..start + length, kind: "a JSON web token" })
    })
}

fn private_keys(text: &str) -> impl Iterator<Item = Secret> {
    text.match_indices("-----BEGIN ").filter_map(|(start, _)| {
        let header = text[start..].find("PRIVATE KEY").filter(|at| *at < 40)?;
        let end = text[start..].find("-----END").map_or(text.len(), |at| start + at);
        (start + header < end).then_some(Secret { place: start..end, kind: "a private key" })
    })
}

/// Whether a name tells that a credential stands behind it.
pub fn telling(name: &str) -> bool {
    let words = words(name);
    let has = |word: &str| words.iter().any(|w| w == word);
    let joined = words.concat();
    [
        "token",
        "secret",
        "password",
        "passwd",
        "passphrase",
        "pwd",
        "credential",
        "credentials",
        "apikey",
        "jwt",
        "bearer",
    ]
    .iter()
    .any(|telling| has(telling) || joined.ends_with(telling))
        || (has("key")
            && ["api", "access", "private", "secret", "auth", "app", "account", "subscription"].iter().any(|w| has(w)))
        || has("authorization")
        || has("auth")
        || has("signature")
        || joined == "key"
        || joined == "sig"
}

/// A name's words in small letters: `X-Api-Key` and `apiKey` are alike.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut before = ' ';
    for c in name.chars() {
        let starts = !c.is_alphanumeric() || (c.is_uppercase() && before.is_lowercase());
        if starts && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    words
}

/// Whether a text is long and random enough to be a credential: no sentence, no placeholder, letters and digits mixed.
pub fn random(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_-+/=.~".contains(c);
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let letters = text.chars().filter(char::is_ascii_alphabetic).count();
    text.len() >= 16
        && text.chars().all(allowed)
        && digits >= 3
        && letters >= 3
        && !placeholder(text)
        && bits(text) >= 3.0
}

/// Whether a text stands for a credential that is not there: `YOUR_TOKEN`, `<token>`, `xxxxxxxx`, `changeme`.
pub fn placeholder(text: &str) -> bool {
    let small = text.to_lowercase();
    let stands_for = [
        "your",
        "example",
        "changeme",
        "change-me",
        "change_me",
        "placeholder",
        "dummy",
        "todo",
        "redacted",
        "xxxx",
        "****",
        "insert",
        "sample",
    ];
    let same = small.chars().all(|c| small.starts_with(c));
    same || stands_for.iter().any(|word| small.contains(word))
        || small.contains(['<', '>', '{', '$', '…'])
        || small.contains("...")
}

/// Shannon's entropy of the characters, in bits each.
fn bits(text: &str) -> f64 {
    let mut counts = [0u32; 256];
    text.bytes().for_each(|byte| counts[usize::from(byte)] += 1);
    let length = text.len() as f64;
    counts.iter().filter(|count| **count > 0).map(|count| f64::from(*count) / length).map(|p| -p * p.log2()).sum()
}

/// The first characters, which tell a reader which credential is meant and nobody else what it is.
pub fn shown(secret: &str) -> String {
    let shown: String = secret.chars().take(if secret.chars().count() >= 12 { 4 } else { 1 }).collect();
    format!("{shown}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell() {
        for name in [
            "token",
            "access_token",
            "X-Auth-Token",
            "apiKey",
            "api_key",
            "X-API-Key",
            "APIKEY",
            "client_secret",
            "password",
            "db-passwd",
            "Authorization",
            "key",
            "sig",
            "private_key",
            "x-signature",
            "authToken",
            "subscription-key",
        ] {
            assert!(telling(name), "{name}");
        }
        for name in [
            "first_name",
            "keyword",
            "monkey",
            "author",
            "id",
            "tokenizer",
            "Content-Type",
            "primary_key",
            "design",
            "",
        ] {
            assert!(!telling(name), "{name}");
        }
    }

    #[test]
    fn random_text_is_told_from_words() {
        for text in
            ["a8f5f167f44f4964e6c998dee827110c", "Zm9vOmJhcjEyMzQ1Njc4OQ==", "9f86d081-884c-4d65-9a2f-eaa0c55ad015"]
        {
            assert!(random(text), "{text}");
        }
        for text in [
            "short1a2b",
            "a whole sentence with 123 words",
            "YOUR_API_TOKEN_123456",
            "xxxxxxxxxxxxxxxx1234",
            "1234567890123456789",
            "only-words-in-here-and-nothing",
            "<insert token 12345 here>",
            "",
        ] {
            assert!(!random(text), "{text}");
        }
    }
}
