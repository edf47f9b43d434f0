//! Every `tests/lint/ok/*.yaml` gives nothing; every `tests/lint/err/NAME.yaml` gives what `NAME.out` beside it has. A new case is
//! a pair of files: write the script, run `HOOKCTL_BLESS=1 cargo test --test cli cases`, and read the `.out` that it wrote.

use std::path::{Path, PathBuf};

use crate::harness::{repository, run};

fn cases(folder: &str) -> Vec<PathBuf> {
    let folder = root().join(folder);
    let entries = std::fs::read_dir(&folder).expect("the folder of cases");
    let mut files: Vec<PathBuf> = entries.map(|e| e.expect("an entry").path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "yaml"));
    files.sort();
    assert!(!files.is_empty(), "{}", folder.display());
    files
}

fn root() -> PathBuf {
    repository().join("tests/lint")
}

/// What `validate` prints about a file, and its exit code.
fn validate(file: &Path) -> (String, i32) {
    let from_root = file.strip_prefix(root()).expect("below the root");
    let run = run(&root(), &["validate", from_root.to_str().expect("UTF-8")]);
    assert!(run.stderr.is_empty(), "{}: {}", file.display(), run.stderr);
    (run.stdout, run.code)
}

#[test]
fn correct_scripts_give_nothing() {
    for file in cases("ok") {
        assert_eq!(validate(&file), ("1 file: nothing found\n".to_owned(), 0), "{}", file.display());
    }
}

#[test]
fn mistakes_give_what_is_written_beside_them() {
    let bless = std::env::var_os("HOOKCTL_BLESS").is_some();
    let mut wrong = Vec::new();
    for file in cases("err") {
        let (printed, code) = validate(&file);
        let expected = file.with_extension("out");
        if bless {
            std::fs::write(&expected, &printed).expect("written");
        }
        let text = std::fs::read_to_string(&expected).unwrap_or_default();
        if text != printed {
            wrong.push(format!("{}:\n--- expected\n{text}\n--- printed\n{printed}", file.display()));
        }
        let errors = printed.lines().any(|line| line.starts_with("error["));
        assert_eq!(code, i32::from(errors), "{}", file.display());
        assert!(!printed.ends_with("nothing found\n"), "{}", file.display());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
