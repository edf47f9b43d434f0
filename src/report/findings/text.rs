//! For people.

use std::fmt::Write as _;

use colored::Colorize;

use super::{Findings, Layout};
use crate::diagnostic::Severity;
use crate::report::diagnostic::{draw_as, fitted};
use crate::text::quantity;
use crate::text::wrap::paragraph;

pub(super) fn write(findings: &Findings<'_>, layout: Layout) -> String {
    let mut out = String::new();
    for finding in findings.findings {
        let diagnostic = match layout.terminal {
            true => fitted(finding.diagnostic.clone(), layout.width),
            false => finding.diagnostic.clone(),
        };
        out.push_str(&draw_as(Some(finding.rule), &diagnostic, layout.color, layout.width));
        out.push_str("\n\n");
    }
    let summary = summary(findings);
    out.push_str(&if layout.terminal { paragraph(&summary, layout.width) } else { summary + "\n" });
    out
}

/// `3 files: 1 error, 2 warnings (1 fixable with --fix)`
fn summary(findings: &Findings<'_>) -> String {
    let counts: Vec<String> = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "info")]
        .into_iter()
        .map(|(severity, word)| (findings.count(severity), word))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| quantity::count(count as u64, word))
        .collect();
    let mut line = format!("{}: ", quantity::count(findings.files.len() as u64, "file"));
    if counts.is_empty() {
        let _ = write!(line, "{}", "nothing found".green());
    } else {
        line.push_str(&counts.join(", "));
    }
    let fixable = findings.findings.iter().filter(|f| f.is_fixable()).count();
    let notes: Vec<String> = [
        (fixable, format!("{fixable} fixable with --fix")),
        (findings.known, format!("{} more in the baseline", findings.known)),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(_, note)| note)
    .collect();
    if !notes.is_empty() {
        let _ = write!(line, " ({})", notes.join("; "));
    }
    line
}
