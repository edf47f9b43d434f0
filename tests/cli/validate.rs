//! `hookctl validate`, `rules` and `explain` as a user runs them.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::harness::{Project, repository, run};

mod annotations;
mod cases;
mod loops;

const GOOD: &str = "name: Good
use_case: contact
request:
  method: POST
  url: https://api.example.com/users
  headers: {Content-Type: application/json}
triggers:
  - event: contact.created
";

impl Project {
    /// A project that lacks neither settings nor a fixture, with these files.
    fn complete(files: &[(&str, &str)]) -> Self {
        Project::new(&[&[("hookctl.yaml", ""), ("fixtures/contact.json", "{}")], files].concat())
    }

    /// The document that `validate` writes.
    fn json(&self, args: &[&str]) -> Value {
        self.run(&[&["validate", "--format", "json"], args].concat()).json()
    }

    /// The rules found, in order.
    fn rules(&self, args: &[&str]) -> Vec<String> {
        let findings = self.json(args)["findings"].as_array().expect("a list").clone();
        findings.iter().map(|f| f["rule"].as_str().expect("a rule").to_owned()).collect()
    }
}

fn patient(within: &str) -> String {
    format!("{GOOD}expect: {{within: {within}}}\n")
}

#[test]
fn exit_codes_are_the_contracts() {
    let project = Project::complete(&[
        ("scripts/good.yaml", GOOD),
        ("scripts/warned.yaml", &patient("8s").replace("Good", "Warned")),
        ("scripts/wrong.yaml", &patient("30s").replace("Good", "Wrong")),
        ("empty/.keep", ""),
        ("bad.yaml", "rules: {HK999: off}\n"),
    ]);
    for (args, code, said) in [
        (&["scripts/good.yaml"][..], 0, "1 file: nothing found"),
        (&["good"], 0, "1 file: nothing found"),
        (&["scripts/warned.yaml"], 0, "1 file: 1 warning"),
        (&["scripts/warned.yaml", "--fail-on", "warning"], 1, "1 file: 1 warning"),
        (&["scripts/wrong.yaml"], 1, "1 file: 1 error"),
        (&["scripts/wrong.yaml", "--fail-on", "info"], 1, "1 file: 1 error"),
        (&[], 1, "3 files: 1 error, 1 warning"),
        (&["--ignore", "HK401,expect-over-safe"], 0, "3 files: nothing found"),
        (&["--select", "HK402"], 0, "3 files: 1 warning"),
        (&["--select", "HK4", "--ignore", "HK401"], 0, "3 files: 1 warning"),
        (&["scripts/none.yaml"], 2, "none.yaml"),
        (&["empty"], 2, "empty"),
        (&["--select", "HK40x"], 2, "there is no rule `HK40x`"),
        (&["--ignore", "expect-over-limt"], 2, "did you mean `expect-over-limit`?"),
        (&["--fail-on", "never"], 2, "never"),
        (&["--format", "xml"], 2, "xml"),
        (&["--baseline", "none.json"], 2, "can't read the baseline `none.json`"),
        (&["--baseline", "bad.yaml"], 2, "is not a JSON report of `validate`"),
        (&["--config", "bad.yaml"], 2, "there is no rule `HK999`"),
    ] {
        let run = project.run(&[&["validate"], args].concat());
        let printed = format!("{}{}", run.stdout, run.stderr);
        assert_eq!(run.code, code, "{args:?}: {printed}");
        assert!(printed.contains(said), "{args:?}: {printed}");
        assert_eq!(run.stderr.is_empty(), code != 2, "{args:?}: {printed}");
    }
}

#[test]
fn unreadable_files_are_named_and_the_others_are_checked() {
    let project = Project::complete(&[("scripts/wrong.yaml", &patient("30s"))]);
    std::fs::write(project.file("scripts/binary.yaml"), [0x89, b'P', b'N', b'G', 0, 0xff]).expect("written");
    std::fs::write(project.file("scripts/latin.yaml"), b"name: Caf\xe9\n").expect("written");
    std::fs::write(project.file("scripts/huge.yaml"), vec![b'#'; 9 << 20]).expect("written");
    let run = project.run(&["validate"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("can't read `scripts/huge.yaml`: it is larger than 8 MiB"), "{}", run.stderr);
    let render = project.run(&["render", "scripts/huge.yaml", "--event", "fixtures/contact.json"]);
    assert_eq!(render.code, 2);
    assert!(render.stderr.contains("can't read `scripts/huge.yaml`: it is larger than 8 MiB"), "{}", render.stderr);
    for said in ["binary file", "the byte 0xe9 is not UTF-8\n --> scripts/latin.yaml:1:10", "HK401"] {
        assert!(run.stdout.contains(said), "{said}: {}", run.stdout);
    }
}

#[test]
fn json_is_the_contracts_to_the_letter() {
    let text = format!("\u{feff}{}", patient("30s").replace("Good", "Grün").replace("method", "metod"));
    let project = Project::complete(&[("scripts/a.yaml", &text.replace('\n', "\r\n"))]);
    let expected: Value = serde_json::from_str(
        r#"{"version": 1,
            "findings": [
              {"rule": "HK002", "name": "unknown-key", "severity": "error", "message": "unknown key `metod` in `request`",
               "help": "did you mean `method`?", "path": "scripts/a.yaml",
               "start": {"line": 4, "column": 3}, "end": {"line": 4, "column": 8},
               "fix": {"edits": [{"start": {"line": 4, "column": 3}, "end": {"line": 4, "column": 8}, "text": "method"}]}},
              {"rule": "HK401", "name": "expect-over-limit", "severity": "error",
               "message": "`within` is over the platform's fixed response limit of 10 s",
               "help": "answer sooner: check the token, return 200, and move slow work to a queue; then expect at most 10 s",
               "path": "scripts/a.yaml", "start": {"line": 9, "column": 18}, "end": {"line": 9, "column": 21}, "fix": null}],
            "summary": {"files": 1, "errors": 2, "warnings": 0, "infos": 0}}"#,
    )
    .expect("JSON");
    assert_eq!(project.json(&[]), expected);
    let run = project.run(&["validate", "--format", "json", "--output", "report.json"]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""));
    assert_eq!(serde_json::from_str::<Value>(&project.read("report.json")).expect("JSON"), expected);
}

#[test]
fn sarif_points_at_characters_and_carries_rules_fixes_and_fingerprints() {
    let project = Project::complete(&[
        ("scripts/a b.yaml", &patient("30s").replace("expect: {", "expect: {\"ü\": 1, ")),
        ("scripts/c.yaml", &GOOD.replace("method", "metod")),
    ]);
    let run = project.run(&["validate", "--format", "sarif"]);
    let log: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!((run.code, &log["version"]), (1, &Value::from("2.1.0")));
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    let results = run["results"].as_array().expect("results");
    let summary: Vec<String> = results
        .iter()
        .map(|result| {
            let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small")];
            assert_eq!(rule["id"], result["ruleId"]);
            let place = &result["locations"][0]["physicalLocation"];
            format!("{} {} {}", result["ruleId"], place["artifactLocation"]["uri"], place["region"])
        })
        .collect();
    assert_eq!(
        summary,
        [
            r#""HK002" "scripts/a%20b.yaml" {"startLine":9,"startColumn":10,"endLine":9,"endColumn":13}"#,
            r#""HK401" "scripts/a%20b.yaml" {"startLine":9,"startColumn":26,"endLine":9,"endColumn":29}"#,
            r#""HK006" "scripts/c.yaml" {"startLine":1,"startColumn":7,"endLine":1,"endColumn":11}"#,
            r#""HK002" "scripts/c.yaml" {"startLine":4,"startColumn":3,"endLine":4,"endColumn":8}"#,
        ]
    );
    let related = &results[2]["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(related, "scripts/a%20b.yaml");
    let fix = &results[3]["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert_eq!(fix["insertedContent"]["text"], "method");
    let fingerprints: std::collections::HashSet<String> =
        results.iter().map(|r| r["partialFingerprints"].to_string()).collect();
    assert_eq!(fingerprints.len(), results.len());
}

#[test]
fn github_gitlab_and_junit_name_the_same_findings() {
    let project = Project::complete(&[
        ("scripts/good.yaml", GOOD),
        ("scripts/a,b.yaml", &patient("30s").replace("Good", "50% not")),
        ("scripts/c.yaml", &patient("8s").replace("Good", "<Other>")),
    ]);
    let github = project.run(&["validate", "--format", "github"]);
    let lines: Vec<&str> = github.stdout.lines().collect();
    assert!(lines[0].starts_with("::error file=scripts/a%2Cb.yaml,line=9,endLine=9,col=18,endColumn=20,title=HK401 "));
    assert!(lines[1].starts_with("::warning file=scripts/c.yaml,line=9,endLine=9,col=18,endColumn=19,title=HK402 "));
    assert_eq!((lines.len(), github.code), (2, 1));

    let gitlab = project.run(&["validate", "--format", "gitlab"]);
    let issues: Value = serde_json::from_str(&gitlab.stdout).expect("JSON");
    let issues = issues.as_array().expect("a list");
    let summary: Vec<String> = issues
        .iter()
        .map(|i| format!("{} {} {}", i["check_name"], i["severity"], i["location"]["lines"]["begin"]))
        .collect();
    assert_eq!(summary, [r#""expect-over-limit" "major" 9"#, r#""expect-over-safe" "minor" 9"#]);
    assert_ne!(issues[0]["fingerprint"], issues[1]["fingerprint"]);

    let junit = project.run(&["validate", "--format", "junit"]).stdout;
    assert!(
        junit.contains(r#"<testsuites name="hookctl validate" tests="3" skipped="0" failures="1" errors="0">"#),
        "{junit}"
    );
    project.write(
        "scripts/d.yaml",
        &GOOD.replace("Good", "\"\\uffff\\uFFFE\\x01]]>\"").replace("- event: contact.created", ""),
    );
    let strange = project.run(&["validate", "--format", "junit", "scripts/d.yaml"]).stdout;
    let xml = |c: char| matches!(c, '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    assert!(strange.contains("]]&gt;") && strange.chars().all(xml), "{strange:?}");
    std::fs::remove_file(project.file("scripts/d.yaml")).expect("removed");
    let strict = project.run(&["validate", "--format", "junit", "--fail-on", "warning"]).stdout;
    assert!(strict.contains(r#"tests="3" skipped="0" failures="2""#), "{strict}");
}

#[test]
fn fix_mends_keeps_the_rest_and_has_nothing_left_to_do() {
    let wrong = "# Kept.\r\nnam: Kept too\r\nuse_case: contcat   # and this\r\nrequest:\r\n    metod: POST\r\n    url: \
                 https://api.example.com/users\r\n    params:\r\n        first_name: {{ contact.first_name ?? 'none' }}  # this\r\n    \
                 headers: {Content-Type: application/json}\r\ntriggers:\r\n- event: contact.create\r\n";
    let right = wrong
        .replace("nam:", "name:")
        .replace("metod", "method")
        .replace("contcat", "contact")
        .replace("{{ contact.first_name ?? 'none' }}", "\"{{ contact.first_name ?? 'none' }}\"")
        .replace("contact.create\r", "contact.created\r");
    let project = Project::complete(&[("scripts/a.yaml", wrong), ("scripts/good.yaml", GOOD)]);

    let diff = project.run(&["validate", "--diff"]);
    assert!(diff.stdout.starts_with("--- a/scripts/a.yaml\n+++ b/scripts/a.yaml\n@@ "), "{}", diff.stdout);
    assert!(diff.stdout.contains("\n-    metod: POST\r\n") && diff.stdout.contains("\n+    method: POST\r\n"));
    assert_eq!((diff.code, project.read("scripts/a.yaml").as_str()), (1, wrong));

    let first = project.run(&["validate", "--fix"]);
    assert!(first.stderr.contains("fixed 5 findings in 1 file"), "{}", first.stderr);
    assert_eq!(project.read("scripts/a.yaml"), right, "{}", first.stdout);
    let second = project.run(&["validate", "--fix"]);
    assert_eq!((second.stderr.as_str(), project.read("scripts/a.yaml")), ("", right));
    assert_eq!(project.run(&["validate", "--diff"]).stdout, "");
    assert_eq!(project.read("scripts/good.yaml"), GOOD);
}

#[test]
fn a_diff_shows_no_credential_that_stands_beside_what_it_mends() {
    let token = "9f86d081884c7d659a2feaa0";
    for (wrong, mends) in [("headers", "metod"), ("headres", "method")] {
        let script = format!(
            "name: A\nuse_case: contact\nrequest:\n  {mends}: POST\n  url: https://a.example.com/\n  {wrong}:\n    Authorization: \
             Bearer {token}\n"
        );
        let project = Project::complete(&[("scripts/a.yaml", &script)]);
        let diff = project.run(&["validate", "--diff"]).stdout;
        assert!(diff.contains("Authorization: Bearer") && diff.contains("**"), "{diff}");
        assert!(!diff.contains(&token[8..]), "{diff}");
        project.run(&["validate", "--fix"]);
        assert!(project.read("scripts/a.yaml").contains(token));
    }
}

#[test]
fn no_report_shows_more_of_a_credential_than_its_beginning() {
    let token = "sk_live_Q3eGrWz7t5kLmNo2aB9c";
    let text = format!(
        "name: A\nuse_case: contact\nrequest:\n  method: PUT\n  url: http://user:{token}@h.example.com/api/v1/contact/1?token={token}\n  \
         headers:\n    Host: {token}\n    X Y: {token}\n    Authorization: {{{{ contact.nope ?? '{token}' }}}}\n  params_in: {token}\n\
         triggers:\n  - event: contact.updated\nexpect: {{within: {token}}}\n{token}: \"open\n"
    );
    let project = Project::complete(&[("scripts/a.yaml", &text), ("scripts/b.yaml", &text)]);
    project.write("hookctl.yaml", "api_hosts: [h.example.com]\n");
    for args in [&[][..], &["--ignore", "HK210"], &["--select", "HK202,HK303,HK006"]] {
        for format in ["text", "json", "sarif", "github", "gitlab", "junit"] {
            let run = project.run(&[&["validate", "--format", format], args].concat());
            assert!(run.stdout.contains("HK202") || format == "gitlab", "{format}: {}{}", run.stdout, run.stderr);
            assert!(!run.stdout.contains(&token[8..]), "{format} {args:?}: {}", run.stdout);
        }
    }
    assert!(!project.run(&["validate", "--diff"]).stdout.contains(&token[8..]));
}

#[test]
fn a_baseline_leaves_what_was_there_before() {
    let project = Project::complete(&[("scripts/a.yaml", &patient("30s"))]);
    assert_eq!(project.run(&["validate", "--format", "json", "--output", "baseline.json"]).code, 1);
    project.write("scripts/a.yaml", &format!("# moved down\n\n{}", patient("40s")));
    let known = project.run(&["validate", "--baseline", "baseline.json"]);
    assert_eq!((known.code, known.stdout.as_str()), (0, "1 file: nothing found (1 more in the baseline)\n"));
    project.write("scripts/b.yaml", &patient("30s").replace("Good", "New"));
    let new = project.run(&["validate", "--baseline", "baseline.json"]);
    assert_eq!(new.code, 1);
    assert!(new.stdout.contains("scripts/b.yaml:9") && !new.stdout.contains("scripts/a.yaml:"), "{}", new.stdout);
}

#[test]
fn a_baseline_holds_from_every_folder_of_the_project() {
    let project = Project::complete(&[
        ("scripts/a.yaml", &patient("30s")),
        ("scripts/sub/b.yaml", &patient("30s")),
        ("other/.keep", ""),
    ]);
    let outside = project.file("hookctl.yaml").to_string_lossy().into_owned();
    let above = project.file("..");
    let outside = ["--config", outside.as_str()];
    let folders = [
        (project.file("."), &[][..]),
        (project.file("scripts"), &[]),
        (project.file("scripts/sub"), &[]),
        (project.file("other"), &["--config", "../hookctl.yaml"]),
        (above, &outside),
    ];
    let file = project.file("baseline.json").to_string_lossy().into_owned();
    for (from, config) in &folders {
        let args = [&["validate", "--format", "json", "--output", &file], *config].concat();
        assert_eq!(run(from, &args).code, 1);
        for (to, config) in &folders {
            let run = run(to, &[&["validate", "--baseline", &file], *config].concat());
            let said = "2 files: nothing found (3 more in the baseline)\n";
            assert_eq!((run.code, run.stdout.as_str()), (0, said), "{from:?} {to:?}: {}", run.stderr);
        }
    }
}

#[test]
fn of_findings_alike_a_baseline_knows_as_many_as_it_has() {
    let with = |names: &[&str]| {
        let lines: Vec<String> = names.iter().map(|n| format!("    {n}: \"{{{{ contact.frist_name }}}}\"\n")).collect();
        GOOD.replace("  headers", &format!("  params:\n{}  headers", lines.concat()))
    };
    let project = Project::complete(&[("scripts/a.yaml", &with(&["one"]))]);
    assert_eq!(project.run(&["validate", "--format", "json", "--output", "baseline.json"]).code, 1);
    project.write("scripts/a.yaml", &format!("\n# moved\n\n{}", with(&["one"])));
    assert_eq!(project.run(&["validate", "--baseline", "baseline.json"]).code, 0);
    project.write("scripts/a.yaml", &with(&["one", "two"]));
    let run = project.run(&["validate", "--baseline", "baseline.json"]);
    assert_eq!(run.code, 1);
    assert!(
        run.stdout.contains("scripts/a.yaml:8:") && run.stdout.contains("1 more in the baseline"),
        "{}",
        run.stdout
    );
}

#[test]
fn what_is_no_baseline_is_refused_and_says_how_to_make_one() {
    let project = Project::complete(&[("scripts/a.yaml", GOOD)]);
    for (text, said) in [
        ("", "is not a JSON report of `validate`: it is empty"),
        ("version: 1\n", "is not a JSON report of `validate`: invalid JSON at line 1, column 1"),
        (r#"{"version": 1, "requests": []}"#, "is not a JSON report of `validate`: missing field `findings`"),
        (r#"{"version": "2.1.0", "runs": []}"#, "is not a JSON report of `validate`: it is SARIF"),
        (r#"{"version": 2, "findings": []}"#, "has version 2, but only version 1 is supported"),
    ] {
        project.write("baseline.json", text);
        let run = project.run(&["validate", "--baseline", "baseline.json"]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{text}");
        assert!(run.stderr.contains(said), "{text}: {}", run.stderr);
        assert!(run.stderr.contains("hookctl validate --format json --output FILE"), "{text}: {}", run.stderr);
    }
}

#[test]
fn levels_and_paths_come_from_the_settings() {
    let project = Project::complete(&[
        ("scripts/a.yaml", &patient("30s")),
        ("scripts/legacy/b.yaml", &patient("8s").replace("Good", "Old")),
    ]);
    assert_eq!(project.rules(&[]), ["HK401", "HK402"]);
    for (settings, rules) in [
        ("rules: {HK401: off}", &["HK402"][..]),
        ("rules: {expect-over-limit: off, HK402: off}", &[]),
        ("rules: {HK4: off}", &[]),
        ("ignore: {\"scripts/legacy/**\": [HK402]}", &["HK401"]),
        ("ignore: {\"**/*.yaml\": [all]}", &[]),
        ("ignore: {\"*.yaml\": [all]}", &["HK401", "HK402"]),
        ("policy: {limit: 60s, safe: 40s}", &[]),
    ] {
        project.write("hookctl.yaml", settings);
        assert_eq!(project.rules(&[]), rules, "{settings}");
    }
    project.write("hookctl.yaml", "rules: {HK401: warning}");
    assert_eq!(project.run(&["validate"]).code, 0);
    // From a folder below, paths are relative to it, and globs still to the project.
    project.write("hookctl.yaml", "ignore: {\"scripts/legacy/**\": [HK402]}");
    let below = run(&project.file("scripts"), &["validate", "--format", "json"]).json();
    assert_eq!(
        (below["findings"].as_array().map(Vec::len), &below["findings"][0]["path"]),
        (Some(1), &"a.yaml".into())
    );
}

#[test]
fn names_are_compared_over_the_whole_project() {
    let project = Project::complete(&[("scripts/a.yaml", GOOD), ("scripts/b.yaml", GOOD), ("scripts/c/d.yml", GOOD)]);
    let findings = project.json(&[]);
    let places: Vec<String> = findings["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|f| format!("{} {} {}", f["rule"], f["path"], f["related"][0]["path"]))
        .collect();
    assert_eq!(
        places,
        [r#""HK006" "scripts/b.yaml" "scripts/a.yaml""#, r#""HK006" "scripts/c/d.yml" "scripts/a.yaml""#]
    );
    // Also where only one of them is asked for, as a commit hook does.
    assert_eq!(project.rules(&["scripts/b.yaml"]), ["HK006"]);
    assert_eq!(project.json(&["scripts/b.yaml"])["summary"]["files"], 1);
}

fn git(folder: &Path, args: &[&str]) -> bool {
    let config = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"];
    let output = Command::new("git").args(config).args(args).current_dir(folder).output();
    output.is_ok_and(|o| o.status.success())
}

#[test]
fn a_changed_use_case_is_found_against_a_git_commit() {
    let project = Project::complete(&[]);
    let folder = project.path();
    let long = |name: &str, use_case: &str, event: &str| {
        let text = GOOD.replace("Good", name).replace("use_case: contact", &format!("use_case: {use_case}"));
        text.replace("contact.created", event)
    };
    for name in ["Same", "Changed", "Renamed", "Moved"] {
        project.write(&format!("scripts/{name}.yaml"), &long(name, "contact", "contact.created"));
    }
    let outside = project.run(&["validate", "--base", "HEAD"]);
    if !git(folder, &["init", "-q"]) {
        println!("skipped: git is not installed");
        return;
    }
    // Without a repository around the temporary folder.
    if outside.code == 2 {
        assert!(outside.stderr.contains("is not in a git repository"), "{}", outside.stderr);
    }
    assert!(git(folder, &["add", "."]) && git(folder, &["commit", "-qm", "base"]) && git(folder, &["branch", "base"]));
    assert!(project.rules(&["--base", "base"]).is_empty());

    project.write("scripts/Changed.yaml", &long("Changed", "ticket", "ticket.created"));
    assert!(git(folder, &["mv", "scripts/Renamed.yaml", "scripts/new name.yaml"]));
    project.write("scripts/new name.yaml", &long("Renamed", "ticket", "ticket.created"));
    // Moved without telling git, and rewritten so that only its name is left.
    std::fs::remove_file(project.file("scripts/Moved.yaml")).expect("removed");
    project.write(
        "scripts/other.yaml",
        "name: Moved\nuse_case: file\nrequest: {method: GET, url: https://a.example.com}\n",
    );
    project.write("scripts/added.yaml", &long("Added", "ticket", "ticket.created"));

    let findings = project.json(&["--base", "base", "--select", "HK007"]);
    let messages: Vec<&str> =
        findings["findings"].as_array().expect("a list").iter().filter_map(|f| f["message"].as_str()).collect();
    assert_eq!(
        messages,
        [
            "the use case of `Changed` was `contact` at `base` and can't be changed to `ticket`",
            "the use case of `Renamed` was `contact` at `base` and can't be changed to `ticket`",
            "the use case of `Moved` was `contact` at `base` and can't be changed to `file`",
        ]
    );
    assert!(project.rules(&["--select", "HK007"]).is_empty());
    // From elsewhere it is still the project's repository, and a path that only looks different is no move.
    let config = project.file("hookctl.yaml");
    let config = config.to_str().expect("a path");
    let args = ["--config", config, "validate", "--base", "base", "--select", "HK007", "--format", "github"];
    let elsewhere = run(&project.file("fixtures"), &args).stdout;
    let moved: Vec<bool> = elsewhere.lines().map(|line| line.contains("the script was in `scripts/")).collect();
    assert_eq!(moved, [false, true, true], "{elsewhere}");
    // Two files that change places change no script.
    project.write("scripts/Changed.yaml", &long("Same", "contact", "contact.created"));
    project.write("scripts/Same.yaml", &long("Changed", "contact", "contact.created"));
    let findings = project.json(&["--base", "base", "--select", "HK007"]);
    assert_eq!(findings["summary"]["errors"], 2, "{findings}");
    project.write("scripts/Changed.yaml", &long("Changed", "ticket", "ticket.created"));
    let unknown = project.run(&["validate", "--base", "no/such"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("there is no such commit, branch or tag"), "{}", unknown.stderr);
    // Nothing was checked out or staged.
    assert!(project.read("scripts/Changed.yaml").contains("use_case: ticket"));
}

#[test]
fn rules_and_explain_show_every_rule() {
    let project = Project::complete(&[]);
    let table = project.run(&["rules"]);
    let list: Value = serde_json::from_str(&project.run(&["rules", "--format", "json"]).stdout).expect("JSON");
    let list = list["rules"].as_array().expect("a list");
    assert_eq!(table.stdout.lines().count(), list.len());
    for rule in list {
        let (id, name) = (rule["id"].as_str().expect("an id"), rule["name"].as_str().expect("a name"));
        let page = project.run(&["explain", name]);
        assert!(page.stdout.starts_with(&format!("{id} {name} (")), "{}", page.stdout);
        assert_eq!(page.stdout, project.run(&["explain", &id.to_lowercase()]).stdout);
    }
    let unknown = project.run(&["explain", "unused-ignor"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("did you mean `unused-ignore`?"), "{}", unknown.stderr);
}

#[test]
fn the_rules_document_is_current() {
    let project = Project::complete(&[]);
    let current = project.run(&["rules", "--format", "markdown"]).stdout;
    let file = repository().join("docs/rules.md");
    if std::env::var_os("HOOKCTL_BLESS").is_some() {
        std::fs::write(&file, &current).expect("written");
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(written == current, "docs/rules.md is not current: run this test with HOOKCTL_BLESS=1");
}

#[test]
fn findings_fixes_and_suppressions_are_the_same_with_every_kind_of_line_end() {
    let text = "name: A # hookctl: ignore[HK003]
use_case: contact
request:
  method: POST
  url: https://a.example.com/x
  params:
    # hookctl: ignore[HK103]
    b: \"{{ contact.zzz }}\"
    a: \"{{ contact.frist_name }}\"
    t: |
      one
      {{ contact.lst_name }}
    f: >
      one
      {{ contact.frst_name }}
    p: one
      {{ contact.lastname }}
    d: \"one
      {{ contact.last_nam }}\"
    s: 'it''s
      {{ contact.last_nme }}'
  headers:
    X-A: a
    x-a: a
    Y-A: {{ contact.first_name }}
    X-B: |
      b
callback: {{ response.body }
";
    let lf = Project::complete(&[("scripts/a.yaml", text)]);
    let found = lf.json(&[]);
    assert!(found["findings"].as_array().is_some_and(|findings| findings.len() > 10), "{found}");
    let drawn = lf.run(&["validate"]).stdout;
    assert_eq!(lf.run(&["validate", "--fix"]).code, 1);
    for end in ["\r", "\r\n"] {
        let other = Project::complete(&[("scripts/a.yaml", &text.replace('\n', end))]);
        assert_eq!(other.json(&[]), found, "{end:?}");
        assert_eq!(other.run(&["validate"]).stdout, drawn, "{end:?}");
        assert_eq!(other.run(&["validate", "--fix"]).code, 1);
        assert_eq!(other.read("scripts/a.yaml"), lf.read("scripts/a.yaml").replace('\n', end));
    }
}

#[test]
fn an_operator_of_another_language_is_mended() {
    let with = |value: &str| GOOD.replace("  headers", &format!("  params:\n    a: \"{value}\"\n  headers"));
    for (wrong, right) in [
        (
            "{% if contact.age %}a{% else if contact.id %}b{% endif %}",
            "{% if contact.age %}a{% elseif contact.id %}b{% endif %}",
        ),
        ("{{ contact->id }}", "{{ contact.id }}"),
        ("{{ contact.id <> 3 }}", "{{ contact.id != 3 }}"),
    ] {
        let project = Project::complete(&[("scripts/a.yaml", &with(wrong))]);
        assert_eq!(project.rules(&["--select", "HK1"]), ["HK106"], "{wrong}");
        assert_eq!(project.run(&["validate", "--fix"]).code, 0);
        assert_eq!(project.read("scripts/a.yaml"), with(right));
    }
}

#[test]
fn a_diff_with_nothing_to_do_says_so_on_standard_error() {
    let project =
        Project::complete(&[("scripts/good.yaml", GOOD), ("scripts/slow.yaml", &patient("30s").replace("Good", "B"))]);
    for (args, code, words) in [
        (&["good"][..], 0, "info: nothing to fix: no findings in 1 file"),
        (&["slow"], 1, "info: nothing to fix: 1 finding in 1 file, none fixable with --fix"),
    ] {
        let run = project.run(&[&["validate", "--diff"], args].concat());
        assert_eq!((run.code, run.stdout.as_str()), (code, ""), "{args:?}: {}", run.stderr);
        assert!(run.stderr.starts_with(words), "{args:?}: {}", run.stderr);
    }
    project.write("scripts/wrong.yaml", &GOOD.replace("Good", "C").replace("use_case: contact", "use_case: contcat"));
    let run = project.run(&["validate", "--diff", "wrong"]);
    assert!(run.stdout.contains("+use_case: contact") && run.stderr.is_empty(), "{}{}", run.stdout, run.stderr);
}
