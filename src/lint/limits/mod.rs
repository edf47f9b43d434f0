//! HK4xx: what a script expects of its endpoint, against the platform's response limit.

mod expect_failure;
mod expect_over_limit;
mod expect_over_safe;
#[cfg(test)]
mod tests;

use super::Rule;

/// The group's rules, by id.
pub(super) static RULES: &[&Rule] = &[&expect_over_limit::RULE, &expect_over_safe::RULE, &expect_failure::RULE];
