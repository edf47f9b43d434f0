//! What a rule found, and how it would be fixed.

use std::sync::Arc;

use super::Rule;
use crate::diagnostic::{Diagnostic, Edit, Label, Severity};
use crate::span::{Position, Source, Span};

/// One finding at one span.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// What is wrong and where, at the rule's level in this project. Its message names the exact text and no line, so that it
    /// stays the same when the text moves.
    pub diagnostic: Diagnostic,
    /// Where a suppression comment applies to it: from the line of the key to the start of its scalar, or its own start.
    pub suppression_span: Span,
}

impl Finding {
    /// What a rule says about a place; none where `diagnostic` has no place.
    pub(super) fn new(rule: &'static Rule, severity: Severity, diagnostic: Diagnostic) -> Option<Self> {
        let start = diagnostic.span()?.start;
        let diagnostic = Diagnostic { severity, ..diagnostic };
        Some(Finding { rule, diagnostic, suppression_span: Span::new(start, start) })
    }

    /// Its own place, which it always has.
    fn primary(&self) -> &Label {
        &self.diagnostic.labels[0]
    }

    /// The file.
    pub fn source(&self) -> &Arc<Source> {
        &self.primary().source
    }

    /// The exact piece of text.
    pub fn span(&self) -> Span {
        self.primary().span
    }

    /// Further places that belong to it.
    pub fn related(&self) -> &[Label] {
        &self.diagnostic.labels[1..]
    }

    /// The file's path, with `/`.
    pub fn path(&self) -> &str {
        &self.source().path
    }

    /// Where it begins.
    pub fn start(&self) -> Position {
        self.source().position(self.span().start)
    }

    /// Where it ends, exclusive.
    pub fn end(&self) -> Position {
        self.source().position(self.span().end)
    }

    /// The order of reports: path, position, rule.
    pub fn order(&self, other: &Finding) -> std::cmp::Ordering {
        (self.path(), self.span(), self.rule.id, &self.diagnostic.message).cmp(&(
            other.path(),
            other.span(),
            other.rule.id,
            &other.diagnostic.message,
        ))
    }

    /// Redacts the credentials of its file, `hidden`, in its texts. A fix that would repeat one is dropped.
    pub(super) fn redact_credentials(&mut self, hidden: &[&str]) {
        if !hidden.is_empty() {
            self.diagnostic.redact_pieces(hidden);
        }
    }

    /// Sets the words at the underline.
    pub fn label(&mut self, label: impl Into<String>) -> &mut Self {
        self.diagnostic.labels[0].text = label.into();
        self
    }

    /// Adds a line of help.
    pub fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.diagnostic.help.push(help.into());
        self
    }

    /// Adds a related span.
    pub fn related_at(&mut self, source: &Arc<Source>, span: Span, text: impl Into<String>) -> &mut Self {
        self.diagnostic.labels.push(Label { source: Arc::clone(source), span, text: text.into() });
        self
    }

    /// Sets the fix, where it is safe.
    pub fn fix(&mut self, edits: impl IntoIterator<Item = Edit>) -> &mut Self {
        self.diagnostic.edits = edits.into_iter().collect();
        self
    }

    /// Whether it says how to fix it.
    pub fn is_fixable(&self) -> bool {
        !self.diagnostic.edits.is_empty()
    }
}
