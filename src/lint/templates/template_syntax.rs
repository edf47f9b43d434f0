//! HK101

use hookctl_twig::ErrorKind;

use super::super::{Basis, Check, Level, Rule, Sink, Visit};
use super::tempdeferred_errors;

/// A placeholder that is not a template.
pub static RULE: Rule = Rule {
    id: "HK101",
    name: "template-syntax",
    level: Level::Error,
    summary: "a placeholder that is not a template",
    what: "Reports every place at which a param, the URL, a header, the callback or a trigger's `when` can't be read as a template. Also finds a pattern behind `matches` that is no regular expression.",
    why: "The platform can't render it either: the request goes out with the braces in it, or not at all.",
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

fn check(visit: &Visit<'_>, sink: &mut Sink) {
    tempdeferred_errors(visit, &[ErrorKind::Syntax, ErrorKind::Runtime, ErrorKind::Bound], sink);
}
