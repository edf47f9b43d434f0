//! What a rule is.

use super::suppression::Suppression;
use super::{ProjectContext, Reporter, ScriptContext};
use crate::diagnostic::{ProblemKind, Severity};

/// One rule with its documentation.
#[derive(Debug)]
pub struct Rule {
    /// `HK103`
    pub id: &'static str,
    /// `unknown-field`
    pub name: &'static str,
    /// The level where nothing else is configured.
    pub level: Level,
    /// What it finds, in one line without a full stop.
    pub summary: &'static str,
    /// What it does, in sentences.
    pub what: &'static str,
    /// Why that is bad in production.
    pub why: &'static str,
    /// A script, or the top-level keys of one that matter, in which the rule finds something. None where no single file
    /// can show it.
    pub example: Option<&'static str>,
    /// What to write instead: the same, with nothing to find.
    pub instead: Option<&'static str>,
    /// Some of its findings can be fixed by `--fix`.
    pub fixable: bool,
    /// The source of the fact that the rule rests on.
    pub basis: Basis,
    /// How it checks scripts.
    pub check: Check,
}

/// How a rule checks scripts.
#[derive(Debug, Clone, Copy)]
pub enum Check {
    /// Found while reading a file: the problems of that kind that `script::read` gives, and unreadable files.
    Reading(ProblemKind),
    /// Checks one script at a time.
    Script(fn(&ScriptContext<'_>, &mut Reporter)),
    /// Checks the summaries of all scripts together.
    Project(fn(&ProjectContext<'_>, &mut Reporter)),
    /// Checks each suppression of a checked rule that suppressed nothing.
    Comments(fn(&Suppression, &mut Reporter)),
}

/// Where a fact comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// The platform's documentation, or a standard that it builds on.
    Published,
    /// hookctl's assumption about the platform, configurable where it decides something.
    Assumed,
    /// hookctl's own file format or project layout.
    Hookctl,
}

/// The level of a rule's findings; `off` disables the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Not checked.
    Off,
    /// Worth knowing.
    Info,
    /// Probably a mistake.
    Warning,
    /// A mistake.
    Error,
}

impl Level {
    /// The severity of findings at this level; none where it is off.
    pub fn severity(self) -> Option<Severity> {
        match self {
            Level::Off => None,
            Level::Info => Some(Severity::Info),
            Level::Warning => Some(Severity::Warning),
            Level::Error => Some(Severity::Error),
        }
    }

    /// As hookctl.yaml writes it.
    pub fn word(self) -> &'static str {
        match self {
            Level::Off => "off",
            Level::Info => "info",
            Level::Warning => "warning",
            Level::Error => "error",
        }
    }
}
