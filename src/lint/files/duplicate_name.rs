//! HK006

use std::collections::HashMap;

use super::super::{Basis, Check, Level, Overview, Rule, Sink, Summary};

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

fn check(overview: &Overview<'_>, sink: &mut Sink) {
    let mut first: HashMap<&str, &Summary> = HashMap::new();
    for script in overview.scripts {
        let Some(name) = &script.name else { continue };
        let Some(earlier) = first.get(name.value.as_str()) else {
            first.insert(&name.value, script);
            continue;
        };
        let Some(source) = script.source() else { continue };
        let message = format!("the name `{}` is taken: `{}` has it too", name.value, earlier.path);
        let finding = sink.within(&source, name.span, message);
        finding.help("give each script a name of its own; it identifies the script in the console");
        if let (Some(there), Some(other)) = (earlier.source(), &earlier.name) {
            finding.related(&there, other.span, "first here");
        }
    }
}
