//! Which script files there are: ids, files and folders to paths, each file once.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::{CONFIG_FILE, Project, read_text};
use crate::diagnostic::{Diagnostic, Problems};
use crate::script::{self, Script, credentials};
use crate::text::list;
use crate::text::suggest::nearest;
use crate::threads;

/// A script file, not read yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptFile {
    /// The path below scripts/ without the extension, with `/`.
    pub id: String,
    /// The path as messages call it: relative to the working directory, with `/`.
    pub path: String,
    /// The file.
    pub file: PathBuf,
}

pub(super) fn find(project: &Project, arguments: &[String]) -> Result<Vec<ScriptFile>, Problems> {
    // Naming files limits what is reported, not which scripts the project rules take into account.
    check_folder(project)?;
    let mut search = Search { project, files: Vec::new(), problems: Vec::new() };
    if arguments.is_empty() {
        search.all();
    }
    for argument in arguments {
        search.argument(argument);
    }
    if !search.problems.is_empty() {
        return Err(Problems(search.problems));
    }
    let scripts = project.scripts_folder();
    let mut files: Vec<ScriptFile> = search
        .files
        .into_iter()
        .map(|file| ScriptFile { id: id(&file, &scripts), path: project.display_path(&file), file })
        .collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.dedup_by(|a, b| a.file == b.file);
    Ok(files)
}

/// Checks that the scripts folder named in hookctl.yaml exists, whichever scripts are asked for.
fn check_folder(project: &Project) -> Result<(), Diagnostic> {
    let folder = project.scripts_folder();
    let Some((source, span)) = project.config.scripts_place.as_ref().filter(|_| !folder.is_dir()) else {
        return Ok(());
    };
    let name = project.display_path(&folder);
    let message = if folder.exists() {
        format!("`scripts` must be a folder, but `{name}` is a file")
    } else {
        format!("the scripts folder `{name}` does not exist")
    };
    let help = match folder_nearby(project) {
        Some(near) => format!("did you mean `scripts: {near}`?"),
        None => "write the path of the folder with the script files, relative to hookctl.yaml".to_owned(),
    };
    Err(Diagnostic::error(message).at(source, *span, "").help(help))
}

/// The folder next to hookctl.yaml that its `scripts` probably means.
fn folder_nearby(project: &Project) -> Option<String> {
    let entries = fs::read_dir(&project.root).ok()?.filter_map(Result::ok);
    let folders: Vec<String> = entries
        .filter(|entry| entry.path().is_dir())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    let written = project.config.scripts.to_string_lossy();
    let usual = || folders.iter().map(String::as_str).find(|name| *name == "scripts");
    nearest(&written, folders.iter().map(String::as_str)).or_else(usual).map(str::to_owned)
}

/// Reads scripts in parallel; all problems of all files, in the order of the files.
pub(super) fn read(files: &[ScriptFile]) -> Result<Vec<Script>, Problems> {
    let read: Vec<Result<Script, Problems>> = match files {
        // Not worth a thread.
        [_] => files.iter().map(read_one).collect(),
        files => {
            threads::start_pool()?;
            files.par_iter().map(read_one).collect()
        }
    };
    let mut scripts = Vec::with_capacity(read.len());
    let mut problems = Vec::new();
    for result in read {
        match result {
            Ok(script) => scripts.push(script),
            Err(Problems(more)) => problems.extend(more),
        }
    }
    if problems.is_empty() { Ok(scripts) } else { Err(Problems(problems)) }
}

fn read_one(file: &ScriptFile) -> Result<Script, Problems> {
    let source = Arc::new(read_text(&file.file, &file.path)?);
    let (script, problems) = script::read(source, &file.id);
    credentials::redact(&script);
    if problems.is_empty() {
        return Ok(script);
    }
    Err(Problems(problems))
}

/// The path below scripts/ without the extension; of a file elsewhere, its name.
fn id(file: &Path, scripts: &Path) -> String {
    let below = file.strip_prefix(scripts).ok().or_else(|| file.file_name().map(Path::new)).unwrap_or(file);
    below.with_extension("").to_string_lossy().replace('\\', "/")
}

struct Search<'p> {
    project: &'p Project,
    files: Vec<PathBuf>,
    problems: Vec<Diagnostic>,
}

impl Search<'_> {
    fn all(&mut self) {
        let folder = self.project.scripts_folder();
        if folder.is_dir() {
            self.folder(&folder);
            return;
        }
        let name = self.project.display_path(&folder);
        self.problem(
            format!("the scripts folder `{name}` does not exist"),
            "create it, pass files or folders, or set `scripts:` in hookctl.yaml",
        );
    }

    fn argument(&mut self, argument: &str) {
        let path = normal(&self.project.working.join(argument));
        if argument.is_empty() {
            self.problem(
                "an empty argument is not a script".into(),
                "pass an id, a file or a folder, or no argument at all",
            );
        } else if path.is_file() && path.extension().is_some_and(|extension| extension == "json") {
            self.problem(
                format!("`{argument}` is not a script: script files end in `.yaml` or `.yml`"),
                "pass event data with `--event`",
            );
        } else if path.is_file() {
            self.files.push(path);
        } else if self.script(argument) {
        } else if let Some(folder) = self.folder_of(argument, &path) {
            self.folder(&folder);
        } else if path.symlink_metadata().is_ok() {
            let message = format!("`{argument}` is neither a file nor a folder");
            self.problem(message, "a script is a regular file, or a symbolic link to one");
        } else {
            self.unknown(argument);
        }
    }

    /// Takes the script of an id, if there is one: it is more exact than a folder of that name.
    fn script(&mut self, id: &str) -> bool {
        let scripts = self.project.scripts_folder();
        let files = ["yaml", "yml"].map(|extension| normal(&scripts.join(format!("{id}.{extension}"))));
        let before = self.files.len();
        self.files.extend(files.into_iter().filter(|file| file.starts_with(&scripts) && file.is_file()));
        self.files.len() > before
    }

    /// A folder by its path, or by that of its scripts' ids.
    fn folder_of(&self, argument: &str, path: &Path) -> Option<PathBuf> {
        let scripts = self.project.scripts_folder();
        if path.is_dir() {
            // The project itself means its scripts, not every YAML file around them.
            return Some(if scripts.starts_with(path) && scripts.is_dir() { scripts } else { path.to_owned() });
        }
        let folder = normal(&scripts.join(argument));
        (folder.starts_with(&scripts) && folder.is_dir()).then_some(folder)
    }

    fn unknown(&mut self, argument: &str) {
        let scripts = self.project.scripts_folder();
        let mut there = Vec::new();
        let _ = walk(&scripts, &mut HashSet::new(), &mut there);
        let mut ids: Vec<String> = there.iter().map(|file| id(file, &scripts)).collect();
        ids.sort();
        let near = self.written_as_a_path(argument).filter(|id| ids.contains(id));
        let near = near.or_else(|| nearest(argument, ids.iter().map(String::as_str)).map(str::to_owned));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                let below = self.project.display_path(&scripts);
                let all =
                    if ids.is_empty() { String::new() } else { format!("; the scripts are {}", list::some_of(&ids)) };
                format!("pass a file, a folder, or an id: a path below `{below}` without the extension{all}")
            }
        };
        self.problem(format!("there is no script `{argument}`"), help);
    }

    /// The id for a path that was written with the extension or the folder.
    fn written_as_a_path(&self, argument: &str) -> Option<String> {
        let scripts = self.project.scripts_folder();
        let path = Path::new(argument);
        let path = if is_script(path) { path.with_extension("") } else { path.to_owned() };
        let below = normal(&self.project.working.join(&path));
        let id = below.strip_prefix(&scripts).unwrap_or(&path);
        Some(id.to_str()?.replace('\\', "/"))
    }

    fn folder(&mut self, folder: &Path) {
        let before = self.files.len();
        let name = self.project.display_path(folder);
        if let Err((folder, error)) = walk(folder, &mut HashSet::new(), &mut self.files) {
            let name = self.project.display_path(&folder);
            self.problem(format!("can't read the folder `{name}`: {error}"), "check its permissions");
        } else if self.files.len() == before {
            self.problem(format!("there are no scripts in `{name}`"), "script files end in `.yaml` or `.yml`");
        }
    }

    fn problem(&mut self, message: String, help: impl Into<String>) {
        self.problems.push(Diagnostic::error(message).help(help));
    }
}

/// All script files below a folder. Hidden ones are left out; a folder that links back to one above it is entered once.
fn walk(folder: &Path, seen: &mut HashSet<PathBuf>, files: &mut Vec<PathBuf>) -> Result<(), (PathBuf, std::io::Error)> {
    let failed = |error| (folder.to_owned(), error);
    if !seen.insert(fs::canonicalize(folder).map_err(failed)?) {
        return Ok(());
    }
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        if name.to_string_lossy().starts_with('.') || name == CONFIG_FILE {
            continue;
        }
        let path = entry.path();
        let kind = entry.file_type().map_err(failed)?;
        if kind.is_dir() || (kind.is_symlink() && path.is_dir()) {
            walk(&path, seen, files)?;
        } else if is_script(&path) && (kind.is_file() || path.is_file()) {
            files.push(path);
        }
    }
    Ok(())
}

fn is_script(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

/// The path without `.` and `..`.
pub(super) fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                normal.pop();
            }
            part => normal.push(part),
        }
    }
    normal
}
