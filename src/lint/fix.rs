//! Applies fixes: the edits of a file's findings applied to its text.

use std::sync::Arc;

use super::{Finding, LintContext, run_on_text};
use crate::diagnostic::{Edit, ProblemKind};
use crate::script;
use crate::span::Source;

/// The text with the findings' edits made, and how many findings that fixes. A fix whose edits touch those of an
/// earlier one waits for the next round; one that changes nothing is not counted.
fn apply(text: &str, findings: &[&Finding]) -> (String, usize) {
    let mut edits: Vec<&Edit> = Vec::new();
    let mut fixed = 0;
    let changes = |fix: &&Vec<Edit>| fix.iter().any(|e| text.get(e.span.start..e.span.end) != Some(&e.text));
    for fix in findings.iter().map(|f| &f.diagnostic.edits).filter(changes) {
        let free =
            fix.iter().all(|e| text.get(e.span.start..e.span.end).is_some() && edits.iter().all(|made| apart(made, e)));
        if free {
            edits.extend(fix);
            fixed += 1;
        }
    }
    edits.sort_by_key(|e| e.span);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        out.push_str(&text[at..edit.span.start]);
        out.push_str(&edit.text);
        at = edit.span.end;
    }
    out.push_str(&text[at..]);
    (out, fixed)
}

fn apart(one: &Edit, other: &Edit) -> bool {
    one.span.end < other.span.start || other.span.end < one.span.start
}

/// The file with every fixable finding fixed, and how many those are. Findings that a fix uncovers are fixed as well,
/// for a bounded number of rounds, since two fixes might undo each other. A round that would add syntax errors is not
/// applied: in a broken file, a fix may be wrong. What is redacted in the old text is redacted in the new one.
pub fn fix(source: &Arc<Source>, id: &str, lint: &LintContext) -> (Arc<Source>, usize) {
    const ROUNDS: usize = 10;
    let new = |text: &str| Arc::new(Source::new(source.path.clone(), text));
    let (mut current, mut fixed) = (new(&source.text), 0);
    for _ in 0..ROUNDS {
        let findings = run_on_text(Arc::clone(&current), id, lint);
        let (next, count) = apply(&current.text, &findings.iter().collect::<Vec<_>>());
        let next = new(&next);
        if count == 0 || syntax_errors(&next) > syntax_errors(&current) {
            break;
        }
        current = next;
        fixed += count;
    }
    (current, fixed)
}

fn syntax_errors(source: &Arc<Source>) -> usize {
    let (_, problems) = script::read(Arc::clone(source), "");
    problems.iter().filter(|problem| problem.kind == ProblemKind::Syntax).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::rule;
    use crate::span::Span;

    fn finding(edits: &[(usize, usize, &str)]) -> Finding {
        let edits = edits.iter().map(|&(s, e, t)| Edit::new(Span::new(s, e), t));
        let rule = rule("HK002").expect("a rule");
        let mut findings = Vec::new();
        let mut sink = crate::lint::Reporter {
            rule,
            severity: crate::diagnostic::Severity::Error,
            source: None,
            findings: &mut findings,
        };
        sink.within(&Arc::new(Source::new("a.yaml", "")), Span::default(), "").fix(edits);
        findings.remove(0)
    }

    #[test]
    fn edits_are_made_together_and_touching_ones_wait() {
        type Edits = &'static [(usize, usize, &'static str)];
        let cases: &[(&[Edits], &str, usize)] = &[
            (&[], "abcdef", 0),
            (&[&[(0, 1, "X")], &[(3, 4, "YY")]], "XbcYYef", 2),
            (&[&[(3, 4, "Y")], &[(0, 1, "")]], "bcYef", 2),
            (&[&[(0, 2, "X")], &[(1, 3, "Y")]], "Xcdef", 1),
            (&[&[(0, 2, "X")], &[(2, 3, "Y")]], "Xcdef", 1),
            (&[&[(0, 1, "X"), (5, 6, "Z")], &[(5, 6, "!"), (3, 3, "-")]], "XbcdeZ", 1),
            (&[&[(5, 99, "X")]], "abcdef", 0),
            (&[&[(0, 1, "a")]], "abcdef", 0),
        ];
        for (fixes, expected, fixed) in cases {
            let findings: Vec<Finding> = fixes.iter().map(|f| finding(f)).collect();
            let findings: Vec<&Finding> = findings.iter().collect();
            assert_eq!(apply("abcdef", &findings), ((*expected).to_owned(), *fixed), "{fixes:?}");
        }
    }

    #[test]
    fn what_is_broken_is_not_broken_further() {
        let lint = LintContext::default();
        for (text, count) in [
            ("name: A\nuse_case: contact\u{a0}\nrequest: {method: GET, url: 'https://a.example.com/'}\n", 1),
            // Not a value without quotes, but what is left of a block text.
            (
                "name: A\nrequest:\n  params:\n    note: |\nuse_case: contact\n      {% if a %}\n      b: c\n      {% endif %}\n",
                0,
            ),
        ] {
            let (fixed, times) = fix(&Arc::new(Source::new("a.yaml", text)), "a", &lint);
            assert_eq!(times, count, "{}", fixed.text);
            assert_eq!(fix(&fixed, "a", &lint).1, 0, "{}", fixed.text);
        }
    }
}
