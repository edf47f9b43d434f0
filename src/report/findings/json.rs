//! The contract's JSON document.

use serde::Serialize;

use super::Findings;
use crate::diagnostic::{Edit, Label, Severity};
use crate::lint::Finding;
use crate::span::{Position, Source, Span};

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    folder: Option<&'a str>,
    findings: Vec<Entry<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct Entry<'a> {
    rule: &'static str,
    name: &'static str,
    severity: Severity,
    message: &'a str,
    help: Option<String>,
    path: &'a str,
    start: Position,
    end: Position,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<Related<'a>>,
    fix: Option<FixEntry<'a>>,
}

#[derive(Serialize)]
struct Related<'a> {
    path: &'a str,
    start: Position,
    end: Position,
    message: &'a str,
}

#[derive(Serialize)]
struct FixEntry<'a> {
    edits: Vec<EditEntry<'a>>,
}

#[derive(Serialize)]
struct EditEntry<'a> {
    start: Position,
    end: Position,
    text: &'a str,
}

#[derive(Serialize)]
struct Summary {
    files: usize,
    errors: usize,
    warnings: usize,
    infos: usize,
}

pub(super) fn write(findings: &Findings<'_>) -> String {
    let document = Document {
        version: 1,
        folder: findings.folder.as_deref(),
        findings: findings.findings.iter().map(entry).collect(),
        summary: Summary {
            files: findings.files.len(),
            errors: findings.count(Severity::Error),
            warnings: findings.count(Severity::Warning),
            infos: findings.count(Severity::Info),
        },
    };
    super::document(&document)
}

fn entry(finding: &Finding) -> Entry<'_> {
    let diagnostic = &finding.diagnostic;
    let edits = diagnostic.edits.iter().map(|edit| edit_entry(finding.source(), edit));
    Entry {
        rule: finding.rule.id,
        name: finding.rule.name,
        severity: diagnostic.severity,
        message: &diagnostic.message,
        help: (!diagnostic.help.is_empty()).then(|| diagnostic.help.join("\n")),
        path: finding.path(),
        start: finding.start(),
        end: finding.end(),
        related: finding.related().iter().map(related).collect(),
        fix: finding.is_fixable().then(|| FixEntry { edits: edits.collect() }),
    }
}

fn related(label: &Label) -> Related<'_> {
    let (start, end) = range(&label.source, label.span);
    Related { path: &label.source.path, start, end, message: &label.text }
}

fn edit_entry<'a>(source: &Source, edit: &'a Edit) -> EditEntry<'a> {
    let (start, end) = range(source, edit.span);
    EditEntry { start, end, text: &edit.text }
}

fn range(source: &Source, span: Span) -> (Position, Position) {
    (source.position(span.start), source.position(span.end))
}
