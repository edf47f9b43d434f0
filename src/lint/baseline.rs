//! A baseline: the findings that a project had when it began to lint. Only findings beyond them count.
//!
//! The file is what `validate --format json --output FILE` writes. A finding is known by rule, path and message, not by line, so
//! that it stays known when the text around it moves; of several alike, as many are known as the file has.

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;

use super::Finding;
use crate::diagnostic::Diagnostic;

/// How often each finding is known.
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
    findings: Vec<Known>,
}

impl Baseline {
    /// Reads a baseline file.
    pub fn read(file: &Path) -> Result<Self, Diagnostic> {
        let make = "write one with `hookctl validate --format json --output FILE`";
        let text = std::fs::read_to_string(file).map_err(|error| {
            Diagnostic::error(format!("can't read the baseline `{}`: {error}", file.display())).help(make)
        })?;
        let document: Document = serde_json::from_str(&text).map_err(|error| {
            Diagnostic::error(format!("the baseline `{}` is not validate's JSON: {error}", file.display())).help(make)
        })?;
        if document.version != 1 {
            let message = format!("the baseline `{}` has version {}, known is 1", file.display(), document.version);
            return Err(Diagnostic::error(message).help(make));
        }
        let mut known = HashMap::new();
        for finding in document.findings {
            *known.entry(finding).or_default() += 1;
        }
        Ok(Baseline(known))
    }

    /// Takes out the findings that are known; gives how many.
    pub fn remove_known(mut self, findings: &mut Vec<Finding>) -> usize {
        let before = findings.len();
        findings.retain(|finding| {
            let known = Known {
                rule: finding.rule.id.to_owned(),
                path: finding.path().to_owned(),
                message: finding.message.clone(),
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
