//! HK102

use hookctl_twig::analysis::IssueKind;
use hookctl_twig::foreign;

use super::super::{Basis, Check, Level, Reporter, Rule, ScriptContext};
use super::{Resolution, doubts};
use crate::diagnostic::Edit;
use crate::text::list;

/// A variable that no use case has.
pub(super) static RULE: Rule = Rule {
    id: "HK102",
    name: "unknown-variable",
    level: Level::Error,
    summary: "a variable that no use case has",
    what: "Checks the first name in every placeholder against the variables of all use cases and events. `env.NAME` is hookctl's own; declare variables that your conversation scripts pass along under `variables:` in hookctl.yaml. `response` is available only in `callback`. In a macro, which sees only its arguments, and in `with … only`, the event's own variables are unknown as well.",
    why: "Production silently renders an unknown variable as an empty string: the receiving system gets a request without the value.",
    example: Some(
        "request:\n  method: POST\n  url: https://api.example.com/users\n  params:\n    value: \"{{ contcat.first_name }}\"\n",
    ),
    instead: Some(
        "request:\n  method: POST\n  url: https://api.example.com/users\n  params:\n    value: \"{{ contact.first_name }}\"\n",
    ),
    fixable: true,
    basis: Basis::Published,
    check: Check::Script(check),
};

fn check(context: &ScriptContext<'_>, reporter: &mut Reporter) {
    doubts(context, IssueKind::OutOfScope, reporter);
    for placeholder in &context.placeholders {
        for (read, resolution) in &placeholder.reads {
            let (Some(root), Resolution::UnknownVariable { nearest, known }) = (read.path.first(), resolution) else {
                continue;
            };
            let place = reporter.exact(placeholder.text, root.span);
            let finding =
                reporter.in_text(placeholder.text, root.span, format!("there is no variable `{}`", root.name));
            if let Some((help, replacement)) = foreign::variable(&root.name) {
                finding.help(help);
                finding.fix(place.zip(replacement).map(|(span, new)| Edit::new(span, new)));
                continue;
            }
            match nearest {
                Some(nearest) => {
                    finding.help(format!("did you mean `{nearest}`?"));
                    finding.fix(place.map(|span| Edit::new(span, nearest)));
                }
                None if root.name == "response" => {
                    finding.label("available only in `callback`");
                    finding.help("only `callback` can read `response`: a request is rendered before there is one");
                }
                None => {
                    finding.help(format!("available here: {}", list::and(list::quoted(known))));
                    if placeholder.in_action_node {
                        let name = &root.name;
                        finding.help(format!(
                            "declare variables that your conversation scripts pass along in hookctl.yaml: `variables: {{{name}: {{type: \
                             string}}}}`"
                        ));
                    }
                }
            }
        }
    }
}
