//! What a rule found, and how it would be fixed.

use std::sync::Arc;

use super::Rule;
use crate::diagnostic::{Diagnostic, Label, Severity};
use crate::secret::credential::redact_credentials;
use crate::span::{Position, Source, Span};

/// One finding at one span.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// By the rule's level in this project.
    pub severity: Severity,
    /// The sentence. It names the exact text that is wrong, and no line, so that it stays the same when the text moves.
    pub message: String,
    /// What to do instead, a line each.
    pub help: Vec<String>,
    /// The file.
    pub source: Arc<Source>,
    /// The exact piece of text.
    pub span: Span,
    /// Where a suppression comment applies to it: from the line of the key to the start of its scalar, or its own
    /// start.
    pub suppression_span: Span,
    /// A few words at the underline; may be empty.
    pub label: String,
    /// Related spans.
    pub related: Vec<Label>,
    /// How to fix it, if that is safe.
    pub fix: Option<Fix>,
}

/// Edits that fix a finding without changing the meaning of anything else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// In file order, not overlapping, all in the finding's file.
    pub edits: Vec<Edit>,
}

/// One replaced piece of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The span to replace; empty to insert.
    pub span: Span,
    /// The new text.
    pub text: String,
}

impl Fix {
    /// A fix of one edit.
    pub fn replace(span: Span, text: impl Into<String>) -> Self {
        Fix { edits: vec![Edit { span, text: text.into() }] }
    }
}

impl Finding {
    /// The file's path, with `/`.
    pub fn path(&self) -> &str {
        &self.source.path
    }

    /// Where it begins.
    pub fn start(&self) -> Position {
        self.source.position(self.span.start)
    }

    /// Where it ends, exclusive.
    pub fn end(&self) -> Position {
        self.source.position(self.span.end)
    }

    /// The order of reports: path, position, rule.
    pub fn order(&self, other: &Finding) -> std::cmp::Ordering {
        (self.path(), self.span, self.rule.id, &self.message).cmp(&(
            other.path(),
            other.span,
            other.rule.id,
            &other.message,
        ))
    }

    /// Redacts the credentials of its file, `hidden`, in its texts. A fix that would repeat one is dropped.
    pub(super) fn redact_credentials(&mut self, hidden: &[&str]) {
        if hidden.is_empty() {
            return;
        }
        let related = self.related.iter_mut().map(|label| &mut label.text);
        for text in [&mut self.message, &mut self.label].into_iter().chain(&mut self.help).chain(related) {
            *text = redact_credentials(text, hidden);
        }
        self.fix.take_if(|fix| fix.edits.iter().any(|edit| redact_credentials(&edit.text, hidden) != edit.text));
    }

    /// The finding as a diagnostic.
    pub fn diagnostic(&self) -> Diagnostic {
        let primary = Label { source: Arc::clone(&self.source), span: self.span, text: self.label.clone() };
        Diagnostic {
            severity: self.severity,
            code: Some(self.rule.id),
            message: self.message.clone(),
            labels: std::iter::once(primary).chain(self.related.iter().cloned()).collect(),
            help: self.help.clone(),
        }
    }
}
