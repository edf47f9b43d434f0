//! Test helpers: what rules find in a script, as the text they underline.

use std::sync::Arc;

use super::{Finding, LintContext, rule, run, run_on_text};
use crate::project::ScriptFile;
use crate::span::Source;

/// A script of these top-level keys; those that a script needs and that are not there are added.
pub(super) fn script(keys: &str) -> String {
    let mut text = keys.to_owned();
    for (key, value) in [
        ("name", " An example"),
        ("use_case", " contact"),
        ("request", "\n  method: POST\n  url: https://api.example.com/users"),
    ] {
        if !keys.lines().any(|line| line.starts_with(&format!("{key}:"))) {
            text += &format!("{key}:{value}\n");
        }
    }
    text
}

fn findings(id: &str, keys: &str) -> Vec<Finding> {
    let mut findings =
        run_on_text(Arc::new(Source::new("example.yaml", script(keys))), "example", &LintContext::default());
    assert!(rule(id).is_some(), "{id}");
    findings.retain(|finding| finding.rule.id == id);
    findings
}

/// The pieces of text that a rule underlines.
pub(super) fn places(id: &str, keys: &str) -> Vec<String> {
    let text = |f: &Finding| f.source().text[f.span().start..f.span().end].to_owned();
    findings(id, keys).iter().map(text).collect()
}

/// The message, label and help of each of a rule's findings.
pub(super) fn messages(id: &str, keys: &str) -> Vec<String> {
    findings(id, keys)
        .iter()
        .map(|f| format!("{} {} {}", f.diagnostic.message, f.diagnostic.labels[0].text, f.diagnostic.help.join(" ")))
        .collect()
}

/// The keys after applying the rule's fixes, last ones first.
pub(super) fn fixed(id: &str, keys: &str) -> String {
    let mut text = keys.to_owned();
    for finding in findings(id, keys).iter().rev() {
        for edit in finding.diagnostic.edits.iter().rev() {
            text.replace_range(edit.span.start..edit.span.end, &edit.text);
        }
    }
    text
}

/// The pieces of text that a project rule underlines in scripts of these keys: the file's number, from 0, and the text.
pub(super) fn places_across(id: &str, scripts: &[&str]) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |(number, keys): (usize, &&str)| {
        let (path, file) = (number.to_string(), folder.path().join(number.to_string()));
        std::fs::write(&file, script(keys)).expect("written");
        ScriptFile { id: path.clone(), path, file }
    };
    let files: Vec<ScriptFile> = scripts.iter().enumerate().map(write).collect();
    let mut findings = run(&files, &[], &LintContext::default(), None).findings;
    findings.retain(|finding| finding.rule.id == id);
    findings.iter().map(|f| format!("{} {}", f.path(), &f.source().text[f.span().start..f.span().end])).collect()
}
