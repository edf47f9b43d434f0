//! HK0xx: the form of a script file, on its own and within the project.

mod duplicate_key;
mod duplicate_name;
mod missing_fixture;
mod missing_key;
#[cfg(test)]
mod tests;
mod unknown_key;
mod unused_ignore;
pub(super) mod use_case_changed;
mod wrong_type;
pub(super) mod yaml_syntax;

use super::{Finding, LintContext, Rule, rule_of};
use crate::diagnostic::Diagnostic;

/// The group's rules, by id.
pub(super) static RULES: &[&Rule] = &[
    &yaml_syntax::RULE,
    &unknown_key::RULE,
    &missing_key::RULE,
    &wrong_type::RULE,
    &duplicate_key::RULE,
    &duplicate_name::RULE,
    &use_case_changed::RULE,
    &missing_fixture::RULE,
    &unused_ignore::RULE,
];

/// Turns the problems of reading a file into findings of their rules.
pub(super) fn from_reading(problems: Vec<Diagnostic>, lint: &LintContext, findings: &mut Vec<Finding>) {
    for problem in problems {
        let Some(rule) = rule_of(problem.kind) else { continue };
        let Some(severity) = lint.settings.level(rule).severity() else { continue };
        findings.extend(Finding::new(rule, severity, problem));
    }
}
