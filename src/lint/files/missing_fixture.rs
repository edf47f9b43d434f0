//! HK008

use super::super::{Basis, Check, Level, Reporter, Rule, ScriptContext};
use crate::project::default_fixtures;
use crate::text::list;

/// No fixture for the script's event or use case.
pub(super) static RULE: Rule = Rule {
    id: "HK008",
    name: "missing-fixture",
    level: Level::Info,
    summary: "no fixture for the script's event or use case",
    what: "Reports a script that has neither a fixture for its first trigger's event (`fixtures/contact.created.json`) \
           nor one for its use case (`fixtures/contact.json`).",
    why: "Without event data, `render` and `fire` have nothing to fill the script's placeholders with, so nobody has seen what it sends.",
    example: None,
    instead: None,
    fixable: false,
    basis: Basis::Hookctl,
    check: Check::Script(check),
};

fn check(context: &ScriptContext<'_>, reporter: &mut Reporter) {
    let script = context.script;
    let Some(use_case) = &script.use_case else { return };
    let files: Vec<String> = default_fixtures(script).collect();
    if files.iter().any(|file| context.lint.fixtures.contains(file)) {
        return;
    }
    let event = script.events().next();
    let (span, subject) = event.map_or((use_case.span, use_case.value.name()), |e| (e.span, &e.value));
    let folder = &context.lint.fixtures_folder;
    let wanted = list::or(files.iter().map(|file| format!("`{folder}/{file}`")));
    reporter.at(span, format!("no fixture for `{subject}`")).help(format!("put sample event data in {wanted}"));
}
