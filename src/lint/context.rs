//! What all scripts of a run share: the parts of the project that rules use.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::{Choice, Level, Settings};
use crate::diagnostic::{Diagnostic, Problems, Severity};
use crate::encoding::BodyEncoding;
use crate::event::Catalogue;
use crate::policy::Policy;
use crate::project::Project;

/// What all scripts of a run share. The default is no project at all: built-in limits and fields, no fixtures.
#[derive(Debug)]
pub struct LintContext {
    /// The platform's limits as configured.
    pub policy: Policy,
    /// How params become a body.
    pub encoding: BodyEncoding,
    /// Hosts that are the platform's own API, in lower case.
    pub api_hosts: Vec<String>,
    /// Events and fields, the customer's own included.
    pub catalogue: Catalogue,
    /// The project's folder, absolute.
    pub root: PathBuf,
    /// Names of the files in the fixtures folder.
    pub fixtures: HashSet<String>,
    /// The fixtures folder as messages call it.
    pub fixtures_folder: String,
    /// All scripts of the project are linted, not only some of them.
    pub complete: bool,
    /// Which rules are on, and where.
    pub settings: Settings,
}

impl Default for LintContext {
    fn default() -> Self {
        LintContext {
            policy: Policy::default(),
            encoding: BodyEncoding::default(),
            api_hosts: Vec::new(),
            catalogue: Catalogue::builtin().clone(),
            root: PathBuf::new(),
            fixtures: HashSet::new(),
            fixtures_folder: "fixtures".to_owned(),
            complete: false,
            settings: Settings::default(),
        }
    }
}

impl LintContext {
    /// The context of a project. Errors: unknown rules and invalid patterns in its settings, each at its span.
    pub fn new(project: &Project) -> Result<Self, Problems> {
        let folder = project.fixtures_folder();
        let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        Ok(LintContext {
            policy: project.config.policy.policy.clone(),
            encoding: project.config.encoding,
            api_hosts: project.config.api_hosts.clone(),
            catalogue: project.config.catalogue.clone(),
            root: project.root.clone(),
            fixtures: entries.filter_map(|entry| entry.file_name().into_string().ok()).collect(),
            fixtures_folder: project.display_path(&folder),
            complete: true,
            settings: settings(project)?,
        })
    }

    /// The path of a file from the project's folder, with `/`; of one outside, its own.
    pub fn in_project(&self, file: &Path) -> String {
        let absolute = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        absolute.strip_prefix(&self.root).unwrap_or(&absolute).to_string_lossy().replace('\\', "/")
    }
}

/// `rules:` and `ignore:` of hookctl.yaml.
fn settings(project: &Project) -> Result<Settings, Problems> {
    let mut settings = Settings::default();
    let mut problems: Vec<Diagnostic> = Vec::new();
    for line in &project.config.rules {
        let level = match line.level {
            None => Level::Off,
            Some(Severity::Info) => Level::Info,
            Some(Severity::Warning) => Level::Warning,
            Some(Severity::Error) => Level::Error,
        };
        match Choice::parse(&line.rule.value) {
            Ok(rules) => settings.set_level(&rules, level),
            Err(problem) => problems.push(problem.at(&line.source, line.rule.span, "")),
        }
    }
    for line in &project.config.ignore {
        for name in &line.rules {
            match Choice::parse(&name.value) {
                Ok(rules) => {
                    let pattern = settings.ignore_path(&line.glob.value, &rules);
                    problems.extend(pattern.err().map(|problem| problem.at(&line.source, line.glob.span, "")));
                }
                Err(problem) => problems.push(problem.at(&line.source, name.span, "")),
            }
        }
    }
    if problems.is_empty() { Ok(settings) } else { Err(Problems(problems)) }
}
