//! HK007

use super::super::{Basis, Check, Level, ProjectContext, Reporter, Rule};

/// A use case that differs from the one at `--base`.
pub(crate) static RULE: Rule = Rule {
    id: "HK007",
    name: "use-case-changed",
    level: Level::Error,
    summary: "a use case that differs from the one at `--base`",
    what: "With `--base GIT-REF`, compares each script's `use_case` with its value at that commit, even if the file has been \
           renamed since. Nothing is checked out.",
    why: "A script's use case can't be changed after creation: the change can't reach production, and placeholders of the new use \
          case would render blank there.",
    example: None,
    instead: None,
    fixable: false,
    basis: Basis::Published,
    check: Check::Project(check),
};

fn check(project: &ProjectContext<'_>, reporter: &mut Reporter) {
    let Some(base) = project.base else { return };
    for script in project.scripts {
        let Some(now) = &script.use_case else { continue };
        let name = script.name.as_ref().map(|n| n.value.as_str());
        let Some((old, moved)) = base.old(&script.file, name) else { continue };
        if old.use_case == now.value {
            continue;
        }
        let Some(source) = script.source() else { continue };
        let message = format!(
            "the use case of `{}` was `{}` at `{}` and can't be changed to `{}`",
            script.label(),
            old.use_case.name(),
            base.reference,
            now.value.name()
        );
        let finding = reporter.within(&source, now.span, message);
        finding.label(format!("was `{}`", old.use_case.name()));
        if moved {
            finding.help(format!("the script was in `{}` then", old.path));
        }
        finding.help("the use case is fixed at creation: write a new script, with its own file and name");
    }
}
