//! The repository around a project: services that annotate its files know them by their paths in it.

use std::path::{Path, PathBuf};

use super::scripts::normal;

/// The repository that the working directory is in.
#[derive(Debug)]
pub struct Repository {
    root: PathBuf,
    working: PathBuf,
}

impl Repository {
    /// The repository around a folder, if there is one: git marks its top with `.git`, a folder or, in a work tree or a
    /// submodule, a file. Git itself need not be installed.
    pub(super) fn around(working: &Path) -> Option<Self> {
        let root = working.ancestors().find(|folder| folder.join(".git").exists())?;
        Some(Self { root: root.to_owned(), working: working.to_owned() })
    }

    /// A path from the working directory as the repository knows it, with `/`; one outside of it is left as it is.
    pub fn path(&self, path: &str) -> String {
        let absolute = normal(&self.working.join(path));
        match absolute.strip_prefix(&self.root) {
            Ok(inside) => inside.to_string_lossy().replace('\\', "/"),
            Err(_) => path.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_innermost_repository() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str| folder.path().join(path);
        std::fs::create_dir_all(at("hooks/crm")).unwrap();
        std::fs::create_dir_all(at("vendor/module/scripts")).unwrap();
        std::fs::create_dir(at(".git")).unwrap();
        std::fs::write(at("vendor/module/.git"), "gitdir: ../../.git/modules/module\n").unwrap();
        for (working, path, known) in [
            ("", "scripts/a.yaml", "scripts/a.yaml"),
            ("hooks", "scripts/a.yaml", "hooks/scripts/a.yaml"),
            ("hooks/crm", "../a.yaml", "hooks/a.yaml"),
            ("vendor/module/scripts", "a.yaml", "scripts/a.yaml"),
            ("vendor/module", "../../a.yaml", "../../a.yaml"),
            ("hooks", "/elsewhere/a.yaml", "/elsewhere/a.yaml"),
        ] {
            let repository = Repository::around(&at(working)).unwrap();
            assert_eq!(repository.path(path), known, "{path} in {working}");
        }
    }
}
