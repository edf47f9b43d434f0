//! HK003

use super::super::{Basis, Check, Level, Rule};
use crate::diagnostic::ProblemKind;

/// A required key is missing.
pub(super) static RULE: Rule = Rule {
    id: "HK003",
    name: "missing-key",
    level: Level::Error,
    summary: "a missing required key",
    what: "Reports a script without `name`, `use_case` or `request`, and a request without `method` or `url`.",
    why: "The console can't create a webhook script without them.",
    example: Some("request:\n  method: POST\n"),
    instead: Some("request:\n  method: POST\n  url: https://api.example.com/users\n"),
    fixable: false,
    basis: Basis::Published,
    check: Check::Reading(ProblemKind::MissingKey),
};
