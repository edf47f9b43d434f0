//! HK305

use super::super::{Basis, Check, Level, Reporter, Rule, ScriptContext};

/// An event that fires many times per conversation.
pub(super) static RULE: Rule = Rule {
    id: "HK305",
    name: "chatty-event",
    level: Level::Info,
    summary: "an event that fires many times per conversation, against the per-minute trigger limit",
    what: "Reports a trigger on an event that fires with every message, such as `conversation.customer_replied`, without a `when` \
           to narrow it.",
    why: "Each script has a per-minute trigger limit (published; its value, 60, is assumed and set by `policy.triggers_per_minute`). A \
          few busy conversations reach it, and after that the script's events are not sent.",
    example: Some("use_case: conversation\ntriggers:\n  - event: conversation.customer_replied\n"),
    instead: Some("use_case: conversation\ntriggers:\n  - event: conversation.ended\n"),
    fixable: false,
    basis: Basis::Published,
    check: Check::Script(check),
};

fn check(context: &ScriptContext<'_>, reporter: &mut Reporter) {
    let unconditional = context.script.triggers.iter().filter(|trigger| trigger.when.is_none());
    for event in unconditional.flat_map(|trigger| &trigger.events) {
        if context.lint.catalogue.event(&event.value).is_some_and(|known| known.frequent) {
            let limit = context.lint.policy.triggers_per_minute;
            reporter
                .at(event.span, format!("`{}` fires with every message of every conversation", event.value))
                .label(format!("at most {limit} triggers per minute are sent"))
                .help("narrow it with a `when`, or use an event that fires once per conversation");
        }
    }
}
