//! HK402

use super::super::{Basis, Check, Level, Reporter, Rule, ScriptContext};
use crate::event::ACTION;
use crate::text::duration;

/// `expect.within` in the limit, but over what holds under any load.
pub static RULE: Rule = Rule {
    id: "HK402",
    name: "expect-over-safe",
    level: Level::Warning,
    summary: "`expect.within` is over what is in time under any load",
    what: "Compares `expect.within` with the shortest limit that the platform applies (`policy.safe`, 5 s unless configured).",
    why: "The limit is between 5 and 10 seconds, by the load: what takes longer than 5 s is in time only while the platform is \
          not loaded, and fails on the busy day. An action node of a conversation script also holds the customer up for as long: \
          what they write meanwhile is not processed.",
    example: Some("expect:\n  within: 8s\n"),
    instead: Some("expect:\n  within: 5s\n"),
    fixable: false,
    basis: Basis::Published,
    check: Check::Script(check),
};

fn check(context: &ScriptContext<'_>, reporter: &mut Reporter) {
    let Some(within) = &context.script.expect.within else { return };
    let policy = &context.ground.policy;
    let over = |limit: std::time::Duration| within.value > limit;
    if !over(policy.safe) || over(policy.limit) {
        return;
    }
    let safe = duration::show(policy.safe);
    let action = context.script.triggers.iter().any(|trigger| trigger.has(ACTION));
    if action {
        reporter.at(within.span, format!("an action node would hold the customer up for longer than {safe}"))
            .label("the conversation stands still for as long")
            .help("answer 200 at once, let the flow go on to a message and a wait node (20 s, say), and ask for the result with a second webhook");
    } else {
        reporter
            .at(within.span, format!("`within` is over the {safe} that are in time under any load"))
            .label("in time only while the platform is not loaded")
            .help(format!("aim for at most {safe}: return 200 as soon as the request is checked, and queue the rest"));
    }
}
