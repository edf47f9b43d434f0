//! Annotations: workflow commands that GitHub Actions reads from a job's output.

use std::fmt::Write as _;

use super::Findings;
use crate::diagnostic::Severity;

pub(super) fn write(findings: &Findings<'_>) -> String {
    let mut out = String::new();
    for finding in findings.findings {
        let command = match finding.diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let (start, end) = (finding.start(), finding.end());
        let message: Vec<&str> = std::iter::once(finding.diagnostic.message.as_str())
            .chain(finding.diagnostic.help.iter().map(String::as_str))
            .collect();
        let _ = write!(
            out,
            "::{command} file={},line={},endLine={}",
            property(&findings.in_repository(finding.path())),
            start.line,
            end.line
        );
        // GitHub takes columns only within one line, and counts the end in.
        if start.line == end.line {
            let _ = write!(out, ",col={},endColumn={}", start.column, end.column.saturating_sub(1).max(start.column));
        }
        let title = format!("{} {}", finding.rule.id, finding.rule.name);
        let _ = writeln!(out, ",title={}::{}", property(&title), data(&message.join("\n")));
    }
    out
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_command_is_escaped() {
        assert_eq!(data("50% of\r\na::b, c"), "50%25 of%0D%0Aa::b, c");
        assert_eq!(property("a,b:c%\n"), "a%2Cb%3Ac%25%0A");
    }
}
