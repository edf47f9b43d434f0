//! HK006

use std::collections::HashMap;

use super::super::{Basis, Check, Level, ProjectContext, Reporter, Rule, ScriptSummary};

/// Two scripts with the same name.
pub(super) static RULE: Rule = Rule {
    id: "HK006",
    name: "duplicate-name",
    level: Level::Error,
    summary: "two scripts with the same name",
    what: "Reports a script whose `name` is already used by another script in the project.",
    why: "The name identifies a script in the console: automation rules and conversation scripts select it by name, and with a duplicate \
          they fire the wrong one.",
    example: None,
    instead: None,
    fixable: false,
    basis: Basis::Published,
    check: Check::Project(check),
};

fn check(project: &ProjectContext<'_>, reporter: &mut Reporter) {
    let mut first: HashMap<&str, &ScriptSummary> = HashMap::new();
    for script in project.scripts {
        let Some(name) = &script.name else { continue };
        match first.get(name.value.as_str()) {
            None => drop(first.insert(&name.value, script)),
            Some(earlier) if script.asked => report(script, earlier, "first used here", reporter),
            Some(earlier) if earlier.asked => report(earlier, script, "also used here", reporter),
            Some(_) => {}
        }
    }
}

fn report(script: &ScriptSummary, other: &ScriptSummary, there: &str, reporter: &mut Reporter) {
    let (Some(source), Some(name)) = (script.source(), &script.name) else { return };
    let message = format!("the name `{}` is already used by the script `{}`", name.value, other.id);
    let finding = reporter.within(&source, name.span, message);
    finding.help("give each script a unique name; it identifies the script in the console");
    if let (Some(source), Some(name)) = (other.source(), &other.name) {
        finding.related_at(&source, name.span, there);
    }
}
