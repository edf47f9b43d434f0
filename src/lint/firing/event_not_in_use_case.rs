//! HK302

use super::super::{Basis, Check, Level, Rule};
use crate::diagnostic::ProblemKind;

/// An event of another use case.
pub(super) static RULE: Rule = Rule {
    id: "HK302",
    name: "event-not-in-use-case",
    level: Level::Error,
    summary: "an event that never fires scripts of this use case",
    what: "Reports a trigger whose event belongs to a different use case than the script.",
    why: "An automation rule can only select scripts of its event's use case. This script would never fire, and if it did, its \
          placeholders would have no data.",
    example: Some("use_case: contact\ntriggers:\n  - event: ticket.created\n"),
    instead: Some("use_case: ticket\ntriggers:\n  - event: ticket.created\n"),
    fixable: false,
    basis: Basis::Published,
    check: Check::Reading(ProblemKind::EventNotInUseCase),
};
