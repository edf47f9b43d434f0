//! HK104

use super::super::{Basis, Check, Level, Reporter, Rule, ScriptContext};
use super::Meaning;
use crate::text::list;

/// A variable of another use case or event.
pub static RULE: Rule = Rule {
    id: "HK104",
    name: "not-in-use-case",
    level: Level::Error,
    summary: "a variable of another use case or event",
    what: "Reports a placeholder whose variable exists, but not for scripts of this use case or for this script's triggers. One with a `default` or `??` says itself that it can be missing, and is left alone.",
    why: "A script's use case decides what data it gets. Every other variable goes out blank.",
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
        for (read, meaning) in &placeholder.reads {
            let (Some(root), Meaning::NotInUseCase { use_cases, events }) = (read.path.first(), meaning) else {
                continue;
            };
            if read.guarded {
                continue;
            }
            let name = &root.name;
            let own = use_case.value.name();
            if use_cases.is_empty() {
                let message = format!("`{name}` is there only when `{}` fires the script", events.join("` or `"));
                let finding = reporter.in_text(placeholder.text, root.span, message);
                finding.label("not with this script's triggers");
                finding.help("take that event into `triggers`, or leave the variable out");
            } else {
                let names: Vec<&str> = use_cases.iter().map(|u| u.name()).collect();
                let message = format!("a script of the use case `{own}` can't read `{name}`");
                let finding = reporter.in_text(placeholder.text, root.span, message);
                finding.label(format!("known only to {}", list::and(list::quoted(&names))));
                finding.related_at(&context.script.source, use_case.span, "the use case");
            }
        }
    }
}
