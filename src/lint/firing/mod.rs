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

/// The help where only the path shows that a request goes to the platform's API.
const PLACEHOLDER_HOST: &str = "the host is a placeholder; the path suggests it is the platform's API";

/// The help where an update fires a script again: the platform's conditions can do what `when` can't (published).
fn changed(rule: &Rule) -> String {
    let id = rule.id;
    format!(
        "`when` can't test whether a value has changed; if the rule in the console does, suppress this with `# hookctl: ignore[{id}]`"
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
