//! HK403

use super::super::{Basis, Check, Level, Reporter, Rule, ScriptContext};
use crate::http::StatusPattern;
use crate::text::list;

/// `expect.status` without any status that production counts as delivered.
pub(super) static RULE: Rule = Rule {
    id: "HK403",
    name: "expect-failure",
    level: Level::Warning,
    summary: "`expect.status` names only statuses that production counts as failed",
    what: "Reports an `expect.status` without any 2xx. `fire` still checks the endpoint against it: such a delivery is shown as \
           failed as expected, and doesn't fail the run.",
    why: "Only a 2xx in time counts as delivered. A delivery that ends as expected here has failed in production, and after 408, 429 or \
          5xx (unless configured otherwise) the request is retried. Redirects are followed, so a 3xx that can be followed is never \
          the final status.",
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
    let retried = &context.lint.policy.retry.statuses;
    let resent = statuses.iter().any(|status| retried.iter().any(|pattern| pattern.overlaps(status.value)));
    let label = if resent { "fails in production and is retried" } else { "fails in production" };
    let span = statuses.iter().fold(first.span, |all, status| all.to(status.span));
    reporter
        .at(span, format!("production counts {written} as a failed delivery, whatever `expect` says"))
        .label(label)
        .help("have the endpoint answer 2xx and report the result in the body, or accept a 2xx as well");
}
