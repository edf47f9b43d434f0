//! A user's project in a temporary folder, and hookctl run in it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// Variables of the surrounding environment that would change what hookctl prints or where it sends.
const CLEARED: [&str; 10] = [
    "NO_COLOR",
    "CLICOLOR_FORCE",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "API_KEY",
    "CRM_TOKEN",
];

/// A project in a folder of its own, which goes away with it.
pub(crate) struct Project(TempDir);

/// What a run printed, and how it ended.
pub(crate) struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Project {
    /// A folder with these files; their folders are made.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let project = Project(tempfile::tempdir().expect("a folder"));
        for (path, text) in files {
            project.write(path, text);
        }
        project
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn file(&self, path: &str) -> PathBuf {
        self.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let file = self.file(path);
        std::fs::create_dir_all(file.parent().expect("a parent")).expect("a folder");
        std::fs::write(file, text).expect("written");
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.file(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
    }

    pub(crate) fn run(&self, args: &[&str]) -> Run {
        run(self.path(), args)
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let utf8 = |bytes| String::from_utf8(bytes).expect("UTF-8");
        let code = output.status.code().expect("an exit code");
        Run { code, stdout: utf8(output.stdout), stderr: utf8(output.stderr) }
    }
}

impl Run {
    /// What was printed, read as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}: {}{}", self.stdout, self.stderr))
    }
}

/// hookctl with these arguments, in that folder, with nothing on standard input and none of the variables that change it.
pub(crate) fn hookctl(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hookctl"));
    command.current_dir(folder).args(args).stdin(Stdio::null());
    for name in CLEARED {
        command.env_remove(name);
    }
    command
}

/// Runs hookctl to its end.
pub(crate) fn run(folder: &Path, args: &[&str]) -> Run {
    hookctl(folder, args).output().expect("a run").into()
}

/// The folder of this repository, which is a sample project itself.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Sends a signal such as `INT` to a process that a test started.
#[cfg(unix)]
pub(crate) fn signal(child: &std::process::Child, name: &str) {
    let kill = format!("kill -{name} {}", child.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().expect("a shell").success());
}
