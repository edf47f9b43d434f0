//! SARIF 2.1.0, as code scanning services read it.

use serde_json::{Value, json};

use super::{Findings, fingerprints};
use crate::diagnostic::Severity;
use crate::lint::{Finding, Level, Rule, rules};
use crate::span::{Source, Span};

pub(super) fn write(findings: &Findings<'_>) -> String {
    let rules: Vec<&'static Rule> = rules().collect();
    let index = |rule: &Rule| rules.iter().position(|r| r.id == rule.id);
    let results: Vec<Value> = findings
        .findings
        .iter()
        .zip(fingerprints(findings))
        .map(|(finding, fingerprint)| result(findings, finding, index(finding.rule), &fingerprint))
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "hookctl",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|r| descriptor(r)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    super::document(&log)
}

fn descriptor(rule: &Rule) -> Value {
    let help = format!("{}\n\n{}", rule.what, rule.why);
    json!({
        "id": rule.id,
        "name": pascal(rule.name),
        "shortDescription": {"text": capital(rule.summary)},
        "fullDescription": {"text": rule.what},
        "help": {"text": help, "markdown": crate::report::rules::markdown(rule)},
        "defaultConfiguration": match rule.level {
            Level::Off => json!({"enabled": false}),
            on => json!({"level": level(on.severity().unwrap_or(Severity::Info))}),
        },
        "properties": {"tags": ["webhook-script", rule.name]},
    })
}

fn result(findings: &Findings<'_>, finding: &Finding, rule: Option<usize>, fingerprint: &str) -> Value {
    let mut text = finding.diagnostic.message.clone();
    for help in &finding.diagnostic.help {
        text.push('\n');
        text.push_str(help);
    }
    let mut result = json!({
        "ruleId": finding.rule.id,
        "ruleIndex": rule,
        "level": level(finding.diagnostic.severity),
        "message": {"text": text},
        "locations": [{"physicalLocation": place(findings, finding.source(), finding.span())}],
        "partialFingerprints": {"hookctlFinding/v1": fingerprint},
    });
    if !finding.related().is_empty() {
        let related = finding.related().iter().enumerate().map(|(number, label)| {
            let message = if label.text.is_empty() { "see also" } else { &label.text };
            json!({"id": number, "message": {"text": message}, "physicalLocation": place(findings, &label.source, label.span)})
        });
        result["relatedLocations"] = related.collect();
    }
    if finding.is_fixable() {
        let replacements = finding.diagnostic.edits.iter().map(
            |edit| json!({"deletedRegion": region(finding.source(), edit.span), "insertedContent": {"text": edit.text}}),
        );
        let change = json!({
            "artifactLocation": {"uri": uri(&findings.in_repository(finding.path()))},
            "replacements": replacements.collect::<Vec<_>>(),
        });
        let text = finding.diagnostic.help.first().map_or(finding.diagnostic.message.as_str(), String::as_str);
        result["fixes"] = json!([{"description": {"text": text}, "artifactChanges": [change]}]);
    }
    result
}

fn place(findings: &Findings<'_>, source: &Source, span: Span) -> Value {
    json!({"artifactLocation": {"uri": uri(&findings.in_repository(&source.path))}, "region": region(source, span)})
}

fn region(source: &Source, span: Span) -> Value {
    let (start, end) = (source.position(span.start), source.position(span.end));
    json!({"startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column})
}

/// A path as a relative URI reference.
fn uri(path: &str) -> String {
    use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
    const ESCAPED: &AsciiSet = &CONTROLS
        .add(b' ')
        .add(b'"')
        .add(b'#')
        .add(b'%')
        .add(b'<')
        .add(b'>')
        .add(b'?')
        .add(b'`')
        .add(b'{')
        .add(b'}')
        .add(b'[')
        .add(b']')
        .add(b'\\')
        .add(b'^')
        .add(b'|')
        .add(b':');
    utf8_percent_encode(path, ESCAPED).to_string()
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// `unknown-field` as `UnknownField`, the form that SARIF viewers expect of a rule's name.
fn pascal(name: &str) -> String {
    name.split('-').map(capital).collect()
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
