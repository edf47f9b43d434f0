//! What hookctl tells a user about a place in their files: findings of the linter and errors of every command alike.

use std::borrow::Cow;
use std::string::FromUtf8Error;
use std::sync::Arc;

use crate::secret::Redactor;
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

/// What kind of mistake it is, where one of the linter's rules is for those that reading a script finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// Text that is not YAML.
    Syntax,
    /// A key that does not exist.
    UnknownKey,
    /// A key that is required and not there.
    MissingKey,
    /// A value of the wrong type, an unknown use case, method, event, duration, status.
    WrongType,
    /// A key that is there already.
    DuplicateKey,
    /// An event that can't fire a script of that use case.
    EventNotInUseCase,
    /// Anything else: no rule reports it by its kind.
    Other,
}

/// Puts a text in the place of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty to insert.
    pub span: Span,
    /// By what.
    pub text: String,
}

impl Edit {
    /// That text in that place.
    pub fn new(span: Span, text: impl Into<String>) -> Self {
        Edit { span, text: text.into() }
    }
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
    /// What kind of mistake it is.
    pub kind: ProblemKind,
    /// How bad it is.
    pub severity: Severity,
    /// The sentence. It names the exact text that is wrong.
    pub message: String,
    /// The first is the primary place; none for a message about no file (a flag, say).
    pub labels: Vec<Label>,
    /// What to do instead, a line each.
    pub help: Vec<String>,
    /// The one change that repairs it without changing anything else, where there is one clear answer: in file order, not
    /// overlapping, all in the primary place's file.
    pub edits: Vec<Edit>,
}

impl Diagnostic {
    /// An error about no place in particular.
    pub fn error(message: impl Into<String>) -> Self {
        Self {
            kind: ProblemKind::Other,
            severity: Severity::Error,
            message: message.into(),
            labels: Vec::new(),
            help: Vec::new(),
            edits: Vec::new(),
        }
    }

    /// An error of that kind at that place.
    pub fn new(kind: ProblemKind, source: &Arc<Source>, span: Span, message: impl Into<String>) -> Self {
        let label = Label { source: Arc::clone(source), span, text: String::new() };
        Self { kind, labels: vec![label], ..Self::error(message) }
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

    /// The primary place; none for a message about no file.
    pub fn span(&self) -> Option<Span> {
        self.labels.first().map(|label| label.span)
    }

    /// Points at another place of the primary one's file as well.
    pub fn also_at(&mut self, span: Span, text: impl Into<String>) {
        if let Some(Label { source, .. }) = self.labels.first() {
            self.labels.push(Label { source: Arc::clone(source), span, text: text.into() });
        }
    }

    /// The same with the hard-coded credentials of the files it is about redacted, except for their first characters.
    pub fn redact_credentials(mut self) -> Self {
        let sources: Vec<Arc<Source>> = self.labels.iter().map(|label| Arc::clone(&label.source)).collect();
        let hidden: Vec<&str> = sources.iter().flat_map(|source| source.redacted()).collect();
        self.redact_pieces(&hidden);
        self
    }

    /// Redacts the credentials `hidden` in its texts. Edits that would repeat one are dropped.
    pub fn redact_pieces(&mut self, hidden: &[&str]) {
        self.texts_mut().for_each(|text| *text = redact_credentials(text, hidden));
        if self.edits.iter().any(|edit| redact_credentials(&edit.text, hidden) != edit.text) {
            self.edits.clear();
        }
    }

    /// The same with the secrets redacted in its texts. The source text stays: credentials there are redacted in the
    /// source itself.
    pub fn redact(mut self, redactor: &Redactor) -> Self {
        for text in self.texts_mut() {
            if let Cow::Owned(redacted) = redactor.redact_message(text) {
                *text = redacted;
            }
        }
        if self.edits.iter().any(|edit| redactor.redact(&edit.text) != edit.text) {
            self.edits.clear();
        }
        self
    }

    /// All that it says.
    fn texts_mut(&mut self) -> impl Iterator<Item = &mut String> {
        let labels = self.labels.iter_mut().map(|label| &mut label.text);
        std::iter::once(&mut self.message).chain(labels).chain(&mut self.help)
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
    let byte = rest.first().map_or(String::new(), |byte| format!(": byte 0x{byte:02x} in line {line} is not valid"));
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
    fn no_part_of_it_says_a_secret() {
        let source = Arc::new(Source::new("a.yaml", "key: s3cret-t0ken"));
        let secret = Span::new(5, 17);
        let mut told = Diagnostic::new(ProblemKind::WrongType, &source, secret, "`s3cret-t0ken` is not a key");
        told.also_at(secret, "s3cret-t0ken here");
        told.edits.push(Edit::new(secret, "'s3cret-t0ken'"));
        let told = told.help("write `a s3cret-t0ken`");

        let redacted = told.clone().redact(&Redactor::new(["s3cret-t0ken"]));
        assert_eq!(redacted.message, "`«redacted»` is not a key");
        assert_eq!(redacted.labels[1].text, "«redacted» here");
        assert_eq!(redacted.help, ["write `a «redacted»`"]);
        assert!(redacted.edits.is_empty(), "{:?}", redacted.edits);

        source.redact(secret);
        let redacted = told.redact_credentials();
        assert_eq!((&*redacted.message, &*redacted.labels[1].text), ("`…` is not a key", "… here"));
        assert!(redacted.edits.is_empty(), "{:?}", redacted.edits);
    }

    #[test]
    fn text_that_is_none() {
        for (bytes, message, help) in [
            (
                &b"a\nb\xe9"[..],
                "`a.json` is not UTF-8 text: byte 0xe9 in line 2 is not valid",
                "save the file as UTF-8",
            ),
            (
                b"\xff\xfe{\0",
                "`a.json` is not UTF-8 text: byte 0xff in line 1 is not valid",
                "it is UTF-16: save the file as UTF-8",
            ),
        ] {
            let told = not_utf8("a.json", &String::from_utf8(bytes.to_vec()).expect_err("no text"));
            assert_eq!((told.message.as_str(), told.help), (message, vec![help.to_owned()]));
        }
    }
}
