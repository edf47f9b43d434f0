//! GitLab's Code Quality report: a list of issues in the Code Climate form.

use serde_json::json;

use super::{Findings, fingerprints};
use crate::diagnostic::Severity;

pub(super) fn write(findings: &Findings<'_>) -> String {
    let issues: Vec<serde_json::Value> = findings
        .findings
        .iter()
        .zip(fingerprints(findings))
        .map(|(finding, fingerprint)| {
            let (start, end) = (finding.start(), finding.end());
            json!({
                "description": format!("{} ({})", finding.diagnostic.message, finding.rule.id),
                "check_name": finding.rule.name,
                "fingerprint": fingerprint,
                "severity": match finding.diagnostic.severity {
                    Severity::Error => "major",
                    Severity::Warning => "minor",
                    Severity::Info => "info",
                },
                "location": {
                    "path": findings.in_repository(finding.path()),
                    "lines": {"begin": start.line, "end": end.line},
                    "positions": {"begin": start, "end": end},
                },
            })
        })
        .collect();
    super::document(&issues)
}
