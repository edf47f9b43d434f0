//! HK004

use super::super::{Basis, Check, Level, Rule};
use crate::diagnostic::ProblemKind;

/// A value that its key can't have.
pub static RULE: Rule = Rule {
    id: "HK004",
    name: "wrong-type",
    level: Level::Error,
    summary: "a value that its key can't have",
    what: "Reports a list where a text belongs and the like, and unknown use cases, methods, events, durations and statuses.",
    why: "The value can't be carried over to production, or would be taken as something else than it says.",
    example: Some("use_case: contacts\nexpect:\n  within: 5 parsecs\n"),
    instead: Some("use_case: contact\nexpect:\n  within: 5s\n"),
    fixable: true,
    basis: Basis::Hookctl,
    check: Check::Reading(ProblemKind::WrongType),
};
