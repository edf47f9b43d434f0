//! HK302

use super::super::{Basis, Check, Level, Rule};
use crate::diagnostic::ProblemKind;

/// An event of another use case.
pub static RULE: Rule = Rule {
    id: "HK302",
    name: "event-not-in-use-case",
    level: Level::Error,
    summary: "an event that never fires scripts of this use case",
    what: "Reports a trigger whose event belongs to another use case than the script's.",
    why: "The platform offers an automation rule only the scripts of its event's use case. The script would never be fired, and \
          if it were, its placeholders would find none of their data.",
    example: Some("use_case: contact\ntriggers:\n  - event: ticket.created\n"),
    instead: Some("use_case: ticket\ntriggers:\n  - event: ticket.created\n"),
    fixable: false,
    basis: Basis::Published,
    check: Check::Reading(ProblemKind::EventNotInUseCase),
};
