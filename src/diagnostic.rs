//! What hookctl tells a user about a place in their files: findings of the linter and errors of every command alike.

use std::string::FromUtf8Error;
use std::sync::Arc;

use crate::secret::credential::redact_credentials;
use crate::span::{Source, Span};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Probably a mistake.
    Warning,
    /// A mistake.
    Error,
}

/// A piece of a source, with a few words about it.
#[derive(Debug, Clone)]
pub struct Label {
    /// The file.
    pub source: Arc<Source>,
    /// The exact piece of text.
    pub span: Span,
    /// The words at the underline; may be empty.
    pub text: String,
}

/// One message, with the places that it is about. Drawn by `report::diagnostic`.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// A rule id such as `HK103`, where a rule says it.
    pub code: Option<&'static str>,
    /// The sentence. It names the exact text that is wrong.
    pub message: String,
    /// The first is the primary place; none for a message about no file (a flag, say).
    pub labels: Vec<Label>,
    /// What to do instead, a line each.
    pub help: Vec<String>,
}

impl Diagnostic {
    /// An error about no place in particular.
    pub fn error(message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, code: None, message: message.into(), labels: Vec::new(), help: Vec::new() }
    }

    /// A warning about no place in particular.
    pub fn warning(message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(message) }
    }

    /// The same, pointing at a place.
    pub fn at(mut self, source: &Arc<Source>, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { source: Arc::clone(source), span, text: text.into() });
        self
    }

    /// The same with the hard-coded credentials of the files it is about redacted, except for their first characters.
    pub fn redact_credentials(mut self) -> Self {
        let sources: Vec<Arc<Source>> = self.labels.iter().map(|label| Arc::clone(&label.source)).collect();
        let hidden: Vec<&str> = sources.iter().flat_map(|source| source.redacted()).collect();
        let labels = self.labels.iter_mut().map(|label| &mut label.text);
        for text in std::iter::once(&mut self.message).chain(labels).chain(&mut self.help) {
            *text = redact_credentials(text, &hidden);
        }
        self
    }

    /// The same, with one more line of help.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }
}

/// The error for a file that is not UTF-8, with the line of the first invalid byte.
pub fn not_utf8(name: &str, error: &FromUtf8Error) -> Diagnostic {
    let bytes = error.as_bytes();
    let (text, rest) = bytes.split_at(error.utf8_error().valid_up_to());
    let line = Source::new("", String::from_utf8_lossy(text)).position(text.len()).line;
    let byte = rest.first().map_or(String::new(), |byte| format!(": byte 0x{byte:02x} in line {line}"));
    let utf16 = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    let help = if utf16 { "it is UTF-16: save the file as UTF-8" } else { "save the file as UTF-8" };
    Diagnostic::error(format!("`{name}` is not UTF-8 text{byte}")).help(help)
}

/// Why a command could not do its work: every problem found, at least one. Exit code 2.
#[derive(Debug, Clone)]
pub struct Problems(pub Vec<Diagnostic>);

impl From<Diagnostic> for Problems {
    fn from(diagnostic: Diagnostic) -> Self {
        Problems(vec![diagnostic])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_is_none() {
        for (bytes, message, help) in [
            (&b"a\nb\xe9"[..], "`a.json` is not UTF-8 text: byte 0xe9 in line 2", "save the file as UTF-8"),
            (b"\xff\xfe{\0", "`a.json` is not UTF-8 text: byte 0xff in line 1", "it is UTF-16: save the file as UTF-8"),
        ] {
            let told = not_utf8("a.json", &String::from_utf8(bytes.to_vec()).expect_err("no text"));
            assert_eq!((told.message.as_str(), told.help), (message, vec![help.to_owned()]));
        }
    }
}
