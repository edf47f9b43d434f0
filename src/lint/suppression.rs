//! Suppressions: `# hookctl: ignore[HK103]` on the line of a finding or the line above, `# hookctl: ignore-file[HK103]`
//! for the whole file. For a finding inside a string of several lines, a comment on the line of its key works as well.

use super::{Finding, Rule, rule};
use crate::span::{Source, Span};
use crate::yaml::Comment;

/// One rule named by one suppression comment.
#[derive(Debug)]
pub struct Suppression {
    /// As written.
    pub text: String,
    /// The span of that name.
    pub span: Span,
    /// The rule, if there is one of that id or name.
    pub rule: Option<&'static Rule>,
    /// The line it applies to, from 1; none: the whole file.
    pub line: Option<usize>,
    /// It has suppressed a finding.
    pub used: bool,
}

/// What a comment to the linter begins with.
const DIRECTIVE: &str = "hookctl:";

/// The suppressions in a file's comments, in order. A comment that names no rule gives one with an empty text.
pub(super) fn in_comments(source: &Source, comments: &[Comment]) -> Vec<Suppression> {
    let mut suppressions = Vec::new();
    if !source.text.contains(DIRECTIVE) {
        return suppressions;
    }
    // A comment alone on its line applies to the next line that is not a comment, so they are read from the last one
    // up.
    let mut below: Option<(usize, usize)> = None;
    for comment in comments.iter().rev() {
        let Some(text) = source.text.get(comment.span.start..comment.span.end) else { continue };
        let own = source.position(comment.span.start).line;
        let meant = match below {
            _ if !comment.alone => own,
            Some((next, meant)) if next == own + 1 => meant,
            _ => own + 1,
        };
        below = comment.alone.then_some((own, meant));
        suppressions.extend(read(source, text, comment.span, meant).into_iter().rev());
    }
    suppressions.reverse();
    suppressions
}

/// The suppressions of one comment, for that line.
fn read(source: &Source, text: &str, span: Span, line: usize) -> Vec<Suppression> {
    let Some(directive) = text.trim_start_matches('#').trim_start().strip_prefix(DIRECTIVE) else { return Vec::new() };
    let directive = directive.trim_start();
    let word = directive.find(|c: char| !c.is_ascii_alphabetic() && c != '-').unwrap_or(directive.len());
    let (word, rest) = directive.split_at(word);
    let known = ["ignore", "ignore-file"].contains(&word);
    // Any other word before a bracket was probably meant as one.
    if !known && !rest.starts_with(['[', '(']) {
        return Vec::new();
    }
    let line = (word != "ignore-file").then_some(line);
    let names = rest.trim_start().strip_prefix('[').filter(|_| known).and_then(|r| r.split_once(']'));
    let offset = |part: &str| part.as_ptr() as usize - source.text.as_ptr() as usize;
    let names = names.map_or("", |(names, _)| names).split(',').map(str::trim).filter(|name| !name.is_empty());
    let suppression = |name: &str| {
        let start = offset(name);
        let span = Span::new(start, start + name.len());
        Suppression { text: name.to_owned(), span, rule: rule(name), line, used: false }
    };
    let named: Vec<Suppression> = names.map(suppression).collect();
    if named.is_empty() {
        return vec![Suppression { text: String::new(), span, rule: None, line, used: false }];
    }
    named
}

/// Removes the suppressed findings, and marks the suppressions that removed one as used.
pub(super) fn apply(suppressions: &mut [Suppression], findings: &mut Vec<Finding>) {
    if suppressions.is_empty() {
        return;
    }
    findings.retain(|finding| {
        let line = |at: usize| finding.source().position(at).line;
        let (own, suppression_span) =
            (line(finding.span().start), line(finding.suppression_span.start)..=line(finding.suppression_span.end));
        let mut silenced = false;
        for one in suppressions.iter_mut().filter(|s| s.rule.is_some_and(|r| r.id == finding.rule.id)) {
            if one.line.is_none_or(|line| line == own || suppression_span.contains(&line)) {
                one.used = true;
                silenced = true;
            }
        }
        !silenced
    });
}
