//! The settings by their keys in hookctl.yaml: one line each, with whether the platform publishes the default.

use std::fmt;
use std::time::Duration;

use super::{Policy, Resend};
use crate::http::StatusPattern;
use crate::text::duration;

/// Where a default comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// The platform's documentation says so.
    Published,
    /// The platform does not say; hookctl uses this until a user configures another.
    Assumed,
}

/// One setting below `policy:`.
#[derive(Debug)]
pub struct Setting {
    /// Its key below `policy`, such as `retry.max`.
    pub key: &'static str,
    /// Where its default comes from.
    pub basis: Basis,
    /// What it is, a phrase.
    pub about: &'static str,
    read: fn(&mut Policy, &str) -> Result<(), String>,
    show: fn(&Policy) -> String,
}

impl Setting {
    /// The value in a policy, in the notation of hookctl.yaml.
    pub fn show(&self, policy: &Policy) -> String {
        (self.show)(policy)
    }
}

const fn published(key: &'static str, about: &'static str, read: Read, show: Show) -> Setting {
    Setting { key, basis: Basis::Published, about, read, show }
}

const fn assumed(key: &'static str, about: &'static str, read: Read, show: Show) -> Setting {
    Setting { key, basis: Basis::Assumed, about, read, show }
}

type Read = fn(&mut Policy, &str) -> Result<(), String>;
type Show = fn(&Policy) -> String;

/// Every setting, in the order of the contract.
pub const SETTINGS: &[Setting] = &[
    published(
        "limit",
        "the fixed response limit",
        |p, text| positive(text).map(|v| p.limit = v),
        |p| duration::written(p.limit),
    ),
    published(
        "safe",
        "the latency that is in time at any load",
        |p, text| positive(text).map(|v| p.safe = v),
        |p| duration::written(p.safe),
    ),
    published(
        "legacy.min",
        "the shortest legacy wait",
        |p, text| positive(text).map(|v| p.legacy.min = v),
        |p| duration::written(p.legacy.min),
    ),
    published(
        "legacy.max",
        "the longest legacy wait",
        |p, text| positive(text).map(|v| p.legacy.max = v),
        |p| duration::written(p.legacy.max),
    ),
    assumed(
        "retry.min",
        "retries at load 1",
        |p, text| count(text).map(|v| p.retry.min = v),
        |p| p.retry.min.to_string(),
    ),
    assumed(
        "retry.max",
        "retries at load 0",
        |p, text| count(text).map(|v| p.retry.max = v),
        |p| p.retry.max.to_string(),
    ),
    assumed(
        "retry.interval",
        "the wait before the first retry at load 0",
        |p, text| time(text).map(|v| p.retry.interval = v),
        |p| duration::written(p.retry.interval),
    ),
    assumed(
        "retry.multiplier",
        "the factor from one wait to the next",
        |p, text| number(text, 1.0, 1000.0).map(|v| p.retry.multiplier = v),
        |p| p.retry.multiplier.to_string(),
    ),
    assumed(
        "retry.max_interval",
        "the longest wait, before the load's factor",
        |p, text| time(text).map(|v| p.retry.max_interval = v),
        |p| duration::written(p.retry.max_interval),
    ),
    assumed(
        "retry.jitter",
        "how much a wait may vary, as a share of it",
        |p, text| number(text, 0.0, 1.0).map(|v| p.retry.jitter = v),
        |p| p.retry.jitter.to_string(),
    ),
    assumed(
        "retry.statuses",
        "the statuses that are retried",
        |p, text| statuses(text).map(|v| p.retry.statuses = v),
        |p| show_statuses(&p.retry.statuses),
    ),
    assumed(
        "retry.obey_retry_after",
        "whether a retry waits as long as a response's Retry-After asks",
        |p, text| switch(text).map(|v| p.retry.obey_retry_after = v),
        |p| p.retry.obey_retry_after.to_string(),
    ),
    assumed(
        "redirects",
        "redirects followed within an attempt",
        |p, text| count(text).map(|v| p.redirects = v),
        |p| p.redirects.to_string(),
    ),
    assumed(
        "resend",
        "whether a request that was lost with a kept connection is sent again within its attempt",
        |p, text| resend(text).map(|v| p.resend = v),
        |p| p.resend.name().to_owned(),
    ),
    assumed(
        "triggers_per_minute",
        "triggers of one script in any minute",
        |p, text| count(text).map(|v| p.triggers_per_minute = v),
        |p| p.triggers_per_minute.to_string(),
    ),
];

/// A policy, and which of its settings a user has set; the others are defaults.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings {
    /// The values.
    pub policy: Policy,
    set: Vec<&'static str>,
}

/// Why a setting could not be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingError {
    /// There is no setting of that key; `SETTINGS` has those there are.
    Unknown,
    /// The value is wrong: a sentence that names it and says what to write.
    Value(String),
}

impl fmt::Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SettingError::Unknown => f.write_str("there is no such setting"),
            SettingError::Value(sentence) => f.write_str(sentence),
        }
    }
}

impl Settings {
    /// Sets one setting from the text of its value; `key` is below `policy`. A list is written `408, 429, 5xx`, with or
    /// without brackets.
    ///
    /// # Errors
    /// An unknown key, or a value that does not fit it.
    pub fn set(&mut self, key: &str, text: &str) -> Result<(), SettingError> {
        let setting = SETTINGS.iter().find(|s| s.key == key).ok_or(SettingError::Unknown)?;
        (setting.read)(&mut self.policy, text.trim()).map_err(SettingError::Value)?;
        if !self.is_set(setting.key) {
            self.set.push(setting.key);
        }
        self.give_way();
        Ok(())
    }

    /// A lower bound that nobody has set gives way to the upper one that somebody has: a limit of 2 s is all of it safe.
    fn give_way(&mut self) {
        let default = Policy::default();
        let policy = &mut self.policy;
        if !self.set.contains(&"safe") {
            policy.safe = default.safe.min(policy.limit);
        }
        if !self.set.contains(&"legacy.min") {
            policy.legacy.min = default.legacy.min.min(policy.legacy.max);
        }
    }

    /// Whether a user has set it.
    pub fn is_set(&self, key: &str) -> bool {
        self.set.contains(&key)
    }

    /// The assumed settings that are still at their defaults, in the order of the contract.
    pub fn assumed(&self) -> Vec<&'static str> {
        let open = |s: &&Setting| s.basis == Basis::Assumed && !self.is_set(s.key);
        SETTINGS.iter().filter(open).map(|s| s.key).collect()
    }

    /// Values that contradict each other: the key of the one to change, and a sentence. To be asked when all are set.
    pub fn contradictions(&self) -> Vec<(&'static str, String)> {
        let Policy { limit, safe, legacy, retry, .. } = &self.policy;
        let show = |d: &Duration| duration::written(*d);
        let mut found = Vec::new();
        if safe > limit {
            found.push(("safe", format!("`safe` ({}) is longer than `limit` ({})", show(safe), show(limit))));
        }
        if legacy.min > legacy.max {
            let (min, max) = (show(&legacy.min), show(&legacy.max));
            found.push(("legacy.min", format!("`legacy.min` ({min}) is longer than `legacy.max` ({max})")));
        }
        if retry.min > retry.max {
            let words = format!("`retry.min` ({}) is more than `retry.max` ({})", retry.min, retry.max);
            found.push(("retry.min", words));
        }
        found
    }
}

fn time(text: &str) -> Result<Duration, String> {
    duration::parse(text).map_err(|error| error.to_string())
}

fn positive(text: &str) -> Result<Duration, String> {
    match time(text)? {
        Duration::ZERO => Err(format!("`{text}` is not a duration above zero, such as `10s`")),
        limit => Ok(limit),
    }
}

fn switch(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| format!("`{text}` is neither `true` nor `false`"))
}

fn resend(text: &str) -> Result<Resend, String> {
    let all = [Resend::Always, Resend::Idempotent, Resend::Never];
    let found = all.into_iter().find(|resend| resend.name() == text);
    found.ok_or_else(|| format!("`{text}` is not one of `always`, `idempotent` and `never`"))
}

fn count(text: &str) -> Result<u32, String> {
    text.parse()
        .ok()
        .filter(|n| *n <= 1_000_000)
        .ok_or_else(|| format!("`{text}` is not a count: write a whole number from 0 to 1000000"))
}

fn number(text: &str, low: f64, high: f64) -> Result<f64, String> {
    let within = |n: &f64| (low..=high).contains(n);
    text.parse().ok().filter(within).ok_or_else(|| format!("`{text}` is not a number from {low} to {high}"))
}

fn statuses(text: &str) -> Result<Vec<StatusPattern>, String> {
    let list = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(text).trim();
    if list.is_empty() {
        return Ok(Vec::new());
    }
    list.split(',').map(|item| status(item.trim())).collect()
}

fn status(text: &str) -> Result<StatusPattern, String> {
    text.parse().map_err(|wrong| format!("{wrong}: write one from 100 to 599, or a class such as `5xx`"))
}

fn show_statuses(statuses: &[StatusPattern]) -> String {
    format!("[{}]", statuses.iter().map(StatusPattern::to_string).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_reads_what_it_shows() {
        let mut settings = Settings::default();
        for setting in SETTINGS {
            let shown = setting.show(&Policy::default());
            assert_eq!(settings.set(setting.key, &shown), Ok(()), "{} = {shown}", setting.key);
        }
        assert_eq!(settings.policy, Policy::default());
        assert_eq!(settings.assumed(), [""; 0], "what a user has written is no assumption");
    }

    #[test]
    fn every_setting_changes_its_own_value() {
        let values =
            ["9s", "4s", "6s", "70s", "1", "7", "10ms", "1.5", "30s", "0.5", "[500, 4xx]", "true", "0", "never", "100"];
        for (setting, value) in SETTINGS.iter().zip(values) {
            let mut settings = Settings::default();
            assert_eq!(settings.set(setting.key, value), Ok(()), "{}", setting.key);
            for other in SETTINGS {
                let changed = other.show(&settings.policy) != other.show(&Policy::default());
                assert_eq!(changed, other.key == setting.key, "{} after {}", other.key, setting.key);
            }
            assert_eq!(setting.show(&settings.policy), value);
        }
    }

    #[test]
    fn the_assumed_ones_are_those_that_nobody_publishes() {
        let mut settings = Settings::default();
        let all = [
            "retry.min",
            "retry.max",
            "retry.interval",
            "retry.multiplier",
            "retry.max_interval",
            "retry.jitter",
            "retry.statuses",
            "retry.obey_retry_after",
            "redirects",
            "resend",
            "triggers_per_minute",
        ];
        assert_eq!(settings.assumed(), all);
        settings.set("retry.min", "0").expect("a count");
        assert_eq!(settings.assumed(), all[1..]);
    }

    #[test]
    fn a_wrong_value_is_said_in_words() {
        for (key, text, words) in [
            ("limit", "0s", "`0s` is not a duration above zero"),
            ("limit", "10", "no unit"),
            ("safe", "-1s", "it is negative"),
            ("retry.max", "-1", "`-1` is not a count"),
            ("retry.max", "1.5", "not a count"),
            ("retry.max", "4294967296", "not a count"),
            ("retry.multiplier", "NaN", "from 1 to 1000"),
            ("retry.jitter", "1.1", "from 0 to 1"),
            ("retry.statuses", "408, 6xx", "`6xx` is not a status"),
            ("retry.statuses", "99", "`99` is not a status"),
            ("retry.obey_retry_after", "yes", "neither `true` nor `false`"),
        ] {
            let error = Settings::default().set(key, text).expect_err(text).to_string();
            assert!(error.contains(words), "{key}: {text}: {error}");
        }
        assert_eq!(Settings::default().set("retries", "1"), Err(SettingError::Unknown));
    }

    #[test]
    fn contradictions_are_named() {
        let mut settings = Settings::default();
        for (key, text) in [("limit", "2s"), ("safe", "3s"), ("legacy.min", "90s"), ("retry.min", "4")] {
            settings.set(key, text).expect(text);
        }
        let keys: Vec<_> = settings.contradictions().into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, ["safe", "legacy.min", "retry.min"]);
        assert_eq!(Settings::default().contradictions(), []);
    }

    #[test]
    fn a_lower_bound_that_nobody_has_set_gives_way() {
        let mut settings = Settings::default();
        for (key, text) in [("limit", "80ms"), ("legacy.max", "1s")] {
            settings.set(key, text).expect(text);
        }
        assert_eq!(settings.contradictions(), []);
        assert_eq!(settings.policy.safe, Duration::from_millis(80));
        assert_eq!(settings.policy.legacy.min, Duration::from_secs(1));
        settings.set("limit", "10s").expect("a limit");
        assert_eq!(settings.policy.safe, Duration::from_secs(5));
    }
}
