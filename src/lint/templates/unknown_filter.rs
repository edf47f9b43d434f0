//! HK105

use hookctl_twig::ErrorKind;
use hookctl_twig::analysis::IssueKind;

use super::super::{Basis, Check, Level, Reporter, Rule, ScriptContext};
use super::{doubts, template_errors};

/// An unknown filter, function or test, or wrong arguments for one.
pub(super) static RULE: Rule = Rule {
    id: "HK105",
    name: "unknown-filter",
    level: Level::Error,
    summary: "an unknown filter, function or test, or wrong arguments for one",
    what: "Checks the name of every filter, function and test, and the number and names of its arguments. Also reports calls to macros that the template doesn't define, and literal arguments that fail whatever the event: an unknown time zone, a `replace` without a mapping, too few values for `format`.",
    why: "The template fails when the event fires, and the request is not sent.",
    example: Some(
        "request:\n  method: POST\n  url: https://api.example.com/users\n  params:\n    value: \"{{ contact.first_name|uper }}\"\n",
    ),
    instead: Some(
        "request:\n  method: POST\n  url: https://api.example.com/users\n  params:\n    value: \"{{ contact.first_name|upper }}\"\n",
    ),
    fixable: true,
    basis: Basis::Published,
    check: Check::Script(check),
};

fn check(context: &ScriptContext<'_>, reporter: &mut Reporter) {
    template_errors(context, &[ErrorKind::UnknownCallable], reporter);
    doubts(context, IssueKind::Argument, reporter);
}
