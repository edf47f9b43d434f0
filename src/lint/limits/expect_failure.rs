//! HK403

use super::super::{Basis, Check, Level, Reporter, Rule, ScriptContext};
use crate::http::StatusPattern;
use crate::text::list;

/// `expect.status` without any status that production counts as delivered.
pub static RULE: Rule = Rule {
    id: "HK403",
    name: "expect-failure",
    level: Level::Warning,
    summary: "`expect.status` names only statuses that production counts as failed",
    what: "Reports an `expect.status` without any 2xx. `fire` holds the endpoint to it all the same: such a delivery is shown as \
           failed, as expected, and does not fail the run.",
    why: "Only a 2xx in time counts as delivered. A delivery that ends as expected has failed in production, and after 408, 429 \
          and 5xx (unless configured otherwise) the request is sent again. Redirects are followed, so that a 3xx that can be \
          followed is never the last status.",
    example: Some("expect:\n  status: 404\n"),
    instead: Some("expect:\n  status: [200, 404]\n"),
    fixable: false,
    basis: Basis::Assumed,
    check: Check::Script(check),
};

fn check(context: &ScriptContext<'_>, reporter: &mut Reporter) {
    let statuses = &context.script.expect.status;
    let Some(first) = statuses.first() else { return };
    if statuses.iter().any(|status| status.value.overlaps(StatusPattern::SUCCESS)) {
        return;
    }
    let written = list::or(statuses.iter().map(|status| status.value));
    let retried = &context.ground.policy.retry.statuses;
    let resent = statuses.iter().any(|status| retried.iter().any(|pattern| pattern.overlaps(status.value)));
    let label = if resent { "failed in production, and sent again" } else { "failed in production" };
    let span = statuses.iter().fold(first.span, |all, status| all.to(status.span));
    reporter
        .at(span, format!("production counts {written} as a failed delivery, whatever `expect` says"))
        .label(label)
        .help("let the endpoint answer 2xx and say in the body what it found, or accept a 2xx too");
}
