//! Finds credentials in text: by the formats of well-known issuers, and as long random text under a name that suggests
//! one.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

/// A credential in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// Where, in bytes of the text.
    pub place: Range<usize>,
    /// What it is, for messages, without an article.
    pub kind: &'static str,
}

/// A format that an issuer documents: its prefix, the minimum length after it, and the characters allowed.
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

fn hex(c: char) -> bool {
    c.is_ascii_digit() || ('a'..='f').contains(&c)
}

const FORMS: [Form; 38] = [
    form("Stripe live key", "sk_live_", 10),
    form("Stripe live key", "rk_live_", 10),
    form("Stripe test key", "sk_test_", 10),
    form("Stripe test key", "rk_test_", 10),
    form("Stripe webhook secret", "whsec_", 20),
    Form { kind: "AWS access key id", prefix: "AKIA", least: 16, allowed: capitals },
    Form { kind: "AWS access key id", prefix: "ASIA", least: 16, allowed: capitals },
    form("Slack token", "xoxb-", 10),
    form("Slack token", "xoxp-", 10),
    form("Slack token", "xoxa-", 10),
    form("Slack token", "xoxr-", 10),
    form("Slack token", "xoxs-", 10),
    form("Slack token", "xapp-", 10),
    form("GitHub token", "ghp_", 30),
    form("GitHub token", "gho_", 30),
    form("GitHub token", "ghu_", 30),
    form("GitHub token", "ghs_", 30),
    form("GitHub token", "ghr_", 30),
    form("GitHub token", "github_pat_", 22),
    form("GitLab token", "glpat-", 20),
    form("Google API key", "AIza", 35),
    form("Google OAuth token", "ya29.", 20),
    form("npm token", "npm_", 36),
    form("Shopify token", "shpat_", 32),
    form("Anthropic key", "sk-ant-", 20),
    form("OpenAI key", "sk-proj-", 20),
    form("API key", "sk-", 40),
    form("Google OAuth secret", "GOCSPX-", 20),
    form("PyPI token", "pypi-AgE", 50),
    form("Hugging Face token", "hf_", 30),
    form("DigitalOcean token", "dop_v1_", 60),
    form("Square secret", "sq0csp-", 40),
    form("Linear key", "lin_api_", 30),
    form("Facebook token", "EAAC", 80),
    form("age key", "AGE-SECRET-KEY-1", 50),
    Form { kind: "Twilio key", prefix: "SK", least: 32, allowed: hex },
    Form { kind: "Mailgun key", prefix: "key-", least: 32, allowed: hex },
    form("SendGrid key", "SG.", 40),
];

/// Addresses that are their own credential: whoever has one can post there. What follows at least 30 characters long is
/// secret.
const ADDRESSES: [(&str, &str); 4] = [
    ("Slack webhook address", "hooks.slack.com/services/"),
    ("Discord webhook address", "discord.com/api/webhooks/"),
    ("Discord webhook address", "discordapp.com/api/webhooks/"),
    ("Telegram bot token", "api.telegram.org/bot"),
];

const TOKEN: &str = "eyJ";
const PRIVATE_KEY: &str = "-----BEGIN ";

/// The searcher that is slowest to make and fastest to use; in short texts a prefilter costs more than it saves.
const DFA: Option<AhoCorasickKind> = Some(AhoCorasickKind::DFA);

/// Finds in one pass where a credential may begin: the forms, then the addresses, a token and a private key.
static BEGINNINGS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let forms = FORMS.iter().map(|form| form.prefix);
    let addresses = ADDRESSES.iter().map(|(_, prefix)| *prefix);
    let patterns = forms.chain(addresses).chain([TOKEN, PRIVATE_KEY]);
    AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).kind(DFA).prefilter(false).build(patterns).ok()
});

/// The credentials of known forms in a text, in order.
pub fn known(text: &str) -> Vec<Secret> {
    let beginnings = BEGINNINGS.iter().flat_map(|beginnings| beginnings.find_iter(text));
    beginnings.filter_map(|found| secret_at(text, found.pattern().as_usize(), found.start())).collect()
}

/// The credential that begins there, as the pattern of that number in [`BEGINNINGS`] has it.
fn secret_at(text: &str, pattern: usize, start: usize) -> Option<Secret> {
    let address = pattern.checked_sub(FORMS.len());
    match (FORMS.get(pattern), address.and_then(|at| ADDRESSES.get(at))) {
        (Some(form), _) => form_at(text, start, form),
        (None, Some((kind, prefix))) => address_at(text, start + prefix.len(), kind),
        (None, None) if text[start..].starts_with(TOKEN) => token_at(text, start),
        (None, None) => private_key_at(text, start),
    }
}

/// The credential of that form, where a word begins with it.
fn form_at(text: &str, start: usize, form: &Form) -> Option<Secret> {
    if text[..start].ends_with(word) {
        return None;
    }
    let rest = &text[start + form.prefix.len()..];
    let dotted = |c: char| (form.allowed)(c) || (form.prefix == "SG." && c == '.');
    let length = rest.find(|c: char| !dotted(c)).unwrap_or(rest.len());
    let place = start..start + form.prefix.len() + length;
    (length >= form.least && !placeholder(&text[place.clone()])).then_some(Secret { place, kind: form.kind })
}

/// What follows an address's known part.
fn address_at(text: &str, start: usize, kind: &'static str) -> Option<Secret> {
    let length = text[start..].find(|c| !word(c) && c != '/' && c != ':').unwrap_or(text.len() - start);
    let place = start..start + length;
    (length >= 30 && !placeholder(&text[place.clone()])).then_some(Secret { place, kind })
}

/// A JSON web token: three parts of base64url, the first of which begins as `{"` does.
fn token_at(text: &str, start: usize) -> Option<Secret> {
    let part = |c: char| word(c) || c == '.';
    if text[..start].ends_with(part) {
        return None;
    }
    let length = text[start..].find(|c: char| !part(c)).unwrap_or(text.len() - start);
    let mut parts = text[start..start + length].split('.');
    let long = |part: Option<&str>| part.is_some_and(|part| part.len() >= 8);
    (long(parts.next()) && long(parts.next()) && parts.next().is_some())
        .then(|| Secret { place: start..start + length, kind: "JSON web token" })
}

fn private_key_at(text: &str, start: usize) -> Option<Secret> {
    let header = text[start..].find("PRIVATE KEY").filter(|at| *at < 40)?;
    let end = text[start..].find("-----END").map_or(text.len(), |at| start + at);
    (start + header < end).then_some(Secret { place: start..end, kind: "private key" })
}

/// Every telling name has one of these in it, `://` apart, and with that every line that gives a credential away by
/// more than the credential's own form; most have none, and are not looked at any closer.
static HINTS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let hints = [
        "token",
        "secret",
        "pass",
        "pwd",
        "credential",
        "key",
        "jwt",
        "bearer",
        "cookie",
        "session",
        "auth",
        "sig",
        "://",
    ];
    AhoCorasick::builder().ascii_case_insensitive(true).kind(DFA).build(hints).ok()
});

/// Where in a text a name may suggest a credential, or a URL may hold one.
pub fn hints(text: &str) -> impl Iterator<Item = usize> {
    HINTS.iter().flat_map(move |hints| hints.find_iter(text)).map(|found| found.start())
}

/// Whether a name suggests that its value is a credential.
pub fn telling(name: &str) -> bool {
    if HINTS.as_ref().is_some_and(|hints| !hints.is_match(name)) {
        return false;
    }
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
        "cookie",
        "session",
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

/// The first word of a text that is long and random enough to be a credential.
pub fn random_word(text: &str) -> Option<Range<usize>> {
    let part = |c: char| c.is_ascii_alphanumeric() || "_-+/=.~%:".contains(c);
    let mut words = text.split(|c| !part(c)).filter(|word| random(word));
    words.next().map(|word| {
        let start = word.as_ptr() as usize - text.as_ptr() as usize;
        start..start + word.len()
    })
}

/// Whether a word is long and random enough to be a credential: no placeholder, and most of it letters mixed with
/// digits or with letters of the other case, as no names, paths and dates are.
fn random(word: &str) -> bool {
    let pieces = word.split(|c: char| !c.is_ascii_alphanumeric());
    let mixed: usize = pieces.filter(|piece| mixed(piece)).map(str::len).sum();
    word.len() >= 16 && mixed >= 12 && word.bytes().filter(u8::is_ascii_alphabetic).count() >= 3 && !placeholder(word)
}

fn mixed(piece: &str) -> bool {
    let changes = piece.as_bytes().windows(2).filter(|pair| {
        pair[0].is_ascii_digit() != pair[1].is_ascii_digit()
            || (pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase())
    });
    let often = changes.count() * 5 >= piece.len().saturating_sub(1);
    let has = |kind: fn(&u8) -> bool| piece.as_bytes().iter().any(kind);
    (piece.len() >= 4 && often) || (piece.len() >= 8 && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic))
}

/// Whether a text is only a placeholder for a credential: `YOUR_TOKEN`, `<token>`, `xxxxxxxx`, `changeme`.
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
    let word = ["password", "pass", "secret", "token", "required", "optional", "false", "string", "empty", "none"];
    same || word.contains(&small.as_str())
        || stands_for.iter().any(|word| small.contains(word))
        || small.contains(['<', '>', '{', '$', '…'])
        || small.contains("...")
}

/// What messages write instead of the rest of a long text.
const CUT: &str = "…";

/// The first characters: enough to recognize the credential, not enough to use it.
pub fn display_start(secret: &str) -> String {
    let shown: String = secret.chars().take(if secret.chars().count() >= 12 { 4 } else { 1 }).collect();
    shown + CUT
}

/// Shorter pieces of a credential also occur in other words.
const TELLS: usize = 4;

/// A message about a file with its credentials cut to their first characters. `hidden` is what is redacted in the file.
pub fn redact_credentials(message: &str, hidden: &[&str]) -> String {
    let mut text = masked(message);
    for piece in hidden.iter().filter(|piece| piece.len() >= TELLS) {
        text = text.replace(piece, CUT);
        let parts: Vec<&str> = text.split(CUT).collect();
        let last = parts.len() - 1;
        let cut_off = |(at, part)| if at < last { without_beginning(part, piece) } else { part };
        text = parts.into_iter().enumerate().map(cut_off).collect::<Vec<_>>().join(CUT);
    }
    text
}

/// A part of a message, up to where it cuts something long off, without the beginning of a credential at its end.
fn without_beginning<'t>(part: &'t str, credential: &str) -> &'t str {
    let ends = credential.char_indices().map(|(at, _)| at).filter(|at| *at >= TELLS).rev();
    let beginning = ends.map(|end| &credential[..end]).find(|beginning| part.ends_with(beginning));
    beginning.map_or(part, |beginning| &part[..part.len() - beginning.len()])
}

/// The text with each credential of a known form cut to its first characters.
fn masked(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut at = 0;
    for Secret { place, .. } in known(text) {
        if place.start >= at {
            masked += &text[at..place.start];
            masked += &display_start(&text[place.clone()]);
            at = place.end + if text[place.end..].starts_with(CUT) { CUT.len() } else { 0 };
        }
    }
    masked + &text[at..]
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
    fn messages_show_the_beginning() {
        let key = "sk_live_".to_owned() + "Q3eGrWz7t5kLmNo2";
        for (message, hidden, shown) in [
            (format!("`{key}` is none"), "", "`sk_l…` is none"),
            (format!("the string \"{key}… is none"), "", "the string \"sk_l… is none"),
            ("`9f86d081884c` and `9f86d0818… and 9f86d081".to_owned(), "d081884c", "`9f86…` and `9f86… and 9f86d081"),
            ("`abc` is none……".to_owned(), "bc", "`abc` is none……"),
        ] {
            assert_eq!(redact_credentials(&message, &[hidden]), shown);
        }
    }

    #[test]
    fn an_example_is_no_credential() {
        for text in
            ["AKIAIOSFODNN7EXAMPLE", "sk_live_xxxxxxxxxxxxxxxxxxxxxxxx", "ghp_YOUR_TOKEN_HERE_00000000000000000", "sk-"]
        {
            assert_eq!(known(text), [], "{text}");
        }
        let token = "9f86d081884c7d659a2feaa0c55ad015";
        for (text, secret) in [
            (format!("https://api.telegram.org/bot123456789:{token}/send"), format!("123456789:{token}/send")),
            (format!("hooks.slack.com/services/T0/B0/{token}?x"), format!("T0/B0/{token}")),
            (format!("SK{token}"), format!("SK{token}")),
        ] {
            let found: Vec<&str> = known(&text).into_iter().map(|secret| &text[secret.place]).collect();
            assert_eq!(found, [secret], "{text}");
        }
    }

    #[test]
    fn random_text_is_told_from_words() {
        for text in [
            "a8f5f167f44f4964e6c998dee827110c",
            "Zm9vOmJhcjEyMzQ1Njc4OQ==",
            "9f86d081-884c-4d65-9a2f-eaa0c55ad015",
            "VerdKKhVz4NiaBfuRMFFw8Px",
            "aQwErTyUiOpAsDfGhJkL",
            "supersecretkey12345",
            "1234567890abcdef",
            "a=b; sid=9f86d081884c7d659a2feaa0",
            "{{ env.TOKEN ?? '9f86d081884c7d659a2feaa0' }}",
        ] {
            assert!(random_word(text).is_some(), "{text}");
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
            "contact-first-name-2024-updated",
            "ContactFirstNameWasUpdated",
            "contact_created_2024_03_01_v2",
            "customers/2024/01/15/export-file1.json",
            "2024-01-15T10:20:30.000Z",
            "20240115T102030Z",
            "oauth2-client-credentials-2024",
            "{{ contact.first_name ~ contact.last_name }}",
        ] {
            assert!(random_word(text).is_none(), "{text}");
        }
    }
}
