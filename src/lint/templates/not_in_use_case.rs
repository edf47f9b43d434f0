//! HK104

use super::super::{Basis, Check, Level, Reporter, Rule, ScriptContext};
use super::Resolution;
use crate::text::list;

/// A variable of another use case or event.
pub(super) static RULE: Rule = Rule {
    id: "HK104",
    name: "not-in-use-case",
    level: Level::Error,
    summary: "a variable of another use case or event",
    what: "Reports a placeholder whose variable exists, but not for scripts of this use case or for this script's triggers. A placeholder with `default` or `??` already expects that, and is not reported.",
    why: "A script's use case decides which data it gets. Every other variable renders blank.",
    example: Some(
        "request:\n  method: POST\n  url: https://api.example.com/users\n  params:\n    value: \"{{ ticket.id }}\"\n",
    ),
    instead: Some(
        "request:\n  method: POST\n  url: https://api.example.com/users\n  params:\n    value: \"{{ contact.id }}\"\n",
    ),
    fixable: false,
    basis: Basis::Published,
    check: Check::Script(check),
};

fn check(context: &ScriptContext<'_>, reporter: &mut Reporter) {
    let Some(use_case) = &context.script.use_case else { return };
    for placeholder in &context.placeholders {
        for (read, resolution) in &placeholder.reads {
            let (Some(root), Resolution::NotInUseCase { use_cases, events }) = (read.path.first(), resolution) else {
                continue;
            };
            if read.guarded {
                continue;
            }
            let name = &root.name;
            let own = use_case.value.name();
            if use_cases.is_empty() {
                let message = format!("`{name}` is available only when `{}` fires the script", events.join("` or `"));
                let finding = reporter.in_text(placeholder.text, root.span, message);
                finding.label("not available with this script's triggers");
                finding.help("add that event to `triggers`, or remove the variable");
            } else {
                let names: Vec<&str> = use_cases.iter().map(|u| u.name()).collect();
                let message = format!("scripts of the use case `{own}` can't read `{name}`");
                let finding = reporter.in_text(placeholder.text, root.span, message);
                finding.label(format!("available only to {} scripts", list::and(list::quoted(&names))));
                finding.related_at(&context.script.source, use_case.span, "the use case");
            }
        }
    }
}
