use std::fs;

use super::*;
use crate::diagnostic::ProblemKind;

/// A project of these files in a folder that goes away with it.
struct Files(tempfile::TempDir);

impl Files {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            let file = folder.path().join(name);
            fs::create_dir_all(file.parent().expect("a parent")).expect("a folder");
            fs::write(file, text).expect("a file");
        }
        Files(folder)
    }

    fn open(&self, below: &str) -> Project {
        Project::open_in(self.root().join(below), None, &[]).expect("a project")
    }

    fn root(&self) -> PathBuf {
        fs::canonicalize(self.0.path()).expect("a folder")
    }
}

fn script(use_case: &str, rest: &str) -> String {
    format!("name: a\nuse_case: {use_case}\nrequest: {{method: GET, url: https://a.example}}\n{rest}")
}

fn messages<T: std::fmt::Debug>(result: Result<T, Problems>) -> Vec<String> {
    result.expect_err("problems").0.into_iter().map(|problem| problem.message).collect()
}

#[test]
fn the_project_is_found_upwards() {
    let files = Files::new(&[("hookctl.yaml", "scripts: hooks\n"), ("hooks/crm/a.yaml", "")]);
    for (below, shown) in [("", "hooks/crm/a.yaml"), ("hooks", "crm/a.yaml"), ("hooks/crm", "a.yaml")] {
        let project = files.open(below);
        assert_eq!(project.root, files.root());
        let scripts = project.find_scripts(&[]).expect("scripts");
        assert_eq!(scripts.iter().map(|s| (s.id.as_str(), s.path.as_str())).collect::<Vec<_>>(), [("crm/a", shown)]);
    }
    fs::create_dir(files.root().join("other")).expect("a folder");
    assert_eq!(files.open("other").find_scripts(&[]).expect("scripts")[0].path, "../hooks/crm/a.yaml");
}

#[test]
fn a_config_file_that_is_named_must_be_there() {
    let files = Files::new(&[("sub/other.yaml", "scripts: x\n")]);
    let open = |file: &str| Project::open_in(files.root(), Some(Path::new(file)), &[]);
    assert_eq!(open("sub/other.yaml").expect("a project").scripts_folder(), files.root().join("sub/x"));
    assert_eq!(messages(open("gone.yaml")), ["there is no file `gone.yaml`"]);
}

#[test]
fn ids_files_and_folders_name_scripts() {
    let files = Files::new(&[
        ("hookctl.yaml", ""),
        ("scripts/b.yaml", ""),
        ("scripts/a.yml", ""),
        ("scripts/crm/c.yaml", ""),
        ("scripts/crm/.hidden.yaml", ""),
        ("scripts/notes.txt", ""),
        ("docker-compose.yaml", ""),
        ("empty/notes.txt", ""),
        // A folder of a script's name is not in its way.
        ("b/notes.txt", ""),
        ("fixtures/a.json", "{}"),
    ]);
    let project = files.open("");
    for (arguments, expected) in [
        (&[][..], &["scripts/a.yml", "scripts/b.yaml", "scripts/crm/c.yaml"][..]),
        (&["."], &["scripts/a.yml", "scripts/b.yaml", "scripts/crm/c.yaml"]),
        (&["a"], &["scripts/a.yml"]),
        (&["crm/c"], &["scripts/crm/c.yaml"]),
        (&["crm"], &["scripts/crm/c.yaml"]),
        (&["scripts/crm"], &["scripts/crm/c.yaml"]),
        (&["scripts/../scripts/b.yaml", "b", "./scripts/b.yaml"], &["scripts/b.yaml"]),
        (&["b", "a"], &["scripts/a.yml", "scripts/b.yaml"]),
    ] {
        let arguments: Vec<String> = arguments.iter().map(|a| (*a).to_owned()).collect();
        let found = project.find_scripts(&arguments).expect("scripts");
        assert_eq!(found.iter().map(|s| s.path.as_str()).collect::<Vec<_>>(), expected, "{arguments:?}");
    }
    let wrong = ["bb", "empty", "../gone", "crm/d", "", "fixtures/a.json"].map(str::to_owned);
    let gone = project.find_scripts(&wrong);
    assert_eq!(
        messages(gone),
        [
            "there is no script `bb`",
            "there are no scripts in `empty`",
            "there is no script `../gone`",
            "there is no script `crm/d`",
            "an empty argument is not a script",
            "`fixtures/a.json` is not a script: script files end in `.yaml` or `.yml`",
        ]
    );
    assert_eq!(
        messages(files.open("").find_scripts(&["scripts/gone.yaml".into()])),
        ["there is no script `scripts/gone.yaml`"]
    );
    let none = Files::new(&[("hookctl.yaml", "")]);
    assert_eq!(messages(none.open("").find_scripts(&[])), ["the scripts folder `scripts` does not exist"]);
}

#[cfg(unix)]
#[test]
fn a_loop_of_links_ends() {
    let files = Files::new(&[("scripts/a.yaml", ""), ("scripts/deep/b.yaml", "")]);
    std::os::unix::fs::symlink(files.root().join("scripts"), files.root().join("scripts/deep/loop")).expect("a link");
    std::os::unix::fs::symlink("gone", files.root().join("scripts/dangling.yaml")).expect("a link");
    let found = files.open("").find_scripts(&[]).expect("scripts");
    assert_eq!(found.iter().map(|s| s.id.as_str()).collect::<Vec<_>>(), ["a", "deep/b"]);
}

#[test]
fn every_problem_of_every_script_is_told() {
    let files = Files::new(&[
        ("scripts/a.yaml", &script("contract", "")),
        ("scripts/b.yaml", &script("contact", "callbak: x\n")),
        ("scripts/c.yaml", &script("contact", "")),
    ]);
    let problems = files.open("").read_scripts(&[]).expect_err("problems").0;
    let found: Vec<_> = problems.iter().map(|p| (p.kind, p.labels[0].source.path.as_str())).collect();
    assert_eq!(found, [(ProblemKind::WrongType, "scripts/a.yaml"), (ProblemKind::UnknownKey, "scripts/b.yaml")]);
    assert_eq!(files.open("").read_scripts(&["c".into()]).expect("a script").len(), 1);
}

#[test]
fn a_script_has_a_default_fixture() {
    let files = Files::new(&[
        ("scripts/a.yaml", &script("contact", "triggers: [{event: contact.updated}]\n")),
        ("scripts/b.yaml", &script("contact", "triggers: [{event: contact.created}]\n")),
        ("scripts/c.yaml", &script("ticket", "")),
        ("scripts/d.yaml", &script("contact", "triggers: [{event: [contact.created, contact.updated]}]\n")),
        ("fixtures/contact.updated.json", r#"{"event": "contact.updated", "contact": {}}"#),
        ("fixtures/contact.json", r#"{"contact": {}}"#),
    ]);
    let project = files.open("");
    let scripts = project.read_scripts(&[]).expect("scripts");
    let fixture = |index: usize| project.default_fixture(&scripts[index]);
    let first = fixture(0).expect("a fixture");
    assert_eq!(
        (first.source.path.as_str(), first.event.as_deref()),
        ("fixtures/contact.updated.json", Some("contact.updated"))
    );
    let second = fixture(1).expect("a fixture");
    assert_eq!(
        (second.source.path.as_str(), second.event.as_deref()),
        ("fixtures/contact.json", Some("contact.created"))
    );
    let third = fixture(3).expect("that of the rule's second event");
    assert_eq!(third.source.path, "fixtures/contact.updated.json");
    fs::write(files.root().join("fixtures/contact.updated.json"), r#"{"contact": {}}"#).expect("written");
    assert_eq!(fixture(3).expect("a fixture").event.as_deref(), Some("contact.updated"));
    assert_eq!(messages(fixture(2)), ["there is no fixture for the script `c`: no `fixtures/ticket.json`"]);
    assert_eq!(messages(project.read_fixture("gone.json")), ["there is no fixture `gone.json`"]);
    assert_eq!(messages(project.read_fixture("scripts")), ["`scripts` is a folder, not a fixture"]);
}

#[test]
fn the_env_file_is_read_and_its_text_never_told() {
    let files = Files::new(&[("hookctl.yaml", "env_file: .env\n"), (".env", "CRM_TOKEN_OF_A_TEST=abc\n")]);
    let environment = files.open("").environment().expect("an environment");
    assert_eq!(environment.get("CRM_TOKEN_OF_A_TEST").as_deref(), Some("abc"));
    assert_eq!(environment.get("NOT_SET_IN_A_TEST"), None);
    fs::write(files.root().join(".env"), "sk_live_secret\n").expect("a file");
    let problems = files.open("").environment().expect_err("problems").0;
    assert_eq!(problems[0].message, "`.env`, line 1: there is no `=`");
    assert!(!format!("{problems:?}").contains("sk_live"));
    fs::remove_file(files.root().join(".env")).expect("a file");
    let environment = files.open("").environment().expect("a pipeline has its variables elsewhere");
    assert_eq!(environment.missing_file.as_deref(), Some(".env"));
}
