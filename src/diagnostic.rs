//! What hookctl tells a user about a place in their files: findings of the linter and errors of every command alike.

use std::sync::Arc;

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

/// A piece of a source with what is to be said about it.
#[derive(Debug, Clone)]
pub struct Label {
    /// The file.
    pub source: Arc<Source>,
    /// The exact piece of text.
    pub span: Span,
    /// What is said at the underline; may be empty.
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

    /// The same, with one more line of help.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }
}

/// Why a command could not do its work: every problem found, at least one. Exit code 2.
#[derive(Debug, Clone)]
pub struct Problems(pub Vec<Diagnostic>);

impl From<Diagnostic> for Problems {
    fn from(diagnostic: Diagnostic) -> Self {
        Problems(vec![diagnostic])
    }
}
