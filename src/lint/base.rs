//! The scripts at the git commit of `--base`, read with git's plumbing. Nothing is checked out.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::event::UseCase;
use crate::script;
use crate::span::Source;

/// The scripts that differ between a commit and the files of today.
#[derive(Debug)]
pub struct Base {
    /// As the user named the commit.
    pub reference: String,
    /// The repository's folder.
    root: PathBuf,
    /// The scripts that differ today.
    olds: Vec<Old>,
    /// Positions by today's path from the root: the same path, or git's rename detection.
    by_path: HashMap<String, usize>,
    /// Positions by the `name` that the script had.
    by_name: HashMap<String, usize>,
}

/// A script at that commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Old {
    /// Its path in the repository.
    pub path: String,
    /// Its name.
    pub name: Option<String>,
    /// Its use case.
    pub use_case: UseCase,
}

impl Base {
    /// Compares the files of the repository around `folder` with the commit that `reference` names. Errors: no git, no
    /// repository, no such commit.
    pub fn read(reference: &str, folder: &Path) -> Result<Self, Diagnostic> {
        let top = git(folder, &["rev-parse", "--show-toplevel"], "").map_err(|failure| match failure {
            Failure::NoGit(error) => Diagnostic::error(format!("--base needs git, but git can't be started: {error}")),
            Failure::Said(_) => {
                Diagnostic::error(format!("--base {reference}: `{}` is not in a git repository", folder.display()))
                    .help("run it inside the scripts' repository, or omit --base")
            }
        })?;
        let root = PathBuf::from(top.trim_end_matches(['\n', '\r']));
        let commit = format!("{reference}^{{commit}}");
        let commit =
            git(&root, &["rev-parse", "--verify", "--quiet", "--end-of-options", &commit], "").map_err(|_| {
                Diagnostic::error(format!("--base {reference}: there is no such commit, branch or tag"))
                    .help("in CI, fetch it first (`git fetch origin main`): a shallow clone has only its own commit")
            })?;
        let failed = |failure: Failure| Diagnostic::error(format!("--base {reference}: {}", failure.text()));
        let changes =
            git(&root, &["diff-index", "--find-renames", "-z", commit.trim_end(), "--"], "").map_err(failed)?;
        let changes = parse_changes(&changes);
        let wanted: String = changes.iter().map(|c| format!("{}\n", c.blob)).collect();
        let texts = if changes.is_empty() {
            Vec::new()
        } else {
            parse_blobs(&git_bytes(&root, &["cat-file", "--batch"], &wanted).map_err(failed)?)
        };
        let mut base = Base {
            reference: reference.to_owned(),
            root,
            olds: Vec::new(),
            by_path: HashMap::new(),
            by_name: HashMap::new(),
        };
        for (change, text) in changes.into_iter().zip(texts) {
            let Some(old) = text.and_then(|text| identity(change.old, text)) else { continue };
            let position = base.olds.len();
            base.by_path.extend(change.new.map(|path| (path, position)));
            base.by_name.extend(old.name.clone().map(|name| (name, position)));
            base.olds.push(old);
        }
        Ok(base)
    }

    /// The earlier version of the script that is now in `file` under `name`, if it differs, and whether its path was
    /// different. A name identifies a script, so it takes precedence over the path, which another script may have now.
    pub fn old(&self, file: &Path, name: Option<&str>) -> Option<(&Old, bool)> {
        let file = file.canonicalize().ok()?;
        let root = self.root.canonicalize().ok()?;
        let path = file.strip_prefix(root).ok()?.to_str()?.replace('\\', "/");
        let here = self.by_path.get(&path).map(|&position| &self.olds[position]);
        let same = here.filter(|old| old.name.as_deref() == name);
        let named = || name.and_then(|name| self.by_name.get(name)).map(|&position| &self.olds[position]);
        same.or_else(named).or(here).map(|old| (old, old.path != path))
    }
}

/// A file that the commit has and that is different today.
#[derive(Debug, PartialEq, Eq)]
struct Change {
    blob: String,
    old: String,
    /// None: deleted.
    new: Option<String>,
}

/// Reads `diff-index -z`: `:mode mode blob blob STATUS NUL path NUL [path NUL]`.
fn parse_changes(output: &str) -> Vec<Change> {
    let mut fields = output.split('\0');
    let mut changes = Vec::new();
    while let (Some(head), Some(old)) = (fields.next(), fields.next()) {
        let mut words = head.trim_start_matches(':').split(' ');
        let (Some(blob), Some(status)) = (words.nth(2), words.nth(1)) else { break };
        let new = match status.as_bytes().first() {
            Some(b'R' | b'C') => fields.next(),
            Some(b'M' | b'T') => Some(old),
            Some(b'D') => None,
            _ => continue,
        };
        if [Some(old), new].into_iter().flatten().any(is_script) {
            changes.push(Change { blob: blob.to_owned(), old: old.to_owned(), new: new.map(str::to_owned) });
        }
    }
    changes
}

fn is_script(path: &str) -> bool {
    path.ends_with(".yaml") || path.ends_with(".yml")
}

/// Reads `cat-file --batch`: `blob SP type SP size LF content LF`, or `blob SP missing LF`.
fn parse_blobs(mut output: &[u8]) -> Vec<Option<String>> {
    let mut blobs = Vec::new();
    while let Some(end) = output.iter().position(|&b| b == b'\n') {
        let head = String::from_utf8_lossy(&output[..end]);
        output = &output[end + 1..];
        let size = head.split(' ').nth(2).and_then(|size| size.parse::<usize>().ok());
        let Some(size) = size.filter(|&size| size < output.len()) else {
            blobs.push(None);
            continue;
        };
        blobs.push(String::from_utf8(output[..size].to_vec()).ok());
        output = &output[size + 1..];
    }
    blobs
}

/// The script in that file, if it had a use case.
fn identity(path: String, text: String) -> Option<Old> {
    let (script, _) = script::read(Arc::new(Source::new(path.as_str(), text)), &path);
    let use_case = script.use_case?.value;
    Some(Old { path, name: script.name.map(|name| name.value), use_case })
}

enum Failure {
    NoGit(std::io::Error),
    Said(String),
}

impl Failure {
    fn text(&self) -> String {
        match self {
            Failure::NoGit(error) => error.to_string(),
            Failure::Said(text) => text.trim().to_owned(),
        }
    }
}

fn git(folder: &Path, args: &[&str], input: &str) -> Result<String, Failure> {
    git_bytes(folder, args, input).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

fn git_bytes(folder: &Path, args: &[&str], input: &str) -> Result<Vec<u8>, Failure> {
    let mut child = Command::new("git")
        .args(args)
        .current_dir(folder)
        .env("GIT_OPTIONAL_LOCKS", "0")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(Failure::NoGit)?;
    let stdin = child.stdin.take();
    let output = std::thread::scope(|scope| {
        // Beside reading, so that neither side waits for the other with a full pipe. A git that stops reading says why.
        let write = move || stdin.map(|mut stdin| stdin.write_all(input.as_bytes()));
        std::thread::Builder::new().spawn_scoped(scope, write)?;
        child.wait_with_output()
    });
    let output = output.map_err(Failure::NoGit)?;
    if !output.status.success() {
        return Err(Failure::Said(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    Ok(output.stdout)
}
