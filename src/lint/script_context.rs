//! What a rule sees of a script, and how it reports findings.

use std::sync::Arc;

use super::templates::TemplateSite;
use super::{Finding, LintContext, Rule};
use crate::diagnostic::{Diagnostic, ProblemKind, Severity};
use crate::http::UrlTemplate;
use crate::loops::Node;
use crate::script::credentials::{Credential, credentials};
use crate::script::{Script, Text};
use crate::span::{Source, Span, line_around};

/// One script, as a rule sees it.
#[derive(Debug)]
pub struct ScriptContext<'a> {
    /// The script, as far as it could be read.
    pub script: &'a Script,
    /// What is the same for all scripts.
    pub lint: &'a LintContext,
    /// The script's URL, split.
    pub url_parts: Option<UrlTemplate<'a>>,
    /// The script's templates and what they read.
    pub placeholders: Vec<TemplateSite<'a>>,
    /// The credentials written in it.
    pub credentials: Vec<Credential<'a>>,
    /// Its node in the loop graph.
    pub node: Node,
}

impl<'a> ScriptContext<'a> {
    /// The context of that script.
    pub fn new(script: &'a Script, lint: &'a LintContext) -> Self {
        let url_parts = script.request.url_parts();
        ScriptContext {
            script,
            lint,
            placeholders: TemplateSite::all(script, &lint.catalogue),
            credentials: credentials(script, url_parts.as_ref()),
            node: Node::of(script, &lint.api_hosts),
            url_parts,
        }
    }
}

/// Collects one rule's findings.
#[derive(Debug)]
pub struct Reporter<'a> {
    pub(super) rule: &'static Rule,
    pub(super) severity: Severity,
    pub(super) source: Option<Arc<Source>>,
    pub(super) findings: &'a mut Vec<Finding>,
}

impl Reporter<'_> {
    /// Adds a finding at a span of the script's file.
    pub fn at(&mut self, span: Span, message: impl Into<String>) -> &mut Finding {
        let source = self.source.clone().unwrap_or_else(|| Arc::new(Source::new("", "")));
        self.within(&source, span, message)
    }

    /// Adds a finding at a span of a scalar's text. If that piece is not verbatim in the file, the finding is at the
    /// whole scalar.
    pub fn in_text(&mut self, text: &Text, span: Span, message: impl Into<String>) -> &mut Finding {
        let finding = self.at(text.place(span), message);
        // A block string, or a string below its key, has nothing before it on its line.
        let before = finding.source().text.get(..text.span.start).unwrap_or_default();
        let line = line_around(before, before.len());
        let below = before[line.start..].trim().is_empty();
        finding.suppression_span =
            Span::new(if below { before.trim_end().len() } else { text.span.start }, text.span.start);
        finding
    }

    /// The span in the file of a piece of a scalar's text, if it is verbatim there, so that it can be replaced.
    pub fn exact(&self, text: &Text, span: Span) -> Option<Span> {
        let file = text.place(span);
        let written = self.source.as_ref()?.text.get(file.start..file.end)?;
        (written == text.text.get(span.start..span.end)?).then_some(file)
    }

    /// Adds a finding at a span of any file.
    pub fn within(&mut self, source: &Arc<Source>, span: Span, message: impl Into<String>) -> &mut Finding {
        let diagnostic = Diagnostic::new(ProblemKind::Other, source, span, message);
        self.findings.extend(Finding::new(self.rule, self.severity, diagnostic));
        let last = self.findings.len() - 1;
        &mut self.findings[last]
    }
}
