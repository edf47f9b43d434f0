//! HK301

use super::super::{Basis, Check, Level, Reporter, Rule, ScriptContext};
use crate::text::list;

/// A script without triggers.
pub(super) static RULE: Rule = Rule {
    id: "HK301",
    name: "no-trigger",
    level: Level::Info,
    summary: "a script without triggers",
    what: "Reports a script without `triggers`.",
    why: "A webhook script does nothing until an automation rule or an action node fires it. Without triggers, the linter can't \
          tell which data it gets or which loops it closes, and `render --event` and `fire` go by the use case alone.",
    example: Some("request:\n  method: POST\n  url: https://crm.example.com/users\n"),
    instead: Some(
        "request:\n  method: POST\n  url: https://crm.example.com/users\ntriggers:\n  - event: contact.created\n",
    ),
    fixable: false,
    basis: Basis::Published,
    check: Check::Script(check),
};

fn check(context: &ScriptContext<'_>, reporter: &mut Reporter) {
    let script = context.script;
    let Some(name) = &script.name else { return };
    if script.triggers.is_empty() {
        let finding = reporter.at(name.span, format!("the script `{}` has no trigger", name.value));
        if let Some(use_case) = &script.use_case {
            let events = list::or(list::quoted(context.lint.catalogue.events_of(use_case.value)));
            finding.help(format!("add `triggers:` with {events}"));
        }
    }
}
