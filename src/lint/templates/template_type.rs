//! HK108

use hookctl_twig::analysis::IssueKind;

use super::super::{Basis, Check, Level, Reporter, Rule, ScriptContext};
use super::doubts;

/// An operation that fails on the field's type, or gives an unexpected result.
pub(super) static RULE: Rule = Rule {
    id: "HK108",
    name: "template-type",
    level: Level::Warning,
    summary: "an operation that fails on the field's type, or gives an unexpected result",
    what: "Follows the types of the catalogue's fields through each template and reports operations that must fail, such as \
           printing a list or adding a number to a name, and operations that don't do what they seem to. A blank date counts too: \
           `date` treats it as \"now\". Unknown types are not reported.",
    why: "The template fails when the event fires and the request is not sent, or it is sent with a value nobody meant.",
    example: Some(
        "request:\n  method: POST\n  url: https://api.example.com/users\n  params:\n    tags: \"{{ contact.tags }}\"\n",
    ),
    instead: Some(
        "request:\n  method: POST\n  url: https://api.example.com/users\n  params:\n    tags: \"{{ contact.tags|join(', ') }}\"\n",
    ),
    fixable: false,
    basis: Basis::Assumed,
    check: Check::Script(check),
};

fn check(context: &ScriptContext<'_>, reporter: &mut Reporter) {
    doubts(context, IssueKind::Mistyped, reporter);
}
