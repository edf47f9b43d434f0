//! What a value must match: a string, or a regular expression between slashes.

use pcre2::bytes::{Regex, RegexBuilder};

/// Steps of a match and KiB of memory after which it is ended; the same as for `matches` in a template.
const LIMITS: &str = "(*LIMIT_MATCH=1000000)(*LIMIT_HEAP=32768)";

/// Letters after the closing slash: ignore case, `^` and `$` at each line, `.` for line ends too, ignore white space.
const MODIFIERS: &str = "imsx";

/// A text, or `/regex/`.
#[derive(Debug, Clone)]
pub enum Matcher {
    /// The value is this text.
    Text(String),
    /// The regular expression matches somewhere in the value.
    Regex {
        /// As written, slashes and modifiers included.
        written: String,
        /// Compiled.
        regex: Regex,
    },
}

impl Matcher {
    /// Reads `text` or `/regex/` with the modifiers `i`, `m`, `s` and `x`. A path such as `/users/42` is a string: what follows
    /// its last slash is not a modifier.
    ///
    /// # Errors
    /// What is wrong with the regular expression.
    pub fn parse(written: &str) -> Result<Self, String> {
        let Some((pattern, modifiers)) = delimited(written) else { return Ok(Self::Text(written.to_owned())) };
        let has = |modifier| modifiers.contains(modifier);
        let mut builder = RegexBuilder::new();
        builder.utf(true).ucp(true);
        builder.caseless(has('i')).multi_line(has('m')).dotall(has('s')).extended(has('x'));
        let regex = builder.build(&format!("{LIMITS}{pattern}")).map_err(|error| {
            let text = error.to_string();
            let reason = text.rsplit(": ").next().unwrap_or(&text);
            format!("`{written}` is not a valid regular expression: {reason}")
        })?;
        Ok(Self::Regex { written: written.to_owned(), regex })
    }

    /// Whether the value is this text, or the regular expression is found in it.
    ///
    /// # Errors
    /// The match exceeds its limits.
    pub fn matches(&self, value: &str) -> Result<bool, String> {
        match self {
            Self::Text(text) => Ok(text == value),
            Self::Regex { written, regex } => regex
                .is_match(value.as_bytes())
                .map_err(|_| format!("`{written}` takes too long to match this text; avoid nested repeats")),
        }
    }

    /// As it was written.
    pub fn written(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Regex { written, .. } => written,
        }
    }
}

/// The pattern and the modifiers of a text that is `/pattern/modifiers`.
fn delimited(written: &str) -> Option<(&str, &str)> {
    let (pattern, modifiers) = written.strip_prefix('/')?.rsplit_once('/')?;
    let known = modifiers.chars().all(|modifier| MODIFIERS.contains(modifier));
    (known && !pattern.is_empty() && !pattern.ends_with('\\')).then_some((pattern, modifiers))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_regular_expressions() {
        for (written, value, expected) in [
            ("ok", "ok", true),
            ("ok", "OK", false),
            ("ok", "book", false),
            ("/ok/", "book", true),
            ("/^OK$/", "ok", false),
            ("/^OK$/i", "ok", true),
            ("/a.b/s", "a\nb", true),
            ("/^b$/m", "a\nb", true),
            ("/^.$/", "ä", true),
            ("/users/42", "/users/42", true),
            ("/users/me", "/users/me", true),
            ("/", "/", true),
            ("//", "//", true),
            ("", "", true),
            ("/a/b/", "xa/by", true),
            ("/\\d+/", "no digits", false),
        ] {
            let matcher = Matcher::parse(written).expect(written);
            assert_eq!(matcher.matches(value), Ok(expected), "{written} {value}");
            assert_eq!(matcher.written(), written);
        }
    }

    #[test]
    fn what_cannot_be_matched_is_said() {
        let error = Matcher::parse("/(/").unwrap_err();
        assert!(error.starts_with("`/(/` is not a valid regular expression: "), "{error}");
        let exploding = Matcher::parse("/^(a+)+$/").expect("a regular expression");
        assert!(exploding.matches(&("a".repeat(60) + "!")).is_err());
    }
}
