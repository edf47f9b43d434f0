//! Problems that reading a script file finds, before any rule checks what it means.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::span::{Source, Span};

/// The kind of a problem; each belongs to one rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// Text that is not YAML.
    Syntax,
    /// A key that does not exist.
    UnknownKey,
    /// A missing required key.
    MissingKey,
    /// A value of the wrong type, an unknown use case, method, event, duration, status.
    WrongType,
    /// A key that repeats an earlier one.
    DuplicateKey,
    /// An event that can't fire a script of that use case.
    EventNotInUseCase,
}

impl ProblemKind {
    /// The rule's id.
    pub fn rule(self) -> &'static str {
        match self {
            ProblemKind::Syntax => "HK001",
            ProblemKind::UnknownKey => "HK002",
            ProblemKind::MissingKey => "HK003",
            ProblemKind::WrongType => "HK004",
            ProblemKind::DuplicateKey => "HK005",
            ProblemKind::EventNotInUseCase => "HK302",
        }
    }
}

/// One problem at its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What kind.
    pub kind: ProblemKind,
    /// The exact piece of text.
    pub span: Span,
    /// What is wrong, naming the text.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
    /// A related span, and its label.
    pub related: Option<(Span, String)>,
    /// The edit that fixes it, where there is one clear answer.
    pub fix: Option<Edit>,
}

/// Replaces one piece of text with another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// By what.
    pub text: String,
}

impl Problem {
    /// As a diagnostic.
    pub fn diagnostic(&self, source: &Arc<Source>) -> Diagnostic {
        let mut diagnostic = Diagnostic::error(&self.message).at(source, self.span, "");
        diagnostic.code = Some(self.kind.rule());
        if let Some((span, text)) = &self.related {
            diagnostic = diagnostic.at(source, *span, text);
        }
        diagnostic.help.extend(self.help.clone());
        diagnostic
    }
}
