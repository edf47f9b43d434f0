//! HK006

use std::collections::HashMap;

use super::super::{Basis, Check, Level, ProjectContext, Reporter, Rule, ScriptSummary};

/// Two scripts of one name.
pub static RULE: Rule = Rule {
    id: "HK006",
    name: "duplicate-name",
    level: Level::Error,
    summary: "two scripts of one name",
    what: "Reports a script whose `name` another script of the project already has.",
    why: "The name is a script's identifier in the console: automation rules and conversation scripts pick the script by it, and \
          with two of one name they fire the wrong one.",
    example: None,
    instead: None,
    fixable: false,
    basis: Basis::Published,
    check: Check::Project(check),
};

fn check(overview: &ProjectContext<'_>, reporter: &mut Reporter) {
    let mut first: HashMap<&str, &ScriptSummary> = HashMap::new();
    for script in overview.scripts {
        let Some(name) = &script.name else { continue };
        match first.get(name.value.as_str()) {
            None => drop(first.insert(&name.value, script)),
            Some(earlier) if script.asked => report(script, earlier, "first here", reporter),
            Some(earlier) if earlier.asked => report(earlier, script, "and here", reporter),
            Some(_) => {}
        }
    }
}

fn report(script: &ScriptSummary, other: &ScriptSummary, there: &str, reporter: &mut Reporter) {
    let (Some(source), Some(name)) = (script.source(), &script.name) else { return };
    let message = format!("the name `{}` is taken: the script `{}` has it too", name.value, other.id);
    let finding = reporter.within(&source, name.span, message);
    finding.help("give each script a name of its own; it identifies the script in the console");
    if let (Some(source), Some(name)) = (other.source(), &other.name) {
        finding.related_at(&source, name.span, there);
    }
}
