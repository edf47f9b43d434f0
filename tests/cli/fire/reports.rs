//! The reports of `hookctl fire` as a user gets them: files, formats, the page, earlier results.

use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::harness::{Project, hookctl};

const SECRET: &str = "s3cret-value-1234";

/// A project of two scripts, in a folder of its own.
fn project() -> Project {
    let script = |name: &str| {
        format!(
            "name: {name}\nuse_case: contact\nrequest:\n  method: POST\n  url: https://api.example.com/{name}\n  \
             params: {{key: \"{{{{ env.API_KEY }}}}\"}}\ntriggers: [{{event: contact.created}}]\n"
        )
    };
    Project::new(&[
        ("hookctl.yaml", "env_file: secrets.env\n"),
        ("secrets.env", &format!("API_KEY={SECRET}\n")),
        ("scripts/one.yaml", &script("one")),
        ("scripts/two.yaml", &script("two")),
        ("fixtures/contact.created.json", r#"{"event": "contact.created", "contact": {"first_name": "Ann"}}"#),
    ])
}

/// Runs `fire` with limits in milliseconds, so that late answers take no time.
fn fire(folder: &Path, args: &[&str]) -> Output {
    hookctl(folder, &["-c", "policy.retry.interval=1ms", "fire"]).args(args).output().unwrap()
}

#[track_caller]
fn code(output: &Output, code: i32) {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{out}\n{err}");
}

fn read(folder: &Path, file: &str) -> String {
    std::fs::read_to_string(folder.join(file)).unwrap()
}

#[test]
fn every_format_goes_to_a_file_without_secrets() {
    let folder = project();
    for (format, piece) in [
        ("text", "delivered"),
        ("json", "\"version\": 1"),
        ("jsonl", "\"deliveries\":2"),
        ("csv", "one,1,delivered,safe,1,200,"),
        ("junit", "<testsuite name=\"one\""),
    ] {
        let echo = format!("--mock=body={SECRET}");
        let output = fire(folder.path(), &[&echo, "--format", format, "--output", "results", "--report", "page.html"]);
        code(&output, 0);
        assert!(output.stdout.is_empty());
        let (results, page) = (read(folder.path(), "results"), read(folder.path(), "page.html"));
        assert!(results.contains(piece), "{format}: {results}");
        assert!(!results.contains(SECRET) && !page.contains(SECRET), "{format}");
        assert!(page.contains("«redacted»"));
    }
    code(&fire(folder.path(), &["--mock", "--report", "no/such/folder/page.html"]), 2);
}

#[test]
fn what_started_to_fail_fails_the_run_and_is_fired_again() {
    let folder = project();
    let json = ["--format", "json", "--output"];
    code(&fire(folder.path(), &[&["--mock"], &json[..], &["old.json"]].concat()), 0);
    let failing = [&["--mock=status=400"], &json[..], &["new.json"], &["one"]].concat();
    let against = ["--compare", "old.json", "--max-regression", "20%"];
    code(&fire(folder.path(), &[&failing[..], &against[..]].concat()), 1);
    let results: Value = serde_json::from_str(&read(folder.path(), "new.json")).unwrap();
    let scripts = results["comparison"]["scripts"].as_array().unwrap();
    assert_eq!(scripts[0]["change"], "started_to_fail");
    assert_eq!(scripts[1]["change"], "not_fired");

    let again = fire(folder.path(), &["--mock", "--failed-from", "new.json", "--format", "csv"]);
    code(&again, 0);
    let rows = String::from_utf8(again.stdout).unwrap();
    assert_eq!(rows.lines().count(), 2, "{rows}");
    assert!(rows.contains("\none,1,delivered"), "{rows}");

    let nothing = fire(folder.path(), &["--mock", "--failed-from", "old.json"]);
    code(&nothing, 0);
    assert!(String::from_utf8_lossy(&nothing.stderr).contains("nothing failed in `old.json`"));
}

#[test]
fn a_regression_fails_the_run_only_beyond_what_is_allowed() {
    let folder = project();
    let old = r#"{"version":1,"deliveries":[{"script":"one","outcome":"delivered","latency_ms":1.5,"band":"safe"}]}"#;
    std::fs::write(folder.path().join("old.json"), old).unwrap();
    for (allowed, exit) in [(&["--max-regression", "20%"][..], 1), (&["--max-regression", "1000000%"], 0), (&[], 0)] {
        let output = fire(folder.path(), &[&["one", "--mock=delay=30ms", "--compare", "old.json"], allowed].concat());
        code(&output, exit);
        assert!(String::from_utf8_lossy(&output.stdout).contains("compared with old.json"));
    }
}

#[test]
fn earlier_results_that_are_none_are_said_before_anything_is_sent() {
    let folder = project();
    std::fs::write(folder.path().join("notes.json"), "[1, 2]").unwrap();
    for (args, words) in [
        (&["--compare", "no.json"][..], "can't read the results `no.json`"),
        (&["--compare", "notes.json"], "`notes.json` is not a results file of `hookctl fire`"),
        (&["--failed-from", "notes.json"], "`notes.json` is not a results file of `hookctl fire`"),
        (&["--max-regression", "20%"], "--compare"),
        (&["--compare", "notes.json", "--max-regression", "0.2"], "write a percentage: `20%`"),
    ] {
        let output = fire(folder.path(), &[&["--mock"], args].concat());
        code(&output, 2);
        assert!(output.stdout.is_empty());
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn latencies_beyond_the_fixed_limit_are_simulated_as_they_were_measured() {
    let folder = project();
    let write = |file: &str, text: &str| std::fs::write(folder.path().join(file), text).unwrap();
    let policy = "policy: {limit: 20ms, safe: 10ms, legacy: {min: 10ms, max: 60s}}\n";
    write("hookctl.yaml", &format!("env_file: secrets.env\n{policy}"));
    let fired = fire(
        folder.path(),
        &["one", "--mock=delay=50ms", "--policy", "both", "--format", "jsonl", "--output", "results.jsonl"],
    );
    code(&fired, 1);
    let simulated = hookctl(
        folder.path(),
        &["simulate", "one", "--latencies", "results.jsonl", "--triggers", "10", "--format", "json"],
    )
    .output()
    .unwrap();
    code(&simulated, 0);
    assert!(simulated.stderr.is_empty(), "nothing was cut off");
    let result: Value = serde_json::from_slice(&simulated.stdout).unwrap();
    assert_eq!(
        (&result["legacy"]["total"]["delivered"], &result["fixed"]["total"]["failed"]),
        (&10.into(), &10.into())
    );
}

#[test]
fn junit_says_why_a_delivery_failed() {
    let folder = project();
    for (mock, kind) in [("--mock=status=404", "http_error"), ("--mock=hang", "timed_out")] {
        let output = fire(folder.path(), &["one", mock, "--no-retry", "--limit", "200ms", "--format", "junit"]);
        code(&output, 1);
        let report = String::from_utf8(output.stdout).unwrap();
        assert!(report.contains(&format!("type=\"{kind}\"")), "{report}");
    }
}

#[test]
fn results_that_cannot_be_written_are_named_and_the_others_are_whole() {
    if !Path::new("/dev/full").exists() {
        println!("skipped: there is no /dev/full here");
        return;
    }
    let folder = project();
    for format in ["text", "json", "jsonl", "csv", "junit"] {
        for (full, other) in [("--output", "--report"), ("--report", "--output")] {
            let args = ["--mock", "--format", format, full, "/dev/full", other, "whole"];
            let output = fire(folder.path(), &args);
            code(&output, 2);
            let message = String::from_utf8(output.stderr).unwrap();
            assert!(
                message.starts_with("error: can't write `/dev/full`: No space left on device"),
                "{args:?}: {message}"
            );
        }
        assert!(!read(folder.path(), "whole").is_empty(), "{format}");
        std::fs::remove_file(folder.path().join("whole")).unwrap();
    }
}

#[test]
fn the_page_has_the_result_in_its_title_and_agrees_with_the_summary() {
    let folder = project();
    let volume = ["--repeat", "20", "--no-retry", "--ignore-trigger-limit", "--report", "page.html"];
    let json = ["--mock=fail-rate=0.3;seed=7", "--format", "json", "--output", "results.json"];
    code(&fire(folder.path(), &[&json[..], &volume[..]].concat()), 1);
    let results: Value = serde_json::from_str(&read(folder.path(), "results.json")).unwrap();
    let failed = results["summary"]["failed"].as_u64().unwrap();
    assert!(failed > 1 && failed < 40, "{failed}");
    let page = read(folder.path(), "page.html");
    assert!(page.contains(&format!("<title>✘ {failed} of 40 deliveries failed – hookctl fire</title>")), "{page}");
    assert_eq!(page.matches("<details class=\"delivery is-failed").count() as u64, failed);
    assert_eq!(page.matches("<use href=\"#cross\"").count() as u64, failed, "each in the plot over time");
    for part in
        ["Distribution", "Over time", "<table class=\"answers\">", "<table class=\"sortable\">", "curl --request POST"]
    {
        assert!(page.contains(part), "{part}");
    }

    code(&fire(folder.path(), &["one", "--mock", "--report", "page.html"]), 0);
    assert!(read(folder.path(), "page.html").contains("<title>✔ The delivery succeeded – hookctl fire</title>"));
}
