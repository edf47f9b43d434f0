//! HK003

use super::super::{Basis, Check, Level, Rule};
use crate::diagnostic::ProblemKind;

/// A required key that is not there.
pub static RULE: Rule = Rule {
    id: "HK003",
    name: "missing-key",
    level: Level::Error,
    summary: "a required key that is not there",
    what: "Reports a script without `name`, `use_case`, `request`, or a request without `method` or `url`.",
    why: "The console does not create a webhook script without them.",
    example: Some("request:\n  method: POST\n"),
    instead: Some("request:\n  method: POST\n  url: https://api.example.com/users\n"),
    fixable: false,
    basis: Basis::Published,
    check: Check::Reading(ProblemKind::MissingKey),
};
