//! HK3xx: what fires a script, and what it fires.

mod chatty_event;
mod dead_callback;
mod event_not_in_use_case;
mod no_trigger;
mod script_loop;
mod self_loop;
#[cfg(test)]
mod tests;

use super::Rule;

/// The group's rules, by id.
pub(super) static RULES: &[&Rule] = &[
    &no_trigger::RULE,
    &event_not_in_use_case::RULE,
    &self_loop::RULE,
    &script_loop::RULE,
    &chatty_event::RULE,
    &dead_callback::RULE,
];
