//! Secrets: the values that come from `env.*`, and hard-coded credentials. They are sent, and never displayed.
//!
//! A [`Redactor`] knows the secrets of a run and redacts them in everything that is printed, verbatim and
//! encoded: percent- and form-encoding, JSON and HTML escapes, base64 at any offset.
//!
//! ```
//! use hookctl::secret::Redactor;
//!
//! let redactor = Redactor::new(["p&ss-w0rd"]);
//! assert_eq!(redactor.redact("?key=p%26ss-w0rd&v=1"), "?key=«redacted»&v=1");
//! ```

pub mod credential;
mod needle;

use std::borrow::Cow;

use needle::Needle;

/// What is printed instead of a secret.
pub const REDACTED: &str = "«redacted»";

/// What messages write instead of the rest of a long value.
const CUT: char = '…';

/// Whether a secret is so short that it is found only as a separate word. A blank is not a secret.
pub fn is_short(secret: &str) -> bool {
    (1..needle::WORD).contains(&secret.trim().chars().count())
}

/// Knows the secrets of a run. The empty one changes nothing (`--reveal`).
#[derive(Clone, Default)]
pub struct Redactor {
    needles: Vec<Needle>,
}

impl Redactor {
    /// One that knows these secrets.
    pub fn new<S: AsRef<str>>(secrets: impl IntoIterator<Item = S>) -> Self {
        let mut redactor = Self::default();
        for secret in secrets {
            redactor.add(secret.as_ref());
        }
        redactor
    }

    /// Adds a secret. A blank is not a secret. One of fewer than four characters is redacted only as a separate word:
    /// otherwise every other word of a report would be redacted.
    pub fn add(&mut self, secret: &str) {
        let trimmed = secret.trim();
        for text in [secret, trimmed] {
            if !trimmed.is_empty() && !self.needles.iter().any(|needle| needle.is_plain(text)) {
                self.needles.extend(Needle::forms(text));
            }
        }
    }

    /// Adds all that another one knows.
    pub fn join(&mut self, other: &Redactor) {
        for needle in &other.needles {
            if !self.needles.contains(needle) {
                self.needles.push(needle.clone());
            }
        }
    }

    /// Knows no secret.
    pub fn is_empty(&self) -> bool {
        self.needles.is_empty()
    }

    /// The text with every secret, in every form of it, replaced by [`REDACTED`]. Secrets that overlap are one piece.
    pub fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        Self::replace(text, self.pieces(text))
    }

    /// The same for the beginning of a longer text: what it ends with may be the beginning of a secret, and is replaced
    /// then (from three characters on).
    pub fn redact_beginning<'t>(&self, text: &'t str) -> Cow<'t, str> {
        // Half a character at the end is ignored.
        let whole = text.trim_end_matches(char::REPLACEMENT_CHARACTER);
        let cut_off = self.needles.iter().filter_map(|needle| needle.cut_off_at(whole)).min();
        let mut pieces = self.pieces(text);
        if let Some(start) = cut_off {
            pieces.retain(|piece| piece.0 < start);
            match pieces.last_mut() {
                Some(last) if last.1 > start => last.1 = text.len(),
                _ => pieces.push((start, text.len())),
            }
        }
        Self::replace(text, pieces)
    }

    /// The same for a message, in which `…` marks where something longer was cut off.
    pub fn redact_message<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.is_empty() || !text.contains(CUT) {
            return self.redact(text);
        }
        let pieces: Vec<_> = text.split(CUT).collect();
        let whole = pieces.len() - 1;
        let redacted = pieces.iter().enumerate().map(|(index, piece)| match index < whole {
            true => self.redact_beginning(piece),
            false => self.redact(piece),
        });
        let redacted: Vec<_> = redacted.collect();
        Cow::Owned(redacted.join("…"))
    }

    fn replace(text: &str, pieces: Vec<(usize, usize)>) -> Cow<'_, str> {
        if pieces.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut shown = String::with_capacity(text.len());
        let mut done = 0;
        for (start, end) in pieces {
            shown.push_str(&text[done..start]);
            shown.push_str(REDACTED);
            done = end;
        }
        shown.push_str(&text[done..]);
        Cow::Owned(shown)
    }

    /// The places of secrets, ascending and apart, on character boundaries.
    fn pieces(&self, text: &str) -> Vec<(usize, usize)> {
        let mut pieces: Vec<(usize, usize)> = Vec::new();
        for needle in &self.needles {
            needle.find_all(text, &mut pieces);
        }
        pieces.sort_unstable();
        pieces.dedup_by(|next, before| {
            let overlap = next.0 < before.1;
            if overlap {
                before.1 = before.1.max(next.1);
            }
            overlap
        });
        pieces
    }
}

/// Says how many secrets it knows, never which.
impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Redactor({} forms)", self.needles.len())
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn secrets_in_every_form() {
        let secret = r#"p@ss "w/örd\+%25"#;
        let redactor = Redactor::new([secret]);
        let json = serde_json::to_string(secret).unwrap();
        let cases = [
            secret.to_string(),
            json.trim_matches('"').to_string(),
            serde_json::to_string(&json).unwrap(),
            url::form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
            percent_encoding::utf8_percent_encode(secret, percent_encoding::NON_ALPHANUMERIC).to_string(),
            percent_encoding::utf8_percent_encode(secret, percent_encoding::NON_ALPHANUMERIC)
                .to_string()
                .to_lowercase(),
            percent_encoding::utf8_percent_encode(secret, percent_encoding::CONTROLS).to_string(),
            secret.replace('ö', "\\u00f6").replace('"', "\\\""),
            secret.replace('ö', "\\u00F6"),
            secret.replace('"', "&quot;").replace('ö', "&#246;").replace('/', "&#x2F;"),
        ];
        for text in cases {
            let shown = redactor.redact(&text);
            assert_eq!(shown.trim_matches(['"', '\\']), REDACTED, "{text}");
            let within = format!("before {text} after");
            assert!(redactor.redact(&within).contains("before "), "{within}");
            assert!(redactor.redact(&within).ends_with(" after"), "{within}");
        }
    }

    #[test]
    fn base64_at_any_offset() {
        let redactor = Redactor::new(["s3cret-tökên?>"]);
        for before in ["", "a", "ab", "user:", "wxyz!!"] {
            for after in ["", "z", "zz", "zzz"] {
                let plain = format!("{before}s3cret-tökên?>{after}");
                for encoded in [STANDARD.encode(&plain), URL_SAFE_NO_PAD.encode(&plain)] {
                    let text = format!("Basic {encoded}");
                    let shown = redactor.redact(&text);
                    assert!(shown.contains(REDACTED), "{plain}: {shown}");
                    let rest = shown.strip_prefix("Basic ").unwrap().replace(REDACTED, "");
                    assert!(rest.len() <= (before.len() + after.len()) * 4 / 3 + 4, "{plain}: {shown}");
                }
                let query: String = url::form_urlencoded::byte_serialize(STANDARD.encode(&plain).as_bytes()).collect();
                assert!(redactor.redact(&query).contains(REDACTED), "{query}");
            }
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        let redactor = Redactor::new(["abc", "", "  ", "longer-secret"]);
        let cases = [
            ("abcd xabc", "abcd xabc"),
            ("abc", "«redacted»"),
            ("a=abc&b", "a=«redacted»&b"),
            ("\"abc\"", "\"«redacted»\""),
            ("longer-secre", "longer-secre"),
            ("  ", "  "),
            ("", ""),
        ];
        for (text, shown) in cases {
            assert_eq!(redactor.redact(text), shown, "{text}");
        }
        assert_eq!(Redactor::default().redact("longer-secret"), "longer-secret");
    }

    #[test]
    fn secrets_that_overlap_or_touch() {
        let redactor = Redactor::new(["abcdef", "defghi", "abcdefgh"]);
        assert_eq!(redactor.redact("-abcdefghi-"), "-«redacted»-");
        assert_eq!(redactor.redact("abcdefabcdef"), "«redacted»«redacted»");
        assert_eq!(Redactor::new(["aaaa"]).redact("aaaaaa"), "«redacted»");
        assert_eq!(Redactor::new(["secret\n"]).redact("secret"), "«redacted»");
    }

    #[test]
    fn a_secret_that_the_end_cuts_off() {
        let secret = r#"s3cret "tök/ên""#;
        let redactor = Redactor::new([secret]);
        let forms = [
            secret.to_owned(),
            serde_json::to_string(secret).unwrap(),
            url::form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
            percent_encoding::utf8_percent_encode(secret, percent_encoding::NON_ALPHANUMERIC).to_string(),
            secret.replace('ö', "\\u00f6").replace('"', "&quot;"),
            STANDARD.encode(secret),
            STANDARD.encode(format!("user:{secret}")),
        ];
        for form in forms {
            let inner = form.trim_start_matches('"').trim_end_matches('=');
            for end in (10..inner.len()).filter(|end| inner.is_char_boundary(*end)) {
                let shown = redactor.redact_beginning(&inner[..end]).into_owned();
                assert!(shown.ends_with(REDACTED), "{}: {shown}", &inner[..end]);
                assert!(!shown.contains("s3c") && !shown.contains("czNj"), "{}: {shown}", &inner[..end]);
            }
        }
        for (text, shown) in [
            ("body s3cret \u{fffd}", "body «redacted»"),
            ("body s3", "body s3"),
            ("s3cret body", "s3cret body"),
            ("", ""),
        ] {
            assert_eq!(redactor.redact_beginning(text), shown, "{text}");
        }
        // The end of a whole one can begin another.
        let redactor = Redactor::new(["abcd-abc"]);
        assert_eq!(redactor.redact_beginning("x abcd-abc"), "x «redacted»");
        assert_eq!(redactor.redact("x abcd-ab"), "x abcd-ab");
    }

    #[test]
    fn messages_cut_values_off() {
        let redactor = Redactor::new(["s3cret-token"]);
        for (message, shown) in [
            ("the string \"s3cret-tok… is none", "the string \"«redacted»… is none"),
            ("`s3cret-token`, \"a s3cret… and s3cret", "`«redacted»`, \"a «redacted»… and s3cret"),
            ("write `… ?? 0`", "write `… ?? 0`"),
        ] {
            assert_eq!(redactor.redact_message(message), shown);
        }
        assert_eq!(Redactor::default().redact_message("s3c…"), "s3c…");
    }

    #[test]
    fn a_query_read_as_a_form_has_blanks() {
        let redactor = Redactor::new(["+a+b/c+"]);
        assert_eq!(redactor.redact("k= a b/c "), "k=«redacted»");
    }

    #[test]
    fn its_own_debug_says_nothing() {
        assert_eq!(format!("{:?}", Redactor::new(["abc"])), "Redactor(1 forms)");
    }

    proptest! {
        #[test]
        fn nothing_of_a_secret_is_left(secret in "\\PC{4,40}", before in "\\PC{0,12}", after in "\\PC{0,12}") {
            prop_assume!(secret.trim().chars().count() >= 4);
            let redactor = Redactor::new([&secret]);
            let plain = format!("{before}{secret}{after}");
            let forms = [
                plain.clone(),
                serde_json::to_string(&plain).unwrap(),
                url::form_urlencoded::byte_serialize(plain.as_bytes()).collect(),
                percent_encoding::utf8_percent_encode(&plain, percent_encoding::NON_ALPHANUMERIC).to_string(),
                STANDARD.encode(&plain),
                URL_SAFE_NO_PAD.encode(&plain),
            ];
            for form in forms {
                let shown = redactor.redact(&form);
                prop_assert!(shown.contains(REDACTED), "{}: {}", form, shown);
                let again = redactor.redact(&shown);
                prop_assert_eq!(&again, &shown);
            }
        }

        #[test]
        fn any_text_is_fine(secrets in prop::collection::vec("\\PC{0,9}", 0..4), text in "\\PC*") {
            Redactor::new(&secrets).redact(&text);
        }
    }
}
