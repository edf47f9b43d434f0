//! HK306

use super::super::{Basis, Check, Level, Reporter, Rule, ScriptContext};
use crate::event::ACTION;

/// A callback that nothing uses.
pub(super) static RULE: Rule = Rule {
    id: "HK306",
    name: "dead-callback",
    level: Level::Warning,
    summary: "a `callback` in a script that no conversation script fires",
    what: "Reports a `callback` where every trigger is an automation rule. A script without triggers is not reported, since an \
           action node may fire it.",
    why: "A callback is what a conversation script does with the response. Automation rules ignore it, so whatever it was meant to do \
          never happens.",
    example: Some("callback: \"{{ response.body.id }}\"\ntriggers:\n  - event: contact.created\n"),
    instead: Some(
        "callback: \"{{ response.body.id }}\"\ntriggers:\n  - event: conversation_script.action\n    node: welcome/ask-phone\n",
    ),
    fixable: false,
    basis: Basis::Published,
    check: Check::Script(check),
};

fn check(context: &ScriptContext<'_>, reporter: &mut Reporter) {
    let Some(callback) = &context.script.callback else { return };
    let triggers = &context.script.triggers;
    // What can't be read may be an action node.
    let is_known = !triggers.is_empty() && triggers.iter().all(|trigger| !trigger.events.is_empty());
    if is_known && !triggers.iter().any(|trigger| trigger.has(ACTION)) {
        reporter
            .at(callback.span, "nothing uses this callback: only automation rules fire the script")
            .label("used only by conversation scripts")
            .help(format!("remove it, or add the trigger `event: {ACTION}` with its `node`"));
    }
}
