//! HK108

use hookctl_twig::analysis::IssueKind;

use super::super::{Basis, Check, Level, Reporter, Rule, ScriptContext};
use super::doubts;

/// An operation that fails or surprises on the field's type.
pub static RULE: Rule = Rule {
    id: "HK108",
    name: "template-type",
    level: Level::Warning,
    summary: "an operation that fails or surprises on the field's type",
    what: "Follows the types of the catalogue's fields through each template and reports what must fail on them, such as a list \
           that is printed or a sum with a name, and what does not do what it looks like. A blank date counts too: \
           `date` takes it for today. What is not known is left alone.",
    why: "The template fails when the event fires and the request is not sent, or it goes out with a value that nobody meant.",
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
