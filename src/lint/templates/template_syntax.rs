//! HK101

use hookctl_twig::ErrorKind;

use super::super::{Basis, Check, Level, Reporter, Rule, ScriptContext};
use super::template_errors;

/// A template that can't be parsed.
pub(super) static RULE: Rule = Rule {
    id: "HK101",
    name: "template-syntax",
    level: Level::Error,
    summary: "a template syntax error",
    what: "Reports every place where a param, the URL, a header, the callback or a trigger's `when` is not a valid template. Also reports a pattern after `matches` that is not a valid regular expression.",
    why: "The platform can't render it either: the request is sent with the braces in it, or not at all.",
    example: Some(
        "request:\n  method: POST\n  url: https://api.example.com/users\n  params:\n    value: \"{{ contact.first_name\"\n",
    ),
    instead: Some(
        "request:\n  method: POST\n  url: https://api.example.com/users\n  params:\n    value: \"{{ contact.first_name }}\"\n",
    ),
    fixable: false,
    basis: Basis::Published,
    check: Check::Script(check),
};

fn check(context: &ScriptContext<'_>, reporter: &mut Reporter) {
    template_errors(context, &[ErrorKind::Syntax, ErrorKind::Runtime, ErrorKind::Bound], reporter);
}
