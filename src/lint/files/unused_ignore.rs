//! HK009

use super::super::suppression::Suppression;
use super::super::{Basis, Check, Level, Reporter, Rule, nearest_rule};

/// A suppression comment that suppresses nothing.
pub(super) static RULE: Rule = Rule {
    id: "HK009",
    name: "unused-ignore",
    level: Level::Warning,
    summary: "a suppression comment that suppresses nothing",
    what: "Reports `# hookctl: ignore[…]` and `# hookctl: ignore-file[…]` comments for rules that find nothing there, for rules \
           that don't exist, and without any rule.",
    why: "The problem it once suppressed is gone, or was never there. Left in place, the comment hides the next one.",
    example: Some("request:\n  method: GET\n  url: https://api.example.com/users # hookctl: ignore[HK103]\n"),
    instead: Some("request:\n  method: GET\n  url: https://api.example.com/users\n"),
    fixable: false,
    basis: Basis::Hookctl,
    check: Check::Comments(check),
};

fn check(suppression: &Suppression, reporter: &mut Reporter) {
    match suppression.rule {
        Some(rule) => {
            let place = if suppression.line.is_some() { "here" } else { "in this file" };
            let message = format!("`{}` ({}) finds nothing {place}", suppression.text, rule.summary);
            reporter.at(suppression.span, message).help("remove it");
        }
        None if suppression.text.is_empty() => {
            reporter
                .at(suppression.span, "this comment names no rule, so it suppresses nothing")
                .help("write the rule's id or name in brackets: `# hookctl: ignore[HK103]`");
        }
        None => {
            let finding = reporter.at(suppression.span, format!("there is no rule `{}`", suppression.text));
            match nearest_rule(&suppression.text) {
                Some(known) => finding.help(format!("did you mean `{known}`?")),
                None => finding.help("`hookctl rules` lists them all"),
            };
        }
    }
}
