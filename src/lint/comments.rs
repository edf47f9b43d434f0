//! Suppressions: `# hookctl: ignore[HK103]` on the line of a finding or the line above, `# hookctl: ignore-file[HK103]` for the
//! whole file.

use super::{Finding, Rule, rule};
use crate::script::yaml::Comment;
use crate::span::{Source, Span};

/// One rule named by one suppression comment.
#[derive(Debug)]
pub struct Silence {
    /// As written.
    pub text: String,
    /// Where that stands.
    pub span: Span,
    /// The rule, if there is one of that id or name.
    pub rule: Option<&'static Rule>,
    /// The line that it is for, from 1; none: the whole file.
    pub line: Option<usize>,
    /// It has silenced a finding.
    pub used: bool,
}

/// The suppressions among a file's comments, in order. A comment that names nothing gives one with an empty text.
pub fn silences(source: &Source, comments: &[Comment]) -> Vec<Silence> {
    comments.iter().flat_map(|comment| read(source, comment)).collect()
}

fn read(source: &Source, comment: &Comment) -> Vec<Silence> {
    let Some(text) = source.text.get(comment.span.start..comment.span.end) else { return Vec::new() };
    let Some(directive) = text.trim_start_matches('#').trim_start().strip_prefix("hookctl:") else { return Vec::new() };
    let directive = directive.trim_start();
    let (rest, whole_file) = match directive.strip_prefix("ignore-file") {
        Some(rest) => (rest, true),
        None => match directive.strip_prefix("ignore") {
            Some(rest) => (rest, false),
            None => return Vec::new(),
        },
    };
    let line = (!whole_file).then(|| line_meant(source, comment));
    let names = rest.trim_start().strip_prefix('[').and_then(|r| r.split_once(']')).map_or("", |(names, _)| names);
    let offset = |part: &str| part.as_ptr() as usize - source.text.as_ptr() as usize;
    let named: Vec<Silence> = names
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(|name| {
            let start = offset(name);
            let span = Span::new(start, start + name.len());
            Silence { text: name.to_owned(), span, rule: rule(name), line, used: false }
        })
        .collect();
    if named.is_empty() {
        return vec![Silence { text: String::new(), span: comment.span, rule: None, line, used: false }];
    }
    named
}

/// The comment's own line, or where it stands alone the next line that is no comment.
fn line_meant(source: &Source, comment: &Comment) -> usize {
    let own = source.position(comment.span.start).line;
    if !comment.alone {
        return own;
    }
    let below = source.text[comment.span.end..].lines().skip(1);
    own + 1 + below.take_while(|line| line.trim_start().starts_with('#')).count()
}

/// Takes out the findings that a suppression silences, and marks those suppressions as used.
pub fn silence(silences: &mut [Silence], findings: &mut Vec<Finding>) {
    if silences.is_empty() {
        return;
    }
    findings.retain(|finding| {
        let lines = [finding.span.start, finding.anchor].map(|at| finding.source.position(at).line);
        let mut silenced = false;
        for one in silences.iter_mut().filter(|s| s.rule.is_some_and(|r| r.id == finding.rule.id)) {
            if one.line.is_none_or(|line| lines.contains(&line)) {
                one.used = true;
                silenced = true;
            }
        }
        !silenced
    });
}
