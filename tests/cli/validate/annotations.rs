//! What code hosts show beside a repository's files: annotations whose paths are those of the repository, also where the
//! project is a folder in it and the jobs of this repository run there.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::harness::{self, Project, hookctl};

/// Its `within` is over the fixed limit.
const SCRIPT: &str = "\
name: Slow
use_case: contact
request: {method: GET, url: 'https://api.example.com/'}
triggers: [{event: contact.created}]
expect: {within: 30s}
";

/// A repository with a project in the folder `hooks`.
fn repository(config: &str) -> Project {
    let folder = Project::new(&[("hooks/hookctl.yaml", config), ("hooks/scripts/slow.yaml", SCRIPT)]);
    std::fs::create_dir(folder.file(".git")).unwrap();
    folder
}

fn validate(folder: &Path, args: &[&str]) -> Output {
    hookctl(folder, &[&["validate"], args].concat()).output().unwrap()
}

fn stdout(output: Output) -> String {
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_format_for_a_service_has_the_paths_of_the_repository() {
    let repository = repository("scripts: scripts\n");
    for folder in ["", "hooks", "hooks/scripts"] {
        let folder = repository.path().join(folder);
        let shown = |format: &str| stdout(validate(&folder, &["--config", &config(&repository), "--format", format]));
        let github = shown("github");
        assert!(github.contains("::error file=hooks/scripts/slow.yaml,line=5"), "{github}");
        let gitlab: Value = serde_json::from_str(&shown("gitlab")).unwrap();
        assert!(gitlab.as_array().unwrap().iter().all(|i| i["location"]["path"] == "hooks/scripts/slow.yaml"));
        let sarif: Value = serde_json::from_str(&shown("sarif")).unwrap();
        let place = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "hooks/scripts/slow.yaml");
        let junit = shown("junit");
        assert!(junit.contains("<testsuite name=\"hooks/scripts/slow.yaml\""), "{junit}");
        assert!(junit.contains("hooks/scripts/slow.yaml:5:"), "{junit}");
        let fingerprints: Vec<_> = gitlab.as_array().unwrap().iter().map(|issue| &issue["fingerprint"]).collect();
        let from_top = stdout(validate(repository.path(), &["--config", &config(&repository), "--format", "gitlab"]));
        let from_top: Value = serde_json::from_str(&from_top).unwrap();
        let same: Vec<_> = from_top.as_array().unwrap().iter().map(|issue| &issue["fingerprint"]).collect();
        assert_eq!(fingerprints, same, "a finding is the same one wherever it is looked for");
    }
    // People click on paths where they are.
    let text = stdout(validate(&repository.path().join("hooks"), &[]));
    assert!(text.contains("--> scripts/slow.yaml:5:"), "{text}");
}

fn config(repository: &Project) -> String {
    repository.path().join("hooks/hookctl.yaml").display().to_string()
}

#[test]
fn without_a_repository_paths_are_those_that_people_see() {
    let folder = Project::new(&[("scripts/slow.yaml", SCRIPT)]);
    let github = stdout(validate(folder.path(), &["--format", "github"]));
    assert!(github.contains("::error file=scripts/slow.yaml,line=5"), "{github}");
}

/// Runs a job's shell lines as its service does, with hookctl on the PATH.
#[cfg(unix)]
fn shell(lines: &str, folder: &Path, environment: &[(&str, &str)]) -> Output {
    let binary = PathBuf::from(env!("CARGO_BIN_EXE_hookctl"));
    let path = format!("{}:{}", binary.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("bash");
    command.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", lines]).current_dir(folder).env("PATH", path);
    command.envs(environment.iter().copied()).output().unwrap()
}

/// A file of this repository.
#[cfg(unix)]
fn own(file: &str) -> serde_yaml::Value {
    let text = std::fs::read_to_string(harness::repository().join(file)).unwrap();
    serde_yaml::from_str(&text).unwrap()
}

#[cfg(unix)]
#[test]
fn the_action_annotates_a_project_in_a_folder() {
    let action = own("action.yml");
    let steps = action["runs"]["steps"].as_sequence().unwrap();
    let step = steps.iter().find(|step| step["name"] == "Validate").unwrap();
    assert_eq!(step["working-directory"], "${{ inputs.working-directory }}");
    let lines = step["run"].as_str().unwrap();
    for (settings, code, sarif) in [("", 1, true), ("scripts: no-such\n", 2, false)] {
        let repository = repository(settings);
        let folder = repository.path().join("hooks");
        for (input, with_sarif) in [("", false), ("out.sarif", true)] {
            let inputs = [("SCRIPTS", ""), ("ARGS", "--fail-on warning"), ("BASE", ""), ("SARIF", input)];
            let output = shell(lines, &folder, &inputs);
            assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
            assert_eq!(folder.join("out.sarif").exists(), sarif && with_sarif);
            if code == 1 {
                let told = stdout(output);
                assert!(told.contains("::error file=hooks/scripts/slow.yaml,line=5"), "{told}");
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn the_gitlab_job_reports_a_project_in_a_folder() {
    let job = &own("ci/gitlab.yml")["hookctl"];
    let lines: Vec<_> = job["script"].as_sequence().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
    for (settings, code) in [("", 1), ("scripts: no-such\n", 2)] {
        let repository = repository(settings);
        let top = repository.path().display().to_string();
        let variables = [("HOOKCTL_DIRECTORY", "hooks"), ("HOOKCTL_ARGS", ""), ("CI_PROJECT_DIR", top.as_str())];
        let output = shell(&lines.join("\n"), repository.path(), &variables);
        assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
        if code == 1 {
            let report = std::fs::read_to_string(repository.path().join("gl-code-quality-report.json")).unwrap();
            assert!(report.contains("\"hooks/scripts/slow.yaml\""), "{report}");
            assert!(repository.path().join("junit.xml").exists());
        }
    }
}

#[test]
fn a_wrong_folder_of_scripts_ends_with_2_whatever_is_asked_for() {
    let repository = repository("scripts: script\n");
    let folder = repository.path().join("hooks");
    for args in
        [&["validate"][..], &["validate", "scripts/slow.yaml"], &["validate", "scripts"], &["simulate", "scripts"]]
    {
        let output = hookctl(&folder, args).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{args:?}: {told}");
        for words in ["the scripts folder `script`", "hookctl.yaml:1:10", "did you mean `scripts: scripts`?"] {
            assert!(told.contains(words), "{args:?}: {told}");
        }
    }
    std::fs::write(folder.join("hookctl.yaml"), "scripts: hookctl.yaml\n").unwrap();
    let told = validate(&folder, &["scripts"]);
    assert!(String::from_utf8_lossy(&told.stderr).contains("`hookctl.yaml` is a file"));
    let wrong = validate(&folder, &["scripts", "-c", "scripts=none"]);
    assert_eq!(wrong.status.code(), Some(2));
    // A default that is not there is not wrong where files are named.
    std::fs::write(folder.join("hookctl.yaml"), "").unwrap();
    std::fs::rename(folder.join("scripts"), folder.join("others")).unwrap();
    assert_eq!(validate(&folder, &["others/slow.yaml"]).status.code(), Some(1));
}
