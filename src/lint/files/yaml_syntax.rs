//! HK001

use super::super::{Basis, Check, Level, Reporter, Rule};
use crate::diagnostic::ProblemKind;
use crate::span::Span;

/// Text that is not valid YAML.
pub(crate) static RULE: Rule = Rule {
    id: "HK001",
    name: "yaml-syntax",
    level: Level::Error,
    summary: "text that is not valid YAML",
    what: "Reports every place where a file stops being YAML 1.2 or UTF-8 text. The text before and after it is still read and \
           checked.",
    why: "A script that can't be read never reaches production, or is read as something nobody meant.",
    example: Some("name: \"An example\nuse_case: contact\n"),
    instead: Some("name: \"An example\"\nuse_case: contact\n"),
    fixable: false,
    basis: Basis::Hookctl,
    check: Check::Reading(ProblemKind::Syntax),
};

/// Reports a file that is not UTF-8; `end` is where its valid text ends.
pub(crate) fn not_utf8(bytes: &[u8], end: Span, reporter: &mut Reporter) {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        reporter.at(end, "this file is UTF-16, not UTF-8").help("save it as UTF-8");
    } else if bytes.contains(&0) {
        reporter.at(end, "this is a binary file, not a script");
    } else {
        let byte = bytes.get(end.start).copied().unwrap_or(0);
        reporter.at(end, format!("the byte 0x{byte:02x} is not UTF-8")).help("save the file as UTF-8");
    }
}
