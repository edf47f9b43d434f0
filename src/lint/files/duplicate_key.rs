//! HK005

use super::super::{Basis, Check, Level, Rule};
use crate::diagnostic::ProblemKind;

/// A key written twice in one mapping.
pub(super) static RULE: Rule = Rule {
    id: "HK005",
    name: "duplicate-key",
    level: Level::Error,
    summary: "a key written twice in one mapping",
    what: "Reports a key that repeats an earlier one. To send the same name twice, use the list form of `params` or `headers`.",
    why: "YAML forbids it, and parsers disagree about which of the two counts, so one of the values is lost.",
    example: Some(
        "request:\n  method: POST\n  url: https://api.example.com/users\n  params:\n    tag: new\n    tag: vip\n",
    ),
    instead: Some(
        "request:\n  method: POST\n  url: https://api.example.com/users\n  params:\n    - {name: tag, value: new}\n    - \
         {name: tag, value: vip}\n",
    ),
    fixable: false,
    basis: Basis::Published,
    check: Check::Reading(ProblemKind::DuplicateKey),
};
