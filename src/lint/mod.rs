//! The linter: script files in, findings out. Prints nothing.
//!
//! A rule is one `static RULE: Rule` in one file of its group's folder: `files` (HK0xx, what a file must be), `templates`
//! (HK1xx, placeholders), `requests` (HK2xx, what is sent, and where), `firing` (HK3xx, what fires a script and what it fires),
//! `limits` (HK4xx, expectations against the platform's limits). Its documentation, the `explain` and `rules` texts, the SARIF
//! entry and `docs/rules.md` follow from that item. [`run`] reads the files in parallel, shows each rule what it asks for, and
//! applies levels, comments and path settings to what the rules found.

pub mod base;
pub mod baseline;
#[cfg(test)]
mod cases;
mod context;
mod files;
mod finding;
mod firing;
mod fix;
mod limits;
mod project_context;
mod requests;
mod rule;
mod run;
mod script_context;
mod settings;
mod suppression;
mod templates;

use crate::diagnostic::ProblemKind;
use crate::text::suggest::nearest;
pub use context::LintContext;
pub use finding::Finding;
pub use fix::fix;
pub use project_context::{ProjectContext, ScriptSummary};
pub use rule::{Basis, Check, Level, Rule};
pub use run::{Outcome, run, run_on_text};
pub use script_context::{Reporter, ScriptContext};
pub use settings::{Choice, Settings};

/// Every rule, by id.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    [files::RULES, templates::RULES, requests::RULES, firing::RULES, limits::RULES].into_iter().flatten().copied()
}

/// The rule of that id or name, in any case.
pub fn rule(id_or_name: &str) -> Option<&'static Rule> {
    rules().find(|r| r.id.eq_ignore_ascii_case(id_or_name) || r.name.eq_ignore_ascii_case(id_or_name))
}

/// The rule that reports what reading a script finds of that kind.
pub fn rule_of(kind: ProblemKind) -> Option<&'static Rule> {
    rules().find(|r| matches!(r.check, Check::Reading(found) if found == kind))
}

/// The id or name that is nearest to `text`, for "did you mean".
pub fn nearest_rule(text: &str) -> Option<&'static str> {
    let known: Vec<&'static str> = rules().flat_map(|r| [r.id, r.name]).collect();
    nearest(text, known)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Arc;

    use super::*;
    use crate::span::Source;

    /// The findings' rules in a script of these keys; those that a script needs and that are not there are added.
    fn found(keys: &str) -> Vec<&'static str> {
        let findings =
            run_on_text(Arc::new(Source::new("example.yaml", cases::script(keys))), "example", &LintContext::default());
        findings.iter().map(|f| f.rule.id).collect()
    }

    #[test]
    fn every_rule_finds_its_example_and_nothing_where_it_says_what_to_write() {
        for rule in rules() {
            if let Some(example) = rule.example {
                assert!(found(example).contains(&rule.id), "{}: {:?}", rule.id, found(example));
            }
            if let Some(instead) = rule.instead {
                assert!(!found(instead).contains(&rule.id), "{}: {:?}", rule.id, found(instead));
            }
            assert_eq!(rule.example.is_some(), rule.instead.is_some(), "{}", rule.id);
        }
    }

    #[test]
    fn rules_are_in_order_and_named_once() {
        let ids: Vec<&str> = rules().map(|r| r.id).collect();
        assert!(ids.is_sorted(), "{ids:?}");
        let names: HashSet<&str> = rules().flat_map(|r| [r.id, r.name]).collect();
        assert_eq!(names.len(), ids.len() * 2);
        for rule in rules() {
            assert!(rule.name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{}", rule.name);
            assert!(
                !rule.summary.ends_with('.') && rule.what.ends_with('.') && rule.why.ends_with(['.', '`']),
                "{}",
                rule.id
            );
        }
    }

    #[test]
    fn each_kind_of_problem_in_a_script_has_one_rule() {
        use ProblemKind::*;
        for (kind, name) in [
            (Syntax, Some("yaml-syntax")),
            (UnknownKey, Some("unknown-key")),
            (MissingKey, Some("missing-key")),
            (WrongType, Some("wrong-type")),
            (DuplicateKey, Some("duplicate-key")),
            (EventNotInUseCase, Some("event-not-in-use-case")),
            (Other, None),
        ] {
            assert_eq!(rule_of(kind).map(|r| r.name), name);
        }
        let kinds: HashSet<_> =
            rules().filter_map(|r| if let Check::Reading(kind) = r.check { Some(kind) } else { None }).collect();
        assert_eq!(kinds.len(), rules().filter(|r| matches!(r.check, Check::Reading(_))).count());
    }

    #[test]
    fn rules_are_looked_up_by_id_and_name() {
        for text in ["HK002", "hk002", "unknown-key", "Unknown-Key"] {
            assert_eq!(rule(text).map(|r| r.id), Some("HK002"), "{text}");
        }
        assert!(rule("HK999").is_none());
        assert_eq!(nearest_rule("unknwon-key"), Some("unknown-key"));
    }
}
