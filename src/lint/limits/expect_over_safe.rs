//! HK402

use super::super::{Basis, Check, Level, Reporter, Rule, ScriptContext};
use crate::event::ACTION;
use crate::text::duration;

/// `expect.within` is within the limit, but over the one that holds under any load.
pub(super) static RULE: Rule = Rule {
    id: "HK402",
    name: "expect-over-safe",
    level: Level::Warning,
    summary: "`expect.within` is over the limit that holds under any load",
    what: "Compares `expect.within` with the shortest limit the platform applies (`policy.safe`, 5 s unless configured).",
    why: "The limit is between 5 and 10 seconds, depending on load: a response that takes longer than 5 s is in time only while the \
          platform is not under load, and fails on a busy day. An action node of a conversation script also blocks the conversation: \
          what the customer writes meanwhile is not processed.",
    example: Some("expect:\n  within: 8s\n"),
    instead: Some("expect:\n  within: 5s\n"),
    fixable: false,
    basis: Basis::Published,
    check: Check::Script(check),
};

fn check(context: &ScriptContext<'_>, reporter: &mut Reporter) {
    let Some(within) = &context.script.expect.within else { return };
    let policy = &context.lint.policy;
    let over = |limit: std::time::Duration| within.value > limit;
    if !over(policy.safe) || over(policy.limit) {
        return;
    }
    let safe = duration::show(policy.safe);
    let action = context.script.triggers.iter().any(|trigger| trigger.has(ACTION));
    if action {
        reporter.at(within.span, format!("an action node would keep the customer waiting for more than {safe}"))
            .label("the conversation is blocked meanwhile")
            .help("answer 200 at once, continue the flow with a message and a wait node (20 s, say), and fetch the result with a second webhook");
    } else {
        reporter
            .at(within.span, format!("`within` is over {safe}, the limit that holds under any load"))
            .label("in time only while the platform is not under load")
            .help(format!("aim for at most {safe}: return 200 as soon as the request is checked, and queue the rest"));
    }
}
