//! A baseline: the findings that a project had when it began to lint. Only new findings are reported.
//!
//! The file is what `validate --format json --output FILE` writes. A finding is known by rule, path and message, not by
//! line, so that it stays known when the text around it moves; of several equal findings, as many are known as the
//! baseline has. Paths are compared from the project's folder, so that a baseline holds wherever in the project it was
//! written or is used.

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;

use super::Finding;
use crate::diagnostic::Diagnostic;
use crate::file;
use crate::project::Project;

/// The known findings, with how often each occurs.
#[derive(Debug, Default)]
pub struct Baseline(HashMap<Known, usize>);

#[derive(Debug, PartialEq, Eq, Hash, Deserialize)]
struct Known {
    rule: String,
    path: String,
    message: String,
}

#[derive(Deserialize)]
struct Document {
    version: u64,
    /// Where its paths begin, from the project's folder.
    #[serde(default)]
    folder: String,
    findings: Vec<Known>,
}

impl Baseline {
    /// Reads a baseline file.
    pub fn read(path: &Path, project: &Project) -> Result<Self, Diagnostic> {
        let make = "write one with `hookctl validate --format json --output FILE`";
        let name = file::name(path);
        let text = file::read_text(path, &name, file::LARGEST, |error| {
            Diagnostic::error(format!("can't read the baseline `{name}`: {error}")).help(make)
        })?;
        let document: Document = serde_json::from_str(&text).map_err(|error| {
            let what = match text.trim() {
                "" => ": it is empty".to_owned(),
                text if text.contains("\"runs\"") => ": it is SARIF".to_owned(),
                _ if error.is_data() => format!(": {error}"),
                _ => format!(": invalid JSON at line {}, column {}", error.line(), error.column()),
            };
            Diagnostic::error(format!("the baseline `{name}` is not a JSON report of `validate`{what}")).help(make)
        })?;
        if document.version != 1 {
            let message =
                format!("the baseline `{name}` has version {}, but only version 1 is supported", document.version);
            return Err(Diagnostic::error(message).help(make));
        }
        let mut known = HashMap::new();
        for mut finding in document.findings {
            finding.path = project.reported(&document.folder, &finding.path);
            *known.entry(finding).or_default() += 1;
        }
        Ok(Baseline(known))
    }

    /// Removes the known findings, and returns how many there were.
    pub fn remove_known(mut self, findings: &mut Vec<Finding>, project: &Project) -> usize {
        let before = findings.len();
        let folder = project.folder().unwrap_or_default();
        findings.retain(|finding| {
            let known = Known {
                rule: finding.rule.id.to_owned(),
                path: project.reported(&folder, finding.path()),
                message: finding.diagnostic.message.clone(),
            };
            match self.0.get_mut(&known) {
                Some(left) if *left > 0 => {
                    *left -= 1;
                    false
                }
                _ => true,
            }
        });
        before - findings.len()
    }
}
