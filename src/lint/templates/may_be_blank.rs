//! HK107

use hookctl_twig::analysis::IssueKind;

use super::super::{Basis, Check, Level, Reporter, Rule, ScriptContext};
use super::doubts;

/// A nullable field printed without `default` or `??`.
pub(super) static RULE: Rule = Rule {
    id: "HK107",
    name: "may-be-blank",
    level: Level::Info,
    summary: "a nullable field printed without `default` or `??`",
    what: "Reports a placeholder that prints a field which can be missing from an event, where the template neither tests it nor has a fallback.",
    why: "A blank is sent, and many receivers take it for a value: a customer named `\"\"`.",
    example: Some(
        "request:\n  method: POST\n  url: https://api.example.com/users\n  params:\n    value: \"{{ contact.first_name }}\"\n",
    ),
    instead: Some(
        "request:\n  method: POST\n  url: https://api.example.com/users\n  params:\n    value: \"{{ contact.first_name ?? 'unknown' }}\"\n",
    ),
    fixable: false,
    basis: Basis::Assumed,
    check: Check::Script(check),
};

fn check(context: &ScriptContext<'_>, reporter: &mut Reporter) {
    doubts(context, IssueKind::MayBeBlank, reporter);
}
