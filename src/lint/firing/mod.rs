//! HK3xx: what fires a script, and what it fires.

mod chatty_event;
mod dead_callback;
mod event_not_in_use_case;
mod no_trigger;
mod script_loop;
mod self_loop;
mod sign_in;
mod strings_to_api;
#[cfg(test)]
mod tests;

use super::Rule;

/// Said where a request is taken for one to the platform's API.
const PLACEHOLDER_HOST: &str = "the host is a placeholder; the path suggests it is the platform's API";

/// Said where an update fires a script again: the platform's conditions can do what `when` can't (published).
fn changed(rule: &Rule) -> String {
    let id = rule.id;
    format!(
        "`when` can't test whether a value has changed; where the rule in the console does, silence this with `# hookctl: ignore[{id}]`"
    )
}

/// The group's rules, by id.
pub(super) static RULES: &[&Rule] = &[
    &no_trigger::RULE,
    &event_not_in_use_case::RULE,
    &self_loop::RULE,
    &script_loop::RULE,
    &chatty_event::RULE,
    &dead_callback::RULE,
    &sign_in::RULE,
    &strings_to_api::RULE,
];
