//! HK401

use super::super::{Basis, Check, Level, Reporter, Rule, ScriptContext};
use crate::text::duration;

/// `expect.within` over the fixed limit.
pub(super) static RULE: Rule = Rule {
    id: "HK401",
    name: "expect-over-limit",
    level: Level::Error,
    summary: "`expect.within` is over the fixed response limit",
    what: "Compares `expect.within` with the platform's fixed response limit (`policy.limit`, 10 s unless configured).",
    why: "A request that takes longer than the limit times out and counts as failed in production, whatever the script expects. Before release 2.74.09 an idle platform waited up to 80 s, so such expectations used to hold.",
    example: Some("expect:\n  within: 30s\n"),
    instead: Some("expect:\n  within: 5s\n"),
    fixable: false,
    basis: Basis::Published,
    check: Check::Script(check),
};

fn check(context: &ScriptContext<'_>, reporter: &mut Reporter) {
    let Some(within) = &context.script.expect.within else { return };
    let limit = context.lint.policy.limit;
    if within.value > limit {
        let limit = duration::show(limit);
        reporter
            .at(within.span, format!("`within` is over the platform's fixed response limit of {limit}"))
            .label("times out in production")
            .help(format!(
                "answer sooner: check the token, return 200, and move slow work to a queue; then expect at most {limit}"
            ));
    }
}
