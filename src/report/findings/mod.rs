//! What `validate` found, in every format. One file a format.

mod diff;
mod github;
mod gitlab;
mod json;
mod junit;
mod sarif;
mod text;

use std::borrow::Cow;

use crate::diagnostic::Severity;
use crate::lint::Finding;
use crate::project::Repository;
pub use diff::diff;

/// The formats of `validate --format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people: the source line, an underline and help
    Text,
    /// A JSON document
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// GitHub Actions annotations
    Github,
    /// GitLab's Code Quality report
    Gitlab,
    /// JUnit XML: a suite per file, a test per finding
    Junit,
}

/// What a report is made of.
#[derive(Debug)]
pub struct Findings<'a> {
    /// In order of path and position.
    pub findings: &'a [Finding],
    /// The paths of all files that were looked at.
    pub files: &'a [String],
    /// Where their paths begin, from the project's folder; none where they begin there.
    pub folder: Option<String>,
    /// The repository that they are in: what annotates its files knows them by their paths there.
    pub repository: Option<Repository>,
    /// From which severity on a finding fails the run.
    pub fail_on: Severity,
    /// How many more are known from a baseline.
    pub known: usize,
}

/// How to lay text out.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// Color.
    pub color: bool,
    /// Columns.
    pub width: usize,
    /// It goes to a terminal, where sentences are broken to fit.
    pub terminal: bool,
}

/// The report in that format, with a newline at its end.
pub fn write(findings: &Findings<'_>, format: Format, layout: Layout) -> String {
    match format {
        Format::Text => text::write(findings, layout),
        Format::Json => json::write(findings),
        Format::Sarif => sarif::write(findings),
        Format::Github => github::write(findings),
        Format::Gitlab => gitlab::write(findings),
        Format::Junit => junit::write(findings),
    }
}

impl Findings<'_> {
    fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|f| f.diagnostic.severity == severity).count()
    }

    /// A file's path as the repository knows it; the one that people see where there is none.
    fn in_repository<'p>(&self, path: &'p str) -> Cow<'p, str> {
        self.repository.as_ref().map_or(path.into(), |repository| repository.path(path).into())
    }
}

/// What identifies each finding over time, in their order: a hash of rule, path and message, and of how many alike came before.
fn fingerprints(findings: &Findings<'_>) -> Vec<String> {
    let mut alike = std::collections::HashMap::new();
    findings
        .findings
        .iter()
        .map(|finding| {
            let key = (finding.rule.id, finding.path(), finding.diagnostic.message.as_str());
            let number = alike.entry(key).and_modify(|n| *n += 1).or_insert(0_usize);
            let parts = [key.0, &findings.in_repository(key.1), key.2, &number.to_string()];
            format!("{:016x}", parts.iter().fold(FNV_OFFSET, |hash, part| fnv(fnv(hash, part.as_bytes()), &[0])))
        })
        .collect()
}

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a: the same on every machine and in every release, which std's hasher does not promise.
fn fnv(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

fn document(value: &impl serde::Serialize) -> String {
    // Nothing in a report can fail to be JSON: keys are strings, numbers whole.
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}
