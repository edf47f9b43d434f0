//! HK002

use super::super::{Basis, Check, Level, Rule};
use crate::diagnostic::ProblemKind;

/// A key that is not part of the script format.
pub(super) static RULE: Rule = Rule {
    id: "HK002",
    name: "unknown-key",
    level: Level::Error,
    summary: "a key that is not part of the script format",
    what: "Reports unknown keys and suggests the one that was probably meant.",
    why: "Anything under a misspelled key is silently ignored: a `header:` is never sent, a `trigger:` never fires.",
    example: Some(
        "request:\n  method: GET\n  url: https://api.example.com/users\n  header:\n    Accept: application/json\n",
    ),
    instead: Some(
        "request:\n  method: GET\n  url: https://api.example.com/users\n  headers:\n    Accept: application/json\n",
    ),
    fixable: true,
    basis: Basis::Hookctl,
    check: Check::Reading(ProblemKind::UnknownKey),
};
