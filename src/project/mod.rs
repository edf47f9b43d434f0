//! Finding and loading a user's files: `hookctl.yaml`, the script files, the fixtures, the env file.

mod config;
mod env;
mod repository;
mod scripts;

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Problems};
use crate::event::Fixture;
use crate::file;
use crate::script::Script;
use crate::span::{Source, Spanned};
use crate::text::list;
use crate::text::suggest::nearest;

pub use config::{Config, IgnoredPaths, RuleLevel};
pub use env::Environment;
pub use repository::Repository;
pub use scripts::ScriptFile;

/// The file that makes a folder a project.
pub const CONFIG_FILE: &str = "hookctl.yaml";

/// A user's project: its folder and its settings.
#[derive(Debug)]
pub struct Project {
    /// The folder that paths in hookctl.yaml are relative to: its own, or the working directory where there is none.
    /// Absolute.
    pub root: PathBuf,
    /// The settings.
    pub config: Config,
    /// The working directory, absolute.
    working: PathBuf,
}

impl Project {
    /// Opens the project around the working directory: `file`, or hookctl.yaml here or in a folder above, or the
    /// defaults. `overrides` are `key.path=value`, as `-c` takes them.
    ///
    /// # Errors
    /// Every problem of the settings at its place.
    pub fn open(file: Option<&Path>, overrides: &[String]) -> Result<Project, Problems> {
        let working = std::env::current_dir()
            .map_err(|error| Diagnostic::error(format!("the working directory can't be used: {error}")))?;
        Project::open_in(working, file, overrides)
    }

    fn open_in(working: PathBuf, file: Option<&Path>, overrides: &[String]) -> Result<Project, Problems> {
        let file = match file {
            Some(file) => Some(scripts::normal(&working.join(file))),
            None => working.ancestors().map(|folder| folder.join(CONFIG_FILE)).find(|file| file.is_file()),
        };
        let source = match &file {
            None => None,
            Some(file) => Some(Arc::new(read_text(file, &display_path(file, &working))?)),
        };
        let root = file.as_deref().and_then(Path::parent).unwrap_or(&working).to_owned();
        Ok(Project { root, config: Config::read(source, overrides)?, working })
    }

    /// A path as messages call it: relative to the working directory where it lies below it or near it, with `/`.
    pub fn display_path(&self, path: &Path) -> String {
        display_path(path, &self.working)
    }

    /// A path of an earlier report, relative to the project's folder: `folder` is where that report's paths begin, from
    /// the project's folder.
    pub fn reported(&self, folder: &str, path: &str) -> String {
        display_path(&scripts::normal(&self.root.join(folder).join(path)), &self.root)
    }

    /// Where the paths of a report begin: the working directory, from the project's folder. None where it is that.
    pub fn folder(&self) -> Option<String> {
        (self.working != self.root).then(|| display_path(&self.working, &self.root))
    }

    /// The repository that the working directory is in, if it is in one.
    pub fn repository(&self) -> Option<Repository> {
        Repository::around(&self.working)
    }

    /// The folder of scripts, absolute.
    pub fn scripts_folder(&self) -> PathBuf {
        self.root.join(&self.config.scripts)
    }

    /// The folder of fixtures, absolute.
    pub fn fixtures_folder(&self) -> PathBuf {
        self.root.join(&self.config.fixtures)
    }

    /// The script files that SCRIPT arguments name: ids, files or folders, below the working directory; all of scripts/
    /// where there is none. Each once, in the order of their paths.
    ///
    /// # Errors
    /// Every argument that names nothing, or a folder without scripts.
    pub fn find_scripts(&self, arguments: &[String]) -> Result<Vec<ScriptFile>, Problems> {
        scripts::find(self, arguments)
    }

    /// Reads the scripts of `arguments` (see [`Project::find_scripts`]), in parallel.
    ///
    /// # Errors
    /// Every problem of every file.
    pub fn read_scripts(&self, arguments: &[String]) -> Result<Vec<Script>, Problems> {
        scripts::read(&self.find_scripts(arguments)?)
    }

    /// Reads the fixture of `--event`: a path from the working directory, or `-` for standard input.
    ///
    /// # Errors
    /// As [`Fixture::read`].
    pub fn read_fixture(&self, argument: &str) -> Result<Fixture, Problems> {
        let file = Path::new(argument);
        if argument == "-" {
            return Fixture::read(file, argument);
        }
        let file = self.working.join(file);
        if argument.is_empty() || !file.exists() {
            return Err(self.no_fixture(argument).into());
        }
        Fixture::read(&file, &self.display_path(&file))
    }

    fn no_fixture(&self, argument: &str) -> Diagnostic {
        let error = Diagnostic::error(format!("there is no fixture `{argument}`"));
        let folder = self.fixtures_folder();
        let meant = [folder.join(argument), folder.join(format!("{argument}.json")), self.root.join(argument)];
        let meant = meant.iter().find(|file| file.is_file()).map(|file| self.display_path(file));
        let all = self.fixtures();
        match meant.or_else(|| nearest(argument, all.iter().map(String::as_str)).map(str::to_owned)) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error.help("write the path of a JSON file, or `-` for standard input").help(fixtures_listed(&all)),
        }
    }

    /// The fixtures below fixtures/, as `--event` takes them.
    pub fn fixtures(&self) -> Vec<String> {
        let is_json = |path: &PathBuf| path.extension().is_some_and(|kind| kind == "json");
        let entries = std::fs::read_dir(self.fixtures_folder()).into_iter().flatten();
        let files = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_json);
        let mut names: Vec<String> = files.map(|file| self.display_path(&file)).collect();
        names.sort();
        names
    }

    /// The fixture that a script is fired with where none is named: `fixtures/<event>.json` of its first trigger (the
    /// first of its events that has one), else `fixtures/<use_case>.json`.
    ///
    /// # Errors
    /// Neither exists, or it can't be read.
    pub fn default_fixture(&self, script: &Script) -> Result<Fixture, Problems> {
        let candidates: Vec<PathBuf> = default_fixtures(script).map(|name| self.fixtures_folder().join(name)).collect();
        match candidates.iter().enumerate().find(|(_, file)| file.is_file()) {
            Some((position, file)) => {
                let mut fixture = Fixture::read(file, &self.display_path(file))?;
                let events = || first_events(script).iter();
                let event = events().nth(position).or_else(|| events().next());
                fixture.event = fixture.event.or_else(|| event.map(|event| event.value.clone()));
                Ok(fixture)
            }
            None => {
                let names: Vec<String> =
                    candidates.iter().map(|file| format!("`{}`", self.display_path(file))).collect();
                let message =
                    format!("there is no fixture for the script `{}`: neither {}", script.id, names.join(" nor "));
                let message = if names.len() == 1 { message.replace(": neither", ": no") } else { message };
                Err(Diagnostic::error(message).help("create one of them, or pass a file with `--event`").into())
            }
        }
    }

    /// The environment that `env.NAME` reads: the process's, then `env_file`'s.
    ///
    /// # Errors
    /// An env file that is there but can't be read. Its text never appears in a message.
    pub fn environment(&self) -> Result<Environment, Problems> {
        Environment::read(self)
    }
}

/// The names of the fixtures that fit a script, below fixtures/, the best first.
pub fn default_fixtures(script: &Script) -> impl Iterator<Item = String> + '_ {
    let events = first_events(script).iter().map(|event| format!("{}.json", event.value));
    events.chain(script.use_case.as_ref().map(|use_case| format!("{}.json", use_case.value)))
}

/// The events of the first trigger of which any is known.
fn first_events(script: &Script) -> &[Spanned<String>] {
    script
        .triggers
        .iter()
        .map(|trigger| trigger.events.as_slice())
        .find(|events| !events.is_empty())
        .unwrap_or_default()
}

/// The help that lists the fixtures, or shows what one looks like if there are none.
pub fn fixtures_listed(names: &[String]) -> String {
    match names {
        [] => r#"a fixture looks like `{"event": "contact.created", "contact": {"first_name": "Ann"}}`"#.into(),
        names => format!("the fixtures are {}", list::some_of(names)),
    }
}

/// Reads a text file of the user's.
fn read_text(path: &Path, name: &str) -> Result<Source, Diagnostic> {
    let text = file::read_text(path, name, file::LARGEST_SCRIPT, |error| match error.kind() {
        std::io::ErrorKind::NotFound => Diagnostic::error(format!("there is no file `{name}`")),
        _ => Diagnostic::error(format!("can't read `{name}`: {error}")),
    })?;
    Ok(Source::new(name, text))
}

/// A path relative to `working` where that is no longer than the path itself, with `/`.
fn display_path(path: &Path, working: &Path) -> String {
    let path: PathBuf = path.components().filter(|part| *part != Component::CurDir).collect();
    let mut up = String::new();
    for folder in working.ancestors() {
        // Near the root, the whole path is clearer than dots.
        if folder.parent().is_none() {
            break;
        }
        if let Ok(rest) = path.strip_prefix(folder) {
            let rest = rest.to_string_lossy().replace('\\', "/");
            let path = format!("{up}{rest}");
            return if path.is_empty() { ".".into() } else { path };
        }
        up.push_str("../");
    }
    path.to_string_lossy().replace('\\', "/")
}

#[cfg(test)]
mod tests;
