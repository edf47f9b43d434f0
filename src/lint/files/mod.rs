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

use std::sync::Arc;

use super::{Finding, Fix, LintContext, Reporter, Rule, rule};
use crate::script::Problem;
use crate::span::Source;

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
pub(super) fn from_reading(
    problems: Vec<Problem>,
    source: &Arc<Source>,
    lint: &LintContext,
    findings: &mut Vec<Finding>,
) {
    for problem in problems {
        let Some(rule) = rule(problem.kind.rule()) else { continue };
        let Some(severity) = lint.settings.level(rule).severity() else { continue };
        let mut reporter = Reporter { rule, severity, source: Some(Arc::clone(source)), findings };
        let finding = reporter.at(problem.span, problem.message);
        finding.help.extend(problem.help);
        if let Some((span, text)) = problem.related {
            finding.related(source, span, text);
        }
        finding.fix = problem.fix.map(|edit| Fix::replace(edit.span, edit.text));
    }
}
