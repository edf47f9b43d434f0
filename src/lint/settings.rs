//! Which rules are on, at which level, and where: `rules:` and `ignore:` of hookctl.yaml, `--select` and `--ignore`.

use std::collections::HashMap;

use globset::{GlobBuilder, GlobMatcher};

use super::{Level, Rule, nearest_rule, rules};
use crate::diagnostic::Diagnostic;

/// Which rules are on, at which level, and where. The default is every rule at its own level, everywhere.
#[derive(Debug, Default)]
pub struct Settings {
    levels: HashMap<&'static str, Level>,
    ignored: Vec<(GlobMatcher, Vec<&'static Rule>)>,
}

/// Some rules as a user names them: `HK103`, `unknown-field`, a group such as `HK1`, or `all`.
#[derive(Debug, Clone)]
pub struct Choice(Vec<&'static Rule>);

impl Choice {
    /// Reads one name. An unknown one is an error that suggests the nearest.
    pub fn parse(text: &str) -> Result<Self, Diagnostic> {
        let text = text.trim();
        let upper = text.to_uppercase();
        let group = upper.starts_with("HK") && upper.len() < 5;
        let chosen: Vec<_> = rules()
            .filter(|r| {
                text == "all"
                    || r.id == upper
                    || r.name.eq_ignore_ascii_case(text)
                    || (group && r.id.starts_with(&upper))
            })
            .collect();
        if !chosen.is_empty() {
            return Ok(Choice(chosen));
        }
        let error = Diagnostic::error(format!("there is no rule `{text}`"));
        Err(match nearest_rule(text) {
            Some(known) => error.help(format!("did you mean `{known}`? `hookctl rules` lists them all")),
            None => error.help("`hookctl rules` lists them all; `HK1` means every HK1xx rule"),
        })
    }
}

impl Settings {
    /// Sets a rule's (or a group's) level, as `rules:` does.
    pub fn set_level(&mut self, rules: &Choice, level: Level) {
        for rule in &rules.0 {
            self.levels.insert(rule.id, level);
        }
    }

    /// Turns rules off in the files that a glob matches, as `ignore:` does. Globs are relative to the project's folder;
    /// `*` stays within a folder, `**` does not, and a `/` at the end means all below it. A glob that can't be read is
    /// an error.
    pub fn ignore_path(&mut self, glob: &str, rules: &Choice) -> Result<(), Diagnostic> {
        let below = if glob.ends_with('/') { "**" } else { "" };
        let pattern = format!("{}{below}", glob.trim_start_matches("./"));
        let matcher = GlobBuilder::new(&pattern).literal_separator(true).build().map_err(|error| {
            Diagnostic::error(format!("`{glob}` is not a valid path pattern: {}", error.kind())).help(
                "`scripts/legacy/**` matches every file in that folder, `**/draft-*.yaml` matches a name anywhere",
            )
        })?;
        self.ignored.push((matcher.compile_matcher(), rules.0.clone()));
        Ok(())
    }

    /// Turns all other rules off, as `--select` does; a selected rule that was off is on at its own level.
    pub fn select(&mut self, choices: &[Choice]) {
        for rule in rules() {
            if !choices.iter().any(|c| c.0.iter().any(|r| r.id == rule.id)) {
                self.levels.insert(rule.id, Level::Off);
            } else if self.level(rule) == Level::Off {
                self.levels.insert(rule.id, rule.level);
            }
        }
    }

    /// Turns these rules off, as `--ignore` does.
    pub fn ignore(&mut self, choices: &[Choice]) {
        for choice in choices {
            self.set_level(choice, Level::Off);
        }
    }

    /// The level of a rule.
    pub fn level(&self, rule: &Rule) -> Level {
        self.levels.get(rule.id).copied().unwrap_or(rule.level)
    }

    /// Whether `ignore:` has any entry, so that paths matter.
    pub fn ignores_paths(&self) -> bool {
        !self.ignored.is_empty()
    }

    /// Whether `ignore:` turns the rule off in the file of that path, which is relative to the project's folder, with
    /// `/`.
    pub fn ignored_in(&self, rule: &Rule, path: &str) -> bool {
        self.ignored.iter().any(|(glob, rules)| rules.iter().any(|r| r.id == rule.id) && glob.is_match(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::rule;

    fn level(settings: &Settings, id: &str) -> Level {
        settings.level(rule(id).expect("a rule"))
    }

    fn choice(text: &str) -> Choice {
        Choice::parse(text).expect("a choice")
    }

    #[test]
    fn rules_are_chosen_by_id_name_group_and_all() {
        let limits = rules().filter(|rule| rule.id.starts_with("HK4")).count();
        for (text, size) in [("HK005", 1), ("hk005", 1), ("unknown-key", 1), ("HK4", limits), ("all", rules().count())]
        {
            assert_eq!(choice(text).0.len(), size, "{text}");
        }
        for (text, offered) in [("unknown-kye", "`unknown-key`"), ("HK999", "`HK1` means"), ("", "`HK1` means")] {
            let error = Choice::parse(text).expect_err(text);
            assert!(error.help[0].contains(offered), "{text}: {:?}", error.help);
        }
    }

    #[test]
    fn levels_follow_the_configuration_then_the_flags() {
        let mut settings = Settings::default();
        assert_eq!(level(&settings, "HK402"), Level::Warning);
        settings.set_level(&choice("HK4"), Level::Off);
        settings.set_level(&choice("HK401"), Level::Info);
        assert_eq!((level(&settings, "HK401"), level(&settings, "HK402")), (Level::Info, Level::Off));
        settings.select(&[choice("HK402"), choice("HK401")]);
        assert_eq!((level(&settings, "HK401"), level(&settings, "HK402")), (Level::Info, Level::Warning));
        assert_eq!(level(&settings, "HK005"), Level::Off);
        settings.ignore(&[choice("expect-over-limit")]);
        assert_eq!(level(&settings, "HK401"), Level::Off);
    }

    #[test]
    fn paths_are_silenced_by_glob() {
        let mut settings = Settings::default();
        settings.ignore_path("scripts/legacy/**", &choice("HK005")).expect("a glob");
        settings.ignore_path("./scripts/*.yml", &choice("all")).expect("a glob");
        settings.ignore_path("scripts/old/", &choice("HK0")).expect("a glob");
        let rule = rule("HK005").expect("a rule");
        for (path, ignored) in [
            ("scripts/legacy/a.yaml", true),
            ("scripts/legacy/deep/a.yaml", true),
            ("scripts/a.yaml", false),
            ("scripts/old/deep/a.yaml", true),
            ("scripts/older.yaml", false),
            ("scripts/a.yml", true),
            ("scripts/deep/a.yml", false),
        ] {
            assert_eq!(settings.ignored_in(rule, path), ignored, "{path}");
        }
        let error = settings.ignore_path("a[", &choice("all")).expect_err("no glob");
        assert!(error.message.contains("`a[`"), "{}", error.message);
    }
}
