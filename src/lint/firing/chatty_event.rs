//! HK305

use super::super::{Basis, Check, Level, Reporter, Rule, ScriptContext};

/// An event that fires many times a conversation.
pub static RULE: Rule = Rule {
    id: "HK305",
    name: "chatty-event",
    level: Level::Info,
    summary: "an event that fires many times a conversation, against the limit of triggers a minute",
    what: "Reports a trigger on an event that comes with every message, such as `conversation.customer_replied`, and that no \
           `when` narrows.",
    why: "There is a limit to the triggers of a script in a minute (published; that it is 60 is assumed, \
          `policy.triggers_per_minute` changes it). A few busy conversations reach it, and then the script's events are not sent.",
    example: Some("use_case: conversation\ntriggers:\n  - event: conversation.customer_replied\n"),
    instead: Some("use_case: conversation\ntriggers:\n  - event: conversation.ended\n"),
    fixable: false,
    basis: Basis::Published,
    check: Check::Script(check),
};

fn check(context: &ScriptContext<'_>, reporter: &mut Reporter) {
    let unconditional = context.script.triggers.iter().filter(|trigger| trigger.when.is_none());
    for event in unconditional.flat_map(|trigger| &trigger.events) {
        if context.ground.catalogue.event(&event.value).is_some_and(|known| known.frequent) {
            let limit = context.ground.policy.triggers_per_minute;
            reporter
                .at(event.span, format!("`{}` fires with every message of every conversation", event.value))
                .label(format!("at most {limit} triggers a minute are sent"))
                .help("narrow it by a `when`, or take an event that comes once a conversation");
        }
    }
}
