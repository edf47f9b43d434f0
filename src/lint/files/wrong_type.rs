//! HK004

use super::super::{Basis, Check, Level, Rule};
use crate::diagnostic::ProblemKind;

/// A value that its key doesn't accept.
pub(super) static RULE: Rule = Rule {
    id: "HK004",
    name: "wrong-type",
    level: Level::Error,
    summary: "a value that its key doesn't accept",
    what: "Reports values of the wrong type, such as a list where a string is expected, and unknown use cases, methods, events, \
           durations and statuses.",
    why: "The value can't be used in production, or would be read as something else.",
    example: Some("use_case: contacts\nexpect:\n  within: 5 parsecs\n"),
    instead: Some("use_case: contact\nexpect:\n  within: 5s\n"),
    fixable: true,
    basis: Basis::Hookctl,
    check: Check::Reading(ProblemKind::WrongType),
};
