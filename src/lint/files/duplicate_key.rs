//! HK005

use super::super::{Basis, Check, Level, Rule};
use crate::diagnostic::ProblemKind;

/// A key that stands twice in one mapping.
pub static RULE: Rule = Rule {
    id: "HK005",
    name: "duplicate-key",
    level: Level::Error,
    summary: "a key that stands twice in one mapping",
    what: "Reports the second appearance of a key. To send one name twice, use the list form of `params` and `headers`.",
    why: "YAML forbids it, and readers disagree about which of the two counts: one of the values is lost.",
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
