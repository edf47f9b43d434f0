//! HK3xx: what fires a script, and what it fires.

mod chatty_event;
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

/// Said where a request fires a script again: the platform's conditions can do what `when` can't (published).
const CHANGED: &str = "a condition in the console that tests whether a value has changed ends the loop as well; `when` has no word for it: \
     where your rule has one, silence this with `# hookctl: ignore`";

/// The group's rules, by id.
pub(super) static RULES: &[&Rule] = &[
    &no_trigger::RULE,
    &event_not_in_use_case::RULE,
    &self_loop::RULE,
    &script_loop::RULE,
    &chatty_event::RULE,
    &sign_in::RULE,
    &strings_to_api::RULE,
];
